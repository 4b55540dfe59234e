import SwiftConvVectorInterface

/// How many rows of the target are computed together: they share the rows of the source that they read.
private let bandRows = 4

/// Adds what one row of the source gives to rows `first...last` of a band.
@inline(__always)
private func addSourceRow<V: SIMD & BitwiseCopyable>(
  _ sums: inout InlineArray<8, V>, _ first: Int, _ last: Int, _ vectors: Int, _ sourceRow: Int, _ kw: Int,
  _ source: UnsafeRawPointer, _ tapStride: Int, _ weights: UnsafeRawPointer
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  for kx in 0..<kw {
    var right = InlineArray<2, V>(repeating: .zero)
    for vector in 0..<vectors {
      right[vector] = source.vector(V.self, at: kx &* tapStride &+ vector &* V.scalarCount)
    }
    for row in first...last {
      let weight = V(repeating: weights.element(V.Scalar.self, at: (sourceRow &- row) &* kw &+ kx))
      for vector in 0..<vectors { multiplyAdd(&sums[row &* 2 &+ vector], weight, right[vector]) }
    }
  }
}

/// Four rows and one or two vectors of columns of the target. The sums stay in registers; each source row is read once
/// for all the target rows that need it, which the cases name so that no register is indexed by a variable.
@inline(__always)
private func correlateBand<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ vectors: Int, _ kh: Int, _ kw: Int, _ source: UnsafeRawPointer, _ sourceRowStride: Int,
  _ tapStride: Int, _ weights: UnsafeRawPointer
) -> InlineArray<8, V> where V.Scalar: FloatingPoint & BitwiseCopyable {
  var sums = InlineArray<8, V>(repeating: .zero)
  for sourceRow in 0..<(kh &+ bandRows &- 1) {
    let from = source + sourceRow &* sourceRowStride &* MemoryLayout<V.Scalar>.size
    let first = max(0, sourceRow &- kh &+ 1)
    let last = min(bandRows &- 1, sourceRow)
    switch first &* 4 &+ last {
    case 0: addSourceRow(&sums, 0, 0, vectors, sourceRow, kw, from, tapStride, weights)
    case 1: addSourceRow(&sums, 0, 1, vectors, sourceRow, kw, from, tapStride, weights)
    case 2: addSourceRow(&sums, 0, 2, vectors, sourceRow, kw, from, tapStride, weights)
    case 3: addSourceRow(&sums, 0, 3, vectors, sourceRow, kw, from, tapStride, weights)
    case 5: addSourceRow(&sums, 1, 1, vectors, sourceRow, kw, from, tapStride, weights)
    case 6: addSourceRow(&sums, 1, 2, vectors, sourceRow, kw, from, tapStride, weights)
    case 7: addSourceRow(&sums, 1, 3, vectors, sourceRow, kw, from, tapStride, weights)
    case 10: addSourceRow(&sums, 2, 2, vectors, sourceRow, kw, from, tapStride, weights)
    case 11: addSourceRow(&sums, 2, 3, vectors, sourceRow, kw, from, tapStride, weights)
    default: addSourceRow(&sums, 3, 3, vectors, sourceRow, kw, from, tapStride, weights)
    }
  }
  return sums
}

/// One row and one vector of columns of the target.
@inline(__always)
private func correlateVector<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ kh: Int, _ kw: Int, _ source: UnsafeRawPointer, _ sourceRowStride: Int, _ tapStride: Int,
  _ weights: UnsafeRawPointer
) -> V where V.Scalar: FloatingPoint & BitwiseCopyable {
  var sum = V.zero
  for ky in 0..<kh {
    for kx in 0..<kw {
      let weight = V(repeating: weights.element(V.Scalar.self, at: ky &* kw &+ kx))
      multiplyAdd(&sum, weight, source.vector(V.self, at: ky &* sourceRowStride &+ kx &* tapStride))
    }
  }
  return sum
}

/// Writes the first `count` elements of a vector, or adds them to what is there.
@inline(__always)
private func put<V: SIMD & BitwiseCopyable>(
  _ vector: V, _ count: Int, _ target: UnsafeMutableRawPointer, _ accumulates: Bool
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  if count >= V.scalarCount {
    target.setVector(accumulates ? target.vector(V.self, at: 0) + vector : vector, at: 0)
  } else {
    withUnsafeBytes(of: vector) { bytes in
      guard let elements = bytes.baseAddress else { return }
      for index in 0..<count {
        let value = elements.element(V.Scalar.self, at: index)
        let before = UnsafeRawPointer(target).element(V.Scalar.self, at: index)
        target.setElement(accumulates ? before + value : value, at: index)
      }
    }
  }
}

/// See `RowKernels.Correlate`.
@inline(__always)
private func correlate<V: SIMD & BitwiseCopyable>(
  _ type: V.Type, _ rows: Int, _ columns: Int, _ kh: Int, _ kw: Int, _ source: UnsafeRawPointer,
  _ sourceRowStride: Int, _ tapStride: Int, _ weights: UnsafeRawPointer, _ target: UnsafeMutableRawPointer,
  _ targetRowStride: Int, _ accumulates: Bool
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  let size = MemoryLayout<V.Scalar>.size
  let lanes = V.scalarCount
  var row = 0
  while row &+ bandRows <= rows {
    let from = source + row &* sourceRowStride &* size
    let to = target + row &* targetRowStride &* size
    var column = 0
    while columns &- column > lanes {
      let sums = correlateBand(type, 2, kh, kw, from + column &* size, sourceRowStride, tapStride, weights)
      for line in 0..<bandRows {
        let place = to + (line &* targetRowStride &+ column) &* size
        put(sums[line &* 2], lanes, place, accumulates)
        put(sums[line &* 2 &+ 1], columns &- column &- lanes, place + lanes &* size, accumulates)
      }
      column &+= 2 &* lanes
    }
    if column < columns {
      let sums = correlateBand(type, 1, kh, kw, from + column &* size, sourceRowStride, tapStride, weights)
      for line in 0..<bandRows {
        put(sums[line &* 2], columns &- column, to + (line &* targetRowStride &+ column) &* size, accumulates)
      }
    }
    row &+= bandRows
  }
  while row < rows {
    let from = source + row &* sourceRowStride &* size
    let to = target + row &* targetRowStride &* size
    var column = 0
    while column < columns {
      let sum = correlateVector(type, kh, kw, from + column &* size, sourceRowStride, tapStride, weights)
      put(sum, columns &- column, to + column &* size, accumulates)
      column &+= lanes
    }
    row &+= 1
  }
}

/// The sums of `taps` neighbouring taps, in registers over all rows and columns.
@inline(__always)
private func dotTaps<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ taps: Int, _ rows: Int, _ columns: Int, _ a: UnsafeRawPointer, _ aRowStride: Int,
  _ b: UnsafeRawPointer, _ bRowStride: Int, _ tapStride: Int, _ sums: UnsafeMutableRawPointer
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  var totals = InlineArray<4, V>(repeating: .zero)
  for tap in 0..<taps { totals[tap] = sums.vector(V.self, at: tap &* V.scalarCount) }
  for row in 0..<rows {
    var column = 0
    while column < columns {
      let left = a.vector(V.self, at: row &* aRowStride &+ column)
      for tap in 0..<taps {
        multiplyAdd(&totals[tap], left, b.vector(V.self, at: row &* bRowStride &+ column &+ tap &* tapStride))
      }
      column &+= V.scalarCount
    }
  }
  for tap in 0..<taps { sums.setVector(totals[tap], at: tap &* V.scalarCount) }
}

/// See `RowKernels.Dot`.
@inline(__always)
private func dot<V: SIMD & BitwiseCopyable>(
  _ type: V.Type, _ rows: Int, _ columns: Int, _ taps: Int, _ a: UnsafeRawPointer, _ ars: Int,
  _ b: UnsafeRawPointer, _ brs: Int, _ tapStride: Int, _ sums: UnsafeMutableRawPointer
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  let size = MemoryLayout<V.Scalar>.size
  var tap = 0
  while tap < taps {
    let from = b + tap &* tapStride &* size
    let to = sums + tap &* V.scalarCount &* size
    switch taps &- tap {
    case 1: dotTaps(type, 1, rows, columns, a, ars, from, brs, tapStride, to)
    case 2: dotTaps(type, 2, rows, columns, a, ars, from, brs, tapStride, to)
    case 3: dotTaps(type, 3, rows, columns, a, ars, from, brs, tapStride, to)
    default: dotTaps(type, 4, rows, columns, a, ars, from, brs, tapStride, to)
    }
    tap &+= 4
  }
}

func makeFloatRowKernels() -> RowKernels {
  RowKernels(
    load: floatLoad, store: floatStore, join: floatJoin,
    correlate: { correlate(FloatVector.self, $0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
    dot: { dot(FloatVector.self, $0, $1, $2, $3, $4, $5, $6, $7, $8) })
}

func makeDoubleRowKernels() -> RowKernels {
  RowKernels(
    load: doubleLoad, store: doubleStore, join: doubleJoin,
    correlate: { correlate(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
    dot: { dot(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6, $7, $8) })
}
