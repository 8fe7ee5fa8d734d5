/* cmd-explore.c -- reverie explore style|dream|learned: a sheet of small pictures over two settings, or in every
 * learned style. */
#include "cli/style/cmd-style.h"
#include <string.h>

extern const Command command_style, command_dream;

#define PICK_HELP                                                                                                      \
  "Columns are lettered and rows numbered: --pick 3c makes the picture in row 3, column c at its full size."

/* A command whose settings `reverie explore` compares. */
typedef struct {
  const char *command, *job; /* "dream"; kind of the sheet's job and settings, and name of the command */
  const char *usage;         /* "dream PICTURE" */
  const char *roles[3];      /* of the inputs in order, NULL-terminated; the last one is for all further inputs */
  const char *stage;         /* name of a stage, such as "octave" */
  const Command *picture;    /* makes the picture of a cell */
  const char *preset, *own;  /* default preset of cells; a setting whose default differs in sheets, or NULL */
} ExploreKind;

static const ExploreKind kinds[] = {
  { "style", "explore-style", "style CONTENT STYLE...", { "content", "style" }, "scale", &command_style, "gallery" },
  { "dream", "explore-dream", "dream PICTURE", { "picture" }, "octave", &command_dream, "vivid", "smallest" },
};

static const RvOptionRow own_options[] = {
  { "pick", 0, RV_OPTION_TEXT, .unit = "CELL",
    .help = "make that cell's picture, such as 3c, at its full size instead of the sheet" },
  { NULL },
};

/* ---- job --------------------------------------------------------------------------------------------------------- */

/* Sets kind->own of @job, a whole number, to @usual again, its default in sheets, if a typed preset raised it. */
static gboolean
lower_own (const ExploreKind *kind, RvJob *job, const char *usual, const GPtrArray *given, GError **error)
{
  g_autofree char *now = rv_job_get (job, kind->own, NULL);
  gboolean is_raised =
    !options_last (given, kind->own) && g_ascii_strtoll (usual, NULL, 10) < g_ascii_strtoll (now, NULL, 10);
  return !is_raised || rv_job_set (job, kind->own, usual, error);
}

/* (transfer full) (nullable): the sheet's job with the given options, and the files @args as inputs of kind->roles in
 * order. The last role is for all further files. @only: as in job_set_given(). Files are not read yet. Ctrl-C will stop
 * its run. NULL with RV_ERROR_SETTING: a wrong value, or a second file for a role that takes one. */
static RvJob *
job_of (const ExploreKind *kind, int n_args, char **args, const char *only, const GPtrArray *given, GError **error)
{
  const char *const *role = kind->roles;
  g_autoptr (RvJob) job = rv_job_new (kind->job, error);
  g_autofree char *usual = job && kind->own ? rv_job_get (job, kind->own, NULL) : NULL;
  if (!job || !job_set_given (job, given, only, error) || (usual && !lower_own (kind, job, usual, given, error)))
    return NULL;
  for (int i = 0; i < n_args; i++) {
    if (!rv_job_add_file (job, *role, args[i], error))
      return NULL;
    role += role[1] != NULL;
  }
  return g_steal_pointer (&job);
}

/* ---- --pick ------------------------------------------------------------------------------------------------------ */

/* Appends to @line the setting of @axis, "across" or "down", of @sheet, with its value in @cell. */
static void
add_axis (GPtrArray *line, const OptionTable *tables, RvJob *sheet, RvJob *cell, const char *axis)
{
  g_autofree char *text = rv_job_get (sheet, axis, NULL), *name = g_strndup (text, strcspn (text, "="));
  g_autofree char *value = rv_job_get (cell, name, NULL);
  options_add (line, tables, name, value);
}

/* Makes the picture of cell @pick, such as "3c", by running the command kind->picture on @args. Its options are
 * kind->preset, kind->own, @given and the cell's settings: later ones override. Skips options that this command lacks.
 * Returns the exit code of command_run(), with its errors. EXIT_FAILED with RV_ERROR_SETTING before it runs: no such
 * cell, wrong --across or --down. */
static int
run_cell (const ExploreKind *kind, const char *pick, int n_args, char **args, const GPtrArray *given, GError **error)
{
  const OptionTable *tables = kind->picture->options;
  g_autoptr (GPtrArray) line = options_new ();
  g_autoptr (RvJob) sheet = job_of (kind, 0, NULL, kind->job, given, error),
                    cell = sheet ? rv_job_pick (sheet, pick, error) : NULL;
  if (!cell)
    return EXIT_FAILED;
  options_add (line, tables, "preset", kind->preset);
  if (kind->own) {
    g_autofree char *value = rv_job_get (cell, kind->own, NULL);
    options_add (line, tables, kind->own, value);
  }
  for (guint i = 0; i < given->len; i++) {
    const ParsedOption *one = given->pdata[i];
    options_add (line, tables, rv_option_name (one->option), one->value);
  }
  add_axis (line, tables, sheet, cell, "across");
  add_axis (line, tables, sheet, cell, "down");
  return command_run (kind->picture, n_args, args, line, error);
}

/* ---- sheet ------------------------------------------------------------------------------------------------------- */

/* Rejects options of a single picture, which sheets do not have. Only without --pick. RV_ERROR_SETTING. */
static gboolean
check_options (const ExploreKind *kind, const GPtrArray *given, GError **error)
{
  const OptionTable tables[] = {
    { .kind = kind->job }, { .kind = "picture" }, { picture_options }, { .kind = kind->command }, { NULL }
  };
  for (guint i = 0; i < given->len; i++) {
    const char *name = rv_option_name (((const ParsedOption *) given->pdata[i])->option);
    if (!options_find (tables, name))
      return error_set (error, RV_ERROR_SETTING, "--%s applies to one picture: it needs --pick", name);
  }
  return TRUE;
}

/* (transfer full): JobShow.describe: the label of the cell. */
static char *
describe (const RvJobReport *report, gpointer unused)
{
  return g_strdup (report->label);
}

/* Command.run of explore-style and explore-dream: makes a sheet, or with --pick one cell at full size. Returns the exit
 * code; EXIT_FAILED has @error, RV_ERROR_SETTING for the command line. */
static int
explore (const CommandLine *line, GError **error)
{
  const ExploreKind *kind = kinds;
  while (strcmp (kind->job, line->command->name) != 0) /* each command that runs this function has a row */
    kind++;
  PictureOptions picture;
  RvJobPlan plan;
  const GPtrArray *given = line->given;
  const char *pick = options_last (given, "pick");
  if (pick)
    return run_cell (kind, pick, line->n_args, line->args, given, error);
  if (!check_options (kind, given, error))
    return EXIT_FAILED;
  gboolean ok = picture_options_read (line, &picture, error);
  if (ok && line->n_args < (int) g_strv_length ((char **) kind->roles))
    ok = error_set (error, RV_ERROR_SETTING, "pictures are missing: reverie explore %s -o SHEET", kind->usage);
  picture_set_default_network (&picture, "builtin");
  ok = ok && picture_check_usage (&picture, error);
  g_autoptr (RvJob) job = ok ? job_of (kind, line->n_args, line->args, NULL, given, error) : NULL;
  g_autoptr (RvKernelTable) kernels = job && job_process_start (job, error) ? kernels_load (&picture, error) : NULL;
  g_autoptr (RvNet) net =
    kernels && job_check (job, &picture, picture.output, error) ? picture_load_net (&picture, error) : NULL;
  int code = EXIT_FAILED;
  if (net) {
    rv_job_set_net (job, net, picture.weights_file);
    rv_job_set_kernels (job, kernels);
    const JobShow show = { &picture, picture.output, kernels, describe, NULL };
    code = picture.dry_run ? job_print_plan (job, "", kind->stage, &plan, error) : job_run_picture (job, &show, error);
  }
  picture_options_clear (&picture);
  return code;
}

/* ---- learned styles ---------------------------------------------------------------------------------------------- */

/* Rejects options that sheets do not have. RV_ERROR_SETTING, also without -o. */
static gboolean
check_learned_usage (const CommandLine *line, const PictureOptions *picture, GError **error)
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

/* (transfer full) (nullable): the sheet's job, with settings, photograph (line->args[0]) and learned styles. Loads
 * neither photograph nor networks. Ctrl-C stops its run. NULL: RV_ERROR_SETTING for --learned any, which has no
 * list of styles. */
static RvJob *
learned_job_of (const CommandLine *line, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("explore-learned", error);
  if (!job || !job_set_given (job, line->given, NULL, error) || !rv_job_add_file (job, "content", line->args[0], error))
    return NULL;
  g_autofree char *text = rv_job_get (job, "learned", NULL);
  g_autoptr (RvLearnedStyles) learned = rv_learned_styles_new (text, error);
  if (learned && rv_learned_styles_is_any (learned))
    error_set (error, RV_ERROR_SETTING, "--learned any has no list of styles; a sheet needs other styles");
  else if (learned && style_add_learned (job, learned, error))
    return g_steal_pointer (&job);
  return NULL;
}

/* Command.run of explore-learned: makes a sheet. Returns the exit code of job_run_picture(); EXIT_FAILED has @error,
 * RV_ERROR_SETTING for the command line. */
static int
explore_learned (const CommandLine *line, GError **error)
{
  PictureOptions picture;
  gboolean ok = picture_options_read (line, &picture, error) && check_learned_usage (line, &picture, error);
  g_autoptr (RvJob) job = ok ? learned_job_of (line, error) : NULL;
  const JobShow show = { &picture, picture.output };
  int code = job && job_process_start (job, error) ? job_run_picture (job, &show, error) : EXIT_FAILED;
  picture_options_clear (&picture);
  return code;
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

static const char *const examples[] = {
  "reverie explore style photo.jpg painting.jpg -o sheet.png",
  "the photograph painted at five strengths and five sizes of stroke",
  "reverie explore style photo.jpg painting.jpg --pick 3c --size 2048 -o picture.png",
  "the picture in row 3, column c of that sheet, large",
  "reverie explore style photo.jpg painting.jpg --across tv-weight=0,1,10 --down iterations=20,60 -o sheet.png",
  "two settings of your own",
  "reverie explore dream photo.jpg -o sheet.png",
  "dreams of several looks, of small motifs and large ones",
  "reverie explore learned photo.jpg -o sheet.png",
  "the photograph in every style that is built in, in a moment",
  NULL,
};

const Command command_explore = {
  .name = "explore",
  .summary = "try settings side by side on one sheet",
  .usage = "(style CONTENT STYLE... | dream PICTURE | learned PHOTO) -o SHEET [OPTIONS]",
  .about = "Draws a sheet of small pictures over two settings. " PICK_HELP
           " 'learned' shows learned styles: all built-in ones, or those of --learned. The options below are those of "
           "'explore style'; 'reverie explore dream --help' and 'reverie explore learned --help' show the others.",
  .examples = examples,
  .options = { { .kind = "explore-style" }, { own_options } },
};

const Command command_explore_style = {
  .name = "explore-style",
  .summary = "try settings of style transfer side by side; as 'reverie explore style'",
  .usage = "CONTENT STYLE... -o SHEET [OPTIONS]",
  .about = "Draws a sheet of small paintings over two settings. " PICK_HELP,
  .hidden = TRUE,
  /* The last three tables apply only with --pick. */
  .options = { { .kind = "explore-style" },
               { own_options },
               { .kind = "picture" },
               { picture_options },
               { .kind = "style" },
               { style_own_options },
               { .kind = "state" },
               { .kind = "style-video" } },
  .run = explore,
};

const Command command_explore_dream = {
  .name = "explore-dream",
  .summary = "try settings of dreams side by side; as 'reverie explore dream'",
  .usage = "PICTURE -o SHEET [OPTIONS]",
  .about = "Draws a sheet of small dreams over two settings. " PICK_HELP,
  .hidden = TRUE,
  /* The last four tables apply only with --pick. */
  .options = { { .kind = "explore-dream" },
               { own_options },
               { .kind = "picture" },
               { picture_options },
               { .kind = "dream" },
               { .kind = "dreams" },
               { dream_own_options },
               { .kind = "state" },
               { .kind = "dream-video", .first = "from" } },
  .run = explore,
};

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
  .run = explore_learned,
};
