#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a convolution reads: images of channels of up to three spatial axes, at any strides.
struct PatchSource {
  let pointer: UnsafeRawPointer
  /// In elements: image, channel, z, y, x.
  let strides: Dimensions
  let z, y, x: PatchAxis
}

/// A rectangle of results of one image and one slice.
struct Band {
  let image, z: Int
  let rows, columns: Range<Int>
}

/// Copies of the parts of some channels that a band of results needs, with zeros where the source ends and taken apart
/// into phases, so that a tap is a plain offset. For each channel, each tap of the z axis, and each pair of phases there
/// is a plane of `height` times `pitch` elements.
struct PatchPlanes {
  let source: PatchSource
  let height, pitch: Int
  let channelStride: Int
  let kernels: RowKernels
  let size: Int
  /// How far from its result a tap is, in a channel's planes.
  let tapOffsets: [Int]

  /// Planes for bands of at most `rows` times `columns` results.
  init(_ source: PatchSource, rows: Int, columns: Int, kernels: RowKernels, size: Int) {
    self.source = source
    self.kernels = kernels
    self.size = size
    let (z, y, x) = (source.z, source.y, source.x)
    let (height, pitch) = (rows + y.reach, columns + x.reach)
    (self.height, self.pitch) = (height, pitch)
    let (ny, nx) = (y.phaseOrigins.count, x.phaseOrigins.count)
    channelStride = z.taps * ny * nx * height * pitch
    var offsets: [Int] = []
    offsets.reserveCapacity(z.taps * y.taps * x.taps)
    for kz in 0..<z.taps {
      for ky in 0..<y.taps {
        let row = (kz * ny + y.phases[ky]) * nx
        for kx in 0..<x.taps {
          offsets.append((row + x.phases[kx]) * height * pitch + y.shifts[ky] * pitch + x.shifts[kx])
        }
      }
    }
    tapOffsets = offsets
  }

  /// Copies what a band needs of some channels.
  func fill(_ target: UnsafeMutableRawPointer, _ band: Band, channels: Range<Int>) {
    let s = source
    let image = s.pointer + band.image * s.strides[0] * size
    if channelStride == band.columns.count, s.x.isContained(band.columns), s.y.isContained(band.rows),
      s.z.isContained(band.z..<(band.z + 1))
    {
      // One row per channel and nothing to pad: all channels are one rectangle.
      let first = origin(of: band, image, channels.lowerBound)
      kernels.load(
        channels.count, band.columns.count, first, s.strides[1], s.x.step * s.strides[4], target, channelStride)
      return
    }
    for channel in channels {
      let plane = target + (channel - channels.lowerBound) * channelStride * size
      fillChannel(plane, band, image + channel * s.strides[1] * size)
    }
  }

  private func origin(of band: Band, _ image: UnsafeRawPointer, _ channel: Int) -> UnsafeRawPointer {
    let s = source
    let place =
      channel * s.strides[1] + (band.z * s.z.step + s.z.offsets[0]) * s.strides[2]
      + (band.rows.lowerBound * s.y.step + s.y.offsets[0]) * s.strides[3]
      + (band.columns.lowerBound * s.x.step + s.x.offsets[0]) * s.strides[4]
    return image + place * size
  }

  private func fillChannel(_ target: UnsafeMutableRawPointer, _ band: Band, _ channel: UnsafeRawPointer) {
    let s = source
    let (ny, nx) = (s.y.phaseOrigins.count, s.x.phaseOrigins.count)
    let planeBytes = height * pitch * size
    for kz in 0..<s.z.taps {
      let slice = target + kz * ny * nx * planeBytes
      let z = band.z * s.z.step + s.z.offsets[kz]
      guard z >= 0, z < s.z.input else {
        memset(slice, 0, ny * nx * planeBytes)
        continue
      }
      for py in 0..<ny {
        for px in 0..<nx {
          fillPlane(slice + (py * nx + px) * planeBytes, band, channel + z * s.strides[2] * size, py, px)
        }
      }
    }
  }

  private func fillPlane(
    _ target: UnsafeMutableRawPointer, _ band: Band, _ slice: UnsafeRawPointer, _ py: Int, _ px: Int
  ) {
    let (y, x) = (source.y, source.x)
    let rows = y.inside(phase: py, first: band.rows.lowerBound, count: band.rows.count + y.reach)
    let columns = x.inside(phase: px, first: band.columns.lowerBound, count: band.columns.count + x.reach)
    if rows.count < height || columns.count < pitch { memset(target, 0, height * pitch * size) }
    guard !rows.isEmpty, !columns.isEmpty else { return }
    let firstY = y.phaseOrigins[py] + (band.rows.lowerBound + rows.lowerBound) * y.step
    let firstX = x.phaseOrigins[px] + (band.columns.lowerBound + columns.lowerBound) * x.step
    kernels.load(
      rows.count, columns.count, slice + (firstY * source.strides[3] + firstX * source.strides[4]) * size,
      y.step * source.strides[3], x.step * source.strides[4],
      target + (rows.lowerBound * pitch + columns.lowerBound) * size, pitch)
  }
}

extension PatchAxis {
  /// Whether there is one tap, and it is inside the source for all these results.
  fileprivate func isContained(_ results: Range<Int>) -> Bool {
    guard taps == 1 else { return false }
    return inside(phase: 0, first: results.lowerBound, count: results.count).count == results.count
  }
}
