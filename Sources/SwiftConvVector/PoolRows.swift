import SwiftConvVectorInterface

private typealias Taps = PoolingKernels.Taps
private typealias Places = PoolingKernels.Places

extension FloatLanes {
  @inline(__always)
  fileprivate static func load(_ pointer: UnsafePointer<Float>, _ index: Int) -> FloatLanes {
    load(UnsafeRawPointer(pointer), index)
  }

  /// The first `count` lanes to memory, whole registers at once.
  @inline(__always)
  fileprivate func storeUpTo(_ count: Int, _ pointer: UnsafeMutablePointer<Float>, _ index: Int) {
    if count >= FloatLanes.width {
      store(pointer, index)
    } else {
      storePart(pointer, index, count: count)
    }
  }
}

/// Where a row of results is cut into registers: the last one overlaps the one before, if there is one.
@inline(__always)
private func forEachVector(_ columns: Int, _ body: (_ column: Int, _ count: Int) -> Void) {
  var column = 0
  while column < columns {
    if columns >= FloatLanes.width { column = min(column, columns &- FloatLanes.width) }
    body(column, columns &- column)
    column &+= FloatLanes.width
  }
}

private func maximumRow(
  _ columns: Int, _ taps: Taps, _ source: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>
) {
  forEachVector(columns) { column, count in
    var best = FloatLanes(repeating: -.infinity)
    for tap in 0..<taps.count {
      best = larger(FloatLanes.load(source, taps.offsets[tap] &+ column), best)
    }
    best.storeUpTo(count, y, column)
  }
}

private func locateRow(
  _ columns: Int, _ taps: Taps, _ source: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>, _ places: Places,
  _ indices: UnsafeMutablePointer<Int64>
) {
  let starts = UnsafeRawPointer(places.starts)
  var lanes = FloatBits()
  for lane in 0..<FloatLanes.width { lanes[lane] = Int32(lane) }
  let steps = lanes &* FloatBits(repeating: Int32(truncatingIfNeeded: places.step))
  forEachVector(columns) { column, count in
    var best = FloatLanes(repeating: -.infinity)
    var place = starts.loadUnaligned(fromByteOffset: column &* 4, as: FloatBits.self) &+ places.shift
    for tap in 0..<taps.count {
      let value = FloatLanes.load(source, taps.offsets[tap] &+ column)
      let isBetter = (value .> best) .| (value .!= value)
      best = best.replacing(with: value, where: isBetter)
      place = place.replacing(with: FloatBits(repeating: taps.places[tap]), where: isBetter)
    }
    best.storeUpTo(count, y, column)
    let found = place &+ steps &+ Int32(truncatingIfNeeded: places.first &+ column &* places.step)
    if count >= FloatLanes.width {
      for lane in 0..<FloatLanes.width { indices[column &+ lane] = Int64(found[lane]) }
    } else {
      withUnsafeBytes(of: found) { bytes in
        let from = bytes.bindMemory(to: Int32.self)
        for lane in 0..<count { indices[column &+ lane] = Int64(from[lane]) }
      }
    }
  }
}

private func meanRow(
  _ columns: Int, _ taps: Taps, _ source: UnsafeRawPointer, _ shares: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>
) {
  forEachVector(columns) { column, count in
    var sum = FloatLanes.zero
    for tap in 0..<taps.count { sum += FloatLanes.load(source, taps.offsets[tap] &+ column) }
    let share =
      count >= FloatLanes.width
      ? FloatLanes.load(shares, column) : FloatLanes.loadPart(UnsafeRawPointer(shares), column, count: count)
    (sum * share).storeUpTo(count, y, column)
  }
}

private func widenRow(
  _ count: Int, _ copies: Int, _ x: UnsafePointer<Float>, _ shares: UnsafePointer<Float>,
  _ step: Int,
  _ y: UnsafeMutablePointer<Float>
) {
  if copies == 2 {
    for index in 0..<count {
      let value = x[index] * shares[index &* step]
      y[2 &* index] = value
      y[2 &* index &+ 1] = value
    }
    return
  }
  // What the last register of a run writes beyond its end, the next run overwrites.
  let reach = (copies &+ FloatLanes.width &- 1) / FloatLanes.width &* FloatLanes.width
  for index in 0..<count {
    let value = x[index] * shares[index &* step]
    let run = index &* copies
    if run &+ reach <= count &* copies {
      let lanes = FloatLanes(repeating: value)
      for start in stride(from: 0, to: copies, by: FloatLanes.width) {
        lanes.store(y, run &+ start)
      }
    } else {
      for copy in 0..<copies { y[run &+ copy] = value }
    }
  }
}

private typealias Quad = SIMD4<Float>

/// The lanes of a register added up to four.
@inline(__always)
private func quarter(_ sum: FloatLanes) -> Quad {
  #if SWIFTCONV_AVX512
    let half = sum.lowHalf + sum.highHalf
    return half.lowHalf + half.highHalf
  #elseif SWIFTCONV_AVX2
    return sum.lowHalf + sum.highHalf
  #else
    return sum
  #endif
}

/// `y[row]` is the sum of four numbers, times a share, for as many rows as a register has lanes at a time. In a function of
/// its own, because the compiler takes shuffles of what it has just computed apart.
@inline(never)
private func foldQuads(
  _ rows: Int, _ quads: UnsafeRawPointer, _ share: Float, _ y: UnsafeMutablePointer<Float>
) {
  @inline(__always)
  func join(_ a: FloatLanes, _ b: FloatLanes) -> FloatLanes {
    FloatLanes.evenElements(a, b) + FloatLanes.oddElements(a, b)
  }
  let width = FloatLanes.width
  for row in stride(from: 0, to: rows, by: width) {
    let at = 4 &* row
    let (a, b) = (FloatLanes.load(quads, at), FloatLanes.load(quads, at &+ width))
    let (c, d) = (
      FloatLanes.load(quads, at &+ 2 &* width), FloatLanes.load(quads, at &+ 3 &* width)
    )
    (join(join(a, b), join(c, d)) * share).storeUpTo(rows &- row, y, row)
  }
}

/// Up to this many elements, the rows of `rowMeans` are added up in registers alone.
private let longestShortRow = 32 * FloatLanes.width

private func rowMeans(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<Float>, _ share: Float, _ y: UnsafeMutablePointer<Float>
) {
  let width = FloatLanes.width
  if columns > longestShortRow {
    for row in 0..<rows {
      y[row] =
        Float(reduceRow(FloatLanes.self, .sum, UnsafeRawPointer(x + row &* columns), columns))
        * share
    }
    return
  }
  let rest = columns % width
  let whole = columns &- rest
  let inside = FloatLanes.indices .< FloatLanes(repeating: Float(rest))
  let from = UnsafeRawPointer(x)

  // Four sums of each of some rows at a time, then those of each row.
  let block = 64
  withUnsafeTemporaryAllocation(byteCount: block &* 16, alignment: 64) { quads in
    guard let quads = quads.baseAddress else { return }
    for first in stride(from: 0, to: rows, by: block) {
      let count = min(block, rows &- first)
      for row in first..<(first &+ count) {
        var sum = FloatLanes.zero
        let start = row &* columns
        var column = 0
        while column < whole {
          sum += FloatLanes.load(from, start &+ column)
          column &+= width
        }
        if rest > 0 {
          // A register may reach into the next rows, but not beyond the last row of all.
          let canReach = start &+ whole &+ width <= rows &* columns
          let last =
            canReach
            ? FloatLanes.load(from, start &+ whole)
            : FloatLanes.loadPart(from, start &+ whole, count: rest, filler: 0)
          sum += FloatLanes.choose(inside, last, FloatLanes.zero)
        }
        quads.setVector(quarter(sum), at: 4 &* (row &- first))
      }
      foldQuads(count, UnsafeRawPointer(quads), share, y + first)
    }
  }
}

private func columnMaximaRow(
  _ rows: Int, _ step: Int, _ columns: Int, _ x: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>
) {
  forEachVector(columns) { column, count in
    let canRead = count >= FloatLanes.width
    var best = FloatLanes(repeating: -.infinity)
    for row in 0..<rows {
      let at = row &* step &+ column
      best = larger(
        canRead
          ? FloatLanes.load(x, at) : FloatLanes.loadPart(UnsafeRawPointer(x), at, count: count),
        best)
    }
    best.storeUpTo(count, y, column)
  }
}

private func lineMaximaRows(
  _ lines: Int, _ pitch: Int, _ columns: Int, _ taps: Int, _ step: Int, _ isHalved: Bool,
  _ x: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>
) {
  let width = FloatLanes.width
  for line in 0..<lines {
    let (from, to) = (x + line &* pitch, y + line &* columns)
    if isHalved {
      forEachVector(columns) { column, count in
        var best = FloatLanes(repeating: -.infinity)
        var at = 2 &* column
        let end = at &+ taps
        while at < end {
          // Every second element, and those in between, which are what the next tap sees.
          let (a, b) = (FloatLanes.load(from, at), FloatLanes.load(from, at &+ width))
          best = larger(FloatLanes.evenElements(a, b), best)
          if at &+ 1 < end { best = larger(FloatLanes.oddElements(a, b), best) }
          at &+= 2
        }
        best.storeUpTo(count, to, column)
      }
    } else {
      forEachVector(columns) { column, count in
        var best = FloatLanes(repeating: -.infinity)
        for tap in 0..<taps { best = larger(FloatLanes.load(from, column &+ tap &* step), best) }
        best.storeUpTo(count, to, column)
      }
    }
  }
}

/// The larger of a value and the best one so far. NaN wins.
@inline(__always)
private func larger(_ value: FloatLanes, _ best: FloatLanes) -> FloatLanes {
  best.replacing(with: value, where: (value .> best) .| (value .!= value))
}

/// The pooling of this copy of the module.
func makePoolingKernels() -> PoolingKernels {
  PoolingKernels(
    maximum: maximumRow, locate: locateRow, mean: meanRow, widen: widenRow, rowMeans: rowMeans,
    pairMaxima: pairMaxima,
    pairMeans: pairMeans, columnMaxima: columnMaximaRow, lineMaxima: lineMaximaRows)
}
