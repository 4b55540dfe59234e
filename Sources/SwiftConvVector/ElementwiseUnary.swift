import SwiftConvVectorInterface

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `y[i] = body(x[i])` for a contiguous row. A register is read completely before it is written, so `y` may be `x`.
@inline(__always)
private func mapRow<L: Lanes>(
  _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ count: Int, _ body: (L) -> L
) {
  var index = 0
  while index &+ L.width <= count {
    body(L.load(x, index)).store(y, index)
    index &+= L.width
  }
  let rest = count &- index
  if rest > 0 { body(L.loadPart(x, index, count: rest)).storePart(y, index, count: rest) }
}

/// Functions of one or two instructions.
@inline(__always)
func simpleRow<L: Lanes>(
  _ type: L.Type, _ operation: UnaryOperation, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ n: Int,
  _ p0: Double, _ p1: Double
) {
  let one = L(1)
  let zero = L(0)
  let a = L(p0)
  let b = L(p1)
  switch operation {
  case .negative: mapRow(x, y, n) { (v: L) in -v }
  case .absolute: mapRow(x, y, n) { (v: L) in v.magnitude }
  case .sign: mapRow(x, y, n) { (v: L) in L.choose(v.magnitude .> zero, L.copySign(one, v), v) }
  case .sqrt: mapRow(x, y, n) { (v: L) in v.squareRoots }
  case .rsqrt: mapRow(x, y, n) { (v: L) in one / v.squareRoots }
  case .reciprocal: mapRow(x, y, n) { (v: L) in one / v }
  case .square: mapRow(x, y, n) { (v: L) in v * v }
  case .relu: mapRow(x, y, n) { (v: L) in L.choose(v .< zero, zero, v) }
  case .leakyRelu: mapRow(x, y, n) { (v: L) in L.choose(v .> zero, v, v * a) }
  case .floor: mapRow(x, y, n) { (v: L) in L.floor(v) }
  case .ceil: mapRow(x, y, n) { (v: L) in L.ceil(v) }
  case .round: mapRow(x, y, n) { (v: L) in L.roundEven(v) }
  case .trunc: mapRow(x, y, n) { (v: L) in L.trunc(v) }
  case .clamp:
    mapRow(x, y, n) { (v: L) in
      let raised = L.choose(v .< a, a, v)
      return L.choose(raised .> b, b, raised)
    }
  case .addScalar: mapRow(x, y, n) { (v: L) in v + a }
  case .mulScalar: mapRow(x, y, n) { (v: L) in v * a }
  default: break
  }
}

/// `exp`, `log` and their kin.
@inline(__always)
func exponentialRow<L: Lanes>(
  _ type: L.Type, _ operation: UnaryOperation, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ n: Int
) {
  switch operation {
  case .exp: mapRow(x, y, n) { (v: L) in L.exp(v) }
  case .expm1: mapRow(x, y, n) { (v: L) in L.expm1(v) }
  case .log: mapRow(x, y, n) { (v: L) in L.log(v) }
  case .log1p: mapRow(x, y, n) { (v: L) in L.log1p(v) }
  case .tanh: mapRow(x, y, n) { (v: L) in L.tanh(v) }
  case .erf: mapRow(x, y, n) { (v: L) in L.erf(v) }
  default: break
  }
}

/// The smooth activations.
@inline(__always)
func activationRow<L: Lanes>(
  _ type: L.Type, _ operation: UnaryOperation, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ n: Int,
  _ p0: Double, _ p1: Double
) {
  switch operation {
  case .sigmoid: mapRow(x, y, n) { (v: L) in L.sigmoid(v) }
  case .gelu: mapRow(x, y, n) { (v: L) in L.gelu(v) }
  case .geluTanh: mapRow(x, y, n) { (v: L) in L.geluTanh(v) }
  case .silu: mapRow(x, y, n) { (v: L) in v * L.sigmoid(v) }
  case .softplus: mapRow(x, y, n) { (v: L) in L.softplus(v, beta: L(p0), threshold: L(p1)) }
  default: break
  }
}

/// The exponents that need no library call, then all others.
@inline(__always)
private func powerRow<L: Lanes>(
  _ type: L.Type, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ n: Int, _ exponent: Double
) {
  switch exponent {
  case 2: mapRow(x, y, n) { (v: L) in v * v }
  case 3: mapRow(x, y, n) { (v: L) in v * v * v }
  case 0.5: mapRow(x, y, n) { (v: L) in v.squareRoots }
  case -1: mapRow(x, y, n) { (v: L) in L(1) / v }
  default:
    let e = L.Scalar(exponent)
    mapRow(x, y, n) { (v: L) in v.map { library($0, e, powf, pow) } }
  }
}

/// The functions left to the C library. Those that write `bool` and those on bits are not here and do nothing.
@inline(__always)
func libraryRow<L: Lanes>(
  _ type: L.Type, _ operation: UnaryOperation, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ n: Int,
  _ p0: Double
) {
  switch operation {
  case .powScalar: powerRow(L.self, x, y, n, p0)
  case .log2: mapRow(x, y, n) { (v: L) in v.map { library($0, log2f, log2) } }
  case .log10: mapRow(x, y, n) { (v: L) in v.map { library($0, log10f, log10) } }
  case .sin: mapRow(x, y, n) { (v: L) in v.map { library($0, sinf, sin) } }
  case .cos: mapRow(x, y, n) { (v: L) in v.map { library($0, cosf, cos) } }
  case .tan: mapRow(x, y, n) { (v: L) in v.map { library($0, tanf, tan) } }
  case .asin: mapRow(x, y, n) { (v: L) in v.map { library($0, asinf, asin) } }
  case .acos: mapRow(x, y, n) { (v: L) in v.map { library($0, acosf, acos) } }
  case .atan: mapRow(x, y, n) { (v: L) in v.map { library($0, atanf, atan) } }
  case .sinh: mapRow(x, y, n) { (v: L) in v.map { library($0, sinhf, sinh) } }
  case .cosh: mapRow(x, y, n) { (v: L) in v.map { library($0, coshf, cosh) } }
  default: break
  }
}
