/* profile.h -- time of a program, step by step: the code of each step, and steps that are too slow.
 * Layer 3 (backend). For selftest, tests and benchmarks. */
#pragma once

#include "backend.h"

/* (nullable): name of the code that computes step @step, from 0: "jit:avx2", "plain C"; NULL, without an error, if
 * another step computes it. Borrowed from @executable. */
const char *rv__profile_kernel (const RvExecutable *executable, int step);

/* (transfer full): description of a step, for reports: "conv2d [1, 3, 8, 8] -> [1, 64, 8, 8] by jit:avx2". */
char *rv__profile_describe (const RvExecutable *executable, int step);

/* Runs a bound executable that was compiled for one thread, two to forty passes, until no step takes more than ten
 * times its expected time. *slow: (out): the first such step; -1: none. *seconds: (out): its shortest time by the
 * thread's CPU clock, which other programs do not affect; 0: none. Both are undefined after an error. */
gboolean rv__profile_detect_slow_step (RvExecutable *executable, int *slow, double *seconds, GError **error);
