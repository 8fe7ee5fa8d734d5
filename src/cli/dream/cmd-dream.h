/* cmd-dream.h -- reverie dream: dreams on a picture, on frames, on a video, or from noise. Layer 8 (cli). */
#pragma once

#include "cli/video-command.h"

extern const RvOptionRow dream_own_options[];

typedef struct {
  const CommandLine *line;
  PictureOptions picture;
  RvSettings *settings, *more, *state_settings; /* kinds "dream", "dreams" and "state" */
  RvSettings *video;                            /* kind "dream-video" */
  gboolean is_video;

  RvNet *net;
  RvKernelTable *kernels;
} DreamRun;

/* options.c */

/* Reads settings and files into @run after picture_options_read(), decides whether it is a video, and checks the
 * command line. RV_ERROR_SETTING. */
gboolean dream_read_command_line (DreamRun *run, GError **error);
/* Frees all owned members, some of which may be NULL. */
void dream_clear (DreamRun *run);

/* words.c */
/* Prints layers for --list-layers, and presets and looks for --list-looks. Loads run->net for a network from a file.
 * Returns the exit code; EXIT_FAILED has @error, of picture_network_name(). */
int dream_list (DreamRun *run, GError **error);
/* Loads run->net and prints its classes and groups of classes. Returns the exit code; EXIT_FAILED has @error:
 * RV_ERROR_SETTING if the network has no classes. */
int dream_list_words (DreamRun *run, GError **error);
/* Prints the five likeliest classes of the first picture, with run->net. Returns the exit code; EXIT_FAILED has
 * @error. */
int dream_print_classes (const DreamRun *run, GError **error);
