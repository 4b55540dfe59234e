import SwiftConvVectorInterface

/// Sums of products in which the lanes of both factors belong together; the sums stay in registers for all lines. The size
/// is part of the type, so that it is known where the loops are compiled and they disappear.
private enum DotTile<V: SIMD & BitwiseCopyable, let rows: Int, let columns: Int>
where V.Scalar: FloatingPoint & BitwiseCopyable {
  @inline(__always)
  static func add(
    _ lines: Int, _ vectors: Int, _ a: UnsafeRawPointer, _ aRowStride: Int, _ b: UnsafeRawPointer,
    _ bOffsets: UnsafePointer<Int>, _ bLineStride: Int, _ sums: UnsafeMutableRawPointer, _ sumRowStride: Int
  ) {
    let lanes = V.scalarCount
    var totals = InlineArray<24, V> { _ in .zero }
    let offsets = InlineArray<3, Int> { bOffsets[min($0, columns &- 1)] }
    var left = a
    for line in 0..<lines {
      var right = b + line &* bLineStride &* MemoryLayout<V.Scalar>.size
      for _ in 0..<vectors {
        let from = right
        let factors = InlineArray<3, V> { from.vector(V.self, at: offsets[$0]) }
        for row in 0..<rows {
          let factor = left.vector(V.self, at: row &* aRowStride)
          for column in 0..<columns { multiplyAdd(&totals[row &* columns &+ column], factor, factors[column]) }
        }
        left += MemoryLayout<V>.size
        right += MemoryLayout<V>.size
      }
    }
    for row in 0..<rows {
      for column in 0..<columns {
        let place = row &* sumRowStride &+ column &* lanes
        sums.setVector(sums.vector(V.self, at: place) + totals[row &* columns &+ column], at: place)
      }
    }
  }
}

/// See `RowKernels.DotTile`.
@inline(__always)
private func dotTile<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ rows: Int, _ columns: Int, _ lines: Int, _ vectors: Int, _ a: UnsafeRawPointer, _ aRowStride: Int,
  _ b: UnsafeRawPointer, _ bOffsets: UnsafePointer<Int>, _ bLineStride: Int, _ sums: UnsafeMutableRawPointer,
  _ sumRowStride: Int
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  switch columns &* 8 &+ rows &- 1 {
  case 8: DotTile<V, 1, 1>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
  case 9: DotTile<V, 2, 1>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
  case 10: DotTile<V, 3, 1>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
  case 11: DotTile<V, 4, 1>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
  case 16: DotTile<V, 1, 2>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
  case 17: DotTile<V, 2, 2>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
  case 18: DotTile<V, 3, 2>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
  case 19: DotTile<V, 4, 2>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
  #if SWIFTCONV_AVX512 || SWIFTCONV_AVX2 || arch(arm64)
    case 12: DotTile<V, 5, 1>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 13: DotTile<V, 6, 1>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 20: DotTile<V, 5, 2>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 21: DotTile<V, 6, 2>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
  #endif
  #if SWIFTCONV_AVX512 || arch(arm64)
    case 14: DotTile<V, 7, 1>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 15: DotTile<V, 8, 1>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 22: DotTile<V, 7, 2>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 23: DotTile<V, 8, 2>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 24: DotTile<V, 1, 3>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 25: DotTile<V, 2, 3>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 26: DotTile<V, 3, 3>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 27: DotTile<V, 4, 3>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 28: DotTile<V, 5, 3>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 29: DotTile<V, 6, 3>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 30: DotTile<V, 7, 3>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
    case 31: DotTile<V, 8, 3>.add(lines, vectors, a, aRowStride, b, bOffsets, bLineStride, sums, sumRowStride)
  #endif
  default: break
  }
}

/// See `RowKernels.Fold`. Each round adds neighbours in pairs, in as many vectors at once as a vector has lanes.
@inline(__always)
private func fold<V: Interleaved & BitwiseCopyable>(
  _: V.Type, _ count: Int, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  let lanes = V.scalarCount
  var index = 0
  while index < count {
    let present = min(lanes, count &- index)
    var sums = InlineArray<16, V> { _ in .zero }
    for vector in 0..<present { sums[vector] = source.vector(V.self, at: (index &+ vector) &* lanes) }
    var width = lanes / 2
    while width > 0 {
      for pair in 0..<width {
        let (a, b) = (sums[2 &* pair], sums[2 &* pair &+ 1])
        sums[pair] = V.evenElements(a, b) + V.oddElements(a, b)
      }
      width /= 2
    }
    if present == lanes {
      target.setVector(sums[0], at: index)
    } else {
      for lane in 0..<present { target.setElement(sums[0][lane], at: index &+ lane) }
    }
    index &+= lanes
  }
}

let floatDotTile: RowKernels.DotTile = { dotTile(FloatVector.self, $0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) }
let doubleDotTile: RowKernels.DotTile = { dotTile(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) }
let floatFold: RowKernels.Fold = { fold(FloatVector.self, $0, $1, $2) }
let doubleFold: RowKernels.Fold = { fold(DoubleVector.self, $0, $1, $2) }
