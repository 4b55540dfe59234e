import SwiftConvVectorInterface

/// The element-wise loops of this copy of the module.
func makeElementwiseKernels() -> ElementwiseKernels {
  ElementwiseKernels(
    unary: { operation, dtype, x, y, count, p0, p1 in
      if dtype == .float64 {
        unaryRow(DoubleLanes.self, operation, x, y, count, p0, p1)
      } else {
        unaryRow(FloatLanes.self, operation, x, y, count, p0, p1)
      }
    },
    binary: { operation, dtype, a, b, y, count, p0, p1 in
      if dtype == .float64 {
        binaryRow(DoubleLanes.self, operation, a, b, y, count, p0, p1)
      } else {
        binaryRow(FloatLanes.self, operation, a, b, y, count, p0, p1)
      }
    },
    reduceRow: { operation, dtype, x, count in
      dtype == .float64
        ? reduceRow(DoubleLanes.self, operation, x, count) : reduceRow(FloatLanes.self, operation, x, count)
    },
    accumulateRows: { operation, dtype, x, step, rows, columns, sums in
      if dtype == .float64 {
        accumulateRows(DoubleLanes.self, operation, x, step, rows, columns, sums)
      } else {
        accumulateRows(FloatLanes.self, operation, x, step, rows, columns, sums)
      }
    })
}
