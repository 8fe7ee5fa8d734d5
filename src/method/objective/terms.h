/* terms.h -- terms of an objective: losses on layers or on the picture, with weights. Layer 6 (method). */
#pragma once

#include "loss/loss.h"
#include "net/net.h"

/* A loss on a layer or on the picture. */
typedef struct {
  const RvLossClass *loss;
  const char *group; /* name under which its loss is reported; static */
  char *layer;       /* in the network's naming; NULL: x itself */
  double weight;
  gpointer settings;       /* specific to the loss class; NULL: none */
  double *channel_weights; /* see RvLossInfo; NULL: all 1 */
  int *channel_groups;     /* see RvLossInfo; NULL: none */
  RvTensor *tensor;        /* target of an RV_TARGET_TENSOR term */
  int picture;             /* number of the target picture; -1: all, by their weights (RV_TARGET_SUMS only) */
  int mask;                /* number of the mask that weights its positions; -1: none */
} RvTerm;

/* An empty list of RvTerm. (transfer full): g_array_unref(), which frees members of terms, too. Cannot fail. */
GArray *rv__terms_new (void);

/* Appends @loss on each of @layers, "LAYER[:WEIGHT],..." of the network @net_name. A loss on the picture is appended
 * once, and @layers is ignored. The weight of each term is @weight times WEIGHT (default 1). Its `picture` is -1 for
 * RV_TARGET_SUMS, else 0; its `mask` is -1. @settings: (nullable): settings of the loss, as for rv__loss_settings().
 * RV_ERROR_SETTING for an empty list. Terms appended before an error stay in @terms, the last one partial. */
gboolean rv__terms_add (GArray *terms, const RvLossClass *loss, double weight, const char *layers, const char *net_name,
                        const char *settings, GError **error);

/* Appends a copy of @term without channel weights and groups. Returns the copy, for changes. Borrowed, until the next
 * term is appended. */
RvTerm *rv__terms_append (GArray *terms, const RvTerm *term);

/* Replaces the loss of @term by @loss, which should have the same group: term->group stays. @settings: (nullable): text
 * of rv__loss_settings(); NULL: defaults. A wrong setting in it is not reported: term->settings is NULL then. The
 * caller checks the text before. */
void rv__term_set_loss (RvTerm *term, const RvLossClass *loss, const char *settings);
/* Replaces the loss of all @terms by @loss, with its default settings. Weights and groups stay. Cannot fail. */
void rv__terms_set_loss (GArray *terms, const RvLossClass *loss);

#define RV_MAX_GROUPS 8
/* Writes the names of the terms' groups to @groups, each once, in the order of the list, and a NULL; static. Returns
 * their number; -1, without an error: more than RV_MAX_GROUPS. */
int rv__terms_groups (const GArray *terms, const char *groups[RV_MAX_GROUPS + 1]);

/* Shortest side, px, of a square picture for which all layers of the terms exist; 1: no term is on a layer. */
int rv__terms_min_side (const RvNet *net, const GArray *terms);
