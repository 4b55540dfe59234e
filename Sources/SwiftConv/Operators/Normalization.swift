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
    let (mean, variance) = try statistics(call, plan, x)
    let y = try call.result(x.shape, x.dtype)
    let (scale, inverse) = try withoutGradients { () -> (Tensor, Tensor) in
      let inverse = try apply(ReciprocalSquareRoot.self, [variance + eps])
      return (try call.optional(1).map { try inverse * $0 } ?? inverse, inverse)
    }
    let shift = try withoutGradients { () -> Tensor in
      let moved = try -(mean * scale)
      return try (call.optional(2).map { try moved + $0 } ?? moved).contiguous()
    }
    let dense = try withoutGradients { try scale.contiguous() }
    compute(work: x.count) {
      Normalization.affine(
        UnsafeRawPointer(x.pointer), x.dtype, images: plan.images, channels: plan.channels, pixels: plan.pixels,
        scale: UnsafeRawPointer(dense.pointer), shift: UnsafeRawPointer(shift.pointer), into: y.pointer)
    }
    call.save(plan.x)
    call.save(mean)
    call.save(inverse)
    if let weight = call.optional(1) { call.save(weight) }
    if call.optional(3) == nil { call.auxiliary = [mean, variance] }
    return y
  }

  private static func statistics(_ call: OperatorCall, _ plan: Plan, _ x: Tensor) throws -> (Tensor, Tensor) {
    if let mean = call.optional(3), let variance = call.optional(4) {
      return try withoutGradients { (try mean.detached().contiguous(), try variance.detached().contiguous()) }
    }
    guard plan.images * plan.pixels > 1 else {
      throw TensorError.value(
        "batch_norm: expected more than one value per channel in training, got x \(plan.x.shape); "
          + "use a larger batch, or eval()")
    }
    let (mean, variance) = (
      try Tensor.empty([plan.channels], x.dtype), try Tensor.empty([plan.channels], x.dtype)
    )
    compute(work: x.count) {
      Normalization.moments(
        UnsafeRawPointer(x.pointer), x.dtype, images: plan.images, channels: plan.channels, pixels: plan.pixels,
        mean: mean.pointer, variance: variance.pointer)
    }
    return (mean, variance)
  }

  /// The sizes of a call, checked.
  private struct Plan {
    let x: Tensor
    let images: Int
    let channels: Int
    let pixels: Int

    init(_ call: OperatorCall) throws {
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
    let (g, dense) = (try gradient.contiguous(), try x.contiguous())
    let channels = x.shape[1]
    let pixels = x.count / max(x.shape[0] * channels, 1)
    let (sum, product) = (try Tensor.empty([channels], x.dtype), try Tensor.empty([channels], x.dtype))
    compute(work: x.count) {
      Normalization.gradientSums(
        UnsafeRawPointer(g.pointer), UnsafeRawPointer(dense.pointer), x.dtype, images: x.shape[0], channels: channels,
        pixels: pixels, mean: UnsafeRawPointer(mean.pointer), sum: sum.pointer, product: product.pointer)
    }
    var results: [Tensor?] = [nil, nil, nil, nil, nil]
    if node.needsGradient(1) { results[1] = try product * inverse }
    if node.needsGradient(2) { results[2] = sum }
    guard node.needsGradient(0) else { return results }
    // dx = scale * (g - mean(g) - xhat * mean(g * xhat)), sorted by g, x and what is left.
    let a = try (weight.map { try inverse * $0 } ?? inverse).contiguous()
    let share = usesBatch ? 1 / Double(max(x.shape[0] * pixels, 1)) : 0
    let b = try -(a * inverse * inverse * product) * share
    let c = try -(a * sum) * share - b * mean
    let dx = try Tensor.empty(x.shape, x.dtype)
    compute(work: x.count) {
      Normalization.combine(
        UnsafeRawPointer(g.pointer), UnsafeRawPointer(dense.pointer), x.dtype, images: x.shape[0], channels: channels,
        pixels: pixels, a: UnsafeRawPointer(a.pointer), b: UnsafeRawPointer(b.pointer),
        c: UnsafeRawPointer(c.pointer), into: dx.pointer)
    }
    results[0] = dx
    return results
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
enum LayerNorm: CompositeOperator {
  static let name = "layer_norm"
  static let arity = 3

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (shape, eps) = (try reader.dimensions(), try reader.double())
    let x = try call[0]
    try Reduce.requireReal(x, name)
    guard shape.count >= 1, shape.count <= x.rank, Dimensions(Array(x.shape).suffix(shape.count)) == shape else {
      throw TensorError.value("layer_norm: x has shape \(x.shape), expected its last axes to be \(shape)")
    }
    for (slot, what) in [(1, "weight"), (2, "bias")] {
      if let tensor = call.optional(slot), tensor.shape != shape {
        throw TensorError.value("layer_norm: \(what) has shape \(tensor.shape), expected \(shape)")
      }
    }
    let axes = Array((x.rank - shape.count)..<x.rank)
    let normal = try Standardize.apply(x, axes, eps)
    return try Standardize.scaled(normal, call.optional(1), call.optional(2))
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
    if x.count == 0 { return try x.cloned() }
    let grouped = try x.reshaped(to: [x.shape[0], groups, x.count / (x.shape[0] * groups)])
    let normal = try Standardize.apply(grouped, [2], eps).reshaped(to: x.shape)
    var column = Dimensions(repeating: 1, count: x.rank)
    column[1] = channels
    let (weight, bias) = (call.optional(1), call.optional(2))
    return try Standardize.scaled(normal, weight?.reshaped(to: column), bias?.reshaped(to: column))
  }
}

private enum Standardize {
  static func apply(_ x: Tensor, _ axes: [Int], _ eps: Double) throws -> Tensor {
    let centered = try x - x.mean(axes, keepsAxes: true)
    let variance = try centered.square().mean(axes, keepsAxes: true)
    return try centered * SwiftConv.apply(ReciprocalSquareRoot.self, [variance + eps])
  }

  static func scaled(_ normal: Tensor, _ weight: Tensor?, _ bias: Tensor?) throws -> Tensor {
    let scaled = try weight.map { try normal * $0 } ?? normal
    return try bias.map { try scaled + $0 } ?? scaled
  }
}
