/* change.h -- inputs that others take the place of while a run is under way.
 * Layer 7 (job). */
#ifndef RV_CHANGE_H
#define RV_CHANGE_H

#include "job/core/internal.h"

/* rv__change_table_new: (transfer full): of RvJobRole to arrays of RvJobInput: nothing is asked for.
 * rv__change_settle: under the job's lock, of one that begins: what was asked for while it was planned.
 * rv__change_take: after run->progress.iteration, what somebody has asked for since: then run->progress.stale. Returns:
 * whether there was anything. rv__change_keep: into a state: those that are others by now. rv__change_go_on: and out of
 * it, once it is known what was changed on the way. RV_ERROR_FORMAT, RV_ERROR_SETTING. */
GHashTable *rv__change_table_new (void);
void rv__change_settle (RvJob *job);
gboolean rv__change_take (RvJobRun *run);
void rv__change_keep (const RvJobRun *run, RvTensorMap *state);
gboolean rv__change_go_on (RvJobRun *run, const RvTensorMap *state, GError **error);

#endif
