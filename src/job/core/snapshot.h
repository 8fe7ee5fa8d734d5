/* snapshot.h -- moments of a run, kept in memory: what a job that branches off goes on from.
 * Layer 7 (job). */
#ifndef RV_JOB_SNAPSHOT_H
#define RV_JOB_SNAPSHOT_H

#include <reverie/job.h>

/* Which moments a job keeps, and those that it has. Guarded by the job's lock. */
typedef struct {
  gint64 every;
  double every_s;
  guint max_count;
  gsize max_bytes;
  GPtrArray *list; /* RvSnapshot, in the order of iterations */
  gint64 kept_us, took_us;
} RvSnapshots;

void rv__snapshots_init (RvSnapshots *snapshots);
void rv__snapshots_clear (RvSnapshots *snapshots);
/* rv__snapshots_due: whether one is wanted after @iteration. rv__snapshots_add: @snapshot is taken; the list is held to
 * what it may have. */
gboolean rv__snapshots_due (const RvSnapshots *snapshots, gint64 iteration);
void rv__snapshots_add (RvSnapshots *snapshots, RvSnapshot *snapshot, gint64 took_us);

/* rv__snapshot_new: (transfer full) (nullable): after the iteration of @report; @state: all of it, copied; @settings:
 * the method's by then; @picture: of the stage. RV_ERROR_MEMORY. rv__snapshot_state: (transfer full) (nullable):
 * borrowing from the moment, which @inputs, as states have them, must be of. RV_ERROR_SETTING. */
RvSnapshot *rv__snapshot_new (const RvJobReport *report, const RvTensorMap *state, const RvSettings *settings,
                              const RvImage *picture, GError **error);
RvTensorMap *rv__snapshot_state (const RvSnapshot *snapshot, const char *inputs, GError **error);
const RvSettings *rv__snapshot_settings (const RvSnapshot *snapshot);

#endif
