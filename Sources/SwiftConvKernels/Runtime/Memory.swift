import CPlatform

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory for tensors and for what kernels need on the way.
///
/// The kernel hands out large blocks page by page, and clears each page on its first use, which takes longer than most
/// arithmetic on it. So large blocks that come back are kept for the next caller: a few always, and more as long as the
/// process does not get larger by it than it was when most was in use. A step of training then finds the memory of the
/// step before.
public enum Memory {
  /// Blocks of at least this size are kept.
  private static let smallestKept = 256 << 10
  private static let alwaysKept = 256 << 20
  private static let mostKept = 4 << 30
  /// From this size on, blocks begin at a cache line.
  private static let smallestAligned = 1 << 10
  /// From this size on, asking for huge pages pays.
  private static let smallestHuge = 4 << 20
  /// More than any address space has.
  private static let absurd = 1 << 46

  /// Memory with undefined contents, or nil when it cannot be had. The address is a multiple of 16, and of 64 unless the
  /// block is small.
  public static func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
    guard byteCount >= 0, byteCount < absurd else { return nil }
    let size = blockSize(byteCount)
    var block = size >= smallestKept ? cache.take(size) : nil
    if block == nil { block = request(size) }
    if block == nil {
      cache.drop()
      block = request(size)
    }
    if block != nil {
      let before = sc_atomic_add(counters, Int64(byteCount))
      sc_atomic_raise(counters + 1, before + Int64(byteCount))
    }
    return block
  }

  /// Gives back what `allocate` gave for the same size.
  public static func deallocate(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
    sc_atomic_add(counters, Int64(-byteCount))
    guard byteCount >= smallestKept else { return free(pointer) }
    let limit = min(max(alwaysKept, peak - current), mostKept)
    if !cache.put(pointer, blockSize(byteCount), limit: limit) { free(pointer) }
  }

  /// Bytes that are handed out now.
  public static var current: Int { Int(sc_atomic_load(counters)) }

  /// The highest value that `current` has had.
  public static var peak: Int { Int(sc_atomic_load(counters + 1)) }

  private nonisolated(unsafe) static let counters: UnsafeMutablePointer<Int64> = {
    let cells = UnsafeMutablePointer<Int64>.allocate(capacity: 2)
    cells.initialize(repeating: 0, count: 2)
    return cells
  }()

  private static let cache = BlockCache()

  /// Large sizes are rounded up to one of eight steps between powers of two, so that kept blocks fit more requests.
  private static func blockSize(_ byteCount: Int) -> Int {
    guard byteCount >= smallestKept else { return max(byteCount, 1) }
    let step = 1 << (Int.bitWidth - 1 - byteCount.leadingZeroBitCount - 3)
    return (byteCount + step - 1) & ~(step - 1)
  }

  private static func request(_ size: Int) -> UnsafeMutableRawPointer? {
    // Vectors gain nothing from alignment in a block that fits a few cache lines, and aligned requests take longer.
    if size < smallestAligned { return malloc(size) }
    let isHuge = size >= smallestHuge
    var pointer: UnsafeMutableRawPointer?
    guard posix_memalign(&pointer, isHuge ? 2 << 20 : 64, size) == 0 else { return nil }
    #if os(Linux)
      if isHuge { madvise(pointer, size, MADV_HUGEPAGE) }
    #endif
    return pointer
  }
}

/// Blocks of memory that nobody uses at the moment, the most recently returned ones first.
private final class BlockCache: @unchecked Sendable {
  private static let capacity = 512

  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let blocks: UnsafeMutablePointer<(pointer: UnsafeMutableRawPointer, size: Int)>
  private var count = 0
  private var total = 0

  init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    blocks = .allocate(capacity: BlockCache.capacity)
    BlockCache.forkMutex.initialize(to: mutex)
    // A child that is forked while another thread holds the lock would wait for it forever.
    pthread_atfork(
      { pthread_mutex_lock(BlockCache.forkMutex.pointee) },
      { pthread_mutex_unlock(BlockCache.forkMutex.pointee) },
      { pthread_mutex_unlock(BlockCache.forkMutex.pointee) })
  }

  private nonisolated(unsafe) static let forkMutex =
    UnsafeMutablePointer<UnsafeMutablePointer<pthread_mutex_t>>.allocate(capacity: 1)

  func take(_ size: Int) -> UnsafeMutableRawPointer? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    for index in (0..<count).reversed() where blocks[index].size == size {
      let found = blocks[index].pointer
      remove(index)
      return found
    }
    return nil
  }

  /// Keeps a block, at the cost of the oldest ones when all are larger than `limit` together. False when it alone is.
  func put(_ pointer: UnsafeMutableRawPointer, _ size: Int, limit: Int) -> Bool {
    guard size <= limit else { return false }
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while count == BlockCache.capacity || total + size > limit {
      free(blocks[0].pointer)
      remove(0)
    }
    (blocks + count).initialize(to: (pointer, size))
    count += 1
    total += size
    return true
  }

  /// Gives everything back to the system.
  func drop() {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    for index in 0..<count { free(blocks[index].pointer) }
    count = 0
    total = 0
  }

  private func remove(_ index: Int) {
    total -= blocks[index].size
    for position in index..<(count - 1) { blocks[position] = blocks[position + 1] }
    count -= 1
  }
}
