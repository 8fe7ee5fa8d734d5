/* fuzz-kernels.c -- libFuzzer target: any text as a table of kernels, from the user's cache, a recipe or a checkpoint.
 * Built with -Dfuzz=true; run by tools/check.sh. */
#include "backend/kernel-table.h"
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (RvKernelTable) table = rv_kernel_table_new (), again = rv_kernel_table_new ();
  rv_kernel_table_add_text (table, text);
  g_autofree char *written = rv__kernel_table_to_text (table);
  rv__kernel_table_restore (again, written, text);
  g_autofree char *rewritten = rv__kernel_table_to_text (again);
  if (strcmp (written, rewritten) != 0)
    __builtin_trap (); /* written tables are read unchanged */
  return 0;
}
