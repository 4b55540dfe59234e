import SwiftConvKernels

/// An operator whose result shows its first input's memory in another layout, when that is possible.
protocol ViewOperator: Operator {}

extension ViewOperator {
  static var traits: OperatorTraits { .view }
}

/// How a view was taken from its base: the operators in between, so that the same view can be taken of another tensor.
final class ViewOrigin {
  /// A tensor that is not a view itself.
  let base: Tensor
  private let parent: ViewOrigin?
  private let operation: any Operator.Type
  private let attributes: Attributes

  init(of tensor: Tensor, _ operation: any Operator.Type, _ attributes: Attributes) {
    base = tensor.viewOrigin?.base ?? tensor
    parent = tensor.viewOrigin
    self.operation = operation
    self.attributes = attributes
  }

  /// The same view of a tensor that has the base's shape.
  func view(of tensor: Tensor) throws -> Tensor {
    try apply(operation, [try parent?.view(of: tensor) ?? tensor], attributes)
  }

  /// Makes the base the result of a modification through the view, which `node` recorded.
  func rebase(on node: Node) throws {
    let edges = node.edges.indices.map { $0 == 0 ? Edge(to: base) : node.edges[$0] }
    let copySlices = try Node(CopySlices.self, .none, edges: edges)
    copySlices.payload = CopySlices.Modification(node: node, origin: self)
    base.node = copySlices
    base.requiresGradFlag = false
  }
}

extension Tensor {
  /// Takes this view from its base again, whose memory was modified in place since.
  func renewView(_ origin: ViewOrigin) {
    viewVersion = storage.version
    guard origin.base.requiresGrad else {
      node = nil
      return
    }
    // The view succeeded once for this shape; a dense base gives the same layout again.
    let renewed = try? GradientMode.with(true) { try origin.view(of: origin.base) }
    node = renewed?.node
    node?.hooks = hooks
  }
}

/// A modification in place through a view, as an operation on the view's base.
///
/// The base's gradient has two parts: outside of the view it passes unchanged; inside, the modification's own rule says
/// what reaches the old values and the other operands.
enum CopySlices: Operator {
  static let name = "copy_slices"
  static let arity = 0

  final class Modification {
    let node: Node
    let origin: ViewOrigin
    init(node: Node, origin: ViewOrigin) {
      self.node = node
      self.origin = origin
    }
  }

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    throw TensorError.notImplemented("copy_slices: is recorded by writes through views, not called")
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    guard let modification = node.payload as? Modification else {
      throw TensorError.runtime("backward: a write through a view has lost its view")
    }
    let inner = modification.node
    let viewGradient = try modification.origin.view(of: gradient)
    var result = try inner.operation.gradients(viewGradient, inner)
    while result.count < node.edges.count { result.append(nil) }
    guard node.needsGradient(0) else {
      result[0] = nil
      return result
    }
    // The clone is dense and shares nothing, so the region can be written in place.
    let whole = try gradient.cloned()
    let region = try modification.origin.view(of: whole)
    guard region.storage === whole.storage else {
      throw TensorError.notImplemented(
        "backward: a write through this view cannot be traced back to its base; clone() the base before taking views")
    }
    let inside = try result[0] ?? Tensor.zeros([], gradient.dtype)
    try applyInPlace(Copy.self, [region, try inside.summed(toShape: region.shape)])
    result[0] = whole
    return result
  }
}
