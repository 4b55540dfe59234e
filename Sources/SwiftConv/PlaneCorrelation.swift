import SwiftConvKernels

/// A plane of numbers in somebody else's memory.
public struct Plane: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer?
  let rows, columns: Int
  /// In elements.
  let strides: Dimensions
  let dtype: DType

  /// - Parameters:
  ///   - pointer: the element in row 0 and column 0.
  ///   - strides: from row to row and from column to column, in bytes.
  /// - Returns: nil where strides or address are not multiples of the element's size.
  public init?(_ pointer: UnsafeMutableRawPointer?, rows: Int, columns: Int, strides: (Int, Int), dtype: DType) {
    let size = dtype.size
    guard strides.0 % size == 0, strides.1 % size == 0, Int(bitPattern: pointer) % size == 0 else { return nil }
    (self.pointer, self.rows, self.columns, self.dtype) = (pointer, rows, columns, dtype)
    self.strides = [strides.0 / size, strides.1 / size]
  }

  /// `corr2d` into this plane without tensors: for small planes these would take longer than the sums.
  ///
  /// - Throws: `TensorError` when shapes or dtypes do not fit, or memory is missing.
  public func store(correlationOf x: Plane, with k: Plane) throws {
    guard dtype.isFloatingPoint, x.dtype == dtype, k.dtype == dtype else {
      throw TensorError.type("corr2d: planes must have one dtype, float32 or float64")
    }
    guard k.rows > 0, k.columns > 0, k.rows <= x.rows, k.columns <= x.columns, rows == x.rows - k.rows + 1,
      columns == x.columns - k.columns + 1, let xs = x.pointer, let ks = k.pointer, let ys = pointer
    else {
      throw TensorError.value(
        "corr2d: planes of \(x.rows) × \(x.columns) and \(k.rows) × \(k.columns) do not give \(rows) × \(columns)")
    }
    let image = Source(pointer: UnsafeRawPointer(xs), strides: x.strides, dtype: dtype)
    let kernel = Source(pointer: UnsafeRawPointer(ks), strides: k.strides, dtype: dtype)
    let result = Target(pointer: ys, strides: strides, dtype: dtype)
    let isDone = compute(work: rows &* columns &* k.rows &* k.columns) {
      Convolution.correlate2D(
        x: image, ih: x.rows, iw: x.columns, k: kernel, kh: k.rows, kw: k.columns, y: result,
        algorithm: ConvolutionMode.algorithm.correlation)
    }
    guard isDone else { throw TensorError.memory("corr2d", shape: [rows, columns], dtype: dtype) }
  }
}
