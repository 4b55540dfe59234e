/// Copies of bands of an image with zeros where the image ends, one plane per channel and tap of the z axis. Unlike
/// `PatchPlanes`, they are not taken apart into phases: a product that reads single numbers from them can step over what
/// the stride leaves out.
struct PaddedPlanes {
  let geometry: ConvolutionGeometry
  /// The bands of y that one filling serves.
  let bands: BandPlan
  private let planes: PatchPlanes

  init?(_ geometry: ConvolutionGeometry, x: Source, channels: Int, positions: Int, kernels: RowKernels) {
    let (p, size) = (geometry, x.dtype.size)
    self.geometry = p
    let axes = p.forwardAxes
    bands = BandPlan(images: p.mb, z: p.od, y: axes.y, x: axes.x, target: positions)
    let (height, width) = (
      PaddedPlanes.extent(bands.mostRows, p.sh, p.kh, p.dh), PaddedPlanes.extent(bands.mostColumns, p.sw, p.kw, p.dw)
    )
    guard Double(height) * Double(width) * Double(p.kd * channels * bands.bandsPerBlock) <= 0x1p22 else { return nil }
    let source = PatchSource(
      pointer: x.pointer, strides: x.strides, z: axes.z,
      y: PatchAxis(outputs: height, input: p.ih, step: 1, offsets: [-p.padTop]),
      x: PatchAxis(outputs: width, input: p.iw, step: 1, offsets: [-p.padLeft]))
    planes = PatchPlanes(source, rows: height, columns: width, kernels: kernels, size: size)
    bandStride = channels * planes.channelStride
    var taps: [Int] = []
    taps.reserveCapacity(channels * p.taps)
    for channel in 0..<channels {
      for kz in 0..<p.kd {
        let plane = channel * planes.channelStride + kz * planes.height * planes.pitch
        for ky in 0..<p.kh {
          for kx in 0..<p.kw { taps.append(plane + ky * p.dh * planes.pitch + kx * p.dw) }
        }
      }
    }
    tapOffsets = taps
  }

  /// Where each (channel, tap) is, seen from a position.
  let tapOffsets: [Int]
  /// How far the planes of the bands of a block are apart.
  private let bandStride: Int

  var elementCount: Int { bandStride * bands.bandsPerBlock }
  var positionCount: Int { bands.bandsPerBlock * bands.mostRows * bands.mostColumns }

  /// How many places so many positions of a kernel cover.
  private static func extent(_ positions: Int, _ stride: Int, _ kernel: Int, _ dilation: Int) -> Int {
    (positions - 1) * stride + (kernel - 1) * dilation + 1
  }

  /// Copies what a block needs of some channels, and lists where its positions are. Returns how many there are.
  func fill(
    _ target: UnsafeMutableRawPointer, _ positions: UnsafeMutablePointer<Int>, _ block: Int, channels: Range<Int>
  ) -> Int {
    let p = geometry
    var count = 0
    for index in 0..<bands.bandCount(block) {
      let band = bands.band(block, index)
      let (top, left) = (band.rows.lowerBound * p.sh, band.columns.lowerBound * p.sw)
      let height = PaddedPlanes.extent(band.rows.count, p.sh, p.kh, p.dh)
      let width = PaddedPlanes.extent(band.columns.count, p.sw, p.kw, p.dw)
      planes.fill(
        target + index * bandStride * planes.size,
        Band(image: band.image, z: band.z, rows: top..<(top + height), columns: left..<(left + width)),
        channels: channels)
      for row in 0..<band.rows.count {
        let line = index * bandStride + row * p.sh * planes.pitch
        for column in 0..<band.columns.count { positions[count + column] = line + column * p.sw }
        count += band.columns.count
      }
    }
    return count
  }
}
