/*
 * On which processors threads run. Linux may wake a thread on the processor of the one that wakes it although others are
 * idle, and moves it after some milliseconds: a kernel is done by then. On other systems nothing happens.
 */
#ifndef SWIFTCONV_PLACEMENT_H
#define SWIFTCONV_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

/* A set of processors, one bit for each. */
typedef struct {
  uint64_t words[16];
} sc_processor_set;

/* What the system calls the current thread; 0 when it has no name for it. */
int32_t sc_current_thread(void);

/* The processor that the current thread runs on, or -1. */
int32_t sc_current_processor(void);

/* The processors that a thread may run on. False when the system does not tell. */
bool sc_thread_processors(int32_t thread, sc_processor_set *processors);

/* Lets a thread, or the current one for 0, run on these processors but one; on all for -1. False when it does not. */
bool sc_place_thread(int32_t thread, const sc_processor_set *processors, int32_t but);

#endif
