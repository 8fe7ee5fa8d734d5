/* terms.h -- what an objective is made of: a list of terms, each a loss somewhere, with a weight.
 * Layer 6 (method). */
#ifndef RV_TERMS_H
#define RV_TERMS_H

#include "loss/loss.h"
#include "net/net.h"

/* One loss at one place. */
typedef struct {
  const RvLossClass *loss;
  const char *group; /* under which its loss is reported; static */
  char *layer;       /* the network's own name; NULL: x itself */
  double weight;
  gpointer settings;       /* the loss's own; NULL: it has none */
  double *channel_weights; /* as in RvLossInfo; NULL: all 1 */
  int *channel_groups;     /* as in RvLossInfo; NULL: none */
  RvTensor *tensor;        /* of RV_TARGET_TENSOR: what it is compared with */
  int picture;             /* which of the pictures it is compared with; of RV_TARGET_SUMS -1: all, by their parts */
  int mask;                /* which of the objective's masks says where it counts; -1: everywhere */
} RvTerm;

/* rv__terms_new: (transfer full): an empty list of RvTerm, freed with its members by g_array_unref(). */
GArray *rv__terms_new (void);

/* rv__terms_add: @loss, on each of @layers, "LAYER[:WEIGHT],..." of the network @net_name, or on the picture where that
 * is the loss's place. Each weighs @weight times its own, and is reported under the loss's group.
 * @settings: of losses, as rv__loss_settings() takes them; may be NULL.
 * RV_ERROR_SETTING with the nearest name for an unknown layer, for a weight that is no number of 0 or more, or for an
 * empty list. */
gboolean rv__terms_add (GArray *terms, const RvLossClass *loss, double weight, const char *layers, const char *net_name,
                        const char *settings, GError **error);

/* rv__terms_append: a copy of @term without its channel weights and groups, to be changed. */
RvTerm *rv__terms_append (GArray *terms, const RvTerm *term);

/* rv__term_set_loss: another loss of the same group, told as rv__terms_add() tells it; what is wrong there is left out.
 * rv__terms_set_loss: of all of them, with the settings it has by default. */
void rv__term_set_loss (RvTerm *term, const RvLossClass *loss, const char *settings);
void rv__terms_set_loss (GArray *terms, const RvLossClass *loss);

/* rv__terms_groups: the names under which their losses are reported, in the list's order, into @groups with NULL after
 * them. Returns how many; -1 when there are more than so many. */
#define RV_MAX_GROUPS 8
int rv__terms_groups (const GArray *terms, const char *groups[RV_MAX_GROUPS + 1]);

/* rv__terms_min_side: the shortest side, in px, of a picture on which all their layers exist. */
int rv__terms_min_side (const RvNet *net, const GArray *terms);

#endif
