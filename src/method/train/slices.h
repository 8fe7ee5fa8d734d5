/* slices.h -- the gradients of a batch as a sum over slices of it. How many there are is a setting, and the sum is in
 * their order, whoever computed which: a training has the same bytes on any number of machines.
 * Layer 6 (method).
 *
 *   g <- (float) sum over k = 0, 1, ... of (double) g of slice k
 *
 * Each rank of the cluster (cluster.h) has some slices, one after the other. Their gradients go to rank 0 as they are,
 * in f32; it adds them, and tells all. Of one slice alone on one machine nothing is added, moved or held. */
#ifndef RV_SLICES_H
#define RV_SLICES_H

#include "cluster/cluster.h"

#define RV_MAX_SLICES 64 /* of a batch */

typedef struct _RvSlices RvSlices;

/* rv__slices_new: (transfer full): of @n slices, each of which has @n_losses numbers beside its gradients. _watch: @n
 * gradients lie at @at, which stays where it is; NULL is left alone. _begin: all are watched. RV_ERROR_MEMORY. */
RvSlices *rv__slices_new (int n, int n_losses);
void rv__slices_watch (RvSlices *slices, float *at, gint64 n);
gboolean rv__slices_begin (RvSlices *slices, GError **error);
void rv__slices_free (RvSlices *slices);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvSlices, rv__slices_free)

/* rv__slices_first, _end: this rank's are those from first on, up to end. */
int rv__slices_first (const RvSlices *slices);
int rv__slices_end (const RvSlices *slices);
/* rv__slices_add: the gradients that lie there now, and @losses, are those of this rank's next slice.
 * rv__slices_sum: collective: the gradients that lie there, and @losses, are those of all slices. */
void rv__slices_add (RvSlices *slices, const double *losses);
gboolean rv__slices_sum (RvSlices *slices, double *losses, GError **error);

#endif
