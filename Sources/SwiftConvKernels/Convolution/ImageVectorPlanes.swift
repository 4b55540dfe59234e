#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Copies of a few images, with zeros around them, in which each pixel is a vector: its lanes are the images. So vectors are
/// full however short a row of an image is, and neighbouring places are neighbouring vectors.
struct ImageVectorPlanes {
  let channels, height, width: Int
  let top, left: Int
  /// The size of a plane, zeros included.
  let planeHeight, pitch: Int
  let lanes, size: Int
  private let source: Source
  private let kernels: RowKernels

  /// - Returns: nil when the images' pixels do not follow each other in memory, or are fewer than a vector has lanes.
  init?(
    _ source: Source, channels: Int, height: Int, width: Int, top: Int, bottom: Int, left: Int, right: Int,
    kernels: ConvolutionKernels
  ) {
    let s = source.strides
    guard top >= 0, bottom >= 0, left >= 0, right >= 0, max(top, bottom, left, right) <= 1 << 12,
      height * width >= kernels.gemm.lanes, isDense([channels, height, width], [s[1], s[3], s[4]])
    else { return nil }
    (self.source, self.kernels) = (source, kernels.rows)
    (self.channels, self.height, self.width) = (channels, height, width)
    (self.top, self.left) = (top, left)
    (planeHeight, pitch) = (height + top + bottom, width + left + right)
    (lanes, size) = (kernels.gemm.lanes, source.dtype.size)
  }

  private var isPadded: Bool { planeHeight > height || pitch > width }
  var byteCount: Int { channels * planeHeight * pitch * lanes * size }
  /// What `fill` needs on the way.
  var lineBytes: Int { isPadded ? height * width * lanes * size : 0 }
  /// About how many clock cycles a call of `fill` takes.
  var cost: Int { channels * height * width * (isPadded ? 6 : 4) }

  /// Copies some channels of some images, at most as many as there are lanes, to planes that are zero where nothing is
  /// copied. Lanes without an image become zero.
  func fill(
    _ target: UnsafeMutableRawPointer, _ line: UnsafeMutableRawPointer, images: Range<Int>, firstChannel: Int
  ) {
    let s = source.strides
    let from = source.pointer + (images.lowerBound * s[0] + firstChannel * s[1]) * size
    guard isPadded else {
      kernels.transpose(images.count, channels * height * width, from, s[0], target, lanes, true)
      return
    }
    for channel in 0..<channels {
      kernels.transpose(images.count, height * width, from + channel * s[1] * size, s[0], line, lanes, true)
      let plane = target + ((channel * planeHeight + top) * pitch + left) * lanes * size
      for row in 0..<height {
        memcpy(plane + row * pitch * lanes * size, line + row * width * lanes * size, width * lanes * size)
      }
    }
  }
}

extension ConvolutionGeometry {
  /// Whether vectors may run along the images: steps of 1 in two dimensions, and not much more lanes than images.
  func isSuitedToImageVectors(_ lanes: Int) -> Bool {
    let blocks = ceilingDivide(mb, lanes)
    return taps > 1 && kd == 1 && id == 1 && sh == 1 && sw == 1 && 4 * blocks * lanes <= 5 * mb
  }
}
