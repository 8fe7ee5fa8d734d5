/* picture.h -- size, files and network of jobs that make a picture; the settings of the kind "picture".
 * Layer 7 (job). */
#ifndef RV_JOB_PICTURE_H
#define RV_JOB_PICTURE_H

#include "base/option.h"
#include <reverie/image.h>
#include <reverie/image.h>
#include <reverie/net.h>
#include <stdio.h>

/* Fields of RvPictureOptions, a macro because the program has them in a struct of its own, too. */
#define RV_PICTURE_FIELDS                                                                                              \
  char *output;                                                                                                        \
  gint64 size_px, height_px, width_px;                                                                                 \
  char *network, *weights;                                                                                             \
  gint64 save_every;                                                                                                   \
  char *log, *live, *timeline, *plot;                                                                                  \
  char *part;                                                                                                          \
  gint64 quality, bits;                                                                                                \
  double dpi;                                                                                                          \
  gboolean keep_recipe, force;                                                                                         \
  /* Not set by options: */                                                                                            \
  gboolean dry_run;                       /* nothing will be written */                                                \
  gboolean is_other;                      /* OUT is a video or a model */                                              \
  gboolean make_folder;                   /* OUT is a pattern, whose folder is created */                              \
  gboolean truncate;                      /* for RvSaveOptions; set by the method */                                   \
  gboolean no_replace, no_replace_beside; /* keep a file that appears as OUT; as another output */                     \
  char *weights_file;                     /* file of the network; NULL: the built-in one */                            \
  char *recipe;                           /* stored in saved pictures; or NULL */

/* Settings of a picture's job, besides those of its method. Files are NULL if they are not requested. */
typedef struct {
  RV_PICTURE_FIELDS
} RvPictureOptions;

/* Checks settings against each other. RV_ERROR_SETTING. */
gboolean rv__picture_settings_check (const RvPictureOptions *options, GError **error);

/* Sets network and size from a preset, unless an option or a weights file sets them. Without a network, the weights
 * file decides. */
void rv__picture_apply_preset (RvPictureOptions *options, const char *network, int height, int width);
/* Size of the result in px, for a picture of @width x @height px. */
void rv__picture_target_size (const RvPictureOptions *options, int width, int height, int *out_width, int *out_height);

/* Checks that OUT can be written and is no input. Without `force`, neither OUT nor the log nor pictures of `save-every`
 * may exist. Creates the folder of a pattern. @inputs: NULL-terminated. */
gboolean rv__picture_check_output (const RvPictureOptions *options, int width, int height, const char *const *inputs,
                                   GError **error);
/* Checks as rv__picture_check_output() does, except the format of pictures. */
gboolean rv__picture_check_overwrite (const RvPictureOptions *options, const char *const *inputs, GError **error);
/* Checks a second picture of another size in the same way. @filename (nullable). */
gboolean rv__picture_check_other (const RvPictureOptions *options, const char *filename, int width, int height,
                                  const char *const *inputs, GError **error);

/* Opens the log. *log: NULL without a log or in a dry run. Keeps the lines of the first @resumed iterations; 0:
 * none. */
gboolean rv__picture_open_log (const RvPictureOptions *options, gint64 resumed, FILE **log, GError **error);
/* Flushes the log. @log (nullable). */
gboolean rv__picture_flush_log (const RvPictureOptions *options, FILE *log, GError **error);

/* (transfer full): "out.png" and 100 give "out_at_iteration_100.png". */
char *rv__picture_iteration_name (const char *output, gint64 iteration);
RvSaveOptions rv__picture_save_options (const RvPictureOptions *options);
gboolean rv__picture_save (const RvPictureOptions *options, const RvImage *image, const char *filename,
                           gboolean replace, GError **error);

#endif
