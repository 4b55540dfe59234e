/// The sizes of one convolution, in the letters that oneDNN uses. Forward, input gradient and weight gradient share one
/// value, so a gradient never works out a padding of its own.
///
/// One- and two-dimensional convolutions are three-dimensional ones whose leading spatial axes have size 1.
public struct ConvolutionGeometry: Equatable, Sendable {
  /// Images in the batch, groups, and channels over all groups.
  public var mb, g, ic, oc: Int
  /// Depth, height and width of the input, the kernel and the output.
  public var id, ih, iw, kd, kh, kw, od, oh, ow: Int
  public var sd, sh, sw: Int
  /// Dilation; 1 means that the kernel's taps are neighbours.
  public var dd, dh, dw: Int
  public var padFront, padTop, padLeft: Int
  public var padBack, padBottom, padRight: Int

  public init(
    mb: Int, g: Int, ic: Int, oc: Int, id: Int, ih: Int, iw: Int, kd: Int, kh: Int, kw: Int, od: Int, oh: Int, ow: Int,
    sd: Int, sh: Int, sw: Int, dd: Int, dh: Int, dw: Int, padFront: Int, padTop: Int, padLeft: Int, padBack: Int,
    padBottom: Int, padRight: Int
  ) {
    (self.mb, self.g, self.ic, self.oc) = (mb, g, ic, oc)
    (self.id, self.ih, self.iw) = (id, ih, iw)
    (self.kd, self.kh, self.kw) = (kd, kh, kw)
    (self.od, self.oh, self.ow) = (od, oh, ow)
    (self.sd, self.sh, self.sw) = (sd, sh, sw)
    (self.dd, self.dh, self.dw) = (dd, dh, dw)
    (self.padFront, self.padTop, self.padLeft) = (padFront, padTop, padLeft)
    (self.padBack, self.padBottom, self.padRight) = (padBack, padBottom, padRight)
  }

  /// How many positions a kernel has along one axis: `(input + padding - dilation * (kernel - 1) - 1) / stride + 1`,
  /// rounded down. It is zero or negative when the kernel is larger than the padded input.
  ///
  /// - Returns: nil when the sizes are not meaningful (`kernel`, `stride` or `dilation` below 1, `input` below 0) or the
  ///   arithmetic overflows.
  public static func outputSize(
    input: Int, kernel: Int, stride: Int, dilation: Int, padBefore: Int, padAfter: Int
  ) -> Int? {
    guard input >= 0, kernel >= 1, stride >= 1, dilation >= 1 else { return nil }
    let (padding, overflow1) = padBefore.addingReportingOverflow(padAfter)
    let (padded, overflow2) = input.addingReportingOverflow(padding)
    let (reach, overflow3) = dilation.multipliedReportingOverflow(by: kernel - 1)
    let (room, overflow4) = padded.subtractingReportingOverflow(reach)
    let (free, overflow5) = room.subtractingReportingOverflow(1)
    if overflow1 || overflow2 || overflow3 || overflow4 || overflow5 { return nil }
    // Swift divides toward zero; a kernel that does not fit must not count as one position.
    return free < 0 ? (free &- (stride &- 1)) / stride &+ 1 : free / stride + 1
  }

  /// Input channels that one output channel sees.
  var icPerGroup: Int { g > 0 ? ic / g : 0 }
  var ocPerGroup: Int { g > 0 ? oc / g : 0 }

  /// Positions of the kernel: output elements per image and channel.
  var outputPixels: Int { max(od, 0) * max(oh, 0) * max(ow, 0) }
  var inputPixels: Int { id * ih * iw }
  var taps: Int { kd * kh * kw }

  /// Multiplications and additions of the forward pass, padding counted; `Int.max` when that does not fit.
  public var flops: Int {
    if od <= 0 || oh <= 0 || ow <= 0 || mb == 0 || oc == 0 || icPerGroup == 0 { return 0 }
    var (result, overflows) = (2, false)
    func multiply(by factor: Int) {
      let (product, overflow) = result.multipliedReportingOverflow(by: factor)
      (result, overflows) = (product, overflows || overflow)
    }
    multiply(by: mb)
    multiply(by: oc)
    multiply(by: od)
    multiply(by: oh)
    multiply(by: ow)
    multiply(by: icPerGroup)
    multiply(by: kd)
    multiply(by: kh)
    multiply(by: kw)
    return overflows ? Int.max : result
  }
}
