// One vector register of floating-point numbers, and the few operations on it that the compiler turns into single
// instructions. Generic SIMD code of the standard library runs lane by lane; only its operations on concrete types are
// instructions. So the protocol names each operation, and the conformances below bind it to the concrete type.

import CPlatform

#if SWIFTCONV_AVX512
  typealias FloatLanes = SIMD16<Float>
  typealias DoubleLanes = SIMD8<Double>
  typealias FloatBits = SIMD16<Int32>
  typealias DoubleBits = SIMD8<Int64>
#elseif SWIFTCONV_AVX2
  typealias FloatLanes = SIMD8<Float>
  typealias DoubleLanes = SIMD4<Double>
  typealias FloatBits = SIMD8<Int32>
  typealias DoubleBits = SIMD4<Int64>
#else
  typealias FloatLanes = SIMD4<Float>
  typealias DoubleLanes = SIMD2<Double>
  typealias FloatBits = SIMD4<Int32>
  typealias DoubleBits = SIMD2<Int64>
#endif

protocol Lanes: BitwiseCopyable {
  associatedtype Scalar: BinaryFloatingPoint
  associatedtype Mask

  static var isDouble: Bool { get }
  /// Numbers in one register.
  static var width: Int { get }
  /// 1.5 · 2^(mantissa bits): adding it moves the integer part of a small number into the lowest bits.
  static var magic: Scalar { get }

  init(repeating value: Scalar)
  subscript(lane: Int) -> Scalar { get set }

  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
  static prefix func - (a: Self) -> Self
  static func .< (a: Self, b: Self) -> Mask
  static func .> (a: Self, b: Self) -> Mask
  static func .== (a: Self, b: Self) -> Mask
  static func .!= (a: Self, b: Self) -> Mask
  func replacing(with other: Self, where mask: Mask) -> Self

  /// `a · b + c`, rounded once where the instruction set can.
  static func multiplyAdd(_ a: Self, _ b: Self, _ c: Self) -> Self
  var magnitude: Self { get }
  var squareRoots: Self { get }
  /// `magnitude`, which is not negative, with the sign bit of `sign`.
  static func copySign(_ magnitude: Self, _ sign: Self) -> Self
  /// 2 to the power `n + k`, for integral `n` and `k` whose sum is within the range of normal numbers. That of a constant
  /// `k` costs nothing.
  static func powerOfTwo(_ n: Self, plus k: Self) -> Self
  /// A positive normal number as `m · 2^k` with `m` in [√½, √2).
  static func split(_ x: Self) -> (k: Self, m: Self)
}

extension Lanes {
  @inline(__always)
  init(_ value: Double) { self.init(repeating: Scalar(value)) }

  /// `a` where the mask holds, else `b`.
  @inline(__always)
  static func choose(_ mask: Mask, _ a: Self, _ b: Self) -> Self { b.replacing(with: a, where: mask) }

  @inline(__always)
  static func load(_ pointer: UnsafeRawPointer, _ index: Int) -> Self {
    pointer.loadUnaligned(fromByteOffset: index &* MemoryLayout<Scalar>.size, as: Self.self)
  }

  /// Stores past the caches, to an address that is a multiple of the register's size. See `sc_stream_end`.
  @inline(__always)
  func stream(_ pointer: UnsafeMutableRawPointer, _ index: Int) {
    (pointer + index &* MemoryLayout<Scalar>.size).stream(self)
  }

  @inline(__always)
  func store(_ pointer: UnsafeMutableRawPointer, _ index: Int) {
    pointer.storeBytes(of: self, toByteOffset: index &* MemoryLayout<Scalar>.size, as: Self.self)
  }

  /// The first `count` lanes from memory. The others are filled with 1, where no function is slow.
  @inline(__always)
  static func loadPart(_ pointer: UnsafeRawPointer, _ index: Int, count: Int, filler: Double = 1) -> Self {
    var result = Self(filler)
    withUnsafeMutableBytes(of: &result) { lanes in
      let source = (pointer + index &* MemoryLayout<Scalar>.size).assumingMemoryBound(to: Scalar.self)
      let target = lanes.baseAddress!.assumingMemoryBound(to: Scalar.self)
      for lane in 0..<count { target[lane] = source[lane] }
    }
    return result
  }

  @inline(__always)
  func storePart(_ pointer: UnsafeMutableRawPointer, _ index: Int, count: Int) {
    withUnsafeBytes(of: self) { lanes in
      let source = lanes.baseAddress!.assumingMemoryBound(to: Scalar.self)
      let target = (pointer + index &* MemoryLayout<Scalar>.size).assumingMemoryBound(to: Scalar.self)
      for lane in 0..<count { target[lane] = source[lane] }
    }
  }

  /// A function that exists for single numbers only, lane by lane.
  @inline(__always)
  func map(_ body: (Scalar) -> Scalar) -> Self {
    var result = self
    for lane in 0..<Self.width { result[lane] = body(self[lane]) }
    return result
  }

  @inline(__always)
  static func map(_ a: Self, _ b: Self, _ body: (Scalar, Scalar) -> Scalar) -> Self {
    var result = a
    for lane in 0..<width { result[lane] = body(a[lane], b[lane]) }
    return result
  }
}

extension FloatLanes: Lanes {
  static var isDouble: Bool { false }
  static var width: Int { scalarCount }
  static var magic: Float { 0x1.8p23 }

  @inline(__always)
  static func multiplyAdd(_ a: Self, _ b: Self, _ c: Self) -> Self {
    #if SWIFTCONV_AVX512 || SWIFTCONV_AVX2 || arch(arm64)
      return c.addingProduct(a, b)
    #else
      return a * b + c
    #endif
  }

  @inline(__always)
  private var bits: FloatBits { unsafeBitCast(self, to: FloatBits.self) }

  @inline(__always)
  var magnitude: Self { unsafeBitCast(bits & FloatBits(repeating: .max), to: Self.self) }

  @inline(__always)
  var squareRoots: Self {
    var roots = self
    withUnsafePointer(to: self) { from in
      withUnsafeMutablePointer(to: &roots) { to in
        #if SWIFTCONV_AVX512
          sc_square_roots_float_64(to, from)
        #elseif SWIFTCONV_AVX2
          sc_square_roots_float_32(to, from)
        #else
          sc_square_roots_float_16(to, from)
        #endif
      }
    }
    return roots
  }

  @inline(__always)
  static func copySign(_ magnitude: Self, _ sign: Self) -> Self {
    unsafeBitCast(magnitude.bits | (sign.bits & FloatBits(repeating: .min)), to: Self.self)
  }

  @inline(__always)
  static func powerOfTwo(_ n: Self, plus k: Self) -> Self {
    let biased = (n + (k + Self(repeating: magic + 127))).bits
    return unsafeBitCast(biased &<< FloatBits(repeating: 23), to: Self.self)
  }

  @inline(__always)
  static func split(_ x: Self) -> (k: Self, m: Self) {
    let one = Float(1).bitPattern
    let low = UInt32(0x3f35_04f3)
    let shifted = x.bits &+ FloatBits(repeating: Int32(truncatingIfNeeded: one &- low))
    let exponent = (shifted &>> FloatBits(repeating: 23)) &- FloatBits(repeating: 127)
    let mantissa = (shifted & FloatBits(repeating: 0x7f_ffff)) &+ FloatBits(repeating: Int32(truncatingIfNeeded: low))
    let biased = exponent &+ FloatBits(repeating: Int32(truncatingIfNeeded: magic.bitPattern))
    return (unsafeBitCast(biased, to: Self.self) - Self(repeating: magic), unsafeBitCast(mantissa, to: Self.self))
  }
}

extension DoubleLanes: Lanes {
  static var isDouble: Bool { true }
  static var width: Int { scalarCount }
  static var magic: Double { 0x1.8p52 }

  @inline(__always)
  static func multiplyAdd(_ a: Self, _ b: Self, _ c: Self) -> Self {
    #if SWIFTCONV_AVX512 || SWIFTCONV_AVX2 || arch(arm64)
      return c.addingProduct(a, b)
    #else
      return a * b + c
    #endif
  }

  @inline(__always)
  private var bits: DoubleBits { unsafeBitCast(self, to: DoubleBits.self) }

  @inline(__always)
  var magnitude: Self { unsafeBitCast(bits & DoubleBits(repeating: .max), to: Self.self) }

  @inline(__always)
  var squareRoots: Self {
    var roots = self
    withUnsafePointer(to: self) { from in
      withUnsafeMutablePointer(to: &roots) { to in
        #if SWIFTCONV_AVX512
          sc_square_roots_double_64(to, from)
        #elseif SWIFTCONV_AVX2
          sc_square_roots_double_32(to, from)
        #else
          sc_square_roots_double_16(to, from)
        #endif
      }
    }
    return roots
  }

  @inline(__always)
  static func copySign(_ magnitude: Self, _ sign: Self) -> Self {
    unsafeBitCast(magnitude.bits | (sign.bits & DoubleBits(repeating: .min)), to: Self.self)
  }

  @inline(__always)
  static func powerOfTwo(_ n: Self, plus k: Self) -> Self {
    let biased = (n + (k + Self(repeating: magic + 1023))).bits
    return unsafeBitCast(biased &<< DoubleBits(repeating: 52), to: Self.self)
  }

  @inline(__always)
  static func split(_ x: Self) -> (k: Self, m: Self) {
    let one = Double(1).bitPattern
    let low = UInt64(0x3fe6_a09e_667f_3bcd)
    let shifted = x.bits &+ DoubleBits(repeating: Int64(truncatingIfNeeded: one &- low))
    let exponent = (shifted &>> DoubleBits(repeating: 52)) &- DoubleBits(repeating: 1023)
    let mantissa =
      (shifted & DoubleBits(repeating: 0xf_ffff_ffff_ffff)) &+ DoubleBits(repeating: Int64(truncatingIfNeeded: low))
    let biased = exponent &+ DoubleBits(repeating: Int64(truncatingIfNeeded: magic.bitPattern))
    return (unsafeBitCast(biased, to: Self.self) - Self(repeating: magic), unsafeBitCast(mantissa, to: Self.self))
  }
}
