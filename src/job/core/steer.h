/* steer.h -- what changes of a run's settings while it is under way, and when: "ITERATION:NAME=VALUE,...", as the
 * setting `steer`, states and recipes have it.
 * Layer 7 (job). */
#ifndef RV_STEER_H
#define RV_STEER_H

#include "job/core/job-class.h"

/* rv__steer_plan: what the setting `steer` says is to come. RV_ERROR_SETTING.
 * rv__steer_text: (transfer full): what was changed so far; "" for nothing. rv__steer_save: into a state.
 * rv__steer_restore: and out of it: the method is as it was then, before it takes its own part of the state.
 * RV_ERROR_FORMAT. rv__steer_clear_past: once run->progress.iteration is known: what the state had has been done. */
gboolean rv__steer_plan (RvJobRun *run, const char *text, GError **error);
char *rv__steer_text (const RvJobRun *run);
void rv__steer_save (const RvJobRun *run, RvTensorMap *state);
gboolean rv__steer_restore (RvJobRun *run, const RvTensorMap *state, GError **error);
void rv__steer_clear_past (RvJobRun *run);

/* Of inputs that may change. rv__steer_note_inputs: those called @role are others from now on, @n of them.
 * rv__steer_inputs: how many they are by now; -1: those that the run began with. rv__steer_inputs_change_now: whether
 * they are others just after run->progress.iteration: the run has not gone on with them yet. */
void rv__steer_note_inputs (RvJobRun *run, const char *role, guint n);
gint64 rv__steer_inputs (const RvJobRun *run, const char *role);
gboolean rv__steer_inputs_change_now (const RvJobRun *run, const char *role);

#endif
