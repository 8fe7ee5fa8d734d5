/* conv-strips.h -- a convolution of oneDNN in strips of rows.
 * Layer 3 (backend). oneDNN cannot stop early: on a large picture, a step would run for half a second after cancelling.
 * Used by conv-onednn.c only. */
#pragma once

#include "backend/onednn.h"
#include <gio/gio.h>

typedef struct _RvConvStrips RvConvStrips;

/* Number of result rows of a strip, so that no strip takes long on @n_threads. 0: one strip of all rows. The
 * convolution is then fast, or @spec is backward-weights, accumulates, or has several pictures. */
gint64 rv__conv_strips_plan_rows (const RvConvSpec *spec, int n_threads);

/* (transfer full) (nullable): a convolution in strips of @rows result rows. One strip if @rows is 0, or if strips
 * would change the bytes, need other packed weights or have no kernel: the result has the same bytes as that of one
 * kernel for all rows. @spec and @variant are not referenced after the call; @onednn must outlive the result. NULL
 * without an error: oneDNN has no kernel for @spec, see rv__conv_kernel_new(). No other errors. */
RvConvStrips *rv__conv_strips_new (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnVariant *variant,
                                   gint64 rows);
/* Frees @strips and its kernels. Does nothing for NULL. */
void rv__conv_strips_free (RvConvStrips *strips);

/* Kernel of the first strip, which packs the weights for all strips. Borrowed from @strips. */
RvConvKernel *rv__conv_strips_kernel (const RvConvStrips *strips);
/* Number of strips, 1 or more. For tests. */
guint rv__conv_strips_count (const RvConvStrips *strips);
/* Bytes of scratch for rv__conv_strips_run(): the largest of all strips, which use the scratch one after another. */
gsize rv__conv_strips_scratch_bytes (const RvConvStrips *strips);

/* Runs all strips, one after another; blocking. Writes @dst; backward-data: @src; backward-weights: @weights. @src,
 * @dst: whole planes. @weights: packed. @bias: (nullable). @scratch: rv__conv_strips_scratch_bytes(). Once @cancellable
 * (nullable) is cancelled, stops early with TRUE and leaves the other rows undefined. FALSE without an error: oneDNN
 * failed. */
gboolean rv__conv_strips_run (RvConvStrips *strips, RvOnednn *onednn, void *src, void *dst, void *weights,
                              const float *bias, void *scratch, GCancellable *cancellable);
