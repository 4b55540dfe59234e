import SwiftConvVectorInterface

// Few tiles use each number of the transformed weight a few times only: writing it down, and reading it again, would take
// longer than its products. Here it is in registers only. The maps work along one axis at a time: first along columns,
// for all rows of points, into memory; then, row by row, along rows.

/// Takes the columns of `count` squares of 3 by 3 taps to the inner points: the line of inner point r and of channel c is
/// at `r * count + c`. The outer points, 0 and infinity, have the first row and the last.
@inline(__always)
private func mapColumns<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ count: Int, _ taps: UnsafeRawPointer, _ target: UnsafeMutableRawPointer
) where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  let lanes = V.scalarCount
  let rowStride = count &* 3 &* lanes
  for square in 0..<count {
    for column in 0..<3 {
      var line = InlineArray<6, V> { _ in .zero }
      for row in 0..<3 { line[row] = taps.vector(V.self, at: (square &* 9 &+ row &* 3 &+ column) &* lanes) }
      let mapped = Four<V>.Weight.map(line)
      for row in 0..<4 {
        target.setVector(mapped[row &+ 1], at: row &* rowStride &+ (square &* 3 &+ column) &* lanes)
      }
    }
  }
}

/// The reverse for gradients: takes the columns of sums at points, of which the rows are mapped already, to taps.
@inline(__always)
private func unmapColumns<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ count: Int, _ lines: UnsafeRawPointer, _ taps: UnsafeMutableRawPointer
) where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  let lanes = V.scalarCount
  let rowStride = count &* 3 &* lanes
  for square in 0..<count {
    for column in 0..<3 {
      var line = InlineArray<6, V> { _ in .zero }
      for row in 0..<6 {
        line[row] = lines.vector(V.self, at: row &* rowStride &+ (square &* 3 &+ column) &* lanes)
      }
      let mapped = Four<V>.WeightGradient.map(line)
      for row in 0..<3 { taps.setVector(mapped[row], at: (square &* 9 &+ row &* 3 &+ column) &* lanes) }
    }
  }
}

#if SWIFTCONV_AVX512 || arch(arm64)
  private let mostFewTiles = 8
#else
  /// 16 registers are too few.
  private let mostFewTiles = 0
#endif

#if SWIFTCONV_AVX512 || arch(arm64)
  /// Some tiles at some points of a row: together at most 24, which leaves registers for the transforms.
  private enum FewTiles<V: SIMD & BitwiseCopyable, let tiles: Int, let points: Int>
  where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
    /// The sums over some channels at the six points of a row.
    @inline(__always)
    static func multiply(
      _ depth: Int, _ inputs: UnsafeRawPointer, _ inputStride: Int, _ weights: UnsafeRawPointer, _ weightStride: Int,
      _ sums: UnsafeMutableRawPointer, _ sumStride: Int, _ accumulates: Bool
    ) {
      multiply(from: 0, depth, inputs, inputStride, weights, weightStride, sums, sumStride, accumulates)
      if points == 3 {
        multiply(from: 3, depth, inputs, inputStride, weights, weightStride, sums, sumStride, accumulates)
      }
    }

    /// See `WinogradKernels.FewTiles.Correlate`.
    @inline(__always)
    static func correlate(
      _ count: Int, _ inputs: UnsafeRawPointer, _ inputStride: Int, _ gradients: UnsafeRawPointer,
      _ gradientStride: Int, _ gradientPitch: Int, _ lines: UnsafeMutableRawPointer, _ accumulates: Bool
    ) {
      let (stride, pitch) = (gradientStride, gradientPitch)
      correlate(from: 0, count, inputs, inputStride, gradients, stride, pitch, lines, accumulates)
      if points == 3 { correlate(from: 3, count, inputs, inputStride, gradients, stride, pitch, lines, true) }
    }

    @inline(__always)
    private static func multiply(
      from first: Int, _ depth: Int, _ inputs: UnsafeRawPointer, _ inputStride: Int, _ weights: UnsafeRawPointer,
      _ weightStride: Int, _ sums: UnsafeMutableRawPointer, _ sumStride: Int, _ accumulates: Bool
    ) {
      let (lanes, size, pitch) = (V.scalarCount, MemoryLayout<V.Scalar>.size, WinogradKernels.FewTiles.pitch)
      let left = InlineArray<points, UnsafeRawPointer> { inputs + (first &+ $0) &* inputStride &* size }
      var totals = InlineArray<24, V> { _ in .zero }
      for k in 0..<depth {
        var line = InlineArray<6, V> { _ in .zero }
        for column in 0..<3 { line[column] = weights.vector(V.self, at: k &* weightStride &+ column &* lanes) }
        let right = Four<V>.Weight.map(line)
        forEachPoint { point in
          for tile in 0..<tiles {
            let factor = V(repeating: left[point].element(V.Scalar.self, at: tile &* pitch &+ k))
            multiplyAdd(&totals[point &* tiles &+ tile], factor, right[first &+ point])
          }
        }
      }
      let target = sums + first &* sumStride &* size
      if accumulates {
        forEachPoint { point in
          for tile in 0..<tiles {
            totals[point &* tiles &+ tile] += target.vector(V.self, at: point &* sumStride &+ tile &* lanes)
          }
        }
      }
      forEachPoint { point in
        for tile in 0..<tiles {
          target.setVector(totals[point &* tiles &+ tile], at: point &* sumStride &+ tile &* lanes)
        }
      }
    }

    @inline(__always)
    private static func correlate(
      from first: Int, _ count: Int, _ inputs: UnsafeRawPointer, _ inputStride: Int, _ gradients: UnsafeRawPointer,
      _ gradientStride: Int, _ gradientPitch: Int, _ lines: UnsafeMutableRawPointer, _ accumulates: Bool
    ) {
      let (lanes, size, pitch) = (V.scalarCount, MemoryLayout<V.Scalar>.size, WinogradKernels.FewTiles.pitch)
      let left = InlineArray<points, UnsafeRawPointer> { inputs + (first &+ $0) &* inputStride &* size }
      var right = InlineArray<24, V> { _ in .zero }
      for point in 0..<points {
        for tile in 0..<tiles {
          right[point &* tiles &+ tile] = gradients.vector(
            V.self, at: (first &+ point) &* gradientStride &+ tile &* gradientPitch)
        }
      }
      for channel in 0..<count {
        var line = InlineArray<6, V> { _ in .zero }
        forEachPoint { point in
          for tile in 0..<tiles {
            let factor = V(repeating: left[point].element(V.Scalar.self, at: tile &* pitch &+ channel))
            multiplyAdd(&line[first &+ point], factor, right[point &* tiles &+ tile])
          }
        }
        let mapped = Four<V>.WeightGradient.map(line)
        for column in 0..<3 {
          let place = (channel &* 3 &+ column) &* lanes
          var total = mapped[column]
          if accumulates { total += lines.vector(V.self, at: place) }
          lines.setVector(total, at: place)
        }
      }
    }

    /// A loop of loops would not be unrolled, and its sums would not be in registers.
    @inline(__always)
    private static func forEachPoint(_ body: (Int) -> Void) {
      body(0)
      body(1)
      body(2)
      if points == 6 {
        body(3)
        body(4)
        body(5)
      }
    }
  }
#endif

/// The sums of some tiles over some channels at the six points of a row, from the lines of the row.
@inline(__always)
private func multiplyRow<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ tiles: Int, _ depth: Int, _ inputs: UnsafeRawPointer, _ inputStride: Int, _ weights: UnsafeRawPointer,
  _ weightStride: Int, _ sums: UnsafeMutableRawPointer, _ sumStride: Int, _ accumulates: Bool
) where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  #if SWIFTCONV_AVX512 || arch(arm64)
    let (a, b, stride, pitch) = (inputs, weights, inputStride, weightStride)
    switch tiles {
    case 1: FewTiles<V, 1, 6>.multiply(depth, a, stride, b, pitch, sums, sumStride, accumulates)
    case 2: FewTiles<V, 2, 6>.multiply(depth, a, stride, b, pitch, sums, sumStride, accumulates)
    case 3: FewTiles<V, 3, 6>.multiply(depth, a, stride, b, pitch, sums, sumStride, accumulates)
    case 4: FewTiles<V, 4, 6>.multiply(depth, a, stride, b, pitch, sums, sumStride, accumulates)
    case 5: FewTiles<V, 5, 3>.multiply(depth, a, stride, b, pitch, sums, sumStride, accumulates)
    case 6: FewTiles<V, 6, 3>.multiply(depth, a, stride, b, pitch, sums, sumStride, accumulates)
    case 7: FewTiles<V, 7, 3>.multiply(depth, a, stride, b, pitch, sums, sumStride, accumulates)
    case 8: FewTiles<V, 8, 3>.multiply(depth, a, stride, b, pitch, sums, sumStride, accumulates)
    default: break
    }
  #endif
}

/// See `WinogradKernels.FewTiles.Product`.
@inline(__always)
private func multiply<V: SIMD & BitwiseCopyable>(_: V.Type, _ product: WinogradKernels.FewTiles.Product)
where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  let (lanes, size, count) = (V.scalarCount, MemoryLayout<V.Scalar>.size, product.channels)
  mapColumns(V.self, count, product.taps, product.lines)
  for row in 0..<6 {
    let isOuter = row == 0 || row == 5
    let inner = UnsafeRawPointer(product.lines + (row &- 1) &* count &* 3 &* lanes &* size)
    let lines = isOuter ? product.taps + row / 5 &* 6 &* lanes &* size : inner
    let inputs = product.inputs + row &* 6 &* product.inputStride &* size
    let sums = product.sums + row &* 6 &* product.sumStride &* size
    let tiles = row < 5 ? product.tiles : product.lastTiles
    let parts = (tiles &+ mostFewTiles &- 1) / max(mostFewTiles, 1)
    var first = 0
    for part in 0..<parts {
      let next = (part &+ 1) &* tiles / parts
      multiplyRow(
        V.self, next &- first, count, inputs + first &* WinogradKernels.FewTiles.pitch &* size, product.inputStride,
        lines, (isOuter ? 9 : 3) &* lanes, sums + first &* lanes &* size, product.sumStride, product.accumulates)
      first = next
    }
  }
}

/// See `WinogradKernels.FewTiles.Correlate`.
@inline(__always)
private func correlate<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ tiles: Int, _ count: Int, _ inputs: UnsafeRawPointer, _ inputStride: Int,
  _ gradients: UnsafeRawPointer, _ gradientStride: Int, _ gradientPitch: Int, _ lines: UnsafeMutableRawPointer,
  _ accumulates: Bool
) where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  #if SWIFTCONV_AVX512 || arch(arm64)
    let (stride, pitch) = (gradientStride, gradientPitch)
    switch tiles {
    case 1: FewTiles<V, 1, 6>.correlate(count, inputs, inputStride, gradients, stride, pitch, lines, accumulates)
    case 2: FewTiles<V, 2, 6>.correlate(count, inputs, inputStride, gradients, stride, pitch, lines, accumulates)
    case 3: FewTiles<V, 3, 6>.correlate(count, inputs, inputStride, gradients, stride, pitch, lines, accumulates)
    case 4: FewTiles<V, 4, 6>.correlate(count, inputs, inputStride, gradients, stride, pitch, lines, accumulates)
    case 5: FewTiles<V, 5, 3>.correlate(count, inputs, inputStride, gradients, stride, pitch, lines, accumulates)
    case 6: FewTiles<V, 6, 3>.correlate(count, inputs, inputStride, gradients, stride, pitch, lines, accumulates)
    case 7: FewTiles<V, 7, 3>.correlate(count, inputs, inputStride, gradients, stride, pitch, lines, accumulates)
    case 8: FewTiles<V, 8, 3>.correlate(count, inputs, inputStride, gradients, stride, pitch, lines, accumulates)
    default: break
    }
  #endif
}

func makeFloatFewTilesKernels() -> WinogradKernels.FewTiles {
  WinogradKernels.FewTiles(
    most: mostFewTiles, unmapColumns: { unmapColumns(FloatVector.self, $0, $1, $2) },
    multiply: { multiply(FloatVector.self, $0) },
    correlate: { correlate(FloatVector.self, $0, $1, $2, $3, $4, $5, $6, $7, $8) })
}

func makeDoubleFewTilesKernels() -> WinogradKernels.FewTiles {
  WinogradKernels.FewTiles(
    most: mostFewTiles, unmapColumns: { unmapColumns(DoubleVector.self, $0, $1, $2) },
    multiply: { multiply(DoubleVector.self, $0) },
    correlate: { correlate(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6, $7, $8) })
}
