import SwiftConvVectorInterface

/// Batch normalization of dense `(N, C, P)` arrays. A walk over some channels that needs their sums first goes on to what
/// needs the sums while the channels still are in the cache. A channel is one thread's work, so results do not depend on
/// the number of threads.
public enum Normalization {
  /// What channels are scaled with: numbers per channel, or nothing for 1 and 0.
  public struct Parameters {
    public let weight, bias: UnsafeRawPointer?
    public let eps: Double

    public init(weight: UnsafeRawPointer?, bias: UnsafeRawPointer?, eps: Double) {
      (self.weight, self.bias, self.eps) = (weight, bias, eps)
    }
  }

  /// Mean, variance (divided by the count), and `1 / sqrt(variance + eps)` of every channel.
  public struct Statistics {
    public let mean, variance, inverse: UnsafeMutableRawPointer

    public init(mean: UnsafeMutableRawPointer, variance: UnsafeMutableRawPointer, inverse: UnsafeMutableRawPointer) {
      (self.mean, self.variance, self.inverse) = (mean, variance, inverse)
    }
  }

  /// `y = (x - mean) * inverse * weight + bias`.
  ///
  /// - Parameter measures: Whether mean and variance are those of `x`, and written; else they are read.
  /// - Complexity: 5 operations per element; reads `x` once from memory when a channel fits into the cache.
  public static func forward(
    _ x: UnsafeRawPointer, _ shape: ChannelShape, _ parameters: Parameters, _ statistics: Statistics, measures: Bool,
    into y: UnsafeMutableRawPointer
  ) {
    let (numbers, eps) = (Numbers(shape.dtype), parameters.eps)
    ChannelBlock.forEach(shape, arrays: 1) { block in
      let measured = measures ? moments(x, block) : []
      var scales: [Double] = []
      var shifts: [Double] = []
      for (place, channel) in block.channels.enumerated() {
        if measures {
          numbers.write(measured[place].mean, statistics.mean, channel)
          numbers.write(measured[place].variance, statistics.variance, channel)
        }
        let (mean, variance) = (
          numbers.read(statistics.mean, channel), numbers.read(statistics.variance, channel)
        )
        let inverse = 1 / (variance + eps).squareRoot()
        numbers.write(inverse, statistics.inverse, channel)
        let scale = inverse * (parameters.weight.map { numbers.read($0, channel) } ?? 1)
        scales.append(scale)
        shifts.append((parameters.bias.map { numbers.read($0, channel) } ?? 0) - mean * scale)
      }
      block.affine(x, scales, shifts, into: y)
    }
  }

  /// Where the gradients of weight and bias go, and that of `x` when it is wanted.
  public struct Gradients {
    public let weight, bias: UnsafeMutableRawPointer
    public let x: UnsafeMutableRawPointer?

    public init(weight: UnsafeMutableRawPointer, bias: UnsafeMutableRawPointer, x: UnsafeMutableRawPointer?) {
      (self.weight, self.bias, self.x) = (weight, bias, x)
    }
  }

  /// The gradients of `forward`.
  ///
  /// - Parameter dependsOnBatch: Whether mean and variance were those of `x`.
  /// - Complexity: 9 operations per element; reads `g` and `x` once from memory when a channel fits into the cache.
  public static func backward(
    _ g: UnsafeRawPointer, _ x: UnsafeRawPointer, _ shape: ChannelShape, weight: UnsafeRawPointer?,
    mean: UnsafeRawPointer, inverse: UnsafeRawPointer, dependsOnBatch: Bool, into gradients: Gradients
  ) {
    let numbers = Numbers(shape.dtype)
    let share = dependsOnBatch ? 1 / Double(max(shape.images * shape.pixels, 1)) : 0
    ChannelBlock.forEach(shape, arrays: 2) { block in
      let sums = block.products(g, x, block.channels.map { numbers.read(mean, $0) })
      var (a, b, c): ([Double], [Double], [Double]) = ([], [], [])
      for (place, channel) in block.channels.enumerated() {
        let (sum, product) = sums[place]
        let slope = numbers.read(inverse, channel)
        numbers.write(product * slope, gradients.weight, channel)
        numbers.write(sum, gradients.bias, channel)
        // dx = scale * (g - mean(g) - xhat * mean(g * xhat)), sorted by g, x and what is left.
        let scale = slope * (weight.map { numbers.read($0, channel) } ?? 1)
        let ofX = -scale * slope * slope * product * share
        a.append(scale)
        b.append(ofX)
        c.append(-scale * sum * share - ofX * numbers.read(mean, channel))
      }
      if let dx = gradients.x { block.combine(g, x, a, b, c, into: dx) }
    }
  }

  /// The mean and the variance of each channel of a block.
  ///
  /// One walk over a channel adds up distances to a number near its mean, and their squares. When that turns out to be
  /// too far from the mean, the difference of the two sums would lose digits, and a second walk takes the distances to
  /// the mean itself.
  private static func moments(_ x: UnsafeRawPointer, _ block: ChannelBlock) -> [(mean: Double, variance: Double)] {
    let shape = block.shape
    let (count, numbers) = (Double(shape.images * shape.pixels), Numbers(shape.dtype))
    var centers = block.centers(x)
    var sums = block.moments(x, centers)
    for place in sums.indices {
      let (sum, squares) = sums[place]
      let distance = sum / count
      guard distance * distance > 16 * (squares / count - distance * distance) else { continue }
      centers[place] = numbers.rounded(centers[place] + distance)
      sums[place] = block.single(place).moments(x, [centers[place]])[0]
    }
    return sums.indices.map { place in
      let rest = sums[place].0 / count
      return (centers[place] + rest, max(sums[place].1 / count - rest * rest, 0))
    }
  }
}

/// Numbers of float32 or float64 arrays.
struct Numbers {
  private let isDouble: Bool

  init(_ dtype: DType) { isDouble = dtype == .float64 }

  func rounded(_ value: Double) -> Double { isDouble ? value : Double(Float(value)) }

  func read(_ values: UnsafeRawPointer, _ index: Int) -> Double {
    isDouble
      ? values.assumingMemoryBound(to: Double.self)[index] : Double(values.assumingMemoryBound(to: Float.self)[index])
  }

  func write(_ value: Double, _ values: UnsafeMutableRawPointer, _ index: Int) {
    if isDouble {
      values.assumingMemoryBound(to: Double.self)[index] = value
    } else {
      values.assumingMemoryBound(to: Float.self)[index] = Float(value)
    }
  }
}
