extension ConvolutionGeometry {
  /// The forward pass of a convolution whose groups have one input channel.
  func directForward(x: Source, w: Source, bias: Source?, y: Target) -> DirectProduct? {
    let axes = forwardAxes
    return DirectProduct(
      groups: g, sourceChannels: 1, resultChannels: ocPerGroup, images: mb,
      source: PatchSource(pointer: x.pointer, strides: x.strides, z: axes.z, y: axes.y, x: axes.x),
      target: PatchTarget(
        pointer: y.pointer, strides: y.strides, bias: bias?.pointer, biasStride: bias?.strides[0] ?? 0),
      weights: w.pointer, weightStride: w.strides[0],
      weightOffsets: tapOffsets(w.strides, Array(0..<kd), Array(0..<kh), Array(0..<kw)),
      kernels: Runtime.kernels(y.dtype), size: y.dtype.size)
  }

  /// The input gradient of such a convolution. Nil when it cannot be done so, before anything was written; false when
  /// scratch memory cannot be had.
  func runDirectInputGradient(dy: Source, w: Source, dx: Target) -> Bool? {
    runForEachRemainder(dx) { z, y, x in
      let first = z.residue * dx.strides[2] + y.residue * dx.strides[3] + x.residue * dx.strides[4]
      var strides = dx.strides
      (strides[2], strides[3], strides[4]) = (strides[2] * sd, strides[3] * sh, strides[4] * sw)
      return DirectProduct(
        groups: g, sourceChannels: ocPerGroup, resultChannels: 1, images: mb,
        source: PatchSource(pointer: dy.pointer, strides: dy.strides, z: z.axis, y: y.axis, x: x.axis),
        target: PatchTarget(
          pointer: dx.pointer + first * dx.dtype.size, strides: strides, bias: nil, biasStride: 0),
        weights: w.pointer, weightStride: w.strides[0],
        weightOffsets: tapOffsets(w.strides, z.taps, y.taps, x.taps), kernels: Runtime.kernels(dx.dtype),
        size: dx.dtype.size)
    } run: {
      $0.run()
    }
  }

  /// Computes an input gradient as one product for each remainder of the places by the strides. Nil when one of them
  /// cannot be made, before anything was written; false when scratch memory cannot be had.
  func runForEachRemainder<Product>(
    _ dx: Target, make: (ResidueAxis, ResidueAxis, ResidueAxis) -> Product?, run: (Product) -> Bool
  ) -> Bool? {
    let axes = gradientAxes
    var products: [Product] = []
    var isComplete = true
    for z in axes.z {
      for y in axes.y {
        for x in axes.x {
          if z.isEmpty || y.isEmpty || x.isEmpty {
            isComplete = false
            continue
          }
          guard let product = make(z, y, x) else { return nil }
          products.append(product)
        }
      }
    }
    // Places that no tap reaches.
    if !isComplete { fillWithZeros(dx) }
    for product in products where !run(product) { return false }
    return true
  }
}
