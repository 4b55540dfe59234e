import SwiftConvKernels
import XCTest

/// Random numbers against the generator's definition, and against numbers that JAX gives.
final class RandomTests: XCTestCase {
  static func words(_ count: Int, key: (UInt32, UInt32), second: UInt32? = nil) -> [UInt32] {
    var y = [UInt32](repeating: 0xdead, count: count)
    RandomNumbers.fill(
      &y, count: count, distribution: .bits, low: 0, high: 1, key: key, second: second ?? UInt32((count + 1) / 2))
    return y
  }

  static func numbers(_ count: Int, _ distribution: RandomDistribution, low: Float, high: Float) -> [Float] {
    var y = [Float](repeating: .nan, count: count)
    RandomNumbers.fill(
      &y, count: count, distribution: distribution, low: low, high: high, key: (0, 42),
      second: UInt32((count + 1) / 2))
    return y
  }

  /// The definition of threefry2x32 with 20 rounds.
  static func encrypted(_ counters: (UInt32, UInt32), key: (UInt32, UInt32)) -> (UInt32, UInt32) {
    let rotations: [[UInt32]] = [[13, 15, 26, 6], [17, 29, 16, 24]]
    let keys = [key.0, key.1, key.0 ^ key.1 ^ 0x1bd1_1bda]
    var (x, y) = (counters.0 &+ keys[0], counters.1 &+ keys[1])
    for group in 0..<5 {
      for rotation in rotations[group % 2] {
        x = x &+ y
        y = x ^ ((y << rotation) | (y >> (32 - rotation)))
      }
      x = x &+ keys[(group + 1) % 3]
      y = y &+ keys[(group + 2) % 3] &+ UInt32(group + 1)
    }
    return (x, y)
  }

  func testKnownAnswers() {
    // Random123's first known answer for threefry2x32; jax.random.bits(PRNGKey(7), (5,)); fold_in(PRNGKey(42), 123456789).
    XCTAssertEqual(Self.words(2, key: (0, 0), second: 0), [0x6b20_0159, 0x99ba_4efe])
    XCTAssertEqual(
      Self.words(5, key: (0, 7)), [0x107b_9334, 0x3360_9431, 0xa684_7f6e, 0x61dc_d604, 0xace8_297e])
    XCTAssertEqual(Self.words(2, key: (0, 42), second: 123_456_789), [801_338_215, 1_032_655_946])
  }

  func testEveryCount() {
    let key: (UInt32, UInt32) = (1, 0xffff_fff0)
    for count in [0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 64, 4095, 4096, 4097, 8200, 30_001] {
      let half = (count + 1) / 2
      var wanted = [UInt32](repeating: 0, count: 2 * half)
      for pair in 0..<half {
        let second = half + pair < count ? UInt32(half + pair) : 0
        (wanted[pair], wanted[half + pair]) = Self.encrypted((UInt32(pair), second), key: key)
      }
      XCTAssertEqual(Self.words(count, key: key), Array(wanted.prefix(count)), "\(count)")
    }
  }

  func testDistributions() {
    let below = Float(-1).nextUp
    XCTAssertEqual(
      Self.numbers(5, .uniform, low: 0, high: 1), [0.7298188, 0.8691938, 0.19643795, 0.20818567, 0.18662417])
    XCTAssertEqual(
      Self.numbers(5, .normal, low: below, high: 1), [0.6122652, 1.1225883, -0.8544134, -0.8127325, -0.890405])
    XCTAssertEqual(
      Self.numbers(5, .exponential, low: 0, high: 1), [1.3086625, 2.0340383, 0.21870089, 0.23342834, 0.206562])
    XCTAssertEqual(
      Self.numbers(5, .gumbel, low: .leastNormalMagnitude, high: 1),
      [1.1553129, 1.9647626, -0.48698896, -0.45064557, -0.51799494])
    let many = Self.numbers(4000, .normal, low: below, high: 1)
    XCTAssertEqual(Array(many.suffix(3)), [-0.46336913, -1.1856749, 0.63522184])
    // Far in the tail, where the inverse error function has another polynomial.
    XCTAssertEqual(Self.numbers(100_000, .normal, low: below, high: 1)[80_980], -4.889042)
  }

  func testThreadsDoNotMatter() {
    let threads = Runtime.threadCount
    defer { Runtime.threadCount = threads }
    Runtime.threadCount = 1
    let alone = Self.numbers(100_001, .normal, low: -0.5, high: 0.5)
    Runtime.threadCount = 3
    XCTAssertEqual(Self.numbers(100_001, .normal, low: -0.5, high: 0.5), alone)
  }
}
