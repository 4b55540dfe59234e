import SwiftConvKernels
import XCTest

/// Reductions over every set of axes against plain loops in float64.
final class ReductionTests: XCTestCase {
  private static func reduce(_ op: ReduceOperation, _ values: [Double]) -> Double {
    switch op {
    case .sum: values.reduce(0, +)
    case .product: values.reduce(1, *)
    case .maximum: values.contains { $0.isNaN } ? .nan : values.max() ?? -.infinity
    case .minimum: values.contains { $0.isNaN } ? .nan : values.min() ?? .infinity
    case .any: values.contains { $0 != 0 } ? 1 : 0
    case .all: values.allSatisfy { $0 != 0 } ? 1 : 0
    case .sumOfSquares: values.reduce(0) { $0 + $1 * $1 }
    }
  }

  /// For every kept position, the flat indices of the elements that belong to it.
  private func groups(_ shape: [Int], _ axes: UInt8) -> [Int: [Int]] {
    var result: [Int: [Int]] = [:]
    for flat in 0..<shape.reduce(1, *) {
      var (rest, key, scale) = (flat, 0, 1)
      for axis in shape.indices.reversed() {
        let index = rest % shape[axis]
        rest /= shape[axis]
        if axes >> UInt8(axis) & 1 == 0 { key += index * scale }
        scale *= shape[axis]
      }
      result[key, default: []].append(flat)
    }
    return result
  }

  private func check(
    _ op: ReduceOperation, _ from: DType, _ to: DType, _ shape: [Int], _ axes: UInt8, _ layout: ArrayLayout,
    _ value: (Int) -> Double
  ) {
    let x = StridedArray(from, shape, layout).filled(value)
    let y = StridedArray(to, shape)
    Reduction.reduce(op, x.source, into: y.target(reducing: axes), shape: x.shape, axes: axes)
    for (key, members) in groups(shape, axes) {
      let expected = Self.reduce(op, members.map { x[$0] })
      let size = Double(members.count)
      let floor = to == .float32 ? 1e-7 * size : to == .float64 ? 1e-15 * size : 0
      guard isClose(y[key], expected, to, ulps: to == .float32 ? 8 + size / 4 : 8 + size, floor: floor) else {
        return XCTFail("\(op) \(from) -> \(to) \(shape) \(axes) \(layout): \(y[key]), expected \(expected)")
      }
    }
  }

  func testEveryAxisMask() {
    let shapes: [[Int]] = [
      [], [1], [2], [3], [7], [17], [33], [1000], [5, 17], [70, 3], [3, 5, 17], [2, 3, 4, 5], [66, 2, 33],
    ]
    for shape in shapes {
      for axes in 0..<(UInt8(1) << UInt8(shape.count)) {
        for op in ReduceOperation.allCases {
          let isTruth = op == .any || op == .all
          let value: (Int) -> Double = { op == .product ? 1 + noise($0) / 50 : op == .all ? 1 + noise($0) : noise($0) }
          for dtype in [DType.float32, .float64] {
            check(op, dtype, isTruth ? .bool : dtype, shape, axes, .dense, value)
          }
          let small: (Int) -> Double = { Double($0 % 3 == 0 ? 1 : 0) }
          for dtype in [DType.bool, .uint8, .int32, .int64] {
            check(op, dtype, isTruth ? .bool : .int64, shape, axes, .dense, small)
          }
        }
        for layout in ArrayLayout.allCases {
          check(.sum, .float32, .float32, shape, axes, layout) { noise($0) }
          check(.maximum, .float64, .float64, shape, axes, layout) { noise($0) }
          check(.sum, .uint8, .int64, shape, axes, layout) { Double($0 % 256) }
          check(.sum, .int32, .float32, shape, axes, layout) { Double($0 % 100) }
          check(.any, .float32, .bool, shape, axes, layout) { $0 == 3 ? 1 : 0 }
        }
      }
    }
  }

  func testNaN() {
    for dtype in [DType.float32, .float64] {
      for size in [1, 2, 15, 16, 17, 100, 5000] {
        for place in [0, size / 2, size - 1] {
          for op in [ReduceOperation.maximum, .minimum, .sum] {
            check(op, dtype, dtype, [size], 1, .dense) { $0 == place ? .nan : noise($0) }
            check(op, dtype, dtype, [3, size], 1, .dense) { $0 == place ? .nan : noise($0) }
          }
        }
      }
    }
  }

  func testEmpty() {
    let x = StridedArray(.float32, [3, 0, 2])
    let y = StridedArray(.float32, [3, 1, 2]).filled { _ in 9 }
    for (op, expected) in [(ReduceOperation.sum, 0.0), (.product, 1), (.sumOfSquares, 0)] {
      Reduction.reduce(op, x.source, into: y.target(reducing: 2), shape: x.shape, axes: 2)
      XCTAssertEqual(y.values, [Double](repeating: expected, count: 6))
    }
    let flags = StridedArray(.bool, [])
    let flag = Target(pointer: flags.target.pointer, strides: [0, 0, 0], dtype: .bool)
    Reduction.reduce(.all, x.source, into: flag, shape: x.shape, axes: 7)
    XCTAssertEqual(flags[0], 1)
  }

  /// Long sums: accurate, along either axis, and the same for any number of threads.
  func testLongSums() {
    let threads = Runtime.threadCount
    defer { Runtime.threadCount = threads }
    for shape in [[3_000_000], [3, 400_000], [400_000, 3], [2000, 2, 300]] {
      let x = StridedArray(.float32, shape).filled { 0.1 + noise($0) / 100 }
      for axes in 1..<(UInt8(1) << UInt8(shape.count)) {
        var first: [Double] = []
        for count in [1, 2, 3] {
          Runtime.threadCount = count
          let y = StridedArray(.float32, shape)
          Reduction.reduce(.sum, x.source, into: y.target(reducing: axes), shape: x.shape, axes: axes)
          let members = groups(shape, axes)
          let values = members.keys.sorted().map { y[$0] }
          if count == 1 {
            first = values
            for (index, key) in members.keys.sorted().enumerated() {
              let expected = members[key]!.reduce(0.0) { $0 + x[$1] }
              XCTAssertLessThan(abs(values[index] / expected - 1), 3e-7)
            }
          } else {
            XCTAssertEqual(values, first)
          }
        }
      }
    }
  }

  func testArgReduce() {
    for dtype in DType.allCases {
      for layout in ArrayLayout.allCases {
        for shape in [[1], [17], [5000], [4, 9], [3, 100], [2, 5, 70]] {
          let x = StridedArray(dtype, shape, layout).filled {
            dtype.isFloatingPoint ? noise($0) : Double($0 * 7 % 5 % 2)
          }
          for maximum in [true, false] {
            func best(_ members: [Int]) -> Int {
              members.indices.reduce(0) { b, i in
                let (u, v) = (x[members[i]], x[members[b]])
                return (maximum ? u > v : u < v) ? i : b
              }
            }
            for axis in shape.indices {
              let y = StridedArray(.int64, shape)
              Reduction.argReduce(
                maximum: maximum, x.source, into: y.target(reducing: 1 << UInt8(axis)), shape: x.shape, axis: axis)
              for (key, members) in groups(shape, 1 << UInt8(axis)) { XCTAssertEqual(Int(y[key]), best(members)) }
            }
            XCTAssertEqual(
              Int(Reduction.argReduceAll(maximum: maximum, x.source, shape: x.shape)), best(Array(0..<x.count)))
          }
        }
      }
    }
    for size in [5, 64, 3000] {
      let x = StridedArray(.float32, [size]).filled { $0 == size - 2 || $0 == size - 1 ? .nan : noise($0) }
      XCTAssertEqual(Reduction.argReduceAll(maximum: true, x.source, shape: x.shape), Int64(size - 2))
      XCTAssertEqual(Reduction.argReduceAll(maximum: false, x.source, shape: x.shape), Int64(size - 2))
      let low = StridedArray(.float32, [size]).filled { _ in -.infinity }
      XCTAssertEqual(Reduction.argReduceAll(maximum: true, low.source, shape: x.shape), 0)
    }
  }

  func testCumulative() {
    for (from, to) in [(DType.float32, DType.float32), (.float64, .float64), (.int64, .int64), (.uint8, .int64)] {
      for layout in ArrayLayout.allCases {
        let shape = [3, 17, 4]
        let x = StridedArray(from, shape, layout).filled { to == .int64 ? Double($0 % 3) : noise($0) }
        for axis in shape.indices {
          let y = StridedArray(to, shape, .transposed)
          Reduction.cumulativeSum(x.source, into: y.target, shape: x.shape, axis: axis)
          let z = StridedArray(to, shape)
          Reduction.cumulativeProduct(x.source, into: z.target, shape: x.shape, axis: axis)
          for (_, members) in groups(shape, 1 << UInt8(axis)) {
            var (sum, product) = (0.0, 1.0)
            for member in members {
              sum += x[member]
              product *= x[member]
              XCTAssertEqual(y[member], sum, accuracy: to == .float32 ? 1e-5 : 1e-12)
              XCTAssertEqual(z[member], product, accuracy: to == .float32 ? 1e-5 : 1e-12)
            }
          }
        }
      }
    }
  }
}
