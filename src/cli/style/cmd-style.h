/* cmd-style.h -- reverie style, for one picture and for many. Layer 8 (cli). */
#pragma once

#include "cli/video-command.h"

extern const RvOptionRow style_own_options[];

typedef struct {
  const CommandLine *line;
  PictureOptions picture;
  RvSettings *settings, *video, *state_settings; /* kinds "style", "style-video" and "state" */
  const char *init_file;
  RvLearnedStyles *learned; /* learned styles instead of paintings; NULL: none */
  gboolean is_video;
  RvJob *template_job; /* template for the job of each picture */
  RvBatch *batch;
  RvNet *net;
  RvKernelTable *kernels;
} StyleJob;

/* picture.c */

/* Checks the jobs of this rank's pictures by job_check() before anything is computed. An unreadable picture is an error
 * only if the batch has no other. Otherwise it is skipped here and fails later, when its job is checked. */
gboolean style_check_pictures (StyleJob *job, GError **error);
/* Makes picture @i of the batch by optimisation, or prints its plan. Returns the exit code of job_run_picture().
 * @title: prefix of the progress text, or "". */
int style_run_picture (StyleJob *job, guint i, const char *title, GError **error);

/* learned.c */

/* Rejects options that cannot be combined with --learned. @is_video: for a video; @is_any: for --learned any.
 * RV_ERROR_SETTING. */
gboolean style_check_learned_usage (const GPtrArray *given, gboolean is_video, gboolean is_any, GError **error);
/* Sets `learned` and adds the files of the style networks as inputs. RV_ERROR_SETTING. */
gboolean style_add_learned (RvJob *job, const RvLearnedStyles *learned, GError **error);
/* Makes picture @i of the batch in learned styles, in one pass, or prints its plan. Returns the exit code of
 * job_run_picture(). */
int style_run_learned (StyleJob *job, guint i, GError **error);

/* video.c */

/* Makes a video from the batch's only content, or prints its plan. Returns the exit code. RV_ERROR_SETTING: several
 * contents, or a file for --init. */
int style_run_video (StyleJob *job, GError **error);
