import SwiftConvKernels

// What PyTorch prints as `grad_fn`, where it is not simply the operator's name: `tensor(3., grad_fn=<MulBackward0>)`.

extension Tensor {
  /// The name of the operation that made the tensor, in PyTorch's style: `MulBackward0`.
  public var gradientFunctionName: String? {
    guard let node = gradientNode else { return nil }
    return HostFunction.title(of: node) ?? node.title ?? node.operation.gradientName(of: node)
  }
}

extension Operator {
  public static func gradientName(of node: Node) -> String {
    let words = name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }
    return words.joined() + "Backward0"
  }
}

extension CopySlices {
  static func gradientName(of node: Node) -> String { "CopySlices" }
}

extension Cast {
  static func gradientName(of node: Node) -> String { "ToCopyBackward0" }
}

extension Clamp {
  static func gradientName(of node: Node) -> String { "ClampBackward1" }
}

extension GatherIndex {
  static func gradientName(of node: Node) -> String { "IndexBackward0" }
}

extension PutIndex {
  static func gradientName(of node: Node) -> String { "IndexPutBackward0" }
}

extension MaximumAlong {
  static func gradientName(of node: Node) -> String { "MaxBackward0" }
}

extension MinimumAlong {
  static func gradientName(of node: Node) -> String { "MinBackward0" }
}

extension MaximumReduction {
  static func gradientName(of node: Node) -> String { isOverAll(node) ? "MaxBackward1" : "AmaxBackward0" }
}

extension MinimumReduction {
  static func gradientName(of node: Node) -> String { isOverAll(node) ? "MinBackward1" : "AminBackward0" }
}

extension Sum {
  static func gradientName(of node: Node) -> String { isOverAll(node) ? "SumBackward0" : "SumBackward1" }
}

extension Mean {
  static func gradientName(of node: Node) -> String { isOverAll(node) ? "MeanBackward0" : "MeanBackward1" }
}

extension Reshape {
  static func gradientName(of node: Node) -> String { "ViewBackward0" }
}

extension Permute {
  static func gradientName(of node: Node) -> String {
    node.inputShape(0).count == 2 ? "TBackward0" : "PermuteBackward0"
  }
}

extension Matmul {
  static func gradientName(of node: Node) -> String {
    switch (node.inputShape(0).count, node.inputShape(1).count) {
    case (1, 1): "DotBackward0"
    case (2, 1): "MvBackward0"
    case (2, 2): "MmBackward0"
    default: "UnsafeViewBackward0"
    }
  }
}

extension Linear {
  static func gradientName(of node: Node) -> String {
    node.inputShape(0).count != 2 ? "ViewBackward0" : node.edges[2].isMissing ? "MmBackward0" : "AddmmBackward0"
  }
}

extension Index {
  /// The last entry decides, as in PyTorch, where each entry is an operation of its own.
  static func gradientName(of node: Node) -> String {
    switch lastKind(node.attributes.integers) {
    case 0: "SelectBackward0"
    case 2: "UnsqueezeBackward0"
    case 1: "SliceBackward0"
    default: "AliasBackward0"
    }
  }

  private static func lastKind(_ integers: [Int]) -> Int? {
    var position = 1
    var last: Int?
    while position < integers.count {
      last = integers[position]
      position += last == 0 ? 2 : last == 1 ? 6 : 1
    }
    return last
  }
}

extension MaxPool {
  static func gradientName(of node: Node) -> String { "MaxPool\(spatialRank(node))DWithIndicesBackward0" }
}

extension AdaptiveMaxPool {
  static func gradientName(of node: Node) -> String { "AdaptiveMaxPool\(spatialRank(node))DBackward0" }
}

extension AvgPool {
  static func gradientName(of node: Node) -> String { "AvgPool\(spatialRank(node))DBackward0" }
}

extension AdaptiveAvgPool {
  /// A single window is a mean, in PyTorch too.
  static func gradientName(of node: Node) -> String {
    let sizes = node.attributes.integers.dropFirst()
    return sizes.allSatisfy { $0 == 1 } ? "MeanBackward1" : "AdaptiveAvgPool\(spatialRank(node))DBackward0"
  }
}

extension BatchNorm {
  static func gradientName(of node: Node) -> String { "NativeBatchNormBackward0" }
}

extension ConvolutionTransposed {
  static func gradientName(of node: Node) -> String { "ConvolutionBackward0" }
}

extension Square {
  static func gradientName(of node: Node) -> String { "PowBackward0" }
}

extension LogarithmOnePlus {
  static func gradientName(of node: Node) -> String { "Log1PBackward0" }
}

/// How many axes a pooling operator's windows have.
private func spatialRank(_ node: Node) -> Int { node.attributes.integers[0] }

/// Whether a reduction was asked for without axes.
private func isOverAll(_ node: Node) -> Bool { node.attributes.integers.first == 0 }
