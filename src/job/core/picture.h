/* picture.h -- what jobs that make a picture share: its size, its files, its network; the settings of the kind
 * "picture".
 * Layer 7 (job). */
#ifndef RV_JOB_PICTURE_H
#define RV_JOB_PICTURE_H

#include "base/option.h"
#include <reverie/image.h>
#include <reverie/image.h>
#include <reverie/net.h>
#include <stdio.h>

/* The fields of RvPictureOptions: a macro while the program has them among others of its own. */
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
  /* No options: */                                                                                                    \
  gboolean dry_run;                       /* nothing will be written */                                                \
  gboolean is_other;                      /* OUT is a film or a model, and no picture */                               \
  gboolean make_folder;                   /* OUT is of a pattern, whose folder is made */                              \
  gboolean truncate;                      /* RvSaveOptions, as the method has it */                                    \
  gboolean no_replace, no_replace_beside; /* OUT; and the other files that a run writes: what appears there stays */   \
  char *weights_file;                     /* the network's; NULL: the built-in network */                              \
  char *recipe;                           /* that pictures are saved with, or NULL */

/* What a picture's job is asked for besides its method's settings. Files may be NULL: they are not wanted. */
typedef struct {
  RV_PICTURE_FIELDS
} RvPictureOptions;

/* rv__picture_settings_check: what no single option can tell. RV_ERROR_SETTING. */
gboolean rv__picture_settings_check (const RvPictureOptions *options, GError **error);

/* rv__picture_apply_preset: the network and the size of a preset, where neither option nor weights file says otherwise.
 * Without a network after it, the weights file decides. */
void rv__picture_apply_preset (RvPictureOptions *options, const char *network, int height, int width);
/* rv__picture_target_size: px, of the result for a picture of @width x @height px. */
void rv__picture_target_size (const RvPictureOptions *options, int width, int height, int *out_width, int *out_height);

/* rv__picture_check_output: OUT can be written, is no input; it, the log and earlier pictures of `save-every` do not
 * exist unless `force`. @inputs: NULL-terminated. The folder of a pattern is made. */
gboolean rv__picture_check_output (const RvPictureOptions *options, int width, int height, const char *const *inputs,
                                   GError **error);
/* rv__picture_check_overwrite: the part of that which asks for no format of pictures. Folders of patterns are made. */
gboolean rv__picture_check_overwrite (const RvPictureOptions *options, const char *const *inputs, GError **error);
/* rv__picture_check_other: the same of a second picture, of its own size; NULL is fine. */
gboolean rv__picture_check_other (const RvPictureOptions *options, const char *filename, int width, int height,
                                  const char *const *inputs, GError **error);

/* rv__picture_open_log: *log is the log, open for writing; NULL without one or in a dry run. Of a run that goes on
 * after iteration @resumed, what it holds of those up to it is kept; 0: nothing. rv__picture_flush_log: what was
 * written to it is there; NULL is fine. */
gboolean rv__picture_open_log (const RvPictureOptions *options, gint64 resumed, FILE **log, GError **error);
gboolean rv__picture_flush_log (const RvPictureOptions *options, FILE *log, GError **error);

/* rv__picture_iteration_name: (transfer full): "out.png" and 100 -> "out_at_iteration_100.png". */
char *rv__picture_iteration_name (const char *output, gint64 iteration);
RvSaveOptions rv__picture_save_options (const RvPictureOptions *options);
gboolean rv__picture_save (const RvPictureOptions *options, const RvImage *image, const char *filename,
                           gboolean replace, GError **error);

#endif
