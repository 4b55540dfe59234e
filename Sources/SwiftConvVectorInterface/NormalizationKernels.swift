/// The loops of normalizations and of softmax over contiguous rows, compiled once per instruction set.
///
/// All pointers are to `float32` or `float64` elements, as the `DType` says. Results must not be the memory of operands.
public struct NormalizationKernels: Sendable {
  /// The pieces of one channel: `images` runs of `pixels` elements, `imageStride` elements apart. From the first element
  /// on, `extent` elements may be read.
  public struct Channel: Sendable {
    public let images, imageStride, pixels, extent: Int

    @inlinable
    public init(images: Int, imageStride: Int, pixels: Int, extent: Int) {
      (self.images, self.imageStride, self.pixels, self.extent) = (images, imageStride, pixels, extent)
    }
  }

  /// The sums of `x - center` and of its squares over a channel: type, channel, x, center.
  public typealias Moments = @Sendable (DType, Channel, UnsafeRawPointer, Double) -> (Double, Double)

  /// The sums of `g` and of `g · (x - center)` over a channel: type, channel, g, x, center.
  public typealias Products =
    @Sendable (DType, Channel, UnsafeRawPointer, UnsafeRawPointer, Double) -> (Double, Double)

  /// `y[i] = x[i] · a[i] + b[i]`: type, count, x, a, b, the step of a and b (0 or 1), whether the
  /// result goes past the caches, y.
  public typealias Affine =
    @Sendable (
      DType, Int, UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer, Int, Bool,
      UnsafeMutableRawPointer
    ) -> Void

  /// `y[i] = g[i] · a[i] + x[i] · b[i] + c[i]`: type, count, g, x, a, b, c, the step of a, b and c (0 or 1),
  /// whether the result goes past the caches, y.
  public typealias Combine =
    @Sendable (
      DType, Int, UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer,
      UnsafeRawPointer, Int, Bool,
      UnsafeMutableRawPointer
    ) -> Void

  /// For every column the sums over `images` rows, `imageStride` elements apart, of the same as `Moments`, written
  /// to `sums` and, those of squares, `columns` elements further: type, images, imageStride, columns, x, centers, sums.
  public typealias ColumnMoments =
    @Sendable (DType, Int, Int, Int, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void

  /// The same for `Products`: type, images, imageStride, columns, g, x, centers, sums.
  public typealias ColumnProducts =
    @Sendable (
      DType, Int, Int, Int, UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer
    ) -> Void

  /// The softmax of dense rows, or its logarithm: type, whether it is the logarithm, rows, count (at least 1), x, y.
  public typealias Softmax = @Sendable (DType, Bool, Int, Int, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void

  /// The gradient of `Softmax`: type, whether of the logarithm, rows, count, g, the result y, dx.
  public typealias SoftmaxGradient =
    @Sendable (DType, Bool, Int, Int, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void

  public let moments: Moments
  public let products: Products
  public let columnMoments: ColumnMoments
  public let columnProducts: ColumnProducts
  public let affine: Affine
  public let combine: Combine
  public let softmax: Softmax
  public let softmaxGradient: SoftmaxGradient

  public init(
    moments: @escaping Moments, products: @escaping Products, columnMoments: @escaping ColumnMoments,
    columnProducts: @escaping ColumnProducts, affine: @escaping Affine, combine: @escaping Combine,
    softmax: @escaping Softmax, softmaxGradient: @escaping SoftmaxGradient
  ) {
    (self.moments, self.products) = (moments, products)
    (self.columnMoments, self.columnProducts) = (columnMoments, columnProducts)
    (self.affine, self.combine) = (affine, combine)
    (self.softmax, self.softmaxGradient) = (softmax, softmaxGradient)
  }
}
