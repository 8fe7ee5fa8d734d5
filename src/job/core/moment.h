/* moment.h -- moments of a run, kept in memory: what a job that branches off goes on from.
 * Layer 7 (job). */
#ifndef RV_JOB_MOMENT_H
#define RV_JOB_MOMENT_H

#include <reverie/job.h>

/* Which moments a job keeps, and those that it has. Guarded by the job's lock. */
typedef struct {
  gint64 every;
  double every_s;
  guint max_count;
  gsize max_bytes;
  GPtrArray *list; /* RvMoment, in the order of iterations */
  gint64 kept_us, took_us;
} RvMoments;

void rv__moments_init (RvMoments *moments);
void rv__moments_clear (RvMoments *moments);
/* rv__moments_due: whether one is wanted after @iteration. rv__moments_add: @moment is taken; the list is held to what
 * it may have. */
gboolean rv__moments_due (const RvMoments *moments, gint64 iteration);
void rv__moments_add (RvMoments *moments, RvMoment *moment, gint64 took_us);

/* rv__moment_new: (transfer full) (nullable): after the iteration of @report; @state: all of it, copied; @settings: the
 * method's by then; @picture: of the stage. RV_ERROR_MEMORY. rv__moment_state: (transfer full) (nullable): borrowing
 * from the moment, which @inputs, as states have them, must be of. RV_ERROR_SETTING. */
RvMoment *rv__moment_new (const RvJobReport *report, const RvTensorMap *state, const RvSettings *settings,
                          const RvImage *picture, GError **error);
RvTensorMap *rv__moment_state (const RvMoment *moment, const char *inputs, GError **error);
const RvSettings *rv__moment_settings (const RvMoment *moment);

#endif
