import SwiftConvVectorInterface

/// Four rows of one vector of results each, in registers. They share what they read of the rows of the source. `masked` says
/// whether some taps are outside: 2 if in addition the last two results of a vector do not count.
private struct ResultTile<V: Interleaved & BitwiseCopyable, let step: Int, let masked: Int>
where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  var sums: (V, V, V, V)
  let weights: TapWeights<V>
  let source: PlaneRows
  let place: Int
  let inside: TapMasks<V>

  /// `row` and `place` are where the first tap of the first result is.
  @inline(__always)
  init(_ plane: ResultPlane<V>, _ row: Int, _ place: Int, _ inside: TapMasks<V>) {
    (weights, source) = (plane.weights, plane.source)
    (self.place, self.inside) = (place, inside)
    let start = plane.start
    sums = (start, start, start, start)
    // Rows are named one by one, so that no register is indexed by a variable.
    add(0, row)
    add(1, row)
    add(2, row)
    add(3, row)
    add(4, row)
    add(5, row)
    if step == 2 {
      add(6, row)
      add(7, row)
      add(8, row)
    }
  }

  /// Adds what a row of the source contributes.
  @inline(__always)
  private mutating func add(_ index: Int, _ row: Int) {
    var taps =
      masked == 2 ? Triple<V>(short: source[row &+ index], place) : Triple<V>(source[row &+ index], place, step: step)
    if masked >= 1 { taps.clear(inside) }
    add(&sums.0, taps, index)
    add(&sums.1, taps, index &- step)
    add(&sums.2, taps, index &- 2 &* step)
    add(&sums.3, taps, index &- 3 &* step)
  }

  @inline(__always)
  private func add(_ sum: inout V, _ taps: Triple<V>, _ y: Int) {
    if y == 0 { taps.addProducts(&sum, weights.y0) }
    if y == 1 { taps.addProducts(&sum, weights.y1) }
    if y == 2 { taps.addProducts(&sum, weights.y2) }
  }
}

/// One row of one vector of results.
private struct ResultVector<V: Interleaved & BitwiseCopyable, let step: Int>
where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  var sum: V

  @inline(__always)
  init(_ plane: ResultPlane<V>, _ row: Int, _ place: Int, _ inside: TapMasks<V>) {
    sum = plane.start
    let weights = plane.weights
    add(plane.source[row], place, inside, weights.y0)
    add(plane.source[row &+ 1], place, inside, weights.y1)
    add(plane.source[row &+ 2], place, inside, weights.y2)
  }

  @inline(__always)
  private mutating func add(_ row: UnsafeRawPointer, _ place: Int, _ inside: TapMasks<V>, _ weights: Triple<V>) {
    var taps = Triple<V>(row, place, step: step)
    taps.clear(inside)
    taps.addProducts(&sum, weights)
  }
}

/// One plane of a source and of results.
private struct ResultPlane<V: Interleaved & BitwiseCopyable>
where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  let source: PlaneRows
  let weights: TapWeights<V>
  let start: V
  let target: ResultRows
}

/// What `DepthwiseKernels.Correlate` is called with.
struct CorrelationArguments {
  let planes: Int
  let source: SourcePlanes
  let weights: PlaneWeights
  let target: TargetPlanes
  let layout: DepthwiseKernels.Layout
  let bias: UnsafeRawPointer?
  let biasStride: Int

  /// What every sum of a plane begins with.
  @inline(__always)
  func start<V: SIMD>(_ plane: Int) -> V where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
    V(repeating: bias?.element(V.Scalar.self, at: plane &* biasStride) ?? 0)
  }
}

/// See `DepthwiseKernels.Correlate`.
private struct Correlation<V: Interleaved & BitwiseCopyable, let step: Int>
where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  let call: CorrelationArguments

  @inline(__always)
  private func forEachPlane(width: Int, _ body: (ResultPlane<V>) -> Void) {
    let size = MemoryLayout<V.Scalar>.size
    for index in 0..<call.planes {
      let plane = ResultPlane<V>(
        source: PlaneRows(V.Scalar.self, call.source, image: 0, plane: index, zeros: call.layout.zeros),
        weights: TapWeights(call.weights, index), start: call.start(index),
        target: ResultRows(call.target, index, of: call.planes, width: width, size: size))
      body(plane)
      plane.target.finish(call.target, size: size)
    }
  }

  private func masks(_ column: Int) -> TapMasks<V> {
    TapMasks(column &* step &- call.layout.left, call.source.columns, step: step, first: 0, end: V.scalarCount)
  }

  /// Planes of at most one vector of columns, or of two less than that (`masked` is 2).
  @inline(never)
  func runNarrow<let masked: Int>(_: Narrow<masked>) {
    let (rows, top, place, inside) = (call.target.rows, call.layout.top, 0 &- call.layout.left, masks(0))
    forEachPlane(width: V.scalarCount) { plane in
      var row = 0
      while row < rows, rows >= 4 {
        // The last rows are computed together with some before them, which get the same values again.
        row = min(row, rows &- 4)
        write(ResultTile<V, step, masked>(plane, row &* step &- top, place, inside).sums, plane, row, 0)
        row &+= 4
      }
      while row < rows {
        let vector = ResultVector<V, step>(plane, row &* step &- top, place, inside)
        plane.target[row].setVector(vector.sum, at: 0)
        row &+= 1
      }
    }
  }

  /// Planes of more than one vector of columns.
  @inline(never)
  func runWide() {
    let (rows, columns) = (call.target.rows, WideColumns(call.target.columns, lanes: V.scalarCount))
    let (top, begin) = (call.layout.top, 0 &- call.layout.left)
    let (left, right, all) = (masks(0), masks(columns.last), TapMasks<V>.all)
    forEachPlane(width: call.target.columns) { plane in
      var row = 0
      while row < rows, rows >= 4 {
        row = min(row, rows &- 4)
        let (first, place) = (row &* step &- top, begin)
        write(ResultTile<V, step, 1>(plane, first, place, left).sums, plane, row, 0)
        var column = columns.next(0)
        while column < columns.last {
          write(ResultTile<V, step, 0>(plane, first, place &+ column &* step, all).sums, plane, row, column)
          column = columns.next(column)
        }
        write(ResultTile<V, step, 1>(plane, first, place &+ column &* step, right).sums, plane, row, column)
        row &+= 4
      }
      while row < rows {
        var column = 0
        while column <= columns.last {
          let inside = column == 0 ? left : column == columns.last ? right : all
          let place = begin &+ column &* step
          let vector = ResultVector<V, step>(plane, row &* step &- top, place, inside)
          plane.target[row].setVector(vector.sum, at: column)
          column = column < columns.last ? columns.next(column) : column &+ 1
        }
        row &+= 1
      }
    }
  }

  @inline(__always)
  private func write(_ sums: (V, V, V, V), _ plane: ResultPlane<V>, _ row: Int, _ column: Int) {
    plane.target[row].setVector(sums.0, at: column)
    plane.target[row &+ 1].setVector(sums.1, at: column)
    plane.target[row &+ 2].setVector(sums.2, at: column)
    plane.target[row &+ 3].setVector(sums.3, at: column)
  }
}

private struct Narrow<let masked: Int> {}

@inline(__always)
private func narrow<V: Interleaved & BitwiseCopyable, let step: Int>(_ planes: Correlation<V, step>) {
  if step == 1, planes.call.target.columns &+ 2 <= V.scalarCount {
    planes.runNarrow(Narrow<2>())
  } else {
    planes.runNarrow(Narrow<1>())
  }
}

@inline(__always)
private func correlate<
  V: Interleaved & BitwiseCopyable, Half: Interleaved & BitwiseCopyable, let step: Int
>(_ whole: Correlation<V, step>, _ half: Correlation<Half, step>) {
  let columns = whole.call.target.columns
  let paired = PairedCorrelation<V>(call: whole.call)
  if step == 1, paired.isPossible {
    paired.run()
  } else if columns > V.scalarCount {
    whole.runWide()
  } else if columns > Half.scalarCount {
    narrow(whole)
  } else {
    narrow(half)
  }
}

let floatDepthwiseCorrelate: DepthwiseKernels.Correlate = {
  let call = CorrelationArguments(
    planes: $0, source: $1, weights: $2, target: $3, layout: $4, bias: $5, biasStride: $6)
  if $4.step == 1 {
    correlate(Correlation<FloatVector, 1>(call: call), Correlation<HalfFloatVector, 1>(call: call))
  } else {
    correlate(Correlation<FloatVector, 2>(call: call), Correlation<HalfFloatVector, 2>(call: call))
  }
}
let doubleDepthwiseCorrelate: DepthwiseKernels.Correlate = {
  let call = CorrelationArguments(
    planes: $0, source: $1, weights: $2, target: $3, layout: $4, bias: $5, biasStride: $6)
  if $4.step == 1 {
    correlate(Correlation<DepthwiseDoubleVector, 1>(call: call), Correlation<HalfDoubleVector, 1>(call: call))
  } else {
    correlate(Correlation<DepthwiseDoubleVector, 2>(call: call), Correlation<HalfDoubleVector, 2>(call: call))
  }
}
