/* grain.h -- smooth noise that is added to the input of a style network. The network makes strokes of the noise in flat
 * areas. Layer 6 (method). */
#pragma once

#include <glib.h>

/* Writes @from, [3, @height, @width], with noise to @to, which may be @from. The noise is normal with @deviation, in
 * grey levels (0: none), blurred by a Gaussian of 3 px, and equal in all channels. It is a crop of a fixed endless
 * plane, from column @left and row @top on, for any number of threads. Does not clamp. Cannot fail. */
void rv__grain_add (const float *from, gint64 height, gint64 width, guint32 left, guint32 top, double deviation,
                    float *to);
