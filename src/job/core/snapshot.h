/* snapshot.h -- snapshots of a run in memory, from which other jobs branch.
 * Layer 7 (job). */
#ifndef RV_JOB_SNAPSHOT_H
#define RV_JOB_SNAPSHOT_H

#include <reverie/job.h>

/* Snapshots of a job, and when to take them. Guarded by the job's lock. */
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
/* Whether a snapshot is due after @iteration. */
gboolean rv__snapshots_due (const RvSnapshots *snapshots, gint64 iteration);
/* @snapshot: (transfer full). Drops others to stay within the limits. */
void rv__snapshots_add (RvSnapshots *snapshots, RvSnapshot *snapshot, gint64 took_us);

/* (transfer full) (nullable): after the iteration of @report. @state: the whole state, copied; @settings: current ones
 * of the method; @picture: of any size. RV_ERROR_MEMORY. */
RvSnapshot *rv__snapshot_new (const RvJobReport *report, const RvTensorMap *state, const RvSettings *settings,
                              const RvImage *picture, GError **error);
/* (transfer full) (nullable): tensors are borrowed from @snapshot. @inputs: must match those of the state.
 * RV_ERROR_SETTING. */
RvTensorMap *rv__snapshot_state (const RvSnapshot *snapshot, const char *inputs, GError **error);
const RvSettings *rv__snapshot_settings (const RvSnapshot *snapshot);

#endif
