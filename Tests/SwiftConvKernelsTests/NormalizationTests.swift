import SwiftConvKernels
import XCTest

/// Batch normalization and softmax, compared with their formulas in double precision.
final class NormalizationTests: XCTestCase {
  private let shapes = [
    (1, 1, 1), (2, 3, 1), (3, 5, 7), (4, 2, 9), (32, 3, 9), (2, 4, 15), (2, 4, 16), (3, 2, 17), (1, 3, 33), (5, 2, 64),
    (2, 2, 100), (3, 1, 5000), (300, 2, 3),
  ]

  func testBatchNormalization() {
    for dtype in [DType.float32, .float64] {
      for shape in shapes {
        for shift in [0.0, 1000, -3] {
          let x = TestArray([shape.0, shape.1, shape.2], dtype).randomize(1)
          for index in 0..<x.count { x[index] += shift }
          checkBatch(x, shape, shift: shift)
        }
      }
    }
  }

  /// Results of a size that goes past the caches, with rows that begin anywhere.
  func testLargeBatchNormalization() {
    let shape = (3, 3, 350_003)
    checkBatch(TestArray([shape.0, shape.1, shape.2]).randomize(1), shape, shift: 0)
  }

  /// Channels in which one image says nothing about the others.
  func testBatchNormalizationOfUnlikeImages() {
    for p in [9, 100] {
      let (n, c) = (64, 2)
      let x = TestArray([n, c, p]).randomize(5)
      for channel in 0..<c {
        for pixel in 0..<p { x[channel * p + pixel] = 1e4 * Double(channel + 1) }
      }
      checkBatch(x, (n, c, p), shift: 1e4)
    }
  }

  private func checkBatch(_ x: TestArray, _ shape: (Int, Int, Int), shift: Double) {
    let (n, c, p) = shape
    let (dtype, eps) = (x.dtype, 1e-3)
    let g = TestArray([n, c, p], dtype).randomize(2)
    let (weight, bias) = (TestArray([c], dtype).randomize(3), TestArray([c], dtype).randomize(4))
    let (mean, variance, inverse) = (TestArray([c], dtype), TestArray([c], dtype), TestArray([c], dtype))
    let (dw, db) = (TestArray([c], dtype), TestArray([c], dtype))
    let (y, dx) = (TestArray([n, c, p], dtype), TestArray([n, c, p], dtype))
    let sizes = ChannelShape(dtype, images: n, channels: c, pixels: p)
    Normalization.forward(
      x.source.pointer, sizes,
      Normalization.Parameters(weight: weight.source.pointer, bias: bias.source.pointer, eps: eps),
      Normalization.Statistics(
        mean: mean.target.pointer, variance: variance.target.pointer, inverse: inverse.target.pointer),
      measures: true, into: y.target.pointer)
    checkMoments(x, mean, variance, shape)
    let unit = dtype == .float64 ? 1e-11 : 2e-4
    for dependsOnBatch in [true, false] {
      Normalization.backward(
        g.source.pointer, x.source.pointer, sizes, weight: weight.source.pointer, mean: mean.source.pointer,
        inverse: inverse.source.pointer, dependsOnBatch: dependsOnBatch,
        into: Normalization.Gradients(weight: dw.target.pointer, bias: db.target.pointer, x: dx.target.pointer))
      for channel in 0..<c {
        let places = (0..<n).flatMap { image in (0..<p).map { (image * c + channel) * p + $0 } }
        let slope = 1 / (variance[channel] + eps).squareRoot()
        XCTAssertEqual(inverse[channel], slope, accuracy: unit * slope)
        // What is left of x where its mean is large, relative to what it is divided by.
        let limit = unit * (1 + abs(shift) * slope)
        func normal(_ place: Int) -> Double { (x[place] - mean[channel]) * slope }
        let sum = places.reduce(0.0) { $0 + g[$1] }
        let product = places.reduce(0.0) { $0 + g[$1] * normal($1) }
        let reach = Double(places.count).squareRoot()
        XCTAssertEqual(db[channel], sum, accuracy: unit * reach, "\(shape)")
        XCTAssertEqual(dw[channel], product, accuracy: limit * reach, "\(shape)")
        let share = dependsOnBatch ? 1 / Double(places.count) : 0
        for place in places {
          let (value, scale) = (normal(place), slope * weight[channel])
          if abs(y[place] - (value * weight[channel] + bias[channel])) > limit { XCTFail("y of \(shape) \(dtype)") }
          if abs(dx[place] - scale * (g[place] - share * (sum + value * product))) > limit * (1 + slope) {
            XCTFail("dx of \(shape) \(dtype)")
          }
        }
      }
    }
    XCTAssert([mean, variance, inverse, dw, db, y, dx].allSatisfy { $0.isGuardIntact })
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
