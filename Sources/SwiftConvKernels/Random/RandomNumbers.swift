import SwiftConvVectorInterface

/// Random numbers that depend on a key and on nothing else: not on the threads, nor on the instruction set.
public enum RandomNumbers {
  /// Pairs computed at a time: their words stay in the first-level cache until they are numbers.
  private static let block = 2048

  /// Fills memory with `count` random words, or with the float32 numbers that a distribution makes of them.
  ///
  /// The words are pairs of counters, encrypted by threefry2x32: `y[i]` and `y[half + i]` come from the counters `i` and
  /// `second + i`, where `half` is half the count, rounded up. With an odd count the last pair has the second counter 0,
  /// and its second word is left out.
  ///
  /// - Parameters:
  ///   - low, high: The bounds of the uniform numbers that the distribution starts from.
  ///   - key: Two words.
  ///   - second: The second counter of the first pair; `half` gives the counters 0, 1, 2 … in order.
  public static func fill(
    _ y: UnsafeMutableRawPointer, count: Int, distribution: RandomDistribution, low: Float, high: Float,
    key: (UInt32, UInt32), second: UInt32
  ) {
    let half = (count + 1) / 2
    let blocks = (half + block - 1) / block
    let kernels = Runtime.vector.random
    parallelFor(blocks, work: count * 2) { range in
      for index in range {
        let start = index * block
        let pairs = min(block, half - start)
        // Of the last pair of an odd count there is no second word.
        let seconds = min(pairs, count - half - start)
        let (firsts, others) = (y + start * 4, y + (half + start) * 4)
        let counter = UInt32(truncatingIfNeeded: start)
        kernels.encrypt(key.0, key.1, counter, second &+ counter, seconds, firsts, others)
        if seconds < pairs {
          var ignored: UInt32 = 0
          kernels.encrypt(
            key.0, key.1, counter &+ UInt32(truncatingIfNeeded: seconds), 0, 1, firsts + seconds * 4, &ignored)
        }
        kernels.distribute(distribution, low, high, pairs, firsts)
        kernels.distribute(distribution, low, high, seconds, others)
      }
    }
  }
}
