/* transport.h -- what losses that compare how numbers are distributed share.
 * Layer 5 (loss). */
#ifndef RV_LOSS_TRANSPORT_H
#define RV_LOSS_TRANSPORT_H

#include "loss.h"

/* rv__transport_settle, _compare, _room: of an RvLossClass whose map has a distribution in each channel (transport.c).
 */
gboolean rv__transport_settle (const RvLossInfo *info, RvLossMap *map, GError **error);
gboolean rv__transport_compare (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target, double factor,
                                RvLossMap *grad, double *loss, GError **error);
gsize rv__transport_room (const RvLossInfo *info, int n_threads);

#endif
