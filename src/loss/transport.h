/* transport.h -- common functions of losses that compare distributions: one for each channel of a map (transport.c).
 * Layer 5 (loss). */
#ifndef RV_LOSS_TRANSPORT_H
#define RV_LOSS_TRANSPORT_H

#include "loss.h"

/* RvLossClass.prepare_target: sorts each channel. */
gboolean rv__transport_prepare_target (const RvLossInfo *info, RvLossMap *map, GError **error);
/* RvLossClass.compare: mean squared distance of optimal transport, over all channels. @target: prepared by
 * rv__transport_prepare_target(). */
gboolean rv__transport_compare (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target,
                                double grad_factor, RvLossMap *grad, double *loss, GError **error);
/* RvLossClass.workspace_bytes. */
gsize rv__transport_workspace_bytes (const RvLossInfo *info, int n_threads);

#endif
