import SwiftConvKernels

/// Random numbers of a key: `bits` in int32, the distributions in float32.
///
/// - Attributes: integers: the distribution, the two words of the key, the second counter of the first pair, the shape;
///   numbers: the bounds of the uniform numbers underneath.
enum Threefry: Operator {
  static let name = "threefry"
  static let arity = 0

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let code = try reader.int()
    let words = [try reader.int(), try reader.int(), try reader.int()]
    let shape = try reader.dimensions()
    let (low, high) = (try reader.double(), try reader.double())
    guard let distribution = RandomDistribution(rawValue: code) else {
      throw TensorError.value("threefry: there is no distribution \(code)")
    }
    let (key0, key1, second) = (UInt32(exactly: words[0]), UInt32(exactly: words[1]), UInt32(exactly: words[2]))
    guard let key0, let key1, let second else {
      throw TensorError.value("threefry: \(words) are not three words of 32 bits")
    }
    for size in shape where size < 0 { throw TensorError.value("threefry: shape \(shape) has a negative size") }
    let result = try call.result(shape, distribution == .bits ? .int32 : .float32)
    guard result.count >> 32 == 0 else {
      throw TensorError.value("threefry: shape \(shape) has more elements than counters of 32 bits")
    }
    let (resultTarget, resultCount) = (result.target, result.count)
    compute(work: result.count) {
      RandomNumbers.fill(
        resultTarget.pointer, count: resultCount, distribution: distribution, low: Float(low), high: Float(high),
        key: (key0, key1), second: second)
    }
    return result
  }
}
