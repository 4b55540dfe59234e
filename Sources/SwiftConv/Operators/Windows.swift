import SwiftConvKernels

/// The geometry of sliding windows over images `(N, C, H, W)`.
///
/// - Attributes: lists of two: kernel size, dilation, padding, stride.
private struct WindowPlan {
  let kernel: [Int]
  let dilation: [Int]
  let padding: [Int]
  let stride: [Int]
  /// Positions of the window along both axes.
  let positions: [Int]
  /// How many elements a window has, and how many positions.
  let (taps, pixels): (Int, Int)

  init(_ reader: inout AttributeReader, height: Int, width: Int, for name: String) throws {
    kernel = try reader.ints()
    dilation = try reader.ints()
    padding = try reader.ints()
    stride = try reader.ints()
    let lists = [("kernel_size", kernel, 1), ("dilation", dilation, 1), ("padding", padding, 0), ("stride", stride, 1)]
    for (what, values, least) in lists {
      guard values.count == 2, values.allSatisfy({ $0 >= least }) else {
        throw TensorError.value("\(name): \(what) is \(values), expected two numbers of at least \(least)")
      }
    }
    var positions: [Int] = []
    for (axis, size) in [height, width].enumerated() {
      guard
        let count = ConvolutionGeometry.outputSize(
          input: size, kernel: kernel[axis], stride: stride[axis], dilation: dilation[axis], padBefore: padding[axis],
          padAfter: padding[axis]), count > 0
      else {
        throw TensorError.value(
          "\(name): a window of \(kernel) with dilation \(dilation) does not fit images of (\(height), \(width)) with "
            + "padding \(padding)")
      }
      positions.append(count)
    }
    guard let taps = Dimensions(kernel).checkedProduct, let pixels = Dimensions(positions).checkedProduct else {
      throw TensorError.value(
        "\(name): windows of \(kernel) at \(positions) positions are more elements than can be addressed")
    }
    (self.positions, self.taps, self.pixels) = (positions, taps, pixels)
  }

  /// The positions at which a tap of the kernel lies inside of the image, and where it is at the first of them.
  func span(_ tap: Int, _ axis: Int, _ size: Int) -> (first: Int, count: Int, start: Int) {
    let offset = tap * dilation[axis] - padding[axis]
    let first = offset < 0 ? (-offset - 1) / stride[axis] + 1 : 0
    let last = size - 1 - offset < 0 ? -1 : min((size - 1 - offset) / stride[axis], positions[axis] - 1)
    return (first, max(last - first + 1, 0), first * stride[axis] + offset)
  }

  /// Calls `body` for every tap with matching parts of the image and of the columns, both `(N, C, rows, columns)`.
  func forEachTap(
    image: Source, shape: Dimensions, columns: Target,
    _ body: (_ image: Source, _ columns: Target, _ shape: Dimensions) -> Void
  ) {
    guard shape.product > 0, taps > 0, pixels > 0 else { return }
    let (channels, size) = (shape[1], image.dtype.size)
    for row in 0..<kernel[0] {
      let rows = span(row, 0, shape[2])
      for column in 0..<kernel[1] {
        let across = span(column, 1, shape[3])
        guard rows.count > 0, across.count > 0 else { continue }
        let from = rows.start * image.strides[2] + across.start * image.strides[3]
        let tap = row * kernel[1] + column
        let to = (tap * positions[0] + rows.first) * positions[1] + across.first
        body(
          Source(
            pointer: UnsafeRawPointer(image.pointer + from * size),
            strides: [
              // A stride of the window that leaves the image is of a single position and does not matter.
              image.strides[0], image.strides[1], image.strides[2] &* stride[0], image.strides[3] &* stride[1],
            ], dtype: image.dtype),
          Target(
            pointer: columns.pointer + to * size,
            strides: [channels * taps * pixels, taps * pixels, positions[1], 1], dtype: image.dtype),
          [shape[0], channels, rows.count, across.count])
      }
    }
  }
}

/// The windows of a convolution as columns (im2col): `(N, C, H, W)` becomes `(N, C * kernel, positions)`, so that a
/// convolution is a matrix product.
///
/// - Attributes: lists of two: kernel size, dilation, padding, stride.
/// - Source: Chellapilla, Puri, Simard, "High performance convolutional neural networks for document processing" (2006)
enum Unfold: Operator {
  static let name = "unfold"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    guard x.rank == 4 else {
      throw TensorError.value("unfold: x has rank \(x.rank) \(x.shape), expected 4 (N, C, H, W)")
    }
    var reader = call.reader
    let plan = try WindowPlan(&reader, height: x.shape[2], width: x.shape[3], for: name)
    guard let rows = ([x.shape[1], plan.taps] as Dimensions).checkedProduct else {
      throw TensorError.value("unfold: \(x.shape[1]) channels of \(plan.taps) elements are more than can be addressed")
    }
    let columns = try Tensor.zeros([x.shape[0], rows, plan.pixels], x.dtype)
    let (image, shape, target) = (x.source, x.shape, columns.target)
    compute(work: columns.count) {
      plan.forEachTap(image: image, shape: shape, columns: target) { Elementwise.convert($0, into: $1, shape: $2) }
    }
    return columns
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    var attributes = Attributes()
    attributes.append([node.inputShape(0)[2], node.inputShape(0)[3]])
    attributes.integers += node.attributes.integers
    return [try apply(Fold.self, [gradient], attributes)]
  }
}

/// Columns back as images, where windows overlap added up: the reverse direction of `unfold`, and its gradient.
///
/// - Attributes: lists of two: the images' height and width, kernel size, dilation, padding, stride.
enum Fold: Operator {
  static let name = "fold"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let size = try reader.ints()
    let given = try call[0]
    guard size.count == 2, size.allSatisfy({ $0 >= 1 }), given.rank == 3 else {
      throw TensorError.value(
        "fold: columns have shape \(given.shape) and output_size is \(size), expected (N, C * kernel, positions) and "
          + "two numbers of at least 1")
    }
    try Reduce.requireReal(given, name)
    let plan = try WindowPlan(&reader, height: size[0], width: size[1], for: name)
    guard given.shape[1] % plan.taps == 0, given.shape[2] == plan.pixels else {
      throw TensorError.value(
        "fold: columns \(given.shape) do not fit: expected a multiple of \(plan.taps) rows and \(plan.pixels) columns")
    }
    let columns = try withoutGradients { try given.contiguous() }
    let image = try Tensor.zeros([given.shape[0], given.shape[1] / plan.taps, size[0], size[1]], given.dtype)
    let (imageSource, imageShape, columnsTarget) = (image.source, image.shape, columns.target)
    compute(work: columns.count) {
      plan.forEachTap(image: imageSource, shape: imageShape, columns: columnsTarget) { source, target, shape in
        let sum = Target(
          pointer: UnsafeMutableRawPointer(mutating: source.pointer), strides: source.strides, dtype: source.dtype)
        let addend = Source(pointer: UnsafeRawPointer(target.pointer), strides: target.strides, dtype: target.dtype)
        Elementwise.binary(.add, source, addend, into: sum, shape: shape)
      }
    }
    return image
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let rest = Array(node.attributes.integers.dropFirst(3))
    return [try apply(Unfold.self, [gradient], Attributes(integers: rest))]
  }
}
