import SwiftConvKernels

// What all elementwise operators share: promotion, broadcasting, and the call of the kernel.

/// What an operator does with integers.
enum Domain {
  /// Any dtype but bool, kept.
  case numbers
  /// Floating point; integers become float32.
  case reals
}

enum Kept {
  case nothing
  case input
  case result
}

/// An operator on one tensor, element by element.
protocol UnaryOperator: ElementwiseOperator {
  static var kernel: UnaryOperation { get }
  static var domain: Domain { get }
  static var keeps: Kept { get }

  /// The gradient of the input, from the result's gradient and the kept value.
  static func gradient(_ g: Tensor, _ kept: Tensor) throws -> Tensor
}

extension UnaryOperator {
  static var domain: Domain { .reals }
  static var savesInputs: Bool { keeps == .input }

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let result = try Unary.forward(&call, kernel, domain)
    switch keeps {
    case .nothing: break
    case .input: call.save(try call[0])
    case .result: call.saveResult()
    }
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    [try self.gradient(gradient, keeps == .nothing ? gradient : try node.saved(0))]
  }
}

/// Where a dense tensor's elements begin, for the closures of kernels.
struct Address: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  init(_ tensor: Tensor) { pointer = tensor.pointer }
}

enum Unary {
  /// The input in the dtype in which the operator computes.
  static func operand(_ call: borrowing OperatorCall, _ domain: Domain) throws -> Tensor {
    let x = try call[0]
    switch domain {
    case .reals: return x.dtype.isFloatingPoint ? x : try withoutGradients { try x.cast(to: .float32) }
    case .numbers:
      guard x.dtype != .bool else {
        throw TensorError.type("\(call.name): is not defined for bool; convert it first, for example with .float()")
      }
      return x
    }
  }

  static func forward(
    _ call: inout OperatorCall, _ kernel: UnaryOperation, _ domain: Domain, p0: Double = 0, p1: Double = 0,
    resultType: DType? = nil
  ) throws -> Tensor {
    try run(call, kernel, operand(call, domain), p0: p0, p1: p1, resultType: resultType)
  }

  static func run(
    _ call: borrowing OperatorCall, _ kernel: UnaryOperation, _ x: Tensor, p0: Double, p1: Double = 0,
    resultType: DType? = nil
  ) throws -> Tensor {
    let result = try call.result(x.shape, resultType ?? x.dtype)
    if resultType == nil, x.dtype.isFloatingPoint, x.isContiguous, result.isContiguous {
      let (from, to, dtype, count) = (Address(x), Address(result), x.dtype, x.count)
      compute(work: count) {
        Elementwise.unary(kernel, from.pointer, into: to.pointer, dtype: dtype, count: count, p0: p0, p1: p1)
      }
      return result
    }
    let (xSource, resultTarget, xShape) = (x.source, result.target, x.shape)
    compute(work: x.count) { Elementwise.unary(kernel, xSource, into: resultTarget, shape: xShape, p0: p0, p1: p1) }
    return result
  }
}

enum Binary {
  /// Both operands in the dtype in which the operator computes, and the shape of the result.
  static func operands(_ call: borrowing OperatorCall, dtype: DType? = nil) throws -> (Tensor, Tensor, Dimensions) {
    let (a, b) = (try call[0], try call[1])
    let shape = try Layout.broadcast(a.shape, b.shape, for: call.name)
    let common = dtype ?? Promotion.resultType(a, b)
    return (try converted(a, common), try converted(b, common), shape)
  }

  static func converted(_ tensor: Tensor, _ dtype: DType) throws -> Tensor {
    if tensor.dtype == dtype { return tensor }
    if tensor.number != nil {
      tensor.convertNumber(to: dtype)
      return tensor
    }
    return try withoutGradients { try tensor.cast(to: dtype) }
  }

  static func run(
    _ call: borrowing OperatorCall, _ kernel: BinaryOperation, _ a: Tensor, _ b: Tensor, _ shape: Dimensions
  ) throws -> Tensor {
    let result = try call.result(shape, a.dtype)
    let count = result.count
    if a.dtype.isFloatingPoint, a.isContiguous, b.isContiguous, a.count == count, b.count == count, result.isContiguous
    {
      let (first, second, to, dtype) = (Address(a), Address(b), Address(result), a.dtype)
      compute(work: count) {
        Elementwise.binary(kernel, first.pointer, second.pointer, into: to.pointer, dtype: dtype, count: count)
      }
      return result
    }
    let (aSource, bSource, resultTarget) = (a.source(broadcastTo: shape), b.source(broadcastTo: shape), result.target)
    compute(work: count) {
      Elementwise.binary(
        kernel, aSource, bSource, into: resultTarget, shape: shape)
    }
    return result
  }

  /// The operand and the number of a floating-point operation with a number on either side, which does not mind the
  /// order; nil for two tensors.
  static func operandAndNumber(_ call: borrowing OperatorCall) throws -> (Tensor, Double)? {
    let (a, b) = (try call[0], try call[1])
    if let number = b.number, a.dtype.isFloatingPoint { return (a, number.doubleValue) }
    if let number = a.number, b.number == nil, b.dtype.isFloatingPoint { return (b, number.doubleValue) }
    return nil
  }

  static func forward(_ call: borrowing OperatorCall, _ kernel: BinaryOperation) throws -> Tensor {
    let (a, b, shape) = try operands(call)
    return try run(call, kernel, a, b, shape)
  }

  /// The dtype of a division: integers become float32.
  static func realType(_ call: borrowing OperatorCall) throws -> DType {
    let common = Promotion.resultType(try call[0], try call[1])
    return common.isFloatingPoint ? common : .float32
  }
}

/// A gradient as one pass over memory when it is not recorded, or as a formula of operators when it is.
func fusedGradient(
  _ kernel: BinaryOperation, _ g: Tensor, _ kept: Tensor, p0: Double = 0, p1: Double = 0, recorded: () throws -> Tensor
) throws -> Tensor {
  guard !GradientMode.isEnabled, g.shape == kept.shape, g.dtype == kept.dtype else { return try recorded() }
  let result = try Tensor.empty(g.shape, g.dtype)
  let (gSource, keptSource, resultTarget) = (g.source, kept.source, result.target)
  let gShape = g.shape
  compute(work: g.count) {
    Elementwise.binary(kernel, gSource, keptSource, into: resultTarget, shape: gShape, p0: p0, p1: p1)
  }
  return result
}
