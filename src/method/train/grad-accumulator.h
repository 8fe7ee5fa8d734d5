/* grad-accumulator.h -- gradient accumulation over micro-batches. Their number is a setting, and their gradients are
 * added in a fixed order: a training has the same bytes on any number of ranks. Layer 6 (method).
 *
 *   g <- (float) sum over k = 0, 1, ... of (double) g of micro-batch k
 *
 * Each rank of the cluster (cluster.h) computes some consecutive micro-batches. Their f32 gradients are sent to rank 0,
 * which adds them and broadcasts the sum. A single micro-batch of a single process is neither added nor copied. */
#pragma once

#include "cluster/cluster.h"

#define RV_MAX_MICRO_BATCHES 64 /* in a batch */

/* Sums of the gradients of one batch at a time. */
typedef struct _RvGradAccumulator RvGradAccumulator;

/* A new accumulator of @n micro-batches, 1 or more, distributed over the ranks of rv__cluster_current(). (transfer
 * full). Each micro-batch has @n_losses losses besides its gradients. Call rv__grad_accumulator_allocate() before it is
 * used. */
RvGradAccumulator *rv__grad_accumulator_new (int n, int n_losses);
/* Registers the f32 buffer of @n gradients at @at, in which the caller computes them and gets their sums. Borrowed; it
 * must not move. NULL is ignored. Before rv__grad_accumulator_allocate(); in the same order on all ranks. */
void rv__grad_accumulator_add_buffer (RvGradAccumulator *accumulator, float *at, gint64 n);
/* Allocates the memory for messages and sums, once, after all buffers were registered. A single process with one
 * micro-batch needs none. After an error the accumulator may only be freed. Not collective. */
gboolean rv__grad_accumulator_allocate (RvGradAccumulator *accumulator, GError **error);
/* Frees @accumulator (nullable), not the registered buffers. */
void rv__grad_accumulator_free (RvGradAccumulator *accumulator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvGradAccumulator, rv__grad_accumulator_free)

/* Number of this rank's first micro-batch, from 0. */
int rv__grad_accumulator_first (const RvGradAccumulator *accumulator);
/* Number after this rank's last micro-batch; equal to rv__grad_accumulator_first() for a rank without any. */
int rv__grad_accumulator_end (const RvGradAccumulator *accumulator);
/* Begins a batch: discards micro-batches that this rank has added since the last sum, as in a cancelled step. The
 * buffers stay. */
void rv__grad_accumulator_clear (RvGradAccumulator *accumulator);
/* Adds @losses and the gradients in the buffers as this rank's next micro-batch. Call it once for each micro-batch,
 * from first to end. Leaves buffers and losses unchanged. Not collective: stores them for
 * rv__grad_accumulator_sum(). */
void rv__grad_accumulator_add (RvGradAccumulator *accumulator, const double *losses);
/* Overwrites the buffers and @losses, on all ranks, with the sums over the micro-batches of all ranks, and begins
 * the next batch. Collective. A single process with one micro-batch leaves them unchanged: they are the sums. After
 * an error buffers and losses are unchanged, and the accumulator may only be freed. */
gboolean rv__grad_accumulator_sum (RvGradAccumulator *accumulator, double *losses, GError **error);
