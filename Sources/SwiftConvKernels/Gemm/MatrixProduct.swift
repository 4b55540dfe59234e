#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A product of two matrices whose result has rows of neighbours, or of the matrices of several images: of each image's
/// columns (1x1 convolutions, forward and input gradient), or summed over all images (their weight gradient).
///
/// The right factor is packed into panels as wide as a tile, straight from where it is; the left one is read where it is
/// if that is as good, and packed otherwise; sums go straight to the result. `MatrixProductPlan` says how the work is cut.
struct MatrixProduct {
  /// Elements (row, column) of an image's matrix are `rowStride` and `columnStride` apart.
  struct Factor {
    let pointer: UnsafeRawPointer
    let rowStride, columnStride, imageStride: Int
  }

  /// Rows of neighbours.
  struct Result {
    let pointer: UnsafeMutableRawPointer
    let rowStride, imageStride: Int
    /// What the sums begin with, or nil: element (row, column) is at `row * biasStride + column * biasColumnStride`.
    var bias: UnsafeRawPointer?
    var biasStride = 0
    var biasColumnStride = 0
  }

  let m, n, k, images: Int
  /// Whether the images' products are added up; otherwise each has a result of its own.
  let sumsImages: Bool
  let a, b: Factor
  let c: Result
  let accumulates: Bool
  let kernels: ConvolutionKernels
  let size: Int
  /// Whether the order of the sums may depend on where the left factor's neighbours are; see `hasSingleLastColumn`.
  var mayTakeLastColumnAlone = false

  /// Where a thread finds the packed panels, and what else it needs.
  private struct Workspace {
    let left, right, tile: UnsafeMutableRawPointer
    let offsets: UnsafeMutablePointer<Int>
  }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    if hasSingleLastColumn { return withoutLastColumn.run() && runLastColumn() }
    let plan = MatrixProductPlan(self)
    if plan.isShared { return runShared(plan) }
    let packsLeftOnce = plan.packsLeftOnce
    let leftBytes = packsLeftOnce ? plan.leftBytes(steps: plan.steps, panels: plan.rows.parts) : 0
    guard var shared = Scratch(byteCounts: leftBytes) else { return false }
    let left = shared.take(leftBytes)
    if packsLeftOnce {
      parallelFor(plan.steps * plan.rows.parts, work: plan.steps * leftBytes / 16) { range in
        for index in range { packLeft(plan, index / plan.rows.parts, index % plan.rows.parts, first: 0, left) }
      }
    }
    let ownBytes =
      packsLeftOnce || plan.isLeftDirect ? 0 : plan.leftBytes(steps: 1, panels: plan.rows.parts)
    let rightBytes = plan.blocks.longest * plan.rightPanelBytes
    let failure = FailureFlag()
    parallelFor(plan.blocks.parts, work: plan.work) { range in
      guard
        var scratch = Scratch(
          byteCounts: ownBytes, rightBytes, plan.tileBytes, plan.offsetBytes)
      else {
        failure.set()
        return
      }
      let own = scratch.take(ownBytes)
      let space = Workspace(
        left: packsLeftOnce ? left : own, right: scratch.take(rightBytes), tile: scratch.take(plan.tileBytes),
        offsets: plan.offsets(&scratch))
      for index in range {
        let columns = plan.blocks[index]
        for step in 0..<plan.steps {
          for panel in columns { packRight(plan, step, panel, place: panel - columns.lowerBound, space.right) }
          if ownBytes > 0 {
            for row in 0..<plan.rows.parts { packLeft(plan, step, row, first: step, space.left) }
          }
          compute(
            plan, step, columns, 0..<plan.rows.parts, firstStep: packsLeftOnce ? 0 : step, right: space.right, space)
        }
      }
    }
    return !failure.isSet
  }

  /// Few columns: threads pack the panels of some steps together, then share rows and columns.
  private func runShared(_ plan: MatrixProductPlan) -> Bool {
    let together = Split(plan.steps, atMost: plan.stepsTogether)
    let leftBytes = plan.isLeftDirect ? 0 : plan.leftBytes(steps: together.longest, panels: plan.rows.parts)
    let rightBytes = together.longest * plan.columns.parts * plan.rightPanelBytes
    guard var shared = Scratch(byteCounts: leftBytes, rightBytes) else { return false }
    let (left, right) = (shared.take(leftBytes), shared.take(rightBytes))
    let leftPanels = plan.isLeftDirect ? 0 : plan.rows.parts
    let failure = FailureFlag()
    for part in 0..<together.parts {
      let steps = together[part]
      let panels = leftPanels + plan.columns.parts
      parallelFor(steps.count * panels, work: plan.work) { range in
        for index in range {
          let (step, panel) = (steps.lowerBound + index / panels, index % panels)
          if panel < leftPanels {
            packLeft(plan, step, panel, first: steps.lowerBound, left)
          } else {
            let place = (step - steps.lowerBound) * plan.columns.parts + panel - leftPanels
            packRight(plan, step, panel - leftPanels, place: place, right)
          }
        }
      }
      parallelFor(plan.blocks.parts * plan.rowGroups.parts, work: plan.work) { range in
        guard var scratch = Scratch(byteCounts: plan.tileBytes, plan.offsetBytes) else {
          failure.set()
          return
        }
        let space = Workspace(
          left: left, right: right, tile: scratch.take(plan.tileBytes), offsets: plan.offsets(&scratch))
        for index in range {
          let columns = plan.blocks[index / plan.rowGroups.parts]
          let rows = plan.rowGroups[index % plan.rowGroups.parts]
          for step in steps {
            let place = (step - steps.lowerBound) * plan.columns.parts + columns.lowerBound
            compute(
              plan, step, columns, rows, firstStep: steps.lowerBound, right: right + place * plan.rightPanelBytes,
              space)
          }
        }
      }
    }
    return !failure.isSet
  }

  /// Some panels of columns of the result, for some panels of rows and one step of the depth.
  private func compute(
    _ plan: MatrixProductPlan, _ step: Int, _ columns: Range<Int>, _ rows: Range<Int>, firstStep: Int,
    right: UnsafeMutableRawPointer, _ space: Workspace
  ) {
    let depth = plan.depth(step)
    let together = plan.panelsInCache(columns.count)
    for group in 0..<together.parts {
      for row in rows {
        let (first, count) = (plan.rows.start(row), plan.rows.length(row))
        var (left, rowStride, depthStride) = (space.left + plan.leftPlace(step - firstStep, row), 1, count)
        if plan.isLeftDirect {
          left = UnsafeMutableRawPointer(mutating: leftSource(first, depth.images.lowerBound, depth.steps.lowerBound))
          (rowStride, depthStride) = (a.rowStride, a.columnStride)
        }
        for index in together[group] {
          multiply(
            plan, first..<(first + count), columns.lowerBound + index, depth.count, UnsafeRawPointer(left), rowStride,
            depthStride, right + index * plan.rightPanelBytes, isFirst: step == 0, space)
        }
      }
    }
  }

  /// One panel of rows with one panel of columns, for one step of the depth.
  @inline(__always)
  private func multiply(
    _ plan: MatrixProductPlan, _ rows: Range<Int>, _ panel: Int, _ depth: Int, _ left: UnsafeRawPointer,
    _ rowStride: Int, _ depthStride: Int, _ right: UnsafeRawPointer, isFirst: Bool, _ space: Workspace
  ) {
    let columns = plan.columnRange(panel)
    let vectors = plan.columns.length(panel)
    let adds = !isFirst || accumulates || c.bias != nil
    if isFirst, !accumulates, c.bias != nil { beginWithBias(plan, rows, columns) }
    var place = rows.lowerBound * c.rowStride + columns.lowerBound
    var isWhole = columns.count == vectors * plan.lanes
    if !sumsImages, images > 1 {
      let image = columns.lowerBound / n
      isWhole = isWhole && columns.upperBound <= (image + 1) * n
      place += image * (c.imageStride - n)
    }
    if isWhole {
      kernels.gemm.tile(
        rows.count, vectors, depth, left, rowStride, depthStride, right, space.offsets, c.pointer + place * size,
        c.rowStride, adds, false)
      return
    }
    if adds { move(plan, rows, columns, space.tile, isRead: true) }
    kernels.gemm.tile(
      rows.count, vectors, depth, left, rowStride, depthStride, right, space.offsets, space.tile, plan.panelWidth, adds,
      false)
    move(plan, rows, columns, space.tile, isRead: false)
  }

  /// Some columns, cut where images end: which image, which of its columns, and how many come before.
  @inline(__always)
  private func forEachRun(
    _ columns: Range<Int>, _ body: (_ image: Int, _ columns: Range<Int>, _ place: Int) -> Void
  ) {
    var column = columns.lowerBound
    while column < columns.upperBound {
      let (image, first) = sumsImages ? (0, column) : (column / n, column % n)
      let count = min(n - first, columns.upperBound - column)
      body(image, first..<(first + count), column - columns.lowerBound)
      column += count
    }
  }

  /// Writes a panel of columns for a step of the depth: for each number of the depth, the elements of all columns, and
  /// zeros up to a whole vector. `place` counts panels.
  private func packRight(
    _ plan: MatrixProductPlan, _ step: Int, _ panel: Int, place: Int, _ target: UnsafeMutableRawPointer
  ) {
    let (width, depth, columns) = (plan.panelWidth, plan.depth(step), plan.columnRange(panel))
    let to = target + place * plan.rightPanelBytes
    if columns.count < plan.columns.length(panel) * plan.lanes { memset(to, 0, width * depth.count * size) }
    forEachRun(columns) { image, columns, place in
      for (index, depthImage) in depth.images.enumerated() {
        let from =
          b.pointer
          + ((sumsImages ? depthImage : image) * b.imageStride + depth.steps.lowerBound * b.rowStride
            + columns.lowerBound * b.columnStride) * size
        let to = to + (place + index * depth.steps.count * width) * size
        if b.rowStride == 1, b.columnStride != 1 {
          kernels.rows.transpose(columns.count, depth.steps.count, from, b.columnStride, to, width, false)
        } else {
          kernels.rows.load(depth.steps.count, columns.count, from, b.rowStride, b.columnStride, to, width)
        }
      }
    }
  }

  private func leftSource(_ row: Int, _ image: Int, _ step: Int) -> UnsafeRawPointer {
    a.pointer + (row * a.rowStride + step * a.columnStride + (sumsImages ? image * a.imageStride : 0)) * size
  }

  /// Writes a panel of rows for a step of the depth: for each number of the depth, the elements of all rows. `first` is the
  /// step that `target` begins with.
  private func packLeft(
    _ plan: MatrixProductPlan, _ step: Int, _ row: Int, first: Int, _ target: UnsafeMutableRawPointer
  ) {
    let (start, rows, depth) = (plan.rows.start(row), plan.rows.length(row), plan.depth(step))
    let (count, panel) = (depth.steps.count, target + plan.leftPlace(step - first, row))
    for (index, image) in depth.images.enumerated() {
      let from = leftSource(start, image, depth.steps.lowerBound)
      let to = panel + index * count * rows * size
      if a.rowStride == 1 {
        kernels.rows.load(count, rows, from, a.columnStride, 1, to, rows)
      } else if a.columnStride == 1 {
        // Few rows are filled up to a whole vector. What is beyond them is overwritten by the next number of the depth, or
        // is nobody's.
        kernels.rows.transpose(rows, count, from, a.rowStride, to, rows, rows < plan.lanes)
      } else if size == 4 {
        gather(UInt32.self, rows, count, from, to)
      } else {
        gather(UInt64.self, rows, count, from, to)
      }
    }
  }

  @inline(__always)
  private func gather<Unit>(
    _: Unit.Type, _ rows: Int, _ depth: Int, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer
  ) {
    let (from, to) = (source.assumingMemoryBound(to: Unit.self), target.assumingMemoryBound(to: Unit.self))
    for row in 0..<rows {
      let line = from + row * a.rowStride
      for step in 0..<depth { to[step * rows + row] = line[step * a.columnStride] }
    }
  }

  private func beginWithBias(_ plan: MatrixProductPlan, _ rows: Range<Int>, _ columns: Range<Int>) {
    guard let bias = c.bias else { return }
    forEachRun(columns) { image, columns, _ in
      let place = (sumsImages ? 0 : image * c.imageStride) + rows.lowerBound * c.rowStride + columns.lowerBound
      let (from, to) = (
        bias + (rows.lowerBound * c.biasStride + columns.lowerBound * c.biasColumnStride) * size,
        c.pointer + place * size
      )
      if c.biasColumnStride != 0 {
        kernels.rows.load(rows.count, columns.count, from, c.biasStride, c.biasColumnStride, to, c.rowStride)
      } else if size == 4 {
        fill(Float.self, rows.count, columns.count, from, to)
      } else {
        fill(Double.self, rows.count, columns.count, from, to)
      }
    }
  }

  private func fill<Scalar>(
    _: Scalar.Type, _ rows: Int, _ columns: Int, _ bias: UnsafeRawPointer, _ target: UnsafeMutableRawPointer
  ) {
    let (values, to) = (bias.assumingMemoryBound(to: Scalar.self), target.assumingMemoryBound(to: Scalar.self))
    for row in 0..<rows { (to + row * c.rowStride).update(repeating: values[row * c.biasStride], count: columns) }
  }

  /// Moves a tile from its place in the result to scratch, or back.
  private func move(
    _ plan: MatrixProductPlan, _ rows: Range<Int>, _ columns: Range<Int>, _ tile: UnsafeMutableRawPointer, isRead: Bool
  ) {
    let width = plan.panelWidth
    forEachRun(columns) { image, columns, place in
      let row = (sumsImages ? 0 : image * c.imageStride) + rows.lowerBound * c.rowStride
      let (result, tile) = (c.pointer + (row + columns.lowerBound) * size, tile + place * size)
      if isRead {
        kernels.rows.load(rows.count, columns.count, result, c.rowStride, 1, tile, width)
      } else {
        kernels.rows.load(rows.count, columns.count, tile, width, 1, result, c.rowStride)
      }
    }
  }
}

extension MatrixProduct {
  /// One product; nil where the result has no rows of neighbours, or so few that packing would take most of the time.
  init?(m: Int, n: Int, k: Int, a: Source, b: Source, bias: Source?, c: Target, accumulates: Bool) {
    if c.strides[1] != 1, n > 1 {
      guard c.strides[0] == 1 else { return nil }
      self.init(
        m: n, n: m, k: k, a: b.transposed, b: a.transposed, bias: bias?.transposed,
        c: Target(pointer: c.pointer, strides: [c.strides[1], c.strides[0]], dtype: c.dtype), accumulates: accumulates)
      return
    }
    guard m >= 2 * Runtime.kernels(c.dtype).gemm.tileRows else { return nil }
    self.init(
      m: m, n: n, k: k, images: 1, sumsImages: false,
      a: Factor(pointer: a.pointer, rowStride: a.strides[0], columnStride: a.strides[1], imageStride: 0),
      b: Factor(pointer: b.pointer, rowStride: b.strides[0], columnStride: b.strides[1], imageStride: 0),
      c: Result(
        pointer: c.pointer, rowStride: c.strides[0], imageStride: 0, bias: bias?.pointer,
        biasStride: bias?.strides[0] ?? 0, biasColumnStride: bias?.strides[1] ?? 0), accumulates: accumulates,
      kernels: Runtime.kernels(c.dtype), size: c.dtype.size)
  }
}
