import SwiftConvKernels

/// A function of the host (Python's `autograd.Function`) as a recorded operation.
///
/// The engine's nodes have one result each. A function with several gets one node for all of them, whose result stands for
/// the flat concatenation of theirs, each followed by a mark, and one small node per result that cuts it out. The gradient
/// of a mark is 0 where the result has no gradient.
public enum HostFunction: Operator {
  public static let name = "function"
  public static let arity = -1

  /// What the host computes: the gradients of the inputs, from those of the results (nil for one that has none) and from
  /// the results it asked to keep.
  public typealias Rule = (_ gradients: [Tensor?], _ results: [Tensor?]) throws -> [Tensor?]

  private final class Payload {
    let rule: Rule
    /// The results in order: shape, dtype, and the value where the host wants it back.
    let results: [(shape: Dimensions, dtype: DType, kept: SavedValue?)]
    let title: String

    init(rule: @escaping Rule, results: [(shape: Dimensions, dtype: DType, kept: SavedValue?)], title: String) {
      (self.rule, self.results, self.title) = (rule, results, title)
    }
  }

  /// Makes fresh tensors the recorded results of a function of `inputs`.
  ///
  /// - Parameters:
  ///   - title: what errors and `grad_fn` call the function.
  ///   - inputs: what the function was given; nil stands for what is no tensor.
  ///   - results: what it made.
  ///   - keeps: which results the rule wants to see again.
  ///   - rule: takes the gradients of the results to those of the inputs.
  public static func record(
    _ title: String, inputs: [Tensor?], results: [Tensor], keeps: [Bool], rule: @escaping Rule
  ) throws {
    guard GradientMode.isEnabled, inputs.contains(where: { $0?.requiresGrad ?? false }) else { return }
    for result in results {
      guard result.dtype.isFloatingPoint else { continue }
      guard !result.requiresGrad, result.viewOrigin == nil else {
        throw TensorError.runtime(
          "\(title): forward must return new tensors; a result is an input, or already part of a graph; use clone()")
      }
    }
    let described = zip(results, keeps).map { result, isKept in
      let kept = isKept ? SavedValue(tensor: result.alias(), version: result.storage.version, isResult: true) : nil
      return (shape: result.shape, dtype: result.dtype, kept: kept)
    }
    let node = try Node(HostFunction.self, .none, edges: inputs.map { Edge(to: $0) })
    node.payload = Payload(rule: rule, results: described, title: title)
    for (index, result) in results.enumerated() where result.dtype.isFloatingPoint {
      result.node = results.count == 1 ? node : try part(index, of: node, described)
      result.viewVersion = result.storage.version
      result.isUnrecordedView = false
    }
  }

  /// The function's name, for a node that one made.
  static func title(of node: Node) -> String? {
    if let payload = node.payload as? Payload { return payload.title }
    guard node.operation == HostFunctionPart.self, case .node(let whole) = node.edges[0].destination else { return nil }
    return (whole.payload as? Payload)?.title
  }

  public static func forward(_ call: inout OperatorCall) throws -> Tensor {
    throw TensorError.notImplemented("function: is recorded by the host, not called")
  }

  public static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    guard let payload = node.payload as? Payload else {
      throw TensorError.runtime("backward: a Function has lost its rule")
    }
    let gradients = payload.results.count == 1 ? [gradient] : try separated(gradient, payload)
    let kept = try payload.results.enumerated().map { try value($0.element.kept, $0.offset, payload, node) }
    let found = try payload.rule(gradients, kept)
    guard found.count == node.edges.count else {
      throw TensorError.value(
        "\(payload.title): backward returned \(found.count) gradients for \(node.edges.count) inputs; "
          + "return one for each argument of forward, None where there is none")
    }
    for (index, gradient) in found.enumerated() {
      guard let gradient, node.edges[index].isOpen, gradient.shape != node.edges[index].shape else { continue }
      throw TensorError.value(
        "\(payload.title): backward returned a gradient of shape \(gradient.shape) for input \(index), expected "
          + "\(node.edges[index].shape)")
    }
    return found
  }

  /// The gradients of several results, from their concatenation.
  private static func separated(_ gradient: Tensor, _ payload: Payload) throws -> [Tensor?] {
    var start = 0
    return try payload.results.map { result in
      let mark = start + result.shape.product
      defer { start = mark + 1 }
      guard try gradient.sliced(axis: 0, mark..<(mark + 1)).item() != 0 else { return nil }
      return try gradient.sliced(axis: 0, start..<mark).reshaped(to: result.shape).cast(to: result.dtype)
    }
  }

  /// A kept result as part of the graph again.
  private static func value(_ kept: SavedValue?, _ index: Int, _ payload: Payload, _ node: Node) throws -> Tensor? {
    guard let kept, let tensor = kept.tensor else { return nil }
    guard tensor.storage.version == kept.version else {
      throw TensorError.runtime(
        "backward: a result that \(payload.title) saved was modified by an in-place operation; clone() it first")
    }
    let result = tensor.alias()
    result.node = payload.results.count == 1 ? node : try part(index, of: node, payload.results)
    result.viewVersion = result.storage.version
    return result
  }

  private static func part(
    _ index: Int, of node: Node, _ results: [(shape: Dimensions, dtype: DType, kept: SavedValue?)]
  ) throws -> Node {
    let sizes = results.map { $0.shape.product + 1 }
    var attributes = Attributes()
    attributes.append(sizes[..<index].reduce(0, +))
    attributes.append(sizes.reduce(0, +))
    let dtype = results.map(\.dtype).filter(\.isFloatingPoint).reduce(.float32, Promotion.promoted)
    let edge = Edge(to: node, shape: [sizes.reduce(0, +)], dtype: dtype)
    return try Node(HostFunctionPart.self, attributes, edges: [edge])
  }
}

/// One result of a host function, cut out of the concatenation of all.
private enum HostFunctionPart: Operator {
  static let name = "function"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    throw TensorError.notImplemented("function: is recorded by the host, not called")
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    var reader = node.reader
    let (start, total) = (try reader.int(), try reader.int())
    let marked = try padded(try gradient.reshaped(to: [gradient.count]), 0, 1, with: 1)
    return [try padded(marked, start, total - start - marked.count, with: 0)]
  }

  private static func padded(_ vector: Tensor, _ before: Int, _ after: Int, with value: Double) throws -> Tensor {
    var attributes = Attributes()
    attributes.append([before])
    attributes.append([after])
    attributes.append(0)
    attributes.append(value)
    return try apply(Pad.self, [vector], attributes)
  }
}
