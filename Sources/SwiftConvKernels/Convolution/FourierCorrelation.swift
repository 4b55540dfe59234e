import SwiftConvVectorInterface

/// Correlation of one plane with one kernel by discrete Fourier transforms of tiles, which overlap by the kernel's size.
///
/// Two tiles share a transform: one is the real part, the other the imaginary part. As the kernel is real, their results
/// stay apart. What a tile is paired with does not depend on the number of threads.
struct FourierCorrelation<T: FourierScalar> {
  let x: Source
  let ih, iw: Int
  /// How far above and left of the plane the first window begins. There is nothing but zeros around the plane.
  var top = 0
  var left = 0
  /// A number that is added to every result, or nil.
  var bias: UnsafeRawPointer?
  let k: Source
  let kh, kw: Int
  let y: Target
  let oh, ow: Int

  private var kernels: ConvolutionKernels { Runtime.kernels(T.dtype) }

  /// False when scratch memory cannot be had.
  func run() -> Bool {
    let (rowBlocks, columnBlocks) = (
      Split(kh, atMost: FourierTiles.longestKernel), Split(kw, atMost: FourierTiles.longestKernel)
    )
    for row in 0..<rowBlocks.parts {
      for column in 0..<columnBlocks.parts {
        let isFirst = row == 0 && column == 0
        guard run(rowBlocks[row], columnBlocks[column], accumulates: !isFirst) else { return false }
      }
    }
    return true
  }

  /// One block of the kernel with everything.
  private func run(_ kernelRows: Range<Int>, _ kernelColumns: Range<Int>, accumulates: Bool) -> Bool {
    let (blockHeight, blockWidth) = (kernelRows.count, kernelColumns.count)
    let size = FourierTiles(oh: oh, ow: ow, kh: blockHeight, kw: blockWidth)
    let planes = FourierPlanes<T>(height: size.height, width: size.width)
    guard var shared = Scratch(byteCounts: planes.spectrumBytes, planes.spectrumBytes, planes.planeBytes * 2) else {
      return false
    }
    let factor = (re: shared.take(planes.spectrumBytes), im: shared.take(planes.spectrumBytes))
    let block = Rectangle(rows: kernelRows, columns: kernelColumns)
    makeFactor(block, planes, shared.take(planes.planeBytes * 2), factor)
    let rowParts = Split(oh, atMost: size.height - blockHeight + 1)
    let columnParts = Split(ow, atMost: size.width - blockWidth + 1)
    let tiles = rowParts.parts * columnParts.parts
    let pairs = (tiles + 1) / 2
    let failure = FailureFlag()
    parallelFor(pairs, work: Int(min(size.cost / 32, 0x1p60))) { range in
      guard
        var scratch = Scratch(
          byteCounts: planes.planeBytes, planes.planeBytes, planes.spectrumBytes, planes.spectrumBytes)
      else {
        failure.set()
        return
      }
      let space = Workspace(
        re: scratch.take(planes.planeBytes), im: scratch.take(planes.planeBytes),
        turnedRe: scratch.take(planes.spectrumBytes), turnedIm: scratch.take(planes.spectrumBytes))
      func tile(_ index: Int) -> Rectangle? {
        guard index < tiles else { return nil }
        return Rectangle(rows: rowParts[index / columnParts.parts], columns: columnParts[index % columnParts.parts])
      }
      for pair in range {
        compute([tile(2 * pair), tile(2 * pair + 1)], block, planes, factor, space, accumulates)
      }
    }
    return !failure.isSet
  }

  private typealias Factor = (re: UnsafeMutableRawPointer, im: UnsafeMutableRawPointer)

  private struct Rectangle {
    let rows, columns: Range<Int>
  }

  /// Memory for one pair of tiles: the planes, and the transposed ones.
  private struct Workspace {
    let re, im, turnedRe, turnedIm: UnsafeMutableRawPointer
  }

  /// The kernel's transform, conjugated because this is a correlation, and divided by the tile's area because the inverse
  /// transform does not do that.
  private func makeFactor(
    _ block: Rectangle, _ planes: FourierPlanes<T>, _ space: UnsafeMutableRawPointer, _ factor: Factor
  ) {
    let (re, im) = (space, space + planes.planeBytes)
    planes.load(
      k, kh, kw, block.rows.lowerBound, block.columns.lowerBound, rows: block.rows.count, columns: block.columns.count,
      into: re)
    planes.clear(im)
    kernels.fourier.forward(
      planes.height, planes.width, re, im, planes.pitch, T.fourierTable[planes.height], factor.re, factor.im,
      planes.turnedPitch)
    kernels.fourier.transform(
      planes.width, planes.height, factor.re, factor.im, planes.turnedPitch, T.fourierTable[planes.width])
    let scale = 1 / T(planes.height * planes.width)
    let (reals, imaginaries) = (
      factor.re.assumingMemoryBound(to: T.self), factor.im.assumingMemoryBound(to: T.self)
    )
    for row in 0..<planes.width {
      for index in (row * planes.turnedPitch)..<(row * planes.turnedPitch + planes.height) {
        reals[index] *= scale
        imaginaries[index] *= -scale
      }
    }
  }

  private func compute(
    _ tiles: [Rectangle?], _ block: Rectangle, _ planes: FourierPlanes<T>, _ factor: Factor, _ space: Workspace,
    _ accumulates: Bool
  ) {
    let (vertical, horizontal) = (T.fourierTable[planes.height], T.fourierTable[planes.width])
    let both = [space.re, space.im]
    for (tile, plane) in zip(tiles, both) { load(tile, block, planes, plane) }
    kernels.fourier.forward(
      planes.height, planes.width, space.re, space.im, planes.pitch, vertical, space.turnedRe, space.turnedIm,
      planes.turnedPitch)
    kernels.fourier.filter(
      planes.width, planes.height, space.turnedRe, space.turnedIm, planes.turnedPitch, horizontal, factor.re, factor.im)
    // The columns beyond the widest tile have no meaning.
    let lanes = kernels.gemm.lanes
    let columns = tiles.reduce(0) { max($0, $1?.columns.count ?? 0) }
    kernels.fourier.inverse(
      planes.height, ceilingDivide(columns, lanes) * lanes, space.turnedRe, space.turnedIm, planes.turnedPitch,
      vertical, space.re, space.im, planes.pitch)
    // One infinity or NaN, or one number that became too large on the way, has spread over all results of both tiles.
    let isFinite = both.allSatisfy { $0.load(as: T.self).isFinite }
    for (tile, plane) in zip(tiles, both) {
      guard let tile else { continue }
      if isFinite {
        store(tile, plane, planes.pitch, accumulates)
      } else {
        computeDirectly(tile, block, planes, space, accumulates)
      }
    }
  }

  /// Loads what the windows of a tile cover.
  private func load(
    _ tile: Rectangle?, _ block: Rectangle, _ planes: FourierPlanes<T>, _ plane: UnsafeMutableRawPointer
  ) {
    guard let tile else { return planes.clear(plane) }
    planes.load(
      x, ih, iw, tile.rows.lowerBound + block.rows.lowerBound - top,
      tile.columns.lowerBound + block.columns.lowerBound - left, rows: tile.rows.count + block.rows.count - 1,
      columns: tile.columns.count + block.columns.count - 1, into: plane)
  }

  private func computeDirectly(
    _ tile: Rectangle, _ block: Rectangle, _ planes: FourierPlanes<T>, _ space: Workspace, _ accumulates: Bool
  ) {
    load(tile, block, planes, space.re)
    T.load(
      k, block.rows.lowerBound, block.columns.lowerBound, rows: block.rows.count, columns: block.columns.count,
      into: space.turnedRe, pitch: block.columns.count)
    kernels.rows.correlate(
      tile.rows.count, tile.columns.count, block.rows.count, block.columns.count, space.re, planes.pitch, 1,
      space.turnedRe, space.im, planes.pitch, nil, false)
    store(tile, space.im, planes.pitch, accumulates)
  }

  private func store(_ tile: Rectangle, _ plane: UnsafeMutableRawPointer, _ pitch: Int, _ accumulates: Bool) {
    let (rowStride, columnStride) = (y.strides[0], y.strides[1])
    let first = tile.rows.lowerBound * rowStride + tile.columns.lowerBound * columnStride
    let to = y.pointer + first * MemoryLayout<T>.size
    guard accumulates else {
      kernels.rows.store(tile.rows.count, tile.columns.count, plane, pitch, to, rowStride, columnStride, bias)
      return
    }
    let (source, target) = (plane.assumingMemoryBound(to: T.self), to.assumingMemoryBound(to: T.self))
    for row in 0..<tile.rows.count {
      for column in 0..<tile.columns.count {
        target[row * rowStride + column * columnStride] += source[row * pitch + column]
      }
    }
  }
}

/// How the planes of a transform lie in memory. A row is one cache line longer than its numbers: rows that are a power of
/// two apart would share few places in the caches.
struct FourierPlanes<T: FourierScalar> {
  let height, width: Int

  private var extra: Int { 64 / MemoryLayout<T>.size }
  var pitch: Int { width + extra }
  /// Of the transposed plane.
  var turnedPitch: Int { height + extra }
  /// With room for a kernel that reads a vector beyond the last row.
  var planeBytes: Int { (height + 1) * pitch * MemoryLayout<T>.size }
  var spectrumBytes: Int { width * turnedPitch * MemoryLayout<T>.size }

  func clear(_ plane: UnsafeMutableRawPointer) {
    plane.initializeMemory(as: UInt8.self, repeating: 0, count: planeBytes)
  }

  /// Loads a rectangle of a source of `sourceHeight` by `sourceWidth` numbers, and zeros around it.
  func load(
    _ source: Source, _ sourceHeight: Int, _ sourceWidth: Int, _ firstRow: Int, _ firstColumn: Int, rows: Int,
    columns: Int, into plane: UnsafeMutableRawPointer
  ) {
    let (top, left) = (max(0, -firstRow), max(0, -firstColumn))
    let (bottom, right) = (min(rows, sourceHeight - firstRow), min(columns, sourceWidth - firstColumn))
    guard top < bottom, left < right else { return clear(plane) }
    if top > 0 || left > 0 || bottom < height || right < width { clear(plane) }
    T.load(
      source, firstRow + top, firstColumn + left, rows: bottom - top, columns: right - left,
      into: plane + (top * pitch + left) * MemoryLayout<T>.size, pitch: pitch)
  }
}
