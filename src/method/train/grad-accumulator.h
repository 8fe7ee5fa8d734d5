/* grad-accumulator.h -- gradient accumulation over micro-batches. Their number is a setting, and their gradients are
 * added in a fixed order: a training has the same bytes on any number of ranks. Layer 6 (method).
 *
 *   g <- (float) sum over k = 0, 1, ... of (double) g of micro-batch k
 *
 * Each rank of the cluster (cluster.h) computes some consecutive micro-batches. Their f32 gradients are sent to rank 0,
 * which adds them and broadcasts the sum. A single micro-batch of a single process is neither added nor copied. */
#ifndef RV_GRAD_ACCUMULATOR_H
#define RV_GRAD_ACCUMULATOR_H

#include "cluster/cluster.h"

#define RV_MAX_MICRO_BATCHES 64 /* in a batch */

typedef struct _RvGradAccumulator RvGradAccumulator;

/* A new accumulator of @n micro-batches on the ranks of rv__cluster_current(). (transfer full). Each micro-batch has
 * @n_losses losses besides its gradients. */
RvGradAccumulator *rv__grad_accumulator_new (int n, int n_losses);
/* Registers the buffer of @n gradients at @at, in which the caller computes them and gets their sums. Borrowed; must
 * not move. NULL is ignored. */
void rv__grad_accumulator_add_buffer (RvGradAccumulator *accumulator, float *at, gint64 n);
/* Allocates the memory, once, after all buffers were added. RV_ERROR_MEMORY. */
gboolean rv__grad_accumulator_allocate (RvGradAccumulator *accumulator, GError **error);
/* @accumulator (nullable). */
void rv__grad_accumulator_free (RvGradAccumulator *accumulator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvGradAccumulator, rv__grad_accumulator_free)

/* First micro-batch of this rank, from 0. */
int rv__grad_accumulator_first (const RvGradAccumulator *accumulator);
/* End of this rank's micro-batches, exclusive. */
int rv__grad_accumulator_end (const RvGradAccumulator *accumulator);
/* Begins a batch: forgets what was added to one that was not finished. */
void rv__grad_accumulator_clear (RvGradAccumulator *accumulator);
/* Adds the gradients in the buffers, and @losses, for this rank's next micro-batch: call it once for each, in order.
 * Leaves both unchanged. */
void rv__grad_accumulator_add (RvGradAccumulator *accumulator, const double *losses);
/* Overwrites the buffers and @losses, on all ranks, with the sums over all micro-batches, and begins the next batch.
 * Collective. RV_ERROR_BACKEND. */
gboolean rv__grad_accumulator_sum (RvGradAccumulator *accumulator, double *losses, GError **error);

#endif
