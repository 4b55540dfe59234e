#define _GNU_SOURCE
#include "cpu.h"

#include <unistd.h>

#if defined(__linux__)
#include <sched.h>
#endif

#if defined(__x86_64__)
#include <cpuid.h>

/* The register that tells which vector registers the operating system saves when it switches threads. */
static uint64_t saved_register_states(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}

uint32_t sc_cpu_features_mask(void) {
  uint32_t a, b, c, d, mask = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  if (c & bit_SSE4_2) mask |= SC_CPU_SSE42;
  if (!(c & bit_OSXSAVE)) return mask;
  const uint64_t saved = saved_register_states();
  const bool saves_ymm = (saved & 0x6) == 0x6;
  const bool saves_zmm = (saved & 0xe6) == 0xe6;
  if (!saves_ymm || !(c & bit_AVX)) return mask;
  mask |= SC_CPU_AVX;
  if (c & bit_FMA) mask |= SC_CPU_FMA;
  const bool has_movbe_f16c = (c & bit_MOVBE) && (c & bit_F16C);
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return mask;
  if (b & bit_AVX2) mask |= SC_CPU_AVX2;
  const bool has_bmi = (b & bit_BMI) && (b & bit_BMI2);
  const uint32_t v4 = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
  if (saves_zmm && (b & v4) == v4) mask |= SC_CPU_AVX512;
  if (__get_cpuid(0x80000001, &a, &b, &c, &d) && (c & (1u << 5)) && has_bmi && has_movbe_f16c) mask |= SC_CPU_BMI;
  return mask;
}
#elif defined(__aarch64__)
uint32_t sc_cpu_features_mask(void) { return SC_CPU_NEON; }
#else
uint32_t sc_cpu_features_mask(void) { return 0; }
#endif

int32_t sc_usable_processors(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int32_t)online : 1;
}
