// Contiguous rows of integers and booleans. Arithmetic wraps around.

/// `y[i] = op(x[i])`.
func integerUnary(
  _ op: UnaryOperation, _ dtype: DType, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ count: Int,
  _ p0: Double, _ p1: Double
) {
  switch dtype {
  case .bool:
    let y = y.assumingMemoryBound(to: UInt8.self)
    unaryElements(op == .bitwiseNot ? .logicalNot : op, x.assumingMemoryBound(to: UInt8.self), y, count, p0, p1)
    normalize(y, count)
  case .uint8:
    unaryElements(op, x.assumingMemoryBound(to: UInt8.self), y.assumingMemoryBound(to: UInt8.self), count, p0, p1)
  case .int32:
    unaryElements(op, x.assumingMemoryBound(to: Int32.self), y.assumingMemoryBound(to: Int32.self), count, p0, p1)
  default:
    unaryElements(op, x.assumingMemoryBound(to: Int64.self), y.assumingMemoryBound(to: Int64.self), count, p0, p1)
  }
}

/// `y[i] = op(a[i], b[i])`.
func integerBinary(
  _ op: BinaryOperation, _ dtype: DType, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ y: UnsafeMutableRawPointer,
  _ count: Int, _ p0: Double, _ p1: Double
) {
  switch dtype {
  case .bool:
    binaryElements(UInt8.self, op, a, b, y, count, p0, p1)
    normalize(y.assumingMemoryBound(to: UInt8.self), count)
  case .uint8: binaryElements(UInt8.self, op, a, b, y, count, p0, p1)
  case .int32: binaryElements(Int32.self, op, a, b, y, count, p0, p1)
  default: binaryElements(Int64.self, op, a, b, y, count, p0, p1)
  }
}

/// Booleans are computed as bytes; what is not 0 is true.
private func normalize(_ y: UnsafeMutablePointer<UInt8>, _ count: Int) {
  for index in 0..<count { y[index] = y[index] != 0 ? 1 : 0 }
}

@inline(__always)
private func unaryElements<T: FixedWidthInteger & Convertible>(
  _ op: UnaryOperation, _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ count: Int, _ p0: Double, _ p1: Double
) {
  @inline(__always)
  func map(_ body: (T) -> T) { for index in 0..<count { y[index] = body(x[index]) } }
  switch op {
  case .negative: map { 0 &- $0 }
  case .absolute: map { $0 < 0 ? 0 &- $0 : $0 }
  case .sign: map { $0.signum() }
  case .square: map { $0 &* $0 }
  case .relu: map { max($0, 0) }
  case .floor, .ceil, .round, .trunc: map { $0 }
  case .bitwiseNot: map { ~$0 }
  case .logicalNot: map { $0 == 0 ? 1 : 0 }
  case .clamp:
    // Bounds between two integers act as the next integer inside; a NaN is no bound.
    let low = p0.isNaN ? T.min : T(converting: p0.rounded(.up))
    let high = p1.isNaN ? T.max : T(converting: p1.rounded(.down))
    map { min(max($0, low), high) }
  case .addScalar where p0 == p0.rounded(.towardZero):
    let p = T(truncatingIfNeeded: Int64(converting: p0))
    map { $0 &+ p }
  case .mulScalar where p0 == p0.rounded(.towardZero):
    let p = T(truncatingIfNeeded: Int64(converting: p0))
    map { $0 &* p }
  case .powScalar where p0 >= 0 && p0 == p0.rounded(.towardZero):
    let p = Int64(converting: p0)
    map { wrappingPower($0, p) }
  default:
    // A function of real numbers, by way of float64.
    let kernel = Runtime.vector.elementwise.unary
    for index in 0..<count {
      var number = Double(x[index])
      withUnsafeMutableBytes(of: &number) { kernel(op, .float64, $0.baseAddress!, $0.baseAddress!, 1, p0, p1) }
      y[index] = T(converting: number)
    }
  }
}

@inline(__always)
private func binaryElements<T: FixedWidthInteger & Convertible>(
  _ type: T.Type, _ op: BinaryOperation, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ y: UnsafeMutableRawPointer,
  _ count: Int, _ p0: Double, _ p1: Double
) {
  let (a, b) = (a.assumingMemoryBound(to: T.self), b.assumingMemoryBound(to: T.self))
  let y = y.assumingMemoryBound(to: T.self)
  @inline(__always)
  func map(_ body: (T, T) -> T) { for index in 0..<count { y[index] = body(a[index], b[index]) } }
  switch op {
  case .add: map { $0 &+ $1 }
  case .subtract: map { $0 &- $1 }
  case .multiply: map { $0 &* $1 }
  case .divide: map { quotient($0, $1) }
  case .floorDivide: map { floorQuotient($0, $1) }
  case .remainder: map { floorRemainder($0, $1) }
  case .power: map { wrappingPower($0, Int64(truncatingIfNeeded: $1)) }
  case .maximum: map { max($0, $1) }
  case .minimum: map { min($0, $1) }
  case .bitwiseAnd: map { $0 & $1 }
  case .bitwiseOr: map { $0 | $1 }
  case .bitwiseXor: map { $0 ^ $1 }
  default:
    // A function of real numbers, by way of float64.
    let kernel = Runtime.vector.elementwise.binary
    for index in 0..<count {
      var numbers: InlineArray<2, Double> = [Double(a[index]), Double(b[index])]
      withUnsafeMutableBytes(of: &numbers) {
        kernel(op, .float64, $0.baseAddress!, $0.baseAddress! + 8, $0.baseAddress!, 1, p0, p1)
      }
      y[index] = T(converting: numbers[0])
    }
  }
}

/// Rounded towards zero; 0 for a divisor of 0.
@inline(__always)
private func quotient<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
  b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
}

@inline(__always)
private func floorQuotient<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
  let q = quotient(a, b)
  return q &* b != a && (a < 0) != (b < 0) && b != 0 ? q &- 1 : q
}

@inline(__always)
private func floorRemainder<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
  b == 0 ? 0 : a &- floorQuotient(a, b) &* b
}

/// By squaring. A negative exponent gives 0.
@inline(__always)
private func wrappingPower<T: FixedWidthInteger>(_ base: T, _ exponent: Int64) -> T {
  if exponent < 0 { return 0 }
  var (result, factor, rest) = (T(1), base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result = result &* factor }
    factor = factor &* factor
    rest >>= 1
  }
  return result
}
