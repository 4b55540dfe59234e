import SwiftConvVectorInterface

/// Transforms of the columns of a plane, as many at a time as a vector has lanes.
///
/// The forward transform takes its input in order and leaves its output in the order in which its passes put it; the
/// inverse undoes the passes one by one. A product of two transforms does not mind the order.
enum FourierColumns<V: SIMD & BitwiseCopyable>
where V.Scalar: FloatingPoint & BitwiseCopyable & ExpressibleByFloatLiteral {
  typealias Complex = ComplexVector<V>

  /// One column of vectors: real and imaginary parts, and how far apart rows are, in bytes.
  struct Column {
    let re, im: UnsafeMutableRawPointer
    let pitch: Int

    @inline(__always)
    subscript(row: Int) -> Complex {
      get { Complex((re + row &* pitch).vector(V.self, at: 0), (im + row &* pitch).vector(V.self, at: 0)) }
      nonmutating set {
        (re + row &* pitch).setVector(newValue.re, at: 0)
        (im + row &* pitch).setVector(newValue.im, at: 0)
      }
    }

    /// The complex conjugates times i.
    @inline(__always)
    var swapped: Column { Column(re: im, im: re, pitch: pitch) }
  }

  @inline(__always)
  private static func twiddle(_ table: UnsafeRawPointer, _ index: Int) -> Complex {
    Complex(
      V(repeating: table.element(V.Scalar.self, at: 2 &* index)),
      V(repeating: table.element(V.Scalar.self, at: 2 &* index &+ 1)))
  }

  /// One pass of the forward transform: blocks of `length` numbers become `radix` blocks each.
  @inline(__always)
  private static func decimate<B: Butterfly>(
    _: B.Type, _ column: Column, _ rows: Int, _ length: Int, _ table: UnsafeRawPointer
  ) where B.V == V {
    let part = length / B.radix
    for j in 0..<part {
      let factors = table + j &* (B.radix &- 1) &* 2 &* MemoryLayout<V.Scalar>.size
      var first = j
      while first < rows {
        var x = InlineArray<8, Complex> { _ in Complex(.zero, .zero) }
        for r in 0..<B.radix { x[r] = column[first &+ r &* part] }
        B.transform(&x)
        column[first] = x[0]
        for r in 1..<B.radix { column[first &+ r &* part] = part == 1 ? x[r] : x[r] * twiddle(factors, r &- 1) }
        first &+= length
      }
    }
  }

  /// Undoes `decimate` on swapped columns, except for a factor.
  @inline(__always)
  private static func assemble<B: Butterfly>(
    _: B.Type, _ column: Column, _ rows: Int, _ length: Int, _ table: UnsafeRawPointer
  ) where B.V == V {
    let part = length / B.radix
    for j in 0..<part {
      let factors = table + j &* (B.radix &- 1) &* 2 &* MemoryLayout<V.Scalar>.size
      var first = j
      while first < rows {
        var x = InlineArray<8, Complex> { _ in Complex(.zero, .zero) }
        x[0] = column[first]
        for r in 1..<B.radix {
          let value = column[first &+ r &* part]
          x[r] = part == 1 ? value : value * twiddle(factors, r &- 1)
        }
        B.transform(&x)
        for r in 0..<B.radix { column[first &+ r &* part] = x[r] }
        first &+= length
      }
    }
  }

  /// Transforms one column of vectors. `table` has the factors of all passes, one pass after the other.
  @inline(never)
  static func forward(_ column: Column, _ rows: Int, _ table: UnsafeRawPointer) {
    var (length, table) = (rows, table)
    while length > 1 {
      let radix = FourierKernels.radix(length)
      if radix == 8 {
        decimate(Radix8<V>.self, column, rows, length, table)
      } else {
        decimate(Radix4<V>.self, column, rows, length, table)
      }
      table += (length &- length / radix) &* 2 &* MemoryLayout<V.Scalar>.size
      length /= radix
    }
  }

  /// Undoes `forward`, except for a factor of `rows`.
  static func inverse(_ column: Column, _ rows: Int, _ table: UnsafeRawPointer) {
    undo(column.swapped, rows, rows, table)
  }

  @inline(never)
  private static func undo(_ column: Column, _ rows: Int, _ length: Int, _ table: UnsafeRawPointer) {
    let radix = FourierKernels.radix(length)
    if length > radix {
      let rest = table + (length &- length / radix) &* 2 &* MemoryLayout<V.Scalar>.size
      undo(column, rows, length / radix, rest)
    }
    if radix == 8 {
      assemble(Radix8<V>.self, column, rows, length, table)
    } else {
      assemble(Radix4<V>.self, column, rows, length, table)
    }
  }
}
