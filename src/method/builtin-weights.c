/* builtin-weights.c -- the built-in network, with weights embedded in the library.
 * It is not in src/net, which knows no files and no formats: the bytes are a safetensors file. */
#include "builtin-weights.h"
#include "io/weights/format.h"
#include <reverie/net.h>

extern const guint8 rv__builtin_weights[], rv__builtin_weights_end[]; /* data/meson.build */

GBytes *
rv_net_builtin_file (void)
{
  return g_bytes_new_static (rv__builtin_weights, (gsize) (rv__builtin_weights_end - rv__builtin_weights));
}

extern const guint8 rv__spread[], rv__spread_end[]; /* data/meson.build */

const RvTensorMap *
rv__builtin_spread (void)
{
  static RvTensorMap *table;
  static gsize once;
  if (g_once_init_enter (&once)) {
    g_autoptr (GBytes) bytes = g_bytes_new_static (rv__spread, (gsize) (rv__spread_end - rv__spread));
    table = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "the table of spreads", NULL);
    table = table ? table : rv_tensor_map_new ();
    g_once_init_leave (&once, 1);
  }
  return table;
}

RvNet *
rv_net_new_builtin (GError **error)
{
  g_autoptr (GBytes) bytes = rv_net_builtin_file ();
  g_autoptr (RvTensorMap) weights = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "the built-in network", error);
  return weights ? rv_net_new ("builtin", weights, error) : NULL;
}
