/*
 * What the machine can do: instruction sets, processors, and instructions that Swift has no name for.
 */
#ifndef SWIFTCONV_CPU_H
#define SWIFTCONV_CPU_H

#include <stdbool.h>
#include <stdint.h>

/* Bits of `sc_cpu_features_mask`. A bit is set when both the CPU and the operating system support the feature. */
enum {
  SC_CPU_SSE42 = 1 << 0,
  SC_CPU_AVX = 1 << 1,
  SC_CPU_AVX2 = 1 << 2,
  SC_CPU_FMA = 1 << 3,
  SC_CPU_BMI = 1 << 4,    /* BMI1, BMI2, LZCNT, MOVBE, F16C: the rest of x86-64-v3 */
  SC_CPU_AVX512 = 1 << 5, /* F, BW, CD, DQ and VL: x86-64-v4 */
  SC_CPU_NEON = 1 << 6
};

uint32_t sc_cpu_features_mask(void);

/* How many processors this process may run on; at least 1. */
int32_t sc_usable_processors(void);

/*
 * Stores that go past the caches: for results that are too large to stay there until somebody reads them. A usual store
 * first reads the memory that it is going to overwrite.
 */
/* Copies a vector from anywhere to an address that is a multiple of its size. */
#define SC_STREAM(bytes)                                                        \
  static inline void sc_stream_##bytes(void *to, const void *from) {            \
    typedef char vector __attribute__((vector_size(bytes)));                    \
    vector value;                                                               \
    __builtin_memcpy(&value, from, bytes);                                      \
    __builtin_nontemporal_store(value, (vector *)to);                           \
  }

SC_STREAM(16)
SC_STREAM(32)
SC_STREAM(64)

/* Such stores are seen by other threads only after this. */
static inline void sc_stream_end(void) {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#endif
}

/* Writes the square roots of a vector's elements. Swift takes them one by one, to set `errno` for negative ones. */
#define SC_SQUARE_ROOTS(type, bytes)                                                    \
  static inline void sc_square_roots_##type##_##bytes(void *to, const void *from) {     \
    typedef type vector __attribute__((vector_size(bytes)));                            \
    vector value;                                                                       \
    __builtin_memcpy(&value, from, bytes);                                              \
    value = __builtin_elementwise_sqrt(value);                                          \
    __builtin_memcpy(to, &value, bytes);                                                \
  }

SC_SQUARE_ROOTS(float, 16)
SC_SQUARE_ROOTS(float, 32)
SC_SQUARE_ROOTS(float, 64)
SC_SQUARE_ROOTS(double, 16)
SC_SQUARE_ROOTS(double, 32)
SC_SQUARE_ROOTS(double, 64)

/*
 * Leaves a vector as it is, and the compiler in ignorance of how it came about: it would otherwise take a permutation of a
 * permutation apart into worse ones, down to loads of single elements.
 */
#if defined(__x86_64__)
#define SC_REGISTER(vector) __asm__("" : "+x"(vector))
#elif defined(__aarch64__)
#define SC_REGISTER(vector) __asm__("" : "+w"(vector))
#else
#define SC_REGISTER(vector)
#endif
#define SC_OPAQUE(bytes)                                     \
  static inline void sc_opaque_##bytes(void *address) {      \
    typedef char vector __attribute__((vector_size(bytes))); \
    vector value;                                            \
    __builtin_memcpy(&value, address, bytes);                \
    SC_REGISTER(value);                                      \
    __builtin_memcpy(address, &value, bytes);                \
  }

SC_OPAQUE(16)
#if defined(__AVX__)
SC_OPAQUE(32)
#endif
#if defined(__AVX512F__)
SC_OPAQUE(64)
#endif

/* Begins to fetch the cache line at an address that will be used. Any address will do. */
static inline void sc_prefetch(const void *address) { __builtin_prefetch(address, 1, 3); }

#endif
