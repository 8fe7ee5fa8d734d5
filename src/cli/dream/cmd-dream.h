/* cmd-dream.h -- reverie dream: of one picture, of frames, of noise, of a film.
 * Layer 8 (cli). */
#ifndef RV_CMD_DREAM_H
#define RV_CMD_DREAM_H

#include "cli/film.h"

typedef struct {
  gboolean list_layers, list_looks, list_words, what;
  char *mask, *where, *guide, *style; /* where may be given more than once: this is the last */
} DreamOptions;

extern const OwnOption dream_own_options[];

/* From the command line to the pictures. */
typedef struct {
  PictureOptions picture;
  DreamOptions own;
  RvSettings *settings, *more, *going_on; /* of the kinds "dream", "dreams" and "state" */
  RvSettings *film;                       /* of the kind "dream-film" */
  GPtrArray *where;                       /* of files; borrowed */
  char **files;                           /* of the command line; borrowed */
  int n_files;
  char *from;       /* of a film: a time; NULL: its beginning */
  gboolean is_film; /* what is to be made */
  gboolean blends;  /* --blend is given */

  RvNet *net;
  RvKernelTable *kernels;
} DreamRun;

/* options.c */

extern const OptionTable dream_tables[];

/* dream_options_read: what @given says, but for lists, before anything is looked at. dream_read_command_line: all of
 * it, with what is wrong of it. RV_ERROR_SETTING. */
gboolean dream_options_read (DreamRun *run, const GPtrArray *given, GError **error);
gboolean dream_read_command_line (DreamRun *run, int n_args, char **args, const GPtrArray *given, GError **error);
void dream_clear (DreamRun *run);

/* words.c: return the exit code, EXIT_FAILED where @error says why. dream_list: layers, or looks and presets.
 * dream_list_words: those of the network. dream_say_what: what the network sees in the first picture. */
int dream_list (const DreamRun *run);
int dream_list_words (DreamRun *run, GError **error);
int dream_say_what (const DreamRun *run, GError **error);

/* cmd-dream.c: dream_add_beside: the pictures that a dream has besides its own. */
gboolean dream_add_beside (RvJob *job, const DreamRun *run, GError **error);

/* film.c: returns the exit code, EXIT_FAILED where @error says why. */
int dream_run_film (DreamRun *run, GError **error);

#endif
