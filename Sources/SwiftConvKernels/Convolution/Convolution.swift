/// How a convolution is computed.
public enum ConvolutionAlgorithm: Int, Sendable {
  /// The fastest that fits.
  case automatic
  /// Each channel on its own, with vectors along the rows: for depthwise convolutions. Falls back to `gemm`.
  case direct
  /// As a matrix product. Falls back to `reference` where that would need too much scratch.
  case gemm
  /// With fewer multiplications than the definition has (`WinogradProduct`), for 3x3 taps with stride 1. Falls back to
  /// `gemm`.
  case winograd
  /// As the definition says, in double precision, slowly.
  case reference
  /// As the definition says, with plain loops in the type of the arrays: what `automatic` takes for very small work.
  case small
  /// Each channel on its own, by transforms of tiles (`FourierCorrelation`): for depthwise convolutions with large kernels
  /// and stride 1. Falls back to `direct`.
  case fourier
}

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
    switch plan(geometry, algorithm) {
    case .small:
      geometry.runSmallForward(x: x, w: w, bias: bias, y: y)
      return true
    case .fourier: return geometry.runFourierForward(x: x, w: w, bias: bias, y: y)
    case .direct:
      if let product = geometry.directForward(x: x, w: w, bias: bias, y: y) { return product.run() }
    case .winograd:
      if let product = geometry.winogradForward(n: 4, x: x, w: w, bias: bias, y: y) { return product.run() }
      fallthrough
    case .gemm:
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
    switch plan(geometry, algorithm) {
    case .small:
      geometry.runSmallInputGradient(dy: dy, w: w, dx: dx)
      return true
    case .fourier: return geometry.runFourierInputGradient(dy: dy, w: w, dx: dx)
    case .direct:
      if let done = geometry.runDirectInputGradient(dy: dy, w: w, dx: dx) { return done }
    case .winograd:
      if let product = geometry.winogradInputGradient(n: 4, dy: dy, w: w, dx: dx) { return product.run() }
      fallthrough
    case .gemm:
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
    switch plan(geometry, algorithm) {
    case .small:
      geometry.runSmallWeightGradient(x: x, dy: dy, dw: dw)
      return true
    case .fourier:
      if let done = geometry.runFourierWeightGradient(x: x, dy: dy, dw: dw) { return done }
      fallthrough
    case .direct:
      if let product = DirectWeightProduct(geometry, x: x, dy: dy, dw: dw) { return product.run() }
    case .winograd:
      if let product = geometry.winogradWeightGradient(n: 4, x: x, dy: dy, dw: dw) { return product.run() }
      fallthrough
    case .gemm:
      if let product = FewChannelWeightProduct(geometry, x: x, dy: dy, dw: dw) { return product.run() }
      if let product = WeightProduct(geometry, x: x, dy: dy, dw: dw) { return product.run() }
    default: break
    }
    ReferenceConvolution.weightGradient(geometry, x: x, dy: dy, dw: dw)
    return true
  }

  /// Which algorithm computes a convolution: the one place where that is decided.
  private static func plan(_ geometry: ConvolutionGeometry, _ wanted: ConvolutionAlgorithm) -> ConvolutionAlgorithm {
    // Nothing to add up, or lists of taps and phases that would be too long.
    let isOrdinary =
      geometry.mb > 0 && geometry.icPerGroup > 0 && geometry.ocPerGroup > 0 && geometry.outputPixels > 0
      && max(geometry.kd, geometry.kh, geometry.kw) <= 1 << 16 && geometry.taps <= 1 << 20
      && max(geometry.sd, geometry.sh, geometry.sw) <= 1 << 12
    guard isOrdinary, wanted != .reference else { return .reference }
    // Less than it takes to set up anything better.
    if wanted == .small || (wanted == .automatic && geometry.flops < 10_000) { return .small }
    if wanted == .winograd { return geometry.isWinogradPossible ? .winograd : .gemm }
    if wanted == .automatic, geometry.isWinogradWorthwhile { return .winograd }
    if wanted == .fourier && geometry.isPlanewise { return .fourier }
    if wanted == .automatic && geometry.isFourierWorthwhile { return .fourier }
    let isDirectPossible = geometry.icPerGroup == 1
    if wanted == .gemm || !isDirectPossible { return .gemm }
    // With several results for a channel, a matrix product has several rows, and wins from about four on.
    return wanted == .direct || wanted == .fourier || geometry.ocPerGroup < 4 ? .direct : .gemm
  }
}
