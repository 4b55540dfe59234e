import SwiftConvVectorInterface

/// Layer normalization of the rows of dense `(rows, count)` arrays of float32 or float64. A row, and for the sums over rows
/// a block of them, is one thread's work; blocks depend on nothing but the shape, so results do not depend on the number of
/// threads.
public struct RowNormalization: Sendable {
  public let dtype: DType
  public let rows, count: Int

  /// So many rows are added up in the type of the elements before the sums go on in float64.
  private static let blockRows = 64

  public init(_ dtype: DType, rows: Int, count: Int) { (self.dtype, self.rows, self.count) = (dtype, rows, count) }

  /// `y = (x - mean) * inverse * weight + bias`, element by element of a row.
  ///
  /// - Parameters:
  ///   - mean, inverse: Where each row's mean and `1 / sqrt(variance + eps)` go.
  /// - Complexity: 8 operations per element in three walks over a row, which stays in the cache.
  public func forward(
    _ x: UnsafeRawPointer, weight: UnsafeRawPointer, bias: UnsafeRawPointer, eps: Double,
    mean: UnsafeMutableRawPointer, inverse: UnsafeMutableRawPointer, into y: UnsafeMutableRawPointer
  ) {
    let (table, numbers) = (Runtime.vector, Numbers(dtype))
    parallelFor(rows, work: rows * (count / 2 + 20)) { range in
      for row in range {
        let place = row * count * dtype.size
        // The second walk finds what is left of the mean, and the variance without loss of digits.
        let near = numbers.rounded(
          table.elementwise.reduceRow(.sum, dtype, x + place, count) / Double(max(count, 1)))
        let piece = NormalizationKernels.Channel(
          images: 1, imageStride: count, pixels: count, extent: (rows - row) * count)
        let sums = table.normalization.moments(dtype, piece, x + place, near)
        let rest = sums.0 / Double(count)
        let variance = max(sums.1 / Double(count) - rest * rest, 0)
        numbers.write(near + rest, mean, row)
        numbers.write(1 / (variance + eps).squareRoot(), inverse, row)
        table.rowNormalization.standardize(
          dtype, count, x + place, numbers.read(mean, row), numbers.read(inverse, row), weight, bias, y + place)
      }
    }
  }

  /// How many numbers of scratch memory `backward` needs.
  public var scratchCount: Int { 2 * blocks * count }
  private var blocks: Int { (rows + RowNormalization.blockRows - 1) / RowNormalization.blockRows }

  /// The gradients of `forward`, that of `x` when it is wanted.
  public func backward(
    _ g: UnsafeRawPointer, _ x: UnsafeRawPointer, weight: UnsafeRawPointer, mean: UnsafeRawPointer,
    inverse: UnsafeRawPointer, scratch: UnsafeMutableRawPointer, into gradients: Normalization.Gradients
  ) {
    let (kernels, numbers) = (Runtime.vector.rowNormalization, Numbers(dtype))
    let length = count * dtype.size
    parallelFor(blocks, work: rows * (count + 20)) { range in
      for block in range {
        let weightSums = scratch + 2 * block * length
        weightSums.initializeMemory(as: UInt8.self, repeating: 0, count: 2 * length)
        let first = block * RowNormalization.blockRows
        for row in first..<min(first + RowNormalization.blockRows, rows) {
          let (mean, inverse) = (numbers.read(mean, row), numbers.read(inverse, row))
          let place = row * length
          let sums = kernels.sums(
            dtype, count, g + place, x + place, mean, inverse, weight, weightSums, weightSums + length)
          guard let dx = gradients.x else { continue }
          let shares = (sums.0 / Double(count), sums.1 / Double(count))
          kernels.gradient(dtype, count, g + place, x + place, mean, inverse, weight, shares, dx + place)
        }
      }
    }
    for (offset, target) in [(0, gradients.weight), (1, gradients.bias)] {
      parallelFor(count, work: blocks * count) { range in
        for column in range {
          var sum = 0.0
          for block in 0..<blocks { sum += numbers.read(scratch, (2 * block + offset) * count + column) }
          numbers.write(sum, target, column)
        }
      }
    }
  }
}
