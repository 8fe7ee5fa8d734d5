/* cmd-dream.h -- one run of reverie dream: of one picture, of frames, of an atlas.
 * Layer 8 (cli). */
#ifndef RV_CMD_DREAM_H
#define RV_CMD_DREAM_H

#include "cli.h"
#include "film.h"
#include "recipe.h"

typedef struct {
  gboolean list_layers, list_looks, list_words, test_pattern, what;
  char *compare, *mask, *where, *guide, *style, *atlas;
  double style_weight, blend, zoom, rotate, diversity_weight;
  gint64 count, diversity;
  RvStateOptions state;
  FilmOptions film;
} DreamOptions;

/* From the command line to the pictures. */
typedef struct {
  PictureOptions picture;
  DreamOptions own;
  RvSettings *settings;
  char **files; /* of the command line; borrowed */
  int n_files;
  gboolean is_film;
  int width, height;    /* px, of the result */
  gboolean sizes_given; /* the command line says how many octaves, or how small they may be */
  int frame, n_frames;  /* 1 ... when there are frames; else 0 */
  gboolean stopped;     /* by Ctrl-C, before all was done */

  RvNet *net;
  RvImage *image, *mask, *guide, *style;
  GPtrArray *places; /* char*, the files of the pictures that --toward names; it has their names without folders */
  RvKernelTable *kernels;

  Progress *progress;
  gint64 began_us, n_steps; /* steps taken so far, in all frames */
  FILE *log;
  PictureWatch *watch;
  RvStateFile *state;
  RecipeInput *inputs;
  char *inputs_text; /* recipe_inputs(), once it is wanted */
  GError *error;     /* of saving while the run goes on */
} DreamJob;

extern const RvOption dream_run_options[];
/* Of films; and what of both tables decides how one comes out. Both set a DreamOptions. */
extern const RvOption dream_film_options[], dream_film_recipe_options[];

/* dream_recipe: borrows from the job. dream_keep_recipe: what pictures are saved with from now on. */
Recipe dream_recipe (DreamJob *job);
void dream_keep_recipe (DreamJob *job);
/* dream_prepare: (transfer full) (nullable): the dream with its mask, guide, style and kernels. */
RvDream *dream_prepare (DreamJob *job, GError **error);
/* dream_on_progress: the #RvDreamFunc of every run: bar, log, snapshots; @data is the job. */
gboolean dream_on_progress (const RvDreamProgress *progress, gpointer data);

/* dream-state.c */

/* dream_state_start: job->state, where something is to be made; what a run that is to go on has left may be replaced.
 * RV_ERROR_FILE when one was stopped and this is another. dream_state_due: whether it is time for a state.
 * dream_state_save: the log first, then the state at @progress. dream_state_end: none is wanted any more. */
gboolean dream_state_start (DreamJob *job, GError **error);
gboolean dream_state_due (const DreamJob *job);
gboolean dream_state_save (DreamJob *job, const RvDreamProgress *progress);
void dream_state_end (const DreamJob *job);
/* dream_resume: where a run stopped that this one goes on with: the frame, its picture, the steps taken; without one
 * the beginning. RV_ERROR_FILE, RV_ERROR_FORMAT, RV_ERROR_SETTING. */
gboolean dream_resume (DreamJob *job, RvDream *dream, GError **error);

/* dream-frames.c */

/* dream_load_frame: (transfer full) (nullable): the picture of the command line for job->frame. */
RvImage *dream_load_frame (const DreamJob *job, GError **error);
/* dream_check_frames: counts the frames; every one can be read and written, and is there only with --force. */
gboolean dream_check_frames (DreamJob *job, const char *const *inputs, GError **error);
/* dream_run_frames: returns the exit code. */
int dream_run_frames (DreamJob *job, RvDream *dream);

/* dream-film.c: returns the exit code. */
int dream_run_film (DreamJob *job);

/* dream-variants.c */

/* dream_sheet_size: px, of the sheet that --diversity asks for. dream_run_variants: returns the exit code. */
void dream_sheet_size (const DreamJob *job, int *width, int *height);
int dream_run_variants (DreamJob *job);

/* dream-atlas.c */
int dream_run_atlas (DreamJob *job);

#endif
