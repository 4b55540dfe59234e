/// How a reduction computes: the type it computes in, and what it does with rows of that type.
protocol Reducer {
  /// What a row becomes.
  associatedtype Value: BitwiseCopyable

  var dtype: DType { get }
  var identity: Value { get }
  /// A contiguous row of `dtype` as one value.
  func reduceRow(_ x: UnsafeRawPointer, _ count: Int) -> Value
  /// Rows of `dtype`, `step` elements apart, taken into a row of accumulators of the same type.
  func accumulateRows(_ x: UnsafeRawPointer, step: Int, rows: Int, columns: Int, into sums: UnsafeMutableRawPointer)
  func fold(_ a: Value, _ b: Value) -> Value
  /// An accumulator as a value.
  func value(_ sums: UnsafeMutableRawPointer, at index: Int) -> Value
  func store(_ value: Value, _ y: UnsafeMutableRawPointer, _ dtype: DType)
}

/// Computes in float32 or float64; sums of sums are float64 for both.
struct NumberReducer: Reducer {
  let operation: ReduceOperation
  let dtype: DType
  private let kernels = Runtime.vector.elementwise

  init(_ operation: ReduceOperation, _ dtype: DType) {
    self.operation = operation
    self.dtype = dtype
  }

  var identity: Double {
    switch operation {
    case .product: 1
    case .maximum: -.infinity
    case .minimum: .infinity
    default: 0
    }
  }

  func reduceRow(_ x: UnsafeRawPointer, _ count: Int) -> Double { kernels.reduceRow(operation, dtype, x, count) }

  func accumulateRows(_ x: UnsafeRawPointer, step: Int, rows: Int, columns: Int, into sums: UnsafeMutableRawPointer) {
    kernels.accumulateRows(operation, dtype, x, step, rows, columns, sums)
  }

  func fold(_ a: Double, _ b: Double) -> Double {
    switch operation {
    case .product: a * b
    case .maximum: a > b || a.isNaN ? a : b
    case .minimum: a < b || a.isNaN ? a : b
    default: a + b
    }
  }

  func value(_ sums: UnsafeMutableRawPointer, at index: Int) -> Double {
    dtype == .float64
      ? sums.load(fromByteOffset: index * 8, as: Double.self)
      : Double(sums.load(fromByteOffset: index * 4, as: Float.self))
  }

  func store(_ value: Double, _ y: UnsafeMutableRawPointer, _ dtype: DType) {
    if dtype == .float64 {
      y.storeBytes(of: value, as: Double.self)
    } else {
      y.storeBytes(of: Float(value), as: Float.self)
    }
  }
}

/// Computes in 64-bit integers, which wrap around.
struct IntegerReducer: Reducer {
  let operation: ReduceOperation
  var dtype: DType { .int64 }

  var identity: Int64 {
    switch operation {
    case .product, .all: 1
    case .maximum: .min
    case .minimum: .max
    default: 0
    }
  }

  func reduceRow(_ x: UnsafeRawPointer, _ count: Int) -> Int64 {
    let x = x.assumingMemoryBound(to: Int64.self)
    var result = identity
    switch operation {
    case .product: for index in 0..<count { result = result &* x[index] }
    case .maximum: for index in 0..<count { result = max(result, x[index]) }
    case .minimum: for index in 0..<count { result = min(result, x[index]) }
    case .sumOfSquares: for index in 0..<count { result = result &+ x[index] &* x[index] }
    default: for index in 0..<count { result = result &+ x[index] }
    }
    return result
  }

  func accumulateRows(_ x: UnsafeRawPointer, step: Int, rows: Int, columns: Int, into sums: UnsafeMutableRawPointer) {
    let sums = sums.assumingMemoryBound(to: Int64.self)
    for row in 0..<rows {
      let x = x.assumingMemoryBound(to: Int64.self) + row * step
      switch operation {
      case .product: for index in 0..<columns { sums[index] = sums[index] &* x[index] }
      case .maximum: for index in 0..<columns { sums[index] = max(sums[index], x[index]) }
      case .minimum: for index in 0..<columns { sums[index] = min(sums[index], x[index]) }
      case .sumOfSquares: for index in 0..<columns { sums[index] = sums[index] &+ x[index] &* x[index] }
      default: for index in 0..<columns { sums[index] = sums[index] &+ x[index] }
      }
    }
  }

  func fold(_ a: Int64, _ b: Int64) -> Int64 {
    switch operation {
    case .product: a &* b
    case .maximum: max(a, b)
    case .minimum: min(a, b)
    default: a &+ b
    }
  }

  func value(_ sums: UnsafeMutableRawPointer, at index: Int) -> Int64 {
    sums.load(fromByteOffset: index * 8, as: Int64.self)
  }

  func store(_ value: Int64, _ y: UnsafeMutableRawPointer, _ dtype: DType) {
    withUnsafeBytes(of: value) { convertRow(.int64, $0.baseAddress!, dtype, y, 1) }
  }
}

/// `any` and `all`, in bytes that are 0 or 1.
struct TruthReducer: Reducer {
  let isAny: Bool
  var dtype: DType { .bool }
  var identity: UInt8 { isAny ? 0 : 1 }

  func reduceRow(_ x: UnsafeRawPointer, _ count: Int) -> UInt8 {
    let x = x.assumingMemoryBound(to: UInt8.self)
    var (ones, zeros) = (UInt8(0), UInt8(0))
    for index in 0..<count {
      ones |= x[index]
      zeros |= x[index] ^ 1
    }
    return isAny ? ones : zeros ^ 1
  }

  func accumulateRows(_ x: UnsafeRawPointer, step: Int, rows: Int, columns: Int, into sums: UnsafeMutableRawPointer) {
    let sums = sums.assumingMemoryBound(to: UInt8.self)
    for row in 0..<rows {
      let x = x.assumingMemoryBound(to: UInt8.self) + row * step
      if isAny {
        for index in 0..<columns { sums[index] |= x[index] }
      } else {
        for index in 0..<columns { sums[index] &= x[index] }
      }
    }
  }

  func fold(_ a: UInt8, _ b: UInt8) -> UInt8 { isAny ? a | b : a & b }

  func value(_ sums: UnsafeMutableRawPointer, at index: Int) -> UInt8 {
    sums.load(fromByteOffset: index, as: UInt8.self)
  }

  func store(_ value: UInt8, _ y: UnsafeMutableRawPointer, _ dtype: DType) {
    withUnsafeBytes(of: value) { convertRow(.bool, $0.baseAddress!, dtype, y, 1) }
  }
}

/// Values folded as a balanced tree, in the order they come: the error of a sum grows with the logarithm of
/// their number.
struct PairwiseFold<R: Reducer> {
  private let reducer: R
  /// Slot `k` holds the fold of 2^k values while bit `k` of `count` is set.
  private var slots: InlineArray<48, R.Value>
  private var count = 0

  init(_ reducer: R) {
    self.reducer = reducer
    slots = InlineArray(repeating: reducer.identity)
  }

  mutating func add(_ value: R.Value) {
    var carried = value
    var slot = 0
    while count >> slot & 1 == 1 {
      carried = reducer.fold(slots[slot], carried)
      slot += 1
    }
    slots[slot] = carried
    count += 1
  }

  var result: R.Value {
    var folded = reducer.identity
    var slot = 0
    while count >> slot != 0 {
      if count >> slot & 1 == 1 { folded = reducer.fold(slots[slot], folded) }
      slot += 1
    }
    return folded
  }
}
