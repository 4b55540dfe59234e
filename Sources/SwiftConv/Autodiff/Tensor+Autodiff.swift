import SwiftConvKernels

extension Tensor {
  /// True when operations on this tensor are recorded.
  public var requiresGrad: Bool { requiresGradFlag || (viewOrigin == nil ? node : gradientNode) != nil }

  /// True for tensors that no recorded operation made.
  public var isLeaf: Bool { (viewOrigin == nil ? node : gradientNode) == nil }

  /// The operation that made this tensor. For a view whose base was modified in place since, the view is taken again
  /// from the modified base first.
  var gradientNode: Node? {
    guard let viewOrigin, viewVersion != storage.version else { return node }
    renewView(viewOrigin)
    return node
  }

  /// Makes a leaf take part in autodiff, or no longer.
  public func setRequiresGrad(_ wanted: Bool) throws {
    if wanted && !dtype.isFloatingPoint {
      throw TensorError.runtime(
        "requires_grad_: only floating-point tensors can require gradients, this one is \(dtype.name); use .float()")
    }
    guard isLeaf else {
      if wanted { return }
      throw TensorError.runtime(
        "requires_grad_: only leaves can stop requiring grad; use detach() for a tensor without the graph")
    }
    requiresGradFlag = wanted
  }

  /// The same memory, cut off from the graph. With `tracksVersion`, modifying it in place still counts as modifying
  /// values that a backward pass needs.
  public func detached(tracksVersion: Bool = true) -> Tensor {
    let result = alias()
    result.tracksVersion = self.tracksVersion && tracksVersion
    return result
  }

  /// Lets this tensor stand for the memory of another one, and keep its identity.
  public func setData(_ source: Tensor) throws {
    guard !requiresGradFlag || source.dtype.isFloatingPoint else {
      throw TensorError.type("data: a tensor that requires grad cannot become \(source.dtype.name)")
    }
    if let grad, grad.shape != source.shape || grad.dtype != source.dtype { self.grad = nil }
    // A graph that saved the old values must notice.
    storage.version += 1
    HostLock.keepUntilIdle(storage)
    storage = source.storage
    dtype = source.dtype
    shape = source.shape
    strides = source.strides
    offset = source.offset
    count = source.count
    isContiguous = source.isContiguous
    number = nil
    viewOrigin = nil
    locate()
  }

  /// Replaces the accumulated gradient.
  public func setGrad(_ gradient: Tensor?) throws {
    guard let gradient else {
      grad = nil
      return
    }
    guard gradient.shape == shape else {
      throw TensorError.value("grad: shape \(gradient.shape) does not fit the tensor's shape \(shape)")
    }
    guard gradient.dtype == dtype else {
      throw TensorError.type("grad: dtype \(gradient.dtype.name) does not fit the tensor's dtype \(dtype.name)")
    }
    guard gradient !== self else { throw TensorError.value("grad: a tensor cannot be its own gradient") }
    grad = gradient
  }
}
