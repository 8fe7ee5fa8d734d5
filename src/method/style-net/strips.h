/* strips.h -- painting of large pictures in strips, to save memory. Layer 6 (method). */
#ifndef RV_STYLE_NET_STRIPS_H
#define RV_STYLE_NET_STRIPS_H

#include "method/style-net/style-net.h"

/* Paints @image in the style @numbers into @painted, which may be @image; does not clamp. @rows: of a strip, at a
 * quarter of the size; 3 or more. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__style_net_paint_strips (const RvStyleNet *style_net, const RvImage *image, const float *numbers,
                                     gint64 rows, const RvBackendClass *backend, int n_threads, RvImage *painted,
                                     GError **error);
/* Memory that this takes besides the pictures, bytes. */
gboolean rv__style_net_strips_memory (const RvStyleNet *style_net, gint64 height, gint64 width, gint64 rows,
                                      const RvBackendClass *backend, int n_threads, gsize *bytes, GError **error);

#endif
