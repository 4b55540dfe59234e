import SwiftConvKernels

// Images in another size. One axis after the other is read by index tensors, so gradients follow from indexing.

/// What both kinds of resampling share.
///
/// - Attributes: list: the new sizes of the last axes; then those of the operator.
private enum Resampling {
  static func sizes(_ reader: inout AttributeReader, _ x: Tensor, for name: String) throws -> [Int] {
    let sizes = try reader.ints()
    guard (1...3).contains(sizes.count), x.rank == sizes.count + 2 else {
      throw TensorError.value(
        "\(name): x has rank \(x.rank) \(x.shape), expected \(sizes.count + 2): (N, C, and \(sizes.count) spatial axes)"
      )
    }
    // Positions are computed in double precision.
    let limit = 1 << 43
    for (axis, size) in sizes.enumerated() {
      guard size >= 1, (1..<limit).contains(x.shape[axis + 2]), size < limit else {
        throw TensorError.value("\(name): cannot resize x \(x.shape) to \(sizes)")
      }
    }
    try Reduce.requireReal(x, name)
    return sizes
  }

  /// `x` with the elements along an axis that `position` names, one for each of `size` results.
  static func taken(_ x: Tensor, axis: Int, _ size: Int, _ position: (Int) -> Int) throws -> Tensor {
    let index = try Tensor.empty([size], .int64)
    let values = index.pointer.assumingMemoryBound(to: Int64.self)
    for place in 0..<size { values[place] = Int64(position(place)) }
    var attributes = Attributes()
    attributes.append([axis])
    return try apply(GatherIndex.self, [x, index], attributes)
  }

  /// A place of the old image, in double precision, as the position of an element of it. Anything may come in.
  static func position(_ place: Double, _ old: Int) -> Int {
    place > 0 ? Int(Swift.min(place, Double(old - 1))) : 0
  }
}

/// Every element repeated, or the nearest one taken, to give a new size.
///
/// - Attributes: list: the sizes; numbers: for each axis the scale of the positions, or 0 for old size / new size.
enum UpsampleNearest: CompositeOperator {
  static let name = "upsample_nearest"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let x = try call[0]
    var result = x
    for (axis, size) in try Resampling.sizes(&reader, x, for: name).enumerated() {
      let old = x.shape[axis + 2]
      let given = try reader.double()
      let scale = given > 0 ? given : Double(old) / Double(size)
      result = try Resampling.taken(result, axis: axis + 2, size) {
        Resampling.position((Double($0) * scale).rounded(.down), old)
      }
    }
    return result
  }
}

/// Linear interpolation between neighbours along each axis (bilinear for images).
///
/// - Attributes: list: the sizes; integer: 1 when the corners of old and new image coincide; numbers: for each axis the
///   scale of the positions, or 0 for old size / new size.
enum UpsampleLinear: CompositeOperator {
  static let name = "upsample_linear"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let x = try call[0]
    let sizes = try Resampling.sizes(&reader, x, for: name)
    let alignsCorners = try reader.bool()
    var result = x
    for (axis, size) in sizes.enumerated() {
      let old = x.shape[axis + 2]
      let given = try reader.double()
      let ratio = given > 0 ? given : Double(old) / Double(size)
      func place(_ index: Int) -> Double {
        if alignsCorners { return size > 1 ? Double(index) * Double(old - 1) / Double(size - 1) : 0 }
        return max((Double(index) + 0.5) * ratio - 0.5, 0)
      }
      func lower(_ index: Int) -> Int { Resampling.position(place(index), old) }
      var shape = Dimensions(repeating: 1, count: x.rank)
      shape[axis + 2] = size
      let exact = try Tensor.empty(shape, .float64)
      let fractions = exact.pointer.assumingMemoryBound(to: Double.self)
      for index in 0..<size { fractions[index] = place(index) - Double(lower(index)) }
      let weight = try exact.cast(to: x.dtype)
      let (low, high) = (
        try Resampling.taken(result, axis: axis + 2, size, lower),
        try Resampling.taken(result, axis: axis + 2, size) { min(lower($0) + 1, old - 1) }
      )
      result = try low + weight * (high - low)
    }
    return result
  }
}
