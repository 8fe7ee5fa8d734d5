/* bands.h -- a convolution of oneDNN in strips of rows.
 * Layer 3 (backend). oneDNN cannot stop early: on a large picture, a step would run for half a second after cancelling.
 * Used by conv-onednn.c only. */
#ifndef RV_BANDS_H
#define RV_BANDS_H

#include "backend/onednn.h"
#include <gio/gio.h>

typedef struct _RvBands RvBands;

/* Rows of a strip, so that no strip takes long. 0: one strip, because it is fast, or because sums go over rows. */
gint64 rv__bands_rows (const RvConvSpec *spec, int n_threads);

/* (transfer full) (nullable): a convolution in strips of @rows output rows; 0: one strip. NULL as
 * rv__conv_kernel_new(). Gives the bytes of one kernel for all rows; makes a single strip if strips would change
 * them. */
RvBands *rv__bands_new (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnForm *form, gint64 rows);
void rv__bands_free (RvBands *bands);

/* One of the kernels; all use the same packed weights. */
RvConvKernel *rv__bands_kernel (const RvBands *bands);
guint rv__bands_number (const RvBands *bands);
gsize rv__bands_scratch_bytes (const RvBands *bands);

/* Runs all strips; arguments as rv__conv_kernel_run(). Stops early once @cancellable (nullable) is cancelled. */
gboolean rv__bands_run (RvBands *bands, RvOnednn *onednn, void *big, void *small, void *weights, const float *bias,
                        void *scratch, GCancellable *cancellable);

#endif
