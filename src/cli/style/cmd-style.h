/* cmd-style.h -- reverie style: of one picture, and of many.
 * Layer 8 (cli). */
#ifndef RV_CMD_STYLE_H
#define RV_CMD_STYLE_H

#include "cli/film.h"
#include "job/with.h"

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
 * --with any.
 * style_run_with: as style_run_task(), by painters that are loaded.
 * style_with_recipe: (transfer full): of @command, of the photograph @content painted as rv__with_paint() does it; of
 * @settings those that count. @masks: of files, or NULL. @cell: of a sheet, or NULL. */
extern const char *const style_with_of_films[], *const style_with_of_any[];
gboolean style_with_usage (const GPtrArray *given, const char *const *more, GError **error);
/* style_with_check: that the result can be written; says which folder was made. style_with_save: writes it, says so,
 * and returns the exit code; @recipe may be NULL. */
gboolean style_with_check (const PictureOptions *picture, gboolean make_folder, int width, int height,
                           const char *const *inputs, GError **error);
int style_with_save (const PictureOptions *picture, gboolean truncate, const RvImage *result, char *recipe,
                     gint64 began_us);
int style_run_with (StyleJob *job, const StyleTask *task);
char *style_with_recipe (const RvWith *with, int only, const GPtrArray *masks, const RvSettings *settings,
                         const char *command, const char *content, const char *cell, const RvImage *result);

/* cmd-explore-with.c */

typedef struct {
  char *with;
  gint64 cell_px;
} WithSheetOptions;

extern const OwnOption with_sheet_options[];

/* film.c */

/* style_run_film: the task's content is a film, and becomes one; as style_run_task(). */
int style_run_film (StyleJob *job, const StyleTask *task);

#endif
