/* parallel.h -- attributes and bounds of loops over memory: instruction sets, threads. Layer 0 (base). */
#pragma once

#ifdef _OPENMP
#include <omp.h>
#else
#define omp_get_max_threads() 1
#define omp_get_num_threads() 1
#define omp_get_thread_num() 0
#define omp_get_num_procs() 1
#define omp_set_num_threads(n) ((void) (n))
#endif

/* Compiles a function for AVX-512, AVX2 and the baseline; the loader selects the best for the processor. For leaf
 * functions only: loops that OpenMP outlines are not cloned. */
#if defined __x86_64__ && defined __gnu_linux__ && !defined __clang__ && !defined __SANITIZE_ADDRESS__ &&              \
  !defined __SANITIZE_THREAD__
#define RV_CLONES __attribute__ ((target_clones ("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define RV_HAS_CLONES 1
#else
#define RV_CLONES
#define RV_HAS_CLONES 0
#endif

/* Bytes of a vector register in functions with RV_CLONES on this processor: 16, 32 or 64. */
static inline int
rv__vector_bytes (void)
{
#if RV_HAS_CLONES
  if (__builtin_cpu_supports ("x86-64-v4"))
    return 64;
  if (__builtin_cpu_supports ("x86-64-v3"))
    return 32;
#endif
  return 16;
}

/* Disables ThreadSanitizer for a loop over numbers that would take fifty times as long under it. For leaf functions and
 * their callees only. Races in the loop are not detected; other code that writes and reads these numbers is checked. */
#ifdef __SANITIZE_THREAD__
#define RV_NO_TSAN __attribute__ ((no_sanitize ("thread")))
#else
#define RV_NO_TSAN
#endif

/* Number of elements from which a loop is worth a second thread. */
#define RV_PARALLEL_MIN 16384
