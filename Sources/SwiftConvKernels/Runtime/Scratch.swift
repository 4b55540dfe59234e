import CPlatform

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One block of memory that a kernel cuts into what it needs.
struct Scratch: ~Copyable {
  private let base: UnsafeMutableRawPointer
  private let byteCount: Int
  private var used = 0

  /// Memory for pieces of these sizes, each on a cache line of its own, or nil when it cannot be had.
  init?(byteCounts: Int...) {
    var total = 0
    for count in byteCounts { total += Scratch.rounded(count) }
    guard let memory = Memory.allocate(byteCount: total) else { return nil }
    base = memory
    byteCount = total
  }

  deinit { Memory.deallocate(base, byteCount: byteCount) }

  /// The next piece, of one of the sizes that were asked for.
  mutating func take(_ count: Int) -> UnsafeMutableRawPointer {
    defer { used += Scratch.rounded(count) }
    return base + used
  }

  /// The next piece, as integers.
  mutating func takeIntegers(_ count: Int) -> UnsafeMutablePointer<Int> {
    take(count * MemoryLayout<Int>.size).bindMemory(to: Int.self, capacity: count)
  }

  private static func rounded(_ count: Int) -> Int { (count + 127) & ~63 }
}

/// A sign that parallel pieces of work set when something failed.
struct FailureFlag: ~Copyable {
  private let cell: UnsafeMutablePointer<Int64>

  init() {
    cell = .allocate(capacity: 1)
    cell.initialize(to: 0)
  }

  deinit { cell.deallocate() }

  func set() { sc_atomic_store(cell, 1) }
  var isSet: Bool { sc_atomic_load(cell) != 0 }
}
