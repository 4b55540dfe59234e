/// Convolutions of one tap with stride 1 and no padding are products of matrices, where images are dense.
extension ConvolutionGeometry {
  private var isPointwise: Bool {
    taps == 1 && g == 1 && [sd, sh, sw] == [1, 1, 1] && [id, ih, iw] == [od, oh, ow]
      && [padFront, padTop, padLeft] == [0, 0, 0]
  }

  /// Whether all places of a channel are neighbours.
  private func isDense(_ strides: Dimensions) -> Bool {
    (iw == 1 || strides[4] == 1) && (ih == 1 || strides[3] == iw) && (id == 1 || strides[2] == ih * iw)
  }

  /// `y (row; image, place) = w (row, channel) * x (channel; image, place)`
  func pointwiseForward(x: Source, w: Source, bias: Source?, y: Target) -> MatrixProduct? {
    guard isPointwise, isDense(x.strides), isDense(y.strides) else { return nil }
    return MatrixProduct(
      m: oc, n: inputPixels, k: ic, images: mb, sumsImages: false,
      a: .init(pointer: w.pointer, rowStride: w.strides[0], columnStride: w.strides[1], imageStride: 0),
      b: .init(pointer: x.pointer, rowStride: x.strides[1], columnStride: 1, imageStride: x.strides[0]),
      c: .init(
        pointer: y.pointer, rowStride: y.strides[1], imageStride: y.strides[0], bias: bias?.pointer,
        biasStride: bias?.strides[0] ?? 0),
      accumulates: false, kernels: Runtime.kernels(y.dtype), size: y.dtype.size, mayTakeLastColumnAlone: true)
  }

  /// `dx (channel; image, place) = w (row, channel) transposed * dy (row; image, place)`
  func pointwiseInputGradient(dy: Source, w: Source, dx: Target) -> MatrixProduct? {
    guard isPointwise, isDense(dy.strides), isDense(dx.strides) else { return nil }
    return MatrixProduct(
      m: ic, n: inputPixels, k: oc, images: mb, sumsImages: false,
      a: .init(pointer: w.pointer, rowStride: w.strides[1], columnStride: w.strides[0], imageStride: 0),
      b: .init(pointer: dy.pointer, rowStride: dy.strides[1], columnStride: 1, imageStride: dy.strides[0]),
      c: .init(pointer: dx.pointer, rowStride: dx.strides[1], imageStride: dx.strides[0]), accumulates: false,
      kernels: Runtime.kernels(dx.dtype), size: dx.dtype.size, mayTakeLastColumnAlone: true)
  }

  /// `dw (row, channel) = sum over images of dy (row, place) * x (channel, place) transposed`
  func pointwiseWeightGradient(x: Source, dy: Source, dw: Target) -> MatrixProduct? {
    guard isPointwise, isDense(x.strides), isDense(dy.strides), ic == 1 || dw.strides[1] == 1 else { return nil }
    return MatrixProduct(
      m: oc, n: ic, k: inputPixels, images: mb, sumsImages: true,
      a: .init(pointer: dy.pointer, rowStride: dy.strides[1], columnStride: 1, imageStride: dy.strides[0]),
      b: .init(pointer: x.pointer, rowStride: 1, columnStride: x.strides[1], imageStride: x.strides[0]),
      c: .init(pointer: dw.pointer, rowStride: dw.strides[0], imageStride: 0), accumulates: false,
      kernels: Runtime.kernels(dw.dtype), size: dw.dtype.size)
  }
}
