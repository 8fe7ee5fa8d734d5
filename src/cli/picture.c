/* picture.c -- functions of all commands that make a picture: options, output, network. */
#include "cli/cli.h"
#include <string.h>

/* Options of the program only. */
const RvOptionRow picture_options[] = {
  { "dry-run", 0, RV_OPTION_BOOL, .help = "only estimate time and memory" },
  { "preview", 0, RV_OPTION_BOOL, .help = "show the picture in the terminal during the run" },
  { "settings", 0, RV_OPTION_TEXT, .unit = "FILE",
    .help = "options from a JSON object, such as {\"strength\": 70}; typed options override them" },
  { "kernels", 0, RV_OPTION_TEXT, .unit = "PICTURE",
    .help = "compute with the kernels that made this picture, as redo does" },
  { "quiet", 'q', RV_OPTION_BOOL, .help = "print no progress" },
  { "offline", 0, RV_OPTION_BOOL, .help = "never offer a download" },
  { NULL },
};

/* (nullable): the setting @name, which must be a text; NULL if it is empty. Borrowed, until the settings change. */
static const char *
text_of (const RvSettings *settings, const char *name)
{
  const char *text = rv_settings_get_text (settings, name, NULL);
  return *text ? text : NULL;
}

gboolean
picture_options_read (const CommandLine *line, PictureOptions *options, GError **error)
{
  *options = (PictureOptions){ .kernels = line_text (line, "kernels"),
                               .dry_run = line_is_on (line, "dry-run"),
                               .preview = line_is_on (line, "preview"),
                               .quiet = line_is_on (line, "quiet"),
                               .offline = line_is_on (line, "offline") };
  if (!(options->asked = options_settings (line->given, "picture", NULL, error)))
    return FALSE;
  options->output = text_of (options->asked, "output");
  options->network = text_of (options->asked, "network");
  options->weights = text_of (options->asked, "weights");
  options->preprocessing = text_of (options->asked, "preprocessing");
  options->labels = text_of (options->asked, "labels");
  if (options->network && !options->weights && rv_network_is_file (options->network)) {
    options->weights = options->network;
    options->network = NULL;
  }
  options->force = rv_settings_get_bool (options->asked, "force", NULL);
  return TRUE;
}

void
picture_options_clear (PictureOptions *options)
{
  g_clear_pointer (&options->asked, rv_settings_free);
  g_clear_pointer (&options->weights_file, g_free);
}

gboolean
picture_check_usage (const PictureOptions *options, GError **error)
{
  g_autoptr (GError) suffix = NULL;
  if (!options->output && !options->dry_run)
    return error_set (error, RV_ERROR_SETTING, "an output is missing: -o OUT.png");
  if (!rv_settings_check (options->asked, error))
    return FALSE;
  if (!options->output || options->is_video || rv_image_check_target (options->output, 1, 1, &suffix) ||
      !g_error_matches (suffix, RV_ERROR, RV_ERROR_SETTING)) /* other errors are checked with the files */
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&suffix));
  return FALSE;
}

void
picture_set_default_network (PictureOptions *options, const char *network)
{
  if (!options->network && !options->weights)
    options->network = network;
}

gboolean
line_save_image (const CommandLine *line, const RvImage *image, const char *filename, GError **error)
{
  return rv_image_save (image, filename, &(RvSaveOptions){ .no_replace = !line_is_on (line, "force") }, error);
}

int
print_left_out_files (const char *const *faults)
{
  int n = 0;
  for (; faults && faults[n]; n++)
    text_print (stderr, "reverie: left out: %s", faults[n]);
  return n;
}

const char *
picture_network_name (PictureOptions *options, const char *otherwise, RvNet **net, GError **error)
{
  if (!rv_settings_check (options->asked, error))
    return NULL;
  if (options->network || !options->weights)
    return options->network ? options->network : otherwise;
  *net = picture_load_net (options, error);
  return *net ? rv_net_name (*net) : NULL;
}

void
picture_print_input (const PictureOptions *options, const RvNet *net)
{
  if (options->weights)
    text_print (stdout, "%s: input %s", rv_net_name (net), rv_net_preprocessing (net));
}

RvNet *
picture_load_net (PictureOptions *options, GError **error)
{
  g_autofree char *found = NULL;
  gboolean elsewhere = !options->weights && strcmp (options->network, "builtin") != 0;
  if (elsewhere && !(found = network_find_or_download (options->network, options->offline, options->quiet, error)))
    return NULL;
  g_clear_pointer (&options->weights_file, g_free);
  return rv_network_load (options->network, found ? found : options->weights, options->preprocessing, options->labels,
                          &options->weights_file, error);
}
