import SwiftConvVectorInterface

extension ConvolutionGeometry {
  /// Whether each result's plane is one plane of the input correlated with one kernel.
  var isPlanewise: Bool {
    icPerGroup == 1 && ocPerGroup == 1 && id == 1 && kd == 1 && od == 1 && padFront == 0 && sh == 1 && sw == 1
      && dh == 1 && dw == 1
  }

  /// Whether transforms of tiles take fewer operations than direct sums; see `CorrelationPlan`.
  var isFourierWorthwhile: Bool {
    isPlanewise && kh * kw > 64
      && CorrelationPlan(oh: oh, ow: ow, kh: kh, kw: kw, dtype: .float32).algorithm == .fourier
  }

  /// The forward pass of such a convolution. False when scratch memory cannot be had.
  func runFourierForward(x: Source, w: Source, bias: Source?, y: Target) -> Bool {
    forEachPlane { image, channel in
      let bias = bias.map { $0.pointer + channel * $0.strides[0] * $0.dtype.size }
      let (x, w, y) = (x.plane(image, channel), w.plane(channel, 0), y.plane(image, channel))
      return y.dtype == .float64
        ? FourierCorrelation<Double>(
          x: x, ih: ih, iw: iw, top: padTop, left: padLeft, bias: bias, k: w, kh: kh, kw: kw, y: y, oh: oh, ow: ow
        ).run()
        : FourierCorrelation<Float>(
          x: x, ih: ih, iw: iw, top: padTop, left: padLeft, bias: bias, k: w, kh: kh, kw: kw, y: y, oh: oh, ow: ow
        ).run()
    }
  }

  /// Its input gradient: a correlation of the result's gradient, with zeros around it, with the kernel turned by half a
  /// turn. False when scratch memory cannot be had.
  func runFourierInputGradient(dy: Source, w: Source, dx: Target) -> Bool {
    let (top, left) = (kh - 1 - padTop, kw - 1 - padLeft)
    return forEachPlane { image, channel in
      let (dy, w, dx) = (dy.plane(image, channel), w.plane(channel, 0).turned(kh, kw), dx.plane(image, channel))
      return dx.dtype == .float64
        ? FourierCorrelation<Double>(
          x: dy, ih: oh, iw: ow, top: top, left: left, k: w, kh: kh, kw: kw, y: dx, oh: ih, ow: iw
        ).run()
        : FourierCorrelation<Float>(
          x: dy, ih: oh, iw: ow, top: top, left: left, k: w, kh: kh, kw: kw, y: dx, oh: ih, ow: iw
        ).run()
    }
  }

  /// Its weight gradient, for one image and kernels that fit one transform. Nil when that is not so, before anything was
  /// written; false when scratch memory cannot be had.
  func runFourierWeightGradient(x: Source, dy: Source, dw: Target) -> Bool? {
    guard mb == 1, max(kh, kw) <= FourierTiles.longestKernel else { return nil }
    for channel in 0..<g {
      let (x, dy, dw) = (x.plane(0, channel), dy.plane(0, channel), dw.plane(channel, 0))
      let done =
        dw.dtype == .float64
        ? FourierWeightGradient<Double>(
          x: x, ih: ih, iw: iw, top: padTop, left: padLeft, dy: dy, oh: oh, ow: ow, dw: dw, kh: kh, kw: kw
        ).run()
        : FourierWeightGradient<Float>(
          x: x, ih: ih, iw: iw, top: padTop, left: padLeft, dy: dy, oh: oh, ow: ow, dw: dw, kh: kh, kw: kw
        ).run()
      if done != true { return done }
    }
    return true
  }

  private func forEachPlane(_ compute: (_ image: Int, _ channel: Int) -> Bool) -> Bool {
    for image in 0..<mb {
      for channel in 0..<g where !compute(image, channel) { return false }
    }
    return true
  }
}

extension Source {
  /// One plane of an array of rank 5.
  fileprivate func plane(_ image: Int, _ channel: Int) -> Source {
    Source(
      pointer: pointer + (image * strides[0] + channel * strides[1]) * dtype.size, strides: [strides[3], strides[4]],
      dtype: dtype)
  }

  /// A plane turned by half a turn.
  fileprivate func turned(_ rows: Int, _ columns: Int) -> Source {
    Source(
      pointer: pointer + ((rows - 1) * strides[0] + (columns - 1) * strides[1]) * dtype.size,
      strides: [-strides[0], -strides[1]], dtype: dtype)
  }
}

extension Target {
  /// One plane of an array of rank 5.
  fileprivate func plane(_ image: Int, _ channel: Int) -> Target {
    Target(
      pointer: pointer + (image * strides[0] + channel * strides[1]) * dtype.size, strides: [strides[3], strides[4]],
      dtype: dtype)
  }
}
