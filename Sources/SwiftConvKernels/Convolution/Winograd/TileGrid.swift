import SwiftConvVectorInterface

/// The results of a convolution cut into tiles of `n` by `n`, and the tiles gathered into blocks. Tiles at the lower and
/// right edges may reach beyond the results. The cut follows from the shape alone, never from the number of threads.
struct TileGrid {
  let n: Int
  /// Rows and columns of results, and of tiles.
  let height, width: Int
  /// In tiles.
  let bands: BandPlan

  /// `target` is the wanted number of tiles in a block.
  init(n: Int, images: Int, height: Int, width: Int, target: Int) {
    (self.n, self.height, self.width) = (n, height, width)
    bands = BandPlan(
      images: images, z: 1, y: .identity(ceilingDivide(height, n)), x: .identity(ceilingDivide(width, n)),
      target: target)
  }

  /// Places that a tile comes from, along one axis.
  var side: Int { n + 2 }
  /// Products for a tile.
  var points: Int { side * side }
  var blocks: Int { bands.blocks }
  var mostTilesPerBand: Int { bands.mostRows * bands.mostColumns }
  var mostTiles: Int { bands.bandsPerBlock * mostTilesPerBand }

  /// Up to so many tiles, transforming the weight for each eight of them takes less time than writing it down.
  static let mostFewTiles = 16

  /// Whether products are taken while the weight is transformed (`WinogradKernels.FewTiles`).
  func hasFewTiles(_ kernels: ConvolutionKernels) -> Bool {
    n == 4 && blocks == 1 && mostTiles <= TileGrid.mostFewTiles && kernels.winograd.few.most > 0
  }

  /// How many of few tiles, from the first one on, have a part in a row of points: infinity, the last one, is needed for the
  /// last row of a tile's results only, and tiles at the lower edge may have none there. At least one has.
  func fewTiles(row: Int) -> Int {
    let band = bands.band(0, 0)
    let isNeeded = row < side - 1 || bands.bandCount(0) > 1 || band.rows.upperBound * n <= height
    return isNeeded ? tileCount(0) : max(1, (band.rows.count - 1) * band.columns.count)
  }

  func tileCount(_ block: Int) -> Int {
    let band = bands.band(block, 0)
    return bands.bandCount(block) * band.rows.count * band.columns.count
  }
}

/// Vectors of channels at the points: cut into panels of some vectors, in a panel the points one after another, at each
/// point the rows, which are tiles or other channels.
struct PointPanels {
  let vectors: Split
  let rows, points, lanes: Int
  let rowStride: Int

  /// Rows are `rowStride` apart; as close as possible if it is nil.
  init(channels: Int, vectorsPerPanel: Int, rows: Int, points: Int, lanes: Int, rowStride: Int? = nil) {
    vectors = Split(ceilingDivide(channels, lanes), atMost: vectorsPerPanel)
    (self.rows, self.points, self.lanes) = (rows, points, lanes)
    self.rowStride = rowStride ?? vectors.longest * lanes
  }

  /// One panel of this many vectors.
  init(vectors: Int, rows: Int, points: Int, lanes: Int) {
    self.vectors = Split(vectors, parts: 1)
    (self.rows, self.points, self.lanes) = (rows, points, lanes)
    rowStride = vectors * lanes
  }

  /// A vector more than the rows take, so that the points of a row are in different sets of the cache.
  var pointStride: Int { rows * rowStride + lanes }
  var panelStride: Int { points * pointStride }
  /// Elements of all panels.
  var count: Int { vectors.parts * panelStride }

  /// The channels of a panel, of `channels` in all.
  func channels(_ panel: Int, of channels: Int) -> Range<Int> {
    let range = vectors[panel]
    return (range.lowerBound * lanes)..<min(range.upperBound * lanes, channels)
  }
}

/// Images that are read or written in tiles.
struct TiledImages {
  let pointer: UnsafeMutableRawPointer
  /// In elements.
  let imageStride, channelStride, rowStride, columnStride: Int
  let channels, height, width: Int
  /// How many elements of memory follow from `pointer` on; 0 when strides are negative.
  let extent: Int

  init(_ pointer: UnsafeMutableRawPointer, _ s: Dimensions, images: Int, channels: Int, height: Int, width: Int) {
    self.pointer = pointer
    (imageStride, channelStride, rowStride, columnStride) = (s[0], s[1], s[3], s[4])
    (self.channels, self.height, self.width) = (channels, height, width)
    let isForward = min(s[0], s[1], min(s[3], s[4])) >= 0
    let last = (images - 1) * s[0] + (channels - 1) * s[1] + (height - 1) * s[3] + (width - 1) * s[4]
    extent = isForward ? last + 1 : 0
  }

  /// Whether rows of this many columns follow each other without a gap.
  func joins(columns: Int) -> Bool { columnStride == 1 && rowStride == columns }

  /// Goes through the vectors of channels of a rectangle of one image, in as few runs of pixels as there are.
  @inline(__always)
  func forEachRun(
    image: Int, rows: Range<Int>, columns: Range<Int>, firstChannel: Int, lanes: Int,
    _ body: (_ plane: WinogradKernels.Plane, _ offset: Int, _ firstPixel: Int) -> Void
  ) {
    let count = min(lanes, channels - firstChannel)
    let start = image * imageStride + firstChannel * channelStride + columns.lowerBound * columnStride
    let areJoined = joins(columns: columns.count)
    let runs = areJoined ? 1 : rows.count
    let pixels = areJoined ? rows.count * columns.count : columns.count
    let plane = WinogradKernels.Plane(
      channels: count, channelStride: channelStride, pixels: pixels, pixelStride: columnStride)
    for run in 0..<runs { body(plane, start + (rows.lowerBound + run) * rowStride, run * pixels) }
  }
}
