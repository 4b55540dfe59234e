import SwiftConvVectorInterface

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a result is cut into tiles for transforms of `height` by `width` numbers, and what that costs.
struct FourierTiles {
  let height, width: Int
  /// In multiplications with addition, as many as a direct sum does in the same time.
  let cost: Double

  /// Kernels are cut into blocks of at most this size, so that the longest transform has room for as many results.
  static let longestKernel = 256
  private static let lengths = [32, 64, 128, 256, 512]

  /// The cheapest tiles for a result of `oh` by `ow` numbers, each the sum over `kh` by `kw` products.
  init(oh: Int, ow: Int, kh: Int, kw: Int) {
    let (kh, kw) = (min(kh, FourierTiles.longestKernel), min(kw, FourierTiles.longestKernel))
    var best = (height: 512, width: 512, cost: Double.infinity)
    for height in FourierTiles.lengths where height >= kh {
      for width in FourierTiles.lengths where width >= kw {
        let tiles = FourierTiles.count(oh, height - kh + 1) * FourierTiles.count(ow, width - kw + 1)
        // Two tiles share a transform, and the kernel's own takes half of what theirs take.
        let transforms = Double((tiles + 1) / 2) + 0.5
        let cost = transforms * FourierTiles.cost(of: height * width)
        if cost < best.cost { best = (height, width, cost) }
      }
    }
    (height, width, cost) = best
  }

  private static func count(_ length: Int, _ part: Int) -> Int { (length + part - 1) / part }

  /// What two tiles of so many elements cost: two loads, transforms along both axes and back, two stores. Measured; four
  /// planes of 128 by 128 stay in the second-level cache, larger ones lose to its latency and to the third level's.
  private static func cost(of area: Int) -> Double {
    let perElement: Double =
      switch area {
      case ...(1 << 12): 175
      case ...(1 << 14): 155
      case ...(1 << 15): 185
      case ...(1 << 16): 220
      case ...(1 << 17): 290
      default: 370
      }
    return perElement * Double(area)
  }
}

/// The types that transforms are computed in.
protocol FourierScalar: CorrelationScalar, BinaryFloatingPoint {
  /// The factors of the passes of all lengths; see `FourierTable`.
  static var fourierTable: FourierTable<Self> { get }
}

extension Float: FourierScalar {
  static let fourierTable = FourierTable<Float>()
}

extension Double: FourierScalar {
  static let fourierTable = FourierTable<Double>()
}

/// The factors that the passes of a transform multiply with, for all lengths up to 512. Those of length n take less than
/// 2n numbers, and begin at number 2n.
struct FourierTable<T: BinaryFloatingPoint & BitwiseCopyable>: @unchecked Sendable {
  private let numbers: UnsafeMutablePointer<T>

  fileprivate init() {
    numbers = .allocate(capacity: 2048)
    numbers.initialize(repeating: 0, count: 2048)
    for length in [16, 32, 64, 128, 256, 512] { fill(length) }
  }

  subscript(length: Int) -> UnsafeRawPointer { UnsafeRawPointer(numbers + 2 * length) }

  private func fill(_ total: Int) {
    var (length, next) = (total, numbers + 2 * total)
    while length > 1 {
      let radix = FourierKernels.radix(length)
      for j in 0..<(length / radix) {
        for r in 1..<radix {
          let angle = -2 * Double.pi * Double(j * r) / Double(length)
          next[0] = T(cos(angle))
          next[1] = T(sin(angle))
          next += 2
        }
      }
      length /= radix
    }
  }
}
