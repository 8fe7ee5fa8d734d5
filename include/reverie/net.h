/* net.h -- networks: what they are called, which layers they have, their parameters.
 * Layer 5 (net). Implemented in src/net/. */
#ifndef RV_NET_H
#define RV_NET_H

#include <reverie/tensor.h>
G_BEGIN_DECLS

/** RvNet: a network's architecture together with its parameters, frozen. Immutable, so several threads may share one.
 * Reference-counted. */
typedef struct _RvNet RvNet;

/** rv_net_new_builtin: (transfer full) (nullable): the network that is part of the library. Errors: %RV_ERROR_MEMORY.
 * Since: 0.1 */
RV_API RvNet *rv_net_new_builtin (GError **error);

/** rv_net_builtin_file: (transfer full): its weights, as the safetensors file that is part of the library; to be
 * hashed, or written. Can't fail. Since: 0.1 */
RV_API GBytes *rv_net_builtin_file (void);

/**
 * rv_net_new:
 * @name:    (nullable): one of rv_net_names(); NULL: whichever these weights are of
 * @weights: its parameters by name, f32, f16, bf16, or int8 with scales; kept by reference
 *
 * The weights decide what the network is given: files of Keras, torchvision and others are told apart by the names of
 * their parameters, and the metadata `preprocessing` wins over that. Errors: %RV_ERROR_SETTING for an unknown name;
 * %RV_ERROR_FORMAT for weights of another network, or that leave their input in doubt. A later parameter that is
 * missing or of another shape is found when the network is first used: %RV_ERROR_FORMAT. Returns: (transfer full)
 * (nullable). Since: 0.1
 */
RV_API RvNet *rv_net_new (const char *name, RvTensorMap *weights, GError **error);
RV_API RvNet *rv_net_ref (RvNet *net);
RV_API void rv_net_unref (RvNet *net);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvNet, rv_net_unref)

/** rv_net_identify: (nullable): the name of the network whose parameters these are, all of them; of several the
 * largest: Keras' VGG19 has all of VGG16's. Static. rv_net_check: whether all of @net's parameters are there, in their
 * shapes. Errors: %RV_ERROR_FORMAT, naming the first that is not. Since: 0.1 */
RV_API const char *rv_net_identify (RvTensorMap *weights);
RV_API gboolean rv_net_check (const RvNet *net, GError **error);

/** rv_net_name, rv_net_summary, rv_net_source: static. Can't fail. Since: 0.1 */
RV_API const char *rv_net_name (const RvNet *net);
RV_API const char *rv_net_summary (const RvNet *net);
RV_API const char *rv_net_source (const RvNet *net);
/** rv_net_form: who names parameters as these weights do: "Keras", "torchvision". rv_net_input: what the network was
 * trained on: "bgr_0_255 minus 103.939,116.779,123.68 divided by 1" stands for (BGR 0..255 - mean) / 1. Both borrowed
 * from @net. Since: 0.1 */
RV_API const char *rv_net_form (const RvNet *net);
RV_API const char *rv_net_input (const RvNet *net);
/** rv_net_words: (nullable): the names of the channels of the layer `class`, in order, NULL-terminated, from the
 * weights' metadata `class_names`; NULL where they have none. Borrowed from @net. Since: 0.1 */
RV_API const char *const *rv_net_words (const RvNet *net);
/** rv_net_names: all known networks, NULL-terminated; static. Since: 0.1 */
RV_API const char *const *rv_net_names (void);

/** rv_net_layers: the layers of the network called @name that losses may look at, in order, NULL-terminated; static.
 * A layer's name means its output after ReLU, the name with ":pre" the one before. NULL for an unknown network.
 * Since: 0.1 */
RV_API const char *const *rv_net_layers (const char *name);

/** rv_net_good_for: a few words about what the network called @name is used for; static; NULL for an unknown name.
 * Since: 0.1 */
RV_API const char *rv_net_good_for (const char *name);

/** RvLayer: one layer of a network, on a picture of some size. */
typedef struct {
  const char *name; /* static */
  gint64 channels, height, width;
  int window, stride;  /* of its last convolution or pooling */
  gint64 n_parameters; /* its own: weights and biases */
} RvLayer;

/** rv_net_describe: (transfer full) (element-type RvLayer): the layers of the network called @name on a picture of
 * @height x @width px, as many as fit; empty for an unknown network. Free with g_array_unref(). Since: 0.1 */
RV_API GArray *rv_net_describe (const char *name, int height, int width);

G_END_DECLS
#endif
