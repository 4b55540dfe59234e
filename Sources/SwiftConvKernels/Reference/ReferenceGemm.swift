/// The matrix product as its definition says. Integer products wrap.
enum ReferenceGemm {
  static func multiply(m: Int, n: Int, k: Int, a: Source, b: Source, c: Target, accumulate: Bool) {
    switch c.dtype {
    case .float32: floating(Float.self, m, n, k, a, b, c, accumulate)
    case .float64: floating(Double.self, m, n, k, a, b, c, accumulate)
    case .int64: integer(Int64.self, m, n, k, a, b, c, accumulate)
    case .int32: integer(Int32.self, m, n, k, a, b, c, accumulate)
    case .uint8: integer(UInt8.self, m, n, k, a, b, c, accumulate)
    case .bool: boolean(m, n, k, a, b, c, accumulate)
    }
  }

  private static func floating<T: BinaryFloatingPoint>(
    _: T.Type, _ m: Int, _ n: Int, _ k: Int, _ a: Source, _ b: Source, _ c: Target, _ accumulate: Bool
  ) {
    forEach(T.self, m, n, a, b, c) { left, right, result in
      var sum = accumulate ? Double(result.pointee) : 0
      for index in 0..<k { sum += Double(left[index * a.strides[1]]) * Double(right[index * b.strides[0]]) }
      result.pointee = T(sum)
    }
  }

  private static func integer<T: FixedWidthInteger>(
    _: T.Type, _ m: Int, _ n: Int, _ k: Int, _ a: Source, _ b: Source, _ c: Target, _ accumulate: Bool
  ) {
    forEach(T.self, m, n, a, b, c) { left, right, result in
      var sum = accumulate ? result.pointee : 0
      for index in 0..<k { sum &+= left[index * a.strides[1]] &* right[index * b.strides[0]] }
      result.pointee = sum
    }
  }

  /// Of booleans: whether any pair of elements is true in both.
  private static func boolean(
    _ m: Int, _ n: Int, _ k: Int, _ a: Source, _ b: Source, _ c: Target, _ accumulate: Bool
  ) {
    forEach(UInt8.self, m, n, a, b, c) { left, right, result in
      var any = accumulate && result.pointee != 0
      for index in 0..<k where left[index * a.strides[1]] != 0 && right[index * b.strides[0]] != 0 { any = true }
      result.pointee = any ? 1 : 0
    }
  }

  @inline(__always)
  private static func forEach<T>(
    _: T.Type, _ m: Int, _ n: Int, _ a: Source, _ b: Source, _ c: Target,
    _ body: (UnsafePointer<T>, UnsafePointer<T>, UnsafeMutablePointer<T>) -> Void
  ) {
    let left = a.pointer.assumingMemoryBound(to: T.self)
    let right = b.pointer.assumingMemoryBound(to: T.self)
    let result = c.pointer.assumingMemoryBound(to: T.self)
    for row in 0..<m {
      for column in 0..<n {
        body(
          left + row * a.strides[0], right + column * b.strides[1],
          result + row * c.strides[0] + column * c.strides[1])
      }
    }
  }
}
