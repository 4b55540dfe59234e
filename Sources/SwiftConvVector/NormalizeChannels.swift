import CPlatform
import SwiftConvVectorInterface

/// How many elements are added in the lanes of registers before the sums go on in float64.
private let blockLength = 4096

extension Lanes {
  /// 0, 1, 2, …
  @inline(__always)
  static var indices: Self {
    var result = Self(0)
    for lane in 0..<width { result[lane] = Scalar(lane) }
    return result
  }

  /// All lanes as one number.
  @inline(__always)
  var total: Double {
    // Two sums side by side, because each is a chain of additions. Every register has an even number of lanes.
    var (even, odd): (Double, Double) = (0, 0)
    for pair in 0..<Self.width / 2 {
      even += Double(self[2 &* pair])
      odd += Double(self[2 &* pair &+ 1])
    }
    return even + odd
  }
}

/// Two sums over a channel, of what `terms` makes of a register that starts at an element. Lanes beyond the end of a run
/// are cleared after that, so whatever is there does not matter; beyond `extent` nothing is read.
@inline(__always)
private func channelSums<L: Lanes>(
  _ channel: NormalizationKernels.Channel, _ whole: (Int) -> (L, L), _ part: (Int, Int) -> (L, L)
) -> (Double, Double) {
  let (width, pixels) = (L.width, channel.pixels)
  let (lanes, zero) = (L.indices, L(0))
  var (first, second): (Double, Double) = (0, 0)
  var (a0, a1, b0, b1) = (zero, zero, zero, zero)
  var pending = 0
  for image in 0..<channel.images {
    let start = image &* channel.imageStride
    var index = 0
    while index < pixels {
      let end = min(index &+ blockLength, pixels)
      pending &+= end &- index
      while index &+ 2 &* width <= end {
        let (left, right) = (whole(start &+ index), whole(start &+ index &+ width))
        (a0, b0) = (a0 + left.0, b0 + left.1)
        (a1, b1) = (a1 + right.0, b1 + right.1)
        index &+= 2 &* width
      }
      if index &+ width <= end {
        let term = whole(start &+ index)
        (a0, b0) = (a0 + term.0, b0 + term.1)
        index &+= width
      }
      if index < end {
        let rest = end &- index
        let canRead = start &+ index &+ width <= channel.extent
        let term = canRead ? whole(start &+ index) : part(start &+ index, rest)
        let inside = lanes .< L(Double(rest))
        (a1, b1) = (a1 + L.choose(inside, term.0, zero), b1 + L.choose(inside, term.1, zero))
        index = end
      }
      if pending >= blockLength {
        (first, second) = (first + (a0 + a1).total, second + (b0 + b1).total)
        (a0, a1, b0, b1) = (zero, zero, zero, zero)
        pending = 0
      }
    }
  }
  return (first + (a0 + a1).total, second + (b0 + b1).total)
}

@inline(__always)
private func moments<L: Lanes>(
  _: L.Type, _ channel: NormalizationKernels.Channel, _ x: UnsafeRawPointer, _ center: Double
) -> (Double, Double) {
  let center = L(center)
  @inline(__always)
  func terms(_ value: L) -> (L, L) {
    let distance = value - center
    return (distance, distance * distance)
  }
  return channelSums(channel, { terms(L.load(x, $0)) }, { terms(L.loadPart(x, $0, count: $1)) })
}

@inline(__always)
private func products<L: Lanes>(
  _: L.Type, _ channel: NormalizationKernels.Channel, _ g: UnsafeRawPointer, _ x: UnsafeRawPointer, _ center: Double
) -> (Double, Double) {
  let center = L(center)
  @inline(__always)
  func terms(_ g: L, _ x: L) -> (L, L) { (g, g * (x - center)) }
  return channelSums(
    channel, { terms(L.load(g, $0), L.load(x, $0)) },
    { terms(L.loadPart(g, $0, count: $1), L.loadPart(x, $0, count: $1)) })
}

/// Two sums per column, of what `terms` makes of a register of each row. Four registers of columns stay in place while
/// all rows pass.
@inline(__always)
private func columnSums<L: Lanes>(
  _ rows: Int, _ columns: Int, _ sums: UnsafeMutableRawPointer, _ whole: (Int, Int) -> (L, L),
  _ part: (Int, Int, Int) -> (L, L)
) {
  let (width, zero) = (L.width, L(0))
  var column = 0
  while column &+ 4 &* width <= columns {
    var (a0, a1, a2, a3) = (zero, zero, zero, zero)
    var (b0, b1, b2, b3) = (zero, zero, zero, zero)
    for row in 0..<rows {
      let (t0, t1) = (whole(row, column), whole(row, column &+ width))
      let (t2, t3) = (whole(row, column &+ 2 &* width), whole(row, column &+ 3 &* width))
      (a0, a1, a2, a3) = (a0 + t0.0, a1 + t1.0, a2 + t2.0, a3 + t3.0)
      (b0, b1, b2, b3) = (b0 + t0.1, b1 + t1.1, b2 + t2.1, b3 + t3.1)
    }
    a0.store(sums, column)
    a1.store(sums, column &+ width)
    a2.store(sums, column &+ 2 &* width)
    a3.store(sums, column &+ 3 &* width)
    b0.store(sums, columns &+ column)
    b1.store(sums, columns &+ column &+ width)
    b2.store(sums, columns &+ column &+ 2 &* width)
    b3.store(sums, columns &+ column &+ 3 &* width)
    column &+= 4 &* width
  }
  while column < columns {
    let count = min(width, columns &- column)
    var (a, b) = (zero, zero)
    for row in 0..<rows {
      let term = part(row, column, count)
      (a, b) = (a + term.0, b + term.1)
    }
    a.storePart(sums, column, count: count)
    b.storePart(sums, columns &+ column, count: count)
    column &+= width
  }
}

@inline(__always)
private func columnMoments<L: Lanes>(
  _: L.Type, _ rows: Int, _ step: Int, _ columns: Int, _ x: UnsafeRawPointer, _ centers: UnsafeRawPointer,
  _ sums: UnsafeMutableRawPointer
) {
  @inline(__always)
  func terms(_ distance: L) -> (L, L) { (distance, distance * distance) }
  columnSums(
    rows, columns, sums, { terms(L.load(x, $0 &* step &+ $1) - L.load(centers, $1)) },
    { terms(L.loadPart(x, $0 &* step &+ $1, count: $2) - L.loadPart(centers, $1, count: $2)) })
}

@inline(__always)
private func columnProducts<L: Lanes>(
  _: L.Type, _ rows: Int, _ step: Int, _ columns: Int, _ g: UnsafeRawPointer, _ x: UnsafeRawPointer,
  _ centers: UnsafeRawPointer, _ sums: UnsafeMutableRawPointer
) {
  @inline(__always)
  func terms(_ g: L, _ distance: L) -> (L, L) { (g, g * distance) }
  columnSums(
    rows, columns, sums,
    { terms(L.load(g, $0 &* step &+ $1), L.load(x, $0 &* step &+ $1) - L.load(centers, $1)) },
    { row, column, count in
      let at = row &* step &+ column
      return terms(
        L.loadPart(g, at, count: count),
        L.loadPart(x, at, count: count) - L.loadPart(centers, column, count: count))
    })
}

/// Writes what `whole` and `part` make of each register of a row. The last one overlaps the one before.
@inline(__always)
private func mapRow<L: Lanes>(
  _: L.Type, _ count: Int, _ y: UnsafeMutableRawPointer, _ streams: Bool, _ whole: (Int) -> L,
  _ part: (Int, Int) -> L
) {
  if streams, count >= 2 &* L.width {
    // Streamed registers begin at multiples of their size; the first and the last ones overlap others.
    whole(0).store(y, 0)
    let misplaced = Int(bitPattern: y) & (L.width &* MemoryLayout<L.Scalar>.size &- 1)
    var index = L.width &- misplaced / MemoryLayout<L.Scalar>.size
    while index &+ L.width <= count {
      whole(index).stream(y, index)
      index &+= L.width
    }
    sc_stream_end()
    if index < count { whole(count &- L.width).store(y, count &- L.width) }
    return
  }
  guard count >= L.width else {
    if count > 0 { part(0, count).storePart(y, 0, count: count) }
    return
  }
  var index = 0
  while index < count {
    index = min(index, count &- L.width)
    whole(index).store(y, index)
    index &+= L.width
  }
}

@inline(__always)
private func affine<L: Lanes>(
  _: L.Type, _ count: Int, _ x: UnsafeRawPointer, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer,
  _ step: Int, _ streams: Bool, _ y: UnsafeMutableRawPointer
) {
  if step == 0 {
    let (scale, shift) = (L.repeated(a), L.repeated(b))
    mapRow(
      L.self, count, y, streams, { L.multiplyAdd(L.load(x, $0), scale, shift) },
      { L.multiplyAdd(L.loadPart(x, $0, count: $1), scale, shift) })
  } else {
    mapRow(
      L.self, count, y, streams, { L.multiplyAdd(L.load(x, $0), L.load(a, $0), L.load(b, $0)) },
      {
        L.multiplyAdd(
          L.loadPart(x, $0, count: $1), L.loadPart(a, $0, count: $1), L.loadPart(b, $0, count: $1))
      })
  }
}

@inline(__always)
private func combine<L: Lanes>(
  _: L.Type, _ count: Int, _ g: UnsafeRawPointer, _ x: UnsafeRawPointer, _ a: UnsafeRawPointer,
  _ b: UnsafeRawPointer, _ c: UnsafeRawPointer, _ step: Int, _ streams: Bool, _ y: UnsafeMutableRawPointer
) {
  if step == 0 {
    let (u, v, w) = (L.repeated(a), L.repeated(b), L.repeated(c))
    mapRow(
      L.self, count, y, streams,
      { L.multiplyAdd(L.load(g, $0), u, L.multiplyAdd(L.load(x, $0), v, w)) },
      {
        L.multiplyAdd(
          L.loadPart(g, $0, count: $1), u, L.multiplyAdd(L.loadPart(x, $0, count: $1), v, w))
      })
  } else {
    mapRow(
      L.self, count, y, streams,
      {
        L.multiplyAdd(L.load(g, $0), L.load(a, $0), L.multiplyAdd(L.load(x, $0), L.load(b, $0), L.load(c, $0)))
      },
      {
        let inner = L.multiplyAdd(
          L.loadPart(x, $0, count: $1), L.loadPart(b, $0, count: $1), L.loadPart(c, $0, count: $1))
        return L.multiplyAdd(L.loadPart(g, $0, count: $1), L.loadPart(a, $0, count: $1), inner)
      })
  }
}

extension Lanes {
  /// One number of memory in all lanes.
  @inline(__always)
  fileprivate static func repeated(_ pointer: UnsafeRawPointer) -> Self {
    Self(repeating: pointer.assumingMemoryBound(to: Scalar.self).pointee)
  }
}

/// The normalizations and softmax of this copy of the module.
func makeNormalizationKernels() -> NormalizationKernels {
  NormalizationKernels(
    moments: { dtype, channel, x, center in
      dtype == .float64
        ? moments(DoubleLanes.self, channel, x, center) : moments(FloatLanes.self, channel, x, center)
    },
    products: { dtype, channel, g, x, center in
      dtype == .float64
        ? products(DoubleLanes.self, channel, g, x, center) : products(FloatLanes.self, channel, g, x, center)
    },
    columnMoments: { dtype, rows, step, columns, x, centers, sums in
      dtype == .float64
        ? columnMoments(DoubleLanes.self, rows, step, columns, x, centers, sums)
        : columnMoments(FloatLanes.self, rows, step, columns, x, centers, sums)
    },
    columnProducts: { dtype, rows, step, columns, g, x, centers, sums in
      dtype == .float64
        ? columnProducts(DoubleLanes.self, rows, step, columns, g, x, centers, sums)
        : columnProducts(FloatLanes.self, rows, step, columns, g, x, centers, sums)
    },
    affine: { dtype, count, x, a, b, step, streams, y in
      dtype == .float64
        ? affine(DoubleLanes.self, count, x, a, b, step, streams, y)
        : affine(FloatLanes.self, count, x, a, b, step, streams, y)
    },
    combine: { dtype, count, g, x, a, b, c, step, streams, y in
      dtype == .float64
        ? combine(DoubleLanes.self, count, g, x, a, b, c, step, streams, y)
        : combine(FloatLanes.self, count, g, x, a, b, c, step, streams, y)
    },
    softmax: { dtype, isLogarithm, rows, count, x, y in
      dtype == .float64
        ? doubleSoftmax(isLogarithm, rows, count, x, y) : floatSoftmax(isLogarithm, rows, count, x, y)
    },
    softmaxGradient: { dtype, isLogarithm, rows, count, g, y, dx in
      dtype == .float64
        ? doubleSoftmaxGradient(isLogarithm, rows, count, g, y, dx)
        : floatSoftmaxGradient(isLogarithm, rows, count, g, y, dx)
    })
}
