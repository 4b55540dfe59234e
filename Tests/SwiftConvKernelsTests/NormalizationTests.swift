import SwiftConvKernels
import XCTest

/// Batch normalization and softmax, compared with their formulas in double precision.
final class NormalizationTests: XCTestCase {
  private let shapes = [
    (1, 1, 1), (2, 3, 1), (3, 5, 7), (4, 2, 9), (32, 3, 9), (2, 4, 15), (2, 4, 16), (3, 2, 17), (1, 3, 33), (5, 2, 64),
    (2, 2, 100), (3, 1, 5000), (300, 2, 3),
  ]

  func testMoments() {
    for dtype in [DType.float32, .float64] {
      for (n, c, p) in shapes {
        for shift in [0.0, 1000, -3] {
          let x = TestArray([n, c, p], dtype).randomize(1)
          for index in 0..<x.count { x[index] += shift }
          let (mean, variance) = (TestArray([c], dtype), TestArray([c], dtype))
          Normalization.moments(
            x.source.pointer, dtype, images: n, channels: c, pixels: p, mean: mean.target.pointer,
            variance: variance.target.pointer)
          checkMoments(x, mean, variance, (n, c, p))
        }
      }
    }
  }

  /// Channels in which one image says nothing about the others.
  func testMomentsOfUnlikeImages() {
    let (n, c, p) = (64, 2, 9)
    let x = TestArray([n, c, p]).randomize(5)
    for channel in 0..<c {
      for pixel in 0..<p { x[channel * p + pixel] = 1e4 * Double(channel + 1) }
    }
    let (mean, variance) = (TestArray([c]), TestArray([c]))
    Normalization.moments(
      x.source.pointer, .float32, images: n, channels: c, pixels: p, mean: mean.target.pointer,
      variance: variance.target.pointer)
    checkMoments(x, mean, variance, (n, c, p))
  }

  private func checkMoments(_ x: TestArray, _ mean: TestArray, _ variance: TestArray, _ shape: (Int, Int, Int)) {
    let (n, c, p) = shape
    let unit = x.dtype == .float64 ? 1e-13 : 3e-6
    for channel in 0..<c {
      let values = (0..<n).flatMap { image in (0..<p).map { x[(image * c + channel) * p + $0] } }
      let center = values.reduce(0, +) / Double(values.count)
      let spread = values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(values.count)
      XCTAssertEqual(mean[channel], center, accuracy: unit * (1 + abs(center)), "\(shape)")
      XCTAssertEqual(variance[channel], spread, accuracy: unit * spread + 1e-12, "\(shape) \(x.dtype)")
    }
    XCTAssert(mean.isGuardIntact && variance.isGuardIntact)
  }

  func testAffineCombineAndSums() {
    for dtype in [DType.float32, .float64] {
      for (n, c, p) in shapes { checkMaps(dtype, n, c, p) }
    }
  }

  private func checkMaps(_ dtype: DType, _ n: Int, _ c: Int, _ p: Int) {
    let (x, g) = (TestArray([n, c, p], dtype).randomize(1), TestArray([n, c, p], dtype).randomize(2))
    let (u, v, w) = (
      TestArray([c], dtype).randomize(3), TestArray([c], dtype).randomize(4), TestArray([c], dtype).randomize(5)
    )
    let (y, dx) = (TestArray([n, c, p], dtype), TestArray([n, c, p], dtype))
    let (sum, product) = (TestArray([c], dtype), TestArray([c], dtype))
    let (xs, gs) = (x.source.pointer, g.source.pointer)
    Normalization.affine(
      xs, dtype, images: n, channels: c, pixels: p, scale: u.source.pointer, shift: v.source.pointer,
      into: y.target.pointer)
    Normalization.combine(
      gs, xs, dtype, images: n, channels: c, pixels: p, a: u.source.pointer, b: v.source.pointer,
      c: w.source.pointer, into: dx.target.pointer)
    Normalization.gradientSums(
      gs, xs, dtype, images: n, channels: c, pixels: p, mean: u.source.pointer, sum: sum.target.pointer,
      product: product.target.pointer)
    let unit = tolerance(dtype, terms: n * p)
    var (sums, products) = ([Double](repeating: 0, count: c), [Double](repeating: 0, count: c))
    for index in 0..<x.count {
      let channel = index / p % c
      XCTAssertEqual(y[index], x[index] * u[channel] + v[channel], accuracy: unit)
      XCTAssertEqual(dx[index], g[index] * u[channel] + x[index] * v[channel] + w[channel], accuracy: 2 * unit)
      sums[channel] += g[index]
      products[channel] += g[index] * (x[index] - u[channel])
    }
    for channel in 0..<c {
      XCTAssertEqual(sum[channel], sums[channel], accuracy: unit)
      XCTAssertEqual(product[channel], products[channel], accuracy: 2 * unit)
    }
    XCTAssert(y.isGuardIntact && dx.isGuardIntact && sum.isGuardIntact && product.isGuardIntact)
  }

  func testSoftmax() {
    for dtype in [DType.float32, .float64] {
      for count in [1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 31, 33, 1000, 5000] {
        for scale in [1.0, 50, 2000] { checkSoftmax(dtype, count, scale) }
      }
    }
  }

  private func checkSoftmax(_ dtype: DType, _ count: Int, _ scale: Double) {
    let rows = 5
    let (x, g) = (TestArray([rows, count], dtype).randomize(1), TestArray([rows, count], dtype).randomize(2))
    for index in 0..<x.count { x[index] *= scale }
    if count > 2 { x[1] = -.infinity }
    for isLogarithm in [false, true] {
      let (y, dx) = (TestArray([rows, count], dtype), TestArray([rows, count], dtype))
      Softmax.rows(
        rows, count: count, dtype: dtype, isLogarithm: isLogarithm, x.source.pointer, into: y.target.pointer)
      Softmax.gradientRows(
        rows, count: count, dtype: dtype, isLogarithm: isLogarithm, g.source.pointer, y.source.pointer,
        into: dx.target.pointer)
      XCTAssert(y.isGuardIntact && dx.isGuardIntact)
      let unit = dtype == .float64 ? 1e-14 : 1e-6
      for row in 0..<rows {
        let places = (row * count)..<((row + 1) * count)
        let top = places.map { x[$0] }.max() ?? 0
        let sum = places.reduce(0.0) { $0 + exp(x[$1] - top) }
        var inner = 0.0
        for place in places {
          let share = exp(x[place] - top) / sum
          let expected = isLogarithm ? x[place] - top - log(sum) : share
          if expected.isInfinite {
            XCTAssertEqual(y[place], expected)
          } else {
            XCTAssertEqual(y[place], expected, accuracy: unit * (1 + abs(expected)))
          }
          inner += isLogarithm ? g[place] : g[place] * y[place]
        }
        for place in places {
          let expected = isLogarithm ? g[place] - exp(y[place]) * inner : y[place] * (g[place] - inner)
          XCTAssertEqual(dx[place], expected, accuracy: unit * Double(count + 10))
        }
      }
    }
  }

  func testSoftmaxOfSpecialNumbers() {
    let x = TestArray([3, 20]).randomize(1)
    x[3] = .nan
    x[20 + 5] = .infinity
    for index in 40..<60 { x[index] = -.infinity }
    let y = TestArray([3, 20])
    Softmax.rows(3, count: 20, dtype: .float32, isLogarithm: false, x.source.pointer, into: y.target.pointer)
    XCTAssert((0..<60).allSatisfy { y[$0].isNaN })
  }
}
