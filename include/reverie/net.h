/* net.h -- networks: names, layers, parameters.
 * Layer 5 (net). Implemented in src/net/. */
#ifndef RV_NET_H
#define RV_NET_H

#include <reverie/tensor.h>
G_BEGIN_DECLS

/** RvNet: a network's architecture and parameters. Reference-counted. Threads: immutable, several may share it. */
typedef struct _RvNet RvNet;

/** rv_net_new_builtin: (transfer full) (nullable): a new object for the network that is compiled into the library;
 * reads no file. Errors: %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvNet *rv_net_new_builtin (GError **error);
/** rv_net_builtin_file: (transfer full): the built-in network's weights, the bytes of a safetensors file; static
 * memory, not copied. Can't fail. Since: 0.1 */
RV_API GBytes *rv_net_builtin_file (void);

/** rv_net_new: makes a network from @weights: parameters by name, f32, f16, bf16, or int8 with scales; kept by
 * reference. @name: (nullable): one of rv_net_names(); NULL: detected by rv_net_identify(). Weights with the text
 * `graph` (an ONNX file, or the state dict of a ResNet) are a network of their own, whose name is the text `network`,
 * with a number if another network has that name. The name stays valid until the process ends. The weights decide the
 * preprocessing of pictures: the names of the parameters show the publisher (Keras, torchvision and others), and the
 * metadata `preprocessing` has priority. Errors: %RV_ERROR_SETTING for an unknown name; %RV_ERROR_FORMAT for weights
 * of another network or of none, or with unknown preprocessing; %RV_ERROR_FILE if the weights' file has changed;
 * %RV_ERROR_MEMORY. A missing parameter, or one of the wrong shape, may show only when the network is first used:
 * %RV_ERROR_FORMAT. Returns: (transfer full) (nullable). Since: 0.1 */
RV_API RvNet *rv_net_new (const char *name, RvTensorMap *weights, GError **error);
/** rv_net_ref: (transfer full): @net, with one reference more. Since: 0.1 */
RV_API RvNet *rv_net_ref (RvNet *net);
/** rv_net_unref: (nullable): drops a reference; the last one frees @net. Since: 0.1 */
RV_API void rv_net_unref (RvNet *net);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvNet, rv_net_unref)

/** rv_net_identify: (nullable): the name of the network whose parameters, without dense layers, are all in @weights. If
 * several networks match, the largest one: Keras' VGG19 has all parameters of VGG16. For weights with the text `graph`
 * the name of their own network. NULL, without an error: none. Static. Since: 0.1 */
RV_API const char *rv_net_identify (RvTensorMap *weights);
/** rv_net_check: whether the weights of @net have all parameters in their shapes, without dense layers; does not read
 * their numbers. FALSE sets an error. Errors: %RV_ERROR_FORMAT, naming the first parameter that is missing or wrong.
 * Since: 0.1 */
RV_API gboolean rv_net_check (const RvNet *net, GError **error);

/** rv_net_name: name of @net: one of rv_net_names(), or the own name of a network with the text `graph`; static. Can't
 * fail. Since: 0.1 */
RV_API const char *rv_net_name (const RvNet *net);
/** rv_net_summary: one line about the network; static. Can't fail. Since: 0.1 */
RV_API const char *rv_net_summary (const RvNet *net);
/** rv_net_source: the paper or page that describes the network, "He et al. 2015"; static. Can't fail. Since: 0.1 */
RV_API const char *rv_net_source (const RvNet *net);
/** rv_net_publisher: the publisher whose parameter names the weights of @net use: "Keras", "torchvision". Static.
 * Since: 0.1 */
RV_API const char *rv_net_publisher (const RvNet *net);
/** rv_net_preprocessing: the preprocessing that the network was trained with: "bgr_0_255 minus 103.939,116.779,123.68
 * divided by 1" stands for (BGR 0..255 - mean) / 1. Borrowed. Since: 0.1 */
RV_API const char *rv_net_preprocessing (const RvNet *net);
/** rv_net_class_names: (nullable): class names, one for each channel of the layer `class`, NULL-terminated, from the
 * metadata `class_names`; NULL without them. Borrowed. Since: 0.1 */
RV_API const char *const *rv_net_class_names (const RvNet *net);
/** rv_net_names: names of all known networks, such as "vgg19", also "builtin"; NULL-terminated; static. Since: 0.1 */
RV_API const char *const *rv_net_names (void);

/** rv_net_layers: (nullable): the layers of the network @name that losses can use, from input to output,
 * NULL-terminated; NULL for an unknown network. A layer's name stands for its output after ReLU, the name with ":pre"
 * for the output before. Static. Since: 0.1 */
RV_API const char *const *rv_net_layers (const char *name);
/** rv_net_good_for: (nullable): a few words about uses of the network @name; NULL for an unknown name. Static.
 * Since: 0.1 */
RV_API const char *rv_net_good_for (const char *name);

/** RvLayer: one layer of a network, for a picture of a given size. */
typedef struct {
  const char *name; /* static */
  gint64 channels, height, width;
  int window, stride;  /* side and stride of its last convolution or pooling */
  gint64 n_parameters; /* weights and biases */
} RvLayer;

/** rv_net_describe: (transfer full) (element-type RvLayer): the layers of the network @name on a picture of @height x
 * @width px, from input to output, up to the first that does not fit; empty, never NULL, for an unknown network. Free
 * with g_array_unref(). Since: 0.1 */
RV_API GArray *rv_net_describe (const char *name, int height, int width);

G_END_DECLS
#endif
