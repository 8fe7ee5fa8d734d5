/* cmd-style.h -- reverie style: of one picture, and of many.
 * Layer 8 (cli). */
#ifndef RV_CMD_STYLE_H
#define RV_CMD_STYLE_H

#include "cli/film.h"

typedef struct {
  gboolean list_layers, list_presets;
  char *style, *mask, *protect; /* style and mask may be given more than once: those are the last */
} StyleOptions;

/* One picture to make: of which files, and where to. */
typedef struct {
  char *content;
  char **styles; /* NULL-terminated */
  char *output, *log, *plot, *timeline;
} StyleTask;

/* From the command line to the pictures. */
typedef struct {
  PictureOptions picture;
  StyleOptions own;
  RvSettings *settings, *film, *going_on; /* of the kinds "style", "style-film" and "state" */
  const char *init_file;
  RvWith *with;     /* what was learnt before, instead of style pictures; NULL: nothing */
  GPtrArray *masks; /* of files, one for each style; borrowed */
  GPtrArray *tasks; /* StyleTask */
  gboolean is_film; /* what is to be made */

  RvNet *net;
  RvKernelTable *kernels;
  RvJob *last; /* of the last picture, whose styles' targets the next may share */
} StyleJob;

/* tasks.c */

/* style_find_tasks: what the command line asks for: folders become their pictures, {content} and {style} in file names
 * theirs. RV_ERROR_SETTING; RV_ERROR_FILE for a folder that cannot be read. */
gboolean style_find_tasks (StyleJob *job, int n_args, char **args, const GPtrArray *given, GError **error);

/* picture.c */

/* style_add_inputs: the pictures that the task is of. */
gboolean style_add_inputs (RvJob *job, const StyleJob *all, const StyleTask *task, GError **error);
/* style_check_tasks: before anything is computed: of one picture that its files can be read, and that nothing which is
 * there would be replaced; of many only the latter, since one that cannot be read shall not stop the others. */
gboolean style_check_tasks (StyleJob *job, GError **error);
/* style_task_is_done: with --resume: its picture is there, and no state of a run that stopped. */
gboolean style_task_is_done (StyleJob *job, const StyleTask *task);
/* style_run_task: makes the picture, or says what it would take; returns the exit code, having said what went wrong.
 * @title: of the task among others, or "". */
int style_run_task (StyleJob *job, const StyleTask *task, const char *title);

/* with.c */

/* style_with_usage: what is given goes with --with. @more: (nullable): options that it takes besides, of films and of
 * --with any. style_add_with: the setting `with` and the painters' files: of all styles, or of number @only, from 0.
 * style_run_with: as style_run_task(), by painters. */
extern const char *const style_with_of_films[], *const style_with_of_any[];
gboolean style_with_usage (const GPtrArray *given, const char *const *more, GError **error);
gboolean style_add_with (RvJob *job, const RvWith *with, int only, GError **error);
int style_run_with (StyleJob *job, const StyleTask *task);

/* film.c */

/* style_run_film: the task's content is a film, and becomes one; as style_run_task(). */
int style_run_film (StyleJob *job, const StyleTask *task);

#endif
