/// A list whose first three elements live in place. Nearly all nodes have so few inputs and saved values, and a list on the
/// heap for each would take longer than a small operator.
struct SmallList<Element> {
  private var first: Element?
  private var second: Element?
  private var third: Element?
  private var rest: [Element] = []

  init() {}

  init(_ elements: some Sequence<Element>) {
    for element in elements { append(element) }
  }

  private(set) var count = 0

  var indices: Range<Int> { 0..<count }
  var isEmpty: Bool { count == 0 }

  subscript(index: Int) -> Element {
    get {
      switch index {
      case 0: first.unsafelyUnwrapped
      case 1: second.unsafelyUnwrapped
      case 2: third.unsafelyUnwrapped
      default: rest[index - 3]
      }
    }
    set {
      switch index {
      case 0: first = newValue
      case 1: second = newValue
      case 2: third = newValue
      default: rest[index - 3] = newValue
      }
    }
  }

  mutating func append(_ element: Element) {
    switch count {
    case 0: first = element
    case 1: second = element
    case 2: third = element
    default: rest.append(element)
    }
    count += 1
  }

  mutating func removeAll() { self = SmallList() }
}
