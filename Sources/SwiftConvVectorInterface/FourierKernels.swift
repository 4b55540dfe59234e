/// Kernels for discrete Fourier transforms of planes, for one element type and one instruction set.
///
/// A plane holds real or imaginary parts. Its rows are `pitch` elements apart, and its columns are a multiple of the lanes
/// of a vector, as are its rows; both are products of fours and eights. Columns are transformed in vectors, as many at a
/// time as there are lanes. A transform leaves its output in the order in which its passes put it, and the inverse takes
/// that order: a product of two transforms does not mind. `table` has the factors of a column's passes.
public struct FourierKernels: Sendable {
  /// Transforms the columns of `re` and `im`, which are overwritten, and writes the transposed of the result.
  public typealias Forward =
    @convention(c) @Sendable (
      _ rows: Int, _ columns: Int, _ re: UnsafeMutableRawPointer, _ im: UnsafeMutableRawPointer, _ pitch: Int,
      _ table: UnsafeRawPointer,
      _ targetRe: UnsafeMutableRawPointer, _ targetIm: UnsafeMutableRawPointer, _ targetPitch: Int
    ) -> Void

  /// Transforms the columns of a plane where they are.
  public typealias Transform =
    @convention(c) @Sendable (
      _ rows: Int, _ columns: Int, _ re: UnsafeMutableRawPointer, _ im: UnsafeMutableRawPointer, _ pitch: Int,
      _ table: UnsafeRawPointer
    ) -> Void

  /// Transforms the columns of a plane, multiplies each number with the one of `factorRe` and `factorIm` in its place,
  /// and undoes the transform, except for a factor of `rows`.
  public typealias Filter =
    @convention(c) @Sendable (
      _ rows: Int, _ columns: Int, _ re: UnsafeMutableRawPointer, _ im: UnsafeMutableRawPointer, _ pitch: Int,
      _ table: UnsafeRawPointer, _ factorRe: UnsafeRawPointer, _ factorIm: UnsafeRawPointer
    ) -> Void

  /// Transposes a plane into `rows` rows and `columns` columns, and undoes the transform of these columns, except for a
  /// factor of `rows`.
  public typealias Inverse =
    @convention(c) @Sendable (
      _ rows: Int, _ columns: Int,
      _ sourceRe: UnsafeRawPointer, _ sourceIm: UnsafeRawPointer, _ sourcePitch: Int, _ table: UnsafeRawPointer,
      _ re: UnsafeMutableRawPointer, _ im: UnsafeMutableRawPointer, _ pitch: Int
    ) -> Void

  public var forward: Forward
  public var transform: Transform
  public var filter: Filter
  public var inverse: Inverse

  public init(
    forward: @escaping Forward, transform: @escaping Transform, filter: @escaping Filter, inverse: @escaping Inverse
  ) {
    self.forward = forward
    self.transform = transform
    self.filter = filter
    self.inverse = inverse
  }

  /// The radix of the first pass of a transform of so many numbers: eights, and fours at the end. The lengths that come
  /// out even are 4, 8, and all powers of two from 16 on.
  @inlinable
  public static func radix(_ length: Int) -> Int { length % 8 == 0 && length != 16 ? 8 : 4 }
}
