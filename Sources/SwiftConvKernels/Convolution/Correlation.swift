extension Convolution {
  /// The correlation of one plane with one kernel, without padding: `y[i, j] = sum of k[a, b] * x[i + a, j + b]`.
  ///
  /// x (ih, iw) and k (kh, kw) may have any element type; the sums are taken and written in the type of y (ih - kh + 1,
  /// iw - kw + 1), which is int64, float32 or float64. Integers wrap.
  ///
  /// - Returns: false when scratch memory cannot be had.
  public static func correlate2D(x: Source, ih: Int, iw: Int, k: Source, kh: Int, kw: Int, y: Target) -> Bool {
    let (oh, ow) = (ih - kh + 1, iw - kw + 1)
    guard oh > 0, ow > 0, kh > 0, kw > 0 else { return true }
    // Less than it takes to set up anything better.
    let (area, overflow) = kh.multipliedReportingOverflow(by: kw)
    let isSmall = !overflow && Double(oh) * Double(ow) * Double(area) < 1000
    let correlation = Correlation(x: x, ih: ih, k: k, kh: kh, kw: kw, y: y, oh: oh, ow: ow)
    if isSmall || !correlation.isScratchModest {
      ReferenceCorrelation.correlate2D(x: x, k: k, kh: kh, kw: kw, y: y, oh: oh, ow: ow)
      return true
    }
    return switch y.dtype {
    case .float32: correlation.run(Float.self, kernel: Runtime.kernels(.float32).rows.correlate)
    case .float64: correlation.run(Double.self, kernel: Runtime.kernels(.float64).rows.correlate)
    default: correlation.run(Int64.self, kernel: correlateIntegers)
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
  private var rowParts: Split { Split(oh, atMost: max(16, 2 * kh)) }
  private var columnParts: Split { Split(ow, atMost: max(2048, 2 * kw)) }
  private var pitch: Int { columnParts.longest + kw - 1 }
  private var tileHeight: Int { rowParts.longest + kh - 1 }

  /// Kernels may read this far beyond a row's end.
  private static let overreach = 32

  /// Whether tiles stay within some ten megabytes.
  var isScratchModest: Bool {
    guard kh <= 1 << 20, kw <= 1 << 20 else { return false }
    return Double(pitch) * Double(tileHeight) <= Double(4 << 20)
  }

  func run<T: CorrelationScalar>(_: T.Type, kernel: @escaping RowKernels.Correlate) -> Bool {
    let size = MemoryLayout<T>.size
    let (rowParts, columnParts) = (rowParts, columnParts)
    guard var shared = Scratch(byteCounts: kh * kw * size) else { return false }
    let weights = shared.take(kh * kw * size)
    load(k, 0, 0, rows: kh, columns: kw, as: T.self, into: weights, pitch: kw)
    let isStaged = y.strides[1] != 1
    let planeBytes = (tileHeight * pitch + Correlation.overreach) * size
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

  /// The rows that a tile needs: where they are if that is possible, converted otherwise.
  private func source<T: CorrelationScalar>(
    _ rows: Range<Int>, _ columns: Range<Int>, as _: T.Type, _ plane: UnsafeMutableRawPointer
  ) -> (UnsafeRawPointer, Int) {
    let (height, width) = (rows.count + kh - 1, columns.count + kw - 1)
    let stride = x.strides[0]
    // Reading beyond the end of a row is only safe where there are more rows behind it.
    let isInside = stride >= Correlation.overreach && rows.lowerBound + height < ih
    if x.dtype == T.dtype, x.strides[1] == 1, isInside {
      return (x.pointer + (rows.lowerBound * stride + columns.lowerBound) * MemoryLayout<T>.size, stride)
    }
    load(x, rows.lowerBound, columns.lowerBound, rows: height, columns: width, as: T.self, into: plane, pitch: width)
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

  /// Copies and converts a rectangle.
  private func load<T: CorrelationScalar>(
    _ source: Source, _ firstRow: Int, _ firstColumn: Int, rows: Int, columns: Int, as _: T.Type,
    into target: UnsafeMutableRawPointer, pitch: Int
  ) {
    let first = firstRow * source.strides[0] + firstColumn * source.strides[1]
    let from = source.pointer + first * source.dtype.size
    let to = target.assumingMemoryBound(to: T.self)
    func convert<S>(_: S.Type, _ value: (S) -> T) {
      let from = from.assumingMemoryBound(to: S.self)
      for row in 0..<rows {
        let line = from + row * source.strides[0]
        for column in 0..<columns { to[row * pitch + column] = value(line[column * source.strides[1]]) }
      }
    }
    switch source.dtype {
    case .bool: convert(UInt8.self) { T(truncatingInteger: $0 == 0 ? 0 : 1) }
    case .uint8: convert(UInt8.self) { T(truncatingInteger: Int64($0)) }
    case .int32: convert(Int32.self) { T(truncatingInteger: Int64($0)) }
    case .int64: convert(Int64.self) { T(truncatingInteger: $0) }
    case .float32: convert(Float.self) { T(number: Double($0)) }
    case .float64: convert(Double.self) { T(number: $0) }
    }
  }
}

/// The types that correlations are computed in.
private protocol CorrelationScalar: BitwiseCopyable {
  static var dtype: DType { get }
  static var isVectorized: Bool { get }
  init(truncatingInteger: Int64)
  init(number: Double)
}

extension Float: CorrelationScalar {
  fileprivate static var dtype: DType { .float32 }
  fileprivate static var isVectorized: Bool { true }
  fileprivate init(truncatingInteger value: Int64) { self = Float(value) }
  fileprivate init(number: Double) { self = Float(number) }
}

extension Double: CorrelationScalar {
  fileprivate static var dtype: DType { .float64 }
  fileprivate static var isVectorized: Bool { true }
  fileprivate init(truncatingInteger value: Int64) { self = Double(value) }
  fileprivate init(number: Double) { self = number }
}

extension Int64: CorrelationScalar {
  fileprivate static var dtype: DType { .int64 }
  fileprivate static var isVectorized: Bool { false }
  fileprivate init(truncatingInteger value: Int64) { self = value }
  /// Results are integers only if both operands are.
  fileprivate init(number: Double) { self = Int64(exactly: number.rounded(.towardZero)) ?? 0 }
}
