/* video-command.h -- functions of all commands that make a video. Layer 8 (cli). */
#pragma once

#include "cli/job-run.h"

/* Whether a command makes a video: whether the suffix of @output (nullable) is that of a video. The type of the file
 * @content decides if the suffix fits both a picture and a video, or neither, or if @output is NULL. Reads files. */
gboolean video_is_requested (const char *output, const char *content);
/* TRUE if @what is NULL; else RV_ERROR_SETTING: a video cannot be combined with @what. */
gboolean video_refuse (const char *what, GError **error);

/* Checks for a picture that no option is given that works only with videos, but `from` only if that is @more
 * (nullable). FALSE with RV_ERROR_SETTING. */
gboolean video_options_check (const GPtrArray *given, const char *more, GError **error);

/* Runs a video's job and shows its progress, or prints the plan with --dry-run. Warns of a frame rate that does not fit
 * the output, unless --quiet. Saves @kernels (nullable). Returns the exit code: EXIT_DONE also if the video is complete
 * already; EXIT_INTERRUPTED, after Ctrl-C, without @error. RV_ERROR_SETTING: @content is a picture that is no
 * animation, or --preview has no terminal. */
int video_run (RvJob *job, const char *content, const PictureOptions *picture, RvKernelTable *kernels, GError **error);
