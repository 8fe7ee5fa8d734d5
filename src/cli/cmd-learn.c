/* cmd-learn.c -- reverie learn PAINTING... -o FILE --photos FOLDER: trains a style network on paintings. */
#include "cli/job-run.h"
#include <math.h>

#define LIVE_QUALITY "92"
#define SMOOTH 0.95 /* decay of the moving average of the shown loss */

static const RvOptionRow own_options[] = {
  { "output", 'o', RV_OPTION_TEXT, .unit = "FILE", .help = "the style network to write: .safetensors" },
  { "photos", 0, RV_OPTION_TEXT, .unit = "FOLDER",
    .help = "training photographs: some hundreds, of subjects that you will paint later" },
  { "from", 0, RV_OPTION_TEXT, .unit = "FILE",
    .help =
      "style network whose convolutions are reused: only the new style is learned, in minutes [the built-in one]" },
  { "list", 0, RV_OPTION_BOOL, .help = "only print the styles of --from, a line each" },
  { "export", 0, RV_OPTION_TEXT, .unit = "PAGE.html",
    .help = "only write one page that paints photographs in any browser, offline: with the built-in style network, or "
            "--from's" },
  { "network", 0, RV_OPTION_CHOICE, "builtin", .unit = "NAME", .help = "network that compares pictures",
    .choices = rv_net_names },
  { "weights", 0, RV_OPTION_TEXT, .unit = "FILE",
    .help = "weights of that network; without --network, the file decides which network it is" },
  { "dry-run", 0, RV_OPTION_BOOL, .help = "only estimate memory and time" },
  { "resume", 0, RV_OPTION_BOOL,
    .help = "continue a stopped run from its checkpoint, FILE.state.safetensors; begin if there is none" },
  { "state-every", 0, RV_OPTION_REAL, "30", 0, 1e6, .unit = "SECONDS",
    .help = "write the checkpoint this often; 0: only at Ctrl-C" },
  { "preview", 0, RV_OPTION_BOOL, .help = "show painted photographs in the terminal from time to time" },
  { "live", 0, RV_OPTION_TEXT, .unit = "FILE", .help = "write the same picture to FILE, for a viewer that reloads it" },
  { "plot", 0, RV_OPTION_TEXT, .unit = "FILE.svg", .help = "draw the losses as curves" },
  { "log", 0, RV_OPTION_TEXT, .unit = "FILE", .help = "one JSON object a line for each step" },
  { "settings", 0, RV_OPTION_TEXT, .unit = "FILE",
    .help = "options from a JSON object, such as {\"batch\": 2}; typed options override them" },
  { "force", 'f', RV_OPTION_BOOL, .help = "replace FILE if it exists" },
  { "quiet", 'q', RV_OPTION_BOOL, .help = "print no progress" },
  { "offline", 0, RV_OPTION_BOOL, .help = "never offer a download" },
  { NULL },
};

/* ---- job --------------------------------------------------------------------------------------------------------- */

/* Checks that paintings, --photos and (not for --dry-run) -o are given, which --list and --export do not need, and the
 * suffix of --export. FALSE with RV_ERROR_SETTING. Reads no files. */
static gboolean
check_usage (const CommandLine *line, GError **error)
{
  const char *wrong = NULL;
  const char *page = line_text (line, "export");
  if (line_is_on (line, "list"))
    return TRUE;
  if (page)
    wrong = g_str_has_suffix (page, ".html") ? NULL : "a page is written as .html: --export PAGE.html";
  else if (line->n_args < 1)
    wrong = "a painting is missing: reverie learn PAINTING -o FILE.safetensors --photos FOLDER";
  else if (!line_text (line, "photos"))
    wrong = "photographs are missing: name a folder of them with --photos";
  else if (!line_text (line, "output") && !line_is_on (line, "dry-run"))
    wrong = "an output is missing: -o FILE.safetensors";
  return !wrong || error_set (error, RV_ERROR_SETTING, "%s", wrong);
}

/* (transfer full) (nullable): a new job "learn" with the typed options, paintings, photographs and --from. Files are
 * not read yet. Ctrl-C will stop its run, as rv_job_stop() does. NULL with RV_ERROR_SETTING: a wrong value, or --from
 * with --from-scratch. */
static RvJob *
job_of (const CommandLine *line, GError **error)
{
  const char *from = line_text (line, "from");
  g_autoptr (RvJob) job = rv_job_new ("learn", error);
  if (!job || !rv_job_set (job, "quality", LIVE_QUALITY, error) || !job_set_given (job, line->given, NULL, error))
    return NULL;
  g_autofree char *from_scratch = rv_job_get (job, "from-scratch", NULL);
  gboolean ok = !from || !g_str_equal (from_scratch, "yes") ||
                error_set (error, RV_ERROR_SETTING, "--from cannot be combined with --from-scratch");
  for (int i = 0; ok && i < line->n_args; i++)
    ok = rv_job_add_file (job, "style", line->args[i], error);
  ok =
    ok && rv_job_add_file (job, "photo", line_text (line, "photos"), error) && job_add_if (job, "painter", from, error);
  return ok ? g_steal_pointer (&job) : NULL;
}

/* ---- progress ---------------------------------------------------------------------------------------------------- */

/* JobShow.describe; @data: a double, the moving average of the loss, which the call updates; 0 before the first call.
 */
static char *
describe (const RvJobReport *report, gpointer data)
{
  double *loss = data;
  *loss = *loss > 0 ? SMOOTH * *loss + (1 - SMOOTH) * report->loss : report->loss;
  g_autofree char *validation =
    isnan (report->validation_loss) ? g_strdup ("") : g_strdup_printf (", validation %.3f", report->validation_loss);
  return g_strdup_printf ("step %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " loss %.3f%s", report->iteration,
                          report->n_iterations, *loss, validation);
}

/* Trains; then prints file and time on standard output unless --quiet. EXIT_DONE, or EXIT_INTERRUPTED, without @error,
 * if Ctrl-C stopped the training. */
static int
run_job (const CommandLine *line, const PictureOptions *picture, RvJob *job, GError **error)
{
  double loss = 0;
  const JobShow show = { picture, line_text (line, "output"), NULL, describe, &loss };
  gint64 began_us = g_get_monotonic_time ();
  RvJobReport end;
  if (!job_run (job, &show, &end, error))
    return EXIT_FAILED;
  g_autofree char *time = job_time_text (began_us);
  gboolean stopped = rv_job_was_stopped (job);
  if (!picture->quiet)
    text_print (stdout, "%s: learned in %s%s", show.output, time, stopped ? " (interrupted; --resume continues)" : "");
  return stopped ? EXIT_INTERRUPTED : EXIT_DONE;
}

/* Plans @job and prints the plan on standard output. Returns the exit code. */
static int
print_plan (const CommandLine *line, RvJob *job, GError **error)
{
  RvJobPlan plan;
  if (!rv_job_plan (job, &plan, error))
    return EXIT_FAILED;
  g_autofree char *as_one = rv_job_get (job, "as-one", NULL);
  g_autofree char *time = rv_text_seconds (plan.seconds), *memory = rv_text_bytes (plan.peak_bytes);
  int n = g_str_equal (as_one, "yes") ? 1 : line->n_args;
  printf ("%d style%s, %" G_GINT64_FORMAT " photograph%s, %" G_GINT64_FORMAT " step%s: peak %s, about %s\n", n,
          n == 1 ? "" : "s", plan.n_read, plan.n_read == 1 ? "" : "s", plan.n_iterations,
          plan.n_iterations == 1 ? "" : "s", memory, time);
  return EXIT_DONE;
}

/* Checks the job, loads its network, and trains, or prints the plan with --dry-run. EXIT_DONE also if the run to
 * --resume is complete. EXIT_INTERRUPTED: Ctrl-C, without @error. */
static int
learn_job (const CommandLine *line, RvJob *job, GError **error)
{
  const char *output = line_text (line, "output");
  PictureOptions picture = { .network = options_last (line->given, "network"),
                             .weights = line_text (line, "weights"),
                             .preview = line_is_on (line, "preview"),
                             .dry_run = line_is_on (line, "dry-run"),
                             .quiet = line_is_on (line, "quiet"),
                             .offline = line_is_on (line, "offline") };
  picture_set_default_network (&picture, "builtin");
  if (job_print_if_complete (job, &picture, output))
    return EXIT_DONE;
  g_autoptr (RvNet) net = job_check (job, &picture, output, error) ? picture_load_net (&picture, error) : NULL;
  if (net)
    rv_job_set_net (job, net, picture.weights_file);
  g_free (picture.weights_file);
  if (!net)
    return EXIT_FAILED;
  return picture.dry_run ? print_plan (line, job, error) : run_job (line, &picture, job, error);
}

/* ---- --list and --export ----------------------------------------------------------------------------------------- */

/* Prints the styles of --from, or the built-in ones, with their licences, a line each. Returns the exit code. */
static int
list_styles (const CommandLine *line, GError **error)
{
  g_autoptr (RvStyleNet) style_net = rv_style_net_load (line_text (line, "from"), error);
  if (!style_net)
    return EXIT_FAILED;
  for (guint i = 0; i < rv_style_net_n_styles (style_net); i++) {
    const char *license = rv_style_net_style_license (style_net, i);
    text_print (stdout, "%s%s%s", rv_style_net_style_name (style_net, i), license ? "  " : "", license ? license : "");
  }
  return EXIT_DONE;
}

/* Writes the page of --export with the style network of --from, or the built-in one; then prints its name on standard
 * output unless --quiet. Returns the exit code; EXIT_FAILED has @error: of rv_file_check_free(), RV_ERROR_FILE for an
 * existing page without --force; of rv_style_net_load(), rv_style_net_to_page() and rv_file_write(). */
static int
export_page (const CommandLine *line, GError **error)
{
  const char *from = line_text (line, "from"), *inputs[] = { from, NULL }, *page = line_text (line, "export");
  gboolean force = line_is_on (line, "force"), free = rv_file_check_free (page, inputs, force, error);
  g_autoptr (RvStyleNet) style_net = free ? rv_style_net_load (from, error) : NULL;
  g_autofree char *base = from ? g_path_get_basename (from) : g_strdup ("Learned styles");
  g_autofree char *html = style_net ? rv_style_net_to_page (style_net, base, error) : NULL;
  interrupt_watch (); /* a killed process would leave a partial file */
  if (!html || !rv_file_write (page, html, force, error))
    return EXIT_FAILED;
  if (!line_is_on (line, "quiet"))
    text_print (stdout, "%s: open it in a browser", page);
  return interrupt_requested () ? EXIT_INTERRUPTED : EXIT_DONE;
}

/* ---- command ----------------------------------------------------------------------------------------------------- */

/* Command.run. Lists styles (--list), writes a page (--export), or trains. EXIT_FAILED has @error; EXIT_INTERRUPTED,
 * after Ctrl-C, has none. */
static int
cmd_learn (const CommandLine *line, GError **error)
{
  if (!check_usage (line, error))
    return EXIT_FAILED;
  if (line_is_on (line, "list"))
    return list_styles (line, error);
  if (line_text (line, "export"))
    return export_page (line, error);
  g_autoptr (RvJob) job = job_of (line, error);
  return job && job_process_start (job, error) ? learn_job (line, job, error) : EXIT_FAILED;
}

static const char *const examples[] = {
  "reverie learn starry-night.jpg -o starry.safetensors --photos ~/Pictures --time 20m",
  "learn a painting, starting from the built-in style network",
  "reverie learn starry-night.jpg -o starry.safetensors --photos ~/Pictures --from-scratch",
  "from scratch; overnight",
  "reverie learn monet/*.jpg --as-one --name monet -o monet.safetensors --photos ~/Pictures",
  "what several paintings have in common, as one style",
  "reverie learn starry-night.jpg -o starry.safetensors --photos ~/Pictures --time 20m --resume",
  "continue after Ctrl-C or a power cut",
  NULL,
};

const Command command_learn = {
  .name = "learn",
  .summary = "learn a painting once, to paint with it in a moment later",
  .usage = "PAINTING... -o FILE --photos FOLDER [OPTIONS]",
  .about =
    "Trains a style network, a small network that paints any photograph in one pass: `reverie style PHOTO "
    "--learned FILE` then takes a moment. It is trained on the photographs of FOLDER. Without --from-scratch and "
    "--deep, training learns only the new style; all else comes from the built-in style network or that of "
    "--from. Several paintings are several styles in one file. Ctrl-C writes the style network as it is, and "
    "--resume continues.",
  .examples = examples,
  .options = { { own_options }, { .kind = "painter" }, { .kind = "learn" } },
  .run = cmd_learn,
};
