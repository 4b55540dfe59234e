import SwiftConvKernels

/// Basic indexing: integers, slices, new axes and an ellipsis select a view.
///
/// - Attributes: list: for each entry its kind and what belongs to it: 0 and an integer; 1 and a slice as (has start,
///   start, has stop, stop, step); 2, a new axis; 3, the ellipsis.
enum Index: ViewOperator {
  static let name = "index"
  static let savesInputs = false

  private enum Entry {
    case integer(Int)
    case slice(start: Int?, stop: Int?, step: Int)
    case newAxis
    case ellipsis
  }

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let x = try call[0]
    if x.rank > 0, isWhole(call.attributes.integers) { return x.alias() }
    let entries = try entries(call.reader)
    let used = entries.reduce(0) { count, entry in
      switch entry {
      case .integer, .slice: count + 1
      case .newAxis, .ellipsis: count
      }
    }
    guard used <= x.rank else {
      throw TensorError.index("index: too many indices: \(used) for a tensor of shape \(x.shape)")
    }
    var builder = Builder(x)
    var hasEllipsis = false
    for entry in entries {
      switch entry {
      case .integer(let index): try builder.select(index)
      case .slice(let start, let stop, let step): try builder.slice(start, stop, step)
      case .newAxis: try builder.insertAxis()
      case .ellipsis:
        guard !hasEllipsis else { throw TensorError.index("index: an index can have only one ellipsis (...)") }
        hasEllipsis = true
        for _ in 0..<(x.rank - used) { try builder.keep() }
      }
    }
    while builder.axis < x.rank { try builder.keep() }
    return x.alias(shape: builder.shape, strides: builder.strides, offset: builder.offset)
  }

  /// Whether the entries are one slice of everything, `[:]`.
  private static func isWhole(_ values: [Int]) -> Bool {
    values.count == 7 && values[1] == 1 && values[3] == 0 && values[4] == 0 && values[6] == 1
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    [try PlaceView.place(gradient, Index.self, node)]
  }

  /// Builds the view's layout, one axis of the tensor after the other.
  private struct Builder {
    let x: Tensor
    var axis = 0
    var shape = Dimensions()
    var strides = Dimensions()
    var offset: Int

    init(_ x: Tensor) {
      self.x = x
      offset = x.offset
    }

    private mutating func append(_ size: Int, _ stride: Int) throws {
      guard shape.count < Dimensions.capacity else {
        throw TensorError.index("index: the result would have more than \(Dimensions.capacity) axes")
      }
      shape.append(size)
      strides.append(stride)
    }

    mutating func keep() throws {
      try append(x.shape[axis], x.strides[axis])
      axis += 1
    }

    mutating func insertAxis() throws { try append(1, 0) }

    mutating func select(_ index: Int) throws {
      let size = x.shape[axis]
      guard index >= -size && index < size else {
        throw TensorError.index(
          "index: \(index) is out of bounds for axis \(axis) with size \(size) (shape \(x.shape))")
      }
      offset += (index < 0 ? index + size : index) * x.strides[axis]
      axis += 1
    }

    mutating func slice(_ start: Int?, _ stop: Int?, _ step: Int) throws {
      guard step > 0 else {
        throw TensorError.value(
          "index: a slice's step must be greater than 0, got \(step); use flip to reverse an axis")
      }
      let size = x.shape[axis]
      let first = clamped(start ?? 0, size)
      let last = max(clamped(stop ?? size, size), first)
      let length = (last - first) / step + ((last - first) % step == 0 ? 0 : 1)
      // An empty slice may start behind the last element, which has no address.
      if length > 0 { offset += first * x.strides[axis] }
      try append(length, length > 1 ? x.strides[axis] &* step : x.strides[axis])
      axis += 1
    }

    private func clamped(_ index: Int, _ size: Int) -> Int {
      if index < 0 { return index < -size ? 0 : index + size }
      return min(index, size)
    }
  }

  private static func entries(_ reader: AttributeReader) throws -> [Entry] {
    let values = reader.attributes.integers
    var entries: [Entry] = []
    // The first integer is the list's length.
    var position = 1
    func next() throws -> Int {
      guard position < values.count else { throw TensorError.index("index: an entry is cut off") }
      defer { position += 1 }
      return values[position]
    }
    while position < values.count {
      switch try next() {
      case 0: entries.append(.integer(try next()))
      case 1:
        let (hasStart, start, hasStop, stop, step) = (try next(), try next(), try next(), try next(), try next())
        entries.append(.slice(start: hasStart != 0 ? start : nil, stop: hasStop != 0 ? stop : nil, step: step))
      case 2: entries.append(.newAxis)
      case 3: entries.append(.ellipsis)
      default: throw TensorError.index("index: an entry is of no known kind")
      }
    }
    return entries
  }
}

extension Tensor {
  /// Entries that keep the axes before `axis`.
  private static func keeping(_ axis: Int) -> [Int] {
    (0..<axis).flatMap { _ in [1, 0, 0, 0, 0, 1] }
  }

  /// The elements with `index` on an axis, without that axis, as a view.
  public func selected(axis: Int, _ index: Int) throws -> Tensor {
    var attributes = Attributes()
    attributes.append(Tensor.keeping(axis) + [0, index])
    return try apply(Index.self, [self], attributes)
  }

  /// The elements in a range along an axis, as a view.
  public func sliced(axis: Int, _ range: Range<Int>) throws -> Tensor {
    var attributes = Attributes()
    attributes.append(Tensor.keeping(axis) + [1, 1, range.lowerBound, 1, range.upperBound, 1])
    return try apply(Index.self, [self], attributes)
  }
}
