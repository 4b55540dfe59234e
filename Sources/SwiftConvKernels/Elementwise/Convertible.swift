/// The Swift types of the elements, and how one becomes another.
protocol Convertible: BitwiseCopyable {
  static var elementType: DType { get }
  init(converting value: Int64)
  init(converting value: Double)
  init(converting value: Float)
  init(converting value: UInt8)
  init(converting value: Int32)
  /// `value` in the type `T`, by the initializer for this type.
  func converted<T: Convertible>(to type: T.Type) -> T
}

extension Convertible where Self: FixedWidthInteger {
  @inline(__always)
  init(converting value: Int64) { self.init(truncatingIfNeeded: value) }
  @inline(__always)
  init(converting value: UInt8) { self.init(truncatingIfNeeded: value) }
  @inline(__always)
  init(converting value: Int32) { self.init(truncatingIfNeeded: value) }
}

/// Cuts off the fraction; beyond the range its ends, NaN becomes 0. `ceiling` is the first number above the range. The
/// conversion itself gets numbers inside the range only, so that all of this is selections without a branch.
@inline(__always)
private func saturate<I: FixedWidthInteger>(
  _ value: Float, _ floor: Float, _ ceiling: Float, _ convert: (Float) -> I
) -> I {
  let inside = value >= floor && value < ceiling
  let converted = convert(inside ? value : 0)
  return inside ? converted : value >= ceiling ? .max : value < floor ? .min : 0
}

@inline(__always)
private func saturate<I: FixedWidthInteger>(
  _ value: Double, _ floor: Double, _ ceiling: Double, _ convert: (Double) -> I
) -> I {
  let inside = value >= floor && value < ceiling
  let converted = convert(inside ? value : 0)
  return inside ? converted : value >= ceiling ? .max : value < floor ? .min : 0
}

extension UInt8: Convertible {
  static var elementType: DType { .uint8 }
  @inline(__always)
  init(converting value: Double) { self = saturate(value, 0, 0x1p8) { UInt8($0) } }
  @inline(__always)
  init(converting value: Float) { self = saturate(value, 0, 0x1p8) { UInt8($0) } }
  @inline(__always)
  func converted<T: Convertible>(to type: T.Type) -> T { T(converting: self) }
}

extension Int32: Convertible {
  static var elementType: DType { .int32 }
  @inline(__always)
  init(converting value: Double) { self = saturate(value, -0x1p31, 0x1p31) { Int32($0) } }
  @inline(__always)
  init(converting value: Float) { self = saturate(value, -0x1p31, 0x1p31) { Int32($0) } }
  @inline(__always)
  func converted<T: Convertible>(to type: T.Type) -> T { T(converting: self) }
}

extension Int64: Convertible {
  static var elementType: DType { .int64 }
  @inline(__always)
  init(converting value: Double) { self = saturate(value, -0x1p63, 0x1p63) { Int64($0) } }
  @inline(__always)
  init(converting value: Float) { self = saturate(value, -0x1p63, 0x1p63) { Int64($0) } }
  @inline(__always)
  func converted<T: Convertible>(to type: T.Type) -> T { T(converting: self) }
}

extension Float: Convertible {
  static var elementType: DType { .float32 }
  @inline(__always)
  init(converting value: Int64) { self.init(value) }
  @inline(__always)
  init(converting value: Double) { self.init(value) }
  @inline(__always)
  init(converting value: Float) { self = value }
  @inline(__always)
  init(converting value: UInt8) { self.init(value) }
  @inline(__always)
  init(converting value: Int32) { self.init(value) }
  @inline(__always)
  func converted<T: Convertible>(to type: T.Type) -> T { T(converting: self) }
}

extension Double: Convertible {
  static var elementType: DType { .float64 }
  @inline(__always)
  init(converting value: Int64) { self.init(value) }
  @inline(__always)
  init(converting value: Double) { self = value }
  @inline(__always)
  init(converting value: Float) { self.init(value) }
  @inline(__always)
  init(converting value: UInt8) { self.init(value) }
  @inline(__always)
  init(converting value: Int32) { self.init(value) }
  @inline(__always)
  func converted<T: Convertible>(to type: T.Type) -> T { T(converting: self) }
}

/// A boolean in memory: 0 or 1; every other byte counts as true.
struct Truth: Convertible {
  var byte: UInt8

  static var elementType: DType { .bool }
  @inline(__always)
  init(converting value: Int64) { byte = value != 0 ? 1 : 0 }
  @inline(__always)
  init(converting value: Double) { byte = value != 0 ? 1 : 0 }
  @inline(__always)
  init(converting value: Float) { byte = value != 0 ? 1 : 0 }
  @inline(__always)
  init(converting value: UInt8) { byte = value != 0 ? 1 : 0 }
  @inline(__always)
  init(converting value: Int32) { byte = value != 0 ? 1 : 0 }
  @inline(__always)
  func converted<T: Convertible>(to type: T.Type) -> T { T(converting: byte != 0 ? UInt8(1) : 0) }
}

/// Converts a contiguous row between any two types.
func convertRow(
  _ from: DType, _ x: UnsafeRawPointer, _ to: DType, _ y: UnsafeMutableRawPointer, _ count: Int
) {
  switch from {
  case .bool: convertFrom(Truth.self, x, to, y, count)
  case .uint8: convertFrom(UInt8.self, x, to, y, count)
  case .int32: convertFrom(Int32.self, x, to, y, count)
  case .int64: convertFrom(Int64.self, x, to, y, count)
  case .float32: convertFrom(Float.self, x, to, y, count)
  case .float64: convertFrom(Double.self, x, to, y, count)
  }
}

@inline(__always)
private func convertFrom<X: Convertible>(
  _ type: X.Type, _ x: UnsafeRawPointer, _ to: DType, _ y: UnsafeMutableRawPointer, _ count: Int
) {
  let x = x.assumingMemoryBound(to: X.self)
  switch to {
  case .bool: convertElements(x, y.assumingMemoryBound(to: Truth.self), count)
  case .uint8: convertElements(x, y.assumingMemoryBound(to: UInt8.self), count)
  case .int32: convertElements(x, y.assumingMemoryBound(to: Int32.self), count)
  case .int64: convertElements(x, y.assumingMemoryBound(to: Int64.self), count)
  case .float32: convertElements(x, y.assumingMemoryBound(to: Float.self), count)
  case .float64: convertElements(x, y.assumingMemoryBound(to: Double.self), count)
  }
}

@inline(__always)
private func convertElements<X: Convertible, Y: Convertible>(
  _ x: UnsafePointer<X>, _ y: UnsafeMutablePointer<Y>, _ count: Int
) {
  for index in 0..<count { y[index] = x[index].converted(to: Y.self) }
}
