/* features.h -- activations of a network's layers for one picture. Layer 6 (method). */
#pragma once

#include "method/compute.h"
#include "net/net.h"
#include <reverie/features.h>

/* Computes activations of @layers, the network's own names, in one forward pass. @picture: [1, 3, height, width] in
 * @space. Sets features[i] to the activations of layers[i], f32 [1, C, H, W] (transfer full). NULL there: unknown
 * layer, or the picture is too small for it. @compute: only backend, gpu, threads and exact are used; NULL: defaults.
 * @cancellable: (nullable). FALSE, with all NULL: errors of rv__compute_backend(), rv__executable_new() and
 * rv__net_record(). */
gboolean rv__features (const RvNet *net, const RvComputeSettings *compute, const float *picture, int height, int width,
                       const RvPixelSpace *space, const char *const *layers, int n_layers, RvTensor **features,
                       GCancellable *cancellable, GError **error);
