/* cmd-explore-learned.c -- reverie explore learned PHOTO: a photograph in every learned style, on one sheet. */
#include "cli/style/cmd-style.h"

/* Rejects options that sheets do not have. RV_ERROR_SETTING, also without -o. */
static gboolean
check_usage (const CommandLine *line, const PictureOptions *picture, GError **error)
{
  const GPtrArray *given = line->given;
  if (!style_check_learned_usage (given, FALSE, FALSE, error))
    return FALSE;
  if (!options_last (given, "size") && !options_last (given, "width") && !options_last (given, "height") &&
      !picture->dry_run)
    return picture_check_usage (picture, error);
  return error_set (error, RV_ERROR_SETTING,
                    "a sheet cannot be combined with --size, --width, --height or --dry-run; --cell is a cell's size");
}

/* (transfer full) (nullable): the sheet's job, with settings, photograph and learned styles. RV_ERROR_SETTING, also for
 * --learned any, which has no list of styles. */
static RvJob *
job_of (const CommandLine *line, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("explore-learned", error);
  if (!job || !job_set_given (job, line->given, NULL, error) || !rv_job_add_file (job, "content", line->args[0], error))
    return NULL;
  g_autofree char *text = rv_job_get (job, "learned", NULL);
  g_autoptr (RvLearnedStyles) learned = rv_learned_styles_new (text, error);
  if (learned && rv_learned_styles_is_any (learned))
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--learned any has no list of styles; a sheet needs other styles");
  else if (learned && style_add_learned (job, learned, error))
    return g_steal_pointer (&job);
  return NULL;
}

static int
cmd_explore_learned (const CommandLine *line, GError **error)
{
  PictureOptions picture;
  gboolean ok = picture_options_read (line, &picture, error) && check_usage (line, &picture, error);
  g_autoptr (RvJob) job = ok ? job_of (line, error) : NULL;
  const JobShow show = { &picture, picture.output };
  int code = job && job_process_start (job, error) ? job_run_picture (job, &show, error) : EXIT_FAILED;
  picture_options_clear (&picture);
  return code;
}

const Command command_explore_learned = {
  .name = "explore-learned",
  .old_name = "explore-with",
  .summary = "a photograph in every learned style on one sheet; as 'reverie explore learned'",
  .usage = "PHOTO -o SHEET [OPTIONS]",
  .about = "Draws a sheet of a photograph in every learned style: 'reverie explore learned'.",
  .hidden = TRUE,
  .options = { { .kind = "explore-learned" }, { .kind = "picture" }, { picture_options }, { .kind = "style" } },
  .wrong_args = "a photograph is missing: reverie explore learned PHOTO -o SHEET",
  .min_args = 1,
  .max_args = 1,
  .run = cmd_explore_learned,
};
