/* conv-strips.h -- a convolution of oneDNN in strips of rows.
 * Layer 3 (backend). oneDNN cannot stop early: on a large picture, a step would run for half a second after cancelling.
 * Used by conv-onednn.c only. */
#ifndef RV_CONV_STRIPS_H
#define RV_CONV_STRIPS_H

#include "backend/onednn.h"
#include <gio/gio.h>

typedef struct _RvBands RvConvStrips;

/* Rows of a strip, so that no strip takes long. 0: one strip, because it is fast, or because sums go over rows. */
gint64 rv__conv_strips_rows (const RvConvSpec *spec, int n_threads);

/* (transfer full) (nullable): a convolution in strips of @rows output rows; 0: one strip. NULL as
 * rv__conv_kernel_new(). Gives the bytes of one kernel for all rows; makes a single strip if strips would change
 * them. */
RvConvStrips *rv__conv_strips_new (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnVariant *form, gint64 rows);
void rv__conv_strips_free (RvConvStrips *strips);

/* Kernel of the first strip. Borrowed. All strips use the same packed weights. */
RvConvKernel *rv__conv_strips_kernel (const RvConvStrips *strips);
/* Number of strips. */
guint rv__conv_strips_number (const RvConvStrips *strips);
gsize rv__conv_strips_scratch_bytes (const RvConvStrips *strips);

/* Runs all strips; arguments as rv__conv_kernel_run(). Stops early once @cancellable (nullable) is cancelled. */
gboolean rv__conv_strips_run (RvConvStrips *strips, RvOnednn *onednn, void *src, void *dst, void *weights,
                              const float *bias, void *scratch, GCancellable *cancellable);

#endif
