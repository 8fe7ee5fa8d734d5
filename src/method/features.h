/* features.h -- activations of a network's layers on one picture.
 * Layer 6 (method). */
#ifndef RV_FEATURES_INTERNAL_H
#define RV_FEATURES_INTERNAL_H

#include "method/compute.h"
#include "net/net.h"
#include <reverie/features.h>

/* Runs @net once on @picture, [1, 3, height, width] in @space. features[i]: (transfer full) (nullable): activations of
 * layers[i], [1, C, H, W]; NULL: the picture is too small for the layer. @compute: backend and threads are used; NULL:
 * defaults. @cancellable (nullable). RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_CANCELLED. */
gboolean rv__features (const RvNet *net, const RvComputeSettings *compute, const float *picture, int height, int width,
                       const RvPixelSpace *space, const char *const *layers, int n_layers, RvTensor **features,
                       GCancellable *cancellable, GError **error);

#endif
