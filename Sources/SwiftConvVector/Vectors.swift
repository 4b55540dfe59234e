import CPlatform

/// The vectors of the instruction set that this copy of the module is compiled for.
#if SWIFTCONV_AVX512
  typealias FloatVector = SIMD16<Float>
  typealias DoubleVector = SIMD8<Double>
#elseif SWIFTCONV_AVX2
  typealias FloatVector = SIMD8<Float>
  typealias DoubleVector = SIMD4<Double>
#else
  typealias FloatVector = SIMD4<Float>
  typealias DoubleVector = SIMD2<Double>
#endif

/// A vector that can be put together from every second element of two others.
protocol Interleaved: SIMD {
  static func evenElements(_ a: Self, _ b: Self) -> Self
  static func oddElements(_ a: Self, _ b: Self) -> Self
  /// The even elements of the first, the odd ones of the second.
  static func evenAndOddElements(_ a: Self, _ b: Self) -> Self
  /// All elements but the first, and another one after them.
  static func following(_ a: Self, _ last: Scalar) -> Self
}

extension SIMD2: Interleaved {
  @inline(__always)
  static func evenElements(_ a: Self, _ b: Self) -> Self { Self(a[0], b[0]) }

  @inline(__always)
  static func oddElements(_ a: Self, _ b: Self) -> Self { Self(a[1], b[1]) }

  @inline(__always)
  static func evenAndOddElements(_ a: Self, _ b: Self) -> Self { Self(a[0], b[1]) }

  @inline(__always)
  static func following(_ a: Self, _ last: Scalar) -> Self { Self(a[1], last) }
}

extension SIMD4: Interleaved {
  @inline(__always)
  static func evenElements(_ a: Self, _ b: Self) -> Self { Self(lowHalf: a.evenHalf, highHalf: b.evenHalf) }

  @inline(__always)
  static func oddElements(_ a: Self, _ b: Self) -> Self { Self(lowHalf: a.oddHalf, highHalf: b.oddHalf) }

  @inline(__always)
  static func evenAndOddElements(_ a: Self, _ b: Self) -> Self { Self(lowHalf: a.evenHalf, highHalf: b.oddHalf) }

  @inline(__always)
  static func following(_ a: Self, _ last: Scalar) -> Self { Self(a[1], a[2], a[3], last) }
}

extension SIMD8: Interleaved {
  @inline(__always)
  static func evenElements(_ a: Self, _ b: Self) -> Self { Self(lowHalf: a.evenHalf, highHalf: b.evenHalf) }

  @inline(__always)
  static func oddElements(_ a: Self, _ b: Self) -> Self { Self(lowHalf: a.oddHalf, highHalf: b.oddHalf) }

  @inline(__always)
  static func evenAndOddElements(_ a: Self, _ b: Self) -> Self { Self(lowHalf: a.evenHalf, highHalf: b.oddHalf) }

  @inline(__always)
  static func following(_ a: Self, _ last: Scalar) -> Self { Self(a[1], a[2], a[3], a[4], a[5], a[6], a[7], last) }
}

extension SIMD16: Interleaved {
  @inline(__always)
  static func evenElements(_ a: Self, _ b: Self) -> Self { Self(lowHalf: a.evenHalf, highHalf: b.evenHalf) }

  @inline(__always)
  static func oddElements(_ a: Self, _ b: Self) -> Self { Self(lowHalf: a.oddHalf, highHalf: b.oddHalf) }

  @inline(__always)
  static func evenAndOddElements(_ a: Self, _ b: Self) -> Self { Self(lowHalf: a.evenHalf, highHalf: b.oddHalf) }

  @inline(__always)
  static func following(_ a: Self, _ last: Scalar) -> Self {
    Self(
      a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13], a[14], a[15], last)
  }
}

/// A vector that can be put together from the elements of two others in turn.
protocol Zipped: SIMD {
  /// The first halves of both: one element of a, one of b, and so on.
  static func zipLow(_ a: Self, _ b: Self) -> Self
  /// The second halves.
  static func zipHigh(_ a: Self, _ b: Self) -> Self
}

extension SIMD2: Zipped {
  @inline(__always)
  static func zipLow(_ a: Self, _ b: Self) -> Self { Self(a[0], b[0]) }

  @inline(__always)
  static func zipHigh(_ a: Self, _ b: Self) -> Self { Self(a[1], b[1]) }
}

extension SIMD4: Zipped {
  @inline(__always)
  static func zipLow(_ a: Self, _ b: Self) -> Self {
    var zipped = Self()
    (zipped.evenHalf, zipped.oddHalf) = (a.lowHalf, b.lowHalf)
    return zipped
  }

  @inline(__always)
  static func zipHigh(_ a: Self, _ b: Self) -> Self {
    var zipped = Self()
    (zipped.evenHalf, zipped.oddHalf) = (a.highHalf, b.highHalf)
    return zipped
  }
}

extension SIMD8: Zipped {
  @inline(__always)
  static func zipLow(_ a: Self, _ b: Self) -> Self {
    var zipped = Self()
    (zipped.evenHalf, zipped.oddHalf) = (a.lowHalf, b.lowHalf)
    return zipped
  }

  @inline(__always)
  static func zipHigh(_ a: Self, _ b: Self) -> Self {
    var zipped = Self()
    (zipped.evenHalf, zipped.oddHalf) = (a.highHalf, b.highHalf)
    return zipped
  }
}

extension SIMD16: Zipped {
  @inline(__always)
  static func zipLow(_ a: Self, _ b: Self) -> Self {
    var zipped = Self()
    (zipped.evenHalf, zipped.oddHalf) = (a.lowHalf, b.lowHalf)
    return zipped
  }

  @inline(__always)
  static func zipHigh(_ a: Self, _ b: Self) -> Self {
    var zipped = Self()
    (zipped.evenHalf, zipped.oddHalf) = (a.highHalf, b.highHalf)
    return zipped
  }
}

/// `sum += a * b`, fused where the CPU can: a fused product on a CPU without it becomes a call of a library function.
@inline(__always)
func multiplyAdd<V: SIMD>(_ sum: inout V, _ a: V, _ b: V) where V.Scalar: FloatingPoint {
  #if SWIFTCONV_AVX512 || SWIFTCONV_AVX2 || arch(arm64)
    sum.addProduct(a, b)
  #else
    sum += a * b
  #endif
}

/// See `sc_opaque_16`. Does nothing for vectors longer than a register.
@inline(__always)
func hideContents<V: SIMD & BitwiseCopyable>(_ vector: inout V) {
  let size = MemoryLayout<V>.size
  if size == 16 { sc_opaque_16(&vector) }
  #if SWIFTCONV_AVX512 || SWIFTCONV_AVX2
    if size == 32 { sc_opaque_32(&vector) }
  #endif
  #if SWIFTCONV_AVX512
    if size == 64 { sc_opaque_64(&vector) }
  #endif
}

extension UnsafeRawPointer {
  /// The vector that starts at an element.
  @inline(__always)
  func vector<V: SIMD & BitwiseCopyable>(_ type: V.Type, at element: Int) -> V {
    loadUnaligned(fromByteOffset: element &* MemoryLayout<V.Scalar>.size, as: type)
  }

  @inline(__always)
  func element<T: BitwiseCopyable>(_ type: T.Type, at element: Int) -> T {
    load(fromByteOffset: element &* MemoryLayout<T>.size, as: type)
  }
}

extension UnsafeMutableRawPointer {
  @inline(__always)
  func vector<V: SIMD & BitwiseCopyable>(_ type: V.Type, at element: Int) -> V {
    UnsafeRawPointer(self).vector(type, at: element)
  }

  @inline(__always)
  func setVector<V: SIMD & BitwiseCopyable>(_ vector: V, at element: Int) {
    storeBytes(of: vector, toByteOffset: element &* MemoryLayout<V.Scalar>.size, as: V.self)
  }

  /// Writes past the caches, to an address that is a multiple of the vector's size. See `sc_stream_end`.
  @inline(__always)
  func streamVector<V: SIMD & BitwiseCopyable>(_ vector: V, at element: Int) {
    (self + element &* MemoryLayout<V.Scalar>.size).stream(vector)
  }

  /// Writes a register past the caches.
  @inline(__always)
  func stream<T: BitwiseCopyable>(_ register: T) {
    withUnsafePointer(to: register) { value in
      #if SWIFTCONV_AVX512
        sc_stream_64(self, value)
      #elseif SWIFTCONV_AVX2
        sc_stream_32(self, value)
      #else
        sc_stream_16(self, value)
      #endif
    }
  }

  @inline(__always)
  func setElement<T: BitwiseCopyable>(_ value: T, at element: Int) {
    storeBytes(of: value, toByteOffset: element &* MemoryLayout<T>.size, as: T.self)
  }
}
