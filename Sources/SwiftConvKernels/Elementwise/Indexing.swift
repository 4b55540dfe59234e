#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Blocks of elements at places given by a list of offsets.
public enum Indexing {
  /// `out[i, inner...] = base[offsets[i] + inner...]`.
  ///
  /// - Parameters:
  ///   - offsets: Where the blocks begin, in elements from `base`; `count` of them.
  ///   - innerShape: The size of a block.
  ///   - innerStrides: The strides of a block at `base`.
  ///   - outStride: The distance of blocks in `out`, in elements.
  ///   - outInnerStrides: The strides of a block in `out`.
  public static func gather(
    _ base: UnsafeRawPointer, dtype: DType, offsets: UnsafePointer<Int>, count: Int, innerShape: Dimensions,
    innerStrides: Dimensions, out: UnsafeMutableRawPointer, outStride: Int, outInnerStrides: Dimensions
  ) {
    let size = dtype.size
    let inner = innerShape.product
    let isDenseBlock = isDense(innerShape, innerStrides) && isDense(innerShape, outInnerStrides)
    parallelFor(count, work: count * (5 + inner / 4)) { range in
      for index in range {
        let from = base + offsets[index] * size
        let to = out + index * outStride * size
        if isDenseBlock {
          copyBlock(to, from, inner * size)
        } else {
          Elementwise.convert(
            Source(pointer: from, strides: innerStrides, dtype: dtype),
            into: Target(pointer: to, strides: outInnerStrides, dtype: dtype), shape: innerShape)
        }
      }
    }
  }

  /// `base[offsets[i] + inner...] = values[i, inner...]`, or `+=` when `accumulate`. The blocks are taken in their
  /// order: where they meet, the last one stays, or all are added.
  public static func scatter(
    _ base: UnsafeMutableRawPointer, dtype: DType, offsets: UnsafePointer<Int>, count: Int, innerShape: Dimensions,
    innerStrides: Dimensions, values: UnsafeRawPointer, valueStride: Int, valueInnerStrides: Dimensions,
    accumulate: Bool
  ) {
    let size = dtype.size
    let inner = innerShape.product
    let isDenseBlock = isDense(innerShape, innerStrides) && isDense(innerShape, valueInnerStrides)
    if accumulate, inner == 1, dtype == .float32 {
      addElements(Float.self, base, offsets, count, values, valueStride) { $0 + $1 }
      return
    }
    if accumulate, inner == 1, dtype == .float64 {
      addElements(Double.self, base, offsets, count, values, valueStride) { $0 + $1 }
      return
    }
    for index in 0..<count {
      let to = base + offsets[index] * size
      let from = values + index * valueStride * size
      if isDenseBlock && !accumulate {
        copyBlock(to, from, inner * size)
        continue
      }
      let source = Source(pointer: from, strides: valueInnerStrides, dtype: dtype)
      let target = Target(pointer: to, strides: innerStrides, dtype: dtype)
      if accumulate {
        let old = Source(pointer: to, strides: innerStrides, dtype: dtype)
        Elementwise.binary(.add, old, source, into: target, shape: innerShape)
      } else {
        Elementwise.convert(source, into: target, shape: innerShape)
      }
    }
  }

  @inline(__always)
  private static func addElements<T>(
    _ type: T.Type, _ base: UnsafeMutableRawPointer, _ offsets: UnsafePointer<Int>, _ count: Int,
    _ values: UnsafeRawPointer, _ valueStride: Int, _ add: (T, T) -> T
  ) {
    let (base, values) = (base.assumingMemoryBound(to: T.self), values.assumingMemoryBound(to: T.self))
    for index in 0..<count {
      let place = base + offsets[index]
      place.pointee = add(place.pointee, values[index &* valueStride])
    }
  }

  /// Single elements are the usual case, and not worth a call.
  @inline(__always)
  private static func copyBlock(_ to: UnsafeMutableRawPointer, _ from: UnsafeRawPointer, _ byteCount: Int) {
    switch byteCount {
    case 4: to.storeBytes(of: from.load(as: UInt32.self), as: UInt32.self)
    case 8: to.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
    default: memcpy(to, from, byteCount)
    }
  }
}
