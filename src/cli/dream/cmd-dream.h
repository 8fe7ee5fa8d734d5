/* cmd-dream.h -- reverie dream: of a picture, of frames, from noise, of a video.
 * Layer 8 (cli). */
#ifndef RV_CMD_DREAM_H
#define RV_CMD_DREAM_H

#include "cli/video-command.h"

typedef struct {
  gboolean list_layers, list_looks, list_words, what;
  char *mask, *where, *guide, *style; /* @where: the last, as it may be given more than once */
} DreamOptions;

extern const OwnOption dream_own_options[];

typedef struct {
  PictureOptions picture;
  DreamOptions own;
  RvSettings *settings, *more, *going_on; /* kinds "dream", "dreams" and "state" */
  RvSettings *video;                      /* kind "dream-video" */
  GPtrArray *where;                       /* all files of --word-mask; borrowed */
  char **files;                           /* arguments; borrowed */
  int n_files;
  char *from; /* start time of a video; NULL: its beginning */
  gboolean is_video;
  gboolean blends;

  RvNet *net;
  RvKernelTable *kernels;
} DreamRun;

/* options.c */

extern const OptionTable dream_tables[];

/* Reads the options of @given that need no file, without checking them against each other. */
gboolean dream_options_read (DreamRun *run, const GPtrArray *given, GError **error);
/* Reads settings and files into @run, decides whether it is a video, and checks the command line. RV_ERROR_SETTING. */
gboolean dream_read_command_line (DreamRun *run, int n_args, char **args, const GPtrArray *given, GError **error);
void dream_clear (DreamRun *run);

/* words.c */
/* Prints layers, or looks and presets. Returns the exit code. */
int dream_list (const DreamRun *run);
/* Prints the classes of the network. Returns the exit code. */
int dream_list_words (DreamRun *run, GError **error);
/* Prints the likeliest classes of the first picture. Returns the exit code. */
int dream_print_classes (const DreamRun *run, GError **error);

/* cmd-dream.c: adds guide, style and masks to @job. */
gboolean dream_add_beside (RvJob *job, const DreamRun *run, GError **error);

/* video.c: runs the job of a video, or prints its plan. Returns the exit code. */
int dream_run_video (DreamRun *run, GError **error);

#endif
