extension ConvolutionGeometry {
  /// The forward pass as a product: rows are output channels, channels are input channels.
  func forwardProduct(x: Source, w: Source, bias: Source?, y: Target) -> PatchProduct? {
    let (ic, oc, size) = (icPerGroup, ocPerGroup, y.dtype.size)
    var axes = forwardAxes
    var (xs, ys) = (x.strides, y.strides)
    mergeAxes(&axes, &xs, &ys)
    let taps = tapOffsets(w.strides, Array(0..<kd), Array(0..<kh), Array(0..<kw))
    var left: [LeftMatrix] = []
    var sources: [PatchSource] = []
    var targets: [PatchTarget] = []
    for group in 0..<g {
      left.append(
        LeftMatrix(
          pointer: w.pointer + group * oc * w.strides[0] * size, rows: oc, rowStride: w.strides[0], channels: ic,
          channelStride: w.strides[1], tapOffsets: taps, size: size))
      sources.append(
        PatchSource(
          pointer: x.pointer + group * ic * xs[1] * size, strides: xs, z: axes.z, y: axes.y, x: axes.x))
      targets.append(
        PatchTarget(
          pointer: y.pointer + group * oc * ys[1] * size, strides: ys,
          bias: bias.map { $0.pointer + group * oc * $0.strides[0] * size }, biasStride: bias?.strides[0] ?? 0))
    }
    return PatchProduct(
      left: left, sources: sources, targets: targets, images: mb, kernels: Runtime.kernels(y.dtype), size: size)
  }

  /// The input gradient as one product for each remainder of the places by the strides. Nil when one of them cannot be
  /// made, before anything was written; false when scratch memory cannot be had.
  func runInputGradient(dy: Source, w: Source, dx: Target) -> Bool? {
    let axes = gradientAxes
    var products: [PatchProduct] = []
    var isComplete = true
    for z in axes.z {
      for y in axes.y {
        for x in axes.x {
          if z.isEmpty || y.isEmpty || x.isEmpty {
            isComplete = false
            continue
          }
          guard let product = gradientProduct(z, y, x, dy: dy, w: w, dx: dx) else { return nil }
          products.append(product)
        }
      }
    }
    // Places that no tap reaches.
    if !isComplete { fillWithZeros(dx) }
    for product in products where !product.run() { return false }
    return true
  }

  /// The places with one remainder: rows are input channels, channels are output channels.
  private func gradientProduct(
    _ z: ResidueAxis, _ y: ResidueAxis, _ x: ResidueAxis, dy: Source, w: Source, dx: Target
  ) -> PatchProduct? {
    let (ic, oc, size) = (icPerGroup, ocPerGroup, dx.dtype.size)
    let first = z.residue * dx.strides[2] + y.residue * dx.strides[3] + x.residue * dx.strides[4]
    var axes = (z: z.axis, y: y.axis, x: x.axis)
    var ys = dy.strides
    var xs = dx.strides
    (xs[2], xs[3], xs[4]) = (xs[2] * sd, xs[3] * sh, xs[4] * sw)
    mergeAxes(&axes, &ys, &xs)
    let taps = tapOffsets(w.strides, z.taps, y.taps, x.taps)
    var left: [LeftMatrix] = []
    var sources: [PatchSource] = []
    var targets: [PatchTarget] = []
    for group in 0..<g {
      left.append(
        LeftMatrix(
          pointer: w.pointer + group * oc * w.strides[0] * size, rows: ic, rowStride: w.strides[1], channels: oc,
          channelStride: w.strides[0], tapOffsets: taps, size: size))
      sources.append(
        PatchSource(
          pointer: dy.pointer + group * oc * ys[1] * size, strides: ys, z: axes.z, y: axes.y, x: axes.x))
      targets.append(
        PatchTarget(
          pointer: dx.pointer + (group * ic * xs[1] + first) * size, strides: xs, bias: nil, biasStride: 0))
    }
    return PatchProduct(
      left: left, sources: sources, targets: targets, images: mb, kernels: Runtime.kernels(dx.dtype), size: size)
  }

  /// Where in w the taps are.
  func tapOffsets(_ strides: Dimensions, _ z: [Int], _ y: [Int], _ x: [Int]) -> [Int] {
    var offsets: [Int] = []
    offsets.reserveCapacity(z.count * y.count * x.count)
    for kz in z {
      for ky in y {
        for kx in x { offsets.append(kz * strides[2] + ky * strides[3] + kx * strides[4]) }
      }
    }
    return offsets
  }

  private func fillWithZeros(_ dx: Target) {
    let (pixels, size) = (inputPixels, dx.dtype.size)
    let strides = dx.strides
    let dense = Dimensions([id, ih, iw]).denseStrides
    let isDense = (0..<3).allSatisfy { strides[2 + $0] == dense[$0] || [id, ih, iw][$0] == 1 }
    parallelFor(mb * ic, work: mb * ic * pixels / 8) { range in
      for index in range {
        let image = dx.pointer + (index / ic * strides[0] + index % ic * strides[1]) * size
        if isDense {
          image.initializeMemory(as: UInt8.self, repeating: 0, count: pixels * size)
          continue
        }
        for z in 0..<id {
          for y in 0..<ih {
            let row = image + (z * strides[2] + y * strides[3]) * size
            for x in 0..<iw {
              (row + x * strides[4] * size).initializeMemory(as: UInt8.self, repeating: 0, count: size)
            }
          }
        }
      }
    }
  }
}

/// Where nothing happens along an axis (one tap, no padding, step 1) and memory is dense, that axis and the next are one:
/// long rows are faster than short ones.
private func mergeAxes(
  _ axes: inout (z: PatchAxis, y: PatchAxis, x: PatchAxis), _ source: inout Dimensions, _ target: inout Dimensions
) {
  if axes.y.isIdentity, axes.x.isIdentity, source[3] == axes.x.input * source[4],
    target[3] == axes.x.outputs * target[4]
  {
    axes.x = .identity(axes.y.outputs * axes.x.outputs)
    axes.y = .none
  }
  if axes.z.isIdentity, axes.y.outputs == 1, axes.y.isIdentity, axes.x.isIdentity,
    source[2] == axes.x.input * source[4], target[2] == axes.x.outputs * target[4]
  {
    axes.x = .identity(axes.z.outputs * axes.x.outputs)
    axes.z = .none
  }
}
