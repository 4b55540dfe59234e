import SwiftConvKernels

/// `a + b`, with broadcasting.
enum Add: ElementwiseOperator {
  static let name = "add"
  static let arity = 2
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    if let (x, number) = try Binary.operandAndNumber(call) { return try Unary.run(call, .addScalar, x, p0: number) }
    return try Binary.forward(call, .add)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] { [gradient, gradient] }
}

/// `a - b`, with broadcasting.
enum Subtract: ElementwiseOperator {
  static let name = "sub"
  static let arity = 2
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (a, b) = (try call[0], try call[1])
    guard a.dtype != .bool || b.dtype != .bool else {
      throw TensorError.type("sub: is not defined for two bool tensors; use ^ or logical operators")
    }
    if let number = b.number, a.dtype.isFloatingPoint {
      return try Unary.forward(&call, .addScalar, .numbers, p0: -number.doubleValue)
    }
    return try Binary.forward(call, .subtract)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    [gradient, node.needsGradient(1) ? try -gradient : nil]
  }
}

/// `a * b`, with broadcasting.
enum Multiply: ElementwiseOperator {
  static let name = "mul"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    call.save(try call[0])
    call.save(try call[1])
    if let (x, number) = try Binary.operandAndNumber(call) { return try Unary.run(call, .mulScalar, x, p0: number) }
    return try Binary.forward(call, .multiply)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    [
      node.needsGradient(0) ? try gradient * node.saved(1) : nil,
      node.needsGradient(1) ? try gradient * node.saved(0) : nil,
    ]
  }
}

/// `a / b`, with broadcasting; integers divide to float32.
enum Divide: ElementwiseOperator {
  static let name = "div"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    call.save(try call[0])
    call.save(try call[1])
    let (a, b, shape) = try Binary.operands(call, dtype: Binary.realType(call))
    return try Binary.run(call, .divide, a, b, shape)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let b = try node.saved(1)
    let quotient = try gradient / b
    return [quotient, node.needsGradient(1) ? try -(quotient * node.saved(0) / b) : nil]
  }
}

/// `floor(a / b)`. Division of integers by zero is an error.
enum FloorDivide: ElementwiseOperator {
  static let name = "floor_divide"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (a, b, shape) = try Binary.operands(call)
    try checkDivisor(b, for: name)
    return try Binary.run(call, .floorDivide, a, b, shape)
  }

  /// Floating-point division by zero gives infinities; integers have none.
  static func checkDivisor(_ b: Tensor, for name: String) throws {
    guard !b.dtype.isFloatingPoint, b.count > 0 else { return }
    let isNonZero = try Tensor.empty([], .bool)
    let all = Dimensions(repeating: 0, count: b.rank)
    Reduction.reduce(
      .all, b.source, into: Target(pointer: isNonZero.pointer, strides: all, dtype: .bool), shape: b.shape,
      axes: try Layout.axisMask([], rank: b.rank, for: name))
    guard try isNonZero.item() != 0 else {
      throw TensorError(.value, "\(name): integer division by zero")
    }
  }
}

/// The remainder of `floor_divide`: it has the divisor's sign, as in Python.
enum Remainder: ElementwiseOperator {
  static let name = "remainder"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    call.save(try call[0])
    call.save(try call[1])
    let (a, b, shape) = try Binary.operands(call)
    try FloorDivide.checkDivisor(b, for: name)
    return try Binary.run(call, .remainder, a, b, shape)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let quotient = node.needsGradient(1) ? try apply(Floor.self, [node.saved(0) / node.saved(1)]) : nil
    return [gradient, try quotient.map { try -(gradient * $0) }]
  }
}

/// `a ** b`, with broadcasting.
enum Power: ElementwiseOperator {
  static let name = "pow"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (a, b) = (try call[0], try call[1])
    call.save(a)
    call.save(b)
    if let number = b.number, a.dtype.isFloatingPoint {
      let exponent = number.doubleValue
      return try Unary.forward(&call, exponent == 2 ? .square : .powScalar, .numbers, p0: exponent)
    }
    // For the exponent's gradient, which a number has not.
    call.saveResult()
    let (base, exponent, shape) = try Binary.operands(call)
    if !base.dtype.isFloatingPoint && exponent.count > 0 && base.dtype != .uint8 && base.dtype != .bool {
      let lowest = try withoutGradients { try apply(MinimumReduction.self, [exponent], Reduce.attributes([], false)) }
      guard try lowest.integerItem() >= 0 else {
        throw TensorError.value("pow: integers to negative integer powers are not integers; use .float() first")
      }
    }
    return try Binary.run(call, .power, base, exponent, shape)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let (a, b) = (try node.saved(0), try node.saved(1))
    var results: [Tensor?] = [nil, nil]
    if node.needsGradient(0) {
      if let exponent = b.number?.doubleValue {
        // A zero exponent gives a constant, also at 0 where the formula would give 0 * inf.
        results[0] =
          switch exponent {
          case 0: try gradient * 0
          case 1: gradient
          case 2: try Square.gradient(gradient, a)
          default: try gradient * exponent * a.power(exponent - 1)
          }
      } else {
        let slope = try gradient * b * apply(Power.self, [a, b - 1])
        let isConstant = try b.isEqual(to: .number(0))
        results[0] = try Tensor.zeros([], slope.dtype).selected(where: isConstant, else: slope)
      }
    }
    if node.needsGradient(1) {
      let slope = try gradient * node.saved(2) * a.log()
      // 0 ** b is 0 for every b > 0, so its slope is 0 and not 0 * -inf.
      let isZero = try a.isEqual(to: .number(0))
      results[1] = try Tensor.zeros([], slope.dtype).selected(where: isZero, else: slope)
    }
    return results
  }
}

/// The larger of two; where both are equal each gets half of the gradient.
enum Maximum: ElementwiseOperator {
  static let name = "maximum"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    call.save(try call[0])
    call.save(try call[1])
    return try Binary.forward(call, .maximum)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    try Extremum.gradients(gradient, node.saved(0), node.saved(1))
  }
}

/// The smaller of two; where both are equal each gets half of the gradient.
enum Minimum: ElementwiseOperator {
  static let name = "minimum"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    call.save(try call[0])
    call.save(try call[1])
    return try Binary.forward(call, .minimum)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    try Extremum.gradients(gradient, node.saved(1), node.saved(0))
  }
}

private enum Extremum {
  /// Gradients when `a` wins by being greater than `b`; the caller swaps the operands for the minimum.
  static func gradients(_ g: Tensor, _ a: Tensor, _ b: Tensor) throws -> [Tensor?] {
    let half = try a.isEqual(to: b).cast(to: g.dtype) * 0.5
    let first = try a.isGreater(than: b).cast(to: g.dtype) + half
    return [try g * first, try g * (1 - first)]
  }
}

/// The angle of the point (b, a).
enum Atan2: ElementwiseOperator {
  static let name = "atan2"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    call.save(try call[0])
    call.save(try call[1])
    let (a, b, shape) = try Binary.operands(call, dtype: Binary.realType(call))
    return try Binary.run(call, .atan2, a, b, shape)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let (a, b) = (try node.saved(0), try node.saved(1))
    let scaled = try gradient / (a.square() + b.square())
    return [try scaled * b, try -(scaled * a)]
  }
}
