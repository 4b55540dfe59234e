import SwiftConvVectorInterface

/// The sizes of dense arrays of float32 or float64: images, channels, pixels.
public struct ChannelShape: Sendable {
  public let dtype: DType
  public let images, channels, pixels: Int

  public init(_ dtype: DType, images: Int, channels: Int, pixels: Int) {
    (self.dtype, self.images, self.channels, self.pixels) = (dtype, images, channels, pixels)
  }

  /// Below this many pixels, rows are too short for vectors.
  private static let shortestRow = 64

  /// Whether neighbouring channels are taken together to rows that are long enough.
  fileprivate var joinsChannels: Bool { pixels < ChannelShape.shortestRow }
  /// Whether results are too large to be in the cache when somebody reads them.
  fileprivate var streams: Bool { count * dtype.size >= ChannelShape.smallestStreamed }
  private static let smallestStreamed = 12 << 20
  fileprivate var count: Int { images * channels * pixels }

  /// How many channels are walked over together, when each element has its part in so many arrays: one with long rows;
  /// with short ones, as many as stay in the cache, but enough for vectors.
  fileprivate func blockLength(arrays: Int) -> Int {
    guard joinsChannels, pixels > 0 else { return 1 }
    let fitting = (256 << 10) / max(images * pixels * arrays * dtype.size, 1)
    return max(fitting, (ChannelShape.shortestRow + pixels - 1) / pixels)
  }
}

/// Neighbouring channels of dense `(N, C, P)` arrays. The rows of a block, one per image, are those of its channels; where
/// those are short, it is the rows of all its channels as one, and what there is one number of per channel is written out
/// once per element.
struct ChannelBlock {
  let shape: ChannelShape
  let channels: Range<Int>
  /// Five rows: up to three of parameters, two of sums.
  private let scratch: UnsafeMutableRawPointer

  private static let scratchRows = 5
  /// In this many images, columns are added up in the type of the elements before the sums go on in float64.
  private static let longestColumn = 256

  private var size: Int { shape.dtype.size }
  /// Elements from one image to the next.
  private var step: Int { shape.channels * shape.pixels }
  /// Elements of a row of a block that joins channels.
  private var columns: Int { channels.count * shape.pixels }

  /// Calls `body` with blocks of all channels, on several threads when that pays.
  static func forEach(_ shape: ChannelShape, arrays: Int, _ body: (ChannelBlock) -> Void) {
    let length = shape.blockLength(arrays: arrays)
    parallelFor(shape.channels, work: arrays * shape.count / 4) { range in
      let rowLength = min(length, range.count) * (shape.joinsChannels ? shape.pixels : 1)
      let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: scratchRows * max(rowLength, 1) * shape.dtype.size, alignment: 64)
      defer { scratch.deallocate() }
      for start in stride(from: range.lowerBound, to: range.upperBound, by: length) {
        body(
          ChannelBlock(shape: shape, channels: start..<min(start + length, range.upperBound), scratch: scratch))
      }
    }
  }

  /// One of the channels alone.
  func single(_ place: Int) -> ChannelBlock {
    let channel = channels.lowerBound + place
    return ChannelBlock(shape: shape, channels: channel..<(channel + 1), scratch: scratch)
  }

  // MARK: Sums

  /// Numbers near the channels' means: the mean of the first image, which lies within √N standard deviations of the mean
  /// of N, or of short rows the first element.
  func centers(_ x: UnsafeRawPointer) -> [Double] {
    guard shape.images > 0, shape.pixels > 0 else { return channels.map { _ in 0 } }
    let numbers = Numbers(shape.dtype)
    return channels.map { channel in
      if shape.joinsChannels { return numbers.read(x, channel * shape.pixels) }
      let row = x + channel * shape.pixels * size
      let total = Runtime.vector.elementwise.reduceRow(.sum, shape.dtype, row, shape.pixels)
      return numbers.rounded(total / Double(shape.pixels))
    }
  }

  /// For each channel the sums of `x - center` and of its squares.
  func moments(_ x: UnsafeRawPointer, _ centers: [Double]) -> [(Double, Double)] {
    let kernels = Runtime.vector.normalization
    guard shape.joinsChannels else {
      return channels.map {
        kernels.moments(shape.dtype, pieces($0), x + $0 * shape.pixels * size, centers[$0 - channels.lowerBound])
      }
    }
    let spread = spread(centers, 0)
    return columnTotals { place, count, sums in
      kernels.columnMoments(shape.dtype, count, step, columns, x + place, spread, sums)
    }
  }

  /// For each channel the sums of `g` and of `g * (x - center)`.
  func products(_ g: UnsafeRawPointer, _ x: UnsafeRawPointer, _ centers: [Double]) -> [(Double, Double)] {
    let kernels = Runtime.vector.normalization
    guard shape.joinsChannels else {
      return channels.map {
        let place = $0 * shape.pixels * size
        return kernels.products(shape.dtype, pieces($0), g + place, x + place, centers[$0 - channels.lowerBound])
      }
    }
    let spread = spread(centers, 0)
    return columnTotals { place, count, sums in
      kernels.columnProducts(shape.dtype, count, step, columns, g + place, x + place, spread, sums)
    }
  }

  private func pieces(_ channel: Int) -> NormalizationKernels.Channel {
    NormalizationKernels.Channel(
      images: shape.images, imageStride: step, pixels: shape.pixels,
      extent: (shape.images * shape.channels - channel) * shape.pixels)
  }

  /// Adds up the columns of all images, then those of each channel. `add` writes the two sums of every column over some
  /// images, which begin at a place in bytes.
  private func columnTotals(
    _ add: (_ place: Int, _ count: Int, _ sums: UnsafeMutableRawPointer) -> Void
  ) -> [(Double, Double)] {
    let sums = scratch + 3 * columns * size
    var totals = [(Double, Double)](repeating: (0, 0), count: channels.count)
    for start in stride(from: 0, to: shape.images, by: ChannelBlock.longestColumn) {
      let place = (start * step + channels.lowerBound * shape.pixels) * size
      add(place, min(ChannelBlock.longestColumn, shape.images - start), sums)
      if shape.dtype == .float64 {
        addColumns(sums.assumingMemoryBound(to: Double.self), to: &totals)
      } else {
        addColumns(sums.assumingMemoryBound(to: Float.self), to: &totals)
      }
    }
    return totals
  }

  @inline(__always)
  private func addColumns<T: BinaryFloatingPoint>(_ sums: UnsafePointer<T>, to totals: inout [(Double, Double)]) {
    for place in totals.indices {
      var (first, second) = totals[place]
      for column in place * shape.pixels..<(place + 1) * shape.pixels {
        first += Double(sums[column])
        second += Double(sums[columns + column])
      }
      totals[place] = (first, second)
    }
  }

  // MARK: Maps

  /// `y = x * scale + shift`.
  func affine(_ x: UnsafeRawPointer, _ scale: [Double], _ shift: [Double], into y: UnsafeMutableRawPointer) {
    let kernel = Runtime.vector.normalization.affine
    let (scale, shift) = (spread(scale, 0), spread(shift, 1))
    let stride = shape.joinsChannels ? 1 : 0
    forEachRow { place, count, at in
      kernel(shape.dtype, count, x + place, scale + at, shift + at, stride, shape.streams, y + place)
    }
  }

  /// `dx = a * g + b * x + c`.
  func combine(
    _ g: UnsafeRawPointer, _ x: UnsafeRawPointer, _ a: [Double], _ b: [Double], _ c: [Double],
    into dx: UnsafeMutableRawPointer
  ) {
    let kernel = Runtime.vector.normalization.combine
    let (a, b, c) = (spread(a, 0), spread(b, 1), spread(c, 2))
    let stride = shape.joinsChannels ? 1 : 0
    forEachRow { place, count, at in
      kernel(shape.dtype, count, g + place, x + place, a + at, b + at, c + at, stride, shape.streams, dx + place)
    }
  }

  /// Calls `body` with where every row begins, its length, and where its parameters are in theirs, in bytes.
  private func forEachRow(_ body: (_ place: Int, _ count: Int, _ parameter: Int) -> Void) {
    for image in 0..<shape.images {
      let row = image * step
      if shape.joinsChannels {
        body((row + channels.lowerBound * shape.pixels) * size, columns, 0)
      } else {
        for channel in channels {
          body((row + channel * shape.pixels) * size, shape.pixels, (channel - channels.lowerBound) * size)
        }
      }
    }
  }

  /// One number per channel as a row of scratch memory.
  private func spread(_ values: [Double], _ row: Int) -> UnsafeRawPointer {
    let copies = shape.joinsChannels ? shape.pixels : 1
    let target = scratch + row * channels.count * copies * size
    if shape.dtype == .float64 {
      repeatEach(values, copies, target.assumingMemoryBound(to: Double.self))
    } else {
      repeatEach(values, copies, target.assumingMemoryBound(to: Float.self))
    }
    return UnsafeRawPointer(target)
  }

  @inline(__always)
  private func repeatEach<T: BinaryFloatingPoint>(_ values: [Double], _ copies: Int, _ target: UnsafeMutablePointer<T>)
  {
    for (place, value) in values.enumerated() {
      (target + place * copies).update(repeating: T(value), count: copies)
    }
  }
}
