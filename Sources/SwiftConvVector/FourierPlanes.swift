import SwiftConvVectorInterface

/// Transforms of whole planes; see `FourierKernels`.
private enum FourierPlanes<V: SIMD & BitwiseCopyable & Interleaved>
where V.Scalar: FloatingPoint & BitwiseCopyable & ExpressibleByFloatLiteral {
  typealias Columns = FourierColumns<V>

  @inline(__always)
  private static var size: Int { MemoryLayout<V.Scalar>.size }

  @inline(__always)
  private static func column(
    _ re: UnsafeMutableRawPointer, _ im: UnsafeMutableRawPointer, _ pitch: Int, _ first: Int
  ) -> Columns.Column {
    Columns.Column(re: re + first &* size, im: im + first &* size, pitch: pitch &* size)
  }

  static func forward(
    _ rows: Int, _ columns: Int, _ re: UnsafeMutableRawPointer, _ im: UnsafeMutableRawPointer, _ pitch: Int,
    _ table: UnsafeRawPointer, _ targetRe: UnsafeMutableRawPointer, _ targetIm: UnsafeMutableRawPointer,
    _ targetPitch: Int
  ) {
    for first in stride(from: 0, to: columns, by: V.scalarCount) {
      Columns.forward(column(re, im, pitch, first), rows, table)
      for row in stride(from: 0, to: rows, by: V.scalarCount) {
        let (from, to) = ((row &* pitch &+ first) &* size, (first &* targetPitch &+ row) &* size)
        transpose(re + from, pitch &* size, targetRe + to, targetPitch &* size)
        transpose(im + from, pitch &* size, targetIm + to, targetPitch &* size)
      }
    }
  }

  static func transform(
    _ rows: Int, _ columns: Int, _ re: UnsafeMutableRawPointer, _ im: UnsafeMutableRawPointer, _ pitch: Int,
    _ table: UnsafeRawPointer
  ) {
    for first in stride(from: 0, to: columns, by: V.scalarCount) {
      Columns.forward(column(re, im, pitch, first), rows, table)
    }
  }

  static func filter(
    _ rows: Int, _ columns: Int, _ re: UnsafeMutableRawPointer, _ im: UnsafeMutableRawPointer, _ pitch: Int,
    _ table: UnsafeRawPointer, _ factorRe: UnsafeRawPointer, _ factorIm: UnsafeRawPointer
  ) {
    for first in stride(from: 0, to: columns, by: V.scalarCount) {
      let column = column(re, im, pitch, first)
      Columns.forward(column, rows, table)
      for row in 0..<rows {
        let place = row &* pitch &+ first
        column[row] =
          column[row] * ComplexVector(factorRe.vector(V.self, at: place), factorIm.vector(V.self, at: place))
      }
      Columns.inverse(column, rows, table)
    }
  }

  static func inverse(
    _ rows: Int, _ columns: Int, _ sourceRe: UnsafeRawPointer, _ sourceIm: UnsafeRawPointer, _ sourcePitch: Int,
    _ table: UnsafeRawPointer, _ re: UnsafeMutableRawPointer, _ im: UnsafeMutableRawPointer, _ pitch: Int
  ) {
    for first in stride(from: 0, to: columns, by: V.scalarCount) {
      for row in stride(from: 0, to: rows, by: V.scalarCount) {
        let (from, to) = ((first &* sourcePitch &+ row) &* size, (row &* pitch &+ first) &* size)
        transpose(sourceRe + from, sourcePitch &* size, re + to, pitch &* size)
        transpose(sourceIm + from, sourcePitch &* size, im + to, pitch &* size)
      }
      Columns.inverse(column(re, im, pitch, first), rows, table)
    }
  }

  /// Transposes a square of as many rows as a vector has lanes.
  @inline(__always)
  private static func transpose(
    _ source: UnsafeRawPointer, _ sourceBytes: Int, _ target: UnsafeMutableRawPointer, _ targetBytes: Int
  ) {
    var square = InlineArray<16, V> { _ in .zero }
    for row in 0..<V.scalarCount { square[row] = (source + row &* sourceBytes).vector(V.self, at: 0) }
    // Each round sorts the elements by one more bit of their column.
    var round = 1
    while round < V.scalarCount {
      let before = square
      for pair in 0..<(V.scalarCount / 2) {
        let (a, b) = (before[2 &* pair], before[2 &* pair &+ 1])
        square[pair] = V.evenElements(a, b)
        square[pair &+ V.scalarCount / 2] = V.oddElements(a, b)
      }
      round &*= 2
    }
    for row in 0..<V.scalarCount { (target + row &* targetBytes).setVector(square[row], at: 0) }
  }
}

func makeFloatFourierKernels() -> FourierKernels {
  typealias Planes = FourierPlanes<FloatVector>
  return FourierKernels(
    forward: { Planes.forward($0, $1, $2, $3, $4, $5, $6, $7, $8) },
    transform: { Planes.transform($0, $1, $2, $3, $4, $5) },
    filter: { Planes.filter($0, $1, $2, $3, $4, $5, $6, $7) },
    inverse: { Planes.inverse($0, $1, $2, $3, $4, $5, $6, $7, $8) })
}

func makeDoubleFourierKernels() -> FourierKernels {
  typealias Planes = FourierPlanes<DoubleVector>
  return FourierKernels(
    forward: { Planes.forward($0, $1, $2, $3, $4, $5, $6, $7, $8) },
    transform: { Planes.transform($0, $1, $2, $3, $4, $5) },
    filter: { Planes.filter($0, $1, $2, $3, $4, $5, $6, $7) },
    inverse: { Planes.inverse($0, $1, $2, $3, $4, $5, $6, $7, $8) })
}
