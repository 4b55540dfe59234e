import SwiftConvVectorInterface

/// The sums of products of a plane with a plane of results, for each of 9 taps a vector of partial sums, in registers.
private struct ProductSums<V: Interleaved & BitwiseCopyable>
where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  var y0, y1, y2: Triple<V>

  @inline(__always)
  init() {
    y0 = Triple(x0: .zero, x1: .zero, x2: .zero)
    (y1, y2) = (y0, y0)
  }

  @inline(__always)
  mutating func add(_ taps: Triple<V>, _ result: V, _ y: Int) {
    if y == 0 { taps.addScaled(&y0, result) }
    if y == 1 { taps.addScaled(&y1, result) }
    if y == 2 { taps.addScaled(&y2, result) }
  }

  /// Sums of neighbours: those of the first vector in the lower half, those of the second in the upper.
  @inline(__always)
  private func fold(_ a: V, _ b: V) -> V { V.evenElements(a, b) + V.oddElements(a, b) }

  /// Adds up the vectors, and writes the 9 sums.
  @inline(__always)
  func write(_ target: PlaneWeights, _ plane: Int) {
    var all = InlineArray<9, V.Scalar> { _ in 0 }
    if V.scalarCount >= 8 {
      var eight = fold(fold(fold(y0.x0, y0.x1), fold(y0.x2, y1.x0)), fold(fold(y1.x1, y1.x2), fold(y2.x0, y2.x1)))
      if V.scalarCount == 16 { eight = fold(eight, eight) }
      for tap in 0..<8 { all[tap] = eight[tap] }
    } else if V.scalarCount == 4 {
      let (low, high) = (fold(fold(y0.x0, y0.x1), fold(y0.x2, y1.x0)), fold(fold(y1.x1, y1.x2), fold(y2.x0, y2.x1)))
      for tap in 0..<4 { (all[tap], all[tap &+ 4]) = (low[tap], high[tap]) }
    } else {
      let pairs = (fold(y0.x0, y0.x1), fold(y0.x2, y1.x0), fold(y1.x1, y1.x2), fold(y2.x0, y2.x1))
      for tap in 0..<2 {
        (all[tap], all[tap &+ 2], all[tap &+ 4], all[tap &+ 6]) = (
          pairs.0[tap], pairs.1[tap], pairs.2[tap], pairs.3[tap]
        )
      }
    }
    var ninth = y2.x2
    var width = V.scalarCount
    while width > 1 {
      ninth = fold(ninth, ninth)
      width /= 2
    }
    all[8] = ninth[0]
    for y in 0..<3 {
      for x in 0..<3 {
        let place = plane &* target.planeStride &+ y &* target.rowStride &+ x &* target.columnStride
        target.pointer.setElement(all[y &* 3 &+ x], at: place)
      }
    }
  }
}

extension Triple where V: BitwiseCopyable, V.Scalar: BinaryFloatingPoint {
  @inline(__always)
  fileprivate func addScaled(_ sums: inout Triple<V>, _ factor: V) {
    multiplyAdd(&sums.x0, factor, x0)
    multiplyAdd(&sums.x1, factor, x1)
    multiplyAdd(&sums.x2, factor, x2)
  }
}

/// Which lanes of a vector count.
private struct ProductMasks<V: SIMD> {
  let inside: TapMasks<V>
  let results: V.MaskStorage
}

/// Four rows, or one, of one vector of results each, which share what they read of the rows of the source.
private struct ProductTile<V: Interleaved & BitwiseCopyable, let step: Int, let rows: Int>
where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  let source: PlaneRows
  let place: Int
  let masks: ProductMasks<V>
  let results: (V, V, V, V)

  /// `line` is where the first of the results are, `place` where the first tap of the first of them is.
  @inline(__always)
  init(_ source: PlaneRows, _ place: Int, _ line: UnsafeRawPointer, _ lineStride: Int, _ masks: ProductMasks<V>) {
    (self.source, self.place, self.masks) = (source, place, masks)
    let first = cleared(line.vector(V.self, at: 0), masks.results)
    if rows == 4 {
      results = (
        first, cleared((line + lineStride).vector(V.self, at: 0), masks.results),
        cleared((line + 2 &* lineStride).vector(V.self, at: 0), masks.results),
        cleared((line + 3 &* lineStride).vector(V.self, at: 0), masks.results)
      )
    } else {
      results = (first, first, first, first)
    }
  }

  @inline(__always)
  func add(_ sums: inout ProductSums<V>, _ row: Int) {
    add(&sums, row, 0)
    add(&sums, row, 1)
    add(&sums, row, 2)
    if rows == 4 {
      add(&sums, row, 3)
      add(&sums, row, 4)
      add(&sums, row, 5)
      if step == 2 {
        add(&sums, row, 6)
        add(&sums, row, 7)
        add(&sums, row, 8)
      }
    }
  }

  /// What one row of the source adds.
  @inline(__always)
  private func add(_ sums: inout ProductSums<V>, _ row: Int, _ index: Int) {
    var taps = Triple<V>(source[row &+ index], place, step: step)
    taps.clear(masks.inside)
    sums.add(taps, results.0, index)
    if rows == 4 {
      sums.add(taps, results.1, index &- step)
      sums.add(taps, results.2, index &- 2 &* step)
      sums.add(taps, results.3, index &- 3 &* step)
    }
  }
}

/// See `DepthwiseKernels.Products`.
private struct Products<V: Interleaved & BitwiseCopyable, let step: Int>
where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  let planes, images: Int
  let source, results: SourcePlanes
  let layout: DepthwiseKernels.Layout
  let target: PlaneWeights

  /// Masks for a vector of results from a column on, whose results before `first` do not count.
  private func masks(_ column: Int, first: Int) -> ProductMasks<V> {
    let end = min(results.columns &- column, V.scalarCount)
    let place = column &* step &- layout.left
    return ProductMasks(
      inside: TapMasks(place, source.columns, step: step, first: first, end: end),
      results: TapMasks<V>(column, results.columns, step: 1, first: first, end: end).x0)
  }

  @inline(never)
  func run() {
    let (size, lanes) = (MemoryLayout<V.Scalar>.size, V.scalarCount)
    let last = max(0, results.columns &- lanes)
    // The last vector overlaps the one before. Each result counts once.
    let previous = max(0, last &- 1) / lanes &* lanes
    let (left, middle) = (masks(0, first: 0), ProductMasks<V>(inside: .all, results: TapMasks<V>.all.x0))
    let nearRight = masks(previous, first: 0)
    let right = masks(last, first: last > 0 ? previous &+ lanes &- last : 0)
    for plane in 0..<planes {
      var sums = ProductSums<V>()
      for image in 0..<images {
        let x = PlaneRows(V.Scalar.self, source, image: image, plane: plane, zeros: layout.zeros)
        let y = PlaneRows(V.Scalar.self, results, image: image, plane: plane, zeros: layout.zeros)
        var row = 0
        while row < y.count {
          let (line, top) = (y.first + row &* y.stride, row &* step &- layout.top)
          let isTile = row &+ 4 <= y.count
          var column = 0
          while column <= last {
            let masks =
              column == 0 && last > 0 ? left : column == last ? right : column == previous ? nearRight : middle
            let (place, from) = (column &* step &- layout.left, line + column &* size)
            if isTile {
              ProductTile<V, step, 4>(x, place, from, y.stride, masks).add(&sums, top)
            } else {
              ProductTile<V, step, 1>(x, place, from, y.stride, masks).add(&sums, top)
            }
            column = column < last ? min(column &+ lanes, last) : column &+ 1
          }
          row &+= isTile ? 4 : 1
        }
      }
      sums.write(target, plane)
    }
  }
}

@inline(__always)
private func multiply<V: Interleaved & BitwiseCopyable>(
  _: V.Type, _ planes: Int, _ images: Int, _ source: SourcePlanes, _ results: SourcePlanes,
  _ layout: DepthwiseKernels.Layout, _ target: PlaneWeights
) where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  if layout.step == 1 {
    Products<V, 1>(
      planes: planes, images: images, source: source, results: results, layout: layout, target: target
    ).run()
  } else {
    Products<V, 2>(
      planes: planes, images: images, source: source, results: results, layout: layout, target: target
    ).run()
  }
}

let floatDepthwiseProducts: DepthwiseKernels.Products = {
  if $3.columns > HalfFloatVector.scalarCount {
    multiply(FloatVector.self, $0, $1, $2, $3, $4, $5)
  } else {
    multiply(HalfFloatVector.self, $0, $1, $2, $3, $4, $5)
  }
}
let doubleDepthwiseProducts: DepthwiseKernels.Products = {
  if $3.columns > HalfDoubleVector.scalarCount {
    multiply(DepthwiseDoubleVector.self, $0, $1, $2, $3, $4, $5)
  } else {
    multiply(HalfDoubleVector.self, $0, $1, $2, $3, $4, $5)
  }
}

func makeFloatDepthwiseKernels() -> DepthwiseKernels {
  DepthwiseKernels(correlate: floatDepthwiseCorrelate, spread: floatDepthwiseSpread, products: floatDepthwiseProducts)
}

func makeDoubleDepthwiseKernels() -> DepthwiseKernels {
  DepthwiseKernels(
    correlate: doubleDepthwiseCorrelate, spread: doubleDepthwiseSpread, products: doubleDepthwiseProducts)
}
