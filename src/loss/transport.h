/* transport.h -- common functions of losses that compare distributions: one for each channel of a map (transport.c).
 * Layer 5 (loss). */
#pragma once

#include "loss.h"

/* RvLossClass.prepare_target: sorts the numbers of each channel of @map, fewer than 2^32 (unchecked), in place,
 * smallest first as f32. After an error @map is unchanged. */
gboolean rv__transport_prepare_target (const RvLossInfo *info, RvLossMap *map, GError **error);
/* RvLossClass.compare: sets *loss to D / S. D: sum over channels of the squared Wasserstein distance between the
 * numbers of @map, weighted by the mask, and of target->map. S: sum over channels of the mean square of target->map, at
 * least the minimum of rv__loss_norm(). Adds the loss's gradient times @grad_factor to @grad. target->map: from
 * rv__transport_prepare_target(). FALSE and RV_ERROR_MEMORY; *loss and @grad then cover only some channels. */
gboolean rv__transport_compare (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target,
                                double grad_factor, RvLossMap *grad, double *loss, GError **error);
/* RvLossClass.workspace_bytes: bytes that rv__transport_compare() allocates on @n_threads threads for a layer of
 * info->positions, freed at its end. */
gsize rv__transport_workspace_bytes (const RvLossInfo *info, int n_threads);
