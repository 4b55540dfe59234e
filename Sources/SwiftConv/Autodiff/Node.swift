import CPlatform
import SwiftConvKernels

/// Where a gradient goes: on to the node that made an input, or into the `grad` of a leaf, or nowhere.
struct Edge {
  enum Destination {
    case none
    case node(Node)
    case leaf(Tensor)
  }

  private(set) var destination: Destination

  /// The input's shape and dtype, which its gradient gets back after broadcasting and promotion.
  let shape: Dimensions
  let dtype: DType

  /// True when nothing was passed for this input.
  let isMissing: Bool

  init(to tensor: Tensor?) {
    isMissing = tensor == nil
    guard let tensor else {
      destination = .none
      shape = []
      dtype = .float32
      return
    }
    shape = tensor.shape
    dtype = tensor.dtype
    if let node = tensor.gradientNode {
      node.letGoOfFreedGraph()
      destination = .node(node)
    } else {
      destination = tensor.requiresGradFlag ? .leaf(tensor) : .none
    }
  }

  init(to node: Node, shape: Dimensions, dtype: DType) {
    destination = .node(node)
    self.shape = shape
    self.dtype = dtype
    isMissing = false
  }

  /// Forgets what is behind the edge.
  mutating func close() { destination = .none }

  var isOpen: Bool {
    if case .none = destination { return false }
    return true
  }
}

/// A value that the backward pass needs, with the version its memory had.
struct SavedValue {
  /// Nil until the result exists, for a saved result.
  var tensor: Tensor?
  var version: Int
  /// A saved result is kept as an alias without a node, or it and its node would keep each other alive.
  let isResult: Bool
}

/// One recorded call of an operator.
public final class Node {
  let operation: any Operator.Type
  let attributes: Attributes

  /// Rises with every node, so that a node always has a higher number than those it depends on.
  let sequence: UInt64

  private(set) var edges: OwnedList<Edge>
  private(set) var saved: OwnedList<SavedValue>

  /// True when a backward pass has freed what this node, or everything behind it, had saved: no other one can pass.
  private(set) var isSpent = false

  /// What printing calls the node, when it is the last step of a formula that has a name.
  var title: String?

  /// What some operators attach, such as the geometry of a convolution, or the node behind a modified view.
  var payload: AnyObject?

  /// The hooks of the tensor this node made.
  var hooks: GradientHooks?

  /// Where the walk that runs keeps the gradients that have reached this node; see `Backward`.
  var place = WalkPlace()

  /// - Throws: `TensorError` of kind `memory`.
  init(_ operation: any Operator.Type, _ attributes: Attributes, edges: some Sequence<Edge>) throws {
    self.operation = operation
    self.attributes = attributes
    self.edges = OwnedList(edges)
    saved = OwnedList()
    sequence = sc_next_sequence_number()
    try checkComplete()
  }

  /// The node of a recorded call on `inputs`, with its saved result filled in.
  ///
  /// - Throws: `TensorError` of kind `memory`.
  init(recording call: inout OperatorCall, _ inputs: Operands, _ result: Tensor) throws {
    operation = call.operation
    attributes = call.attributes
    edges = OwnedList()
    saved = call.takeSaved()
    payload = call.payload
    sequence = sc_next_sequence_number()
    for slot in inputs.indices { edges.append(Edge(to: inputs[slot])) }
    try checkComplete()
    for index in saved.indices where saved[index].isResult {
      saved[index].tensor = result.alias()
      saved[index].version = result.storage.version
    }
  }

  private func checkComplete() throws {
    guard edges.isComplete, saved.isComplete else {
      throw TensorError(.memory, "\(operation.name): cannot allocate memory to record the call")
    }
  }

  /// Whether the gradient of an input is wanted at all.
  public func needsGradient(_ input: Int) -> Bool { input < edges.count && edges[input].isOpen }

  /// The shape of an input.
  func inputShape(_ input: Int) -> Dimensions { edges[input].shape }

  var reader: AttributeReader { AttributeReader(attributes, for: operation.name) }

  /// A saved value, in the order in which `forward` saved it.
  ///
  /// - Throws: `TensorError` of kind `runtime` when the value has been modified in place since.
  func saved(_ index: Int) throws -> Tensor {
    guard index < saved.count, let tensor = saved[index].tensor else {
      throw TensorError.runtime("backward: \(operation.name) saved no value \(index)")
    }
    guard tensor.storage.version == saved[index].version else {
      throw TensorError.runtime(
        "backward: a value of shape \(tensor.shape) that \(operation.name) needs for its gradient was modified by an "
          + "in-place operation (it is at version \(tensor.storage.version), \(operation.name) saved version "
          + "\(saved[index].version)); use the out-of-place form, or clone() the value first")
    }
    guard saved[index].isResult else { return tensor }
    let result = tensor.alias()
    result.node = self
    result.viewVersion = result.storage.version
    return result
  }

  /// Frees what the backward pass needed. Where that was anything at all, the graph behind must be let go as well, with
  /// `closeEdges`.
  func releaseSaved() {
    guard !saved.isEmpty || payload != nil else { return }
    isSpent = true
    saved.removeAll()
    payload = nil
  }

  /// Lets the graph behind a spent node go.
  func closeEdges() {
    for index in edges.indices { edges[index].close() }
  }

  /// - Throws: `TensorError` of kind `runtime` when the graph was already walked and its values freed.
  func checkPassable() throws {
    guard isSpent else { return }
    throw TensorError.runtime(
      "backward: the values that \(operation.name) saved were freed by an earlier backward; "
        + "write backward(retain_graph=True) the first time to go through the graph twice")
  }

  /// Lets go of a graph that can only be walked into, not through.
  ///
  /// A value that is carried from one step of training to the next, and recorded, would otherwise hold the graphs of all
  /// steps. Only nodes older than the latest freeing are looked at, and only a few behind each.
  func letGoOfFreedGraph() {
    var budget = 32
    guard sequence < sc_current_thread_state().pointee.latest_freeing, !isSpent, isDeadEnd(&budget) else { return }
    spend()
  }

  /// Whether every way from here ends at a spent node; false when the budget of nodes to look at is used up.
  private func isDeadEnd(_ budget: inout Int) -> Bool {
    if isSpent { return true }
    guard budget > 0, needsGradient else { return false }
    budget -= 1
    for index in edges.indices {
      switch edges[index].destination {
      case .none: continue
      case .leaf: return false
      case .node(let next): guard next.isDeadEnd(&budget) else { return false }
      }
    }
    return true
  }

  private var needsGradient: Bool {
    for index in edges.indices where edges[index].isOpen { return true }
    return false
  }

  private func spend() {
    isSpent = true
    saved.removeAll()
    payload = nil
    closeEdges()
  }

  deinit {
    // Emptied here: what the fields still hold is released after this body, at any depth.
    let state = sc_current_thread_state()!
    if state.pointee.release_depth >= DeferredRelease.directDepth {
      let item = DeferredRelease.Item(
        edges: edges.indices.map { edges[$0] }, saved: saved.indices.map { saved[$0] }, payload: payload)
      DeferredRelease.enqueue(item, state)
    }
    state.pointee.release_depth += 1
    edges.removeAll()
    saved.removeAll()
    payload = nil
    state.pointee.release_depth -= 1
    if state.pointee.release_queue != nil, state.pointee.release_depth == 0 { DeferredRelease.drain(state) }
  }
}

/// Releases chains of nodes without deep recursion: a graph may be millions of nodes long.
///
/// Up to a fixed depth a node's inputs are released directly; below that they wait in a queue of the thread, which the
/// outermost release empties.
enum DeferredRelease {
  struct Item {
    let edges: [Edge]
    let saved: [SavedValue]
    let payload: AnyObject?
  }

  static let directDepth: Int32 = 32

  /// Keeps what a node held until `drain`.
  @inline(never)
  static func enqueue(_ item: consuming Item, _ state: UnsafeMutablePointer<sc_thread_state>) {
    if state.pointee.release_queue == nil {
      let queue = UnsafeMutablePointer<[Item]>.allocate(capacity: 1)
      queue.initialize(to: [])
      state.pointee.release_queue = UnsafeMutableRawPointer(queue)
    }
    state.pointee.release_queue.assumingMemoryBound(to: [Item].self).pointee.append(item)
  }

  @inline(never)
  static func drain(_ state: UnsafeMutablePointer<sc_thread_state>) {
    guard let memory = state.pointee.release_queue else { return }
    let queue = memory.assumingMemoryBound(to: [Item].self)
    // Not the outermost any more, so that what is released in here does not begin to drain as well.
    state.pointee.release_depth += 1
    while let item = queue.pointee.popLast() { drop(item) }
    state.pointee.release_depth -= 1
    state.pointee.release_queue = nil
    queue.deinitialize(count: 1)
    queue.deallocate()
  }

  @inline(never)
  private static func drop(_ item: consuming Item) {}
}
