import SwiftConvKernels

/// Every channel with mean 0 and variance 1, then scaled and shifted.
///
/// `y = (x - mean) / sqrt(variance + eps) * weight + bias`, with the batch's own statistics, or with given ones.
///
/// - Inputs: x `(N, C, ...)`; weight, bias, mean and variance `(C,)` or nothing. Without mean and variance those of the
///   batch are used, and returned after the result (the variance divided by the count).
/// - Attributes: number: eps.
/// - Source: Ioffe, Szegedy, "Batch Normalization" (2015), arXiv:1502.03167
enum BatchNorm: Operator {
  static let name = "batch_norm"
  static let arity = 5

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let eps = try reader.double()
    let plan = try Plan(call)
    let x = try withoutGradients { try plan.x.contiguous() }
    let (mean, variance) = try statistics(call, plan)
    let inverse = try Tensor.empty([plan.channels], x.dtype)
    let y = try call.result(x.shape, x.dtype)
    let (weight, bias) = try withoutGradients {
      (try call.optional(1)?.contiguous(), try call.optional(2)?.contiguous())
    }
    let (shape, measures, xSource, yTarget) = (plan.shape, call.optional(3) == nil, x.source, y.target)
    let (weightSource, biasSource, means) = (weight?.source, bias?.source, mean.target)
    let (variances, inverses) = (variance.target, inverse.target)
    compute(work: x.count) {
      Normalization.forward(
        xSource.pointer, shape,
        Normalization.Parameters(weight: weightSource?.pointer, bias: biasSource?.pointer, eps: eps),
        Normalization.Statistics(mean: means.pointer, variance: variances.pointer, inverse: inverses.pointer),
        measures: measures, into: yTarget.pointer)
    }
    call.save(plan.x)
    call.save(mean)
    call.save(inverse)
    if let weight = call.optional(1) { call.save(weight) }
    if call.optional(3) == nil { call.auxiliary = [mean, variance] }
    return y
  }

  /// The given mean and variance, or memory for the batch's own.
  private static func statistics(_ call: borrowing OperatorCall, _ plan: Plan) throws -> (Tensor, Tensor) {
    if let mean = call.optional(3), let variance = call.optional(4) {
      return try withoutGradients { (try mean.detached().contiguous(), try variance.detached().contiguous()) }
    }
    guard plan.images * plan.pixels > 1 else {
      throw TensorError.value(
        "batch_norm: expected more than one value per channel in training, got x \(plan.x.shape); "
          + "use a larger batch, or eval()")
    }
    return (try Tensor.empty([plan.channels], plan.x.dtype), try Tensor.empty([plan.channels], plan.x.dtype))
  }

  /// The sizes of a call, checked.
  private struct Plan {
    let x: Tensor
    let images: Int
    let channels: Int
    let pixels: Int

    var shape: ChannelShape { ChannelShape(x.dtype, images: images, channels: channels, pixels: pixels) }

    init(_ call: borrowing OperatorCall) throws {
      x = try call[0]
      try Reduce.requireReal(x, call.name)
      guard x.rank >= 2 else {
        throw TensorError.value("batch_norm: x has rank \(x.rank) \(x.shape), expected (N, C, ...)")
      }
      (images, channels) = (x.shape[0], x.shape[1])
      var pixels = 1
      for axis in 2..<x.rank { pixels *= x.shape[axis] }
      self.pixels = pixels
      for (slot, what) in [(1, "weight"), (2, "bias"), (3, "running_mean"), (4, "running_var")] {
        guard let tensor = call.optional(slot) else { continue }
        guard tensor.shape == [channels] else {
          throw TensorError.value(
            "batch_norm: \(what) has shape \(tensor.shape), expected (\(channels),) for x \(x.shape)")
        }
        guard tensor.dtype == x.dtype else {
          throw TensorError.type(
            "batch_norm: x is \(x.dtype.name) but \(what) is \(tensor.dtype.name); convert x with x.to(\(what).dtype)")
        }
      }
      guard (call.optional(3) == nil) == (call.optional(4) == nil) else {
        throw TensorError.value("batch_norm: running_mean and running_var must be given together")
      }
    }
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let (x, mean, inverse) = (try node.saved(0), try node.saved(1), try node.saved(2))
    let hasWeight = node.saved.count > 3
    let weight = hasWeight ? try node.saved(3) : nil
    // Without the running statistics among the inputs, mean and variance depend on x.
    let usesBatch = node.inputIsMissing(3)
    if GradientMode.isEnabled {
      return try recorded(gradient, x, mean, inverse, weight, node, usesBatch: usesBatch)
    }
    let (g, dense, ownWeight) = (try gradient.contiguous(), try x.contiguous(), try weight?.contiguous())
    let channels = x.shape[1]
    let pixels = x.count / max(x.shape[0] * channels, 1)
    let (weightGradient, biasGradient) = (try Tensor.empty([channels], x.dtype), try Tensor.empty([channels], x.dtype))
    let dx = node.needsGradient(0) ? try Tensor.empty(x.shape, x.dtype) : nil
    let shape = ChannelShape(x.dtype, images: x.shape[0], channels: channels, pixels: pixels)
    let (gSource, xSource, weightSource) = (g.source, dense.source, ownWeight?.source)
    let (means, inverses) = (mean.source, inverse.source)
    let (weightTarget, biasTarget, dxTarget) = (weightGradient.target, biasGradient.target, dx?.target)
    compute(work: x.count) {
      Normalization.backward(
        gSource.pointer, xSource.pointer, shape, weight: weightSource?.pointer, mean: means.pointer,
        inverse: inverses.pointer, dependsOnBatch: usesBatch,
        into: Normalization.Gradients(weight: weightTarget.pointer, bias: biasTarget.pointer, x: dxTarget?.pointer))
    }
    return [
      dx, node.needsGradient(1) ? weightGradient : nil, node.needsGradient(2) ? biasGradient : nil, nil, nil,
    ]
  }

  /// The same as a formula of operators, for second derivatives.
  private static func recorded(
    _ g: Tensor, _ x: Tensor, _ mean: Tensor, _ inverse: Tensor, _ weight: Tensor?, _ node: Node, usesBatch: Bool
  ) throws -> [Tensor?] {
    var column = Dimensions(repeating: 1, count: x.rank)
    column[1] = x.shape[1]
    let axes = [0] + Array(2..<x.rank)
    var (center, slope) = (try mean.reshaped(to: column), try inverse.reshaped(to: column))
    if usesBatch {
      var reader = node.reader
      let eps = try reader.double()
      center = try x.mean(axes, keepsAxes: true)
      slope = try apply(ReciprocalSquareRoot.self, [(x - center).square().mean(axes, keepsAxes: true) + eps])
    }
    let normal = try (x - center) * slope
    let scaled = try weight.map { try g * $0.reshaped(to: column) } ?? g
    var dx = scaled
    if usesBatch {
      dx = try scaled - scaled.mean(axes, keepsAxes: true) - normal * (scaled * normal).mean(axes, keepsAxes: true)
    }
    return [try dx * slope, try (g * normal).sum(axes), try g.sum(axes), nil, nil]
  }
}

extension Node {
  /// True when nothing was passed for an input.
  fileprivate func inputIsMissing(_ input: Int) -> Bool { edges[input].isMissing }
}

/// Mean 0 and variance 1 over the last axes, then scaled and shifted element by element.
///
/// - Inputs: x `(..., *normalized_shape)`, weight and bias of the normalized shape or nothing.
/// - Attributes: list: the normalized shape; number: eps.
/// - Source: Ba, Kiros, Hinton, "Layer Normalization" (2016), arXiv:1607.06450
enum LayerNorm: Operator {
  static let name = "layer_norm"
  static let arity = 3

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (shape, eps) = (try reader.dimensions(), try reader.double())
    let given = try call[0]
    try Reduce.requireReal(given, name)
    guard shape.count >= 1, shape.count <= given.rank, Dimensions(Array(given.shape).suffix(shape.count)) == shape
    else {
      throw TensorError.value("layer_norm: x has shape \(given.shape), expected its last axes to be \(shape)")
    }
    for (slot, what) in [(1, "weight"), (2, "bias")] {
      guard let tensor = call.optional(slot) else { continue }
      guard tensor.shape == shape else {
        throw TensorError.value("layer_norm: \(what) has shape \(tensor.shape), expected \(shape)")
      }
      guard tensor.dtype == given.dtype else {
        throw TensorError.type(
          "layer_norm: x is \(given.dtype.name) but \(what) is \(tensor.dtype.name); convert x with x.to(\(what).dtype)"
        )
      }
    }
    let x = try withoutGradients { try given.contiguous() }
    let rows = RowNormalization(x.dtype, shape, of: x.count)
    let (mean, inverse) = (try Tensor.empty([rows.rows], x.dtype), try Tensor.empty([rows.rows], x.dtype))
    let weight = try parameter(call.optional(1), 1, shape, x.dtype)
    let bias = try parameter(call.optional(2), 0, shape, x.dtype)
    let y = try call.result(x.shape, x.dtype)
    let (xTarget, weightTarget, biasTarget) = (x.target, weight.target, bias.target)
    let (meanTarget, inverseTarget, yTarget) = (mean.target, inverse.target, y.target)
    compute(work: x.count) {
      rows.forward(
        UnsafeRawPointer(xTarget.pointer), weight: UnsafeRawPointer(weightTarget.pointer),
        bias: UnsafeRawPointer(biasTarget.pointer),
        eps: eps, mean: meanTarget.pointer, inverse: inverseTarget.pointer, into: yTarget.pointer)
    }
    call.save(given)
    call.save(mean)
    call.save(inverse)
    if let weight = call.optional(1) { call.save(weight) }
    return y
  }

  /// What was given as dense memory, or the number it stands for.
  private static func parameter(
    _ given: Tensor?, _ number: Double, _ shape: Dimensions, _ dtype: DType
  ) throws -> Tensor {
    try withoutGradients { try given?.contiguous() ?? Tensor.full(shape, number, dtype) }
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let (x, mean, inverse) = (try node.saved(0), try node.saved(1), try node.saved(2))
    let given = node.saved.count > 3 ? try node.saved(3) : nil
    var reader = node.reader
    let (shape, eps) = (try reader.dimensions(), try reader.double())
    if GradientMode.isEnabled { return try recorded(gradient, x, given, Array((x.rank - shape.count)..<x.rank), eps) }
    let (g, dense) = (try gradient.contiguous(), try x.contiguous())
    let weight = try parameter(given, 1, shape, x.dtype)
    let rows = RowNormalization(x.dtype, shape, of: x.count)
    let scratch = try Tensor.empty([rows.scratchCount], x.dtype)
    let (weightGradient, biasGradient) = (try Tensor.empty(shape, x.dtype), try Tensor.empty(shape, x.dtype))
    let dx = node.needsGradient(0) ? try Tensor.empty(x.shape, x.dtype) : nil
    let (gTarget, denseTarget, weightTarget) = (g.target, dense.target, weight.target)
    let (meanTarget, inverseTarget, scratchTarget) = (mean.target, inverse.target, scratch.target)
    let (weightGradientTarget, biasGradientTarget, dxTarget) = (weightGradient.target, biasGradient.target, dx?.target)
    compute(work: x.count) {
      rows.backward(
        UnsafeRawPointer(gTarget.pointer), UnsafeRawPointer(denseTarget.pointer),
        weight: UnsafeRawPointer(weightTarget.pointer),
        mean: UnsafeRawPointer(meanTarget.pointer), inverse: UnsafeRawPointer(inverseTarget.pointer),
        scratch: scratchTarget.pointer,
        into: Normalization.Gradients(
          weight: weightGradientTarget.pointer, bias: biasGradientTarget.pointer, x: dxTarget?.pointer))
    }
    return [dx, node.needsGradient(1) ? weightGradient : nil, node.needsGradient(2) ? biasGradient : nil]
  }

  /// The same as a formula of operators, for second derivatives.
  private static func recorded(
    _ g: Tensor, _ x: Tensor, _ weight: Tensor?, _ axes: [Int], _ eps: Double
  ) throws -> [Tensor?] {
    let centered = try x - x.mean(axes, keepsAxes: true)
    let slope = try apply(
      ReciprocalSquareRoot.self, [try centered.square().mean(axes, keepsAxes: true) + eps])
    let normal = try centered * slope
    let weighted = try weight.map { try g * $0 } ?? g
    let (first, second) = (
      try weighted.mean(axes, keepsAxes: true), try (weighted * normal).mean(axes, keepsAxes: true)
    )
    return [try (weighted - first - normal * second) * slope, try g * normal, g]
  }
}

extension RowNormalization {
  /// Rows of the last axes, whose sizes are given.
  fileprivate init(_ dtype: DType, _ shape: Dimensions, of elements: Int) {
    self.init(dtype, rows: elements / max(shape.product, 1), count: shape.product)
  }
}

/// Mean 0 and variance 1 over each group of channels of each image, then scaled and shifted per channel.
///
/// - Inputs: x `(N, C, ...)`, weight and bias `(C,)` or nothing.
/// - Attributes: integer: the groups; number: eps.
/// - Source: Wu, He, "Group Normalization" (2018), doi:10.1007/978-3-030-01261-8_1
enum GroupNorm: CompositeOperator {
  static let name = "group_norm"
  static let arity = 3

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (groups, eps) = (try reader.int(), try reader.double())
    let x = try call[0]
    try Reduce.requireReal(x, name)
    guard x.rank >= 2, groups >= 1, x.shape[1] % groups == 0 else {
      throw TensorError.value("group_norm: x \(x.shape) cannot be split into \(groups) groups of channels (axis 1)")
    }
    let channels = x.shape[1]
    for (slot, what) in [(1, "weight"), (2, "bias")] {
      if let tensor = call.optional(slot), tensor.shape != [channels] {
        throw TensorError.value("group_norm: \(what) has shape \(tensor.shape), expected (\(channels),)")
      }
    }
    // Of an empty batch the weights' gradients are zero, but not missing.
    let normal = x.count == 0 ? try x.cloned() : try normalized(x, groups, eps)
    var column = Dimensions(repeating: 1, count: x.rank)
    column[1] = channels
    let scaled = try call.optional(1).map { try normal * $0.reshaped(to: column) } ?? normal
    return try call.optional(2).map { try scaled + $0.reshaped(to: column) } ?? scaled
  }

  private static func normalized(_ x: Tensor, _ groups: Int, _ eps: Double) throws -> Tensor {
    let grouped = try x.reshaped(to: [x.shape[0], groups, x.count / (x.shape[0] * groups)])
    var attributes = Attributes(numbers: [eps])
    attributes.append([grouped.shape[2]])
    return try apply(LayerNorm.self, [grouped, nil, nil], attributes).reshaped(to: x.shape)
  }
}
