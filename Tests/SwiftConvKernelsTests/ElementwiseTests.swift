import SwiftConvKernels
import XCTest

/// Element-wise functions against plain formulas in float64.
final class ElementwiseTests: XCTestCase {
  private static func sigmoid(_ x: Double) -> Double { x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)) }

  private static func unary(_ op: UnaryOperation, _ x: Double, _ p0: Double, _ p1: Double) -> Double {
    switch op {
    case .negative: -x
    case .absolute: abs(x)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .exp: exp(x)
    case .expm1: expm1(x)
    case .log: log(x)
    case .log1p: log1p(x)
    case .log2: log2(x)
    case .log10: log10(x)
    case .sqrt: x.squareRoot()
    case .rsqrt: 1 / x.squareRoot()
    case .reciprocal: 1 / x
    case .square: x * x
    case .sin: sin(x)
    case .cos: cos(x)
    case .tan: tan(x)
    case .asin: asin(x)
    case .acos: acos(x)
    case .atan: atan(x)
    case .sinh: sinh(x)
    case .cosh: cosh(x)
    case .tanh: tanh(x)
    case .sigmoid: sigmoid(x)
    case .relu: x < 0 ? 0 : x
    case .leakyRelu: x > 0 ? x : p0 * x
    case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
    case .geluTanh: 0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))
    case .silu: x * sigmoid(x)
    case .softplus: x * p0 > p1 ? x : log1p(exp(x * p0)) / p0
    case .erf: erf(x)
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    case .trunc: x.rounded(.towardZero)
    case .clamp: x.isNaN ? x : min(max(x, p0), p1)
    case .logicalNot: x == 0 ? 1 : 0
    case .isNaN: x.isNaN ? 1 : 0
    case .isInf: x.isInfinite ? 1 : 0
    case .bitwiseNot: Double(~Int64(x))
    case .powScalar: pow(x, p0)
    case .addScalar: x + p0
    case .mulScalar: x * p0
    }
  }

  private static func binary(_ op: BinaryOperation, _ a: Double, _ b: Double, _ p0: Double, _ p1: Double) -> Double {
    func slope(_ f: (Double) -> Double) -> Double { (f(b + 1e-5) - f(b - 1e-5)) / 2e-5 }
    let rest = fmod(a, b)
    switch op {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .divide: return a / b
    case .floorDivide: return (a / b).rounded(.down)
    case .remainder: return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
    case .power: return pow(a, b)
    case .maximum: return a.isNaN || b.isNaN ? .nan : max(a, b)
    case .minimum: return a.isNaN || b.isNaN ? .nan : min(a, b)
    case .atan2: return atan2(a, b)
    case .bitwiseAnd: return Double(Int64(a) & Int64(b))
    case .bitwiseOr: return Double(Int64(a) | Int64(b))
    case .bitwiseXor: return Double(Int64(a) ^ Int64(b))
    case .reluGradient: return b > 0 ? a : 0
    case .sigmoidGradient: return a * b * (1 - b)
    case .tanhGradient: return a * (1 - b * b)
    case .geluGradient: return a * slope { unary(.gelu, $0, p0, p1) }
    case .geluTanhGradient: return a * slope { unary(.geluTanh, $0, p0, p1) }
    case .siluGradient: return a * slope { unary(.silu, $0, p0, p1) }
    case .softplusGradient: return a * slope { unary(.softplus, $0, p0, p1) }
    case .leakyReluGradient: return b > 0 ? a : a * p0
    case .clampGradient: return b >= p0 && b <= p1 ? a : 0
    }
  }

  private static func parameters(_ op: UnaryOperation) -> (Double, Double) {
    switch op {
    case .softplus: (1.5, 6)
    case .clamp: (-0.75, 1.5)
    default: (0.25, 0)
    }
  }

  /// Everything in every layout, into outputs of every layout.
  func testUnaryLayouts() {
    for dtype in [DType.float32, .float64] {
      for shape in testShapes {
        for op in UnaryOperation.allCases where op != .bitwiseNot {
          check(op, dtype, shape, .dense, .dense)
        }
        for layout in ArrayLayout.allCases {
          for out in [ArrayLayout.dense, .everySecond, .reversed, .transposed] {
            check(.sigmoid, dtype, shape, layout, out)
            check(.isNaN, dtype, shape, layout, out)
          }
        }
      }
    }
  }

  private func check(_ op: UnaryOperation, _ dtype: DType, _ shape: [Int], _ layout: ArrayLayout, _ out: ArrayLayout) {
    let x = StridedArray(dtype, shape, layout).filled { noise($0) * 3 }
    let y = StridedArray(op.writesBool ? .bool : dtype, shape, out)
    let (p0, p1) = Self.parameters(op)
    Elementwise.unary(op, x.source, into: y.target, shape: x.shape, p0: p0, p1: p1)
    for flat in 0..<x.count {
      let expected = Self.unary(op, x[flat], p0, p1)
      guard isClose(y[flat], expected, dtype, ulps: 4, floor: dtype == .float32 ? 2e-7 : 1e-15) else {
        return XCTFail("\(op) \(dtype) \(shape) \(layout) -> \(out): \(y[flat]) for \(x[flat]), expected \(expected)")
      }
    }
  }

  /// Random bit patterns, so every magnitude, and all special values. The own functions keep within 2 ulp.
  func testUnaryAccuracy() {
    let own: [UnaryOperation] = [
      .exp, .expm1, .log, .log1p, .tanh, .sigmoid, .erf, .sqrt, .floor, .ceil, .round, .trunc,
    ]
    let specials = [
      0, -0.0, 1, -1, .infinity, -.infinity, .nan, 88.72, 88.73, -87.4, -103.9, -104, -150, 0.5, 1.5, 2.5, -2.5, 0x1p23,
      1e-40, 8388607.5,
    ]
    for dtype in [DType.float32, .float64] {
      let count = 40_000
      let x = StridedArray(dtype, [count]).filled { index in
        if index < specials.count { return specials[index] }
        if index % 2 == 0 { return noise(index) * 100 }
        return Double(Float(bitPattern: UInt32(truncatingIfNeeded: index &* 107_411_557)))
      }
      let y = StridedArray(dtype, [count])
      for op in own {
        Elementwise.unary(op, x.source, into: y.target, shape: x.shape)
        for index in 0..<count {
          let expected = Self.unary(op, x[index], 0, 0)
          guard isClose(y[index], expected, dtype, ulps: dtype == .float32 ? 2 : 3.5) else {
            return XCTFail("\(op) \(dtype): \(y[index]) for \(x[index]), expected \(expected)")
          }
        }
      }
    }
  }

  func testSpecialValues() {
    let x = StridedArray(.float32, [6]).filled { [0.0, -0.0, .infinity, -.infinity, .nan, -2][$0] }
    let y = StridedArray(.float32, [6])
    func run(_ op: UnaryOperation, _ p0: Double = 0, _ p1: Double = 0) -> [Double] {
      Elementwise.unary(op, x.source, into: y.target, shape: x.shape, p0: p0, p1: p1)
      return y.values
    }
    XCTAssertTrue(run(.relu)[4].isNaN)
    XCTAssertEqual(run(.relu)[3], 0)
    XCTAssertTrue(run(.clamp, -1, 1)[4].isNaN)
    XCTAssertEqual(run(.clamp, -.infinity, 1)[3], -.infinity)
    XCTAssertEqual(run(.clamp, -1, .infinity)[5], -1)
    XCTAssertEqual(run(.powScalar, 2)[5], 4)
    XCTAssertEqual(run(.powScalar, 3)[5], -8)
    XCTAssertEqual(run(.powScalar, -1)[5], -0.5)
    XCTAssertTrue(run(.powScalar, 0.5)[5].isNaN)
    XCTAssertEqual(run(.floor)[1].sign, .minus)
    let a = StridedArray(.float64, [4]).filled { [Double.nan, 1, .nan, 3][$0] }
    let b = StridedArray(.float64, [4]).filled { [1, Double.nan, .nan, 2][$0] }
    let c = StridedArray(.float64, [4])
    for op in [BinaryOperation.maximum, .minimum] {
      Elementwise.binary(op, a.source, b.source, into: c.target, shape: c.shape)
      XCTAssertEqual(c.values.map(\.isNaN), [true, true, true, false])
    }
  }

  func testBinary() {
    for dtype in [DType.float32, .float64] {
      for shape in testShapes {
        for op in BinaryOperation.allCases {
          if [.bitwiseAnd, .bitwiseOr, .bitwiseXor].contains(op) { continue }
          check(op, dtype, shape, .dense, .dense, .dense)
        }
        for a in ArrayLayout.allCases {
          for b in ArrayLayout.allCases {
            check(.subtract, dtype, shape, a, b, .dense)
            check(.subtract, dtype, shape, a, b, .transposed)
          }
          check(.subtract, dtype, shape, a, .dense, .reversed)
          check(.subtract, dtype, shape, .repeated, a, .everySecond)
        }
      }
    }
  }

  private func check(
    _ op: BinaryOperation, _ dtype: DType, _ shape: [Int], _ la: ArrayLayout, _ lb: ArrayLayout, _ out: ArrayLayout
  ) {
    let a = StridedArray(dtype, shape, la).filled { noise($0) * 3 + (op == .power ? 3.5 : 0) }
    let b = StridedArray(dtype, shape, lb).filled { noise($0, 5) * 3 }
    let y = StridedArray(dtype, shape, out)
    let (p0, p1) = op == .softplusGradient ? (1.5, 6.0) : (-0.5, 1.0)
    Elementwise.binary(op, a.source, b.source, into: y.target, shape: a.shape, p0: p0, p1: p1)
    let isNumeric = [.geluGradient, .geluTanhGradient, .siluGradient, .softplusGradient].contains(op)
    for flat in 0..<a.count {
      let expected = Self.binary(op, a[flat], b[flat], p0, p1)
      let floor = isNumeric ? 1e-6 : dtype == .float32 ? 2e-6 : 1e-14
      guard isClose(y[flat], expected, dtype, ulps: 4, floor: floor) else {
        return XCTFail("\(op) \(dtype) \(shape) \(la) \(lb) \(out): \(y[flat]) of \(a[flat]), \(b[flat]); \(expected)")
      }
    }
  }

  /// Scalars, rows and columns against a matrix, and large arrays that several threads share.
  func testBroadcastAndThreads() {
    let shape: Dimensions = [300, 700]
    let a = StridedArray(.float32, [300, 700]).filled { noise($0) }
    let y = StridedArray(.float32, [300, 700])
    for strides in [Dimensions([0, 0]), [0, 1], [1, 0]] {
      let b = StridedArray(.float32, [1000]).filled { noise($0, 3) }
      let source = Source(pointer: b.source.pointer, strides: strides, dtype: .float32)
      for isFirst in [true, false] {
        if isFirst {
          Elementwise.binary(.subtract, source, a.source, into: y.target, shape: shape)
        } else {
          Elementwise.binary(.subtract, a.source, source, into: y.target, shape: shape)
        }
        for flat in 0..<a.count {
          let other = b[flat / 700 * strides[0] + flat % 700 * strides[1]]
          let expected = Double(Float(isFirst ? other - a[flat] : a[flat] - other))
          if y[flat] != expected { return XCTFail("\(strides) \(isFirst) at \(flat): \(y[flat]), \(expected)") }
        }
      }
    }
  }

  func testInPlace() {
    for layout in [ArrayLayout.dense, .everySecond, .reversed, .transposed] {
      let x = StridedArray(.float32, [33, 40], layout).filled { noise($0) }
      let b = StridedArray(.float32, [33, 40]).filled { noise($0, 1) }
      let before = x.values
      Elementwise.binary(.add, x.source, b.source, into: x.target, shape: x.shape)
      Elementwise.unary(.square, x.source, into: x.target, shape: x.shape)
      for flat in 0..<x.count {
        let sum = Float(before[flat]) + Float(b[flat])
        XCTAssertEqual(Float(x[flat]), sum * sum)
      }
    }
  }
}
