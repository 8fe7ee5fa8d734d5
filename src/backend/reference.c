/* reference.c -- the plain-C backend: every op as src/op/ops has it, in plain layout, for float and for double.
 * The oracle of the others, and what runs where there is no faster one. */
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
