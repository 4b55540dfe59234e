import SwiftConvKernels
import XCTest

/// Winograd's algorithm for shapes drawn at random, compared with the definition.
final class WinogradTests: XCTestCase {
  private func draw(_ generator: inout SeededGenerator) -> ConvolutionGeometry {
    let g = [1, 1, 1, 2, 3].randomElement(using: &generator) ?? 1
    func size(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    let (ic, oc) = (g * size(1...70), g * size(1...70))
    let (top, left, bottom, right) = (size(0...4), size(0...4), size(0...4), size(0...4))
    let (ih, iw) = (max(size(1...23), 3 - top - bottom), max(size(1...23), 3 - left - right))
    return ConvolutionGeometry(
      mb: size(1...4), g: g, ic: ic, oc: oc, id: 1, ih: ih, iw: iw, kd: 1, kh: 3, kw: 3, od: 1,
      oh: ih + top + bottom - 2,
      ow: iw + left + right - 2, sd: 1, sh: 1, sw: 1, dd: 1, dh: 1, dw: 1, padFront: 0, padTop: top, padLeft: left,
      padBack: 0, padBottom: bottom, padRight: right)
  }

  private func compare(_ result: TestArray, _ expected: TestArray, terms: Int, _ label: String) {
    XCTAssertLessThanOrEqual(
      largestDifference(result, expected), tolerance(result.dtype, terms: 4 * max(terms, 9)), label)
    XCTAssertTrue(result.isGuardIntact, "memory around " + label)
  }

  func testRandomShapes() {
    var generator = SeededGenerator(1)
    compareWithReference((0..<40).map { _ in draw(&generator) })
  }

  /// Images that are cut into so many tiles of 4x4 results, side by side.
  private func few(tiles: Int, images: Int = 1, ic: Int, oc: Int, g: Int = 1) -> ConvolutionGeometry {
    let (height, width) = (4 - tiles % 3, tiles / images * 4 - tiles % 2)
    return ConvolutionGeometry(
      mb: images, g: g, ic: ic * g, oc: oc * g, id: 1, ih: height, iw: width, kd: 1, kh: 3, kw: 3, od: 1, oh: height,
      ow: width, sd: 1, sh: 1, sw: 1, dd: 1, dh: 1, dw: 1, padFront: 0, padTop: 1, padLeft: 1, padBack: 0,
      padBottom: 1, padRight: 1)
  }

  /// Every number of tiles up to where the transformed weight is written down, in one image and in several.
  func testFewTiles() {
    var shapes: [ConvolutionGeometry] = []
    for tiles in 1...17 {
      for images in tiles % 3 == 0 ? [1, 3] : [1] {
        let (ic, oc, g) = tiles % 4 == 0 ? (70, 18, 2) : (67 + tiles, 29 + 5 * tiles, 1)
        shapes.append(few(tiles: tiles, images: images, ic: ic, oc: oc, g: g))
      }
    }
    compareWithReference(shapes + shapes, algorithms: [.winograd4])
  }

  private func compareWithReference(
    _ shapes: [ConvolutionGeometry], algorithms: [ConvolutionAlgorithm] = [.winograd4, .winograd2, .winograd3]
  ) {
    for (trial, p) in shapes.enumerated() {
      let dtype: DType = trial % 3 == 0 ? .float64 : .float32
      let layout = TestLayout.allCases[trial % TestLayout.allCases.count]
      let algorithm = algorithms[trial / 3 % algorithms.count]
      let label = "\(p), \(dtype), \(layout), \(algorithm)"
      let shapes = (
        x: [p.mb, p.ic, 1, p.ih, p.iw], w: [p.oc, p.ic / p.g, 1, 3, 3], y: [p.mb, p.oc, 1, p.oh, p.ow]
      )
      let x = TestArray(shapes.x, dtype, layout: layout).randomize(2)
      let w = TestArray(shapes.w, dtype, layout: layout).randomize(3)
      let dy = TestArray(shapes.y, dtype, layout: layout).randomize(4)
      let bias = TestArray([p.oc], dtype, layout: layout).randomize(5)
      var results: [[TestArray]] = []
      for algorithm in [algorithm, .reference] {
        let (y, dx, dw) = (
          TestArray(shapes.y, dtype, layout: layout), TestArray(shapes.x, dtype, layout: layout),
          TestArray(shapes.w, dtype, layout: layout)
        )
        XCTAssertTrue(
          Convolution.forward(p, x: x.source, w: w.source, bias: bias.source, y: y.target, algorithm: algorithm))
        XCTAssertTrue(Convolution.inputGradient(p, dy: dy.source, w: w.source, dx: dx.target, algorithm: algorithm))
        XCTAssertTrue(Convolution.weightGradient(p, x: x.source, dy: dy.source, dw: dw.target, algorithm: algorithm))
        results.append([y, dx, dw])
      }
      let terms = [p.ic / p.g * 9, p.oc / p.g * 9, p.mb * p.oh * p.ow]
      for (index, name) in ["y", "dx", "dw"].enumerated() {
        compare(results[0][index], results[1][index], terms: terms[index], "\(name) of \(label)")
      }
    }
  }

  /// The planner's choices for layers of networks, which a change of its costs should change on purpose.
  func testPlans() {
    func geometry(_ mb: Int, _ ic: Int, _ oc: Int, _ size: Int, stride: Int = 1) -> ConvolutionGeometry {
      let out = (size - 1) / stride + 1
      return ConvolutionGeometry(
        mb: mb, g: 1, ic: ic, oc: oc, id: 1, ih: size, iw: size, kd: 1, kh: 3, kw: 3, od: 1, oh: out, ow: out, sd: 1,
        sh: stride, sw: stride, dd: 1, dh: 1, dw: 1, padFront: 0, padTop: 1, padLeft: 1, padBack: 0, padBottom: 1,
        padRight: 1)
    }
    func chosen(_ geometry: ConvolutionGeometry, _ wanted: ConvolutionAlgorithm = .automatic) -> ConvolutionAlgorithm {
      Convolution.plan(geometry, .forward, wanted).algorithm
    }
    XCTAssertEqual(chosen(geometry(8, 64, 64, 56)), .winograd4)
    XCTAssertEqual(chosen(geometry(1, 512, 512, 7)), .winograd4)
    XCTAssertEqual(chosen(geometry(1, 256, 256, 6)), .winograd2)
    XCTAssertEqual(chosen(geometry(32, 256, 256, 6)), .winograd3)
    XCTAssertEqual(chosen(geometry(32, 512, 512, 3)), .winograd3)
    XCTAssertEqual(chosen(geometry(8, 3, 64, 224)), .gemm)
    XCTAssertEqual(chosen(geometry(8, 64, 128, 56, stride: 2)), .gemm)
    XCTAssertEqual(chosen(geometry(8, 64, 128, 56, stride: 2), .winograd), .gemm)
    XCTAssertEqual(chosen(geometry(8, 64, 64, 56), .strict), .gemm)
    XCTAssertEqual(chosen(geometry(0, 64, 64, 56)), .reference)
  }

  /// Threads share the work so that no result depends on their number.
  func testResultsDoNotDependOnThreads() {
    let before = Runtime.threadCount
    defer { Runtime.threadCount = before }
    var generator = SeededGenerator(6)
    for trial in 0..<6 {
      let p = trial < 4 ? draw(&generator) : few(tiles: trial * 3, ic: 130, oc: 90)
      let x = TestArray([p.mb, p.ic, 1, p.ih, p.iw]).randomize(7)
      let w = TestArray([p.oc, p.ic / p.g, 1, 3, 3]).randomize(8)
      let dy = TestArray([p.mb, p.oc, 1, p.oh, p.ow]).randomize(9)
      var results: [[Double]] = []
      for threads in [1, 2, 5] {
        Runtime.threadCount = threads
        let (y, dx, dw) = (TestArray(dy.shape), TestArray(x.shape), TestArray(w.shape))
        XCTAssertTrue(
          Convolution.forward(p, x: x.source, w: w.source, bias: nil, y: y.target, algorithm: .winograd4))
        XCTAssertTrue(Convolution.inputGradient(p, dy: dy.source, w: w.source, dx: dx.target, algorithm: .winograd4))
        XCTAssertTrue(Convolution.weightGradient(p, x: x.source, dy: dy.source, dw: dw.target, algorithm: .winograd4))
        results.append(y.values + dx.values + dw.values)
      }
      for result in results { XCTAssertEqual(result, results[0]) }
    }
  }
}
