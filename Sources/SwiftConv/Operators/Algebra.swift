import SwiftConvKernels

/// `-x`.
enum Negative: UnaryOperator {
  static let name = "neg"
  static let kernel = UnaryOperation.negative
  static let domain = Domain.numbers
  static let keeps = Kept.nothing

  static func gradient(_ g: Tensor, _ _: Tensor) throws -> Tensor { try -g }
}

/// `|x|`; its slope at 0 is taken as 0.
enum Absolute: UnaryOperator {
  static let name = "abs"
  static let kernel = UnaryOperation.absolute
  static let domain = Domain.numbers
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor { try g * apply(Sign.self, [x]) }
}

/// -1, 0 or 1.
enum Sign: UnaryOperator {
  static let name = "sign"
  static let kernel = UnaryOperation.sign
  static let domain = Domain.numbers
  static let keeps = Kept.nothing

  static func gradient(_ g: Tensor, _ _: Tensor) throws -> Tensor { try g * 0 }
}

/// `x * x`.
enum Square: UnaryOperator {
  static let name = "square"
  static let kernel = UnaryOperation.square
  static let domain = Domain.numbers
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor {
    guard !GradientMode.isEnabled, g.shape == x.shape, g.dtype == x.dtype else { return try g * (x * 2) }
    let result = try Tensor.empty(x.shape, x.dtype)
    // The gradient of a sum is one number.
    let factor = g.repeatedNumber
    if let factor, x.isContiguous {
      let (from, to, dtype, count) = (Address(x), Address(result), x.dtype, x.count)
      compute(work: count) {
        Elementwise.unary(.mulScalar, from.pointer, into: to.pointer, dtype: dtype, count: count, p0: 2 * factor)
      }
      return result
    }
    let (xSource, resultTarget, xShape) = (x.source, result.target, x.shape)
    let (gSource, resultSource) = (g.source, result.source)
    compute(work: x.count) {
      Elementwise.unary(.mulScalar, xSource, into: resultTarget, shape: xShape, p0: 2 * (factor ?? 1))
      if factor != nil { return }
      // A second pass over the result.
      Elementwise.binary(.multiply, gSource, resultSource, into: resultTarget, shape: xShape)
    }
    return result
  }
}

/// `1 / x`.
enum Reciprocal: UnaryOperator {
  static let name = "reciprocal"
  static let kernel = UnaryOperation.reciprocal
  static let keeps = Kept.result

  static func gradient(_ g: Tensor, _ y: Tensor) throws -> Tensor { try -(g * y * y) }
}

/// The square root.
enum SquareRoot: UnaryOperator {
  static let name = "sqrt"
  static let kernel = UnaryOperation.sqrt
  static let keeps = Kept.result

  static func gradient(_ g: Tensor, _ y: Tensor) throws -> Tensor { try g / (2 * y) }
}

/// `1 / sqrt(x)`.
enum ReciprocalSquareRoot: UnaryOperator {
  static let name = "rsqrt"
  static let kernel = UnaryOperation.rsqrt
  static let keeps = Kept.result

  static func gradient(_ g: Tensor, _ y: Tensor) throws -> Tensor { try g * -0.5 * y * y * y }
}

/// The largest integer that is not greater; its slope is 0.
enum Floor: UnaryOperator {
  static let name = "floor"
  static let kernel = UnaryOperation.floor
  static let domain = Domain.numbers
  static let keeps = Kept.nothing

  static func gradient(_ g: Tensor, _ _: Tensor) throws -> Tensor { try g * 0 }
}

/// The smallest integer that is not smaller; its slope is 0.
enum Ceil: UnaryOperator {
  static let name = "ceil"
  static let kernel = UnaryOperation.ceil
  static let domain = Domain.numbers
  static let keeps = Kept.nothing

  static func gradient(_ g: Tensor, _ _: Tensor) throws -> Tensor { try g * 0 }
}

/// The nearest integer, to even from halfway; its slope is 0.
enum Round: UnaryOperator {
  static let name = "round"
  static let kernel = UnaryOperation.round
  static let domain = Domain.numbers
  static let keeps = Kept.nothing

  static func gradient(_ g: Tensor, _ _: Tensor) throws -> Tensor { try g * 0 }
}

/// The integer part; its slope is 0.
enum Truncate: UnaryOperator {
  static let name = "trunc"
  static let kernel = UnaryOperation.trunc
  static let domain = Domain.numbers
  static let keeps = Kept.nothing

  static func gradient(_ g: Tensor, _ _: Tensor) throws -> Tensor { try g * 0 }
}
