/// The weight of a convolution of 3x3 taps, or its gradient, for one group: `rows` channels of results times `channels`
/// channels that they are made from. Vectors go along the rows.
struct WinogradWeights {
  let pointer: UnsafeMutableRawPointer
  let rows, channels: Int
  /// In elements.
  let rowStride, channelStride, tapRowStride, tapStride: Int
  /// Whether taps are taken in the reverse order.
  let isRotated: Bool
  /// How many elements of memory follow from `pointer` on; 0 when strides are negative.
  let extent: Int
  let kernels: ConvolutionKernels
  let size: Int
  let n: Int

  static let taps = 9

  /// Scratch for the taps of `channels` channels and a vector of rows.
  func lineBytes(channels: Int) -> Int { channels * WinogradWeights.taps * kernels.gemm.lanes * size }
  /// Numbers in tables for `channels` channels.
  func tableCount(channels: Int) -> Int { channels * (WinogradWeights.taps + 2) }

  struct Workspace {
    let line: UnsafeMutableRawPointer
    let tables: UnsafeMutablePointer<Int>
  }

  /// Takes the taps of some vectors of rows and some channels to the points: row c of the panel is channel
  /// `channels.lowerBound + c`.
  func transform(
    vectors: Range<Int>, channels range: Range<Int>, into target: UnsafeMutableRawPointer, _ panel: PointPanels,
    _ space: Workspace
  ) {
    let lanes = kernels.gemm.lanes
    let (taps, squares) = fillTables(range.count, panel, space)
    for vector in vectors {
      forEachRun(vector, range) { plane, offset, first in
        kernels.winograd.gather(plane, pointer + offset * size, extent - offset, space.line, taps + first)
      }
      kernels.winograd.apply(
        .weight, n, range.count, space.line, squares.line, target + (vector - vectors.lowerBound) * lanes * size,
        squares.points)
    }
  }

  /// The reverse, for a gradient.
  func untransform(
    vectors: Range<Int>, channels range: Range<Int>, from source: UnsafeRawPointer, _ panel: PointPanels,
    _ space: Workspace
  ) {
    let lanes = kernels.gemm.lanes
    let (taps, squares) = fillTables(range.count, panel, space)
    for vector in vectors {
      kernels.winograd.apply(
        .weightGradient, n, range.count, source + (vector - vectors.lowerBound) * lanes * size, squares.points,
        space.line, squares.line)
      forEachRun(vector, range) { plane, offset, first in
        kernels.winograd.scatter(plane, space.line, taps + first, nil, pointer + offset * size)
      }
    }
  }

  /// Where the taps of each channel are in a line, and where the squares of 3 by 3 taps and those of points are.
  private func fillTables(
    _ channels: Int, _ panel: PointPanels, _ space: Workspace
  ) -> (taps: UnsafePointer<Int>, squares: (line: WinogradKernels.Squares, points: WinogradKernels.Squares)) {
    let (taps, lanes) = (WinogradWeights.taps, kernels.gemm.lanes)
    let (inLine, inPanel) = (space.tables + channels * taps, space.tables + channels * (taps + 1))
    for channel in 0..<channels {
      for tap in 0..<taps {
        space.tables[channel * taps + tap] = (channel * taps + (isRotated ? taps - 1 - tap : tap)) * lanes
      }
      inLine[channel] = channel * taps * lanes
      inPanel[channel] = channel * panel.rowStride
    }
    let line = WinogradKernels.Squares(places: inLine, rowStride: 3 * lanes, columnStride: lanes)
    let points = WinogradKernels.Squares(
      places: inPanel, rowStride: (n + 2) * panel.pointStride, columnStride: panel.pointStride)
    return (UnsafePointer(space.tables), (line, points))
  }

  /// Goes through the taps of some channels and a vector of rows, in as few runs of neighbours as there are.
  @inline(__always)
  private func forEachRun(
    _ vector: Int, _ range: Range<Int>,
    _ body: (_ plane: WinogradKernels.Plane, _ offset: Int, _ firstTap: Int) -> Void
  ) {
    let (taps, lanes) = (WinogradWeights.taps, kernels.gemm.lanes)
    let first = vector * lanes * rowStride + range.lowerBound * channelStride
    let areTapsNeighbours = tapStride == 1 && tapRowStride == 3
    let run = areTapsNeighbours ? (channelStride == taps ? range.count * taps : taps) : 1
    let plane = WinogradKernels.Plane(
      channels: min(lanes, rows - vector * lanes), channelStride: rowStride, pixels: run, pixelStride: 1)
    var tap = 0
    while tap < range.count * taps {
      let (channel, inChannel) = (tap / taps, tap % taps)
      body(plane, first + channel * channelStride + inChannel / 3 * tapRowStride + inChannel % 3 * tapStride, tap)
      tap += run
    }
  }
}
