/* networks.h -- where networks are kept, and read from.
 * Layer 7 (app). Implemented in src/app/networks.c. Nothing is downloaded here: fetch.h does. */
#ifndef RV_NETWORKS_H
#define RV_NETWORKS_H

#include <reverie/net.h>
G_BEGIN_DECLS

/** rv_network_folder: (transfer full): where downloads go: $REVERIE_MODELS, else $XDG_DATA_HOME/reverie/models. It need
 * not exist. Since: 0.1 */
RV_API char *rv_network_folder (void);

/** rv_network_find: (transfer full) (nullable): the weights file of the network called @network: in that folder, in
 * Keras' or in PyTorch's. Errors: %RV_ERROR_FILE when it is not here, saying what to do; @offline: that is not to
 * download it. Since: 0.1 */
RV_API char *rv_network_find (const char *network, gboolean offline, GError **error);

/**
 * rv_network_load:
 * @network: (nullable): one of rv_net_names(); NULL: what the weights are of
 * @weights: (nullable): their file; NULL: what is found, or the built-in network's own
 * @file:    (out) (transfer full) (nullable): which file was read, for recipes; NULL: the built-in network's
 *
 * Errors: as rv_network_find(), rv_weights_load() and rv_net_new(). Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API RvNet *rv_network_load (const char *network, const char *weights, char **file, GError **error);

G_END_DECLS
#endif
