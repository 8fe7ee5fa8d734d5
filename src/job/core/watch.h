/* watch.h -- files that show a run: `live`, `timeline` and `plot`.
 * Layer 7 (job). */
#ifndef RV_WATCH_H
#define RV_WATCH_H

#include "job/core/picture.h"

typedef struct _RvWatch RvWatch;

/* (transfer full). @options and @names (of the losses, NULL-terminated) are borrowed. */
RvWatch *rv__watch_new (const RvPictureOptions *options, const char *const *names);
void rv__watch_free (RvWatch *watch);

/* Stores the losses of an iteration for `plot`, one for each name. */
void rv__watch_losses (RvWatch *watch, const double *losses);

/* Whether `live` or `timeline` needs the picture at the fraction @done_01 of the run. Restarts the interval of `live`:
 * call rv__watch_show() then. */
gboolean rv__watch_due (RvWatch *watch, double done_01);
/* Adds @image to the timeline, and writes `live`, each if it is due since rv__watch_due(). FALSE: an error of
 * rv_image_save() or rv_image_resize(). */
gboolean rv__watch_show (RvWatch *watch, const RvImage *image, double done_01, gint64 iteration, GError **error);
/* Writes `live` and `timeline` with @result (NULL: neither), and `plot`. Each is written even if another one failed. */
gboolean rv__watch_end (RvWatch *watch, const RvImage *result, gint64 iteration, GError **error);

/* Writes curves and timeline to the state of the run. */
void rv__watch_save (const RvWatch *watch, RvTensorMap *state);
/* Reads them from a state. Missing data is not drawn. */
void rv__watch_restore (RvWatch *watch, const RvTensorMap *state);

#endif
