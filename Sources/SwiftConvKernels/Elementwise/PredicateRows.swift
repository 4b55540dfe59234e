// Contiguous rows whose result is a boolean, and the choice by one. Plain loops: the compiler vectorises them, as
// inputs and outputs do not overlap.

/// `logicalNot`, `isNaN` and `isInf` of any type.
func predicateRow(
  _ op: UnaryOperation, _ dtype: DType, _ x: UnsafeRawPointer, _ y: UnsafeMutablePointer<UInt8>, _ count: Int
) {
  switch dtype {
  case .bool, .uint8: integerPredicate(op, x.assumingMemoryBound(to: UInt8.self), y, count)
  case .int32: integerPredicate(op, x.assumingMemoryBound(to: Int32.self), y, count)
  case .int64: integerPredicate(op, x.assumingMemoryBound(to: Int64.self), y, count)
  case .float32: floatPredicate(op, x.assumingMemoryBound(to: Float.self), y, count)
  case .float64: floatPredicate(op, x.assumingMemoryBound(to: Double.self), y, count)
  }
}

@inline(__always)
private func integerPredicate<T: FixedWidthInteger>(
  _ op: UnaryOperation, _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<UInt8>, _ count: Int
) {
  if op == .logicalNot {
    for index in 0..<count { y[index] = x[index] == 0 ? 1 : 0 }
  } else {
    for index in 0..<count { y[index] = 0 }
  }
}

@inline(__always)
private func floatPredicate<T: BinaryFloatingPoint>(
  _ op: UnaryOperation, _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<UInt8>, _ count: Int
) {
  switch op {
  case .logicalNot: for index in 0..<count { y[index] = x[index] == 0 ? 1 : 0 }
  case .isNaN: for index in 0..<count { y[index] = x[index] != x[index] ? 1 : 0 }
  default: for index in 0..<count { y[index] = x[index].magnitude == .infinity ? 1 : 0 }
  }
}

/// `y[i] = a[i] op b[i]` for any type.
func compareRow(
  _ op: Comparison, _ dtype: DType, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ y: UnsafeMutablePointer<UInt8>,
  _ count: Int
) {
  switch dtype {
  case .bool, .uint8: compareElements(UInt8.self, op, a, b, y, count)
  case .int32: compareElements(Int32.self, op, a, b, y, count)
  case .int64: compareElements(Int64.self, op, a, b, y, count)
  case .float32: compareElements(Float.self, op, a, b, y, count)
  case .float64: compareElements(Double.self, op, a, b, y, count)
  }
}

@inline(__always)
private func compareElements<T: Comparable>(
  _ type: T.Type, _ op: Comparison, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ y: UnsafeMutablePointer<UInt8>,
  _ count: Int
) {
  let (a, b) = (a.assumingMemoryBound(to: T.self), b.assumingMemoryBound(to: T.self))
  switch op {
  case .equal: for index in 0..<count { y[index] = a[index] == b[index] ? 1 : 0 }
  case .notEqual: for index in 0..<count { y[index] = a[index] != b[index] ? 1 : 0 }
  case .less: for index in 0..<count { y[index] = a[index] < b[index] ? 1 : 0 }
  case .lessEqual: for index in 0..<count { y[index] = a[index] <= b[index] ? 1 : 0 }
  case .greater: for index in 0..<count { y[index] = a[index] > b[index] ? 1 : 0 }
  case .greaterEqual: for index in 0..<count { y[index] = a[index] >= b[index] ? 1 : 0 }
  }
}

/// `y[i] = condition[i] ? a[i] : b[i]` for elements of the size of `T`.
@inline(__always)
func selectRow<T: FixedWidthInteger>(
  _ type: T.Type, _ condition: UnsafePointer<UInt8>, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer,
  _ y: UnsafeMutableRawPointer, _ count: Int
) {
  let (a, b) = (a.assumingMemoryBound(to: T.self), b.assumingMemoryBound(to: T.self))
  let y = y.assumingMemoryBound(to: T.self)
  for index in 0..<count {
    // Both are read whatever the condition: a choice between loaded values needs no branch.
    let (u, v) = (a[index], b[index])
    y[index] = condition[index] != 0 ? u : v
  }
}
