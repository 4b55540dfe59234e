/// What a user did that cannot be done, in words that say how to do it right.
///
/// Every check that a caller can fail ends here; kernels run only on arguments that passed.
public struct TensorError: Error, CustomStringConvertible, Sendable {
  /// The kinds of failure, one for each Python exception. Raw values are those of `sc_status`.
  public enum Kind: Int32, Sendable {
    case value = 1
    case type = 2
    case index = 3
    case runtime = 4
    case memory = 5
    case notImplemented = 6
    case host = 7
  }

  public let kind: Kind
  public let message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }

  static func value(_ message: String) -> TensorError { TensorError(.value, message) }
  static func type(_ message: String) -> TensorError { TensorError(.type, message) }
  static func index(_ message: String) -> TensorError { TensorError(.index, message) }
  static func runtime(_ message: String) -> TensorError { TensorError(.runtime, message) }
  static func notImplemented(_ message: String) -> TensorError { TensorError(.notImplemented, message) }

  static func memory(_ name: String, shape: Dimensions, dtype: DType) -> TensorError {
    TensorError(.memory, "\(name): cannot allocate memory for shape \(shape) of \(dtype.name)")
  }
}
