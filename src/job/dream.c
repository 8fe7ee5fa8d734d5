/* dream.c -- jobs of dreams: what a network sees in a picture. */
#include "base/error.h"
#include "job/internal.h"
#include <math.h>
#include <reverie/dream.h>

static const char *const names[] = { "loss", NULL }; /* of what is climbed */

static gboolean
check (RvJobRun *run, GError **error)
{
  gboolean guided = rv__job_run_input (run, "guide") != NULL;
  rv__picture_imply (run->options, "builtin", 0, 0);
  run->options->truncate = TRUE; /* as all the programs do */
  if (guided && *rv_settings_get_text (run->settings, "toward", NULL)) {
    rv__error_setting (error, "toward", "a guide and 'toward' do not go together");
    return FALSE;
  }
  const char *network = run->net ? rv_net_name (run->net) : run->options->network;
  return !network || rv_dream_settings_check (run->settings, network, error);
}

/* No larger than the dream will look at it: with about as many pixels as the picture. */
static gboolean
set_guide (const RvJobRun *run, RvDream *dream, GError **error)
{
  const RvJobInput *input = rv__job_run_input (run, "guide");
  int width, height;
  if (!input)
    return TRUE;
  if (!rv__job_input_size (input, &width, &height, error))
    return FALSE;
  double scale = sqrt ((double) run->width * run->height / ((double) width * height));
  g_autoptr (RvImage) guide = rv__job_input_load_within (input, scale * MAX (width, height), error);
  return guide && rv_dream_set_guide (dream, guide, error);
}

static gboolean
set_mask (const RvJobRun *run, RvDream *dream, GError **error)
{
  const RvJobInput *input = rv__job_run_input (run, "mask");
  if (!input)
    return TRUE;
  g_autoptr (RvImage) mask = rv__job_input_load (input, run->width, run->height, RV_IMAGE_RESIZE_BEST, error);
  if (mask)
    rv_dream_set_mask (dream, mask);
  return mask != NULL;
}

static gboolean
prepare (RvJobRun *run, GError **error)
{
  const RvJobInput *input = rv__job_run_input (run, "picture");
  g_autoptr (RvImage) image = rv__job_input_load (input, run->width, run->height, RV_IMAGE_RESIZE_BEST, error);
  g_autoptr (RvDream) dream = image ? rv_dream_new (run->settings, run->net, image, error) : NULL;
  if (!dream) {
    if (image && input->file && error && g_error_matches (*error, RV_ERROR, RV_ERROR_SHAPE))
      g_prefix_error (error, "%s: ", input->file);
    return FALSE;
  }
  rv_dream_set_kernels (dream, run->kernels);
  rv_dream_set_stop (dream, rv__job_run_wanted, run);
  rv_dream_set_cancellable (dream, rv__job_cancellable (run->job));
  if (!set_mask (run, dream, error) || !set_guide (run, dream, error))
    return FALSE;
  run->method = g_steal_pointer (&dream);
  return TRUE;
}

static void
clear (RvJobRun *run)
{
  rv_dream_free (run->method);
}

static void
share (RvJobRun *run, const RvJobRun *with)
{
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static gboolean
plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  RvDreamPlan own;
  if (!rv_dream_plan (run->method, &own, error))
    return FALSE;
  *plan = (RvJobPlan){ .peak_bytes = own.peak_bytes,
                       .seconds = own.seconds,
                       .n_stages = own.n_octaves,
                       .n_tiles = own.n_tiles,
                       .work = own.work,
                       .n_iterations = own.n_iterations,
                       .backend = own.backend };
  return TRUE;
}

static const char *const *
losses (RvJobRun *run)
{
  return names;
}

static gboolean
resume (RvJobRun *run, RvTensorMap *state, GError **error)
{
  return rv_dream_resume (run->method, state, error);
}

/* (transfer full) */
static char *
log_line (const RvDreamProgress *p)
{
  GString *line = g_string_new (NULL);
  g_string_append_printf (line, "{\"octave\": %d, \"iteration\": %" G_GINT64_FORMAT, p->octave, p->iteration);
  rv__job_log_number (line, "loss", p->loss);
  rv__job_log_number (line, "seconds", p->seconds);
  g_string_append (line, "}\n");
  return g_string_free (line, FALSE);
}

static gboolean
on_progress (const RvDreamProgress *p, gpointer data)
{
  RvJobRun *run = data;
  RvJobReport report = { .iteration = p->iterations_before + p->iteration,
                         .n_iterations = p->iterations_before + p->n_iterations,
                         .stage = p->octave,
                         .n_stages = p->n_octaves,
                         .width = p->width,
                         .height = p->height,
                         .loss = p->loss,
                         .names = names,
                         .losses = &p->loss,
                         .seconds = p->seconds,
                         .done_01 = p->done_01 };
  return rv__job_run_progress (run, &report, p, run->log ? log_line (p) : NULL);
}

static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  return rv_dream_run (run->method, on_progress, run, result, error);
}

static RvImage *
picture (gconstpointer progress, GError **error)
{
  return rv_dream_picture (progress, error);
}

static RvTensorMap *
state (gconstpointer progress)
{
  return rv_dream_state (progress);
}

static const RvJobRole roles[] = {
  { "picture", .needed = TRUE },
  { "guide" },
  { "mask" },
  { NULL },
};

const RvJobClass rv__job_dream = {
  .kind = "dream",
  .roles = roles,
  .check = check,
  .prepare = prepare,
  .share = share,
  .plan = plan,
  .losses = losses,
  .resume = resume,
  .run = make,
  .picture = picture,
  .state = state,
  .clear = clear,
};
