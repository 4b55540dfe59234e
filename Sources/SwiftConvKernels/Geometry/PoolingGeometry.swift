/// Where the windows of a pooling lie along one axis. Nothing is stored per window: there may be more than memory holds.
public struct PoolingAxis: Sendable {
  public let inputSize: Int
  public let outputSize: Int
  /// The distance of neighbours in a window.
  public let step: Int
  /// What windows of one size at regular distances are made of; nil for windows that cut the input into parts.
  public let regular: (kernel: Int, stride: Int, padding: Int)?
  /// From the first to the last element of a regular window.
  private let reach: Int

  /// Windows of one size at regular distances.
  ///
  /// - Parameter roundsUp: whether a last window that does not fit entirely counts, as long as it starts inside of the
  ///   input or the padding before it.
  /// - Returns: nil when no window fits, or the arithmetic overflows.
  public init?(
    input: Int, kernel: Int, stride: Int, padding: Int, dilation: Int, roundsUp: Bool
  ) {
    let reach = (kernel - 1).multipliedReportingOverflow(by: dilation)
    guard !reach.overflow, input < Int.max / 4, padding < Int.max / 4, reach.partialValue < Int.max / 4 else {
      return nil
    }
    let room = input + 2 * padding - reach.partialValue - 1
    guard room >= 0 || (roundsUp && room + stride > 0) else { return nil }
    var count = max(room, 0) / stride + 1
    if room < 0 { count = 1 }
    if roundsUp && room > 0 && room % stride != 0 { count += 1 }
    // A window must not begin in the padding behind the input.
    if roundsUp && (count - 1) * stride >= input + padding { count -= 1 }
    guard count > 0 else { return nil }
    (inputSize, outputSize, step) = (input, count, dilation)
    (regular, self.reach) = ((kernel, stride, padding), reach.partialValue)
  }

  /// Windows that cut the input into `output` parts of nearly equal size. The product of both must fit an `Int`.
  public init(adaptiveInput input: Int, output: Int) {
    (inputSize, outputSize, step) = (input, output, 1)
    (regular, reach) = (nil, 0)
  }

  /// The first input position of a window, inside of the input.
  @inline(__always)
  public func start(_ window: Int) -> Int {
    guard let regular else { return window * inputSize / outputSize }
    let first = window * regular.stride - regular.padding
    let skipped = first < 0 ? (step - 1 - first) / step : 0
    return min(first + skipped * step, inputSize)
  }

  /// The end of a window, at most the input's.
  @inline(__always)
  public func stop(_ window: Int) -> Int {
    guard let regular else { return ((window + 1) * inputSize + outputSize - 1) / outputSize }
    return min(window * regular.stride - regular.padding + reach + 1, inputSize)
  }

  /// How many positions a window has when padding counts.
  public func span(_ window: Int) -> Int {
    guard let regular else { return stop(window) - start(window) }
    let first = window * regular.stride - regular.padding
    return min(first + reach + 1, inputSize + regular.padding) - first
  }

  /// Whether some window has no element of the input: all of it is padding.
  public var hasEmptyWindow: Bool {
    guard let regular, outputSize > 0 else { return false }
    if start(outputSize - 1) >= stop(outputSize - 1) { return true }
    // Before the input lie only windows whose taps step over all of it.
    guard inputSize < step else { return inputSize == 0 }
    let early = min((regular.padding - 1) / regular.stride + 1, outputSize)
    return (0..<early).contains { start($0) >= stop($0) }
  }
}

/// The windows of a pooling over images, volumes or sequences: one list per spatial axis. Missing axes have size 1.
public struct PoolingGeometry: Sendable {
  public let images: Int
  public let channels: Int
  public let depth: PoolingAxis
  public let height: PoolingAxis
  public let width: PoolingAxis

  public init(images: Int, channels: Int, depth: PoolingAxis, height: PoolingAxis, width: PoolingAxis) {
    (self.images, self.channels) = (images, channels)
    (self.depth, self.height, self.width) = (depth, height, width)
  }

  public var planes: Int { images * channels }
  public var inputPixels: Int { depth.inputSize * height.inputSize * width.inputSize }
  public var outputPixels: Int { depth.outputSize * height.outputSize * width.outputSize }
}
