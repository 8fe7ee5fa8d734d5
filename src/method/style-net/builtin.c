/* builtin.c -- the built-in style network: an embedded safetensors file. */
#include "io/weights/format.h"
#include <reverie/style-net.h>

extern const guint8 rv__builtin_style_net[], rv__builtin_style_net_end[]; /* data/meson.build */

RvStyleNet *
rv_style_net_new_builtin (GError **error)
{
  g_autoptr (GBytes) bytes =
    g_bytes_new_static (rv__builtin_style_net, (gsize) (rv__builtin_style_net_end - rv__builtin_style_net));
  g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "the built-in style network", error);
  return map ? rv_style_net_from_map (map, error) : NULL;
}
