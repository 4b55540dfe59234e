@_exported import SwiftConvVectorInterface

/// Memory that a kernel reads: where the element with index 0 on every axis is, and how far apart neighbours are.
public struct Source: @unchecked Sendable {
  public let pointer: UnsafeRawPointer
  /// Distance of neighbours along each axis, in elements; any sign, or zero for an axis that repeats one element.
  public let strides: Dimensions
  public let dtype: DType

  public init(pointer: UnsafeRawPointer, strides: Dimensions, dtype: DType) {
    self.pointer = pointer
    self.strides = strides
    self.dtype = dtype
  }
}

/// Memory that a kernel writes; see `Source`. No two index positions may share an element.
public struct Target: @unchecked Sendable {
  public let pointer: UnsafeMutableRawPointer
  public let strides: Dimensions
  public let dtype: DType

  public init(pointer: UnsafeMutableRawPointer, strides: Dimensions, dtype: DType) {
    self.pointer = pointer
    self.strides = strides
    self.dtype = dtype
  }

  /// The same memory, for a kernel that reads its layout.
  var source: Source { Source(pointer: UnsafeRawPointer(pointer), strides: strides, dtype: dtype) }
}
