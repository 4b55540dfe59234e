#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The forward pass and the input gradient of batches of small images with few channels, where rows of an image are too
/// short for vectors and channels are too few: vectors run along the images (`ImageVectorPlanes`). Result (row; position)
/// is the sum over (tap row, tap column, channel) of weights times what the tap sees of the channel.
///
/// Tasks are groups and blocks of as many images as a vector has lanes. Taps that see padding only are left out.
///
/// In cache: the weights of a tile's rows in the first level; planes and results of a block in the second.
struct ImageVectorProduct {
  private let geometry: ConvolutionGeometry
  private let isGradient: Bool
  private let w: Source
  private let bias: Source?
  private let target: Target
  private let kernels: ConvolutionKernels
  private let planes: ImageVectorPlanes
  /// Results and sources of a group.
  private let rows, channels: Int
  private let height, width: Int
  private let panels, columns: Split
  private let size: Int

  private static let planesInCache = 640 << 10
  private static let weightsInCache = 256 << 10

  /// - Returns: nil when another product is faster.
  init?(forward geometry: ConvolutionGeometry, x: Source, w: Source, bias: Source?, y: Target) {
    let p = geometry
    self.init(
      p, false, w, bias, y, p.icPerGroup, p.ocPerGroup, source: (x, p.ih, p.iw), (p.oh, p.ow),
      (p.padTop, p.padBottom, p.padLeft, p.padRight))
  }

  /// - Returns: nil when another product is faster.
  init?(inputGradient geometry: ConvolutionGeometry, dy: Source, w: Source, dx: Target) {
    let p = geometry
    let (tall, wide) = ((p.kh - 1) * p.dh, (p.kw - 1) * p.dw)
    self.init(
      p, true, w, nil, dx, p.ocPerGroup, p.icPerGroup, source: (dy, p.oh, p.ow), (p.ih, p.iw),
      (tall - p.padTop, tall - p.padBottom, wide - p.padLeft, wide - p.padRight))
  }

  private init?(
    _ p: ConvolutionGeometry, _ isGradient: Bool, _ w: Source, _ bias: Source?, _ target: Target, _ channels: Int,
    _ rows: Int, source: (Source, height: Int, width: Int), _ results: (height: Int, width: Int),
    _ padding: (top: Int, bottom: Int, left: Int, right: Int)
  ) {
    let kernels = Runtime.kernels(target.dtype)
    let (size, lanes, s) = (target.dtype.size, kernels.gemm.lanes, target.strides)
    guard p.isSuitedToImageVectors(lanes), isDense([rows, results.height, results.width], [s[1], s[3], s[4]]),
      rows * channels * p.taps * size <= ImageVectorProduct.weightsInCache,
      let planes = ImageVectorPlanes(
        source.0, channels: channels, height: source.height, width: source.width, top: padding.top,
        bottom: padding.bottom, left: padding.left, right: padding.right, kernels: kernels),
      planes.planeHeight == results.height + (p.kh - 1) * p.dh, planes.pitch == results.width + (p.kw - 1) * p.dw
    else { return nil }
    (geometry, self.isGradient, self.w, self.bias, self.target) = (p, isGradient, w, bias, target)
    (self.kernels, self.planes, self.size) = (kernels, planes, size)
    (self.rows, self.channels) = (rows, channels)
    (height, width) = results
    panels = Split(rows, atMost: kernels.gemm.tileRows)
    columns = Split(results.width, atMost: kernels.gemm.tileVectors)
    if planes.byteCount + resultBytes > ImageVectorProduct.planesInCache { return nil }
  }

  private var lanes: Int { kernels.gemm.lanes }
  private var depth: Int { channels * geometry.taps }
  private var resultBytes: Int { rows * height * width * lanes * size }
  private var weightBytes: Int { rows * depth * size }

  private struct Workspace {
    let planes, line, results: UnsafeMutableRawPointer
    let offsets: UnsafeMutablePointer<Int>
  }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    let p = geometry
    guard
      var shared = Scratch(byteCounts: p.g * weightBytes, depth * MemoryLayout<Int>.size)
    else { return false }
    let weights = shared.take(p.g * weightBytes)
    let offsets = shared.takeIntegers(depth)
    for group in 0..<p.g { pack(group, weights + group * weightBytes) }
    listOffsets(offsets)
    let blocks = ceilingDivide(p.mb, lanes)
    let cycles = planes.cost + rows * height * width * (depth / 2 + 4)
    let failure = FailureFlag()
    parallelFor(p.g * blocks, work: p.g * blocks * (cycles / 4)) { range in
      guard var scratch = Scratch(byteCounts: planes.byteCount, planes.lineBytes, resultBytes) else {
        failure.set()
        return
      }
      let space = Workspace(
        planes: scratch.take(planes.byteCount), line: scratch.take(planes.lineBytes),
        results: scratch.take(resultBytes),
        offsets: offsets)
      memset(space.planes, 0, planes.byteCount)
      for index in range {
        let (group, block) = (index / blocks, index % blocks)
        let images = block * lanes..<min((block + 1) * lanes, p.mb)
        planes.fill(space.planes, space.line, images: images, firstChannel: group * channels)
        if let bias { spread(bias, group * rows, space.results) }
        for panel in 0..<panels.parts { multiply(panel, weights + group * weightBytes, space) }
        let s = target.strides
        let to = target.pointer + (images.lowerBound * s[0] + group * rows * s[1]) * size
        kernels.rows.transpose(rows * height * width, images.count, space.results, lanes, to, s[0], false)
      }
    }
    return !failure.isSet
  }

  /// Where each step of the depth is, seen from a position.
  private func listOffsets(_ offsets: UnsafeMutablePointer<Int>) {
    let p = geometry
    var index = 0
    for ky in 0..<p.kh {
      for kx in 0..<p.kw {
        for channel in 0..<channels {
          offsets[index] = ((channel * planes.planeHeight + ky * p.dh) * planes.pitch + kx * p.dw) * lanes
          index += 1
        }
      }
    }
  }

  /// Brings the weights of a group into the form (panel; tap row, tap column, channel; row), turned around for a gradient.
  private func pack(_ group: Int, _ target: UnsafeMutableRawPointer) {
    if size == 4 { pack(Float.self, group, target) } else { pack(Double.self, group, target) }
  }

  private func pack<T>(_: T.Type, _ group: Int, _ target: UnsafeMutableRawPointer) {
    let (p, s) = (geometry, w.strides)
    let from = w.pointer.assumingMemoryBound(to: T.self) + group * p.ocPerGroup * s[0]
    let (rowStride, channelStride) = isGradient ? (s[1], s[0]) : (s[0], s[1])
    var to = target.assumingMemoryBound(to: T.self)
    for panel in 0..<panels.parts {
      for ky in 0..<p.kh {
        for kx in 0..<p.kw {
          let (y, x) = isGradient ? (p.kh - 1 - ky, p.kw - 1 - kx) : (ky, kx)
          for channel in 0..<channels {
            let tap = from + channel * channelStride + y * s[3] + x * s[4]
            for row in panels[panel] {
              to.pointee = tap[row * rowStride]
              to += 1
            }
          }
        }
      }
    }
  }

  /// The results of some rows.
  private func multiply(_ panel: Int, _ weights: UnsafeRawPointer, _ space: Workspace) {
    let p = geometry
    let rows = panels[panel]
    let left = weights + rows.lowerBound * depth * size
    for column in 0..<columns.parts {
      let (x, count) = (columns.start(column), columns.length(column))
      var across = seen(x..<(x + count), p.kw, p.dw, planes.left, planes.width)
      // A tile for each tap row takes longer than a few products with zeros.
      if (p.kw - across.count) * channels < 8 { across = 0..<p.kw }
      for y in 0..<height {
        let down = seen(y..<(y + 1), p.kh, p.dh, planes.top, planes.height)
        let isWhole = across.count == p.kw || down.count <= 1
        let from = space.planes + (y * planes.pitch + x) * lanes * size
        let to = space.results + ((rows.lowerBound * height + y) * width + x) * lanes * size
        for part in 0..<(isWhole ? 1 : down.count) {
          let first = ((down.lowerBound + part) * p.kw + (down.isEmpty ? 0 : across.lowerBound)) * channels
          let steps = (isWhole && down.count > 1 ? down.count * p.kw : min(down.count, 1) * across.count) * channels
          kernels.gemm.tile(
            rows.count, count, steps, left + first * rows.count * size, 1, rows.count, from, space.offsets + first, to,
            height * width * lanes, bias != nil || part > 0, false)
        }
      }
    }
  }

  /// The taps of an axis that see an image from some positions.
  private func seen(_ positions: Range<Int>, _ taps: Int, _ dilation: Int, _ padding: Int, _ extent: Int) -> Range<Int>
  {
    let first = min(taps, ceilingDivide(max(padding - positions.upperBound + 1, 0), dilation))
    return first..<max(first, min(taps, ceilingDivide(max(padding + extent - positions.lowerBound, 0), dilation)))
  }

  /// Writes the biases of the rows to all their results, where the products are added to them.
  private func spread(_ bias: Source, _ first: Int, _ target: UnsafeMutableRawPointer) {
    let count = height * width * lanes
    for row in 0..<rows {
      let from = bias.pointer + (first + row) * bias.strides[0] * size
      let to = target + row * count * size
      if size == 4 {
        to.initializeMemory(as: Float.self, repeating: from.load(as: Float.self), count: count)
      } else {
        to.initializeMemory(as: Double.self, repeating: from.load(as: Double.self), count: count)
      }
    }
  }
}
