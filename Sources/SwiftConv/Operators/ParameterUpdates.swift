import SwiftConvKernels

/// The memory of a step's inputs, each of as many elements.
private struct Elements: @unchecked Sendable {
  let pointers: [UnsafeMutableRawPointer]
  let dtype: DType
  let count: Int
}

/// What the steps of optimizers have in common: they are applied in place to a parameter, and change its running values,
/// which are inputs as well.
private protocol ParameterStep: ElementwiseOperator {}

extension ParameterStep {
  static var arity: Int { -1 }
  static var savesInputs: Bool { false }

  /// Runs a step on dense copies where a tensor is not dense itself. `update` gets the memory of all inputs.
  fileprivate static func run(_ call: borrowing OperatorCall, _ update: @Sendable (Elements) -> Void) throws -> Tensor {
    let (parameter, inputs) = (try call[0], call.inputs.array)
    for slot in inputs.indices { try check(try call[slot], parameter, isState: slot > 1) }
    return try withoutGradients {
      let inPlace = call.destination.map { $0.isContiguous && $0.isSameMemory(as: parameter) } ?? false
      let target = inPlace ? parameter : try dense(parameter, isCopy: true)
      let rest = try inputs.dropFirst().compactMap { try $0.map { try dense($0, isCopy: false) } }
      let elements = Elements(
        pointers: ([target] + rest).map(\.pointer), dtype: parameter.dtype, count: parameter.count)
      compute(work: parameter.count * 4) { update(elements) }
      for (original, changed) in zip(inputs.dropFirst(2), rest.dropFirst()) {
        guard let original else { continue }
        if changed.isSameMemory(as: original) {
          original.storage.version += 1
        } else {
          try applyInPlace(Copy.self, [original, changed])
        }
      }
      return target
    }
  }

  fileprivate static func check(
    _ call: borrowing OperatorCall, has counts: ClosedRange<Int>, _ expected: String
  ) throws {
    guard counts.contains(call.inputs.count) else {
      throw TensorError.type("\(name): got \(call.inputs.count) tensors, expected \(expected)")
    }
  }

  private static func dense(_ tensor: Tensor, isCopy: Bool) throws -> Tensor {
    if !tensor.isContiguous { return try tensor.contiguous() }
    return isCopy ? try tensor.cloned() : tensor
  }

  private static func check(_ tensor: Tensor, _ parameter: Tensor, isState: Bool) throws {
    guard parameter.dtype.isFloatingPoint, tensor.dtype == parameter.dtype else {
      throw TensorError.type(
        "\(name): the parameter is \(parameter.dtype.name), its gradient or running value \(tensor.dtype.name); all must "
          + "be of the same floating-point type: convert with .to()")
    }
    guard tensor.shape == parameter.shape else {
      throw TensorError.value(
        "\(name): the parameter has shape \(parameter.shape), its gradient or running value \(tensor.shape)")
    }
    if isState && !tensor.isWritable {
      throw TensorError.value("\(name): a running value is on memory that cannot be written; use clone() on it")
    }
  }
}

/// A step of stochastic gradient descent.
///
/// - Inputs: parameter, gradient, and with momentum the velocity, which is changed.
/// - Attributes: numbers: rate, momentum, dampening, weight decay; truths: Nesterov's form, whether to climb, whether the
///   velocity begins with this step.
/// - Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013
enum DescentStep: ParameterStep {
  static let name = "descent_step"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    try check(call, has: 2...3, "a parameter, a gradient and a velocity")
    var reader = call.reader
    let options = ParameterUpdate.Descent(
      rate: try reader.double(), momentum: try reader.double(), dampening: try reader.double(),
      decay: try reader.double(), isNesterov: try reader.bool(), isAscent: try reader.bool(),
      isFirst: try reader.bool())
    return try run(call) {
      let memory = $0.pointers
      ParameterUpdate.descend(
        options, $0.dtype, count: $0.count, parameter: memory[0], gradient: UnsafeRawPointer(memory[1]),
        velocity: memory.count > 2 ? memory[2] : nil)
    }
  }
}

/// A step of Adam.
///
/// - Inputs: parameter, gradient, the running means of gradients and of their squares, and the largest of the latter so far
///   if steps are to be divided by it. The running values are changed.
/// - Attributes: numbers: rate, the two shares that the means keep, epsilon, weight decay; truths: whether the decay is
///   decoupled, whether to climb; integer: the number of the step, from 1 on.
/// - Source: Kingma, Ba, "Adam: A Method for Stochastic Optimization" (2014), arXiv:1412.6980
enum AdamStep: ParameterStep {
  static let name = "adam_step"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    try check(call, has: 4...5, "a parameter, a gradient and its means")
    var reader = call.reader
    let options = ParameterUpdate.Adaptive(
      rate: try reader.double(), first: try reader.double(), second: try reader.double(),
      epsilon: try reader.double(), decay: try reader.double(), isDecoupled: try reader.bool(),
      isAscent: try reader.bool(), step: try reader.int())
    return try run(call) {
      let memory = $0.pointers
      ParameterUpdate.adapt(
        options, $0.dtype, count: $0.count, parameter: memory[0], gradient: UnsafeRawPointer(memory[1]),
        mean: memory[2], square: memory[3], largest: memory.count > 4 ? memory[4] : nil)
    }
  }
}
