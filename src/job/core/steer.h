/* steer.h -- list of changes during a run, "ITERATION:NAME=VALUE,...": in the setting `steer`, in states and in
 * recipes.
 * Layer 7 (job). */
#ifndef RV_STEER_H
#define RV_STEER_H

#include "job/core/job-class.h"

/* Reads planned changes from the setting `steer`. RV_ERROR_SETTING. */
gboolean rv__steer_plan (RvJobRun *run, const char *text, GError **error);
/* (transfer full): changes so far; "": none. */
char *rv__steer_text (const RvJobRun *run);
/* Writes the changes so far to a state. */
void rv__steer_save (const RvJobRun *run, RvTensorMap *state);
/* Reads them from a state and applies them to the method, before it restores its own part. RV_ERROR_FORMAT. */
gboolean rv__steer_restore (RvJobRun *run, const RvTensorMap *state, GError **error);
/* Drops planned changes before progress.iteration, which the restored state contains. Call it once the iteration is
 * known. */
void rv__steer_clear_past (RvJobRun *run);

/* Adds a change to the list: @n new inputs of @role. */
void rv__steer_note_inputs (RvJobRun *run, const char *role, guint n);
/* Current number of inputs of @role; -1: the initial ones. */
gint64 rv__steer_inputs (const RvJobRun *run, const char *role);
/* Whether inputs of @role changed after progress.iteration, so that no iteration has used them. */
gboolean rv__steer_inputs_change_now (const RvJobRun *run, const char *role);

#endif
