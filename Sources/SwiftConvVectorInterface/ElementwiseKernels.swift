/// The loops over contiguous floating-point rows that are compiled once per instruction set.
///
/// All pointers are to `float32` or `float64` elements, as the `DType` says; rows may have any length. An output may be
/// the same memory as an operand, but must not overlap one partly.
public struct ElementwiseKernels: Sendable {
  /// `y[i] = op(x[i])`: operation, type, x, y, count, p0, p1. Operations that write `bool` and those on bits leave `y`
  /// as it is.
  public typealias Unary =
    @Sendable (
      UnaryOperation, DType, UnsafeRawPointer, UnsafeMutableRawPointer, Int, Double, Double
    ) -> Void

  /// `y[i] = op(a[i], b[i])`: operation, type, a, b, y, count, p0, p1. Operations on bits leave `y` as it is.
  public typealias Binary =
    @Sendable (
      BinaryOperation, DType, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer, Int, Double, Double
    ) -> Void

  /// All elements of a row reduced to one number; the count is at least 1. `any` and `all` are not for this kernel.
  public typealias ReduceRow = @Sendable (ReduceOperation, DType, UnsafeRawPointer, Int) -> Double

  /// `acc[j] = op(acc[j], x[i · step + j])` for all rows `i`: operation, type, x, step in elements, rows, columns,
  /// acc. `sumOfSquares` adds squares of `x`.
  public typealias AccumulateRows =
    @Sendable (
      ReduceOperation, DType, UnsafeRawPointer, Int, Int, Int, UnsafeMutableRawPointer
    ) -> Void

  public let unary: Unary
  public let binary: Binary
  public let reduceRow: ReduceRow
  public let accumulateRows: AccumulateRows

  public init(
    unary: @escaping Unary, binary: @escaping Binary, reduceRow: @escaping ReduceRow,
    accumulateRows: @escaping AccumulateRows
  ) {
    self.unary = unary
    self.binary = binary
    self.reduceRow = reduceRow
    self.accumulateRows = accumulateRows
  }
}
