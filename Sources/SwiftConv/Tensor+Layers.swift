import SwiftConvKernels

// The layers of convolutional networks as methods, for networks written in Swift. Images are `(N, C, H, W)`.

/// A number for rows and a number for columns. A literal stands for both, as in `stride: 2`.
public struct Extent: Sendable, Hashable, ExpressibleByIntegerLiteral {
  public var rows: Int
  public var columns: Int

  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  public init(integerLiteral value: Int) { self.init(rows: value, columns: value) }

  fileprivate var list: [Int] { [rows, columns] }
}

extension Tensor {
  // MARK: Creation

  /// A tensor of independent numbers, uniform in `range`: how the weights of a network begin.
  ///
  /// - Parameters:
  ///   - shape: the sizes.
  ///   - range: the least and the greatest number.
  ///   - generator: where the numbers come from; one that can be seeded makes a training repeatable.
  /// - Throws: `TensorError` when the shape is not possible or the memory cannot be had.
  public static func random(
    _ shape: Dimensions, in range: ClosedRange<Float>, using generator: inout some RandomNumberGenerator
  ) throws -> Tensor {
    let result = try empty(shape, .float32, for: "random")
    let elements = UnsafeMutableBufferPointer(
      start: result.pointer.assumingMemoryBound(to: Float.self), count: result.count)
    for index in elements.indices { elements[index] = Float.random(in: range, using: &generator) }
    return result
  }

  /// A tensor of int64 with one axis, such as the classes of images.
  public convenience init(classes: [Int]) throws {
    let shape: Dimensions = [classes.count]
    guard let storage = Storage(byteCount: classes.count * 8) else {
      throw TensorError.memory("Tensor", shape: shape, dtype: .int64)
    }
    let target = storage.pointer?.assumingMemoryBound(to: Int64.self)
    for (index, element) in classes.enumerated() { target?[index] = Int64(element) }
    self.init(dense: storage, dtype: .int64, shape: shape, count: classes.count)
  }

  // MARK: Convolution

  /// Slides kernels over a batch of images and adds up the channels.
  ///
  /// `y[n, o, i, j] = bias[o] + sum over c, a, b of x[n, c, i * s + a * d - p, j * s + b * d - p] * weight[o, c, a, b]`
  ///
  /// - Parameters:
  ///   - weight: `(O, C / groups, kh, kw)`.
  ///   - bias: `(O,)`.
  ///   - stride: the distance `s` between two windows.
  ///   - padding: how many zeros `p` surround the image on each side.
  ///   - dilation: the distance `d` between the elements of a window.
  ///   - groups: into how many parts the channels are divided that do not see each other.
  /// - Returns: `(N, O, OH, OW)` with `OH = (H + 2p - d(kh - 1) - 1) / s + 1`.
  /// - Throws: `TensorError` when shapes or dtypes do not fit, or the window is larger than the padded image.
  /// - Complexity: `2 * N * O * OH * OW * C / groups * kh * kw` operations.
  /// - Source: Dumoulin, Visin, "A guide to convolution arithmetic for deep learning" (2016), arXiv:1603.07285
  public func conv2d(
    _ weight: Tensor, bias: Tensor? = nil, stride: Extent = 1, padding: Extent = 0, dilation: Extent = 1,
    groups: Int = 1
  ) throws -> Tensor {
    var attributes = Attributes()
    for extent in [stride, padding, padding, dilation] { attributes.append(extent.list) }
    attributes.append(groups)
    return try apply(ConvolutionForward.self, [self, weight, bias], attributes)
  }

  /// Slides a kernel over one image: `y[i, j] = sum over a, b of x[i + a, j + b] * kernel[a, b]`.
  ///
  /// - Parameter kernel: `(h, w)`.
  /// - Returns: `(H - h + 1, W - w + 1)`.
  /// - Throws: `TensorError` when there are not two axes each, or the kernel is larger than the image.
  /// - Complexity: `2 * (H - h + 1) * (W - w + 1) * h * w` operations.
  public func corr2d(_ kernel: Tensor) throws -> Tensor { try apply(Correlation2D.self, [self, kernel]) }

  // MARK: Pooling

  /// The largest element of every window.
  ///
  /// - Parameters:
  ///   - size: the window's size.
  ///   - stride: the distance between two windows; the window's size when left out.
  ///   - padding: how far windows may reach over the border; nothing there is ever the largest.
  /// - Returns: `(N, C, OH, OW)`.
  /// - Throws: `TensorError` when the window is larger than the image, or the padding than half of the window.
  /// - Complexity: `N * C * OH * OW * size` comparisons.
  public func maxPool2d(_ size: Extent, stride: Extent? = nil, padding: Extent = 0) throws -> Tensor {
    var attributes = Attributes()
    for extent in [size, stride ?? size, padding, 1] { attributes.append(extent.list) }
    attributes.append(false)
    attributes.append(false)
    return try apply(MaxPool.self, [self], attributes)
  }

  /// The mean of every window; zeros of the padding count.
  ///
  /// - Parameters: those of `maxPool2d(_:stride:padding:)`.
  /// - Returns: `(N, C, OH, OW)`.
  /// - Throws: `TensorError` when the window is larger than the image, or the padding than half of the window.
  /// - Complexity: `N * C * OH * OW * size` operations.
  public func avgPool2d(_ size: Extent, stride: Extent? = nil, padding: Extent = 0) throws -> Tensor {
    var attributes = Attributes()
    for extent in [size, stride ?? size, padding, 1] { attributes.append(extent.list) }
    attributes.append(false)
    attributes.append(true)
    attributes.append(0)
    return try apply(AvgPool.self, [self], attributes)
  }

  // MARK: Dense layers

  /// `self @ weight.T + bias`: every output is a weighted sum of all features.
  ///
  /// - Parameters:
  ///   - weight: `(out, in)`, for a tensor `(..., in)`.
  ///   - bias: `(out,)`.
  /// - Returns: `(..., out)`.
  /// - Throws: `TensorError` when shapes or dtypes do not fit.
  /// - Complexity: `2 * rows * in * out` operations.
  public func linear(_ weight: Tensor, bias: Tensor? = nil) throws -> Tensor {
    try apply(Linear.self, [self, weight, bias])
  }

  /// All axes but the first as one: `(N, C, H, W)` becomes `(N, C * H * W)`.
  ///
  /// - Throws: `TensorError` for a tensor without axes.
  public func flattened() throws -> Tensor {
    guard rank > 0 else { throw TensorError.value("flattened: a tensor without axes has no batch axis") }
    return try reshaped(to: [shape[0], Dimensions(shape.dropFirst()).product])
  }

  // MARK: Classification

  /// The mean of minus the logarithm of the probability that softmax of these scores gives to the right classes.
  ///
  /// - Parameter classes: `(N,)` integers from 0, for scores `(N, C)`.
  /// - Returns: a tensor without axes.
  /// - Throws: `TensorError` when shapes do not fit or a class does not exist.
  public func crossEntropy(classes: Tensor) throws -> Tensor {
    // No class is ignored: the number is none that a class can have.
    try apply(CrossEntropy.self, [self, classes, nil], Attributes(integers: [Int.min, 1], numbers: [0]))
  }

  /// The position of the largest score of every sample: the predicted classes `(N,)` for scores `(N, C)`, as int64.
  ///
  /// - Throws: `TensorError` when there are no scores to choose from.
  public func predictedClasses() throws -> Tensor {
    try apply(ArgMaximum.self, [self], Attributes(integers: [1, rank - 1, 0]))
  }
}
