/// The loops of layer normalization over one contiguous row of float32 or float64, compiled once per instruction set.
/// Results must not be the memory of operands.
public struct RowNormalizationKernels: Sendable {
  /// `y = (x - mean) · inverse · weight + bias`: type, count, x, mean, inverse, weight, bias, y.
  public typealias Standardize =
    @Sendable (
      DType, Int, UnsafeRawPointer, Double, Double, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer
    ) -> Void

  /// With `normal = (x - mean) · inverse`: the sums of `g · weight` and of `g · weight · normal`. Adds `g · normal` to the
  /// sums for the weight and `g` to those for the bias: type, count, g, x, mean, inverse, weight, weight's and bias' sums.
  public typealias Sums =
    @Sendable (
      DType, Int, UnsafeRawPointer, UnsafeRawPointer, Double, Double, UnsafeRawPointer, UnsafeMutableRawPointer,
      UnsafeMutableRawPointer
    ) -> (Double, Double)

  /// `dx = (g · weight - shares.0 - normal · shares.1) · inverse`: type, count, g, x, mean, inverse, weight, shares, dx.
  public typealias Gradient =
    @Sendable (
      DType, Int, UnsafeRawPointer, UnsafeRawPointer, Double, Double, UnsafeRawPointer, (Double, Double),
      UnsafeMutableRawPointer
    ) -> Void

  public let standardize: Standardize
  public let sums: Sums
  public let gradient: Gradient

  public init(standardize: @escaping Standardize, sums: @escaping Sums, gradient: @escaping Gradient) {
    (self.standardize, self.sums, self.gradient) = (standardize, sums, gradient)
  }
}
