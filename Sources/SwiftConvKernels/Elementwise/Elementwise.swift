/// Functions of one, two or three elements, over operands with any strides: in elements, one for each axis of `shape`,
/// 0 where an operand repeats, negative where it runs backwards.
///
/// Operands have the same type unless said otherwise. An operand may be the same memory as the output, element for
/// element, but must not overlap it otherwise. Integer arithmetic wraps around; an integer divided by zero gives 0.
public enum Elementwise {
  /// `y = op(x)`. The result of `logicalNot`, `isNaN` and `isInf` is `bool`, of everything else of the type of `x`.
  public static func unary(
    _ op: UnaryOperation, _ x: Source, into y: Target, shape: Dimensions, p0: Double = 0, p1: Double = 0
  ) {
    if op.writesBool {
      mapRows(y, x, shape: shape, work: 0.3) { place, count in
        predicateRow(op, x.dtype, place[1], place[0].assumingMemoryBound(to: UInt8.self), count)
      }
    } else if x.dtype.isFloatingPoint {
      let kernel = Runtime.vector.elementwise.unary
      let dtype = x.dtype
      mapRows(y, x, shape: shape, work: op.nanoseconds) { place, count in
        kernel(op, dtype, place[1], place[0], count, p0, p1)
      }
    } else {
      mapRows(y, x, shape: shape, work: 1) { place, count in
        integerUnary(op, x.dtype, place[1], place[0], count, p0, p1)
      }
    }
  }

  /// `y = op(a, b)`.
  public static func binary(
    _ op: BinaryOperation, _ a: Source, _ b: Source, into y: Target, shape: Dimensions, p0: Double = 0, p1: Double = 0
  ) {
    let dtype = a.dtype
    if dtype.isFloatingPoint {
      let kernel = Runtime.vector.elementwise.binary
      mapRows(y, a, b, shape: shape, work: op.nanoseconds) { place, count in
        kernel(op, dtype, place[1], place[2], place[0], count, p0, p1)
      }
    } else {
      mapRows(y, a, b, shape: shape, work: 1) { place, count in
        integerBinary(op, dtype, place[1], place[2], place[0], count, p0, p1)
      }
    }
  }

  /// `y = op(x)` for `count` elements in a row, of a floating-point type that is also the result's.
  public static func unary(
    _ op: UnaryOperation, _ x: UnsafeRawPointer, into y: UnsafeMutableRawPointer, dtype: DType, count: Int,
    p0: Double = 0, p1: Double = 0
  ) {
    let kernel = Runtime.vector.elementwise.unary
    let pointers: Positions = [y, UnsafeMutableRawPointer(mutating: x), y, y]
    mapDense(pointers, sizes: [dtype.size, dtype.size, 0, 0], count: count, work: op.nanoseconds) { place, count in
      kernel(op, dtype, place[1], place[0], count, p0, p1)
    }
  }

  /// `y = op(a, b)` for `count` elements in a row, of a floating-point type.
  public static func binary(
    _ op: BinaryOperation, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, into y: UnsafeMutableRawPointer, dtype: DType,
    count: Int
  ) {
    let kernel = Runtime.vector.elementwise.binary
    let pointers: Positions = [
      y, UnsafeMutableRawPointer(mutating: a), UnsafeMutableRawPointer(mutating: b), y,
    ]
    let sizes: InlineArray<4, Int> = [dtype.size, dtype.size, dtype.size, 0]
    mapDense(pointers, sizes: sizes, count: count, work: op.nanoseconds) { place, count in
      kernel(op, dtype, place[1], place[2], place[0], count, 0, 0)
    }
  }

  /// `y = a op b`, of type `bool`.
  public static func compare(_ op: Comparison, _ a: Source, _ b: Source, into y: Target, shape: Dimensions) {
    mapRows(y, a, b, shape: shape, work: 0.3) { place, count in
      compareRow(op, a.dtype, place[1], place[2], place[0].assumingMemoryBound(to: UInt8.self), count)
    }
  }

  /// `y = condition ? a : b`. The condition is of type `bool`.
  public static func select(_ condition: Source, _ a: Source, _ b: Source, into y: Target, shape: Dimensions) {
    let size = y.dtype.size
    mapRows(y, condition, a, b, shape: shape, work: 0.5) { place, count in
      let condition = UnsafePointer(place[1].assumingMemoryBound(to: UInt8.self))
      switch size {
      case 1: selectRow(UInt8.self, condition, place[2], place[3], place[0], count)
      case 4: selectRow(UInt32.self, condition, place[2], place[3], place[0], count)
      default: selectRow(UInt64.self, condition, place[2], place[3], place[0], count)
      }
    }
  }

  /// `y = x` in the type of `y`. Numbers become integers by cutting off the fraction; what lies beyond the range
  /// becomes the end of it, NaN becomes 0. Anything but 0 becomes true.
  public static func convert(_ x: Source, into y: Target, shape: Dimensions) {
    if x.dtype == y.dtype {
      copy(x, into: y, shape: shape)
    } else {
      mapRows(y, x, shape: shape, work: 0.5) { place, count in
        convertRow(x.dtype, place[1], y.dtype, place[0], count)
      }
    }
  }

  private static func copy(_ x: Source, into y: Target, shape: Dimensions) {
    guard let walk = Walk(shape: shape, operands: [Operand(y), Operand(x), Operand(y), Operand(y)], operandCount: 2)
    else { return }
    walk.forEachTile(work: 0.4, begin: {}, end: { _ in }) { _, places, rows, columns in
      copyTile(
        to: TilePlace(pointer: places[0], row: walk.rowStride(0), column: walk.columnStride(0)),
        from: TilePlace(pointer: places[1], row: walk.rowStride(1), column: walk.columnStride(1)),
        rows: rows, columns: columns, size: walk.size(0))
    }
  }

  /// Every element becomes `integer`, converted as `convert` does.
  public static func fill(_ y: Target, shape: Dimensions, integer: Int64) {
    withUnsafeBytes(of: integer) { fill(y, shape: shape, from: $0.baseAddress!, dtype: .int64) }
  }

  /// Every element becomes `number`, converted as `convert` does.
  public static func fill(_ y: Target, shape: Dimensions, number: Double) {
    withUnsafeBytes(of: number) { fill(y, shape: shape, from: $0.baseAddress!, dtype: .float64) }
  }

  private static func fill(_ y: Target, shape: Dimensions, from value: UnsafeRawPointer, dtype: DType) {
    var converted: UInt64 = 0
    withUnsafeMutableBytes(of: &converted) { bytes in
      convertRow(dtype, value, y.dtype, bytes.baseAddress!, 1)
      let repeated = Dimensions(repeating: 0, count: shape.count)
      copy(Source(pointer: bytes.baseAddress!, strides: repeated, dtype: y.dtype), into: y, shape: shape)
    }
  }

  /// `y[i] = start + i · step` for `count` contiguous elements.
  public static func arange(
    _ y: UnsafeMutableRawPointer, dtype: DType, count: Int, start: Double, step: Double
  ) {
    fillSequence(y, dtype: dtype, count: count, value: { start + Double($0) * step })
  }

  /// `y[i] = start + i · step` for `count` contiguous elements, exact in 64 bits.
  public static func arange(_ y: UnsafeMutableRawPointer, dtype: DType, count: Int, start: Int64, step: Int64) {
    fillSequence(y, dtype: dtype, count: count, value: { start &+ Int64($0) &* step })
  }

  @inline(__always)
  private static func fillSequence<T: Convertible>(
    _ y: UnsafeMutableRawPointer, dtype: DType, count: Int, value: (Int) -> T
  ) {
    parallelFor(count, work: count) { range in
      for index in range {
        var element = value(index)
        withUnsafeBytes(of: &element) {
          convertRow(T.elementType, $0.baseAddress!, dtype, y + index * dtype.size, 1)
        }
      }
    }
  }
}

extension UnaryOperation {
  /// About what an element costs, for the decision whether threads pay.
  var nanoseconds: Double {
    switch self {
    case .negative, .absolute, .sign, .sqrt, .rsqrt, .reciprocal, .square, .relu, .leakyRelu, .floor, .ceil, .round,
      .trunc, .clamp, .addScalar, .mulScalar, .logicalNot, .isNaN, .isInf, .bitwiseNot:
      0.4
    case .exp, .expm1, .log, .log1p, .tanh, .sigmoid, .gelu, .geluTanh, .silu, .softplus, .erf: 1.5
    default: 10
    }
  }
}

extension BinaryOperation {
  /// About what an element costs, for the decision whether threads pay.
  var nanoseconds: Double {
    switch self {
    case .floorDivide, .remainder, .power, .atan2: 15
    case .geluGradient, .geluTanhGradient, .siluGradient, .softplusGradient: 2
    default: 0.5
    }
  }
}
