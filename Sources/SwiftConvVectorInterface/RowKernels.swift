/// Kernels that move rows of elements, or combine rows with few weights, for one element type and one instruction set.
/// Strides and offsets count elements.
public struct RowKernels: Sendable {
  /// Copies a rectangle: element (row, column) of `source` is at `row * sourceRowStride + column * sourceStride`, and
  /// goes to `row * targetRowStride + column`.
  public typealias Load =
    @convention(c) @Sendable (
      _ rows: Int, _ columns: Int,
      _ source: UnsafeRawPointer, _ sourceRowStride: Int, _ sourceStride: Int,
      _ target: UnsafeMutableRawPointer, _ targetRowStride: Int
    ) -> Void

  /// Copies a rectangle and adds a number: element (row, column) of `source` is at `row * sourceRowStride + column`, and
  /// goes to `row * targetRowStride + column * targetStride`. `bias` is the number, or nil for none.
  public typealias Store =
    @convention(c) @Sendable (
      _ rows: Int, _ columns: Int,
      _ source: UnsafeRawPointer, _ sourceRowStride: Int,
      _ target: UnsafeMutableRawPointer, _ targetRowStride: Int, _ targetStride: Int,
      _ bias: UnsafeRawPointer?
    ) -> Void

  /// Joins short runs of elements to rows: run r of row k is the `length` elements from
  /// `sourceOffsets[k] + runOffsets[r]` on, and goes to `k * targetRowStride + r * length`.
  ///
  /// Reads and writes whole vectors: up to one vector beyond the end of a run, and of the last row.
  public typealias Join =
    @convention(c) @Sendable (
      _ rows: Int, _ runs: Int, _ length: Int,
      _ source: UnsafeRawPointer, _ sourceOffsets: UnsafePointer<Int>, _ runOffsets: UnsafePointer<Int>,
      _ target: UnsafeMutableRawPointer, _ targetRowStride: Int
    ) -> Void

  /// Transposes a rectangle: element (row, column) of `source` is at `row * sourceRowStride + column`, and goes to
  /// `column * targetRowStride + row`. If it pads, rows of the target are filled with zeros up to a whole vector.
  public typealias Transpose =
    @convention(c) @Sendable (
      _ rows: Int, _ columns: Int,
      _ source: UnsafeRawPointer, _ sourceRowStride: Int,
      _ target: UnsafeMutableRawPointer, _ targetRowStride: Int, _ pads: Bool
    ) -> Void

  /// Correlates a band of one plane with a small kernel: `target[row, column] = sum of
  /// weights[ky * kw + kx] * source[(row + ky) * sourceRowStride + column + kx * tapStride]`, to which it adds the number
  /// at `start` (unless that is nil), or what is in the target if it accumulates. Neighbouring rows of the target come from neighbouring rows of the source; a caller with vertical dilation
  /// passes one row at a time and the dilated distance as `sourceRowStride`.
  ///
  /// Writes `columns` elements exactly. Where these are fewer than a vector has, or are added to what is there, reads up to one
  /// vector beyond the last element of each source row that it needs.
  public typealias Correlate =
    @convention(c) @Sendable (
      _ rows: Int, _ columns: Int, _ kh: Int, _ kw: Int,
      _ source: UnsafeRawPointer, _ sourceRowStride: Int, _ tapStride: Int, _ weights: UnsafeRawPointer,
      _ target: UnsafeMutableRawPointer, _ targetRowStride: Int, _ start: UnsafeRawPointer?, _ accumulates: Bool
    ) -> Void

  /// Sums along one line: element i of `target` is the sum of `weights[t] * source[offsets[t] + i]` over all taps, to which
  /// it adds the number at `start` (unless that is nil), and what is in the target if it accumulates. Rows of a plane that
  /// are joined are one line, with sums between them that mean nothing. The line has `vectors` whole vectors.
  public typealias Line =
    @convention(c) @Sendable (
      _ vectors: Int, _ taps: Int,
      _ source: UnsafeRawPointer, _ offsets: UnsafePointer<Int>, _ weights: UnsafeRawPointer,
      _ target: UnsafeMutableRawPointer, _ start: UnsafeRawPointer?, _ accumulates: Bool
    ) -> Void

  /// The sums of products that weight gradients are: adds, for each tap, the vector of partial sums of
  /// `a[i] * b[offsets[tap] + i]` over a line to a vector of `sums`. Elements whose `mask`, an integer of their size, is 0
  /// do not count; that of the others is -1.
  public typealias LineDot =
    @convention(c) @Sendable (
      _ vectors: Int, _ taps: Int,
      _ a: UnsafeRawPointer, _ mask: UnsafeRawPointer, _ b: UnsafeRawPointer, _ offsets: UnsafePointer<Int>,
      _ sums: UnsafeMutableRawPointer
    ) -> Void

  /// Sums of products of vectors, lane by lane: adds, for each row and column of a tile of at most `GemmKernels.tileRows` by
  /// `GemmKernels.tileVectors`, `a[row * aRowStride + i] * b[bOffsets[column] + line * bLineStride + j]`, over all lines of
  /// `vectors` whole vectors each, to the vector at `row * sumRowStride + column * lanes` of `sums`. Lines of a follow
  /// each other without a gap; j counts the elements of a line, i those of all lines before it as well.
  public typealias DotTile =
    @convention(c) @Sendable (
      _ rows: Int, _ columns: Int, _ lines: Int, _ vectors: Int,
      _ a: UnsafeRawPointer, _ aRowStride: Int,
      _ b: UnsafeRawPointer, _ bOffsets: UnsafePointer<Int>, _ bLineStride: Int,
      _ sums: UnsafeMutableRawPointer, _ sumRowStride: Int
    ) -> Void

  /// Adds up the lanes of each of `count` vectors.
  public typealias Fold =
    @convention(c) @Sendable (_ count: Int, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer) -> Void

  /// Copies rows whose elements come in turn from `even` and `odd`; `columns` counts both.
  public typealias Zip =
    @convention(c) @Sendable (
      _ rows: Int, _ columns: Int,
      _ even: UnsafeRawPointer, _ odd: UnsafeRawPointer, _ sourceRowStride: Int,
      _ target: UnsafeMutableRawPointer, _ targetRowStride: Int
    ) -> Void

  public var load: Load
  public var store: Store
  public var join: Join
  public var transpose: Transpose
  public var correlate: Correlate
  public var line: Line
  public var lineDot: LineDot
  public var dotTile: DotTile
  public var fold: Fold
  public var zip: Zip

  public init(
    load: @escaping Load, store: @escaping Store, join: @escaping Join, transpose: @escaping Transpose,
    correlate: @escaping Correlate, line: @escaping Line, lineDot: @escaping LineDot,
    dotTile: @escaping DotTile, fold: @escaping Fold, zip: @escaping Zip
  ) {
    self.load = load
    self.store = store
    self.join = join
    self.transpose = transpose
    self.correlate = correlate
    self.line = line
    self.lineDot = lineDot
    self.dotTile = dotTile
    self.fold = fold
    self.zip = zip
  }
}
