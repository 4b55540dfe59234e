#define _GNU_SOURCE
#include "placement.h"

#if defined(__linux__)
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

int32_t sc_current_thread(void) { return (int32_t)syscall(SYS_gettid); }

int32_t sc_current_processor(void) { return sched_getcpu(); }

/* The kernel's own calls, for a set of this size; it refuses an empty one. */
bool sc_thread_processors(int32_t thread, sc_processor_set *processors) {
  *processors = (sc_processor_set){{0}};
  return thread > 0 && syscall(SYS_sched_getaffinity, thread, sizeof *processors, processors) > 0;
}

bool sc_place_thread(int32_t thread, const sc_processor_set *processors, int32_t but) {
  sc_processor_set rest = *processors;
  if (but >= 0 && but < (int32_t)(8 * sizeof rest)) rest.words[but / 64] &= ~(1ull << (but % 64));
  return syscall(SYS_sched_setaffinity, thread, sizeof rest, &rest) == 0;
}
#else
int32_t sc_current_thread(void) { return 0; }

int32_t sc_current_processor(void) { return -1; }

bool sc_thread_processors(int32_t thread, sc_processor_set *processors) {
  (void)thread, (void)processors;
  return false;
}

bool sc_place_thread(int32_t thread, const sc_processor_set *processors, int32_t but) {
  (void)thread, (void)processors, (void)but;
  return false;
}
#endif
