import SwiftConvKernels

/// The arguments of an operator that are not tensors: whole numbers and floating-point numbers, each in the order in
/// which the operator's declaration reads them. A list is its length followed by its elements.
public struct Attributes: Sendable {
  public var integers: [Int]
  public var numbers: [Double]

  public static let none = Attributes()

  public init(integers: [Int] = [], numbers: [Double] = []) {
    self.integers = integers
    self.numbers = numbers
  }

  mutating func append(_ value: Int) { integers.append(value) }
  mutating func append(_ value: Bool) { integers.append(value ? 1 : 0) }
  mutating func append(_ value: Double) { numbers.append(value) }

  mutating func append(_ list: some Collection<Int>) {
    integers.append(list.count)
    integers.append(contentsOf: list)
  }

  mutating func append(_ list: Dimensions) {
    integers.append(list.count)
    for element in list { integers.append(element) }
  }
}

/// Reads attributes in order. Anything that is missing or left over is an error of the caller, in words.
struct AttributeReader {
  let attributes: Attributes
  let name: String
  private var nextInteger = 0
  private var nextNumber = 0

  init(_ attributes: Attributes, for name: String) {
    self.attributes = attributes
    self.name = name
  }

  mutating func int() throws -> Int {
    guard nextInteger < attributes.integers.count else { throw missing("an integer") }
    defer { nextInteger += 1 }
    return attributes.integers[nextInteger]
  }

  mutating func bool() throws -> Bool { try int() != 0 }

  mutating func double() throws -> Double {
    guard nextNumber < attributes.numbers.count else { throw missing("a number") }
    defer { nextNumber += 1 }
    return attributes.numbers[nextNumber]
  }

  mutating func ints() throws -> [Int] {
    let count = try int()
    guard count >= 0 && count <= attributes.integers.count - nextInteger else { throw missing("a list of integers") }
    defer { nextInteger += count }
    return Array(attributes.integers[nextInteger..<(nextInteger + count)])
  }

  /// A list of sizes or axes, at most as many as a tensor can have axes.
  mutating func dimensions() throws -> Dimensions {
    let count = try int()
    guard count >= 0 && count <= attributes.integers.count - nextInteger else { throw missing("a list of integers") }
    guard count <= Dimensions.capacity else {
      throw TensorError.value("\(name): \(count) dimensions asked for; a tensor has at most \(Dimensions.capacity)")
    }
    var result = Dimensions()
    for index in nextInteger..<(nextInteger + count) { result.append(attributes.integers[index]) }
    nextInteger += count
    return result
  }

  mutating func dtype() throws -> DType {
    let raw = try int()
    guard let code = UInt8(exactly: raw), let dtype = DType(rawValue: code) else {
      throw TensorError.type("\(name): \(raw) is not a dtype code")
    }
    return dtype
  }

  private func missing(_ what: String) -> TensorError {
    TensorError.type("\(name): \(what) is missing from the arguments")
  }
}
