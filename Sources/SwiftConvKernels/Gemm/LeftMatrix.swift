/// The left factor of a product: `rows` times (channel, tap). Element (row, channel, tap) is at
/// `row * rowStride + channel * channelStride + tapOffsets[tap]`, in elements of `size` bytes.
struct LeftMatrix {
  let pointer: UnsafeRawPointer
  let rows: Int
  let rowStride: Int
  let channels: Int
  let channelStride: Int
  let tapOffsets: [Int]
  let size: Int

  var taps: Int { tapOffsets.count }

  /// The distance from one (channel, tap) to the next if that is always the same.
  var depthStride: Int? {
    if taps == 1 { return tapOffsets[0] == 0 ? channelStride : nil }
    let stride = tapOffsets[1]
    for tap in 0..<taps where tapOffsets[tap] != tap * stride { return nil }
    return channels == 1 || channelStride == taps * stride ? stride : nil
  }

  /// Whether runs of neighbouring rows do not drive each other out of the first-level cache.
  var rowsAreApart: Bool { rowStride * size % 4096 != 0 }

  /// Writes rows `rows` and a block of the depth as a panel: for each (channel, tap), the numbers of all rows.
  func pack(rows: Range<Int>, _ block: DepthBlock, into target: UnsafeMutableRawPointer) {
    if size == 4 {
      pack(rows: rows, block, from: UInt32.self, into: target)
    } else {
      pack(rows: rows, block, from: UInt64.self, into: target)
    }
  }

  @inline(__always)
  private func pack<Unit>(
    rows: Range<Int>, _ block: DepthBlock, from _: Unit.Type, into target: UnsafeMutableRawPointer
  ) {
    var out = target.assumingMemoryBound(to: Unit.self)
    let base = pointer.assumingMemoryBound(to: Unit.self) + rows.lowerBound * rowStride
    let count = rows.count
    tapOffsets.withUnsafeBufferPointer { tapOffsets in
      for channel in block.channels {
        for tap in block.taps {
          let from = base + channel * channelStride + tapOffsets[tap]
          for row in 0..<count { out[row] = from[row * rowStride] }
          out += count
        }
      }
    }
  }
}

/// A part of the depth of a product: some channels with all taps, or one channel with some of the taps.
struct DepthBlock {
  let channels: Range<Int>
  let taps: Range<Int>
  /// How many (channel, tap) come in earlier blocks.
  let start: Int

  var count: Int { channels.count * taps.count }
}

/// The depth of a product, cut so that the panels of both factors stay in their caches. Each element of the result is
/// written and read again once per block, so blocks are not small either.
struct DepthBlocks {
  /// A panel of 8 rows and this depth takes 12 KiB in float32: a part of the first-level cache.
  static let target = 384

  private let channelParts: Split
  private let tapParts: Split

  init(channels: Int, taps: Int) {
    if taps > 2 * DepthBlocks.target {
      channelParts = Split(channels, atMost: 1)
      tapParts = Split(taps, atMost: DepthBlocks.target)
    } else {
      channelParts = Split(channels, atMost: max(1, DepthBlocks.target / max(taps, 1)))
      tapParts = Split(taps, parts: 1)
    }
  }

  var count: Int { channelParts.parts * tapParts.parts }
  var longest: Int { channelParts.longest * tapParts.longest }
  var mostChannels: Int { channelParts.longest }

  subscript(index: Int) -> DepthBlock {
    let (channelPart, tapPart) = (index / tapParts.parts, index % tapParts.parts)
    let channels = channelParts[channelPart]
    return DepthBlock(
      channels: channels, taps: tapParts[tapPart],
      start: channels.lowerBound * tapParts.count + channels.count * tapParts.start(tapPart))
  }
}
