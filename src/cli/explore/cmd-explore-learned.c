/* cmd-explore-learned.c -- reverie explore learned PHOTO: a photograph in every learned style, on one sheet. */
#include "cli/style/cmd-style.h"

typedef struct {
  PictureOptions picture;
  RvSettings *settings, *own; /* kinds "style" and "explore-learned" */
  const char *photo;
  RvLearnedStyles *learned;
} LearnedSheet;

/* Returns FALSE with RV_ERROR_SETTING for --learned any, which has no list of styles. */
static gboolean
has_styles (const RvLearnedStyles *learned, GError **error)
{
  if (rv_learned_styles_is_any (learned))
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--learned any has no list of styles; a sheet needs other styles");
  return !rv_learned_styles_is_any (learned);
}

/* ---- command line ------------------------------------------------------------------------------------------------ */

/* Reads all options into @sheet, except sheet->photo, which the caller has set; the caller clears @sheet, even after an
 * error. RV_ERROR_SETTING: a wrong value, no -o, an option that sheets lack, or --learned any. */
static gboolean
read_command_line (LearnedSheet *sheet, const GPtrArray *given, GError **error)
{
  const PictureOptions *p = &sheet->picture;
  if (!picture_options_read (given, &sheet->picture, error) ||
      !(sheet->own = options_settings (given, "explore-learned", NULL, error)) ||
      !style_check_learned_usage (given, FALSE, FALSE, error))
    return FALSE;
  if (options_last (given, "size") || options_last (given, "width") || options_last (given, "height") || p->dry_run)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                 "a sheet cannot be combined with --size, --width, --height or --dry-run; --cell is a cell's size");
  else
    return picture_check_usage (p, error) && (sheet->settings = options_settings (given, "style", NULL, error)) &&
           (sheet->learned = rv_learned_styles_new (rv_settings_get_text (sheet->own, "learned", NULL), error)) &&
           has_styles (sheet->learned, error);
  return FALSE;
}

/* ---- sheet ------------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the sheet's job, with settings, photograph and learned styles. RV_ERROR_SETTING. */
static RvJob *
job_of (const LearnedSheet *sheet, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("explore-learned", error);
  const RvSettings *const settings[] = { sheet->settings, sheet->own, sheet->picture.asked };
  for (guint i = 0; job && i < G_N_ELEMENTS (settings); i++)
    if (!rv_job_set_settings (job, settings[i], error))
      return NULL;
  return job && rv_job_add_file (job, "content", sheet->photo, error) && style_add_learned (job, sheet->learned, error)
           ? g_steal_pointer (&job)
           : NULL;
}

static int
make (LearnedSheet *sheet, GError **error)
{
  const JobShow show = { &sheet->picture, sheet->picture.output };
  g_autoptr (RvJob) job = job_of (sheet, error);
  return job ? job_run_picture (job, &show, error) : EXIT_FAILED;
}

/* ---- command ----------------------------------------------------------------------------------------------------- */

static int
cmd_explore_learned (const CommandLine *line, GError **error)
{
  LearnedSheet sheet = { .photo = line->args[0] };
  gboolean ok =
    read_command_line (&sheet, line->given, error) && rv_process_start (options_threads (sheet.settings), error);
  int code = ok ? make (&sheet, error) : EXIT_FAILED;
  picture_options_clear (&sheet.picture);
  rv_settings_free (sheet.own);
  rv_settings_free (sheet.settings);
  rv_learned_styles_free (sheet.learned);
  return code;
}

const Command command_explore_learned = {
  .name = "explore-learned",
  .old_name = "explore-with",
  .summary = "a photograph in every learned style on one sheet; as 'reverie explore learned'",
  .usage = "PHOTO -o SHEET [OPTIONS]",
  .about = "Draws a sheet of a photograph in every learned style: all built-in ones, or those of --learned.",
  .hidden = TRUE,
  .options = { { .kind = "explore-learned" }, { .kind = "picture" }, { picture_options }, { .kind = "style" } },
  .wrong_args = "one photograph is needed: reverie explore learned PHOTO -o SHEET",
  .min_args = 1,
  .max_args = 1,
  .run = cmd_explore_learned,
};
