extension Reduction {
  /// `y[k]` is the sum of `x[0...k]` along an axis. Elements are converted to the type of `y` as they are read; float32
  /// is summed in float64.
  public static func cumulativeSum(_ x: Source, into y: Target, shape: Dimensions, axis: Int) {
    cumulate(x, y, shape, axis, isProduct: false)
  }

  /// `y[k]` is the product of `x[0...k]` along an axis; see `cumulativeSum`.
  public static func cumulativeProduct(_ x: Source, into y: Target, shape: Dimensions, axis: Int) {
    cumulate(x, y, shape, axis, isProduct: true)
  }

  private static func cumulate(_ x: Source, _ y: Target, _ shape: Dimensions, _ axis: Int, isProduct: Bool) {
    let line = CumulativeLine(
      xType: x.dtype, yType: y.dtype, xStride: x.strides[axis], yStride: y.strides[axis], count: shape[axis],
      isProduct: isProduct)
    forEachLine(x, y, shape: shape, axis: axis, work: 2) { from, to in line.run(from, to) }
  }
}

/// One line of a running sum or product.
private struct CumulativeLine {
  let xType: DType
  let yType: DType
  let xStride: Int
  let yStride: Int
  let count: Int
  let isProduct: Bool

  func run(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
    switch (xType, yType) {
    case (.float32, .float32):
      run(x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self), { Double($0) }, { Float($0) })
    case (.float64, .float64):
      run(x.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self), { $0 }, { $0 })
    case (.int64, .int64):
      run(x.assumingMemoryBound(to: Int64.self), y.assumingMemoryBound(to: Int64.self))
    default:
      convertAndRun(x, y)
    }
  }

  @inline(__always)
  private func run<T>(
    _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ widen: (T) -> Double, _ narrow: (Double) -> T
  ) {
    var sum = isProduct ? 1.0 : 0.0
    for index in 0..<count {
      let value = widen(x[index &* xStride])
      sum = isProduct ? sum * value : sum + value
      y[index &* yStride] = narrow(sum)
    }
  }

  private func run(_ x: UnsafePointer<Int64>, _ y: UnsafeMutablePointer<Int64>) {
    var sum: Int64 = isProduct ? 1 : 0
    for index in 0..<count {
      sum = isProduct ? sum &* x[index &* xStride] : sum &+ x[index &* xStride]
      y[index &* yStride] = sum
    }
  }

  /// Any other pair of types, element by element.
  private func convertAndRun(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
    var number = isProduct ? 1.0 : 0.0
    var integer: Int64 = isProduct ? 1 : 0
    for index in 0..<count {
      let from = x + index * xStride * xType.size
      let to = y + index * yStride * yType.size
      if yType.isFloatingPoint {
        var value = 0.0
        convertRow(xType, from, .float64, &value, 1)
        number = isProduct ? number * value : number + value
        convertRow(.float64, &number, yType, to, 1)
      } else {
        var value: Int64 = 0
        convertRow(xType, from, .int64, &value, 1)
        integer = isProduct ? integer &* value : integer &+ value
        convertRow(.int64, &integer, yType, to, 1)
      }
    }
  }
}
