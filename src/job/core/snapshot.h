/* snapshot.h -- snapshots of a run in memory, from which other jobs branch.
 * Layer 7 (job). */
#pragma once

#include "job/core/input.h"
#include <reverie/job.h>

/* Snapshots of a job, and when to take them. Guarded by the job's lock. */
typedef struct {
  gint64 every;   /* iterations; 0: by time only */
  double every_s; /* 0: not by time */
  guint max_count;
  gsize max_bytes;
  GPtrArray *list;         /* RvSnapshot, in the order of iterations */
  gint64 last_us, took_us; /* time of the last snapshot, and how long it took */
} RvSnapshots;

/* Whether a snapshot is due after @iteration: by the number of iterations, or by time. Snapshots by time take at most 5
 * % of the run's time. */
gboolean rv__snapshots_due (const RvSnapshots *snapshots, gint64 iteration);
/* Removes the snapshots of the iteration of @snapshot or later, then adds @snapshot (transfer full), which took
 * @took_us, at the end. Then drops snapshots until the list is within max_count and max_bytes, first those whose
 * neighbours are closest. The newest is dropped only if it alone exceeds a limit. Cannot fail. */
void rv__snapshots_add (RvSnapshots *snapshots, RvSnapshot *snapshot, gint64 took_us);

/* (transfer full) (nullable): a snapshot after the iteration of @report, with copies. @state: the whole state.
 * @settings: the method's. @picture: any size; stored at most 512 px a side. NULL, without an error: no memory. */
RvSnapshot *rv__snapshot_new (const RvJobReport *report, const RvTensorMap *state, const RvSettings *settings,
                              const RvImage *picture);
/* (transfer full) (nullable): the state; its tensors share the memory of @snapshot, which they keep. @inputs: from
 * rv__recipe_inputs(). @roles, @changed: see rv__recipe_difference(). RV_ERROR_SETTING if the snapshot has other inputs
 * or another size. */
RvTensorMap *rv__snapshot_state (const RvSnapshot *snapshot, const char *inputs, const RvJobRole *roles,
                                 GPtrArray *changed, GError **error);
/* The method's settings at the iteration of @snapshot. Borrowed from @snapshot. */
const RvSettings *rv__snapshot_settings (const RvSnapshot *snapshot);
