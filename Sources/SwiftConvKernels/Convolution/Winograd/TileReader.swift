#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Takes what the tiles of a block come from to the points. For each band of tiles and each vector of channels, the part
/// of the image that the band sees is copied to a plane of vectors with zeros around it, and the squares of the tiles are
/// transformed from there. The plane stays in the first- or second-level cache.
struct TileReader {
  let grid: TileGrid
  let images: TiledImages
  let kernels: ConvolutionKernels
  let size: Int
  let transform: WinogradKernels.Transform
  /// Places of a square along one axis, and how far before its tile it begins.
  private let side, top, left: Int
  private let height, pitch: Int

  /// Squares that begin `top` and `left` places before their tiles, for the input; or the tiles themselves.
  init(
    _ grid: TileGrid, _ images: TiledImages, _ transform: WinogradKernels.Transform, top: Int = 0, left: Int = 0,
    kernels: ConvolutionKernels, size: Int
  ) {
    (self.grid, self.images, self.transform) = (grid, images, transform)
    (self.top, self.left, self.kernels, self.size) = (top, left, kernels, size)
    side = transform == .input ? grid.n + 2 : grid.n
    height = (grid.bands.mostRows - 1) * grid.n + side
    pitch = (grid.bands.mostColumns - 1) * grid.n + side
  }

  /// What a thread needs.
  struct Workspace {
    let plane: UnsafeMutableRawPointer
    let pixels, squares, targets: UnsafeMutablePointer<Int>
  }

  var planeBytes: Int { height * pitch * kernels.gemm.lanes * size }
  var tableBytes: Int { (height * pitch + 2 * grid.mostTilesPerBand) * MemoryLayout<Int>.size }

  func makeWorkspace(plane: UnsafeMutableRawPointer, tables: UnsafeMutableRawPointer) -> Workspace {
    let count = height * pitch + 2 * grid.mostTilesPerBand
    let integers = tables.bindMemory(to: Int.self, capacity: count)
    return Workspace(
      plane: plane, pixels: integers, squares: integers + height * pitch,
      targets: integers + height * pitch + grid.mostTilesPerBand)
  }

  /// Transforms the tiles of band `index` of a block for a range of vectors of channels, to rows from `firstRow` on.
  func read(
    _ block: Int, band index: Int, vectors: Range<Int>, firstChannel: Int, into target: UnsafeMutableRawPointer,
    _ panels: PointPanels, firstRow: Int, _ space: Workspace
  ) {
    let (n, lanes) = (grid.n, kernels.gemm.lanes)
    let band = grid.bands.band(block, index)
    let (tileRows, tileColumns) = (band.rows.count, band.columns.count)
    let (y, x) = (band.rows.lowerBound * n - top, band.columns.lowerBound * n - left)
    let rows = inside(y, (tileRows - 1) * n + side, images.height)
    let columns = inside(x, (tileColumns - 1) * n + side, images.width)
    if rows.isEmpty || columns.isEmpty || rows.count < height || columns.count < pitch {
      memset(space.plane, 0, planeBytes)
    }
    var pixel = 0
    for row in rows {
      for column in columns {
        space.pixels[pixel] = ((row - y) * pitch + column - x) * lanes
        pixel += 1
      }
    }
    for tile in 0..<(tileRows * tileColumns) {
      space.squares[tile] = (tile / tileColumns * n * pitch + tile % tileColumns * n) * lanes
      space.targets[tile] = (firstRow + tile) * panels.rowStride
    }
    let from = WinogradKernels.Squares(places: space.squares, rowStride: pitch * lanes, columnStride: lanes)
    let to = WinogradKernels.Squares(
      places: space.targets, rowStride: (n + 2) * panels.pointStride, columnStride: panels.pointStride)
    for panel in 0..<panels.vectors.parts {
      let inPanel = panels.vectors[panel]
      for vector in vectors.clamped(to: inPanel) {
        if !rows.isEmpty && !columns.isEmpty {
          images.forEachRun(
            image: band.image, rows: rows, columns: columns, firstChannel: firstChannel + vector * lanes, lanes: lanes
          ) { plane, offset, first in
            kernels.winograd.gather(
              plane, images.pointer + offset * size, images.extent - offset, space.plane, space.pixels + first)
          }
        }
        let place = panel * panels.panelStride + (vector - inPanel.lowerBound) * lanes
        kernels.winograd.apply(
          transform, n, tileRows * tileColumns, space.plane, from, target + place * size, to)
      }
    }
  }

  private func inside(_ start: Int, _ count: Int, _ limit: Int) -> Range<Int> {
    let low = min(max(start, 0), limit)
    return low..<max(low, min(start + count, limit))
  }
}

/// Takes sums of products at the points to results, and writes these to images.
struct TileWriter {
  let grid: TileGrid
  let images: TiledImages
  let kernels: ConvolutionKernels
  let size: Int

  struct Workspace {
    let plane: UnsafeMutableRawPointer
    let pixels, squares, sources: UnsafeMutablePointer<Int>
  }

  private var height: Int { grid.bands.mostRows * grid.n }
  private var pitch: Int { grid.bands.mostColumns * grid.n }
  var planeBytes: Int { height * pitch * kernels.gemm.lanes * size }
  var tableBytes: Int { (height * pitch + 2 * grid.mostTilesPerBand) * MemoryLayout<Int>.size }

  func makeWorkspace(plane: UnsafeMutableRawPointer, tables: UnsafeMutableRawPointer) -> Workspace {
    let count = height * pitch + 2 * grid.mostTilesPerBand
    let integers = tables.bindMemory(to: Int.self, capacity: count)
    return Workspace(
      plane: plane, pixels: integers, squares: integers + height * pitch,
      sources: integers + height * pitch + grid.mostTilesPerBand)
  }

  /// Writes a panel of vectors of channels of all tiles of a block. `bias` has a number for each channel, padded to
  /// whole vectors, or is nil.
  func write(
    _ block: Int, channelsFrom first: Int, vectors: Int, from source: UnsafeRawPointer, _ panels: PointPanels,
    bias: UnsafeRawPointer?, _ space: Workspace
  ) {
    let (n, lanes) = (grid.n, kernels.gemm.lanes)
    var firstRow = 0
    for index in 0..<grid.bands.bandCount(block) {
      let band = grid.bands.band(block, index)
      let (tileRows, tileColumns) = (band.rows.count, band.columns.count)
      let rows = (band.rows.lowerBound * n)..<min(band.rows.upperBound * n, grid.height)
      let columns = (band.columns.lowerBound * n)..<min(band.columns.upperBound * n, grid.width)
      var pixel = 0
      for row in 0..<rows.count {
        for column in 0..<columns.count {
          space.pixels[pixel] = (row * pitch + column) * lanes
          pixel += 1
        }
      }
      for tile in 0..<(tileRows * tileColumns) {
        space.squares[tile] = (tile / tileColumns * n * pitch + tile % tileColumns * n) * lanes
        space.sources[tile] = (firstRow + tile) * panels.rowStride
      }
      let from = WinogradKernels.Squares(
        places: space.sources, rowStride: (n + 2) * panels.pointStride, columnStride: panels.pointStride)
      let to = WinogradKernels.Squares(places: space.squares, rowStride: pitch * lanes, columnStride: lanes)
      for vector in 0..<vectors {
        let channel = first + vector * lanes
        kernels.winograd.apply(
          .output, n, tileRows * tileColumns, source + vector * lanes * size, from, space.plane, to)
        images.forEachRun(
          image: band.image, rows: rows, columns: columns, firstChannel: channel, lanes: lanes
        ) { plane, offset, first in
          kernels.winograd.scatter(
            plane, space.plane, space.pixels + first, bias.map { $0 + channel * size }, images.pointer + offset * size)
        }
      }
      firstRow += tileRows * tileColumns
    }
  }
}
