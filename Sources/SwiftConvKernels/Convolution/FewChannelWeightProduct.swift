#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The weight gradient where there are few weights, as in the first layers of a network: dw (channel, tap; row) is the sum
/// over all positions of what the tap sees of the channel times dy (position, row). Vectors run along the rows, which are
/// output channels, so dy is transposed; single numbers of x are read from padded planes (`PaddedPlanes`) where they are,
/// whatever the stride is: no patch is ever written down, and one channel is as good as many.
///
/// Tasks are groups and chunks of the positions, whose partial results are added at the end. Their number follows from the
/// shape alone.
///
/// In cache: a panel of sums in registers; the planes and two vectors of dy for a block of positions, and all sums, in the
/// second level.
struct FewChannelWeightProduct {
  let geometry: ConvolutionGeometry
  let x, dy: Source
  let dw: Target
  let kernels: ConvolutionKernels
  let size: Int

  private let planes: PaddedPlanes
  /// Output channels of a group, rounded up to whole vectors.
  private let width: Int
  /// The vectors of a tile. Two of them with eight rows: sixteen sums hide the latency of the multiplications.
  private let vectors: Split
  private let chunks: Split

  private static let sumsInCache = 160 << 10
  private static let rightInCache = 64 << 10
  /// Longer sums would lose too much to rounding.
  private static let longestSum = 16384

  /// - Returns: nil when the shape would need too much scratch.
  init?(_ geometry: ConvolutionGeometry, x: Source, dy: Source, dw: Target) {
    (self.geometry, self.x, self.dy, self.dw) = (geometry, x, dy, dw)
    let (size, kernels) = (dw.dtype.size, Runtime.kernels(dw.dtype))
    (self.size, self.kernels) = (size, kernels)
    vectors = Split(ceilingDivide(geometry.ocPerGroup, kernels.gemm.lanes), atMost: 2)
    width = vectors.count * kernels.gemm.lanes
    // Sums in vectors of which most lanes mean nothing are slower than any other way.
    let sumBytes = geometry.icPerGroup * geometry.taps * width * size
    guard sumBytes <= FewChannelWeightProduct.sumsInCache, 3 * geometry.ocPerGroup >= width else { return nil }
    let positions = FewChannelWeightProduct.rightInCache / (vectors.longest * kernels.gemm.lanes * size)
    guard
      let planes = PaddedPlanes(
        geometry, x: x, channels: geometry.icPerGroup, positions: positions, kernels: kernels.rows)
    else { return nil }
    self.planes = planes
    let blocks = planes.bands.blocks
    let wanted = max(16 / geometry.g, ceilingDivide(blocks * planes.positionCount, FewChannelWeightProduct.longestSum))
    let affordable = (16 << 20) / max(1, geometry.g * sumBytes)
    chunks = Split(blocks, parts: max(1, min(blocks, wanted, affordable)))
    if planeBytes + rightBytes + sumBytes > 64 << 20 { return nil }
  }

  private var slack: Int { kernels.gemm.lanes * size }
  private var planeBytes: Int { planes.elementCount * size + slack }
  private var rightBytes: Int { planes.positionCount * vectors.longest * kernels.gemm.lanes * size + slack }
  private var sumBytes: Int { planes.tapOffsets.count * width * size }

  private struct Workspace {
    let planes, right, sums: UnsafeMutableRawPointer
    let positions: UnsafeMutablePointer<Int>
  }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    let groups = geometry.g
    let partialBytes = chunks.parts > 1 ? groups * chunks.parts * sumBytes : 0
    guard var shared = Scratch(byteCounts: partialBytes) else { return false }
    let partials = shared.take(partialBytes)
    let positions = planes.bands.blocks * planes.positionCount
    let work = groups * positions * planes.tapOffsets.count * vectors.count / 5
    let failure = FailureFlag()
    parallelFor(groups * chunks.parts, work: work) { range in
      guard
        var scratch = Scratch(
          byteCounts: planeBytes, rightBytes, sumBytes, planes.positionCount * MemoryLayout<Int>.size)
      else {
        failure.set()
        return
      }
      let space = Workspace(
        planes: scratch.take(planeBytes), right: scratch.take(rightBytes), sums: scratch.take(sumBytes),
        positions: scratch.takeIntegers(planes.positionCount))
      for index in range {
        let (group, chunk) = (index / chunks.parts, index % chunks.parts)
        if chunks.parts > 1 {
          compute(group, chunk, partials + index * sumBytes, space)
        } else {
          compute(group, chunk, space.sums, space)
          writeOut(group, space.sums)
        }
      }
    }
    if failure.isSet { return false }
    if chunks.parts > 1 {
      parallelFor(groups, work: groups * chunks.parts * sumBytes / 32) { range in
        for group in range {
          let first = partials + group * chunks.parts * sumBytes
          for chunk in 1..<chunks.parts { add(first + chunk * sumBytes, to: first) }
          writeOut(group, first)
        }
      }
    }
    return true
  }

  /// The sums of a group over some blocks of positions.
  private func compute(_ group: Int, _ chunk: Int, _ sums: UnsafeMutableRawPointer, _ space: Workspace) {
    let first = group * geometry.icPerGroup
    let panels = Split(planes.tapOffsets.count, atMost: kernels.gemm.tileRows)
    for block in chunks[chunk] {
      let count = planes.fill(
        space.planes, space.positions, block, channels: first..<(first + geometry.icPerGroup))
      planes.tapOffsets.withUnsafeBufferPointer { taps in
        guard let taps = taps.baseAddress else { return }
        for vector in 0..<vectors.parts {
          let column = vectors.start(vector) * kernels.gemm.lanes
          let width = vectors.length(vector) * kernels.gemm.lanes
          let rows = column..<min(column + width, geometry.ocPerGroup)
          transpose(group, rows, block, space.right, width)
          for panel in 0..<panels.parts {
            let row = panels.start(panel)
            kernels.gemm.gatherTile(
              panels.length(panel), vectors.length(vector), count, space.planes, taps + row, space.positions,
              space.right, width, sums + (row * self.width + column) * size, self.width,
              block > chunks.start(chunk))
          }
        }
      }
    }
  }

  /// Brings some rows of dy for one block into the form (position, row).
  private func transpose(
    _ group: Int, _ rows: Range<Int>, _ block: Int, _ target: UnsafeMutableRawPointer, _ width: Int
  ) {
    let s = dy.strides
    let first = group * geometry.ocPerGroup + rows.lowerBound
    var out = target
    for index in 0..<planes.bands.bandCount(block) {
      let band = planes.bands.band(block, index)
      let (height, length) = (band.rows.count, band.columns.count)
      let place =
        band.image * s[0] + first * s[1] + band.z * s[2] + band.rows.lowerBound * s[3]
        + band.columns.lowerBound * s[4]
      let from = dy.pointer + place * size
      if s[4] == 1 {
        // Rows that follow each other without a gap are one.
        let isDense = s[3] == length
        for row in 0..<(isDense ? 1 : height) {
          kernels.rows.transpose(
            rows.count, isDense ? height * length : length, from + row * s[3] * size, s[1],
            out + row * length * width * size,
            width, true)
        }
      } else {
        memset(out, 0, height * length * width * size)
        for row in 0..<height {
          for column in 0..<length {
            let line = out + (row * length + column) * width * size
            let place = from + (row * s[3] + column * s[4]) * size
            for channel in 0..<rows.count { memcpy(line + channel * size, place + channel * s[1] * size, size) }
          }
        }
      }
      out += height * length * width * size
    }
  }

  private func add(_ partial: UnsafeMutableRawPointer, to sums: UnsafeMutableRawPointer) {
    let count = sumBytes / size
    if size == 4 {
      let (from, to) = (partial.assumingMemoryBound(to: Float.self), sums.assumingMemoryBound(to: Float.self))
      for index in 0..<count { to[index] += from[index] }
    } else {
      let (from, to) = (partial.assumingMemoryBound(to: Double.self), sums.assumingMemoryBound(to: Double.self))
      for index in 0..<count { to[index] += from[index] }
    }
  }

  /// Brings the sums of a group from the form (channel, tap; row) to their places in dw.
  private func writeOut(_ group: Int, _ sums: UnsafeRawPointer) {
    let (p, s) = (geometry, dw.strides)
    let target = dw.pointer + group * p.ocPerGroup * s[0] * size
    let isDense =
      (p.kw == 1 || s[4] == 1) && (p.kh == 1 || s[3] == p.kw) && (p.kd == 1 || s[2] == p.kh * p.kw)
      && (p.icPerGroup == 1 || s[1] == p.taps)
    if isDense {
      kernels.rows.transpose(p.icPerGroup * p.taps, p.ocPerGroup, sums, width, target, s[0], false)
      return
    }
    var line = sums
    for channel in 0..<p.icPerGroup {
      for kz in 0..<p.kd {
        for ky in 0..<p.kh {
          for kx in 0..<p.kw {
            let out = target + (channel * s[1] + kz * s[2] + ky * s[3] + kx * s[4]) * size
            for row in 0..<p.ocPerGroup { memcpy(out + row * s[0] * size, line + row * size, size) }
            line += width * size
          }
        }
      }
    }
  }
}
