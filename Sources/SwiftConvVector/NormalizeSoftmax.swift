#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How many elements are added in the lanes of registers before the sum goes on in float64.
private let blockLength = 4096

extension Lanes {
  /// Walks over a row, whole registers first, and adds up what the bodies return.
  @inline(__always)
  fileprivate static func sum(_ count: Int, _ whole: (Int) -> Self, _ part: (Int, Int) -> Self) -> Double {
    var result: Double = 0
    var start = 0
    while start < count {
      let end = min(start &+ blockLength, count)
      var sums = Self(0)
      var index = start
      while index &+ width <= end {
        sums = sums + whole(index)
        index &+= width
      }
      if index < end { sums = sums + part(index, end &- index) }
      result += sums.total
      start = end
    }
    return result
  }

  /// Walks over a row.
  @inline(__always)
  fileprivate static func walk(_ count: Int, _ whole: (Int) -> Void, _ part: (Int, Int) -> Void) {
    var index = 0
    while index &+ width <= count {
      whole(index)
      index &+= width
    }
    if index < count { part(index, count &- index) }
  }

  /// The larger one; NaN may lose.
  @inline(__always)
  fileprivate static func larger(_ a: Self, _ b: Self) -> Self { choose(a .> b, a, b) }
}

// A NaN in a row need not be found when the largest element is: its exponential makes the sum NaN, and with that all.

/// Three walks over a row: the largest element, the exponentials and their sum, the division. The row stays in the
/// first-level cache unless it is very long.
@inline(__always)
private func longRow<L: Lanes>(
  _: L.Type, _ isLogarithm: Bool, _ count: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
) {
  var largest = L(-.infinity)
  L.walk(
    count, { largest = L.larger(largest, L.load(x, $0)) },
    { largest = L.larger(largest, L.loadPart(x, $0, count: $1, filler: -.infinity)) })
  var top = largest[0]
  for lane in 1..<L.width where largest[lane] > top { top = largest[lane] }
  let shift = L(repeating: top)
  if isLogarithm {
    let sum = L.sum(
      count, { L.exp(L.load(x, $0) - shift) }, { L.exp(L.loadPart(x, $0, count: $1, filler: -.infinity) - shift) })
    let logarithm = L(log(sum))
    L.walk(
      count, { (L.load(x, $0) - shift - logarithm).store(y, $0) },
      { (L.loadPart(x, $0, count: $1) - shift - logarithm).storePart(y, $0, count: $1) })
    return
  }
  let sum = L.sum(
    count,
    { index in
      let exponential = L.exp(L.load(x, index) - shift)
      exponential.store(y, index)
      return exponential
    },
    { index, rest in
      let exponential = L.exp(L.loadPart(x, index, count: rest, filler: -.infinity) - shift)
      exponential.storePart(y, index, count: rest)
      return exponential
    })
  let inverse = L(1 / sum)
  L.walk(
    count, { (L.load(y, $0) * inverse).store(y, $0) },
    { (L.loadPart(y, $0, count: $1) * inverse).storePart(y, $0, count: $1) })
}

/// Below this many registers, rows are taken side by side, one in each lane.
private let shortestRegisters = 2

/// Some rows with one element of each in a register: element `column` of row `lane` is at `column · width + lane`.
@inline(__always)
private func loadTile<L: Lanes>(
  _: L.Type, _ rows: Int, _ count: Int, _ x: UnsafeRawPointer, _ tile: UnsafeMutableRawPointer
) {
  let (from, to) = (x.assumingMemoryBound(to: L.Scalar.self), tile.assumingMemoryBound(to: L.Scalar.self))
  for row in 0..<rows {
    for column in 0..<count { to[column &* L.width &+ row] = from[row &* count &+ column] }
  }
}

@inline(__always)
private func storeTile<L: Lanes>(
  _: L.Type, _ rows: Int, _ count: Int, _ tile: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
) {
  let (from, to) = (tile.assumingMemoryBound(to: L.Scalar.self), y.assumingMemoryBound(to: L.Scalar.self))
  for row in 0..<rows {
    for column in 0..<count { to[row &* count &+ column] = from[column &* L.width &+ row] }
  }
}

/// As many short rows as a register has lanes, or fewer; the other lanes hold whatever they hold.
@inline(__always)
private func shortRows<L: Lanes>(
  _: L.Type, _ isLogarithm: Bool, _ rows: Int, _ count: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer,
  _ tile: UnsafeMutableRawPointer
) {
  loadTile(L.self, rows, count, x, tile)
  var largest = L.load(tile, 0)
  for column in 1..<max(count, 1) { largest = L.larger(L.load(tile, column &* L.width), largest) }
  var sums = L(0)
  for column in 0..<count {
    let shifted = L.load(tile, column &* L.width) - largest
    let exponential = L.exp(shifted)
    sums = sums + exponential
    (isLogarithm ? shifted : exponential).store(tile, column &* L.width)
  }
  if isLogarithm {
    let logarithms = L.log(sums)
    for column in 0..<count { (L.load(tile, column &* L.width) - logarithms).store(tile, column &* L.width) }
  } else {
    let inverse = L(1) / sums
    for column in 0..<count { (L.load(tile, column &* L.width) * inverse).store(tile, column &* L.width) }
  }
  storeTile(L.self, rows, count, tile, y)
}

@inline(__always)
private func softmax<L: Lanes>(
  _: L.Type, _ isLogarithm: Bool, _ rows: Int, _ count: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
) {
  let size = MemoryLayout<L.Scalar>.size
  guard count < shortestRegisters &* L.width else {
    for row in 0..<rows {
      longRow(L.self, isLogarithm, count, x + row &* count &* size, y + row &* count &* size)
    }
    return
  }
  let tileBytes = count &* L.width &* size
  withUnsafeTemporaryAllocation(byteCount: tileBytes, alignment: 64) { memory in
    guard let tile = memory.baseAddress else { return }
    tile.initializeMemory(as: UInt8.self, repeating: 0, count: tileBytes)
    for first in stride(from: 0, to: rows, by: L.width) {
      let offset = first &* count &* size
      shortRows(L.self, isLogarithm, min(L.width, rows &- first), count, x + offset, y + offset, tile)
    }
  }
}

/// `dx = y · (g - sum of g · y)`; for the logarithm `g - exp(y) · sum of g`.
@inline(__always)
private func gradientOf<L: Lanes>(_ isLogarithm: Bool, _ g: L, _ y: L, _ sums: L) -> L {
  isLogarithm ? g - L.exp(y) * sums : y * (g - sums)
}

@inline(__always)
private func softmaxGradient<L: Lanes>(
  _: L.Type, _ isLogarithm: Bool, _ rows: Int, _ count: Int, _ g: UnsafeRawPointer, _ y: UnsafeRawPointer,
  _ dx: UnsafeMutableRawPointer
) {
  let size = MemoryLayout<L.Scalar>.size
  guard count < shortestRegisters &* L.width else {
    for row in 0..<rows {
      let offset = row &* count &* size
      let (g, y, dx) = (g + offset, y + offset, dx + offset)
      let sum = L.sum(
        count, { isLogarithm ? L.load(g, $0) : L.load(g, $0) * L.load(y, $0) },
        { index, rest in
          let slope = L.loadPart(g, index, count: rest, filler: 0)
          return isLogarithm ? slope : slope * L.loadPart(y, index, count: rest, filler: 0)
        })
      let sums = L(sum)
      L.walk(
        count, { gradientOf(isLogarithm, L.load(g, $0), L.load(y, $0), sums).store(dx, $0) },
        {
          gradientOf(isLogarithm, L.loadPart(g, $0, count: $1), L.loadPart(y, $0, count: $1), sums)
            .storePart(dx, $0, count: $1)
        })
    }
    return
  }
  let tileBytes = count &* L.width &* size
  withUnsafeTemporaryAllocation(byteCount: 2 &* tileBytes, alignment: 64) { memory in
    guard let slopes = memory.baseAddress else { return }
    let values = slopes + tileBytes
    slopes.initializeMemory(as: UInt8.self, repeating: 0, count: 2 &* tileBytes)
    for first in stride(from: 0, to: rows, by: L.width) {
      let (offset, part) = (first &* count &* size, min(L.width, rows &- first))
      loadTile(L.self, part, count, g + offset, slopes)
      loadTile(L.self, part, count, y + offset, values)
      var sums = L(0)
      for column in 0..<count {
        let slope = L.load(slopes, column &* L.width)
        sums = sums + (isLogarithm ? slope : slope * L.load(values, column &* L.width))
      }
      for column in 0..<count {
        let at = column &* L.width
        gradientOf(isLogarithm, L.load(slopes, at), L.load(values, at), sums).store(slopes, at)
      }
      storeTile(L.self, part, count, slopes, dx + offset)
    }
  }
}

// Functions of their own, because in one that grows too large the compiler stops inlining.

@inline(never)
func floatSoftmax(
  _ isLogarithm: Bool, _ rows: Int, _ count: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
) {
  softmax(FloatLanes.self, isLogarithm, rows, count, x, y)
}

@inline(never)
func doubleSoftmax(
  _ isLogarithm: Bool, _ rows: Int, _ count: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
) {
  softmax(DoubleLanes.self, isLogarithm, rows, count, x, y)
}

@inline(never)
func floatSoftmaxGradient(
  _ isLogarithm: Bool, _ rows: Int, _ count: Int, _ g: UnsafeRawPointer, _ y: UnsafeRawPointer,
  _ dx: UnsafeMutableRawPointer
) {
  softmaxGradient(FloatLanes.self, isLogarithm, rows, count, g, y, dx)
}

@inline(never)
func doubleSoftmaxGradient(
  _ isLogarithm: Bool, _ rows: Int, _ count: Int, _ g: UnsafeRawPointer, _ y: UnsafeRawPointer,
  _ dx: UnsafeMutableRawPointer
) {
  softmaxGradient(DoubleLanes.self, isLogarithm, rows, count, g, y, dx)
}
