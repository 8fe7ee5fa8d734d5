/* embedded.c -- the picture in the library: a lake, to test networks on. */
#include "embedded.h"

extern const guint8 rv__lake[], rv__lake_end[]; /* data/meson.build */

RvImage *
rv__image_embedded (GError **error)
{
  g_autoptr (GBytes) file = g_bytes_new_static (rv__lake, (gsize) (rv__lake_end - rv__lake));
  return rv_image_load_bytes (file, 0, 0, error);
}
