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
    var finished = pthread_cond_t()
    /// What threads write while others look at it, each on cache lines of its own.
    let cells: UnsafeMutablePointer<Int64>
    let workers: UnsafeMutablePointer<PoolWorker>
    var startedThreads = 0
    var job: Int64 = 0
    /// Nanoseconds of work that came without a pause and woke nobody, and when about it ended.
    var missedWork = 0
    var missedUntil = 0
    var count = 0
    var pieces = 0
    var body: UnsafePointer<(Range<Int>) -> Void>?

    func cell(_ index: Int) -> UnsafeMutablePointer<Int64> { cells + index * 16 }
    /// More than 0 while a caller uses the pool.
    var users: UnsafeMutablePointer<Int64> { cell(0) }
    /// The number of the job, and in the low bits how many threads may still join it.
    var seats: UnsafeMutablePointer<Int64> { cell(1) }
    var nextPiece: UnsafeMutablePointer<Int64> { cell(2) }
    /// How many threads have left the job.
    var departures: UnsafeMutablePointer<Int64> { cell(3) }
    /// 1 when the caller sleeps until the last thread has left.
    var isCallerAsleep: UnsafeMutablePointer<Int64> { cell(4) }
    /// The processor of the latest caller.
    var callerProcessor: UnsafeMutablePointer<Int64> { cell(5) }
  }

  private static let seatBits: Int64 = 16
  private static let seatMask: Int64 = (1 << seatBits) - 1
  /// The caller gives away some 10 microseconds to wake a thread, which begins some 20 later, so this is the least work,
  /// in nanoseconds, that is worth it. A thread that spins begins at once.
  private static let leastWorkToWake = 60_000

  /// For how many microseconds a thread waits for the next job, and the caller for the others, before they sleep.
  private static let spinTime = 60

  private nonisolated(unsafe) static let current: UnsafeMutablePointer<UnsafeMutablePointer<State>> = {
    let current = UnsafeMutablePointer<UnsafeMutablePointer<State>>.allocate(capacity: 1)
    current.initialize(to: makeState())
    pthread_atfork(nil, nil) { ThreadPool.resetAfterFork() }
    return current
  }()

  private nonisolated(unsafe) static let countCell: UnsafeMutablePointer<Int64> = {
    let cell = UnsafeMutablePointer<Int64>.allocate(capacity: 1)
    let requested = Runtime.environment("SWIFTCONV_NUM_THREADS").flatMap { Int64($0) } ?? 0
    cell.initialize(to: min(requested > 0 ? requested : Int64(sc_usable_processors()), Int64(mostThreads)))
    return cell
  }()

  static let mostThreads = 256

  static var threadCount: Int {
    get { Int(sc_atomic_load(countCell)) }
    set { sc_atomic_store(countCell, Int64(newValue)) }
  }

  private static func makeState() -> UnsafeMutablePointer<State> {
    let cells = UnsafeMutableRawPointer.allocate(byteCount: 6 * 128, alignment: 128).bindMemory(
      to: Int64.self, capacity: 6 * 16)
    cells.initialize(repeating: 0, count: 6 * 16)
    let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    state.initialize(to: State(cells: cells, workers: .allocate(capacity: mostThreads)))
    pthread_mutex_init(&state.pointee.mutex, nil)
    pthread_cond_init(&state.pointee.finished, nil)
    return state
  }

  /// The parent's threads do not exist in the child, and its locks may be held by them: start over.
  private static func resetAfterFork() {
    current.pointee = makeState()
    sc_set_pool_worker(false)
  }

  /// Runs a job on the pool, or returns false when somebody else is using it, or no thread can join soon enough.
  ///
  /// - Parameter work: About how many nanoseconds the job takes on one thread.
  static func tryRun(_ count: Int, threads: Int, work: Int, _ body: (Range<Int>) -> Void) -> Bool {
    let state = current.pointee
    // Who comes second only looks, and leaves.
    defer { sc_atomic_add(state.pointee.users, -1) }
    guard sc_atomic_add(state.pointee.users, 1) == 0 else { return false }
    let awake = (0..<state.pointee.startedThreads).count { !state.pointee.workers[$0].isAsleep }
    let mayWake = awake < threads - 1 && isWorthWaking(state, work: work)
    if mayWake { startThreads(state, upTo: threads - 1) }
    let seats = min(threads - 1, mayWake ? state.pointee.startedThreads : awake)
    if seats == 0 { return false }
    withoutActuallyEscaping(body) { escapable in
      var closure = escapable
      withUnsafePointer(to: &closure) { pointer in
        state.pointee.body = pointer
        state.pointee.count = count
        // More pieces than threads, so that a thread that is held up does not hold up all.
        state.pointee.pieces = min(count, (seats + 1) * 4)
        sc_atomic_store(state.pointee.nextPiece, 0)
        sc_atomic_store(state.pointee.departures, 0)
        announce(state, seats: seats)
        sc_set_pool_worker(true)
        takePieces(state)
        sc_set_pool_worker(false)
        waitForWorkers(state, seats: seats)
        state.pointee.body = nil
      }
    }
    return true
  }

  /// Whether a job is worth waking a thread for, alone or with those right before it: the next ones will find the thread
  /// spinning.
  private static func isWorthWaking(_ state: UnsafeMutablePointer<State>, work: Int) -> Bool {
    if work >= leastWorkToWake { return true }
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = time.tv_sec * 1_000_000_000 + time.tv_nsec
    if now > state.pointee.missedUntil + spinTime * 1000 { state.pointee.missedWork = 0 }
    state.pointee.missedUntil = now + work
    state.pointee.missedWork += work
    if state.pointee.missedWork < leastWorkToWake { return false }
    state.pointee.missedWork = 0
    return true
  }

  /// Opens the job's seats, sees to it that no thread that may take one shares a processor with the caller, and wakes as
  /// many as are missing.
  private static func announce(_ state: UnsafeMutablePointer<State>, seats: Int) {
    let processor = Int64(sc_current_processor())
    sc_atomic_store(state.pointee.callerProcessor, processor)
    state.pointee.job += 1
    sc_atomic_store(state.pointee.seats, state.pointee.job << seatBits | Int64(seats))
    sc_atomic_fence()
    var missing = seats
    for index in 0..<state.pointee.startedThreads where missing > 0 {
      let worker = state.pointee.workers[index]
      guard !worker.isAsleep else { continue }
      missing -= 1
      if worker.processor == processor { worker.move(awayFrom: processor) }
    }
    for index in 0..<state.pointee.startedThreads where missing > 0 {
      if state.pointee.workers[index].wake(awayFrom: processor) { missing -= 1 }
    }
  }

  /// Takes pieces until none is left. On its own, and never inlined, so that everything it held of the caller's closure
  /// is let go before the job counts as finished.
  @inline(never)
  private static func takePieces(_ state: UnsafeMutablePointer<State>) {
    guard let body = state.pointee.body else { return }
    let (count, pieces) = (state.pointee.count, state.pointee.pieces)
    let nextPiece = state.pointee.nextPiece
    while true {
      let piece = Int(sc_atomic_add(nextPiece, 1))
      if piece >= pieces { return }
      body.pointee(Split(count, parts: pieces)[piece])
    }
  }

  /// Closes the seats that nobody took, and waits until those who sat have left.
  private static func waitForWorkers(_ state: UnsafeMutablePointer<State>, seats: Int) {
    let open = sc_atomic_exchange(state.pointee.seats, state.pointee.job << seatBits) & seatMask
    let joined = Int64(seats) - open
    let departures = state.pointee.departures
    let haveAllLeft = { sc_atomic_load(departures) == joined }
    if PoolWorker.spin(microseconds: spinTime, until: haveAllLeft, unless: { false }) { return }
    pthread_mutex_lock(&state.pointee.mutex)
    sc_atomic_store(state.pointee.isCallerAsleep, 1)
    sc_atomic_fence()
    while !haveAllLeft() { pthread_cond_wait(&state.pointee.finished, &state.pointee.mutex) }
    sc_atomic_store(state.pointee.isCallerAsleep, 0)
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
      let start = UnsafeMutablePointer<Start>.allocate(capacity: 1)
      let worker = PoolWorker()
      (state.pointee.workers + state.pointee.startedThreads).initialize(to: worker)
      start.initialize(to: Start(state: state, worker: worker))
      if pthread_create(&thread, &attributes, threadMain, UnsafeMutableRawPointer(start)) != 0 {
        start.deallocate()
        return
      }
      state.pointee.startedThreads += 1
    }
  }

  /// What a thread is told when it starts.
  private struct Start {
    let state: UnsafeMutablePointer<State>
    let worker: PoolWorker
  }

  #if canImport(Darwin)
    private static let threadMain: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = {
      ThreadPool.serve($0.assumingMemoryBound(to: Start.self))
    }
  #else
    private static let threadMain: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
      $0.flatMap { ThreadPool.serve($0.assumingMemoryBound(to: Start.self)) }
    }
  #endif

  /// The life of a pool thread.
  private static func serve(_ start: UnsafeMutablePointer<Start>) -> UnsafeMutableRawPointer? {
    let (state, worker) = (start.pointee.state, start.pointee.worker)
    start.deinitialize(count: 1)
    start.deallocate()
    sc_set_pool_worker(true)
    let (seats, callerProcessor) = (state.pointee.seats, state.pointee.callerProcessor)
    worker.begin()
    while true {
      let isJobOpen = { sc_atomic_load(seats) & seatMask != 0 }
      // A thread that waits on the caller's processor keeps the caller from its work.
      let isInVain = { worker.locate() == sc_atomic_load(callerProcessor) }
      if !PoolWorker.spin(microseconds: spinTime, until: isJobOpen, unless: isInVain) {
        worker.sleep(unless: isJobOpen)
      }
      guard takeSeat(seats) else { continue }
      takePieces(state)
      sc_atomic_add(state.pointee.departures, 1)
      sc_atomic_fence()
      guard sc_atomic_load(state.pointee.isCallerAsleep) != 0 else { continue }
      pthread_mutex_lock(&state.pointee.mutex)
      pthread_cond_signal(&state.pointee.finished)
      pthread_mutex_unlock(&state.pointee.mutex)
    }
  }

  private static func takeSeat(_ seats: UnsafeMutablePointer<Int64>) -> Bool {
    while true {
      let open = sc_atomic_load(seats)
      if open & seatMask == 0 { return false }
      if sc_atomic_replace(seats, open, open - 1) { return true }
    }
  }
}
