/* steer.h -- list of changes during a run, "ITERATION:NAME=VALUE,...": in the setting `steer`, in states and in
 * recipes.
 * Layer 7 (job). */
#pragma once

#include "job/core/job-class.h"

/* Reads planned changes from @text (nullable: none), the setting `steer`, into progress.steering, and sets
 * progress.current_settings to a copy of request.settings. Drops changes of inputs, which cannot be repeated, and sets
 * progress.note then. Call it once. */
gboolean rv__steer_plan (RvJobRun *run, const char *text, GError **error);
/* (transfer full): changes that are done so far, as in the setting `steer`; "": none. */
char *rv__steer_text (const RvJobRun *run);
/* Adds the changes that are done so far to @state, as a text. */
void rv__steer_save (const RvJobRun *run, RvTensorMap *state);
/* Reads done changes from @state, puts them before the planned ones, and applies them to the settings of run and job
 * and to the method. Call it before RvJobClass.resume. Takes the job's lock. RV_ERROR_FORMAT if the changes are
 * wrong. */
gboolean rv__steer_restore (RvJobRun *run, const RvTensorMap *state, GError **error);
/* Drops the planned changes that are due at progress.iteration or before: the restored state contains them. Changes
 * that are done stay. Call it after rv__steer_restore(), once progress.iteration is set. Cannot fail. */
void rv__steer_clear_past (RvJobRun *run);

/* Adds a done change to progress.steering: @role has @n new inputs after progress.iteration. */
void rv__steer_note_inputs (RvJobRun *run, const char *role, guint n);
/* Number of inputs of @role after its last change that is done; -1: never changed. */
gint64 rv__steer_n_inputs (const RvJobRun *run, const char *role);
/* Whether the last change of @role was after iteration progress.iteration itself, so that no iteration has used it. */
gboolean rv__steer_inputs_just_changed (const RvJobRun *run, const char *role);
