#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Depthwise convolutions with 3x3 taps and stride 1 or 2, the usual ones: kernels (`DepthwiseKernels`) read the planes
/// where they are, several rows at a time, and write each result once. All others are `DirectProduct`s.
struct DepthwisePlanes {
  private let geometry: ConvolutionGeometry
  private let kernels: DepthwiseKernels
  private let lanes, size: Int

  /// With fewer planes there would be too little to share among threads, and much to copy: the first and the last plane.
  private static let fewestPlanes = 16
  /// The largest plane that is worth copying.
  private static let largestPlane = 4 << 20

  /// `x` and `y` are the arrays of these shapes: those themselves, or their gradients.
  ///
  /// - Returns: nil for other geometries and layouts.
  init?(_ geometry: ConvolutionGeometry, x: Source, y: Source) {
    let p = geometry
    size = x.dtype.size
    guard p.icPerGroup == 1, p.ocPerGroup == 1, p.kd == 1, p.id == 1, p.od == 1, p.padFront == 0, p.kh == 3, p.kw == 3,
      p.dh == 1, p.dw == 1, p.sh == p.sw, p.sh <= 2, (0...2).contains(p.padTop), (0...2).contains(p.padLeft),
      p.g >= DepthwisePlanes.fewestPlanes, max(p.inputPixels, p.outputPixels) * size <= DepthwisePlanes.largestPlane,
      // No result begins more than 2 elements after the rows, neither forward nor backward.
      (p.ow - 1) * p.sw + 1 - p.padLeft <= p.iw, p.iw + p.padLeft - p.sw * p.ow <= 2,
      DepthwisePlanes.hasRows(x, p.iw), DepthwisePlanes.hasRows(y, p.ow)
    else { return nil }
    self.geometry = geometry
    let all = Runtime.kernels(x.dtype)
    (kernels, lanes) = (all.depthwise, all.gemm.lanes)
  }

  private static func hasRows(_ array: Source, _ columns: Int) -> Bool {
    (array.strides[4] == 1 || columns == 1) && array.strides[3] >= 0
  }

  func forward(w: Source, bias: Source?, x: Source, y: Target) -> Bool {
    let p = geometry
    let weights = self.weights(w.pointer, w.strides)
    return run(x, p.ih, p.iw, y, p.oh, p.ow) { planes, first, source, target, zeros in
      let layout = DepthwiseKernels.Layout(step: p.sh, top: p.padTop, left: p.padLeft, zeros: zeros)
      let stride = bias?.strides[0] ?? 0
      kernels.correlate(
        planes, source, moved(weights, first), target, layout, bias.map { $0.pointer + first * stride * size }, stride)
    }
  }

  func inputGradient(dy: Source, w: Source, dx: Target) -> Bool {
    let p = geometry
    var weights = self.weights(w.pointer, w.strides)
    if p.sh == 1 {
      // A correlation with the weights turned around.
      weights.pointer += 2 * (weights.rowStride + weights.columnStride) * size
      (weights.rowStride, weights.columnStride) = (-weights.rowStride, -weights.columnStride)
    }
    return run(dy, p.oh, p.ow, dx, p.ih, p.iw) { [weights] planes, first, source, target, zeros in
      if p.sh == 1 {
        let layout = DepthwiseKernels.Layout(step: 1, top: 2 - p.padTop, left: 2 - p.padLeft, zeros: zeros)
        kernels.correlate(planes, source, moved(weights, first), target, layout, nil, 0)
      } else {
        let layout = DepthwiseKernels.Layout(step: 2, top: p.padTop, left: p.padLeft, zeros: zeros)
        kernels.spread(planes, source, moved(weights, first), target, layout)
      }
    }
  }

  func weightGradient(x: Source, dy: Source, dw: Target) -> Bool {
    let p = geometry
    let target = weights(dw.pointer, dw.strides)
    let (inputBytes, outputBytes) = (planeBytes(p.inputPixels), planeBytes(p.outputPixels))
    let failure = FailureFlag()
    parallelFor(p.g, work: work(p.oh, p.ow) + p.g * 20) { range in
      guard var scratch = Scratch(byteCounts: inputBytes, outputBytes, zeroBytes) else {
        failure.set()
        return
      }
      let (sourceRoom, resultRoom) = (scratch.take(inputBytes), scratch.take(outputBytes))
      let layout = DepthwiseKernels.Layout(
        step: p.sh, top: p.padTop, left: p.padLeft, zeros: zeros(scratch.take(zeroBytes)))
      var source = sourcePlanes(x, p.ih, p.iw, sourceRoom)
      var results = sourcePlanes(dy, p.oh, p.ow, resultRoom)
      source.pointer += range.lowerBound * source.planeStride * size
      results.pointer += range.lowerBound * results.planeStride * size
      kernels.products(range.count, p.mb, source, results, layout, moved(target, range.lowerBound))
    }
    return !failure.isSet
  }

  /// Calls a kernel for planes of neighbouring channels of one image, with the number of the first.
  private func run(
    _ source: Source, _ sourceRows: Int, _ sourceColumns: Int, _ target: Target, _ rows: Int, _ columns: Int,
    _ body: (_ planes: Int, _ first: Int, SourcePlanes, TargetPlanes, _ zeros: UnsafeRawPointer) -> Void
  ) -> Bool {
    let (sourceBytes, targetBytes) = (planeBytes(sourceRows * sourceColumns), planeBytes(rows * columns))
    let channels = geometry.g
    let failure = FailureFlag()
    parallelFor(geometry.mb * channels, work: work(rows, columns)) { range in
      guard var scratch = Scratch(byteCounts: sourceBytes, targetBytes, zeroBytes) else {
        failure.set()
        return
      }
      let all = sourcePlanes(source, sourceRows, sourceColumns, scratch.take(sourceBytes))
      let (s, room) = (target.strides, scratch.take(targetBytes))
      let zeros = zeros(scratch.take(zeroBytes))
      var index = range.lowerBound
      while index < range.upperBound {
        let (image, first) = (index / channels, index % channels)
        let count = min(channels - first, range.upperBound - index)
        var planes = all
        planes.pointer += (image * planes.imageStride + first * planes.planeStride) * size
        let results = TargetPlanes(
          pointer: target.pointer + (image * s[0] + first * s[1]) * size, rows: rows, columns: columns,
          planeStride: s[1], rowStride: s[3], scratch: room)
        body(count, first, planes, results, zeros)
        index += count
      }
    }
    return !failure.isSet
  }

  /// About how many nanoseconds all planes of so many results take.
  private func work(_ rows: Int, _ columns: Int) -> Int {
    geometry.mb * geometry.g * (10 + 2 * rows * ceilingDivide(columns, lanes))
  }

  private func sourcePlanes(_ array: Source, _ rows: Int, _ columns: Int, _ room: UnsafeMutableRawPointer)
    -> SourcePlanes
  {
    let s = array.strides
    let (images, channels) = ((geometry.mb - 1) * s[0], (geometry.g - 1) * s[1])
    let length = (rows - 1) * s[3] + columns
    return SourcePlanes(
      pointer: array.pointer, rows: rows, columns: columns, planeStride: s[1], rowStride: s[3], imageStride: s[0],
      readable: (
        array.pointer + (min(images, 0) + min(channels, 0)) * size,
        array.pointer + (max(images, 0) + max(channels, 0) + length) * size
      ), scratch: room)
  }

  private func weights(_ pointer: UnsafeRawPointer, _ strides: Dimensions) -> PlaneWeights {
    weights(UnsafeMutableRawPointer(mutating: pointer), strides)
  }

  private func weights(_ pointer: UnsafeMutableRawPointer, _ strides: Dimensions) -> PlaneWeights {
    PlaneWeights(pointer: pointer, planeStride: strides[0], rowStride: strides[3], columnStride: strides[4])
  }

  /// The weights from a channel on.
  private func moved(_ weights: PlaneWeights, _ first: Int) -> PlaneWeights {
    var weights = weights
    weights.pointer += first * weights.planeStride * size
    return weights
  }

  private func planeBytes(_ elements: Int) -> Int { (elements + 2 * DepthwiseKernels.reach) * size }

  private var zeroBytes: Int { planeBytes(max(geometry.iw, geometry.ow)) }

  /// A row of zeros.
  private func zeros(_ room: UnsafeMutableRawPointer) -> UnsafeRawPointer {
    memset(room, 0, zeroBytes)
    return UnsafeRawPointer(room) + DepthwiseKernels.reach * size
  }
}
