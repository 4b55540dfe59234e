import SwiftConvKernels

/// The arguments of a convolution over one to three spatial axes, checked; from them comes the geometry that forward,
/// input gradient and weight gradient share.
///
/// - Attributes: lists: strides, padding before, padding after, dilations, one number per spatial axis; integer: groups.
struct ConvolutionArguments {
  var strides: [Int]
  var padBefore: [Int]
  var padAfter: [Int]
  var dilations: [Int]
  var groups: Int

  var spatialRank: Int { strides.count }
  var operatorName: String { "conv\(spatialRank)d" }

  init(_ reader: inout AttributeReader) throws {
    strides = try reader.ints()
    padBefore = try reader.ints()
    padAfter = try reader.ints()
    dilations = try reader.ints()
    groups = try reader.int()
    let rank = strides.count
    guard (1...3).contains(rank), padBefore.count == rank, padAfter.count == rank, dilations.count == rank else {
      throw TensorError.value(
        "convolution: stride, padding and dilation need one number for each of 1 to 3 spatial axes; got \(strides), "
          + "\(padBefore) and \(padAfter), \(dilations)")
    }
    for (what, values, least) in [
      ("stride", strides, 1), ("dilation", dilations, 1), ("padding", padBefore, 0), ("padding", padAfter, 0),
    ] {
      for value in values where value < least {
        throw TensorError.value("\(operatorName): \(what) \(describe(values)) must be at least \(least)")
      }
    }
    guard groups >= 1 else { throw TensorError.value("\(operatorName): groups is \(groups), must be at least 1") }
  }

  func describe(_ values: [Int]) -> String { Dimensions(values).description }

  var attributes: Attributes {
    var attributes = Attributes()
    for list in [strides, padBefore, padAfter, dilations] { attributes.append(list) }
    attributes.append(groups)
    return attributes
  }

  private static let layouts = ["(N, C, L)", "(N, C, H, W)", "(N, C, D, H, W)"]

  /// Checks ranks, channels and dtypes of a call.
  func check(x: Tensor, weight: Tensor, bias: Tensor?, name: String? = nil) throws {
    let name = name ?? operatorName
    let rank = spatialRank + 2
    let layout = ConvolutionArguments.layouts[spatialRank - 1]
    guard x.rank == rank else {
      var advice = ""
      if spatialRank == 2 && x.rank == 3 {
        advice = "; for grey images use x.reshape(\(x.shape[0]), 1, \(x.shape[1]), \(x.shape[2]))"
      } else if spatialRank == 2 && x.rank == 2 {
        advice = "; for one grey image use x.reshape(1, 1, \(x.shape[0]), \(x.shape[1])), or corr2d(x, weight)"
      }
      throw TensorError.value("\(name): x has rank \(x.rank) \(x.shape), expected \(rank) \(layout)\(advice)")
    }
    guard weight.rank == rank else {
      throw TensorError.value(
        "\(name): weight has rank \(weight.rank) \(weight.shape), expected \(rank): "
          + "(out channels, in channels / groups, kernel size)")
    }
    try checkTypes(x, weight, bias, name)
  }

  private func checkTypes(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ name: String) throws {
    guard x.dtype.isFloatingPoint else {
      throw TensorError.type("\(name): x is \(x.dtype.name), expected float32 or float64; use x.float()")
    }
    guard weight.dtype == x.dtype else {
      throw TensorError.type(
        "\(name): x is \(x.dtype.name) but weight is \(weight.dtype.name); convert x with x.to(weight.dtype)")
    }
    if let bias, bias.dtype != x.dtype {
      throw TensorError.type("\(name): x is \(x.dtype.name) but bias is \(bias.dtype.name); they must be the same")
    }
  }

  func checkChannels(x: Tensor, weight: Tensor, bias: Tensor?) throws {
    let shapes = "(x \(x.shape), weight \(weight.shape))"
    guard x.shape[1] % groups == 0, weight.shape[1] == x.shape[1] / groups else {
      throw TensorError.value(
        "\(operatorName): x has \(x.shape[1]) channels but weight expects \(weight.shape[1] &* groups) \(shapes); "
          + "weight.shape[1] must be x.shape[1] / groups")
    }
    guard weight.shape[0] % groups == 0 else {
      throw TensorError.value(
        "\(operatorName): \(weight.shape[0]) output channels cannot be split into \(groups) groups \(shapes)")
    }
    if let bias, bias.shape != [weight.shape[0]] {
      throw TensorError.value(
        "\(operatorName): bias has shape \(bias.shape), expected (\(weight.shape[0]),), one number per output channel")
    }
  }

  /// The geometry for an input `(mb, ic, *spatial)` and a weight `(oc, ic / g, *kernel)`.
  func geometry(x: Dimensions, weight: Dimensions) throws -> ConvolutionGeometry {
    var sizes: [Int] = []
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
    func three(_ values: [Int], _ fill: Int) -> [Int] { [Int](repeating: fill, count: 3 - values.count) + values }
    func spatial(_ shape: Dimensions) -> [Int] { (2..<shape.count).map { shape[$0] } }
    let (i, k, o) = (three(spatial(x), 1), three(spatial(weight), 1), three(sizes, 1))
    let (s, d) = (three(strides, 1), three(dilations, 1))
    let (before, after) = (three(padBefore, 0), three(padAfter, 0))
    return ConvolutionGeometry(
      mb: x[0], g: groups, ic: x[1], oc: weight[0], id: i[0], ih: i[1], iw: i[2], kd: k[0], kh: k[1], kw: k[2],
      od: o[0], oh: o[1], ow: o[2], sd: s[0], sh: s[1], sw: s[2], dd: d[0], dh: d[1], dw: d[2], padFront: before[0],
      padTop: before[1], padLeft: before[2], padBack: after[0], padBottom: after[1], padRight: after[2])
  }
}

extension ConvolutionGeometry {
  /// The output's shape with as many spatial axes as the tensors have.
  func outputShape(spatialRank: Int) -> Dimensions {
    Dimensions([mb, oc] + [od, oh, ow].suffix(spatialRank))
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
