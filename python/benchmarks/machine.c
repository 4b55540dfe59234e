/* What the machine can do at most: multiply-adds on registers, and copying memory. */
#include <stddef.h>

#if defined(__AVX512F__)
#define WIDTH 64
#elif defined(__AVX__)
#define WIDTH 32
#else
#define WIDTH 16
#endif
typedef float vector __attribute__((vector_size(WIDTH)));

/* Enough independent sums to hide the latency of each, few enough to stay in registers. */
enum { SUMS = 12 };

/* Runs `rounds` multiply-adds on each of the sums; returns how many operations on single numbers that were. */
double machine_multiply_add(long rounds, float *result) {
  vector sums[SUMS], factor, term;
  for (int i = 0; i < WIDTH / 4; i++) factor[i] = 0.999999f, term[i] = 1e-6f;
  /* All loops over the sums disappear, so that the sums are registers. */
#pragma GCC unroll 12
  for (int s = 0; s < SUMS; s++) sums[s] = term * (float)s;
  for (long round = 0; round < rounds; round++) {
#pragma GCC unroll 12
    for (int s = 0; s < SUMS; s++) {
      sums[s] = sums[s] * factor + term;
      /* Keeps the compiler from merging rounds. */
      __asm__ volatile("" : "+x"(sums[s]));
    }
  }
  vector total = sums[0];
#pragma GCC unroll 12
  for (int s = 1; s < SUMS; s++) total += sums[s];
  *result = total[0];
  return 2.0 * SUMS * (WIDTH / 4) * (double)rounds;
}

/* Copies by plain loads and stores. */
void machine_copy(float *restrict to, const float *restrict from, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = from[i];
}
