/* strips.h -- painting of large pictures in strips, to save memory. Layer 6 (method). */
#pragma once

#include "method/style-net/style-net.h"

/* Overwrites the colours of @painted with @image, painted in the style @numbers, [2, RV_STYLE_NET_CHANNELS], in strips
 * of its full width. @painted: has the size of @image; may be @image. Adds no grain; does not clamp. @rows: height of a
 * strip in units of 4 px; below 3 counts as 3. @n_threads: 1 or more. Blocks. RV_ERROR_MEMORY, RV_ERROR_BACKEND,
 * RV_ERROR_CANCELLED; @painted may be overwritten then. */
gboolean rv__style_net_paint_strips (const RvStyleNet *style_net, const RvImage *image, const float *numbers,
                                     gint64 rows, const RvBackendClass *backend, int n_threads, RvImage *painted,
                                     GError **error);
/* Sets *bytes to the memory that rv__style_net_paint_strips() allocates for a picture of @height x @width px, without
 * the picture and its result. @rows: height of a strip in units of 4 px, 3 or more. Compiles programs for the
 * estimate and frees them. FALSE, with *bytes unchanged: RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_CANCELLED. */
gboolean rv__style_net_strips_memory (const RvStyleNet *style_net, gint64 height, gint64 width, gint64 rows,
                                      const RvBackendClass *backend, int n_threads, gsize *bytes, GError **error);
