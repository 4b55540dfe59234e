/// Convolutions and their gradients, for float32 and float64. The arrays of one call have one element type.
///
/// Arrays have rank 5 and any strides: x (mb, ic, id, ih, iw), w (oc, ic / g, kd, kh, kw), y (mb, oc, od, oh, ow), and
/// gradients like what they are the gradient of.
public enum Convolution {
  /// `y = x * w + bias`, where `bias` (oc) may be missing.
  ///
  /// - Returns: false when scratch memory cannot be had.
  public static func forward(
    _ geometry: ConvolutionGeometry, x: Source, w: Source, bias: Source?, y: Target,
    algorithm: ConvolutionAlgorithm = .automatic
  ) -> Bool {
    guard geometry.mb > 0, geometry.oc > 0, geometry.outputPixels > 0 else { return true }
    let chosen = plan(geometry, .forward, algorithm).algorithm
    switch chosen {
    case .small:
      geometry.runSmallForward(x: x, w: w, bias: bias, y: y)
      return true
    case .fourier: return geometry.runFourierForward(x: x, w: w, bias: bias, y: y)
    case .direct:
      if let planes = DepthwisePlanes(geometry, x: x, y: y.source) {
        return planes.forward(w: w, bias: bias, x: x, y: y)
      }
      if let product = geometry.directForward(x: x, w: w, bias: bias, y: y) { return product.run() }
    case .winograd2, .winograd3, .winograd4:
      if let product = geometry.winogradForward(n: chosen.winogradTile, x: x, w: w, bias: bias, y: y) {
        return product.run()
      }
      fallthrough
    case .gemm:
      if let product = geometry.specialForward(x: x, w: w, bias: bias, y: y) { return product.run() }
      if let product = geometry.forwardProduct(x: x, w: w, bias: bias, y: y) { return product.run() }
    default: break
    }
    ReferenceConvolution.forward(geometry, x: x, w: w, bias: bias, y: y)
    return true
  }

  /// The gradient with respect to x, which overwrites dx.
  ///
  /// - Returns: false when scratch memory cannot be had.
  public static func inputGradient(
    _ geometry: ConvolutionGeometry, dy: Source, w: Source, dx: Target, algorithm: ConvolutionAlgorithm = .automatic
  ) -> Bool {
    guard geometry.mb > 0, geometry.ic > 0, geometry.inputPixels > 0 else { return true }
    let chosen = plan(geometry, .inputGradient, algorithm).algorithm
    switch chosen {
    case .small:
      geometry.runSmallInputGradient(dy: dy, w: w, dx: dx)
      return true
    case .fourier: return geometry.runFourierInputGradient(dy: dy, w: w, dx: dx)
    case .direct:
      if let planes = DepthwisePlanes(geometry, x: dx.source, y: dy) {
        return planes.inputGradient(dy: dy, w: w, dx: dx)
      }
      if let done = geometry.runDirectInputGradient(dy: dy, w: w, dx: dx) { return done }
    case .winograd2, .winograd3, .winograd4:
      if let product = geometry.winogradInputGradient(n: chosen.winogradTile, dy: dy, w: w, dx: dx) {
        return product.run()
      }
      fallthrough
    case .gemm:
      if let product = geometry.specialInputGradient(dy: dy, w: w, dx: dx) { return product.run() }
      if let done = geometry.runInputGradient(dy: dy, w: w, dx: dx) { return done }
    default: break
    }
    ReferenceConvolution.inputGradient(geometry, dy: dy, w: w, dx: dx)
    return true
  }

  /// The gradient with respect to w, which overwrites dw.
  ///
  /// - Returns: false when scratch memory cannot be had.
  public static func weightGradient(
    _ geometry: ConvolutionGeometry, x: Source, dy: Source, dw: Target, algorithm: ConvolutionAlgorithm = .automatic
  ) -> Bool {
    guard geometry.oc > 0, geometry.icPerGroup > 0 else { return true }
    let chosen = plan(geometry, .weightGradient, algorithm).algorithm
    switch chosen {
    case .small:
      geometry.runSmallWeightGradient(x: x, dy: dy, dw: dw)
      return true
    case .fourier:
      if let done = geometry.runFourierWeightGradient(x: x, dy: dy, dw: dw) { return done }
      fallthrough
    case .direct:
      if let planes = DepthwisePlanes(geometry, x: x, y: dy) { return planes.weightGradient(x: x, dy: dy, dw: dw) }
      if let product = DirectWeightProduct(geometry, x: x, dy: dy, dw: dw) { return product.run() }
    case .winograd2, .winograd3, .winograd4:
      if let product = geometry.winogradWeightGradient(n: chosen.winogradTile, x: x, dy: dy, dw: dw) {
        return product.run()
      }
      fallthrough
    case .gemm:
      if let product = geometry.specialWeightGradient(x: x, dy: dy, dw: dw) { return product.run() }
      if let product = WeightProduct(geometry, x: x, dy: dy, dw: dw) { return product.run() }
    default: break
    }
    ReferenceConvolution.weightGradient(geometry, x: x, dy: dy, dw: dw)
    return true
  }
}
