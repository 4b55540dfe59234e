import SwiftConvKernels

/// A generator of repeatable random numbers (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// How an array of a test lies in memory.
enum TestLayout: CaseIterable {
  case dense, transposed, everySecond, reversed
}

/// An array for tests, with guard elements around it that nobody may touch.
final class TestArray {
  let shape: [Int]
  let strides: Dimensions
  let dtype: DType
  private let bytes: UnsafeMutableRawPointer
  private let byteCount: Int
  private let start: Int
  private static let guardBytes = 256
  private static let guardValue: UInt8 = 0xA5

  init(_ shape: [Int], _ dtype: DType = .float32, layout: TestLayout = .dense) {
    self.shape = shape
    self.dtype = dtype
    var order = Array(shape.indices)
    if layout == .transposed { order.reverse() }
    let spread = layout == .everySecond ? 2 : 1
    var strides = [Int](repeating: 0, count: shape.count)
    var stride = spread
    for axis in order.reversed() {
      strides[axis] = stride
      stride *= max(shape[axis], 1)
    }
    var first = 0
    if layout == .reversed {
      for axis in shape.indices {
        first += strides[axis] * max(shape[axis] - 1, 0)
        strides[axis] = -strides[axis]
      }
    }
    self.strides = Dimensions(strides)
    byteCount = stride * dtype.size + 2 * TestArray.guardBytes
    bytes = .allocate(byteCount: byteCount, alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: TestArray.guardValue, count: byteCount)
    start = TestArray.guardBytes + first * dtype.size
  }

  deinit { bytes.deallocate() }

  var count: Int { shape.reduce(1, *) }
  var source: Source { Source(pointer: UnsafeRawPointer(bytes + start), strides: strides, dtype: dtype) }
  var target: Target { Target(pointer: bytes + start, strides: strides, dtype: dtype) }

  /// Whether the memory around the array is as it was.
  var isGuardIntact: Bool {
    let all = UnsafeRawBufferPointer(start: bytes, count: byteCount)
    let front = all.prefix(TestArray.guardBytes)
    let back = all.suffix(TestArray.guardBytes)
    return front.allSatisfy { $0 == TestArray.guardValue } && back.allSatisfy { $0 == TestArray.guardValue }
  }

  private func offset(_ flat: Int) -> Int {
    var (rest, offset) = (flat, 0)
    for axis in shape.indices.reversed() {
      offset += rest % shape[axis] * strides[axis]
      rest /= shape[axis]
    }
    return start + offset * dtype.size
  }

  /// The element at a row-major position.
  subscript(flat: Int) -> Double {
    get {
      let place = bytes + offset(flat)
      return switch dtype {
      case .bool, .uint8: Double(place.load(as: UInt8.self))
      case .int32: Double(place.load(as: Int32.self))
      case .int64: Double(place.load(as: Int64.self))
      case .float32: Double(place.load(as: Float.self))
      case .float64: place.load(as: Double.self)
      }
    }
    set {
      let place = bytes + offset(flat)
      switch dtype {
      case .bool: place.storeBytes(of: newValue == 0 ? 0 : 1, as: UInt8.self)
      case .uint8: place.storeBytes(of: UInt8(newValue), as: UInt8.self)
      case .int32: place.storeBytes(of: Int32(newValue), as: Int32.self)
      case .int64: place.storeBytes(of: Int64(newValue), as: Int64.self)
      case .float32: place.storeBytes(of: Float(newValue), as: Float.self)
      case .float64: place.storeBytes(of: newValue, as: Double.self)
      }
    }
  }

  var values: [Double] { (0..<count).map { self[$0] } }

  /// Small random numbers: integers for integer types.
  @discardableResult
  func randomize(_ seed: UInt64) -> TestArray {
    var generator = SeededGenerator(seed)
    for index in 0..<count {
      self[index] =
        switch dtype {
        case .bool: Double(Int.random(in: 0...1, using: &generator))
        case .uint8: Double(Int.random(in: 0...255, using: &generator))
        case .int32, .int64: Double(Int.random(in: -1000...1000, using: &generator))
        case .float32, .float64: Double.random(in: -1...1, using: &generator)
        }
    }
    return self
  }
}

/// The largest difference of two arrays.
func largestDifference(_ a: TestArray, _ b: TestArray) -> Double {
  var largest = 0.0
  for index in 0..<a.count {
    let difference = abs(a[index] - b[index])
    // A NaN differs from everything.
    if !(difference <= largest) { largest = difference.isNaN ? .infinity : difference }
  }
  return largest
}

/// The rounding errors that a sum of `terms` products of numbers up to 1 may have.
func tolerance(_ dtype: DType, terms: Int) -> Double {
  let unit = dtype == .float64 ? 0x1p-53 : 0x1p-24
  return 4 * unit * Double(max(terms, 4))
}
