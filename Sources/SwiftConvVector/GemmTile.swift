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

/// The hot loop of every matrix product and convolution. The tile of c stays in registers for the whole depth; each step
/// reads `vectors` vectors of b and `rows` numbers of a. A panel of a (`rows` times depth) stays in the first-level
/// cache while the columns pass by; b comes from the second level.
///
/// The size is part of the type, so that it is known where the loops are compiled and they disappear.
private enum Tile<V: SIMD & BitwiseCopyable, let rows: Int, let vectors: Int>
where V.Scalar: FloatingPoint & BitwiseCopyable {
  @inline(__always)
  static func run(_ p: TileArguments) {
    let size = MemoryLayout<V.Scalar>.size
    let lanes = V.scalarCount
    var sums = InlineArray<24, V>(repeating: .zero)
    var a = p.a
    for k in 0..<p.depth {
      let bRow = p.b + p.bOffsets[k] &* size
      var right = InlineArray<3, V>(repeating: .zero)
      for vector in 0..<vectors { right[vector] = bRow.vector(V.self, at: vector &* lanes) }
      for row in 0..<rows {
        let left = V(repeating: a.element(V.Scalar.self, at: row &* p.aRowStride))
        for vector in 0..<vectors { multiplyAdd(&sums[row &* vectors &+ vector], left, right[vector]) }
      }
      a += p.aDepthStride &* size
    }
    if p.accumulates {
      for row in 0..<rows {
        for vector in 0..<vectors {
          sums[row &* vectors &+ vector] += p.c.vector(V.self, at: row &* p.cRowStride &+ vector &* lanes)
        }
      }
    }
    for row in 0..<rows {
      for vector in 0..<vectors {
        p.c.setVector(sums[row &* vectors &+ vector], at: row &* p.cRowStride &+ vector &* lanes)
      }
    }
  }
}

/// What a tile works on; see `GemmKernels.Tile`.
private struct TileArguments {
  let depth: Int
  let a: UnsafeRawPointer
  let aRowStride, aDepthStride: Int
  let b: UnsafeRawPointer
  let bOffsets: UnsafePointer<Int>
  let c: UnsafeMutableRawPointer
  let cRowStride: Int
  let accumulates: Bool
}

/// Chooses the tile of the wanted size.
@inline(__always)
private func run<V: SIMD & BitwiseCopyable>(_: V.Type, _ rows: Int, _ vectors: Int, _ p: TileArguments)
where V.Scalar: FloatingPoint & BitwiseCopyable {
  switch vectors &* 8 &+ rows &- 1 {
  case 8: Tile<V, 1, 1>.run(p)
  case 9: Tile<V, 2, 1>.run(p)
  case 10: Tile<V, 3, 1>.run(p)
  case 11: Tile<V, 4, 1>.run(p)
  case 16: Tile<V, 1, 2>.run(p)
  case 17: Tile<V, 2, 2>.run(p)
  case 18: Tile<V, 3, 2>.run(p)
  case 19: Tile<V, 4, 2>.run(p)
  #if SWIFTCONV_AVX512 || SWIFTCONV_AVX2 || arch(arm64)
    case 12: Tile<V, 5, 1>.run(p)
    case 13: Tile<V, 6, 1>.run(p)
    case 20: Tile<V, 5, 2>.run(p)
    case 21: Tile<V, 6, 2>.run(p)
  #endif
  #if SWIFTCONV_AVX512 || arch(arm64)
    case 14: Tile<V, 7, 1>.run(p)
    case 15: Tile<V, 8, 1>.run(p)
    case 22: Tile<V, 7, 2>.run(p)
    case 23: Tile<V, 8, 2>.run(p)
    case 24: Tile<V, 1, 3>.run(p)
    case 25: Tile<V, 2, 3>.run(p)
    case 26: Tile<V, 3, 3>.run(p)
    case 27: Tile<V, 4, 3>.run(p)
    case 28: Tile<V, 5, 3>.run(p)
    case 29: Tile<V, 6, 3>.run(p)
    case 30: Tile<V, 7, 3>.run(p)
    case 31: Tile<V, 8, 3>.run(p)
  #endif
  default: break
  }
}

func makeFloatGemmKernels() -> GemmKernels {
  GemmKernels(
    tile: {
      run(
        FloatVector.self, $0, $1,
        TileArguments(
          depth: $2, a: $3, aRowStride: $4, aDepthStride: $5, b: $6, bOffsets: $7, c: $8, cRowStride: $9,
          accumulates: $10))
    },
    lanes: FloatVector.scalarCount, tileRows: tileRows, tileVectors: tileVectors)
}

func makeDoubleGemmKernels() -> GemmKernels {
  GemmKernels(
    tile: {
      run(
        DoubleVector.self, $0, $1,
        TileArguments(
          depth: $2, a: $3, aRowStride: $4, aDepthStride: $5, b: $6, bOffsets: $7, c: $8, cRowStride: $9,
          accumulates: $10))
    },
    lanes: DoubleVector.scalarCount, tileRows: tileRows, tileVectors: tileVectors)
}
