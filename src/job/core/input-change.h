/* input-change.h -- inputs that others take the place of while a run is under way.
 * Layer 7 (job). */
#ifndef RV_INPUT_CHANGE_H
#define RV_INPUT_CHANGE_H

#include "job/core/job-class.h"

/* rv__change_table_new: (transfer full): of RvJobRole to arrays of RvJobInput: nothing is asked for.
 * rv__input_change_commit_pending: under the job's lock, of one that begins: what was asked for while it was planned.
 * rv__input_change_apply: after run->progress.iteration, what somebody has asked for since: then run->progress.stale.
 * Returns: whether there was anything. rv__input_change_save: into a state: those that are others by now.
 * rv__input_change_restore: and out of it, once it is known what was changed on the way. RV_ERROR_FORMAT,
 * RV_ERROR_SETTING. */
GHashTable *rv__change_table_new (void);
void rv__input_change_commit_pending (RvJob *job);
gboolean rv__input_change_apply (RvJobRun *run);
void rv__input_change_save (const RvJobRun *run, RvTensorMap *state);
gboolean rv__input_change_restore (RvJobRun *run, const RvTensorMap *state, GError **error);

#endif
