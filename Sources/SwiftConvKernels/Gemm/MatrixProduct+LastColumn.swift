/// A product whose columns fill some vectors but for one that is left over, as the 49 places of a 7 by 7 image do: that one
/// would take as long as a whole vector. It is the product of a matrix and a column instead, with vectors along the left
/// factor's rows or columns, wherever its neighbours are.
extension MatrixProduct {
  /// With more vectors than this, one more of them is not much.
  private static let mostVectors = 6
  /// How many products are added one after the other; sums of more than that are put together from such.
  private static let longestSum = 512

  var hasSingleLastColumn: Bool {
    let lanes = kernels.gemm.lanes
    guard mayTakeLastColumnAlone, images == 1, n % lanes == 1, (1...MatrixProduct.mostVectors).contains(n / lanes),
      m >= 4 * lanes, k >= 4 * lanes
    else { return false }
    return a.columnStride == 1 ? k % lanes == 0 : a.rowStride == 1 && m % lanes == 0
  }

  /// All columns but the last.
  var withoutLastColumn: MatrixProduct {
    MatrixProduct(
      m: m, n: n - 1, k: k, images: images, sumsImages: sumsImages, a: a, b: b, c: c, accumulates: accumulates,
      kernels: kernels, size: size)
  }

  /// Computes the last column. False when scratch memory cannot be had.
  func runLastColumn() -> Bool {
    let isAlongRows = a.columnStride == 1
    let lanes = kernels.gemm.lanes
    let (columnBytes, offsetBytes) = (k * size, MatrixProduct.longestSum * MemoryLayout<Int>.size)
    guard var scratch = Scratch(byteCounts: columnBytes, offsetBytes) else { return false }
    let column = scratch.take(columnBytes)
    let offsets = scratch.takeIntegers(MatrixProduct.longestSum)
    kernels.rows.load(1, k, b.pointer + (n - 1) * b.columnStride * size, 0, b.rowStride, column, k)
    for step in 0..<MatrixProduct.longestSum { offsets[step] = isAlongRows ? 0 : step * a.columnStride }
    // Panels of rows: as many as a tile has, or some vectors.
    let unit = isAlongRows ? 1 : lanes
    let panels = Split(m / unit, atMost: isAlongRows ? kernels.gemm.tileRows : kernels.gemm.tileVectors)
    let sumBytes = kernels.gemm.tileRows * lanes * size
    let resultBytes = max(kernels.gemm.tileRows, kernels.gemm.tileVectors * lanes) * size
    let failure = FailureFlag()
    parallelFor(panels.parts, work: m * k / (2 * lanes)) { range in
      guard var scratch = Scratch(byteCounts: sumBytes, resultBytes) else {
        failure.set()
        return
      }
      let (sums, results) = (scratch.take(sumBytes), scratch.take(resultBytes))
      for index in range {
        let panel = panels[index]
        let rows = (panel.lowerBound * unit)..<(panel.upperBound * unit)
        if isAlongRows {
          sums.initializeMemory(as: UInt8.self, repeating: 0, count: sumBytes)
          kernels.rows.dotTile(
            rows.count, 1, 1, k / lanes, a.pointer + rows.lowerBound * a.rowStride * size, a.rowStride, column, offsets,
            0, sums, lanes)
          kernels.rows.fold(rows.count, sums, results)
        } else {
          for step in stride(from: 0, to: k, by: MatrixProduct.longestSum) {
            kernels.gemm.tile(
              1, panel.count, min(MatrixProduct.longestSum, k - step), column + step * size, 0, 1,
              a.pointer + (rows.lowerBound + step * a.columnStride) * size, offsets, results, 0, step > 0,
              false)
          }
        }
        writeLastColumn(rows, results)
      }
    }
    return !failure.isSet
  }

  private func writeLastColumn(_ rows: Range<Int>, _ sums: UnsafeRawPointer) {
    if size == 4 {
      writeLastColumn(Float.self, rows, sums)
    } else {
      writeLastColumn(Double.self, rows, sums)
    }
  }

  @inline(__always)
  private func writeLastColumn<T: BinaryFloatingPoint>(_: T.Type, _ rows: Range<Int>, _ sums: UnsafeRawPointer) {
    let (sums, result) = (sums.assumingMemoryBound(to: T.self), c.pointer.assumingMemoryBound(to: T.self) + n - 1)
    let bias = c.bias?.assumingMemoryBound(to: T.self)
    for row in rows {
      var sum = sums[row - rows.lowerBound]
      if let bias { sum += bias[row * c.biasStride + (n - 1) * c.biasColumnStride] }
      if accumulates { sum += result[row * c.rowStride] }
      result[row * c.rowStride] = sum
    }
  }
}
