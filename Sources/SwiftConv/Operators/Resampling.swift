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
    for (axis, size) in sizes.enumerated() {
      guard size >= 1, x.shape[axis + 2] >= 1, size < Int.max >> 20 else {
        throw TensorError.value("\(name): cannot resize x \(x.shape) to \(sizes)")
      }
    }
    try Reduce.requireReal(x, name)
    return sizes
  }

  /// `x` with the elements along an axis that `positions` names.
  static func taken(_ x: Tensor, axis: Int, _ positions: [Int]) throws -> Tensor {
    let index = try Tensor.empty([positions.count], .int64)
    let values = index.pointer.assumingMemoryBound(to: Int64.self)
    for (place, position) in positions.enumerated() { values[place] = Int64(position) }
    var attributes = Attributes()
    attributes.append([axis])
    return try apply(GatherIndex.self, [x, index], attributes)
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
      let positions = (0..<size).map { min(Int((Double($0) * scale).rounded(.down)), old - 1) }
      result = try Resampling.taken(result, axis: axis + 2, positions)
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
      let places = (0..<size).map { index -> Double in
        if alignsCorners { return size > 1 ? Double(index) * Double(old - 1) / Double(size - 1) : 0 }
        return max((Double(index) + 0.5) * ratio - 0.5, 0)
      }
      let lower = places.map { min(Int($0), old - 1) }
      let upper = lower.map { min($0 + 1, old - 1) }
      var shape = Dimensions(repeating: 1, count: x.rank)
      shape[axis + 2] = size
      let exact = try Tensor.empty(shape, .float64)
      let fractions = exact.pointer.assumingMemoryBound(to: Double.self)
      for index in 0..<size { fractions[index] = places[index] - Double(lower[index]) }
      let weight = try exact.cast(to: x.dtype)
      let (low, high) = (
        try Resampling.taken(result, axis: axis + 2, lower), try Resampling.taken(result, axis: axis + 2, upper)
      )
      result = try low + weight * (high - low)
    }
    return result
  }
}
