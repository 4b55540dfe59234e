import SwiftConvVectorInterface

/// Pairs of sums over channels. Where rows are too short for vectors, the columns of all images are added up first, and
/// then the few columns of each channel.
struct ChannelSums {
  let dtype: DType
  let images, channels, pixels: Int
  private let kernels = Runtime.vector.normalization

  /// In this many images, columns are added up in the type of the elements before the sums go on in float64.
  private static let longestColumn = 256

  init(_ dtype: DType, images: Int, channels: Int, pixels: Int) {
    (self.dtype, self.images, self.channels, self.pixels) = (dtype, images, channels, pixels)
  }

  /// The sum of one channel of the first image.
  func total(_ x: UnsafeRawPointer, channel: Int) -> Double {
    guard images > 0, pixels > 0 else { return 0 }
    return Runtime.vector.elementwise.reduceRow(.sum, dtype, x + channel * pixels * dtype.size, pixels)
  }

  /// For each channel of a range the sums of `x - center` and of its squares.
  func moments(_ x: UnsafeRawPointer, _ range: Range<Int>, _ centers: [Double]) -> [(Double, Double)] {
    let columns = range.count * pixels
    let step = channels * pixels
    let first = range.lowerBound * pixels * dtype.size
    let sums = byColumns(range, centers) { start, count, centers, sums in
      kernels.columnMoments(dtype, count, step, columns, x + first + start * step * dtype.size, centers, sums)
    }
    return sums
      ?? range.map { kernels.moments(dtype, channel($0), x + $0 * pixels * dtype.size, centers[$0 - range.lowerBound]) }
  }

  /// For each channel of a range the sums of `g` and of `g * (x - center)`.
  func products(
    _ g: UnsafeRawPointer, _ x: UnsafeRawPointer, _ range: Range<Int>, _ centers: [Double]
  ) -> [(Double, Double)] {
    let columns = range.count * pixels
    let step = channels * pixels
    let sums = byColumns(range, centers) { start, count, centers, sums in
      let place = (range.lowerBound * pixels + start * step) * dtype.size
      kernels.columnProducts(dtype, count, step, columns, g + place, x + place, centers, sums)
    }
    return sums
      ?? range.map {
        let place = $0 * pixels * dtype.size
        return kernels.products(dtype, channel($0), g + place, x + place, centers[$0 - range.lowerBound])
      }
  }

  private func channel(_ index: Int) -> NormalizationKernels.Channel {
    NormalizationKernels.Channel(
      images: images, imageStride: channels * pixels, pixels: pixels,
      extent: (images * channels - index) * pixels)
  }

  /// Nil when rows are long enough, or scratch memory cannot be had.
  private func byColumns(
    _ range: Range<Int>, _ centers: [Double],
    _ add: (_ start: Int, _ count: Int, _ centers: UnsafeRawPointer, _ sums: UnsafeMutableRawPointer) -> Void
  ) -> [(Double, Double)]? {
    guard pixels < Normalization.shortestRow else { return nil }
    let bytes = range.count * pixels * dtype.size
    guard var scratch = Scratch(byteCounts: bytes, 2 * bytes) else { return nil }
    let (spread, sums) = (scratch.take(bytes), scratch.take(2 * bytes))
    if dtype == .float64 {
      return byColumns(centers, spread, sums, as: Double.self, add)
    }
    return byColumns(centers.map { Float($0) }, spread, sums, as: Float.self, add)
  }

  private func byColumns<T: BinaryFloatingPoint>(
    _ centers: [T], _ spread: UnsafeMutableRawPointer, _ sums: UnsafeMutableRawPointer, as _: T.Type,
    _ add: (_ start: Int, _ count: Int, _ centers: UnsafeRawPointer, _ sums: UnsafeMutableRawPointer) -> Void
  ) -> [(Double, Double)] {
    let count = centers.count
    let wide = spread.bindMemory(to: T.self, capacity: count * pixels)
    for (place, center) in centers.enumerated() { (wide + place * pixels).update(repeating: center, count: pixels) }
    var totals = [(Double, Double)](repeating: (0, 0), count: count)
    let columns = sums.bindMemory(to: T.self, capacity: 2 * count * pixels)
    for start in stride(from: 0, to: images, by: ChannelSums.longestColumn) {
      add(start, min(ChannelSums.longestColumn, images - start), spread, sums)
      for place in 0..<count {
        var (first, second) = totals[place]
        for column in place * pixels..<(place + 1) * pixels {
          first += Double(columns[column])
          second += Double(columns[count * pixels + column])
        }
        totals[place] = (first, second)
      }
    }
    return totals
  }
}
