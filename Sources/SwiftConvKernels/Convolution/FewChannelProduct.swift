#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The forward pass where an output channel sees few numbers, as in the first layers of a network: y (position; row) is the
/// sum over (channel, tap) of what the tap sees of the channel times w (channel, tap; row). Vectors run along the rows,
/// which are output channels, so w is transposed at the start and y at the end, in registers; single numbers of x are read
/// from padded planes (`PaddedPlanes`) where they are, so neither the stride nor the length of a row of y matters.
///
/// In cache: a part of the depth of two vectors of w in the first level; the planes and the results of a block of
/// positions in the second.
struct FewChannelProduct {
  let geometry: ConvolutionGeometry
  let w: Source
  let bias: Source?
  let y: Target
  let kernels: ConvolutionKernels
  let size: Int

  private let planes: PaddedPlanes
  /// The vectors of a tile. Two of them with eight rows: sixteen sums hide the latency of the multiplications.
  private let vectors: Split
  /// How the depth is cut: two vectors of this depth take 32 KiB.
  private let depth: Split

  private static let resultsInCache = 64 << 10
  private static let largestScratch = 64 << 20

  /// - Returns: nil when another product is faster or the shape would need too much scratch.
  init?(_ geometry: ConvolutionGeometry, x: Source, w: Source, bias: Source?, y: Target) {
    (self.geometry, self.w, self.bias, self.y) = (geometry, w, bias, y)
    let (p, size, kernels) = (geometry, y.dtype.size, Runtime.kernels(y.dtype))
    (self.size, self.kernels) = (size, kernels)
    let lanes = kernels.gemm.lanes
    guard p.isSuitedToChannelVectors(lanes) else { return nil }
    vectors = Split(p.ocPerGroup / lanes, atMost: 2)
    depth = Split(p.icPerGroup * p.taps, atMost: 256)
    // What is transposed must be dense.
    let (ws, ys) = (w.strides, y.strides)
    guard isDense([p.icPerGroup, p.kd, p.kh, p.kw], [ws[1], ws[2], ws[3], ws[4]]),
      isDense([p.oh, p.ow], [ys[3], ys[4]])
    else { return nil }
    let positions = FewChannelProduct.resultsInCache / (vectors.longest * lanes * size)
    guard
      let planes = PaddedPlanes(p, x: x, channels: p.icPerGroup, positions: positions, kernels: kernels.rows)
    else { return nil }
    self.planes = planes
    if p.g * weightBytes + planeBytes + resultBytes > FewChannelProduct.largestScratch { return nil }
  }

  /// The columns of a tile.
  private var width: Int { vectors.longest * kernels.gemm.lanes }
  private var planeBytes: Int { planes.elementCount * size + kernels.gemm.lanes * size }
  private var resultBytes: Int { planes.positionCount * width * size }
  /// One part of the vectors of a group.
  private var partBytes: Int { depth.count * width * size }
  private var weightBytes: Int { vectors.parts * partBytes }

  private struct Workspace {
    let planes, results: UnsafeMutableRawPointer
    let positions: UnsafeMutablePointer<Int>
  }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    guard var shared = Scratch(byteCounts: geometry.g * weightBytes) else { return false }
    let weights = shared.take(geometry.g * weightBytes)
    let parts = geometry.g * vectors.parts
    parallelFor(parts, work: parts * partBytes / 64) { range in
      for index in range {
        transposeWeights(index / vectors.parts, index % vectors.parts, weights + index * partBytes)
      }
    }
    let blocks = planes.bands.blocks
    let work = geometry.g * blocks * planes.positionCount * vectors.count * (depth.count + 8) / 5
    let failure = FailureFlag()
    parallelFor(geometry.g * blocks, work: work) { range in
      guard
        var scratch = Scratch(
          byteCounts: planeBytes, resultBytes, planes.positionCount * MemoryLayout<Int>.size)
      else {
        failure.set()
        return
      }
      let space = Workspace(
        planes: scratch.take(planeBytes), results: scratch.take(resultBytes),
        positions: scratch.takeIntegers(planes.positionCount))
      for index in range {
        let (group, block) = (index / blocks, index % blocks)
        compute(group, block, weights + group * weightBytes, space)
      }
    }
    return !failure.isSet
  }

  /// The rows of a group that a part of the vectors stands for.
  private func rows(_ part: Int) -> Range<Int> {
    let lanes = kernels.gemm.lanes
    return vectors.start(part) * lanes..<vectors.start(part + 1) * lanes
  }

  /// Brings some rows of the weights of a group into the form (channel, tap; row).
  private func transposeWeights(_ group: Int, _ part: Int, _ target: UnsafeMutableRawPointer) {
    let rows = rows(part)
    let from = w.pointer + (group * geometry.ocPerGroup + rows.lowerBound) * w.strides[0] * size
    kernels.rows.transpose(rows.count, depth.count, from, w.strides[0], target, width, false)
  }

  /// The results of a group at a block of positions.
  private func compute(_ group: Int, _ block: Int, _ weights: UnsafeRawPointer, _ space: Workspace) {
    let first = group * geometry.icPerGroup
    let count = planes.fill(space.planes, space.positions, block, channels: first..<(first + geometry.icPerGroup))
    for part in 0..<vectors.parts {
      let rows = rows(part)
      if let bias { spread(bias, group * geometry.ocPerGroup + rows.lowerBound, rows.count, count, space.results) }
      multiply(count, vectors.length(part), weights + part * partBytes, space)
      writeOut(group, rows, block, space.results)
    }
  }

  /// Adds the products at some positions with some vectors of w to the biases, if there are any.
  private func multiply(_ count: Int, _ vectors: Int, _ weights: UnsafeRawPointer, _ space: Workspace) {
    let panels = Split(count, atMost: kernels.gemm.tileRows)
    planes.tapOffsets.withUnsafeBufferPointer { taps in
      guard let taps = taps.baseAddress else { return }
      for step in 0..<depth.parts {
        let start = depth.start(step)
        for panel in 0..<panels.parts {
          let position = panels.start(panel)
          kernels.gemm.gatherTile(
            panels.length(panel), vectors, depth.length(step), space.planes, space.positions + position, taps + start,
            weights + start * width * size, width, space.results + position * width * size, width,
            step > 0 || bias != nil)
        }
      }
    }
  }

  /// Writes the biases of some rows at each position, where the products are added to them.
  private func spread(_ bias: Source, _ first: Int, _ count: Int, _ positions: Int, _ target: UnsafeMutableRawPointer) {
    for row in 0..<count { memcpy(target + row * size, bias.pointer + (first + row) * bias.strides[0] * size, size) }
    for position in 1..<max(positions, 1) { memcpy(target + position * width * size, target, count * size) }
  }

  /// Brings the results of some rows at a block of positions to their places in y.
  private func writeOut(_ group: Int, _ rows: Range<Int>, _ block: Int, _ results: UnsafeRawPointer) {
    let s = y.strides
    let channel = group * geometry.ocPerGroup + rows.lowerBound
    var from = results
    for index in 0..<planes.bands.bandCount(block) {
      let band = planes.bands.band(block, index)
      let count = band.rows.count * band.columns.count
      let place =
        band.image * s[0] + channel * s[1] + band.z * s[2] + band.rows.lowerBound * s[3]
        + band.columns.lowerBound * s[4]
      kernels.rows.transpose(count, rows.count, from, width, y.pointer + place * size, s[1], false)
      from += count * width * size
    }
  }
}

extension ConvolutionGeometry {
  /// Whether `FewChannelProduct` is faster than `PatchProduct`, which has vectors along the positions. Measured; what
  /// decides is this:
  /// - Lanes that mean nothing are lost, so channels and positions fill vectors.
  /// - There are positions enough to pay for transposing w, and few enough channels for the cache.
  /// - Where rows of y are shorter than a vector, `PatchProduct` has to join them, which takes longer than to transpose y.
  /// - Where they are not, sums must be long enough to pay for that, and two vectors must share the numbers of x. Rows of
  ///   whole vectors `PatchProduct` writes to their places.
  fileprivate func isSuitedToChannelVectors(_ lanes: Int) -> Bool {
    let depth = icPerGroup * taps
    guard taps > 1, depth <= 1280, ocPerGroup > 0, ocPerGroup % lanes == 0 else { return false }
    guard oh * ow >= lanes, mb * outputPixels >= 8 * lanes else { return false }
    return ow <= lanes || (depth >= 128 && ocPerGroup >= 2 * lanes && ow % lanes != 0)
  }
}
