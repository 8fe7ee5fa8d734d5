/* fuzz-weights.c -- libFuzzer targets, one for each reader: any bytes as a weights file of format FORMAT. Built with
 * -Dfuzz=true; run by tools/check.sh. */
#include "io/weights/format.h"

extern const RvWeightsClass FORMAT;
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  if (!FORMAT.sniff (data, size))
    return 0;
  g_autofree char *sibling = FORMAT.sibling_name ? FORMAT.sibling_name (bytes) : NULL;
  g_autoptr (RvTensorMap) map = FORMAT.parse (bytes, sibling ? bytes : NULL, RV_WEIGHTS_ALL, "fuzz", &error);
  if (!map == !error)
    __builtin_trap ();                                          /* exactly one of both */
  for (guint i = 0; map && i < rv_tensor_map_size (map); i++) { /* all elements are readable */
    const RvTensor *tensor = rv_tensor_map_get (map, rv_tensor_map_name (map, i));
    g_autoptr (RvTensor) copy = rv_tensor_to_f32 (tensor, NULL);
  }
  return 0;
}
