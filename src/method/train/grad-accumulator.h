/* grad-accumulator.h -- the gradients of a batch as a sum over slices of it. How many there are is a setting, and the
 * sum is in their order, whoever computed which: a training has the same bytes on any number of machines. Layer 6
 * (method).
 *
 *   g <- (float) sum over k = 0, 1, ... of (double) g of slice k
 *
 * Each rank of the cluster (cluster.h) has some slices, one after the other. Their gradients go to rank 0 as they are,
 * in f32; it adds them, and tells all. Of one slice alone on one machine nothing is added, moved or held. */
#ifndef RV_GRAD_ACCUMULATOR_H
#define RV_GRAD_ACCUMULATOR_H

#include "cluster/cluster.h"

#define RV_MAX_MICRO_BATCHES 64 /* of a batch */

typedef struct _RvSlices RvGradAccumulator;

/* rv__grad_accumulator_new: (transfer full): of @n slices, each of which has @n_losses numbers beside its gradients.
 * _watch: @n gradients lie at @at, which stays where it is; NULL is left alone. _begin: all are watched.
 * RV_ERROR_MEMORY. */
RvGradAccumulator *rv__grad_accumulator_new (int n, int n_losses);
void rv__grad_accumulator_add_buffer (RvGradAccumulator *accumulator, float *at, gint64 n);
gboolean rv__grad_accumulator_allocate (RvGradAccumulator *accumulator, GError **error);
void rv__grad_accumulator_free (RvGradAccumulator *accumulator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvGradAccumulator, rv__grad_accumulator_free)

/* rv__grad_accumulator_first, _end: this rank's are those from first on, up to end. */
int rv__grad_accumulator_first (const RvGradAccumulator *accumulator);
int rv__grad_accumulator_end (const RvGradAccumulator *accumulator);
/* rv__grad_accumulator_add: the gradients that lie there now, and @losses, are those of this rank's next slice.
 * rv__grad_accumulator_sum: collective: the gradients that lie there, and @losses, are those of all slices. */
void rv__grad_accumulator_add (RvGradAccumulator *accumulator, const double *losses);
gboolean rv__grad_accumulator_sum (RvGradAccumulator *accumulator, double *losses, GError **error);

#endif
