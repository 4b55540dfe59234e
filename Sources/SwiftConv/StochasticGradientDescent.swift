/// Stochastic gradient descent, with momentum if wanted.
///
/// `v = momentum * v + gradient`, `w = w - learningRate * v`
///
/// - Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013
public final class StochasticGradientDescent {
  /// What is trained.
  public let parameters: [Tensor]

  public var learningRate: Double
  public var momentum: Double

  /// The running sum of gradients, one for each parameter; empty until a step with momentum.
  private var velocities: [Tensor?]

  /// - Parameters:
  ///   - parameters: leaves that require grad.
  ///   - learningRate: the size of a step.
  ///   - momentum: how much of the last step goes into the next one, from 0 to 1.
  /// - Throws: `TensorError` when a parameter is no leaf that requires grad, or a number is negative.
  public init(_ parameters: [Tensor], learningRate: Double, momentum: Double = 0) throws {
    for (index, parameter) in parameters.enumerated() where !(parameter.isLeaf && parameter.requiresGrad) {
      throw TensorError.value(
        "StochasticGradientDescent: parameter \(index) of shape \(parameter.shape) is not a leaf that requires grad; "
          + "call setRequiresGrad(true) on it")
    }
    guard learningRate >= 0, momentum >= 0 else {
      throw TensorError.value(
        "StochasticGradientDescent: learningRate \(learningRate) and momentum \(momentum) must not be negative")
    }
    self.parameters = parameters
    self.learningRate = learningRate
    self.momentum = momentum
    velocities = Array(repeating: nil, count: parameters.count)
  }

  /// Changes all parameters that have a gradient.
  ///
  /// - Throws: `TensorError` when a parameter lies in memory that cannot be written.
  public func step() throws {
    try withoutGradients {
      for (index, parameter) in parameters.enumerated() {
        guard var step = parameter.grad else { continue }
        if momentum > 0 {
          if let velocity = velocities[index] { step = try velocity * momentum + step }
          velocities[index] = try step.cloned()
        }
        try applyInPlace(Subtract.self, [parameter, step * learningRate])
      }
    }
  }

  /// Forgets all gradients; to be called between two steps, because gradients add up.
  public func clear() {
    for parameter in parameters { parameter.grad = nil }
  }
}
