/* transport.h -- common functions of losses that compare distributions: one for each channel of a map (transport.c).
 * Layer 5 (loss). */
#ifndef RV_LOSS_TRANSPORT_H
#define RV_LOSS_TRANSPORT_H

#include "loss.h"

/* RvLossClass.prepare_target: sorts the numbers of each channel of @map, smallest first, in place. RV_ERROR_MEMORY. */
gboolean rv__transport_prepare_target (const RvLossInfo *info, RvLossMap *map, GError **error);
/* RvLossClass.compare: sets *loss to the sum over channels of the mean squared distance of optimal transport to
 * @target, divided by the mean square of @target, and adds its gradient times @grad_factor to @grad. @target: of
 * rv__transport_prepare_target(). RV_ERROR_MEMORY. */
gboolean rv__transport_compare (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target,
                                double grad_factor, RvLossMap *grad, double *loss, GError **error);
/* RvLossClass.workspace_bytes: of rv__transport_compare() on @n_threads threads. */
gsize rv__transport_workspace_bytes (const RvLossInfo *info, int n_threads);

#endif
