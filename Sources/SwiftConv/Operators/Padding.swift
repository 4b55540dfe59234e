import SwiftConvKernels

/// The tensor with a border along its axes.
///
/// - Attributes: lists: how many elements before and after each axis, from the first (negative numbers cut off); integer:
///   how the border is filled: 0 with a value, 1 mirrored without the edge, 2 with the edge, 3 from the other side;
///   number: the value.
enum Pad: CompositeOperator {
  static let name = "pad"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (before, after, mode) = (try reader.ints(), try reader.ints(), try reader.int())
    let value = try reader.double()
    let x = try call[0]
    guard before.count == x.rank, after.count == x.rank else {
      throw TensorError.value("pad: got \(before.count) pairs for a tensor of rank \(x.rank)")
    }
    for axis in x.shape.indices {
      let limit = Int.max / 8
      guard before[axis].magnitude < limit, after[axis].magnitude < limit,
        x.shape[axis] + before[axis] + after[axis] >= 0
      else {
        throw TensorError.value(
          "pad: \(before[axis]) and \(after[axis]) do not fit axis \(axis) of shape \(x.shape)")
      }
    }
    switch mode {
    case 0: return try constant(x, before, after, value)
    case 1...3: return try repeated(x, before, after, mode)
    default: throw TensorError.value("pad: there is no mode \(mode)")
    }
  }

  private static func constant(_ x: Tensor, _ before: [Int], _ after: [Int], _ value: Double) throws -> Tensor {
    var shape = x.shape
    var inner = x
    for axis in x.shape.indices {
      shape[axis] += before[axis] + after[axis]
      // Negative padding cuts elements off first.
      let (from, to) = (max(-before[axis], 0), x.shape[axis] - max(-after[axis], 0))
      if from > 0 || to < x.shape[axis] { inner = try inner.sliced(axis: axis, from..<max(from, to)) }
    }
    let result = try Tensor.full(shape, value, x.dtype)
    var region = result
    for axis in x.shape.indices {
      let start = max(before[axis], 0)
      if start > 0 || inner.shape[axis] < shape[axis] {
        region = try region.sliced(axis: axis, start..<(start + inner.shape[axis]))
      }
    }
    try applyInPlace(Copy.self, [region, inner])
    return result
  }

  private static func repeated(_ x: Tensor, _ before: [Int], _ after: [Int], _ mode: Int) throws -> Tensor {
    var result = x
    for axis in x.shape.indices where before[axis] != 0 || after[axis] != 0 {
      let size = x.shape[axis]
      let most = mode == 1 ? size - 1 : mode == 3 ? size : Int.max
      guard size > 0, before[axis] <= most, after[axis] <= most else {
        throw TensorError.value(
          "pad: \(before[axis]) and \(after[axis]) elements cannot be taken from axis \(axis) with size \(size); "
            + "this mode needs at most \(max(most, 0))")
      }
      let count = size + before[axis] + after[axis]
      let positions = try Tensor.empty([count], .int64)
      let values = positions.pointer.assumingMemoryBound(to: Int64.self)
      for index in 0..<count { values[index] = Int64(source(of: index - before[axis], size, mode)) }
      var attributes = Attributes()
      attributes.append([axis])
      result = try apply(GatherIndex.self, [result, positions], attributes)
    }
    return result === x ? try x.cloned() : result
  }

  /// The element that stands at a position outside of the axis.
  private static func source(of position: Int, _ size: Int, _ mode: Int) -> Int {
    if (0..<size).contains(position) { return position }
    switch mode {
    case 1: return position < 0 ? -position : 2 * (size - 1) - position
    case 2: return position < 0 ? 0 : size - 1
    default: return ((position % size) + size) % size
    }
  }
}

/// The elements moved along axes; what leaves at one end enters at the other.
///
/// - Attributes: lists: the distances, and the axes they belong to.
enum Roll: CompositeOperator {
  static let name = "roll"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (shifts, axes) = (try reader.ints(), try reader.ints())
    guard shifts.count == axes.count else {
      throw TensorError.value("roll: \(shifts.count) shifts for \(axes.count) dims; give one for each")
    }
    let x = try call[0]
    var result = x
    for (shift, given) in zip(shifts, axes) {
      let axis = try Layout.axis(given, rank: x.rank, for: name)
      guard x.rank > 0, x.shape[axis] > 0 else { continue }
      let size = x.shape[axis]
      let cut = size - ((shift % size) + size) % size
      guard cut != size else { continue }
      let parts = [try result.sliced(axis: axis, cut..<size), try result.sliced(axis: axis, 0..<cut)]
      result = try apply(Concatenate.self, parts, Attributes(integers: [axis]))
    }
    return result === x ? try x.cloned() : result
  }
}

/// The elements that an index tensor of the same rank points at along one axis:
/// `result[i, j] = x[index[i, j], j]` for axis 0.
///
/// - Attributes: integer: the axis.
enum Gather: CompositeOperator {
  static let name = "gather"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (x, index) = (try call[0], try call[1])
    guard x.rank == index.rank else {
      throw TensorError.value("gather: index has rank \(index.rank) \(index.shape), expected that of x \(x.shape)")
    }
    let axis = try Layout.axis(try reader.int(), rank: x.rank, for: name)
    if x.rank == 0 { return try x.cloned() }
    var operands: [Tensor?] = [x]
    for other in x.shape.indices {
      guard other == axis || index.shape[other] <= x.shape[other] else {
        throw TensorError.value(
          "gather: index has size \(index.shape[other]) along axis \(other), x only \(x.shape[other])")
      }
      operands.append(other == axis ? index : try ruler(index.shape, other))
    }
    var attributes = Attributes()
    attributes.append(Array(x.shape.indices))
    return try apply(GatherIndex.self, operands, attributes)
  }

  /// 0, 1, 2, ... along one axis, with size 1 along the others.
  static func ruler(_ shape: Dimensions, _ axis: Int) throws -> Tensor {
    var ruler = Dimensions(repeating: 1, count: shape.count)
    ruler[axis] = shape[axis]
    let result = try Tensor.empty(ruler, .int64)
    Elementwise.arange(result.pointer, dtype: .int64, count: result.count, start: Int64(0), step: 1)
    return result
  }
}
