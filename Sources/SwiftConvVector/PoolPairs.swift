import SwiftConvVectorInterface

// Windows of 2 x 2 that touch each other: both rows are taken apart in registers, eight results at a time.

private typealias Eight = SIMD8<Float>

/// The four elements of each of eight windows, in the order of memory.
private struct Windows {
  let elements: (Eight, Eight, Eight, Eight)

  @inline(__always)
  init(_ top: UnsafePointer<Float>, _ bottom: UnsafePointer<Float>) {
    let upper = UnsafeRawPointer(top).loadUnaligned(as: SIMD16<Float>.self)
    let lower = UnsafeRawPointer(bottom).loadUnaligned(as: SIMD16<Float>.self)
    elements = (upper.evenHalf, upper.oddHalf, lower.evenHalf, lower.oddHalf)
  }

  /// Windows of which only the first `count` exist; the others repeat the last one.
  @inline(__always)
  init(_ top: UnsafePointer<Float>, _ bottom: UnsafePointer<Float>, count: Int) {
    elements = (
      Windows.some(top, count), Windows.some(top + 1, count), Windows.some(bottom, count),
      Windows.some(bottom + 1, count)
    )
  }

  private static func some(_ row: UnsafePointer<Float>, _ count: Int) -> Eight {
    var result = Eight.zero
    for lane in 0..<8 { result[lane] = row[2 &* min(lane, count &- 1)] }
    return result
  }
}

/// Calls `body` for eight windows at a time: the windows, their pair of rows, their first column, and how many of the
/// eight exist. Those beyond the end of a row are the beginning of the next one, whose results come later and may be
/// written too early; only the last row is cut exactly.
@inline(__always)
private func forEachWindows(
  _ pairs: Int, _ columns: Int, _ x: UnsafePointer<Float>, _ body: (Windows, _ pair: Int, _ column: Int, Int) -> Void
) {
  let outputs = columns / 2
  for pair in 0..<pairs {
    let top = x + 2 &* pair &* columns
    var column = 0
    while column < outputs {
      let (upper, rest) = (top + 2 &* column, outputs &- column)
      if rest >= 8 || pair &+ 8 < pairs {
        body(Windows(upper, upper + columns), pair, column, 8)
      } else {
        body(Windows(upper, upper + columns, count: rest), pair, column, rest)
      }
      column &+= 8
    }
  }
}

@inline(__always)
private func store(_ values: Eight, _ count: Int, _ pointer: UnsafeMutablePointer<Float>) {
  if count == 8 {
    UnsafeMutableRawPointer(pointer).storeBytes(of: values, as: Eight.self)
  } else {
    for lane in 0..<count { pointer[lane] = values[lane] }
  }
}

/// Whether each of some values takes the place of the best ones so far; NaN does.
@inline(__always)
private func wins(_ value: Eight, over best: Eight) -> SIMDMask<SIMD8<Int32>> { (value .> best) .| (value .!= value) }

func pairMaxima(_ pairs: Int, _ columns: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
  forEachWindows(pairs, columns, x) { windows, pair, column, count in
    let (a, b, c, d) = windows.elements
    var best = a
    best = best.replacing(with: b, where: wins(b, over: best))
    best = best.replacing(with: c, where: wins(c, over: best))
    best = best.replacing(with: d, where: wins(d, over: best))
    store(best, count, y + (pair &* (columns / 2) &+ column))
  }
}

func pairMeans(
  _ pairs: Int, _ columns: Int, _ x: UnsafePointer<Float>, _ share: Float, _ y: UnsafeMutablePointer<Float>
) {
  forEachWindows(pairs, columns, x) { windows, pair, column, count in
    let (a, b, c, d) = windows.elements
    // Zero first, as in other sums, so that four negative zeros are a positive one.
    var sum = Eight.zero
    sum += a
    sum += b
    sum += c
    sum += d
    store(sum * share, count, y + (pair &* (columns / 2) &+ column))
  }
}
