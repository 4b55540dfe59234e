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
  /// Tells the places of this walk from those of another one.
  private let walk = sc_next_sequence_number()
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
    for index in roots.indices { try check(roots[index], Backward.gradient(index, gradients)) }
    var walk = Backward(options: options)
    try walk.choose(inputs, from: roots)
    defer {
      walk.frontier.forget()
      walk.leaves.forget()
    }
    return try GradientMode.with(options.contains(.createGraph)) {
      for index in roots.indices {
        let root = roots[index]
        let seed = try Backward.gradient(index, gradients) ?? Tensor.ones(root.shape, root.dtype)
        let edge = Edge(to: root)
        try walk.deliver(seed, to: edge.destination, edge.shape, edge.dtype)
      }
      try walk.drain()
      if walk.frees { sc_current_thread_state().pointee.latest_freeing = sc_next_sequence_number() }
      try walk.settleLeaves()
      return try walk.collect(inputs)
    }
  }

  private static func gradient(_ index: Int, _ gradients: [Tensor?]) -> Tensor? {
    index < gradients.count ? gradients[index] : nil
  }

  /// Checks that a walk can start at a root with this gradient.
  private static func check(_ root: Tensor, _ gradient: Tensor?) throws {
    guard root.requiresGrad else {
      throw TensorError.runtime(
        "backward: the tensor does not require grad and no operation that made it was recorded; "
          + "set requires_grad=True on what you want gradients for, before computing")
    }
    guard let gradient else {
      guard root.count == 1 else {
        throw TensorError.runtime(
          "backward: a gradient can be created implicitly only for one element, this tensor has shape "
            + "\(root.shape); use .sum().backward(), or pass gradient=")
      }
      return
    }
    guard gradient.shape == root.shape else {
      throw TensorError.runtime(
        "backward: gradient has shape \(gradient.shape), expected the tensor's shape \(root.shape)")
    }
    guard gradient.dtype.isFloatingPoint else {
      throw TensorError.type("backward: gradient has dtype \(gradient.dtype.name), expected \(root.dtype.name)")
    }
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
      for index in node.edges.indices {
        if case .node(let next) = node.edges[index].destination { stack.append(next) }
      }
    }
    var useful: Set<ObjectIdentifier> = []
    for node in all.sorted(by: { $0.sequence < $1.sequence }) {
      // What lay behind a spent node is not known any more; walking into it raises the error that says so.
      let isTheOnlyInput = wantedNodes == [ObjectIdentifier(node)] && wantedLeaves.isEmpty
      if node.isSpent && !isTheOnlyInput { useful.insert(ObjectIdentifier(node)) }
      let leads = node.edges.indices.contains { index in
        switch node.edges[index].destination {
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
    while case (let node, var gradient)? = frontier.popLatest() {
      if let hooks = node.hooks {
        gradient = try hooks.run(gradient)
        if let retainer = hooks.retainer { retainer.grad = try retained(gradient) }
      }
      if useful != nil {
        if wantedNodes.contains(ObjectIdentifier(node)) { captured[ObjectIdentifier(node)] = gradient }
        if !isUseful(node) { continue }
      }
      try node.checkPassable()
      var results = try node.operation.gradients(gradient, node)
      if frees { node.releaseSaved() }
      for index in results.indices where node.needsGradient(index) {
        // Taken out of the list, so that a gradient that nobody else holds is known to be free for reuse.
        guard let result = results[index].take() else { continue }
        try deliver(result, to: node.edges[index].destination, node.edges[index].shape, node.edges[index].dtype)
      }
      if node.isSpent { node.closeEdges() }
    }
  }

  private func isUseful(_ node: Node) -> Bool { useful?.contains(ObjectIdentifier(node)) ?? true }

  /// Whether a sum of gradients may be taken in the memory of one of them.
  private var canReuse: Bool { !options.contains(.createGraph) }

  /// Hands a gradient to the node or leaf behind an edge, in the shape and dtype of the input there.
  private mutating func deliver(
    _ gradient: consuming Tensor, to destination: Edge.Destination, _ shape: Dimensions, _ dtype: DType
  ) throws {
    switch destination {
    case .none: return
    case .node(let node):
      if useful != nil, !isUseful(node), !wantedNodes.contains(ObjectIdentifier(node)) { return }
      try frontier.add(Backward.fit(gradient, shape, dtype), to: node, walk, canReuse: canReuse)
    case .leaf(let leaf):
      if useful != nil && !wantedLeaves.contains(ObjectIdentifier(leaf)) { return }
      try leaves.add(Backward.fit(gradient, shape, dtype), to: leaf, walk, canReuse: canReuse)
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
  private static func fit(_ gradient: consuming Tensor, _ shape: Dimensions, _ dtype: DType) throws -> Tensor {
    if gradient.shape == shape && gradient.dtype == dtype { return gradient }
    var result = gradient
    if result.shape != shape { result = try result.summed(toShape: shape) }
    if result.dtype != dtype { result = try result.cast(to: dtype) }
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

/// Where a walk keeps the gradients for a node or a leaf.
struct WalkPlace {
  fileprivate var walk: UInt64 = 0
  fileprivate var index = 0
}

/// What can wait in a frontier; the latest goes first.
private protocol Ordered: AnyObject {
  var sequence: UInt64 { get }
  var place: WalkPlace { get set }
}

extension Node: Ordered {}

extension Tensor: Ordered {
  /// Leaves have no order among themselves.
  fileprivate var sequence: UInt64 { 0 }
}

/// Nodes or leaves that have a gradient and wait for their turn, as a heap with the latest on top.
///
/// In a chain only one waits at a time, and needs neither list.
///
/// Each remembers where its gradient waits, and gets back what it remembered before when its turn comes: a hook may start
/// another walk inside of this one.
private struct Frontier<Element: Ordered> {
  private struct Entry {
    let element: Element
    let index: Int
    let previous: WalkPlace
  }

  /// The one that waits where no others do; its index is `alone`.
  private var only: (entry: Entry, gradient: Tensor?)?
  private static var alone: Int { -1 }

  private var heap: [Entry] = []
  /// In the order in which they came; nil when their turn was.
  private var gradients: [Tensor?] = []

  mutating func add(_ gradient: consuming Tensor, to element: Element, _ walk: UInt64, canReuse: Bool) throws {
    let place = element.place
    if place.walk == walk {
      if place.index == Frontier.alone {
        let earlier = only?.gradient.take()
        let total = try sum(earlier, gradient, canReuse)
        only?.gradient = total
      } else {
        gradients[place.index] = try sum(gradients[place.index].take(), gradient, canReuse)
      }
      return
    }
    if only == nil && heap.isEmpty {
      only = (Entry(element: element, index: Frontier.alone, previous: place), gradient)
      element.place = WalkPlace(walk: walk, index: Frontier.alone)
      return
    }
    if let (first, itsGradient) = only.take() { push(itsGradient, to: first.element, walk, previous: first.previous) }
    push(gradient, to: element, walk, previous: place)
  }

  private mutating func push(
    _ gradient: consuming Tensor?, to element: Element, _ walk: UInt64, previous: WalkPlace
  ) {
    heap.append(Entry(element: element, index: gradients.count, previous: previous))
    element.place = WalkPlace(walk: walk, index: gradients.count)
    gradients.append(gradient)
    var child = heap.count - 1
    while child > 0, heap[(child - 1) / 2].element.sequence < heap[child].element.sequence {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popLatest() -> (Element, Tensor)? {
    if let (entry, gradient) = only.take() {
      entry.element.place = entry.previous
      return gradient.map { (entry.element, $0) }
    }
    guard let last = heap.popLast() else { return nil }
    var top = last
    if !heap.isEmpty {
      top = heap[0]
      heap[0] = last
      siftDown()
    }
    top.element.place = top.previous
    guard let gradient = gradients[top.index].take() else { return nil }
    if heap.isEmpty { gradients.removeAll(keepingCapacity: true) }
    return (top.element, gradient)
  }

  /// Gives everything that still waits what it remembered before.
  func forget() {
    if let (entry, _) = only { entry.element.place = entry.previous }
    for entry in heap { entry.element.place = entry.previous }
  }

  private func sum(_ earlier: consuming Tensor?, _ gradient: Tensor, _ canReuse: Bool) throws -> Tensor {
    guard var earlier else { return gradient }
    guard canReuse && isKnownUniquelyReferenced(&earlier) && isKnownUniquelyReferenced(&earlier.storage),
      earlier.isContiguous
    else { return try earlier + gradient }
    try applyInPlace(Add.self, [earlier, gradient])
    return earlier
  }

  private mutating func siftDown() {
    var parent = 0
    while true {
      var largest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].element.sequence > heap[largest].element.sequence { largest = child }
      }
      if largest == parent { return }
      heap.swapAt(parent, largest)
      parent = largest
    }
  }
}
