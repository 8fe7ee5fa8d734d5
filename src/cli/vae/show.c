/* show.c -- reverie vae sample, reconstruct, interpolate, walk, manifold, scatter: what a model draws. */
#include "cmd-vae.h"
#include <math.h>
#include <string.h>

#define SAMPLES 64
#define RECONSTRUCTIONS 10
#define MANIFOLD_CELLS 20
#define GAP_PX 4
#define MAX_PICTURES 10000

/* A model, pictures in 0..1, and how they are laid out. */
typedef struct {
  RvVae *vae;
  gint64 latent, size; /* numbers of one code, of one picture */
} Model;

static gboolean
open_model (const VaeJob *job, Model *model, GError **error)
{
  int channels, height, width;
  if (!vae_check_output (job, error) || !(model->vae = vae_load (job, job->args[0], error)))
    return FALSE;
  rv_vae_picture_size (model->vae, &channels, &height, &width);
  model->latent = vae_int (model->vae, "latent");
  model->size = (gint64) channels * height * width;
  return TRUE;
}

/* Whether so many pictures may stand on one sheet, or be held at once. */
static gboolean
check_count (gint64 n, GError **error)
{
  if (n <= MAX_PICTURES)
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
               "%" G_GINT64_FORMAT " pictures are too many for one sheet: at most %d", n, MAX_PICTURES);
  return FALSE;
}

/* Ends a subcommand: its error, or the sheet saved. */
static int
conclude (const VaeJob *job, Model *model, RvImage *sheet, GError *error)
{
  gboolean usage = g_error_matches (error, RV_ERROR, RV_ERROR_SETTING);
  g_autofree char *what = sheet ? g_strdup_printf ("%d x %d px", sheet->width, sheet->height) : NULL;
  gboolean saved = sheet && vae_save_picture (job, sheet, job->own.output, &error);
  rv_image_unref (sheet);
  rv_vae_free (model->vae);
  if (saved)
    return vae_say_done (job, what);
  return usage ? usage_error (error) : run_error (error);
}

static RvImage *
draw_codes (const Model *model, const float *z, gint64 n, int columns, int gap, GError **error)
{
  g_autofree float *pixels = g_new (float, n * model->size);
  return rv_vae_decode (model->vae, z, n, pixels, error) ? rv_vae_sheet (model->vae, pixels, n, columns, gap, error)
                                                         : NULL;
}

int
vae_sample (VaeJob *job)
{
  GError *error = NULL;
  Model model = { NULL };
  RvImage *sheet = NULL;
  gint64 n = job->own.count ? job->own.count : SAMPLES;
  if (open_model (job, &model, &error)) {
    g_autofree float *z = g_new (float, model.latent *n);
    rv_vae_sample_prior (model.vae, n, job->own.temperature, rv_settings_get_int (job->settings, "seed", NULL), z);
    sheet = draw_codes (&model, z, n, (int) ceil (sqrt ((double) n)), GAP_PX, &error);
  }
  return conclude (job, &model, sheet, error);
}

int
vae_reconstruct (VaeJob *job)
{
  GError *error = NULL;
  Model model = { NULL };
  RvImage *sheet = NULL;
  if (open_model (job, &model, &error)) {
    g_autoptr (RvDataset) data = vae_load_data (job, model.vae, job->args[1], RV_DATASET_TEST, &error);
    gint64 n = data ? MIN (job->own.count ? job->own.count : RECONSTRUCTIONS, MIN (data->n, MAX_PICTURES / 2)) : 0;
    g_autofree float *mu = g_new (float, model.latent *n + 1), *pixels = g_new (float, 2 * n * model.size + 1);
    if (data && rv_vae_check (model.vae, data, &error) &&
        rv_vae_encode (model.vae, data->pixels, n, mu, NULL, &error) &&
        rv_vae_decode (model.vae, mu, n, pixels + n * model.size, &error)) {
      for (gint64 i = 0; i < n * model.size; i++)
        pixels[i] = (float) data->pixels[i] / 255;
      sheet = rv_vae_sheet (model.vae, pixels, 2 * n, (int) n, GAP_PX, &error);
    }
  }
  return conclude (job, &model, sheet, error);
}

/* Shoemake 1985: along the great circle, lengths interpolated as well; nearly parallel codes go straight. */
static void
interpolate (const float *a, const float *b, double t, gboolean spherical, gint64 n, float *to)
{
  double aa = 0, bb = 0, ab = 0, wa = 1 - t, wb = t;
  for (gint64 i = 0; i < n; i++)
    aa += (double) a[i] * a[i], bb += (double) b[i] * b[i], ab += (double) a[i] * b[i];
  double angle = acos (CLAMP (ab / MAX (sqrt (aa * bb), 1e-30), -1, 1));
  if (spherical && sin (angle) > 1e-6)
    wa = sin ((1 - t) * angle) / sin (angle), wb = sin (t * angle) / sin (angle);
  for (gint64 i = 0; i < n; i++)
    to[i] = (float) (wa * a[i] + wb * b[i]);
}

/* One numbered file for each code. */
static int
save_frames (const VaeJob *job, const Model *model, const float *z, gint64 n)
{
  GError *error = NULL;
  for (gint64 k = 0; k < n; k++) {
    g_autofree char *name = rv_frame_name (job->own.output, (int) k + 1);
    g_autoptr (RvImage) frame = draw_codes (model, z + k * model->latent, 1, 1, 0, &error);
    if (!frame || !vae_save_picture (job, frame, name, &error))
      return run_error (error);
  }
  return vae_say_done (job, "written");
}

int
vae_interpolate (VaeJob *job)
{
  GError *error = NULL;
  Model model = { NULL };
  RvImage *sheet = NULL;
  if (open_model (job, &model, &error)) {
    gint64 n = job->own.steps;
    g_autofree float *ends = g_new (float, 2 * model.latent), *z = g_new (float, model.latent *n);
    gboolean ok = TRUE;
    for (int i = 0; i < 2 && ok; i++) {
      g_autoptr (RvDataset) data = vae_load_data (job, model.vae, job->args[1 + i], RV_DATASET_TEST, &error);
      ok = data && rv_vae_check (model.vae, data, &error) &&
           rv_vae_encode (model.vae, data->pixels, 1, ends + i * model.latent, NULL, &error);
    }
    for (gint64 k = 0; ok && k < n; k++)
      interpolate (ends, ends + model.latent, (double) k / (double) (n - 1), job->own.spherical, model.latent,
                   z + k * model.latent);
    if (ok && rv_frame_is_pattern (job->own.output)) {
      int code = save_frames (job, &model, z, n);
      rv_vae_free (model.vae);
      return code;
    }
    sheet = ok ? draw_codes (&model, z, n, (int) n, GAP_PX, &error) : NULL;
  }
  return conclude (job, &model, sheet, error);
}

int
vae_walk (VaeJob *job)
{
  GError *error = NULL;
  Model model = { NULL };
  RvImage *sheet = NULL;
  if (open_model (job, &model, &error) && check_count (model.latent * job->own.steps, &error)) {
    gint64 steps = job->own.steps;
    gint64 n = model.latent * steps;
    g_autofree float *z = g_new0 (float, model.latent *n);
    for (gint64 j = 0; j < model.latent; j++)
      for (gint64 k = 0; k < steps; k++)
        z[(j * steps + k) * model.latent + j] =
          (float) (job->own.reach * (2.0 * (double) k / (double) (steps - 1) - 1));
    sheet = draw_codes (&model, z, n, (int) steps, GAP_PX, &error);
  }
  return conclude (job, &model, sheet, error);
}

int
vae_manifold (VaeJob *job)
{
  GError *error = NULL;
  Model model = { NULL };
  RvImage *sheet = NULL;
  gint64 n = job->own.count ? job->own.count : MANIFOLD_CELLS;
  if (check_count (n * n, &error) && open_model (job, &model, &error) && model.latent != 2) {
    g_set_error (&error, RV_ERROR, RV_ERROR_SETTING,
                 "a manifold has two latent dimensions, this model %" G_GINT64_FORMAT ": train one with --latent 2, or "
                 "see reverie vae walk",
                 model.latent);
  } else if (!error) {
    g_autofree float *z = g_new (float, 2 * n * n);
    for (gint64 i = 0; i < n * n; i++) { /* z0 to the right, z1 upwards */
      double last = (double) MAX (n - 1, 1);
      z[2 * i] = (float) (job->own.reach * (2 * (double) (i % n) / last - 1));
      z[2 * i + 1] = (float) (job->own.reach * (1 - 2 * (double) (i / n) / last));
    }
    sheet = draw_codes (&model, z, n * n, (int) n, 0, &error);
  }
  return conclude (job, &model, sheet, error);
}

int
vae_scatter (VaeJob *job)
{
  GError *error = NULL;
  Model model = { NULL };
  RvImage *image = NULL;
  g_autofree char *svg = NULL;
  if (open_model (job, &model, &error)) {
    g_autoptr (RvDataset) data = vae_load_data (job, model.vae, job->args[1], RV_DATASET_TEST, &error);
    g_autofree float *mu = data ? g_new (float, data->n *model.latent) : NULL;
    if (data && rv_vae_check (model.vae, data, &error) &&
        rv_vae_encode (model.vae, data->pixels, data->n, mu, NULL, &error)) {
      svg = rv_vae_plot_latent (model.vae, mu, data->labels, data->n);
      if (!g_str_has_suffix (job->own.output, ".svg"))
        image = rv_vae_plot_image (svg, &error);
    }
  }
  if (error || image)
    return conclude (job, &model, image, error);
  rv_vae_free (model.vae);
  return vae_save_text (job->own.output, svg, &error) ? vae_say_done (job, "written") : run_error (error);
}
