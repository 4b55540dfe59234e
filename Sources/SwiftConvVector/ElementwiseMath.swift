// Functions of a register. Each is branch-free: special values are put right by selection at the end. The errors stated
// were measured against libm in float64, with and without fused multiply-add.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A function of the C library, in its float32 or float64 form.
@inline(__always)
func library<T: BinaryFloatingPoint>(_ x: T, _ single: (Float) -> Float, _ double: (Double) -> Double) -> T {
  T.self == Float.self ? T(single(Float(x))) : T(double(Double(x)))
}

@inline(__always)
func library<T: BinaryFloatingPoint>(
  _ x: T, _ y: T, _ single: (Float, Float) -> Float, _ double: (Double, Double) -> Double
) -> T {
  T.self == Float.self ? T(single(Float(x), Float(y))) : T(double(Double(x), Double(y)))
}

@inline(__always)
private func doubleErf(_ x: Double) -> Double { erf(x) }

extension Lanes {
  /// The polynomial with these coefficients, the highest power first, by Horner's rule.
  @inline(__always)
  static func horner(_ x: Self, _ c0: Double, _ c1: Double, _ c2: Double, _ c3: Double) -> Self {
    multiplyAdd(multiplyAdd(multiplyAdd(Self(c0), x, Self(c1)), x, Self(c2)), x, Self(c3))
  }

  /// Three more steps of Horner's rule.
  @inline(__always)
  static func hornerOn(_ start: Self, _ x: Self, _ c0: Double, _ c1: Double, _ c2: Double) -> Self {
    multiplyAdd(multiplyAdd(multiplyAdd(start, x, Self(c0)), x, Self(c1)), x, Self(c2))
  }

  /// `exp(x) = (1 + p) · 2^n`, with |p| below 0.42. The limits keep `n` where the caller can scale by it, yet let results
  /// overflow and vanish. NaN ends up in `p`.
  @inline(__always)
  static func exponential(_ x: Self, above low: Double, below high: Double) -> (p: Self, n: Self) {
    // Cody and Waite: n · high part of ln 2 is exact, so r is as good as x.
    let x = choose(x .> Self(high), Self(high), choose(x .< Self(low), Self(low), x))
    // Adding `magic` rounds to the nearest integer.
    let n = multiplyAdd(x, Self(1.4426950408889634), Self(repeating: magic)) - Self(repeating: magic)
    if isDouble {
      var r = multiplyAdd(n, Self(-6.93147180369123816490e-01), x)
      r = multiplyAdd(n, Self(-1.90821492927058770002e-10), r)
      // The Taylor series to r^13: the rest is below 2^-57 for |r| < 0.3466.
      var q = horner(r, 1 / 6227020800, 1 / 479001600, 1 / 39916800, 1 / 3628800)
      q = hornerOn(q, r, 1 / 362880, 1 / 40320, 1 / 5040)
      q = hornerOn(q, r, 1 / 720, 1 / 120, 1 / 24)
      q = multiplyAdd(multiplyAdd(q, r, Self(1 / 6)), r, Self(0.5))
      return (multiplyAdd(r * r, q, r), n)
    }
    var r = multiplyAdd(n, Self(-0.693359375), x)
    r = multiplyAdd(n, Self(2.12194440e-4), r)
    // Minimax for the relative error of exp(r) with |r| < 0.347, which is below 2^-28.
    let q = horner(r, 1.38144669662e-3, 8.36878049765e-3, 4.16683942191e-2, 1.66665201071e-1)
    return (multiplyAdd(r * r, multiplyAdd(q, r, Self(4.99999934124e-1)), r), n)
  }

  /// At most 1 ulp.
  @inline(__always)
  static func exp(_ x: Self) -> Self {
    let (p, n) = exponential(x, above: isDouble ? -760 : -110, below: isDouble ? 720 : 100)
    // Two factors: results below the smallest normal number are rounded by the last multiplication.
    let distance: Double = isDouble ? 512 : 64
    let isSmall = n .< Self(0)
    let scale = powerOfTwo(n, plus: choose(isSmall, Self(distance), Self(-distance)))
    let (less, more) = isDouble ? (0x1p-512, 0x1p512) : (0x1p-64, 0x1p64)
    return multiplyAdd(p, scale, scale) * choose(isSmall, Self(less), Self(more))
  }

  /// At most 2 ulp.
  @inline(__always)
  static func expm1(_ x: Self) -> Self {
    // Below -40 the result is -1. Just above the largest results the halved powers still are finite.
    let (p, n) = exponential(x, above: -40, below: isDouble ? 709.9 : 89)
    let half = powerOfTwo(n, plus: Self(-1))
    let value = multiplyAdd(half, p, half - Self(0.5))
    return value + value
  }

  /// At most 1 ulp. Reduction and polynomials of FreeBSD's msun (e_log.c, e_logf.c).
  @inline(__always)
  static func log(_ x: Self) -> Self {
    let tiny = x .< Self(repeating: Scalar.leastNormalMagnitude)
    let normal = choose(tiny, x * Self(isDouble ? 0x1p54 : 0x1p25), x)
    let (exponent, m) = split(normal)
    let k = choose(tiny, exponent - Self(isDouble ? 54 : 25), exponent)
    let f = m - Self(1)
    let s = f / (f + Self(2))
    let z = s * s
    let halfSquare = Self(0.5) * f * f
    var result: Self
    if isDouble {
      var q = horner(
        z, 1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01)
      q = hornerOn(q, z, 2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01)
      let r = halfSquare + q * z
      result = multiplyAdd(k, Self(1.90821492927058770002e-10), s * r) - halfSquare + f
      result = multiplyAdd(k, Self(6.93147180369123816490e-01), result)
    } else {
      let q = horner(z, 0x1.f13c4cp-3, 0x1.23d3dcp-2, 0x1.999c26p-2, 0x1.555554p-1)
      let r = halfSquare + q * z
      result = multiplyAdd(k, Self(9.0580006145e-06), s * r) - halfSquare + f
      result = multiplyAdd(k, Self(6.9313812256e-01), result)
    }
    result = choose(x .< Self(repeating: .infinity), result, x)  // infinity and NaN are their own logarithms
    result = choose(x .< Self(0), Self(repeating: .nan), result)
    return choose(x .== Self(0), Self(repeating: -.infinity), result)
  }

  /// The logarithm of the rounded `1 + x`, and what the rounding lost. At most 1.5 ulp.
  @inline(__always)
  static func log1p(_ x: Self) -> Self {
    let u = x + Self(1)
    let lost = choose(u .> Self(2), Self(1) - (u - x), x - (u - Self(1)))
    let logarithm = log(u)
    // At -1 and below, and at infinity, the logarithm is final and the correction is not a number.
    let ordinary = choose(u .> Self(0), logarithm + lost / u, logarithm)
    return choose(x .< Self(repeating: .greatestFiniteMagnitude), ordinary, logarithm)
  }

  /// Below 0.625 by Moshier's approximations (Cephes tanhf and tanh), else by `exp`.
  @inline(__always)
  static func tanh(_ x: Self) -> Self {
    let a = x.magnitude
    let z = x * x
    var near: Self
    if isDouble {
      let p = hornerOn(Self(0), z, -9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3)
      let q = horner(z, 1, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3)
      near = p / q
    } else {
      near = horner(z, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1)
      near = multiplyAdd(near, z, Self(-3.33332819422e-1))
    }
    near = multiplyAdd(x * z, near, x)
    let far = Self(1) - Self(2) / (exp(a + a) + Self(1))
    return choose(a .> Self(0.625), copySign(far, x), near)
  }

  /// `1 / (1 + exp(-x))`, at most 2 ulp. Both sides of the fraction are scaled down, so that the exponential does not
  /// overflow where the result still is above zero.
  @inline(__always)
  static func sigmoid(_ x: Self) -> Self {
    let (p, n) = exponential(-x, above: -60, below: isDouble ? 760 : 110)
    let least: Double = isDouble ? 0x1p-128 : 0x1p-32
    let power = powerOfTwo(n, plus: Self(isDouble ? -128 : -32))
    return Self(least) / (Self(least) + multiplyAdd(p, power, power))
  }

  /// At most 1 ulp. Two minimax polynomials after N. Juffa: in `x²` near 0, else in the exponent of `1 - exp(q(x))`.
  @inline(__always)
  static func erf(_ x: Self) -> Self {
    if isDouble { return x.map { library($0, erff, doubleErf) } }
    let t = x.magnitude
    let s = x * x
    let even = multiplyAdd(Self(-1.72853470e-5), t, Self(3.83197126e-4))
    let odd = multiplyAdd(Self(-3.88396438e-3), t, Self(2.42546219e-2))
    var far = multiplyAdd(even, s, odd)
    far = hornerOn(far, t, -1.06777877e-1, -6.34846687e-1, -1.28717512e-1)
    far = Self(1) - exp(multiplyAdd(far, t, -t))
    let saturated = choose(t .> Self(4), Self(1), far)
    var near = horner(s, -5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1)
    near = multiplyAdd(multiplyAdd(near, s, Self(-3.76125336e-1)), s, Self(1.28379166e-1))
    near = multiplyAdd(near, x, x)
    return choose(t .> Self(0.927734375), copySign(saturated, x), near)
  }

  /// Numbers at and above 2^23 (2^52) have no fraction; the sign of zero stays.
  @inline(__always)
  static func roundEven(_ x: Self) -> Self {
    let a = x.magnitude
    let limit = Self(isDouble ? 0x1p52 : 0x1p23)
    let rounded = (a + limit) - limit
    return choose(a .< limit, copySign(rounded, x), x)
  }

  @inline(__always)
  static func floor(_ x: Self) -> Self {
    let rounded = roundEven(x)
    return choose(rounded .> x, rounded - Self(1), rounded)
  }

  @inline(__always)
  static func ceil(_ x: Self) -> Self { -floor(-x) }

  @inline(__always)
  static func trunc(_ x: Self) -> Self {
    let a = x.magnitude
    return copySign(floor(a), x)
  }

  @inline(__always)
  static func maximum(_ a: Self, _ b: Self) -> Self { choose(a .!= a, a, choose(a .> b, a, b)) }

  @inline(__always)
  static func minimum(_ a: Self, _ b: Self) -> Self { choose(a .!= a, a, choose(a .< b, a, b)) }

  @inline(__always)
  static func softplus(_ x: Self, beta: Self, threshold: Self) -> Self {
    let z = x * beta
    // log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|)) cannot overflow; the rest is `log1p` without its special cases.
    let e = exp(-z.magnitude)
    let u = e + Self(1)
    let sum = choose(z .< Self(0), Self(0), z) + (log(u) + (e - (u - Self(1))) / u)
    return choose(z .> threshold, x, sum / beta)
  }

  @inline(__always)
  static func gelu(_ x: Self) -> Self { Self(0.5) * x * (erf(x * Self(0.7071067811865476)) + Self(1)) }

  /// √(2/π) · (x + 0.044715 x³), the argument of the tanh in the approximation of gelu.
  @inline(__always)
  static func geluArgument(_ x: Self) -> Self {
    Self(0.7978845608028654) * multiplyAdd(Self(0.044715) * x * x, x, x)
  }

  @inline(__always)
  static func geluTanh(_ x: Self) -> Self { Self(0.5) * x * (tanh(geluArgument(x)) + Self(1)) }

  @inline(__always)
  static func geluSlope(_ x: Self) -> Self {
    let below = Self(0.5) * (erf(x * Self(0.7071067811865476)) + Self(1))
    return multiplyAdd(x * Self(0.3989422804014327), exp(x * x * Self(-0.5)), below)
  }

  @inline(__always)
  static func geluTanhSlope(_ x: Self) -> Self {
    let t = tanh(geluArgument(x))
    let inner = Self(0.7978845608028654) * multiplyAdd(Self(3 * 0.044715) * x, x, Self(1))
    let outer = Self(0.5) * x * (Self(1) - t * t)
    return multiplyAdd(outer, inner, Self(0.5) * (t + Self(1)))
  }

  @inline(__always)
  static func siluSlope(_ x: Self) -> Self {
    let s = sigmoid(x)
    return s * multiplyAdd(x, Self(1) - s, Self(1))
  }
}
