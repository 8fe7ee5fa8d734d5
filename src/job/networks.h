/* networks.h -- where networks are kept, and read from.
 * Layer 7 (job). */
#ifndef RV_NETWORKS_H
#define RV_NETWORKS_H

#include <reverie/net.h>

/* rv__network_folder: (transfer full): $REVERIE_MODELS, else $XDG_DATA_HOME/reverie/models. It need not exist. */
char *rv__network_folder (void);

/* rv__network_find: (transfer full) (nullable): the weights file of @network, in that folder, in Keras' or in
 * PyTorch's. rv__network_find_or_say: the same; where it is not here, RV_ERROR_FILE says what to do; @offline: that is
 * not to download it. */
char *rv__network_find (const char *network);
char *rv__network_find_or_say (const char *network, gboolean offline, GError **error);

/* rv__network_load: (transfer full) (nullable): the network called @network with its @weights file; @network may be
 * NULL, the weights say then; @weights may be, the built-in one's or what is found. *file: (transfer full): which was
 * read; NULL: the built-in network. Errors: as rv_weights_load() and rv_net_new(). */
RvNet *rv__network_load (const char *network, const char *weights, char **file, GError **error);

#endif
