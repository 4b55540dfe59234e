/// What random words become.
public enum RandomDistribution: Int, Sendable {
  /// The words themselves.
  case bits = 0
  /// Equally likely everywhere in [low, high).
  case uniform = 1
  /// Normally distributed: √2 times the inverse error function of uniform numbers in [low, high).
  case normal = 2
  /// Exponentially distributed.
  case exponential = 3
  /// Gumbel-distributed.
  case gumbel = 4
}

/// Random numbers, compiled once per instruction set. Every set gives the same numbers, to the bit.
public struct RandomKernels: Sendable {
  /// Encrypts the pairs of counters `(first + i, second + i)`: the two words of the key, first, second, count, and where
  /// the first and the second words of the pairs go.
  public typealias Encrypt =
    @Sendable (
      UInt32, UInt32, UInt32, UInt32, Int, UnsafeMutableRawPointer, UnsafeMutableRawPointer
    ) -> Void

  /// Makes float32 numbers of words in place: distribution, low, high, count, words.
  public typealias Distribute = @Sendable (RandomDistribution, Float, Float, Int, UnsafeMutableRawPointer) -> Void

  public let encrypt: Encrypt
  public let distribute: Distribute

  public init(encrypt: @escaping Encrypt, distribute: @escaping Distribute) {
    (self.encrypt, self.distribute) = (encrypt, distribute)
  }
}
