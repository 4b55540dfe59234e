import CPlatform
import SwiftConvVectorInterface

/// Where the results of a product go: images of rows of up to three spatial axes, at any strides.
struct PatchTarget {
  let pointer: UnsafeMutableRawPointer
  /// In elements: image, row, z, y, x.
  let strides: Dimensions
  /// One number per row, added to its results, or nil; its stride in elements.
  let bias: UnsafeRawPointer?
  let biasStride: Int
}

/// The product of a matrix with the matrix of all patches of an image, which is what the forward pass and the input
/// gradient of a convolution are: result (row, position) is the sum of left (row, channel, tap) times what the tap sees
/// of the channel at that position. The matrix of patches is never written down as a whole.
///
/// Positions are cut into blocks, which threads share. For each block and each part of the depth, the source is copied
/// to planes (`PatchPlanes`), in which neighbouring positions are neighbours. The micro-kernel reads right from there if
/// rows are long ("pitched": it computes some meaningless columns where rows end); if rows are short, they are joined to
/// long ones first ("joined"). Results collect in a block of scratch, and are written out when they are complete; where one
/// part of the depth completes them and rows are long or whole vectors, the micro-kernel writes them to their places ("in
/// place"), so that memory is busy while it multiplies.
///
/// In cache: a panel of left (`tileRows` times depth) in the first level; planes or joined rows, and the results, in the
/// second.
struct PatchProduct {
  let left: [LeftMatrix]
  let sources: [PatchSource]
  let targets: [PatchTarget]
  let images: Int
  let kernels: ConvolutionKernels
  let size: Int
  /// Whether the product is added to what is in the targets.
  let accumulates: Bool

  /// How the work is cut.
  private let depth: DepthBlocks
  private let bands: BandPlan
  private let panels: Split
  private let planes: PatchPlanes
  /// How many rows of which length the right factor has for a block.
  private let isJoined: Bool
  private let isInPlace: Bool
  private let streams: Bool
  private let mostColumns: Int

  private static let largestScratch = 64 << 20
  /// The left factor is packed as a whole up to this size.
  private static let largestPacked = 32 << 20

  /// One entry of `left`, `sources` and `targets` per group; they differ in pointers only.
  ///
  /// - Returns: nil when the shape would need too much scratch.
  init?(
    left: [LeftMatrix], sources: [PatchSource], targets: [PatchTarget], images: Int, kernels: ConvolutionKernels,
    size: Int, accumulates: Bool = false
  ) {
    self.accumulates = accumulates
    (self.left, self.sources, self.targets) = (left, sources, targets)
    (self.images, self.kernels, self.size) = (images, kernels, size)
    let source = sources[0]
    depth = DepthBlocks(channels: left[0].channels, taps: left[0].taps)
    panels = Split(left[0].rows, atMost: kernels.gemm.tileRows)
    var bands = BandPlan(images: images, z: source.z.outputs, y: source.y, x: source.x, target: 1344 / size)
    let lanes = kernels.gemm.lanes
    isInPlace =
      depth.count == 1 && !accumulates && targets[0].strides[4] == 1
      && PatchProduct.areRowsVectors(bands, lanes: lanes, ofTile: kernels.gemm.tileVectors)
    if isInPlace {
      // No results collect in the cache, and larger bands share more of what is copied.
      bands = BandPlan(images: images, z: source.z.outputs, y: source.y, x: source.x, target: 4 * 1344 / size)
    }
    self.bands = bands
    guard bands.areaFits(source, limit: PatchProduct.largestScratch / size / depth.mostChannels) else { return nil }
    planes = PatchPlanes(source, rows: bands.mostRows, columns: bands.mostColumns, kernels: kernels.rows, size: size)
    let useful = bands.bandsPerBlock * bands.mostRows * bands.mostColumns
    let pitched = (bands.mostRows - 1) * planes.pitch + bands.mostColumns
    // In clock cycles per step of the depth: two multiplications with a vector each, against two moves of a vector.
    let wasted = (ceilingDivide(pitched, lanes) - ceilingDivide(useful, lanes)) * left[0].rows / 2
    let moved = bands.mostRows * (2 + ceilingDivide(bands.mostColumns, lanes))
    isJoined = !isInPlace && (bands.bandsPerBlock > 1 || moved < wasted)
    streams = isInPlace && PatchProduct.mayStream(targets, bands, rows: left[0].rows, gemm: kernels.gemm, size: size)
    mostColumns = ceilingDivide(isJoined || isInPlace ? useful : pitched, lanes) * lanes
    if planBytes > PatchProduct.largestScratch { return nil }
  }

  /// Whether rows of results can be cut into tiles of at least two vectors. Where they are no whole vectors, the last tile
  /// begins within the one before, and computes some results again.
  private static func areRowsVectors(_ bands: BandPlan, lanes: Int, ofTile tileVectors: Int) -> Bool {
    let columns = bands.fewestColumns
    if bands.mostColumns == columns, columns % lanes == 0 { return columns >= 2 * lanes }
    return columns >= tileVectors * lanes && 8 * (ceilingDivide(columns, lanes) * lanes - columns) <= columns
  }

  /// Whether results that are written in place are too large to be in the cache when somebody reads them, and tiles have
  /// whole cache lines of them.
  private static func mayStream(_ targets: [PatchTarget], _ bands: BandPlan, rows: Int, gemm: GemmKernels, size: Int)
    -> Bool
  {
    let (s, line) = (targets[0].strides, 64 / size)
    let count = targets.count * rows * bands.blocks * bands.bandsPerBlock * bands.mostRows * bands.mostColumns
    guard count * size >= smallestStreamed, gemm.tileVectors * gemm.lanes >= line,
      bands.mostColumns == bands.fewestColumns, bands.mostColumns % line == 0,
      (0..<4).allSatisfy({ s[$0] % line == 0 })
    else { return false }
    return targets.allSatisfy { $0.bias == nil && UInt(bitPattern: $0.pointer) % 64 == 0 }
  }

  private static let smallestStreamed = 12 << 20

  /// How much scratch one thread takes.
  private var planBytes: Int { planeBytes + joinedBytes + resultBytes(panels.parts) + panelBytes }
  private var slack: Int { 4 * kernels.gemm.lanes * kernels.gemm.tileVectors * size }
  private var bandStride: Int { depth.mostChannels * planes.channelStride }
  private var planeBytes: Int { bands.bandsPerBlock * bandStride * size + slack }
  private var joinedBytes: Int { isJoined ? depth.longest * mostColumns * size + slack : 0 }
  private var panelBytes: Int { panels.longest * depth.longest * size }
  private func resultBytes(_ panelCount: Int) -> Int {
    isInPlace ? 0 : panelCount * panels.longest * mostColumns * size
  }

  /// How the left factor reaches the micro-kernel.
  private enum LeftForm {
    /// As it is, with this distance along the depth.
    case direct(Int)
    /// Packed before the start.
    case packed(UnsafeRawPointer)
    /// Packed panel by panel, for each block of positions again.
    case repacked
  }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    let matrix = left[0]
    let (rows, depthCount) = (matrix.rows, matrix.channels * matrix.taps)
    let vectors = bands.blocks * ceilingDivide(mostColumns, kernels.gemm.lanes)
    let packedBytes = left.count * rows * depthCount * size
    let fewColumns = vectors <= 4 * kernels.gemm.tileVectors
    if let stride = matrix.depthStride,
      fewColumns || (stride == 1 && (matrix.rowsAreApart || packedBytes > PatchProduct.largestPacked))
    {
      return run(.direct(stride))
    }
    if packedBytes > PatchProduct.largestPacked { return run(.repacked) }
    guard let packed = Memory.allocate(byteCount: packedBytes) else { return false }
    defer { Memory.deallocate(packed, byteCount: packedBytes) }
    let parts = panels.parts
    parallelFor(left.count * parts, work: packedBytes / size) { range in
      for index in range {
        let (group, panel) = (index / parts, index % parts)
        let rows = panels[panel]
        for part in 0..<depth.count {
          let block = depth[part]
          let place = (group * depthCount + block.start) * matrix.rows + rows.lowerBound * block.count
          left[group].pack(rows: rows, block, into: packed + place * size)
        }
      }
    }
    return run(.packed(packed))
  }

  private func run(_ form: LeftForm) -> Bool {
    let gemm = kernels.gemm
    let flops = left.count * left[0].rows * left[0].channels * left[0].taps * bands.blocks * mostColumns
    let work = flops / (gemm.lanes * 5) + bands.blocks * left[0].rows * mostColumns / 8
    let threads = min(Runtime.threadCount, work / 12_000)
    // Blocks of positions are what threads share. If there are too few, rows are shared too: each thread copies the
    // source for itself then.
    let units = left.count * bands.blocks
    let rowParts =
      threads < 2 || units >= 3 * threads ? 1 : min(ceilingDivide(3 * threads, units), max(1, panels.parts / 2))
    let failure = FailureFlag()
    let parts = Split(panels.parts, parts: rowParts)
    parallelFor(units * parts.parts, work: work) { range in
      guard
        var scratch = Scratch(
          byteCounts: planeBytes, joinedBytes, resultBytes(parts.longest), panelBytes,
          depth.longest * MemoryLayout<Int>.size, bands.bandsPerBlock * bands.mostRows * MemoryLayout<Int>.size)
      else {
        failure.set()
        return
      }
      let workspace = Workspace(
        planes: scratch.take(planeBytes), joined: scratch.take(joinedBytes),
        results: scratch.take(resultBytes(parts.longest)), panel: scratch.take(panelBytes),
        offsets: scratch.takeIntegers(depth.longest),
        runs: scratch.takeIntegers(bands.bandsPerBlock * bands.mostRows))
      for index in range {
        let (unit, part) = (index / parts.parts, index % parts.parts)
        compute(unit / bands.blocks, unit % bands.blocks, parts[part], form, workspace)
      }
      if streams { sc_stream_end() }
    }
    return !failure.isSet
  }

  private struct Workspace {
    let planes, joined, results, panel: UnsafeMutableRawPointer
    let offsets, runs: UnsafeMutablePointer<Int>
  }

  /// One block of positions of one group, for some of the panels of rows.
  private func compute(_ group: Int, _ block: Int, _ range: Range<Int>, _ form: LeftForm, _ work: Workspace) {
    let first = bands.band(block, 0)
    let count = bands.bandCount(block)
    let (rows, columns) = (first.rows.count, first.columns.count)
    let used = isJoined ? count * rows * columns : (rows - 1) * planes.pitch + columns
    let lanes = kernels.gemm.lanes
    let vectors = Split(ceilingDivide(used, lanes), atMost: kernels.gemm.tileVectors)
    let planes = PatchPlanes(self.planes, source: sources[group])
    if accumulates {
      for index in 0..<count { readResults(group, bands.band(block, index), index, range, work) }
    }
    var loaded = -1..<(-1)
    for part in 0..<depth.count {
      let piece = depth[part]
      if piece.channels != loaded {
        for index in 0..<count {
          planes.fill(work.planes + index * bandStride * size, bands.band(block, index), channels: piece.channels)
        }
        loaded = piece.channels
      }
      let right = prepareRight(piece, count, rows, columns, work)
      if !isInPlace { multiply(group, range, piece, accumulates || part > 0, form, vectors, right, work) }
    }
    if isInPlace {
      for index in 0..<count { multiplyInPlace(group, bands.band(block, index), index, range, form, work) }
      return
    }
    for index in 0..<count { writeOut(group, bands.band(block, index), index, range, work) }
  }

  /// Lists where the rows of the right factor are, after joining them if need be; returns what the offsets count from.
  private func prepareRight(
    _ piece: DepthBlock, _ count: Int, _ rows: Int, _ columns: Int, _ work: Workspace
  ) -> UnsafeRawPointer {
    var index = 0
    planes.tapOffsets.withUnsafeBufferPointer { tapOffsets in
      for channel in 0..<piece.channels.count {
        for tap in piece.taps {
          work.offsets[index] = channel * planes.channelStride + tapOffsets[tap]
          index += 1
        }
      }
    }
    guard isJoined else { return UnsafeRawPointer(work.planes) }
    for band in 0..<count {
      for row in 0..<rows { work.runs[band * rows + row] = band * bandStride + row * planes.pitch }
    }
    kernels.rows.join(
      piece.count, count * rows, columns, work.planes, work.offsets, work.runs, work.joined, mostColumns)
    for index in 0..<piece.count { work.offsets[index] = index * mostColumns }
    return UnsafeRawPointer(work.joined)
  }

  private func multiply(
    _ group: Int, _ range: Range<Int>, _ piece: DepthBlock, _ accumulates: Bool, _ form: LeftForm, _ vectors: Split,
    _ right: UnsafeRawPointer, _ work: Workspace
  ) {
    let lanes = kernels.gemm.lanes
    let firstRow = panels.start(range.lowerBound)
    for panel in range {
      let rows = panels[panel]
      let a = leftPanel(group, rows, piece, form, work)
      let c = work.results + (rows.lowerBound - firstRow) * mostColumns * size
      for part in 0..<vectors.parts {
        let column = vectors.start(part) * lanes * size
        kernels.gemm.tile(
          rows.count, vectors.length(part), piece.count, a.pointer, a.rowStride, a.depthStride, right + column,
          work.offsets, c + column, mostColumns, accumulates, false)
      }
    }
  }

  /// Computes a band of results at their places.
  private func multiplyInPlace(
    _ group: Int, _ band: Band, _ index: Int, _ range: Range<Int>, _ form: LeftForm, _ work: Workspace
  ) {
    let (lanes, target, piece) = (kernels.gemm.lanes, targets[group], depth[0])
    let (rowStride, lineStride) = (target.strides[1], target.strides[3])
    let columns = band.columns.count
    let vectors = Split(ceilingDivide(columns, lanes), atMost: kernels.gemm.tileVectors)
    for panel in range {
      let rows = panels[panel]
      let a = leftPanel(group, rows, piece, form, work)
      let c = place(target, band, rows.lowerBound)
      for line in 0..<band.rows.count {
        let right = work.planes + (index * bandStride + line * planes.pitch) * size
        for part in 0..<vectors.parts {
          let column = min(vectors.start(part) * lanes, columns - vectors.length(part) * lanes)
          kernels.gemm.tile(
            rows.count, vectors.length(part), piece.count, a.pointer, a.rowStride, a.depthStride, right + column * size,
            work.offsets, c + (line * lineStride + column) * size, rowStride, false, streams)
        }
      }
      guard let bias = target.bias else { continue }
      for row in 0..<rows.count {
        let number = bias + (rows.lowerBound + row) * target.biasStride * size
        add(number, to: c + row * rowStride * size, band.rows.count, columns, lineStride)
      }
    }
  }

  /// Adds a number to all results of a band of one row. In pieces that have no rest, whose last elements would be taken
  /// twice: whole vectors, and powers of two behind them.
  private func add(
    _ number: UnsafeRawPointer, to place: UnsafeMutableRawPointer, _ lines: Int, _ columns: Int, _ stride: Int
  ) {
    var (column, count) = (0, columns / kernels.gemm.lanes * kernels.gemm.lanes)
    while column < columns {
      let piece = place + column * size
      kernels.rows.store(lines, count, piece, stride, piece, stride, 1, number)
      column += count
      let rest = columns - column
      count = rest > 0 ? 1 << (Int.bitWidth - 1 - rest.leadingZeroBitCount) : 0
    }
  }

  /// Some rows of the left factor, as the micro-kernel reads them.
  private func leftPanel(
    _ group: Int, _ rows: Range<Int>, _ piece: DepthBlock, _ form: LeftForm, _ work: Workspace
  ) -> (pointer: UnsafeRawPointer, rowStride: Int, depthStride: Int) {
    let matrix = left[group]
    switch form {
    case .direct(let stride):
      let place =
        rows.lowerBound * matrix.rowStride + piece.channels.lowerBound * matrix.channelStride
        + matrix.tapOffsets[piece.taps.lowerBound]
      return (matrix.pointer + place * size, matrix.rowStride, stride)
    case .packed(let packed):
      let start = group * matrix.channels * matrix.taps + piece.start
      return (packed + (start * matrix.rows + rows.lowerBound * piece.count) * size, 1, rows.count)
    case .repacked:
      matrix.pack(rows: rows, piece, into: work.panel)
      return (UnsafeRawPointer(work.panel), 1, rows.count)
    }
  }

  private func writeOut(_ group: Int, _ band: Band, _ index: Int, _ range: Range<Int>, _ work: Workspace) {
    let target = targets[group]
    let (rows, columns) = (band.rows.count, band.columns.count)
    for row in panels.start(range.lowerBound)..<panels.start(range.upperBound) {
      let (from, to) = places(target, band, index, row, range, work)
      let bias = target.bias.map { $0 + row * target.biasStride * size }
      if isJoined, target.strides[3] == columns * target.strides[4] {
        kernels.rows.store(1, rows * columns, from, 0, to, 0, target.strides[4], bias)
      } else {
        kernels.rows.store(
          rows, columns, from, isJoined ? columns : planes.pitch, to, target.strides[3], target.strides[4], bias)
      }
    }
  }

  /// Brings what is in the target to where the results collect.
  private func readResults(_ group: Int, _ band: Band, _ index: Int, _ range: Range<Int>, _ work: Workspace) {
    let target = targets[group]
    for row in panels.start(range.lowerBound)..<panels.start(range.upperBound) {
      let (collected, place) = places(target, band, index, row, range, work)
      kernels.rows.load(
        band.rows.count, band.columns.count, place, target.strides[3], target.strides[4], collected,
        isJoined ? band.columns.count : planes.pitch)
    }
  }

  /// Where a band of one row of results collects, and where it belongs.
  private func places(
    _ target: PatchTarget, _ band: Band, _ index: Int, _ row: Int, _ range: Range<Int>, _ work: Workspace
  ) -> (collected: UnsafeMutableRawPointer, final: UnsafeMutableRawPointer) {
    let line = (row - panels.start(range.lowerBound)) * mostColumns
    return (
      work.results + (line + index * band.rows.count * band.columns.count) * size, place(target, band, row)
    )
  }

  /// Where a band of one row of results belongs.
  private func place(_ target: PatchTarget, _ band: Band, _ row: Int) -> UnsafeMutableRawPointer {
    let s = target.strides
    let place =
      band.image * s[0] + row * s[1] + band.z * s[2] + band.rows.lowerBound * s[3] + band.columns.lowerBound * s[4]
    return target.pointer + place * size
  }
}

extension PatchPlanes {
  /// The same planes for another source of the same shape.
  init(_ other: PatchPlanes, source: PatchSource) {
    self.source = source
    (height, pitch, channelStride) = (other.height, other.pitch, other.channelStride)
    (kernels, size, tapOffsets) = (other.kernels, other.size, other.tapOffsets)
  }
}
