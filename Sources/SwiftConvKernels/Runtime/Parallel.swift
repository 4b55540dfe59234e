import CPlatform

/// Splits `0..<count` among the pool's threads, calls `body` with disjoint sub-ranges, and returns when all are done.
///
/// - Parameters:
///   - count: How many pieces of work there are.
///   - work: About how many nanoseconds all of it takes on one thread. Little work stays on the calling thread, as does
///     work that a pool thread starts, or that is started while the pool serves another thread.
///   - body: Does the pieces of a range. How the ranges are cut depends on the number of threads, so results must not
///     depend on the cuts.
public func parallelFor(_ count: Int, work: Int, _ body: (Range<Int>) -> Void) {
  guard count > 0 else { return }
  // To hand work over and to meet again takes a microsecond or two; below this much work for each, that does not pay.
  let worthwhile = work / 12_000
  let threads = min(ThreadPool.threadCount, count, worthwhile)
  if threads <= 1 || sc_is_pool_worker() || !ThreadPool.tryRun(count, threads: threads, work: work, body) {
    body(0..<count)
  }
}
