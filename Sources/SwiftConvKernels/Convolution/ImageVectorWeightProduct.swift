#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The weight gradient of batches of small images with few channels: dw (row; channel, tap) is the sum over all positions
/// and images of dy (row; position) times what the tap sees of the channel. Vectors run along the images
/// (`ImageVectorPlanes`), and their lanes are added up at the end.
///
/// Tasks are groups and chunks of the blocks of images, whose partial results are added at the end. Their number follows
/// from the shape alone.
///
/// In cache: a tile's rows of dy for some lines in the first level; planes and all sums in the second.
struct ImageVectorWeightProduct {
  private let geometry: ConvolutionGeometry
  private let dw: Target
  private let kernels: ConvolutionKernels
  private let x, dy: ImageVectorPlanes
  private let panels, taps, lines, chunks: Split
  private let size: Int

  private static let planesInCache = 640 << 10
  private static let linesInCache = 32 << 10
  /// More of them would take longer to add up.
  private static let mostChunks = 16

  /// - Returns: nil when another product is faster.
  init?(_ geometry: ConvolutionGeometry, x: Source, dy: Source, dw: Target) {
    let (p, kernels) = (geometry, Runtime.kernels(dw.dtype))
    (self.geometry, self.dw, self.kernels, size) = (p, dw, kernels, dw.dtype.size)
    let lanes = kernels.gemm.lanes
    guard p.isSuitedToImageVectors(lanes),
      p.ocPerGroup * p.icPerGroup * p.taps * lanes * size <= ImageVectorWeightProduct.planesInCache,
      let x = ImageVectorPlanes(
        x, channels: p.icPerGroup, height: p.ih, width: p.iw, top: p.padTop, bottom: p.padBottom, left: p.padLeft,
        right: p.padRight, kernels: kernels),
      let dy = ImageVectorPlanes(
        dy, channels: p.ocPerGroup, height: p.oh, width: p.ow, top: 0, bottom: 0, left: 0, right: 0, kernels: kernels)
    else { return nil }
    (self.x, self.dy) = (x, dy)
    panels = Split(p.ocPerGroup, atMost: kernels.gemm.tileRows)
    taps = Split(p.icPerGroup * p.taps, atMost: kernels.gemm.tileVectors)
    let line = panels.longest * p.ow * lanes * size
    lines = Split(p.oh, atMost: max(1, ImageVectorWeightProduct.linesInCache / line))
    let blocks = ceilingDivide(p.mb, lanes)
    chunks = Split(blocks, parts: min(blocks, max(1, ImageVectorWeightProduct.mostChunks / p.g)))
    if x.byteCount + dy.byteCount + sumBytes > ImageVectorWeightProduct.planesInCache { return nil }
  }

  private var lanes: Int { kernels.gemm.lanes }
  /// Weights of a group.
  private var weights: Int { geometry.ocPerGroup * taps.count }
  private var sumBytes: Int { weights * lanes * size }

  private struct Workspace {
    let x, dy, line, sums: UnsafeMutableRawPointer
    let offsets: UnsafeMutablePointer<Int>
  }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    let p = geometry
    let partialBytes = weights * size
    let parts = p.g * chunks.parts
    guard
      var shared = Scratch(byteCounts: parts * partialBytes, taps.count * MemoryLayout<Int>.size)
    else { return false }
    let partials = shared.take(parts * partialBytes)
    let offsets = shared.takeIntegers(taps.count)
    listOffsets(offsets)
    let cycles = x.cost + dy.cost + weights * (p.outputPixels / 2 + 8)
    let failure = FailureFlag()
    parallelFor(parts, work: parts * chunks.longest * (cycles / 4)) { range in
      guard var scratch = Scratch(byteCounts: x.byteCount, dy.byteCount, x.lineBytes, sumBytes) else {
        failure.set()
        return
      }
      let space = Workspace(
        x: scratch.take(x.byteCount), dy: scratch.take(dy.byteCount), line: scratch.take(x.lineBytes),
        sums: scratch.take(sumBytes), offsets: offsets)
      memset(space.x, 0, x.byteCount)
      for index in range {
        let (group, chunk) = (index / chunks.parts, index % chunks.parts)
        memset(space.sums, 0, sumBytes)
        for block in chunks[chunk] {
          let images = block * lanes..<min((block + 1) * lanes, p.mb)
          x.fill(space.x, space.line, images: images, firstChannel: group * p.icPerGroup)
          dy.fill(space.dy, space.line, images: images, firstChannel: group * p.ocPerGroup)
          for panel in 0..<panels.parts { add(panels[panel], space) }
        }
        kernels.rows.fold(weights, space.sums, partials + index * partialBytes)
      }
    }
    if failure.isSet { return false }
    for group in 0..<p.g { writeOut(group, partials + group * chunks.parts * partialBytes) }
    return true
  }

  /// Where each (channel, tap) is, seen from a position.
  private func listOffsets(_ offsets: UnsafeMutablePointer<Int>) {
    let p = geometry
    var index = 0
    for channel in 0..<p.icPerGroup {
      for ky in 0..<p.kh {
        for kx in 0..<p.kw {
          offsets[index] = ((channel * x.planeHeight + ky * p.dh) * x.pitch + kx * p.dw) * lanes
          index += 1
        }
      }
    }
  }

  /// Adds what a block of images gives to the sums of some rows.
  private func add(_ rows: Range<Int>, _ space: Workspace) {
    let p = geometry
    let lineStride = x.pitch * lanes
    for part in 0..<lines.parts {
      let line = lines.start(part)
      let left = space.dy + (rows.lowerBound * p.oh + line) * p.ow * lanes * size
      for tile in 0..<taps.parts {
        let tap = taps.start(tile)
        kernels.rows.dotTile(
          rows.count, taps.length(tile), lines.length(part), p.ow, left, p.oh * p.ow * lanes,
          space.x + line * lineStride * size, space.offsets + tap, lineStride,
          space.sums + (rows.lowerBound * taps.count + tap) * lanes * size, taps.count * lanes)
      }
    }
  }

  /// Adds up the chunks of a group and brings them to their places in dw.
  private func writeOut(_ group: Int, _ partials: UnsafeRawPointer) {
    if size == 4 { writeOut(Float.self, group, partials) } else { writeOut(Double.self, group, partials) }
  }

  private func writeOut<T: BinaryFloatingPoint>(_: T.Type, _ group: Int, _ partials: UnsafeRawPointer) {
    let (p, s) = (geometry, dw.strides)
    let from = partials.assumingMemoryBound(to: T.self)
    let to = dw.pointer.assumingMemoryBound(to: T.self) + group * p.ocPerGroup * s[0]
    var index = 0
    for row in 0..<p.ocPerGroup {
      for channel in 0..<p.icPerGroup {
        for ky in 0..<p.kh {
          for kx in 0..<p.kw {
            var total = from[index]
            for chunk in 1..<max(chunks.parts, 1) { total += from[chunk * weights + index] }
            to[row * s[0] + channel * s[1] + ky * s[3] + kx * s[4]] = total
            index += 1
          }
        }
      }
    }
  }
}
