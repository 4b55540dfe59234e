/// Functions of one element. `p0` and `p1` are the parameters named beside a case.
public enum UnaryOperation: Int32, CaseIterable, Sendable {
  case negative, absolute, sign
  case exp, expm1, log, log1p, log2, log10
  case sqrt, rsqrt, reciprocal, square
  case sin, cos, tan, asin, acos, atan, sinh, cosh, tanh
  case sigmoid, relu
  /// `x > 0 ? x : p0 * x`.
  case leakyRelu
  /// `x · Φ(x)` by the error function.
  case gelu
  /// The approximation of `gelu` by tanh.
  case geluTanh
  case silu
  /// `log(1 + exp(p0 · x)) / p0`; `x` itself where `p0 · x > p1`.
  case softplus
  case erf, floor, ceil
  /// To the nearest integer, halves to even.
  case round
  case trunc
  /// `x` held between `p0` and `p1`; infinities mean no bound. NaN stays NaN.
  case clamp
  /// These three write `bool`.
  case logicalNot, isNaN, isInf
  case bitwiseNot
  /// `x` to the power `p0`.
  case powScalar
  /// `x + p0`.
  case addScalar
  /// `x · p0`.
  case mulScalar

  /// Whether the result is `bool` whatever the operand's type.
  @inlinable
  public var writesBool: Bool { self == .logicalNot || self == .isNaN || self == .isInf }
}

/// Functions of two elements. The gradients take the incoming gradient `g` first, and second the operand `x` or the
/// result `y` of the function they belong to.
public enum BinaryOperation: Int32, CaseIterable, Sendable {
  case add, subtract, multiply, divide
  /// Python's `//`.
  case floorDivide
  /// Python's `%`: the sign of the divisor.
  case remainder
  case power
  /// NaN wins in both.
  case maximum, minimum
  case atan2
  case bitwiseAnd, bitwiseOr, bitwiseXor
  /// Of `y`.
  case reluGradient, sigmoidGradient, tanhGradient
  /// Of `x`.
  case geluGradient, geluTanhGradient, siluGradient
  /// Of `x`, with the parameters of the function.
  case softplusGradient, leakyReluGradient
  /// Of `x`: `g` where `p0 <= x <= p1`, else 0.
  case clampGradient

  /// Whether the first operand is an incoming gradient.
  @inlinable
  public var isGradient: Bool { rawValue >= BinaryOperation.reluGradient.rawValue }
}

/// Comparisons of two elements. Only `notEqual` holds when one of them is NaN.
public enum Comparison: Int32, CaseIterable, Sendable {
  case equal, notEqual, less, lessEqual, greater, greaterEqual
}

/// What a reduction does with the elements it takes together.
public enum ReduceOperation: Int32, CaseIterable, Sendable {
  case sum, product
  /// NaN wins in both.
  case maximum, minimum
  /// These two write `bool`.
  case any, all
  case sumOfSquares
}
