/* picture.h -- size, files and network of jobs that make a picture; the settings of the kind "picture".
 * Layer 7 (job). */
#pragma once

#include "base/option.h"
#include <reverie/image.h>
#include <reverie/net.h>
#include <stdio.h>

/* Settings of a picture's job, besides those of its method. Files are NULL if they are not requested. */
typedef struct {
  char *output;
  gint64 size_px, height_px, width_px;
  char *network, *weights, *preprocessing, *labels;
  gint64 save_every;
  char *log, *live, *timeline, *plot;
  char *part;
  gint64 quality, bits;
  double dpi;
  gboolean keep_recipe, force;
  /* Not set by options: */
  gboolean dry_run;                       /* nothing will be written */
  gboolean make_folder;                   /* OUT is a pattern, whose folder is created */
  gboolean truncate;                      /* for RvSaveOptions; set by the method */
  gboolean no_replace, no_replace_others; /* keep a file that appears as OUT; as another output */
  char *weights_file;                     /* file of the network; NULL: the built-in one */
  char *recipe;                           /* stored in saved pictures; or NULL */
} RvPictureOptions;

/* Checks settings against each other, and with @is_picture that the suffix of `output` is one of pictures. An error of
 * the suffix is about `output`. A missing folder is no error here. */
gboolean rv__picture_settings_check (const RvPictureOptions *options, gboolean is_picture, GError **error);

/* Moves a file from `network` to `weights`, if that is not set. Sets the network of a preset unless `network` or
 * `weights` is set, and its size unless `size`, `height` or `width` is. @network: (nullable: none): copied. @height,
 * @width: px; 0: none. */
void rv__picture_set_defaults (RvPictureOptions *options, const char *network, int height, int width);
/* Sets *out_width and *out_height, px, to the result's size for a picture of @width x @height px. `size` is the longer
 * side; one of `height` and `width` scales the other. Without these three settings: the size of the picture, shrunk to
 * at most 1024 px a side. Cannot fail. */
void rv__picture_target_size (const RvPictureOptions *options, int width, int height, int *out_width, int *out_height);

/* Checks as rv__picture_check_overwrite() does, and that the formats can be written: OUT and `live` at @width x @height
 * px, timeline, plot. `live` must not exist either, unless `force` or in a dry run. RV_ERROR_SETTING for a plot
 * that is no .svg. */
gboolean rv__picture_check_output (const RvPictureOptions *options, int width, int height, const char *const *inputs,
                                   GError **error);
#define RV_WRITTEN_TWICE "%s would be written twice; give each output its own file"
/* Checks that no output is one of @inputs (NULL-terminated), and that no two are one file. OUT, log, plot, timeline and
 * pictures of `save-every` must not exist, unless `force` or in a dry run, and their folders must be writable. With
 * make_folder creates the folders, except in a dry run. RV_ERROR_FILE if an output exists. */
gboolean rv__picture_check_overwrite (const RvPictureOptions *options, const char *const *inputs, GError **error);
/* Checks that OUT can be written at @width x @height px; with make_folder, a dry run accepts a missing folder. An
 * RV_ERROR_SETTING is about `output`. */
gboolean rv__picture_check_target (const RvPictureOptions *options, int width, int height, GError **error);
/* Checks @filename (nullable: TRUE), the picture of the setting @option, as rv__picture_check_output() does; it must
 * not be another output of @options. @inputs: NULL-terminated. An RV_ERROR_SETTING is about @option. */
gboolean rv__picture_check_other (const RvPictureOptions *options, const char *option, const char *filename, int width,
                                  int height, const char *const *inputs, GError **error);

/* Opens options->log for writing, by lines. *log: (out): NULL without `log` or in a dry run (TRUE); else to be closed
 * by fclose(). @resumed: keeps that many lines of an old log, one for each iteration; 0: replaces it. RV_ERROR_FILE;
 * *log is then NULL. */
gboolean rv__picture_open_log (const RvPictureOptions *options, gint64 resumed, FILE **log, GError **error);
/* Flushes @log (nullable: TRUE), called options->log. RV_ERROR_FILE if a write has failed since it was opened. */
gboolean rv__picture_flush_log (const RvPictureOptions *options, FILE *log, GError **error);

/* (transfer full): "out.png" and 100 give "out_at_iteration_100.png". @output must have a suffix. Can't fail. */
char *rv__picture_iteration_name (const char *output, gint64 iteration);
/* Saves @image to @filename with the recipe and format of @options. @replace, not options->no_replace: whether an
 * existing file may be replaced. */
gboolean rv__picture_save (const RvPictureOptions *options, const RvImage *image, const char *filename,
                           gboolean replace, GError **error);
