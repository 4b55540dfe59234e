/// Where the windows of a pooling lie along one axis: for every output position the input positions it covers.
public struct PoolingAxis: Sendable {
  public let inputSize: Int
  /// The first input position of each window, inside of the input.
  public let starts: [Int]
  /// The end of each window, at most the input's.
  public let stops: [Int]
  /// The distance of neighbours in a window.
  public let step: Int
  /// How many positions each window has when padding counts.
  public let spans: [Int]
  /// What windows of one size at regular distances are made of; nil for windows that cut the input into parts.
  public let regular: (kernel: Int, stride: Int, padding: Int)?

  public var outputSize: Int { starts.count }

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
    var (starts, stops, spans): ([Int], [Int], [Int]) = ([], [], [])
    for position in 0..<count {
      let first = position * stride - padding
      let skipped = first < 0 ? (-first + dilation - 1) / dilation : 0
      let end = first + reach.partialValue + 1
      starts.append(min(first + skipped * dilation, input))
      stops.append(min(end, input))
      spans.append(min(end, input + padding) - first)
    }
    (inputSize, step) = (input, dilation)
    regular = (kernel, stride, padding)
    (self.starts, self.stops, self.spans) = (starts, stops, spans)
  }

  /// Windows that cut the input into `output` parts of nearly equal size.
  public init(adaptiveInput input: Int, output: Int) {
    inputSize = input
    step = 1
    regular = nil
    starts = (0..<output).map { $0 * input / output }
    stops = (0..<output).map { (($0 + 1) * input + output - 1) / output }
    spans = zip(starts, stops).map { $1 - $0 }
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
