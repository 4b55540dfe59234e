import SwiftConvVectorInterface

// Rows with statistics of their own, as in layer normalization. A row stays in the first-level cache between its walks.

/// Calls `body` for each register of a row: where it begins, and how many of its lanes exist.
@inline(__always)
private func forEachRegister<L: Lanes>(_: L.Type, _ count: Int, _ body: (Int, Int) -> Void) {
  var index = 0
  while index &+ L.width <= count {
    body(index, L.width)
    index &+= L.width
  }
  if index < count { body(index, count &- index) }
}

extension Lanes {
  @inline(__always)
  fileprivate static func some(_ pointer: UnsafeRawPointer, _ index: Int, _ count: Int) -> Self {
    count == width ? load(pointer, index) : loadPart(pointer, index, count: count, filler: 0)
  }

  @inline(__always)
  fileprivate func put(_ pointer: UnsafeMutableRawPointer, _ index: Int, _ count: Int) {
    if count == Self.width { store(pointer, index) } else { storePart(pointer, index, count: count) }
  }
}

@inline(__always)
private func standardize<L: Lanes>(
  _: L.Type, _ count: Int, _ x: UnsafeRawPointer, _ mean: Double, _ inverse: Double, _ weight: UnsafeRawPointer,
  _ bias: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
) {
  let (mean, inverse) = (L(mean), L(inverse))
  forEachRegister(L.self, count) { index, lanes in
    let normal = (L.some(x, index, lanes) - mean) * inverse
    L.multiplyAdd(normal, L.some(weight, index, lanes), L.some(bias, index, lanes)).put(y, index, lanes)
  }
}

@inline(__always)
private func standardizeSums<L: Lanes>(
  _: L.Type, _ count: Int, _ g: UnsafeRawPointer, _ x: UnsafeRawPointer, _ mean: Double, _ inverse: Double,
  _ weight: UnsafeRawPointer, _ weightSums: UnsafeMutableRawPointer, _ biasSums: UnsafeMutableRawPointer
) -> (Double, Double) {
  let (mean, inverse) = (L(mean), L(inverse))
  var (first, second): (Double, Double) = (0, 0)
  var start = 0
  // So many elements are added in the lanes of registers before the sums go on in float64.
  let block = 256 &* L.width
  while start < count {
    let length = min(block, count &- start)
    var (a, b) = (L(0), L(0))
    forEachRegister(L.self, length) { place, lanes in
      let index = start &+ place
      let (gradient, value) = (L.some(g, index, lanes), L.some(x, index, lanes))
      let normal = (value - mean) * inverse
      (L.some(weightSums, index, lanes) + gradient * normal).put(weightSums, index, lanes)
      (L.some(biasSums, index, lanes) + gradient).put(biasSums, index, lanes)
      // Lanes beyond the end have no gradient.
      let weighted = gradient * L.some(weight, index, lanes)
      a = a + weighted
      b = b + weighted * normal
    }
    (first, second) = (first + a.total, second + b.total)
    start &+= length
  }
  return (first, second)
}

@inline(__always)
private func standardizeGradient<L: Lanes>(
  _: L.Type, _ count: Int, _ g: UnsafeRawPointer, _ x: UnsafeRawPointer, _ mean: Double, _ inverse: Double,
  _ weight: UnsafeRawPointer, _ shares: (Double, Double), _ dx: UnsafeMutableRawPointer
) {
  let (mean, inverse, first, second) = (L(mean), L(inverse), L(shares.0), L(shares.1))
  forEachRegister(L.self, count) { index, lanes in
    let normal = (L.some(x, index, lanes) - mean) * inverse
    let weighted = L.some(g, index, lanes) * L.some(weight, index, lanes)
    ((weighted - first - normal * second) * inverse).put(dx, index, lanes)
  }
}

/// The loops of layer normalization of this copy of the module.
func makeRowNormalizationKernels() -> RowNormalizationKernels {
  RowNormalizationKernels(
    standardize: { dtype, count, x, mean, inverse, weight, bias, y in
      dtype == .float64
        ? standardize(DoubleLanes.self, count, x, mean, inverse, weight, bias, y)
        : standardize(FloatLanes.self, count, x, mean, inverse, weight, bias, y)
    },
    sums: { dtype, count, g, x, mean, inverse, weight, weightSums, biasSums in
      dtype == .float64
        ? standardizeSums(DoubleLanes.self, count, g, x, mean, inverse, weight, weightSums, biasSums)
        : standardizeSums(FloatLanes.self, count, g, x, mean, inverse, weight, weightSums, biasSums)
    },
    gradient: { dtype, count, g, x, mean, inverse, weight, shares, dx in
      dtype == .float64
        ? standardizeGradient(DoubleLanes.self, count, g, x, mean, inverse, weight, shares, dx)
        : standardizeGradient(FloatLanes.self, count, g, x, mean, inverse, weight, shares, dx)
    })
}
