/* learned-styles.h -- learned styles of a job: files of style networks, their styles, a blend.
 * Layer 7 (job). */
#ifndef RV_LEARNED_STYLES_H
#define RV_LEARNED_STYLES_H

#include "job/core/job-class.h"
#include <reverie/style-net.h>

/* A style of the request. */
typedef struct {
  char *file;  /* NULL: built-in; of "any": a painting */
  char *style; /* NULL: the only one of the file */
  double weight;
  RvStyleNet *style_net; /* one of RvLearnedStyles.style_nets, borrowed; NULL before loading */
  guint number;          /* index of the style in style_net */
} RvLearnedStyle;

struct _RvLearnedStyles {
  GArray *items;             /* RvLearnedStyle */
  GPtrArray *style_nets;     /* RvStyleNet; items with the same convolutions share one, which has all their styles */
  gboolean is_any;           /* arbitrary style: items are added when paintings are measured */
  RvArbitraryStyle *any;     /* NULL before loading */
  char *any_file;            /* file of `any` */
  GCancellable *cancellable; /* cancels the current run; borrowed; or NULL */
};

/* (transfer full) (nullable). @text: "NAME[:WEIGHT],FILE[:STYLE][:WEIGHT],...". NAME or builtin:NAME is a built-in
 * style, "all" is each of them, and "any" (alone) is an arbitrary style from paintings. @files (nullable): allowed
 * files, which FILE may name without folders; NULL: all files. RV_ERROR_SETTING. */
RvLearnedStyles *rv__learned_styles_parse (const char *text, const char *const *files, GError **error);
/* Reads the networks of items that have none yet, and sets their style_net and number. @blended: all styles must be of
 * the same network. RV_ERROR_FILE, RV_ERROR_FORMAT: also for a missing style, or none named among several. */
gboolean rv__learned_styles_load (RvLearnedStyles *with, gboolean blended, GError **error);
/* (transfer full) (nullable): rv__learned_styles_parse() with the files of @inputs (RvJobInput). */
RvLearnedStyles *rv__learned_styles_from_inputs (const GPtrArray *inputs, const char *text, GError **error);
/* (transfer full) (nullable): rv__learned_styles_parse() with the inputs "painter" of the request as files. */
RvLearnedStyles *rv__learned_styles_from_run (const RvJobRequest *request, const char *text, GError **error);
/* Measures @paintings (RvJobInput) for "any", which must be loaded. Replaces the items by one for each, weighted by
 * `style-blend`. Paintings are reduced to @longest_px times `style-scale`. RV_ERROR_CANCELLED. */
gboolean rv__learned_styles_measure (RvLearnedStyles *with, const GPtrArray *paintings, int longest_px,
                                     const RvSettings *settings, GError **error);
/* Checks the numbers of masks and paintings: one mask for each style or painting of "any"; paintings only for "any".
 * RV_ERROR_SETTING. */
gboolean rv__learned_styles_check_inputs (const RvLearnedStyles *with, const RvJobRequest *request, GError **error);
/* Loads the styles of a run; for "any" its network, and measures the paintings. With masks styles are not blended, and
 * may be of different networks. */
gboolean rv__learned_styles_load_for (RvLearnedStyles *with, const RvJobRequest *request, GError **error);
/* Sets the network in @recipe to that of "any" with its file, or to none, and the kernels to none. @text: setting
 * `learned`; @with: NULL before loading. */
void rv__learned_styles_fill_recipe (const char *text, const RvLearnedStyles *with, RvRecipe *recipe);
/* Item @i, from 0. Borrowed. */
RvLearnedStyle *rv__learned_styles_item (const RvLearnedStyles *with, guint i);
/* (nullable): name of the style, else the path of its file as stored; NULL: a painting in memory. Borrowed. */
const char *rv__learned_styles_name (const RvLearnedStyle *item);
/* Name of the built-in network in texts: RV_LEARNED_STYLES_BUILTIN ":NAME". */
#define RV_LEARNED_STYLES_BUILTIN "builtin"

/* Options of painting. */
typedef struct {
  int only; /* index of an item; -1: all, blended by their weights */
  /* for each item, where it paints (white); elsewhere the photograph stays; NULL: everywhere */
  RvImage *const *masks;
  gboolean over; /* paint into the photograph, which saves memory */
} RvLearnedPaintOptions;

/* Sets the memory limit of @style_net to the setting `memory`, or to none. RV_ERROR_SETTING. */
gboolean rv__learned_styles_allow (RvStyleNet *style_net, const RvSettings *settings, GError **error);
/* (transfer full) (nullable). Uses `strength`, `keep-colors`, `threads` and `memory` of @settings (kind "style"). A
 * strength below 50 blends with the photograph; above 50 the result is painted again. With how->over the result may be
 * @photo itself. RV_ERROR_SETTING, and errors of rv_style_net_paint(). */
RvImage *rv__learned_styles_paint (const RvLearnedStyles *with, const RvLearnedPaintOptions *how, RvImage *photo,
                                   const RvSettings *settings, GError **error);
/* (transfer full) (nullable): @made, with @photo where all masks of @how are black; @made without masks.
 * RV_ERROR_MEMORY. */
RvImage *rv__learned_styles_put_back (const RvLearnedStyles *with, const RvLearnedPaintOptions *how, RvImage *made,
                                      const RvImage *photo, GError **error);

/* Sets *peak_bytes and *n_strips (1: in one pass) of painting @width x @height px. @only: index of an item; -1: all.
 * Errors of rv__style_net_plan(). */
gboolean rv__learned_styles_plan (const RvLearnedStyles *with, int only, int width, int height,
                                  const RvSettings *settings, gsize *peak_bytes, int *n_strips, GError **error);

#endif
