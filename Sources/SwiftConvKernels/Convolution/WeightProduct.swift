/// The weight gradient as a product: dw (row, channel, tap) is the sum over all positions of dy (row, position) times what
/// the tap sees of the channel at that position. Here positions are the depth of the product, and (tap, channel) are its
/// columns.
///
/// For each stage, some hundred positions, the source is copied to planes (`PatchPlanes`), and the planes are transposed,
/// so that the channels of one place are neighbours. The micro-kernel reads its columns right from there: a tap is an
/// offset, and taps that see neighbouring places give one long run of columns. Threads share groups, channels, rows and,
/// where those are few, stages: `chunks` partial results are added at the end. Their number follows from the shape alone.
///
/// In cache: a panel of dy (`tileRows` times positions) in the first level; the transposed planes and the results of some
/// channels in the second.
struct WeightProduct {
  let geometry: ConvolutionGeometry
  let x: Source
  let dy: Source
  let dw: Target
  let kernels: ConvolutionKernels
  let size: Int

  private let bands: BandPlan
  private let planes: PatchPlanes
  /// How many channels a task computes, and how many such parts there are.
  private let channelsTogether, channelParts: Int
  private let chunks: Split
  private let panels: Split
  private let runs: [Run]
  /// Taps in the order of their columns: which run each is in, and its place there.
  private let places: [(run: Int, index: Int)]

  /// Taps that see neighbouring places.
  private struct Run {
    /// Where the first tap is in the planes.
    let offset: Int
    var taps: Int
    /// The first column of the results, in vectors, and how many vectors there are.
    var firstVector = 0
    var vectors = 0
  }

  private static let largestScratch = 64 << 20

  /// - Returns: nil when the shape would need too much scratch.
  init?(_ geometry: ConvolutionGeometry, x: Source, dy: Source, dw: Target) {
    (self.geometry, self.x, self.dy, self.dw) = (geometry, x, dy, dw)
    let (size, kernels) = (dw.dtype.size, Runtime.kernels(dw.dtype))
    (self.size, self.kernels) = (size, kernels)
    let axes = geometry.forwardAxes
    bands = BandPlan(images: geometry.mb, z: geometry.od, y: axes.y, x: axes.x, target: 2048 / size)
    let source = PatchSource(pointer: x.pointer, strides: x.strides, z: axes.z, y: axes.y, x: axes.x)
    guard bands.areaFits(source, limit: (16 << 20) / size) else { return nil }
    planes = PatchPlanes(source, rows: bands.mostRows, columns: bands.mostColumns, kernels: kernels.rows, size: size)
    let (rows, ic, lanes) = (geometry.ocPerGroup, geometry.icPerGroup, kernels.gemm.lanes)
    let area = planes.channelStride * bands.bandsPerBlock
    // As many channels as leave the results and the planes of a task in the second-level cache.
    let fitting = min((768 << 10) / (min(rows, 512) * geometry.taps * size), (512 << 10) / (area * size))
    let together = ic <= lanes ? ic : max(1, min(fitting, ic) / lanes) * lanes
    (channelsTogether, channelParts) = (together, ceilingDivide(ic, together))
    panels = Split(rows, atMost: kernels.gemm.tileRows)
    (runs, places) = WeightProduct.findRuns(planes.tapOffsets, channels: together, lanes: lanes)
    let columns = (runs.last.map { $0.firstVector + $0.vectors } ?? 0) * lanes
    self.columns = columns
    let tasks = geometry.g * ceilingDivide(ic, together)
    let affordable = (16 << 20) / max(1, tasks * rows * columns * size)
    chunks = Split(bands.blocks, parts: max(1, min(bands.blocks, 16 / tasks, affordable)))
    if planeBytes + transposedBytes + resultBytes > WeightProduct.largestScratch { return nil }
  }

  /// Columns of a task's results.
  private let columns: Int

  private static func findRuns(
    _ offsets: [Int], channels: Int, lanes: Int
  ) -> (runs: [Run], places: [(run: Int, index: Int)]) {
    var runs: [Run] = []
    var places = [(run: Int, index: Int)](repeating: (0, 0), count: offsets.count)
    for tap in offsets.indices.sorted(by: { offsets[$0] < offsets[$1] }) {
      if let last = runs.last, offsets[tap] == last.offset + last.taps {
        runs[runs.count - 1].taps += 1
      } else {
        runs.append(Run(offset: offsets[tap], taps: 1))
      }
      places[tap] = (runs.count - 1, runs[runs.count - 1].taps - 1)
    }
    var vector = 0
    for index in runs.indices {
      runs[index].firstVector = vector
      runs[index].vectors = ceilingDivide(runs[index].taps * channels, lanes)
      vector += runs[index].vectors
    }
    return (runs, places)
  }

  private var slack: Int { 4 * kernels.gemm.lanes * kernels.gemm.tileVectors * size }
  private var positions: Int { bands.bandsPerBlock * bands.mostRows * bands.mostColumns }
  private var planeBytes: Int { planes.channelStride * channelsTogether * size + slack }
  private var transposedBytes: Int { planes.channelStride * bands.bandsPerBlock * channelsTogether * size + slack }
  private var resultBytes: Int { geometry.ocPerGroup * columns * size }
  private var leftBytes: Int { panels.longest * positions * size }

  private func channelRange(_ part: Int) -> Range<Int> {
    let first = part * channelsTogether
    return first..<min(first + channelsTogether, geometry.icPerGroup)
  }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    let p = geometry
    let partials = p.g * channelParts * chunks.parts
    let partialBytes = chunks.parts > 1 ? partials * resultBytes : 0
    guard var shared = Scratch(byteCounts: partialBytes) else { return false }
    let sums = shared.take(partialBytes)
    let work = p.g * p.ocPerGroup * channelParts * columns * bands.blocks * positions / (kernels.gemm.lanes * 5)
    let threads = min(Runtime.threadCount, work / 12_000)
    let rowParts =
      threads < 2 || partials >= 2 * threads ? 1 : min(ceilingDivide(2 * threads, partials), max(1, panels.parts / 2))
    let parts = Split(panels.parts, parts: rowParts)
    let failure = FailureFlag()
    parallelFor(partials * parts.parts, work: work) { range in
      guard
        var scratch = Scratch(
          byteCounts: planeBytes, transposedBytes, leftBytes, chunks.parts > 1 ? 0 : resultBytes,
          positions * MemoryLayout<Int>.size)
      else {
        failure.set()
        return
      }
      let space = Workspace(
        planes: scratch.take(planeBytes), transposed: scratch.take(transposedBytes), left: scratch.take(leftBytes),
        results: scratch.take(chunks.parts > 1 ? 0 : resultBytes), offsets: scratch.takeIntegers(positions))
      for index in range {
        let (partial, part) = (index / parts.parts, index % parts.parts)
        let (unit, chunk) = (partial / chunks.parts, partial % chunks.parts)
        let results = chunks.parts > 1 ? sums + partial * resultBytes : space.results
        compute(unit / channelParts, unit % channelParts, chunks[chunk], parts[part], results, space)
        if chunks.parts == 1 {
          writeOut(unit / channelParts, unit % channelParts, rows(of: parts[part]), results)
        }
      }
    }
    if failure.isSet { return false }
    if chunks.parts > 1 { addChunks(sums) }
    return true
  }

  private struct Workspace {
    let planes, transposed, left, results: UnsafeMutableRawPointer
    let offsets: UnsafeMutablePointer<Int>
  }

  private func rows(of range: Range<Int>) -> Range<Int> {
    panels.start(range.lowerBound)..<panels.start(range.upperBound)
  }

  private func addChunks(_ sums: UnsafeMutableRawPointer) {
    let units = geometry.g * channelParts
    let rows = geometry.ocPerGroup
    parallelFor(units * rows, work: units * rows * columns * (chunks.parts + 1)) { range in
      for index in range {
        let (unit, row) = (index / rows, index % rows)
        let first = sums + (unit * chunks.parts * rows + row) * columns * size
        for chunk in 1..<chunks.parts {
          add(first + chunk * resultBytes, to: first)
        }
        writeOut(unit / channelParts, unit % channelParts, row..<(row + 1), first - row * columns * size)
      }
    }
  }

  private func add(_ row: UnsafeMutableRawPointer, to sum: UnsafeMutableRawPointer) {
    if size == 4 {
      let (from, to) = (row.assumingMemoryBound(to: Float.self), sum.assumingMemoryBound(to: Float.self))
      for column in 0..<columns { to[column] += from[column] }
    } else {
      let (from, to) = (row.assumingMemoryBound(to: Double.self), sum.assumingMemoryBound(to: Double.self))
      for column in 0..<columns { to[column] += from[column] }
    }
  }

  /// Some panels of rows of the gradients for some channels, over some of the stages.
  private func compute(
    _ group: Int, _ part: Int, _ stages: Range<Int>, _ range: Range<Int>, _ results: UnsafeMutableRawPointer,
    _ space: Workspace
  ) {
    let p = geometry
    let inGroup = channelRange(part)
    let first = group * p.icPerGroup
    let channels = (first + inGroup.lowerBound)..<(first + inGroup.upperBound)
    let lanes = kernels.gemm.lanes
    for stage in stages {
      let count = bands.bandCount(stage)
      for index in 0..<count {
        planes.fill(space.planes, bands.band(stage, index), channels: channels)
        transpose(
          space.planes, channels.count, space.transposed + index * planes.channelStride * channelsTogether * size)
      }
      let band = bands.band(stage, 0)
      let depth = listPositions(band, count, space.offsets)
      for panel in range {
        let rows = panels[panel]
        let left = prepareLeft(group, rows, stage, count, space)
        let c = results + rows.lowerBound * columns * size
        for run in runs {
          let b = space.transposed + run.offset * channelsTogether * size
          let vectors = Split(run.vectors, atMost: kernels.gemm.tileVectors)
          for part in 0..<vectors.parts {
            let column = vectors.start(part) * lanes
            kernels.gemm.tile(
              rows.count, vectors.length(part), depth, left.pointer, left.rowStride, left.depthStride,
              b + column * size, space.offsets, c + (run.firstVector * lanes + column) * size, columns,
              stage > stages.lowerBound, false)
          }
        }
      }
    }
  }

  /// Where the positions of a stage are in the transposed planes; returns how many there are.
  private func listPositions(_ band: Band, _ count: Int, _ offsets: UnsafeMutablePointer<Int>) -> Int {
    var depth = 0
    for index in 0..<count {
      for row in 0..<band.rows.count {
        for column in 0..<band.columns.count {
          offsets[depth] = (index * planes.channelStride + row * planes.pitch + column) * channelsTogether
          depth += 1
        }
      }
    }
    return depth
  }

  /// The rows of dy for a stage: as they are where positions are evenly spaced in memory, packed otherwise.
  private func prepareLeft(
    _ group: Int, _ rows: Range<Int>, _ stage: Int, _ count: Int, _ space: Workspace
  ) -> (pointer: UnsafeRawPointer, rowStride: Int, depthStride: Int) {
    let s = dy.strides
    let base = dy.pointer + (group * geometry.ocPerGroup + rows.lowerBound) * s[1] * size
    let band = bands.band(stage, 0)
    let (height, width) = (band.rows.count, band.columns.count)
    func place(_ band: Band) -> Int {
      band.image * s[0] + band.z * s[2] + band.rows.lowerBound * s[3] + band.columns.lowerBound * s[4]
    }
    if count == 1, s[4] == 1 || width == 1, height == 1 || s[3] == width {
      return (base + place(band) * size, s[1], width == 1 && height > 1 ? s[3] : s[4])
    }
    var target = space.left
    for index in 0..<count {
      let from = base + place(bands.band(stage, index)) * size
      for row in 0..<height {
        for column in 0..<width {
          let pixel = from + (row * s[3] + column * s[4]) * size
          if size == 4 {
            gather(UInt32.self, rows.count, pixel, s[1], target)
          } else {
            gather(UInt64.self, rows.count, pixel, s[1], target)
          }
          target += rows.count * size
        }
      }
    }
    return (UnsafeRawPointer(space.left), 1, rows.count)
  }

  @inline(__always)
  private func gather<Unit>(
    _: Unit.Type, _ count: Int, _ source: UnsafeRawPointer, _ stride: Int, _ target: UnsafeMutableRawPointer
  ) {
    let (from, to) = (source.assumingMemoryBound(to: Unit.self), target.assumingMemoryBound(to: Unit.self))
    for index in 0..<count { to[index] = from[index * stride] }
  }

  /// Planes one after another become places one after another, `channelsTogether` elements each.
  private func transpose(_ from: UnsafeMutableRawPointer, _ count: Int, _ to: UnsafeMutableRawPointer) {
    if size == 4 {
      transpose(UInt32.self, from, count, to)
    } else {
      transpose(UInt64.self, from, count, to)
    }
  }

  @inline(__always)
  private func transpose<Unit>(
    _: Unit.Type, _ source: UnsafeMutableRawPointer, _ count: Int, _ target: UnsafeMutableRawPointer
  ) {
    let (from, to) = (source.assumingMemoryBound(to: Unit.self), target.assumingMemoryBound(to: Unit.self))
    let (area, width) = (planes.channelStride, channelsTogether)
    var first = 0
    while first < area {
      let last = min(first + 16, area)
      for channel in 0..<count {
        let row = from + channel * area
        for place in first..<last { to[place * width + channel] = row[place] }
      }
      first = last
    }
  }

  private func writeOut(_ group: Int, _ part: Int, _ rows: Range<Int>, _ results: UnsafeMutableRawPointer) {
    if size == 4 {
      writeOut(UInt32.self, group, part, rows, results)
    } else {
      writeOut(UInt64.self, group, part, rows, results)
    }
  }

  @inline(__always)
  private func writeOut<Unit>(
    _: Unit.Type, _ group: Int, _ part: Int, _ rows: Range<Int>, _ results: UnsafeMutableRawPointer
  ) {
    let p = geometry
    let s = dw.strides
    let inGroup = channelRange(part)
    let to = dw.pointer.assumingMemoryBound(to: Unit.self)
    for row in rows {
      let from = results.assumingMemoryBound(to: Unit.self) + row * columns
      let target = to + (group * p.ocPerGroup + row) * s[0] + inGroup.lowerBound * s[1]
      var tap = 0
      for kz in 0..<p.kd {
        for ky in 0..<p.kh {
          for kx in 0..<p.kw {
            let place = places[tap]
            let line = from + runs[place.run].firstVector * kernels.gemm.lanes + place.index * channelsTogether
            let out = target + kz * s[2] + ky * s[3] + kx * s[4]
            for channel in 0..<inGroup.count { out[channel * s[1]] = line[channel] }
            tap += 1
          }
        }
      }
    }
  }
}
