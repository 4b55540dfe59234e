import SwiftConvVectorInterface

/// See `RowKernels.Load`.
@inline(__always)
private func load<V: Interleaved & BitwiseCopyable>(
  _: V.Type, _ rows: Int, _ columns: Int, _ source: UnsafeRawPointer, _ sourceRowStride: Int, _ sourceStride: Int,
  _ target: UnsafeMutableRawPointer, _ targetRowStride: Int
) where V.Scalar: BitwiseCopyable {
  let size = MemoryLayout<V.Scalar>.size
  for row in 0..<rows {
    let from = source + row &* sourceRowStride &* size
    let to = target + row &* targetRowStride &* size
    var column = 0
    if sourceStride == 1, columns >= V.scalarCount {
      while column < columns {
        // The last vector overlaps the one before.
        column = min(column, columns &- V.scalarCount)
        to.setVector(from.vector(V.self, at: column), at: column)
        column &+= V.scalarCount
      }
    } else if sourceStride == 2, columns >= V.scalarCount {
      while column &+ V.scalarCount < columns {
        let (low, high) = (
          from.vector(V.self, at: 2 &* column), from.vector(V.self, at: 2 &* column &+ V.scalarCount)
        )
        to.setVector(V.evenElements(low, high), at: column)
        column &+= V.scalarCount
      }
      // The last vector overlaps the one before. Its second half is read one element early, so that nothing is read
      // beyond the last element.
      column = columns &- V.scalarCount
      let (low, high) = (
        from.vector(V.self, at: 2 &* column), from.vector(V.self, at: 2 &* column &+ V.scalarCount &- 1)
      )
      to.setVector(V.evenAndOddElements(low, high), at: column)
      column = columns
    }
    while column < columns {
      to.setElement(from.element(V.Scalar.self, at: column &* sourceStride), at: column)
      column &+= 1
    }
  }
}

/// See `RowKernels.Store`.
@inline(__always)
private func store<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ rows: Int, _ columns: Int, _ source: UnsafeRawPointer, _ sourceRowStride: Int,
  _ target: UnsafeMutableRawPointer, _ targetRowStride: Int, _ targetStride: Int, _ bias: UnsafeRawPointer?
) where V.Scalar: FloatingPoint & BitwiseCopyable {
  let size = MemoryLayout<V.Scalar>.size
  // Adding a negative zero changes nothing, not even the sign of a zero.
  let shift = bias?.element(V.Scalar.self, at: 0) ?? -V.Scalar.zero
  let shifts = V(repeating: shift)
  for row in 0..<rows {
    let from = source + row &* sourceRowStride &* size
    let to = target + row &* targetRowStride &* size
    var column = 0
    if targetStride == 1, columns >= V.scalarCount {
      while column < columns {
        column = min(column, columns &- V.scalarCount)
        to.setVector(from.vector(V.self, at: column) + shifts, at: column)
        column &+= V.scalarCount
      }
    }
    while column < columns {
      to.setElement(from.element(V.Scalar.self, at: column) + shift, at: column &* targetStride)
      column &+= 1
    }
  }
}

/// See `RowKernels.Join`.
@inline(__always)
private func join<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ rows: Int, _ runs: Int, _ length: Int, _ source: UnsafeRawPointer,
  _ sourceOffsets: UnsafePointer<Int>, _ runOffsets: UnsafePointer<Int>, _ target: UnsafeMutableRawPointer,
  _ targetRowStride: Int
) {
  for row in 0..<rows {
    let offset = sourceOffsets[row]
    var place = row &* targetRowStride
    for run in 0..<runs {
      // What a run writes beyond its end, the next run overwrites.
      var column = 0
      while column < length {
        target.setVector(source.vector(V.self, at: offset &+ runOffsets[run] &+ column), at: place &+ column)
        column &+= V.scalarCount
      }
      place &+= length
    }
  }
}

// Short rows are moved with shorter vectors, which still overlap.

let floatLoad: RowKernels.Load = {
  if $1 >= FloatVector.scalarCount {
    load(FloatVector.self, $0, $1, $2, $3, $4, $5, $6)
  } else if $1 >= 8 {
    load(SIMD8<Float>.self, $0, $1, $2, $3, $4, $5, $6)
  } else {
    load(SIMD4<Float>.self, $0, $1, $2, $3, $4, $5, $6)
  }
}
let doubleLoad: RowKernels.Load = {
  if $1 >= DoubleVector.scalarCount {
    load(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6)
  } else {
    load(SIMD4<Double>.self, $0, $1, $2, $3, $4, $5, $6)
  }
}
let floatStore: RowKernels.Store = {
  if $1 >= FloatVector.scalarCount {
    store(FloatVector.self, $0, $1, $2, $3, $4, $5, $6, $7)
  } else if $1 >= 8 {
    store(SIMD8<Float>.self, $0, $1, $2, $3, $4, $5, $6, $7)
  } else {
    store(SIMD4<Float>.self, $0, $1, $2, $3, $4, $5, $6, $7)
  }
}
let doubleStore: RowKernels.Store = {
  if $1 >= DoubleVector.scalarCount {
    store(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6, $7)
  } else {
    store(SIMD4<Double>.self, $0, $1, $2, $3, $4, $5, $6, $7)
  }
}
let floatJoin: RowKernels.Join = { join(FloatVector.self, $0, $1, $2, $3, $4, $5, $6, $7) }
let doubleJoin: RowKernels.Join = { join(DoubleVector.self, $0, $1, $2, $3, $4, $5, $6, $7) }
