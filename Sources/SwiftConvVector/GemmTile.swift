import CPlatform
import SwiftConvVectorInterface

#if SWIFTCONV_AVX512 || arch(arm64)
  // 32 registers: 24 sums, 3 vectors of b; the numbers of a are read by the multiplications themselves.
  let tileRows = 8
  let tileVectors = 3
#elseif SWIFTCONV_AVX2
  // 16 registers: 12 sums, 2 vectors of b, 2 numbers of a.
  let tileRows = 6
  let tileVectors = 2
#else
  // 16 registers: 8 sums, 2 vectors of b, and room for the products, which are not fused.
  let tileRows = 4
  let tileVectors = 2
#endif

/// The two factors of a tile.
private protocol TileFactors {
  associatedtype Scalar: FloatingPoint & BitwiseCopyable
  /// Where the numbers of the left factor are at step `k` of the depth, and which of them a row of the tile takes.
  func left(_ k: Int) -> UnsafeRawPointer
  func rowOffset(_ row: Int) -> Int
  /// Where the vectors of the right factor are.
  func right(_ k: Int) -> UnsafeRawPointer
}

/// See `GemmKernels.Tile`.
private struct StridedFactors<Scalar: FloatingPoint & BitwiseCopyable>: TileFactors {
  let a: UnsafeRawPointer
  let aRowStride, aDepthStride: Int
  let b: UnsafeRawPointer
  let bOffsets: UnsafePointer<Int>

  @inline(__always)
  func left(_ k: Int) -> UnsafeRawPointer { a + k &* aDepthStride &* MemoryLayout<Scalar>.size }

  @inline(__always)
  func rowOffset(_ row: Int) -> Int { row &* aRowStride }

  @inline(__always)
  func right(_ k: Int) -> UnsafeRawPointer { b + bOffsets[k] &* MemoryLayout<Scalar>.size }
}

/// See `GemmKernels.GatherTile`.
private struct GatheredFactors<Scalar: FloatingPoint & BitwiseCopyable>: TileFactors {
  let a: UnsafeRawPointer
  let aRowOffsets: InlineArray<8, Int>
  let aDepthOffsets: UnsafePointer<Int>
  let b: UnsafeRawPointer
  let bRowStride: Int

  @inline(__always)
  init(
    rows: Int, a: UnsafeRawPointer, aRowOffsets: UnsafePointer<Int>, aDepthOffsets: UnsafePointer<Int>,
    b: UnsafeRawPointer, bRowStride: Int
  ) {
    (self.a, self.aDepthOffsets, self.b, self.bRowStride) = (a, aDepthOffsets, b, bRowStride)
    self.aRowOffsets = InlineArray { aRowOffsets[min($0, rows &- 1)] }
  }

  @inline(__always)
  func left(_ k: Int) -> UnsafeRawPointer { a + aDepthOffsets[k] &* MemoryLayout<Scalar>.size }

  @inline(__always)
  func rowOffset(_ row: Int) -> Int { aRowOffsets[row] }

  @inline(__always)
  func right(_ k: Int) -> UnsafeRawPointer { b + k &* bRowStride &* MemoryLayout<Scalar>.size }
}

/// The hot loop of every matrix product and convolution. The tile of c stays in registers for the whole depth; each step
/// reads `vectors` vectors of b and `rows` numbers of a. A panel of a (`rows` times depth) stays in the first-level
/// cache while the columns pass by; b comes from the second level.
///
/// The size is part of the type, so that it is known where the loops are compiled and they disappear.
private enum Tile<V: SIMD & BitwiseCopyable, let rows: Int, let vectors: Int>
where V.Scalar: FloatingPoint & BitwiseCopyable {
  @inline(__always)
  static func run<Factors: TileFactors>(_ factors: Factors, _ depth: Int, _ target: TileTarget)
  where Factors.Scalar == V.Scalar {
    let lanes = V.scalarCount
    var sums = InlineArray<24, V> { _ in .zero }
    // The tile is written all at once, in lines that are far apart: a CPU does not see them coming.
    if !target.streams {
      for row in 0..<rows {
        for vector in 0..<vectors {
          sc_prefetch(target.c + (row &* target.rowStride &+ vector &* lanes) &* MemoryLayout<V.Scalar>.size)
        }
      }
    }
    for k in 0..<depth {
      let (a, b) = (factors.left(k), factors.right(k))
      var right = InlineArray<3, V> { _ in .zero }
      for vector in 0..<vectors { right[vector] = b.vector(V.self, at: vector &* lanes) }
      for row in 0..<rows {
        let left = V(repeating: a.element(V.Scalar.self, at: factors.rowOffset(row)))
        for vector in 0..<vectors { multiplyAdd(&sums[row &* vectors &+ vector], left, right[vector]) }
      }
    }
    if target.accumulates {
      for row in 0..<rows {
        for vector in 0..<vectors {
          sums[row &* vectors &+ vector] += target.c.vector(V.self, at: row &* target.rowStride &+ vector &* lanes)
        }
      }
    }
    if target.streams {
      for row in 0..<rows {
        for vector in 0..<vectors {
          target.c.streamVector(sums[row &* vectors &+ vector], at: row &* target.rowStride &+ vector &* lanes)
        }
      }
      return
    }
    for row in 0..<rows {
      for vector in 0..<vectors {
        target.c.setVector(sums[row &* vectors &+ vector], at: row &* target.rowStride &+ vector &* lanes)
      }
    }
  }
}

private struct TileTarget {
  let c: UnsafeMutableRawPointer
  let rowStride: Int
  let accumulates: Bool
  var streams = false
}

/// Chooses the tile of the wanted size.
@inline(__always)
private func run<V: SIMD & BitwiseCopyable, Factors: TileFactors>(
  _: V.Type, _ rows: Int, _ vectors: Int, _ depth: Int, _ factors: Factors, _ target: TileTarget
) where V.Scalar: FloatingPoint & BitwiseCopyable, Factors.Scalar == V.Scalar {
  switch vectors &* 8 &+ rows &- 1 {
  case 8: Tile<V, 1, 1>.run(factors, depth, target)
  case 9: Tile<V, 2, 1>.run(factors, depth, target)
  case 10: Tile<V, 3, 1>.run(factors, depth, target)
  case 11: Tile<V, 4, 1>.run(factors, depth, target)
  case 16: Tile<V, 1, 2>.run(factors, depth, target)
  case 17: Tile<V, 2, 2>.run(factors, depth, target)
  case 18: Tile<V, 3, 2>.run(factors, depth, target)
  case 19: Tile<V, 4, 2>.run(factors, depth, target)
  #if SWIFTCONV_AVX512 || SWIFTCONV_AVX2 || arch(arm64)
    case 12: Tile<V, 5, 1>.run(factors, depth, target)
    case 13: Tile<V, 6, 1>.run(factors, depth, target)
    case 20: Tile<V, 5, 2>.run(factors, depth, target)
    case 21: Tile<V, 6, 2>.run(factors, depth, target)
  #endif
  #if SWIFTCONV_AVX512 || arch(arm64)
    case 14: Tile<V, 7, 1>.run(factors, depth, target)
    case 15: Tile<V, 8, 1>.run(factors, depth, target)
    case 22: Tile<V, 7, 2>.run(factors, depth, target)
    case 23: Tile<V, 8, 2>.run(factors, depth, target)
    case 24: Tile<V, 1, 3>.run(factors, depth, target)
    case 25: Tile<V, 2, 3>.run(factors, depth, target)
    case 26: Tile<V, 3, 3>.run(factors, depth, target)
    case 27: Tile<V, 4, 3>.run(factors, depth, target)
    case 28: Tile<V, 5, 3>.run(factors, depth, target)
    case 29: Tile<V, 6, 3>.run(factors, depth, target)
    case 30: Tile<V, 7, 3>.run(factors, depth, target)
    case 31: Tile<V, 8, 3>.run(factors, depth, target)
  #endif
  default: break
  }
}

func makeFloatGemmKernels() -> GemmKernels {
  GemmKernels(
    tile: {
      run(
        FloatVector.self, $0, $1, $2,
        StridedFactors<Float>(a: $3, aRowStride: $4, aDepthStride: $5, b: $6, bOffsets: $7),
        TileTarget(c: $8, rowStride: $9, accumulates: $10, streams: $11))
    },
    gatherTile: {
      run(
        FloatVector.self, $0, $1, $2,
        GatheredFactors<Float>(rows: $0, a: $3, aRowOffsets: $4, aDepthOffsets: $5, b: $6, bRowStride: $7),
        TileTarget(c: $8, rowStride: $9, accumulates: $10))
    },
    lanes: FloatVector.scalarCount, tileRows: tileRows, tileVectors: tileVectors)
}

func makeDoubleGemmKernels() -> GemmKernels {
  GemmKernels(
    tile: {
      run(
        DoubleVector.self, $0, $1, $2,
        StridedFactors<Double>(a: $3, aRowStride: $4, aDepthStride: $5, b: $6, bOffsets: $7),
        TileTarget(c: $8, rowStride: $9, accumulates: $10, streams: $11))
    },
    gatherTile: {
      run(
        DoubleVector.self, $0, $1, $2,
        GatheredFactors<Double>(rows: $0, a: $3, aRowOffsets: $4, aDepthOffsets: $5, b: $6, bRowStride: $7),
        TileTarget(c: $8, rowStride: $9, accumulates: $10))
    },
    lanes: DoubleVector.scalarCount, tileRows: tileRows, tileVectors: tileVectors)
}
