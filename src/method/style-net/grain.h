/* grain.h -- smooth noise that a painter sees in every picture: what it makes strokes of where a picture is flat.
 * Layer 6 (method). */
#ifndef RV_GRAIN_H
#define RV_GRAIN_H

#include <glib.h>

/* rv__grain_add: @to: @from, [3, @height, @width], and normal noise of @deviation (0: none) under a Gaussian of 3 px,
 * the same for each channel, as it lies at columns from @left and rows from @top on of an endless plane. The plane is
 * always the same one. @to may be @from. The same numbers for any thread count. */
void rv__grain_add (const float *from, gint64 height, gint64 width, guint32 left, guint32 top, double deviation,
                    float *to);

#endif
