import SwiftConvVectorInterface

/// Softmax along the last axis of dense arrays of float32 or float64, and its logarithm. A row is one thread's work.
public enum Softmax {
  /// `exp(x)` divided by its sum over each row of `count` elements, or the logarithm of that. The largest element is
  /// subtracted first, so nothing overflows. A row with NaN, with +infinity, or of -infinity alone is NaN where the
  /// formula is.
  ///
  /// - Complexity: three walks over each row, no scratch.
  public static func rows(
    _ rows: Int, count: Int, dtype: DType, isLogarithm: Bool, _ x: UnsafeRawPointer, into y: UnsafeMutableRawPointer
  ) {
    guard count > 0 else { return }
    let kernel = Runtime.vector.normalization.softmax
    let stride = count * dtype.size
    parallelFor(rows, work: rows * (count + 16)) { range in
      let first = range.lowerBound * stride
      kernel(dtype, isLogarithm, range.count, count, x + first, y + first)
    }
  }

  /// The gradient of x from that of the result and the result `y` itself.
  public static func gradientRows(
    _ rows: Int, count: Int, dtype: DType, isLogarithm: Bool, _ g: UnsafeRawPointer, _ y: UnsafeRawPointer,
    into dx: UnsafeMutableRawPointer
  ) {
    guard count > 0 else { return }
    let kernel = Runtime.vector.normalization.softmaxGradient
    let stride = count * dtype.size
    parallelFor(rows, work: rows * (count + 16)) { range in
      let first = range.lowerBound * stride
      kernel(dtype, isLogarithm, range.count, count, g + first, y + first, dx + first)
    }
  }
}
