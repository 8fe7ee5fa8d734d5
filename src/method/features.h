/* features.h -- activations of a network's layers for one picture. Layer 6 (method). */
#pragma once

#include "backend/backend.h"
#include "method/compute.h"
#include "net/net.h"
#include <reverie/features.h>

/* A compiled forward pass for pictures of one size. Used by one thread at a time. */
typedef struct {
  RvExecutable *executable;
  int x, n_layers; /* x: value of the picture */
  int values[];    /* [n_layers] values of the layers; -1: unknown, or the picture is too small */
} RvFeaturesEngine;

/* (transfer full) (nullable): the pass for pictures [1, 3, @height, @width] in @space to the activations of @layers,
 * the network's own names. @net may be freed afterwards. Free with rv__features_engine_free(). @compute: as for
 * rv__features(). */
RvFeaturesEngine *rv__features_engine_new (const RvNet *net, const RvComputeSettings *compute, int height, int width,
                                           const RvPixelSpace *space, const char *const *layers, int n_layers,
                                           GError **error);
/* Frees @engine; NULL: nothing. */
void rv__features_engine_free (RvFeaturesEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvFeaturesEngine, rv__features_engine_free)
/* Runs the pass on @picture, [1, 3, height, width]. Sets features[i] (transfer full) to the activations of layers[i],
 * f32 [1, C, H, W]; to NULL if the layer is unknown or the picture too small for it. After an error, all are NULL. */
gboolean rv__features_engine_run (const RvFeaturesEngine *engine, const float *picture, RvTensor **features,
                                  GError **error);

/* Computes activations of @layers, the network's own names, in one forward pass. Sets features[i] to the activations of
 * layers[i], f32 [1, C, H, W] (transfer full); to NULL if the layer is unknown or the picture too small for it.
 * @compute: only backend, gpu, threads and exact are used. After an error, all are NULL. */
gboolean rv__features (const RvNet *net, const RvComputeSettings *compute, const RvImage *picture,
                       const char *const *layers, int n_layers, RvTensor **features, GError **error);
