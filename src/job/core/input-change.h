/* input-change.h -- inputs that are replaced while a run is under way.
 * Layer 7 (job). */
#ifndef RV_INPUT_CHANGE_H
#define RV_INPUT_CHANGE_H

#include "job/core/job-class.h"

/* (transfer full): an empty table for RvJob.pending_inputs: RvJobRole to GPtrArray of RvJobInput, which it owns. */
GHashTable *rv__pending_inputs_new (void);
/* Moves inputs that were replaced during planning into job->inputs, before the run begins. If there are any, frees the
 * planned run. The caller holds the lock. */
void rv__input_change_commit_pending (RvJob *job);
/* Moves inputs that were replaced since the last iteration into run->request, records them in progress.steering, and
 * sets progress.inputs_changed: the method still has the old ones. Returns whether there were any. Takes the lock. */
gboolean rv__input_change_apply (RvJobRun *run);
/* Writes the inputs of each role that was changed during the run to @state, as pictures. */
void rv__input_change_save (const RvJobRun *run, RvTensorMap *state);
/* Reads replaced inputs from @state into run->request; sets progress.inputs_changed if there are any (else TRUE). Call
 * it after rv__steer_restore(). RV_ERROR_FORMAT; RV_ERROR_SETTING for a wrong number of masks. */
gboolean rv__input_change_restore (RvJobRun *run, const RvTensorMap *state, GError **error);

#endif
