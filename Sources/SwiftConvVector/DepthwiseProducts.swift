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
    var all = InlineArray<9, V.Scalar>(repeating: 0)
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

/// Some rows of one vector of results each, which share what they read of the rows of the source.
private struct ProductTile<V: Interleaved & BitwiseCopyable, let step: Int, let rows: Int, let masked: Int>
where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  let source, results: PlaneRows
  let layout: DepthwiseKernels.Layout
  let inside: TapMasks<V>
  /// Which results count.
  let used: V.MaskStorage

  @inline(__always)
  func add(_ sums: inout ProductSums<V>, _ row: Int, _ column: Int) {
    let first = result(row, column)
    let second = rows > 1 ? result(row &+ 1, column) : first
    let third = rows > 2 ? result(row &+ 2, column) : first
    let fourth = rows > 2 ? result(row &+ 3, column) : first
    let (top, place) = (row &* step &- layout.top, column &* step &- layout.left)
    let all = (first, second, third, fourth)
    add(&sums, 0, top, place, all)
    add(&sums, 1, top, place, all)
    add(&sums, 2, top, place, all)
    if (rows &- 1) &* step > 0 { add(&sums, 3, top, place, all) }
    if (rows &- 1) &* step > 1 { add(&sums, 4, top, place, all) }
    if (rows &- 1) &* step > 2 { add(&sums, 5, top, place, all) }
    if (rows &- 1) &* step > 3 { add(&sums, 6, top, place, all) }
    if (rows &- 1) &* step > 4 { add(&sums, 7, top, place, all) }
    if (rows &- 1) &* step > 5 { add(&sums, 8, top, place, all) }
  }

  @inline(__always)
  private func result(_ row: Int, _ column: Int) -> V {
    let vector = results[row].vector(V.self, at: column)
    return masked == 1 ? cleared(vector, used) : vector
  }

  /// What one row of the source adds.
  @inline(__always)
  private func add(_ sums: inout ProductSums<V>, _ index: Int, _ top: Int, _ place: Int, _ results: (V, V, V, V)) {
    var taps = Triple<V>(source[top &+ index], place, step: step)
    if masked == 1 { taps.clear(inside) }
    sums.add(taps, results.0, index)
    if rows > 1 { sums.add(taps, results.1, index &- step) }
    if rows > 2 {
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

  /// Masks for a vector whose results before `first` do not count.
  private func masks(_ column: Int, first: Int) -> (inside: TapMasks<V>, used: V.MaskStorage) {
    let end = min(results.columns &- column, V.scalarCount)
    let place = column &* step &- layout.left
    return (
      TapMasks(place, source.columns, step: step, first: first, end: end),
      TapMasks<V>(column, results.columns, step: 1, first: first, end: end).x0
    )
  }

  @inline(never)
  func run() {
    let (rows, lanes) = (results.rows, V.scalarCount)
    let last = max(0, results.columns &- lanes)
    let left = masks(0, first: 0)
    // The last vector overlaps the one before. Each result counts once.
    let right = masks(last, first: (last &+ lanes &- 1) / lanes &* lanes &- last)
    for plane in 0..<planes {
      var sums = ProductSums<V>()
      for image in 0..<images {
        let x = PlaneRows(V.Scalar.self, source, image: image, plane: plane, zeros: layout.zeros)
        let y = PlaneRows(V.Scalar.self, results, image: image, plane: plane, zeros: layout.zeros)
        var row = 0
        while row &+ 4 <= rows {
          ProductTile<V, step, 4, 1>(source: x, results: y, layout: layout, inside: left.inside, used: left.used)
            .add(&sums, row, 0)
          var column = lanes
          while column < last {
            addMiddle(&sums, x, y, row, column, left)
            column &+= lanes
          }
          if last > 0 {
            ProductTile<V, step, 4, 1>(source: x, results: y, layout: layout, inside: right.inside, used: right.used)
              .add(&sums, row, last)
          }
          row &+= 4
        }
        while row < rows {
          var column = 0
          while column < last &+ lanes {
            let place = min(column, last)
            let (inside, used) =
              column == 0 ? left : column >= last ? right : masks(column, first: 0)
            ProductTile<V, step, 1, 1>(source: x, results: y, layout: layout, inside: inside, used: used)
              .add(&sums, row, place)
            column &+= lanes
          }
          row &+= 1
        }
      }
      sums.write(target, plane)
    }
  }

  /// Four rows of a vector that is neither the first nor the last.
  @inline(__always)
  private func addMiddle(
    _ sums: inout ProductSums<V>, _ x: PlaneRows, _ y: PlaneRows, _ row: Int, _ column: Int,
    _ none: (inside: TapMasks<V>, used: V.MaskStorage)
  ) {
    let place = column &* step &- layout.left
    if place &+ (V.scalarCount &- 1) &* step &+ 2 < source.columns {
      ProductTile<V, step, 4, 0>(source: x, results: y, layout: layout, inside: none.inside, used: none.used)
        .add(&sums, row, column)
    } else {
      let own = masks(column, first: 0)
      ProductTile<V, step, 4, 1>(source: x, results: y, layout: layout, inside: own.inside, used: own.used)
        .add(&sums, row, column)
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
