/* learned-styles.h -- learned styles of a job: files of style networks, their styles, a blend.
 * Layer 7 (job). */
#ifndef RV_LEARNED_STYLES_H
#define RV_LEARNED_STYLES_H

#include "job/core/job-class.h"
#include <reverie/style-net.h>

/* A style of the request. */
typedef struct {
  char *file;  /* NULL: built-in; with "any": a painting, or NULL for one in memory */
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
/* Reads the networks of items that have none yet, and sets style_net and number. Must not be called if is_any.
 * @blended: RV_ERROR_FORMAT unless all styles are of one network. RV_ERROR_FILE; RV_ERROR_FORMAT, also for a missing
 * style, or none named among several. */
gboolean rv__learned_styles_load (RvLearnedStyles *learned, gboolean blended, GError **error);
/* (transfer full) (nullable): rv__learned_styles_parse() of @text, with the files of @inputs (RvJobInput).
 * RV_ERROR_SETTING for two files of one name, too. */
RvLearnedStyles *rv__learned_styles_from_inputs (const GPtrArray *inputs, const char *text, GError **error);
/* (transfer full) (nullable): rv__learned_styles_from_inputs() with the inputs "painter" of @request.
 * RV_ERROR_SETTING. */
RvLearnedStyles *rv__learned_styles_from_request (const RvJobRequest *request, const char *text, GError **error);
/* Computes the styles of @paintings (RvJobInput) for "any", whose network must be loaded. Replaces the items by one for
 * each painting, weighted by `style-blend`. Paintings are reduced to @longest_px times `style-scale` on their longer
 * side. @settings: kind "style". RV_ERROR_CANCELLED; errors of loading, with the file's name. */
gboolean rv__learned_styles_measure (RvLearnedStyles *learned, const GPtrArray *paintings, int longest_px,
                                     const RvSettings *settings, GError **error);
/* Checks the numbers of masks and paintings: one mask for each style or painting of "any"; paintings only for "any".
 * RV_ERROR_SETTING. */
gboolean rv__learned_styles_check_inputs (const RvLearnedStyles *learned, const RvJobRequest *request, GError **error);
/* Loads the styles of a run by rv_learned_styles_load(); for "any" also measures the paintings. With masks styles are
 * not blended, and may be of different networks. RV_ERROR_FILE, RV_ERROR_FORMAT, RV_ERROR_CANCELLED. */
gboolean rv__learned_styles_load_for_request (RvLearnedStyles *learned, const RvJobRequest *request, GError **error);
/* Sets network and weights in @recipe to those of "any", borrowed, or to NULL, and the kernels to NULL. @text:
 * (nullable): the setting `learned`. @learned: (nullable): NULL before loading: no weights. */
void rv__learned_styles_fill_recipe (const char *text, const RvLearnedStyles *learned, RvRecipe *recipe);
/* Item @i, from 0, which must exist. Borrowed. */
RvLearnedStyle *rv__learned_styles_item (const RvLearnedStyles *learned, guint i);
/* (nullable): name of the style, else the path of its file, with folders; NULL: a painting in memory. Borrowed. */
const char *rv__learned_styles_name (const RvLearnedStyle *item);
/* Name of the built-in network in texts: RV_LEARNED_STYLES_BUILTIN ":NAME". */
#define RV_LEARNED_STYLES_BUILTIN "builtin"

/* Options of painting. */
typedef struct {
  int only; /* index of an item; -1: all, blended by their weights */
  /* for each item, where it paints (white); elsewhere the photograph stays; NULL: everywhere */
  RvImage *const *masks;
  gboolean in_place; /* may paint into the photograph, which saves memory */
} RvLearnedPaintOptions;

/* Sets the memory limit of @style_net to the setting `memory`, or to none if that is empty. RV_ERROR_SETTING. */
gboolean rv__learned_styles_limit_memory (RvStyleNet *style_net, const RvSettings *settings, GError **error);
/* (transfer full) (nullable): @photo, painted. Uses `strength`, `keep-colors`, `threads` and `memory` of @settings
 * (kind "style"). A strength below 50 blends with the photograph; above 50 the result is painted again. With in_place
 * the result may be a reference on @photo. RV_ERROR_SETTING, and errors of rv_style_net_paint(). */
RvImage *rv__learned_styles_paint (const RvLearnedStyles *learned, const RvLearnedPaintOptions *options, RvImage *photo,
                                   const RvSettings *settings, GError **error);
/* (transfer full) (nullable): @made with @photo where all masks of @options are black; without masks, a reference on
 * @made. @photo has the size of @made. RV_ERROR_MEMORY, RV_ERROR_SHAPE. */
RvImage *rv__learned_styles_restore_unpainted (const RvLearnedStyles *learned, const RvLearnedPaintOptions *options,
                                               RvImage *made, const RvImage *photo, GError **error);
/* Sets *peak_bytes and *n_strips (1: the whole picture at once) of painting @width x @height px. @only: index of an
 * item; -1: all. Styles must be loaded. Errors of rv__style_net_plan(). */
gboolean rv__learned_styles_plan (const RvLearnedStyles *learned, int only, int width, int height,
                                  const RvSettings *settings, gsize *peak_bytes, int *n_strips, GError **error);

#endif
