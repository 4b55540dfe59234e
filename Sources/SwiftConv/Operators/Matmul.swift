import SwiftConvKernels

/// The matrix product over the last two axes; axes before them are batches and broadcast. A tensor of rank 1 is a row on
/// the left and a column on the right, and its axis is dropped from the result.
///
/// - Complexity: 2 m n k operations per pair of matrices.
enum Matmul: Operator {
  static let name = "matmul"
  static let arity = 2

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (a, b) = (try call[0], try call[1])
    guard a.rank > 0 && b.rank > 0 else {
      throw TensorError.value(
        "matmul: shapes \(a.shape) and \(b.shape): both need at least one axis; use * for numbers")
    }
    guard a.dtype == b.dtype else {
      throw TensorError.type(
        "matmul: dtypes \(a.dtype.name) and \(b.dtype.name) differ; convert one of them, for example with .to(x.dtype)")
    }
    guard a.dtype != .bool else { throw TensorError.type("matmul: is not defined for bool; use .float() or .long()") }
    let left = Matrices(a, isLeft: true)
    let right = Matrices(b, isLeft: false)
    guard left.columns == right.rows else {
      throw TensorError.value(
        "matmul: shapes \(a.shape) and \(b.shape) do not fit: \(left.columns) columns on the left, \(right.rows) rows on "
          + "the right; they must be equal")
    }
    let batch = try Layout.broadcast(left.batch, right.batch, for: name)
    var shape = batch
    guard shape.count + 2 <= Dimensions.capacity else {
      throw TensorError.value("matmul: the result would have more than \(Dimensions.capacity) axes")
    }
    if a.rank > 1 { shape.append(left.rows) }
    if b.rank > 1 { shape.append(right.columns) }
    let result = try call.result(shape, a.dtype)
    let product = Matrices(
      result, rows: left.rows, columns: right.columns, batch: batch, hasRow: a.rank > 1, hasColumn: b.rank > 1)
    let aDtype = a.dtype
    let isDone = compute(work: result.count &* max(left.columns, 1)) {
      multiply(left, right, into: product, batch: batch, inner: left.columns, dtype: aDtype)
    }
    guard isDone else { throw TensorError.memory(name, shape: shape, dtype: a.dtype) }
    call.save(a)
    call.save(b)
    return result
  }

  private static func multiply(
    _ left: Matrices, _ right: Matrices, into product: Matrices, batch: Dimensions, inner: Int, dtype: DType
  ) -> Bool {
    // A batch of left matrices that lie on each other, times one right matrix, is one tall matrix.
    if batch.count == 1, right.batch.product == 1, left.batch == batch,
      left.batchStrides[0] == left.rows * left.rowStride, product.batchStrides[0] == product.rows * product.rowStride
    {
      return Gemm.multiply(
        m: left.rows * batch[0], n: right.columns, k: inner, a: left.source(0, dtype), b: right.source(0, dtype),
        c: product.target(0, dtype))
    }
    var index = Dimensions(repeating: 0, count: batch.count)
    for _ in 0..<batch.product {
      let isDone = Gemm.multiply(
        m: left.rows, n: right.columns, k: inner, a: left.source(left.offset(index), dtype),
        b: right.source(right.offset(index), dtype), c: product.target(product.offset(index), dtype))
      if !isDone { return false }
      var axis = batch.count - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < batch[axis] { break }
        index[axis] = 0
        axis -= 1
      }
    }
    return true
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let (a, b) = (try node.saved(0), try node.saved(1))
    // Rank 1 as a matrix, so that one rule serves all.
    let left = a.rank == 1 ? try a.reshaped(to: [1, a.shape[0]]) : a
    let right = b.rank == 1 ? try b.reshaped(to: [b.shape[0], 1]) : b
    var shape = gradient.shape
    if a.rank == 1 { shape.insert(1, at: shape.count - (b.rank == 1 ? 0 : 1)) }
    if b.rank == 1 { shape.append(1) }
    let g = shape == gradient.shape ? gradient : try gradient.reshaped(to: shape)
    var results: [Tensor?] = [nil, nil]
    if node.needsGradient(0) {
      results[0] = try fit(g.matmul(right.transposed()), to: left.shape).reshaped(to: a.shape)
    }
    if node.needsGradient(1) {
      results[1] = try fit(left.transposed().matmul(g), to: right.shape).reshaped(to: b.shape)
    }
    return results
  }

  private static func fit(_ tensor: Tensor, to shape: Dimensions) throws -> Tensor { try tensor.summed(toShape: shape) }

  /// A tensor as a batch of matrices.
  private struct Matrices: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    let rows: Int
    let columns: Int
    let rowStride: Int
    let columnStride: Int
    var batch: Dimensions
    var batchStrides: Dimensions

    init(_ tensor: Tensor, isLeft: Bool) {
      pointer = tensor.pointer
      (batch, batchStrides) = (tensor.shape, tensor.strides)
      let last = batch.remove(at: tensor.rank - 1)
      let lastStride = batchStrides.remove(at: tensor.rank - 1)
      if tensor.rank == 1 {
        (rows, columns) = isLeft ? (1, last) : (last, 1)
        (rowStride, columnStride) = isLeft ? (last, lastStride) : (lastStride, 1)
      } else {
        rows = batch.remove(at: tensor.rank - 2)
        rowStride = batchStrides.remove(at: tensor.rank - 2)
        (columns, columnStride) = (last, lastStride)
      }
    }

    init(_ result: Tensor, rows: Int, columns: Int, batch: Dimensions, hasRow: Bool, hasColumn: Bool) {
      pointer = result.pointer
      (self.rows, self.columns, self.batch) = (rows, columns, batch)
      columnStride = hasColumn ? result.strides[result.rank - 1] : 1
      rowStride = hasRow ? result.strides[result.rank - (hasColumn ? 2 : 1)] : 1
      batchStrides = Dimensions()
      for axis in batch.indices { batchStrides.append(result.strides[axis]) }
    }

    /// Where the matrices of a batch index begin, in elements; axes of size 1 are repeated.
    func offset(_ index: Dimensions) -> Int {
      let lead = index.count - batch.count
      var offset = 0
      for axis in batch.indices where batch[axis] != 1 { offset += index[lead + axis] * batchStrides[axis] }
      return offset
    }

    func source(_ offset: Int, _ dtype: DType) -> Source {
      Source(
        pointer: UnsafeRawPointer(pointer + offset * dtype.size), strides: [rowStride, columnStride], dtype: dtype)
    }

    func target(_ offset: Int, _ dtype: DType) -> Target {
      Target(pointer: pointer + offset * dtype.size, strides: [rowStride, columnStride], dtype: dtype)
    }
  }
}

/// `x @ weight.T + bias`, the fully connected layer.
///
/// - Inputs: x `(..., in)`, weight `(out, in)`, bias `(out,)` or nothing.
enum Linear: Operator {
  static let name = "linear"
  static let arity = 3

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    let (x, weight, bias) = (try call[0], try call[1], call.optional(2))
    guard weight.rank == 2 else {
      throw TensorError.value("linear: weight has shape \(weight.shape), expected (out_features, in_features)")
    }
    guard x.rank >= 1, x.shape[x.rank - 1] == weight.shape[1] else {
      let isUnflattened = x.rank > 2 && x.shape.dropFirst().reduce(1, &*) == weight.shape[1]
      let fix =
        isUnflattened
        ? "use x.flatten(1)" : "in_features of the layer must be \(x.shape.last ?? 1); LazyLinear finds it by itself"
      throw TensorError.value(
        "linear: x has shape \(x.shape), but weight \(weight.shape) expects \(weight.shape[1]) features in the last "
          + "axis; \(fix)")
    }
    for other in [weight, bias].compactMap({ $0 }) where other.dtype != x.dtype {
      throw TensorError.type(
        "linear: x is \(x.dtype.name) but the layer is \(other.dtype.name); convert x with .to(weight.dtype)")
    }
    try Reduce.requireReal(x, name)
    let outputs = weight.shape[0]
    if let bias, bias.shape != [outputs] {
      throw TensorError.value("linear: bias has shape \(bias.shape), expected (\(outputs),)")
    }
    var shape = x.shape
    shape[x.rank - 1] = outputs
    let rows = x.count / max(weight.shape[1], 1)
    let flat = try withoutGradients {
      try x.reshaped(to: [weight.shape[1] == 0 ? shape.product / max(outputs, 1) : rows, weight.shape[1]])
    }
    let result = try call.result(shape, x.dtype)
    let transposed = Source(
      pointer: UnsafeRawPointer(weight.pointer), strides: [weight.strides[1], weight.strides[0]], dtype: x.dtype)
    let (flatSource, flatRows, inner, dtype) = (flat.source, flat.shape[0], weight.shape[1], x.dtype)
    let (biasSource, resultTarget) = (bias?.source(broadcastTo: [flatRows, outputs]), result.target)
    let isDone = compute(work: result.count &* max(inner, 1)) {
      Gemm.multiply(
        m: flatRows, n: outputs, k: inner, a: flatSource, b: transposed, bias: biasSource,
        c: Target(pointer: resultTarget.pointer, strides: [outputs, 1], dtype: dtype))
    }
    guard isDone else { throw TensorError.memory(name, shape: shape, dtype: x.dtype) }
    call.save(x)
    call.save(weight)
    return result
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let (x, weight) = (try node.saved(0), try node.saved(1))
    let rows = weight.shape[0] == 0 ? x.count / max(weight.shape[1], 1) : gradient.count / weight.shape[0]
    let g = try gradient.reshaped(to: [rows, weight.shape[0]])
    var results: [Tensor?] = [nil, nil, nil]
    if node.needsGradient(0) { results[0] = try g.matmul(weight).reshaped(to: x.shape) }
    if node.needsGradient(1) {
      results[1] = try g.transposed().matmul(x.reshaped(to: [rows, weight.shape[1]]))
    }
    if node.needsGradient(2) { results[2] = try g.sum([0]) }
    return results
  }
}
