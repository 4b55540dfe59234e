import SwiftConvKernels

/// `e ** x`.
enum Exponential: UnaryOperator {
  static let name = "exp"
  static let kernel = UnaryOperation.exp
  static let keeps = Kept.result

  static func gradient(_ g: Tensor, _ y: Tensor) throws -> Tensor { try g * y }
}

/// `e ** x - 1`, exact for small x.
enum ExponentialMinusOne: UnaryOperator {
  static let name = "expm1"
  static let kernel = UnaryOperation.expm1
  static let keeps = Kept.result

  static func gradient(_ g: Tensor, _ y: Tensor) throws -> Tensor { try g * (y + 1) }
}

/// The natural logarithm.
enum Logarithm: UnaryOperator {
  static let name = "log"
  static let kernel = UnaryOperation.log
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor { try g / x }
}

/// `log(1 + x)`, exact for small x.
enum LogarithmOnePlus: UnaryOperator {
  static let name = "log1p"
  static let kernel = UnaryOperation.log1p
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor { try g / (x + 1) }
}

/// The logarithm to base 2.
enum Logarithm2: UnaryOperator {
  static let name = "log2"
  static let kernel = UnaryOperation.log2
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor { try g / (x * 0.693147180559945309417) }
}

/// The logarithm to base 10.
enum Logarithm10: UnaryOperator {
  static let name = "log10"
  static let kernel = UnaryOperation.log10
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor { try g / (x * 2.30258509299404568402) }
}

/// The sine of an angle in radians.
enum Sine: UnaryOperator {
  static let name = "sin"
  static let kernel = UnaryOperation.sin
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor { try g * apply(Cosine.self, [x]) }
}

/// The cosine of an angle in radians.
enum Cosine: UnaryOperator {
  static let name = "cos"
  static let kernel = UnaryOperation.cos
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor { try -(g * apply(Sine.self, [x])) }
}

/// The tangent of an angle in radians.
enum Tangent: UnaryOperator {
  static let name = "tan"
  static let kernel = UnaryOperation.tan
  static let keeps = Kept.result

  static func gradient(_ g: Tensor, _ y: Tensor) throws -> Tensor { try g * (y * y + 1) }
}

/// The angle with sine x, in radians.
enum ArcSine: UnaryOperator {
  static let name = "asin"
  static let kernel = UnaryOperation.asin
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor {
    try g * apply(ReciprocalSquareRoot.self, [1 - x * x])
  }
}

/// The angle with cosine x, in radians.
enum ArcCosine: UnaryOperator {
  static let name = "acos"
  static let kernel = UnaryOperation.acos
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor {
    try -(g * apply(ReciprocalSquareRoot.self, [1 - x * x]))
  }
}

/// The angle with tangent x, in radians.
enum ArcTangent: UnaryOperator {
  static let name = "atan"
  static let kernel = UnaryOperation.atan
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor { try g / (x * x + 1) }
}

/// The hyperbolic sine.
enum HyperbolicSine: UnaryOperator {
  static let name = "sinh"
  static let kernel = UnaryOperation.sinh
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor { try g * apply(HyperbolicCosine.self, [x]) }
}

/// The hyperbolic cosine.
enum HyperbolicCosine: UnaryOperator {
  static let name = "cosh"
  static let kernel = UnaryOperation.cosh
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor { try g * apply(HyperbolicSine.self, [x]) }
}

/// The error function, `2 / sqrt(pi)` times the integral of `exp(-t * t)` from 0 to x.
enum ErrorFunction: UnaryOperator {
  static let name = "erf"
  static let kernel = UnaryOperation.erf
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor { try g * 1.12837916709551257390 * (-(x * x)).exp() }
}
