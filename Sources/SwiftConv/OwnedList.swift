#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

private func giveBack(_ memory: UnsafeMutableRawPointer) { free(memory) }

/// A list with one owner. It is never copied, and its elements are used where they are: as an array, or as fields of their
/// owner, they would be copied for every look at one of them.
struct OwnedList<Element>: ~Copyable {
  private var memory: UnsafeMutablePointer<Element>?
  private var capacity = 0
  private(set) var count = 0

  /// False when there was no memory for an element. It is missing then, and the list is of no use.
  private(set) var isComplete = true

  init() {}

  init(_ elements: some Sequence<Element>) {
    for element in elements { append(element) }
  }

  deinit { OwnedList.free(memory, count) }

  var indices: Range<Int> { 0..<count }
  var isEmpty: Bool { count == 0 }

  /// The element at an index below `count`.
  subscript(index: Int) -> Element {
    unsafeAddress { UnsafePointer(memory.unsafelyUnwrapped + index) }
    unsafeMutableAddress { memory.unsafelyUnwrapped + index }
  }

  mutating func append(_ element: consuming Element) {
    if count == capacity, !grow() {
      isComplete = false
      return
    }
    (memory.unsafelyUnwrapped + count).initialize(to: element)
    count &+= 1
  }

  mutating func removeAll() {
    // What is released may come back here, and must find the list empty.
    let (old, oldCount) = (memory, count)
    (memory, capacity, count) = (nil, 0, 0)
    OwnedList.free(old, oldCount)
  }

  @inline(never)
  private mutating func grow() -> Bool {
    // Nearly all nodes have at most three inputs and saved values.
    let newCapacity = capacity == 0 ? 3 : 2 * capacity
    // Swift's own allocation asks for an alignment, which takes longer.
    guard let block = malloc(newCapacity * MemoryLayout<Element>.stride) else { return false }
    let larger = block.bindMemory(to: Element.self, capacity: newCapacity)
    if let memory {
      larger.moveInitialize(from: memory, count: count)
      giveBack(memory)
    }
    capacity = newCapacity
    memory = larger
    return true
  }

  @inline(__always)
  private static func free(_ memory: UnsafeMutablePointer<Element>?, _ count: Int) {
    guard let memory else { return }
    memory.deinitialize(count: count)
    giveBack(memory)
  }
}
