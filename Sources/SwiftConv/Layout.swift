import SwiftConvKernels

/// Rules about sizes and strides that every operator shares.
enum Layout {
  /// True when elements of this layout lie one after the other in row-major order.
  static func isDense(shape: Dimensions, strides: Dimensions) -> Bool {
    var expected = 1
    var axis = shape.count
    while axis > 0 {
      axis &-= 1
      let size = shape[axis]
      if size == 0 { return true }
      if size != 1 && strides[axis] != expected { return false }
      expected &*= size
    }
    return true
  }

  /// The shape of an elementwise operation on `a` and `b`: axes are matched from the last, and size 1 is repeated.
  static func broadcast(_ a: Dimensions, _ b: Dimensions, for name: @autoclosure () -> String) throws -> Dimensions {
    if a == b || b.isEmpty { return a }
    if a.isEmpty { return b }
    let rank = max(a.count, b.count)
    var shape = Dimensions(repeating: 1, count: rank)
    for back in 1...rank {
      let x = back <= a.count ? a[a.count - back] : 1
      let y = back <= b.count ? b[b.count - back] : 1
      guard x == y || x == 1 || y == 1 else {
        throw TensorError.value(
          "\(name()): shapes \(a) and \(b) do not broadcast: axis \(rank - back) has sizes \(x) and \(y); "
            + "make them equal, or one of them 1")
      }
      shape[rank - back] = x == 1 ? y : x
    }
    return shape
  }

  /// Strides with which `tensor` is read when it is repeated to `shape`: 0 along repeated axes.
  static func broadcastStrides(of tensor: Tensor, to shape: Dimensions) -> Dimensions {
    if tensor.shape == shape { return tensor.strides }
    var strides = Dimensions(repeating: 0, count: shape.count)
    let lead = shape.count - tensor.rank
    for axis in tensor.shape.indices where tensor.shape[axis] != 1 {
      strides[lead + axis] = tensor.strides[axis]
    }
    return strides
  }

  /// The strides that show a tensor's memory in another shape with the same number of elements, or nil when a copy is
  /// needed.
  static func viewStrides(from shape: Dimensions, _ strides: Dimensions, to newShape: Dimensions) -> Dimensions? {
    var result = newShape.denseStrides
    if shape.product == 0 { return result }
    var sizes = Dimensions()
    var steps = Dimensions()
    for axis in shape.indices where shape[axis] != 1 {
      sizes.append(shape[axis])
      steps.append(strides[axis])
    }
    var newAxis = newShape.count - 1
    var axis = sizes.count - 1
    while axis >= 0 {
      // Old axes that lie densely on each other act as one axis.
      var stride = steps[axis]
      var runSize = sizes[axis]
      while axis > 0 && steps[axis - 1] == steps[axis] &* sizes[axis] {
        axis -= 1
        runSize &*= sizes[axis]
      }
      var covered = 1
      while newAxis >= 0 && (covered < runSize || newShape[newAxis] == 1) {
        result[newAxis] = stride
        covered &*= newShape[newAxis]
        stride &*= newShape[newAxis]
        newAxis -= 1
      }
      guard covered == runSize else { return nil }
      axis -= 1
    }
    return result
  }

  /// An axis as users count it, from the end when negative, as an index from 0.
  static func axis(_ axis: Int, rank: Int, for name: @autoclosure () -> String) throws -> Int {
    let limit = max(rank, 1)
    guard axis >= -limit && axis < limit else {
      throw TensorError.index("\(name()): dim \(axis) is out of range for rank \(rank); use \(-limit) to \(limit - 1)")
    }
    return axis < 0 ? axis + limit : axis
  }

  /// Axes as users count them, as a bit mask; none given means all.
  static func axisMask(_ axes: some Sequence<Int>, rank: Int, for name: @autoclosure () -> String) throws -> UInt8 {
    var mask: UInt8 = 0
    var isEmpty = true
    for given in axes {
      let bit = UInt8(1) << UInt8(try axis(given, rank: rank, for: name()))
      guard mask & bit == 0 else { throw TensorError.value("\(name()): dim \(given) appears twice") }
      mask |= bit
      isEmpty = false
    }
    if isEmpty { return rank >= 8 ? 255 : UInt8((1 << rank) - 1) }
    return rank == 0 ? 0 : mask
  }

  /// `shape` without the axes in `mask`, or with size 1 there.
  static func reduced(_ shape: Dimensions, _ mask: UInt8, keepsAxes: Bool) -> Dimensions {
    var result = Dimensions()
    for axis in shape.indices {
      if mask & (1 << UInt8(axis)) == 0 {
        result.append(shape[axis])
      } else if keepsAxes {
        result.append(1)
      }
    }
    return result
  }
}
