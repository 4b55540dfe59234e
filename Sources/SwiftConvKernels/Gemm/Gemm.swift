/// Matrix products.
public enum Gemm {
  /// `c = a * b`, `c += a * b`, or `c = bias + a * b`: (m, k) times (k, n), elements of one type at any strides. The
  /// bias has the result's shape; an axis along which it repeats has stride 0.
  ///
  /// Integers are multiplied and added modulo their range; booleans with "and" and "or".
  ///
  /// - Returns: false when scratch memory cannot be had.
  public static func multiply(
    m: Int, n: Int, k: Int, a: Source, b: Source, bias: Source? = nil, c: Target, accumulate: Bool = false
  ) -> Bool {
    guard m > 0, n > 0 else { return true }
    // Less than it takes to set up anything better.
    let isSmall = Double(m) * Double(n) * Double(k) < 2048
    if c.dtype.isFloatingPoint, k > 0, !isSmall,
      let product = MatrixProduct(m: m, n: n, k: k, a: a, b: b, bias: bias, c: c, accumulates: accumulate)
    {
      return product.run()
    }
    if let bias { Elementwise.convert(bias, into: c, shape: [m, n]) }
    let accumulate = accumulate || bias != nil
    if isSmall && k <= fewTerms {
      switch c.dtype {
      case .float32: return multiplyPlainly(Float.self, m, n, k, a, b, c, accumulate)
      case .float64: return multiplyPlainly(Double.self, m, n, k, a, b, c, accumulate)
      default: break
      }
    }
    guard c.dtype.isFloatingPoint, k > 0, !isSmall else {
      return multiplyByDefinition(m: m, n: n, k: k, a: a, b: b, c: c, accumulate: accumulate)
    }
    let product = choose(
      Factors(m: m, n: n, k: k, a: a, b: b, c: c),
      Factors(m: n, n: m, k: k, a: b.transposed, b: a.transposed, c: c.transposed))
    return product.patchProduct(accumulate: accumulate)?.run()
      ?? multiplyByDefinition(m: m, n: n, k: k, a: a, b: b, c: c, accumulate: accumulate)
  }

  /// Up to so many terms, sums in the elements' own type are as good as any.
  private static let fewTerms = 16

  /// A small product whose terms are rounded and added one after the other, as elementwise products and sums would be: so
  /// a product of matrices is to the bit what a reader writes out with `*` and `+`.
  private static func multiplyPlainly<T: BinaryFloatingPoint>(
    _: T.Type, _ m: Int, _ n: Int, _ k: Int, _ a: Source, _ b: Source, _ c: Target, _ accumulate: Bool
  ) -> Bool {
    let left = a.pointer.assumingMemoryBound(to: T.self)
    let right = b.pointer.assumingMemoryBound(to: T.self)
    let result = c.pointer.assumingMemoryBound(to: T.self)
    for row in 0..<m {
      for column in 0..<n {
        let place = result + row * c.strides[0] + column * c.strides[1]
        var sum = accumulate ? place.pointee : 0
        for term in 0..<k {
          sum +=
            left[row * a.strides[0] + term * a.strides[1]] * right[term * b.strides[0] + column * b.strides[1]]
        }
        place.pointee = sum
      }
    }
    return true
  }

  private static func multiplyByDefinition(
    m: Int, n: Int, k: Int, a: Source, b: Source, c: Target, accumulate: Bool
  ) -> Bool {
    let work = Int(min(Double(m) * Double(n) * Double(k + 1), 0x1p60))
    parallelFor(m, work: work) { rows in
      let first = rows.lowerBound
      ReferenceGemm.multiply(
        m: rows.count, n: n, k: k,
        a: Source(pointer: a.pointer + first * a.strides[0] * a.dtype.size, strides: a.strides, dtype: a.dtype),
        b: b,
        c: Target(pointer: c.pointer + first * c.strides[0] * c.dtype.size, strides: c.strides, dtype: c.dtype),
        accumulate: accumulate)
    }
    return true
  }

  /// A product can be computed as it stands or transposed, whichever moves less.
  private static func choose(_ asItIs: Factors, _ transposed: Factors) -> Factors {
    transposed.movingCost < asItIs.movingCost ? transposed : asItIs
  }
}

/// The operands of a product.
private struct Factors {
  let m, n, k: Int
  let a, b: Source
  let c: Target

  private var kernels: ConvolutionKernels { Runtime.kernels(c.dtype) }

  /// About how many clock cycles it takes to bring everything into place: the right factor and the result are copied,
  /// the left one is packed if there are many columns.
  var movingCost: Double {
    let (m, n, k) = (Double(m), Double(n), Double(k))
    let fewColumns = 4 * kernels.gemm.tileVectors * kernels.gemm.lanes
    let left = n <= Double(fewColumns) ? (a.strides[1] == 1 ? 0 : 0.4) : 1.2
    let right = b.strides[1] == 1 ? 0.2 : 1.5
    let result = c.strides[1] == 1 ? 0.2 : 1.5
    return m * k * left + k * n * right + m * n * result
  }

  /// The same as a convolution of one tap whose channels are the depth and whose places are the columns.
  func patchProduct(accumulate: Bool) -> PatchProduct? {
    let size = c.dtype.size
    let left = LeftMatrix(
      pointer: a.pointer, rows: m, rowStride: a.strides[0], channels: k, channelStride: a.strides[1], tapOffsets: [0],
      size: size)
    let source = PatchSource(
      pointer: b.pointer, strides: [0, b.strides[0], 0, 0, b.strides[1]], z: .none, y: .none, x: .identity(n))
    let target = PatchTarget(
      pointer: c.pointer, strides: [0, c.strides[0], 0, 0, c.strides[1]], bias: nil, biasStride: 0)
    return PatchProduct(
      left: [left], sources: [source], targets: [target], images: 1, kernels: kernels, size: size,
      accumulates: accumulate)
  }
}

extension Source {
  var transposed: Source {
    Source(pointer: pointer, strides: [strides[1], strides[0]], dtype: dtype)
  }
}

extension Target {
  fileprivate var transposed: Target {
    Target(pointer: pointer, strides: [strides[1], strides[0]], dtype: dtype)
  }
}
