/// Convolutions that take less time than it takes to set up anything better: plain loops over the arrays where they are,
/// with neither scratch nor lists. The forward pass and both gradients are the same walk over all products of an element of
/// x with an element of w that an element of y is made of; they differ in which of the three they add to.
struct SmallConvolution<T: BinaryFloatingPoint & SIMDScalar & BitwiseCopyable> {
  let geometry: ConvolutionGeometry
  let x, w, y: UnsafeMutablePointer<T>
  let xStrides, wStrides, yStrides: Dimensions

  /// One tap of the kernel along one row of y, where it does not fall on the padding.
  private struct Row {
    let x, w, y: UnsafeMutablePointer<T>
    let count, xStride, yStride: Int
  }

  func forward(bias: Source?) {
    let p = geometry
    for image in 0..<p.mb {
      for channel in 0..<p.oc {
        let start = bias.map { $0.pointer.assumingMemoryBound(to: T.self)[channel * $0.strides[0]] } ?? 0
        fill(y + image * yStrides[0] + channel * yStrides[1], yStrides, p.od, p.oh, p.ow, with: start)
      }
    }
    forEachRow { row in
      SmallConvolution.add(row.w.pointee, row.x, row.xStride, to: row.y, row.yStride, row.count)
    }
  }

  func inputGradient() {
    let p = geometry
    for image in 0..<p.mb {
      for channel in 0..<p.ic {
        fill(x + image * xStrides[0] + channel * xStrides[1], xStrides, p.id, p.ih, p.iw, with: 0)
      }
    }
    forEachRow { row in
      SmallConvolution.add(row.w.pointee, row.y, row.yStride, to: row.x, row.xStride, row.count)
    }
  }

  func weightGradient() {
    let p = geometry
    for channel in 0..<p.oc {
      for input in 0..<p.icPerGroup {
        fill(w + channel * wStrides[0] + input * wStrides[1], wStrides, p.kd, p.kh, p.kw, with: 0)
      }
    }
    forEachRow { row in
      row.w.pointee += SmallConvolution.product(row.x, row.xStride, row.y, row.yStride, row.count)
    }
  }

  /// The sum of the products of two rows.
  @inline(__always)
  private static func product(
    _ x: UnsafeMutablePointer<T>, _ xStride: Int, _ y: UnsafeMutablePointer<T>, _ yStride: Int, _ count: Int
  ) -> T {
    var (sum, index) = (T.zero, 0)
    if xStride == 1, yStride == 1, count >= 4 {
      var sums = SIMD4<T>.zero
      while index &+ 4 <= count {
        let (x, y) = (UnsafeRawPointer(x + index), UnsafeRawPointer(y + index))
        sums += x.loadUnaligned(as: SIMD4<T>.self) * y.loadUnaligned(as: SIMD4<T>.self)
        index &+= 4
      }
      sum = (sums[0] + sums[1]) + (sums[2] + sums[3])
    }
    while index < count {
      sum += x[index &* xStride] * y[index &* yStride]
      index &+= 1
    }
    return sum
  }

  /// Adds the multiple of a row to another one, which shares no memory with it.
  @inline(__always)
  private static func add(
    _ factor: T, _ x: UnsafeMutablePointer<T>, _ xStride: Int, to y: UnsafeMutablePointer<T>, _ yStride: Int,
    _ count: Int
  ) {
    guard xStride == 1, yStride == 1 else {
      for index in 0..<count { y[index &* yStride] += factor * x[index &* xStride] }
      return
    }
    var index = 0
    while index &+ 4 <= count {
      let (y, x) = (UnsafeMutableRawPointer(y + index), UnsafeRawPointer(x + index))
      let sum = y.loadUnaligned(as: SIMD4<T>.self) + factor * x.loadUnaligned(as: SIMD4<T>.self)
      y.storeBytes(of: sum, as: SIMD4<T>.self)
      index &+= 4
    }
    while index < count {
      y[index] += factor * x[index]
      index &+= 1
    }
  }

  @inline(__always)
  private func fill(
    _ target: UnsafeMutablePointer<T>, _ strides: Dimensions, _ depth: Int, _ height: Int, _ width: Int, with value: T
  ) {
    if strides[4] == 1, height == 1 || strides[3] == width, depth == 1 || strides[2] == height &* width {
      return SmallConvolution.fill(target, depth &* height &* width, with: value)
    }
    for z in 0..<depth {
      for row in 0..<height {
        let line = target + (z &* strides[2] &+ row &* strides[3])
        if strides[4] == 1 {
          SmallConvolution.fill(line, width, with: value)
        } else {
          for column in 0..<width { line[column &* strides[4]] = value }
        }
      }
    }
  }

  @inline(__always)
  private static func fill(_ row: UnsafeMutablePointer<T>, _ count: Int, with value: T) {
    var index = 0
    while index &+ 4 <= count {
      UnsafeMutableRawPointer(row + index).storeBytes(of: SIMD4(repeating: value), as: SIMD4<T>.self)
      index &+= 4
    }
    while index < count {
      row[index] = value
      index &+= 1
    }
  }

  @inline(__always)
  private func forEachRow(_ body: (Row) -> Void) {
    let p = geometry
    let (ic, oc) = (p.icPerGroup, p.ocPerGroup)
    for image in 0..<p.mb {
      for channel in 0..<p.oc {
        for input in 0..<ic {
          let plane = x + (image &* xStrides[0] &+ (channel / oc &* ic &+ input) &* xStrides[1])
          let kernel = w + (channel &* wStrides[0] &+ input &* wStrides[1])
          let result = y + (image &* yStrides[0] &+ channel &* yStrides[1])
          forEachRow(plane, kernel, result, body)
        }
      }
    }
  }

  /// The rows of one plane of x, one kernel and one plane of y.
  @inline(__always)
  private func forEachRow(
    _ x: UnsafeMutablePointer<T>, _ w: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<T>, _ body: (Row) -> Void
  ) {
    let p = geometry
    for kz in 0..<p.kd {
      let zs = positions(tap: kz &* p.dd &- p.padFront, p.sd, p.id, p.od)
      for ky in 0..<p.kh {
        let ys = positions(tap: ky &* p.dh &- p.padTop, p.sh, p.ih, p.oh)
        for kx in 0..<p.kw {
          let firstX = kx &* p.dw &- p.padLeft
          let xs = positions(tap: firstX, p.sw, p.iw, p.ow)
          let weight = w + (kz &* wStrides[2] &+ ky &* wStrides[3] &+ kx &* wStrides[4])
          for oz in zs {
            let z = oz &* p.sd &+ kz &* p.dd &- p.padFront
            for oy in ys {
              let row = oy &* p.sh &+ ky &* p.dh &- p.padTop
              let column = xs.lowerBound &* p.sw &+ firstX
              body(
                Row(
                  x: x + (z &* xStrides[2] &+ row &* xStrides[3] &+ column &* xStrides[4]), w: weight,
                  y: y + (oz &* yStrides[2] &+ oy &* yStrides[3] &+ xs.lowerBound &* yStrides[4]), count: xs.count,
                  xStride: p.sw &* xStrides[4], yStride: yStrides[4]))
            }
          }
        }
      }
    }
  }

  /// The positions along one axis where a tap falls on x, of which it sees place `position * stride + tap`.
  @inline(__always)
  private func positions(tap: Int, _ stride: Int, _ input: Int, _ output: Int) -> Range<Int> {
    // Divisions take longer than the sums of small kernels.
    if tap >= 0, tap &+ (output &- 1) &* stride < input { return 0..<output }
    let low = min(max(stride == 1 ? -tap : ceilingDivide(-tap, stride), 0), output)
    return low..<max(min(stride == 1 ? input &- tap : ceilingDivide(input &- tap, stride), output), low)
  }
}

extension ConvolutionGeometry {
  func runSmallForward(x: Source, w: Source, bias: Source?, y: Target) {
    if y.dtype == .float64 {
      small(Double.self, x: x.target, w: w.target, y: y).forward(bias: bias)
    } else {
      small(Float.self, x: x.target, w: w.target, y: y).forward(bias: bias)
    }
  }

  func runSmallInputGradient(dy: Source, w: Source, dx: Target) {
    if dx.dtype == .float64 {
      small(Double.self, x: dx, w: w.target, y: dy.target).inputGradient()
    } else {
      small(Float.self, x: dx, w: w.target, y: dy.target).inputGradient()
    }
  }

  func runSmallWeightGradient(x: Source, dy: Source, dw: Target) {
    if dw.dtype == .float64 {
      small(Double.self, x: x.target, w: dw, y: dy.target).weightGradient()
    } else {
      small(Float.self, x: x.target, w: dw, y: dy.target).weightGradient()
    }
  }

  @inline(__always)
  private func small<T: SIMDScalar & BitwiseCopyable>(_: T.Type, x: Target, w: Target, y: Target) -> SmallConvolution<T>
  {
    SmallConvolution(
      geometry: self, x: x.pointer.assumingMemoryBound(to: T.self), w: w.pointer.assumingMemoryBound(to: T.self),
      y: y.pointer.assumingMemoryBound(to: T.self), xStrides: x.strides, wStrides: w.strides, yStrides: y.strides)
  }
}

extension Source {
  /// The same memory, for a walk that writes to one of its arrays and reads the others.
  fileprivate var target: Target {
    Target(pointer: UnsafeMutableRawPointer(mutating: pointer), strides: strides, dtype: dtype)
  }
}
