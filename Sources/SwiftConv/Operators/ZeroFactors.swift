import SwiftConvKernels

/// Gradients of products in which a factor is 0, so that no product can be divided by it.
enum ZeroFactors {
  static func exist(in x: Tensor) throws -> Bool {
    try x.count > 0
      && withoutGradients {
        try apply(AnyReduction.self, [x.isEqual(to: .number(0))], Reduce.attributes([], false)).item()
      } != 0
  }

  /// For each element the product of the others along some axes; can be differentiated.
  static func productsOfOthers(_ x: Tensor, _ axes: [Int]) throws -> Tensor {
    let order = x.shape.indices.filter { !axes.contains($0) } + axes
    let count = axes.reduce(1) { $0 * x.shape[$1] }
    return try asRows(x, order, count) {
      try productsBefore($0) * Along.reversed(productsBefore(Along.reversed($0, 1)), 1)
    }
  }

  /// What `body` makes of a matrix whose rows have the elements of some axes, in the shape of `x`.
  private static func asRows(
    _ x: Tensor, _ order: [Int], _ count: Int, _ body: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    let permuted = try x.permuted(order)
    let result = try body(permuted.reshaped(to: [x.count / count, count])).reshaped(to: permuted.shape)
    var inverse = order
    for (place, axis) in order.enumerated() { inverse[axis] = place }
    return try result.permuted(inverse)
  }

  /// For each element the product of those before it in its row.
  private static func productsBefore(_ x: Tensor) throws -> Tensor {
    var attributes = Attributes()
    attributes.append([0, 1])
    attributes.append([0, -1])
    attributes.append(0)
    attributes.append(1.0)
    return try Along.run(CumulativeProduct.self, apply(Pad.self, [x], attributes), 1)
  }

  /// The gradient of the running product `y` of `x` along an axis.
  static func gradient(ofRunningProduct y: Tensor, _ gradient: Tensor, _ x: Tensor, _ axis: Int) throws -> Tensor {
    guard !GradientMode.isEnabled else { return try differentiable(gradient, x, axis) }
    // Up to the first zero it is the usual sum of later terms; the first zero gets those of a product without it; what
    // comes later has that zero as a factor.
    let isZero = try x.isEqual(to: .number(0))
    let zeros = try Along.run(CumulativeSum.self, isZero.cast(to: .int64), axis)
    let isFirst = try apply(BitwiseAnd.self, [isZero, zeros.isEqual(to: .number(1))])
    let others = try Tensor.ones([], x.dtype).selected(where: isFirst, else: x)
    let ofFirst = try Along.laterSums(gradient * Along.run(CumulativeProduct.self, others, axis), axis)
    let ofEarlier = try Along.laterSums(gradient * y, axis) / others
    let zero = try Tensor.zeros([], x.dtype)
    let ofLater = try ofFirst.selected(where: isFirst, else: zero)
    return try ofEarlier.selected(where: zeros.isEqual(to: .number(0)), else: ofLater)
  }

  /// The same from a product for each pair of elements.
  private static func differentiable(_ gradient: Tensor, _ x: Tensor, _ axis: Int) throws -> Tensor {
    let count = x.shape[axis]
    let order = x.shape.indices.filter { $0 != axis } + [axis]
    let row = try positions(count)
    let column = try row.reshaped(to: [count, 1])
    let weights = try gradient.permuted(order).reshaped(to: [x.count / count, 1, count])
    return try asRows(x, order, count) { rows in
      // Number j has the products of all factors but j.
      let factors = try rows.reshaped(to: [x.count / count, 1, count])
      let others = try Tensor.ones([], x.dtype).selected(where: column.isEqual(to: row), else: factors)
      let terms = try Along.run(CumulativeProduct.self, others, 2) * weights
      return try Tensor.zeros([], x.dtype).selected(where: column.isGreater(than: row), else: terms).sum([2])
    }
  }

  private static func positions(_ count: Int) throws -> Tensor {
    let indices = try Tensor.empty([count], .int64)
    Elementwise.arange(indices.pointer, dtype: .int64, count: count, start: Int64(0), step: 1)
    return indices
  }
}
