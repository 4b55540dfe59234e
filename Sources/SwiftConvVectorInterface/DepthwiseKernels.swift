/// Planes of neighbouring channels that a depthwise kernel reads. Strides count elements; elements of a row are neighbours.
public struct SourcePlanes {
  public var pointer: UnsafeRawPointer
  public var rows, columns: Int
  public var planeStride, rowStride: Int
  /// How far apart images are.
  public var imageStride: Int
  /// Memory that may be read, because there are planes everywhere in it. A plane that is too close to its ends is copied
  /// to `scratch` first.
  public var readable: (lower: UnsafeRawPointer, upper: UnsafeRawPointer)
  /// Room for a plane, with `DepthwiseKernels.reach` elements before and after it that may be read.
  public var scratch: UnsafeMutableRawPointer

  public init(
    pointer: UnsafeRawPointer, rows: Int, columns: Int, planeStride: Int, rowStride: Int, imageStride: Int,
    readable: (lower: UnsafeRawPointer, upper: UnsafeRawPointer), scratch: UnsafeMutableRawPointer
  ) {
    (self.pointer, self.rows, self.columns) = (pointer, rows, columns)
    (self.planeStride, self.rowStride, self.imageStride) = (planeStride, rowStride, imageStride)
    (self.readable, self.scratch) = (readable, scratch)
  }
}

/// Planes of neighbouring channels that a depthwise kernel writes.
public struct TargetPlanes {
  public var pointer: UnsafeMutableRawPointer
  public var rows, columns: Int
  public var planeStride, rowStride: Int
  /// Room for a plane, and `DepthwiseKernels.reach` elements.
  public var scratch: UnsafeMutableRawPointer

  public init(
    pointer: UnsafeMutableRawPointer, rows: Int, columns: Int, planeStride: Int, rowStride: Int,
    scratch: UnsafeMutableRawPointer
  ) {
    (self.pointer, self.rows, self.columns) = (pointer, rows, columns)
    (self.planeStride, self.rowStride, self.scratch) = (planeStride, rowStride, scratch)
  }
}

/// Weights of neighbouring channels, 3 by 3 each; strides of any sign.
public struct PlaneWeights {
  public var pointer: UnsafeMutableRawPointer
  public var planeStride, rowStride, columnStride: Int

  public init(pointer: UnsafeMutableRawPointer, planeStride: Int, rowStride: Int, columnStride: Int) {
    self.pointer = pointer
    (self.planeStride, self.rowStride, self.columnStride) = (planeStride, rowStride, columnStride)
  }
}

/// Depthwise convolutions with 3 by 3 taps, for one element type and one instruction set: each channel has one plane, one
/// set of weights, and one plane of results.
public struct DepthwiseKernels: Sendable {
  /// How many elements before and after a plane may be read.
  public static let reach = 64

  /// How results and places of the source meet: result i and tap k meet at place `i * step + k - padding`.
  public struct Layout: Sendable {
    /// 1 or 2.
    public var step: Int
    /// At most 2.
    public var top, left: Int
    /// Zeros: a row of the source, with `reach` elements before and after it.
    public nonisolated(unsafe) var zeros: UnsafeRawPointer

    public init(step: Int, top: Int, left: Int, zeros: UnsafeRawPointer) {
      (self.step, self.top, self.left, self.zeros) = (step, top, left, zeros)
    }
  }

  /// `target[i, j] = sum of weights[y, x] * source[i * step + y - top, j * step + x - left]`, for so many planes, plus the
  /// plane's number at `bias`, if that is not nil.
  public typealias Correlate =
    @Sendable (
      _ planes: Int, SourcePlanes, PlaneWeights, TargetPlanes, Layout, _ bias: UnsafeRawPointer?, _ biasStride: Int
    ) -> Void

  /// The transpose of that for step 2: `target[i * 2 + y - top, j * 2 + x - left]` is the sum of
  /// `weights[y, x] * source[i, j]`.
  public typealias Spread = @Sendable (_ planes: Int, SourcePlanes, PlaneWeights, TargetPlanes, Layout) -> Void

  /// Sums over images: `target[y, x] = sum of results[i, j] * source[i * step + y - top, j * step + x - left]`, for so
  /// many planes. The target has the form of weights.
  public typealias Products =
    @Sendable (_ planes: Int, _ images: Int, SourcePlanes, _ results: SourcePlanes, Layout, _ target: PlaneWeights) ->
    Void

  public var correlate: Correlate
  public var spread: Spread
  public var products: Products

  public init(correlate: @escaping Correlate, spread: @escaping Spread, products: @escaping Products) {
    (self.correlate, self.spread, self.products) = (correlate, spread, products)
  }
}
