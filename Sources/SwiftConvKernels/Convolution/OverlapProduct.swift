/// The input gradient where few input channels meet many output channels, as in the first layers of a network. One product of
/// matrices says what each number of dy gives, (tap, channel; position of dy) = w (row; tap, channel) transposed * dy (row;
/// position), and each number of dx is the sum of those that fall on its place. Other than a product over windows of dy
/// (`PatchProduct`), whose rows are the few channels, it has rows enough to fill tiles, and each window is not copied.
///
/// Work is cut into bands of rows of dx. For each tap, a band takes just the rows of dy that fall into it, so nothing is
/// computed twice.
///
/// In cache: columns of dy of one tile in the first level; a stretch of columns, the left factor, and what a band overlaps,
/// in the second.
struct OverlapProduct {
  let geometry: ConvolutionGeometry
  let dy: Source
  let w: Source
  let dx: Target
  let kernels: ConvolutionKernels
  let size: Int

  /// Rows of dx in units of the stride, cut into bands.
  private let bands: Split
  /// The rows of the product that one row of taps has, in panels.
  private let panels: Split
  /// For each remainder of the columns of dx by the stride, the taps that reach them.
  private let phases: [Phase]
  /// How far the lines of the product are apart.
  private let pitch: Int
  /// How many columns of dy are copied at once.
  private let stretch: Int

  /// The columns of dx with one remainder by the stride.
  private struct Phase {
    let count: Int
    /// Which taps reach them, and which column of dy falls on column 0 from there.
    var taps: [(tap: Int, shift: Int)] = []
    /// The columns that all of these taps reach.
    var inner = 0..<0
  }

  private static let overlapInCache = 512 << 10
  private static let columnsInCache = 96 << 10
  private static let largestScratch = 64 << 20

  /// - Returns: nil when another product is faster or the shape would need too much scratch.
  init?(_ geometry: ConvolutionGeometry, dy: Source, w: Source, dx: Target) {
    (self.geometry, self.dy, self.w, self.dx) = (geometry, dy, w, dx)
    let (p, size, kernels) = (geometry, dx.dtype.size, Runtime.kernels(dx.dtype))
    (self.size, self.kernels) = (size, kernels)
    let gemm = kernels.gemm
    guard p.isSuitedToOverlaps(gemm.lanes), dy.strides[4] == 1, dy.strides[3] == p.ow || p.oh == 1,
      dx.strides[4] == 1
    else { return nil }
    panels = Split(p.icPerGroup * p.kw, atMost: gemm.tileRows)
    guard Double(p.icPerGroup * p.taps) * Double(p.ow * size) <= Double(OverlapProduct.largestScratch) else {
      return nil
    }
    let lineBytes = p.icPerGroup * p.taps * p.ow * size
    bands = Split(ceilingDivide(p.ih, p.sh), atMost: max(1, OverlapProduct.overlapInCache / lineBytes))
    let mostRows = min(p.oh, bands.longest + ((p.kh - 1) * p.dh + p.sh - 1) / p.sh + 1)
    let width = gemm.tileVectors * gemm.lanes
    // An odd number of tiles: rows whose distance is a power of two drive each other out of the first-level cache.
    stretch = width * ((max(1, OverlapProduct.columnsInCache / (p.ocPerGroup * width * size)) - 1) / 2 * 2 + 1)
    pitch = ceilingDivide(mostRows * p.ow, width) * width
    phases = (0..<min(p.sw, p.iw)).map { remainder in
      var phase = Phase(count: ceilingDivide(p.iw - remainder, p.sw))
      var (first, end) = (0, phase.count)
      for tap in 0..<p.kw {
        let place = remainder + p.padLeft - tap * p.dw
        let shift = floorDivide(place, p.sw)
        guard shift * p.sw == place else { continue }
        phase.taps.append((tap, shift))
        (first, end) = (max(first, -shift), min(end, p.ow - shift))
      }
      phase.inner = end > first ? first..<end : 0..<0
      return phase
    }
    let scratch = Double(p.icPerGroup * p.taps) * Double(size) * Double(max(pitch, p.ocPerGroup))
    if scratch > Double(OverlapProduct.largestScratch) { return nil }
  }

  private var rowsPerTapRow: Int { geometry.icPerGroup * geometry.kw }
  private var rows: Int { rowsPerTapRow * geometry.kh }
  private var depth: Int { geometry.ocPerGroup }
  private var width: Int { kernels.gemm.tileVectors * kernels.gemm.lanes }
  private var weightBytes: Int { rows * depth * size }
  private var lineBytes: Int { ceilingDivide(geometry.iw, geometry.sw) * size + kernels.gemm.lanes * size }

  private struct Workspace {
    let overlap, columns, lines, ones: UnsafeMutableRawPointer
    let offsets, places: UnsafeMutablePointer<Int>
  }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    let p = geometry
    guard var shared = Scratch(byteCounts: p.g * weightBytes) else { return false }
    let weights = shared.take(p.g * weightBytes)
    parallelFor(p.g * p.kh, work: p.g * rows * depth) { range in
      for index in range {
        if size == 4 {
          packWeights(UInt32.self, index / p.kh, index % p.kh, weights)
        } else {
          packWeights(UInt64.self, index / p.kh, index % p.kh, weights)
        }
      }
    }
    let work = Int(
      min(Double(p.mb * p.outputPixels) * Double(p.g * rows * (depth + 4)) / Double(5 * kernels.gemm.lanes), 0x1p60))
    let failure = FailureFlag()
    let (integer, phaseBytes) = (MemoryLayout<Int>.size, phases.count * lineBytes)
    parallelFor(p.mb * p.g * bands.parts, work: work) { range in
      guard
        var scratch = Scratch(
          byteCounts: rows * pitch * size, depth * stretch * size, phaseBytes, p.taps * size, depth * integer,
          p.taps * integer)
      else {
        failure.set()
        return
      }
      let space = Workspace(
        overlap: scratch.take(rows * pitch * size), columns: scratch.take(depth * stretch * size),
        lines: scratch.take(phaseBytes), ones: scratch.take(p.taps * size), offsets: scratch.takeIntegers(depth),
        places: scratch.takeIntegers(p.taps))
      for index in 0..<depth { space.offsets[index] = index * stretch }
      if size == 4 {
        space.ones.initializeMemory(as: Float.self, repeating: 1, count: p.taps)
      } else {
        space.ones.initializeMemory(as: Double.self, repeating: 1, count: p.taps)
      }
      for index in range {
        let (plane, band) = (index / bands.parts, index % bands.parts)
        compute(plane / p.g, plane % p.g, bands[band], weights + plane % p.g * weightBytes, space)
      }
    }
    return !failure.isSet
  }

  /// Writes the numbers of a row of taps as panels: for each row of dy, those of all rows of a panel.
  private func packWeights<Unit>(_: Unit.Type, _ group: Int, _ tapRow: Int, _ target: UnsafeMutableRawPointer) {
    let (s, p) = (w.strides, geometry)
    let from = w.pointer.assumingMemoryBound(to: Unit.self) + group * depth * s[0] + tapRow * s[3]
    var out = (target + group * weightBytes + tapRow * rowsPerTapRow * depth * size).assumingMemoryBound(to: Unit.self)
    for panel in 0..<panels.parts {
      for step in 0..<depth {
        for row in panels[panel] {
          out.pointee = from[step * s[0] + row / p.kw * s[1] + row % p.kw * s[4]]
          out += 1
        }
      }
    }
  }

  /// The rows of dy that fall into rows of dx from a row of taps.
  private func reached(_ results: Range<Int>, _ tapRow: Int) -> Range<Int> {
    let p = geometry
    let place = p.padTop - tapRow * p.dh
    let first = max(0, ceilingDivide(results.lowerBound + place, p.sh))
    return first..<max(first, min(p.oh, ceilingDivide(results.upperBound + place, p.sh)))
  }

  /// A band of dx of one group of an image.
  private func compute(
    _ image: Int, _ group: Int, _ units: Range<Int>, _ weights: UnsafeRawPointer, _ space: Workspace
  ) {
    let p = geometry
    let results = units.lowerBound * p.sh..<min(units.upperBound * p.sh, p.ih)
    var (first, end) = (p.oh, 0)
    for tapRow in 0..<p.kh {
      let rows = reached(results, tapRow)
      if !rows.isEmpty { (first, end) = (min(first, rows.lowerBound), max(end, rows.upperBound)) }
    }
    if end > first { multiply(image, group, results, first..<end, weights, space) }
    for channel in 0..<p.icPerGroup {
      let s = dx.strides
      let plane = dx.pointer + (image * s[0] + (group * p.icPerGroup + channel) * s[1]) * size
      for row in results { add(channel, row, first, plane + row * s[3] * size, space) }
    }
  }

  /// What some rows of dy give, for each row of taps those that fall into a band.
  private func multiply(
    _ image: Int, _ group: Int, _ results: Range<Int>, _ rows: Range<Int>, _ weights: UnsafeRawPointer,
    _ space: Workspace
  ) {
    let (p, gemm) = (geometry, kernels.gemm)
    let from =
      dy.pointer + (image * dy.strides[0] + group * depth * dy.strides[1] + rows.lowerBound * dy.strides[3]) * size
    let count = rows.count * p.ow
    for start in stride(from: 0, to: count, by: stretch) {
      let end = min(start + stretch, count)
      kernels.rows.load(depth, end - start, from + start * size, dy.strides[1], 1, space.columns, stretch)
      for column in stride(from: start, to: end, by: width) {
        for tapRow in 0..<p.kh {
          let reached = reached(results, tapRow)
          let first = (reached.lowerBound - rows.lowerBound) * p.ow - column
          let end = (reached.upperBound - rows.lowerBound) * p.ow - column
          let skipped = max(0, first) / gemm.lanes
          let vectors = min(gemm.tileVectors, ceilingDivide(max(0, end), gemm.lanes)) - skipped
          if vectors <= 0 { continue }
          let (place, right) = (column + skipped * gemm.lanes, column - start + skipped * gemm.lanes)
          for panel in 0..<panels.parts {
            let row = tapRow * rowsPerTapRow + panels.start(panel)
            let length = panels.length(panel)
            gemm.tile(
              length, vectors, depth, weights + row * depth * size, 1, length, space.columns + right * size,
              space.offsets, space.overlap + (row * pitch + place) * size, pitch, false, false)
          }
        }
      }
    }
  }

  /// Adds up a row of dx. `first` is the first row of dy of the band.
  private func add(_ channel: Int, _ row: Int, _ first: Int, _ target: UnsafeMutableRawPointer, _ space: Workspace) {
    let (p, lanes) = (geometry, kernels.gemm.lanes)
    for (remainder, phase) in phases.enumerated() {
      let line = p.sw == 1 ? target : space.lines + remainder * lineBytes
      var count = 0
      for tapRow in 0..<p.kh {
        let place = row + p.padTop - tapRow * p.dh
        let y = floorDivide(place, p.sh)
        guard y * p.sh == place, y >= 0, y < p.oh else { continue }
        let start = (tapRow * rowsPerTapRow + channel * p.kw) * pitch + (y - first) * p.ow
        for (tap, shift) in phase.taps {
          space.places[count] = start + tap * pitch + shift
          count += 1
        }
      }
      let inner = phase.inner.count >= lanes ? phase.inner : 0..<0
      if !inner.isEmpty {
        let from = UnsafeRawPointer(space.overlap) + inner.lowerBound * size
        let (to, vectors) = (line + inner.lowerBound * size, inner.count / lanes)
        kernels.rows.line(vectors, count, from, space.places, space.ones, to, nil, false)
        // The last vector overlaps the one before.
        let rest = (inner.count - lanes) * size
        if inner.count % lanes > 0 {
          kernels.rows.line(1, count, from + rest, space.places, space.ones, to + rest, nil, false)
        }
      }
      for columns in [0..<inner.lowerBound, inner.upperBound..<phase.count] {
        if size == 4 {
          addSingly(Float.self, columns, count, phase, line, space)
        } else {
          addSingly(Double.self, columns, count, phase, line, space)
        }
      }
    }
    if p.sw == 2 {
      kernels.rows.zip(1, p.iw, space.lines, space.lines + lineBytes, 0, target, 0)
    } else if p.sw > 2 {
      for (remainder, phase) in phases.enumerated() {
        kernels.rows.store(
          1, phase.count, space.lines + remainder * lineBytes, 0, target + remainder * size, 0, p.sw, nil)
      }
    }
  }

  /// Columns that some taps do not reach.
  @inline(__always)
  private func addSingly<T: BinaryFloatingPoint>(
    _: T.Type, _ columns: Range<Int>, _ count: Int, _ phase: Phase, _ line: UnsafeMutableRawPointer, _ space: Workspace
  ) {
    let (from, to) = (space.overlap.assumingMemoryBound(to: T.self), line.assumingMemoryBound(to: T.self))
    for column in columns {
      var sum: T = 0
      var index = 0
      while index < count {
        for (_, shift) in phase.taps {
          if column + shift >= 0, column + shift < geometry.ow { sum += from[space.places[index] + column] }
          index += 1
        }
      }
      to[column] = sum
    }
  }
}

private func floorDivide(_ a: Int, _ b: Int) -> Int { -ceilingDivide(-a, b) }

extension ConvolutionGeometry {
  /// Whether `OverlapProduct` is faster than `PatchProduct`. Measured: that one must have few rows; sums must be long enough
  /// to pay for adding up what overlaps; and the columns of dx with one remainder by the stride must fill a vector.
  fileprivate func isSuitedToOverlaps(_ lanes: Int) -> Bool {
    guard id == 1, od == 1, kd == 1, padFront == 0, taps > 1, icPerGroup <= 3 else { return false }
    return ocPerGroup >= 32 && ocPerGroup <= 512 && iw / sw >= lanes
  }
}
