/* learned-styles.h -- what photographs are painted with that somebody learnt before: painters' files, their styles, a
 * blend. Layer 7 (job). */
#ifndef RV_LEARNED_STYLES_H
#define RV_LEARNED_STYLES_H

#include "job/core/job-class.h"
#include <reverie/style-net.h>

/* One of those asked for. */
typedef struct {
  char *file;  /* NULL: the built-in painter; of "any" a painting */
  char *style; /* NULL: the file's only one */
  double weight;
  RvStyleNet *style_net; /* borrowed, once loaded: one of those below */
  guint number;          /* of the style in it */
} RvLearnedStyle;

struct _RvLearnedStyles {
  GArray *items;             /* RvLearnedStyle */
  GPtrArray *style_nets;     /* RvStyleNet, one for all items of the same convolutions, with the styles of these */
  gboolean is_any;           /* the styles are those of paintings that are shown to it: there are no items until then */
  RvArbitraryStyle *any;     /* once loaded */
  char *any_file;            /* that it was loaded from */
  GCancellable *cancellable; /* borrowed, of the run that looks or paints now; NULL: nobody cancels */
};

/* rv__learned_styles_parse: (transfer full) (nullable): "NAME[:WEIGHT],FILE[:STYLE][:WEIGHT],...". A NAME is a style of
 * the built-in painter, which may also be written as builtin:NAME; "all" is each of them. @files: (nullable): those
 * that a FILE may be, by their names without folders; NULL: any. Or "any", alone: of paintings. RV_ERROR_SETTING.
 * rv__learned_styles_load: the files are read. RV_ERROR_FILE, RV_ERROR_FORMAT: also for a style that a file has not,
 * for one of several that is not named, and, where they are to be blended, for styles of painters that differ. */
RvLearnedStyles *rv__learned_styles_parse (const char *text, const char *const *files, GError **error);
gboolean rv__learned_styles_load (RvLearnedStyles *with, gboolean blended, GError **error);
/* rv__learned_styles_from_inputs: rv__learned_styles_parse() of @text, whose files are those of @inputs (RvJobInput).
 * rv__learned_styles_from_run: of the run's inputs called "painter". */
RvLearnedStyles *rv__learned_styles_from_inputs (const GPtrArray *inputs, const char *text, GError **error);
RvLearnedStyles *rv__learned_styles_from_run (const RvJobRequest *request, const char *text, GError **error);
/* rv__learned_styles_measure: of "any", once it is loaded: it paints from now on as @paintings (RvJobInput) are
 * painted, by their `style-blend`: an item for each. They are as large as pictures of @longest_px times `style-scale`.
 * RV_ERROR_CANCELLED. */
gboolean rv__learned_styles_measure (RvLearnedStyles *with, const GPtrArray *paintings, int longest_px,
                                     const RvSettings *settings, GError **error);
/* rv__learned_styles_check_inputs: each style, or each painting of "any", has its mask, and only "any" has paintings.
 * RV_ERROR_SETTING. rv__learned_styles_load_for: all that a run needs is loaded, and shown.
 * rv__learned_styles_fill_recipe: what its recipe says of networks: @text is its setting `with`, @with what it is
 * painted with, or NULL: that is not known yet. */
gboolean rv__learned_styles_check_inputs (const RvLearnedStyles *with, const RvJobRequest *request, GError **error);
gboolean rv__learned_styles_load_for (RvLearnedStyles *with, const RvJobRequest *request, GError **error);
void rv__learned_styles_fill_recipe (const char *text, const RvLearnedStyles *with, RvRecipe *recipe);
/* rv__learned_styles_item: the i-th, from 0. rv__learned_styles_name: what it is called: its style, or else its file.
 * Borrowed. */
RvLearnedStyle *rv__learned_styles_item (const RvLearnedStyles *with, guint i);
const char *rv__learned_styles_name (const RvLearnedStyle *item);
/* Name of the built-in painter in texts: RV_LEARNED_STYLES_BUILTIN ":NAME". */
#define RV_LEARNED_STYLES_BUILTIN "builtin"

/* How a photograph is painted. */
typedef struct {
  int only;              /* of the items; -1: all of them, of what was loaded to be blended, by their weights */
  RvImage *const *masks; /* where each of these paints: white; else it stays a photograph. NULL: everywhere */
  gboolean over;         /* the photograph may be painted over, which takes less memory: it is not wanted any more */
} RvLearnedPaintOptions;

/* rv__learned_styles_allow: @style_net may take what the setting `memory` says. */
gboolean rv__learned_styles_allow (RvStyleNet *style_net, const RvSettings *settings, GError **error);
/* rv__learned_styles_paint: (transfer full) (nullable): @photo painted. Of @settings, of the kind "style", count
 * `strength` (below 50 some of the photograph shows through, above 50 what was painted is painted again),
 * `keep-colors`, `threads` and `memory`. Errors as rv_style_net_paint(), and RV_ERROR_SETTING. rv__learned_styles_plan:
 * what it will take, as rv__style_net_plan(). */
RvImage *rv__learned_styles_paint (const RvLearnedStyles *with, const RvLearnedPaintOptions *how, RvImage *photo,
                                   const RvSettings *settings, GError **error);
gboolean rv__learned_styles_plan (const RvLearnedStyles *with, int only, int width, int height,
                                  const RvSettings *settings, gsize *peak_bytes, int *n_strips, GError **error);

#endif
