import SwiftConvKernels

// How operators and Swift users call operators. Python has the same names in `swiftconv`.

extension Tensor {
  public static func + (a: Tensor, b: Tensor) throws -> Tensor { try apply(Add.self, [a, b]) }
  public static func - (a: Tensor, b: Tensor) throws -> Tensor { try apply(Subtract.self, [a, b]) }
  public static func * (a: Tensor, b: Tensor) throws -> Tensor { try apply(Multiply.self, [a, b]) }
  public static func / (a: Tensor, b: Tensor) throws -> Tensor { try apply(Divide.self, [a, b]) }
  public static func + (a: Tensor, b: Double) throws -> Tensor { try a + .number(b) }
  public static func - (a: Tensor, b: Double) throws -> Tensor { try a - .number(b) }
  public static func * (a: Tensor, b: Double) throws -> Tensor { try a * .number(b) }
  public static func / (a: Tensor, b: Double) throws -> Tensor { try a / .number(b) }
  public static func + (a: Double, b: Tensor) throws -> Tensor { try .number(a) + b }
  public static func - (a: Double, b: Tensor) throws -> Tensor { try .number(a) - b }
  public static func * (a: Double, b: Tensor) throws -> Tensor { try .number(a) * b }
  public static func / (a: Double, b: Tensor) throws -> Tensor { try .number(a) / b }
  public static prefix func - (a: Tensor) throws -> Tensor { try apply(Negative.self, [a]) }

  // MARK: Creation

  public static func full(_ shape: Dimensions, _ value: Double, _ dtype: DType = .float32) throws -> Tensor {
    let result = try empty(shape, dtype, for: "full")
    if result.count == 1, dtype == .float32 {
      // The seed of most backward passes.
      result.pointer.storeBytes(of: Float(value), as: Float.self)
    } else {
      let resultTarget = result.target
      compute(work: result.count) { Elementwise.fill(resultTarget, shape: shape, number: value) }
    }
    return result
  }

  public static func zeros(_ shape: Dimensions, _ dtype: DType = .float32) throws -> Tensor {
    try full(shape, 0, dtype)
  }
  public static func ones(_ shape: Dimensions, _ dtype: DType = .float32) throws -> Tensor { try full(shape, 1, dtype) }

  /// A tensor of float32 with these elements in row-major order.
  public convenience init(_ elements: [Float], shape: Dimensions) throws {
    guard elements.count == shape.checkedProduct else {
      throw TensorError.value("Tensor: \(elements.count) elements do not fill shape \(shape)")
    }
    guard let storage = Storage(byteCount: elements.count * 4) else {
      throw TensorError.memory("Tensor", shape: shape, dtype: .float32)
    }
    elements.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { storage.pointer?.copyMemory(from: base, byteCount: bytes.count) }
    }
    self.init(dense: storage, dtype: .float32, shape: shape, count: elements.count)
  }

  // MARK: Memory and dtype

  public func cloned() throws -> Tensor { try apply(Clone.self, [self]) }
  public func contiguous() throws -> Tensor { try apply(Contiguous.self, [self]) }
  public func cast(to dtype: DType) throws -> Tensor {
    dtype == self.dtype ? self : try apply(Cast.self, [self], Attributes(integers: [Int(dtype.rawValue)]))
  }

  // MARK: Shape

  public func reshaped(to shape: Dimensions) throws -> Tensor {
    var attributes = Attributes()
    attributes.append(shape)
    return try apply(Reshape.self, [self], attributes)
  }

  public func permuted(_ axes: [Int]) throws -> Tensor {
    var attributes = Attributes()
    attributes.append(axes)
    return try apply(Permute.self, [self], attributes)
  }

  /// The last two axes exchanged.
  public func transposed() throws -> Tensor {
    guard rank >= 2 else { throw TensorError.value("transposed: shape \(shape) has fewer than two axes") }
    var axes = Array(0..<rank)
    axes.swapAt(rank - 1, rank - 2)
    return try permuted(axes)
  }

  public func expanded(to shape: Dimensions) throws -> Tensor {
    if shape == self.shape { return self }
    var attributes = Attributes()
    attributes.append(shape)
    return try apply(Expand.self, [self], attributes)
  }

  // MARK: Reductions

  /// The sum over `axes` (all of them when none is given).
  public func sum(_ axes: [Int] = [], keepsAxes: Bool = false) throws -> Tensor {
    try apply(Sum.self, [self], Reduce.attributes(axes, keepsAxes))
  }

  public func mean(_ axes: [Int] = [], keepsAxes: Bool = false) throws -> Tensor {
    try apply(Mean.self, [self], Reduce.attributes(axes, keepsAxes))
  }

  public func amax(_ axes: [Int] = [], keepsAxes: Bool = false) throws -> Tensor {
    try apply(MaximumReduction.self, [self], Reduce.attributes(axes, keepsAxes))
  }

  /// The sum over all axes along which this tensor was repeated from `shape`.
  public func summed(toShape shape: Dimensions) throws -> Tensor {
    if self.shape == shape { return self }
    // A gradient with fewer axes than the input stands for a repeated one.
    if rank < shape.count { return try expanded(to: shape) }
    let lead = rank - shape.count
    var axes = Array(0..<lead)
    for axis in shape.indices where shape[axis] == 1 && self.shape[lead + axis] != 1 { axes.append(lead + axis) }
    let sum = axes.isEmpty ? self : try sum(axes, keepsAxes: true)
    return sum.shape == shape ? sum : try sum.reshaped(to: shape)
  }

  // MARK: Mathematics

  public func exp() throws -> Tensor { try apply(Exponential.self, [self]) }
  public func log() throws -> Tensor { try apply(Logarithm.self, [self]) }
  public func sqrt() throws -> Tensor { try apply(SquareRoot.self, [self]) }
  public func square() throws -> Tensor { try apply(Square.self, [self]) }
  public func sigmoid() throws -> Tensor { try apply(Sigmoid.self, [self]) }
  public func tanh() throws -> Tensor { try apply(HyperbolicTangent.self, [self]) }
  public func relu() throws -> Tensor { try apply(Relu.self, [self]) }
  public func power(_ exponent: Double) throws -> Tensor { try apply(Power.self, [self, .number(exponent)]) }
  public func matmul(_ other: Tensor) throws -> Tensor { try apply(Matmul.self, [self, other]) }

  public func isEqual(to other: Tensor) throws -> Tensor { try apply(Equal.self, [self, other]) }
  public func isGreater(than other: Tensor) throws -> Tensor { try apply(Greater.self, [self, other]) }

  /// `self` where `condition` holds, `other` elsewhere.
  public func selected(where condition: Tensor, else other: Tensor) throws -> Tensor {
    try apply(Where.self, [condition, self, other])
  }

  // MARK: Values

  /// The value of a tensor with one element.
  public func item() throws -> Double {
    guard count == 1 else {
      throw TensorError.runtime("item: a tensor of shape \(shape) has \(count) elements, only one can become a number")
    }
    var value = 0.0
    withUnsafeMutablePointer(to: &value) { pointer in
      Elementwise.convert(
        Source(pointer: UnsafeRawPointer(self.pointer), strides: [], dtype: dtype),
        into: Target(pointer: UnsafeMutableRawPointer(pointer), strides: [], dtype: .float64), shape: [])
    }
    return value
  }

  /// The same for integers, exactly.
  public func integerItem() throws -> Int64 {
    guard count == 1 else {
      throw TensorError.runtime("item: a tensor of shape \(shape) has \(count) elements, only one can become a number")
    }
    var value: Int64 = 0
    withUnsafeMutablePointer(to: &value) { pointer in
      Elementwise.convert(
        Source(pointer: UnsafeRawPointer(self.pointer), strides: [], dtype: dtype),
        into: Target(pointer: UnsafeMutableRawPointer(pointer), strides: [], dtype: .int64), shape: [])
    }
    return value
  }

  /// All elements as `Double`, in row-major order.
  public func elements() throws -> [Double] {
    let dense = try withoutGradients { try Tensor.empty(shape, .float64) }
    Elementwise.convert(source, into: dense.target, shape: shape)
    let values = UnsafeBufferPointer(start: dense.pointer.assumingMemoryBound(to: Double.self), count: count)
    return Array(values)
  }
}
