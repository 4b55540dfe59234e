/// Complex numbers in the lanes of two vectors.
struct ComplexVector<V: SIMD & BitwiseCopyable> where V.Scalar: FloatingPoint & BitwiseCopyable {
  var re: V
  var im: V

  @inline(__always)
  init(_ re: V, _ im: V) {
    self.re = re
    self.im = im
  }

  @inline(__always)
  static func + (a: Self, b: Self) -> Self { Self(a.re + b.re, a.im + b.im) }

  @inline(__always)
  static func - (a: Self, b: Self) -> Self { Self(a.re - b.re, a.im - b.im) }

  /// Times -i.
  @inline(__always)
  var turned: Self { Self(im, .zero - re) }

  /// `a - i * b`.
  @inline(__always)
  static func minusI(_ a: Self, _ b: Self) -> Self { Self(a.re + b.im, a.im - b.re) }

  /// `a + i * b`.
  @inline(__always)
  static func plusI(_ a: Self, _ b: Self) -> Self { Self(a.re - b.im, a.im + b.re) }

  @inline(__always)
  static func * (a: Self, b: Self) -> Self {
    var (re, im) = (a.re * b.re, a.re * b.im)
    multiplyAdd(&re, .zero - a.im, b.im)
    multiplyAdd(&im, a.im, b.re)
    return Self(re, im)
  }
}

/// A discrete Fourier transform of a few numbers, in registers.
protocol Butterfly {
  associatedtype V: SIMD & BitwiseCopyable where V.Scalar: FloatingPoint & BitwiseCopyable
  static var radix: Int { get }
  /// Element r of the result is the sum of element s times `exp(-2 pi i r s / radix)`. Elements from `radix` on do not
  /// matter.
  static func transform(_ x: inout InlineArray<8, ComplexVector<V>>)
}

enum Radix4<V: SIMD & BitwiseCopyable>: Butterfly where V.Scalar: FloatingPoint & BitwiseCopyable {
  @inline(__always)
  static var radix: Int { 4 }

  @inline(__always)
  static func transform(_ x: inout InlineArray<8, ComplexVector<V>>) {
    let (a, b, c, d) = (x[0] + x[2], x[0] - x[2], x[1] + x[3], x[1] - x[3])
    x[0] = a + c
    x[1] = .minusI(b, d)
    x[2] = a - c
    x[3] = .plusI(b, d)
  }
}

enum Radix8<V: SIMD & BitwiseCopyable>: Butterfly
where V.Scalar: FloatingPoint & BitwiseCopyable & ExpressibleByFloatLiteral {
  @inline(__always)
  static var radix: Int { 8 }

  @inline(__always)
  static func transform(_ x: inout InlineArray<8, ComplexVector<V>>) {
    let half = V(repeating: 0.70710678118654752440)
    let (a0, a4) = (x[0] + x[4], x[0] - x[4])
    let (a2, a6) = (x[2] + x[6], x[2] - x[6])
    let (b0, b2) = (a0 + a2, a0 - a2)
    let (b1, b3) = (ComplexVector.minusI(a4, a6), ComplexVector.plusI(a4, a6))
    let (a1, a5) = (x[1] + x[5], x[1] - x[5])
    let (a3, a7) = (x[3] + x[7], x[3] - x[7])
    let (c0, c2) = (a1 + a3, a1 - a3)
    let (c1, c3) = (ComplexVector.minusI(a5, a7), ComplexVector.plusI(a5, a7))
    // c1 times exp(-pi i / 4) is half * d1, c3 times exp(-3 pi i / 4) is -half * d3.
    let d1 = ComplexVector(c1.re + c1.im, c1.im - c1.re)
    let d3 = ComplexVector(c3.re - c3.im, c3.re + c3.im)
    x[0] = b0 + c0
    x[4] = b0 - c0
    x[2] = .minusI(b2, c2)
    x[6] = .plusI(b2, c2)
    x[1] = plus(b1, half, d1)
    x[5] = minus(b1, half, d1)
    x[3] = minus(b3, half, d3)
    x[7] = plus(b3, half, d3)
  }

  @inline(__always)
  private static func plus(_ a: ComplexVector<V>, _ factor: V, _ b: ComplexVector<V>) -> ComplexVector<V> {
    var sum = a
    multiplyAdd(&sum.re, factor, b.re)
    multiplyAdd(&sum.im, factor, b.im)
    return sum
  }

  @inline(__always)
  private static func minus(_ a: ComplexVector<V>, _ factor: V, _ b: ComplexVector<V>) -> ComplexVector<V> {
    plus(a, .zero - factor, b)
  }
}
