/* watch.h -- what can be watched of a run by files: `live`, `timeline` and `plot`.
 * Layer 7 (job). */
#ifndef RV_WATCH_H
#define RV_WATCH_H

#include "job/core/picture.h"

typedef struct _RvWatch RvWatch;

/* rv__watch_new: (transfer full): @options and @names, of the losses, NULL-terminated, are borrowed. */
RvWatch *rv__watch_new (const RvPictureOptions *options, const char *const *names);
void rv__watch_free (RvWatch *watch);

/* rv__watch_losses: an iteration's, one for each name. */
void rv__watch_losses (RvWatch *watch, const double *losses);

/* rv__watch_due: whether the picture is wanted now, when that part of the run is done; rv__watch_show() then takes it.
 * rv__watch_end: with the result, or NULL. */
gboolean rv__watch_due (RvWatch *watch, double done_01);
gboolean rv__watch_show (RvWatch *watch, const RvImage *image, double done_01, gint64 iteration, GError **error);
gboolean rv__watch_end (RvWatch *watch, const RvImage *result, gint64 iteration, GError **error);

/* rv__watch_save: what curves and timeline hold so far goes into the state of the run. rv__watch_restore: and out of
 * it; what it lacks is not drawn. */
void rv__watch_save (const RvWatch *watch, RvTensorMap *state);
void rv__watch_restore (RvWatch *watch, const RvTensorMap *state);

#endif
