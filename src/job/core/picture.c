/* picture.c -- size, output and saving of jobs that make a picture; the settings of the kind "picture". */
#include "job/core/picture.h"
#include "base/error.h"
#include "base/settings.h"
#include "io/atomic-file.h"
#include "net/net.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/job.h>
#include <reverie/networks.h>
#include <string.h>

#define ITERATION_MARK "_at_iteration_"
#define MAX_ITERATION 1000000000 /* for the longest name of a `save-every` picture */
#define TIMELINE_MAX_PX 1100     /* limit of a timeline's sides */
#define DEFAULT_MAX_PX 1024      /* longest side without a size option */

#define FIELD(f) offsetof (RvPictureOptions, f)
#define MAX_PX 1e6

static const RvOption table[] = {
  { "output", 'o', RV_OPTION_TEXT, FIELD (output), .unit = "OUT",
    .help = "the picture to write: .png, .jpg, .webp or .tif", .group = "result" },
  { "size", 0, RV_OPTION_INT, FIELD (size_px), NULL, 1, MAX_PX, .unit = "PX",
    .help = "longest side of the result [the content's own, up to 1024]" },
  { "height", 0, RV_OPTION_INT, FIELD (height_px), NULL, 1, MAX_PX, .unit = "PX",
    .help = "exact height; with 'width' as well the picture is stretched" },
  { "width", 0, RV_OPTION_INT, FIELD (width_px), NULL, 1, MAX_PX, .unit = "PX", .help = "exact width" },
  { "network", 0, RV_OPTION_CHOICE, FIELD (network), NULL, .unit = "NAME",
    .help = "network that the losses use: a name, or a file of weights [the preset's, or that of 'weights'; builtin]",
    .choices = rv_net_names, .file_suffixes = rv__net_file_suffixes },
  { "weights", 0, RV_OPTION_TEXT, FIELD (weights), .unit = "FILE",
    .help = "the network's weights: safetensors, Keras (.h5, .keras), PyTorch (.pth), Caffe (.caffemodel) or ONNX" },
  { "preprocessing", 0, RV_OPTION_TEXT, FIELD (preprocessing), .unit = "imagenet|caffe|tf|unit|TEXT",
    .help = "input that the network of a file was trained with [the file's; ONNX: imagenet; 'learned': RGB 0..255]" },
  { "labels", 0, RV_OPTION_TEXT, FIELD (labels), .unit = "FILE",
    .help = "text file with the names of the classes of a file's network, one on each line; dreams use them as words" },
  { "save-every", 0, RV_OPTION_INT, FIELD (save_every), NULL, 0, 1e9, .unit = "COUNT",
    .help = "write OUT_at_iteration_K every COUNT iterations", .may_change = TRUE },
  { "log", 0, RV_OPTION_TEXT, FIELD (log), .unit = "FILE",
    .help = "write one JSON object per line for each iteration" },
  { "live", 0, RV_OPTION_TEXT, FIELD (live), .unit = "FILE",
    .help = "write the current picture to this file every second, for a viewer that reloads it" },
  { "timeline", 0, RV_OPTION_TEXT, FIELD (timeline), .unit = "FILE",
    .help = "write a sheet of twelve pictures from the course of the run" },
  { "plot", 0, RV_OPTION_TEXT, FIELD (plot), .unit = "FILE.svg", .help = "draw the losses" },
  { "part", 0, RV_OPTION_TEXT, FIELD (part), .unit = "I/N",
    .help = "make only the I-th of N shards of the pictures, or of a video's shots, for N independent processes" },
  { "quality", 0, RV_OPTION_INT, FIELD (quality), "95", 1, 100, .unit = "1..100", .help = "quality of JPEG and WebP",
    .group = "file", .may_change = TRUE },
  { "bits", 0, RV_OPTION_INT, FIELD (bits), "8", 8, 16, .unit = "8|16", .help = "bits per sample of PNG and TIFF" },
  { "dpi", 0, RV_OPTION_REAL, FIELD (dpi), NULL, 0, 1e5, .unit = "DPI", .help = "resolution stored in the file [72]",
    .may_change = TRUE },
  { "recipe", 0, RV_OPTION_BOOL, FIELD (keep_recipe), "yes", .help = "store in the picture how it was made" },
  { "force", 'f', RV_OPTION_BOOL, FIELD (force), .help = "replace OUT if it exists" },
  { NULL },
};

/* RvSettingsClass.check; @fields: RvPictureOptions. `size` excludes `height` and `width`; a file in `network` excludes
 * `weights`; `bits` is 8 or 16; `preprocessing` can be parsed. RV_ERROR_SETTING. */
static gboolean
check (const void *fields, GError **error)
{
  const RvPictureOptions *options = fields;
  RvPixelSpace space;
  if (options->size_px && (options->height_px || options->width_px))
    return rv__error_setting (error, "size,height,width", "'size' cannot be combined with 'height' or 'width'");
  if (options->network && options->weights && rv_network_is_file (options->network))
    return rv__error_setting (error, "network,weights", "a file in 'network' cannot be combined with 'weights'");
  if (options->bits != 8 && options->bits != 16)
    return rv__error_setting (error, "bits", "'bits' must be 8 or 16, not %d", (int) options->bits);
  if (options->preprocessing && !rv__pixel_space_parse (rv__pixel_space_spell_out (options->preprocessing), &space))
    return rv__error_setting (error, "preprocessing",
                              "'preprocessing' must be imagenet, caffe, tf, unit, or a text such as 'rgb_0_1 minus 0.5 "
                              "divided by 0.5'");
  return TRUE;
}

const RvSettingsClass rv__settings_picture = {
  .kind = "picture", .table = table, .size = sizeof (RvPictureOptions), .check = check
};

gboolean
rv__picture_settings_check (const RvPictureOptions *options, gboolean is_picture, GError **error)
{
  if (!check (options, error))
    return FALSE;
  g_autoptr (GError) suffix = NULL;
  if (!options->output || !is_picture || rv_image_check_target (options->output, 1, 1, &suffix) ||
      !g_error_matches (suffix, RV_ERROR, RV_ERROR_SETTING)) /* the folder is checked later */
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&suffix));
  return rv__error_set_option (error, "output");
}

void
rv__picture_set_defaults (RvPictureOptions *options, const char *network, int height, int width)
{
  if (options->network && !options->weights && rv_network_is_file (options->network))
    options->weights = g_steal_pointer (&options->network);
  if (!options->network && !options->weights)
    options->network = g_strdup (network);
  if (options->size_px || options->height_px || options->width_px)
    return;
  options->height_px = height;
  options->width_px = width;
}

gboolean
rv__picture_check_other (const RvPictureOptions *options, const char *option, const char *filename, int width,
                         int height, const char *const *inputs, GError **error)
{
  RvPictureOptions other = { .output = (char *) filename, .force = options->force, .dry_run = options->dry_run };
  const char *const others[] = { options->output, options->log, options->plot, options->timeline, options->live };
  for (guint i = 0; filename && i < G_N_ELEMENTS (others); i++)
    if (others[i] && others[i] != filename && rv__atomic_file_is_same_target (filename, others[i]))
      return rv__error_setting (error, option, RV_WRITTEN_TWICE, filename);
  return !filename || rv__picture_check_output (&other, width, height, inputs, error) ||
         rv__error_set_option (error, option);
}

gboolean
rv__picture_open_log (const RvPictureOptions *options, gint64 resumed, FILE **log, GError **error)
{
  *log = NULL;
  if (!options->log || options->dry_run)
    return TRUE;
  if (resumed > 0 && g_file_test (options->log, G_FILE_TEST_IS_REGULAR)) {
    /* keeps a line per iteration; before the log is opened: a kill now loses nothing */
    g_autofree char *text = NULL;
    const char *lines = g_file_get_contents (options->log, &text, NULL, NULL) ? text : "", *end = lines;
    for (gint64 i = 0; i < resumed && strchr (end, '\n'); i++)
      end = strchr (end, '\n') + 1;
    g_autoptr (GBytes) bytes = g_bytes_new_static (lines, (gsize) (end - lines));
    if (!rv__atomic_file_write (options->log, bytes, TRUE, error))
      return FALSE;
  }
  gboolean is_new = options->no_replace_others && !g_file_test (options->log, G_FILE_TEST_EXISTS);
  if ((*log = fopen (options->log, resumed > 0 ? "ae" : is_new ? "wxe" : "we"))) {
    setvbuf (*log, NULL, _IOLBF, BUFSIZ); /* for readers that follow the log */
    return TRUE;
  }
  return rv__error_set (error, RV_ERROR_FILE, "cannot write %s: %s", options->log, g_strerror (errno));
}

gboolean
rv__picture_flush_log (const RvPictureOptions *options, FILE *log, GError **error)
{
  return (!log || (fflush (log) == 0 && !ferror (log))) ||
         rv__error_set (error, RV_ERROR_FILE, "cannot write %s: %s", options->log, g_strerror (errno));
}

/* @side * @target / @source, rounded half to even; at least 1 px. */
static int
scale_side (int side, gint64 target, gint64 source)
{
  return MAX ((int) lrint ((double) side * (double) target / (double) source), 1);
}

void
rv__picture_target_size (const RvPictureOptions *options, int width, int height, int *out_width, int *out_height)
{
  /* Result side for each content side: the same ratio, rounded half to even as in Python. */
  gint64 target = options->size_px ? options->size_px : MIN (MAX (width, height), DEFAULT_MAX_PX);
  gint64 source = MAX (width, height);
  if (!options->size_px && (options->height_px || options->width_px)) {
    target = options->height_px ? options->height_px : options->width_px;
    source = options->height_px ? height : width;
  }
  *out_width = options->width_px ? (int) options->width_px : scale_side (width, target, source);
  *out_height = options->height_px ? (int) options->height_px : scale_side (height, target, source);
}

void
rv_picture_size (const RvSettings *settings, int width, int height, int *out_width, int *out_height)
{
  const RvPictureOptions usual = { 0 }, *options = rv__settings_fields (settings, &rv__settings_picture, NULL);
  rv__picture_target_size (options ? options : &usual, width, height, out_width, out_height);
}

char *
rv__picture_iteration_name (const char *output, gint64 iteration)
{
  const char *dot = strrchr (output, '.');
  return g_strdup_printf ("%.*s" ITERATION_MARK "%" G_GINT64_FORMAT "%s", (int) (dot - output), output, iteration, dot);
}

/* (transfer full) (nullable): path of any picture that a run with `save-every` left for @output, which must have a
 * suffix; NULL: none. */
static char *
find_iteration_picture (const char *output)
{
  g_autofree char *folder = g_path_get_dirname (output), *base = g_path_get_basename (output);
  const char *suffix = strrchr (base, '.');
  g_autofree char *stem = g_strndup (base, (gsize) (suffix - base));
  g_autofree char *prefix = g_strconcat (stem, ITERATION_MARK, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    if (g_str_has_prefix (name, prefix) && g_str_has_suffix (name, suffix))
      return g_build_filename (folder, name, NULL);
  return NULL;
}

/* Checks that @file can be written; with make_folder creates its folder, except in a dry run. RV_ERROR_FILE. */
static gboolean
check_folder (const RvPictureOptions *options, const char *file, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (file);
  gboolean make = options->make_folder && !g_file_test (folder, G_FILE_TEST_EXISTS);
  if (make && !options->dry_run && g_mkdir_with_parents (folder, 0777) != 0)
    return rv__error_set (error, RV_ERROR_FILE, "cannot create the folder %s: %s", folder, g_strerror (errno));
  return (make && options->dry_run) || rv__atomic_file_check (file, error);
}

gboolean
rv__picture_check_target (const RvPictureOptions *options, int width, int height, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (options->output), *name = g_path_get_basename (options->output);
  gboolean missing = options->make_folder && options->dry_run && !g_file_test (folder, G_FILE_TEST_EXISTS);
  return rv_image_check_target (missing ? name : options->output, width, height, error) ||
         rv__error_set_option (error, "output");
}

/* Checks that OUT, log, plot, timeline and live are none of @inputs (NULL-terminated), and that no two are one file,
 * also by links. FALSE with RV_ERROR_FILE or, for two outputs, RV_ERROR_SETTING. */
static gboolean
check_apart (const RvPictureOptions *options, const char *const *inputs, GError **error)
{
  const char *files[] = { options->output, options->log, options->plot, options->timeline, options->live };
  for (guint k = 0; k < G_N_ELEMENTS (files); k++) {
    for (int i = 0; files[k] && inputs[i]; i++)
      if (rv__atomic_file_is_same (files[k], inputs[i]))
        return rv__error_set (error, RV_ERROR_FILE, "%s is an input; write to another file", inputs[i]);
    for (guint j = 0; files[k] && j < k; j++)
      if (files[j] && rv__atomic_file_is_same_target (files[k], files[j]))
        return rv__error_set (error, RV_ERROR_SETTING, RV_WRITTEN_TWICE, files[k]);
  }
  return TRUE;
}

gboolean
rv__picture_check_overwrite (const RvPictureOptions *options, const char *const *inputs, GError **error)
{
  if (!check_apart (options, inputs, error))
    return FALSE;
  g_autofree char *picture =
    options->save_every > 0 && options->output ? find_iteration_picture (options->output) : NULL;
  const char *targets[] = { options->output, options->log, picture, options->plot, options->timeline };
  for (guint i = 0; !options->force && !options->dry_run && i < G_N_ELEMENTS (targets); i++)
    if (targets[i] && g_file_test (targets[i], G_FILE_TEST_IS_REGULAR))
      return rv__error_with_options (error, RV_ERROR_FILE, "force", "%s exists; 'force' replaces it", targets[i]);
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    if (targets[i] && targets[i] != picture && !check_folder (options, targets[i], error))
      return FALSE;
  return TRUE;
}

gboolean
rv__picture_check_output (const RvPictureOptions *options, int width, int height, const char *const *inputs,
                          GError **error)
{
  if (!rv__picture_check_overwrite (options, inputs, error))
    return FALSE;
  if (options->plot && !g_str_has_suffix (options->plot, ".svg"))
    return rv__error_setting (error, "plot", "%s: curves are drawn as .svg", options->plot);
  g_autofree char *picture =
    options->save_every > 0 && options->output ? rv__picture_iteration_name (options->output, MAX_ITERATION) : NULL;
  return (!options->output || rv__picture_check_target (options, width, height, error)) &&
         (!picture || options->dry_run || rv__atomic_file_check (picture, error)) &&
         (!options->timeline || rv_image_check_target (options->timeline, TIMELINE_MAX_PX, TIMELINE_MAX_PX, error) ||
          rv__error_set_option (error, "timeline")) &&
         rv__picture_check_other (options, "live", options->live, width, height, inputs, error);
}

gboolean
rv__picture_save (const RvPictureOptions *options, const RvImage *image, const char *filename, gboolean replace,
                  GError **error)
{
  const RvSaveOptions save = { .recipe = options->recipe,
                               .truncate = options->truncate,
                               .quality = (int) options->quality,
                               .bits = (int) options->bits,
                               .dpi = options->dpi,
                               .no_replace = !replace };
  return rv_image_save (image, filename, &save, error);
}

gboolean
rv_file_write (const char *filename, const char *text, gboolean replace, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  return rv__atomic_file_write (filename, bytes, replace, error);
}
