import SwiftConvVectorInterface

/// The gradient of a kernel that is correlated with one plane, by Fourier transforms: itself a correlation, of the plane
/// with the result's gradient, which is cut into tiles whose contributions are added up.
///
/// Two tiles share a transform, one as the real part, one as the imaginary part, of the plane as of the gradient. The
/// product of the one with the other's conjugate has the sum of what both contribute as its real part.
struct FourierWeightGradient<T: FourierScalar> {
  let x: Source
  let ih, iw: Int
  let top, left: Int
  let dy: Source
  let oh, ow: Int
  let dw: Target
  let kh, kw: Int

  private var kernels: ConvolutionKernels { Runtime.kernels(T.dtype) }

  /// False when scratch memory cannot be had; nil, before anything was written, when the result is not finite: then only
  /// direct sums tell which elements are.
  func run() -> Bool? {
    let size = FourierTiles(oh: oh, ow: ow, kh: kh, kw: kw)
    let planes = FourierPlanes<T>(height: size.height, width: size.width)
    let rowParts = Split(oh, atMost: size.height - kh + 1)
    let columnParts = Split(ow, atMost: size.width - kw + 1)
    let tiles = rowParts.parts * columnParts.parts
    let pairs = (tiles + 1) / 2
    // Sums of their own, which are added in order, so that the result does not depend on the number of threads.
    let groups = Split(pairs, parts: min(pairs, 4))
    let planeBytes = planes.spectrumBytes
    guard var shared = Scratch(byteCounts: 2 * planeBytes * groups.parts, 2 * planes.planeBytes) else { return false }
    let sums = shared.take(2 * planeBytes * groups.parts)
    let failure = FailureFlag()
    parallelFor(groups.parts, work: Int(min(size.cost / 32, 0x1p60))) { range in
      guard var scratch = Scratch(byteCounts: 2 * planes.planeBytes, 2 * planeBytes, 2 * planeBytes) else {
        failure.set()
        return
      }
      let space = Workspace(
        planes: scratch.take(2 * planes.planeBytes), first: scratch.take(2 * planeBytes),
        second: scratch.take(2 * planeBytes))
      for group in range {
        let sum = sums + 2 * planeBytes * group
        sum.initializeMemory(as: UInt8.self, repeating: 0, count: 2 * planeBytes)
        for pair in groups[group] {
          let both = [2 * pair, 2 * pair + 1].map { index in
            index < tiles ? (rowParts[index / columnParts.parts], columnParts[index % columnParts.parts]) : nil
          }
          add(both, planes, space, to: sum)
        }
      }
    }
    if failure.isSet { return false }
    for group in 1..<max(groups.parts, 1) { add(sums + 2 * planeBytes * group, to: sums, count: 2 * planeBytes) }
    return finish(sums, planes, shared.take(2 * planes.planeBytes)) ? true : nil
  }

  /// Memory for one pair of tiles: two planes, and the transposed transforms of both factors.
  private struct Workspace {
    let planes, first, second: UnsafeMutableRawPointer
  }

  /// Adds what a pair of tiles contributes, transformed along one axis only.
  private func add(
    _ tiles: [(Range<Int>, Range<Int>)?], _ planes: FourierPlanes<T>, _ space: Workspace,
    to sum: UnsafeMutableRawPointer
  ) {
    let (vertical, horizontal) = (T.fourierTable[planes.height], T.fourierTable[planes.width])
    let both = [space.planes, space.planes + planes.planeBytes]
    let (first, second) = (space.first, space.second)
    for (tile, plane) in zip(tiles, both) {
      guard let (rows, columns) = tile else {
        planes.clear(plane)
        continue
      }
      planes.load(
        x, ih, iw, rows.lowerBound - top, columns.lowerBound - left, rows: rows.count + kh - 1,
        columns: columns.count + kw - 1, into: plane)
    }
    kernels.fourier.forward(
      planes.height, planes.width, both[0], both[1], planes.pitch, vertical, first, first + planes.spectrumBytes,
      planes.turnedPitch)
    for (tile, plane) in zip(tiles, both) {
      guard let (rows, columns) = tile else {
        planes.clear(plane)
        continue
      }
      planes.load(
        dy, oh, ow, rows.lowerBound, columns.lowerBound, rows: rows.count, columns: columns.count, into: plane)
    }
    kernels.fourier.forward(
      planes.height, planes.width, both[0], both[1], planes.pitch, vertical, second, second + planes.spectrumBytes,
      planes.turnedPitch)
    kernels.fourier.transform(
      planes.width, planes.height, second, second + planes.spectrumBytes, planes.turnedPitch, horizontal)
    // With its parts exchanged, a number is its conjugate times i: so the imaginary part is the one that matters.
    kernels.fourier.filter(
      planes.width, planes.height, first, first + planes.spectrumBytes, planes.turnedPitch, horizontal,
      second + planes.spectrumBytes, second)
    add(first, to: sum, count: 2 * planes.spectrumBytes)
  }

  private func add(_ source: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer, count: Int) {
    let (from, to) = (source.assumingMemoryBound(to: T.self), target.assumingMemoryBound(to: T.self))
    for index in 0..<(count / MemoryLayout<T>.size) { to[index] += from[index] }
  }

  /// Undoes the remaining transform and stores the result, if it is finite.
  private func finish(
    _ sum: UnsafeMutableRawPointer, _ planes: FourierPlanes<T>, _ space: UnsafeMutableRawPointer
  ) -> Bool {
    let (re, im) = (space, space + planes.planeBytes)
    let lanes = kernels.gemm.lanes
    kernels.fourier.inverse(
      planes.height, ceilingDivide(kw, lanes) * lanes, sum, sum + planes.spectrumBytes, planes.turnedPitch,
      T.fourierTable[planes.height], re, im, planes.pitch)
    let (numbers, scale) = (im.assumingMemoryBound(to: T.self), 1 / T(planes.height * planes.width))
    guard numbers[0].isFinite else { return false }
    for row in 0..<kh {
      for column in 0..<kw { numbers[row * planes.pitch + column] *= scale }
    }
    kernels.rows.store(kh, kw, im, planes.pitch, dw.pointer, dw.strides[0], dw.strides[1], nil)
    return true
  }
}
