// The maps of Winograd's algorithm, along one axis. They multiply polynomials by their values at some points: 0, ±1 and
// infinity for two results, 0, ±2/3, ±3/2 and infinity for four, the same without infinity for three. With these points, whose product is 1, the largest
// rounding error is a third of that with 0, ±1 and ±2.
//
// Source: Lavin, Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), arXiv:1509.09308; Barabasz, Anderson,
// Soodhalter, Gregg, "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks"
// (2018), arXiv:1803.10986

/// A linear map of `inputs` vectors to `outputs` vectors. What is beyond them in the arrays is not looked at.
protocol LineMap {
  associatedtype V: SIMD & BitwiseCopyable where V.Scalar: BinaryFloatingPoint & BitwiseCopyable
  static var inputs: Int { get }
  static var outputs: Int { get }
  static func map(_ x: InlineArray<6, V>) -> InlineArray<6, V>
}

@inline(__always)
private func product<V: SIMD>(_ a: Double, _ x: V) -> V where V.Scalar: BinaryFloatingPoint {
  x * V(repeating: V.Scalar(a))
}

/// `y + a * x`.
@inline(__always)
private func sum<V: SIMD>(_ y: V, _ a: Double, _ x: V) -> V where V.Scalar: BinaryFloatingPoint {
  var result = y
  multiplyAdd(&result, V(repeating: V.Scalar(a)), x)
  return result
}

/// Two results of three taps, from four points.
enum Two<V: SIMD & BitwiseCopyable> where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  enum Input: LineMap {
    static var inputs: Int { 4 }
    static var outputs: Int { 4 }
    @inline(__always)
    static func map(_ x: InlineArray<6, V>) -> InlineArray<6, V> {
      [x[0] - x[2], x[1] + x[2], x[2] - x[1], x[3] - x[1], .zero, .zero]
    }
  }

  enum Weight: LineMap {
    static var inputs: Int { 3 }
    static var outputs: Int { 4 }
    @inline(__always)
    static func map(_ w: InlineArray<6, V>) -> InlineArray<6, V> {
      let even = product(0.5, w[0] + w[2])
      return [w[0], sum(even, 0.5, w[1]), sum(even, -0.5, w[1]), w[2], .zero, .zero]
    }
  }

  enum Output: LineMap {
    static var inputs: Int { 4 }
    static var outputs: Int { 2 }
    @inline(__always)
    static func map(_ m: InlineArray<6, V>) -> InlineArray<6, V> {
      [m[0] + (m[1] + m[2]), (m[1] - m[2]) + m[3], .zero, .zero, .zero, .zero]
    }
  }

  enum OutputGradient: LineMap {
    static var inputs: Int { 2 }
    static var outputs: Int { 4 }
    @inline(__always)
    static func map(_ y: InlineArray<6, V>) -> InlineArray<6, V> {
      [y[0], y[0] + y[1], y[0] - y[1], y[1], .zero, .zero]
    }
  }

  enum WeightGradient: LineMap {
    static var inputs: Int { 4 }
    static var outputs: Int { 3 }
    @inline(__always)
    static func map(_ u: InlineArray<6, V>) -> InlineArray<6, V> {
      let even = product(0.5, u[1] + u[2])
      return [u[0] + even, product(0.5, u[1] - u[2]), even + u[3], .zero, .zero, .zero]
    }
  }
}

/// The part of a map that has so many inputs and outputs; the other inputs are zero.
///
/// Infinity, the last point for four results, is needed for the fourth only: without it, these maps are those for three.
enum Part<Map: LineMap, let inputCount: Int, let outputCount: Int>: LineMap {
  static var inputs: Int { inputCount }
  static var outputs: Int { outputCount }
  @inline(__always)
  static func map(_ x: InlineArray<6, Map.V>) -> InlineArray<6, Map.V> { Map.map(x) }
}

/// Four results of three taps, from six points.
enum Four<V: SIMD & BitwiseCopyable> where V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  /// The points, besides 0 and infinity: ±a and ±b, of which the product of a and b is 1.
  private static var a: Double { 2.0 / 3 }
  private static var b: Double { 3.0 / 2 }
  /// One over the product of the distances of a point from the others.
  private static var aScale: Double { 1 / (2 * a * a * (a * a - b * b)) }
  private static var bScale: Double { 1 / (2 * b * b * (b * b - a * a)) }

  enum Input: LineMap {
    static var inputs: Int { 6 }
    static var outputs: Int { 6 }
    @inline(__always)
    static func map(_ x: InlineArray<6, V>) -> InlineArray<6, V> {
      let (aEven, aOdd) = (sum(x[4], -b * b, x[2]), sum(x[3], -b * b, x[1]))
      let (bEven, bOdd) = (sum(x[4], -a * a, x[2]), sum(x[3], -a * a, x[1]))
      return [
        sum(x[0] + x[4], -(a * a + b * b), x[2]), sum(aEven, a, aOdd), sum(aEven, -a, aOdd), sum(bEven, b, bOdd),
        sum(bEven, -b, bOdd), sum(x[1] + x[5], -(a * a + b * b), x[3]),
      ]
    }
  }

  enum Weight: LineMap {
    static var inputs: Int { 3 }
    static var outputs: Int { 6 }
    @inline(__always)
    static func map(_ w: InlineArray<6, V>) -> InlineArray<6, V> {
      let aEven = sum(product(aScale, w[0]), aScale * a * a, w[2])
      let bEven = sum(product(bScale, w[0]), bScale * b * b, w[2])
      return [
        w[0], sum(aEven, aScale * a, w[1]), sum(aEven, -aScale * a, w[1]), sum(bEven, bScale * b, w[1]),
        sum(bEven, -bScale * b, w[1]), w[2],
      ]
    }
  }

  enum Output: LineMap {
    static var inputs: Int { 6 }
    static var outputs: Int { 4 }
    @inline(__always)
    static func map(_ m: InlineArray<6, V>) -> InlineArray<6, V> {
      let (aEven, aOdd) = (m[1] + m[2], m[1] - m[2])
      let (bEven, bOdd) = (m[3] + m[4], m[3] - m[4])
      return [
        m[0] + (aEven + bEven), sum(product(a, aOdd), b, bOdd), sum(product(a * a, aEven), b * b, bEven),
        sum(sum(m[5], a * a * a, aOdd), b * b * b, bOdd), .zero, .zero,
      ]
    }
  }

  enum OutputGradient: LineMap {
    static var inputs: Int { 4 }
    static var outputs: Int { 6 }
    @inline(__always)
    static func map(_ y: InlineArray<6, V>) -> InlineArray<6, V> {
      let (aEven, aOdd) = (sum(y[0], a * a, y[2]), sum(y[1], a * a, y[3]))
      let (bEven, bOdd) = (sum(y[0], b * b, y[2]), sum(y[1], b * b, y[3]))
      return [
        y[0], sum(aEven, a, aOdd), sum(aEven, -a, aOdd), sum(bEven, b, bOdd), sum(bEven, -b, bOdd), y[3],
      ]
    }
  }

  enum WeightGradient: LineMap {
    static var inputs: Int { 6 }
    static var outputs: Int { 3 }
    @inline(__always)
    static func map(_ u: InlineArray<6, V>) -> InlineArray<6, V> {
      let (aEven, aOdd) = (u[1] + u[2], u[1] - u[2])
      let (bEven, bOdd) = (u[3] + u[4], u[3] - u[4])
      return [
        sum(sum(u[0], aScale, aEven), bScale, bEven), sum(product(aScale * a, aOdd), bScale * b, bOdd),
        sum(sum(u[5], aScale * a * a, aEven), bScale * b * b, bEven), .zero, .zero, .zero,
      ]
    }
  }
}
