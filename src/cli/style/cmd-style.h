/* cmd-style.h -- reverie style, for one picture and for many.
 * Layer 8 (cli). */
#ifndef RV_CMD_STYLE_H
#define RV_CMD_STYLE_H

#include "cli/video-command.h"

typedef struct {
  gboolean list_layers, list_presets;
  char *style, *mask, *protect,
    *keyframes; /* @style, @mask and @keyframes: the last, as they may be given more than once */
} StyleOptions;

extern const OwnOption style_own_options[];

typedef struct {
  PictureOptions picture;
  StyleOptions own;
  RvSettings *settings, *video, *going_on; /* kinds "style", "style-video" and "state" */
  const char *init_file;
  RvLearnedStyles *with; /* learned styles instead of paintings; NULL: none */
  gboolean is_video;
  RvJob *like; /* template for the job of each picture */
  RvBatch *batch;
  RvNet *net;
  RvKernelTable *kernels;
} StyleJob;

/* picture.c */

/* Checks files before anything is computed: one picture must be readable and its output free. For many, only outputs
 * are checked, since an unreadable picture must not stop the others. */
gboolean style_check_pictures (StyleJob *job, GError **error);
/* Makes picture @i of the batch, or prints its plan. Returns the exit code. @title: prefix of the progress text, or
 * "". */
int style_run_picture (StyleJob *job, guint i, const char *title, GError **error);

/* learned.c */

/* Rejects options that cannot be combined with --learned. */
gboolean style_learned_usage (const GPtrArray *given, gboolean is_video, gboolean is_any, GError **error);
/* Sets `learned` and adds the files of the style networks. */
gboolean style_add_learned (RvJob *job, const RvLearnedStyles *with, GError **error);
/* style_run_picture() for learned styles. */
int style_run_learned (StyleJob *job, guint i, GError **error);

/* video.c */

/* Makes a video from the batch's only content; else as style_run_picture(). */
int style_run_video (StyleJob *job, GError **error);

#endif
