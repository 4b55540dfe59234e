import SwiftConv
import XCTest

/// Trains the network of LeCun et al. from Swift alone, on drawn digits that move, fade and drown in noise.
final class LeNetTests: XCTestCase {
  func testLeNetLearnsDigits() throws {
    var generator = SplitMix64(state: 1)
    let training = DigitImages(count: 3000, using: &generator)
    let test = DigitImages(count: 500, using: &generator)
    let net = try LeNet(using: &generator)
    let optimizer = try StochasticGradientDescent(net.parameters, learningRate: 0.03, momentum: 0.9)
    let before = try net.accuracy(on: test)
    var losses: [Double] = []
    for epoch in 0..<6 {
      optimizer.learningRate = epoch < 4 ? 0.03 : 0.006
      for batch in training.batches(of: 50, using: &generator) {
        optimizer.clear()
        let loss = try net.scores(batch.images()).crossEntropy(classes: batch.classes())
        try backward(from: [loss])
        try optimizer.step()
        losses.append(try loss.item())
      }
    }
    let after = try net.accuracy(on: test)
    print(
      "LeNet: \(losses.count) steps, loss \(losses[0]) to \(losses.suffix(10).reduce(0, +) / 10), "
        + "accuracy on unseen images \(before) to \(after)")
    XCTAssertLessThan(before, 0.3)
    XCTAssertGreaterThan(after, 0.95)
  }

  func testTheSameSeedTrainsTheSameNetwork() throws {
    var kernels: [[Double]] = []
    for _ in 0..<2 {
      var generator = SplitMix64(state: 7)
      let images = DigitImages(count: 40, using: &generator)
      let net = try LeNet(using: &generator)
      let optimizer = try StochasticGradientDescent(net.parameters, learningRate: 0.05, momentum: 0.9)
      for batch in images.batches(of: 20, using: &generator) {
        optimizer.clear()
        try backward(from: [net.scores(batch.images()).crossEntropy(classes: batch.classes())])
        try optimizer.step()
      }
      kernels.append(try net.parameters[0].elements())
    }
    XCTAssertEqual(kernels[0], kernels[1])
  }

  func testMistakesAreErrors() throws {
    let image = try Tensor.zeros([1, 1, 8, 8])
    let wrong = try Tensor.zeros([4, 3, 3, 3])
    XCTAssertThrowsError(try image.conv2d(wrong)) { XCTAssertTrue("\($0)".contains("channels"), "\($0)") }
    XCTAssertThrowsError(try image.maxPool2d(9)) { XCTAssertTrue("\($0)".contains("larger"), "\($0)") }
    XCTAssertThrowsError(try image.maxPool2d(0))
    XCTAssertThrowsError(try Tensor.zeros([]).flattened())
    let scores = try Tensor.zeros([2, 3])
    XCTAssertThrowsError(try scores.crossEntropy(classes: Tensor(classes: [0, 3])))
    XCTAssertThrowsError(try scores.crossEntropy(classes: Tensor(classes: [0, -1])))
    XCTAssertThrowsError(try scores.linear(Tensor.zeros([3, 2])))
    XCTAssertThrowsError(try StochasticGradientDescent([scores], learningRate: 0.1))
    try scores.setRequiresGrad(true)
    XCTAssertThrowsError(try StochasticGradientDescent([scores], learningRate: -1))
  }

  func testPaddingStrideAndPoolingShapes() throws {
    let image = try Tensor.ones([2, 4, 9, 7])
    let weight = try Tensor.ones([6, 2, 3, 3])
    let y = try image.conv2d(weight, stride: Extent(rows: 2, columns: 1), padding: 1, groups: 2)
    XCTAssertEqual(y.shape, [2, 6, 5, 7])
    XCTAssertEqual(try y.amax().item(), 18)
    XCTAssertEqual(try y.maxPool2d(2).shape, [2, 6, 2, 3])
    XCTAssertEqual(try y.avgPool2d(3, stride: 2, padding: 1).shape, [2, 6, 3, 4])
    XCTAssertEqual(try y.flattened().shape, [2, 210])
    XCTAssertEqual(try Tensor.zeros([0, 3, 2]).flattened().shape, [0, 6])
  }
}

/// The network of "Gradient-based learning applied to document recognition" (1998), DOI 10.1109/5.726791, with the
/// activation and the pooling of today.
private struct LeNet {
  /// Weight and bias of each layer in turn.
  let parameters: [Tensor]

  init(using generator: inout SplitMix64) throws {
    var parameters: [Tensor] = []
    for shape: Dimensions in [[6, 1, 5, 5], [16, 6, 5, 5], [120, 400], [84, 120], [10, 84]] {
      // He et al., DOI 10.1109/ICCV.2015.123: the variance 2 / fan-in keeps the activations' size.
      let bound = (6 / Float(shape.product / shape[0])).squareRoot()
      parameters.append(try .random(shape, in: -bound...bound, using: &generator))
      parameters.append(try .zeros([shape[0]]))
    }
    for parameter in parameters { try parameter.setRequiresGrad(true) }
    self.parameters = parameters
  }

  /// Scores `(N, 10)` of images `(N, 1, 28, 28)`.
  func scores(_ images: Tensor) throws -> Tensor {
    let p = parameters
    var x = try images.conv2d(p[0], bias: p[1], padding: 2).relu().maxPool2d(2)
    x = try x.conv2d(p[2], bias: p[3]).relu().maxPool2d(2).flattened()
    x = try x.linear(p[4], bias: p[5]).relu()
    x = try x.linear(p[6], bias: p[7]).relu()
    return try x.linear(p[8], bias: p[9])
  }

  func accuracy(on samples: DigitImages) throws -> Double {
    try withoutGradients {
      let isRight = try scores(samples.images()).predictedClasses().isEqual(to: samples.classes())
      return try isRight.cast(to: .float32).mean().item()
    }
  }
}

/// Images of digits, 28 by 28 pixels, and the digits.
private struct DigitImages {
  static let side = 28
  var pixels: [[Float]] = []
  var digits: [Int] = []

  /// Five columns and seven rows a digit.
  private static let glyphs: [[String]] = [
    [".###.", "#...#", "#..##", "#.#.#", "##..#", "#...#", ".###."],
    ["..#..", ".##..", "..#..", "..#..", "..#..", "..#..", ".###."],
    [".###.", "#...#", "....#", "...#.", "..#..", ".#...", "#####"],
    ["#####", "...#.", "..#..", "...#.", "....#", "#...#", ".###."],
    ["...#.", "..##.", ".#.#.", "#..#.", "#####", "...#.", "...#."],
    ["#####", "#....", "####.", "....#", "....#", "#...#", ".###."],
    ["..##.", ".#...", "#....", "####.", "#...#", "#...#", ".###."],
    ["#####", "....#", "...#.", "..#..", ".#...", ".#...", ".#..."],
    [".###.", "#...#", "#...#", ".###.", "#...#", "#...#", ".###."],
    [".###.", "#...#", "#...#", ".####", "....#", "...#.", ".##.."],
  ]

  init(count: Int, using generator: inout SplitMix64) {
    for _ in 0..<count {
      let digit = Int.random(in: 0..<10, using: &generator)
      digits.append(digit)
      pixels.append(Self.drawing(of: digit, using: &generator))
    }
  }

  /// A digit of random size, place, slant and brightness under noise.
  private static func drawing(of digit: Int, using generator: inout SplitMix64) -> [Float] {
    let glyph = glyphs[digit].map(Array.init)
    let scale = Float.random(in: 2.2...3.2, using: &generator)
    let (top, left) = (Float.random(in: 2...5, using: &generator), Float.random(in: 5...9, using: &generator))
    let slant = Float.random(in: -0.2...0.2, using: &generator)
    let ink = Float.random(in: 0.5...1, using: &generator)
    var image: [Float] = []
    for y in 0..<side {
      for x in 0..<side {
        let row = ((Float(y) - top) / scale).rounded(.down)
        let column = ((Float(x) - left + slant * Float(y - side / 2)) / scale).rounded(.down)
        let isInside = row >= 0 && row < 7 && column >= 0 && column < 5
        let isInked = isInside && glyph[Int(row)][Int(column)] == "#"
        image.append((isInked ? ink : 0) + Float.random(in: -0.3...0.3, using: &generator))
      }
    }
    return image
  }

  /// The images as `(N, 1, 28, 28)`.
  func images() throws -> Tensor {
    try Tensor(pixels.flatMap { $0 }, shape: [pixels.count, 1, Self.side, Self.side])
  }

  func classes() throws -> Tensor { try Tensor(classes: digits) }

  /// All samples in random order, in groups.
  func batches(of size: Int, using generator: inout SplitMix64) -> [DigitImages] {
    let order = Array(pixels.indices).shuffled(using: &generator)
    return stride(from: 0, to: order.count, by: size).map { start in
      let chosen = order[start..<min(start + size, order.count)]
      var batch = self
      batch.pixels = chosen.map { pixels[$0] }
      batch.digits = chosen.map { digits[$0] }
      return batch
    }
  }
}

/// Random numbers that can be repeated. Steele et al., "Fast splittable pseudorandom number generators" (2014),
/// DOI 10.1145/2660193.2660195
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
