import SwiftConvKernels

// Losses as formulas of operators. All take a reduction: 0 for one loss per element, 1 for the mean, 2 for the sum.

private enum Loss {
  static func reduced(_ losses: Tensor, _ reduction: Int, for name: String) throws -> Tensor {
    switch reduction {
    case 0: return losses
    case 1: return try losses.mean()
    case 2: return try losses.sum()
    default: throw TensorError.value("\(name): there is no reduction \(reduction)")
    }
  }

  static func checkShapes(_ input: Tensor, _ target: Tensor, for name: String) throws {
    guard input.shape == target.shape else {
      throw TensorError.value(
        "\(name): input has shape \(input.shape) and target \(target.shape), expected the same; "
          + "use reshape, since broadcasting here is nearly always a mistake")
    }
    try Reduce.requireReal(input, name)
  }
}

/// `(input - target) ** 2`.
///
/// - Attributes: integer: the reduction.
enum MeanSquaredError: CompositeOperator {
  static let name = "mse_loss"
  static let title: String? = "MseLossBackward0"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (input, target) = (try call[0], try call[1])
    try Loss.checkShapes(input, target, for: name)
    return try Loss.reduced((input - target).square(), reader.int(), for: name)
  }
}

/// `|input - target|`.
///
/// - Attributes: integer: the reduction.
enum MeanAbsoluteError: CompositeOperator {
  static let name = "l1_loss"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (input, target) = (try call[0], try call[1])
    try Loss.checkShapes(input, target, for: name)
    return try Loss.reduced(apply(Absolute.self, [input - target]), reader.int(), for: name)
  }
}

/// The cross-entropy of probabilities `sigmoid(input)` with targets between 0 and 1:
/// `weight * (max(x, 0) - x * t + log(1 + exp(-|x|)))`, or with a weight for positives.
///
/// - Inputs: input, target, weight or nothing, weight of positives or nothing.
/// - Attributes: integer: the reduction.
enum BinaryCrossEntropyWithLogits: CompositeOperator {
  static let name = "binary_cross_entropy_with_logits"
  static let arity = 4

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (x, target) = (try call[0], try call[1])
    try Loss.checkShapes(x, target, for: name)
    // log(1 + exp(-x)), which neither overflows nor loses small values.
    let softplus = Attributes(numbers: [1, .infinity])
    let negativePart = try apply(Softplus.self, [-apply(Absolute.self, [x])], softplus) + apply(Relu.self, [-x])
    var losses: Tensor
    if let positive = call.optional(3) {
      losses = try (1 - target) * x + (1 + (positive - 1) * target) * negativePart
    } else {
      losses = try (1 - target) * x + negativePart
    }
    if let weight = call.optional(2) { losses = try losses * weight }
    return try Loss.reduced(losses, reader.int(), for: name)
  }
}

/// Minus the log-probability of the right class, per sample.
///
/// - Inputs: log-probabilities `(N, C)` or `(N, C, ...)`, classes `(N,)` or `(N, ...)` as integers, weights `(C,)` or
///   nothing.
/// - Attributes: integers: the class to ignore, the reduction.
enum NegativeLogLikelihood: CompositeOperator {
  static let name = "nll_loss"
  static let title: String? = "NllLossBackward0"
  static let arity = 3

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (ignored, reduction) = (try reader.int(), try reader.int())
    return try loss(call[0], call[1], weight: call.optional(2), ignored, reduction, smoothing: 0, for: name)
  }

  /// The classes as a valid index, and 1 where a class counts.
  static func checkClasses(
    _ input: Tensor, _ target: Tensor, _ ignored: Int, for name: String
  ) throws -> (index: Tensor, counts: Tensor) {
    guard input.rank >= 1 else { throw TensorError.value("\(name): input has no axes, expected (N, C)") }
    var expected = input.shape
    expected.remove(at: input.rank == 1 ? 0 : 1)
    guard target.shape == expected else {
      throw TensorError.value(
        "\(name): target has shape \(target.shape), expected \(expected) for input \(input.shape): one class per sample"
          + (Array(target.shape) == Array(expected) + [1] ? "; use target.squeeze(\(expected.count))" : ""))
    }
    guard !target.dtype.isFloatingPoint, target.dtype != .bool else {
      throw TensorError.type(
        "\(name): target has dtype \(target.dtype.name), expected integer classes; use target.long()")
    }
    let classes = input.shape[input.rank == 1 ? 0 : 1]
    return try withoutGradients {
      let index = try target.cast(to: .int64)
      let isCounted = try apply(NotEqual.self, [index, .number(ignored)])
      let safe = try index.selected(where: isCounted, else: .number(0))
      if safe.count > 0 {
        let (low, high) = (try apply(MinimumReduction.self, [safe], Reduce.attributes([], false)), try safe.amax())
        guard try low.integerItem() >= 0, try high.integerItem() < classes else {
          throw TensorError.index(
            "\(name): target has classes from \(try low.integerItem()) to \(try high.integerItem()), but input "
              + "\(input.shape) has \(classes) classes, 0 to \(classes - 1)")
        }
      }
      return (safe, try isCounted.cast(to: input.dtype))
    }
  }

  static func loss(
    _ input: Tensor, _ target: Tensor, weight: Tensor?, _ ignored: Int, _ reduction: Int, smoothing: Double,
    for name: String
  ) throws -> Tensor {
    try Reduce.requireReal(input, name)
    let (index, counts) = try checkClasses(input, target, ignored, for: name)
    let axis = input.rank == 1 ? 0 : 1
    let classes = input.shape[axis]
    if let weight, weight.shape != [classes] {
      throw TensorError.value("\(name): weight has shape \(weight.shape), expected (\(classes),), one per class")
    }
    var column = index.shape
    column.insert(1, at: axis)
    let chosen = try apply(
      Gather.self, [input, index.reshaped(to: column)], Attributes(integers: [axis])
    ).reshaped(to: index.shape)
    var scale = counts
    var indexed = Attributes()
    indexed.append([0])
    if let weight { scale = try counts * apply(GatherIndex.self, [weight, index], indexed) }
    var losses = try -(chosen * scale)
    if smoothing > 0 {
      // Every class gets an equal part of the smoothing, in its own weight.
      var wide = Dimensions(repeating: 1, count: input.rank)
      wide[axis] = classes
      let weighted = try weight.map { try input * $0.reshaped(to: wide) } ?? input
      let uniform = try -(weighted.sum([axis]) * counts) * (smoothing / Double(max(classes, 1)))
      losses = try losses * (1 - smoothing) + uniform
    }
    guard reduction == 1 else { return try Loss.reduced(losses, reduction, for: name) }
    return try losses.sum() / scale.sum()
  }
}

/// `nll_loss` of `log_softmax`, from scores: the loss of classification.
///
/// - Inputs: scores `(N, C)` or `(N, C, ...)`, classes `(N,)` or `(N, ...)` as integers or probabilities of the scores'
///   shape, weights `(C,)` or nothing.
/// - Attributes: integers: the class to ignore, the reduction; number: the label smoothing.
enum CrossEntropy: CompositeOperator {
  static let name = "cross_entropy"
  static let title: String? = "NllLossBackward0"
  static let arity = 3

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (ignored, reduction, smoothing) = (try reader.int(), try reader.int(), try reader.double())
    guard smoothing >= 0, smoothing <= 1 else {
      throw TensorError.value("cross_entropy: label_smoothing is \(smoothing), must be between 0 and 1")
    }
    let (scores, target, weight) = (try call[0], try call[1], call.optional(2))
    guard scores.rank >= 1 else { throw TensorError.value("cross_entropy: input has no axes, expected (N, C)") }
    try Reduce.requireReal(scores, name)
    if weight == nil, smoothing == 0,
      ClassCrossEntropy.fits(scores, target, ignored: ignored, reduction: reduction)
    {
      return try apply(ClassCrossEntropy.self, [scores, target], Attributes(integers: [ignored, reduction]))
    }
    let axis = scores.rank == 1 ? 0 : 1
    let logarithms = try apply(LogSoftmax.self, [scores], Attributes(integers: [axis]))
    guard target.dtype.isFloatingPoint, target.shape == scores.shape else {
      return try NegativeLogLikelihood.loss(
        logarithms, target, weight: weight, ignored, reduction, smoothing: smoothing, for: name)
    }
    let classes = Double(max(scores.shape[axis], 1))
    var probabilities = target
    if smoothing > 0 { probabilities = try target * (1 - smoothing) + smoothing / classes }
    if let weight {
      var wide = Dimensions(repeating: 1, count: scores.rank)
      wide[axis] = scores.shape[axis]
      probabilities = try probabilities * weight.reshaped(to: wide)
    }
    let losses = try -(logarithms * probabilities).sum([axis])
    guard reduction == 1 else { return try Loss.reduced(losses, reduction, for: name) }
    // The mean is over samples, also when each has several positions.
    return try losses.sum() / Double(max(losses.count, 1))
  }
}
