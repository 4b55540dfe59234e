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
/// if its rows are runs, and packed otherwise; sums go straight to the result.
///
/// In cache: where the depth is small, a panel of right (depth times the width of a tile), or several, in the first level,
/// while all panels of left pass by from the second. Where it is large, a panel of left (`tileRows` times depth) in the
/// first level, while the panels of right pass by: longer sums are worth it, because each pass over the result takes time.
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
    /// One number per row to begin the sums with, or nil; its stride.
    var bias: UnsafeRawPointer?
    var biasStride = 0
  }

  let m, n, k, images: Int
  /// Whether the images' products are added up; otherwise each has a result of its own.
  let sumsImages: Bool
  let a, b: Factor
  let c: Result
  let accumulates: Bool
  let kernels: ConvolutionKernels
  let size: Int

  /// Bytes of panels of the right factor that stay in the first-level cache; a little more than it has on some CPUs.
  private static let panelBytes = 40 << 10
  /// From how much depth on the left factor stays in the first-level cache, and how much of the depth at a time.
  private static let largeDepth = 640
  private static let depthInCache = 384

  /// Panels of the right factor in a block.
  private static let panelsInCache = 7

  private var panelWidth: Int { kernels.gemm.tileVectors * kernels.gemm.lanes }
  private var columnCount: Int { sumsImages ? n : images * n }
  private var panels: Split { Split(m, atMost: kernels.gemm.tileRows) }
  private var depthParts: Split {
    let fitting = MatrixProduct.panelBytes / (panelWidth * size)
    return Split(k, atMost: k < MatrixProduct.largeDepth ? fitting : MatrixProduct.depthInCache)
  }

  /// Whether panels of the left factor are read where they are. Rows whose distance is a multiple of a page's size drive
  /// each other out of the first-level cache, which matters once many columns pass by.
  private var isLeftDirect: Bool {
    a.columnStride == 1 && (a.rowStride * size % 4096 != 0 || columnCount <= 2 * panelWidth)
  }

  private struct Workspace {
    let left, right, tile: UnsafeMutableRawPointer
    let offsets: UnsafeMutablePointer<Int>
  }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    let blocks = Split(
      ceilingDivide(columnCount, panelWidth), atMost: MatrixProduct.panelsInCache)
    let work = Int(
      min(
        Double(m) * Double(columnCount) * Double(k * (sumsImages ? images : 1)) / Double(5 * kernels.gemm.lanes), 0x1p60
      ))
    let threads = min(Runtime.threadCount, work / 12_000)
    // Blocks of columns are what threads share. If there are too few, rows are shared too: each thread packs the right
    // factor for itself then.
    let rowParts =
      blocks.parts >= 3 * threads ? 1 : min(ceilingDivide(3 * threads, blocks.parts), max(1, panels.parts / 2))
    let parts = Split(panels.parts, parts: max(rowParts, 1))
    let (width, depth) = (panelWidth, depthParts.longest)
    let leftBytes = isLeftDirect ? 0 : (parts.longest * kernels.gemm.tileRows * depth + kernels.gemm.lanes) * size
    let failure = FailureFlag()
    parallelFor(blocks.parts * parts.parts, work: work) { range in
      guard
        var scratch = Scratch(
          byteCounts: leftBytes,
          blocks.longest * width * depth * size,
          kernels.gemm.tileRows * width * size, depth * MemoryLayout<Int>.size)
      else {
        failure.set()
        return
      }
      let space = Workspace(
        left: scratch.take(leftBytes),
        right: scratch.take(blocks.longest * width * depth * size),
        tile: scratch.take(kernels.gemm.tileRows * width * size), offsets: scratch.takeIntegers(depth))
      for step in 0..<depth { space.offsets[step] = step * width }
      for index in range { compute(blocks[index / parts.parts], parts[index % parts.parts], space) }
    }
    return !failure.isSet
  }

  /// Some panels of columns of the result, for some panels of rows.
  private func compute(_ columns: Range<Int>, _ rows: Range<Int>, _ space: Workspace) {
    var isFirst = true
    for image in 0..<(sumsImages ? images : 1) {
      for part in 0..<depthParts.parts {
        let depth = depthParts[part]
        for column in columns {
          packRight(column, image, depth, space.right + (column - columns.lowerBound) * panelWidth * depth.count * size)
        }
        if !isLeftDirect {
          for row in rows { packLeft(panels[row], image, depth, space.left + leftPlace(row, rows, depth)) }
        }
        let (panelBytes, first) = (panelWidth * depth.count * size, columns.lowerBound)
        let fitting = MatrixProduct.panelBytes / panelBytes
        let together = Split(columns.count, atMost: fitting > 0 ? fitting : columns.count)
        for group in 0..<together.parts {
          for row in rows {
            for index in together[group] {
              let right = space.right + index * panelBytes
              multiply(row, rows, first + index, image, depth, right, isFirst, space)
            }
          }
        }
        isFirst = false
      }
    }
  }

  /// The columns of a panel, cut where images end: which image, which of its columns, and where in the panel they are.
  private func forEachRun(_ panel: Int, _ body: (_ image: Int, _ columns: Range<Int>, _ place: Int) -> Void) {
    let end = min((panel + 1) * panelWidth, columnCount)
    var column = panel * panelWidth
    while column < end {
      let (image, first) = (column / n, column % n)
      let count = min(n - first, end - column)
      body(image, first..<(first + count), column - panel * panelWidth)
      column += count
    }
  }

  private func packRight(_ panel: Int, _ depthImage: Int, _ depth: Range<Int>, _ target: UnsafeMutableRawPointer) {
    let width = panelWidth
    if (panel + 1) * width > columnCount { memset(target, 0, width * depth.count * size) }
    forEachRun(panel) { image, columns, place in
      let from =
        b.pointer
        + ((sumsImages ? depthImage : image) * b.imageStride + depth.lowerBound * b.rowStride
          + columns.lowerBound * b.columnStride) * size
      let to = target + place * size
      if b.rowStride == 1, b.columnStride != 1 {
        kernels.rows.transpose(columns.count, depth.count, from, b.columnStride, to, width, false)
      } else {
        kernels.rows.load(depth.count, columns.count, from, b.rowStride, b.columnStride, to, width)
      }
    }
  }

  /// One panel of rows with one panel of columns, for a part of the depth.
  private func multiply(
    _ row: Int, _ part: Range<Int>, _ panel: Int, _ image: Int, _ depth: Range<Int>, _ right: UnsafeRawPointer,
    _ isFirst: Bool, _ space: Workspace
  ) {
    let (rows, width, lanes) = (panels[row], panelWidth, kernels.gemm.lanes)
    var (left, rowStride, depthStride) = (leftSource(rows, image, depth), a.rowStride, a.columnStride)
    if !isLeftDirect {
      (left, rowStride, depthStride) = (UnsafeRawPointer(space.left + leftPlace(row, part, depth)), 1, rows.count)
    }
    let adds = !isFirst || accumulates || c.bias != nil
    if isFirst, !accumulates, c.bias != nil { beginWithBias(rows, panel) }
    let (first, count) = (panel * width, min(width, columnCount - panel * width))
    let vectors = ceilingDivide(count, lanes)
    let isWhole = count == vectors * lanes && (sumsImages || first / n == (first + count - 1) / n)
    if isWhole {
      let place = (sumsImages ? 0 : first / n * c.imageStride) + rows.lowerBound * c.rowStride + first % n
      kernels.gemm.tile(
        rows.count, vectors, depth.count, left, rowStride, depthStride, right, space.offsets, c.pointer + place * size,
        c.rowStride, adds)
      return
    }
    if adds { move(rows, panel, space.tile, isRead: true) }
    kernels.gemm.tile(
      rows.count, vectors, depth.count, left, rowStride, depthStride, right, space.offsets, space.tile, width, adds)
    move(rows, panel, space.tile, isRead: false)
  }

  private func leftSource(_ rows: Range<Int>, _ image: Int, _ depth: Range<Int>) -> UnsafeRawPointer {
    let place = rows.lowerBound * a.rowStride + depth.lowerBound * a.columnStride
    return a.pointer + (place + (sumsImages ? image * a.imageStride : 0)) * size
  }

  /// Where the packed panels of a part of the rows are.
  private func leftPlace(_ row: Int, _ part: Range<Int>, _ depth: Range<Int>) -> Int {
    (panels.start(row) - panels.start(part.lowerBound)) * depth.count * size
  }

  private func packLeft(_ rows: Range<Int>, _ image: Int, _ depth: Range<Int>, _ to: UnsafeMutableRawPointer) {
    let from = leftSource(rows, image, depth)
    if a.rowStride == 1 {
      kernels.rows.load(depth.count, rows.count, from, a.columnStride, 1, to, rows.count)
    } else if a.columnStride == 1 {
      // What this writes beyond a panel's end, the next panel overwrites.
      kernels.rows.transpose(rows.count, depth.count, from, a.rowStride, to, rows.count, true)
    } else if size == 4 {
      gather(UInt32.self, rows.count, depth.count, from, to)
    } else {
      gather(UInt64.self, rows.count, depth.count, from, to)
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

  private func beginWithBias(_ rows: Range<Int>, _ panel: Int) {
    guard let bias = c.bias else { return }
    forEachRun(panel) { image, columns, _ in
      for row in rows {
        let place = (sumsImages ? 0 : image * c.imageStride) + row * c.rowStride + columns.lowerBound
        let value = bias + row * c.biasStride * size
        if size == 4 {
          (c.pointer + place * size).assumingMemoryBound(to: Float.self).update(
            repeating: value.load(as: Float.self), count: columns.count)
        } else {
          (c.pointer + place * size).assumingMemoryBound(to: Double.self).update(
            repeating: value.load(as: Double.self), count: columns.count)
        }
      }
    }
  }

  /// Moves a tile from its place in the result to scratch, or back.
  private func move(_ rows: Range<Int>, _ panel: Int, _ tile: UnsafeMutableRawPointer, isRead: Bool) {
    forEachRun(panel) { image, columns, place in
      let place = (tile + place * size, (sumsImages ? 0 : image * c.imageStride) + rows.lowerBound * c.rowStride)
      let result = c.pointer + (place.1 + columns.lowerBound) * size
      if isRead {
        kernels.rows.load(rows.count, columns.count, result, c.rowStride, 1, place.0, panelWidth)
      } else {
        kernels.rows.load(rows.count, columns.count, place.0, panelWidth, 1, result, c.rowStride)
      }
    }
  }
}

extension MatrixProduct {
  /// One product; nil where the result has no rows of neighbours, or so few that packing would take most of the time.
  init?(m: Int, n: Int, k: Int, a: Source, b: Source, c: Target, accumulates: Bool) {
    if c.strides[1] != 1, n > 1 {
      guard c.strides[0] == 1 else { return nil }
      self.init(
        m: n, n: m, k: k, a: b.transposed, b: a.transposed,
        c: Target(pointer: c.pointer, strides: [c.strides[1], c.strides[0]], dtype: c.dtype), accumulates: accumulates)
      return
    }
    guard m >= 2 * Runtime.kernels(c.dtype).gemm.tileRows else { return nil }
    self.init(
      m: m, n: n, k: k, images: 1, sumsImages: false,
      a: Factor(pointer: a.pointer, rowStride: a.strides[0], columnStride: a.strides[1], imageStride: 0),
      b: Factor(pointer: b.pointer, rowStride: b.strides[0], columnStride: b.strides[1], imageStride: 0),
      c: Result(pointer: c.pointer, rowStride: c.strides[0], imageStride: 0), accumulates: accumulates,
      kernels: Runtime.kernels(c.dtype), size: c.dtype.size)
  }
}
