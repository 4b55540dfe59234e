import SwiftConvKernels

// Operators that show the same memory in another layout.

/// The elements in another shape: a view where the layout allows it, a dense copy otherwise.
///
/// - Attributes: list: the shape; one size may be -1 and is computed.
enum Reshape: ViewOperator {
  static let name = "reshape"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    let shape = try resolved(call)
    if let strides = Layout.viewStrides(from: x.shape, x.strides, to: shape) {
      return x.alias(shape: shape, strides: strides, offset: x.offset)
    }
    let result = try call.result(shape, x.dtype)
    let dense = Target(pointer: result.pointer, strides: x.shape.denseStrides, dtype: x.dtype)
    let (xSource, xShape) = (x.source, x.shape)
    compute(work: x.count) { Elementwise.convert(xSource, into: dense, shape: xShape) }
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    [try gradient.reshaped(to: node.inputShape(0))]
  }

  /// The wanted shape with its -1 filled in.
  static func resolved(_ call: borrowing OperatorCall) throws -> Dimensions {
    var reader = call.reader
    var shape = try reader.dimensions()
    let x = try call[0]
    var open: Int?
    var known = Dimensions()
    for axis in shape.indices {
      if shape[axis] == -1 {
        guard open == nil else { throw TensorError.value("\(call.name): shape \(shape) has more than one -1") }
        open = axis
      } else if shape[axis] < 0 {
        throw TensorError.value("\(call.name): shape \(shape) has a negative size")
      } else {
        known.append(shape[axis])
      }
    }
    let product = known.checkedProduct
    if let open {
      guard let product, product != 0, x.count % product == 0 else {
        throw TensorError.value(
          "\(call.name): a tensor of shape \(x.shape) with \(x.count) elements does not fit shape \(shape)")
      }
      shape[open] = x.count / product
      return shape
    }
    guard product == x.count else {
      throw TensorError.value(
        "\(call.name): a tensor of shape \(x.shape) with \(x.count) elements does not fit shape \(shape)")
    }
    return shape
  }
}

/// The elements in another shape on the same memory, or an error.
///
/// - Attributes: list: the shape; one size may be -1 and is computed.
enum View: ViewOperator {
  static let name = "view"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    let shape = try Reshape.resolved(call)
    guard let strides = Layout.viewStrides(from: x.shape, x.strides, to: shape) else {
      throw TensorError.runtime(
        "view: shape \(x.shape) with strides \(x.strides) cannot be seen as \(shape) without a copy; use reshape")
    }
    return x.alias(shape: shape, strides: strides, offset: x.offset)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    [try gradient.reshaped(to: node.inputShape(0))]
  }
}

/// The axes in another order.
///
/// - Attributes: list: for each new axis, the old one.
enum Permute: ViewOperator {
  static let name = "permute"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    let axes = try axes(call.reader, rank: x.rank)
    var shape = Dimensions()
    var strides = Dimensions()
    for axis in axes {
      shape.append(x.shape[axis])
      strides.append(x.strides[axis])
    }
    return x.alias(shape: shape, strides: strides, offset: x.offset)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let axes = try axes(node.reader, rank: gradient.rank)
    var inverse = axes
    for (new, old) in axes.enumerated() { inverse[old] = new }
    return [try gradient.permuted(inverse)]
  }

  private static func axes(_ reader: AttributeReader, rank: Int) throws -> [Int] {
    var reader = reader
    let given = try reader.ints()
    guard given.count == rank else {
      throw TensorError.value("permute: \(given.count) dims given for a tensor of rank \(rank)")
    }
    _ = try Layout.axisMask(given, rank: rank, for: name)
    return try given.map { try Layout.axis($0, rank: rank, for: name) }
  }
}

/// The tensor repeated along axes of size 1, and along new axes in front, without a copy.
///
/// - Attributes: list: the shape; -1 keeps a size.
enum Expand: ViewOperator {
  static let name = "expand"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let x = try call[0]
    var shape = try reader.dimensions()
    let lead = shape.count - x.rank
    guard lead >= 0 else {
      throw TensorError.value("expand: shape \(shape) has fewer axes than the tensor's \(x.shape)")
    }
    for axis in shape.indices {
      let size = axis < lead ? 1 : x.shape[axis - lead]
      if shape[axis] == -1 && axis >= lead { shape[axis] = size }
      guard shape[axis] >= 0, shape[axis] == size || size == 1 else {
        throw TensorError.value("expand: shape \(x.shape) cannot be expanded to \(shape); only sizes of 1 can grow")
      }
    }
    guard shape.checkedProduct != nil else {
      throw TensorError.value("expand: shape \(shape) has more elements than can be addressed")
    }
    return x.alias(shape: shape, strides: Layout.broadcastStrides(of: x, to: shape), offset: x.offset)
  }

  // The engine sums a gradient that is larger than its input.
  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] { [gradient] }
}

/// The elements in reverse order along some axes, as a copy.
///
/// - Attributes: list: the axes.
enum Flip: Operator {
  static let name = "flip"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let x = try call[0]
    let given = try reader.ints()
    let mask = given.isEmpty ? 0 : try Layout.axisMask(given, rank: x.rank, for: name)
    var strides = x.strides
    var offset = x.offset
    for axis in x.shape.indices where mask & (1 << UInt8(axis)) != 0 && x.shape[axis] > 0 {
      offset += (x.shape[axis] - 1) * strides[axis]
      strides[axis] = -strides[axis]
    }
    let reversed = x.alias(shape: x.shape, strides: strides, offset: offset)
    let result = try call.result(x.shape, x.dtype)
    let (reversedSource, resultTarget, xShape) = (reversed.source, result.target, x.shape)
    compute(work: x.count) { Elementwise.convert(reversedSource, into: resultTarget, shape: xShape) }
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    [try apply(Flip.self, [gradient], node.attributes)]
  }
}

/// The diagonal of two axes, as a view with the diagonal as its last axis.
///
/// - Attributes: integers: the offset above the main diagonal, the two axes.
enum Diagonal: ViewOperator {
  static let name = "diagonal"
  static let savesInputs = false

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let x = try call[0]
    let shift = try reader.int()
    guard x.rank >= 2 else { throw TensorError.value("diagonal: shape \(x.shape) has fewer than two axes") }
    let first = try Layout.axis(try reader.int(), rank: x.rank, for: name)
    let second = try Layout.axis(try reader.int(), rank: x.rank, for: name)
    guard first != second else { throw TensorError.value("diagonal: dim1 and dim2 are the same axis \(first)") }
    let (rows, columns) = (x.shape[first], x.shape[second])
    let isWithin = shift >= 0 ? shift < columns : shift > -rows
    let length = !isWithin ? 0 : shift >= 0 ? min(rows, columns - shift) : min(rows + shift, columns)
    var (shape, strides) = (x.shape, x.strides)
    let step = strides[first] + strides[second]
    var offset = x.offset
    if length > 0 { offset += shift >= 0 ? shift * strides[second] : -shift * strides[first] }
    for axis in [max(first, second), min(first, second)] {
      shape.remove(at: axis)
      strides.remove(at: axis)
    }
    shape.append(length)
    strides.append(step)
    return x.alias(shape: shape, strides: strides, offset: offset)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    [try PlaceView.place(gradient, Diagonal.self, node)]
  }
}

/// A gradient in its place among zeros: the reverse of a view operator. Recorded, so that it can be differentiated again.
///
/// - Attributes: list: the shape of the whole; then those of the view operator, which is number one or two.
enum PlaceView: Operator {
  static let name = "place_view"
  static let savesInputs = false

  private static let operators: [any ViewOperator.Type] = [Index.self, Diagonal.self]

  static func place(_ gradient: Tensor, _ operation: any ViewOperator.Type, _ node: Node) throws -> Tensor {
    var attributes = Attributes()
    attributes.append(node.inputShape(0))
    attributes.append(operators.firstIndex { $0 == operation } ?? 0)
    attributes.integers += node.attributes.integers
    return try apply(PlaceView.self, [gradient], attributes)
  }

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let gradient = try call[0]
    let (shape, operation, attributes) = try parts(call.reader)
    let whole = try Tensor.zeros(shape, gradient.dtype)
    let region = try Operands.with([whole]) { operands in
      var inner = OperatorCall(operation, operands, attributes, isRecording: false)
      return try operation.forward(&inner)
    }
    guard region.shape == gradient.shape else {
      throw TensorError.value("place_view: shape \(gradient.shape) does not fit the region's shape \(region.shape)")
    }
    let (gradientSource, regionTarget, regionShape) = (gradient.source, region.target, region.shape)
    compute(work: gradient.count) {
      Elementwise.convert(gradientSource, into: regionTarget, shape: regionShape)
    }
    return whole
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let (_, operation, attributes) = try parts(node.reader)
    return [try apply(operation, [gradient], attributes)]
  }

  private static func parts(_ reader: AttributeReader) throws -> (Dimensions, any ViewOperator.Type, Attributes) {
    var reader = reader
    let shape = try reader.dimensions()
    let number = try reader.int()
    guard operators.indices.contains(number) else { throw TensorError.value("place_view: no view operator \(number)") }
    let rest = reader.attributes.integers.dropFirst(shape.count + 2)
    return (shape, operators[number], Attributes(integers: Array(rest)))
  }
}
