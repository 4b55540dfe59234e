/// Convolution written as its definition says, one sum per result, in double precision. It is the oracle of the tests,
/// the algorithm `reference`, and what computes very small and very odd convolutions, because it needs no scratch.
enum ReferenceConvolution {
  /// The element types that convolutions have.
  typealias Scalar = BinaryFloatingPoint

  static func forward(_ geometry: ConvolutionGeometry, x: Source, w: Source, bias: Source?, y: Target) {
    if y.dtype == .float64 {
      forward(geometry, x: View<Double>(x), w: View<Double>(w), bias: bias.map(View<Double>.init), y: y)
    } else {
      forward(geometry, x: View<Float>(x), w: View<Float>(w), bias: bias.map(View<Float>.init), y: y)
    }
  }

  static func inputGradient(_ geometry: ConvolutionGeometry, dy: Source, w: Source, dx: Target) {
    if dx.dtype == .float64 {
      inputGradient(geometry, dy: View<Double>(dy), w: View<Double>(w), dx: dx)
    } else {
      inputGradient(geometry, dy: View<Float>(dy), w: View<Float>(w), dx: dx)
    }
  }

  static func weightGradient(_ geometry: ConvolutionGeometry, x: Source, dy: Source, dw: Target) {
    if dw.dtype == .float64 {
      weightGradient(geometry, x: View<Double>(x), dy: View<Double>(dy), dw: dw)
    } else {
      weightGradient(geometry, x: View<Float>(x), dy: View<Float>(dy), dw: dw)
    }
  }

  /// y[n, o] = bias[o] + sum over c and taps of w[o, c, tap] * x[n, c, position * stride + tap * dilation - padding]
  private static func forward<T: Scalar>(
    _ p: ConvolutionGeometry, x: View<T>, w: View<T>, bias: View<T>?, y: Target
  ) {
    let axes = Axes(p)
    let (ic, oc) = (p.icPerGroup, p.ocPerGroup)
    forEachPixel(p.mb, p.oc, p.od, p.oh, p.ow) { n, o, oz, oy, ox in
      var sum = bias.map { Double($0.pointer[o * $0.strides[0]]) } ?? 0
      let group = o / oc
      let (xs, ws) = (x.pointer + n * x.strides[0] + group * ic * x.strides[1], w.pointer + o * w.strides[0])
      for kz in axes.z.taps(at: oz) {
        let z = axes.z.input(oz, kz)
        for ky in axes.y.taps(at: oy) {
          let y = axes.y.input(oy, ky)
          for kx in axes.x.taps(at: ox) {
            var a = xs + z * x.strides[2] + y * x.strides[3] + axes.x.input(ox, kx) * x.strides[4]
            var b = ws + kz * w.strides[2] + ky * w.strides[3] + kx * w.strides[4]
            for _ in 0..<ic {
              sum += Double(a.pointee) * Double(b.pointee)
              a += x.strides[1]
              b += w.strides[1]
            }
          }
        }
      }
      y.store(T(sum), n, o, oz, oy, ox)
    }
  }

  /// dx[n, c, i] = sum over o and taps of w[o, c, tap] * dy[n, o, j] where j * stride + tap * dilation - padding == i
  private static func inputGradient<T: Scalar>(
    _ p: ConvolutionGeometry, dy: View<T>, w: View<T>, dx: Target
  ) {
    let axes = Axes(p)
    let (ic, oc) = (p.icPerGroup, p.ocPerGroup)
    forEachPixel(p.mb, p.ic, p.id, p.ih, p.iw) { n, c, iz, iy, ix in
      var sum = 0.0
      let group = c / ic
      let ys = dy.pointer + n * dy.strides[0] + group * oc * dy.strides[1]
      let ws = w.pointer + group * oc * w.strides[0] + (c - group * ic) * w.strides[1]
      for kz in 0..<p.kd {
        guard let oz = axes.z.output(iz, kz) else { continue }
        for ky in 0..<p.kh {
          guard let oy = axes.y.output(iy, ky) else { continue }
          for kx in 0..<p.kw {
            guard let ox = axes.x.output(ix, kx) else { continue }
            var a = ys + oz * dy.strides[2] + oy * dy.strides[3] + ox * dy.strides[4]
            var b = ws + kz * w.strides[2] + ky * w.strides[3] + kx * w.strides[4]
            for _ in 0..<oc {
              sum += Double(a.pointee) * Double(b.pointee)
              a += dy.strides[1]
              b += w.strides[0]
            }
          }
        }
      }
      dx.store(T(sum), n, c, iz, iy, ix)
    }
  }

  /// dw[o, c, tap] = sum over n and j of dy[n, o, j] * x[n, c, j * stride + tap * dilation - padding]
  private static func weightGradient<T: Scalar>(
    _ p: ConvolutionGeometry, x: View<T>, dy: View<T>, dw: Target
  ) {
    let axes = Axes(p)
    let (ic, oc) = (p.icPerGroup, p.ocPerGroup)
    forEachPixel(p.oc, ic, p.kd, p.kh, p.kw) { o, c, kz, ky, kx in
      var sum = 0.0
      let channel = o / oc * ic + c
      for n in 0..<p.mb {
        let xs = x.pointer + n * x.strides[0] + channel * x.strides[1]
        let ys = dy.pointer + n * dy.strides[0] + o * dy.strides[1]
        for oz in axes.z.positions(of: kz) {
          for oy in axes.y.positions(of: ky) {
            let positions = axes.x.positions(of: kx)
            let xRow = xs + axes.z.input(oz, kz) * x.strides[2] + axes.y.input(oy, ky) * x.strides[3]
            let yRow = ys + oz * dy.strides[2] + oy * dy.strides[3]
            for ox in positions {
              let a = xRow[axes.x.input(ox, kx) * x.strides[4]]
              sum += Double(a) * Double(yRow[ox * dy.strides[4]])
            }
          }
        }
      }
      dw.store(T(sum), o, c, kz, ky, kx)
    }
  }

  private static func forEachPixel(
    _ outer: Int, _ channels: Int, _ depth: Int, _ height: Int, _ width: Int,
    _ body: (Int, Int, Int, Int, Int) -> Void
  ) {
    guard depth > 0, height > 0, width > 0 else { return }
    for n in 0..<outer {
      for c in 0..<channels {
        for z in 0..<depth {
          for y in 0..<height {
            for x in 0..<width { body(n, c, z, y, x) }
          }
        }
      }
    }
  }
}

/// Elements of a known type.
private struct View<T> {
  let pointer: UnsafePointer<T>
  let strides: Dimensions

  init(_ source: Source) {
    pointer = source.pointer.assumingMemoryBound(to: T.self)
    strides = source.strides
  }
}

extension Target {
  @inline(__always)
  fileprivate func store<T>(_ value: T, _ a: Int, _ b: Int, _ c: Int, _ d: Int, _ e: Int) {
    let offset = a * strides[0] + b * strides[1] + c * strides[2] + d * strides[3] + e * strides[4]
    pointer.assumingMemoryBound(to: T.self)[offset] = value
  }
}

/// How positions of the input, the output and the kernel belong together along each axis.
private struct Axes {
  let z, y, x: Axis

  init(_ p: ConvolutionGeometry) {
    z = Axis(input: p.id, output: p.od, kernel: p.kd, stride: p.sd, dilation: p.dd, padding: p.padFront)
    y = Axis(input: p.ih, output: p.oh, kernel: p.kh, stride: p.sh, dilation: p.dh, padding: p.padTop)
    x = Axis(input: p.iw, output: p.ow, kernel: p.kw, stride: p.sw, dilation: p.dw, padding: p.padLeft)
  }
}

private struct Axis {
  let input, output, kernel, stride, dilation, padding: Int

  func input(_ position: Int, _ tap: Int) -> Int { position * stride + tap * dilation - padding }

  /// The taps that fall on the input, not on the padding.
  func taps(at position: Int) -> Range<Int> {
    let first = position * stride - padding
    // Divisions take longer than the sums of small kernels.
    if first >= 0, first + (kernel - 1) * dilation < input { return 0..<kernel }
    return bounded(ceilingDivide(-first, dilation), ceilingDivide(input - first, dilation), kernel)
  }

  /// The positions where a tap falls on the input.
  func positions(of tap: Int) -> Range<Int> {
    let first = tap * dilation - padding
    return bounded(ceilingDivide(-first, stride), ceilingDivide(input - first, stride), output)
  }

  /// The position where the tap falls on this place of the input.
  func output(_ place: Int, _ tap: Int) -> Int? {
    let distance = place + padding - tap * dilation
    if stride == 1 { return distance >= 0 && distance < output ? distance : nil }
    guard distance >= 0, distance % stride == 0 else { return nil }
    let position = distance / stride
    return position < output ? position : nil
  }

  private func bounded(_ low: Int, _ high: Int, _ limit: Int) -> Range<Int> {
    let start = min(max(low, 0), limit)
    return start..<max(min(high, limit), start)
  }
}

/// `a / b` rounded up, for a positive `b`.
func ceilingDivide(_ a: Int, _ b: Int) -> Int { a > 0 ? (a - 1) / b + 1 : -(-a / b) }
