import SwiftConvVectorInterface

/// How many elements are taken together in float32 before the sum goes on in float64. With four registers of
/// accumulators no lane adds more than 64 numbers in AVX-512, 256 in the narrowest set.
private let blockLength = 4096

/// A contiguous row as one number. Long rows are cut by the caller, who adds the parts pairwise.
@inline(__always)
func reduceRow<L: Lanes>(_ type: L.Type, _ operation: ReduceOperation, _ x: UnsafeRawPointer, _ count: Int) -> Double {
  switch operation {
  case .product:
    return reduceBlocks(L.self, x, count, 1, { (a: L, v: L) in a * v }, { $0 * $1 }, { $0 * $1 })
  case .maximum:
    return reduceBlocks(L.self, x, count, -.infinity, L.maximum, L.maximum, { $0 > $1 || $0 != $0 ? $0 : $1 })
  case .minimum:
    return reduceBlocks(L.self, x, count, .infinity, L.minimum, L.minimum, { $0 < $1 || $0 != $0 ? $0 : $1 })
  case .sumOfSquares:
    return reduceBlocks(
      L.self, x, count, 0, { (a: L, v: L) in L.multiplyAdd(v, v, a) }, { $0 + $1 }, { $0 + $1 }, { $0 * $0 })
  default:
    return reduceBlocks(L.self, x, count, 0, { (a: L, v: L) in a + v }, { $0 + $1 }, { $0 + $1 })
  }
}

/// - Parameters:
///   - identity: What changes nothing, and fills the lanes that have no element.
///   - take: Takes a register of elements into an accumulator.
///   - join: Two accumulators as one.
///   - fold: `join` for single numbers.
///   - lift: What `take` does to an element before it joins it.
@inline(__always)
private func reduceBlocks<L: Lanes>(
  _ type: L.Type, _ x: UnsafeRawPointer, _ count: Int, _ identity: Double, _ take: (L, L) -> L, _ join: (L, L) -> L,
  _ fold: (Double, Double) -> Double, _ lift: (Double) -> Double = { $0 }
) -> Double {
  var result = identity
  if count < L.width {
    // The accumulators of a short row would cost more than its elements.
    let elements = x.assumingMemoryBound(to: L.Scalar.self)
    for index in 0..<count { result = fold(result, lift(Double(elements[index]))) }
    return result
  }
  var start = 0
  while start < count {
    let end = min(start &+ blockLength, count)
    var index = start
    var (s0, s1, s2, s3) = (L(identity), L(identity), L(identity), L(identity))
    while index &+ 4 &* L.width <= end {
      s0 = take(s0, L.load(x, index))
      s1 = take(s1, L.load(x, index &+ L.width))
      s2 = take(s2, L.load(x, index &+ 2 &* L.width))
      s3 = take(s3, L.load(x, index &+ 3 &* L.width))
      index &+= 4 &* L.width
    }
    while index &+ L.width <= end {
      s0 = take(s0, L.load(x, index))
      index &+= L.width
    }
    if index < end { s1 = take(s1, L.loadPart(x, index, count: end &- index, filler: identity)) }
    let sums = join(join(s0, s1), join(s2, s3))
    for lane in 0..<L.width { result = fold(result, Double(sums[lane])) }
    start = end
  }
  return result
}

/// Rows taken element by element into a row of accumulators.
@inline(__always)
func accumulateRows<L: Lanes>(
  _ type: L.Type, _ operation: ReduceOperation, _ x: UnsafeRawPointer, _ step: Int, _ rows: Int, _ columns: Int,
  _ sums: UnsafeMutableRawPointer
) {
  switch operation {
  case .product: accumulateTiles(x, step, rows, columns, sums) { (a: L, v: L) in a * v }
  case .maximum: accumulateTiles(x, step, rows, columns, sums) { (a: L, v: L) in L.maximum(a, v) }
  case .minimum: accumulateTiles(x, step, rows, columns, sums) { (a: L, v: L) in L.minimum(a, v) }
  case .sumOfSquares: accumulateTiles(x, step, rows, columns, sums) { (a: L, v: L) in L.multiplyAdd(v, v, a) }
  default: accumulateTiles(x, step, rows, columns, sums) { (a: L, v: L) in a + v }
  }
}

/// Four registers of accumulators stay in place while all rows pass.
@inline(__always)
private func accumulateTiles<L: Lanes>(
  _ x: UnsafeRawPointer, _ step: Int, _ rows: Int, _ columns: Int, _ sums: UnsafeMutableRawPointer, _ take: (L, L) -> L
) {
  let width = L.width
  var column = 0
  while column &+ 4 &* width <= columns {
    var s0 = L.load(sums, column)
    var s1 = L.load(sums, column &+ width)
    var s2 = L.load(sums, column &+ 2 &* width)
    var s3 = L.load(sums, column &+ 3 &* width)
    for row in 0..<rows {
      let at = row &* step &+ column
      s0 = take(s0, L.load(x, at))
      s1 = take(s1, L.load(x, at &+ width))
      s2 = take(s2, L.load(x, at &+ 2 &* width))
      s3 = take(s3, L.load(x, at &+ 3 &* width))
    }
    s0.store(sums, column)
    s1.store(sums, column &+ width)
    s2.store(sums, column &+ 2 &* width)
    s3.store(sums, column &+ 3 &* width)
    column &+= 4 &* width
  }
  while column < columns {
    let part = min(width, columns &- column)
    var s = L.loadPart(sums, column, count: part)
    for row in 0..<rows { s = take(s, L.loadPart(x, row &* step &+ column, count: part)) }
    s.storePart(sums, column, count: part)
    column &+= width
  }
}
