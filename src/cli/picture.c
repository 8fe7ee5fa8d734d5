/* picture.c -- what the commands that make a picture share: size, output, network, saving. */
#include "cli/cli.h"
#include "cli/preview.h"
#include <math.h>
#include <string.h>

#define FIELD(f) offsetof (PictureOptions, f)

/* What the program alone wants to know. */
const OwnOption picture_options[] = {
  { "dry-run", 0, RV_OPTION_BOOL, FIELD (dry_run), .help = "only say what the run would take" },
  { "preview", 0, RV_OPTION_BOOL, FIELD (preview), .help = "show the picture in the terminal as it comes" },
  { "settings", 0, RV_OPTION_TEXT, FIELD (settings), .unit = "FILE",
    .help = "options from a JSON object, such as {\"strength\": 70}; typed ones win" },
  { "kernels", 0, RV_OPTION_TEXT, FIELD (kernels), .unit = "PICTURE",
    .help = "compute with the kernels that made this picture, as redo does" },
  { "quiet", 'q', RV_OPTION_BOOL, FIELD (quiet), .help = "no progress" },
  { "offline", 0, RV_OPTION_BOOL, FIELD (offline), .help = "do not offer to download what is not here" },
  { NULL },
};

/* (transfer full) (nullable): NULL where it is empty. */
static char *
text_of (const RvSettings *settings, const char *name)
{
  const char *text = rv_settings_get_text (settings, name, NULL);
  return *text ? g_strdup (text) : NULL;
}

gboolean
picture_options_read (const GPtrArray *given, PictureOptions *options, GError **error)
{
  *options = (PictureOptions){ 0 };
  own_defaults (picture_options, options);
  g_autoptr (RvSettings) asked =
    own_apply (given, picture_options, options, error) ? options_settings (given, "picture", NULL, error) : NULL;
  if (!asked)
    return FALSE;
  options->output = text_of (asked, "output");
  options->network = text_of (asked, "network");
  options->weights = text_of (asked, "weights");
  options->log = text_of (asked, "log");
  options->live = text_of (asked, "live");
  options->timeline = text_of (asked, "timeline");
  options->plot = text_of (asked, "plot");
  options->size_px = rv_settings_get_int (asked, "size", NULL);
  options->height_px = rv_settings_get_int (asked, "height", NULL);
  options->width_px = rv_settings_get_int (asked, "width", NULL);
  options->save_every = rv_settings_get_int (asked, "save-every", NULL);
  options->quality = rv_settings_get_int (asked, "quality", NULL);
  options->bits = rv_settings_get_int (asked, "bits", NULL);
  options->dpi = rv_settings_get_real (asked, "dpi", NULL);
  options->keep_recipe = rv_settings_get_bool (asked, "recipe", NULL);
  options->force = rv_settings_get_bool (asked, "force", NULL);
  return TRUE;
}

void
picture_options_clear (PictureOptions *options)
{
  own_clear (picture_options, options);
  char *texts[] = { options->output,   options->network, options->weights,      options->log,   options->live,
                    options->timeline, options->plot,    options->weights_file, options->recipe };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  *options = (PictureOptions){ 0 };
}

gboolean
picture_check_usage (const PictureOptions *options, GError **error)
{
  if (options->output || options->dry_run)
    return rv__picture_settings_check (&options->made, error);
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "where to? name the picture to write with -o OUT.png");
  return FALSE;
}

void
say_made_folder (const char *folder)
{
  g_autofree char *shown = text_plain (folder, FALSE);
  fprintf (stderr, "reverie: made the folder %s\n", shown);
}

gboolean
picture_check_output (const PictureOptions *options, int width, int height, const char *const *inputs, GError **error)
{
  g_autofree char *folder = options->output ? g_path_get_dirname (options->output) : NULL;
  gboolean missing = folder && !g_file_test (folder, G_FILE_TEST_EXISTS);
  if (options->output && options->preview && !options->dry_run && !preview_check (error))
    return FALSE;
  gboolean ok = rv__picture_check_output (&options->made, width, height, inputs, error);
  if (missing && !options->quiet && g_file_test (folder, G_FILE_TEST_EXISTS))
    say_made_folder (folder);
  return ok;
}

int
picture_save_result (const PictureOptions *options, const RvImage *result, GError *error)
{
  GError *save_error = NULL;
  if (result && !picture_save (options, result, options->output, &save_error)) {
    g_clear_error (&error);
    return run_error (save_error);
  }
  if (error && result) { /* one line that says both what went wrong and what there is */
    g_autofree char *alone = error->message;
    error->message = g_strdup_printf ("%s (the last good picture is in %s)", alone, options->output);
  }
  return error ? run_error (error) : EXIT_DONE;
}

int
picture_say_done (const PictureOptions *options, const RvImage *result, gint64 began_us, gboolean stopped)
{
  g_autofree char *time = rv_text_seconds ((double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC);
  g_autofree char *output = text_plain (options->output, FALSE); /* {content} may be a stranger's name */
  if (!options->quiet)
    printf ("%s: %d x %d px in %s%s\n", output, result->width, result->height, time, stopped ? " (interrupted)" : "");
  return stopped ? EXIT_INTERRUPTED : EXIT_DONE;
}

char *
picture_tiles_text (int n_tiles, double work, gboolean compact)
{
  if (n_tiles > 1)
    return g_strdup_printf (" in %d tiles (%.1f times the work%s)", n_tiles, work,
                            compact ? ", content in 16 bits" : "");
  return work > 1 ? g_strdup_printf (" (%.2f times the work, to save memory)", work) : g_strdup ("");
}

RvNet *
picture_load_net (PictureOptions *options, GError **error)
{
  g_autofree char *found = NULL;
  gboolean elsewhere = !options->weights && strcmp (options->network, "builtin") != 0;
  if (elsewhere && !(found = model_find_or_ask (options->network, options->offline, options->quiet, error)))
    return NULL;
  g_clear_pointer (&options->weights_file, g_free);
  return rv_network_load (options->network, found ? found : options->weights, &options->weights_file, error);
}

RvImage *
picture_load_within (const char *file, double longest_px, GError **error)
{
  RvImageInfo info;
  if (!rv_image_probe (file, &info, error))
    return NULL;
  double scale = MIN (longest_px / MAX (info.width, info.height), 1);
  return rv_image_load (file, MAX ((int) lrint (info.width * scale), 1), MAX ((int) lrint (info.height * scale), 1),
                        error);
}
