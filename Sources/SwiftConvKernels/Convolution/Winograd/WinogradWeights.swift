import CPlatform

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

  /// What a thread needs: memory for a line, and where the taps of each channel are in it, and where squares of 3 by 3
  /// taps and squares of points are.
  struct Workspace {
    let line: UnsafeMutableRawPointer
    let taps: UnsafePointer<Int>
    let squares: (line: WinogradKernels.Squares, points: WinogradKernels.Squares)
  }

  /// For at most `channels` channels, of which `panel` has the points.
  func makeWorkspace(
    line: UnsafeMutableRawPointer, tables: UnsafeMutablePointer<Int>, channels: Int, _ panel: PointPanels
  ) -> Workspace {
    let (taps, lanes) = (WinogradWeights.taps, kernels.gemm.lanes)
    let (inLine, inPanel) = (tables + channels * taps, tables + channels * (taps + 1))
    for channel in 0..<channels {
      for tap in 0..<taps {
        tables[channel * taps + tap] = (channel * taps + (isRotated ? taps - 1 - tap : tap)) * lanes
      }
      inLine[channel] = channel * taps * lanes
      inPanel[channel] = channel * panel.rowStride
    }
    let inLines = WinogradKernels.Squares(places: inLine, rowStride: 3 * lanes, columnStride: lanes)
    let inPanels = WinogradKernels.Squares(
      places: inPanel, rowStride: (n + 2) * panel.pointStride, columnStride: panel.pointStride)
    return Workspace(line: line, taps: UnsafePointer(tables), squares: (inLines, inPanels))
  }

  /// Takes the taps of some vectors of rows and some channels to the points: row c of the panel is channel
  /// `channels.lowerBound + c`.
  func transform(
    vectors: Range<Int>, channels range: Range<Int>, into target: UnsafeMutableRawPointer, _ space: Workspace
  ) {
    for vector in vectors {
      gather(vector: vector, channels: range, space)
      kernels.winograd.apply(
        .weight, n, range.count, space.line, space.squares.line,
        target + (vector - vectors.lowerBound) * kernels.gemm.lanes * size, space.squares.points)
    }
  }

  /// Copies the taps of a vector of rows and some channels to the line.
  func gather(vector: Int, channels range: Range<Int>, _ space: Workspace) {
    forEachRun(vector, range) { plane, offset, first in
      kernels.winograd.gather(plane, pointer + offset * size, extent - offset, space.line, space.taps + first)
    }
  }

  /// Begins to fetch a part of the taps of a vector of rows and some channels, where these are neighbours: a CPU does not see
  /// them coming, since they are in many short runs.
  func prefetch(vector: Int, channels range: Range<Int>, part: Int, of parts: Int) {
    let (taps, lanes, lineSize) = (WinogradWeights.taps, kernels.gemm.lanes, 64)
    guard tapStride == 1, tapRowStride == 3, channelStride == taps || rowStride == taps else { return }
    let rowCount = min(lanes, rows - vector * lanes)
    let (runs, stride, length) =
      channelStride == taps ? (rowCount, rowStride, range.count) : (range.count, channelStride, rowCount)
    let first = pointer + (vector * lanes * rowStride + range.lowerBound * channelStride) * size
    // A run may begin in the middle of a line.
    let lines = Split(ceilingDivide(length * taps * size, lineSize) + 1, parts: parts)[part]
    for run in 0..<runs {
      for line in lines { sc_prefetch(first + run * stride * size + line * lineSize) }
    }
  }

  /// The reverse of `transform`, for a gradient.
  func untransform(
    vectors: Range<Int>, channels range: Range<Int>, from source: UnsafeRawPointer, _ space: Workspace
  ) {
    for vector in vectors {
      kernels.winograd.apply(
        .weightGradient, n, range.count, source + (vector - vectors.lowerBound) * kernels.gemm.lanes * size,
        space.squares.points, space.line, space.squares.line)
      scatter(vector: vector, channels: range, space)
    }
  }

  /// The reverse of `gather`.
  func scatter(vector: Int, channels range: Range<Int>, _ space: Workspace) {
    forEachRun(vector, range) { plane, offset, first in
      kernels.winograd.scatter(plane, space.line, space.taps + first, nil, pointer + offset * size)
    }
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
