/// How a convolution is computed. The first seven are what can be asked for by name; the others are what a plan may come
/// to.
public enum ConvolutionAlgorithm: Int, CaseIterable, Sendable {
  /// The fastest that fits.
  case automatic
  /// The fastest of those that only add up the products of the definition: not Winograd's, not the Fourier transform.
  case strict
  /// Vectors along the rows of each channel: for depthwise convolutions. Falls back to `gemm`.
  case direct
  /// As a matrix product. Falls back to `reference` where that would need too much scratch.
  case gemm
  /// With fewer multiplications than the definition has (`WinogradProduct`), for 3x3 taps with stride 1, with tiles of
  /// the better size. Falls back to `gemm`.
  case winograd
  /// Each channel on its own, by Fourier transforms of tiles (`FourierCorrelation`): for `correlate2D` and depthwise
  /// convolutions with large kernels and stride 1. Falls back to `direct`.
  case fourier
  /// As the definition says, in double precision, slowly.
  case reference
  /// As the definition says, with plain loops in the type of the arrays: what `automatic` takes for very small work.
  case small
  /// Winograd's algorithm with tiles of 2x2, of 3x3 and of 4x4 results.
  case winograd2, winograd3, winograd4

  /// What users call it.
  public var name: StaticString {
    switch self {
    case .automatic: "auto"
    case .strict: "strict"
    case .direct: "direct"
    case .gemm: "gemm"
    case .winograd: "winograd"
    case .fourier: "fft"
    case .reference: "reference"
    case .small: "small"
    case .winograd2: "winograd F(2x2, 3x3)"
    case .winograd3: "winograd F(3x3, 3x3)"
    case .winograd4: "winograd F(4x4, 3x3)"
    }
  }

  /// What can be asked for by name.
  public static var selectable: ArraySlice<ConvolutionAlgorithm> {
    allCases[...ConvolutionAlgorithm.reference.rawValue]
  }

  /// What it means for the correlation of one plane, where nil leaves the choice open.
  public var correlation: CorrelationAlgorithm? {
    switch self {
    case .automatic: nil
    case .fourier: .fourier
    case .reference: .reference
    default: .direct
    }
  }

  /// How many results a tile of Winograd's algorithm has along each axis.
  var winogradTile: Int { self == .winograd2 ? 2 : self == .winograd3 ? 3 : 4 }
}

/// Forward or one of the two gradients.
public enum ConvolutionPass: Int, CaseIterable, Sendable {
  case forward, inputGradient, weightGradient
}

/// Which algorithm computes a convolution, and why.
public struct ConvolutionPlan: Sendable {
  public let algorithm: ConvolutionAlgorithm
  public let reason: StaticString

  init(_ algorithm: ConvolutionAlgorithm, _ reason: StaticString) {
    (self.algorithm, self.reason) = (algorithm, reason)
  }
}

extension Convolution {
  /// Below this many multiplications and additions, setting up anything better than plain loops takes longer than they do.
  private static let smallWork = 10_000

  /// Which algorithm computes a convolution: the one place where that is decided. It follows from the geometry alone, so
  /// that a result does not depend on the machine's mood.
  public static func plan(
    _ geometry: ConvolutionGeometry, _ pass: ConvolutionPass, _ wanted: ConvolutionAlgorithm
  ) -> ConvolutionPlan {
    // Nothing to add up, or lists of taps and phases that would be too long.
    let isOrdinary =
      geometry.mb > 0 && geometry.icPerGroup > 0 && geometry.ocPerGroup > 0 && geometry.outputPixels > 0
      && max(geometry.kd, geometry.kh, geometry.kw) <= 1 << 16 && geometry.taps <= 1 << 20
      && max(geometry.sd, geometry.sh, geometry.sw) <= 1 << 12
    guard isOrdinary else { return ConvolutionPlan(.reference, "there is nothing to add up, or sizes are enormous") }
    switch wanted {
    case .reference: return ConvolutionPlan(.reference, "it was asked for")
    case .small: return ConvolutionPlan(.small, "it was asked for")
    case .winograd, .winograd2, .winograd3, .winograd4:
      guard geometry.isWinogradPossible else {
        return ConvolutionPlan(.gemm, "Winograd's algorithm is for 3x3 kernels with stride and dilation 1")
      }
      return ConvolutionPlan(
        wanted == .winograd ? geometry.cheaperWinograd(pass).algorithm : wanted, "it was asked for")
    case .automatic, .strict:
      if geometry.flops < smallWork { return ConvolutionPlan(.small, "there is too little work to prepare anything") }
      if wanted == .automatic, let plan = geometry.winogradPlan(pass) { return plan }
      if wanted == .automatic, geometry.isFourierWorthwhile {
        return ConvolutionPlan(.fourier, "for a kernel of this size, transforms take fewer operations than sums")
      }
    case .fourier where geometry.isPlanewise: return ConvolutionPlan(.fourier, "it was asked for")
    default: break
    }
    return planSums(geometry, wanted)
  }

  /// Which of the algorithms that add up the products of the definition.
  private static func planSums(_ geometry: ConvolutionGeometry, _ wanted: ConvolutionAlgorithm) -> ConvolutionPlan {
    if wanted == .gemm { return ConvolutionPlan(.gemm, "it was asked for") }
    guard geometry.icPerGroup == 1 else {
      return ConvolutionPlan(.gemm, "a matrix product keeps most multiplications in registers")
    }
    if wanted == .direct { return ConvolutionPlan(.direct, "it was asked for") }
    // With several results for a channel, a matrix product has several rows, and wins from about four on.
    return geometry.ocPerGroup < 4 || wanted == .fourier
      ? ConvolutionPlan(.direct, "each result channel sees one channel: a matrix would have hardly any rows")
      : ConvolutionPlan(.gemm, "several results share a channel")
  }
}

extension ConvolutionGeometry {
  /// The cost of a pass by Winograd's algorithm with tiles of `n` by `n`, in multiply-adds of one element at full speed.
  /// For each tile there are `(n + 2)²` products of a matrix. What the transforms cost besides was measured: they take
  /// loads and stores more than arithmetic.
  private func winogradCost(n: Int, _ pass: ConvolutionPass) -> Double {
    let (height, width) = pass == .inputGradient ? (ih, iw) : (oh, ow)
    let tiles = Double(mb) * Double(ceilingDivide(height, n)) * Double(ceilingDivide(width, n))
    let (ic, oc) = (Double(icPerGroup), Double(ocPerGroup))
    let points = Double((n + 2) * (n + 2))
    // For each tile and channel, and for each pair of channels. Channels are taken 16 at a time. With few tiles, the weight
    // is transformed for each eight of them, but not written down.
    let perTile = n == 4 ? 900.0 : n == 3 ? 600.0 : 300.0
    var perWeight = n == 4 ? 350.0 : n == 3 ? 260.0 : 200.0
    if n == 4, tiles <= Double(TileGrid.mostFewTiles) {
      perWeight = 200 + 30 * (tiles / 8).rounded(.up) + 8 * tiles
    }
    return Double(g) * (tiles * (points * ic * oc + perTile * (max(ic, 16) + max(oc, 16))) + perWeight * ic * oc)
  }

  /// The cost of a pass as a matrix product, in the same unit. The weight is packed, or read only a few times.
  private var productCost: Double {
    let (ic, oc) = (Double(icPerGroup), Double(ocPerGroup))
    return Double(g) * ic * oc * Double(taps) * (1.1 * Double(mb) * Double(outputPixels) + 16)
  }

  /// The better size of tiles.
  func cheaperWinograd(_ pass: ConvolutionPass) -> (algorithm: ConvolutionAlgorithm, cost: Double) {
    let (two, three, four) = (winogradCost(n: 2, pass), winogradCost(n: 3, pass), winogradCost(n: 4, pass))
    if three < min(two, four) { return (.winograd3, three) }
    return two < four ? (.winograd2, two) : (.winograd4, four)
  }

  /// Winograd's algorithm, if it is possible and cheaper than a matrix product.
  func winogradPlan(_ pass: ConvolutionPass) -> ConvolutionPlan? {
    guard isWinogradPossible else { return nil }
    let (algorithm, cost) = cheaperWinograd(pass)
    guard cost < productCost else { return nil }
    let reason: StaticString =
      switch algorithm {
      case .winograd4:
        "36 products give 16 results, which take 144 otherwise, and there are channels enough to pay for transforms"
      case .winograd3:
        "25 products give 9 results, which take 81 otherwise; larger tiles would reach beyond the small image"
      default: "16 products give 4 results, which take 36 otherwise; larger tiles would reach beyond the small image"
      }
    return ConvolutionPlan(algorithm, reason)
  }
}

/// The kernels behind `ConvolutionAlgorithm.gemm`, which all add up the products of the definition.
protocol ProductKernel {
  /// When it is taken, for people.
  static var reason: StaticString { get }
  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool
}

extension MatrixProduct: ProductKernel {
  static var reason: StaticString { "a 1x1 kernel has no windows: it is a matrix product of the arrays as they are" }
}

extension ImageVectorProduct: ProductKernel {
  static var reason: StaticString { "a product over windows, with vectors along the images: these are small and many" }
}

extension FewChannelProduct: ProductKernel {
  static var reason: StaticString { "a product over windows, with vectors along the few output channels" }
}

extension OverlapProduct: ProductKernel {
  static var reason: StaticString { "a matrix product without windows, whose results are added up where taps overlap" }
}

extension ImageVectorWeightProduct: ProductKernel {
  static var reason: StaticString { ImageVectorProduct.reason }
}

extension FewChannelWeightProduct: ProductKernel {
  static var reason: StaticString { FewChannelProduct.reason }
}

extension ConvolutionGeometry {
  /// The first that suits. Nil where the general one, over any windows, is the best.
  func specialForward(x: Source, w: Source, bias: Source?, y: Target) -> (any ProductKernel)? {
    if let product = pointwiseForward(x: x, w: w, bias: bias, y: y) { return product }
    if let product = ImageVectorProduct(forward: self, x: x, w: w, bias: bias, y: y) { return product }
    return FewChannelProduct(self, x: x, w: w, bias: bias, y: y)
  }

  func specialInputGradient(dy: Source, w: Source, dx: Target) -> (any ProductKernel)? {
    if let product = pointwiseInputGradient(dy: dy, w: w, dx: dx) { return product }
    if let product = ImageVectorProduct(inputGradient: self, dy: dy, w: w, dx: dx) { return product }
    return OverlapProduct(self, dy: dy, w: w, dx: dx)
  }

  func specialWeightGradient(x: Source, dy: Source, dw: Target) -> (any ProductKernel)? {
    if let product = pointwiseWeightGradient(x: x, dy: dy, dw: dw) { return product }
    if let product = ImageVectorWeightProduct(self, x: x, dy: dy, dw: dw) { return product }
    return FewChannelWeightProduct(self, x: x, dy: dy, dw: dw)
  }
}

extension Convolution {
  /// The plan with a reason that also says which kernel of a family is taken for dense arrays of float32. For people:
  /// it takes longer than `plan`.
  public static func explanation(
    _ geometry: ConvolutionGeometry, _ pass: ConvolutionPass, _ wanted: ConvolutionAlgorithm
  ) -> ConvolutionPlan {
    let plan = plan(geometry, pass, wanted)
    guard plan.algorithm == .gemm, wanted == .automatic || wanted == .strict else { return plan }
    let p = geometry
    // Only looked at, never read or written.
    let nowhere = UnsafeMutableRawPointer(bitPattern: 64)!
    func array(_ sizes: Dimensions) -> (source: Source, target: Target) {
      let strides = sizes.denseStrides
      return (
        Source(pointer: nowhere, strides: strides, dtype: .float32),
        Target(pointer: nowhere, strides: strides, dtype: .float32)
      )
    }
    let (x, w, y) = (
      array([p.mb, p.ic, p.id, p.ih, p.iw]), array([p.oc, p.icPerGroup, p.kd, p.kh, p.kw]),
      array([p.mb, p.oc, p.od, p.oh, p.ow])
    )
    let kernel: (any ProductKernel)? =
      switch pass {
      case .forward: geometry.specialForward(x: x.source, w: w.source, bias: nil, y: y.target)
      case .inputGradient: geometry.specialInputGradient(dy: y.source, w: w.source, dx: x.target)
      case .weightGradient: geometry.specialWeightGradient(x: x.source, dy: y.source, dw: w.target)
      }
    guard let kernel else { return plan }
    return ConvolutionPlan(.gemm, type(of: kernel).reason)
  }
}
