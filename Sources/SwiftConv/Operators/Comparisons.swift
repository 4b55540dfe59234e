import SwiftConvKernels

// Comparisons and logic. Their results are bool, so no gradient goes through them.

protocol ComparisonOperator: ElementwiseOperator {
  static var comparison: Comparison { get }
}

extension ComparisonOperator {
  static var arity: Int { 2 }

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (a, b, shape) = try Binary.operands(call)
    let result = try call.result(shape, .bool)
    let (aSource, bSource, resultTarget) = (a.source(broadcastTo: shape), b.source(broadcastTo: shape), result.target)
    compute(work: result.count) {
      Elementwise.compare(
        comparison, aSource, bSource, into: resultTarget, shape: shape)
    }
    return result
  }
}

/// `a == b`.
enum Equal: ComparisonOperator {
  static let name = "eq"
  static let comparison = Comparison.equal
}

/// `a != b`.
enum NotEqual: ComparisonOperator {
  static let name = "ne"
  static let comparison = Comparison.notEqual
}

/// `a < b`.
enum Less: ComparisonOperator {
  static let name = "lt"
  static let comparison = Comparison.less
}

/// `a <= b`.
enum LessEqual: ComparisonOperator {
  static let name = "le"
  static let comparison = Comparison.lessEqual
}

/// `a > b`.
enum Greater: ComparisonOperator {
  static let name = "gt"
  static let comparison = Comparison.greater
}

/// `a >= b`.
enum GreaterEqual: ComparisonOperator {
  static let name = "ge"
  static let comparison = Comparison.greaterEqual
}

/// Operators on the bits of integers, and on bools as truth values.
protocol BitwiseOperator: ElementwiseOperator {
  static var kernel: BinaryOperation { get }
}

extension BitwiseOperator {
  static var arity: Int { 2 }

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (a, b, shape) = try Binary.operands(call)
    guard !a.dtype.isFloatingPoint else {
      throw TensorError.type("\(name): is defined for integers and bools, got \(a.dtype.name)")
    }
    return try Binary.run(call, kernel, a, b, shape)
  }
}

/// `a & b`.
enum BitwiseAnd: BitwiseOperator {
  static let name = "bitwise_and"
  static let kernel = BinaryOperation.bitwiseAnd
}

/// `a | b`.
enum BitwiseOr: BitwiseOperator {
  static let name = "bitwise_or"
  static let kernel = BinaryOperation.bitwiseOr
}

/// `a ^ b`.
enum BitwiseXor: BitwiseOperator {
  static let name = "bitwise_xor"
  static let kernel = BinaryOperation.bitwiseXor
}

/// `~a`; for bools, not.
enum BitwiseNot: ElementwiseOperator {
  static let name = "bitwise_not"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    guard !x.dtype.isFloatingPoint else {
      throw TensorError.type("\(name): is defined for integers and bools, got \(x.dtype.name)")
    }
    let result = try call.result(x.shape, x.dtype)
    let kernel: UnaryOperation = x.dtype == .bool ? .logicalNot : .bitwiseNot
    let (xSource, resultTarget, xShape) = (x.source, result.target, x.shape)
    compute(work: x.count) { Elementwise.unary(kernel, xSource, into: resultTarget, shape: xShape) }
    return result
  }
}

/// Operators that ask a question of every element.
protocol PredicateOperator: ElementwiseOperator {
  static var kernel: UnaryOperation { get }
}

extension PredicateOperator {
  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    let result = try call.result(x.shape, .bool)
    let (xSource, resultTarget, xShape) = (x.source, result.target, x.shape)
    compute(work: x.count) { Elementwise.unary(kernel, xSource, into: resultTarget, shape: xShape) }
    return result
  }
}

/// True where the element is 0.
enum LogicalNot: PredicateOperator {
  static let name = "logical_not"
  static let kernel = UnaryOperation.logicalNot
}

/// True where the element is not a number.
enum IsNaN: PredicateOperator {
  static let name = "isnan"
  static let kernel = UnaryOperation.isNaN
}

/// True where the element is infinite.
enum IsInfinite: PredicateOperator {
  static let name = "isinf"
  static let kernel = UnaryOperation.isInf
}

/// `a` where the condition holds, `b` elsewhere.
enum Where: ElementwiseOperator {
  static let name = "where"
  static let arity = 3

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let condition = try call[0]
    guard condition.dtype == .bool else {
      throw TensorError.type("where: the condition has dtype \(condition.dtype.name), expected bool; compare it first")
    }
    let (a, b) = (try call[1], try call[2])
    let dtype = Promotion.resultType(a, b)
    let values = try Layout.broadcast(a.shape, b.shape, for: name)
    let shape = try Layout.broadcast(condition.shape, values, for: name)
    let (x, y) = (try Binary.converted(a, dtype), try Binary.converted(b, dtype))
    let result = try call.result(shape, dtype)
    let (conditionSource, xSource, ySource) = (
      condition.source(broadcastTo: shape), x.source(broadcastTo: shape), y.source(broadcastTo: shape)
    )
    let resultTarget = result.target
    compute(work: result.count) {
      Elementwise.select(
        conditionSource, xSource, ySource,
        into: resultTarget, shape: shape)
    }
    call.save(condition)
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let condition = try node.saved(0)
    let zero = try Tensor.zeros([], gradient.dtype)
    return [
      nil,
      node.needsGradient(1) ? try gradient.selected(where: condition, else: zero) : nil,
      node.needsGradient(2) ? try zero.selected(where: condition, else: gradient) : nil,
    ]
  }
}
