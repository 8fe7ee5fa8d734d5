/* learned-styles.h -- learned styles of a job: files of style networks, their styles, a blend.
 * Layer 7 (job). */
#pragma once

#include "job/core/job-class.h"
#include "method/style-net/feed-forward.h"
#include <reverie/style-net.h>

/* A style of the request. */
typedef struct {
  char *file;  /* NULL: built-in; with "any": a painting, or NULL for one in memory */
  char *style; /* NULL: the only style of the file */
  double weight;
  RvStyleNet *style_net;       /* one of RvLearnedStyles.style_nets, borrowed; NULL before loading */
  RvFeedForward *feed_forward; /* instead of style_net, for a file such as ONNX; owned; else NULL */
  guint number;                /* index of the style in style_net; with "any", in RvLearnedStyles.any */
} RvLearnedStyle;

struct _RvLearnedStyles {
  GArray *items;         /* RvLearnedStyle */
  GPtrArray *style_nets; /* RvStyleNet; one for all items with the same convolutions: it has all their styles */
  gboolean is_any;       /* arbitrary style: items are added when paintings are measured */
  RvArbitraryStyle *any; /* NULL before loading */
  char *any_file;        /* file of `any` */
  char *preprocessing;   /* the setting, for items with feed_forward; NULL: not set */
};

/* (transfer full) (nullable): the styles of @text, not loaded: "ITEM,..." with ITEM = NAME[:WEIGHT] or
 * FILE[:STYLE][:WEIGHT]. NAME (no file, without "." and "/") or builtin:NAME is a built-in style; "all" is each of
 * them. "any", as the whole text, means arbitrary styles from paintings: no items yet. WEIGHT: from 0 [1]; other text
 * counts as STYLE. @files (nullable: any file; NULL-terminated): FILE must be one of these; its base name is enough.
 * RV_ERROR_SETTING: no ITEM, an empty ITEM, or only weights of 0. */
RvLearnedStyles *rv__learned_styles_parse (const char *text, const char *const *files, GError **error);
/* Loads the networks of items that have none yet, and sets style_net and number, or feed_forward. Not for "any".
 * @blended: RV_ERROR_FORMAT unless all styles are of one network. RV_ERROR_SETTING if `preprocessing` is set and no
 * item has feed_forward. */
gboolean rv__learned_styles_load (RvLearnedStyles *learned, gboolean blended, GError **error);
/* (transfer full) (nullable): rv__learned_styles_parse() of @text, which may name only the files of @inputs
 * (RvJobInput). */
RvLearnedStyles *rv__learned_styles_from_inputs (const GPtrArray *inputs, const char *text, GError **error);
/* (transfer full) (nullable): rv__learned_styles_from_inputs() with the inputs "painter" of @request; @text: the
 * setting `learned`, not NULL. Also copies the setting `preprocessing`. Loads nothing. */
RvLearnedStyles *rv__learned_styles_from_request (const RvJobRequest *request, const char *text, GError **error);
/* Computes the styles of @paintings (RvJobInput) for "any", whose network must be loaded. Replaces learned->items by
 * one for each painting, weighted by `style-blend`; an error leaves fewer. Paintings are reduced to @longest_px times
 * `style-scale` on their longer side. @settings: kind "style". Errors of rv__arbitrary_style_add() get the file's
 * name in front. */
gboolean rv__learned_styles_measure (RvLearnedStyles *learned, const GPtrArray *paintings, int longest_px,
                                     const RvSettings *settings, GError **error);
/* Checks the inputs of @request: no masks, or one for each style or painting of "any"; paintings only for "any", which
 * needs one, and excludes `backend`, `gpu` and `preprocessing`. Also checks that `regions` is not set. FALSE with
 * RV_ERROR_SETTING. Reads no files. */
gboolean rv__learned_styles_check_inputs (const RvLearnedStyles *learned, const RvJobRequest *request, GError **error);
/* Loads the styles for @request by rv_learned_styles_load(); for "any" also measures the inputs "style". Without an
 * input "mask" styles are blended, and must be of one network. */
gboolean rv__learned_styles_load_for_request (RvLearnedStyles *learned, const RvJobRequest *request, GError **error);
/* Sets network and weights in @recipe to those of "any", borrowed from @learned, or to NULL for other styles, and
 * kernels to NULL. Leaves out the settings that "any", or that other styles, do not have. @text: (nullable): the
 * setting `learned`. @learned: (nullable): NULL before loading: no weights. */
void rv__learned_styles_fill_recipe (const char *text, const RvLearnedStyles *learned, RvRecipe *recipe);
/* Item @i, from 0, which must exist (unchecked). Borrowed, until an item is added. */
RvLearnedStyle *rv__learned_styles_item (const RvLearnedStyles *learned, guint i);
/* (nullable): name of the style, else the path of its file, with folders; NULL: a painting in memory. Borrowed. */
const char *rv__learned_styles_name (const RvLearnedStyle *item);
/* Name of the built-in network in texts: RV_LEARNED_STYLES_BUILTIN ":NAME". */
#define RV_LEARNED_STYLES_BUILTIN "builtin"

/* Options of painting. */
typedef struct {
  int only; /* index of an item; -1: all, blended by their weights */
  /* for each item, where it paints (white); elsewhere the photograph stays; NULL: everywhere, and always with `only` */
  RvImage *const *masks;
  /* the kept area (white): painted once even if `strength` is above 50, fully from `keep-strength` 50 on; NULL: none */
  const RvImage *keep;
  gboolean in_place; /* may paint into the photograph, which saves memory */
} RvLearnedPaintOptions;

/* Sets backend and memory limit of @style_net, for its next pictures, by the settings `backend`, `gpu` and `memory` of
 * @settings (kind "style"). After an error both are unchanged. */
gboolean rv__learned_styles_set_compute (RvStyleNet *style_net, const RvSettings *settings, GError **error);
/* (transfer full) (nullable): @photo, painted in loaded styles. Uses `strength`, `keep-colors`, `threads`, `memory`,
 * `backend` and `gpu` of @settings (kind "style"). A `strength` below 50 blends with the photograph. A `strength` above
 * 50 blends with a second painting of the result. With in_place @photo may change, and the result may be a reference on
 * @photo. */
RvImage *rv__learned_styles_paint (const RvLearnedStyles *learned, const RvLearnedPaintOptions *options, RvImage *photo,
                                   const RvSettings *settings, GError **error);
/* (transfer full) (nullable): @made with @photo where all masks of @options are black, blended where they are grey;
 * without masks, a reference on @made. @photo has the size of @made. */
RvImage *rv__learned_styles_restore_unpainted (const RvLearnedStyles *learned, const RvLearnedPaintOptions *options,
                                               RvImage *made, const RvImage *photo, GError **error);
/* (transfer full) (nullable): @painted with parts of the photograph. Where the mask @keep (nullable: black) is white,
 * blends with @photo in the colours of @painted, by the square of `keep-strength`. Where the mask @only (nullable:
 * white) is black: @photo itself. All pictures have one size. @settings: kind "style". */
RvImage *rv__learned_styles_restore_photo (const RvSettings *settings, RvImage *painted, RvImage *photo,
                                           const RvImage *only, const RvImage *keep, GError **error);
/* Sets peak_bytes and device_peak_bytes of @plan, and n_tiles (strips; 1: the whole picture at once), for painting
 * @width x @height px; other members are 0. @only: index of an item; -1: all. Styles must be loaded; @settings: kind
 * "style". Compiles the program, which painting then reuses. */
gboolean rv__learned_styles_plan (const RvLearnedStyles *learned, int only, int width, int height,
                                  const RvSettings *settings, RvPlan *plan, GError **error);
