import SwiftConvVectorInterface

/// A convolution of 3x3 taps with stride 1 by Winograd's algorithm, which takes `(n + 2)²` products for `n²` results instead
/// of `9 n²`. It computes the forward pass, and the input gradient, which is the same with turned weights.
///
/// Threads share blocks of tiles, and panels of result channels too where there are few blocks. The input of a block is
/// taken to the points; then, for each panel and each part of the channels, it is multiplied at each point, and the sums
/// are taken to results.
///
/// In cache: a part of the transformed weight at one point, 64 channels times a panel (12 KiB), in the first level; the
/// transformed weight of that part at all points, and the sums of a panel, in the second; the transformed input of a block
/// in the second or third. With few tiles, the transformed weight is in registers only (`WinogradKernels.FewTiles`).
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
  private let hasFewTiles: Bool
  /// Channels whose taps are read and used up at a time, with few tiles: they, and their inputs if tiles are very few, stay
  /// in the first-level cache, and the CPU fetches the next ones by itself meanwhile.
  private let fewChannels: Int
  /// How many threads there are to share the work. Results do not depend on how it is cut.
  private let threads: Int

  private static let channelsTogether = 64
  private static let largestScratch = 64 << 20
  /// A transformed weight that is larger comes from the third-level cache or from memory, which takes longer than to make
  /// it again in the second.
  private static let largestKept = 4 << 20
  /// Transformed inputs of all blocks together, if threads share them.
  private static let largestShared = 24 << 20

  /// One entry of `readers`, `writers` and `weights` per group; they differ in pointers only.
  ///
  /// - Returns: nil when the shape would need too much scratch.
  init?(grid: TileGrid, readers: [TileReader], writers: [TileWriter], weights: [WinogradWeights], bias: Source?) {
    (self.grid, self.readers, self.writers, self.weights, self.bias) = (grid, readers, writers, weights, bias)
    let weight = weights[0]
    (kernels, size) = (weight.kernels, weight.size)
    let (lanes, points) = (kernels.gemm.lanes, grid.points)
    hasFewTiles = grid.hasFewTiles(kernels)
    inputs = PointPanels(
      channels: weight.channels, vectorsPerPanel: WinogradProduct.channelsTogether / lanes, rows: grid.mostTiles,
      points: points, lanes: lanes, rowStride: hasFewTiles ? WinogradKernels.FewTiles.pitch : nil)
    let vectors = ceilingDivide(weight.rows, lanes)
    let products = Double(weights.count * grid.blocks * grid.mostTiles * points * weight.channels) * Double(vectors)
    threads = max(1, Int(min(Double(Runtime.threadCount), products / 60_000)))
    // With few tiles, a panel takes one part of the channels after another: inputs of more than a few tiles come from the
    // third-level cache, and are used for several vectors then.
    let isFewest = grid.mostTiles <= kernels.winograd.few.most
    fewChannels = isFewest ? 16 : WinogradKernels.FewTiles.mostChannels
    var panels = Split(vectors, atMost: hasFewTiles ? (isFewest ? 1 : 4) : kernels.gemm.tileVectors)
    let units = weights.count * grid.blocks
    if units * panels.parts < 8 * threads, units % threads > 0 {
      // As many for each thread.
      panels = Split(vectors, parts: min(ceilingDivide(panels.parts, threads) * threads, vectors))
    }
    self.panels = panels
    sums = PointPanels(
      channels: panels.longest * lanes, vectorsPerPanel: hasFewTiles ? 1 : panels.longest, rows: grid.mostTiles,
      points: points, lanes: lanes)
    factors = PointPanels(vectors: panels.longest, rows: inputs.rowStride, points: points, lanes: lanes)
    if threadBytes > WinogradProduct.largestScratch { return nil }
  }

  private var threadBytes: Int {
    inputs.count * size + sums.count * size + factorBytes + readers[0].planeBytes + writers[0].planeBytes
  }

  /// Of the transformed weight of a panel and a part of the channels; with few tiles, of lines of inner points.
  private var factorBytes: Int {
    (hasFewTiles ? WinogradKernels.FewTiles.lineVectors * kernels.gemm.lanes : factors.count) * size
  }

  /// A small transformed weight is kept as a whole where several blocks use it, and made part by part otherwise: then it
  /// never leaves the second-level cache.
  private var keepsWeights: Bool {
    grid.blocks > 2 && factorCount * size <= WinogradProduct.largestKept
  }
  private var factorCount: Int { weights.count * panels.parts * inputs.vectors.parts * factors.panelStride }

  /// Groups and blocks: what inputs are transformed for.
  private var units: Int { weights.count * grid.blocks }
  /// Inputs of all units, or nothing if each thread has those of its own.
  private var sharedBytes: Int {
    let bytes = units * inputs.count * size
    let isBalanced = units % threads == 0 || units >= 8 * threads
    return isBalanced || bytes > WinogradProduct.largestShared ? 0 : bytes
  }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    let padded = ceilingDivide(weights[0].rows, kernels.gemm.lanes) * kernels.gemm.lanes
    let biasBytes = bias == nil ? 0 : weights.count * padded * size
    let keptBytes = keepsWeights ? factorCount * size : 0
    guard var scratch = Scratch(byteCounts: biasBytes, keptBytes, sharedBytes) else { return false }
    let memory = SharedMemory(
      bias: copyBias(scratch.take(biasBytes), padded), biasStride: padded * size,
      kept: scratch.take(keptBytes), inputs: scratch.take(sharedBytes))
    if keepsWeights, !transformWeights(memory.kept) { return false }
    return sharedBytes > 0 ? readUnits(memory) && multiplyUnits(memory) : runUnits(memory)
  }

  private struct SharedMemory {
    /// For each group and padded to whole vectors, if there is one.
    let bias: UnsafeRawPointer?
    let biasStride: Int
    let kept, inputs: UnsafeMutableRawPointer
  }

  private func copyBias(_ target: UnsafeMutableRawPointer, _ padded: Int) -> UnsafeRawPointer? {
    guard let bias else { return nil }
    let rows = weights[0].rows
    target.initializeMemory(as: UInt8.self, repeating: 0, count: weights.count * padded * size)
    for row in 0..<(rows * weights.count) {
      let to = target + (row / rows * padded + row % rows) * size
      to.copyMemory(from: bias.pointer + row * bias.strides[0] * size, byteCount: size)
    }
    return UnsafeRawPointer(target)
  }

  /// Each thread reads the input of a unit, and makes all its results.
  private func runUnits(_ memory: SharedMemory) -> Bool {
    let failure = FailureFlag()
    parallelFor(units, work: work) { range in
      guard let own = ThreadMemory(self, inputs: nil) else {
        failure.set()
        return
      }
      for unit in range {
        read(unit, 0..<inputs.vectors.count, into: own.inputs, own)
        for panel in 0..<panels.parts { compute(unit, panel, memory, own.inputs, own) }
      }
    }
    return !failure.isSet
  }

  /// Takes the inputs of all units to the points; threads share vectors of channels.
  private func readUnits(_ memory: SharedMemory) -> Bool {
    let failure = FailureFlag()
    let tasks = Split(inputs.vectors.count, parts: min(inputs.vectors.count, 4 * threads))
    let work = units * grid.mostTiles * inputs.vectors.count * 60
    parallelFor(units * tasks.parts, work: work) { range in
      guard let own = ThreadMemory(self, inputs: memory.inputs) else {
        failure.set()
        return
      }
      for index in range {
        let unit = index / tasks.parts
        read(unit, tasks[index % tasks.parts], into: memory.inputs + unit * inputs.count * size, own)
      }
    }
    return !failure.isSet
  }

  /// Threads share panels of results of all units.
  private func multiplyUnits(_ memory: SharedMemory) -> Bool {
    let failure = FailureFlag()
    parallelFor(units * panels.parts, work: work) { range in
      guard let own = ThreadMemory(self, inputs: memory.inputs) else {
        failure.set()
        return
      }
      for index in range {
        let unit = index / panels.parts
        compute(unit, index % panels.parts, memory, memory.inputs + unit * inputs.count * size, own)
      }
    }
    return !failure.isSet
  }

  /// Of the products at the points, in nanoseconds.
  private var work: Int {
    let flops =
      2 * Double(units * grid.mostTiles * grid.points) * Double(weights[0].rows) * Double(weights[0].channels)
    return Int(flops / Double(kernels.gemm.lanes * 5))
  }

  /// What one thread needs.
  private struct ThreadMemory: ~Copyable {
    let scratch: Scratch
    let inputs, sums, factors: UnsafeMutableRawPointer
    let reader: TileReader.Workspace
    let writer: TileWriter.Workspace
    let weights: WinogradWeights.Workspace
    let offsets: UnsafeMutablePointer<Int>

    /// Inputs are shared, or this thread's own.
    init?(_ product: WinogradProduct, inputs shared: UnsafeMutableRawPointer?) {
      let (reader, writer, weight, size) = (
        product.readers[0], product.writers[0], product.weights[0], product.size
      )
      let channels = product.inputs.rowStride
      let tables = weight.tableCount(channels: channels)
      let inputBytes = shared == nil ? product.inputs.count * size : 0
      guard
        var scratch = Scratch(
          byteCounts: inputBytes, product.sums.count * size, product.factorBytes,
          reader.planeBytes, reader.tableBytes, writer.planeBytes, writer.tableBytes,
          weight.lineBytes(channels: channels), tables * MemoryLayout<Int>.size, channels * MemoryLayout<Int>.size)
      else { return nil }
      let own = scratch.take(inputBytes)
      inputs = shared ?? own
      sums = scratch.take(product.sums.count * size)
      factors = scratch.take(product.factorBytes)
      let readerPlane = scratch.take(reader.planeBytes)
      self.reader = reader.makeWorkspace(plane: readerPlane, tables: scratch.take(reader.tableBytes))
      let writerPlane = scratch.take(writer.planeBytes)
      self.writer = writer.makeWorkspace(plane: writerPlane, tables: scratch.take(writer.tableBytes))
      let line = scratch.take(weight.lineBytes(channels: channels))
      weights = weight.makeWorkspace(
        line: line, tables: scratch.takeIntegers(tables), channels: channels, product.factors)
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
      let space = weight.makeWorkspace(
        line: line, tables: scratch.takeIntegers(tables), channels: channels, factors)
      for index in range {
        let (rest, chunk) = (index / chunks, index % chunks)
        weights[rest / panels.parts].transform(
          vectors: panels[rest % panels.parts], channels: inputs.channels(chunk, of: weight.channels),
          into: target + index * factors.panelStride * size, space)
      }
    }
    return !failure.isSet
  }

  /// Takes some vectors of channels of the input of a unit to the points.
  private func read(
    _ unit: Int, _ vectors: Range<Int>, into target: UnsafeMutableRawPointer, _ own: borrowing ThreadMemory
  ) {
    let (group, block) = (unit / grid.blocks, unit % grid.blocks)
    var row = 0
    for index in 0..<grid.bands.bandCount(block) {
      readers[group].read(
        block, band: index, vectors: vectors, firstChannel: 0, into: target, inputs, firstRow: row, own.reader)
      let band = grid.bands.band(block, index)
      row += band.rows.count * band.columns.count
    }
  }

  /// The results of a unit and a panel of the weight.
  private func compute(
    _ unit: Int, _ panel: Int, _ memory: SharedMemory, _ left: UnsafeRawPointer, _ own: borrowing ThreadMemory
  ) {
    let (group, block) = (unit / grid.blocks, unit % grid.blocks)
    for chunk in 0..<inputs.vectors.parts {
      let part = left + chunk * inputs.panelStride * size
      if hasFewTiles {
        for vector in 0..<panels.length(panel) { multiplyFew(group, block, panel, vector, chunk, part, own) }
      } else {
        multiply(group, block, panel, chunk, part, keepsWeights ? memory.kept : nil, own)
      }
    }
    // The sums of the panel, or one vector after the other.
    var vector = 0
    for part in 0..<sums.vectors.parts where vector < panels.length(panel) {
      let count = min(sums.vectors.length(part), panels.length(panel) - vector)
      writers[group].write(
        block, channelsFrom: (panels.start(panel) + vector) * kernels.gemm.lanes, vectors: count,
        from: own.sums + part * sums.panelStride * size, sums,
        bias: memory.bias.map { $0 + group * memory.biasStride }, own.writer)
      vector += count
    }
  }

  /// The products of a block with one panel of the weight and a part of the channels, at all points.
  private func multiply(
    _ group: Int, _ block: Int, _ panel: Int, _ chunk: Int, _ left: UnsafeRawPointer, _ kept: UnsafeRawPointer?,
    _ own: borrowing ThreadMemory
  ) {
    let (weight, gemm) = (weights[group], kernels.gemm)
    let tiles = Split(grid.tileCount(block), atMost: gemm.tileRows)
    let channels = inputs.channels(chunk, of: weight.channels)
    var right = UnsafeRawPointer(own.factors)
    if let kept {
      right = kept + ((group * panels.parts + panel) * inputs.vectors.parts + chunk) * factors.panelStride * size
    } else {
      weight.transform(vectors: panels[panel], channels: channels, into: own.factors, own.weights)
    }
    for point in 0..<grid.points {
      let (a, b) = (left + point * inputs.pointStride * size, right + point * factors.pointStride * size)
      let c = own.sums + point * sums.pointStride * size
      for part in 0..<tiles.parts {
        let first = tiles.start(part)
        gemm.tile(
          tiles.length(part), panels.length(panel), channels.count, a + first * inputs.rowStride * size,
          inputs.rowStride, 1, b, own.offsets, c + first * sums.rowStride * size, sums.rowStride, chunk > 0,
          false)
      }
    }
  }

  /// The same for few tiles and one vector of the panel, which has sums of its own.
  private func multiplyFew(
    _ group: Int, _ block: Int, _ panel: Int, _ vector: Int, _ chunk: Int, _ left: UnsafeRawPointer,
    _ own: borrowing ThreadMemory
  ) {
    let (weight, few) = (weights[group], kernels.winograd.few)
    let channels = inputs.channels(chunk, of: weight.channels)
    let (tiles, lastTiles) = (grid.tileCount(block), grid.fewTiles(row: grid.side - 1))
    var first = channels.lowerBound
    while first < channels.upperBound {
      let part = first..<min(first + fewChannels, channels.upperBound)
      weight.gather(vector: panels.start(panel) + vector, channels: part, own.weights)
      few.multiply(
        WinogradKernels.FewTiles.Product(
          tiles: tiles, lastTiles: lastTiles, channels: part.count,
          inputs: left + (first - channels.lowerBound) * size, inputStride: inputs.pointStride,
          taps: own.weights.line, lines: own.factors, sums: own.sums + vector * sums.panelStride * size,
          sumStride: sums.pointStride, accumulates: first > 0))
      first = part.upperBound
    }
  }
}
