/* features.h -- what the layers of a network say to a picture.
 * Layer 6 (method). Implemented in src/method/features.c. */
#ifndef RV_FEATURES_H
#define RV_FEATURES_H

#include <gio/gio.h>
#include <reverie/image.h>
#include <reverie/net.h>
G_BEGIN_DECLS

/**
 * rv_features:
 * @picture:   as large as it is to be looked at: it is not resized; transparency does not count
 * @layers:    as people write them (rv_net_layer()): "conv4_1", "relu4_1:pre"; NULL-terminated
 * @n_threads: 0: one for each physical core
 * @cancellable: (nullable): looked at before each layer
 *
 * One pass, in f32. Threads: several calls may share @net. Errors: %RV_ERROR_SETTING for a layer that there is not, and
 * for none; %RV_ERROR_SHAPE when the picture is too small for one; %RV_ERROR_FORMAT when the weights lack a parameter;
 * %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED. Returns: (transfer full) (nullable): the activations, [1,
 * C, H, W] of f32, by the names in @layers. Since: 0.1
 */
RV_API RvTensorMap *rv_features (const RvNet *net, const RvImage *picture, const char *const *layers, int n_threads,
                                 GCancellable *cancellable, GError **error);

G_END_DECLS
#endif
