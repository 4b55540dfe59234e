#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The weight gradient where groups have one input channel (see `DirectProduct`): each tap is a sum of products of two
/// planes. Rows are joined to one line, as there. Vectors of partial sums collect over all images, and are added up at the
/// end.
struct DirectWeightProduct {
  let geometry: ConvolutionGeometry
  let dy: Source
  let dw: Target
  let kernels: ConvolutionKernels
  let size: Int

  private let bands: BandPlan
  private let planes: PatchPlanes
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
    let lineBytes = vectors(bands.mostRows, bands.mostColumns) * kernels.gemm.lanes * size
    let positions = bands.blocks * bands.bandsPerBlock * bands.mostRows * bands.mostColumns
    let work = p.oc * positions * (p.taps + 4) / kernels.gemm.lanes
    let failure = FailureFlag()
    parallelFor(p.g * chunks.parts, work: work) { range in
      guard var scratch = Scratch(byteCounts: planeBytes, lineBytes, lineBytes) else {
        failure.set()
        return
      }
      let space = (planes: scratch.take(planeBytes), left: scratch.take(lineBytes), mask: scratch.take(lineBytes))
      var shape: (z: Int, rows: Range<Int>, columns: Range<Int>) = (0, 0..<0, 0..<0)
      var (copies, count) = ([PlaneCopy](), 0)
      for index in range {
        let (group, chunk) = (index / chunks.parts, index % chunks.parts)
        let first = sums + (group * multiplier * chunks.parts + chunk) * sumBytes
        for result in 0..<multiplier { memset(first + result * chunks.parts * sumBytes, 0, sumBytes) }
        for block in chunks[chunk] {
          for number in 0..<bands.bandCount(block) {
            let band = bands.band(block, number)
            if shape != (band.z, band.rows, band.columns) {
              shape = (band.z, band.rows, band.columns)
              (copies, count) = (planes.copies(band), vectors(band.rows.count, band.columns.count))
              memset(space.planes, 0, planeBytes)
              fillMask(space.mask, band.rows.count, band.columns.count)
            }
            planes.run(copies, space.planes, image: band.image, channel: group)
            for result in 0..<multiplier {
              loadLeft(group * multiplier + result, band, space.left)
              kernels.rows.lineDot(
                count, p.taps, space.left, space.mask, space.planes, planes.tapOffsets,
                first + result * chunks.parts * sumBytes)
            }
          }
        }
      }
    }
    if failure.isSet { return false }
    for channel in 0..<p.oc { writeOut(channel, sums + channel * chunks.parts * sumBytes) }
    return true
  }

  private func vectors(_ rows: Int, _ columns: Int) -> Int {
    ceilingDivide((rows - 1) * planes.pitch + columns, kernels.gemm.lanes)
  }

  /// Marks where the elements of a band are in a line.
  private func fillMask(_ mask: UnsafeMutableRawPointer, _ rows: Int, _ columns: Int) {
    memset(mask, 0, vectors(rows, columns) * kernels.gemm.lanes * size)
    for row in 0..<rows { memset(mask + row * planes.pitch * size, 0xff, columns * size) }
  }

  /// Copies a band of dy to a line.
  private func loadLeft(_ channel: Int, _ band: Band, _ line: UnsafeMutableRawPointer) {
    let s = dy.strides
    let place =
      band.image * s[0] + channel * s[1] + band.z * s[2] + band.rows.lowerBound * s[3] + band.columns.lowerBound * s[4]
    kernels.rows.load(band.rows.count, band.columns.count, dy.pointer + place * size, s[3], s[4], line, planes.pitch)
  }

  private func writeOut(_ channel: Int, _ sums: UnsafeMutableRawPointer) {
    if size == 4 { writeOut(Float.self, channel, sums) } else { writeOut(Double.self, channel, sums) }
  }

  private func writeOut<T: BinaryFloatingPoint>(_: T.Type, _ channel: Int, _ sums: UnsafeMutableRawPointer) {
    let s = dw.strides
    let to = dw.pointer.assumingMemoryBound(to: T.self) + channel * s[0]
    let (lanes, taps) = (kernels.gemm.lanes, geometry.taps)
    let all = sums.assumingMemoryBound(to: T.self)
    var tap = 0
    for kz in 0..<geometry.kd {
      for ky in 0..<geometry.kh {
        for kx in 0..<geometry.kw {
          var total: T = 0
          for chunk in 0..<chunks.parts {
            let from = all + (chunk * taps + tap) * lanes
            for lane in 0..<lanes { total += from[lane] }
          }
          to[kz * s[2] + ky * s[3] + kx * s[4]] = total
          tap += 1
        }
      }
    }
  }
}
