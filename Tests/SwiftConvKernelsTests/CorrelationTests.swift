import SwiftConvKernels
import XCTest

/// Correlations of one plane, compared with the definition.
final class CorrelationTests: XCTestCase {
  /// (ih, iw, kh, kw)
  private let shapes = [
    (3, 3, 2, 2), (6, 8, 1, 2), (1, 1, 1, 1), (5, 4, 5, 4), (16, 17, 3, 3), (40, 33, 7, 5), (70, 65, 31, 33),
    (9, 5000, 2, 3), (300, 9, 5, 9), (64, 64, 1, 1),
  ]

  func testAllElementTypes() {
    for (ih, iw, kh, kw) in shapes where ih * iw < 3000 {
      for x in DType.allCases {
        for k in DType.allCases {
          for y in resultTypes(x, k) { check(ih, iw, kh, kw, x, k, y, .dense, .dense) }
        }
      }
    }
  }

  func testAllLayouts() {
    for (ih, iw, kh, kw) in shapes {
      for input in TestLayout.allCases {
        for output in TestLayout.allCases {
          check(ih, iw, kh, kw, .float32, .float32, .float32, input, output)
          check(ih, iw, kh, kw, .uint8, .int64, .int64, input, output)
        }
      }
    }
  }

  func testIntegersWrap() {
    let (x, k, y) = (TestArray([2, 2], .int64), TestArray([1, 1], .int64), TestArray([2, 2], .int64))
    for index in 0..<4 { x[index] = 0x1p62 }
    k[0] = 4
    XCTAssertTrue(Convolution.correlate2D(x: x.source, ih: 2, iw: 2, k: k.source, kh: 1, kw: 1, y: y.target))
    XCTAssertEqual(y.values, [0, 0, 0, 0])
  }

  func testKernelLargerThanPlaneWritesNothing() {
    let (x, k, y) = (TestArray([2, 2]), TestArray([3, 3]), TestArray([0, 0]))
    XCTAssertTrue(Convolution.correlate2D(x: x.source, ih: 2, iw: 2, k: k.source, kh: 3, kw: 3, y: y.target))
    XCTAssertTrue(y.isGuardIntact)
  }

  func testTransformsOfAllShapes() {
    let shapes = [
      (1, 1, 1, 1), (40, 33, 7, 5), (70, 65, 31, 33), (9, 700, 2, 3), (300, 9, 5, 9), (97, 203, 12, 1),
      (300, 310, 290, 8),
    ]
    for (ih, iw, kh, kw) in shapes {
      for type in [DType.float32, .float64] {
        for layout in TestLayout.allCases { check(ih, iw, kh, kw, type, type, type, layout, layout, .fourier) }
        check(ih, iw, kh, kw, .uint8, type, type, .dense, .dense, .fourier)
      }
    }
  }

  /// What is not finite stays where the windows that see it are, as with direct sums.
  func testTransformsKeepInfinitiesApart() {
    let (x, k) = (TestArray([90, 80], .float32).randomize(1), TestArray([9, 9], .float32).randomize(2))
    x[41 * 80 + 30] = .infinity
    x[0] = .nan
    let (direct, transformed) = (TestArray([82, 72], .float32), TestArray([82, 72], .float32))
    for (y, algorithm) in [(direct, CorrelationAlgorithm.direct), (transformed, .fourier)] {
      XCTAssertTrue(
        Convolution.correlate2D(
          x: x.source, ih: 90, iw: 80, k: k.source, kh: 9, kw: 9, y: y.target, algorithm: algorithm))
    }
    for (a, b) in zip(direct.values, transformed.values) {
      XCTAssertEqual(a.isNaN, b.isNaN)
      XCTAssertTrue(a.isNaN || a == b || abs(a - b) < 1e-3)
    }
  }

  func testTransformsDoNotDependOnThreads() {
    let (x, k) = (TestArray([400, 390], .float32).randomize(1), TestArray([31, 31], .float32).randomize(2))
    let before = Runtime.threadCount
    defer { Runtime.threadCount = before }
    let results = [1, 2, 3].map { threads in
      Runtime.threadCount = threads
      let y = TestArray([370, 360], .float32)
      XCTAssertTrue(Convolution.correlate2D(x: x.source, ih: 400, iw: 390, k: k.source, kh: 31, kw: 31, y: y.target))
      return y.values
    }
    XCTAssertEqual(results[0], results[1])
    XCTAssertEqual(results[0], results[2])
  }

  func testPlansGiveReasons() {
    let plans = [(2, 2), (3, 3), (63, 63)].map { (kh, kw) in
      CorrelationPlan(oh: 500, ow: kh == 2 ? 0 : 500, kh: kh, kw: kw, dtype: .float32)
    }
    XCTAssertEqual(plans.map(\.algorithm), [.reference, .direct, .fourier])
    XCTAssertEqual(CorrelationPlan(oh: 500, ow: 500, kh: 63, kw: 63, dtype: .int64).algorithm, .direct)
    for plan in plans { XCTAssertGreaterThan(plan.reason.utf8CodeUnitCount, 0) }
  }

  private func resultTypes(_ x: DType, _ k: DType) -> [DType] {
    if x == .float64 || k == .float64 { return [.float64] }
    return x == .float32 || k == .float32 ? [.float32, .float64] : [.int64, .float32]
  }

  private func check(
    _ ih: Int, _ iw: Int, _ kh: Int, _ kw: Int, _ xType: DType, _ kType: DType, _ yType: DType,
    _ input: TestLayout, _ output: TestLayout, _ algorithm: CorrelationAlgorithm? = nil
  ) {
    let x = TestArray([ih, iw], xType, layout: input).randomize(1)
    let k = TestArray([kh, kw], kType, layout: input).randomize(2)
    let (oh, ow) = (ih - kh + 1, iw - kw + 1)
    let y = TestArray([oh, ow], yType, layout: output)
    XCTAssertTrue(
      Convolution.correlate2D(
        x: x.source, ih: ih, iw: iw, k: k.source, kh: kh, kw: kw, y: y.target, algorithm: algorithm))
    let (plane, kernel, result) = (x.values, k.values, y.values)
    let largest = (plane.map(abs).max() ?? 0) * (kernel.map(abs).max() ?? 0)
    let bound = yType.isFloatingPoint ? tolerance(yType, terms: kh * kw) * max(largest, 1) : 0
    var difference = 0.0
    for row in 0..<oh {
      for column in 0..<ow {
        var sum = 0.0
        for a in 0..<kh {
          for b in 0..<kw { sum += plane[(row + a) * iw + column + b] * kernel[a * kw + b] }
        }
        difference = max(difference, abs(sum - result[row * ow + column]))
      }
    }
    XCTAssertLessThanOrEqual(difference, bound, "\(ih) \(iw) \(kh) \(kw) \(xType) \(kType) \(yType) \(input) \(output)")
    XCTAssertTrue(y.isGuardIntact)
  }
}
