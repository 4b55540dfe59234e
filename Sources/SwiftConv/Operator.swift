import SwiftConvKernels

/// One operator: what it is called, what it computes, and how a gradient goes through it.
///
/// An operator is declared once, as an enum that conforms to this protocol and stands in `operatorTable`. The engine
/// around it records calls, adds up and un-broadcasts gradients, checks versions and frees saved values.
public protocol Operator: SendableMetatype {
  /// The name in the operator table and in error texts.
  static var name: String { get }

  /// How many tensors the operator takes; -1 for a list of any length.
  static var arity: Int { get }

  /// Whether `forward` saves its first input, so that a recorded call in place must keep a copy of it.
  static var savesInputs: Bool { get }

  /// What the engine must know about the operator besides its rules.
  static var traits: OperatorTraits { get }

  /// What printing calls the last step of a formula, when it should have a name of its own.
  static var title: String? { get }

  /// What printing calls the operation that made a tensor.
  static func gradientName(of node: Node) -> String

  /// Computes the result. Every check a caller can fail happens here, before a kernel runs.
  static func forward(_ call: inout OperatorCall) throws -> Tensor

  /// The gradients of the inputs, given the gradient of the result: nil where there is none. Broadcast inputs may get
  /// gradients of the result's shape; the engine sums them. Written in terms of operators, so that it can be recorded.
  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?]
}

/// What the engine must know about an operator. Asked at every call, so it is a value and no protocol conformance, which
/// would have to be looked up.
public struct OperatorTraits: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The result may show the first input's memory in another layout.
  public static let view = OperatorTraits(rawValue: 1)
  /// A formula of other operators, which are recorded in its place.
  public static let composite = OperatorTraits(rawValue: 2)
  /// The result at an index is made of the operands' elements at that index.
  public static let elementwise = OperatorTraits(rawValue: 4)
}

extension Operator {
  public static var traits: OperatorTraits { [] }
  public static var title: String? { nil }
  public static var arity: Int { 1 }
  public static var savesInputs: Bool { true }

  /// An operator without a gradient says so instead of returning zeros silently.
  public static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    throw TensorError.notImplemented("\(name): has no gradient; use detach() on its input if none is wanted")
  }
}

/// An operator whose result at each index is made of its operands' elements at that index, so that it may write into the
/// memory of an operand.
protocol ElementwiseOperator: Operator {}

extension ElementwiseOperator {
  static var traits: OperatorTraits { .elementwise }
}

/// An operator that is a formula of other operators. These are recorded, so it needs no rule for gradients of its own.
protocol CompositeOperator: Operator {}

extension CompositeOperator {
  static var traits: OperatorTraits { .composite }
  static var savesInputs: Bool { false }
}

/// The tensors of a call. They belong to the caller, who keeps them until the call is over.
public struct Operands {
  // As references that count, and not as unmanaged ones: these are counted atomically also where nothing else is.
  private let first: UnsafePointer<Tensor?>?
  public let count: Int

  /// - Parameter handles: `count` references to tensors, as the C ABI has them; NULL stands for none.
  public init(_ handles: UnsafePointer<OpaquePointer?>?, count: Int) {
    first = UnsafeRawPointer(handles)?.assumingMemoryBound(to: Tensor?.self)
    self.count = handles == nil ? 0 : count
  }

  /// Calls `body` with the elements of an array.
  @inline(__always)
  static func with<Result>(_ tensors: [Tensor?], _ body: (Operands) throws -> Result) rethrows -> Result {
    // Both are one reference, or zero.
    try tensors.withUnsafeBufferPointer { buffer in
      try body(
        Operands(
          UnsafeRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: OpaquePointer?.self), count: buffer.count))
    }
  }

  public subscript(slot: Int) -> Tensor? { first.unsafelyUnwrapped[slot] }

  var isEmpty: Bool { count == 0 }
  var indices: Range<Int> { 0..<count }
  var array: [Tensor?] { indices.map { self[$0] } }

  /// Whether operations on one of them are recorded.
  var requireGrad: Bool {
    for slot in indices {
      if self[slot]?.requiresGrad == true { return true }
    }
    return false
  }
}

/// One call of an operator: its inputs, and what it leaves for the backward pass.
public struct OperatorCall: ~Copyable {
  let operation: any Operator.Type
  let inputs: Operands
  let attributes: Attributes

  /// True when the call is recorded; only then does `save` keep anything.
  let isRecording: Bool

  /// Where the caller wants the result, for calls in place.
  var destination: Tensor?

  private var saved = OwnedList<SavedValue>()

  /// What the node of a recorded call gets besides, for its `gradients`.
  var payload: AnyObject?

  /// Results after the first, which never carry a gradient.
  var auxiliary: [Tensor] = []

  init(_ operation: any Operator.Type, _ inputs: Operands, _ attributes: Attributes, isRecording: Bool) {
    self.operation = operation
    self.inputs = inputs
    self.attributes = attributes
    self.isRecording = isRecording
  }

  var name: String { operation.name }
  var reader: AttributeReader { AttributeReader(attributes, for: operation.name) }

  /// The tensor in a slot that must not be empty.
  subscript(slot: Int) -> Tensor {
    get throws {
      guard slot < inputs.count, let tensor = inputs[slot] else {
        throw TensorError.type("\(name): argument \(slot + 1) is missing; it must be a tensor")
      }
      return tensor
    }
  }

  /// The tensor in a slot that may be empty.
  func optional(_ slot: Int) -> Tensor? { slot < inputs.count ? inputs[slot] : nil }

  /// A fresh tensor for the result, or the caller's destination when it has this shape and dtype.
  func result(_ shape: Dimensions, _ dtype: DType) throws -> Tensor {
    try Tensor.result(shape, dtype, in: destination, for: name)
  }

  /// Keeps an input, or a value computed from the inputs, for the backward pass.
  mutating func save(_ tensor: Tensor) {
    guard isRecording else { return }
    saved.append(SavedValue(tensor: tensor, version: tensor.storage.version, isResult: false))
  }

  /// What was kept so far; afterwards nothing is.
  mutating func takeSaved() -> OwnedList<SavedValue> {
    var taken = OwnedList<SavedValue>()
    swap(&taken, &saved)
    return taken
  }

  /// Keeps the result for the backward pass.
  mutating func saveResult() {
    guard isRecording else { return }
    saved.append(SavedValue(tensor: nil, version: 0, isResult: true))
  }
}

/// The one door through which operators start kernels. Long work releases the host's lock (Python's GIL) while it runs;
/// the closure touches memory that local references keep alive, and nothing else: references are not counted atomically
/// where a host's lock protects them.
///
/// - Parameter work: about the number of elementary operations.
@inline(__always)
func compute<Result>(work: Int, _ kernel: @Sendable () -> Result) -> Result {
  guard work > 30_000, let unlock = HostLock.unlock, let lock = HostLock.lock else { return kernel() }
  HostLock.kernelCount += 1
  let token = unlock()
  defer {
    lock(token)
    HostLock.kernelCount -= 1
    if HostLock.kernelCount == 0 && !HostLock.replaced.isEmpty { HostLock.replaced = [] }
  }
  return kernel()
}

/// The lock that a host holds around every call, and gives up while a kernel runs.
public enum HostLock {
  public typealias Unlock = @convention(c) () -> UnsafeMutableRawPointer?
  public typealias Lock = @convention(c) (UnsafeMutableRawPointer?) -> Void

  // Set once by the host at start, before any other call.
  nonisolated(unsafe) public static var unlock: Unlock?
  nonisolated(unsafe) public static var lock: Lock?

  /// How many kernels run without the lock, and memory that tensors gave up meanwhile: a kernel may still read it. Both
  /// are only touched with the lock held.
  nonisolated(unsafe) fileprivate(set) static var kernelCount = 0
  nonisolated(unsafe) fileprivate static var replaced: [Storage] = []

  /// Keeps memory that a tensor no longer uses until no kernel can be reading it.
  static func keepUntilIdle(_ storage: Storage) {
    if kernelCount > 0 { replaced.append(storage) }
  }
}
