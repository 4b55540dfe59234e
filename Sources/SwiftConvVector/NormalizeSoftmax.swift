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
  /// The register that starts at an element, with minus infinity beyond the end of the row.
  @inline(__always)
  fileprivate static func loadUpTo(_ end: Int, _ x: UnsafeRawPointer, _ index: Int) -> Self {
    index &+ width <= end ? load(x, index) : loadPart(x, index, count: end &- index, filler: -.infinity)
  }

  @inline(__always)
  fileprivate func storeUpTo(_ end: Int, _ y: UnsafeMutableRawPointer, _ index: Int) {
    if index &+ Self.width <= end { store(y, index) } else { storePart(y, index, count: end &- index) }
  }

  /// Walks over a row and adds up what `body` returns for each register.
  @inline(__always)
  fileprivate static func sum(_ count: Int, _ body: (Int) -> Self) -> Double {
    var result: Double = 0
    var start = 0
    while start < count {
      let end = min(start &+ blockLength, count)
      var sums = Self(0)
      var index = start
      while index < end {
        sums = sums + body(index)
        index &+= width
      }
      result += sums.total
      start = end
    }
    return result
  }
}

/// Three walks over the row: the largest element, the exponentials and their sum, the division. The row stays in the
/// first-level cache unless it is very long.
@inline(__always)
private func softmax<L: Lanes>(
  _: L.Type, _ isLogarithm: Bool, _ count: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
) {
  var largest = L(-.infinity)
  var index = 0
  while index < count {
    largest = L.maximum(largest, L.loadUpTo(count, x, index))
    index &+= L.width
  }
  var top = largest[0]
  for lane in 1..<L.width where largest[lane] > top || largest[lane] != largest[lane] { top = largest[lane] }
  let shift = L(repeating: top)
  let sum = L.sum(count) { index in
    let exponential = L.exp(L.loadUpTo(count, x, index) - shift)
    if !isLogarithm { exponential.storeUpTo(count, y, index) }
    return exponential
  }
  index = 0
  if isLogarithm {
    let logarithm = L(log(sum))
    while index < count {
      (L.loadUpTo(count, x, index) - shift - logarithm).storeUpTo(count, y, index)
      index &+= L.width
    }
  } else {
    let sums = L(sum)
    while index < count {
      (L.loadUpTo(count, y, index) / sums).storeUpTo(count, y, index)
      index &+= L.width
    }
  }
}

/// `dx = y · (g - sum of g · y)`; for the logarithm `g - exp(y) · sum of g`.
@inline(__always)
private func softmaxGradient<L: Lanes>(
  _: L.Type, _ isLogarithm: Bool, _ count: Int, _ g: UnsafeRawPointer, _ y: UnsafeRawPointer,
  _ dx: UnsafeMutableRawPointer
) {
  // Registers beyond the end of the row add zeros.
  func load(_ from: UnsafeRawPointer, _ index: Int) -> L {
    index &+ L.width <= count
      ? L.load(from, index) : L.loadPart(from, index, count: count &- index, filler: 0)
  }
  let sum = L.sum(count) { isLogarithm ? load(g, $0) : load(g, $0) * load(y, $0) }
  let sums = L(sum)
  var index = 0
  while index < count {
    let (slope, value) = (load(g, index), load(y, index))
    let result = isLogarithm ? slope - L.exp(value) * sums : value * (slope - sums)
    result.storeUpTo(count, dx, index)
    index &+= L.width
  }
}

// Functions of their own, because in one that grows too large the compiler stops inlining.

@inline(never)
func floatSoftmax(_ isLogarithm: Bool, _ count: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
  softmax(FloatLanes.self, isLogarithm, count, x, y)
}

@inline(never)
func doubleSoftmax(_ isLogarithm: Bool, _ count: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
  softmax(DoubleLanes.self, isLogarithm, count, x, y)
}

@inline(never)
func floatSoftmaxGradient(
  _ isLogarithm: Bool, _ count: Int, _ g: UnsafeRawPointer, _ y: UnsafeRawPointer, _ dx: UnsafeMutableRawPointer
) {
  softmaxGradient(FloatLanes.self, isLogarithm, count, g, y, dx)
}

@inline(never)
func doubleSoftmaxGradient(
  _ isLogarithm: Bool, _ count: Int, _ g: UnsafeRawPointer, _ y: UnsafeRawPointer, _ dx: UnsafeMutableRawPointer
) {
  softmaxGradient(DoubleLanes.self, isLogarithm, count, g, y, dx)
}
