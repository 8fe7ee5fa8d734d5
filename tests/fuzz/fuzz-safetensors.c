/* fuzz-safetensors.c -- libFuzzer target: any bytes as a weights file. Built with -Dfuzz=true; run by tools/check.sh.
 */
#include "io/weights/format.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, "fuzz", &error);
  if (!map == !error)
    __builtin_trap ();                                          /* just one of the two */
  for (guint i = 0; map && i < rv_tensor_map_size (map); i++) { /* all of what it claims to hold can be read */
    const RvTensor *tensor = rv_tensor_map_get (map, rv_tensor_map_name (map, i));
    g_autoptr (RvTensor) copy = rv_tensor_to_f32 (tensor, NULL);
  }
  return 0;
}
