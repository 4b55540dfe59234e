import SwiftConvKernels

// Operators that move elements without changing their values.

/// A dense copy.
enum Clone: Operator {
  static let name = "clone"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    let result = try call.result(x.shape, x.dtype)
    let (xSource, resultTarget, xShape) = (x.source, result.target, x.shape)
    compute(work: x.count) { Elementwise.convert(xSource, into: resultTarget, shape: xShape) }
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] { [gradient] }
}

/// The tensor itself when it is dense, a dense copy otherwise.
enum Contiguous: Operator {
  static let name = "contiguous"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    return x.isContiguous ? x : try Clone.forward(&call)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] { [gradient] }
}

/// The elements in another dtype. Floating point becomes an integer by dropping the fraction; values that do not fit are
/// limited to the range, and not-a-number becomes 0.
///
/// - Attributes: integer: the dtype.
enum Cast: Operator {
  static let name = "cast"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let dtype = try reader.dtype()
    let x = try call[0]
    if x.dtype == dtype { return x }
    let result = try call.result(x.shape, dtype)
    let (xSource, resultTarget, xShape) = (x.source, result.target, x.shape)
    compute(work: x.count) { Elementwise.convert(xSource, into: resultTarget, shape: xShape) }
    return result
  }

  // The engine converts a gradient to its input's dtype.
  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] { [gradient] }
}

/// Stores the second input in the first, which it is broadcast to. Only called in place.
enum Copy: Operator {
  static let name = "copy"
  static let arity = 2
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (target, source) = (try call[0], try call[1])
    // A whole number fits an integer tensor, however it is written.
    if let number = source.number, target.dtype.isFloatingPoint || number.doubleValue == number.doubleValue.rounded() {
      try number.check(fits: target.dtype, for: "copy_")
      source.convertNumber(to: target.dtype)
    }
    return source
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] { [nil, gradient] }
}

/// A tensor of one value.
///
/// - Attributes: integer: the dtype; list: the shape.
enum Full: Operator {
  static let name = "full"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (dtype, shape) = (try reader.dtype(), try reader.dimensions())
    let value = try call[0]
    guard value.count == 1 else {
      throw TensorError.value("full: the value has shape \(value.shape), expected one number")
    }
    try value.number?.check(fits: dtype, for: name)
    value.convertNumber(to: dtype)
    for size in shape where size < 0 { throw TensorError.value("full: shape \(shape) has a negative size") }
    let result = try call.result(shape, dtype)
    let strides = Dimensions(repeating: 0, count: shape.count)
    let source = Source(pointer: UnsafeRawPointer(value.pointer), strides: strides, dtype: value.dtype)
    let resultTarget = result.target
    compute(work: result.count) { Elementwise.convert(source, into: resultTarget, shape: shape) }
    return result
  }
}

/// The tensors one after the other along an axis.
///
/// - Attributes: integer: the axis.
enum Concatenate: Operator {
  static let name = "cat"
  static let arity = -1
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let given = try reader.int()
    guard !call.inputs.isEmpty else { throw TensorError.value("cat: expected at least one tensor") }
    let tensors = try call.inputs.indices.map { try call[$0] }
    let first = tensors[0]
    guard first.rank > 0 else {
      throw TensorError.value("cat: tensors without axes cannot be joined; use stack")
    }
    let axis = try Layout.axis(given, rank: first.rank, for: name)
    var shape = first.shape
    var total = 0
    var dtype = first.dtype
    for tensor in tensors {
      guard tensor.rank == first.rank else {
        throw TensorError.value("cat: tensors have different ranks: \(first.shape) and \(tensor.shape)")
      }
      for other in shape.indices where other != axis && tensor.shape[other] != shape[other] {
        throw TensorError.value(
          "cat: shapes \(first.shape) and \(tensor.shape) differ in axis \(other); only axis \(axis) may differ")
      }
      let (sum, overflows) = total.addingReportingOverflow(tensor.shape[axis])
      if overflows { throw TensorError.value("cat: the result has more elements than can be addressed") }
      total = sum
      dtype = Promotion.promoted(dtype, tensor.dtype)
    }
    shape[axis] = total
    let result = try call.result(shape, dtype)
    var start = 0
    for tensor in tensors {
      let target = Target(
        pointer: result.pointer + start * result.strides[axis] * dtype.size, strides: result.strides, dtype: dtype)
      let (tensorSource, tensorShape) = (tensor.source, tensor.shape)
      compute(work: tensor.count) { Elementwise.convert(tensorSource, into: target, shape: tensorShape) }
      start += tensor.shape[axis]
    }
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    var reader = node.reader
    let axis = try Layout.axis(try reader.int(), rank: gradient.rank, for: name)
    var start = 0
    return try node.edges.indices.map { input in
      let size = node.inputShape(input)[axis]
      defer { start += size }
      guard node.needsGradient(input) else { return nil }
      return try gradient.sliced(axis: axis, start..<(start + size))
    }
  }
}

/// The tensors side by side along a new axis.
///
/// - Attributes: integer: where the new axis is.
enum Stack: Operator {
  static let name = "stack"
  static let arity = -1
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let given = try reader.int()
    guard !call.inputs.isEmpty else { throw TensorError.value("stack: expected at least one tensor") }
    let tensors = try call.inputs.indices.map { try call[$0] }
    let first = tensors[0]
    guard first.rank < Dimensions.capacity else {
      throw TensorError.value("stack: the result would have more than \(Dimensions.capacity) axes")
    }
    let axis = try Layout.axis(given, rank: first.rank + 1, for: name)
    var dtype = first.dtype
    for tensor in tensors {
      guard tensor.shape == first.shape else {
        throw TensorError.value("stack: shapes \(first.shape) and \(tensor.shape) differ; all must be equal")
      }
      dtype = Promotion.promoted(dtype, tensor.dtype)
    }
    var shape = first.shape
    shape.insert(tensors.count, at: axis)
    let result = try call.result(shape, dtype)
    var strides = result.strides
    let step = strides.remove(at: axis)
    for (position, tensor) in tensors.enumerated() {
      let target = Target(pointer: result.pointer + position * step * dtype.size, strides: strides, dtype: dtype)
      let (tensorSource, tensorShape) = (tensor.source, tensor.shape)
      compute(work: tensor.count) { Elementwise.convert(tensorSource, into: target, shape: tensorShape) }
    }
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    var reader = node.reader
    let axis = try Layout.axis(try reader.int(), rank: gradient.rank, for: name)
    return try node.edges.indices.map { input in
      node.needsGradient(input) ? try gradient.selected(axis: axis, input) : nil
    }
  }
}
