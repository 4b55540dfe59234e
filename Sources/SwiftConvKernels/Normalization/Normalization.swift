import SwiftConvVectorInterface

/// The sums behind batch normalization. Arrays are dense `(N, C, P)`: images, channels, pixels, of float32 or float64, and
/// what there is one of per channel is dense `(C,)` of the same type. Each channel is one thread's work, so results do
/// not depend on the number of threads.
public enum Normalization {
  /// The mean and the variance (divided by the count) of every channel.
  ///
  /// One walk over a channel adds up distances to the mean of its first image, and their squares. When that turns out to
  /// be too far from the channel's mean, the difference of the two sums would lose digits, and a second walk takes the
  /// distances to the mean itself.
  ///
  /// - Complexity: 3 operations per element, in one walk nearly always.
  public static func moments(
    _ x: UnsafeRawPointer, _ dtype: DType, images: Int, channels: Int, pixels: Int, mean: UnsafeMutableRawPointer,
    variance: UnsafeMutableRawPointer
  ) {
    let count = Double(images * pixels)
    let sums = ChannelSums(dtype, images: images, channels: channels, pixels: pixels)
    parallelFor(channels, work: images * channels * pixels / 4) { range in
      // The mean of the first image lies within √N standard deviations of the mean of N.
      var centers = range.map { index in
        rounded(sums.total(x, channel: index) / Double(max(pixels, 1)), dtype)
      }
      var results = sums.moments(x, range, centers)
      for (place, (sum, squares)) in results.enumerated() {
        let distance = sum / count
        guard distance * distance > 16 * (squares / count - distance * distance) else { continue }
        let index = range.lowerBound + place
        centers[place] = rounded(centers[place] + distance, dtype)
        results[place] = sums.moments(x, index..<(index + 1), [centers[place]])[0]
      }
      for (place, index) in range.enumerated() {
        let rest = results[place].0 / count
        write(centers[place] + rest, dtype, mean, index)
        write(max(results[place].1 / count - rest * rest, 0), dtype, variance, index)
      }
    }
  }

  /// `y = x * scale + shift` with one scale and one shift per channel.
  public static func affine(
    _ x: UnsafeRawPointer, _ dtype: DType, images: Int, channels: Int, pixels: Int, scale: UnsafeRawPointer,
    shift: UnsafeRawPointer, into y: UnsafeMutableRawPointer
  ) {
    let kernel = Runtime.vector.normalization.affine
    forEachRow(dtype, images, channels, pixels, [scale, shift]) { place, count, parameters, step in
      kernel(dtype, count, x + place, parameters[0], parameters[1], step, y + place)
    }
  }

  /// For every channel the sum of `g`, and the sum of `g * (x - mean)`.
  public static func gradientSums(
    _ g: UnsafeRawPointer, _ x: UnsafeRawPointer, _ dtype: DType, images: Int, channels: Int, pixels: Int,
    mean: UnsafeRawPointer, sum: UnsafeMutableRawPointer, product: UnsafeMutableRawPointer
  ) {
    let sums = ChannelSums(dtype, images: images, channels: channels, pixels: pixels)
    parallelFor(channels, work: images * channels * pixels / 4) { range in
      let results = sums.products(g, x, range, range.map { read(mean, dtype, $0) })
      for (place, index) in range.enumerated() {
        write(results[place].0, dtype, sum, index)
        write(results[place].1, dtype, product, index)
      }
    }
  }

  /// `dx = a * g + b * x + c` with one of each per channel.
  public static func combine(
    _ g: UnsafeRawPointer, _ x: UnsafeRawPointer, _ dtype: DType, images: Int, channels: Int, pixels: Int,
    a: UnsafeRawPointer, b: UnsafeRawPointer, c: UnsafeRawPointer, into dx: UnsafeMutableRawPointer
  ) {
    let kernel = Runtime.vector.normalization.combine
    forEachRow(dtype, images, channels, pixels, [a, b, c]) { place, count, parameters, step in
      kernel(dtype, count, g + place, x + place, parameters[0], parameters[1], parameters[2], step, dx + place)
    }
  }

  /// Below this many pixels, rows are too short for vectors.
  static let shortestRow = 64

  /// Calls `body` with the byte offset and the length of every row, and with where its parameters are. The parameters of
  /// a long row, which is one channel's, are one number each (step 0). Short rows are taken together to rows of whole
  /// images, for which the parameters are written out, one per element (step 1).
  private static func forEachRow(
    _ dtype: DType, _ images: Int, _ channels: Int, _ pixels: Int, _ parameters: [UnsafeRawPointer],
    _ body: (_ place: Int, _ count: Int, _ parameters: [UnsafeRawPointer], _ step: Int) -> Void
  ) {
    let (size, length) = (dtype.size, channels * pixels)
    let work = images * length / 4
    if pixels < shortestRow, images > 1, length > 0,
      let spread = Memory.allocate(byteCount: parameters.count * length * size)
    {
      defer { Memory.deallocate(spread, byteCount: parameters.count * length * size) }
      for (index, parameter) in parameters.enumerated() {
        let target = spread + index * length * size
        if size == 8 {
          repeatEach(parameter, channels, pixels, target, Double.self)
        } else {
          repeatEach(parameter, channels, pixels, target, Float.self)
        }
      }
      let rows = parameters.indices.map { UnsafeRawPointer(spread + $0 * length * size) }
      parallelFor(images, work: work) { range in
        for image in range { body(image * length * size, length, rows, 1) }
      }
      return
    }
    parallelFor(images * channels, work: work) { range in
      var ofChannel = parameters
      for plane in range {
        for index in parameters.indices { ofChannel[index] = parameters[index] + plane % channels * size }
        body(plane * pixels * size, pixels, ofChannel, 0)
      }
    }
  }

  static func repeatEach<T: BitwiseCopyable>(
    _ values: UnsafeRawPointer, _ count: Int, _ copies: Int, _ target: UnsafeMutableRawPointer, _: T.Type
  ) {
    let (from, to) = (values.assumingMemoryBound(to: T.self), target.assumingMemoryBound(to: T.self))
    for index in 0..<count { (to + index * copies).update(repeating: from[index], count: copies) }
  }

  // MARK: Numbers of either type

  private static func rounded(_ value: Double, _ dtype: DType) -> Double {
    dtype == .float64 ? value : Double(Float(value))
  }

  private static func read(_ values: UnsafeRawPointer, _ dtype: DType, _ index: Int) -> Double {
    dtype == .float64
      ? values.assumingMemoryBound(to: Double.self)[index] : Double(values.assumingMemoryBound(to: Float.self)[index])
  }

  private static func write(_ value: Double, _ dtype: DType, _ values: UnsafeMutableRawPointer, _ index: Int) {
    if dtype == .float64 {
      values.assumingMemoryBound(to: Double.self)[index] = value
    } else {
      values.assumingMemoryBound(to: Float.self)[index] = Float(value)
    }
  }
}
