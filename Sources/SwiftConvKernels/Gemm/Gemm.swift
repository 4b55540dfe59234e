/// Matrix products.
public enum Gemm {
  /// `c = a * b`, or `c += a * b`: (m, k) times (k, n), elements of one type at any strides.
  ///
  /// Integers are multiplied and added modulo their range; booleans with "and" and "or".
  ///
  /// - Returns: false when scratch memory cannot be had.
  public static func multiply(
    m: Int, n: Int, k: Int, a: Source, b: Source, c: Target, accumulate: Bool = false
  ) -> Bool {
    guard m > 0, n > 0 else { return true }
    ReferenceGemm.multiply(m: m, n: n, k: k, a: a, b: b, c: c, accumulate: accumulate)
    return true
  }
}
