import SwiftConvVectorInterface

/// Planes so narrow that two rows of results fit a vector, for step 1: source and results are taken as one line each, where
/// rows follow one another, so a tap sees a whole vector of them at a distance that is the same for all lanes.
struct PairedCorrelation<V: Interleaved & BitwiseCopyable> where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  let call: CorrelationArguments

  /// Whether rows follow one another, and enough of them for a tile.
  var isPossible: Bool {
    let (source, target) = (call.source, call.target)
    let columns = target.columns
    return 2 &* columns &+ 2 <= V.scalarCount && source.columns == columns && target.rows >= 4 && source.rows >= 2
      && source.rowStride == columns && target.rowStride == columns
  }

  @inline(never)
  func run() {
    let (source, target, layout) = (call.source, call.target, call.layout)
    let (size, columns, rows) = (MemoryLayout<V.Scalar>.size, target.columns, target.rows)
    let width = V.scalarCount &- columns
    // Two rows, side by side, that are seen by the taps; the first of them; the second.
    let inside = TapMasks<V>(0 &- layout.left, columns, rows: 2)
    var (upper, lower) = (V.MaskStorage(), V.MaskStorage())
    for lane in 0..<V.scalarCount { (upper[lane], lower[lane]) = lane < columns ? (-1, 0) : (0, -1) }
    for index in 0..<call.planes {
      let plane = PlaneRows(V.Scalar.self, source, image: 0, plane: index, zeros: layout.zeros)
      let tile = PairedTile<V>(
        weights: TapWeights(call.weights, index), source: plane.first, last: plane.count &- 1, columns: columns,
        left: layout.left, inside: inside, upper: upper, lower: lower, start: call.start(index))
      let results = ResultRows(target, index, of: call.planes, width: width, size: size)
      var row = 0
      while row < rows {
        // The last rows are computed together with some before them, which get the same values again.
        row = min(row, rows &- 4)
        let sums = tile.sums(row &- layout.top)
        results[row].setVector(sums.0, at: 0)
        results[row &+ 2].setVector(sums.1, at: 0)
        row &+= 4
      }
      results.finish(target, size: size)
    }
  }
}

/// Four rows of results, two in a vector.
private struct PairedTile<V: Interleaved & BitwiseCopyable> where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  let weights: TapWeights<V>
  let source: UnsafeRawPointer
  let last, columns, left: Int
  let inside: TapMasks<V>
  let upper, lower: V.MaskStorage
  let start: V

  /// `row` is the one that the first tap of the first result sees.
  @inline(__always)
  func sums(_ row: Int) -> (V, V) {
    var (first, second) = (start, start)
    taps(row).addProducts(&first, weights.y0)
    taps(row &+ 1).addProducts(&first, weights.y1)
    let middle = taps(row &+ 2)
    middle.addProducts(&first, weights.y2)
    middle.addProducts(&second, weights.y0)
    taps(row &+ 3).addProducts(&second, weights.y1)
    taps(row &+ 4).addProducts(&second, weights.y2)
    return (first, second)
  }

  /// What the taps see of a row and the next.
  @inline(__always)
  private func taps(_ row: Int) -> Triple<V> {
    var taps = Triple<V>(short: source, row &* columns &- left)
    taps.clear(inside)
    if UInt(bitPattern: row) >= UInt(bitPattern: last) {
      taps.clear(row == last ? upper : row == -1 ? lower : V.MaskStorage())
    }
    return taps
  }
}
