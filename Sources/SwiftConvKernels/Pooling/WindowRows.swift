import SwiftConvVectorInterface

/// Windows of float32 images at regular distances, for the vector kernels: every row of results is computed from padded
/// copies of the rows it needs. A copy is taken apart into as many phases as the stride says, so that neighbouring
/// results read neighbouring elements. A few rows at a time stay in the first-level cache.
struct WindowRows {
  let geometry: PoolingGeometry
  let x: Source
  /// What padding counts as.
  let filler: Float

  private let stride, pitch: Int
  /// Rows of results that are computed from one set of copies, and the rows they need.
  private let bandRows, copiedRows: Int
  /// The columns of each phase that are inside of the input.
  private let inside: [Range<Int>]
  private let tapOffsets: [Int]
  private let tapPlaces: [Int32]
  private let starts: [Int32]

  /// Kernels may read this far beyond the end of a row.
  private static let overreach = 16
  private static let wantedElements = 6144

  /// Nil when the windows are not of this kind.
  init?(_ geometry: PoolingGeometry, _ x: Source, filler: Float) {
    let (height, width) = (geometry.height, geometry.width)
    guard x.dtype == .float32, geometry.depth.inputSize == 1, geometry.depth.outputSize == 1,
      let rows = height.regular, let columns = width.regular, geometry.inputPixels < Int(Int32.max),
      columns.stride <= 8, rows.kernel <= 64, columns.kernel <= 64, rows.kernel * columns.kernel <= 64,
      width.step <= 64, height.step <= 64, width.outputSize > 0
    else { return nil }
    (self.geometry, self.x, self.filler) = (geometry, x, filler)
    stride = columns.stride
    pitch = width.outputSize + (columns.kernel - 1) * width.step / stride + WindowRows.overreach
    let reach = (rows.kernel - 1) * height.step + 1
    let perRow = stride * pitch
    let fitting = (WindowRows.wantedElements / perRow - reach) / rows.stride + 1
    bandRows = min(max(fitting, 1), max(height.outputSize, 1))
    copiedRows = (bandRows - 1) * rows.stride + reach
    guard copiedRows * perRow <= 1 << 22 else { return nil }
    var offsets: [Int] = []
    var places: [Int32] = []
    for ky in 0..<rows.kernel {
      for kx in 0..<columns.kernel {
        let shift = kx * width.step
        offsets.append(ky * height.step * perRow + shift % columns.stride * pitch + shift / columns.stride)
        places.append(Int32(ky * height.step * width.inputSize + shift))
      }
    }
    (tapOffsets, tapPlaces) = (offsets, places)
    inside = (0..<columns.stride).map { phase in
      let origin = phase - columns.padding
      let low = origin < 0 ? (-origin + columns.stride - 1) / columns.stride : 0
      let end = (width.inputSize - origin + columns.stride - 1) / columns.stride
      let limit = width.outputSize + (columns.kernel - 1) * width.step / columns.stride
      return min(low, limit)..<max(min(end, limit), min(low, limit))
    }
    starts =
      (0..<width.outputSize).map { Int32(width.start($0) - ($0 * columns.stride - columns.padding)) }
      + [Int32](repeating: 0, count: WindowRows.overreach)
  }

  /// One row of results.
  struct Row {
    /// Its number among all rows of all planes.
    let number: Int
    let source: UnsafeRawPointer
    let taps: PoolingKernels.Taps
    let places: PoolingKernels.Places
  }

  /// Calls `body` for every row of results of some planes. False when scratch memory cannot be had.
  func run(_ body: (Row) -> Void) -> Bool {
    let failure = FailureFlag()
    let (rows, columns) = (geometry.height.outputSize, geometry.width.outputSize)
    let work = geometry.planes * rows * (columns * tapOffsets.count + copiedRows * 8) / 8
    let floats = copiedRows * stride * pitch + WindowRows.overreach
    parallelFor(geometry.planes, work: work) { range in
      guard var scratch = Scratch(byteCounts: floats * 4) else {
        failure.set()
        return
      }
      let copies = scratch.take(floats * 4).bindMemory(to: Float.self, capacity: floats)
      copies.update(repeating: filler, count: floats)
      tapOffsets.withUnsafeBufferPointer { offsets in
        tapPlaces.withUnsafeBufferPointer { places in
          starts.withUnsafeBufferPointer { starts in
            guard let offsets = offsets.baseAddress, let places = places.baseAddress, let starts = starts.baseAddress
            else { return }
            let taps = PoolingKernels.Taps(count: tapOffsets.count, offsets: offsets, places: places)
            for plane in range { walk(plane, copies, taps, starts, body) }
          }
        }
      }
    }
    return !failure.isSet
  }

  private func walk(
    _ plane: Int, _ copies: UnsafeMutablePointer<Float>, _ taps: PoolingKernels.Taps, _ starts: UnsafePointer<Int32>,
    _ body: (Row) -> Void
  ) {
    guard let vertical = geometry.height.regular, let horizontal = geometry.width.regular else { return }
    let (height, width) = (geometry.height, geometry.width)
    let s = x.strides
    let image = x.pointer + (plane / geometry.channels * s[0] + plane % geometry.channels * s[1]) * 4
    var first = 0
    while first < height.outputSize {
      let count = min(bandRows, height.outputSize - first)
      copy(image, from: first * vertical.stride - vertical.padding, rows: copiedRows, copies)
      for row in first..<(first + count) {
        let top = row * vertical.stride - vertical.padding
        let places = PoolingKernels.Places(
          first: top * width.inputSize - horizontal.padding, step: horizontal.stride, starts: starts,
          shift: Int32((height.start(row) - top) * width.inputSize))
        let source = UnsafeRawPointer(copies + (row - first) * vertical.stride * stride * pitch)
        body(Row(number: plane * height.outputSize + row, source: source, taps: taps, places: places))
      }
      first += count
    }
  }

  /// Copies rows of a plane. Columns outside of the input are never written and stay what they are.
  private func copy(_ image: UnsafeRawPointer, from top: Int, rows: Int, _ copies: UnsafeMutablePointer<Float>) {
    guard let horizontal = geometry.width.regular else { return }
    let (perRow, s) = (stride * pitch, x.strides)
    let low = min(max(-top, 0), rows)
    let high = max(min(geometry.height.inputSize - top, rows), low)
    copies.update(repeating: filler, count: low * perRow)
    (copies + high * perRow).update(repeating: filler, count: (rows - high) * perRow)
    let load = Runtime.kernels(.float32).rows.load
    for (phase, columns) in inside.enumerated() where !columns.isEmpty && high > low {
      let column = columns.lowerBound * stride + phase - horizontal.padding
      load(
        high - low, columns.count, image + ((top + low) * s[3] + column * s[4]) * 4, s[3], stride * s[4],
        copies + low * perRow + phase * pitch + columns.lowerBound, perRow)
    }
  }
}
