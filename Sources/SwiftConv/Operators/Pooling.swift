import SwiftConvKernels

/// The windows of a pooling over one to three spatial axes.
///
/// - Attributes of regular windows: lists: kernel size, stride, padding, dilation; integer: 1 to round the number of
///   windows up.
/// - Attributes of adaptive windows: list: the output sizes.
private enum PoolingPlan {
  static func regular(_ reader: inout AttributeReader, _ shape: Dimensions, for name: String) throws -> PoolingGeometry
  {
    let lists = [try reader.ints(), try reader.ints(), try reader.ints(), try reader.ints()]
    let roundsUp = try reader.bool()
    let rank = lists[0].count
    try checkRank(shape, rank, for: name)
    let names = [("kernel_size", 1), ("stride", 1), ("padding", 0), ("dilation", 1)]
    for ((what, least), values) in zip(names, lists) {
      guard values.count == rank, values.allSatisfy({ $0 >= least }) else {
        throw TensorError.value("\(name): \(what) is \(values), expected \(rank) numbers of at least \(least)")
      }
    }
    let (kernel, stride, padding, dilation) = (lists[0], lists[1], lists[2], lists[3])
    let axes = try (0..<rank).map { axis in
      let (reach, overflows) = (kernel[axis] - 1).multipliedReportingOverflow(by: dilation[axis])
      guard overflows || padding[axis] <= reach / 2 + (reach & 1) else {
        throw TensorError.value(
          "\(name): padding \(padding[axis]) must be at most half of the kernel size \(kernel[axis])")
      }
      guard
        let windows = PoolingAxis(
          input: shape[shape.count - rank + axis], kernel: kernel[axis], stride: stride[axis], padding: padding[axis],
          dilation: dilation[axis], roundsUp: roundsUp)
      else {
        throw TensorError.value(
          "\(name): the window is larger than the input: x \(shape), kernel_size \(kernel), padding \(padding), "
            + "dilation \(dilation); use a smaller kernel_size or more padding")
      }
      guard !windows.hasEmptyWindow else {
        throw TensorError.value(
          "\(name): a window lies in the padding alone: x \(shape), kernel_size \(kernel), padding \(padding), "
            + "dilation \(dilation)")
      }
      return windows
    }
    return geometry(shape, axes)
  }

  static func adaptive(_ reader: inout AttributeReader, _ shape: Dimensions, for name: String) throws -> PoolingGeometry
  {
    let sizes = try reader.ints()
    try checkRank(shape, sizes.count, for: name)
    let axes = try sizes.enumerated().map { axis, size in
      let input = shape[shape.count - sizes.count + axis]
      // -1 keeps the input's size.
      let output = size == -1 ? input : size
      guard output >= 0, input > 0 || output == 0, output < Int.max >> 32,
        !input.multipliedReportingOverflow(by: output + 1).overflow
      else {
        throw TensorError.value("\(name): cannot pool x \(shape) to output_size \(sizes)")
      }
      return PoolingAxis(adaptiveInput: input, output: output)
    }
    return geometry(shape, axes)
  }

  private static func checkRank(_ shape: Dimensions, _ rank: Int, for name: String) throws {
    guard (1...3).contains(rank), shape.count == rank + 2 || shape.count == rank + 1 else {
      throw TensorError.value(
        "\(name): x has rank \(shape.count) \(shape), expected \(rank + 2): (N, C, and \(rank) spatial axes), or "
          + "\(rank + 1) without N")
    }
  }

  private static func geometry(_ shape: Dimensions, _ axes: [PoolingAxis]) -> PoolingGeometry {
    let single = PoolingAxis(adaptiveInput: 1, output: 1)
    let all = [PoolingAxis](repeating: single, count: 3 - axes.count) + axes
    let hasBatch = shape.count == axes.count + 2
    return PoolingGeometry(
      images: hasBatch ? shape[0] : 1, channels: shape[hasBatch ? 1 : 0], depth: all[0], height: all[1], width: all[2])
  }

  static func outputShape(_ geometry: PoolingGeometry, like shape: Dimensions, rank: Int) -> Dimensions {
    let sizes = [geometry.depth.outputSize, geometry.height.outputSize, geometry.width.outputSize]
    return Dimensions(Array(shape).prefix(shape.count - rank) + sizes.suffix(rank))
  }

  /// The input as `(N, C, D, H, W)`.
  static func source(_ x: Tensor, rank: Int) -> Source {
    var strides = x.strides
    if x.rank == rank + 1 { strides.insert(0, at: 0) }
    while strides.count < 5 { strides.insert(0, at: 2) }
    return Source(pointer: UnsafeRawPointer(x.pointer), strides: strides, dtype: x.dtype)
  }
}

private enum MaximumPooling {
  /// Without positions, which take more time than the largest elements, when nobody needs them.
  static func forward(
    _ call: inout OperatorCall, _ geometry: PoolingGeometry, rank: Int, returnsPositions: Bool
  ) throws -> Tensor {
    let x = try call[0]
    try Reduce.requireReal(x, call.name)
    let shape = PoolingPlan.outputShape(geometry, like: x.shape, rank: rank)
    let y = try Tensor.empty(shape, x.dtype)
    let indices = returnsPositions || call.isRecording ? try Tensor.empty(shape, .int64) : nil
    if y.count > 0 {
      let (xSource, yTarget, indicesTarget) = (PoolingPlan.source(x, rank: rank), y.target, indices?.target)
      compute(work: x.count) {
        Pooling.maximum(
          geometry, x: xSource, y: yTarget.pointer,
          indices: indicesTarget?.pointer.assumingMemoryBound(to: Int64.self))
      }
    }
    if let indices {
      call.save(indices)
      if returnsPositions { call.auxiliary = [indices] }
    }
    return y
  }

  static func gradients(_ gradient: Tensor, _ node: Node, rank: Int) throws -> [Tensor?] {
    var attributes = Attributes()
    attributes.append(node.inputShape(0))
    attributes.append(rank)
    return [try apply(PlaceMaxima.self, [gradient, node.saved(0)], attributes)]
  }
}

/// The largest element of every window, and its position in its plane.
///
/// - Inputs: x `(N, C, *spatial)`.
/// - Attributes: lists: kernel size, stride, padding, dilation; integers: 1 to round the number of windows up, 1 to return
///   the positions as well.
enum MaxPool: Operator {
  static let name = "max_pool"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let geometry = try PoolingPlan.regular(&reader, try call[0].shape, for: name)
    let returnsPositions = try reader.bool()
    return try MaximumPooling.forward(
      &call, geometry, rank: call.attributes.integers[0], returnsPositions: returnsPositions)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    try MaximumPooling.gradients(gradient, node, rank: node.attributes.integers[0])
  }
}

/// The largest element of every part, when the input is cut into a given number of parts.
///
/// - Attributes: list: the output sizes; -1 keeps a size.
enum AdaptiveMaxPool: Operator {
  static let name = "adaptive_max_pool"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let geometry = try PoolingPlan.adaptive(&reader, try call[0].shape, for: name)
    return try MaximumPooling.forward(&call, geometry, rank: call.attributes.integers[0], returnsPositions: true)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    try MaximumPooling.gradients(gradient, node, rank: node.attributes.integers[0])
  }
}

/// Gradients at the positions of the largest elements, among zeros: the gradient of max pooling.
///
/// - Inputs: the gradient, the positions.
/// - Attributes: list: the input's shape; integer: how many axes are spatial.
enum PlaceMaxima: Operator {
  static let name = "place_maxima"
  static let arity = 2
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (shape, rank) = (try reader.dimensions(), try reader.int())
    let (given, indices) = (try call[0], try call[1])
    let pixels = try PlaceMaxima.check(given.shape, indices, input: shape, output: given.shape, rank, for: name)
    let dy = try withoutGradients { try given.contiguous() }
    let dx = try call.result(shape, given.dtype)
    let (dyTarget, indicesTarget, dxTarget) = (dy.target, indices.target, dx.target)
    let dxDtype = dx.dtype
    let isInside = compute(work: dx.count) {
      Pooling.scatter(
        planes: pixels.planes, inputPixels: pixels.input, outputPixels: pixels.output,
        dy: UnsafeRawPointer(dyTarget.pointer),
        indices: UnsafePointer(indicesTarget.pointer.assumingMemoryBound(to: Int64.self)), dx: dxTarget.pointer,
        dtype: dxDtype)
    }
    guard isInside else { throw outside(name, pixels.input) }
    call.save(indices)
    return dx
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    [
      try apply(
        TakeMaxima.self, [gradient, node.saved(0)], Attributes(integers: [node.attributes.integers.last ?? 0])), nil,
    ]
  }

  /// Nothing but the operators themselves makes positions, but they can be called with any.
  static func outside(_ name: String, _ pixels: Int) -> TensorError {
    TensorError.index("\(name): a position is outside of its plane of \(pixels) elements")
  }

  /// Checks that positions fit the planes they are for. Whether each lies inside is seen on the way.
  static func check(
    _ shape: Dimensions, _ indices: Tensor, input: Dimensions, output: Dimensions, _ rank: Int, for name: String
  ) throws -> (planes: Int, input: Int, output: Int) {
    guard indices.dtype == .int64, indices.isContiguous, indices.shape == output, rank >= 1, rank < input.count,
      input.count == output.count, (0..<(input.count - rank)).allSatisfy({ input[$0] == output[$0] })
    else {
      throw TensorError.value("\(name): positions \(indices.shape) do not fit \(input) pooled to \(output)")
    }
    var (inputPixels, outputPixels) = (1, 1)
    for axis in (input.count - rank)..<input.count {
      inputPixels &*= input[axis]
      outputPixels &*= output[axis]
    }
    return (outputPixels == 0 ? 0 : indices.count / outputPixels, inputPixels, outputPixels)
  }
}

/// The elements at given positions of their planes: the reverse direction of `place_maxima`.
///
/// - Inputs: x, the positions.
/// - Attributes: integer: how many axes are spatial.
enum TakeMaxima: Operator {
  static let name = "take_maxima"
  static let arity = 2
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let rank = try reader.int()
    let (given, indices) = (try call[0], try call[1])
    let pixels = try PlaceMaxima.check(given.shape, indices, input: given.shape, output: indices.shape, rank, for: name)
    let x = try withoutGradients { try given.contiguous() }
    let y = try call.result(indices.shape, given.dtype)
    let (xTarget, indicesTarget, yTarget) = (x.target, indices.target, y.target)
    let yDtype = y.dtype
    let isInside = compute(work: y.count) {
      Pooling.gather(
        planes: pixels.planes, inputPixels: pixels.input, outputPixels: pixels.output,
        x: UnsafeRawPointer(xTarget.pointer),
        indices: UnsafePointer(indicesTarget.pointer.assumingMemoryBound(to: Int64.self)), y: yTarget.pointer,
        dtype: yDtype)
    }
    guard isInside else { throw PlaceMaxima.outside(name, pixels.input) }
    call.save(indices)
    return y
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    var attributes = Attributes()
    attributes.append(node.inputShape(0))
    attributes.append(node.attributes.integers[0])
    return [try apply(PlaceMaxima.self, [gradient, node.saved(0)], attributes), nil]
  }
}

/// How the mean of a window is taken, and its reverse direction.
private enum MeanPooling {
  static func forward(
    _ call: inout OperatorCall, _ geometry: PoolingGeometry, rank: Int, countsPadding: Bool, divisor: Int
  ) throws -> Tensor {
    let x = try call[0]
    try Reduce.requireReal(x, call.name)
    let y = try call.result(PoolingPlan.outputShape(geometry, like: x.shape, rank: rank), x.dtype)
    if y.count > 0 {
      let (xSource, yTarget) = (PoolingPlan.source(x, rank: rank), y.target)
      compute(work: x.count) {
        Pooling.mean(
          geometry, x: xSource, y: yTarget.pointer, countsPadding: countsPadding, divisor: divisor)
      }
    }
    return y
  }
}

/// The mean of every window.
///
/// - Inputs: x `(N, C, *spatial)`.
/// - Attributes: lists: kernel size, stride, padding, dilation (ones); integers: 1 to round the number of windows up, 1
///   when padding counts as zeros, a divisor or 0.
enum AvgPool: Operator {
  static let name = "avg_pool"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let geometry = try PoolingPlan.regular(&reader, try call[0].shape, for: name)
    let (countsPadding, divisor) = (try reader.bool(), try reader.int())
    guard geometry.depth.step == 1, geometry.height.step == 1, geometry.width.step == 1 else {
      throw TensorError.value("avg_pool: dilation must be 1")
    }
    return try MeanPooling.forward(
      &call, geometry, rank: call.attributes.integers[0], countsPadding: countsPadding, divisor: divisor)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    [try SpreadMean.spread(gradient, node, isAdaptive: false)]
  }
}

/// The mean of every part, when the input is cut into a given number of parts.
///
/// - Attributes: list: the output sizes; -1 keeps a size.
enum AdaptiveAvgPool: Operator {
  static let name = "adaptive_avg_pool"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let geometry = try PoolingPlan.adaptive(&reader, try call[0].shape, for: name)
    return try MeanPooling.forward(
      &call, geometry, rank: call.attributes.integers[0], countsPadding: false, divisor: 0)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    [try SpreadMean.spread(gradient, node, isAdaptive: true)]
  }
}

/// Every element spread evenly over its window: the gradient of mean pooling.
///
/// - Attributes: list: the input's shape; integer: 1 for adaptive windows; then those of the pooling.
enum SpreadMean: Operator {
  static let name = "spread_mean"
  static let savesInputs = false

  static func spread(_ gradient: Tensor, _ node: Node, isAdaptive: Bool) throws -> Tensor {
    var attributes = Attributes()
    attributes.append(node.inputShape(0))
    attributes.append(isAdaptive)
    attributes.integers += node.attributes.integers
    return try apply(SpreadMean.self, [gradient], attributes)
  }

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (shape, isAdaptive) = (try reader.dimensions(), try reader.bool())
    let rank = call.attributes.integers.count > shape.count + 2 ? call.attributes.integers[shape.count + 2] : 0
    let geometry =
      isAdaptive
      ? try PoolingPlan.adaptive(&reader, shape, for: name) : try PoolingPlan.regular(&reader, shape, for: name)
    let (countsPadding, divisor) = isAdaptive ? (false, 0) : (try reader.bool(), try reader.int())
    let given = try call[0]
    guard given.shape == PoolingPlan.outputShape(geometry, like: shape, rank: rank) else {
      throw TensorError.value("spread_mean: a gradient of shape \(given.shape) does not fit x \(shape)")
    }
    let dy = try withoutGradients { try given.contiguous() }
    let dx = try call.result(shape, given.dtype)
    if dx.count > 0 {
      let (dyTarget, dxTarget, dxDtype) = (dy.target, dx.target, dx.dtype)
      compute(work: dx.count) {
        Pooling.spread(
          geometry, dy: UnsafeRawPointer(dyTarget.pointer), dx: dxTarget.pointer, dtype: dxDtype,
          countsPadding: countsPadding,
          divisor: divisor)
      }
    }
    return dx
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let integers = node.attributes.integers
    let isAdaptive = integers[integers[0] + 1] != 0
    let attributes = Attributes(integers: Array(integers.dropFirst(integers[0] + 2)))
    return [try apply(isAdaptive ? AdaptiveAvgPool.self : AvgPool.self, [gradient], attributes)]
  }
}
