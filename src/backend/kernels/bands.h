/* bands.h -- a convolution of oneDNN's, in bands of rows.
 * Layer 3 (backend). oneDNN ends nothing early: of a large picture, a step would go on for half a second after it was
 * cancelled. Used by conv-onednn.c alone. */
#ifndef RV_BANDS_H
#define RV_BANDS_H

#include "backend/onednn.h"
#include <gio/gio.h>

typedef struct _RvBands RvBands;

/* rv__bands_rows: how many rows are to be computed at a time, so that no band takes long; 0: all, since that is soon
 * done, or since the sums go over rows. */
gint64 rv__bands_rows (const RvConvSpec *spec, int n_threads);

/* rv__bands_new: (transfer full) (nullable): @rows of what is written at a time, 0: all. NULL as
 * rv__conv_kernel_new(). The bytes are those of one kernel for all rows; where they would not be, there is one band. */
RvBands *rv__bands_new (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnForm *form, gint64 rows);
void rv__bands_free (RvBands *bands);

/* rv__bands_kernel: one of its kernels; all take the same packed weights. */
RvConvKernel *rv__bands_kernel (const RvBands *bands);
guint rv__bands_number (const RvBands *bands);
gsize rv__bands_scratch_bytes (const RvBands *bands);

/* rv__bands_run: as rv__conv_kernel_run(). Ends before it is done once @cancellable (nullable) is cancelled. */
gboolean rv__bands_run (RvBands *bands, RvOnednn *onednn, void *big, void *small, void *weights, const float *bias,
                        void *scratch, GCancellable *cancellable);

#endif
