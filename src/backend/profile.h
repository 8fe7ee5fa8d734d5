/* profile.h -- where the time of a program goes, step by step: which code computes each, and whether one is slow.
 * Layer 3 (backend). For selftest, tests and benchmarks. */
#ifndef RV_PROFILE_H
#define RV_PROFILE_H

#include "backend.h"

/* rv__profile_kernel: (nullable): the name of the code that computes a step; NULL for one that another step does. */
const char *rv__profile_kernel (const RvExecutable *executable, int step);

/* rv__profile_describe: (transfer full): a step in words: "conv2d [1, 3, 8, 8] -> [1, 64, 8, 8] by jit:avx2". */
char *rv__profile_describe (const RvExecutable *executable, int step);

/* rv__profile_slow: runs a bound executable that was compiled for one thread, in passes, until no step takes more than
 * ten times its share of what all the others take, or has done so in each of forty passes: by the thread's own clock,
 * so that nobody else's work counts. *slow: the first such step, -1 when there is none; *seconds: what it takes.
 * RV_ERROR_BACKEND. */
gboolean rv__profile_slow (RvExecutable *executable, int *slow, double *seconds, GError **error);

#endif
