extension Convolution {
  /// The correlation of one plane with one kernel, without padding: `y[i, j] = sum of k[a, b] * x[i + a, j + b]`.
  ///
  /// x (ih, iw) and k (kh, kw) may have any element type; the sums are taken and written in the type of y (ih - kh + 1,
  /// iw - kw + 1), which is int64, float32 or float64. Integers wrap.
  ///
  /// - Returns: false when scratch memory cannot be had.
  public static func correlate2D(x: Source, ih: Int, iw: Int, k: Source, kh: Int, kw: Int, y: Target) -> Bool {
    let (oh, ow) = (ih - kh + 1, iw - kw + 1)
    guard oh > 0, ow > 0 else { return true }
    ReferenceCorrelation.correlate2D(x: x, k: k, kh: kh, kw: kw, y: y, oh: oh, ow: ow)
    return true
  }
}
