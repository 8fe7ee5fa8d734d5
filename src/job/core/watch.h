/* watch.h -- files that show a run: `live`, `timeline` and `plot`.
 * Layer 7 (job). */
#ifndef RV_WATCH_H
#define RV_WATCH_H

#include "job/core/picture.h"

typedef struct _RvWatch RvWatch;

/* (transfer full). @options and @names (of the losses, NULL-terminated) are borrowed. */
RvWatch *rv__watch_new (const RvPictureOptions *options, const char *const *names);
/* Frees @watch (nullable). Writes nothing. */
void rv__watch_free (RvWatch *watch);

/* Stores @losses of an iteration, one for each name. Does nothing without `plot`. */
void rv__watch_add_losses (RvWatch *watch, const double *losses);

/* Whether `live` or `timeline` needs a picture at the fraction @done_01 of the run. If TRUE, call rv__watch_show(): the
 * interval of `live`, 1 s, starts again here. */
gboolean rv__watch_due (RvWatch *watch, double done_01);
/* Adds @image to the timeline, and writes `live`, each if it is due since rv__watch_due(). FALSE: an error of
 * rv_image_save() or rv_image_resize(). */
gboolean rv__watch_show (RvWatch *watch, const RvImage *image, double done_01, gint64 iteration, GError **error);
/* Writes `live`, `timeline` (both not if @result is NULL) and `plot`, even if one fails. @error: the first. */
gboolean rv__watch_end (RvWatch *watch, const RvImage *result, gint64 iteration, GError **error);

/* Adds curves and timeline to @state, as tensors and texts. */
void rv__watch_save (const RvWatch *watch, RvTensorMap *state);
/* Reads curves and timeline from @state. Missing or damaged data is left out. */
void rv__watch_restore (RvWatch *watch, const RvTensorMap *state);

#endif
