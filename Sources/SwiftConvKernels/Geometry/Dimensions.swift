/// A short list of integers that lives in place: the sizes or the strides of up to eight axes.
///
/// Shapes are created by every operation, so they must not allocate.
public struct Dimensions: Sendable {
  /// The most axes a tensor can have.
  public static let capacity = 8

  @usableFromInline var storage: InlineArray<8, Int>
  public private(set) var count: Int

  /// `count` copies of `value`. The caller keeps `count` within `capacity`.
  public init(repeating value: Int, count: Int) {
    storage = InlineArray(repeating: value)
    self.count = count
  }

  public init() { self.init(repeating: 0, count: 0) }

  public init(_ elements: some Sequence<Int>) {
    self.init()
    for element in elements { append(element) }
  }

  public subscript(index: Int) -> Int {
    get { storage[index] }
    set { storage[index] = newValue }
  }

  public mutating func append(_ element: Int) {
    storage[count] = element
    count += 1
  }

  public mutating func insert(_ element: Int, at index: Int) {
    var position = count
    while position > index {
      storage[position] = storage[position - 1]
      position -= 1
    }
    storage[index] = element
    count += 1
  }

  @discardableResult
  public mutating func remove(at index: Int) -> Int {
    let removed = storage[index]
    for position in index..<(count - 1) { storage[position] = storage[position + 1] }
    count -= 1
    return removed
  }

  public var indices: Range<Int> { 0..<count }
  public var isEmpty: Bool { count == 0 }
  public var last: Int? { count == 0 ? nil : storage[count - 1] }

  /// The product of all elements: 1 without any. Wraps on overflow; `checkedProduct` tells.
  public var product: Int {
    var result = 1
    for index in 0..<count { result &*= storage[index] }
    return result
  }

  /// The number of elements of an array with these sizes, or nil when it cannot be addressed.
  ///
  /// Sizes of 0 do not excuse the others: whatever the array's strides and its elements' type are, the distance of any two
  /// places in bytes fits an `Int`, so that nobody who computes it needs to check.
  public var checkedProduct: Int? {
    var (extent, isEmpty) = (8, false)
    for index in 0..<count {
      isEmpty = isEmpty || storage[index] == 0
      let (product, overflow) = extent.multipliedReportingOverflow(by: Swift.max(storage[index], 1))
      if overflow { return nil }
      extent = product
    }
    return isEmpty ? 0 : extent / 8
  }

  /// Row-major strides, in elements, of a dense array with these sizes.
  public var denseStrides: Dimensions {
    var strides = Dimensions(repeating: 1, count: count)
    var stride = 1
    for index in (0..<count).reversed() {
      strides[index] = stride
      stride &*= Swift.max(storage[index], 1)
    }
    return strides
  }

}

extension Dimensions: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Dimensions: Equatable {
  public static func == (a: Dimensions, b: Dimensions) -> Bool {
    guard a.count == b.count else { return false }
    for index in a.indices where a.storage[index] != b.storage[index] { return false }
    return true
  }
}

extension Dimensions: Sequence {
  public struct Iterator: IteratorProtocol {
    let dimensions: Dimensions
    var position = 0
    public mutating func next() -> Int? {
      guard position < dimensions.count else { return nil }
      defer { position += 1 }
      return dimensions.storage[position]
    }
  }
  public func makeIterator() -> Iterator { Iterator(dimensions: self) }
}

extension Dimensions: CustomStringConvertible {
  /// As Python writes a shape: `(2, 3)`, `(2,)`, `()`.
  public var description: String {
    count == 1 ? "(\(storage[0]),)" : "(" + map { "\($0)" }.joined(separator: ", ") + ")"
  }
}
