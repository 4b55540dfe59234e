import SwiftConvKernels

/// Applies an operator, and records the call when recording is on and an input requires grad.
///
/// - Returns: the result, and what the operator returns besides it.
public func applyAll(
  _ operation: any Operator.Type, _ inputs: Operands, _ attributes: Attributes = .none
) throws -> (result: Tensor, auxiliary: [Tensor]) {
  let isEnabled = GradientMode.isEnabled
  var call = OperatorCall(operation, inputs, attributes, isRecording: isEnabled && inputs.requireGrad)
  let result = try operation.forward(&call)
  let traits = operation.traits
  if traits.contains(.composite) {
    if let title = operation.title { result.node?.title = title }
    return (result, call.auxiliary)
  }
  // An operator may hand its input back, as `contiguous` does: there is nothing to record then.
  if !inputs.isEmpty, inputs[0] === result { return (result, call.auxiliary) }

  if traits.contains(.view), let base = inputs[0], result.storage === base.storage {
    if isEnabled && !base.isUnrecordedView {
      result.viewOrigin = ViewOrigin(of: base, operation, attributes)
      result.viewVersion = result.storage.version
    } else {
      result.isUnrecordedView = true
    }
  }
  if call.isRecording && result.dtype.isFloatingPoint {
    result.node = try Node(recording: &call, inputs, result)
  }
  return (result, call.auxiliary)
}

@inline(__always)
public func applyAll(
  _ operation: any Operator.Type, _ inputs: [Tensor?], _ attributes: Attributes = .none
) throws -> (result: Tensor, auxiliary: [Tensor]) {
  try Operands.with(inputs) { try applyAll(operation, $0, attributes) }
}

/// Applies an operator of which only the first result is wanted.
@inline(__always)
public func apply(
  _ operation: any Operator.Type, _ inputs: [Tensor?], _ attributes: Attributes = .none
) throws -> Tensor {
  try Operands.with(inputs) { try applyAll(operation, $0, attributes).result }
}

/// Applies an operator and stores the result in the first input.
///
/// - Throws: `TensorError` when the target cannot be written, is a leaf that requires grad while recording is on, or does
///   not have the result's shape; what `operation` throws. The target is unchanged then, unless what is missing is memory
///   to record what was written.
public func applyInPlace(
  _ operation: any Operator.Type, _ inputs: Operands, _ attributes: Attributes = .none
) throws {
  guard !inputs.isEmpty, let target = inputs[0] else {
    throw TensorError.type("\(operation.name)_: the tensor to modify is missing")
  }
  var name: String { operation.name + "_" }
  try checkWritable(target, for: name)
  guard GradientMode.isEnabled && inputs.requireGrad else {
    try write(operation, inputs, attributes, to: target, recorded: nil)
    return
  }
  try checkRecordable(target, for: name)
  let recorded =
    operation.savesInputs
    ? try Operands.with(copies(inputs, of: target)) {
      try write(operation, $0, attributes, to: target, recorded: inputs)
    }
    : try write(operation, inputs, attributes, to: target, recorded: inputs)
  guard let node = recorded, !operation.traits.contains(.composite) else {
    throw TensorError.notImplemented("\(name): cannot be recorded in place; use the out-of-place form")
  }
  if let origin = target.viewOrigin {
    try origin.rebase(on: node)
    target.viewVersion = target.storage.version &- 1
  } else {
    target.node = node
    target.requiresGradFlag = false
  }
}

@inline(__always)
public func applyInPlace(
  _ operation: any Operator.Type, _ inputs: [Tensor?], _ attributes: Attributes = .none
) throws {
  try Operands.with(inputs) { try applyInPlace(operation, $0, attributes) }
}

/// Computes a result into a target, which is checked already. With the inputs to record, the call's node.
@discardableResult
private func write(
  _ operation: any Operator.Type, _ inputs: Operands, _ attributes: Attributes, to target: Tensor, recorded: Operands?
) throws -> Node? {
  var call = OperatorCall(operation, inputs, attributes, isRecording: recorded != nil)
  if canWriteDirectly(to: target, operation, inputs) { call.destination = target }
  let result = try operation.forward(&call)
  try store(result, in: target, for: operation.name + "_")
  if target.tracksVersion { target.storage.version += 1 }
  return try recorded.map { try Node(recording: &call, $0, target) }
}

/// Applies an operator without recording it and stores the result in `destination`.
public func applyInto(
  _ destination: Tensor, _ operation: any Operator.Type, _ inputs: Operands, _ attributes: Attributes = .none
) throws {
  let name = operation.name
  if GradientMode.isEnabled && (destination.requiresGrad || inputs.requireGrad) {
    throw TensorError.runtime(
      "\(name): out= does not record gradients, but an argument requires grad; leave out= away, or use no_grad()")
  }
  try checkWritable(destination, for: name)
  var call = OperatorCall(operation, inputs, attributes, isRecording: false)
  if canWriteDirectly(to: destination, operation, inputs) { call.destination = destination }
  let result = try operation.forward(&call)
  guard result.dtype == destination.dtype else {
    throw TensorError.type(
      "\(name): out has dtype \(destination.dtype.name), but the result is \(result.dtype.name)")
  }
  guard result.shape == destination.shape else {
    throw TensorError.value("\(name): out has shape \(destination.shape), but the result has shape \(result.shape)")
  }
  try store(result, in: destination, for: name)
  if destination.tracksVersion { destination.storage.version += 1 }
}

private func checkWritable(_ target: Tensor, for name: @autoclosure () -> String) throws {
  guard target.storage.isWritable else {
    throw TensorError.value("\(name()): the tensor is on read-only memory; use clone() for one that can be modified")
  }
  guard target.isFreeOfOverlap else {
    throw TensorError.runtime(
      "\(name()): several elements of the tensor share one memory location (it was expanded); use clone() before writing"
    )
  }
}

private func checkRecordable(_ target: Tensor, for name: @autoclosure () -> String) throws {
  let advice = "write inside `with no_grad():`, or to its .data"
  if target.isLeaf && target.requiresGradFlag {
    throw TensorError.runtime("\(name()): a leaf that requires grad cannot be modified in place; \(advice)")
  }
  if let base = target.viewOrigin?.base, base.isLeaf && base.requiresGradFlag {
    throw TensorError.runtime("\(name()): a view of a leaf that requires grad cannot be modified in place; \(advice)")
  }
  if target.isUnrecordedView {
    throw TensorError.runtime(
      "\(name()): a view that was made inside no_grad() is modified where gradients are recorded, so its base would lose "
        + "them; take the view outside of no_grad()")
  }
  guard target.dtype.isFloatingPoint else {
    throw TensorError.type(
      "\(name()): a \(target.dtype.name) tensor cannot hold a value that requires grad; use .float()")
  }
}

/// The inputs, with copies of those that lie in the target's memory: what the operator saves must survive the write.
private func copies(_ inputs: Operands, of target: Tensor) throws -> [Tensor?] {
  try inputs.array.map { input in
    guard let input, input.storage === target.storage else { return input }
    let copy = try withoutGradients { try input.cloned() }
    copy.node = input.gradientNode
    copy.requiresGradFlag = input.requiresGradFlag
    return copy
  }
}

/// Elementwise kernels may write an operand that they read at the same index; nothing may write memory that it reads at
/// other indices.
private func canWriteDirectly(to target: Tensor, _ operation: any Operator.Type, _ inputs: Operands) -> Bool {
  let isElementwise = operation.traits.contains(.elementwise)
  guard isElementwise || target.isContiguous else { return false }
  for slot in inputs.indices {
    guard let input = inputs[slot], input.storage === target.storage else { continue }
    guard isElementwise, input.isSameMemory(as: target) else { return false }
  }
  return true
}

private func store(_ result: Tensor, in target: Tensor, for name: @autoclosure () -> String) throws {
  if result === target || result.isSameMemory(as: target) { return }
  guard Promotion.canStore(result.dtype, in: target.dtype) else {
    throw TensorError.type(
      "\(name()): a result of dtype \(result.dtype.name) cannot be stored in a \(target.dtype.name) tensor; "
        + "use the out-of-place form, or convert the tensor first")
  }
  let shape = try Layout.broadcast(target.shape, result.shape, for: name())
  guard shape == target.shape else {
    throw TensorError.value(
      "\(name()): a result of shape \(result.shape) does not fit into a tensor of shape \(target.shape)")
  }
  // A result on the same memory would be read while it is written.
  let source = result.storage === target.storage ? try withoutGradients { try result.cloned() } : result
  let (reading, writing) = (source.source(broadcastTo: shape), target.target)
  compute(work: target.count) {
    Elementwise.convert(reading, into: writing, shape: shape)
  }
}
