import CPlatform
import SwiftConvKernels

/// What a walk through the graph does besides computing gradients.
public struct BackwardOptions: OptionSet, Sendable {
  public let rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Keep saved values, so that the graph can be walked again.
  public static let retainGraph = BackwardOptions(rawValue: 1)
  /// Record the walk itself, for higher derivatives.
  public static let createGraph = BackwardOptions(rawValue: 2)
  /// Give nil for inputs that no root depends on, instead of an error.
  public static let allowUnused = BackwardOptions(rawValue: 4)
}

/// Adds the gradients of `roots` to the `grad` of every leaf they depend on.
///
/// - Parameters:
///   - roots: where the walk begins.
///   - gradients: the gradients of the roots; nil stands for 1 and needs a root with one element.
///   - options: what the walk does besides.
public func backward(
  from roots: [Tensor], gradients: [Tensor?] = [], options: BackwardOptions = []
) throws {
  _ = try Backward.run(from: roots, gradients: gradients, inputs: [], options: options)
}

/// The gradients of `roots` with respect to `inputs`; no leaf's `grad` is touched.
public func gradients(
  of roots: [Tensor], withRespectTo inputs: [Tensor], gradients: [Tensor?] = [], options: BackwardOptions = []
) throws -> [Tensor?] {
  try Backward.run(from: roots, gradients: gradients, inputs: inputs, options: options)
}

/// One walk through the graph: pop the latest node, run its rule, hand the gradients to its inputs.
///
/// A node's sequence number is higher than those of all nodes it depends on, so taking the highest first visits every
/// node after everything that uses it.
private struct Backward {
  private var frontier = Frontier<Node>()
  private var leaves = Frontier<Tensor>()
  private let options: BackwardOptions
  /// For `gradients(of:withRespectTo:)`: what has reached the wanted inputs so far.
  private var captured: [ObjectIdentifier: Tensor] = [:]
  private var wantedNodes: Set<ObjectIdentifier> = []
  private var wantedLeaves: Set<ObjectIdentifier> = []
  /// The nodes through which a wanted input can be reached; nil when every leaf is wanted.
  private var useful: Set<ObjectIdentifier>?

  private init(options: BackwardOptions) { self.options = options }

  /// Whether what nodes have saved is freed on the way.
  private var frees: Bool { options.isDisjoint(with: [.retainGraph, .createGraph]) }

  static func run(
    from roots: [Tensor], gradients: [Tensor?], inputs: [Tensor], options: BackwardOptions
  ) throws -> [Tensor?] {
    let seeds = try seeds(for: roots, gradients)
    var walk = Backward(options: options)
    try walk.choose(inputs, from: roots)
    return try GradientMode.with(options.contains(.createGraph)) {
      for (root, seed) in zip(roots, seeds) {
        let edge = Edge(to: root)
        try walk.deliver(seed, to: edge, from: "backward")
      }
      try walk.drain()
      if walk.frees { sc_current_thread_state().pointee.latest_freeing = sc_next_sequence_number() }
      try walk.settleLeaves()
      return try walk.collect(inputs)
    }
  }

  /// The gradients that the walk starts with, checked.
  private static func seeds(for roots: [Tensor], _ gradients: [Tensor?]) throws -> [Tensor] {
    var seeds: [Tensor] = []
    for (index, root) in roots.enumerated() {
      guard root.requiresGrad else {
        throw TensorError.runtime(
          "backward: the tensor does not require grad and no operation that made it was recorded; "
            + "set requires_grad=True on what you want gradients for, before computing")
      }
      if index < gradients.count, let gradient = gradients[index] {
        guard gradient.shape == root.shape else {
          throw TensorError.runtime(
            "backward: gradient has shape \(gradient.shape), expected the tensor's shape \(root.shape)")
        }
        guard gradient.dtype.isFloatingPoint else {
          throw TensorError.type("backward: gradient has dtype \(gradient.dtype.name), expected \(root.dtype.name)")
        }
        seeds.append(gradient)
      } else {
        guard root.count == 1 else {
          throw TensorError.runtime(
            "backward: a gradient can be created implicitly only for one element, this tensor has shape "
              + "\(root.shape); use .sum().backward(), or pass gradient=")
        }
        seeds.append(try Tensor.ones(root.shape, root.dtype))
      }
    }
    return seeds
  }

  private mutating func choose(_ inputs: [Tensor], from roots: [Tensor]) throws {
    guard !inputs.isEmpty else { return }
    for input in inputs {
      guard input.requiresGrad else {
        throw TensorError.runtime("grad: one of the inputs does not require grad")
      }
      if let node = input.gradientNode {
        wantedNodes.insert(ObjectIdentifier(node))
      } else {
        wantedLeaves.insert(ObjectIdentifier(input))
      }
    }
    useful = usefulNodes(from: roots)
  }

  /// Every node between the roots and the wanted inputs. Nodes are visited latest first when collected, so one pass in
  /// rising order of their numbers settles what leads to a wanted input.
  private func usefulNodes(from roots: [Tensor]) -> Set<ObjectIdentifier> {
    var seen: Set<ObjectIdentifier> = []
    var all: [Node] = []
    var stack = roots.compactMap(\.gradientNode)
    while let node = stack.popLast() {
      guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
      all.append(node)
      for case .node(let next) in node.edges.map(\.destination) { stack.append(next) }
    }
    var useful: Set<ObjectIdentifier> = []
    for node in all.sorted(by: { $0.sequence < $1.sequence }) {
      // What lay behind a spent node is not known any more; walking into it raises the error that says so.
      let isTheOnlyInput = wantedNodes == [ObjectIdentifier(node)] && wantedLeaves.isEmpty
      if node.isSpent && !isTheOnlyInput { useful.insert(ObjectIdentifier(node)) }
      let leads = node.edges.contains { edge in
        switch edge.destination {
        case .none: false
        case .leaf(let leaf): wantedLeaves.contains(ObjectIdentifier(leaf))
        case .node(let next):
          wantedNodes.contains(ObjectIdentifier(next)) || useful.contains(ObjectIdentifier(next))
        }
      }
      if leads { useful.insert(ObjectIdentifier(node)) }
    }
    return useful
  }

  private mutating func drain() throws {
    while let (node, pending) = frontier.popLatest() {
      var gradient = pending
      if let hooks = node.hooks {
        gradient = try hooks.run(gradient)
        if let retainer = hooks.retainer { retainer.grad = try retained(gradient) }
      }
      if wantedNodes.contains(ObjectIdentifier(node)) { captured[ObjectIdentifier(node)] = gradient }
      if let useful, !useful.contains(ObjectIdentifier(node)) { continue }
      try node.checkPassable()
      var results = try node.operation.gradients(gradient, node)
      let edges = node.edges
      if frees { node.releaseSaved() }
      for index in results.indices where index < edges.count && edges[index].isOpen {
        // Taken out of the list, so that a gradient that nobody else holds is known to be free for reuse.
        guard let result = results[index].take() else { continue }
        try deliver(result, to: edges[index], from: node.operation.name)
      }
    }
  }

  /// Hands a gradient to the node or leaf behind an edge, in the shape and dtype of the input there.
  private mutating func deliver(_ gradient: consuming Tensor, to edge: Edge, from name: String) throws {
    switch edge.destination {
    case .none: return
    case .node(let node):
      if let useful, !useful.contains(ObjectIdentifier(node)), !wantedNodes.contains(ObjectIdentifier(node)) { return }
      try frontier.add(fit(gradient, edge, name), to: node, canReuse: !options.contains(.createGraph))
    case .leaf(let leaf):
      if useful != nil && !wantedLeaves.contains(ObjectIdentifier(leaf)) { return }
      try leaves.add(fit(gradient, edge, name), to: leaf, canReuse: !options.contains(.createGraph))
    }
  }

  /// Gives the leaves their gradients, after all parts of them have come together: hooks see the sum, once.
  private mutating func settleLeaves() throws {
    while case (let leaf, var gradient)? = leaves.popLatest() {
      if let hooks = leaf.hooks { gradient = try hooks.run(gradient) }
      if useful == nil {
        try accumulate(gradient, into: leaf)
      } else {
        captured[ObjectIdentifier(leaf)] = gradient
      }
    }
  }

  /// Undoes broadcasting and promotion.
  private func fit(_ gradient: consuming Tensor, _ edge: Edge, _ name: String) throws -> Tensor {
    var result = gradient
    if result.shape != edge.shape { result = try result.summed(toShape: edge.shape) }
    if result.dtype != edge.dtype { result = try result.cast(to: edge.dtype) }
    return result
  }

  private func accumulate(_ gradient: consuming Tensor, into leaf: Tensor) throws {
    guard gradient.shape == leaf.shape else {
      throw TensorError.runtime(
        "backward: the gradient has shape \(gradient.shape), but the leaf's data now has shape \(leaf.shape)")
    }
    guard let existing = leaf.grad else {
      leaf.grad = try retained(gradient)
      return
    }
    if options.contains(.createGraph) || existing.requiresGrad || !existing.storage.isWritable {
      leaf.grad = try existing + gradient
    } else {
      try applyInPlace(Add.self, [existing, gradient])
    }
  }

  /// A gradient that nobody else will write to: the tensor itself when nobody else has it, a copy otherwise.
  private func retained(_ gradient: consuming Tensor) throws -> Tensor {
    if options.contains(.createGraph) { return gradient }
    var own = consume gradient
    if isKnownUniquelyReferenced(&own) && isKnownUniquelyReferenced(&own.storage) && own.isContiguous { return own }
    return try own.cloned()
  }

  private func collect(_ inputs: [Tensor]) throws -> [Tensor?] {
    try inputs.map { input in
      let key = input.gradientNode.map { ObjectIdentifier($0) } ?? ObjectIdentifier(input)
      if let gradient = captured[key] { return gradient }
      guard options.contains(.allowUnused) else {
        throw TensorError.runtime(
          "grad: an input was not used to compute the outputs; pass allow_unused=True to get None for it")
      }
      return nil
    }
  }
}

/// What can wait in a frontier; the latest goes first.
private protocol Ordered: AnyObject {
  var sequence: UInt64 { get }
}

extension Node: Ordered {}

extension Tensor: Ordered {
  /// Leaves have no order among themselves.
  fileprivate var sequence: UInt64 { 0 }
}

/// Nodes or leaves that have a gradient and wait for their turn, as a heap with the latest on top.
private struct Frontier<Element: Ordered> {
  private var elements: [Element] = []
  private var gradients: [ObjectIdentifier: Tensor] = [:]

  mutating func add(_ gradient: consuming Tensor, to element: Element, canReuse: Bool) throws {
    let identifier = ObjectIdentifier(element)
    if var earlier = gradients.removeValue(forKey: identifier) {
      if canReuse && isKnownUniquelyReferenced(&earlier) && isKnownUniquelyReferenced(&earlier.storage)
        && earlier.isContiguous
      {
        try applyInPlace(Add.self, [earlier, gradient])
        gradients[identifier] = earlier
      } else {
        gradients[identifier] = try earlier + gradient
      }
      return
    }
    gradients[identifier] = gradient
    elements.append(element)
    var child = elements.count - 1
    while child > 0, elements[(child - 1) / 2].sequence < elements[child].sequence {
      elements.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popLatest() -> (Element, Tensor)? {
    guard let top = elements.first, let last = elements.popLast() else { return nil }
    if !elements.isEmpty {
      elements[0] = last
      siftDown()
    }
    guard let gradient = gradients.removeValue(forKey: ObjectIdentifier(top)) else { return nil }
    return (top, gradient)
  }

  private mutating func siftDown() {
    var parent = 0
    while true {
      var largest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < elements.count {
        if elements[child].sequence > elements[largest].sequence { largest = child }
      }
      if largest == parent { return }
      elements.swapAt(parent, largest)
      parent = largest
    }
  }
}
