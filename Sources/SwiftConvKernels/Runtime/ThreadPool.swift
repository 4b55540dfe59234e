import CPlatform

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A pool of POSIX threads that serves one caller at a time. Threads start when they are first needed, spin for some
/// microseconds after a job, then sleep. They are never joined: they hold nothing between jobs.
enum ThreadPool {
  /// What the pool's threads share. It lives in plain memory, is never freed, and is replaced in a forked child, whose
  /// only thread is the one that forked.
  private struct State {
    var mutex = pthread_mutex_t()
    var wake = pthread_cond_t()
    var finished = pthread_cond_t()
    /// 1 while a caller uses the pool.
    var isBusy: Int64 = 0
    /// Rises with every job.
    var generation: Int64 = 0
    var startedThreads = 0
    /// How many of the threads take part in this job.
    var openSeats: Int64 = 0
    var activeWorkers: Int64 = 0
    var nextPiece: Int64 = 0
    var count = 0
    var pieces = 0
    var body: UnsafePointer<(Range<Int>) -> Void>?
  }

  private nonisolated(unsafe) static let cell: UnsafeMutablePointer<UnsafeMutablePointer<State>> = {
    let cell = UnsafeMutablePointer<UnsafeMutablePointer<State>>.allocate(capacity: 1)
    cell.initialize(to: makeState())
    pthread_atfork(nil, nil) { ThreadPool.resetAfterFork() }
    return cell
  }()

  private nonisolated(unsafe) static let countCell: UnsafeMutablePointer<Int64> = {
    let cell = UnsafeMutablePointer<Int64>.allocate(capacity: 1)
    let requested = Runtime.environment("SWIFTCONV_NUM_THREADS").flatMap { Int64($0) } ?? 0
    cell.initialize(to: min(requested > 0 ? requested : Int64(sc_usable_processors()), 256))
    return cell
  }()

  static var threadCount: Int {
    get { Int(sc_atomic_load(countCell)) }
    set { sc_atomic_store(countCell, Int64(newValue)) }
  }

  private static func makeState() -> UnsafeMutablePointer<State> {
    let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    state.initialize(to: State())
    pthread_mutex_init(&state.pointee.mutex, nil)
    pthread_cond_init(&state.pointee.wake, nil)
    pthread_cond_init(&state.pointee.finished, nil)
    return state
  }

  /// The parent's threads do not exist in the child, and its locks may be held by them: start over.
  private static func resetAfterFork() {
    cell.pointee = makeState()
    sc_set_pool_worker(false)
  }

  /// Runs a job on the pool, or returns false when somebody else is using it.
  static func tryRun(_ count: Int, threads: Int, _ body: (Range<Int>) -> Void) -> Bool {
    let state = cell.pointee
    guard claim(state) else { return false }
    defer { sc_atomic_store(&state.pointee.isBusy, 0) }
    startThreads(state, upTo: threads - 1)
    if state.pointee.startedThreads == 0 { return false }
    withoutActuallyEscaping(body) { escapable in
      var closure = escapable
      withUnsafePointer(to: &closure) { pointer in
        state.pointee.body = pointer
        state.pointee.count = count
        // More pieces than threads, so that a thread that is held up does not hold up all.
        state.pointee.pieces = min(count, threads * 4)
        sc_atomic_store(&state.pointee.nextPiece, 0)
        announce(state, seats: min(threads - 1, state.pointee.startedThreads))
        sc_set_pool_worker(true)
        work(state)
        sc_set_pool_worker(false)
        waitForWorkers(state)
        state.pointee.body = nil
      }
    }
    return true
  }

  private static func claim(_ state: UnsafeMutablePointer<State>) -> Bool {
    pthread_mutex_lock(&state.pointee.mutex)
    defer { pthread_mutex_unlock(&state.pointee.mutex) }
    guard sc_atomic_load(&state.pointee.isBusy) == 0 else { return false }
    sc_atomic_store(&state.pointee.isBusy, 1)
    return true
  }

  private static func announce(_ state: UnsafeMutablePointer<State>, seats: Int) {
    pthread_mutex_lock(&state.pointee.mutex)
    state.pointee.openSeats = Int64(seats)
    sc_atomic_add(&state.pointee.generation, 1)
    pthread_cond_broadcast(&state.pointee.wake)
    pthread_mutex_unlock(&state.pointee.mutex)
  }

  /// Takes pieces until none is left. On its own, and never inlined, so that everything it held of the caller's closure
  /// is let go before the job counts as finished.
  @inline(never)
  private static func work(_ state: UnsafeMutablePointer<State>) {
    guard let body = state.pointee.body else { return }
    let (count, pieces) = (state.pointee.count, state.pointee.pieces)
    while true {
      let piece = Int(sc_atomic_add(&state.pointee.nextPiece, 1))
      if piece >= pieces { return }
      body.pointee(Split(count, parts: pieces)[piece])
    }
  }

  /// No seat can be taken any more; waits until those who sat have left.
  private static func waitForWorkers(_ state: UnsafeMutablePointer<State>) {
    pthread_mutex_lock(&state.pointee.mutex)
    state.pointee.openSeats = 0
    pthread_mutex_unlock(&state.pointee.mutex)
    if spin({ sc_atomic_load(&state.pointee.activeWorkers) == 0 }) { return }
    pthread_mutex_lock(&state.pointee.mutex)
    while sc_atomic_load(&state.pointee.activeWorkers) != 0 {
      pthread_cond_wait(&state.pointee.finished, &state.pointee.mutex)
    }
    pthread_mutex_unlock(&state.pointee.mutex)
  }

  private static func startThreads(_ state: UnsafeMutablePointer<State>, upTo wanted: Int) {
    while state.pointee.startedThreads < wanted {
      var attributes = pthread_attr_t()
      pthread_attr_init(&attributes)
      defer { pthread_attr_destroy(&attributes) }
      pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
      // Signals belong to the host's own threads: Python's handlers expect to run there.
      var all = sigset_t()
      var before = sigset_t()
      sigfillset(&all)
      pthread_sigmask(SIG_SETMASK, &all, &before)
      defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
      #if canImport(Darwin)
        var thread: pthread_t?
      #else
        var thread = pthread_t()
      #endif
      let status = pthread_create(&thread, &attributes, threadMain, UnsafeMutableRawPointer(state))
      if status != 0 { return }
      state.pointee.startedThreads += 1
    }
  }

  #if canImport(Darwin)
    private static let threadMain: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = {
      ThreadPool.serve($0.assumingMemoryBound(to: State.self))
    }
  #else
    private static let threadMain: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
      $0.flatMap { ThreadPool.serve($0.assumingMemoryBound(to: State.self)) }
    }
  #endif

  /// The life of a pool thread.
  private static func serve(_ state: UnsafeMutablePointer<State>) -> UnsafeMutableRawPointer? {
    sc_set_pool_worker(true)
    var seen: Int64 = 0
    while true {
      _ = spin { sc_atomic_load(&state.pointee.generation) != seen }
      pthread_mutex_lock(&state.pointee.mutex)
      while state.pointee.generation == seen {
        pthread_cond_wait(&state.pointee.wake, &state.pointee.mutex)
      }
      seen = state.pointee.generation
      let isTakingPart = state.pointee.openSeats > 0
      if isTakingPart {
        state.pointee.openSeats -= 1
        sc_atomic_add(&state.pointee.activeWorkers, 1)
      }
      pthread_mutex_unlock(&state.pointee.mutex)
      guard isTakingPart else { continue }
      work(state)
      pthread_mutex_lock(&state.pointee.mutex)
      if sc_atomic_add(&state.pointee.activeWorkers, -1) == 1 { pthread_cond_signal(&state.pointee.finished) }
      pthread_mutex_unlock(&state.pointee.mutex)
    }
  }

  /// Waits for a condition without sleeping, for at most about 30 microseconds; returns whether it came true.
  private static func spin(_ condition: () -> Bool) -> Bool {
    var start = timespec()
    clock_gettime(CLOCK_MONOTONIC, &start)
    while true {
      for _ in 0..<32 {
        if condition() { return true }
        sc_cpu_relax()
      }
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      let elapsed = (now.tv_sec - start.tv_sec) * 1_000_000_000 + (now.tv_nsec - start.tv_nsec)
      if elapsed > 30_000 { return false }
    }
  }
}
