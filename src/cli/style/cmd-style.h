/* cmd-style.h -- reverie style: of one picture, and of many.
 * Layer 8 (cli). */
#ifndef RV_CMD_STYLE_H
#define RV_CMD_STYLE_H

#include "cli/film.h"

typedef struct {
  gboolean list_layers, list_presets;
  char *style, *mask, *protect, *keys; /* style, mask and keys may be given more than once: those are the last */
} StyleOptions;

extern const OwnOption style_own_options[];

/* From the command line to the pictures. */
typedef struct {
  PictureOptions picture;
  StyleOptions own;
  RvSettings *settings, *film, *going_on; /* of the kinds "style", "style-film" and "state" */
  const char *init_file;
  RvWith *with;     /* what was learnt before, instead of style pictures; NULL: nothing */
  gboolean is_film; /* what is to be made */
  RvJob *like;      /* what each picture's job is like */
  RvBatch *batch;   /* the pictures */
  RvNet *net;
  RvKernelTable *kernels;
} StyleJob;

/* picture.c */

/* style_check_pictures: before anything is computed: of one picture that its files can be read, and that nothing which
 * is there would be replaced; of many only the latter, since one that cannot be read shall not stop the others. */
gboolean style_check_pictures (StyleJob *job, GError **error);
/* style_run_picture: makes picture number @i of the batch, or says what it would take; returns the exit code, having
 * said what went wrong. @title: of it among others, or "". */
int style_run_picture (StyleJob *job, guint i, const char *title, GError **error);

/* with.c */

/* style_with_usage: what is given goes with --with. style_add_with: the setting `with` and the painters' files.
 * style_run_with: as style_run_picture(), by painters. */
gboolean style_with_usage (const GPtrArray *given, gboolean is_film, gboolean is_any, GError **error);
gboolean style_add_with (RvJob *job, const RvWith *with, GError **error);
int style_run_with (StyleJob *job, guint i, GError **error);

/* film.c */

/* style_run_film: the batch's one content is a film, and becomes one; as style_run_picture(). */
int style_run_film (StyleJob *job, GError **error);

#endif
