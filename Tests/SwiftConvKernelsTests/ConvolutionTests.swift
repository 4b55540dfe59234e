import SwiftConvKernels
import XCTest

/// Convolutions of many shapes, compared with the definition.
final class ConvolutionTests: XCTestCase {
  private struct Case {
    var name: String
    var geometry: ConvolutionGeometry

    init(
      _ name: String, mb: Int = 2, ic: Int, oc: Int, g: Int = 1, _ input: [Int], _ kernel: [Int], stride: [Int] = [],
      dilation: [Int] = [], before: [Int] = [], after: [Int]? = nil
    ) {
      func three(_ list: [Int], _ filler: Int) -> [Int] {
        [Int](repeating: filler, count: 3 - list.count) + list
      }
      let (i, k) = (three(input, 1), three(kernel, 1))
      let (s, d) = (three(stride, 1), three(dilation, 1))
      let (b, a) = (three(before, 0), three(after ?? before, 0))
      let o = (0..<3).map {
        ConvolutionGeometry.outputSize(
          input: i[$0], kernel: k[$0], stride: s[$0], dilation: d[$0], padBefore: b[$0], padAfter: a[$0]) ?? 0
      }
      self.name = name
      geometry = ConvolutionGeometry(
        mb: mb, g: g, ic: ic, oc: oc, id: i[0], ih: i[1], iw: i[2], kd: k[0], kh: k[1], kw: k[2], od: o[0], oh: o[1],
        ow: o[2], sd: s[0], sh: s[1], sw: s[2], dd: d[0], dh: d[1], dw: d[2], padFront: b[0], padTop: b[1],
        padLeft: b[2], padBack: a[0], padBottom: a[1], padRight: a[2])
    }

    var x: [Int] { [geometry.mb, geometry.ic, geometry.id, geometry.ih, geometry.iw] }
    var w: [Int] { [geometry.oc, geometry.ic / geometry.g, geometry.kd, geometry.kh, geometry.kw] }
    var y: [Int] { [geometry.mb, geometry.oc, geometry.od, geometry.oh, geometry.ow] }
    var forwardTerms: Int { w[1] * w[2] * w[3] * w[4] }
    var inputTerms: Int { geometry.oc / geometry.g * w[2] * w[3] * w[4] }
    var weightTerms: Int { y[0] * y[2] * y[3] * y[4] }
  }

  private let cases = [
    Case("1x1", ic: 5, oc: 7, [6, 9], [1, 1]),
    Case("1x1 of many channels", ic: 70, oc: 33, [8, 8], [1, 1]),
    Case("1x1 with stride", ic: 9, oc: 10, [9, 11], [1, 1], stride: [2, 2]),
    Case("3x3", ic: 16, oc: 17, [15, 17], [3, 3], before: [1, 1]),
    Case("3x3 without padding", ic: 3, oc: 8, [31, 33], [3, 3]),
    Case("3x3 of wide rows", mb: 1, ic: 2, oc: 9, [5, 1500], [3, 3], before: [1, 1]),
    Case("3x3 of many channels", mb: 1, ic: 130, oc: 20, [7, 7], [3, 3], before: [1, 1]),
    Case("stride that does not divide", ic: 8, oc: 9, [16, 15], [3, 3], stride: [2, 3], before: [1, 0]),
    Case("stride above kernel", ic: 3, oc: 4, [17, 16], [2, 2], stride: [3, 4]),
    Case("7x7 stem", ic: 3, oc: 12, [33, 31], [7, 7], stride: [2, 2], before: [3, 3]),
    Case("7x7 stem of whole vectors", mb: 1, ic: 3, oc: 64, [38, 40], [7, 7], stride: [2, 2], before: [3, 3]),
    Case("5x5 on small maps", mb: 5, ic: 6, oc: 16, [14, 14], [5, 5]),
    Case("short rows and long sums", mb: 3, ic: 40, oc: 48, [13, 15], [4, 3], stride: [1, 2], before: [2, 1]),
    Case("groups of whole vectors", mb: 4, ic: 6, oc: 96, g: 2, [11, 9], [3, 3], stride: [2, 1], before: [1, 1]),
    Case(
      "three dimensions of whole vectors", ic: 2, oc: 32, [5, 9, 8], [2, 3, 3], dilation: [2, 2, 1], before: [1, 2, 1]),
    Case("wide rows of whole vectors", mb: 1, ic: 16, oc: 32, [1300], [9], stride: [2], before: [4]),
    Case("11x11 stride 4", ic: 3, oc: 8, [47, 47], [11, 11], stride: [4, 4], before: [2, 2]),
    Case("dilation", ic: 6, oc: 7, [15, 16], [3, 3], dilation: [2, 3], before: [2, 3]),
    Case("dilation and stride", ic: 6, oc: 7, [15, 16], [3, 3], stride: [2, 2], dilation: [2, 3], before: [2, 3]),
    Case(
      "dilation equal to stride", ic: 4, oc: 5, [13, 12], [2, 3], stride: [2, 3], dilation: [2, 3], before: [1, 4]),
    Case("padding at least kernel", ic: 4, oc: 6, [5, 7], [3, 2], before: [3, 4]),
    Case("padding beyond kernel with stride", ic: 2, oc: 3, [4, 5], [2, 2], stride: [2, 2], before: [5, 3]),
    Case("asymmetric padding", ic: 4, oc: 6, [9, 8], [3, 4], before: [0, 2], after: [2, 1]),
    Case("groups", ic: 12, oc: 8, g: 4, [9, 9], [3, 3], before: [1, 1]),
    Case("groups with stride", ic: 8, oc: 16, g: 2, [11, 10], [3, 3], stride: [2, 2], before: [1, 1]),
    Case("depthwise", ic: 9, oc: 9, g: 9, [17, 19], [3, 3], before: [1, 1]),
    Case("depthwise of wide rows", ic: 2, oc: 2, g: 2, [9, 600], [3, 5], before: [1, 2]),
    Case("depthwise with stride", ic: 6, oc: 6, g: 6, [17, 34], [3, 3], stride: [2, 2], before: [1, 1]),
    Case("depthwise with dilation", ic: 5, oc: 5, g: 5, [16, 15], [3, 3], dilation: [2, 3], before: [2, 2]),
    Case("depthwise of small maps", mb: 3, ic: 7, oc: 7, g: 7, [7, 7], [3, 3], before: [1, 1]),
    Case(
      "depthwise of small maps with stride", ic: 5, oc: 10, g: 5, [9, 14], [3, 3], stride: [2, 2], before: [1, 1]),
    Case("depthwise with unequal strides", ic: 3, oc: 3, g: 3, [11, 13], [3, 5], stride: [3, 2], before: [2, 2]),
    Case(
      "depthwise with gaps between patches", ic: 3, oc: 6, g: 3, [13, 14], [1, 2], stride: [3, 4], before: [0, 1]),
    Case(
      "depthwise with stride and dilation", ic: 3, oc: 3, g: 3, [13, 40], [2, 3], stride: [2, 2], dilation: [2, 3]),
    Case("depthwise padded beyond the kernel", ic: 2, oc: 2, g: 2, [3, 1], [2, 2], stride: [2, 2], before: [4, 3]),
    Case("depthwise of a large map with stride", mb: 1, ic: 2, oc: 2, g: 2, [70, 131], [3, 3], stride: [2, 2]),
    Case(
      "depthwise volume with stride", ic: 2, oc: 2, g: 2, [5, 6, 9], [1, 3, 3], stride: [2, 2, 2], before: [0, 1, 1]),
    Case("depthwise multiplier", ic: 4, oc: 12, g: 4, [10, 9], [3, 3], before: [1, 1]),
    Case("many planes", ic: 17, oc: 17, g: 17, [7, 9], [3, 3], before: [1, 1]),
    Case("many small planes", ic: 18, oc: 18, g: 18, [3, 2], [3, 3], before: [2, 1], after: [0, 2]),
    Case("many planes of wide rows", ic: 16, oc: 16, g: 16, [6, 37], [3, 3], before: [1, 2], after: [2, 1]),
    Case("many planes with stride", ic: 16, oc: 16, g: 16, [9, 14], [3, 3], stride: [2, 2], before: [1, 1]),
    Case(
      "many planes of wide rows with stride", ic: 16, oc: 16, g: 16, [8, 69], [3, 3], stride: [2, 2], before: [0, 2]),
    Case("depthwise 1x1", ic: 4, oc: 4, g: 4, [10, 9], [1, 1]),
    Case("one channel", mb: 1, ic: 1, oc: 1, [40, 37], [5, 3]),
    Case("one channel to few", ic: 1, oc: 6, [28, 28], [5, 5], before: [2, 2]),
    Case("kernel equal to input", ic: 5, oc: 40, [6, 5], [6, 5]),
    Case("large kernel", mb: 1, ic: 2, oc: 3, [40, 50], [31, 29]),
    Case("one dimension", ic: 6, oc: 5, [300], [9], stride: [2], dilation: [3], before: [4]),
    Case("one dimension of one channel", ic: 1, oc: 1, [3000], [5], before: [2]),
    Case("three dimensions", ic: 4, oc: 5, [6, 7, 8], [3, 2, 3], before: [1, 0, 1]),
    Case("three dimensions with stride", ic: 3, oc: 4, [7, 9, 8], [3, 3, 3], stride: [2, 2, 3], before: [1, 2, 1]),
    Case(
      "three dimensions with dilation", ic: 2, oc: 4, [7, 9, 8], [2, 3, 2], dilation: [2, 2, 3], before: [1, 2, 1]),
    Case("three dimensions, depthwise", ic: 4, oc: 4, g: 4, [5, 9, 8], [3, 3, 3], before: [1, 1, 1]),
    Case("three dimensions, 1x1", ic: 8, oc: 9, [5, 4, 6], [1, 1, 1]),
    Case("sizes of 1", mb: 1, ic: 1, oc: 1, [1, 1], [1, 1]),
    Case("many small images", mb: 37, ic: 20, oc: 18, [3, 3], [3, 3], before: [1, 1]),
    Case("images in vectors", mb: 15, ic: 3, oc: 11, [10, 9], [5, 5]),
    Case("padded images in vectors", mb: 15, ic: 1, oc: 6, [9, 8], [4, 5], before: [2, 2]),
    Case(
      "images in vectors, unevenly padded", mb: 31, ic: 2, oc: 5, [9, 8], [3, 2], dilation: [2, 3], before: [3, 0],
      after: [0, 3]),
    Case("images in vectors, groups", mb: 16, ic: 4, oc: 6, g: 2, [6, 7], [2, 2], before: [1, 0]),
    Case("images in vectors, more padding than kernel", mb: 16, ic: 2, oc: 3, [4, 5], [2, 3], before: [3, 4]),
    Case("images in vectors along one axis", mb: 16, ic: 2, oc: 4, [40], [7], before: [3]),
    Case("a block and a little more", mb: 3, ic: 8, oc: 9, [7, 49], [3, 3], before: [1, 1]),
  ]

  private let algorithms: [ConvolutionAlgorithm] = [
    .automatic, .strict, .small, .direct, .gemm, .winograd2, .winograd3, .winograd4, .fourier,
  ]

  func testAllShapes() {
    for item in cases {
      for dtype in [DType.float32, .float64] {
        for algorithm in algorithms { check(item, dtype, .dense, .dense, algorithm) }
      }
    }
  }

  func testAllLayouts() {
    for item in cases where item.geometry.flops < 2_000_000 {
      for layout in TestLayout.allCases {
        for algorithm in algorithms {
          check(item, .float32, layout, .dense, algorithm)
          check(item, .float64, .dense, layout, algorithm)
        }
      }
    }
  }

  private func check(
    _ item: Case, _ dtype: DType, _ inputLayout: TestLayout, _ outputLayout: TestLayout,
    _ algorithm: ConvolutionAlgorithm, line: UInt = #line
  ) {
    let p = item.geometry
    let label = "\(item.name), \(dtype), in \(inputLayout), out \(outputLayout), \(algorithm)"
    let x = TestArray(item.x, dtype, layout: inputLayout).randomize(1)
    let w = TestArray(item.w, dtype, layout: inputLayout).randomize(2)
    let bias = TestArray([p.oc], dtype, layout: inputLayout).randomize(3)
    let dy = TestArray(item.y, dtype, layout: inputLayout).randomize(4)

    let (y, expectedY) = (TestArray(item.y, dtype, layout: outputLayout), TestArray(item.y, dtype))
    XCTAssertTrue(
      Convolution.forward(p, x: x.source, w: w.source, bias: bias.source, y: y.target, algorithm: algorithm))
    XCTAssertTrue(
      Convolution.forward(p, x: x.source, w: w.source, bias: bias.source, y: expectedY.target, algorithm: .reference))
    // Transforms add errors of their own.
    let factor = [.winograd2, .winograd3, .winograd4, .fourier].contains(algorithm) ? 4 : 1
    compare(y, expectedY, factor * item.forwardTerms, "y of " + label, line)

    let (dx, expectedDx) = (TestArray(item.x, dtype, layout: outputLayout), TestArray(item.x, dtype))
    XCTAssertTrue(Convolution.inputGradient(p, dy: dy.source, w: w.source, dx: dx.target, algorithm: algorithm))
    XCTAssertTrue(
      Convolution.inputGradient(p, dy: dy.source, w: w.source, dx: expectedDx.target, algorithm: .reference))
    compare(dx, expectedDx, factor * item.inputTerms, "dx of " + label, line)

    let (dw, expectedDw) = (TestArray(item.w, dtype, layout: outputLayout), TestArray(item.w, dtype))
    XCTAssertTrue(Convolution.weightGradient(p, x: x.source, dy: dy.source, dw: dw.target, algorithm: algorithm))
    XCTAssertTrue(
      Convolution.weightGradient(p, x: x.source, dy: dy.source, dw: expectedDw.target, algorithm: .reference))
    compare(dw, expectedDw, factor * item.weightTerms, "dw of " + label, line)
  }

  private func compare(
    _ result: TestArray, _ expected: TestArray, _ terms: Int, _ label: String, _ line: UInt
  ) {
    XCTAssertLessThanOrEqual(
      largestDifference(result, expected), tolerance(result.dtype, terms: terms), label, line: line)
    XCTAssertTrue(result.isGuardIntact, "memory around " + label, line: line)
  }

  /// Each gradient is the adjoint of the forward pass: <dy, f(x, w)> = <dx, x> = <dw, w>.
  func testGradientsAreAdjoints() {
    for item in cases {
      let p = item.geometry
      let x = TestArray(item.x, .float64).randomize(5)
      let w = TestArray(item.w, .float64).randomize(6)
      let dy = TestArray(item.y, .float64).randomize(7)
      let (y, dx, dw) = (
        TestArray(item.y, .float64), TestArray(item.x, .float64), TestArray(item.w, .float64)
      )
      XCTAssertTrue(Convolution.forward(p, x: x.source, w: w.source, bias: nil, y: y.target))
      XCTAssertTrue(Convolution.inputGradient(p, dy: dy.source, w: w.source, dx: dx.target))
      XCTAssertTrue(Convolution.weightGradient(p, x: x.source, dy: dy.source, dw: dw.target))
      let expected = dot(dy, y)
      let scale = 1e-12 * Double(y.count * item.forwardTerms)
      XCTAssertEqual(dot(dx, x), expected, accuracy: scale, item.name)
      XCTAssertEqual(dot(dw, w), expected, accuracy: scale, item.name)
    }
  }

  private func dot(_ a: TestArray, _ b: TestArray) -> Double {
    zip(a.values, b.values).reduce(0) { $0 + $1.0 * $1.1 }
  }

  func testResultsDoNotDependOnThreads() {
    let before = Runtime.threadCount
    defer { Runtime.threadCount = before }
    let large = [
      Case("3x3", mb: 3, ic: 40, oc: 50, [30, 30], [3, 3], before: [1, 1]),
      Case("stem", mb: 2, ic: 3, oc: 16, [96, 96], [7, 7], stride: [2, 2], before: [3, 3]),
      Case("stem of whole vectors", mb: 2, ic: 3, oc: 32, [64, 64], [7, 7], stride: [2, 2], before: [3, 3]),
      Case("small maps", mb: 5, ic: 96, oc: 96, [5, 5], [3, 3], before: [1, 1]),
      Case("depthwise", mb: 2, ic: 32, oc: 32, g: 32, [56, 56], [3, 3], before: [1, 1]),
      Case("images in vectors", mb: 79, ic: 6, oc: 16, [14, 14], [5, 5]),
    ]
    for item in large {
      let p = item.geometry
      let x = TestArray(item.x).randomize(8)
      let w = TestArray(item.w).randomize(9)
      let dy = TestArray(item.y).randomize(10)
      var results: [[Double]] = []
      for threads in [1, 2, 3, 7] {
        Runtime.threadCount = threads
        let (y, dx, dw) = (TestArray(item.y), TestArray(item.x), TestArray(item.w))
        XCTAssertTrue(Convolution.forward(p, x: x.source, w: w.source, bias: nil, y: y.target))
        XCTAssertTrue(Convolution.inputGradient(p, dy: dy.source, w: w.source, dx: dx.target))
        XCTAssertTrue(Convolution.weightGradient(p, x: x.source, dy: dy.source, dw: dw.target))
        results.append(y.values + dx.values + dw.values)
      }
      for result in results { XCTAssertEqual(result, results[0], item.name) }
    }
  }

  func testRepeatedElements() {
    let item = Case("3x3", ic: 8, oc: 9, [9, 8], [3, 3], before: [1, 1])
    let p = item.geometry
    let number = TestArray([1]).randomize(11)
    let all = Source(pointer: number.source.pointer, strides: [0, 0, 0, 0, 0], dtype: .float32)
    let (y, expected) = (TestArray(item.y), TestArray(item.y))
    XCTAssertTrue(Convolution.forward(p, x: all, w: all, bias: nil, y: y.target))
    XCTAssertTrue(Convolution.forward(p, x: all, w: all, bias: nil, y: expected.target, algorithm: .reference))
    XCTAssertLessThanOrEqual(largestDifference(y, expected), tolerance(.float32, terms: item.forwardTerms))
  }

  func testEmptyBatchesAndChannels() {
    for (mb, ic, oc) in [(0, 3, 4), (2, 0, 4), (2, 3, 0), (0, 0, 0)] {
      let item = Case("empty", mb: mb, ic: ic, oc: oc, [8, 9], [3, 3], before: [1, 1])
      let p = item.geometry
      let (x, w, dy) = (TestArray(item.x), TestArray(item.w), TestArray(item.y))
      let bias = TestArray([oc]).randomize(12)
      let (y, dx, dw) = (TestArray(item.y), TestArray(item.x), TestArray(item.w))
      XCTAssertTrue(Convolution.forward(p, x: x.source, w: w.source, bias: bias.source, y: y.target))
      XCTAssertTrue(Convolution.inputGradient(p, dy: dy.source, w: w.source, dx: dx.target))
      XCTAssertTrue(Convolution.weightGradient(p, x: x.source, dy: dy.source, dw: dw.target))
      if ic == 0 {
        for index in 0..<y.count { XCTAssertEqual(y[index], bias[index / 72 % oc]) }
      }
      if oc == 0 { XCTAssertTrue(dx.values.allSatisfy { $0 == 0 }) }
      if mb == 0 { XCTAssertTrue(dw.values.allSatisfy { $0 == 0 }) }
    }
  }

  /// Values of one place must not leak to another through padding or unused lanes.
  func testInfinityStaysWhereItBelongs() {
    for item in cases where item.geometry.flops < 500_000 {
      let p = item.geometry
      let x = TestArray(item.x).randomize(13)
      let w = TestArray(item.w).randomize(14)
      let dy = TestArray(item.y).randomize(15)
      if x.count > 0 { x[x.count - 1] = .infinity }
      let (y, expectedY) = (TestArray(item.y), TestArray(item.y))
      XCTAssertTrue(Convolution.forward(p, x: x.source, w: w.source, bias: nil, y: y.target))
      XCTAssertTrue(
        Convolution.forward(p, x: x.source, w: w.source, bias: nil, y: expectedY.target, algorithm: .reference))
      XCTAssertEqual(y.values.map(\.isFinite), expectedY.values.map(\.isFinite), "y of " + item.name)
      let (dw, expectedDw) = (TestArray(item.w), TestArray(item.w))
      XCTAssertTrue(Convolution.weightGradient(p, x: x.source, dy: dy.source, dw: dw.target))
      XCTAssertTrue(
        Convolution.weightGradient(p, x: x.source, dy: dy.source, dw: expectedDw.target, algorithm: .reference))
      XCTAssertEqual(dw.values.map(\.isFinite), expectedDw.values.map(\.isFinite), "dw of " + item.name)
    }
  }
}
