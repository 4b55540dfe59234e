import SwiftConvKernels

/// The arguments of a convolution over one to three spatial axes, checked; from them comes the geometry that forward,
/// input gradient and weight gradient share.
///
/// - Attributes: lists: strides, padding before, padding after, dilations, one number per spatial axis; integer: groups.
struct ConvolutionArguments {
  let strides: Dimensions
  let padBefore: Dimensions
  let padAfter: Dimensions
  let dilations: Dimensions
  let groups: Int

  var spatialRank: Int { strides.count }
  var operatorName: String { "conv\(spatialRank)d" }

  init(_ reader: inout AttributeReader) throws {
    strides = try reader.dimensions()
    padBefore = try reader.dimensions()
    padAfter = try reader.dimensions()
    dilations = try reader.dimensions()
    groups = try reader.int()
    let rank = strides.count
    guard (1...3).contains(rank), padBefore.count == rank, padAfter.count == rank, dilations.count == rank else {
      throw TensorError.value(
        "convolution: stride, padding and dilation need one number for each of 1 to 3 spatial axes; got \(strides), "
          + "\(padBefore) and \(padAfter), \(dilations)")
    }
    try requireAtLeast(1, strides, "stride")
    try requireAtLeast(1, dilations, "dilation")
    try requireAtLeast(0, padBefore, "padding")
    try requireAtLeast(0, padAfter, "padding")
    guard groups >= 1 else { throw TensorError.value("\(operatorName): groups is \(groups), must be at least 1") }
  }

  private func requireAtLeast(_ least: Int, _ values: Dimensions, _ what: StaticString) throws {
    for axis in values.indices where values[axis] < least {
      throw TensorError.value("\(operatorName): \(what) \(values) must be at least \(least)")
    }
  }

  var attributes: Attributes {
    var attributes = Attributes()
    for list in [strides, padBefore, padAfter, dilations] { attributes.append(list) }
    attributes.append(groups)
    return attributes
  }

  private static let layouts = ["(N, C, L)", "(N, C, H, W)", "(N, C, D, H, W)"]

  /// Checks ranks, channels and dtypes of a call.
  func check(x: Tensor, weight: Tensor, bias: Tensor?, name: String? = nil) throws {
    // The names are only made for a text: a call that is right must not pay for them.
    var title: String { name ?? operatorName }
    let rank = spatialRank + 2
    guard x.rank == rank else {
      let layout = ConvolutionArguments.layouts[spatialRank - 1]
      var advice = ""
      if spatialRank == 2 && x.rank == 3 {
        advice = "; for grey images use x.reshape(\(x.shape[0]), 1, \(x.shape[1]), \(x.shape[2]))"
      } else if spatialRank == 2 && x.rank == 2 {
        advice = "; for one grey image use x.reshape(1, 1, \(x.shape[0]), \(x.shape[1])), or corr2d(x, weight)"
      }
      throw TensorError.value("\(title): x has rank \(x.rank) \(x.shape), expected \(rank) \(layout)\(advice)")
    }
    guard weight.rank == rank else {
      throw TensorError.value(
        "\(title): weight has rank \(weight.rank) \(weight.shape), expected \(rank): "
          + "(out channels, in channels / groups, kernel size)")
    }
    try checkTypes(x, weight, bias, title)
  }

  /// Checks the dtypes of a call.
  func checkTypes(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ name: @autoclosure () -> String) throws {
    guard x.dtype.isFloatingPoint else {
      throw TensorError.type("\(name()): x is \(x.dtype.name), expected float32 or float64; use x.float()")
    }
    guard weight.dtype == x.dtype else {
      throw TensorError.type(
        "\(name()): x is \(x.dtype.name) but weight is \(weight.dtype.name); convert x with x.to(weight.dtype)")
    }
    if let bias, bias.dtype != x.dtype {
      throw TensorError.type("\(name()): x is \(x.dtype.name) but bias is \(bias.dtype.name); they must be the same")
    }
  }

  /// Checks the shapes of x and weight against each other.
  func checkChannels(x: Dimensions, weight: Dimensions) throws {
    var shapes: String { "(x \(x), weight \(weight))" }
    guard x.count == spatialRank + 2, weight.count == spatialRank + 2 else {
      throw TensorError.value("\(operatorName): expected \(spatialRank + 2) axes each \(shapes)")
    }
    guard x[1] % groups == 0, weight[1] == x[1] / groups else {
      let wanted = weight[1] &* groups
      let last = x.count - 1
      let axes = ([0, last] + Array(1..<last)).map(String.init).joined(separator: ", ")
      throw TensorError.value(
        "\(operatorName): x has \(x[1]) channels but weight expects \(wanted) \(shapes); "
          + (x[last] == wanted
            ? "if the channels come last, use x.permute(\(axes))" : "weight.shape[1] must be x.shape[1] / groups"))
    }
    guard weight[0] % groups == 0 else {
      throw TensorError.value(
        "\(operatorName): \(weight[0]) output channels cannot be split into \(groups) groups \(shapes)")
    }
  }

  func checkChannels(x: Tensor, weight: Tensor, bias: Tensor?) throws {
    try checkChannels(x: x.shape, weight: weight.shape)
    try check(bias: bias, of: weight)
  }

  /// Checks a bias against the weight.
  func check(bias: Tensor?, of weight: Tensor) throws {
    if let bias, bias.shape != [weight.shape[0]] {
      throw TensorError.value(
        "\(operatorName): bias has shape \(bias.shape), expected (\(weight.shape[0]),), one number per output channel")
    }
  }

  /// The geometry for an input `(mb, ic, *spatial)` and a weight `(oc, ic / g, *kernel)`.
  func geometry(x: Dimensions, weight: Dimensions) throws -> ConvolutionGeometry {
    var sizes = Dimensions()
    for axis in 0..<spatialRank {
      let (input, kernel) = (x[axis + 2], weight[axis + 2])
      guard kernel > 0 else {
        throw TensorError.value("\(operatorName): weight \(weight) has an empty kernel")
      }
      guard
        let size = ConvolutionGeometry.outputSize(
          input: input, kernel: kernel, stride: strides[axis], dilation: dilations[axis], padBefore: padBefore[axis],
          padAfter: padAfter[axis])
      else {
        throw TensorError.value("\(operatorName): sizes overflow (x \(x), weight \(weight), padding \(padBefore))")
      }
      guard size > 0 else {
        let reach = dilations[axis] * (kernel - 1) + 1
        let padded = input + padBefore[axis] + padAfter[axis]
        throw TensorError.value(
          "\(operatorName): the kernel is larger than the image along axis \(axis + 2): it covers \(reach) elements, the "
            + "padded input has \(padded) (x \(x), weight \(weight)); use a smaller kernel or more padding")
      }
      sizes.append(size)
    }
    // Missing leading spatial axes have size 1 and no padding.
    func three(_ values: Dimensions, from first: Int, _ fill: Int) -> Dimensions {
      var result = Dimensions(repeating: fill, count: 3)
      for axis in 0..<spatialRank { result[3 - spatialRank + axis] = values[first + axis] }
      return result
    }
    let (i, k, o) = (three(x, from: 2, 1), three(weight, from: 2, 1), three(sizes, from: 0, 1))
    let (s, d) = (three(strides, from: 0, 1), three(dilations, from: 0, 1))
    let (before, after) = (three(padBefore, from: 0, 0), three(padAfter, from: 0, 0))
    return ConvolutionGeometry(
      mb: x[0], g: groups, ic: x[1], oc: weight[0], id: i[0], ih: i[1], iw: i[2], kd: k[0], kh: k[1], kw: k[2],
      od: o[0], oh: o[1], ow: o[2], sd: s[0], sh: s[1], sw: s[2], dd: d[0], dh: d[1], dw: d[2], padFront: before[0],
      padTop: before[1], padLeft: before[2], padBack: after[0], padBottom: after[1], padRight: after[2])
  }
}

extension ConvolutionGeometry {
  /// The output's shape with as many spatial axes as the tensors have.
  func outputShape(spatialRank: Int) -> Dimensions {
    switch spatialRank {
    case 1: [mb, oc, ow]
    case 2: [mb, oc, oh, ow]
    default: [mb, oc, od, oh, ow]
    }
  }

  /// The work of one pass, for the host's lock.
  var work: Int { flops / 2 }
}

extension Tensor {
  /// Strides with the two leading axes, then three spatial ones.
  private var convolutionStrides: Dimensions {
    var strides = self.strides
    while strides.count < 5 { strides.insert(0, at: 2) }
    return strides
  }

  var convolutionSource: Source {
    Source(pointer: UnsafeRawPointer(pointer), strides: convolutionStrides, dtype: dtype)
  }

  var convolutionTarget: Target { Target(pointer: pointer, strides: convolutionStrides, dtype: dtype) }
}
