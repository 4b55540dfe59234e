import SwiftConvVectorInterface

/// How many rows of the target are computed together: they share the rows of the source that they read.
private let bandRows = 4

/// The widest tile whose sums, 4 rows of so many vectors, stay in registers together with what is multiplied.
#if SWIFTCONV_AVX512
  private typealias WideBand<V: SIMD & BitwiseCopyable, let taps: Int> = CorrelatedBand<V, 3, taps>
  where V.Scalar: FloatingPoint & BitwiseCopyable
#else
  private typealias WideBand<V: SIMD & BitwiseCopyable, let taps: Int> = CorrelatedBand<V, 2, taps>
  where V.Scalar: FloatingPoint & BitwiseCopyable
#endif

/// Four rows and a few vectors of columns of the target, for kernels of at least three rows. The sums stay in registers;
/// each source row is read once for all the target rows that need it. `taps` is the width of the kernel where the loop
/// over it shall be unrolled, or 0.
private enum CorrelatedBand<V: SIMD & BitwiseCopyable, let vectors: Int, let taps: Int>
where V.Scalar: FloatingPoint & BitwiseCopyable {
  typealias Sums = InlineArray<12, V>

  /// Computes a band of `columns` columns, which are at most `vectors` vectors. `start` is what the sums begin with. Each
  /// vector begins `step` columns after the one before; with less than a vector they share columns, and all are whole.
  @inline(__always)
  static func run(
    _ columns: Int, _ kh: Int, _ kw: Int, _ source: UnsafeRawPointer, _ sourceRowStride: Int, _ tapStride: Int,
    _ weights: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ targetRowStride: Int, _ start: V,
    _ accumulates: Bool, step: Int = V.scalarCount
  ) {
    let rowBytes = sourceRowStride &* MemoryLayout<V.Scalar>.size
    var sums = Sums { _ in start }
    // The first and last rows of the source are named one by one, so that no register is indexed by a variable.
    Rows<0, 0>.add(&sums, 0, kw, source, tapStride, weights, step)
    Rows<0, 1>.add(&sums, 1, kw, source + rowBytes, tapStride, weights, step)
    Rows<0, 2>.add(&sums, 2, kw, source + 2 &* rowBytes, tapStride, weights, step)
    for row in 3..<kh { Rows<0, 3>.add(&sums, row, kw, source + row &* rowBytes, tapStride, weights, step) }
    let below = source + kh &* rowBytes
    Rows<1, 3>.add(&sums, kh, kw, below, tapStride, weights, step)
    Rows<2, 3>.add(&sums, kh &+ 1, kw, below + rowBytes, tapStride, weights, step)
    Rows<3, 3>.add(&sums, kh &+ 2, kw, below + 2 &* rowBytes, tapStride, weights, step)
    if columns < (vectors &- 1) &* step &+ V.scalarCount {
      putPart(sums, columns, target, targetRowStride, accumulates)
    } else if accumulates {
      for row in 0..<bandRows {
        let line = target + row &* targetRowStride &* MemoryLayout<V.Scalar>.size
        for vector in 0..<vectors {
          let before = line.vector(V.self, at: vector &* V.scalarCount)
          line.setVector(before + sums[row &* vectors &+ vector], at: vector &* V.scalarCount)
        }
      }
    } else {
      for row in 0..<bandRows {
        let line = target + row &* targetRowStride &* MemoryLayout<V.Scalar>.size
        for vector in 0..<vectors {
          line.setVector(sums[row &* vectors &+ vector], at: vector &* step)
        }
      }
    }
  }

  /// Writes a band that is narrower than its vectors. On its own, and never inlined, so that the sums stay in registers
  /// elsewhere.
  @inline(never)
  private static func putPart(
    _ sums: Sums, _ columns: Int, _ target: UnsafeMutableRawPointer, _ targetRowStride: Int, _ accumulates: Bool
  ) {
    let size = MemoryLayout<V.Scalar>.size
    for row in 0..<bandRows {
      for vector in 0..<vectors {
        let column = vector &* V.scalarCount
        let place = target + (row &* targetRowStride &+ column) &* size
        put(sums[row &* vectors &+ vector], columns &- column, place, accumulates)
      }
    }
  }

  /// The target rows that one row of the source contributes to.
  enum Rows<let first: Int, let last: Int> {
    @inline(__always)
    static func add(
      _ sums: inout Sums, _ sourceRow: Int, _ kw: Int, _ source: UnsafeRawPointer, _ tapStride: Int,
      _ weights: UnsafeRawPointer, _ step: Int
    ) {
      if taps > 0 {
        for kx in 0..<taps { addTap(&sums, kx, sourceRow, taps, source, 1, weights, step) }
      } else {
        for kx in 0..<kw { addTap(&sums, kx, sourceRow, kw, source, tapStride, weights, step) }
      }
    }

    @inline(__always)
    private static func addTap(
      _ sums: inout Sums, _ kx: Int, _ sourceRow: Int, _ kw: Int, _ source: UnsafeRawPointer, _ tapStride: Int,
      _ weights: UnsafeRawPointer, _ step: Int
    ) {
      var right = InlineArray<3, V> { _ in .zero }
      for vector in 0..<vectors {
        right[vector] = source.vector(V.self, at: kx &* tapStride &+ vector &* step)
      }
      for row in first..<(last &+ 1) {
        let weight = V(repeating: weights.element(V.Scalar.self, at: (sourceRow &- row) &* kw &+ kx))
        for vector in 0..<vectors { multiplyAdd(&sums[row &* vectors &+ vector], weight, right[vector]) }
      }
    }
  }

  /// Computes four rows of the target, however wide.
  @inline(__always)
  static func sweep(
    _ columns: Int, _ kh: Int, _ kw: Int, _ source: UnsafeRawPointer, _ sourceRowStride: Int, _ tapStride: Int,
    _ weights: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ targetRowStride: Int, _ start: V,
    _ accumulates: Bool
  ) {
    let size = MemoryLayout<V.Scalar>.size
    let width = vectors &* V.scalarCount
    var column = 0
    while columns &- column > width &- V.scalarCount {
      // The last columns are computed together with some before them, which get the same values again. Sums that are
      // added to the target cannot be added twice.
      if !accumulates {
        if columns < width { break }
        column = min(column, columns &- width)
      }
      run(
        columns &- column, kh, kw, source + column &* size, sourceRowStride, tapStride, weights,
        target + column &* size, targetRowStride, start, accumulates)
      column &+= width
    }
    while column < columns {
      if !accumulates, columns >= V.scalarCount { column = min(column, columns &- V.scalarCount) }
      let count = min(columns &- column, 2 &* V.scalarCount)
      sweepNarrow(
        count, kh, kw, source + column &* size, sourceRowStride, tapStride, weights, target + column &* size,
        targetRowStride, start, accumulates)
      column &+= 2 &* V.scalarCount
    }
  }
}

/// Computes four rows and one or two vectors of columns.
@inline(never)
private func sweepNarrow<V: SIMD & BitwiseCopyable>(
  _ columns: Int, _ kh: Int, _ kw: Int, _ source: UnsafeRawPointer, _ sourceRowStride: Int, _ tapStride: Int,
  _ weights: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ targetRowStride: Int, _ start: V,
  _ accumulates: Bool
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  if columns > V.scalarCount {
    CorrelatedBand<V, 2, 0>.run(
      columns, kh, kw, source, sourceRowStride, tapStride, weights, target, targetRowStride, start, accumulates,
      step: accumulates ? V.scalarCount : columns &- V.scalarCount)
  } else {
    CorrelatedBand<V, 1, 0>.run(
      columns, kh, kw, source, sourceRowStride, tapStride, weights, target, targetRowStride, start, accumulates)
  }
}

/// One row and four whole vectors of columns of the target, which share the weights.
private enum CorrelatedRun<V: SIMD & BitwiseCopyable> where V.Scalar: FloatingPoint & BitwiseCopyable {
  @inline(__always)
  static func run(
    _ kh: Int, _ kw: Int, _ source: UnsafeRawPointer, _ sourceRowStride: Int, _ tapStride: Int,
    _ weights: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ start: V, _ accumulates: Bool
  ) {
    var sums = InlineArray<4, V> { _ in start }
    for ky in 0..<kh {
      for kx in 0..<kw {
        let weight = V(repeating: weights.element(V.Scalar.self, at: ky &* kw &+ kx))
        let from = ky &* sourceRowStride &+ kx &* tapStride
        for vector in 0..<4 {
          multiplyAdd(&sums[vector], weight, source.vector(V.self, at: from &+ vector &* V.scalarCount))
        }
      }
    }
    for vector in 0..<4 {
      let place = target + vector &* V.scalarCount &* MemoryLayout<V.Scalar>.size
      put(sums[vector], V.scalarCount, place, accumulates)
    }
  }
}

/// One row and one vector of columns of the target.
@inline(__always)
private func correlateVector<V: SIMD & BitwiseCopyable>(
  _ kh: Int, _ kw: Int, _ source: UnsafeRawPointer, _ sourceRowStride: Int, _ tapStride: Int,
  _ weights: UnsafeRawPointer, _ start: V
) -> V where V.Scalar: FloatingPoint & BitwiseCopyable {
  var sum = start
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
  _: V.Type, _ rows: Int, _ columns: Int, _ kh: Int, _ kw: Int, _ source: UnsafeRawPointer,
  _ sourceRowStride: Int, _ tapStride: Int, _ weights: UnsafeRawPointer, _ target: UnsafeMutableRawPointer,
  _ targetRowStride: Int, _ start: UnsafeRawPointer?, _ accumulates: Bool
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  let size = MemoryLayout<V.Scalar>.size
  let lanes = V.scalarCount
  let start = V(repeating: start?.element(V.Scalar.self, at: 0) ?? V.Scalar.zero)
  var row = 0
  while kh > 2, row &+ bandRows <= rows {
    let from = source + row &* sourceRowStride &* size
    let to = target + row &* targetRowStride &* size
    switch tapStride == 1 ? kw : 0 {
    case 3:
      WideBand<V, 3>.sweep(
        columns, kh, kw, from, sourceRowStride, 1, weights, to, targetRowStride, start, accumulates)
    case 5:
      WideBand<V, 5>.sweep(
        columns, kh, kw, from, sourceRowStride, 1, weights, to, targetRowStride, start, accumulates)
    case 7:
      WideBand<V, 7>.sweep(
        columns, kh, kw, from, sourceRowStride, 1, weights, to, targetRowStride, start, accumulates)
    default:
      WideBand<V, 0>.sweep(
        columns, kh, kw, from, sourceRowStride, tapStride, weights, to, targetRowStride, start, accumulates)
    }
    row &+= bandRows
    // As with columns.
    if !accumulates, row < rows { row = min(row, rows &- bandRows) }
  }
  while row < rows {
    let from = source + row &* sourceRowStride &* size
    let to = target + row &* targetRowStride &* size
    var column = 0
    while columns &- column >= 4 &* lanes {
      CorrelatedRun<V>.run(
        kh, kw, from + column &* size, sourceRowStride, tapStride, weights, to + column &* size, start, accumulates)
      column &+= 4 &* lanes
    }
    while column < columns {
      if !accumulates, columns >= lanes { column = min(column, columns &- lanes) }
      let sum = correlateVector(kh, kw, from + column &* size, sourceRowStride, tapStride, weights, start)
      put(sum, columns &- column, to + column &* size, accumulates)
      column &+= lanes
    }
    row &+= 1
  }
}

func makeFloatRowKernels() -> RowKernels {
  RowKernels(
    load: floatLoad, store: floatStore, join: floatJoin, transpose: floatTranspose,
    correlate: { correlate(FloatVector.self, $0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) },
    line: floatLine, lineDot: floatLineDot, dotTile: floatDotTile, fold: floatFold, zip: floatZip)
}

func makeDoubleRowKernels() -> RowKernels {
  RowKernels(
    load: doubleLoad, store: doubleStore, join: doubleJoin, transpose: doubleTranspose,
    correlate: { correlate(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) },
    line: doubleLine, lineDot: doubleLineDot, dotTile: doubleDotTile, fold: doubleFold, zip: doubleZip)
}
