// Random bits by threefry2x32, and numbers made of them as XLA's code for CPUs makes them: the same steps, rounded at the
// same places, so that programs written for JAX see the numbers they know. Products and sums are fused on every
// instruction set, because that is part of the result.

import SwiftConvVectorInterface

#if SWIFTCONV_AVX512
  private typealias Words = SIMD16<UInt32>
#elseif SWIFTCONV_AVX2
  private typealias Words = SIMD8<UInt32>
#else
  private typealias Words = SIMD4<UInt32>
#endif

// ---- Bits -----------------------------------------------------------------------------------------------------------

/// One register of pairs of counters, encrypted in 20 rounds.
///
/// - Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (2011), doi:10.1145/2063384.2063405
@inline(__always)
private func encrypt(_ key: (UInt32, UInt32, UInt32), _ x: inout Words, _ y: inout Words) {
  @inline(__always)
  func mix(_ distance: UInt32) {
    x = x &+ y
    y = (y &<< Words(repeating: distance)) | (y &>> Words(repeating: 32 &- distance))
    y = y ^ x
  }
  @inline(__always)
  func mixEvenly() {
    mix(13)
    mix(15)
    mix(26)
    mix(6)
  }
  @inline(__always)
  func mixOddly() {
    mix(17)
    mix(29)
    mix(16)
    mix(24)
  }
  @inline(__always)
  func addKey(_ first: UInt32, _ second: UInt32, _ round: UInt32) {
    x = x &+ Words(repeating: first)
    y = y &+ Words(repeating: second &+ round)
  }
  addKey(key.0, key.1, 0)
  mixEvenly()
  addKey(key.1, key.2, 1)
  mixOddly()
  addKey(key.2, key.0, 2)
  mixEvenly()
  addKey(key.0, key.1, 3)
  mixOddly()
  addKey(key.1, key.2, 4)
  mixEvenly()
  addKey(key.2, key.0, 5)
}

private func encryptPairs(
  _ key0: UInt32, _ key1: UInt32, _ first: UInt32, _ second: UInt32, _ count: Int,
  _ firstWords: UnsafeMutableRawPointer, _ secondWords: UnsafeMutableRawPointer
) {
  let key = (key0, key1, key0 ^ key1 ^ 0x1bd1_1bda)
  var lanes = Words()
  for lane in 0..<Words.scalarCount { lanes[lane] = UInt32(truncatingIfNeeded: lane) }
  var index = 0
  while index < count {
    let start = UInt32(truncatingIfNeeded: index)
    var x = lanes &+ Words(repeating: first &+ start)
    var y = lanes &+ Words(repeating: second &+ start)
    encrypt(key, &x, &y)
    let rest = count &- index
    if rest >= Words.scalarCount {
      firstWords.setVector(x, at: index)
      secondWords.setVector(y, at: index)
    } else {
      for lane in 0..<rest {
        firstWords.setElement(x[lane], at: index &+ lane)
        secondWords.setElement(y[lane], at: index &+ lane)
      }
    }
    index &+= Words.scalarCount
  }
}

// ---- Numbers --------------------------------------------------------------------------------------------------------

/// `a · b + c`, rounded once.
@inline(__always)
private func fused(_ a: FloatLanes, _ b: FloatLanes, _ c: FloatLanes) -> FloatLanes { c.addingProduct(a, b) }

@inline(__always)
private func fused(_ a: FloatLanes, _ b: FloatLanes, _ c: Float) -> FloatLanes {
  fused(a, b, FloatLanes(repeating: c))
}

@inline(__always)
private func words(_ x: FloatLanes) -> Words { unsafeBitCast(x, to: Words.self) }

@inline(__always)
private func lanes(_ x: Words) -> FloatLanes { unsafeBitCast(x, to: FloatLanes.self) }

/// The natural logarithm of positive numbers: Moshier's Cephes logf, as Eigen arranges it for vectors.
@inline(__always)
private func logarithm(_ value: FloatLanes) -> FloatLanes {
  let normal = FloatLanes.choose(
    value .< FloatLanes(repeating: .leastNormalMagnitude), FloatLanes(repeating: .leastNormalMagnitude), value)
  let bits = words(normal)
  // The biased exponent as a float: the low bits of 2^23 count by ones.
  var e = lanes((bits &>> Words(repeating: 23)) | Words(repeating: 0x4b00_0000)) - FloatLanes(repeating: 0x1p23 + 126)
  let mantissa = lanes((bits & Words(repeating: 0x007f_ffff)) | Words(repeating: 0x3f00_0000))
  let isSmall = mantissa .< FloatLanes(repeating: 0.707106781186547524)
  e = FloatLanes.choose(isSmall, e - FloatLanes(repeating: 1), e)
  let x = (mantissa - FloatLanes(repeating: 1)) + FloatLanes.choose(isSmall, mantissa, FloatLanes(repeating: 0))
  let square = x * x
  let cube = square * x
  let a = fused(
    fused(FloatLanes(repeating: 7.0376836292E-2), x, -1.1514610310E-1), x, 1.1676998740E-1)
  let b = fused(
    fused(FloatLanes(repeating: -1.2420140846E-1), x, 1.4249322787E-1), x, -1.6668057665E-1)
  let c = fused(
    fused(FloatLanes(repeating: 2.0000714765E-1), x, -2.4999993993E-1), x, 3.3333331174E-1)
  let y = fused(fused(fused(a, cube, b), cube, c), cube, FloatLanes(repeating: -2.12194440e-4) * e)
  let rest = fused(FloatLanes(repeating: -0.5), square, x) + y
  return fused(FloatLanes(repeating: 0.693359375), e, rest)
}

/// A polynomial of degree 6, the highest power first.
@inline(__always)
private func polynomial(
  _ x: FloatLanes, _ c: (Float, Float, Float, Float, Float, Float, Float)
) -> FloatLanes {
  var y = fused(FloatLanes(repeating: c.0), x, c.1)
  y = fused(fused(y, x, c.2), x, c.3)
  y = fused(fused(y, x, c.4), x, c.5)
  return fused(y, x, c.6)
}

/// The logarithm of `1 + x`: Moshier's Cephes log1p near zero.
@inline(__always)
private func logarithmOnePlus(_ x: FloatLanes) -> FloatLanes {
  let square = x * x
  let upper = polynomial(
    x,
    (
      4.5270000862445199635215E-5, 4.9854102823193375972212E-1, 6.5787325942061044846969, 2.9911919328553073277375E1,
      6.0949667980987787057556E1, 5.7112963590585538103336E1, 2.0039553499201281259648E1
    ))
  let lower = polynomial(
    x,
    (
      1, 1.5062909083469192043167E1, 8.3047565967967209469434E1, 2.2176239823732856465394E2,
      3.0909872225312059774938E2, 2.1642788614495947685003E2, 6.0118660497603843919306E1
    ))
  let near = x + fused(x * square, upper / lower, FloatLanes(repeating: -0.5) * square)
  let far = logarithm(x + FloatLanes(repeating: 1))
  return FloatLanes.choose(x.magnitude .< FloatLanes(repeating: 0.41421356237309503), near, far)
}

/// The inverse of the error function.
///
/// - Source: Giles, "Approximating the erfinv function", GPU Computing Gems (2012)
@inline(__always)
private func inverseError(_ x: FloatLanes) -> FloatLanes {
  let w = -logarithmOnePlus(x * -x)
  let isCentral = w .< FloatLanes(repeating: 5)
  let step = FloatLanes.choose(
    isCentral, w - FloatLanes(repeating: 2.5), w.squareRoots - FloatLanes(repeating: 3))
  @inline(__always)
  func either(_ central: Float, _ tail: Float) -> FloatLanes {
    FloatLanes.choose(isCentral, FloatLanes(repeating: central), FloatLanes(repeating: tail))
  }
  var p = either(2.81022636e-08, -0.000200214257)
  p = fused(p, step, either(3.43273939e-07, 0.000100950558))
  p = fused(p, step, either(-3.5233877e-06, 0.00134934322))
  p = fused(p, step, either(-4.39150654e-06, -0.00367342844))
  p = fused(p, step, either(0.00021858087, 0.00573950773))
  p = fused(p, step, either(-0.00125372503, -0.0076224613))
  p = fused(p, step, either(-0.00417768164, 0.00943887047))
  p = fused(p, step, either(0.246640727, 1.00167406))
  p = fused(p, step, either(1.50140941, 2.83297682))
  let isEnd = x.magnitude .== FloatLanes(repeating: 1)
  return FloatLanes.choose(isEnd, x * FloatLanes(repeating: .infinity), p * x)
}

/// Numbers in [low, low + spread), of 23 bits each.
@inline(__always)
private func uniform(_ bits: Words, _ low: FloatLanes, _ spread: FloatLanes) -> FloatLanes {
  let unit = lanes((bits &>> Words(repeating: 9)) | Words(repeating: 0x3f80_0000)) - FloatLanes(repeating: 1)
  let value = fused(unit, spread, low)
  return FloatLanes.choose(value .< low, low, value)
}

@inline(__always)
private func forEachRegister(
  _ count: Int, _ data: UnsafeMutableRawPointer, _ change: (Words) -> FloatLanes
) {
  var index = 0
  while index &+ FloatLanes.width <= count {
    change(data.vector(Words.self, at: index)).store(data, index)
    index &+= FloatLanes.width
  }
  if index < count {
    let rest = count &- index
    change(words(FloatLanes.loadPart(data, index, count: rest))).storePart(data, index, count: rest)
  }
}

private func distributeWords(
  _ distribution: RandomDistribution, _ lowest: Float, _ highest: Float, _ count: Int, _ data: UnsafeMutableRawPointer
) {
  let low = FloatLanes(repeating: lowest)
  let spread = FloatLanes(repeating: highest - lowest)
  switch distribution {
  case .bits: break
  case .uniform: forEachRegister(count, data) { uniform($0, low, spread) }
  case .normal:
    let root = FloatLanes(repeating: 1.4142135623730951)
    forEachRegister(count, data) { root * inverseError(uniform($0, low, spread)) }
  case .exponential: forEachRegister(count, data) { -logarithmOnePlus(-uniform($0, low, spread)) }
  case .gumbel: forEachRegister(count, data) { -logarithm(-logarithm(uniform($0, low, spread))) }
  }
}

func makeRandomKernels() -> RandomKernels {
  RandomKernels(encrypt: encryptPairs, distribute: distributeWords)
}
