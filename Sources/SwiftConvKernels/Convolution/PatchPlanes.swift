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
    let planeBytes = height * pitch * size
    for kz in 0..<source.z.taps {
      for py in source.y.phaseOrigins.indices {
        for px in source.x.phaseOrigins.indices {
          let copy = copy(band, kz, py, px)
          if copy.rows * copy.columns < height * pitch { memset(target + copy.plane * planeBytes, 0, planeBytes) }
          run(copy, target, channel)
        }
      }
    }
  }

  /// What is copied for a band of results: the same for all images and channels.
  func copies(_ band: Band) -> [PlaneCopy] {
    var copies: [PlaneCopy] = []
    for kz in 0..<source.z.taps {
      for py in source.y.phaseOrigins.indices {
        for px in source.x.phaseOrigins.indices { copies.append(copy(band, kz, py, px)) }
      }
    }
    return copies
  }

  /// Copies one channel of one image to planes that are zero where nothing is copied.
  func run(_ copies: [PlaneCopy], _ target: UnsafeMutableRawPointer, image: Int, channel: Int) {
    let from = source.pointer + (image * source.strides[0] + channel * source.strides[1]) * size
    for copy in copies { run(copy, target, from) }
  }

  private func run(_ copy: PlaneCopy, _ target: UnsafeMutableRawPointer, _ channel: UnsafeRawPointer) {
    guard copy.rows > 0, copy.columns > 0 else { return }
    kernels.load(
      copy.rows, copy.columns, channel + copy.from * size, source.y.step * source.strides[3],
      source.x.step * source.strides[4], target + copy.to * size, pitch)
  }

  private func copy(_ band: Band, _ kz: Int, _ py: Int, _ px: Int) -> PlaneCopy {
    let s = source
    let plane = (kz * s.y.phaseOrigins.count + py) * s.x.phaseOrigins.count + px
    let z = band.z * s.z.step + s.z.offsets[kz]
    guard z >= 0, z < s.z.input else { return PlaneCopy(plane: plane, rows: 0, columns: 0, from: 0, to: 0) }
    let rows = s.y.inside(phase: py, first: band.rows.lowerBound, count: band.rows.count + s.y.reach)
    let columns = s.x.inside(phase: px, first: band.columns.lowerBound, count: band.columns.count + s.x.reach)
    let firstY = s.y.phaseOrigins[py] + (band.rows.lowerBound + rows.lowerBound) * s.y.step
    let firstX = s.x.phaseOrigins[px] + (band.columns.lowerBound + columns.lowerBound) * s.x.step
    return PlaneCopy(
      plane: plane, rows: rows.count, columns: columns.count,
      from: z * s.strides[2] + firstY * s.strides[3] + firstX * s.strides[4],
      to: (plane * height + rows.lowerBound) * pitch + columns.lowerBound)
  }
}

/// The part of a source's channel that one plane gets, which is a rectangle.
struct PlaneCopy {
  let plane: Int
  let rows, columns: Int
  /// Its place in the channel, and in the planes.
  let from, to: Int
}

extension PatchAxis {
  /// Whether there is one tap, and it is inside the source for all these results.
  fileprivate func isContained(_ results: Range<Int>) -> Bool {
    guard taps == 1 else { return false }
    return inside(phase: 0, first: results.lowerBound, count: results.count).count == results.count
  }
}
