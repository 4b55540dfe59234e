extension Reduction {
  /// The index of the largest or smallest element along an axis, as `int64`. The first one of several; the first NaN
  /// before all numbers. The axis has at least one element; `y` has stride 0 on it.
  public static func argReduce(maximum: Bool, _ x: Source, into y: Target, shape: Dimensions, axis: Int) {
    forEachLine(x, y, shape: shape, axis: axis, work: 1) { from, to in
      let index = extremeIndex(maximum, x.dtype, from, stride: x.strides[axis], count: shape[axis])
      to.storeBytes(of: Int64(index), as: Int64.self)
    }
  }

  /// The flat row-major index of the largest or smallest of all elements; otherwise like `argReduce`.
  public static func argReduceAll(maximum: Bool, _ x: Source, shape: Dimensions) -> Int64 {
    let count = shape.product
    if count == 0 { return 0 }
    if isDense(shape, x.strides) { return Int64(extremeIndex(maximum, x.dtype, x.pointer, stride: 1, count: count)) }
    // The best of each line of the last axis, then the best of these. Lines come in row-major order.
    let last = shape.count - 1
    let length = shape[last]
    var (best, bestPlace) = (0, x.pointer)
    for line in 0..<count / length {
      var rest = line
      var offset = 0
      for axis in stride(from: last - 1, through: 0, by: -1) {
        offset += rest % shape[axis] * x.strides[axis]
        rest /= shape[axis]
      }
      let start = x.pointer + offset * x.dtype.size
      let index = extremeIndex(maximum, x.dtype, start, stride: x.strides[last], count: length)
      let place = start + index * x.strides[last] * x.dtype.size
      if line == 0 || isBetter(maximum, x.dtype, place, than: bestPlace) {
        (best, bestPlace) = (line * length + index, place)
      }
    }
    return Int64(best)
  }

  private static func isBetter(
    _ maximum: Bool, _ dtype: DType, _ a: UnsafeRawPointer, than b: UnsafeRawPointer
  ) -> Bool {
    switch dtype {
    case .bool, .uint8: precedes(maximum, a.load(as: UInt8.self), b.load(as: UInt8.self))
    case .int32: precedes(maximum, a.load(as: Int32.self), b.load(as: Int32.self))
    case .int64: precedes(maximum, a.load(as: Int64.self), b.load(as: Int64.self))
    case .float32: precedes(maximum, a.load(as: Float.self), b.load(as: Float.self))
    case .float64: precedes(maximum, a.load(as: Double.self), b.load(as: Double.self))
    }
  }

  private static func extremeIndex(
    _ maximum: Bool, _ dtype: DType, _ x: UnsafeRawPointer, stride: Int, count: Int
  ) -> Int {
    if dtype.isFloatingPoint, stride == 1, count >= 64 {
      return extremeNumber(maximum, dtype, x, count)
    }
    return switch dtype {
    case .bool, .uint8: extremeElement(UInt8.self, maximum, x, stride, count)
    case .int32: extremeElement(Int32.self, maximum, x, stride, count)
    case .int64: extremeElement(Int64.self, maximum, x, stride, count)
    case .float32: extremeElement(Float.self, maximum, x, stride, count)
    case .float64: extremeElement(Double.self, maximum, x, stride, count)
    }
  }

  @inline(__always)
  private static func extremeElement<T: Comparable>(
    _ type: T.Type, _ maximum: Bool, _ x: UnsafeRawPointer, _ stride: Int, _ count: Int
  ) -> Int {
    let x = x.assumingMemoryBound(to: T.self)
    var (best, value) = (0, x[0])
    for index in 1..<max(count, 1) {
      let candidate = x[index &* stride]
      if precedes(maximum, candidate, value) { (best, value) = (index, candidate) }
    }
    return best
  }

  /// Whether `a` replaces `b` as the best so far. A NaN is recognised by not being equal to itself.
  @inline(__always)
  private static func precedes<T: Comparable>(_ maximum: Bool, _ a: T, _ b: T) -> Bool {
    if b != b { return false }
    return (maximum ? a > b : a < b) || a != a
  }

  /// Long contiguous rows: the extreme of a block by the vector kernel, and a search only in blocks that improve it.
  private static func extremeNumber(_ maximum: Bool, _ dtype: DType, _ x: UnsafeRawPointer, _ count: Int) -> Int {
    let kernel = Runtime.vector.elementwise.reduceRow
    let block = 1024
    var best = 0
    var value = maximum ? -Double.infinity : Double.infinity
    for start in stride(from: 0, to: count, by: block) {
      let length = min(block, count - start)
      let place = x + start * dtype.size
      let extreme = kernel(maximum ? .maximum : .minimum, dtype, place, length)
      guard start == 0 || precedes(maximum, extreme, value) else { continue }
      let offset =
        dtype == .float64
        ? firstIndex(of: extreme, in: place.assumingMemoryBound(to: Double.self))
        : firstIndex(of: Float(extreme), in: place.assumingMemoryBound(to: Float.self))
      (best, value) = (start + offset, extreme)
      if value.isNaN { break }
    }
    return best
  }

  /// Where a number that is known to be there comes first.
  @inline(__always)
  private static func firstIndex<T: FloatingPoint>(of value: T, in x: UnsafePointer<T>) -> Int {
    var index = 0
    if value.isNaN {
      while !x[index].isNaN { index += 1 }
    } else {
      while x[index] != value { index += 1 }
    }
    return index
  }

  /// Calls `body` with the first elements of all lines along an axis, on several threads if that pays.
  static func forEachLine(
    _ x: Source, _ y: Target, shape: Dimensions, axis: Int, work: Double,
    _ body: (_ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer) -> Void
  ) {
    if shape[axis] == 0 { return }
    var outer = shape
    outer[axis] = 1
    let operands: InlineArray<4, Operand> = [Operand(x), Operand(y), Operand(x), Operand(x)]
    guard let walk = Walk(shape: outer, operands: operands, operandCount: 2) else { return }
    walk.forEachTile(work: work * Double(shape[axis]), begin: {}, end: { _ in }) { _, place, rows, columns in
      for row in 0..<rows {
        for column in 0..<columns {
          let a = row * walk.rowStride(0) + column * walk.columnStride(0)
          let b = row * walk.rowStride(1) + column * walk.columnStride(1)
          body(place[0] + a * x.dtype.size, place[1] + b * y.dtype.size)
        }
      }
    }
  }
}
