import SwiftConvVectorInterface

/// The types that correlations are computed in.
protocol CorrelationScalar: BitwiseCopyable {
  static var dtype: DType { get }
  static var isVectorized: Bool { get }
  init(truncatingInteger: Int64)
  init(number: Double)
}

extension CorrelationScalar {
  /// Copies and converts a rectangle of a plane.
  static func load(
    _ source: Source, _ firstRow: Int, _ firstColumn: Int, rows: Int, columns: Int,
    into target: UnsafeMutableRawPointer, pitch: Int
  ) {
    let first = firstRow * source.strides[0] + firstColumn * source.strides[1]
    let from = source.pointer + first * source.dtype.size
    if isVectorized, source.dtype == dtype {
      Runtime.kernels(dtype).rows.load(rows, columns, from, source.strides[0], source.strides[1], target, pitch)
      return
    }
    let to = target.assumingMemoryBound(to: Self.self)
    func convert<S>(_: S.Type, _ value: (S) -> Self) {
      let from = from.assumingMemoryBound(to: S.self)
      for row in 0..<rows {
        let line = from + row * source.strides[0]
        for column in 0..<columns { to[row * pitch + column] = value(line[column * source.strides[1]]) }
      }
    }
    switch source.dtype {
    case .bool: convert(UInt8.self) { Self(truncatingInteger: $0 == 0 ? 0 : 1) }
    case .uint8: convert(UInt8.self) { Self(truncatingInteger: Int64($0)) }
    case .int32: convert(Int32.self) { Self(truncatingInteger: Int64($0)) }
    case .int64: convert(Int64.self) { Self(truncatingInteger: $0) }
    case .float32: convert(Float.self) { Self(number: Double($0)) }
    case .float64: convert(Double.self) { Self(number: $0) }
    }
  }
}

extension Float: CorrelationScalar {
  static var dtype: DType { .float32 }
  static var isVectorized: Bool { true }
  init(truncatingInteger value: Int64) { self = Float(value) }
  init(number: Double) { self = Float(number) }
}

extension Double: CorrelationScalar {
  static var dtype: DType { .float64 }
  static var isVectorized: Bool { true }
  init(truncatingInteger value: Int64) { self = Double(value) }
  init(number: Double) { self = number }
}

extension Int64: CorrelationScalar {
  static var dtype: DType { .int64 }
  static var isVectorized: Bool { false }
  init(truncatingInteger value: Int64) { self = value }
  /// Results are integers only if both operands are.
  init(number: Double) { self = Int64(exactly: number.rounded(.towardZero)) ?? 0 }
}
