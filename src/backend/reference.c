/* reference.c -- the plain-C backend: the ops of src/op/ops, in plain layout, for float and double. Tests compare the
 * other backends with it; it runs on any machine. */
#include "backend.h"

static gboolean
reference_run (RvExecutable *executable, int step, GError **error)
{
  rv__executable_run_plain (executable, step);
  return TRUE;
}

const RvBackendClass rv__backend_reference = {
  .name = "reference",
  .summary = "plain C, for any processor; slow",
  .memory = &rv__host_memory,
  .run = reference_run,
};
