import SwiftConvKernels

/// Where integer tensors point in another tensor: what reading and writing by index tensors share.
private struct IndexPlan {
  /// The broadcast shape of the index tensors.
  let positions: Dimensions
  /// For each of them, the distance of its block from the tensor's first element.
  let offsets: Tensor
  /// The axes that are not indexed.
  let innerShape: Dimensions
  let innerStrides: Dimensions
  /// Where the index axes stand in the result: at the indexed axes when these are neighbours, in front otherwise.
  let front: Int

  var resultShape: Dimensions {
    var shape = Dimensions()
    for axis in 0..<front { shape.append(innerShape[axis]) }
    for size in positions { shape.append(size) }
    for axis in front..<innerShape.count { shape.append(innerShape[axis]) }
    return shape
  }

  init(_ x: Tensor, _ indices: [Tensor], axes given: [Int], for name: String) throws {
    guard indices.count == given.count, !indices.isEmpty else {
      throw TensorError.index("\(name): \(indices.count) index tensors for \(given.count) dims")
    }
    let axes = try given.map { try Layout.axis($0, rank: x.rank, for: name) }
    _ = try Layout.axisMask(axes, rank: x.rank, for: name)
    var shape = Dimensions()
    for index in indices {
      guard index.dtype == .int64 || index.dtype == .int32 || index.dtype == .uint8 else {
        throw TensorError.index("\(name): an index has dtype \(index.dtype.name), expected an integer dtype or bool")
      }
      shape = try Layout.broadcast(shape, index.shape, for: name)
    }
    guard shape.count + x.rank - axes.count <= Dimensions.capacity else {
      throw TensorError.index("\(name): the result would have more than \(Dimensions.capacity) axes")
    }
    positions = shape
    offsets = try IndexPlan.offsets(x, indices, axes, shape, for: name)
    var (rest, restStrides) = (Dimensions(), Dimensions())
    for axis in x.shape.indices where !axes.contains(axis) {
      rest.append(x.shape[axis])
      restStrides.append(x.strides[axis])
    }
    (innerShape, innerStrides) = (rest, restStrides)
    let areNeighbours = zip(axes, axes.dropFirst()).allSatisfy { $0 + 1 == $1 }
    front = areNeighbours ? axes[0] : 0
  }

  private static func offsets(
    _ x: Tensor, _ indices: [Tensor], _ axes: [Int], _ shape: Dimensions, for name: String
  ) throws -> Tensor {
    let offsets = try Tensor.zeros(shape, .int64)
    let total = offsets.pointer.assumingMemoryBound(to: Int.self)
    let scratch = try Tensor.empty(shape, .int64)
    let values = scratch.pointer.assumingMemoryBound(to: Int.self)
    for (index, axis) in zip(indices, axes) {
      Elementwise.convert(index.source(broadcastTo: shape), into: scratch.target, shape: shape)
      let (size, stride) = (x.shape[axis], x.strides[axis])
      for position in 0..<offsets.count {
        let value = values[position]
        guard value >= -size && value < size else {
          throw TensorError.index(
            "\(name): index \(value) is out of bounds for axis \(axis) with size \(size) (shape \(x.shape))")
        }
        total[position] += (value < 0 ? value + size : value) * stride
      }
    }
    return offsets
  }

  /// The strides of a dense result: over the positions, which lie evenly in it, and over the inner axes.
  func resultStrides(_ tensor: Tensor) -> (Int, Dimensions) {
    var inner = Dimensions()
    for axis in innerShape.indices {
      inner.append(tensor.strides[axis < front ? axis : axis + positions.count])
    }
    // The last index axis steps over the inner axes behind it.
    var step = 1
    for axis in front..<innerShape.count { step *= innerShape[axis] }
    return (step, inner)
  }

  func gather(_ x: Tensor, into result: Tensor) {
    let (step, inner) = resultStrides(result)
    let (xTarget, xDtype, offsetsCount) = (x.target, x.dtype, offsets.count)
    let (resultTarget, places) = (result.target, offsets.source)
    let (innerShape, innerStrides) = (innerShape, innerStrides)
    compute(work: result.count) {
      Indexing.gather(
        UnsafeRawPointer(xTarget.pointer), dtype: xDtype, offsets: places.pointer.assumingMemoryBound(to: Int.self),
        count: offsetsCount, innerShape: innerShape, innerStrides: innerStrides, out: resultTarget.pointer,
        outStride: step, outInnerStrides: inner)
    }
  }

  /// - Parameter values: dense, of `resultShape`, and of the target's dtype.
  func scatter(_ values: Tensor, into target: Tensor, accumulate: Bool) {
    let (step, inner) = resultStrides(values)
    let (writing, dtype, offsetsCount) = (target.target, target.dtype, offsets.count)
    let (valuesTarget, places) = (values.target, offsets.source)
    let (innerShape, innerStrides) = (innerShape, innerStrides)
    compute(work: values.count) {
      Indexing.scatter(
        writing.pointer, dtype: dtype, offsets: places.pointer.assumingMemoryBound(to: Int.self),
        count: offsetsCount, innerShape: innerShape, innerStrides: innerStrides,
        values: UnsafeRawPointer(valuesTarget.pointer), valueStride: step, valueInnerStrides: inner,
        accumulate: accumulate)
    }
  }
}

/// The elements that integer tensors point at: `x[i, j, ...]`. The index tensors are broadcast together; negative indices
/// count from the end.
///
/// - Inputs: x, then the index tensors.
/// - Attributes: list: the axes they apply to.
enum GatherIndex: Operator {
  static let name = "gather_index"
  static let arity = -1

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let x = try call[0]
    let indices = try (1..<max(call.inputs.count, 1)).map { try call[$0] }
    let plan = try IndexPlan(x, indices, axes: reader.ints(), for: "index")
    let result = try call.result(plan.resultShape, x.dtype)
    plan.gather(x, into: result)
    for index in indices { call.save(index) }
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    guard node.needsGradient(0) else { return [nil] }
    let whole = try Tensor.zeros(node.inputShape(0), gradient.dtype)
    let indices = try (0..<(node.edges.count - 1)).map { try node.saved($0) }
    var attributes = node.attributes
    attributes.append(true)
    try applyInPlace(PutIndex.self, [whole, gradient] + indices, attributes)
    return [whole]
  }
}

/// Stores values at the elements that integer tensors point at, or adds them there. Only called in place.
///
/// - Inputs: the target, the values, then the index tensors.
/// - Attributes: list: the axes they apply to; integer: 1 to add.
enum PutIndex: Operator {
  static let name = "put_index"
  static let arity = -1
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (target, values) = (try call[0], try call[1])
    let indices = try (2..<max(call.inputs.count, 2)).map { try call[$0] }
    let (axes, accumulates) = (try reader.ints(), try reader.bool())
    let plan = try IndexPlan(target, indices, axes: axes, for: "index assignment")
    values.convertNumber(to: target.dtype)
    guard Promotion.canStore(values.dtype, in: target.dtype) else {
      throw TensorError.type(
        "index assignment: values of dtype \(values.dtype.name) cannot be stored in a \(target.dtype.name) tensor")
    }
    let shape = try Layout.broadcast(plan.resultShape, values.shape, for: "index assignment")
    guard shape == plan.resultShape else {
      throw TensorError.value(
        "index assignment: values of shape \(values.shape) do not fit the selection's shape \(plan.resultShape)")
    }
    // The values as the kernel wants them, and apart from the target's memory.
    let dense = try Tensor.empty(shape, target.dtype)
    let (valuesSource, denseTarget) = (values.source(broadcastTo: shape), dense.target)
    compute(work: dense.count) {
      Elementwise.convert(valuesSource, into: denseTarget, shape: shape)
    }
    for index in indices { call.save(index) }
    plan.scatter(dense, into: target, accumulate: accumulates)
    return target
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    var reader = node.reader
    let (axes, accumulates) = (try reader.ints(), try reader.bool())
    let indices = try (0..<(node.edges.count - 2)).map { try node.saved($0) }
    var attributes = Attributes()
    attributes.append(axes)
    var results: [Tensor?] = [gradient, nil]
    if node.needsGradient(0) && !accumulates {
      // What was overwritten no longer matters.
      let rest = try gradient.cloned()
      attributes.append(false)
      try applyInPlace(PutIndex.self, [rest, .number(0.0)] + indices, attributes)
      attributes.integers.removeLast()
      results[0] = rest
    }
    if node.needsGradient(1) { results[1] = try apply(GatherIndex.self, [gradient] + indices, attributes) }
    return results
  }
}

/// The indices of all elements that are not 0, one row each, in row-major order.
enum NonZero: Operator {
  static let name = "nonzero"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    let flags = try Tensor.empty(x.shape, .bool)
    let (xSource, flagsTarget, xShape) = (x.source, flags.target, x.shape)
    compute(work: x.count) { Elementwise.convert(xSource, into: flagsTarget, shape: xShape) }
    let isSet = UnsafeBufferPointer(start: flags.pointer.assumingMemoryBound(to: UInt8.self), count: x.count)
    let found = isSet.reduce(0) { $0 + ($1 != 0 ? 1 : 0) }
    let result = try call.result([found, x.rank], .int64)
    var next = result.pointer.assumingMemoryBound(to: Int64.self)
    var index = Dimensions(repeating: 0, count: x.rank)
    for flag in isSet {
      if flag != 0 {
        for axis in index.indices { next[axis] = Int64(index[axis]) }
        next += x.rank
      }
      var axis = x.rank - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < x.shape[axis] { break }
        index[axis] = 0
        axis -= 1
      }
    }
    return result
  }
}
