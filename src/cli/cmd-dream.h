/* cmd-dream.h -- one run of reverie dream: of one picture, of frames, of an atlas.
 * Layer 7 (cli). */
#ifndef RV_CMD_DREAM_H
#define RV_CMD_DREAM_H

#include "cli.h"

typedef struct {
  gboolean list_layers, list_looks, list_words, test_pattern, what;
  char *compare, *mask, *guide, *style, *atlas;
  double style_weight, blend, zoom, rotate;
  gint64 count;
} DreamOptions;

/* From the command line to the pictures. */
typedef struct {
  PictureOptions picture;
  DreamOptions own;
  RvDreamSettings *settings;
  char **files; /* of the command line; borrowed */
  int n_files;
  int width, height;   /* px, of the result */
  int frame, n_frames; /* 1 ... when there are frames; else 0 */

  RvNet *net;
  RvImage *image, *mask, *guide, *style;
  RvKernelTable *kernels;

  Progress *progress;
  gint64 began_us, n_steps; /* steps taken so far, in all frames */
  FILE *log;
  PictureWatch *watch;
  GError *error; /* of saving while the run goes on */
} DreamJob;

/* dream_on_progress: the #RvDreamFunc of every run: bar, log, snapshots; @data is the job. */
gboolean dream_on_progress (const RvDreamProgress *progress, gpointer data);

/* dream-frames.c */

/* dream_check_frames: counts the frames; every one can be read and written, and is there only with --force. */
gboolean dream_check_frames (DreamJob *job, const char *const *inputs, GError **error);
/* dream_run_frames: returns the exit code. */
int dream_run_frames (DreamJob *job, RvDream *dream);

/* dream-atlas.c */
int dream_run_atlas (DreamJob *job);

#endif
