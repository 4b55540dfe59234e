#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A convolution whose groups have one input channel: depthwise convolutions, and those of single images. A matrix
/// product would have one row here. Instead, each plane is copied with its padding, taken apart into phases
/// (`PatchPlanes`), and correlated row by row with vectors along the rows. A band of a plane stays in the first-level
/// cache.
///
/// The same serves the forward pass (one source channel and several results per group) and the input gradient (several
/// source channels and one result).
struct DirectProduct {
  let groups: Int
  let sourceChannels, resultChannels: Int
  let source: PatchSource
  let target: PatchTarget
  let weights: UnsafeRawPointer
  /// Distances of source channels' and results' weights, over all groups.
  let weightStride: Int
  /// Where the taps are in the weights, in the order of the axes of `source`.
  let weightOffsets: [Int]
  let kernels: ConvolutionKernels
  let size: Int

  private let bands: BandPlan
  private let planes: PatchPlanes
  private let grids: [TapGrid]

  private static let largestScratch = 64 << 20

  /// - Returns: nil when the shape would need too much scratch.
  init?(
    groups: Int, sourceChannels: Int, resultChannels: Int, images: Int, source: PatchSource, target: PatchTarget,
    weights: UnsafeRawPointer, weightStride: Int, weightOffsets: [Int], kernels: ConvolutionKernels, size: Int
  ) {
    (self.groups, self.sourceChannels, self.resultChannels) = (groups, sourceChannels, resultChannels)
    (self.source, self.target, self.weights) = (source, target, weights)
    (self.weightStride, self.weightOffsets) = (weightStride, weightOffsets)
    (self.kernels, self.size) = (kernels, size)
    bands = BandPlan(images: images, z: source.z.outputs, y: source.y, x: source.x, target: 16384 / size)
    guard bands.areaFits(source, limit: DirectProduct.largestScratch / size) else { return nil }
    planes = PatchPlanes(source, rows: bands.mostRows, columns: bands.mostColumns, kernels: kernels.rows, size: size)
    grids = TapGrid.all((source.z, source.y, source.x))
  }

  /// Where the results of a band collect.
  private enum Collection {
    /// At their place, because neighbours are neighbours there and each is written once.
    case target
    /// In rows of whole vectors, for results that several passes add to, or whose neighbours are apart.
    case rows(stride: Int)
    /// In one row that has the rows of the source's copies one behind the other: short rows become one long one. Between
    /// them there are sums that mean nothing.
    case line(stride: Int)

    /// Elements of scratch for so many rows.
    func size(rows: Int, lanes: Int) -> Int {
      switch self {
      case .target: 0
      case .rows(let stride): rows * stride
      case .line(let stride): ceilingDivide(rows * stride, lanes) * lanes
      }
    }
  }

  private var collection: Collection {
    let lanes = kernels.gemm.lanes
    let isEven = grids.allSatisfy { $0.rowStep == 1 || $0.y.count == 1 }
    if bands.mostColumns < lanes, isEven { return .line(stride: planes.pitch) }
    if target.strides[4] != 1 || grids.count > 1 {
      return .rows(stride: ceilingDivide(bands.mostColumns, lanes) * lanes)
    }
    return .target
  }

  /// Computes everything. False when scratch memory cannot be had.
  func run() -> Bool {
    let area = bands.mostRows * bands.mostColumns
    let planeBytes = (planes.channelStride + 2 * kernels.gemm.lanes) * size
    let weightBytes = weightOffsets.count * size
    let collection = collection
    let stagedBytes = collection.size(rows: bands.mostRows, lanes: kernels.gemm.lanes) * size
    let positions = groups * bands.blocks * bands.bandsPerBlock * area
    let channels = sourceChannels * resultChannels
    let work = positions * (channels * weightOffsets.count + 4) / kernels.gemm.lanes
    let failure = FailureFlag()
    parallelFor(groups * bands.blocks, work: work) { range in
      guard var scratch = Scratch(byteCounts: planeBytes, weightBytes, stagedBytes) else {
        failure.set()
        return
      }
      let space = (
        planes: scratch.take(planeBytes), weights: scratch.take(weightBytes), staged: scratch.take(stagedBytes)
      )
      for index in range {
        let (group, block) = (index / bands.blocks, index % bands.blocks)
        for band in 0..<bands.bandCount(block) { compute(group, bands.band(block, band), collection, space) }
      }
    }
    return !failure.isSet
  }

  private typealias Workspace = (
    planes: UnsafeMutableRawPointer, weights: UnsafeMutableRawPointer,
    staged: UnsafeMutableRawPointer
  )

  private func compute(_ group: Int, _ band: Band, _ collection: Collection, _ space: Workspace) {
    for channel in 0..<sourceChannels {
      let sourceChannel = group * sourceChannels + channel
      planes.fill(space.planes, band, channels: sourceChannel..<(sourceChannel + 1))
      for result in 0..<resultChannels {
        let resultChannel = group * resultChannels + result
        correlate(max(sourceChannel, resultChannel), resultChannel, band, channel > 0, collection, space)
      }
    }
  }

  /// Adds what one source channel gives to a band of one result.
  private func correlate(
    _ weightChannel: Int, _ result: Int, _ band: Band, _ accumulates: Bool, _ collection: Collection,
    _ space: Workspace
  ) {
    let s = target.strides
    let place =
      band.image * s[0] + result * s[1] + band.z * s[2] + band.rows.lowerBound * s[3] + band.columns.lowerBound * s[4]
    let final = target.pointer + place * size
    var (rows, columns) = (band.rows.count, band.columns.count)
    var (to, toStride) = (final, s[3])
    switch collection {
    case .target: break
    case .rows(let stride): (to, toStride, columns) = (space.staged, stride, stride)
    case .line(let stride):
      (to, toStride) = (space.staged, stride)
      let lanes = kernels.gemm.lanes
      (rows, columns) = (1, ceilingDivide((rows - 1) * stride + columns, lanes) * lanes)
    }
    let bias = target.bias.map { $0 + result * target.biasStride * size }
    let from = weights + weightChannel * weightStride * size
    var isFirst = !accumulates
    for grid in grids {
      packWeights(grid, from, space.weights)
      let first = planes.tapOffsets[tap(grid.z, grid.y[0], grid.x[0])]
      let plane = UnsafeRawPointer(space.planes) + first * size
      if grid.rowStep == 1 || grid.y.count == 1 {
        kernels.rows.correlate(
          rows, columns, grid.y.count, grid.x.count, plane, planes.pitch, grid.columnStep, space.weights, to, toStride,
          isFirst ? bias : nil, !isFirst)
      } else {
        for row in 0..<rows {
          kernels.rows.correlate(
            1, columns, grid.y.count, grid.x.count, plane + row * planes.pitch * size, grid.rowStep * planes.pitch,
            grid.columnStep, space.weights, to + row * toStride * size, toStride, isFirst ? bias : nil, !isFirst)
        }
      }
      isFirst = false
    }
    // The last source channel completes the band.
    if case .target = collection { return }
    kernels.rows.store(band.rows.count, band.columns.count, space.staged, toStride, final, s[3], s[4], nil)
  }

  private func tap(_ z: Int, _ y: Int, _ x: Int) -> Int { (z * source.y.taps + y) * source.x.taps + x }

  private func packWeights(_ grid: TapGrid, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) {
    var out = to
    for y in grid.y {
      for x in grid.x {
        memcpy(out, from + weightOffsets[tap(grid.z, y, x)] * size, size)
        out += size
      }
    }
  }
}
