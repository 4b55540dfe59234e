/// The loops of pooling in float32, compiled once per instruction set. A row of results is computed from a padded copy of
/// the rows it needs, in which the element that tap `t` of result `x` sees is at `offsets[t] + x`.
///
/// Up to two vectors beyond the last element of a row may be read. Exactly `columns` results are written.
public struct PoolingKernels: Sendable {
  /// The taps of every window in a row of results.
  public struct Taps: @unchecked Sendable {
    public let count: Int
    public let offsets: UnsafePointer<Int>
    /// Where each tap is in its plane, counted from the first tap.
    public let places: UnsafePointer<Int32>

    @inlinable
    public init(count: Int, offsets: UnsafePointer<Int>, places: UnsafePointer<Int32>) {
      (self.count, self.offsets, self.places) = (count, offsets, places)
    }
  }

  /// Where the windows of a row of results are in their plane: the first tap of result `x` is at `first + x · step`. When
  /// nothing is larger than minus infinity, the result is at `starts[x] + shift` from there.
  public struct Places: @unchecked Sendable {
    public let first, step: Int
    public let starts: UnsafePointer<Int32>
    public let shift: Int32

    @inlinable
    public init(first: Int, step: Int, starts: UnsafePointer<Int32>, shift: Int32) {
      (self.first, self.step, self.starts, self.shift) = (first, step, starts, shift)
    }
  }

  /// The largest elements: columns, taps, source, y. NaN wins.
  public typealias Maximum = @Sendable (Int, Taps, UnsafeRawPointer, UnsafeMutablePointer<Float>) -> Void

  /// The same with the places of the largest elements: of equal ones the first, of NaN the last.
  public typealias Locate =
    @Sendable (
      Int, Taps, UnsafeRawPointer, UnsafeMutablePointer<Float>, Places, UnsafeMutablePointer<Int64>
    ) -> Void

  /// The sums of windows, times `shares[x]`: columns, taps, source, shares, y.
  public typealias Mean =
    @Sendable (Int, Taps, UnsafeRawPointer, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  /// `y[x · copies + i] = x[x] · shares[x · step]` for `i` below `copies`: count, copies, x, shares, step, y.
  public typealias Widen =
    @Sendable (
      Int, Int, UnsafePointer<Float>, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>
    ) -> Void

  /// The sums of contiguous rows, times a share: rows, columns, x, share, y.
  public typealias RowMeans =
    @Sendable (Int, Int, UnsafePointer<Float>, Float, UnsafeMutablePointer<Float>) -> Void

  /// The largest elements of windows of 2 x 2: pairs of rows, the columns of each, x, y. Pairs follow each other in both
  /// tensors; of an odd number of columns the last is left out.
  public typealias PairMaxima = @Sendable (Int, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  /// The sums of windows of 2 x 2, times a share: pairs, columns, x, share, y.
  public typealias PairMeans = @Sendable (Int, Int, UnsafePointer<Float>, Float, UnsafeMutablePointer<Float>) -> Void

  /// The largest elements of columns: rows, how many elements apart, columns, x, y. NaN wins. Nothing else is read.
  public typealias ColumnMaxima =
    @Sendable (Int, Int, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  /// The largest of some elements, `step` apart, of lines: lines, how many elements apart, columns, taps, step, whether
  /// results are two elements apart instead of one (with step 1), x, dense y. NaN wins.
  public typealias LineMaxima =
    @Sendable (Int, Int, Int, Int, Int, Bool, UnsafePointer<Float>, UnsafeMutablePointer<Float>) ->
    Void

  public let columnMaxima: ColumnMaxima
  public let lineMaxima: LineMaxima
  public let pairMaxima: PairMaxima
  public let pairMeans: PairMeans
  public let maximum: Maximum
  public let locate: Locate
  public let mean: Mean
  public let widen: Widen
  public let rowMeans: RowMeans

  public init(
    maximum: @escaping Maximum, locate: @escaping Locate, mean: @escaping Mean, widen: @escaping Widen,
    rowMeans: @escaping RowMeans, pairMaxima: @escaping PairMaxima,
    pairMeans: @escaping PairMeans, columnMaxima: @escaping ColumnMaxima,
    lineMaxima: @escaping LineMaxima
  ) {
    (self.columnMaxima, self.lineMaxima) = (columnMaxima, lineMaxima)
    (self.pairMaxima, self.pairMeans) = (pairMaxima, pairMeans)
    (self.maximum, self.locate, self.mean, self.widen, self.rowMeans) = (maximum, locate, mean, widen, rowMeans)
  }
}
