import SwiftConvKernels

// Operators along one axis: positions of extremes, running sums, softmax.

/// What operators along one axis share.
enum Along {
  static func axis(_ call: borrowing OperatorCall) throws -> Int {
    var reader = call.reader
    return try Layout.axis(try reader.int(), rank: try call[0].rank, for: call.name)
  }

  static func axis(_ node: Node, rank: Int) throws -> Int {
    var reader = node.reader
    return try Layout.axis(try reader.int(), rank: rank, for: node.operation.name)
  }

  /// The positions of the extremes along an axis, in `shape` with size 1 there.
  static func positions(_ x: Tensor, _ axis: Int, maximum: Bool, for name: String) throws -> Tensor {
    var kept = x.shape
    if x.rank == 0 { return try Tensor.zeros([], .int64) }
    kept[axis] = 1
    guard x.shape[axis] > 0 || kept.product == 0 else {
      throw TensorError.index("\(name): axis \(axis) of shape \(x.shape) has no elements")
    }
    let result = try Tensor.empty(kept, .int64)
    var strides = result.strides
    strides[axis] = 0
    let target = Target(pointer: result.pointer, strides: strides, dtype: .int64)
    let (xSource, xShape) = (x.source, x.shape)
    compute(work: x.count) {
      Reduction.argReduce(maximum: maximum, xSource, into: target, shape: xShape, axis: axis)
    }
    return result
  }

  /// For each element the sum of it and those after it.
  static func laterSums(_ x: Tensor, _ axis: Int) throws -> Tensor {
    try reversed(run(CumulativeSum.self, reversed(x, axis), axis), axis)
  }

  static func reversed(_ x: Tensor, _ axis: Int) throws -> Tensor {
    var attributes = Attributes()
    attributes.append([axis])
    return try apply(Flip.self, [x], attributes)
  }

  /// Applies an operator whose one attribute is an axis.
  static func run(_ operation: any Operator.Type, _ x: Tensor, _ axis: Int) throws -> Tensor {
    var attributes = Attributes()
    attributes.append(axis)
    return try apply(operation, [x], attributes)
  }

  static func squeezed(_ tensor: Tensor, _ axis: Int, keepsAxis: Bool) throws -> Tensor {
    if keepsAxis || tensor.rank == 0 { return tensor }
    var shape = tensor.shape
    shape.remove(at: axis)
    return try withoutGradients { try tensor.reshaped(to: shape) }.unviewed()
  }
}

/// The extreme elements along an axis, and their positions. The gradient goes to the elements at these positions.
///
/// - Attributes: integers: the axis; 1 to keep it with size 1.
private enum ExtremeAlong {
  static func forward(_ call: inout OperatorCall, maximum: Bool) throws -> Tensor {
    let x = try call[0]
    let axis = try Along.axis(call)
    var reader = call.reader
    _ = try reader.int()
    let keepsAxis = try reader.bool()
    let positions = try Along.positions(x, axis, maximum: maximum, for: call.name)
    call.save(positions)
    let values = try withoutGradients {
      try apply(
        maximum ? MaximumReduction.self : MinimumReduction.self, [x], Reduce.attributes(x.rank == 0 ? [] : [axis], true)
      )
    }
    call.auxiliary = [try Along.squeezed(positions, axis, keepsAxis: keepsAxis)]
    return try Along.squeezed(values, axis, keepsAxis: keepsAxis)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let shape = node.inputShape(0)
    if shape.isEmpty { return [gradient] }
    let axis = try Along.axis(node, rank: shape.count)
    let positions = try node.saved(0)
    var ruler = Dimensions(repeating: 1, count: shape.count)
    ruler[axis] = shape[axis]
    let indices = try Tensor.empty(ruler, .int64)
    Elementwise.arange(indices.pointer, dtype: .int64, count: indices.count, start: Int64(0), step: 1)
    let isChosen = try indices.isEqual(to: positions).cast(to: gradient.dtype)
    return [try gradient.reshaped(to: positions.shape) * isChosen]
  }
}

/// The largest elements along an axis, and their positions.
enum MaximumAlong: Operator {
  static let name = "max_dim"
  static let savesInputs = false
  static func forward(_ call: inout OperatorCall) throws -> Tensor { try ExtremeAlong.forward(&call, maximum: true) }
  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    try ExtremeAlong.gradients(gradient, node)
  }
}

/// The smallest elements along an axis, and their positions.
enum MinimumAlong: Operator {
  static let name = "min_dim"
  static let savesInputs = false
  static func forward(_ call: inout OperatorCall) throws -> Tensor { try ExtremeAlong.forward(&call, maximum: false) }
  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    try ExtremeAlong.gradients(gradient, node)
  }
}

/// The position of an extreme, along an axis or in the whole tensor in row-major order.
///
/// - Attributes: integers: 1 when an axis is given; the axis; 1 to keep it.
private enum Position {
  static func forward(_ call: inout OperatorCall, maximum: Bool) throws -> Tensor {
    let x = try call[0]
    var reader = call.reader
    let (hasAxis, given, keepsAxis) = (try reader.bool(), try reader.int(), try reader.bool())
    if hasAxis {
      let axis = try Layout.axis(given, rank: x.rank, for: call.name)
      let positions = try Along.positions(x, axis, maximum: maximum, for: call.name)
      return try Along.squeezed(positions, axis, keepsAxis: keepsAxis)
    }
    guard x.count > 0 else { throw TensorError.value("\(call.name): shape \(x.shape) has no elements") }
    let (xSource, xShape) = (x.source, x.shape)
    let position = compute(work: x.count) { Reduction.argReduceAll(maximum: maximum, xSource, shape: xShape) }
    let result = try Tensor.empty(keepsAxis ? Dimensions(repeating: 1, count: x.rank) : [], .int64)
    Elementwise.fill(result.target, shape: result.shape, integer: position)
    return result
  }
}

/// The position of the largest element.
enum ArgMaximum: Operator {
  static let name = "argmax"
  static func forward(_ call: inout OperatorCall) throws -> Tensor { try Position.forward(&call, maximum: true) }
}

/// The position of the smallest element.
enum ArgMinimum: Operator {
  static let name = "argmin"
  static func forward(_ call: inout OperatorCall) throws -> Tensor { try Position.forward(&call, maximum: false) }
}

/// The running sum along an axis.
///
/// - Attributes: integer: the axis.
enum CumulativeSum: Operator {
  static let name = "cumsum"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let given = try call[0]
    let axis = try Along.axis(call)
    let dtype = Reduce.accumulationType(given.dtype)
    let x = try Binary.converted(given, dtype)
    if x.rank == 0 { return try withoutGradients { try x.cloned() } }
    let result = try call.result(x.shape, dtype)
    let (xSource, resultTarget, xShape) = (x.source, result.target, x.shape)
    compute(work: x.count) { Reduction.cumulativeSum(xSource, into: resultTarget, shape: xShape, axis: axis) }
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    if gradient.rank == 0 { return [gradient] }
    // The reverse of a running sum runs from the other end.
    return [try Along.laterSums(gradient, Along.axis(node, rank: gradient.rank))]
  }
}

/// The running product along an axis.
///
/// - Attributes: integer: the axis.
enum CumulativeProduct: Operator {
  static let name = "cumprod"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let given = try call[0]
    let axis = try Along.axis(call)
    let dtype = Reduce.accumulationType(given.dtype)
    let x = try Binary.converted(given, dtype)
    call.save(given)
    call.saveResult()
    if x.rank == 0 { return try withoutGradients { try x.cloned() } }
    let result = try call.result(x.shape, dtype)
    let (xSource, resultTarget, xShape) = (x.source, result.target, x.shape)
    compute(work: x.count) { Reduction.cumulativeProduct(xSource, into: resultTarget, shape: xShape, axis: axis) }
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    if gradient.rank == 0 { return [gradient] }
    let x = try node.saved(0)
    let (y, axis) = (try node.saved(1), try Along.axis(node, rank: gradient.rank))
    guard try !ZeroFactors.exist(in: x) else {
      return [try ZeroFactors.gradient(ofRunningProduct: y, gradient, x, axis)]
    }
    // Element i is a factor of every later product, so its gradient is a sum from the other end, divided by x.
    return [try Along.laterSums(gradient * y, axis) / x]
  }
}

/// Softmax and its logarithm along the last axis of dense memory, where one kernel does it all.
private enum SoftmaxRows {
  static func forward(_ call: borrowing OperatorCall, _ x: Tensor, _ axis: Int, isLogarithm: Bool) throws -> Tensor? {
    guard axis == x.rank - 1, x.isContiguous else { return nil }
    let y = try call.result(x.shape, x.dtype)
    let count = x.shape[axis]
    let (xCount, xDtype, xTarget) = (x.count, x.dtype, x.target)
    let yTarget = y.target
    compute(work: 2 * x.count) {
      SwiftConvKernels.Softmax.rows(
        xCount / count, count: count, dtype: xDtype, isLogarithm: isLogarithm, UnsafeRawPointer(xTarget.pointer),
        into: yTarget.pointer)
    }
    return y
  }

  /// Nil while gradients are recorded: second derivatives need the formula.
  static func gradient(_ g: Tensor, _ y: Tensor, _ axis: Int, isLogarithm: Bool) throws -> Tensor? {
    guard !GradientMode.isEnabled, axis == y.rank - 1, y.isContiguous, g.isContiguous, y.count > 0 else { return nil }
    let dx = try Tensor.empty(y.shape, y.dtype)
    let count = y.shape[axis]
    let (yCount, yDtype, gTarget) = (y.count, y.dtype, g.target)
    let (yTarget, dxTarget) = (y.target, dx.target)
    compute(work: 2 * y.count) {
      SwiftConvKernels.Softmax.gradientRows(
        yCount / count, count: count, dtype: yDtype, isLogarithm: isLogarithm, UnsafeRawPointer(gTarget.pointer),
        UnsafeRawPointer(yTarget.pointer), into: dxTarget.pointer)
    }
    return dx
  }
}

/// `exp(x)` divided by its sum along an axis.
///
/// - Attributes: integer: the axis.
enum Softmax: Operator {
  static let name = "softmax"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    try Reduce.requireReal(x, name)
    let axis = try Along.axis(call)
    call.saveResult()
    guard x.count > 0 else { return try call.result(x.shape, x.dtype) }
    if let y = try SoftmaxRows.forward(call, x, axis, isLogarithm: false) { return y }
    return try withoutGradients {
      let exponentials = try (x - x.amax(x.rank == 0 ? [] : [axis], keepsAxes: true)).exp()
      try applyInPlace(Divide.self, [exponentials, exponentials.sum(x.rank == 0 ? [] : [axis], keepsAxes: true)])
      return exponentials
    }
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let y = try node.saved(0)
    let axis = try Along.axis(node, rank: y.rank)
    if let dx = try SoftmaxRows.gradient(gradient, y, axis, isLogarithm: false) { return [dx] }
    let weighted = try gradient * y
    return [try weighted - y * weighted.sum(y.rank == 0 ? [] : [axis], keepsAxes: true)]
  }
}

/// The logarithm of `softmax`, without its overflow and underflow.
///
/// - Attributes: integer: the axis.
enum LogSoftmax: Operator {
  static let name = "log_softmax"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    try Reduce.requireReal(x, name)
    let axis = try Along.axis(call)
    call.saveResult()
    guard x.count > 0 else { return try call.result(x.shape, x.dtype) }
    if let y = try SoftmaxRows.forward(call, x, axis, isLogarithm: true) { return y }
    return try withoutGradients {
      let shifted = try x - x.amax(x.rank == 0 ? [] : [axis], keepsAxes: true)
      let logarithms = try shifted.exp().sum(x.rank == 0 ? [] : [axis], keepsAxes: true).log()
      try applyInPlace(Subtract.self, [shifted, logarithms])
      return shifted
    }
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let y = try node.saved(0)
    let axis = try Along.axis(node, rank: y.rank)
    if let dx = try SoftmaxRows.gradient(gradient, y, axis, isLogarithm: true) { return [dx] }
    return [try gradient - y.exp() * gradient.sum(y.rank == 0 ? [] : [axis], keepsAxes: true)]
  }
}
