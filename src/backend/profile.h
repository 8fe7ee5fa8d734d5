/* profile.h -- time of a program, step by step: the code of each step, and steps that are too slow.
 * Layer 3 (backend). For selftest, tests and benchmarks. */
#ifndef RV_PROFILE_H
#define RV_PROFILE_H

#include "backend.h"

/* (nullable): name of the code that computes a step; NULL if another step computes it. */
const char *rv__profile_kernel (const RvExecutable *executable, int step);

/* (transfer full): description of a step: "conv2d [1, 3, 8, 8] -> [1, 64, 8, 8] by jit:avx2". */
char *rv__profile_describe (const RvExecutable *executable, int step);

/* Runs a bound executable that was compiled for one thread, until no step takes more than ten times its expected time,
 * or for forty passes. Uses the thread's CPU clock, which other programs do not affect. *slow: the first slow step, -1:
 * none. *seconds: its time. RV_ERROR_BACKEND. */
gboolean rv__profile_find_slow_step (RvExecutable *executable, int *slow, double *seconds, GError **error);

#endif
