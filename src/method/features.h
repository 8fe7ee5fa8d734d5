/* features.h -- what the layers of a network say to one picture.
 * Layer 6 (method). */
#ifndef RV_FEATURES_H
#define RV_FEATURES_H

#include "net/net.h"

/* rv__features: one pass of @net over @picture, [1, 3, height, width] in @space; features[i] becomes the activations of
 * layers[i], [1, C, H, W]: (transfer full), NULL where the picture is too small for the layer. @n_threads: 0 for
 * all cores. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__features (const RvNet *net, const float *picture, int height, int width, const RvPixelSpace *space,
                       const char *const *layers, int n_layers, int n_threads, RvTensor **features, GError **error);

#endif
