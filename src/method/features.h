/* features.h -- activations of a network's layers for one picture. Layer 6 (method). */
#ifndef RV_FEATURES_INTERNAL_H
#define RV_FEATURES_INTERNAL_H

#include "method/compute.h"
#include "net/net.h"
#include <reverie/features.h>

/* Computes activations of layers in one forward pass. @picture: [1, 3, height, width] in @space. Sets features[i] to
 * the activations of layers[i], [1, C, H, W] (transfer full), or to NULL if the picture is too small for the layer.
 * @compute: only backend and threads are used; NULL: defaults. @cancellable: (nullable). After an error all are NULL.
 * RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_CANCELLED. */
gboolean rv__features (const RvNet *net, const RvComputeSettings *compute, const float *picture, int height, int width,
                       const RvPixelSpace *space, const char *const *layers, int n_layers, RvTensor **features,
                       GCancellable *cancellable, GError **error);

#endif
