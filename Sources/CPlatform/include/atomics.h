/*
 * Atomic integers for Swift, in the few forms that the thread pool and the memory counters need.
 */
#ifndef SWIFTCONV_ATOMICS_H
#define SWIFTCONV_ATOMICS_H

#include <stdbool.h>
#include <stdint.h>

static inline int64_t sc_atomic_load(const int64_t *cell) { return __atomic_load_n(cell, __ATOMIC_ACQUIRE); }

static inline void sc_atomic_store(int64_t *cell, int64_t value) { __atomic_store_n(cell, value, __ATOMIC_RELEASE); }

/* Adds; gives the value from before. */
static inline int64_t sc_atomic_add(int64_t *cell, int64_t value) {
  return __atomic_fetch_add(cell, value, __ATOMIC_ACQ_REL);
}

/* Sets the cell; gives the value from before. */
static inline int64_t sc_atomic_exchange(int64_t *cell, int64_t value) {
  return __atomic_exchange_n(cell, value, __ATOMIC_ACQ_REL);
}

/* Sets the cell if it holds `expected`; whether it did. */
static inline bool sc_atomic_replace(int64_t *cell, int64_t expected, int64_t value) {
  return __atomic_compare_exchange_n(cell, &expected, value, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* What this thread stored before is seen by others before it loads anything after. */
static inline void sc_atomic_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

/* Raises the cell to `value` if that is higher. */
static inline void sc_atomic_raise(int64_t *cell, int64_t value) {
  int64_t seen = __atomic_load_n(cell, __ATOMIC_RELAXED);
  while (seen < value &&
         !__atomic_compare_exchange_n(cell, &seen, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

/* Tells the CPU that this is a loop that waits for another thread. */
static inline void sc_cpu_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* Whether the current thread is a worker of the pool. */
extern _Thread_local bool sc_is_pool_worker_flag;
static inline bool sc_is_pool_worker(void) { return sc_is_pool_worker_flag; }
static inline void sc_set_pool_worker(bool value) { sc_is_pool_worker_flag = value; }

#endif
