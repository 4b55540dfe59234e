#include "thread_state.h"

#include <stdatomic.h>

_Thread_local sc_thread_state sc_thread_state_of_this_thread;

static _Atomic uint64_t sequence_number;

uint64_t sc_next_sequence_number(void) {
  return atomic_fetch_add_explicit(&sequence_number, 1, memory_order_relaxed) + 1;
}
