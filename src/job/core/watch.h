/* watch.h -- files that show a run: `live`, `timeline` and `plot`.
 * Layer 7 (job). */
#pragma once

#include "job/core/picture.h"

typedef struct _RvWatch RvWatch;

/* (transfer full): a watch of the files that @options requests, without pictures and losses; writes nothing yet.
 * @options and @names (of the losses, NULL-terminated) are borrowed. */
RvWatch *rv__watch_new (const RvPictureOptions *options, const char *const *names);
/* Frees @watch (nullable) and its pictures. Writes nothing. */
void rv__watch_free (RvWatch *watch);

/* Stores @losses of an iteration, one for each name. Does nothing without `plot`; @losses may then be NULL. */
void rv__watch_add_losses (RvWatch *watch, const double *losses);

/* Whether `live` or `timeline` needs a picture at the fraction @done_01 of the run; FALSE without both. If TRUE, call
 * rv__watch_show(): the interval of `live`, 1 s, starts again here. */
gboolean rv__watch_due (RvWatch *watch, double done_01);
/* Adds a small copy of @image to the timeline (in memory), and writes `live`, each if rv__watch_due() found it due;
 * else does nothing (TRUE). @done_01: that of rv__watch_due(). @iteration: for the label. */
gboolean rv__watch_show (RvWatch *watch, const RvImage *image, double done_01, gint64 iteration, GError **error);
/* Writes `live` and `timeline` with @result (NULL: neither), and `plot`, each if requested, even if another fails.
 * @iteration: for the label of the last picture of `timeline`. FALSE with the first error. */
gboolean rv__watch_end (RvWatch *watch, const RvImage *result, gint64 iteration, GError **error);

/* Adds curves and timeline to @state, as tensors and texts; pictures by reference. Can't fail. */
void rv__watch_save (const RvWatch *watch, RvTensorMap *state);
/* Replaces the curves by those of @state, and appends its timeline, each if requested. Missing or damaged data is left
 * out. Can't fail. */
void rv__watch_restore (RvWatch *watch, const RvTensorMap *state);
