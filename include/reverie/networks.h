/* networks.h -- the folders of networks, and loading a network from them.
 * Layer 7 (app). Implemented in src/app/networks.c. Nothing is downloaded here: fetch.h does that. */
#ifndef RV_NETWORKS_H
#define RV_NETWORKS_H

#include <reverie/net.h>
G_BEGIN_DECLS

/** rv_network_folder: (transfer full): the folder for downloads: $REVERIE_MODELS unless empty, else
 * $XDG_DATA_HOME/reverie/models. Does not make it; it may not exist. Never NULL. Since: 0.1 */
RV_API char *rv_network_folder (void);
/** rv_network_find: (transfer full) (nullable): the path of the weights file of @network, one of rv_net_names(), in the
 * folder for downloads, of Keras or of PyTorch. Opens no weights. Errors: %RV_ERROR_FILE if there is none; the message
 * says how to get it, and with @offline does not suggest a download. %RV_ERROR_FORMAT if the user's table of sources is
 * damaged. Since: 0.1 */
RV_API char *rv_network_find (const char *network, gboolean offline, GError **error);

/**
 * rv_network_load:
 * @network: (nullable): one of rv_net_names(), or a file, see rv_network_is_file(); NULL: detected from @weights
 * @weights: (nullable): a weights file; NULL: found by rv_network_find(), or the built-in network's own
 * @preprocessing: (nullable): the network's input: "imagenet", "caffe", "tf", "unit", or a text as
 *           rv_net_preprocessing() returns it; NULL: as the weights say
 * @labels:  (nullable) (type filename): for rv_network_set_labels(); NULL: the names of the weights
 * @file:    (out) (optional) (transfer full) (nullable): the file that was read, for recipes; NULL: built-in weights.
 *           After an error the file that was tried, or NULL
 *
 * Loads the convolutions, without dense layers. An HDF5 file is converted once, into rv_network_folder(). One of
 * @network and @weights is needed. Errors: %RV_ERROR_SETTING without either, for an unknown @network, or for
 * @preprocessing or @labels of the built-in network; %RV_ERROR_FILE if there is no such file or it cannot be read;
 * %RV_ERROR_FORMAT if it is damaged or of another network, or @preprocessing is not understood; %RV_ERROR_MEMORY,
 * %RV_ERROR_CANCELLED; errors of rv_network_set_labels(). Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API RvNet *rv_network_load (const char *network, const char *weights, const char *preprocessing, const char *labels,
                               char **file, GError **error);

/** rv_network_set_labels: sets the metadata `class_names` of @weights, those of a network: see rv_net_class_names().
 * @labels: (type filename): a text file with the name of a class on each line; text after a comma is ignored. Errors:
 * %RV_ERROR_SETTING if the network does not end in classes; %RV_ERROR_FILE if @labels cannot be read; %RV_ERROR_FORMAT
 * if it is not UTF-8, or has another number of lines, or @weights are of no known network. Returns: whether the names
 * are set. Since: 0.1 */
RV_API gboolean rv_network_set_labels (RvTensorMap *weights, const char *labels, GError **error);

/** rv_network_is_file: whether @network, the value of a setting, names a file of weights instead of one of
 * rv_net_names(): it ends in ".onnx", ".pth", ".pt", ".safetensors", ".h5", ".keras" or ".caffemodel". Since: 0.1 */
RV_API gboolean rv_network_is_file (const char *network);

G_END_DECLS
#endif
