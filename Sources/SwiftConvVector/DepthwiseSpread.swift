import SwiftConvVectorInterface

/// One row of two vectors of results, in turn those of even and of odd columns: the input gradient for step 2. An even
/// place, counted from the first tap of the first result, is reached by taps 0 and 2, an odd one by tap 1.
private struct SpreadPair<V: Zipped & BitwiseCopyable, let masked: Int, let isOdd: Int>
where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  /// Sums of two taps, and of one.
  var double = V.zero
  var single = V.zero

  /// Adds what a row of the source contributes.
  @inline(__always)
  mutating func add(_ row: UnsafeRawPointer, _ place: Int, _ inside: TapMasks<V>, _ weights: Triple<V>) {
    var (x0, x1) = (row.vector(V.self, at: place), row.vector(V.self, at: place &+ 1))
    if masked == 1 { (x0, x1) = (cleared(x0, inside.x0), cleared(x1, inside.x1)) }
    multiplyAdd(&double, weights.x0, x1)
    multiplyAdd(&double, weights.x2, x0)
    multiplyAdd(&single, weights.x1, isOdd == 1 ? x0 : x1)
  }

  @inline(__always)
  func write(_ target: UnsafeMutableRawPointer) {
    let (even, odd) = isOdd == 1 ? (single, double) : (double, single)
    target.setVector(V.zipLow(even, odd), at: 0)
    target.setVector(V.zipHigh(even, odd), at: V.scalarCount)
  }
}

/// See `DepthwiseKernels.Spread`. `isOdd` says whether the padding on the left is.
private struct Spread<V: Zipped & BitwiseCopyable, let isOdd: Int>
where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  private typealias AtEdge = SpreadPair<V, 1, isOdd>
  private typealias Inside = SpreadPair<V, 0, isOdd>

  let planes: Int
  let source: SourcePlanes
  let weights: PlaneWeights
  let target: TargetPlanes
  let layout: DepthwiseKernels.Layout

  @inline(never)
  func run() {
    let (size, lanes) = (MemoryLayout<V.Scalar>.size, V.scalarCount)
    let pairs = (target.columns &+ 1) / 2
    let last = max(0, pairs &- lanes)
    // Where the first results see the source.
    let shift = (layout.left &+ 1) / 2 &- 1
    let (left, right) = (masks(shift), masks(last &+ shift))
    for index in 0..<planes {
      let rows = PlaneRows(V.Scalar.self, source, image: 0, plane: index, zeros: layout.zeros)
      let taps = TapWeights<V>(weights, index)
      let results = ResultRows(target, index, of: planes, width: 2 &* max(lanes, pairs), size: size)
      for row in 0..<target.rows {
        let line = results[row]
        let place = row &+ layout.top
        let first = rows[place >> 1]
        let second = place & 1 == 0 ? rows[(place >> 1) &- 1] : nil
        put(AtEdge(), line, 0, first, second, shift, left, taps)
        var pair = lanes
        while pair < last {
          if pair &+ shift &+ lanes < source.columns {
            put(Inside(), line, pair, first, second, shift, left, taps)
          } else {
            put(AtEdge(), line, pair, first, second, shift, masks(pair &+ shift), taps)
          }
          pair &+= lanes
        }
        if last > 0 { put(AtEdge(), line, last, first, second, shift, right, taps) }
      }
      results.finish(target, size: size)
    }
  }

  private func masks(_ place: Int) -> TapMasks<V> {
    TapMasks(place, source.columns, step: 1, first: 0, end: V.scalarCount)
  }

  /// Sums of one pair of vectors; masks are only looked at by the kind of `sums` that has some.
  @inline(__always)
  private func put<let masked: Int>(
    _ sums: consuming SpreadPair<V, masked, isOdd>, _ line: UnsafeMutableRawPointer, _ pair: Int,
    _ first: UnsafeRawPointer, _ second: UnsafeRawPointer?, _ shift: Int,
    _ inside: TapMasks<V>, _ taps: TapWeights<V>
  ) {
    var sums = sums
    if let second {
      sums.add(first, pair &+ shift, inside, taps.y0)
      sums.add(second, pair &+ shift, inside, taps.y2)
    } else {
      sums.add(first, pair &+ shift, inside, taps.y1)
    }
    sums.write(line + 2 &* pair &* MemoryLayout<V.Scalar>.size)
  }
}

@inline(__always)
private func spread<V: Zipped & BitwiseCopyable>(
  _: V.Type, _ planes: Int, _ source: SourcePlanes, _ weights: PlaneWeights, _ target: TargetPlanes,
  _ layout: DepthwiseKernels.Layout
) where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  if layout.left % 2 == 1 {
    Spread<V, 1>(planes: planes, source: source, weights: weights, target: target, layout: layout).run()
  } else {
    Spread<V, 0>(planes: planes, source: source, weights: weights, target: target, layout: layout).run()
  }
}

// Short rows take shorter vectors.

let floatDepthwiseSpread: DepthwiseKernels.Spread = {
  if $3.columns > 2 * HalfFloatVector.scalarCount {
    spread(FloatVector.self, $0, $1, $2, $3, $4)
  } else {
    spread(HalfFloatVector.self, $0, $1, $2, $3, $4)
  }
}
let doubleDepthwiseSpread: DepthwiseKernels.Spread = {
  if $3.columns > 2 * HalfDoubleVector.scalarCount {
    spread(DepthwiseDoubleVector.self, $0, $1, $2, $3, $4)
  } else {
    spread(HalfDoubleVector.self, $0, $1, $2, $3, $4)
  }
}
