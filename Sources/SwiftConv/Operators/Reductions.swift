import SwiftConvKernels

/// What all reductions over a set of axes share.
///
/// - Attributes: list: the axes, none for all; integer: 1 to keep them with size 1.
enum Reduce {
  static func attributes(_ axes: [Int], _ keepsAxes: Bool) -> Attributes {
    var attributes = Attributes()
    attributes.append(axes)
    attributes.append(keepsAxes)
    return attributes
  }

  /// The axes of a call, and the shape of its result.
  struct Plan {
    let mask: UInt8
    let keepsAxes: Bool
    /// The input's shape with size 1 on the reduced axes.
    let keptShape: Dimensions
    /// How many elements each result is made of.
    let count: Int

    init(_ reader: inout AttributeReader, _ shape: Dimensions, for name: String) throws {
      let axes = try reader.dimensions()
      keepsAxes = try reader.bool()
      mask = try Layout.axisMask(axes, rank: shape.count, for: name)
      keptShape = Layout.reduced(shape, mask, keepsAxes: true)
      var count = 1
      for axis in shape.indices where mask & (1 << UInt8(axis)) != 0 { count &*= shape[axis] }
      self.count = count
    }

    func resultShape(_ shape: Dimensions) -> Dimensions { Layout.reduced(shape, mask, keepsAxes: keepsAxes) }
  }

  static func plan(_ call: borrowing OperatorCall) throws -> Plan {
    var reader = call.reader
    return try Plan(&reader, try call[0].shape, for: call.name)
  }

  static func plan(_ node: Node) throws -> Plan {
    var reader = node.reader
    return try Plan(&reader, node.inputShape(0), for: node.operation.name)
  }

  /// Runs the kernel into a fresh result.
  static func run(
    _ call: borrowing OperatorCall, _ operation: ReduceOperation, _ x: Tensor, _ plan: Plan, dtype: DType
  ) throws -> Tensor {
    let result = try call.result(plan.resultShape(x.shape), dtype)
    reduce(operation, x, plan, into: result)
    return result
  }

  static func reduce(_ operation: ReduceOperation, _ x: Tensor, _ plan: Plan, into result: Tensor) {
    // The result as the kernel writes it: with the input's rank, and stride 0 on reduced axes.
    var strides = Dimensions(repeating: 0, count: x.rank)
    var position = 0
    for axis in x.shape.indices {
      let isReduced = plan.mask & (1 << UInt8(axis)) != 0
      if !isReduced { strides[axis] = result.strides[position] }
      if !isReduced || plan.keepsAxes { position += 1 }
    }
    let target = Target(pointer: result.pointer, strides: strides, dtype: result.dtype)
    let (xSource, xShape) = (x.source, x.shape)
    compute(work: x.count) { Reduction.reduce(operation, xSource, into: target, shape: xShape, axes: plan.mask) }
  }

  /// A gradient, or a result, with its reduced axes back as axes of size 1, so that it broadcasts against the input.
  static func spread(_ tensor: Tensor, _ plan: Plan) throws -> Tensor {
    // A single number is repeated along any axes as it is.
    tensor.rank == 0 || tensor.shape == plan.keptShape ? tensor : try tensor.reshaped(to: plan.keptShape)
  }

  /// Sums and products of integers and bools are int64.
  static func accumulationType(_ dtype: DType) -> DType { dtype.isFloatingPoint ? dtype : .int64 }

  static func requireReal(_ x: Tensor, _ name: String) throws {
    guard x.dtype.isFloatingPoint else {
      throw TensorError.type("\(name): expected a floating-point tensor, got \(x.dtype.name); use .float() first")
    }
  }

  static func requireElements(_ x: Tensor, _ plan: Plan, _ name: String) throws {
    guard plan.count > 0 else {
      throw TensorError.value("\(name): shape \(x.shape) has no elements along the reduced axes")
    }
  }
}

/// The sum over axes.
enum Sum: Operator {
  static let name = "sum"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    if isOfEverything(call.attributes.integers), x.dtype.isFloatingPoint, x.isContiguous {
      let result = try call.result([], x.dtype)
      let (from, to, count, dtype) = (Address(x), Address(result), x.count, x.dtype)
      let isDone = compute(work: count) {
        Reduction.reduce(.sum, from.pointer, count: count, into: to.pointer, dtype: dtype)
      }
      if isDone { return result }
    }
    return try Reduce.run(call, .sum, x, Reduce.plan(call), dtype: Reduce.accumulationType(x.dtype))
  }

  /// Whether neither axes nor their keeping are asked for.
  private static func isOfEverything(_ attributes: [Int]) -> Bool {
    attributes.count == 2 && attributes[0] == 0 && attributes[1] == 0
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let shape = node.inputShape(0)
    let spread = gradient.rank == 0 ? gradient : try Reduce.spread(gradient, Reduce.plan(node))
    return [GradientMode.isEnabled ? try spread.expanded(to: shape) : spread.repeated(to: shape)]
  }
}

/// The arithmetic mean over axes; not a number where there are no elements.
enum Mean: Operator {
  static let name = "mean"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    try Reduce.requireReal(x, name)
    let plan = try Reduce.plan(call)
    let result = try Reduce.run(call, .sum, x, plan, dtype: x.dtype)
    let scale = 1 / Double(plan.count)
    if plan.count == 0 {
      Elementwise.fill(result.target, shape: result.shape, number: .nan)
    } else {
      Elementwise.unary(.mulScalar, result.source, into: result.target, shape: result.shape, p0: scale)
    }
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let plan = try Reduce.plan(node)
    let share = try gradient * (1 / Double(max(plan.count, 1)))
    let (spread, shape) = (try Reduce.spread(share, plan), node.inputShape(0))
    return [GradientMode.isEnabled ? try spread.expanded(to: shape) : spread.repeated(to: shape)]
  }
}

/// The product over axes.
enum Product: Operator {
  static let name = "prod"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    call.save(x)
    return try Reduce.run(call, .product, x, Reduce.plan(call), dtype: Reduce.accumulationType(x.dtype))
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let plan = try Reduce.plan(node)
    let x = try node.saved(0)
    let axes = x.shape.indices.filter { plan.mask & (1 << UInt8($0)) != 0 }
    let g = try Reduce.spread(gradient, plan)
    let isZero = try x.isEqual(to: .number(0))
    let zeros = try isZero.cast(to: x.dtype).sum(axes, keepsAxes: true)
    let hasZeros = try zeros.count > 0 && withoutGradients { try zeros.amax().item() } > 0
    guard hasZeros else {
      return [try g * apply(Product.self, [x], Reduce.attributes(axes, true)) / x]
    }
    if GradientMode.isEnabled { return [try g * ZeroFactors.productsOfOthers(x, Array(axes))] }
    // With one zero among the factors only that factor has a gradient: the product of the others.
    let one = try Tensor.ones([], x.dtype)
    let zero = try Tensor.zeros([], x.dtype)
    let nonZero = try one.selected(where: isZero, else: x)
    let others = try apply(Product.self, [nonZero], Reduce.attributes(axes, true))
    let isOnlyZero = try apply(BitwiseAnd.self, [isZero, zeros.isEqual(to: .number(1))])
    let withZeros = try others.selected(where: isOnlyZero, else: zero)
    let slope = try (others / nonZero).selected(where: zeros.isEqual(to: .number(0)), else: withZeros)
    return [try g * slope]
  }
}

/// The largest element over axes; equal ones share the gradient.
enum MaximumReduction: Operator {
  static let name = "amax"

  static func forward(_ call: inout OperatorCall) throws -> Tensor { try Extreme.forward(&call, .maximum) }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    try Extreme.gradients(gradient, node)
  }
}

/// The smallest element over axes; equal ones share the gradient.
enum MinimumReduction: Operator {
  static let name = "amin"

  static func forward(_ call: inout OperatorCall) throws -> Tensor { try Extreme.forward(&call, .minimum) }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    try Extreme.gradients(gradient, node)
  }
}

private enum Extreme {
  static func forward(_ call: inout OperatorCall, _ operation: ReduceOperation) throws -> Tensor {
    let x = try call[0]
    let plan = try Reduce.plan(call)
    if x.count > 0 || plan.resultShape(x.shape).product > 0 { try Reduce.requireElements(x, plan, call.name) }
    call.save(x)
    call.saveResult()
    return try Reduce.run(call, operation, x, plan, dtype: x.dtype)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let plan = try Reduce.plan(node)
    let axes = node.inputShape(0).indices.filter { plan.mask & (1 << UInt8($0)) != 0 }
    let isExtreme = try node.saved(0).isEqual(to: Reduce.spread(node.saved(1), plan)).cast(to: gradient.dtype)
    let counts = try isExtreme.sum(axes, keepsAxes: true)
    return [try Reduce.spread(gradient, plan) * (isExtreme / counts)]
  }
}

/// True where any element over the axes is not 0.
enum AnyReduction: Operator {
  static let name = "any"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    try Reduce.run(call, .any, try call[0], Reduce.plan(call), dtype: .bool)
  }
}

/// True where no element over the axes is 0.
enum AllReduction: Operator {
  static let name = "all"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    try Reduce.run(call, .all, try call[0], Reduce.plan(call), dtype: .bool)
  }
}

/// The variance over axes: squared distances from the mean, divided by the count less the correction.
///
/// - Attributes: list: the axes; integer: 1 to keep them; number: the correction, 1 for a sample and 0 for all.
enum Variance: Operator {
  static let name = "var"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    call.save(try call[0])
    return try compute(&call)
  }

  static func compute(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    try Reduce.requireReal(x, call.name)
    let plan = try Reduce.plan(call)
    let divisor = Double(plan.count) - (try call.reader.correction())
    let centered = try withoutGradients { try center(x, plan) }
    let result = try Reduce.run(call, .sumOfSquares, centered, plan, dtype: x.dtype)
    // Too few elements for the correction give an undefined variance, as 0 / 0.
    let scale = divisor > 0 ? 1 / divisor : Double.nan
    Elementwise.unary(.mulScalar, result.source, into: result.target, shape: result.shape, p0: scale)
    return result
  }

  static func center(_ x: Tensor, _ plan: Reduce.Plan) throws -> Tensor {
    let axes = x.shape.indices.filter { plan.mask & (1 << UInt8($0)) != 0 }
    return try x - (axes.isEmpty ? x : x.mean(axes, keepsAxes: true))
  }

  /// Gradient of the variance with respect to each element, without the incoming gradient.
  static func slope(_ node: Node, _ plan: Reduce.Plan) throws -> Tensor {
    let divisor = Double(plan.count) - (try node.reader.correction())
    return try center(node.saved(0), plan) * (2 / divisor)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let plan = try Reduce.plan(node)
    return [try Reduce.spread(gradient, plan) * slope(node, plan)]
  }
}

/// The square root of the variance.
///
/// - Attributes: as for `var`.
enum StandardDeviation: Operator {
  static let name = "std"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    call.save(try call[0])
    call.saveResult()
    let result = try Variance.compute(&call)
    Elementwise.unary(.sqrt, result.source, into: result.target, shape: result.shape)
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let plan = try Reduce.plan(node)
    let deviation = try node.saved(1)
    // Where all elements are equal the root has no slope, and infinity times their distances 0 would be NaN.
    let isZero = try deviation.isEqual(to: .number(0))
    let divisor = try Tensor.ones([], deviation.dtype).selected(where: isZero, else: 2 * deviation)
    let share = try Tensor.zeros([], deviation.dtype).selected(where: isZero, else: gradient / divisor)
    return [try Reduce.spread(share, plan) * Variance.slope(node, plan)]
  }
}

extension AttributeReader {
  /// The only floating-point attribute of a variance.
  fileprivate func correction() throws -> Double {
    var copy = self
    return try copy.double()
  }
}

/// `log(sum(exp(x)))` over axes, without overflow.
enum LogSumExp: Operator {
  static let name = "logsumexp"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    try Reduce.requireReal(x, name)
    let plan = try Reduce.plan(call)
    try Reduce.requireElements(x, plan, name)
    call.save(x)
    call.saveResult()
    let axes = x.shape.indices.filter { plan.mask & (1 << UInt8($0)) != 0 }
    return try withoutGradients {
      // An infinite maximum would make inf - inf; shifting by 0 there gives the right infinity.
      let largest = try x.amax(axes, keepsAxes: true)
      let isInfinite = try apply(IsInfinite.self, [largest])
      let shift = try Tensor.zeros([], x.dtype).selected(where: isInfinite, else: largest)
      let sum = try (x - shift).exp().sum(axes, keepsAxes: true)
      return try (sum.log() + shift).reshaped(to: plan.resultShape(x.shape)).unviewed()
    }
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let plan = try Reduce.plan(node)
    let y = try Reduce.spread(node.saved(1), plan)
    return [try Reduce.spread(gradient, plan) * (node.saved(0) - y).exp()]
  }
}

extension Tensor {
  /// The tensor without its mark as a view, for a result whose base nobody else has.
  func unviewed() -> Tensor {
    isUnrecordedView = false
    viewOrigin = nil
    return self
  }
}
