#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Results that the same taps reach, in one slice: all of a forward pass, and those of an input gradient that leave a
/// certain remainder by the strides.
struct DirectPart {
  /// Where the first of them is in the target, in elements.
  let place: Int
  let rows, columns: Int
  /// Which taps of the source's axes.
  let y, x: Range<Int>
}

/// A convolution whose groups have one input channel: depthwise convolutions, and those of single images. A matrix
/// product would have one row here. Instead, each plane is copied with its padding, taken apart into phases
/// (`PatchPlanes`), and correlated with vectors along the rows. A band of a plane, and its results, stay in the first- or
/// second-level cache.
///
/// The same serves the forward pass (one source channel and several results per group) and the input gradient (several
/// source channels and one result).
struct DirectProduct {
  let groups: Int
  let sourceChannels, resultChannels: Int
  let source: PatchSource
  /// Strides are those between neighbouring results of one part.
  let target: PatchTarget
  let parts: [DirectPart]
  /// How many parts, one behind the other, have results that lie in turn in the rows of the target, without gaps: 1 or 2.
  let interleaved: Int
  let weights: UnsafeRawPointer
  /// Distances of source channels' and results' weights, over all groups.
  let weightStride: Int
  /// Where the taps are in the weights, in the order of the axes of `source`.
  let weightOffsets: [Int]
  let kernels: ConvolutionKernels
  let size: Int

  private let bands: BandPlan
  private let planes: PatchPlanes
  /// For each part, its taps in the order of the axes.
  private let taps: [[Int]]
  /// For each part, where its taps are in the planes.
  private let sourceOffsets: [[Int]]
  /// Elements for the results of a part, in one line that has the rows of the source's copies one behind the other: short
  /// rows become one long one. Between them there are sums that mean nothing.
  private let lineLength: Int

  private static let largestScratch = 64 << 20

  /// - Returns: nil when the shape would need too much scratch.
  init?(
    groups: Int, sourceChannels: Int, resultChannels: Int, images: Int, source: PatchSource, target: PatchTarget,
    parts: [DirectPart], interleaved: Int, weights: UnsafeRawPointer, weightStride: Int, weightOffsets: [Int],
    kernels: ConvolutionKernels, size: Int
  ) {
    (self.groups, self.sourceChannels, self.resultChannels) = (groups, sourceChannels, resultChannels)
    (self.source, self.target, self.parts, self.interleaved) = (source, target, parts, interleaved)
    (self.weights, self.weightStride, self.weightOffsets) = (weights, weightStride, weightOffsets)
    (self.kernels, self.size) = (kernels, size)
    bands = BandPlan(
      images: images, z: source.z.outputs, y: source.y, x: source.x, target: max(1, 16384 / size / parts.count))
    let limit = DirectProduct.largestScratch / size / (1 + parts.count)
    guard bands.areaFits(source, limit: limit) else { return nil }
    let planes = PatchPlanes(
      source, rows: bands.mostRows, columns: bands.mostColumns, kernels: kernels.rows, size: size)
    self.planes = planes
    taps = parts.map { part in
      (0..<source.z.taps).flatMap { z in
        part.y.flatMap { y in part.x.map { x in (z * source.y.taps + y) * source.x.taps + x } }
      }
    }
    sourceOffsets = taps.map { $0.map { planes.tapOffsets[$0] } }
    let lanes = kernels.gemm.lanes
    lineLength = ceilingDivide((bands.mostRows - 1) * planes.pitch + bands.mostColumns, lanes) * lanes
  }

  /// Whether bands go right to the target, four rows of registers at a time, which share what they read. That takes rows
  /// of a vector at least, and taps at neighbouring rows, evenly spaced along the rows, in one plane.
  private var isRectangular: Bool {
    let (y, x) = (source.y, source.x)
    return parts.count == 1 && target.strides[4] == 1 && bands.mostColumns >= kernels.gemm.lanes
      && source.z.taps == 1 && y.phaseOrigins.count == 1 && x.phaseOrigins.count == 1 && y.shifts == Array(0..<y.taps)
      && x.shifts == x.shifts.indices.map { $0 * columnStep }
  }

  /// How far apart taps are along a row.
  private var columnStep: Int { source.x.taps > 1 ? source.x.shifts[1] - source.x.shifts[0] : 1 }

  /// What bands of different images and channels have in common: what is copied, and how many results each part has.
  private struct Shape {
    let z: Int
    let rows, columns: Range<Int>
    let copies: [PlaneCopy]
    let parts: [(rows: Int, columns: Int, vectors: Int)]

    func fits(_ band: Band) -> Bool { z == band.z && rows == band.rows && columns == band.columns }
  }

  private func shape(_ band: Band) -> Shape {
    let lanes = kernels.gemm.lanes
    return Shape(
      z: band.z, rows: band.rows, columns: band.columns, copies: planes.copies(band),
      parts: parts.map { part in
        let rows = min(band.rows.upperBound, part.rows) - band.rows.lowerBound
        let columns = min(band.columns.upperBound, part.columns) - band.columns.lowerBound
        guard rows > 0, columns > 0 else { return (0, 0, 0) }
        return (rows, columns, ceilingDivide((rows - 1) * planes.pitch + columns, lanes))
      })
  }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    let area = bands.mostRows * bands.mostColumns
    let planeBytes = (planes.channelStride + 2 * kernels.gemm.lanes) * size
    let weightBytes = weightOffsets.count * size
    let isRectangular = isRectangular
    let lineBytes = isRectangular ? 0 : lineLength * parts.count * size
    let positions = groups * bands.blocks * bands.bandsPerBlock * area
    let channels = sourceChannels * resultChannels
    let work = positions * (channels * weightOffsets.count + 4) / kernels.gemm.lanes
    let failure = FailureFlag()
    parallelFor(groups * bands.blocks, work: work) { range in
      guard var scratch = Scratch(byteCounts: planeBytes, weightBytes, lineBytes) else {
        failure.set()
        return
      }
      let space = (planes: scratch.take(planeBytes), weights: scratch.take(weightBytes), lines: scratch.take(lineBytes))
      var known: Shape?
      for index in range {
        let (group, block) = (index / bands.blocks, index % bands.blocks)
        for number in 0..<bands.bandCount(block) {
          let band = bands.band(block, number)
          if known?.fits(band) != true {
            known = shape(band)
            memset(space.planes, 0, planeBytes)
          }
          if let shape = known { compute(group, band, shape, isRectangular, space) }
        }
      }
    }
    return !failure.isSet
  }

  private typealias Workspace = (
    planes: UnsafeMutableRawPointer, weights: UnsafeMutableRawPointer, lines: UnsafeMutableRawPointer
  )

  private func compute(_ group: Int, _ band: Band, _ shape: Shape, _ isRectangular: Bool, _ space: Workspace) {
    for channel in 0..<sourceChannels {
      let sourceChannel = group * sourceChannels + channel
      planes.run(shape.copies, space.planes, image: band.image, channel: sourceChannel)
      for index in 0..<resultChannels {
        let result = group * resultChannels + index
        let from = weights + max(sourceChannel, result) * weightStride * size
        if isRectangular {
          correlate(from, result, band, channel > 0, space)
        } else {
          addLines(from, result, shape, channel > 0, space)
          // The last source channel completes the band.
          if channel == sourceChannels - 1 { store(shape, space.lines, origin(result, band)) }
        }
      }
    }
  }

  /// Where a band of one result starts in the target, before the place of a part.
  private func origin(_ result: Int, _ band: Band) -> UnsafeMutableRawPointer {
    let s = target.strides
    let place =
      band.image * s[0] + result * s[1] + band.z * s[2] + band.rows.lowerBound * s[3] + band.columns.lowerBound * s[4]
    return target.pointer + place * size
  }

  private func start(_ result: Int, _ accumulates: Bool) -> UnsafeRawPointer? {
    accumulates ? nil : target.bias.map { $0 + result * target.biasStride * size }
  }

  /// Adds what one source channel gives to a band of one result, at its place.
  private func correlate(_ from: UnsafeRawPointer, _ result: Int, _ band: Band, _ accumulates: Bool, _ space: Workspace)
  {
    packWeights(taps[0], from, space.weights)
    kernels.rows.correlate(
      band.rows.count, band.columns.count, source.y.taps, source.x.taps, space.planes, planes.pitch, columnStep,
      space.weights, origin(result, band) + parts[0].place * size, target.strides[3], start(result, accumulates),
      accumulates)
  }

  /// Adds what one source channel gives to a band of one result, to the lines of its parts.
  private func addLines(
    _ from: UnsafeRawPointer, _ result: Int, _ shape: Shape, _ accumulates: Bool, _ space: Workspace
  ) {
    for part in parts.indices where shape.parts[part].rows > 0 {
      packWeights(taps[part], from, space.weights)
      kernels.rows.line(
        shape.parts[part].vectors, taps[part].count, space.planes, sourceOffsets[part], space.weights,
        space.lines + part * lineLength * size, start(result, accumulates), accumulates)
    }
  }

  /// Writes out the lines of a band.
  private func store(_ shape: Shape, _ lines: UnsafeRawPointer, _ origin: UnsafeMutableRawPointer) {
    let s = target.strides
    var part = 0
    while part < parts.count {
      let (rows, columns, _) = shape.parts[part]
      let (line, to) = (lines + part * lineLength * size, origin + parts[part].place * size)
      if rows > 0, interleaved == 2 {
        let both = columns + shape.parts[part + 1].columns
        kernels.rows.zip(rows, both, line, line + lineLength * size, planes.pitch, to, s[3])
      } else if rows > 0 {
        kernels.rows.store(rows, columns, line, planes.pitch, to, s[3], s[4], nil)
      }
      part += interleaved
    }
  }

  private func packWeights(_ taps: [Int], _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) {
    if size == 4 { packWeights(Float.self, taps, from, to) } else { packWeights(Double.self, taps, from, to) }
  }

  private func packWeights<T>(_: T.Type, _ taps: [Int], _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) {
    let (from, to) = (from.assumingMemoryBound(to: T.self), to.assumingMemoryBound(to: T.self))
    for index in taps.indices { to[index] = from[weightOffsets[taps[index]]] }
  }
}
