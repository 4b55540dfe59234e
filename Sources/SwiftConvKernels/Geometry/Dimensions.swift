/// A short list of integers that lives in place: the sizes or the strides of up to eight axes.
///
/// Shapes are created by every operation, so they must not allocate.
public struct Dimensions: Sendable {
  /// The most axes a tensor can have.
  public static let capacity = 8

  @usableFromInline var storage: InlineArray<8, Int>
  @usableFromInline var length: Int

  @inlinable
  public var count: Int { length }

  /// `count` copies of `value`. The caller keeps `count` within `capacity`.
  @inlinable
  public init(repeating value: Int, count: Int) {
    storage = InlineArray(repeating: value)
    length = count
  }

  @inlinable
  public init() { self.init(repeating: 0, count: 0) }

  @inlinable
  public init(_ elements: some Sequence<Int>) {
    self.init()
    for element in elements { append(element) }
  }

  @inlinable
  public subscript(index: Int) -> Int {
    get { storage[unchecked: index] }
    set { storage[unchecked: index] = newValue }
  }

  @inlinable
  public mutating func append(_ element: Int) {
    storage[unchecked: length] = element
    length &+= 1
  }

  public mutating func insert(_ element: Int, at index: Int) {
    var position = count
    while position > index {
      storage[position] = storage[position - 1]
      position -= 1
    }
    storage[index] = element
    length += 1
  }

  @discardableResult
  public mutating func remove(at index: Int) -> Int {
    let removed = storage[index]
    for position in index..<(count - 1) { storage[position] = storage[position + 1] }
    length -= 1
    return removed
  }

  @inlinable
  public var indices: Range<Int> { 0..<count }
  @inlinable
  public var isEmpty: Bool { count == 0 }
  public var last: Int? { count == 0 ? nil : storage[count - 1] }

  /// The product of all elements: 1 without any. Wraps on overflow; `checkedProduct` tells.
  @inlinable
  public var product: Int {
    var result = 1
    for index in 0..<count { result &*= storage[unchecked: index] }
    return result
  }

  /// The number of elements of an array with these sizes, or nil when it cannot be addressed.
  ///
  /// Sizes of 0 do not excuse the others: whatever the array's strides and its elements' type are, the distance of any two
  /// places in bytes fits an `Int`, so that nobody who computes it needs to check.
  @inlinable
  public var checkedProduct: Int? {
    var (extent, isEmpty) = (8, false)
    for index in 0..<count {
      isEmpty = isEmpty || storage[unchecked: index] == 0
      let (product, overflow) = extent.multipliedReportingOverflow(by: Swift.max(storage[unchecked: index], 1))
      if overflow { return nil }
      extent = product
    }
    return isEmpty ? 0 : extent / 8
  }

  /// `checkedProduct` and `denseStrides` in one go.
  @inlinable
  public var checkedLayout: (count: Int, strides: Dimensions)? {
    var strides = Dimensions(repeating: 1, count: count)
    var (extent, isEmpty) = (8, false)
    var index = count
    while index > 0 {
      index &-= 1
      let size = storage[unchecked: index]
      strides[index] = extent >> 3
      isEmpty = isEmpty || size == 0
      let (product, overflow) = extent.multipliedReportingOverflow(by: Swift.max(size, 1))
      if overflow { return nil }
      extent = product
    }
    return (isEmpty ? 0 : extent >> 3, strides)
  }

  /// Row-major strides, in elements, of a dense array with these sizes.
  @inlinable
  public var denseStrides: Dimensions {
    var strides = Dimensions(repeating: 1, count: count)
    var stride = 1
    var index = count
    while index > 0 {
      index &-= 1
      strides[index] = stride
      stride &*= Swift.max(storage[unchecked: index], 1)
    }
    return strides
  }

}

extension Dimensions: ExpressibleByArrayLiteral {
  // Inlined, so that the array of the elements is never made.
  @inlinable
  @inline(__always)
  public init(arrayLiteral elements: Int...) {
    self.init()
    for element in elements { append(element) }
  }
}

extension Dimensions: Equatable {
  @inlinable
  public static func == (a: Dimensions, b: Dimensions) -> Bool {
    guard a.count == b.count else { return false }
    for index in 0..<a.length where a.storage[unchecked: index] != b.storage[unchecked: index] { return false }
    return true
  }
}

extension Dimensions: Sequence {
  public struct Iterator: IteratorProtocol {
    @usableFromInline let dimensions: Dimensions
    @usableFromInline var position = 0

    @inlinable
    init(dimensions: Dimensions) { self.dimensions = dimensions }

    @inlinable
    public mutating func next() -> Int? {
      guard position < dimensions.count else { return nil }
      defer { position &+= 1 }
      return dimensions.storage[unchecked: position]
    }
  }

  @inlinable
  public func makeIterator() -> Iterator { Iterator(dimensions: self) }
}

extension Dimensions: CustomStringConvertible {
  /// As Python writes a shape: `(2, 3)`, `(2,)`, `()`.
  public var description: String {
    count == 1 ? "(\(storage[0]),)" : "(" + map { "\($0)" }.joined(separator: ", ") + ")"
  }
}
