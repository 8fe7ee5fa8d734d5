/* fuzz-idx.c -- libFuzzer target: any bytes as an IDX file. Built with -Dfuzz=true; run by tools/check.sh. */
#include "io/dataset/dataset-internal.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  for (int n_dims = 1; n_dims <= 3; n_dims += 2) {
    gint64 dims[3] = { 1, 1, 1 };
    g_autoptr (GError) error = NULL;
    const guint8 *first = rv__dataset_parse_idx ("fuzz", data, size, n_dims, dims, &error);
    if (!first == !error)
      __builtin_trap (); /* exactly one of both */
    guint64 sum = 0;
    for (gint64 i = 0; first && i < dims[0] * dims[1] * dims[2]; i++) /* all elements are readable */
      sum += first[i];
    if (sum == G_MAXUINT64)
      return -1;
  }
  return 0;
}
