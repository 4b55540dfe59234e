import SwiftConvKernels

/// How the elements of a test array lie in memory.
enum ArrayLayout: CaseIterable {
  case dense, everySecond, reversed, transposed
  /// One element everywhere along the first axis; for inputs.
  case repeated
}

/// An array with its own memory, read and written as Double by index.
final class StridedArray {
  let dtype: DType
  let shape: Dimensions
  let strides: Dimensions
  private let memory: UnsafeMutableRawPointer
  private let origin: UnsafeMutableRawPointer

  init(_ dtype: DType, _ shape: [Int], _ layout: ArrayLayout = .dense) {
    self.dtype = dtype
    self.shape = Dimensions(shape)
    var strides = self.shape.denseStrides
    var start = 0
    switch layout {
    case .dense: break
    case .everySecond: for axis in shape.indices { strides[axis] *= 2 }
    case .reversed:
      for axis in shape.indices {
        start += max(shape[axis] - 1, 0) * strides[axis]
        strides[axis] = -strides[axis]
      }
    case .transposed:
      let turned = Dimensions(shape.reversed()).denseStrides
      for axis in shape.indices { strides[axis] = turned[shape.count - 1 - axis] }
    case .repeated: if !shape.isEmpty { strides[0] = 0 }
    }
    self.strides = strides
    let count = max(self.shape.product, 1) * 2
    memory = .allocate(byteCount: count * dtype.size, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: count * dtype.size)
    origin = memory + start * dtype.size
  }

  deinit { memory.deallocate() }

  var source: Source { Source(pointer: origin, strides: strides, dtype: dtype) }
  var target: Target { Target(pointer: origin, strides: strides, dtype: dtype) }
  var count: Int { shape.product }

  /// As the result of a reduction: stride 0 on the axes whose bit is set.
  func target(reducing axes: UInt8) -> Target {
    var reduced = strides
    for axis in shape.indices where axes >> UInt8(axis) & 1 == 1 { reduced[axis] = 0 }
    return Target(pointer: origin, strides: reduced, dtype: dtype)
  }

  private func place(_ flat: Int) -> UnsafeMutableRawPointer {
    var (rest, offset) = (flat, 0)
    for axis in shape.indices.reversed() {
      offset += rest % shape[axis] * strides[axis]
      rest /= shape[axis]
    }
    return origin + offset * dtype.size
  }

  /// The element at a flat row-major index.
  subscript(flat: Int) -> Double {
    get {
      let from = place(flat)
      return switch dtype {
      case .bool, .uint8: Double(from.load(as: UInt8.self))
      case .int32: Double(from.load(as: Int32.self))
      case .int64: Double(from.load(as: Int64.self))
      case .float32: Double(from.load(as: Float.self))
      case .float64: from.load(as: Double.self)
      }
    }
    set {
      let to = place(flat)
      switch dtype {
      case .bool: to.storeBytes(of: newValue != 0 ? 1 : 0, as: UInt8.self)
      case .uint8: to.storeBytes(of: UInt8(newValue), as: UInt8.self)
      case .int32: to.storeBytes(of: Int32(newValue), as: Int32.self)
      case .int64: to.storeBytes(of: Int64(newValue), as: Int64.self)
      case .float32: to.storeBytes(of: Float(newValue), as: Float.self)
      case .float64: to.storeBytes(of: newValue, as: Double.self)
      }
    }
  }

  func integer(_ flat: Int) -> Int64 { place(flat).load(as: Int64.self) }
  func set(_ flat: Int, integer: Int64) { place(flat).storeBytes(of: integer, as: Int64.self) }

  @discardableResult
  func filled(_ value: (Int) -> Double) -> StridedArray {
    for flat in 0..<count { self[flat] = value(flat) }
    return self
  }

  var values: [Double] { (0..<count).map { self[$0] } }
}

/// Repeatable numbers between -1 and 1.
func noise(_ index: Int, _ seed: Int = 0) -> Double {
  var bits = UInt64(truncatingIfNeeded: index &+ seed &* 7919) &* 0x9E37_79B9_7F4A_7C15
  bits = (bits ^ (bits >> 29)) &* 0xBF58_476D_1CE4_E5B9
  return Double(Int64(bitPattern: bits ^ (bits >> 32)) >> 11) * 0x1p-52
}

/// Whether two numbers are equal to `ulps` units in the last place of `dtype`, or both NaN. `floor` is added to the
/// tolerance for results that cancel.
func isClose(_ a: Double, _ b: Double, _ dtype: DType, ulps: Double, floor: Double = 0) -> Bool {
  if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
  if a == b { return true }
  if dtype == .float32, a.isInfinite || b.isInfinite { return Float(a) == Float(b) }
  if a.isInfinite || b.isInfinite { return false }
  let unit =
    dtype == .float32
    ? Double(max(Float(b).magnitude, .leastNormalMagnitude).ulp) : max(b.magnitude, .leastNormalMagnitude).ulp
  return (a - b).magnitude <= ulps * unit + floor
}

let testSizes = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 1000]
let testShapes: [[Int]] =
  testSizes.map { [$0] } + [
    [], [1], [3, 5], [17, 33], [40, 600], [1, 9, 1], [4, 7, 9], [33, 2, 17], [2, 3, 4, 5],
  ]
