extension ConvolutionGeometry {
  /// Whether Winograd's algorithm computes this convolution: 3x3 taps that are neighbours, and stride 1.
  var isWinogradPossible: Bool {
    kd == 1 && id == 1 && od == 1 && padFront == 0 && kh == 3 && kw == 3 && sh == 1 && sw == 1 && dh == 1 && dw == 1
  }

  /// The forward pass with tiles of `n` by `n`. Nil when that would need too much scratch.
  func winogradForward(n: Int, x: Source, w: Source, bias: Source?, y: Target) -> WinogradProduct? {
    let (kernels, size) = (Runtime.kernels(y.dtype), y.dtype.size)
    let grid = TileGrid(n: n, images: mb, height: oh, width: ow, target: winogradTilesTogether)
    var (readers, writers): ([TileReader], [TileWriter]) = ([], [])
    for group in 0..<g {
      let input = tiled(
        UnsafeMutableRawPointer(mutating: x.pointer), x.strides, group, icPerGroup, ih, iw, size)
      let output = tiled(y.pointer, y.strides, group, ocPerGroup, oh, ow, size)
      readers.append(
        TileReader(grid, input, .input, top: padTop, left: padLeft, kernels: kernels, size: size))
      writers.append(TileWriter(grid: grid, images: output, kernels: kernels, size: size))
    }
    let weights = winogradWeights(
      UnsafeMutableRawPointer(mutating: w.pointer), w.strides, n: n, kernels, size, isRotated: false)
    return WinogradProduct(grid: grid, readers: readers, writers: writers, weights: weights, bias: bias)
  }

  /// The input gradient, which is a forward pass from the results' gradients with the taps turned around.
  func winogradInputGradient(n: Int, dy: Source, w: Source, dx: Target) -> WinogradProduct? {
    let (kernels, size) = (Runtime.kernels(dx.dtype), dx.dtype.size)
    let grid = TileGrid(n: n, images: mb, height: ih, width: iw, target: winogradTilesTogether)
    var (readers, writers): ([TileReader], [TileWriter]) = ([], [])
    for group in 0..<g {
      let input = tiled(
        UnsafeMutableRawPointer(mutating: dy.pointer), dy.strides, group, ocPerGroup, oh, ow, size)
      let output = tiled(dx.pointer, dx.strides, group, icPerGroup, ih, iw, size)
      readers.append(
        TileReader(grid, input, .input, top: 2 - padTop, left: 2 - padLeft, kernels: kernels, size: size))
      writers.append(TileWriter(grid: grid, images: output, kernels: kernels, size: size))
    }
    let weights = winogradWeights(
      UnsafeMutableRawPointer(mutating: w.pointer), w.strides, n: n, kernels, size, isRotated: true)
    return WinogradProduct(grid: grid, readers: readers, writers: writers, weights: weights, bias: nil)
  }

  /// The weight gradient. Nil when that would need too much scratch.
  func winogradWeightGradient(n: Int, x: Source, dy: Source, dw: Target) -> WinogradWeightProduct? {
    let (kernels, size) = (Runtime.kernels(dw.dtype), dw.dtype.size)
    let grid = TileGrid(n: n, images: mb, height: oh, width: ow, target: winogradTilesTogether)
    var (inputs, gradients): ([TileReader], [TileReader]) = ([], [])
    for group in 0..<g {
      let input = tiled(
        UnsafeMutableRawPointer(mutating: x.pointer), x.strides, group, icPerGroup, ih, iw, size)
      let gradient = tiled(
        UnsafeMutableRawPointer(mutating: dy.pointer), dy.strides, group, ocPerGroup, oh, ow, size)
      inputs.append(TileReader(grid, input, .input, top: padTop, left: padLeft, kernels: kernels, size: size))
      gradients.append(TileReader(grid, gradient, .outputGradient, kernels: kernels, size: size))
    }
    let weights = winogradWeights(dw.pointer, dw.strides, n: n, kernels, size, isRotated: false)
    return WinogradWeightProduct(grid: grid, inputs: inputs, gradients: gradients, weights: weights)
  }

  /// How many tiles a block has: enough to use each part of the transformed weight often, few enough for the sums of a
  /// panel to stay in the second-level cache.
  private var winogradTilesTogether: Int { 64 }

  private func tiled(
    _ pointer: UnsafeMutableRawPointer, _ strides: Dimensions, _ group: Int, _ channels: Int, _ height: Int,
    _ width: Int, _ size: Int
  ) -> TiledImages {
    TiledImages(
      pointer + group * channels * strides[1] * size, strides, images: mb, channels: channels, height: height,
      width: width)
  }

  /// The weight of each group. Rotated, it goes from result channels to input channels.
  private func winogradWeights(
    _ pointer: UnsafeMutableRawPointer, _ s: Dimensions, n: Int, _ kernels: ConvolutionKernels, _ size: Int,
    isRotated: Bool
  ) -> [WinogradWeights] {
    let (oc, ic) = (ocPerGroup, icPerGroup)
    let isForward = min(s[0], s[1], min(s[3], s[4])) >= 0
    let last = (oc - 1) * s[0] + (ic - 1) * s[1] + 2 * s[3] + 2 * s[4]
    return (0..<g).map { group in
      WinogradWeights(
        pointer: pointer + group * oc * s[0] * size, rows: isRotated ? ic : oc, channels: isRotated ? oc : ic,
        rowStride: isRotated ? s[1] : s[0], channelStride: isRotated ? s[0] : s[1], tapRowStride: s[3],
        tapStride: s[4], isRotated: isRotated, extent: isForward ? last + 1 : 0, kernels: kernels, size: size, n: n)
    }
  }
}
