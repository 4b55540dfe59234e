/// The correlation of one plane with one kernel as its definition says.
enum ReferenceCorrelation {
  static func correlate2D(x: Source, k: Source, kh: Int, kw: Int, y: Target, oh: Int, ow: Int) {
    switch y.dtype {
    case .float32: floating(Float.self, x, k, kh, kw, y, oh, ow)
    case .float64: floating(Double.self, x, k, kh, kw, y, oh, ow)
    default: integer(x, k, kh, kw, y, oh, ow)
    }
  }

  private static func floating<T: BinaryFloatingPoint>(
    _: T.Type, _ x: Source, _ k: Source, _ kh: Int, _ kw: Int, _ y: Target, _ oh: Int, _ ow: Int
  ) {
    let result = y.pointer.assumingMemoryBound(to: T.self)
    for i in 0..<oh {
      for j in 0..<ow {
        var sum = 0.0
        for a in 0..<kh {
          for b in 0..<kw { sum += x.number(i + a, j + b) * k.number(a, b) }
        }
        result[i * y.strides[0] + j * y.strides[1]] = T(sum)
      }
    }
  }

  private static func integer(
    _ x: Source, _ k: Source, _ kh: Int, _ kw: Int, _ y: Target, _ oh: Int, _ ow: Int
  ) {
    let result = y.pointer.assumingMemoryBound(to: Int64.self)
    for i in 0..<oh {
      for j in 0..<ow {
        var sum: Int64 = 0
        for a in 0..<kh {
          for b in 0..<kw { sum &+= x.integer(i + a, j + b) &* k.integer(a, b) }
        }
        result[i * y.strides[0] + j * y.strides[1]] = sum
      }
    }
  }
}

extension Source {
  /// One element of a plane, as a floating-point number.
  fileprivate func number(_ row: Int, _ column: Int) -> Double {
    let offset = row * strides[0] + column * strides[1]
    return switch dtype {
    case .float32: Double(pointer.assumingMemoryBound(to: Float.self)[offset])
    case .float64: pointer.assumingMemoryBound(to: Double.self)[offset]
    default: Double(integer(row, column))
    }
  }

  /// One element of a plane of integers.
  fileprivate func integer(_ row: Int, _ column: Int) -> Int64 {
    let offset = row * strides[0] + column * strides[1]
    return switch dtype {
    case .bool: pointer.assumingMemoryBound(to: UInt8.self)[offset] == 0 ? 0 : 1
    case .uint8: Int64(pointer.assumingMemoryBound(to: UInt8.self)[offset])
    case .int32: Int64(pointer.assumingMemoryBound(to: Int32.self)[offset])
    default: pointer.assumingMemoryBound(to: Int64.self)[offset]
    }
  }
}
