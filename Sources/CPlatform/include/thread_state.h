/*
 * What swiftconv keeps for each thread, and the one counter that all threads share. Swift has no thread-local variables
 * of its own.
 */
#ifndef SWIFTCONV_THREAD_STATE_H
#define SWIFTCONV_THREAD_STATE_H

#include <stdbool.h>
#include <stdint.h>

enum { SC_ERROR_TEXT_CAPACITY = 2048, SC_NAME_TEXT_CAPACITY = 64 };

typedef struct {
  bool grad_disabled;      /* true inside `no_grad` */
  uint8_t conv_algorithm;  /* what `conv_algorithm` asked for; 0 leaves the choice to the library */
  int32_t release_depth;   /* how many graph nodes are being released, one inside the other */
  void *release_queue;     /* where nodes below that depth wait for their release */
  uint64_t latest_freeing; /* the sequence number at which a backward pass last freed what nodes had saved */
  char error_text[SC_ERROR_TEXT_CAPACITY];
  char name_text[SC_NAME_TEXT_CAPACITY]; /* the latest operator name handed out */
} sc_thread_state;

extern _Thread_local sc_thread_state sc_thread_state_of_this_thread;

static inline sc_thread_state *sc_current_thread_state(void) { return &sc_thread_state_of_this_thread; }

static inline char *sc_error_text(void) { return sc_thread_state_of_this_thread.error_text; }

static inline char *sc_name_text(void) { return sc_thread_state_of_this_thread.name_text; }

/* The next number of a sequence that rises over all threads, from 1. */
uint64_t sc_next_sequence_number(void);

#endif
