import SwiftConvVectorInterface

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `y[i] = body(a[i], b[i])` for contiguous rows. Registers are read completely before one is written,
/// so `y` may be `a` or `b`.
@inline(__always)
private func mapRow<L: Lanes>(
  _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ count: Int, _ body: (L, L) -> L
) {
  var index = 0
  while index &+ L.width <= count {
    body(L.load(a, index), L.load(b, index)).store(y, index)
    index &+= L.width
  }
  let rest = count &- index
  if rest > 0 {
    body(L.loadPart(a, index, count: rest), L.loadPart(b, index, count: rest)).storePart(y, index, count: rest)
  }
}

/// Arithmetic. Operations on bits do nothing.
@inline(__always)
func arithmeticRow<L: Lanes>(
  _ type: L.Type, _ operation: BinaryOperation, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer,
  _ y: UnsafeMutableRawPointer, _ n: Int
) {
  switch operation {
  case .add: mapRow(a, b, y, n) { (u: L, v: L) in u + v }
  case .subtract: mapRow(a, b, y, n) { (u: L, v: L) in u - v }
  case .multiply: mapRow(a, b, y, n) { (u: L, v: L) in u * v }
  case .divide: mapRow(a, b, y, n) { (u: L, v: L) in u / v }
  case .floorDivide: mapRow(a, b, y, n) { (u: L, v: L) in L.map(u, v, floorQuotient) }
  case .remainder: mapRow(a, b, y, n) { (u: L, v: L) in L.map(u, v, floorRemainder) }
  case .power: mapRow(a, b, y, n) { (u: L, v: L) in L.map(u, v) { library($0, $1, powf, pow) } }
  case .maximum: mapRow(a, b, y, n) { (u: L, v: L) in L.maximum(u, v) }
  case .minimum: mapRow(a, b, y, n) { (u: L, v: L) in L.minimum(u, v) }
  case .atan2: mapRow(a, b, y, n) { (u: L, v: L) in L.map(u, v) { library($0, $1, atan2f, atan2) } }
  default: break
  }
}

/// The gradients of the activations.
@inline(__always)
func gradientRow<L: Lanes>(
  _ type: L.Type, _ operation: BinaryOperation, _ g: UnsafeRawPointer, _ x: UnsafeRawPointer,
  _ y: UnsafeMutableRawPointer, _ n: Int, _ p0: Double, _ p1: Double
) {
  let one = L(1)
  let zero = L(0)
  let a = L(p0)
  let b = L(p1)
  switch operation {
  case .reluGradient: mapRow(g, x, y, n) { (g: L, v: L) in L.choose(v .> zero, g, zero) }
  case .sigmoidGradient: mapRow(g, x, y, n) { (g: L, v: L) in g * v * (one - v) }
  case .tanhGradient: mapRow(g, x, y, n) { (g: L, v: L) in g * (one - v * v) }
  case .geluGradient: mapRow(g, x, y, n) { (g: L, v: L) in g * L.geluSlope(v) }
  case .geluTanhGradient: mapRow(g, x, y, n) { (g: L, v: L) in g * L.geluTanhSlope(v) }
  case .siluGradient: mapRow(g, x, y, n) { (g: L, v: L) in g * L.siluSlope(v) }
  case .softplusGradient:
    mapRow(g, x, y, n) { (g: L, v: L) in L.choose(v * a .> b, g, g * L.sigmoid(v * a)) }
  case .leakyReluGradient: mapRow(g, x, y, n) { (g: L, v: L) in L.choose(v .> zero, g, g * a) }
  case .clampGradient:
    mapRow(g, x, y, n) { (g: L, v: L) in
      let held = L.choose(v .< a, a, L.choose(v .> b, b, v))
      return L.choose(held .== v, g, zero)
    }
  default: break
  }
}

/// Python's `%`: the rest of the division, moved to the sign of the divisor.
@inline(__always)
private func floorRemainder<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
  let rest = library(a, b, fmodf, fmod)
  if rest == 0 { return T(signOf: b, magnitudeOf: rest) }
  return (rest < 0) != (b < 0) ? rest + b : rest
}

/// Python's `//`: the quotient that goes with `floorRemainder`. `floor(a / b)` misses it by one where `a / b` rounds up.
@inline(__always)
private func floorQuotient<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
  let ratio = a / b
  if b == 0 || !ratio.isFinite { return ratio }
  let rest = library(a, b, fmodf, fmod)
  var quotient = (a - rest) / b
  if rest != 0, (rest < 0) != (b < 0) { quotient -= 1 }
  if quotient == 0 { return T(signOf: ratio, magnitudeOf: 0) }
  let lower = quotient.rounded(.down)
  return quotient - lower > 0.5 ? lower + 1 : lower
}
