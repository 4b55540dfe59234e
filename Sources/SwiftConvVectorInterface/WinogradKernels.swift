/// The transforms of Winograd's convolution of 3x3 taps, for one element type and one instruction set.
///
/// A tile of `n` by `n` results comes from `n + 2` by `n + 2` places, and takes as many products. Everything here is laid
/// out in vectors of `lanes` channels: places and strides count elements, and lead to the first channel of a vector.
public struct WinogradKernels: Sendable {
  /// A linear map of the rows and of the columns of a small square.
  public enum Transform: Int, Sendable {
    /// `n + 2` places of the input, taken to the points where products are taken.
    case input
    /// 3 taps of the weight, taken to the points.
    case weight
    /// Sums of products at the points, taken to `n` results.
    case output
    /// The transpose of `output`: the gradients of `n` results, taken to the points.
    case outputGradient
    /// The transpose of `weight`: sums of products at the points, taken to the gradients of 3 taps.
    case weightGradient
  }

  /// Where the vectors of squares are: (row, column) of square s is at
  /// `places[s] + row * rowStride + column * columnStride`.
  public struct Squares {
    public let places: UnsafePointer<Int>
    public let rowStride, columnStride: Int

    @inlinable
    public init(places: UnsafePointer<Int>, rowStride: Int, columnStride: Int) {
      (self.places, self.rowStride, self.columnStride) = (places, rowStride, columnStride)
    }
  }

  /// Transforms `count` squares: transform, n (2, 3 or 4), count, source and its squares, target and its squares.
  public typealias Apply =
    @Sendable (
      Transform, Int, Int, UnsafeRawPointer, Squares, UnsafeMutableRawPointer, Squares
    ) -> Void

  /// How the elements of some channels lie in a tensor: channels and pixels, each evenly spaced.
  public struct Plane {
    public let channels, channelStride, pixels, pixelStride: Int

    @inlinable
    public init(channels: Int, channelStride: Int, pixels: Int, pixelStride: Int) {
      (self.channels, self.channelStride, self.pixels, self.pixelStride) = (
        channels, channelStride, pixels, pixelStride
      )
    }
  }

  /// Gathers up to `lanes` channels to vectors, one for each pixel, at `places` of the target; missing channels become
  /// zeros: plane, source, how many elements may be read from there on, target, places.
  public typealias Gather =
    @Sendable (Plane, UnsafeRawPointer, Int, UnsafeMutableRawPointer, UnsafePointer<Int>) -> Void

  /// The reverse, which adds a number to each channel: plane, source, places, `lanes` numbers or nil, target.
  public typealias Scatter =
    @Sendable (
      Plane, UnsafeRawPointer, UnsafePointer<Int>, UnsafeRawPointer?, UnsafeMutableRawPointer
    ) -> Void

  public let apply: Apply
  public let gather: Gather
  public let scatter: Scatter
  public let few: FewTiles

  public init(apply: @escaping Apply, gather: @escaping Gather, scatter: @escaping Scatter, few: FewTiles) {
    (self.apply, self.gather, self.scatter, self.few) = (apply, gather, scatter, few)
  }
}

extension WinogradKernels {
  /// Products for so few tiles of four by four results that the transformed weight is not worth being written down.
  ///
  /// The columns of the taps are mapped first, for the four inner points, to lines of three vectors. Rows of points are then
  /// taken one at a time.
  public struct FewTiles: Sendable {
    /// At most so many tiles at a time in a row of points; none where there are too few registers.
    public let most: Int

    /// Between the tiles of transformed inputs at a point, in elements; at most so many channels are taken together.
    @inlinable
    public static var pitch: Int { 64 }

    /// At most so many channels in a product: their lines fit the first-level cache.
    @inlinable
    public static var mostChannels: Int { 32 }
    /// Vectors of memory for their lines.
    @inlinable
    public static var lineVectors: Int { 4 * 3 * mostChannels }

    /// The reverse of the map of columns, for gradients, from lines of all six points: count, lines, squares of 3 by 3 taps
    /// one after another.
    public typealias UnmapColumns = @Sendable (Int, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void
    public let unmapColumns: UnmapColumns

    /// The products of tiles with a vector of rows of the weight and some of its channels.
    public struct Product {
      /// How many tiles have a part in the six rows of points, and in the last one, from the first tile on.
      public let tiles, lastTiles: Int
      public let channels: Int
      /// The transformed inputs, and their distance between points.
      public let inputs: UnsafeRawPointer
      public let inputStride: Int
      /// Squares of 3 by 3 taps, one after another.
      public let taps: UnsafeRawPointer
      /// Memory for `lineVectors` vectors.
      public let lines: UnsafeMutableRawPointer
      /// The sums, and their distance between points; those of the tiles at a point are vectors next to each other.
      public let sums: UnsafeMutableRawPointer
      public let sumStride: Int
      /// Whether sums are added to what is there.
      public let accumulates: Bool

      @inlinable
      public init(
        tiles: Int, lastTiles: Int, channels: Int, inputs: UnsafeRawPointer, inputStride: Int, taps: UnsafeRawPointer,
        lines: UnsafeMutableRawPointer, sums: UnsafeMutableRawPointer, sumStride: Int, accumulates: Bool
      ) {
        (self.tiles, self.lastTiles, self.channels) = (tiles, lastTiles, channels)
        (self.inputs, self.inputStride, self.taps, self.lines) = (inputs, inputStride, taps, lines)
        (self.sums, self.sumStride, self.accumulates) = (sums, sumStride, accumulates)
      }
    }

    public typealias Multiply = @Sendable (Product) -> Void
    public let multiply: Multiply

    /// The sums over tiles at the six points of a row, with the row mapped back, or their addition to what is there: tiles,
    /// channels, inputs and their distance between points, gradients and their distances between points and between tiles,
    /// lines of the row, whether to add.
    public typealias Correlate =
      @Sendable (
        Int, Int, UnsafeRawPointer, Int, UnsafeRawPointer, Int, Int, UnsafeMutableRawPointer, Bool
      ) -> Void
    public let correlate: Correlate

    public init(
      most: Int, unmapColumns: @escaping UnmapColumns, multiply: @escaping Multiply, correlate: @escaping Correlate
    ) {
      (self.most, self.unmapColumns) = (most, unmapColumns)
      (self.multiply, self.correlate) = (multiply, correlate)
    }
  }
}
