extension Convolution {
  /// The correlation of one plane with one kernel, without padding: `y[i, j] = sum of k[a, b] * x[i + a, j + b]`.
  ///
  /// x (ih, iw) and k (kh, kw) may have any element type; the sums are taken and written in the type of y (ih - kh + 1,
  /// iw - kw + 1), which is int64, float32 or float64. Integers wrap.
  ///
  /// - Returns: false when scratch memory cannot be had.
  public static func correlate2D(
    x: Source, ih: Int, iw: Int, k: Source, kh: Int, kw: Int, y: Target, algorithm: CorrelationAlgorithm? = nil
  ) -> Bool {
    let (oh, ow) = (ih - kh + 1, iw - kw + 1)
    guard oh > 0, ow > 0, kh > 0, kw > 0 else { return true }
    switch CorrelationPlan(oh: oh, ow: ow, kh: kh, kw: kw, dtype: y.dtype, wanted: algorithm).algorithm {
    case .reference:
      ReferenceCorrelation.correlate2D(x: x, k: k, kh: kh, kw: kw, y: y, oh: oh, ow: ow)
      return true
    case .fourier:
      return y.dtype == .float64
        ? FourierCorrelation<Double>(x: x, ih: ih, iw: iw, k: k, kh: kh, kw: kw, y: y, oh: oh, ow: ow).run()
        : FourierCorrelation<Float>(x: x, ih: ih, iw: iw, k: k, kh: kh, kw: kw, y: y, oh: oh, ow: ow).run()
    case .direct:
      let correlation = Correlation(x: x, ih: ih, k: k, kh: kh, kw: kw, y: y, oh: oh, ow: ow)
      return switch y.dtype {
      case .float32: correlation.run(Float.self, kernel: Runtime.kernels(.float32).rows.correlate)
      case .float64: correlation.run(Double.self, kernel: Runtime.kernels(.float64).rows.correlate)
      default: correlation.run(Int64.self, kernel: correlateIntegers)
      }
    }
  }
}

/// How the correlation of one plane is computed.
public enum CorrelationAlgorithm: Int, CaseIterable, Sendable {
  /// Sums of products in registers.
  case direct
  /// Products of transforms of tiles.
  case fourier
  /// As the definition says, slowly.
  case reference

  /// What users call it.
  public var name: StaticString {
    switch self {
    case .direct: ConvolutionAlgorithm.direct.name
    case .fourier: ConvolutionAlgorithm.fourier.name
    case .reference: ConvolutionAlgorithm.reference.name
    }
  }
}

/// Which algorithm computes a correlation of one plane, and why: the one place where that is decided.
public struct CorrelationPlan: Sendable {
  public let algorithm: CorrelationAlgorithm
  /// A sentence for people.
  public let reason: StaticString

  /// Kernels with so few elements are never worth a transform, and planning one takes longer than a tiny correlation.
  private static let smallestTransformed = 25

  /// The plan for a result of `oh` by `ow` numbers of a type, each the sum over `kh` by `kw` products. A wanted algorithm is taken if
  /// it can compute this at all.
  ///
  /// A direct sum costs a multiplication with addition for each product, and as much as four for each result that it
  /// stores; `FourierTiles` knows what transforms cost. These grow with the logarithm of the kernel's size only, and win
  /// from kernels of about 15 by 15 on. Their errors are some units in the last place of the largest numbers in a tile,
  /// where direct sums are as exact as each result allows; so integers never go that way.
  public init(oh: Int, ow: Int, kh: Int, kw: Int, dtype: DType, wanted: CorrelationAlgorithm? = nil) {
    let (area, overflow) = kh.multipliedReportingOverflow(by: kw)
    let direct = Double(oh) * Double(ow) * (Double(kh) * Double(kw) + 4)
    let canTransform = dtype.isFloatingPoint && max(kh, kw) <= 1 << 20
    if wanted == .reference || (wanted == nil && (overflow || Double(oh) * Double(ow) * Double(area) < 1000)) {
      (algorithm, reason) = (.reference, "so few products that nothing faster pays its preparation")
    } else if wanted == .fourier, canTransform {
      (algorithm, reason) = (.fourier, "asked for")
    } else if wanted != .direct, canTransform, area > CorrelationPlan.smallestTransformed,
      FourierTiles(oh: oh, ow: ow, kh: kh, kw: kw).cost < direct
    {
      (algorithm, reason) = (.fourier, "for a kernel of this size, transforms take fewer operations than sums")
    } else if max(kh, kw) > 1 << 20 || Correlation.tileElements(oh: oh, ow: ow, kh: kh, kw: kw) > Double(4 << 20) {
      (algorithm, reason) = (.reference, "the rows that a kernel of this size needs do not fit the scratch memory")
    } else {
      (algorithm, reason) = (.direct, "sums in registers take fewer operations than transforms")
    }
  }
}

/// See `RowKernels.Correlate`.
private let correlateIntegers: RowKernels.Correlate = {
  rows, columns, kh, kw, source, sourceRowStride, tapStride, weights, target, targetRowStride, _, _ in
  let (source, weights) = (source.assumingMemoryBound(to: Int64.self), weights.assumingMemoryBound(to: Int64.self))
  for row in 0..<rows {
    let out = target.assumingMemoryBound(to: Int64.self) + row * targetRowStride
    for column in 0..<columns { out[column] = 0 }
    for ky in 0..<kh {
      for kx in 0..<kw {
        let weight = weights[ky * kw + kx]
        let from = source + (row + ky) * sourceRowStride + kx * tapStride
        for column in 0..<columns { out[column] &+= weight &* from[column] }
      }
    }
  }
}

/// One plane, one kernel. The plane is cut into tiles; the rows that a tile needs are converted to the type of the result
/// in scratch, unless they can be read where they are.
private struct Correlation {
  let x: Source
  let ih: Int
  let k: Source
  let kh, kw: Int
  let y: Target
  let oh, ow: Int

  /// The tallest and widest tile. The rows that tiles share are converted for each, so tiles are taller than kernels.
  private var rowParts: Split { Correlation.rowParts(oh, kh) }
  private var columnParts: Split { Correlation.columnParts(ow, kw) }
  private var pitch: Int { columnParts.longest + kw - 1 }
  private var tileHeight: Int { rowParts.longest + kh - 1 }

  private static func rowParts(_ oh: Int, _ kh: Int) -> Split { Split(oh, atMost: max(16, 2 * kh)) }
  private static func columnParts(_ ow: Int, _ kw: Int) -> Split { Split(ow, atMost: max(2048, 2 * kw)) }

  /// How many elements a tile's rows have at most.
  static func tileElements(oh: Int, ow: Int, kh: Int, kw: Int) -> Double {
    Double(columnParts(ow, kw).longest + kw - 1) * Double(rowParts(oh, kh).longest + kh - 1)
  }

  /// Kernels may read this far beyond a row's end, unless they write as many columns as a vector has elements.
  private static let overreach = 32
  private static let widestVector = 16

  func run<T: CorrelationScalar>(_: T.Type, kernel: @escaping RowKernels.Correlate) -> Bool {
    let size = MemoryLayout<T>.size
    let (rowParts, columnParts) = (rowParts, columnParts)
    let isPacked = k.dtype == T.dtype && k.strides[1] == 1 && k.strides[0] == kw
    guard var shared = Scratch(byteCounts: isPacked ? 0 : kh * kw * size) else { return false }
    let weights = isPacked ? k.pointer : UnsafeRawPointer(packedWeights(&shared, as: T.self))
    let isStaged = y.strides[1] != 1
    let planeBytes = isReadInPlace(as: T.self) ? 0 : (tileHeight * pitch + Correlation.overreach) * size
    let stagedBytes = isStaged ? rowParts.longest * columnParts.longest * size : 0
    let work = Int(min(Double(oh) * Double(ow) * (Double(kh * kw) + 4) / Double(T.isVectorized ? 16 : 1), 0x1p60))
    let failure = FailureFlag()
    parallelFor(rowParts.parts * columnParts.parts, work: work) { range in
      guard var scratch = Scratch(byteCounts: planeBytes, stagedBytes) else {
        failure.set()
        return
      }
      let (plane, staged) = (scratch.take(planeBytes), scratch.take(stagedBytes))
      for index in range {
        let (rows, columns) = (rowParts[index / columnParts.parts], columnParts[index % columnParts.parts])
        let (from, fromStride) = source(rows, columns, as: T.self, plane)
        let to = y.pointer + (rows.lowerBound * y.strides[0] + columns.lowerBound * y.strides[1]) * size
        kernel(
          rows.count, columns.count, kh, kw, from, fromStride, 1, weights, isStaged ? staged : to,
          isStaged ? columns.count : y.strides[0], nil, false)
        if isStaged { spread(staged, rows.count, columns.count, as: T.self, to) }
      }
    }
    return !failure.isSet
  }

  private func packedWeights<T: CorrelationScalar>(_ scratch: inout Scratch, as _: T.Type) -> UnsafeMutableRawPointer {
    let weights = scratch.take(kh * kw * MemoryLayout<T>.size)
    T.load(k, 0, 0, rows: kh, columns: kw, into: weights, pitch: kw)
    return weights
  }

  /// Whether the kernels can read all of x where it is, and nothing else.
  private func isReadInPlace<T: CorrelationScalar>(as _: T.Type) -> Bool {
    T.isVectorized && x.dtype == T.dtype && x.strides[1] == 1 && ow / columnParts.parts >= Correlation.widestVector
  }

  /// The rows that a tile needs: where they are if that is possible, converted otherwise.
  private func source<T: CorrelationScalar>(
    _ rows: Range<Int>, _ columns: Range<Int>, as _: T.Type, _ plane: UnsafeMutableRawPointer
  ) -> (UnsafeRawPointer, Int) {
    let (height, width) = (rows.count + kh - 1, columns.count + kw - 1)
    let stride = x.strides[0]
    // Reading beyond the end of a row is only safe where there are more rows behind it.
    let isInside = stride >= Correlation.overreach && rows.lowerBound + height < ih
    if isReadInPlace(as: T.self) || (x.dtype == T.dtype && x.strides[1] == 1 && isInside) {
      return (x.pointer + (rows.lowerBound * stride + columns.lowerBound) * MemoryLayout<T>.size, stride)
    }
    T.load(x, rows.lowerBound, columns.lowerBound, rows: height, columns: width, into: plane, pitch: width)
    return (UnsafeRawPointer(plane), width)
  }

  private func spread<T: CorrelationScalar>(
    _ staged: UnsafeMutableRawPointer, _ rows: Int, _ columns: Int, as _: T.Type, _ target: UnsafeMutableRawPointer
  ) {
    let (from, to) = (staged.assumingMemoryBound(to: T.self), target.assumingMemoryBound(to: T.self))
    for row in 0..<rows {
      for column in 0..<columns {
        to[row * y.strides[0] + column * y.strides[1]] = from[row * columns + column]
      }
    }
  }
}
