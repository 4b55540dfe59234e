extension ConvolutionGeometry {
  /// The forward pass of a convolution whose groups have one input channel.
  func directForward(x: Source, w: Source, bias: Source?, y: Target) -> DirectProduct? {
    let axes = forwardAxes
    return DirectProduct(
      groups: g, sourceChannels: 1, resultChannels: ocPerGroup, images: mb,
      source: PatchSource(pointer: x.pointer, strides: x.strides, z: axes.z, y: axes.y, x: axes.x),
      target: PatchTarget(
        pointer: y.pointer, strides: y.strides, bias: bias?.pointer, biasStride: bias?.strides[0] ?? 0),
      parts: [DirectPart(place: 0, rows: oh, columns: ow, y: 0..<kh, x: 0..<kw)], interleaved: 1,
      weights: w.pointer, weightStride: w.strides[0],
      weightOffsets: tapOffsets(w.strides, Array(0..<kd), Array(0..<kh), Array(0..<kw)),
      kernels: Runtime.kernels(y.dtype), size: y.dtype.size)
  }

  /// The input gradient of such a convolution, as one product for each remainder of z by the stride. Nil when it cannot
  /// be done so, before anything was written; false when scratch memory cannot be had.
  func runDirectInputGradient(dy: Source, w: Source, dx: Target) -> Bool? {
    var products: [DirectProduct] = []
    for z in gradientAxes.z {
      guard let product = directGradient(z, dy: dy, w: w, dx: dx) else { return nil }
      products.append(product)
    }
    for product in products where !product.run() { return false }
    return true
  }

  /// All places of dx whose z leaves one remainder: a part for each pair of remainders of y and x.
  private func directGradient(_ z: ResidueAxis, dy: Source, w: Source, dx: Target) -> DirectProduct? {
    let axes = gradientAxes
    let (y, x) = (JoinedResidues(axes.y, input: oh), JoinedResidues(axes.x, input: ow))
    var strides = dx.strides
    (strides[2], strides[3], strides[4]) = (strides[2] * sd, strides[3] * sh, strides[4] * sw)
    var parts: [DirectPart] = []
    for row in axes.y.indices {
      for column in axes.x.indices {
        parts.append(
          DirectPart(
            place: z.residue * dx.strides[2] + row * dx.strides[3] + column * dx.strides[4],
            rows: axes.y[row].axis.outputs, columns: axes.x[column].axis.outputs, y: y.ranges[row], x: x.ranges[column])
        )
      }
    }
    return DirectProduct(
      groups: g, sourceChannels: ocPerGroup, resultChannels: 1, images: mb,
      source: PatchSource(pointer: dy.pointer, strides: dy.strides, z: z.axis, y: y.axis, x: x.axis),
      target: PatchTarget(pointer: dx.pointer, strides: strides, bias: nil, biasStride: 0),
      parts: parts, interleaved: dx.strides[4] == 1 && axes.x.count == 2 ? 2 : 1,
      weights: w.pointer, weightStride: w.strides[0],
      weightOffsets: tapOffsets(w.strides, z.taps, y.taps, x.taps), kernels: Runtime.kernels(dx.dtype),
      size: dx.dtype.size)
  }
}

/// The taps of all remainders of one axis, one remainder behind the other, so that they can read the same copy of dy. Each
/// tap belongs to one remainder. Those of one are in the order of their places.
private struct JoinedResidues {
  let axis: PatchAxis
  let taps: [Int]
  /// Which taps each remainder has.
  let ranges: [Range<Int>]

  init(_ residues: [ResidueAxis], input: Int) {
    var (taps, offsets, ranges) = ([Int](), [Int](), [Range<Int>]())
    for residue in residues {
      let first = taps.count
      // Later taps are at earlier places.
      taps += residue.taps.reversed()
      offsets += residue.axis.offsets.reversed()
      ranges.append(first..<taps.count)
    }
    (self.taps, self.ranges) = (taps, ranges)
    axis = PatchAxis(outputs: residues.map(\.axis.outputs).max() ?? 0, input: input, step: 1, offsets: offsets)
  }
}
