/// A convolution of 3x3 taps with stride 1 by Winograd's algorithm, which takes `(n + 2)²` products for `n²` results instead
/// of `9 n²`. It computes the forward pass, and the input gradient, which is the same with turned weights.
///
/// Threads share blocks of tiles and panels of result channels. For its block, a thread takes the input to the points;
/// then, for each panel and each part of the channels, it multiplies at each point, and takes the sums to results.
///
/// In cache: a part of the transformed weight at one point, 64 channels times a panel (12 KiB), in the first level; the
/// transformed weight of that part at all points, and the sums of a panel, in the second; the transformed input of a block
/// in the second or third.
///
/// Sums are taken in parts of 64 channels, which keeps their rounding errors below those of the transforms.
struct WinogradProduct {
  let grid: TileGrid
  let readers: [TileReader]
  let writers: [TileWriter]
  let weights: [WinogradWeights]
  let bias: Source?
  let kernels: ConvolutionKernels
  let size: Int

  private let inputs: PointPanels
  private let panels: Split
  private let sums: PointPanels
  private let factors: PointPanels

  private static let channelsTogether = 64
  private static let largestScratch = 64 << 20
  /// A transformed weight that is larger comes from the third-level cache or from memory, which takes longer than to make
  /// it again in the second.
  private static let largestKept = 4 << 20

  /// One entry of `readers`, `writers` and `weights` per group; they differ in pointers only.
  ///
  /// - Returns: nil when the shape would need too much scratch.
  init?(grid: TileGrid, readers: [TileReader], writers: [TileWriter], weights: [WinogradWeights], bias: Source?) {
    (self.grid, self.readers, self.writers, self.weights, self.bias) = (grid, readers, writers, weights, bias)
    let weight = weights[0]
    (kernels, size) = (weight.kernels, weight.size)
    let (lanes, points) = (kernels.gemm.lanes, grid.points)
    inputs = PointPanels(
      channels: weight.channels, vectorsPerPanel: WinogradProduct.channelsTogether / lanes, rows: grid.mostTiles,
      points: points, lanes: lanes)
    panels = Split(ceilingDivide(weight.rows, lanes), atMost: kernels.gemm.tileVectors)
    sums = PointPanels(vectors: panels.longest, rows: grid.mostTiles, points: points, lanes: lanes)
    factors = PointPanels(vectors: panels.longest, rows: inputs.rowStride, points: points, lanes: lanes)
    if threadBytes > WinogradProduct.largestScratch { return nil }
  }

  private var threadBytes: Int {
    (inputs.count + sums.count + factors.count) * size + readers[0].planeBytes + writers[0].planeBytes
  }

  /// A small transformed weight is kept as a whole where several blocks use it, and made part by part otherwise: then it
  /// never leaves the second-level cache.
  private var keepsWeights: Bool {
    grid.blocks > 2 && factorCount * size <= WinogradProduct.largestKept
  }
  private var factorCount: Int { weights.count * panels.parts * inputs.vectors.parts * factors.panelStride }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    let rows = weights[0].rows
    let padded = panels.parts * panels.longest * kernels.gemm.lanes
    let biasBytes = bias == nil ? 0 : weights.count * padded * size
    let keptBytes = keepsWeights ? factorCount * size : 0
    guard var shared = Scratch(byteCounts: biasBytes, keptBytes) else { return false }
    let biasCopy = shared.take(biasBytes)
    let kept = shared.take(keptBytes)
    if let bias {
      biasCopy.initializeMemory(as: UInt8.self, repeating: 0, count: biasBytes)
      for row in 0..<(rows * weights.count) {
        let to = biasCopy + (row / rows * padded + row % rows) * size
        to.copyMemory(from: bias.pointer + row * bias.strides[0] * size, byteCount: size)
      }
    }
    if keepsWeights, !transformWeights(kept) { return false }
    let failure = FailureFlag()
    let work = Int(flops / Double(kernels.gemm.lanes * 5))
    let units = weights.count * grid.blocks
    let threads = min(Runtime.threadCount, work / 12_000)
    let partCount = units >= 3 * threads ? 1 : min(ceilingDivide(3 * threads, units), panels.parts)
    let parts = Split(panels.parts, parts: max(partCount, 1))
    parallelFor(units * parts.parts, work: work) { range in
      guard let memory = ThreadMemory(self) else {
        failure.set()
        return
      }
      var last = -1
      for index in range {
        let (unit, part) = (index / parts.parts, index % parts.parts)
        let (group, block) = (unit / grid.blocks, unit % grid.blocks)
        if unit != last { readBlock(group, block, memory) }
        last = unit
        for panel in parts[part] {
          multiply(group, block, panel, keepsWeights ? kept : nil, memory)
          writers[group].write(
            block, channelsFrom: panels.start(panel) * kernels.gemm.lanes, vectors: panels.length(panel),
            from: memory.sums, sums, bias: bias == nil ? nil : UnsafeRawPointer(biasCopy + group * padded * size),
            memory.writer)
        }
      }
    }
    return !failure.isSet
  }

  /// Of the products at the points.
  private var flops: Double {
    2 * Double(weights.count * grid.blocks * grid.mostTiles * grid.points) * Double(weights[0].rows)
      * Double(weights[0].channels)
  }

  /// What one thread needs.
  private struct ThreadMemory: ~Copyable {
    let scratch: Scratch
    let inputs, sums, factors: UnsafeMutableRawPointer
    let reader: TileReader.Workspace
    let writer: TileWriter.Workspace
    let weights: WinogradWeights.Workspace
    let offsets: UnsafeMutablePointer<Int>

    init?(_ product: WinogradProduct) {
      let (reader, writer, weight, size) = (
        product.readers[0], product.writers[0], product.weights[0], product.size
      )
      let channels = product.inputs.rowStride
      let tables = weight.tableCount(channels: channels)
      guard
        var scratch = Scratch(
          byteCounts: product.inputs.count * size, product.sums.count * size, product.factors.count * size,
          reader.planeBytes, reader.tableBytes, writer.planeBytes, writer.tableBytes,
          weight.lineBytes(channels: channels), tables * MemoryLayout<Int>.size, channels * MemoryLayout<Int>.size)
      else { return nil }
      inputs = scratch.take(product.inputs.count * size)
      sums = scratch.take(product.sums.count * size)
      factors = scratch.take(product.factors.count * size)
      let readerPlane = scratch.take(reader.planeBytes)
      self.reader = reader.makeWorkspace(plane: readerPlane, tables: scratch.take(reader.tableBytes))
      let writerPlane = scratch.take(writer.planeBytes)
      self.writer = writer.makeWorkspace(plane: writerPlane, tables: scratch.take(writer.tableBytes))
      let line = scratch.take(weight.lineBytes(channels: channels))
      weights = WinogradWeights.Workspace(line: line, tables: scratch.takeIntegers(tables))
      offsets = scratch.takeIntegers(channels)
      for channel in 0..<channels { offsets[channel] = channel * product.factors.rowStride }
      self.scratch = scratch
    }
  }

  private func transformWeights(_ target: UnsafeMutableRawPointer) -> Bool {
    let (weight, chunks) = (weights[0], inputs.vectors.parts)
    let failure = FailureFlag()
    let channels = inputs.rowStride
    let tables = weight.tableCount(channels: channels)
    parallelFor(weights.count * panels.parts * chunks, work: factorCount / 2) { range in
      guard
        var scratch = Scratch(
          byteCounts: weight.lineBytes(channels: channels), tables * MemoryLayout<Int>.size)
      else {
        failure.set()
        return
      }
      let line = scratch.take(weight.lineBytes(channels: channels))
      let space = WinogradWeights.Workspace(line: line, tables: scratch.takeIntegers(tables))
      for index in range {
        let (rest, chunk) = (index / chunks, index % chunks)
        weights[rest / panels.parts].transform(
          vectors: panels[rest % panels.parts], channels: inputs.channels(chunk, of: weight.channels),
          into: target + index * factors.panelStride * size, factors, space)
      }
    }
    return !failure.isSet
  }

  private func readBlock(_ group: Int, _ block: Int, _ memory: borrowing ThreadMemory) {
    var row = 0
    for index in 0..<grid.bands.bandCount(block) {
      readers[group].read(
        block, band: index, vectors: 0..<inputs.vectors.count, firstChannel: 0, into: memory.inputs, inputs,
        firstRow: row, memory.reader)
      let band = grid.bands.band(block, index)
      row += band.rows.count * band.columns.count
    }
  }

  /// The products of a block with one panel of the weight, at all points.
  private func multiply(
    _ group: Int, _ block: Int, _ panel: Int, _ kept: UnsafeMutableRawPointer?, _ memory: borrowing ThreadMemory
  ) {
    let (weight, gemm) = (weights[group], kernels.gemm)
    let tiles = Split(grid.tileCount(block), atMost: gemm.tileRows)
    for chunk in 0..<inputs.vectors.parts {
      let channels = inputs.channels(chunk, of: weight.channels)
      var right = memory.factors
      if let kept {
        let index = (group * panels.parts + panel) * inputs.vectors.parts + chunk
        right = kept + index * factors.panelStride * size
      } else {
        weight.transform(vectors: panels[panel], channels: channels, into: right, factors, memory.weights)
      }
      let left = memory.inputs + chunk * inputs.panelStride * size
      for point in 0..<grid.points {
        let (a, b) = (left + point * inputs.pointStride * size, right + point * factors.pointStride * size)
        let c = memory.sums + point * sums.pointStride * size
        for part in 0..<tiles.parts {
          let first = tiles.start(part)
          gemm.tile(
            tiles.length(part), panels.length(panel), channels.count, a + first * inputs.rowStride * size,
            inputs.rowStride, 1, b, memory.offsets, c + first * sums.rowStride * size, sums.rowStride, chunk > 0)
        }
      }
    }
  }
}
