/* input-change.h -- inputs that are replaced while a run is under way.
 * Layer 7 (job). */
#ifndef RV_INPUT_CHANGE_H
#define RV_INPUT_CHANGE_H

#include "job/core/job-class.h"

/* (transfer full): an empty table from RvJobRole to arrays of RvJobInput. */
GHashTable *rv__change_table_new (void);
/* Moves inputs that were replaced during planning into the job, before its run begins. The caller holds the lock. */
void rv__input_change_commit_pending (RvJob *job);
/* Moves inputs that were replaced since the last iteration into the run and sets run->progress.inputs_changed. Returns
 * whether there were any. */
gboolean rv__input_change_apply (RvJobRun *run);
/* Writes the inputs that differ from the initial ones to a state. */
void rv__input_change_save (const RvJobRun *run, RvTensorMap *state);
/* Reads them from a state, after the list of changes was restored. RV_ERROR_FORMAT, RV_ERROR_SETTING. */
gboolean rv__input_change_restore (RvJobRun *run, const RvTensorMap *state, GError **error);

#endif
