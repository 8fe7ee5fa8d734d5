/* strips.h -- painting of large pictures in strips, to save memory. Layer 6 (method). */
#ifndef RV_STYLE_NET_STRIPS_H
#define RV_STYLE_NET_STRIPS_H

#include "method/style-net/style-net.h"

/* Paints @image in the style @numbers into @painted, of the same size, which may be @image. Adds no grain; does not
 * clamp. @rows: height of a strip, unit 4 px, at least 3. RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_CANCELLED. */
gboolean rv__style_net_paint_strips (const RvStyleNet *style_net, const RvImage *image, const float *numbers,
                                     gint64 rows, const RvBackendClass *backend, int n_threads, RvImage *painted,
                                     GError **error);
/* Sets *bytes to the memory of rv__style_net_paint_strips() without the pictures. Compiles programs for it.
 * RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__style_net_strips_memory (const RvStyleNet *style_net, gint64 height, gint64 width, gint64 rows,
                                      const RvBackendClass *backend, int n_threads, gsize *bytes, GError **error);

#endif
