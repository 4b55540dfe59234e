import SwiftConvVectorInterface

/// The sums behind batch normalization. Arrays are dense `(N, C, P)`: images, channels, pixels. Channels are divided among
/// the threads, so results do not depend on their number.
public enum Normalization {
  /// The mean and the variance (divided by the count) of every channel.
  ///
  /// The variance is summed from distances to the mean, in a second walk, since the difference of two large sums would
  /// lose it.
  public static func moments<T: BinaryFloatingPoint & SIMDScalar>(
    _ x: UnsafePointer<T>, images: Int, channels: Int, pixels: Int, mean: UnsafeMutablePointer<T>,
    variance: UnsafeMutablePointer<T>
  ) {
    parallelFor(channels, work: 2 * images * channels * pixels) { range in
      for channel in range {
        let count = T(images * pixels)
        var sum: Double = 0
        for image in 0..<images {
          sum += Double(total(x + (image * channels + channel) * pixels, pixels) { $0 })
        }
        let center = T(sum / Double(images * pixels))
        var squares: Double = 0
        for image in 0..<images {
          let plane = x + (image * channels + channel) * pixels
          squares += Double(total(plane, pixels) { ($0 - center) * ($0 - center) })
        }
        mean[channel] = center
        variance[channel] = T(squares / Double(count))
      }
    }
  }

  /// `y = x * scale + shift` with one scale and one shift per channel.
  public static func affine<T: BinaryFloatingPoint & SIMDScalar>(
    _ x: UnsafePointer<T>, images: Int, channels: Int, pixels: Int, scale: UnsafePointer<T>, shift: UnsafePointer<T>,
    into y: UnsafeMutablePointer<T>
  ) {
    parallelFor(images * channels, work: images * channels * pixels) { range in
      for plane in range {
        let (a, b) = (scale[plane % channels], shift[plane % channels])
        let (from, to) = (x + plane * pixels, y + plane * pixels)
        for pixel in 0..<pixels { to[pixel] = from[pixel] * a + b }
      }
    }
  }

  /// For every channel the sum of `g`, and the sum of `g * (x - mean)`.
  public static func gradientSums<T: BinaryFloatingPoint & SIMDScalar>(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, images: Int, channels: Int, pixels: Int, mean: UnsafePointer<T>,
    sum: UnsafeMutablePointer<T>, product: UnsafeMutablePointer<T>
  ) {
    parallelFor(channels, work: 2 * images * channels * pixels) { range in
      for channel in range {
        var (first, second): (Double, Double) = (0, 0)
        for image in 0..<images {
          let offset = (image * channels + channel) * pixels
          first += Double(total(g + offset, pixels) { $0 })
          second += Double(total(g + offset, x + offset, pixels, mean[channel]))
        }
        sum[channel] = T(first)
        product[channel] = T(second)
      }
    }
  }

  /// `dx = a * g + b * x + c` with one of each per channel.
  public static func combine<T: BinaryFloatingPoint & SIMDScalar>(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, images: Int, channels: Int, pixels: Int, a: UnsafePointer<T>,
    b: UnsafePointer<T>, c: UnsafePointer<T>, into dx: UnsafeMutablePointer<T>
  ) {
    parallelFor(images * channels, work: 2 * images * channels * pixels) { range in
      for plane in range {
        let (u, v, w) = (a[plane % channels], b[plane % channels], c[plane % channels])
        let offset = plane * pixels
        for pixel in offset..<(offset + pixels) { dx[pixel] = u * g[pixel] + v * x[pixel] + w }
      }
    }
  }

  // MARK: Sums of one plane, in eight lanes

  @inline(__always)
  private static func total<T: BinaryFloatingPoint & SIMDScalar>(
    _ x: UnsafePointer<T>, _ count: Int, _ term: (T) -> T
  ) -> T {
    var lanes: (T, T, T, T, T, T, T, T) = (0, 0, 0, 0, 0, 0, 0, 0)
    var index = 0
    while index + 8 <= count {
      lanes.0 += term(x[index])
      lanes.1 += term(x[index + 1])
      lanes.2 += term(x[index + 2])
      lanes.3 += term(x[index + 3])
      lanes.4 += term(x[index + 4])
      lanes.5 += term(x[index + 5])
      lanes.6 += term(x[index + 6])
      lanes.7 += term(x[index + 7])
      index += 8
    }
    var sum = ((lanes.0 + lanes.1) + (lanes.2 + lanes.3)) + ((lanes.4 + lanes.5) + (lanes.6 + lanes.7))
    while index < count {
      sum += term(x[index])
      index += 1
    }
    return sum
  }

  @inline(__always)
  private static func total<T: BinaryFloatingPoint & SIMDScalar>(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ count: Int, _ mean: T
  ) -> T {
    var lanes: (T, T, T, T) = (0, 0, 0, 0)
    var index = 0
    while index + 4 <= count {
      lanes.0 += g[index] * (x[index] - mean)
      lanes.1 += g[index + 1] * (x[index + 1] - mean)
      lanes.2 += g[index + 2] * (x[index + 2] - mean)
      lanes.3 += g[index + 3] * (x[index + 3] - mean)
      index += 4
    }
    var sum = (lanes.0 + lanes.1) + (lanes.2 + lanes.3)
    while index < count {
      sum += g[index] * (x[index] - mean)
      index += 1
    }
    return sum
  }
}

extension Normalization {
  // The generic forms would not be specialised across modules; these are.

  public static func moments(
    _ x: UnsafeRawPointer, _ dtype: DType, images: Int, channels: Int, pixels: Int, mean: UnsafeMutableRawPointer,
    variance: UnsafeMutableRawPointer
  ) {
    func run<T: BinaryFloatingPoint & SIMDScalar>(_: T.Type) {
      moments(
        x.assumingMemoryBound(to: T.self), images: images, channels: channels, pixels: pixels,
        mean: mean.assumingMemoryBound(to: T.self), variance: variance.assumingMemoryBound(to: T.self))
    }
    dtype == .float64 ? run(Double.self) : run(Float.self)
  }

  public static func affine(
    _ x: UnsafeRawPointer, _ dtype: DType, images: Int, channels: Int, pixels: Int, scale: UnsafeRawPointer,
    shift: UnsafeRawPointer, into y: UnsafeMutableRawPointer
  ) {
    func run<T: BinaryFloatingPoint & SIMDScalar>(_: T.Type) {
      affine(
        x.assumingMemoryBound(to: T.self), images: images, channels: channels, pixels: pixels,
        scale: scale.assumingMemoryBound(to: T.self), shift: shift.assumingMemoryBound(to: T.self),
        into: y.assumingMemoryBound(to: T.self))
    }
    dtype == .float64 ? run(Double.self) : run(Float.self)
  }

  public static func gradientSums(
    _ g: UnsafeRawPointer, _ x: UnsafeRawPointer, _ dtype: DType, images: Int, channels: Int, pixels: Int,
    mean: UnsafeRawPointer, sum: UnsafeMutableRawPointer, product: UnsafeMutableRawPointer
  ) {
    func run<T: BinaryFloatingPoint & SIMDScalar>(_: T.Type) {
      gradientSums(
        g.assumingMemoryBound(to: T.self), x.assumingMemoryBound(to: T.self), images: images, channels: channels,
        pixels: pixels, mean: mean.assumingMemoryBound(to: T.self), sum: sum.assumingMemoryBound(to: T.self),
        product: product.assumingMemoryBound(to: T.self))
    }
    dtype == .float64 ? run(Double.self) : run(Float.self)
  }

  public static func combine(
    _ g: UnsafeRawPointer, _ x: UnsafeRawPointer, _ dtype: DType, images: Int, channels: Int, pixels: Int,
    a: UnsafeRawPointer, b: UnsafeRawPointer, c: UnsafeRawPointer, into dx: UnsafeMutableRawPointer
  ) {
    func run<T: BinaryFloatingPoint & SIMDScalar>(_: T.Type) {
      combine(
        g.assumingMemoryBound(to: T.self), x.assumingMemoryBound(to: T.self), images: images, channels: channels,
        pixels: pixels, a: a.assumingMemoryBound(to: T.self), b: b.assumingMemoryBound(to: T.self),
        c: c.assumingMemoryBound(to: T.self), into: dx.assumingMemoryBound(to: T.self))
    }
    dtype == .float64 ? run(Double.self) : run(Float.self)
  }
}
