import SwiftConvVectorInterface

/// Applies a map to the columns of squares, then to their rows. Between the two, a square is in 36 vectors: some stay in
/// registers, the others on the stack, in the first-level cache.
@inline(__always)
private func transform<Map: LineMap>(
  _: Map.Type, _ count: Int, _ source: UnsafeRawPointer, _ from: WinogradKernels.Squares,
  _ target: UnsafeMutableRawPointer, _ to: WinogradKernels.Squares
) {
  let size = MemoryLayout<Map.V.Scalar>.size
  // What is not overwritten is not looked at, so that this is done once.
  var middle = InlineArray<36, Map.V> { _ in .zero }
  for square in 0..<count {
    let read = source + from.places[square] &* size
    let write = target + to.places[square] &* size
    for column in 0..<Map.inputs {
      var line = InlineArray<6, Map.V> { _ in .zero }
      for row in 0..<Map.inputs {
        line[row] = read.vector(Map.V.self, at: row &* from.rowStride &+ column &* from.columnStride)
      }
      let mapped = Map.map(line)
      for row in 0..<Map.outputs { middle[row &* 6 &+ column] = mapped[row] }
    }
    for row in 0..<Map.outputs {
      var line = InlineArray<6, Map.V> { _ in .zero }
      for column in 0..<Map.inputs { line[column] = middle[row &* 6 &+ column] }
      let mapped = Map.map(line)
      for column in 0..<Map.outputs {
        write.setVector(mapped[column], at: row &* to.rowStride &+ column &* to.columnStride)
      }
    }
  }
}

@inline(__always)
private func apply<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ kind: WinogradKernels.Transform, _ n: Int, _ count: Int, _ source: UnsafeRawPointer,
  _ from: WinogradKernels.Squares, _ target: UnsafeMutableRawPointer, _ to: WinogradKernels.Squares
) where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  switch (kind, n) {
  case (.input, 2): transform(Two<V>.Input.self, count, source, from, target, to)
  case (.weight, 2): transform(Two<V>.Weight.self, count, source, from, target, to)
  case (.output, 2): transform(Two<V>.Output.self, count, source, from, target, to)
  case (.outputGradient, 2): transform(Two<V>.OutputGradient.self, count, source, from, target, to)
  case (.weightGradient, 2): transform(Two<V>.WeightGradient.self, count, source, from, target, to)
  case (.input, 3): transform(Part<Four<V>.Input, 5, 5>.self, count, source, from, target, to)
  case (.weight, 3): transform(Part<Four<V>.Weight, 3, 5>.self, count, source, from, target, to)
  case (.output, 3): transform(Part<Four<V>.Output, 5, 3>.self, count, source, from, target, to)
  case (.outputGradient, 3): transform(Part<Four<V>.OutputGradient, 3, 5>.self, count, source, from, target, to)
  case (.weightGradient, 3): transform(Part<Four<V>.WeightGradient, 5, 3>.self, count, source, from, target, to)
  case (.input, _): transform(Four<V>.Input.self, count, source, from, target, to)
  case (.weight, _): transform(Four<V>.Weight.self, count, source, from, target, to)
  case (.output, _): transform(Four<V>.Output.self, count, source, from, target, to)
  case (.outputGradient, _): transform(Four<V>.OutputGradient.self, count, source, from, target, to)
  case (.weightGradient, _): transform(Four<V>.WeightGradient.self, count, source, from, target, to)
  }
}

/// Zips each row with the one half a block further.
@inline(__always)
private func zipHalves<V: Zipped>(_ rows: InlineArray<16, V>) -> InlineArray<16, V> {
  let half = V.scalarCount / 2
  var zipped = rows
  for row in 0..<half {
    zipped[2 &* row] = V.zipLow(rows[row], rows[row &+ half])
    zipped[2 &* row &+ 1] = V.zipHigh(rows[row], rows[row &+ half])
  }
  return zipped
}

/// Turns the rows of a square block, as many vectors as a vector has elements, to columns. Each zip moves one bit of an
/// element's place from its column to its row.
@inline(__always)
private func transpose<V: Zipped>(_: V.Type, read: (Int) -> V, write: (Int, V) -> Void) {
  var rows = InlineArray<16, V> { _ in V() }
  for row in 0..<V.scalarCount { rows[row] = read(row) }
  rows = zipHalves(rows)
  if V.scalarCount > 2 { rows = zipHalves(rows) }
  if V.scalarCount > 4 { rows = zipHalves(rows) }
  if V.scalarCount > 8 { rows = zipHalves(rows) }
  for row in 0..<V.scalarCount { write(row, rows[row]) }
}

/// See `WinogradKernels.Gather`.
@inline(__always)
private func gather<V: Zipped & BitwiseCopyable>(
  _: V.Type, _ plane: WinogradKernels.Plane, _ source: UnsafeRawPointer, _ readable: Int,
  _ target: UnsafeMutableRawPointer, _ places: UnsafePointer<Int>
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  let (size, lanes) = (MemoryLayout<V.Scalar>.size, V.scalarCount)
  let (channels, pixels) = (plane.channels, plane.pixels)
  if plane.channelStride == 1, channels == lanes {
    for pixel in 0..<pixels {
      target.setVector(source.vector(V.self, at: pixel &* plane.pixelStride), at: places[pixel])
    }
    return
  }
  let isReadable = pixels >= lanes || (channels &- 1) &* plane.channelStride &+ lanes <= readable
  guard plane.pixelStride == 1, plane.channelStride >= 0, isReadable else {
    for pixel in 0..<pixels {
      let from = source + pixel &* plane.pixelStride &* size
      var vector = V.zero
      for channel in 0..<channels {
        vector[channel] = from.element(V.Scalar.self, at: channel &* plane.channelStride)
      }
      target.setVector(vector, at: places[pixel])
    }
    return
  }
  var first = 0
  while first < pixels {
    // The last block overlaps the one before.
    if pixels >= lanes { first = min(first, pixels &- lanes) }
    let from = source + first &* size
    if channels == lanes, pixels >= lanes {
      transpose(V.self) {
        from.vector(V.self, at: $0 &* plane.channelStride)
      } write: {
        target.setVector($1, at: places[first &+ $0])
      }
    } else {
      transpose(V.self) {
        $0 < channels ? from.vector(V.self, at: $0 &* plane.channelStride) : .zero
      } write: {
        if $0 < pixels { target.setVector($1, at: places[first &+ $0]) }
      }
    }
    first &+= lanes
  }
}

/// See `WinogradKernels.Scatter`.
@inline(__always)
private func scatter<V: Zipped & BitwiseCopyable>(
  _: V.Type, _ plane: WinogradKernels.Plane, _ source: UnsafeRawPointer, _ places: UnsafePointer<Int>,
  _ bias: UnsafeRawPointer?, _ target: UnsafeMutableRawPointer
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  let (size, lanes) = (MemoryLayout<V.Scalar>.size, V.scalarCount)
  let (channels, pixels) = (plane.channels, plane.pixels)
  // Adding a negative zero changes nothing, not even the sign of a zero.
  let shift = bias?.vector(V.self, at: 0) ?? V(repeating: -V.Scalar.zero)
  guard plane.pixelStride == 1, pixels >= lanes else {
    for pixel in 0..<pixels {
      let vector = source.vector(V.self, at: places[pixel]) + shift
      let to = target + pixel &* plane.pixelStride &* size
      if plane.channelStride == 1, channels == lanes {
        to.setVector(vector, at: 0)
      } else {
        for channel in 0..<channels { to.setElement(vector[channel], at: channel &* plane.channelStride) }
      }
    }
    return
  }
  var first = 0
  while first < pixels {
    first = min(first, pixels &- lanes)
    let to = target + first &* size
    if channels == lanes {
      transpose(V.self) {
        source.vector(V.self, at: places[first &+ $0]) + shift
      } write: {
        to.setVector($1, at: $0 &* plane.channelStride)
      }
    } else {
      transpose(V.self) {
        source.vector(V.self, at: places[first &+ $0]) + shift
      } write: {
        if $0 < channels { to.setVector($1, at: $0 &* plane.channelStride) }
      }
    }
    first &+= lanes
  }
}

func makeFloatWinogradKernels() -> WinogradKernels {
  WinogradKernels(
    apply: { apply(FloatVector.self, $0, $1, $2, $3, $4, $5, $6) },
    gather: { gather(FloatVector.self, $0, $1, $2, $3, $4) },
    scatter: { scatter(FloatVector.self, $0, $1, $2, $3, $4) }, few: makeFloatFewTilesKernels())
}

func makeDoubleWinogradKernels() -> WinogradKernels {
  WinogradKernels(
    apply: { apply(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6) },
    gather: { gather(DoubleVector.self, $0, $1, $2, $3, $4) },
    scatter: { scatter(DoubleVector.self, $0, $1, $2, $3, $4) }, few: makeDoubleFewTilesKernels())
}
