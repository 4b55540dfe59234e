import SwiftConvVectorInterface

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// The forms of pooling that networks are made of, in float32 with vectors. Each returns false when it is not for the case,
// or scratch memory cannot be had; nothing that was written then matters.
extension Pooling {
  static func maximumRows(
    _ rows: WindowRows, _ y: UnsafeMutablePointer<Float>, _ indices: UnsafeMutablePointer<Int64>?
  ) -> Bool {
    let kernels = Runtime.vector.pooling
    let columns = rows.geometry.width.outputSize
    return rows.run { row in
      let place = row.number * columns
      if let indices {
        kernels.locate(columns, row.taps, row.source, y + place, row.places, indices + place)
      } else {
        kernels.maximum(columns, row.taps, row.source, y + place)
      }
    }
  }

  /// Longer rows are not for lines of scratch memory.
  private static let longestLine = 1 << 20

  /// The largest elements of regular windows in planes of dense rows: of each column of a row of windows first, into a
  /// line with padding at both ends.
  static func lineMaxima(_ geometry: PoolingGeometry, _ x: Source, _ y: UnsafeMutablePointer<Float>) -> Bool {
    let (height, width, s) = (geometry.height, geometry.width, x.strides)
    guard x.dtype == .float32, geometry.depth.inputSize == 1, geometry.depth.outputSize == 1, height.step <= 64,
      let columns = width.regular, columns.stride == 1 || (columns.stride == 2 && width.step == 1),
      columns.kernel <= 64, width.step <= 64, width.inputSize <= longestLine, width.outputSize <= longestLine,
      width.inputSize == 1 || s[4] == 1, geometry.inputPixels > 0, geometry.outputPixels > 0
    else { return false }
    let kernels = Runtime.vector.pooling
    let used = (width.outputSize - 1) * columns.stride + (columns.kernel - 1) * width.step + 1
    let length = max(used, columns.padding + width.inputSize) + 64
    // Some lines at a time, so that none is read right after it was written.
    let band = max(1, min(8, 4096 / length))
    let failure = FailureFlag()
    let perRow = min(height.span(0), height.inputSize) * width.inputSize + columns.kernel * width.outputSize
    parallelFor(geometry.planes, work: geometry.planes * height.outputSize * (perRow / 8 + 8)) { range in
      guard var scratch = Scratch(byteCounts: band * length * 4) else {
        failure.set()
        return
      }
      let lines = scratch.take(band * length * 4).bindMemory(to: Float.self, capacity: band * length)
      lines.update(repeating: -.infinity, count: band * length)
      for plane in range {
        let image = x.pointer + (plane / geometry.channels * s[0] + plane % geometry.channels * s[1]) * 4
        for first in stride(from: 0, to: height.outputSize, by: band) {
          let count = min(band, height.outputSize - first)
          for line in 0..<count {
            let (start, stop) = (height.start(first + line), height.stop(first + line))
            kernels.columnMaxima(
              (max(stop - start, 0) + height.step - 1) / height.step, height.step * s[3], width.inputSize,
              (image + start * s[3] * 4).assumingMemoryBound(to: Float.self), lines + line * length + columns.padding)
          }
          kernels.lineMaxima(
            count, length, width.outputSize, columns.kernel, width.step, columns.stride == 2, lines,
            y + (plane * height.outputSize + first) * width.outputSize)
        }
      }
    }
    return !failure.isSet
  }

  /// The largest elements of windows of 2 x 2 that touch each other, in dense planes.
  static func pairMaxima(_ geometry: PoolingGeometry, _ x: Source, _ y: UnsafeMutableRawPointer) -> Bool {
    forEachPair(geometry, x, y.assumingMemoryBound(to: Float.self), Runtime.vector.pooling.pairMaxima)
  }

  /// Calls `body` for runs of pairs of rows: how many, their columns, where they begin, and where their results do. False
  /// when windows are not pairs.
  private static func forEachPair(
    _ geometry: PoolingGeometry, _ x: Source, _ y: UnsafeMutablePointer<Float>,
    _ body: (Int, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> Bool {
    let (height, width) = (geometry.height, geometry.width)
    guard x.dtype == .float32, geometry.depth.inputSize == 1, geometry.depth.outputSize == 1, height.isTiled,
      width.isTiled, height.regular?.kernel == 2, width.regular?.kernel == 2, x.isDense(planes: geometry)
    else { return false }
    let from = x.pointer.assumingMemoryBound(to: Float.self)
    let (rows, outputs) = (height.outputSize, geometry.outputPixels)
    // Nothing is left over between planes then, so all of a thread's planes are one run.
    let isSeamless = height.inputSize == 2 * rows && width.inputSize == 2 * width.outputSize
    parallelFor(geometry.planes, work: geometry.planes * (geometry.inputPixels / 8 + 8)) { range in
      let step = isSeamless ? range.count : 1
      for plane in stride(from: range.lowerBound, to: range.upperBound, by: step) {
        body(rows * step, width.inputSize, from + plane * geometry.inputPixels, y + plane * outputs)
      }
    }
    return true
  }

  /// Means of regular windows, and of whole planes.
  static func fastMean(
    _ geometry: PoolingGeometry, _ x: Source, _ y: UnsafeMutableRawPointer, _ countsPadding: Bool, _ divisor: Int
  ) -> Bool {
    let kernels = Runtime.vector.pooling
    let to = y.assumingMemoryBound(to: Float.self)
    if x.dtype == .float32, coversPlanes(geometry), x.isDense(planes: geometry) {
      let share: Float = share(geometry, 0, countsPadding, divisor)
      let (from, pixels) = (x.pointer.assumingMemoryBound(to: Float.self), geometry.inputPixels)
      parallelFor(geometry.planes, work: geometry.planes * (pixels / 8 + 2)) { range in
        kernels.rowMeans(
          range.count, pixels, from + range.lowerBound * pixels, share, to + range.lowerBound)
      }
      return true
    }
    let pairShare: Float = divisor == 0 ? 0.25 : 1 / Float(divisor)
    if forEachPair(geometry, x, to, { kernels.pairMeans($0, $1, $2, pairShare, $3) }) {
      return true
    }
    guard let rows = WindowRows(geometry, x, filler: 0) else { return false }
    let columns = geometry.width.outputSize
    return withShares(geometry, countsPadding, divisor) { shares in
      rows.run { row in
        let share = shares + row.number % geometry.height.outputSize * columns
        kernels.mean(columns, row.taps, row.source, share, to + row.number * columns)
      }
    }
  }

  /// The reverse direction of means, where windows touch each other and nothing is padded, or cover whole planes.
  static func fastSpread(
    _ geometry: PoolingGeometry, _ dy: UnsafeRawPointer, _ dx: UnsafeMutableRawPointer, _ countsPadding: Bool,
    _ divisor: Int
  ) -> Bool {
    let (from, to) = (dy.assumingMemoryBound(to: Float.self), dx.assumingMemoryBound(to: Float.self))
    let pixels = geometry.inputPixels
    let widen = Runtime.vector.pooling.widen
    if coversPlanes(geometry) {
      let share: Float = share(geometry, 0, countsPadding, divisor)
      parallelFor(geometry.planes, work: geometry.planes * (pixels / 8 + 2)) { range in
        withUnsafePointer(to: share) {
          widen(range.count, pixels, from + range.lowerBound, $0, 0, to + range.lowerBound * pixels)
        }
      }
      return true
    }
    guard geometry.depth.inputSize == 1, geometry.depth.outputSize == 1, geometry.height.isTiled,
      geometry.width.isTiled, let rows = geometry.height.regular, let columns = geometry.width.regular
    else { return false }
    let (width, outputs) = (geometry.width.inputSize, geometry.width.outputSize)
    let used = outputs * columns.kernel
    return withShares(geometry, countsPadding, divisor) { shares in
      parallelFor(geometry.planes, work: geometry.planes * pixels / 4) { range in
        for plane in range {
          var target = to + plane * pixels
          for row in 0..<geometry.height.outputSize {
            let place = row * outputs
            widen(outputs, columns.kernel, from + plane * geometry.outputPixels + place, shares + place, 1, target)
            (target + used).update(repeating: 0, count: width - used)
            for copy in 1..<max(rows.kernel, 1) { memcpy(target + copy * width, target, width * 4) }
            target += rows.kernel * width
          }
          target.update(repeating: 0, count: to + (plane + 1) * pixels - target)
        }
      }
      return true
    }
  }

  /// Whether there is one window per plane, and it has all of it and no padding.
  private static func coversPlanes(_ geometry: PoolingGeometry) -> Bool {
    geometry.outputPixels == 1
      && [geometry.depth, geometry.height, geometry.width].allSatisfy {
        $0.step == 1 && $0.start(0) == 0 && $0.stop(0) == $0.inputSize
      }
  }
}

extension PoolingAxis {
  /// Whether windows touch each other and none reaches into padding.
  fileprivate var isTiled: Bool {
    guard let regular, step == 1 || regular.kernel == 1 else { return false }
    return regular.kernel == regular.stride && regular.padding == 0 && outputSize * regular.kernel <= inputSize
  }
}

extension Source {
  /// Whether the planes of a pooling lie one after the other.
  fileprivate func isDense(planes geometry: PoolingGeometry) -> Bool {
    let sizes = [
      geometry.images, geometry.channels, geometry.depth.inputSize, geometry.height.inputSize,
      geometry.width.inputSize,
    ]
    let dense = Dimensions(sizes).denseStrides
    return sizes.indices.allSatisfy { sizes[$0] == 1 || strides[$0] == dense[$0] }
  }
}
