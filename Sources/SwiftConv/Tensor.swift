import SwiftConvKernels

/// An n-dimensional array that takes part in automatic differentiation.
///
/// A tensor is a layout (sizes, strides, offset) on a `Storage`; views share the storage. Tensors are not thread-safe:
/// use one from one thread at a time.
public final class Tensor {
  public internal(set) var storage: Storage
  public internal(set) var dtype: DType
  public internal(set) var shape: Dimensions

  /// Distances between neighbours along each axis, in elements; zero and negative values are allowed.
  public internal(set) var strides: Dimensions

  /// Where the element at index 0 on every axis is, in elements from the start of the storage.
  var offset: Int

  /// The element at index 0 on every axis, or nil where there is no memory (yet). Kept, because every call asks for it.
  private var address: UnsafeMutableRawPointer?

  /// Number of elements.
  public internal(set) var count: Int

  /// True when the elements lie one after the other in row-major order.
  public internal(set) var isContiguous: Bool

  // MARK: Autodiff

  /// Set by the user on leaves. Results of recorded operations have a `node` instead.
  var requiresGradFlag = false

  /// The recorded operation that made this tensor. Read it through `gradientNode`, which renews it for stale views.
  var node: Node?

  /// The accumulated gradient of a leaf.
  public internal(set) var grad: Tensor?

  /// For results of view operators made while recording was on: what the tensor is a view of.
  var viewOrigin: ViewOrigin?

  /// The storage's version when `node` was set, for views.
  var viewVersion = 0

  /// A view made while recording was off: a recorded modification in place through it would lose a gradient.
  var isUnrecordedView = false

  /// False for tensors from PyTorch's `data`: writes through them are not counted as modifications.
  var tracksVersion = true

  /// Callbacks on the gradient, and the wish to keep it for a tensor that is not a leaf.
  var hooks: GradientHooks?

  /// The number behind an operand that gives way in type promotion; nil for every other tensor.
  var number: Number?

  /// What the latest convolution with this weight has planned; the next one is nearly always of the same shapes.
  var plannedConvolution: PlannedConvolution?

  /// Where the walk that runs keeps the gradients that have reached this leaf; see `Backward`.
  var place = WalkPlace()

  /// The host's object for this tensor; the library does nothing with it.
  public var host: UnsafeMutableRawPointer?

  init(storage: Storage, dtype: DType, shape: Dimensions, strides: Dimensions, offset: Int) {
    self.storage = storage
    self.dtype = dtype
    self.shape = shape
    self.strides = strides
    self.offset = offset
    count = shape.product
    isContiguous = Layout.isDense(shape: shape, strides: strides)
    address = storage.pointer.map { $0 + offset &* dtype.size }
  }

  /// A dense tensor on fresh memory; the layout's properties are known, so nothing is recomputed.
  init(dense storage: Storage, dtype: DType, shape: Dimensions, _ layout: (count: Int, strides: Dimensions)) {
    self.storage = storage
    self.dtype = dtype
    self.shape = shape
    (count, strides) = layout
    offset = 0
    isContiguous = true
    address = storage.pointer
  }

  convenience init(dense storage: Storage, dtype: DType, shape: Dimensions, count: Int) {
    self.init(dense: storage, dtype: dtype, shape: shape, (count, shape.denseStrides))
  }

  /// The same elements as another tensor's; the layout's properties are known, so nothing is recomputed.
  init(sharing other: Tensor) {
    if other.isUnwrittenNumber { other.writeNumber() }
    storage = other.storage
    dtype = other.dtype
    shape = other.shape
    strides = other.strides
    offset = other.offset
    count = other.count
    isContiguous = other.isContiguous
    address = other.address
    tracksVersion = other.tracksVersion
  }

  /// To be called when the memory, the offset or the dtype has changed.
  func locate() { address = storage.pointer.map { $0 + offset &* dtype.size } }

  /// A tensor on memory that somebody else owns; `storage.pointer` is the element at index 0 on every axis.
  public convenience init(borrowed storage: Storage, dtype: DType, shape: Dimensions, strides: Dimensions) {
    self.init(storage: storage, dtype: dtype, shape: shape, strides: strides, offset: 0)
  }

  public var rank: Int { shape.count }

  /// Whether elements can be stored: not in memory lent read-only, nor where several elements share a location.
  public var isWritable: Bool { storage.isWritable && isFreeOfOverlap }
}

extension Tensor {
  /// A new dense tensor with undefined contents.
  ///
  /// - Throws: `TensorError` of kind `value` for negative sizes or more elements than can be addressed, of kind `memory`
  ///   when the memory cannot be had.
  public static func empty(_ shape: Dimensions, _ dtype: DType = .float32, for name: StaticString = "empty") throws
    -> Tensor
  {
    for size in shape where size < 0 {
      throw TensorError.value("\(name): shape \(shape) has a negative size")
    }
    guard let layout = shape.checkedLayout,
      case (let byteCount, false) = layout.count.multipliedReportingOverflow(by: dtype.size)
    else { throw TensorError.value("\(name): shape \(shape) has more elements than can be addressed") }
    guard let storage = Storage(byteCount: byteCount) else {
      throw TensorError.memory("\(name)", shape: shape, dtype: dtype)
    }
    return Tensor(dense: storage, dtype: dtype, shape: shape, layout)
  }

  /// A fresh tensor for an operator's result, or the caller's destination when it has this shape and dtype.
  static func result(
    _ shape: Dimensions, _ dtype: DType, in destination: Tensor?, for name: @autoclosure () -> String
  ) throws -> Tensor {
    if let destination, destination.dtype == dtype, destination.shape == shape { return destination }
    guard let layout = shape.checkedLayout,
      case (let byteCount, false) = layout.count.multipliedReportingOverflow(by: dtype.size)
    else { throw TensorError.value("\(name()): a result of shape \(shape) has more elements than can be addressed") }
    guard let storage = Storage(byteCount: byteCount) else {
      throw TensorError.memory(name(), shape: shape, dtype: dtype)
    }
    return Tensor(dense: storage, dtype: dtype, shape: shape, layout)
  }

  /// Another tensor on the same memory, outside of any graph.
  func alias(shape: Dimensions, strides: Dimensions, offset: Int) -> Tensor {
    if isUnwrittenNumber { writeNumber() }
    let result = Tensor(storage: storage, dtype: dtype, shape: shape, strides: strides, offset: offset)
    result.tracksVersion = tracksVersion
    return result
  }

  /// The elements repeated to a shape that broadcasting allows, for gradients that are not recorded.
  func repeated(to shape: Dimensions) -> Tensor {
    if shape == self.shape { return self }
    let result = alias(shape: shape, strides: Layout.broadcastStrides(of: self, to: shape), offset: offset)
    result.isUnrecordedView = true
    return result
  }

  /// Another tensor on the same elements, outside of any graph.
  func alias() -> Tensor { Tensor(sharing: self) }

  /// The element at index 0 on every axis. Of a tensor without elements, an address that must not be read.
  public var pointer: UnsafeMutableRawPointer {
    if let address { return address }
    if isUnwrittenNumber { writeNumber() }
    return address ?? UnsafeMutableRawPointer(bitPattern: 64)!
  }

  /// True when no two elements share memory, so that writing is well defined.
  var isFreeOfOverlap: Bool {
    if isContiguous { return true }
    for axis in shape.indices where shape[axis] > 1 && strides[axis] == 0 { return false }
    return true
  }

  /// The value of all elements, where they are one floating-point number that is repeated.
  var repeatedNumber: Double? {
    for axis in shape.indices where strides[axis] != 0 { return nil }
    return switch dtype {
    case .float32 where count > 0: Double(pointer.load(as: Float.self))
    case .float64 where count > 0: pointer.load(as: Double.self)
    default: nil
    }
  }

  /// The whole tensor as a kernel reads it.
  var source: Source { Source(pointer: UnsafeRawPointer(pointer), strides: strides, dtype: dtype) }

  /// The whole tensor as a kernel writes it.
  var target: Target { Target(pointer: pointer, strides: strides, dtype: dtype) }

  /// The tensor as a kernel reads it when it is repeated to `shape`, which it can be.
  func source(broadcastTo shape: Dimensions) -> Source {
    Source(pointer: UnsafeRawPointer(pointer), strides: Layout.broadcastStrides(of: self, to: shape), dtype: dtype)
  }

  /// True when both tensors are the same elements in the same order.
  func isSameMemory(as other: Tensor) -> Bool {
    storage === other.storage && offset == other.offset && dtype == other.dtype && shape == other.shape
      && strides == other.strides
  }
}
