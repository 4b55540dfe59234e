import CPlatform

/// How convolutions are to be computed, for the current thread.
public enum ConvolutionMode {
  public static var algorithm: ConvolutionAlgorithm {
    get { ConvolutionAlgorithm(rawValue: Int(sc_current_thread_state().pointee.conv_algorithm)) ?? .automatic }
    set { sc_current_thread_state().pointee.conv_algorithm = UInt8(newValue.rawValue) }
  }

  /// The algorithm of a name that users may ask for.
  public static func algorithm(named name: String) throws -> ConvolutionAlgorithm {
    for algorithm in ConvolutionAlgorithm.selectable where "\(algorithm.name)" == name { return algorithm }
    let names = ConvolutionAlgorithm.selectable.map { "'\($0.name)'" }.joined(separator: ", ")
    throw TensorError.value("conv_algorithm: there is no algorithm '\(name)'; there are \(names)")
  }

  /// What computes a pass of a convolution in the current mode, and why; for shapes of two axes, of `corr2d` in float32.
  ///
  /// - Parameters:
  ///   - pass: the convolution or one of its gradients.
  ///   - attributes: lists: the shapes of x and of the weight, then `ConvolutionArguments`.
  public static func plan(
    _ pass: ConvolutionPass, _ attributes: Attributes
  ) throws -> (algorithm: StaticString, reason: StaticString) {
    var reader = AttributeReader(attributes, for: "explain")
    var (x, weight) = (try reader.dimensions(), try reader.dimensions())
    let arguments = try ConvolutionArguments(&reader)
    let isPlane = x.count == 2 && weight.count == 2
    if isPlane {
      for _ in 0..<2 {
        x.insert(1, at: 0)
        weight.insert(1, at: 0)
      }
    }
    try arguments.checkChannels(x: x, weight: weight)
    let geometry = try arguments.geometry(x: x, weight: weight)
    if isPlane, pass == .forward {
      let plan = CorrelationPlan(
        oh: geometry.oh, ow: geometry.ow, kh: geometry.kh, kw: geometry.kw, dtype: .float32,
        wanted: algorithm.correlation)
      return (plan.algorithm.name, plan.reason)
    }
    let plan = Convolution.explanation(geometry, pass, algorithm)
    return (plan.algorithm.name, plan.reason)
  }
}
