/* cmd-explore.c -- reverie explore style|dream: which settings suit a picture, seen side by side.
 *
 * explore style ... stands for explore-style ..., whose options are its own and those of style; with --pick it stands
 * for style ... with the settings of that cell. */
#include "explore.h"
#include "cli/job-run.h"
#include <string.h>

static const OwnOption own_options[] = {
  { "pick", 0, RV_OPTION_TEXT, 0, .unit = "CELL",
    .help = "make that cell's picture, such as 3c, at its full size instead of the sheet" },
  { NULL },
};

/* ---- as another command line ------------------------------------------------------------------------------------- */

/* Takes "--NAME VALUE" or "--NAME=VALUE" out of @line: (transfer full) (nullable): the last value. */
static char *
take (GPtrArray *line, const char *name)
{
  char *value = NULL;
  gsize length = strlen (name);
  for (guint i = 0; i < line->len;) {
    char *word = line->pdata[i];
    gboolean is_name = g_str_has_prefix (word, "--") && strncmp (word + 2, name, length) == 0;
    gboolean joined = is_name && word[2 + length] == '=', apart = is_name && !word[2 + length] && i + 1 < line->len;
    if (!joined && !apart) {
      i++;
      continue;
    }
    g_free (value);
    value = g_strdup (joined ? word + length + 3 : line->pdata[i + 1]);
    g_ptr_array_remove_range (line, i, apart ? 2 : 1);
  }
  return value;
}

/* "--NAME=VALUE": what the cell has of the axis that @sheet calls @axis. */
static void
add_axis (GPtrArray *line, RvJob *sheet, RvJob *cell, const char *axis)
{
  g_autofree char *text = rv_job_get (sheet, axis, NULL), *name = g_strndup (text, strcspn (text, "="));
  g_autofree char *value = rv_job_get (cell, name, NULL);
  g_ptr_array_add (line, g_strdup_printf ("--%s=%s", name, value));
}

/* The cell's settings follow the rest of the line, and so win. */
static gboolean
add_cell (GPtrArray *line, const ExploreKind *kind, const char *pick, GError **error)
{
  g_autofree char *across = take (line, "across"), *down = take (line, "down"), *cell_px = take (line, "cell");
  g_autoptr (RvJob) sheet = rv_job_new (kind->job, error), cell = NULL;
  if (!sheet || !job_set_if (sheet, "across", across, error) || !job_set_if (sheet, "down", down, error) ||
      !(cell = rv_job_pick (sheet, pick, error)))
    return FALSE;
  if (kind->own) {
    g_autofree char *value = rv_job_get (cell, kind->own, NULL);
    g_ptr_array_insert (line, 0, g_strdup_printf ("--%s=%s", kind->own, value));
  }
  g_ptr_array_insert (line, 0, g_strconcat ("--preset=", kind->preset, NULL));
  add_axis (line, sheet, cell, "across");
  add_axis (line, sheet, cell, "down");
  return TRUE;
}

static char **
explore_arguments (int argc, char **argv, GError **error)
{
  static const ExploreKind *const kinds[] = { &explore_style, &explore_dream };
  const ExploreKind *kind = NULL;
  gboolean with = argc > 0 && strcmp (argv[0], "with") == 0; /* no axes */
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (argc > 0 && strcmp (argv[0], kinds[i]->command) == 0)
      kind = kinds[i];
  if (!kind && !with) {
    g_set_error (
      error, RV_ERROR, RV_ERROR_SETTING,
      "explore what? reverie explore style CONTENT STYLE... -o SHEET, reverie explore dream PICTURE -o SHEET "
      "or reverie explore with PHOTO -o SHEET");
    return NULL;
  }
  g_autoptr (GPtrArray) line = g_ptr_array_new_with_free_func (g_free);
  for (int i = 1; i < argc; i++)
    g_ptr_array_add (line, g_strdup (argv[i]));
  g_autofree char *pick = kind ? take (line, "pick") : NULL;
  if (pick && !add_cell (line, kind, pick, error))
    return NULL;
  g_ptr_array_insert (line, 0, pick ? g_strdup (kind->command) : g_strconcat ("explore-", argv[0], NULL));
  g_ptr_array_add (line, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&line), FALSE);
}

/* ---- the sheet --------------------------------------------------------------------------------------------------- */

static gboolean
check_usage (const ExploreKind *kind, int n_args, PictureOptions *picture, GError **error)
{
  if (n_args < (int) g_strv_length ((char **) kind->roles)) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "which pictures? reverie explore %s -o SHEET", kind->usage);
    return FALSE;
  }
  picture_imply (picture, "builtin");
  return picture_check_usage (picture, error);
}

/* (transfer full) (nullable): all that the command line asks for. */
static RvJob *
job_of (const ExploreKind *kind, int n_args, char **args, const GPtrArray *given, GError **error)
{
  const char *const kinds[] = { kind->command, kind->job, "picture", NULL };
  const char *const *role = kind->roles;
  g_autoptr (RvJob) job = rv_job_new (kind->job, error);
  if (!job || !job_set_given (job, given, kinds, error))
    return NULL;
  for (int i = 0; i < n_args; i++) {
    if (!rv_job_add_file (job, *role, args[i], error))
      return NULL;
    role += role[1] != NULL;
  }
  job_listen (job);
  return g_steal_pointer (&job);
}

static char *
describe (const RvJobReport *report, gpointer unused)
{
  return g_strdup (report->label);
}

static int
run_sheet (const ExploreKind *kind, RvJob *job, PictureOptions *picture, GError **error)
{
  RvJobPlan plan;
  g_autoptr (RvKernelTable) kernels = kernel_file_load (picture, error);
  g_autoptr (RvNet) net = NULL;
  if (!kernels || !job_check (job, picture, picture->output, error) || !(net = picture_load_net (picture, error)))
    return EXIT_FAILED;
  rv_job_set_net (job, net, picture->weights_file);
  rv_job_set_kernels (job, kernels);
  interrupt_watch ();
  const JobShow show = { picture, picture->output, kernels, describe, NULL };
  return picture->dry_run ? job_print_plan (job, "", kind->stage, &plan, error) : job_run (job, &show, error);
}

int
explore_run (const ExploreKind *kind, int n_args, char **args, const GPtrArray *given, GError **error)
{
  PictureOptions picture;
  g_autoptr (RvJob) job = NULL;
  gboolean ok = picture_options_read (given, &picture, error) && check_usage (kind, n_args, &picture, error) &&
                (job = job_of (kind, n_args, args, given, error)) && rv_process_start (0, error);
  int code = ok ? run_sheet (kind, job, &picture, error) : EXIT_FAILED;
  picture_options_clear (&picture);
  return code;
}

static const OptionTable tables[] = { { .kind = "explore-style" }, { own_options }, { NULL } };

static const char *const examples[] = {
  "reverie explore style photo.jpg painting.jpg -o sheet.png",
  "the photograph painted at five strengths and five sizes of stroke",
  "reverie explore style photo.jpg painting.jpg --pick 3c --size 2048 -o picture.png",
  "the picture in row 3, column c of that sheet, large",
  "reverie explore style photo.jpg painting.jpg --across tv-weight=0,1,10 --down iterations=20,60 -o sheet.png",
  "two settings of your own",
  "reverie explore dream photo.jpg -o sheet.png",
  "dreams of four looks, of small motifs and large ones",
  "reverie explore with photo.jpg -o sheet.png",
  "the photograph in every style that is built in, in a moment",
  NULL,
};

const Command command_explore = {
  .name = "explore",
  .summary = "try settings side by side on one sheet",
  .usage = "style CONTENT STYLE... | dream PICTURE | with PHOTO -o SHEET [OPTIONS]",
  .about =
    "Draws a sheet of small pictures over two settings. Columns are lettered and rows numbered: --pick 3c makes "
    "the picture in row 3, column c at its full size. 'with' has no settings but learnt styles, all that are built in "
    "or those of --with. OPTIONS are those below and those of 'reverie style' or "
    "'reverie dream'.",
  .examples = examples,
  .options = tables,
  .rewrite = explore_arguments,
};
