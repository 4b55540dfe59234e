import SwiftConvKernels

/// A plain number as an operand. It gives way in type promotion, so that `float32 + 1.5` stays float32.
enum Number {
  case bool(Bool)
  case integer(Int64)
  case real(Double)

  /// The dtype of a tensor made from the number alone.
  var defaultDType: DType {
    switch self {
    case .bool: .bool
    case .integer: .int64
    case .real: .float32
    }
  }

  var doubleValue: Double {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): Double(value)
    case .real(let value): value
    }
  }

  /// Whether a dtype has a value for the number; fractions may be dropped and digits rounded.
  func fits(_ dtype: DType) -> Bool {
    let range: ClosedRange<Int64>
    switch dtype {
    case .bool, .float32, .float64: return true
    case .uint8: range = 0...255
    case .int32: range = Int64(Int32.min)...Int64(Int32.max)
    case .int64: range = Int64.min...Int64.max
    }
    switch self {
    case .bool: return true
    case .integer(let value): return range.contains(value)
    case .real(let value): return Int64(exactly: value.rounded(.towardZero)).map(range.contains) ?? false
    }
  }

  var text: String {
    switch self {
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    }
  }

  func check(fits dtype: DType, for name: String) throws {
    guard fits(dtype) else { throw TensorError.value("\(name): the number \(text) does not fit \(dtype.name)") }
  }
}

extension Tensor {
  /// Stands for the memory of a number until somebody asks where it is: most operators only want its value.
  nonisolated(unsafe) private static let unwritten = Storage(borrowing: nil, isWritable: true) {}

  convenience init(number: Number) {
    self.init(dense: Tensor.unwritten, dtype: number.defaultDType, shape: [], (1, []))
    self.number = number
  }

  /// A tensor without axes that gives way in type promotion.
  public static func number(_ value: Double) -> Tensor { Tensor(number: .real(value)) }
  public static func number(_ value: Int) -> Tensor { Tensor(number: .integer(Int64(value))) }
  public static func number(_ value: Bool) -> Tensor { Tensor(number: .bool(value)) }

  /// Gives a number memory of its own, with its value in the tensor's dtype.
  func writeNumber() {
    guard let number else { return }
    // Eight bytes hold the number in any dtype.
    if isUnwrittenNumber {
      let cell = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
      storage = Storage(borrowing: cell, isWritable: true) { cell.deallocate() }
      locate()
    }
    switch number {
    case .bool(let value): Elementwise.fill(target, shape: shape, integer: value ? 1 : 0)
    case .integer(let value): Elementwise.fill(target, shape: shape, integer: value)
    case .real(let value): Elementwise.fill(target, shape: shape, number: value)
    }
  }

  var isUnwrittenNumber: Bool { number != nil && storage === Tensor.unwritten }

  /// Turns a number operand into `dtype`, keeping its exact value where the dtype allows.
  func convertNumber(to dtype: DType) {
    guard number != nil, self.dtype != dtype else { return }
    self.dtype = dtype
    if !isUnwrittenNumber { writeNumber() }
  }
}

/// The dtype in which an operation on mixed operands is computed, by PyTorch's rules.
///
/// Among tensors with axes the higher dtype wins; a tensor without axes, and then a plain number, only counts when its
/// category (bool, integer, floating point) is higher.
enum Promotion {
  private static func category(_ dtype: DType) -> Int {
    switch dtype {
    case .bool: 0
    case .uint8, .int32, .int64: 1
    case .float32, .float64: 2
    }
  }

  private static func priority(_ tensor: Tensor) -> Int {
    tensor.number != nil ? 0 : tensor.rank == 0 ? 1 : 2
  }

  static func resultType(_ a: Tensor, _ b: Tensor) -> DType {
    if a.dtype == b.dtype { return a.dtype }
    let (x, y) = (priority(a), priority(b))
    if x == y { return promoted(a.dtype, b.dtype) }
    let (strong, weak) = x > y ? (a.dtype, b.dtype) : (b.dtype, a.dtype)
    return category(weak) > category(strong) ? weak : strong
  }

  static func promoted(_ a: DType, _ b: DType) -> DType { a.rawValue > b.rawValue ? a : b }

  /// Whether a result of dtype `from` may be stored in a tensor of dtype `to` in place.
  static func canStore(_ from: DType, in to: DType) -> Bool { category(from) <= category(to) }
}
