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
      let value = FloatLanes.load(source, taps.offsets[tap] &+ column)
      best = best.replacing(with: value, where: (value .> best) .| (value .!= value))
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
  _ y: UnsafeMutablePointer<Float>
) {
  if copies == 2 {
    for index in 0..<count {
      let value = x[index] * shares[index]
      y[2 &* index] = value
      y[2 &* index &+ 1] = value
    }
    return
  }
  for index in 0..<count {
    let value = x[index] * shares[index]
    for copy in 0..<copies { y[index &* copies &+ copy] = value }
  }
}

private func rowMeans(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<Float>, _ share: Float, _ y: UnsafeMutablePointer<Float>
) {
  var row = 0
  // Four rows at once, because each sum is a chain of additions.
  while columns < 2 &* FloatLanes.width, row &+ 4 <= rows {
    let from = x + row &* columns
    var sums = SIMD4<Float>.zero
    for column in 0..<columns {
      sums += SIMD4(
        from[column], from[columns &+ column], from[2 &* columns &+ column], from[3 &* columns &+ column])
    }
    sums *= share
    for lane in 0..<4 { y[row &+ lane] = sums[lane] }
    row &+= 4
  }
  while row < rows {
    y[row] = Float(reduceRow(FloatLanes.self, .sum, UnsafeRawPointer(x + row &* columns), columns)) * share
    row &+= 1
  }
}

/// The pooling of this copy of the module.
func makePoolingKernels() -> PoolingKernels {
  PoolingKernels(
    maximum: maximumRow, locate: locateRow, mean: meanRow, widen: widenRow, rowMeans: rowMeans, pairMaxima: pairMaxima,
    pairMeans: pairMeans)
}
