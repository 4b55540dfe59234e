/// The element types a tensor can have. Raw values are part of the C ABI (`sc_dtype`); the order is the order of
/// promotion.
public enum DType: UInt8, CaseIterable, Sendable {
  case bool = 0
  case uint8 = 1
  case int32 = 2
  case int64 = 3
  case float32 = 4
  case float64 = 5

  /// Bytes per element.
  @inlinable
  public var size: Int {
    switch self {
    case .bool, .uint8: 1
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  @inlinable
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// The name PyTorch and NumPy users write.
  public var name: String {
    switch self {
    case .bool: "bool"
    case .uint8: "uint8"
    case .int32: "int32"
    case .int64: "int64"
    case .float32: "float32"
    case .float64: "float64"
    }
  }
}
