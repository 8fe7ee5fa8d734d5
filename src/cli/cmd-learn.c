/* cmd-learn.c -- reverie learn PAINTING... -o FILE --photos FOLDER: trains a style network on paintings. */
#include "cli/job-run.h"
#include <math.h>

#define LIVE_QUALITY "92"
#define SMOOTH 0.95 /* decay of the moving average of the shown loss */

typedef struct {
  char *output, *photos, *from, *network, *weights, *log, *settings, *export, *live, *plot;
  gboolean list, dry_run, resume, preview, force, quiet, offline;
  double state_every_s;
} LearnOptions;

#define FIELD(f) offsetof (LearnOptions, f)

static const OwnOption own_options[] = {
  { "output", 'o', RV_OPTION_TEXT, FIELD (output), .unit = "FILE", .help = "the style network to write: .safetensors" },
  { "photos", 0, RV_OPTION_TEXT, FIELD (photos), .unit = "FOLDER",
    .help = "training photographs: some hundreds, of subjects that you will paint later" },
  { "from", 0, RV_OPTION_TEXT, FIELD (from), .unit = "FILE",
    .help =
      "style network whose convolutions are reused: only the new style is learned, in minutes [the built-in one]" },
  { "list", 0, RV_OPTION_BOOL, FIELD (list), .help = "only print the styles of --from, a line each" },
  { "export", 0, RV_OPTION_TEXT, FIELD (export), .unit = "PAGE.html",
    .help = "only write one page that paints photographs in any browser, offline: with the built-in style network, or "
            "--from's" },
  { "network", 0, RV_OPTION_CHOICE, FIELD (network), "builtin", .unit = "NAME",
    .help = "network that compares pictures", .choices = rv_net_names },
  { "weights", 0, RV_OPTION_TEXT, FIELD (weights), .unit = "FILE", .help = "weights of that network" },
  { "dry-run", 0, RV_OPTION_BOOL, FIELD (dry_run), .help = "only estimate memory and time" },
  { "resume", 0, RV_OPTION_BOOL, FIELD (resume),
    .help = "continue a stopped run from its checkpoint, FILE.state.safetensors; begin if there is none" },
  { "state-every", 0, RV_OPTION_REAL, FIELD (state_every_s), "30", 0, 1e6, .unit = "SECONDS",
    .help = "write the checkpoint this often; 0: only at Ctrl-C" },
  { "preview", 0, RV_OPTION_BOOL, FIELD (preview),
    .help = "show painted photographs in the terminal from time to time" },
  { "live", 0, RV_OPTION_TEXT, FIELD (live), .unit = "FILE",
    .help = "write the same picture to FILE, for a viewer that reloads it" },
  { "plot", 0, RV_OPTION_TEXT, FIELD (plot), .unit = "FILE.svg", .help = "draw the losses as curves" },
  { "log", 0, RV_OPTION_TEXT, FIELD (log), .unit = "FILE", .help = "one JSON object a line for each step" },
  { "settings", 0, RV_OPTION_TEXT, FIELD (settings), .unit = "FILE",
    .help = "options from a JSON object, such as {\"batch\": 2}; typed options override them" },
  { "force", 'f', RV_OPTION_BOOL, FIELD (force), .help = "replace FILE if it exists" },
  { "quiet", 'q', RV_OPTION_BOOL, FIELD (quiet), .help = "print no progress" },
  { "offline", 0, RV_OPTION_BOOL, FIELD (offline), .help = "never offer a download" },
  { NULL },
};

typedef struct {
  const LearnOptions *own;
  int n_paintings;
  char **paintings;
  const GPtrArray *given;
  double loss; /* moving average */
} Learn;

/* ---- job --------------------------------------------------------------------------------------------------------- */

/* Checks that paintings, --photos and (not for --dry-run) -o are given, which --list and --export do not need, and the
 * suffix of --export. FALSE with RV_ERROR_SETTING. Reads no files. */
static gboolean
check_usage (const Learn *learn, GError **error)
{
  const LearnOptions *own = learn->own;
  const char *wrong = NULL;
  if (own->list)
    return TRUE;
  if (own->export)
    wrong = g_str_has_suffix (own->export, ".html") ? NULL : "a page is written as .html: --export PAGE.html";
  else if (learn->n_paintings < 1)
    wrong = "a painting is missing: reverie learn PAINTING -o FILE.safetensors --photos FOLDER";
  else if (!own->photos)
    wrong = "photographs are missing: name a folder of them with --photos";
  else if (!own->output && !own->dry_run)
    wrong = "an output is missing: -o FILE.safetensors";
  if (wrong)
    g_set_error_literal (error, RV_ERROR, RV_ERROR_SETTING, wrong);
  return !wrong;
}

/* Adds paintings, photographs and the style network of --from. RV_ERROR_SETTING: --from with --from-scratch. */
static gboolean
add_inputs (const Learn *learn, RvJob *job, GError **error)
{
  g_autofree char *from_scratch = rv_job_get (job, "from-scratch", NULL);
  if (learn->own->from && g_str_equal (from_scratch, "yes")) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--from cannot be combined with --from-scratch");
    return FALSE;
  }
  for (int i = 0; i < learn->n_paintings; i++)
    if (!rv_job_add_file (job, "style", learn->paintings[i], error))
      return FALSE;
  return rv_job_add_file (job, "photo", learn->own->photos, error) &&
         job_add_if (job, "painter", learn->own->from, error);
}

/* (transfer full) (nullable): a new job "learn" with the typed options, paintings, photographs and --from. Files are
 * not read yet. Ctrl-C will stop the job, once interrupt_watch() was called. NULL with RV_ERROR_SETTING: a wrong value,
 * or --from with --from-scratch. */
static RvJob *
job_of (const Learn *learn, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("learn", error);
  gboolean ok = job && rv_job_set (job, "quality", LIVE_QUALITY, error) &&
                job_set_given (job, learn->given, NULL, error) && add_inputs (learn, job, error);
  return ok ? g_steal_pointer (&job) : NULL;
}

/* ---- progress ---------------------------------------------------------------------------------------------------- */

/* JobShow.describe; @data: Learn. Updates the moving average of the loss. */
static char *
describe (const RvJobReport *report, gpointer data)
{
  Learn *learn = data;
  learn->loss = learn->loss > 0 ? SMOOTH * learn->loss + (1 - SMOOTH) * report->loss : report->loss;
  g_autofree char *validation =
    isnan (report->validation_loss) ? g_strdup ("") : g_strdup_printf (", validation %.3f", report->validation_loss);
  return g_strdup_printf ("step %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " loss %.3f%s", report->iteration,
                          report->n_iterations, learn->loss, validation);
}

/* Trains; then prints file and time on standard output unless --quiet. EXIT_DONE, or EXIT_INTERRUPTED, without @error,
 * if Ctrl-C stopped the training. EXIT_FAILED: errors of rv_job_run(). */
static int
run_job (Learn *learn, const PictureOptions *picture, RvJob *job, GError **error)
{
  const JobShow show = { picture, learn->own->output, NULL, describe, learn };
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

static int
print_plan (const Learn *learn, RvJob *job, GError **error)
{
  RvJobPlan plan;
  if (!rv_job_plan (job, &plan, error))
    return EXIT_FAILED;
  g_autofree char *as_one = rv_job_get (job, "as-one", NULL);
  g_autofree char *time = rv_text_seconds (plan.seconds), *memory = rv_text_bytes (plan.peak_bytes);
  int n = g_str_equal (as_one, "yes") ? 1 : learn->n_paintings;
  printf ("%d style%s, %" G_GINT64_FORMAT " photograph%s, %" G_GINT64_FORMAT " step%s: peak %s, about %s\n", n,
          n == 1 ? "" : "s", plan.n_read, plan.n_read == 1 ? "" : "s", plan.n_iterations,
          plan.n_iterations == 1 ? "" : "s", memory, time);
  return EXIT_DONE;
}

/* Checks the job, loads its network, and trains, or prints the plan with --dry-run. EXIT_DONE also if the run to
 * --resume is complete. EXIT_INTERRUPTED: Ctrl-C, without @error. EXIT_FAILED: errors of job_check(),
 * picture_load_net(), rv_job_plan() and rv_job_run(). */
static int
learn_job (Learn *learn, RvJob *job, GError **error)
{
  const LearnOptions *own = learn->own;
  PictureOptions picture = { .network = own->network,
                             .weights = own->weights,
                             .preview = own->preview,
                             .dry_run = own->dry_run,
                             .quiet = own->quiet,
                             .offline = own->offline };
  if (job_print_if_complete (job, &picture, own->output))
    return EXIT_DONE;
  interrupt_watch ();
  g_autoptr (RvNet) net = job_check (job, &picture, own->output, error) ? picture_load_net (&picture, error) : NULL;
  if (net)
    rv_job_set_net (job, net, picture.weights_file);
  g_free (picture.weights_file);
  if (!net)
    return EXIT_FAILED;
  return own->dry_run ? print_plan (learn, job, error) : run_job (learn, &picture, job, error);
}

/* ---- --list and --export ----------------------------------------------------------------------------------------- */

static int
list_styles (const Learn *learn, GError **error)
{
  g_autoptr (RvStyleNet) style_net = rv_style_net_load (learn->own->from, error);
  if (!style_net)
    return EXIT_FAILED;
  for (guint i = 0; i < rv_style_net_n_styles (style_net); i++) {
    const char *license = rv_style_net_style_license (style_net, i);
    text_print (stdout, "%s%s%s", rv_style_net_style_name (style_net, i), license ? "  " : "", license ? license : "");
  }
  return EXIT_DONE;
}

/* Writes the page of --export with the style network of --from, or the built-in one. Returns the exit code. */
static int
export_page (const Learn *learn, GError **error)
{
  const char *inputs[] = { learn->own->from, NULL };
  const char *page = learn->own->export;
  gboolean free = rv_file_check_free (page, inputs, learn->own->force, error);
  g_autoptr (RvStyleNet) style_net = free ? rv_style_net_load (learn->own->from, error) : NULL;
  g_autofree char *base = learn->own->from ? g_path_get_basename (learn->own->from) : g_strdup ("Learned styles");
  g_autofree char *html = style_net ? rv_style_net_to_page (style_net, base, error) : NULL;
  if (!html || !rv_file_write (page, html, learn->own->force, error))
    return EXIT_FAILED;
  if (!learn->own->quiet)
    printf ("%s: open it in a browser\n", page);
  return EXIT_DONE;
}

/* ---- command ----------------------------------------------------------------------------------------------------- */

static int
run (Learn *learn, GError **error)
{
  if (learn->own->list)
    return list_styles (learn, error);
  if (learn->own->export)
    return export_page (learn, error);
  g_autoptr (RvJob) job = job_of (learn, error);
  g_autofree char *threads = job ? rv_job_get (job, "threads", NULL) : NULL;
  if (!job || !rv_process_start ((int) g_ascii_strtoll (threads, NULL, 10), error))
    return EXIT_FAILED;
  return learn_job (learn, job, error);
}

static int
cmd_learn (const CommandLine *line, GError **error)
{
  Learn learn = { .own = line->own, .n_paintings = line->n_args, .paintings = line->args, .given = line->given };
  return check_usage (&learn, error) ? run (&learn, error) : EXIT_FAILED;
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
  .about = "Trains a style network, a small network that paints any photograph in one pass: `reverie style PHOTO "
           "--learned FILE` then takes a moment. It is trained on the photographs of FOLDER. One is built in: without "
           "--from-scratch only the new style is learned. Several paintings are several styles in one file. Ctrl-C "
           "writes the style network as it is, and --resume continues.",
  .examples = examples,
  .options = { { own_options }, { .kind = "painter" }, { .kind = "learn" } },
  .own = own_options,
  .own_bytes = sizeof (LearnOptions),
  .run = cmd_learn,
};
