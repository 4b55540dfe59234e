import CPlatform

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One thread of the pool, as the others see it. It lives in plain memory that is never freed.
struct PoolWorker {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let woken = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Where the thread might run before it was moved, and whether it was. With the mutex held.
  private let allowed = UnsafeMutablePointer<sc_processor_set>.allocate(capacity: 1)
  private let isMoved = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
  private let cells = UnsafeMutablePointer<Int64>.allocate(capacity: 3)
  /// 1 while the thread sleeps, or is about to.
  private var asleep: UnsafeMutablePointer<Int64> { cells }
  /// What the system calls the thread.
  private var thread: UnsafeMutablePointer<Int64> { cells + 1 }
  private var latestProcessor: UnsafeMutablePointer<Int64> { cells + 2 }

  init() {
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    woken.initialize(to: pthread_cond_t())
    pthread_cond_init(woken, nil)
    allowed.initialize(to: sc_processor_set())
    isMoved.initialize(to: false)
    cells.initialize(repeating: 0, count: 3)
    sc_atomic_store(latestProcessor, -1)
  }

  var isAsleep: Bool { sc_atomic_load(asleep) != 0 }

  /// The processor that the thread was last seen on, or -1.
  var processor: Int64 { sc_atomic_load(latestProcessor) }

  /// Called by the thread itself, before anything else.
  func begin() {
    sc_atomic_store(thread, Int64(sc_current_thread()))
    locate()
  }

  /// Called by the thread itself: notes on which processor it runs, and gives that.
  @discardableResult
  func locate() -> Int64 {
    let processor = Int64(sc_current_processor())
    sc_atomic_store(latestProcessor, processor)
    return processor
  }

  /// Called by the thread itself: sleeps until it is woken, unless there is something to do already.
  func sleep(unless hasWork: () -> Bool) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    sc_atomic_store(asleep, 1)
    sc_atomic_fence()
    if hasWork() { sc_atomic_store(asleep, 0) }
    while isAsleep { pthread_cond_wait(woken, mutex) }
    locate()
    // It runs where it shall: from now on the system may choose again.
    if isMoved.pointee { isMoved.pointee = !sc_place_thread(0, allowed, -1) }
  }

  /// Called by the caller of a job on this processor: wakes the thread on another one; whether it was asleep.
  func wake(awayFrom processor: Int64) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard isAsleep else { return false }
    place(awayFrom: processor)
    sc_atomic_store(asleep, 0)
    pthread_cond_signal(woken)
    return true
  }

  /// Called by the caller of a job on this processor: moves the thread to another one.
  func move(awayFrom processor: Int64) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    place(awayFrom: processor)
  }

  /// Keeps the thread off a processor if it may use others. With the mutex held.
  private func place(awayFrom processor: Int64) {
    let thread = Int32(sc_atomic_load(thread))
    if isMoved.pointee || sc_thread_processors(thread, allowed) {
      isMoved.pointee = sc_place_thread(thread, allowed, Int32(processor)) || isMoved.pointee
    }
  }

  /// Waits for a condition without sleeping, for at most `microseconds`; returns whether it came true. Now and then asks
  /// whether waiting is in vain.
  static func spin(microseconds: Int, until condition: () -> Bool, unless isInVain: () -> Bool) -> Bool {
    var start = timespec()
    clock_gettime(CLOCK_MONOTONIC, &start)
    while true {
      for _ in 0..<32 {
        if condition() { return true }
        sc_cpu_relax()
      }
      if isInVain() { return false }
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      let elapsed = (now.tv_sec - start.tv_sec) * 1_000_000_000 + (now.tv_nsec - start.tv_nsec)
      if elapsed > microseconds * 1000 { return false }
    }
  }
}
