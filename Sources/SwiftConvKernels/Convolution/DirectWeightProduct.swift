#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The weight gradient where groups have one input channel (see `DirectProduct`): each tap is a sum of products of two
/// planes. Vectors of partial sums collect over all images, and are added up at the end.
struct DirectWeightProduct {
  let geometry: ConvolutionGeometry
  let dy: Source
  let dw: Target
  let kernels: ConvolutionKernels
  let size: Int

  private let bands: BandPlan
  private let planes: PatchPlanes
  private let grids: [TapGrid]
  private let chunks: Split

  private static let largestScratch = 64 << 20

  /// - Returns: nil when the shape would need too much scratch.
  init?(_ geometry: ConvolutionGeometry, x: Source, dy: Source, dw: Target) {
    (self.geometry, self.dy, self.dw) = (geometry, dy, dw)
    let (size, kernels) = (dw.dtype.size, Runtime.kernels(dw.dtype))
    (self.size, self.kernels) = (size, kernels)
    let axes = geometry.forwardAxes
    let source = PatchSource(pointer: x.pointer, strides: x.strides, z: axes.z, y: axes.y, x: axes.x)
    bands = BandPlan(images: geometry.mb, z: geometry.od, y: axes.y, x: axes.x, target: 16384 / size)
    guard bands.areaFits(source, limit: DirectWeightProduct.largestScratch / size / 4) else { return nil }
    planes = PatchPlanes(source, rows: bands.mostRows, columns: bands.mostColumns, kernels: kernels.rows, size: size)
    grids = TapGrid.all(axes)
    // Few channels: their bands are shared among threads, in a way that does not depend on how many there are.
    chunks = Split(bands.blocks, parts: max(1, min(bands.blocks, 16 / geometry.g)))
  }

  private var sumBytes: Int { geometry.taps * kernels.gemm.lanes * size }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    let p = geometry
    let multiplier = p.ocPerGroup
    let allBytes = p.oc * chunks.parts * sumBytes
    guard var shared = Scratch(byteCounts: allBytes) else { return false }
    let sums = shared.take(allBytes)
    let planeBytes = (planes.channelStride + 2 * kernels.gemm.lanes) * size
    let leftBytes = (bands.mostRows * bands.mostColumns + kernels.gemm.lanes) * size
    let positions = bands.blocks * bands.bandsPerBlock * bands.mostRows * bands.mostColumns
    let work = p.oc * positions * (p.taps + 4) / kernels.gemm.lanes
    let failure = FailureFlag()
    parallelFor(p.g * chunks.parts, work: work) { range in
      guard var scratch = Scratch(byteCounts: planeBytes, leftBytes) else {
        failure.set()
        return
      }
      let (plane, left) = (scratch.take(planeBytes), scratch.take(leftBytes))
      for index in range {
        let (group, chunk) = (index / chunks.parts, index % chunks.parts)
        let first = sums + (group * multiplier * chunks.parts + chunk) * sumBytes
        for result in 0..<multiplier { memset(first + result * chunks.parts * sumBytes, 0, sumBytes) }
        for block in chunks[chunk] {
          for number in 0..<bands.bandCount(block) {
            let band = bands.band(block, number)
            planes.fill(plane, band, channels: group..<(group + 1))
            for result in 0..<multiplier {
              loadLeft(group * multiplier + result, band, left)
              add(band, plane, left, first + result * chunks.parts * sumBytes)
            }
          }
        }
      }
    }
    if failure.isSet { return false }
    for channel in 0..<p.oc { writeOut(channel, sums + channel * chunks.parts * sumBytes) }
    return true
  }

  /// Copies a band of dy.
  private func loadLeft(_ channel: Int, _ band: Band, _ target: UnsafeMutableRawPointer) {
    let s = dy.strides
    let place =
      band.image * s[0] + channel * s[1] + band.z * s[2] + band.rows.lowerBound * s[3]
      + band.columns.lowerBound * s[4]
    let columns = band.columns.count
    kernels.rows.load(band.rows.count, columns, dy.pointer + place * size, s[3], s[4], target, columns)
  }

  private func add(
    _ band: Band, _ plane: UnsafeMutableRawPointer, _ left: UnsafeMutableRawPointer, _ sums: UnsafeMutableRawPointer
  ) {
    let p = geometry
    var out = sums
    for grid in grids {
      for ky in grid.y {
        let first = planes.tapOffsets[(grid.z * p.kh + ky) * p.kw + grid.x[0]]
        kernels.rows.dot(
          band.rows.count, band.columns.count, grid.x.count, left, band.columns.count,
          UnsafeRawPointer(plane) + first * size, planes.pitch, grid.columnStep, out)
        out += grid.x.count * kernels.gemm.lanes * size
      }
    }
  }

  private func writeOut(_ channel: Int, _ sums: UnsafeMutableRawPointer) {
    if size == 4 {
      writeOut(Float.self, channel, sums)
    } else {
      writeOut(Double.self, channel, sums)
    }
  }

  private func writeOut<T: BinaryFloatingPoint>(_: T.Type, _ channel: Int, _ sums: UnsafeMutableRawPointer) {
    let s = dw.strides
    let to = dw.pointer.assumingMemoryBound(to: T.self) + channel * s[0]
    let (lanes, taps) = (kernels.gemm.lanes, geometry.taps)
    let all = sums.assumingMemoryBound(to: T.self)
    var place = 0
    for grid in grids {
      for ky in grid.y {
        for kx in grid.x {
          var total: T = 0
          for chunk in 0..<chunks.parts {
            let from = all + (chunk * taps + place) * lanes
            for lane in 0..<lanes { total += from[lane] }
          }
          to[grid.z * s[2] + ky * s[3] + kx * s[4]] = total
          place += 1
        }
      }
    }
  }
}
