/// `0..<count` cut into parts whose lengths differ by at most one.
struct Split {
  let count: Int
  let parts: Int
  private let base: Int
  private let longer: Int

  /// `parts` is at least 1.
  init(_ count: Int, parts: Int) {
    self.count = count
    self.parts = parts
    base = count / parts
    longer = count % parts
  }

  /// As few parts as possible, none longer than `limit`.
  init(_ count: Int, atMost limit: Int) {
    self.init(count, parts: max(1, (count + limit - 1) / limit))
  }

  func start(_ part: Int) -> Int { part * base + min(part, longer) }
  func length(_ part: Int) -> Int { base + (part < longer ? 1 : 0) }
  subscript(part: Int) -> Range<Int> { start(part)..<start(part + 1) }

  /// The length of the longest part.
  var longest: Int { base + (longer > 0 ? 1 : 0) }
  var shortest: Int { base }
}
