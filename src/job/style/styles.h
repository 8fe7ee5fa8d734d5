/* styles.h -- checks shared by jobs of style transfer.
 * Layer 7 (job). */
#pragma once

#include "job/core/job-class.h"

/* RvJobClass.check of jobs with styles. Sets network and size of the preset where none is given, by
 * rv__picture_set_defaults(), and options->truncate to the setting `truncate`. Sets `init` to "picture", whatever it
 * was, if there is an input "init". Calls rv__styles_check_only() and, unless only `weights` names the network,
 * rv__style_settings_check(). */
gboolean rv__styles_check (RvJobRequest *request, GError **error);
/* Checks that the settings `only` and `regions` are not used with the input "mask". RV_ERROR_SETTING. */
gboolean rv__styles_check_only (const RvJobRequest *request, GError **error);
/* Sends a report: nothing of the kind that @setting names, `keep` or `only`, is in the photograph. */
void rv__styles_note_missing (const RvJobRun *run, const char *setting);
