import SwiftConvKernels
import XCTest

/// Integers, booleans, comparisons, conversions and indexing.
final class ElementwiseIntegerTests: XCTestCase {
  private func run(_ op: BinaryOperation, _ a: Int64, _ b: Int64) -> Int64 {
    let (x, y, z) = (StridedArray(.int64, [1]), StridedArray(.int64, [1]), StridedArray(.int64, [1]))
    x.set(0, integer: a)
    y.set(0, integer: b)
    Elementwise.binary(op, x.source, y.source, into: z.target, shape: [1])
    return z.integer(0)
  }

  func testExtremes() {
    XCTAssertEqual(run(.add, .max, 1), .min)
    XCTAssertEqual(run(.multiply, .max, 2), -2)
    XCTAssertEqual(run(.floorDivide, .min, -1), .min)
    XCTAssertEqual(run(.divide, .min, -1), .min)
    XCTAssertEqual(run(.remainder, .min, -1), 0)
    for op in [BinaryOperation.divide, .floorDivide, .remainder] { XCTAssertEqual(run(op, 5, 0), 0) }
    XCTAssertEqual(run(.floorDivide, -7, 2), -4)
    XCTAssertEqual(run(.floorDivide, 7, -2), -4)
    XCTAssertEqual(run(.remainder, -7, 2), 1)
    XCTAssertEqual(run(.remainder, 7, -2), -1)
    XCTAssertEqual(run(.power, 3, 39), 4_052_555_153_018_976_267)
    XCTAssertEqual(run(.power, 2, 64), 0)
    XCTAssertEqual(run(.power, 0, 0), 1)
    XCTAssertEqual(run(.maximum, -3, 2), 2)
    XCTAssertEqual(run(.bitwiseXor, 12, 10), 6)
    XCTAssertEqual(run(.atan2, 0, 1), 0)
  }

  /// Every operation for every integer type: none may trap, whatever the operands.
  func testNothingTraps() {
    let numbers: [Int64] = [0, 1, -1, 2, 7, .min, .max, Int64(Int32.min), Int64(Int32.max), 255]
    for dtype in [DType.bool, .uint8, .int32, .int64] {
      let wide = StridedArray(.int64, [100])
      let other = StridedArray(.int64, [100])
      for index in 0..<100 {
        wide.set(index, integer: numbers[index / 10])
        other.set(index, integer: numbers[index % 10])
      }
      let (a, b, y) = (StridedArray(dtype, [100]), StridedArray(dtype, [100]), StridedArray(dtype, [100]))
      Elementwise.convert(wide.source, into: a.target, shape: [100])
      Elementwise.convert(other.source, into: b.target, shape: [100])
      for op in BinaryOperation.allCases {
        Elementwise.binary(op, a.source, b.source, into: y.target, shape: [100], p0: 1, p1: 2)
        if dtype == .bool { XCTAssertTrue(y.values.allSatisfy { $0 == 0 || $0 == 1 }) }
      }
      for op in UnaryOperation.allCases {
        for p in [0, 2, -1, 0.5, .infinity, .nan, 1e300] {
          let out = op.writesBool ? StridedArray(.bool, [100]) : y
          Elementwise.unary(op, a.source, into: out.target, shape: [100], p0: p, p1: p)
        }
      }
    }
  }

  func testUnary() {
    for dtype in [DType.int32, .int64] {
      for layout in ArrayLayout.allCases {
        let x = StridedArray(dtype, [5, 9], layout).filled { Double($0 - 20) }
        let y = StridedArray(dtype, [5, 9])
        func expect(_ op: UnaryOperation, _ p0: Double = 0, _ p1: Double = 0, _ body: (Double) -> Double) {
          Elementwise.unary(op, x.source, into: y.target, shape: x.shape, p0: p0, p1: p1)
          XCTAssertEqual(y.values, x.values.map(body), "\(op)")
        }
        expect(.negative) { -$0 }
        expect(.absolute) { abs($0) }
        expect(.sign) { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
        expect(.square) { $0 * $0 }
        expect(.relu) { max($0, 0) }
        expect(.bitwiseNot) { -$0 - 1 }
        expect(.clamp, -2.5, 7.5) { min(max($0, -2), 7) }
        expect(.powScalar, 3) { $0 * $0 * $0 }
        expect(.addScalar, 4) { $0 + 4 }
        expect(.mulScalar, -3) { $0 * -3 }
      }
    }
  }

  func testCompareAndSelect() {
    for dtype in DType.allCases {
      for shape in testShapes {
        for layout in ArrayLayout.allCases {
          let a = StridedArray(dtype, shape, layout).filled { Double($0 % 2) }
          let b = StridedArray(dtype, shape).filled { Double($0 / 2 % 2) }
          let y = StridedArray(.bool, shape)
          func expect(_ op: Comparison, _ body: (Double, Double) -> Bool) {
            Elementwise.compare(op, a.source, b.source, into: y.target, shape: a.shape)
            for flat in 0..<a.count where (y[flat] == 1) != body(a[flat], b[flat]) {
              return XCTFail("\(op) \(dtype) \(shape) \(layout)")
            }
          }
          expect(.equal, ==)
          expect(.notEqual, !=)
          expect(.less, <)
          expect(.lessEqual, <=)
          expect(.greater, >)
          expect(.greaterEqual, >=)
          let condition = StridedArray(.bool, shape, layout).filled { $0 % 3 == 0 ? 1 : 0 }
          let z = StridedArray(dtype, shape, .transposed)
          Elementwise.select(condition.source, a.source, b.source, into: z.target, shape: a.shape)
          for flat in 0..<a.count where z[flat] != (condition[flat] != 0 ? a[flat] : b[flat]) {
            return XCTFail("select \(dtype) \(shape) \(layout)")
          }
        }
      }
    }
    let nan = StridedArray(.float32, [1]).filled { _ in .nan }
    let y = StridedArray(.bool, [1])
    for op in Comparison.allCases {
      Elementwise.compare(op, nan.source, nan.source, into: y.target, shape: [1])
      XCTAssertEqual(y[0], op == .notEqual ? 1 : 0)
    }
  }

  func testConversions() {
    for from in DType.allCases {
      for to in DType.allCases {
        for shape in testShapes {
          for layout in ArrayLayout.allCases {
            for out in [ArrayLayout.dense, .everySecond, .reversed, .transposed] {
              let x = StridedArray(from, shape, layout).filled { Double($0 % 200) }
              let y = StridedArray(to, shape, out)
              Elementwise.convert(x.source, into: y.target, shape: x.shape)
              for flat in 0..<x.count where y[flat] != (to == .bool ? (x[flat] != 0 ? 1 : 0) : x[flat]) {
                return XCTFail("\(from) -> \(to) \(shape) \(layout) \(out) at \(flat): \(y[flat])")
              }
            }
          }
        }
      }
    }
  }

  func testConversionExtremes() {
    let numbers = [
      1.9, -1.9, 300, -300, 1e10, -1e10, 1e30, -1e30, .infinity, -.infinity, .nan, 0x1p63, -0x1p63, 0x1p31,
    ]
    for from in [DType.float32, .float64] {
      let x = StridedArray(from, [numbers.count]).filled { numbers[$0] }
      for to in [DType.uint8, .int32, .int64, .bool] {
        let y = StridedArray(to, [numbers.count])
        Elementwise.convert(x.source, into: y.target, shape: x.shape)
        for index in numbers.indices {
          let value = x[index]
          let expected: Double =
            switch to {
            case .bool: value != 0 ? 1 : 0
            case .uint8: value.isNaN ? 0 : min(max(value, 0), 255).rounded(.towardZero)
            case .int32: value.isNaN ? 0 : min(max(value, -0x1p31), 0x1p31 - 1).rounded(.towardZero)
            default: value.isNaN ? 0 : min(max(value, -0x1p63), 0x1p63).rounded(.towardZero)
            }
          XCTAssertEqual(y[index], expected, "\(from) -> \(to) \(value)")
        }
      }
      let y = StridedArray(.int64, [numbers.count])
      Elementwise.convert(x.source, into: y.target, shape: x.shape)
      XCTAssertEqual(y.integer(11), .max)
      XCTAssertEqual(y.integer(12), .min)
    }
  }

  func testFillAndSequences() {
    for dtype in DType.allCases {
      let y = StridedArray(dtype, [7, 5], .everySecond)
      Elementwise.fill(y.target, shape: y.shape, number: 3.5)
      let expected = dtype == .bool ? 1 : dtype.isFloatingPoint ? 3.5 : 3
      XCTAssertTrue(y.values.allSatisfy { $0 == expected })
      Elementwise.fill(y.target, shape: y.shape, integer: 0)
      XCTAssertTrue(y.values.allSatisfy { $0 == 0 })
      let z = StridedArray(dtype, [9])
      Elementwise.arange(z.target.pointer, dtype: dtype, count: 9, start: Int64(2), step: 3)
      XCTAssertEqual(z[4], dtype == .bool ? 1 : 14)
      Elementwise.arange(z.target.pointer, dtype: dtype, count: 9, start: 0.5, step: 0.25)
      if dtype.isFloatingPoint { XCTAssertEqual(z[8], 2.5) }
    }
  }

  func testIndexing() {
    for dtype in DType.allCases {
      let base = StridedArray(dtype, [10, 3]).filled { Double($0) }
      let offsets = [27, 0, 0, 15]
      let out = StridedArray(dtype, [4, 3])
      Indexing.gather(
        base.source.pointer, dtype: dtype, offsets: offsets, count: 4, innerShape: [3], innerStrides: [1],
        out: out.target.pointer, outStride: 3, outInnerStrides: [1])
      for flat in 0..<12 { XCTAssertEqual(out[flat], base[offsets[flat / 3] + flat % 3]) }
      Indexing.scatter(
        base.target.pointer, dtype: dtype, offsets: offsets, count: 4, innerShape: [3], innerStrides: [1],
        values: out.source.pointer, valueStride: 3, valueInnerStrides: [1], accumulate: true)
      if dtype != .bool { XCTAssertEqual([base[1], base[16], base[28], base[4]], [3, 32, 56, 4]) }
      let single = StridedArray(dtype, [2]).filled { Double($0) }
      Indexing.scatter(
        base.target.pointer, dtype: dtype, offsets: [5, 5], count: 2, innerShape: [], innerStrides: [],
        values: single.source.pointer, valueStride: 1, valueInnerStrides: [], accumulate: false)
      XCTAssertEqual(base[5], 1)
      Indexing.gather(
        base.source.pointer, dtype: dtype, offsets: [0, 1], count: 2, innerShape: [3], innerStrides: [3],
        out: out.target.pointer, outStride: 1, outInnerStrides: [2])
      for flat in 0..<6 { XCTAssertEqual(out[flat], base[flat % 2 + flat / 2 * 3]) }
    }
  }
}
