/// Callbacks on a tensor's gradient, in the order in which they were added, and the wish to keep the gradient.
public final class GradientHooks {
  public typealias Hook = (Tensor) throws -> Tensor?

  private var entries: [(id: Int, hook: Hook)] = []
  private var nextID = 0

  /// The tensor that keeps its gradient although it is not a leaf.
  weak var retainer: Tensor?

  public func add(_ hook: @escaping Hook) -> Int {
    nextID += 1
    entries.append((nextID, hook))
    return nextID
  }

  public func remove(_ id: Int) { entries.removeAll { $0.id == id } }

  /// The gradient after every callback has seen it and perhaps replaced it.
  func run(_ gradient: Tensor) throws -> Tensor {
    var gradient = gradient
    for entry in entries {
      guard let replaced = try entry.hook(gradient) else { continue }
      guard replaced.shape == gradient.shape, replaced.dtype == gradient.dtype else {
        throw TensorError.value(
          "hook: returned a gradient of shape \(replaced.shape) and dtype \(replaced.dtype.name), "
            + "expected \(gradient.shape) and \(gradient.dtype.name)")
      }
      gradient = replaced
    }
    return gradient
  }
}

extension Tensor {
  /// Calls `hook` with the gradient whenever it is computed; a tensor it returns takes the gradient's place.
  ///
  /// - Returns: a number for `GradientHooks.remove`.
  public func registerHook(_ hook: @escaping GradientHooks.Hook) throws -> Int {
    guard requiresGrad else {
      throw TensorError.runtime("register_hook: the tensor does not require grad, so no gradient will come")
    }
    return sharedHooks().add(hook)
  }

  public func removeHook(_ id: Int) { hooks?.remove(id) }

  /// Keeps the gradient in `grad` although the tensor is not a leaf.
  public func retainGrad() throws {
    guard requiresGrad else {
      throw TensorError.runtime("retain_grad: the tensor does not require grad, so no gradient will come")
    }
    if !isLeaf { sharedHooks().retainer = self }
  }

  private func sharedHooks() -> GradientHooks {
    let hooks = hooks ?? GradientHooks()
    self.hooks = hooks
    gradientNode?.hooks = hooks
    return hooks
  }
}
