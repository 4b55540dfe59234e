import SwiftConvKernels

// Convolution is linear in the input and in the weight, so its derivatives are again convolutions: forward, input gradient
// and weight gradient are one closed family. Each takes its geometry from the same arguments.

/// Cross-correlation of images with kernels, the convolution of neural networks.
///
/// `y[n, o, p] = bias[o] + sum over c, k of x[n, c, p * stride + k * dilation - padding] * weight[o, c, k]`
///
/// - Inputs: x `(N, C, *spatial)`, weight `(O, C / groups, *kernel)`, bias `(O,)` or nothing.
/// - Attributes: `ConvolutionArguments`.
/// - Complexity: `2 * N * O * C / groups * kernel * output pixels` operations.
/// - Source: Dumoulin, Visin, "A guide to convolution arithmetic for deep learning" (2016), arXiv:1603.07285
enum ConvolutionForward: Operator {
  static let name = "convolution"
  static let arity = 3

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (x, weight, bias) = (try call[0], try call[1], call.optional(2))
    let planned = try PlannedConvolution.of(call.attributes, x, weight, bias)
    let geometry = planned.geometry
    let y = try call.result(planned.y, x.dtype)
    let (xSource, weightSource, biasSource) = (x.convolutionSource, weight.convolutionSource, bias?.source)
    let yTarget = y.convolutionTarget
    let isDone = compute(work: geometry.work) {
      Convolution.forward(
        geometry, x: xSource, w: weightSource, bias: biasSource, y: yTarget, algorithm: ConvolutionMode.algorithm)
    }
    guard isDone else { throw TensorError.memory(planned.arguments.operatorName, shape: y.shape, dtype: y.dtype) }
    call.save(x)
    call.save(weight)
    if call.isRecording { call.payload = planned }
    return y
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let (x, weight) = (try node.saved(0), try node.saved(1))
    let planned = (node.payload as? PlannedConvolution).flatMap { $0.fits(x, weight) ? $0 : nil }
    var results: [Tensor?] = [nil, nil, nil]
    if node.needsGradient(0) {
      results[0] = try ConvolutionFamily.inputGradient(
        gradient, weight, node.attributes, like: x.shape, planned: planned)
    }
    if node.needsGradient(1) {
      results[1] = try ConvolutionFamily.weightGradient(
        x, gradient, node.attributes, like: weight.shape, planned: planned)
    }
    if node.needsGradient(2) {
      results[2] = try gradient.sum([0] + (2..<gradient.rank))
    }
    return results
  }
}

/// What is known of a convolution of two shapes once its arguments are checked. It is kept for the gradients of a recorded
/// call, and with the weight for the next call.
final class PlannedConvolution {
  let arguments: ConvolutionArguments
  let geometry: ConvolutionGeometry
  /// The shape of the result.
  let y: Dimensions
  private let attributes: [Int]
  private let x, weight: Dimensions

  private init(_ attributes: Attributes, _ x: Tensor, _ weight: Tensor, _ bias: Tensor?) throws {
    var reader = AttributeReader(attributes, for: ConvolutionForward.name)
    arguments = try ConvolutionArguments(&reader)
    try arguments.check(x: x, weight: weight, bias: bias)
    try arguments.checkChannels(x: x, weight: weight, bias: bias)
    geometry = try arguments.geometry(x: x.shape, weight: weight.shape)
    y = geometry.outputShape(spatialRank: arguments.spatialRank)
    self.attributes = attributes.integers
    (self.x, self.weight) = (x.shape, weight.shape)
  }

  /// The plan that the weight has from an earlier call, if it is for the same shapes and arguments, or a new one.
  ///
  /// - Throws: `TensorError` for arguments that do not go together, with or without an earlier plan.
  static func of(
    _ attributes: Attributes, _ x: Tensor, _ weight: Tensor, _ bias: Tensor?
  ) throws -> PlannedConvolution {
    if let kept = weight.plannedConvolution, kept.fits(x, weight), kept.attributes == attributes.integers {
      try kept.arguments.checkTypes(x, weight, bias, kept.arguments.operatorName)
      try kept.arguments.check(bias: bias, of: weight)
      return kept
    }
    let planned = try PlannedConvolution(attributes, x, weight, bias)
    weight.plannedConvolution = planned
    return planned
  }

  /// Whether the tensors still have the shapes that they had; `data` may be replaced.
  func fits(_ x: Tensor, _ weight: Tensor) -> Bool { x.shape == self.x && weight.shape == self.weight }
}

private enum ConvolutionFamily {
  static func forward(_ x: Tensor, _ weight: Tensor, _ attributes: Attributes) throws -> Tensor {
    try apply(ConvolutionForward.self, [x, weight, nil], attributes)
  }

  static func inputGradient(
    _ dy: Tensor, _ weight: Tensor, _ attributes: Attributes, like shape: Dimensions,
    planned: PlannedConvolution? = nil
  ) throws -> Tensor {
    guard GradientMode.isEnabled else {
      if let planned {
        return try ConvolutionInputGradient.compute(planned.arguments, shape, dy, weight, planned: planned)
      }
      var reader = AttributeReader(attributes, for: ConvolutionInputGradient.name)
      return try ConvolutionInputGradient.compute(ConvolutionArguments(&reader), shape, dy, weight)
    }
    var attributes = attributes
    attributes.append(shape)
    return try apply(ConvolutionInputGradient.self, [dy, weight], attributes)
  }

  static func weightGradient(
    _ x: Tensor, _ dy: Tensor, _ attributes: Attributes, like shape: Dimensions,
    planned: PlannedConvolution? = nil
  ) throws -> Tensor {
    guard GradientMode.isEnabled else {
      if let planned {
        return try ConvolutionWeightGradient.compute(planned.arguments, shape, x, dy, planned: planned)
      }
      var reader = AttributeReader(attributes, for: ConvolutionWeightGradient.name)
      return try ConvolutionWeightGradient.compute(ConvolutionArguments(&reader), shape, x, dy)
    }
    var attributes = attributes
    attributes.append(shape)
    return try apply(ConvolutionWeightGradient.self, [x, dy], attributes)
  }

  /// The arguments of a gradient operator: those of the convolution, and the shape of what it differentiates by.
  static func parts(_ reader: AttributeReader) throws -> (ConvolutionArguments, Dimensions) {
    var reader = reader
    let arguments = try ConvolutionArguments(&reader)
    let shape = try reader.dimensions()
    guard shape.count == arguments.spatialRank + 2 else {
      throw TensorError.value(
        "\(arguments.operatorName): shape \(shape) does not have \(arguments.spatialRank + 2) axes")
    }
    for size in shape where size < 0 {
      throw TensorError.value("\(arguments.operatorName): shape \(shape) has a negative size")
    }
    return (arguments, shape)
  }

  /// Checks that a result's gradient has the result's shape.
  static func check(_ dy: Tensor, _ expected: Dimensions, _ arguments: ConvolutionArguments) throws {
    guard dy.shape == expected else {
      throw TensorError.value(
        "\(arguments.operatorName): the result's gradient has shape \(dy.shape), expected \(expected)")
    }
  }
}

/// The gradient of a convolution's input, which is also the transposed convolution.
///
/// - Inputs: the result's gradient, weight.
/// - Attributes: `ConvolutionArguments`; list: the input's shape.
enum ConvolutionInputGradient: Operator {
  static let name = "convolution_input_gradient"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (arguments, shape) = try ConvolutionFamily.parts(call.reader)
    let (dy, weight) = (try call[0], try call[1])
    let dx = try compute(arguments, shape, dy, weight, into: call.destination)
    call.save(dy)
    call.save(weight)
    return dx
  }

  static func compute(
    _ arguments: ConvolutionArguments, _ shape: Dimensions, _ dy: Tensor, _ weight: Tensor, into target: Tensor? = nil,
    planned: PlannedConvolution? = nil
  ) throws -> Tensor {
    try arguments.check(x: dy, weight: weight, bias: nil)
    let geometry = try planned?.geometry ?? arguments.geometry(x: shape, weight: weight.shape)
    try ConvolutionFamily.check(dy, planned?.y ?? geometry.outputShape(spatialRank: arguments.spatialRank), arguments)
    // A plan is one of shapes that go together.
    guard
      planned != nil
        || shape[1] % arguments.groups == 0 && weight.shape[1] == shape[1] / arguments.groups
          && weight.shape[0] % arguments.groups == 0
    else {
      throw TensorError.value(
        "\(arguments.operatorName): input shape \(shape) and weight \(weight.shape) do not fit \(arguments.groups) groups"
      )
    }
    let dx = try Tensor.result(shape, dy.dtype, in: target, for: arguments.operatorName)
    let (dySource, weightSource, dxTarget) = (dy.convolutionSource, weight.convolutionSource, dx.convolutionTarget)
    let isDone = SwiftConv.compute(work: geometry.work) {
      Convolution.inputGradient(
        geometry, dy: dySource, w: weightSource, dx: dxTarget, algorithm: ConvolutionMode.algorithm)
    }
    guard isDone else { throw TensorError.memory(arguments.operatorName, shape: shape, dtype: dy.dtype) }
    return dx
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let (arguments, _) = try ConvolutionFamily.parts(node.reader)
    let (dy, weight) = (try node.saved(0), try node.saved(1))
    return [
      node.needsGradient(0) ? try ConvolutionFamily.forward(gradient, weight, arguments.attributes) : nil,
      node.needsGradient(1)
        ? try ConvolutionFamily.weightGradient(gradient, dy, arguments.attributes, like: weight.shape) : nil,
    ]
  }
}

/// The gradient of a convolution's weight.
///
/// - Inputs: the input, the result's gradient.
/// - Attributes: `ConvolutionArguments`; list: the weight's shape.
enum ConvolutionWeightGradient: Operator {
  static let name = "convolution_weight_gradient"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (arguments, shape) = try ConvolutionFamily.parts(call.reader)
    let (x, dy) = (try call[0], try call[1])
    let dw = try compute(arguments, shape, x, dy, into: call.destination)
    call.save(x)
    call.save(dy)
    return dw
  }

  static func compute(
    _ arguments: ConvolutionArguments, _ shape: Dimensions, _ x: Tensor, _ dy: Tensor, into target: Tensor? = nil,
    planned: PlannedConvolution? = nil
  ) throws -> Tensor {
    try arguments.check(x: x, weight: dy, bias: nil)
    let geometry = try planned?.geometry ?? arguments.geometry(x: x.shape, weight: shape)
    try ConvolutionFamily.check(dy, planned?.y ?? geometry.outputShape(spatialRank: arguments.spatialRank), arguments)
    // A plan is one of shapes that go together.
    guard
      planned != nil
        || x.shape[1] % arguments.groups == 0 && shape[1] == x.shape[1] / arguments.groups
          && shape[0] % arguments.groups == 0
    else {
      throw TensorError.value(
        "\(arguments.operatorName): x \(x.shape) and weight shape \(shape) do not fit \(arguments.groups) groups")
    }
    let dw = try Tensor.result(shape, x.dtype, in: target, for: arguments.operatorName)
    let (xSource, dySource, dwTarget) = (x.convolutionSource, dy.convolutionSource, dw.convolutionTarget)
    let isDone = SwiftConv.compute(work: geometry.work) {
      Convolution.weightGradient(
        geometry, x: xSource, dy: dySource, dw: dwTarget, algorithm: ConvolutionMode.algorithm)
    }
    guard isDone else { throw TensorError.memory(arguments.operatorName, shape: shape, dtype: x.dtype) }
    return dw
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let (arguments, _) = try ConvolutionFamily.parts(node.reader)
    let (x, dy) = (try node.saved(0), try node.saved(1))
    return [
      node.needsGradient(0)
        ? try ConvolutionFamily.inputGradient(dy, gradient, arguments.attributes, like: x.shape) : nil,
      node.needsGradient(1) ? try ConvolutionFamily.forward(x, gradient, arguments.attributes) : nil,
    ]
  }
}

/// The transposed convolution: what a convolution's input gradient computes, as a layer of its own.
///
/// - Inputs: x `(N, C, *spatial)`, weight `(C, O / groups, *kernel)`, bias `(O,)` or nothing.
/// - Attributes: lists: strides, padding, output padding, dilations; integer: groups.
enum ConvolutionTransposed: Operator {
  static let name = "conv_transpose"
  static let arity = 3

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (x, weight, bias) = (try call[0], try call[1], call.optional(2))
    let (arguments, shape) = try plan(call.reader, x.shape, weight.shape)
    let name = "conv_transpose\(arguments.spatialRank)d"
    try arguments.check(x: x, weight: weight, bias: bias, name: name)
    guard x.shape[1] == weight.shape[0], x.shape[1] % arguments.groups == 0 else {
      throw TensorError.value(
        "\(name): x has \(x.shape[1]) channels but weight expects \(weight.shape[0]) (x \(x.shape), weight "
          + "\(weight.shape)), in \(arguments.groups) groups; weight.shape[0] must be x.shape[1]")
    }
    if let bias, bias.shape != [shape[1]] {
      throw TensorError.value("\(name): bias has shape \(bias.shape), expected (\(shape[1]),)")
    }
    let y = try withoutGradients {
      try ConvolutionFamily.inputGradient(x, weight, arguments.attributes, like: shape)
    }
    if let bias {
      var column = Dimensions(repeating: 1, count: shape.count)
      column[1] = shape[1]
      try withoutGradients { try applyInPlace(Add.self, [y, bias.reshaped(to: column)]) }
    }
    call.save(x)
    call.save(weight)
    return y
  }

  /// The convolution of which this is the input gradient, and the shape of the result.
  private static func plan(
    _ reader: AttributeReader, _ x: Dimensions, _ weight: Dimensions
  ) throws -> (ConvolutionArguments, Dimensions) {
    var reader = reader
    let (strides, padding) = (try reader.ints(), try reader.ints())
    let (outputPadding, dilations, groups) = (try reader.ints(), try reader.ints(), try reader.int())
    var attributes = Attributes()
    for list in [strides, padding, padding, dilations] { attributes.append(list) }
    attributes.append(groups)
    var inner = AttributeReader(attributes, for: name)
    let arguments = try ConvolutionArguments(&inner)
    let (rank, title) = (arguments.spatialRank, "conv_transpose\(arguments.spatialRank)d")
    guard x.count == rank + 2, weight.count == rank + 2, outputPadding.count == rank else {
      throw TensorError.value(
        "\(title): x \(x) and weight \(weight) need \(rank + 2) axes, and output_padding \(rank) numbers")
    }
    var shape: Dimensions = [x[0], weight[1] &* groups]
    for axis in 0..<rank {
      let (extra, stride, dilation) = (outputPadding[axis], strides[axis], dilations[axis])
      guard extra >= 0, extra < max(stride, dilation) else {
        throw TensorError.value(
          "\(title): output_padding \(extra) must be at least 0 and smaller than stride \(stride) or dilation \(dilation)"
        )
      }
      let (reach, overflow1) = (weight[axis + 2] - 1).multipliedReportingOverflow(by: dilation)
      let (span, overflow2) = (x[axis + 2] - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflow3) = reach.addingReportingOverflow(span)
      let size = sum &- 2 &* padding[axis] &+ extra &+ 1
      guard !overflow1, !overflow2, !overflow3, padding[axis] < Int.max / 4, size > 0 else {
        throw TensorError.value(
          "\(title): the result would have size \(size) along axis \(axis + 2) (x \(x), weight \(weight))")
      }
      shape.append(size)
    }
    return (arguments, shape)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let (x, weight) = (try node.saved(0), try node.saved(1))
    let (arguments, _) = try plan(node.reader, x.shape, weight.shape)
    var results: [Tensor?] = [nil, nil, nil]
    if node.needsGradient(0) { results[0] = try ConvolutionFamily.forward(gradient, weight, arguments.attributes) }
    if node.needsGradient(1) {
      results[1] = try ConvolutionFamily.weightGradient(gradient, x, arguments.attributes, like: weight.shape)
    }
    if node.needsGradient(2) { results[2] = try gradient.sum([0] + (2..<gradient.rank)) }
    return results
  }
}

/// The chapter's cross-correlation of one image with one kernel: `Y[i, j] = sum(X[i:i+h, j:j+w] * K)`.
///
/// Integers and bools are computed exactly in int64; float32 with float64 gives float64. The image is read as it is, so no
/// converted copy of it is made.
///
/// - Inputs: X `(H, W)`, K `(h, w)`.
/// - Source: "Dive into Deep Learning", section "Convolutions for Images"
enum Correlation2D: Operator {
  static let name = "corr2d"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (x, k) = (try call[0], try call[1])
    guard x.rank == 2, k.rank == 2 else {
      let (what, tensor) = x.rank == 2 ? ("K", k) : ("X", x)
      let advice =
        tensor.rank == 3
        ? "; for a colour image take one channel, such as \(what)[:, :, 0], or use conv2d"
        : tensor.rank == 4 ? "; for batches and channels use conv2d" : ""
      throw TensorError.value(
        "corr2d: \(what) has rank \(tensor.rank) \(tensor.shape), expected 2 (height, width)\(advice)")
    }
    guard k.shape[0] > 0, k.shape[1] > 0 else {
      throw TensorError.value("corr2d: K has shape \(k.shape), a kernel needs at least one row and one column")
    }
    guard k.shape[0] <= x.shape[0], k.shape[1] <= x.shape[1] else {
      throw TensorError.value(
        "corr2d: the kernel is larger than the image (X \(x.shape), K \(k.shape)); use a smaller kernel or pad the image"
      )
    }
    let dtype = Reduce.accumulationType(Promotion.promoted(x.dtype, k.dtype))
    let shape: Dimensions = [x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1]
    let y = try call.result(shape, dtype)
    let (xSource, xShape, kSource) = (x.source, x.shape, k.source)
    let (kShape, yTarget) = (k.shape, y.target)
    let isDone = compute(work: y.count &* k.count) {
      Convolution.correlate2D(
        x: xSource, ih: xShape[0], iw: xShape[1], k: kSource, kh: kShape[0], kw: kShape[1], y: yTarget,
        algorithm: ConvolutionMode.algorithm.correlation)
    }
    guard isDone else { throw TensorError.memory(name, shape: shape, dtype: dtype) }
    call.save(x)
    call.save(k)
    return y
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let attributes = plainAttributes
    let (x, k) = (try image(node.saved(0), gradient.dtype), try image(node.saved(1), gradient.dtype))
    let dy = try image(gradient, gradient.dtype)
    var results: [Tensor?] = [nil, nil]
    if node.needsGradient(0) {
      results[0] = try ConvolutionFamily.inputGradient(dy, k, attributes, like: x.shape).reshaped(
        to: node.inputShape(0))
    }
    if node.needsGradient(1) {
      results[1] = try ConvolutionFamily.weightGradient(x, dy, attributes, like: k.shape).reshaped(
        to: node.inputShape(1))
    }
    return results
  }

  /// A picture as a batch of one with one channel.
  private static func image(_ tensor: Tensor, _ dtype: DType) throws -> Tensor {
    try tensor.cast(to: dtype).reshaped(to: [1, 1, tensor.shape[0], tensor.shape[1]])
  }

  private static var plainAttributes: Attributes {
    var attributes = Attributes()
    for list in [[1, 1], [0, 0], [0, 0], [1, 1]] { attributes.append(list) }
    attributes.append(1)
    return attributes
  }
}
