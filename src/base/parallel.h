/* parallel.h -- what loops over memory share: several instruction sets, several threads.
 * Layer 0 (base). */
#ifndef RV_PARALLEL_H
#define RV_PARALLEL_H

/* Compiled for AVX-512, AVX2 and the baseline; the loader takes the best the processor has. On leaf functions only:
 * what OpenMP outlines of a function is not cloned with it. */
#if defined __x86_64__ && defined __gnu_linux__ && !defined __clang__ && !defined __SANITIZE_ADDRESS__ &&              \
  !defined __SANITIZE_THREAD__
#define RV_CLONES __attribute__ ((target_clones ("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define RV_CLONES
#endif

/* A loop over numbers that ThreadSanitizer does not look at: it would take fifty times as long. On leaf functions only,
 * and the leaves that they call; no race on those numbers is seen there, but what made them and what reads them is
 * watched. */
#ifdef __SANITIZE_THREAD__
#define RV_UNWATCHED __attribute__ ((no_sanitize ("thread")))
#else
#define RV_UNWATCHED
#endif

/* Loops over this many elements or more are worth a second thread. */
#define RV_PARALLEL_MIN 16384

#endif
