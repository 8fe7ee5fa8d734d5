/* options.c -- options and command line of reverie dream. */
#include "cmd-dream.h"
#include <string.h>

const RvOptionRow dream_own_options[] = {
  { "mask", 0, RV_OPTION_TEXT, .unit = "PICTURE",
    .help = "dream where it is white, not where it is black; video: a picture or a video" },
  { "word-mask", 0, RV_OPTION_TEXT, .unit = "PICTURE",
    .help = "a picture that --toward names without its folder; once for each" },
  { "guide", 0, RV_OPTION_TEXT, .unit = "PICTURE", .help = "grow toward what the network sees in this picture" },
  { "style", 0, RV_OPTION_TEXT, .unit = "PICTURE", .help = "also pull toward the style of this painting" },
  { "what", 0, RV_OPTION_BOOL, .help = "only print the classes that the network recognises in the picture" },
  { "list-words", 0, RV_OPTION_BOOL, .help = "show the words of the network, for --toward" },
  { "list-layers", 0, RV_OPTION_BOOL, .help = "show the network's layers" },
  { "list-looks", 0, RV_OPTION_BOOL, .help = "show the looks and presets" },
  { NULL },
};

void
dream_clear (DreamRun *run)
{
  picture_options_clear (&run->picture);
  rv_settings_free (run->video);
  rv_settings_free (run->settings);
  rv_settings_free (run->more);
  rv_settings_free (run->state_settings);
  rv_net_unref (run->net);
  g_clear_pointer (&run->kernels, rv_kernel_table_unref);
}

/* ---- command line ------------------------------------------------------------------------------------------------ */

/* (nullable) (static): error message for the first fault of the command line that no job detects; NULL: there is none.
 * Such faults are a missing picture, wrong uses of --what and --from, and for pictures also of --preview, frame numbers
 * in OUT, and --atlas with --dry-run. Videos have further checks in run_video(). */
static const char *
usage_fault (const DreamRun *run)
{
  gint64 count = rv_settings_get_int (run->more, "count", NULL);
  gboolean noise = strcmp (rv_settings_get_text (run->settings, "init", NULL), "noise") == 0;
  gboolean atlas = *rv_settings_get_text (run->more, "atlas", NULL) != '\0';
  gboolean drawn = noise || atlas || rv_settings_get_bool (run->more, "test-pattern", NULL);
  int n_files = run->line->n_args;
  gboolean numbered = rv_frame_is_pattern (run->picture.output), frames = n_files > 1 || count > 0,
           what = line_is_on (run->line, "what");
  if (!drawn && n_files == 0)
    return "a picture is missing: reverie dream PICTURE -o OUT";
  if (what && n_files != 1)
    return "--what needs one picture: reverie dream PICTURE --what";
  if (what && (drawn || count > 0))
    return "--what cannot be combined with --init noise, --atlas, --test-pattern or --count: it needs a "
           "picture";
  if (options_last (run->line->given, "from") && !run->is_video)
    return "--from works only with videos, and this makes a picture";
  if (run->is_video)
    return NULL; /* checked in run_video() */
  if (frames && n_files > 0 && run->picture.output && !numbered)
    return "several frames need numbered files: -o 'OUT_%04d.png'";
  if ((frames || numbered || atlas || rv_settings_get_int (run->more, "diversity", NULL) > 1) && run->picture.preview)
    return "--preview works only with one picture, not with frames, --diversity or --atlas";
  if (atlas && run->picture.dry_run)
    return "--atlas cannot be combined with --dry-run";
  return NULL;
}

/* Sets run->settings, more, video, state_settings. The default preset of an atlas, and of a dream from noise or of a
 * neuron, is another one. RV_ERROR_SETTING. */
static gboolean
read_settings (DreamRun *run, const GPtrArray *given, gboolean has_picture, GError **error)
{
  gboolean noise =
    g_strcmp0 (options_last (given, "init"), "noise") == 0 || (!has_picture && options_last (given, "neuron"));
  const char *preset = options_last (given, "atlas") ? "atlas" : noise ? "feature" : NULL;
  return (run->settings = options_settings (given, "dream", preset, error)) &&
         (run->more = options_settings (given, "dreams", NULL, error)) &&
         (run->video = options_settings (given, "dream-video", NULL, error)) &&
         (run->state_settings = options_settings (given, "state", NULL, error));
}

gboolean
dream_read_command_line (DreamRun *run, GError **error)
{
  const CommandLine *line = run->line;
  if (!read_settings (run, line->given, line->n_args > 0, error))
    return FALSE;
  run->is_video = line->n_args > 0 && rv_settings_get_int (run->more, "count", NULL) == 0 &&
                  video_is_requested (run->picture.output, line->args[0]);
  run->picture.is_video = run->is_video;
  const char *fault = usage_fault (run);
  if (fault)
    return error_set (error, RV_ERROR_SETTING, "%s", fault);
  if (!run->is_video && !video_options_check (line->given, NULL, error))
    return FALSE;
  picture_set_default_network (&run->picture, "builtin");
  return line_is_on (line, "what") || picture_check_usage (&run->picture, error);
}
