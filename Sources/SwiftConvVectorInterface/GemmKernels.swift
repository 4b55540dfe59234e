/// The micro-kernel of the matrix product, for one element type and one instruction set.
public struct GemmKernels: Sendable {
  /// `c = a * b`, or `c += a * b`, for a tile of c that fits the registers.
  ///
  /// - rows: rows of the tile, 1 to `tileRows`.
  /// - vectors: columns of the tile in vectors of `lanes` elements, 1 to `tileVectors`.
  /// - depth: length of the sums.
  /// - a: element (row, k) is at `row * aRowStride + k * aDepthStride`; strides here and below count elements.
  /// - b: row k starts at element `bOffsets[k]`, and its columns are neighbours.
  /// - c: rows are `cRowStride` apart, columns are neighbours.
  /// - streams: whether c is written past the caches. Its rows are then at multiples of a vector's size, and what
  ///   was written is seen by other threads only after `sc_stream_end`.
  ///
  /// Each element is one sum, taken in the order of k, however large the tile is. What is in c is added last: long sums
  /// in parts have smaller rounding errors than in one.
  public typealias Tile =
    @convention(c) @Sendable (
      _ rows: Int, _ vectors: Int, _ depth: Int,
      _ a: UnsafeRawPointer, _ aRowStride: Int, _ aDepthStride: Int,
      _ b: UnsafeRawPointer, _ bOffsets: UnsafePointer<Int>,
      _ c: UnsafeMutableRawPointer, _ cRowStride: Int, _ accumulates: Bool, _ streams: Bool
    ) -> Void

  /// The same with a left factor that is gathered: element (row, k) of a is at `aRowOffsets[row] + aDepthOffsets[k]`,
  /// and row k of b starts at `k * bRowStride`. It serves convolutions right from an image: rows and depth are taps and
  /// positions, or positions and taps. Tiles of one or two vectors leave enough registers for the addresses.
  public typealias GatherTile =
    @convention(c) @Sendable (
      _ rows: Int, _ vectors: Int, _ depth: Int,
      _ a: UnsafeRawPointer, _ aRowOffsets: UnsafePointer<Int>, _ aDepthOffsets: UnsafePointer<Int>,
      _ b: UnsafeRawPointer, _ bRowStride: Int,
      _ c: UnsafeMutableRawPointer, _ cRowStride: Int, _ accumulates: Bool
    ) -> Void

  public var tile: Tile
  public var gatherTile: GatherTile
  /// Elements of one vector.
  public var lanes: Int
  /// The largest tile.
  public var tileRows: Int
  public var tileVectors: Int

  public init(
    tile: @escaping Tile, gatherTile: @escaping GatherTile, lanes: Int, tileRows: Int, tileVectors: Int
  ) {
    self.tile = tile
    self.gatherTile = gatherTile
    self.lanes = lanes
    self.tileRows = tileRows
    self.tileVectors = tileVectors
  }
}
