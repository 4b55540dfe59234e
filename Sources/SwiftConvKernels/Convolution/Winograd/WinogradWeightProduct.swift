import SwiftConvVectorInterface

/// The weight gradient of a convolution of 3x3 taps with stride 1 by Winograd's algorithm: input and results' gradients are
/// taken to the points, multiplied there, summed over all tiles, and only the sums are taken to taps.
///
/// Tiles are taken in stages of as many as fit some mebibytes. In each, threads first take tiles to the points, and then
/// share panels of result channels and parts of the input channels. If one stage holds all tiles, sums never leave the
/// second-level cache; else they are kept between stages.
///
/// In cache: the tiles of a part of the input channels at one point in the first level; a part of the sums in the second.
/// With few tiles, sums at points are in registers only (`WinogradKernels.FewTiles`).
struct WinogradWeightProduct {
  let grid: TileGrid
  /// Of the input, and of the results' gradients; one per group, as `weights`.
  let inputs, gradients: [TileReader]
  let weights: [WinogradWeights]
  let kernels: ConvolutionKernels
  let size: Int

  /// Blocks of tiles in each stage.
  private let stages: Split
  private let inputPanels, gradientPanels: PointPanels
  private let sums: PointPanels
  private let hasFewTiles: Bool

  private static let channelsTogether = 64
  /// Sums are taken in parts of this many tiles, for accuracy and so that a part stays in the first-level cache.
  private static let tilesTogether = 128
  /// What a stage holds: four times the sums, so that going through these for each stage does not matter; at most this.
  private static let mostStageBytes = 24 << 20
  private static let largestScratch = 64 << 20

  /// - Returns: nil when the shape would need too much scratch.
  init?(grid: TileGrid, inputs: [TileReader], gradients: [TileReader], weights: [WinogradWeights]) {
    (self.grid, self.inputs, self.gradients, self.weights) = (grid, inputs, gradients, weights)
    let weight = weights[0]
    (kernels, size) = (weight.kernels, weight.size)
    let (lanes, points) = (kernels.gemm.lanes, grid.points)
    func padded(_ channels: Int) -> Int { ceilingDivide(channels, lanes) * lanes }
    let blockBytes = grid.mostTiles * points * (padded(weight.channels) + padded(weight.rows)) * size
    let sumBytes = points * padded(weight.channels) * padded(weight.rows) * size
    let stageBytes = min(4 * sumBytes, WinogradWeightProduct.mostStageBytes)
    stages = Split(grid.blocks, atMost: max(1, stageBytes / max(blockBytes, 1)))
    let rows = stages.longest * grid.mostTiles
    hasFewTiles = grid.hasFewTiles(kernels)
    inputPanels = PointPanels(
      channels: weight.channels, vectorsPerPanel: WinogradWeightProduct.channelsTogether / lanes, rows: rows,
      points: points, lanes: lanes, rowStride: hasFewTiles ? WinogradKernels.FewTiles.pitch : nil)
    gradientPanels = PointPanels(
      channels: weight.rows, vectorsPerPanel: hasFewTiles ? 1 : kernels.gemm.tileVectors, rows: rows, points: points,
      lanes: lanes)
    sums = PointPanels(
      vectors: gradientPanels.vectors.longest, rows: inputPanels.rowStride, points: points, lanes: lanes)
    let shared = (inputPanels.count + gradientPanels.count + keptCount) * size
    if shared + sums.count * size > WinogradWeightProduct.largestScratch { return nil }
  }

  private var parts: Int { inputPanels.vectors.parts * gradientPanels.vectors.parts }
  /// Elements of the sums that are kept between stages.
  private var keptCount: Int { stages.parts > 1 ? parts * sums.count : 0 }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    guard
      var scratch = Scratch(
        byteCounts: inputPanels.count * size, gradientPanels.count * size, keptCount * size,
        stages.longest * grid.bands.bandsPerBlock * 4 * MemoryLayout<Int>.size)
    else { return false }
    let memory = SharedMemory(
      inputs: scratch.take(inputPanels.count * size), gradients: scratch.take(gradientPanels.count * size),
      kept: scratch.take(keptCount * size),
      bands: scratch.takeIntegers(stages.longest * grid.bands.bandsPerBlock * 4))
    for group in weights.indices {
      for stage in 0..<stages.parts {
        let (bands, tiles) = listBands(stage, memory.bands)
        guard readStage(group, bands, memory), multiply(group, stage, tiles, memory) else { return false }
      }
    }
    return true
  }

  private struct SharedMemory {
    let inputs, gradients, kept: UnsafeMutableRawPointer
    /// For each band of the stage: its block, its index there, and its first row.
    let bands: UnsafeMutablePointer<Int>
  }

  /// Lists the bands of a stage; returns how many bands and how many tiles there are.
  private func listBands(_ stage: Int, _ list: UnsafeMutablePointer<Int>) -> (bands: Int, tiles: Int) {
    var (count, row) = (0, 0)
    for block in stages[stage] {
      for index in 0..<grid.bands.bandCount(block) {
        (list[count * 3], list[count * 3 + 1], list[count * 3 + 2]) = (block, index, row)
        let band = grid.bands.band(block, index)
        row += band.rows.count * band.columns.count
        count += 1
      }
    }
    return (count, row)
  }

  /// Takes all tiles of a stage to the points.
  private func readStage(_ group: Int, _ bands: Int, _ memory: SharedMemory) -> Bool {
    let (inputVectors, gradientVectors) = (inputPanels.vectors.count, gradientPanels.vectors.count)
    // A task is a band and a few vectors of one of the two.
    let (inputTasks, gradientTasks) = (Split(inputVectors, atMost: 4), Split(gradientVectors, atMost: 4))
    let tasks = inputTasks.parts + gradientTasks.parts
    let failure = FailureFlag()
    let reader = inputs[group]
    let work = bands * grid.mostTilesPerBand * grid.points * (inputVectors + gradientVectors) * 2
    parallelFor(bands * tasks, work: work) { range in
      guard var scratch = Scratch(byteCounts: reader.planeBytes, reader.tableBytes) else {
        failure.set()
        return
      }
      let plane = scratch.take(reader.planeBytes)
      let tables = scratch.take(reader.tableBytes)
      for index in range {
        let (band, task) = (index / tasks, index % tasks)
        let place = memory.bands + band * 3
        let isInput = task < inputTasks.parts
        let source = isInput ? inputs[group] : gradients[group]
        source.read(
          place[0], band: place[1], vectors: isInput ? inputTasks[task] : gradientTasks[task - inputTasks.parts],
          firstChannel: 0, into: isInput ? memory.inputs : memory.gradients, isInput ? inputPanels : gradientPanels,
          firstRow: place[2], source.makeWorkspace(plane: plane, tables: tables))
      }
    }
    return !failure.isSet
  }

  /// The panel and the part of the input channels of a task. With few tiles, the inputs take more memory than the gradients
  /// of a panel, and are kept in the second-level cache for all panels.
  private func place(_ task: Int) -> (panel: Int, part: Int) {
    let (panels, parts) = (gradientPanels.vectors.parts, inputPanels.vectors.parts)
    return hasFewTiles ? (task % panels, task / panels) : (task / parts, task % parts)
  }

  /// The products of a stage, and after the last one, the gradients of the taps.
  private func multiply(_ group: Int, _ stage: Int, _ tiles: Int, _ memory: SharedMemory) -> Bool {
    let (weight, gemm) = (weights[group], kernels.gemm)
    let channels = inputPanels.rowStride
    let tables = weight.tableCount(channels: channels)
    let failure = FailureFlag()
    let work = tiles * grid.points * weight.rows * weight.channels / (gemm.lanes * 5)
    parallelFor(parts, work: work) { range in
      guard
        var scratch = Scratch(
          byteCounts: stages.parts > 1 ? 0 : sums.count * size, weight.lineBytes(channels: channels),
          tables * MemoryLayout<Int>.size, tiles * MemoryLayout<Int>.size)
      else {
        failure.set()
        return
      }
      let own = scratch.take(stages.parts > 1 ? 0 : sums.count * size)
      let line = scratch.take(weight.lineBytes(channels: channels))
      let space = weight.makeWorkspace(line: line, tables: scratch.takeIntegers(tables), channels: channels, sums)
      let offsets = scratch.takeIntegers(tiles)
      for tile in 0..<tiles { offsets[tile] = tile * gradientPanels.rowStride }
      for index in range {
        let (panel, part) = place(index)
        let results = stages.parts > 1 ? memory.kept + index * sums.count * size : own
        let range = inputPanels.channels(part, of: weight.channels)
        if hasFewTiles {
          correlateFew(panel, part, range, weight, memory, into: results)
          kernels.winograd.few.unmapColumns(range.count, results, space.line)
          weight.scatter(vector: panel, channels: range, space)
          continue
        }
        multiply(
          panel, part, range.count, tiles: tiles, isFirst: stage == 0, memory, results, offsets)
        if stage == stages.parts - 1 {
          weight.untransform(vectors: gradientPanels.vectors[panel], channels: range, from: results, space)
        }
      }
    }
    return !failure.isSet
  }

  private func multiply(
    _ panel: Int, _ part: Int, _ channels: Int, tiles: Int, isFirst: Bool, _ memory: SharedMemory,
    _ results: UnsafeMutableRawPointer, _ offsets: UnsafeMutablePointer<Int>
  ) {
    let gemm = kernels.gemm
    let left = memory.inputs + part * inputPanels.panelStride * size
    let right = memory.gradients + panel * gradientPanels.panelStride * size
    let depths = Split(tiles, atMost: WinogradWeightProduct.tilesTogether)
    let rows = Split(channels, atMost: gemm.tileRows)
    for point in 0..<grid.points {
      let (a, b) = (left + point * inputPanels.pointStride * size, right + point * gradientPanels.pointStride * size)
      let c = results + point * sums.pointStride * size
      for depth in 0..<depths.parts {
        let first = depths.start(depth)
        for row in 0..<rows.parts {
          let channel = rows.start(row)
          gemm.tile(
            rows.length(row), gradientPanels.vectors.length(panel), depths.length(depth),
            a + (first * inputPanels.rowStride + channel) * size, 1, inputPanels.rowStride, b, offsets + first,
            c + channel * sums.rowStride * size, sums.rowStride, !isFirst || depth > 0, false)
        }
      }
    }
  }

  /// The lines of sums for few tiles, where a panel is one vector: they take less memory than the sums at all points.
  private func correlateFew(
    _ panel: Int, _ part: Int, _ channels: Range<Int>, _ weight: WinogradWeights, _ memory: SharedMemory,
    into lines: UnsafeMutableRawPointer
  ) {
    let (few, lanes) = (kernels.winograd.few, kernels.gemm.lanes)
    // What is written next. With more tiles, fetching it takes a small share of the time.
    let isFetching = grid.tileCount(0) <= few.most
    for row in 0..<6 {
      if isFetching { weight.prefetch(vector: panel, channels: channels, part: row, of: 6) }
      let parts = Split(grid.fewTiles(row: row), atMost: few.most)
      let left = memory.inputs + (part * inputPanels.panelStride + row * 6 * inputPanels.pointStride) * size
      let right = memory.gradients + (panel * gradientPanels.panelStride + row * 6 * gradientPanels.pointStride) * size
      for tilePart in 0..<parts.parts {
        let first = parts.start(tilePart)
        few.correlate(
          parts.length(tilePart), channels.count, left + first * inputPanels.rowStride * size, inputPanels.pointStride,
          right + first * gradientPanels.rowStride * size, gradientPanels.pointStride, gradientPanels.rowStride,
          lines + row * channels.count * 3 * lanes * size, tilePart > 0)
      }
    }
  }
}
