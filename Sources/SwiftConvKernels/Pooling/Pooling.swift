import SwiftConvVectorInterface

/// Pooling: the largest element, or the mean, of every window. Tensors are `(N, C, D, H, W)`; one plane is the pixels of
/// one channel of one image.
///
/// Results and gradients of results are dense; inputs may have any strides. Planes are divided among the threads, so
/// results do not depend on their number.
public enum Pooling {
  /// The largest element of every window, and where it is in its plane (the first of equal ones; not-a-number wins).
  /// Without `indices` the places are left out, which takes half the time.
  public static func maximum(
    _ geometry: PoolingGeometry, x: Source, y: UnsafeMutableRawPointer, indices: UnsafeMutablePointer<Int64>?
  ) {
    if indices == nil,
      pairMaxima(geometry, x, y) || lineMaxima(geometry, x, y.assumingMemoryBound(to: Float.self))
    {
      return
    }
    if let rows = WindowRows(geometry, x, filler: -.infinity),
      maximumRows(rows, y.assumingMemoryBound(to: Float.self), indices)
    {
      return
    }
    switch x.dtype {
    case .float64: maximum(geometry, x, y.assumingMemoryBound(to: Double.self), indices)
    default: maximum(geometry, x, y.assumingMemoryBound(to: Float.self), indices)
    }
  }

  /// The mean of every window.
  ///
  /// - Parameters:
  ///   - countsPadding: whether padding counts as elements of value 0.
  ///   - divisor: divides every sum instead of the number of elements, unless it is 0.
  public static func mean(
    _ geometry: PoolingGeometry, x: Source, y: UnsafeMutableRawPointer, countsPadding: Bool, divisor: Int
  ) {
    if fastMean(geometry, x, y, countsPadding, divisor) { return }
    switch x.dtype {
    case .float64: mean(geometry, x, y.assumingMemoryBound(to: Double.self), countsPadding, divisor)
    default: mean(geometry, x, y.assumingMemoryBound(to: Float.self), countsPadding, divisor)
    }
  }

  /// Adds every element of `dy` to the element of `dx` that its index names. `dx` is dense and overwritten. False when an
  /// index is outside of its plane.
  public static func scatter(
    planes: Int, inputPixels: Int, outputPixels: Int, dy: UnsafeRawPointer, indices: UnsafePointer<Int64>,
    dx: UnsafeMutableRawPointer, dtype: DType
  ) -> Bool {
    let failure = FailureFlag()
    func run<T: FloatingPoint>(_: T.Type) {
      let (from, to) = (dy.assumingMemoryBound(to: T.self), dx.assumingMemoryBound(to: T.self))
      parallelFor(planes, work: planes * (inputPixels + outputPixels)) { range in
        for plane in range {
          let target = to + plane * inputPixels
          target.update(repeating: 0, count: inputPixels)
          for pixel in plane * outputPixels..<(plane + 1) * outputPixels {
            let place = indices[pixel]
            if UInt64(bitPattern: place) < UInt64(inputPixels) {
              target[Int(place)] += from[pixel]
            } else {
              failure.set()
            }
          }
        }
      }
    }
    dtype == .float64 ? run(Double.self) : run(Float.self)
    return !failure.isSet
  }

  /// The elements of `x` that the indices name: the reverse direction of `scatter`. False when an index is outside of its
  /// plane.
  public static func gather(
    planes: Int, inputPixels: Int, outputPixels: Int, x: UnsafeRawPointer, indices: UnsafePointer<Int64>,
    y: UnsafeMutableRawPointer, dtype: DType
  ) -> Bool {
    let failure = FailureFlag()
    func run<T: FloatingPoint>(_: T.Type) {
      let (from, to) = (x.assumingMemoryBound(to: T.self), y.assumingMemoryBound(to: T.self))
      parallelFor(planes, work: planes * outputPixels) { range in
        for plane in range {
          let source = from + plane * inputPixels
          for pixel in plane * outputPixels..<(plane + 1) * outputPixels {
            let place = indices[pixel]
            if UInt64(bitPattern: place) < UInt64(inputPixels) {
              to[pixel] = source[Int(place)]
            } else {
              failure.set()
            }
          }
        }
      }
    }
    dtype == .float64 ? run(Double.self) : run(Float.self)
    return !failure.isSet
  }

  /// Spreads every element of `dy` evenly over its window: the reverse direction of `mean`. `dx` is dense and overwritten.
  public static func spread(
    _ geometry: PoolingGeometry, dy: UnsafeRawPointer, dx: UnsafeMutableRawPointer, dtype: DType, countsPadding: Bool,
    divisor: Int
  ) {
    if dtype == .float32, fastSpread(geometry, dy, dx, countsPadding, divisor) { return }
    if dtype == .float64 {
      spread(
        geometry, dy.assumingMemoryBound(to: Double.self), dx.assumingMemoryBound(to: Double.self), countsPadding,
        divisor)
    } else {
      spread(
        geometry, dy.assumingMemoryBound(to: Float.self), dx.assumingMemoryBound(to: Float.self), countsPadding, divisor
      )
    }
  }

  // MARK: One plane at a time

  private static func maximum<T: BinaryFloatingPoint>(
    _ g: PoolingGeometry, _ x: Source, _ y: UnsafeMutablePointer<T>, _ indices: UnsafeMutablePointer<Int64>?
  ) {
    let base = x.pointer.assumingMemoryBound(to: T.self)
    let (pixels, s) = (g.outputPixels, x.strides)
    parallelFor(g.planes, work: g.planes * pixels * windowSize(g)) { range in
      for plane in range {
        let source = base + (plane / g.channels) * s[0] + (plane % g.channels) * s[1]
        var next = plane * pixels
        forEachWindow(g) { z, row, column in
          var best = -T.infinity
          var place = (z.0 * g.height.inputSize + row.0) * g.width.inputSize + column.0
          for d in stride(from: z.0, to: z.1, by: g.depth.step) {
            for h in stride(from: row.0, to: row.1, by: g.height.step) {
              let line = source + d * s[2] + h * s[3]
              for w in stride(from: column.0, to: column.1, by: g.width.step) {
                let value = line[w * s[4]]
                if value > best || value.isNaN {
                  best = value
                  place = (d * g.height.inputSize + h) * g.width.inputSize + w
                }
              }
            }
          }
          y[next] = best
          indices?[next] = Int64(place)
          next += 1
        }
      }
    }
  }

  private static func mean<T: BinaryFloatingPoint>(
    _ g: PoolingGeometry, _ x: Source, _ y: UnsafeMutablePointer<T>, _ countsPadding: Bool, _ divisor: Int
  ) {
    let base = x.pointer.assumingMemoryBound(to: T.self)
    let (pixels, s) = (g.outputPixels, x.strides)
    parallelFor(g.planes, work: g.planes * pixels * windowSize(g)) { range in
      for plane in range {
        let source = base + (plane / g.channels) * s[0] + (plane % g.channels) * s[1]
        var pixel = 0
        forEachWindow(g) { z, row, column in
          var sum: T = 0
          for d in z.0..<max(z.0, z.1) {
            for h in row.0..<max(row.0, row.1) {
              let line = source + d * s[2] + h * s[3]
              for w in column.0..<max(column.0, column.1) { sum += line[w * s[4]] }
            }
          }
          y[plane * pixels + pixel] = sum * share(g, pixel, countsPadding, divisor)
          pixel += 1
        }
      }
    }
  }

  private static func spread<T: BinaryFloatingPoint>(
    _ g: PoolingGeometry, _ dy: UnsafePointer<T>, _ dx: UnsafeMutablePointer<T>, _ countsPadding: Bool, _ divisor: Int
  ) {
    let (pixels, inputPixels) = (g.outputPixels, g.inputPixels)
    parallelFor(g.planes, work: g.planes * (pixels * windowSize(g) + inputPixels)) { range in
      for plane in range {
        let target = dx + plane * inputPixels
        target.update(repeating: 0, count: inputPixels)
        var pixel = 0
        forEachWindow(g) { z, row, column in
          let part = dy[plane * pixels + pixel] * share(g, pixel, countsPadding, divisor)
          pixel += 1
          for d in z.0..<max(z.0, z.1) {
            for h in row.0..<max(row.0, row.1) {
              let line = target + (d * g.height.inputSize + h) * g.width.inputSize
              for w in column.0..<max(column.0, column.1) { line[w] += part }
            }
          }
        }
      }
    }
  }

  /// What the sum of a window is multiplied with.
  static func share<T: BinaryFloatingPoint>(
    _ g: PoolingGeometry, _ pixel: Int, _ countsPadding: Bool, _ divisor: Int
  ) -> T {
    if divisor != 0 { return 1 / T(divisor) }
    let (line, column) = pixel.quotientAndRemainder(dividingBy: g.width.outputSize)
    let (z, row) = line.quotientAndRemainder(dividingBy: g.height.outputSize)
    let counted =
      count(g.depth, z, countsPadding) * count(g.height, row, countsPadding) * count(g.width, column, countsPadding)
    return counted == 0 ? 0 : 1 / T(counted)
  }

  /// Calls `body` with the shares of all windows of a plane. False when memory for them cannot be had, or `body` is.
  static func withShares(
    _ g: PoolingGeometry, _ countsPadding: Bool, _ divisor: Int, _ body: (UnsafePointer<Float>) -> Bool
  ) -> Bool {
    let byteCount = g.outputPixels * MemoryLayout<Float>.size
    guard let memory = Memory.allocate(byteCount: byteCount) else { return false }
    defer { Memory.deallocate(memory, byteCount: byteCount) }
    let shares = memory.bindMemory(to: Float.self, capacity: g.outputPixels)
    for pixel in 0..<g.outputPixels { shares[pixel] = share(g, pixel, countsPadding, divisor) }
    return body(shares)
  }

  private static func count(_ axis: PoolingAxis, _ position: Int, _ countsPadding: Bool) -> Double {
    Double(countsPadding ? axis.span(position) : max(axis.stop(position) - axis.start(position), 0))
  }

  private static func windowSize(_ g: PoolingGeometry) -> Int {
    [g.depth, g.height, g.width].reduce(1) { $0 * ($1.outputSize > 0 ? max($1.span(0), 1) : 1) }
  }

  @inline(__always)
  private static func forEachWindow(
    _ g: PoolingGeometry, _ body: (_ z: (Int, Int), _ row: (Int, Int), _ column: (Int, Int)) -> Void
  ) {
    for z in 0..<g.depth.outputSize {
      for row in 0..<g.height.outputSize {
        for column in 0..<g.width.outputSize {
          body(
            (g.depth.start(z), g.depth.stop(z)), (g.height.start(row), g.height.stop(row)),
            (g.width.start(column), g.width.stop(column)))
        }
      }
    }
  }
}
