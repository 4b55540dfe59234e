import SwiftConvVectorInterface

/// A few neighbouring vectors of a line of sums, in registers.
private enum LineRun<V: SIMD & BitwiseCopyable, let vectors: Int> where V.Scalar: FloatingPoint & BitwiseCopyable {
  @inline(__always)
  static func run(
    _ taps: Int, _ source: UnsafeRawPointer, _ offsets: UnsafePointer<Int>, _ weights: UnsafeRawPointer,
    _ target: UnsafeMutableRawPointer, _ start: V, _ accumulates: Bool
  ) {
    var sums = InlineArray<8, V> { _ in start }
    for tap in 0..<taps {
      let weight = V(repeating: weights.element(V.Scalar.self, at: tap))
      let from = source + offsets[tap] &* MemoryLayout<V.Scalar>.size
      for vector in 0..<vectors {
        multiplyAdd(&sums[vector], weight, from.vector(V.self, at: vector &* V.scalarCount))
      }
    }
    for vector in 0..<vectors {
      let place = vector &* V.scalarCount
      target.setVector(accumulates ? target.vector(V.self, at: place) + sums[vector] : sums[vector], at: place)
    }
  }
}

/// See `RowKernels.Line`.
@inline(__always)
private func line<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ vectors: Int, _ taps: Int, _ source: UnsafeRawPointer, _ offsets: UnsafePointer<Int>,
  _ weights: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ start: UnsafeRawPointer?, _ accumulates: Bool
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  let bytes = MemoryLayout<V>.size
  let start = V(repeating: start?.element(V.Scalar.self, at: 0) ?? V.Scalar.zero)
  var vector = 0
  while vector < vectors {
    let (from, to) = (source + vector &* bytes, target + vector &* bytes)
    switch vectors &- vector {
    case 8...:
      LineRun<V, 8>.run(taps, from, offsets, weights, to, start, accumulates)
      vector &+= 8
    case 4...:
      LineRun<V, 4>.run(taps, from, offsets, weights, to, start, accumulates)
      vector &+= 4
    case 2...:
      LineRun<V, 2>.run(taps, from, offsets, weights, to, start, accumulates)
      vector &+= 2
    default:
      LineRun<V, 1>.run(taps, from, offsets, weights, to, start, accumulates)
      vector &+= 1
    }
  }
}

/// A vector with zeros where the mask is zero.
@inline(__always)
private func cleared<V: SIMD & BitwiseCopyable>(_ vector: V, _ mask: V.MaskStorage) -> V {
  unsafeBitCast(unsafeBitCast(vector, to: V.MaskStorage.self) & mask, to: V.self)
}

/// The sums of a few taps, in registers over a whole line.
private enum LineDot<V: SIMD & BitwiseCopyable, let taps: Int>
where V.Scalar: FloatingPoint & BitwiseCopyable, V.MaskStorage: BitwiseCopyable {
  @inline(__always)
  static func add(
    _ vectors: Int, _ a: UnsafeRawPointer, _ mask: UnsafeRawPointer, _ b: UnsafeRawPointer,
    _ offsets: UnsafePointer<Int>, _ sums: UnsafeMutableRawPointer
  ) {
    var totals = InlineArray<9, V> { _ in .zero }
    for tap in 0..<taps { totals[tap] = sums.vector(V.self, at: tap &* V.scalarCount) }
    for vector in 0..<vectors {
      let place = vector &* V.scalarCount
      // Both factors are cleared: zero times what is between rows could be NaN.
      let present = mask.vector(V.MaskStorage.self, at: place)
      let left = cleared(a.vector(V.self, at: place), present)
      for tap in 0..<taps {
        multiplyAdd(&totals[tap], left, cleared(b.vector(V.self, at: offsets[tap] &+ place), present))
      }
    }
    for tap in 0..<taps { sums.setVector(totals[tap], at: tap &* V.scalarCount) }
  }
}

/// See `RowKernels.LineDot`.
@inline(__always)
private func lineDot<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ vectors: Int, _ taps: Int, _ a: UnsafeRawPointer, _ mask: UnsafeRawPointer, _ b: UnsafeRawPointer,
  _ offsets: UnsafePointer<Int>, _ sums: UnsafeMutableRawPointer
) where V.Scalar: FloatingPoint & BitwiseCopyable, V.MaskStorage: BitwiseCopyable {
  var tap = 0
  while tap < taps {
    let (from, to) = (offsets + tap, sums + tap &* MemoryLayout<V>.size)
    switch taps &- tap {
    case 9...:
      LineDot<V, 9>.add(vectors, a, mask, b, from, to)
      tap &+= 9
    case 3...:
      LineDot<V, 3>.add(vectors, a, mask, b, from, to)
      tap &+= 3
    default:
      LineDot<V, 1>.add(vectors, a, mask, b, from, to)
      tap &+= 1
    }
  }
}

/// See `RowKernels.Zip`.
@inline(__always)
private func zip<V: Zipped & BitwiseCopyable>(
  _: V.Type, _ rows: Int, _ columns: Int, _ even: UnsafeRawPointer, _ odd: UnsafeRawPointer, _ sourceRowStride: Int,
  _ target: UnsafeMutableRawPointer, _ targetRowStride: Int
) where V.Scalar: BitwiseCopyable {
  let (size, lanes) = (MemoryLayout<V.Scalar>.size, V.scalarCount)
  let pairs = columns / 2
  for row in 0..<rows {
    let (a, b) = (even + row &* sourceRowStride &* size, odd + row &* sourceRowStride &* size)
    let to = target + row &* targetRowStride &* size
    var pair = 0
    while pairs >= lanes, pair < pairs {
      // The last vectors overlap those before.
      pair = min(pair, pairs &- lanes)
      let (low, high) = (a.vector(V.self, at: pair), b.vector(V.self, at: pair))
      to.setVector(V.zipLow(low, high), at: 2 &* pair)
      to.setVector(V.zipHigh(low, high), at: 2 &* pair &+ lanes)
      pair &+= lanes
    }
    while pair < pairs {
      to.setElement(a.element(V.Scalar.self, at: pair), at: 2 &* pair)
      to.setElement(b.element(V.Scalar.self, at: pair), at: 2 &* pair &+ 1)
      pair &+= 1
    }
    if columns % 2 == 1 { to.setElement(a.element(V.Scalar.self, at: pairs), at: 2 &* pairs) }
  }
}

let floatLine: RowKernels.Line = { line(FloatVector.self, $0, $1, $2, $3, $4, $5, $6, $7) }
let doubleLine: RowKernels.Line = { line(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6, $7) }
let floatLineDot: RowKernels.LineDot = { lineDot(FloatVector.self, $0, $1, $2, $3, $4, $5, $6) }
let doubleLineDot: RowKernels.LineDot = { lineDot(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6) }

// Short rows are moved with shorter vectors, which still overlap.

let floatZip: RowKernels.Zip = {
  if $1 >= 2 * FloatVector.scalarCount {
    zip(FloatVector.self, $0, $1, $2, $3, $4, $5, $6)
  } else if $1 >= 16 {
    zip(SIMD8<Float>.self, $0, $1, $2, $3, $4, $5, $6)
  } else {
    zip(SIMD4<Float>.self, $0, $1, $2, $3, $4, $5, $6)
  }
}
let doubleZip: RowKernels.Zip = {
  if $1 >= 2 * DoubleVector.scalarCount {
    zip(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6)
  } else {
    zip(SIMD4<Double>.self, $0, $1, $2, $3, $4, $5, $6)
  }
}
