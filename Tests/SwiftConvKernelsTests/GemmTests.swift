import SwiftConvKernels
import XCTest

/// Matrix products, compared with the definition.
final class GemmTests: XCTestCase {
  private let sizes = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 49, 97]

  /// All combinations of the sizes, with the layouts taking turns.
  func testAllSizes() {
    var turn = 0
    let layouts = TestLayout.allCases
    for m in sizes {
      for n in sizes {
        for k in sizes {
          turn += 1
          let dtype: DType = turn % 2 == 0 ? .float32 : .float64
          let (la, lb, lc) = (layouts[turn % 4], layouts[turn / 4 % 4], layouts[turn / 16 % 4])
          check(m, n, k, dtype, la, lb, lc, accumulate: turn % 3 == 0)
        }
      }
    }
  }

  func testAllLayouts() {
    for a in TestLayout.allCases {
      for b in TestLayout.allCases {
        for c in TestLayout.allCases {
          for accumulate in [false, true] {
            check(33, 50, 41, .float32, a, b, c, accumulate: accumulate)
            check(250, 17, 400, .float32, a, b, c, accumulate: accumulate)
            check(5, 300, 500, .float64, a, b, c, accumulate: accumulate)
          }
        }
      }
    }
  }

  func testLargeProducts() {
    check(200, 1100, 900, .float32, .dense, .dense, .dense, accumulate: false)
    check(32, 1024, 1500, .float32, .dense, .transposed, .dense, accumulate: true)
    check(1, 2000, 3000, .float32, .dense, .transposed, .dense, accumulate: false)
    check(2000, 1, 3000, .float64, .dense, .dense, .dense, accumulate: false)
  }

  func testIntegers() {
    for dtype in [DType.uint8, .int32, .int64, .bool] {
      check(9, 11, 13, dtype, .dense, .transposed, .dense, accumulate: false)
      check(9, 11, 13, dtype, .reversed, .everySecond, .transposed, accumulate: true)
    }
  }

  func testEmptyDepthGivesZeros() {
    for dtype in [DType.float32, .int64] {
      let (a, b, c) = (TestArray([3, 0], dtype), TestArray([0, 4], dtype), TestArray([3, 4], dtype).randomize(1))
      let before = c.values
      XCTAssertTrue(
        Gemm.multiply(m: 3, n: 4, k: 0, a: a.source, b: b.source, c: c.target, accumulate: true))
      XCTAssertEqual(c.values, before)
      XCTAssertTrue(Gemm.multiply(m: 3, n: 4, k: 0, a: a.source, b: b.source, c: c.target))
      XCTAssertTrue(c.values.allSatisfy { $0 == 0 })
    }
    let (a, b, c) = (TestArray([0, 5]), TestArray([5, 0]), TestArray([0, 0]))
    XCTAssertTrue(Gemm.multiply(m: 0, n: 0, k: 5, a: a.source, b: b.source, c: c.target))
    XCTAssertTrue(c.isGuardIntact)
  }

  func testResultsDoNotDependOnThreads() {
    let before = Runtime.threadCount
    defer { Runtime.threadCount = before }
    let (a, b) = (TestArray([150, 700]).randomize(1), TestArray([700, 450]).randomize(2))
    var results: [[Double]] = []
    for threads in [1, 2, 5] {
      Runtime.threadCount = threads
      let c = TestArray([150, 450])
      XCTAssertTrue(Gemm.multiply(m: 150, n: 450, k: 700, a: a.source, b: b.source, c: c.target))
      results.append(c.values)
    }
    XCTAssertEqual(results[1], results[0])
    XCTAssertEqual(results[2], results[0])
  }

  private func check(
    _ m: Int, _ n: Int, _ k: Int, _ dtype: DType, _ la: TestLayout, _ lb: TestLayout, _ lc: TestLayout,
    accumulate: Bool, line: UInt = #line
  ) {
    let a = TestArray([m, k], dtype, layout: la).randomize(UInt64(m * 3 + k))
    let b = TestArray([k, n], dtype, layout: lb).randomize(UInt64(n * 5 + k))
    let c = TestArray([m, n], dtype, layout: lc).randomize(7)
    let (left, right, before) = (a.values, b.values, c.values)
    XCTAssertTrue(
      Gemm.multiply(m: m, n: n, k: k, a: a.source, b: b.source, c: c.target, accumulate: accumulate), line: line)
    let result = c.values
    var largest = 0.0
    for row in 0..<m {
      for column in 0..<n {
        var sum = accumulate ? before[row * n + column] : 0
        for index in 0..<k { sum += left[row * k + index] * right[index * n + column] }
        if dtype == .uint8 { sum = sum.truncatingRemainder(dividingBy: 256) }
        if dtype == .bool { sum = sum == 0 ? 0 : 1 }
        largest = max(largest, abs(result[row * n + column] - sum))
      }
    }
    let bound = dtype.isFloatingPoint ? tolerance(dtype, terms: k + 1) : 0
    XCTAssertLessThanOrEqual(largest, bound, "\(m) \(n) \(k) \(dtype) \(la) \(lb) \(lc) \(accumulate)", line: line)
    XCTAssertTrue(c.isGuardIntact, line: line)
  }
}
