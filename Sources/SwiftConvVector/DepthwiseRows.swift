import SwiftConvVectorInterface

/// The rows of one plane of a source. Rows outside are zeros. Whole vectors may be read anywhere in a row and a little
/// beyond its ends.
struct PlaneRows {
  let first: UnsafeRawPointer
  let count, stride: Int
  let zeros: UnsafeRawPointer

  /// A plane of a source; a copy if what is around it must not be read.
  @inline(__always)
  init<T: BitwiseCopyable>(_: T.Type, _ planes: SourcePlanes, image: Int, plane: Int, zeros: UnsafeRawPointer) {
    let size = MemoryLayout<T>.size
    let start = planes.pointer + (image &* planes.imageStride &+ plane &* planes.planeStride) &* size
    let length = (planes.rows &- 1) &* planes.rowStride &+ planes.columns
    let reach = DepthwiseKernels.reach &* size
    count = planes.rows
    self.zeros = zeros
    if start - reach >= planes.readable.lower, start + length &* size + reach <= planes.readable.upper {
      first = start
      stride = planes.rowStride &* size
    } else {
      let room = planes.scratch + reach
      stride = planes.columns &* size
      for row in 0..<count {
        (room + row &* stride).copyMemory(from: start + row &* planes.rowStride &* size, byteCount: stride)
      }
      first = UnsafeRawPointer(room)
    }
  }

  @inline(__always)
  subscript(row: Int) -> UnsafeRawPointer {
    UInt(bitPattern: row) < UInt(bitPattern: count) ? first + row &* stride : zeros
  }
}

/// Three neighbouring weights of a row, each in all lanes of a vector, or what three neighbouring taps see along a row of a
/// plane, for neighbouring results.
struct Triple<V: SIMD> {
  var x0, x1, x2: V
}

extension Triple where V: Interleaved & BitwiseCopyable, V.Scalar: BinaryFloatingPoint & BitwiseCopyable {
  /// What the taps see. `place` is where the first tap of the first result is.
  @inline(__always)
  init(_ row: UnsafeRawPointer, _ place: Int, step: Int) {
    if step == 1 {
      x0 = row.vector(V.self, at: place)
      x1 = row.vector(V.self, at: place &+ 1)
      x2 = row.vector(V.self, at: place &+ 2)
    } else {
      let (a, b) = (row.vector(V.self, at: place), row.vector(V.self, at: place &+ V.scalarCount))
      x0 = V.evenElements(a, b)
      x1 = V.oddElements(a, b)
      // Element by element the compiler would gather those of the third tap otherwise.
      hideContents(&x0)
      x2 = V.following(x0, row.element(V.Scalar.self, at: place &+ 2 &* V.scalarCount))
    }
  }

  /// The same for step 1, from one vector: right for all results but the last two.
  @inline(__always)
  init(short row: UnsafeRawPointer, _ place: Int) {
    x0 = row.vector(V.self, at: place)
    hideContents(&x0)
    x1 = V.following(x0, x0[0])
    x2 = V.following(x1, x1[0])
  }

  /// Puts zeros where the plane ends.
  @inline(__always)
  mutating func clear(_ inside: TapMasks<V>) {
    x0 = cleared(x0, inside.x0)
    x1 = cleared(x1, inside.x1)
    x2 = cleared(x2, inside.x2)
  }

  /// Puts zeros into the same lanes of all.
  @inline(__always)
  mutating func clear(_ mask: V.MaskStorage) {
    (x0, x1, x2) = (cleared(x0, mask), cleared(x1, mask), cleared(x2, mask))
  }

  /// Adds the products with another triple.
  @inline(__always)
  func addProducts(_ sum: inout V, _ other: Triple<V>) {
    multiplyAdd(&sum, other.x0, x0)
    multiplyAdd(&sum, other.x1, x1)
    multiplyAdd(&sum, other.x2, x2)
  }
}

/// A vector with zeros where the mask is zero.
@inline(__always)
func cleared<V: SIMD>(_ vector: V, _ mask: V.MaskStorage) -> V {
  unsafeBitCast(unsafeBitCast(vector, to: V.MaskStorage.self) & mask, to: V.self)
}

/// For each of three neighbouring taps, which lanes see something inside of a row: -1, and 0 elsewhere.
struct TapMasks<V: SIMD> {
  var x0 = V.MaskStorage()
  var x1 = V.MaskStorage()
  var x2 = V.MaskStorage()

  /// Everything is inside.
  @inline(__always)
  static var all: TapMasks { TapMasks(0, 3 &* V.scalarCount, step: 1, first: 0, end: V.scalarCount) }

  /// `place` is where the first tap of the first result is, in a row of so many columns. Results before `first` and from
  /// `end` on do not count.
  @inline(never)
  init(_ place: Int, _ columns: Int, step: Int, first: Int, end: Int) {
    for lane in first..<min(end, V.scalarCount) {
      let column = place &+ lane &* step
      x0[lane] = column >= 0 && column < columns ? -1 : 0
      x1[lane] = column >= -1 && column < columns &- 1 ? -1 : 0
      x2[lane] = column >= -2 && column < columns &- 2 ? -1 : 0
    }
  }
}

extension TapMasks {
  /// So many rows side by side, each of as many results as there are columns. What is beyond them does not count.
  init(_ place: Int, _ columns: Int, rows: Int) {
    let row = TapMasks(place, columns, step: 1, first: 0, end: columns)
    for lane in 0..<min(rows &* columns, V.scalarCount) {
      let column = lane % columns
      (x0[lane], x1[lane], x2[lane]) = (row.x0[column], row.x1[column], row.x2[column])
    }
  }
}

/// The weights of a plane.
struct TapWeights<V: SIMD> where V.Scalar: BitwiseCopyable {
  let y0, y1, y2: Triple<V>

  @inline(__always)
  init(_ weights: PlaneWeights, _ plane: Int) {
    @inline(__always)
    func row(_ y: Int) -> Triple<V> {
      let place = plane &* weights.planeStride &+ y &* weights.rowStride
      @inline(__always)
      func weight(_ x: Int) -> V {
        V(repeating: UnsafeRawPointer(weights.pointer).element(V.Scalar.self, at: place &+ x &* weights.columnStride))
      }
      return Triple(x0: weight(0), x1: weight(1), x2: weight(2))
    }
    (y0, y1, y2) = (row(0), row(1), row(2))
  }
}

/// Where the results of one plane go. Rows are written as whole vectors in their order, so that what is written beyond a
/// row is overwritten by the next. Where that would reach beyond the planes, results go to scratch memory first.
struct ResultRows {
  let first: UnsafeMutableRawPointer
  let stride: Int
  private let final: UnsafeMutableRawPointer?

  /// `width` is how many elements of a row are written.
  @inline(__always)
  init(_ planes: TargetPlanes, _ index: Int, of count: Int, width: Int, size: Int) {
    let (rows, columns) = (planes.rows, planes.columns)
    let start = planes.pointer + index &* planes.planeStride &* size
    // Elements from here on that are results, and not yet written.
    let isDense = planes.rowStride == columns || rows == 1
    let following = planes.planeStride == rows &* columns ? (count &- index) &* rows &* columns : rows &* columns
    if width <= columns || (isDense && (rows &- 1) &* columns &+ width <= following) {
      (first, stride, final) = (start, planes.rowStride &* size, nil)
    } else {
      (first, stride, final) = (planes.scratch, columns &* size, start)
    }
  }

  @inline(__always)
  subscript(row: Int) -> UnsafeMutableRawPointer { first + row &* stride }

  /// Brings results from scratch memory to where they belong.
  @inline(__always)
  func finish(_ planes: TargetPlanes, size: Int) {
    guard let final else { return }
    for row in 0..<planes.rows {
      (final + row &* planes.rowStride &* size).copyMemory(
        from: first + row &* stride, byteCount: planes.columns &* size)
    }
  }
}

/// The columns at which vectors of results start, when there is more than one: the last overlaps the one before. All
/// paddings are at most 2, and vectors longer, so only the first and the last vector see something outside of the plane.
struct WideColumns {
  let lanes, last: Int

  @inline(__always)
  init(_ columns: Int, lanes: Int) { (self.lanes, last) = (lanes, columns &- lanes) }

  /// The first column between the first and the last vector, if it is less than `last`.
  @inline(__always)
  func next(_ column: Int) -> Int { column &+ lanes < last ? min(column &+ lanes, last &- 2) : last }
}

// The vectors of depthwise kernels, and shorter ones for narrow planes. The longer ones have four elements at least, so that
// the second of a row is clear of the padding.
#if SWIFTCONV_AVX512
  typealias DepthwiseDoubleVector = SIMD8<Double>
  typealias HalfFloatVector = SIMD8<Float>
  typealias HalfDoubleVector = SIMD4<Double>
#else
  typealias DepthwiseDoubleVector = SIMD4<Double>
  typealias HalfFloatVector = SIMD4<Float>
  typealias HalfDoubleVector = SIMD2<Double>
#endif
