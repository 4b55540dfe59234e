import SwiftConvVectorInterface

/// A square of as many vectors as a vector has elements, in registers.
private struct Square<V: Interleaved & BitwiseCopyable> where V.Scalar: BitwiseCopyable {
  /// As many as the widest vectors need.
  private var rows = InlineArray<16, V> { _ in V() }

  @inline(__always)
  init(_ count: Int, _ source: UnsafeRawPointer, _ rowStride: Int) {
    if count == V.scalarCount {
      for row in 0..<V.scalarCount { rows[row] = source.vector(V.self, at: row &* rowStride) }
    } else {
      for row in 0..<count { rows[row] = source.vector(V.self, at: row &* rowStride) }
    }
  }

  /// Each round gathers the even elements of neighbouring rows in the upper half and the odd ones in the lower half; as
  /// many rounds as doublings make the square exchange rows and columns.
  @inline(__always)
  mutating func transpose() {
    let half = V.scalarCount / 2
    var width = 1
    while width < V.scalarCount {
      let before = rows
      for row in 0..<half {
        rows[row] = V.evenElements(before[2 &* row], before[2 &* row &+ 1])
        rows[row &+ half] = V.oddElements(before[2 &* row], before[2 &* row &+ 1])
      }
      width &*= 2
    }
  }

  @inline(__always)
  func write(_ target: UnsafeMutableRawPointer, _ rowStride: Int) {
    for row in 0..<V.scalarCount { target.setVector(rows[row], at: row &* rowStride) }
  }
}

/// See `RowKernels.Transpose`. Where the last square does not fit, it overlaps the one before.
@inline(__always)
private func transpose<V: Interleaved & BitwiseCopyable>(
  _: V.Type, _ rows: Int, _ columns: Int, _ source: UnsafeRawPointer, _ sourceRowStride: Int,
  _ target: UnsafeMutableRawPointer, _ targetRowStride: Int, _ pads: Bool
) where V.Scalar: BitwiseCopyable & ExpressibleByIntegerLiteral {
  let (size, lanes) = (MemoryLayout<V.Scalar>.size, V.scalarCount)
  let isVectorized = columns >= lanes && (pads || rows >= lanes)
  var row = 0
  while row < rows {
    if !pads, rows >= lanes { row = min(row, rows &- lanes) }
    let count = min(lanes, rows &- row)
    let from = source + row &* sourceRowStride &* size
    let to = target + row &* size
    var column = 0
    while column < columns, isVectorized {
      column = min(column, columns &- lanes)
      var square = Square<V>(count, from + column &* size, sourceRowStride)
      square.transpose()
      square.write(to + column &* targetRowStride &* size, targetRowStride)
      column &+= lanes
    }
    while column < columns {
      let out = to + column &* targetRowStride &* size
      for index in 0..<count {
        out.setElement(from.element(V.Scalar.self, at: index &* sourceRowStride &+ column), at: index)
      }
      for index in count..<(pads ? lanes : count) { out.setElement(0 as V.Scalar, at: index) }
      column &+= 1
    }
    row &+= lanes
  }
}

let floatTranspose: RowKernels.Transpose = { transpose(FloatVector.self, $0, $1, $2, $3, $4, $5, $6) }
let doubleTranspose: RowKernels.Transpose = { transpose(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6) }
