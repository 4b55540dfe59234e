import SwiftConvKernels
import XCTest

/// Pooling against its definition in double precision. The vector kernels, the plain ones, and every edge between them.
final class PoolingTests: XCTestCase {
  struct Window: CustomStringConvertible {
    var size: Int
    var kernel: Int
    var stride: Int
    var padding: Int
    var dilation = 1
    var roundsUp = false
    var description: String { "\(size) k\(kernel) s\(stride) p\(padding) d\(dilation) \(roundsUp)" }
  }

  static let windows: [Window] = {
    var list: [Window] = []
    for size in [1, 2, 3, 5, 7, 14, 16, 17, 28, 33, 49, 97] {
      for (kernel, stride, padding) in [
        (1, 1, 0), (2, 2, 0), (3, 2, 1), (2, 1, 1), (3, 3, 0), (3, 1, 1), (5, 4, 2), (2, 9, 1),
      ] where size + 2 * padding >= kernel {
        list.append(Window(size: size, kernel: kernel, stride: stride, padding: padding))
        list.append(Window(size: size, kernel: kernel, stride: stride, padding: padding, roundsUp: true))
      }
      if size >= 5 { list.append(Window(size: size, kernel: 3, stride: 2, padding: 1, dilation: 2)) }
    }
    return list
  }()

  static func geometry(_ window: Window, images: Int = 2, channels: Int = 3) throws -> PoolingGeometry {
    func axis(_ size: Int) throws -> PoolingAxis {
      try XCTUnwrap(
        PoolingAxis(
          input: size, kernel: window.kernel, stride: window.stride, padding: window.padding,
          dilation: window.dilation, roundsUp: window.roundsUp))
    }
    return PoolingGeometry(
      images: images, channels: channels, depth: PoolingAxis(adaptiveInput: 1, output: 1),
      height: try axis(window.size + 1), width: try axis(window.size))
  }

  /// The elements of each window of a plane, as positions in the plane.
  static func windowsOf(_ g: PoolingGeometry) -> [[Int]] {
    var all: [[Int]] = []
    for row in 0..<g.height.outputSize {
      for column in 0..<g.width.outputSize {
        var places: [Int] = []
        for y in stride(from: g.height.start(row), to: g.height.stop(row), by: g.height.step) {
          for x in stride(from: g.width.start(column), to: g.width.stop(column), by: g.width.step) {
            places.append(y * g.width.inputSize + x)
          }
        }
        all.append(places)
      }
    }
    return all
  }

  static func input(_ g: PoolingGeometry, _ dtype: DType, _ layout: TestLayout) -> TestArray {
    let x = TestArray(
      [g.images, g.channels, g.depth.inputSize, g.height.inputSize, g.width.inputSize], dtype, layout: layout)
    // Few different values, so that there are ties; and numbers that are hard to compare.
    var generator = SeededGenerator(UInt64(g.inputPixels))
    for index in 0..<x.count {
      x[index] =
        switch Int.random(in: 0..<40, using: &generator) {
        case 0: .nan
        case 1...12: -.infinity
        case 13: .infinity
        default: Double(Int.random(in: -6...6, using: &generator)) / 2
        }
    }
    return x
  }

  func testMaximum() throws {
    for dtype in [DType.float32, .float64] {
      for layout in TestLayout.allCases { try maximum(dtype: dtype, layout: layout) }
    }
  }

  private func maximum(dtype: DType, layout: TestLayout) throws {
    for window in PoolingTests.windows {
      let g = try PoolingTests.geometry(window)
      let x = PoolingTests.input(g, dtype, layout)
      let shape = [g.images, g.channels, 1, g.height.outputSize, g.width.outputSize]
      let (y, alone, places) = (TestArray(shape, dtype), TestArray(shape, dtype), TestArray(shape, .int64))
      Pooling.maximum(
        g, x: x.source, y: y.target.pointer, indices: places.target.pointer.assumingMemoryBound(to: Int64.self))
      Pooling.maximum(g, x: x.source, y: alone.target.pointer, indices: nil)
      let (values, result, single, found) = (x.values, y.values, alone.values, places.values)
      for plane in 0..<g.planes {
        for (pixel, window) in PoolingTests.windowsOf(g).enumerated() {
          var best = window.first
          var largest = -Double.infinity
          for place in window {
            let value = values[plane * g.inputPixels + place]
            if value > largest || value.isNaN { (largest, best) = (value, place) }
          }
          let index = plane * g.outputPixels + pixel
          let isEqual = result[index] == largest || (result[index].isNaN && largest.isNaN)
          XCTAssert(isEqual, "\(window) \(result[index]) \(largest)")
          XCTAssert(single[index] == result[index] || (single[index].isNaN && largest.isNaN))
          if let best { XCTAssert(Int(found[index]) == best, "\(window) plane \(plane) pixel \(pixel)") }
        }
      }
      XCTAssert(y.isGuardIntact && places.isGuardIntact && alone.isGuardIntact)
    }
  }

  func testMeanAndSpread() throws {
    for dtype in [DType.float32, .float64] {
      for layout in TestLayout.allCases { try meanAndSpread(dtype: dtype, layout: layout) }
    }
  }

  private func meanAndSpread(dtype: DType, layout: TestLayout) throws {
    let wholes = [(1, 1), (3, 3), (7, 7), (4, 9), (20, 20)].map { height, width in
      PoolingGeometry(
        images: 3, channels: 5, depth: PoolingAxis(adaptiveInput: 1, output: 1),
        height: PoolingAxis(adaptiveInput: height, output: 1), width: PoolingAxis(adaptiveInput: width, output: 1))
    }
    let parts = PoolingGeometry(
      images: 1, channels: 2, depth: PoolingAxis(adaptiveInput: 3, output: 2),
      height: PoolingAxis(adaptiveInput: 7, output: 3), width: PoolingAxis(adaptiveInput: 17, output: 16))
    let regular = try PoolingTests.windows.filter { $0.dilation == 1 }.map { try PoolingTests.geometry($0) }
    for g in wholes + [parts] + regular where g.depth.outputSize == 1 || dtype == .float64 {
      for (countsPadding, divisor) in [(true, 0), (false, 0), (false, 3)] {
        try check(g, dtype, layout, countsPadding, divisor)
      }
    }
  }

  private func check(
    _ g: PoolingGeometry, _ dtype: DType, _ layout: TestLayout, _ countsPadding: Bool, _ divisor: Int
  ) throws {
    let x = TestArray(
      [g.images, g.channels, g.depth.inputSize, g.height.inputSize, g.width.inputSize], dtype, layout: layout)
    x.randomize(1)
    let shape = [g.images, g.channels, g.depth.outputSize, g.height.outputSize, g.width.outputSize]
    let (y, dy) = (TestArray(shape, dtype), TestArray(shape, dtype))
    let dx = TestArray(x.shape, dtype)
    dy.randomize(2)
    Pooling.mean(g, x: x.source, y: y.target.pointer, countsPadding: countsPadding, divisor: divisor)
    Pooling.spread(
      g, dy: dy.source.pointer, dx: dx.target.pointer, dtype: dtype, countsPadding: countsPadding, divisor: divisor)
    XCTAssert(y.isGuardIntact && dx.isGuardIntact)
    // Means are linear, and spreading is their transpose.
    let left = zip(y.values, dy.values).reduce(0) { $0 + $1.0 * $1.1 }
    let right = zip(x.values, dx.values).reduce(0) { $0 + $1.0 * $1.1 }
    XCTAssert(abs(left - right) <= 1e-4 * (1 + abs(left)))
    guard g.depth.inputSize == 1 else { return }
    let (values, result) = (x.values, y.values)
    let windows = PoolingTests.windowsOf(g)
    for plane in 0..<g.planes {
      for (pixel, window) in windows.enumerated() {
        let (row, column) = (pixel / g.width.outputSize, pixel % g.width.outputSize)
        let span = countsPadding ? g.height.span(row) * g.width.span(column) : window.count
        let total = window.reduce(0) { $0 + values[plane * g.inputPixels + $1] }
        let expected = total / Double(divisor != 0 ? divisor : span)
        XCTAssert(abs(result[plane * g.outputPixels + pixel] - expected) <= 1e-5 * (1 + abs(expected)))
      }
    }
  }
}
