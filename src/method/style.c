/* style.c -- the run of style transfer: climbing scales, the optimiser's loop, the running average.
 *
 *   for each scale, coarse to fine:
 *     content, styles <- shrunk to the scale by Lanczos3; content with a mirrored margin all around
 *     x <- at the first scale the start picture, then the last scale's result, enlarged bicubically; likewise
 *     repeat: loss, g <- L(x), dL/dx;  x <- the optimiser's step, clamped;  average <- b average + (1 - b) x
 *     result <- average / (1 - b^k), the margin cut off
 *
 * Why the margin: convolutions see zeros beyond the picture, and the style is bought there cheaply, in stripes along
 * the borders. On a mirrored margin they fall where they are cut off.
 *
 * Not here: the loss (objective.c), the steps (src/optim), files, printing. Differs from the recipe it grew from in the
 * margin, and in that the coarser scales are shrunk from the picture at its final size.
 */
#include "base/alloc.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/system.h"
#include "calm.h"
#include "fit.h"
#include "optim/optim.h"
#include "style-internal.h"
#include <math.h>
#include <string.h>

#define SCALE_STEP G_SQRT2       /* each scale's longest side over the last's */
#define CANVAS_UNIT 16           /* px: sizes that pooling halves evenly suit the kernels, and odd ones waste memory */
#define FIRST_SCALE_ITERATIONS 2 /* times --iterations */
#define LARGE_PX 1024            /* the longest side beyond which a scale has little left to do but detail */
#define NOISE_STREAM 1           /* of the random numbers */
#define WHITE 255.0f

typedef struct {
  int width, height;               /* px, of the picture */
  int canvas_width, canvas_height; /* px, with the margin that is painted and cut off */
  int left, top;                   /* px, where the picture lies on the canvas */
  gint64 iterations;
  int tile_px; /* 0: as a whole */
} Scale;

struct _RvStyle {
  RvStyleSettings *settings;
  RvNet *net;
  RvImage *content, *init, **styles;
  int n_styles;
  double *blends;
  GArray *content_taps, *style_taps, *dream_taps;
  RvPixelSpace space; /* in which x lies; canvases are kept in it, pictures are not */
  RvImageResize resize;
  const RvBackendClass *backend;
  RvKernelTable *kernels;
  GArray *scales;      /* Scale, coarse to fine */
  gsize allowed_bytes; /* of the whole process */

  /* The scale that is running, and its canvas. */
  const Scale *scale;
  float *x;
};

/* ---- setting up -------------------------------------------------------------------------------------------------- */

static int
scaled_side (int side, int longest, int wanted)
{
  return MAX ((int) lrint ((double) side * wanted / longest), 1);
}

/* The canvas of @side px: a margin on both sides, then up to a multiple of CANVAS_UNIT. */
static int
canvas_side (int side, gint64 margin)
{
  int wide = side + 2 * (int) margin;
  return margin > 0 ? (wide + CANVAS_UNIT - 1) / CANVAS_UNIT * CANVAS_UNIT : wide;
}

static Scale
new_scale (const RvStyleSettings *settings, int width, int height, gint64 iterations)
{
  Scale scale = { .width = width, .height = height, .iterations = iterations };
  scale.canvas_width = canvas_side (width, settings->margin_px);
  scale.canvas_height = canvas_side (height, settings->margin_px);
  scale.left = (scale.canvas_width - width) / 2;
  scale.top = (scale.canvas_height - height) / 2;
  return scale;
}

/* Of a scale of this longest side: beyond LARGE_PX two thirds, a half, a third, a quarter, a sixth of --iterations, by
 * steps of SCALE_STEP. */
static gint64
iterations_at (const RvStyleSettings *settings, int longest)
{
  static const double parts[] = { 2 / 3.0, 1 / 2.0, 1 / 3.0, 1 / 4.0, 1 / 6.0 };
  int step = (int) ceil (log ((double) longest / LARGE_PX) / log (SCALE_STEP) - 0.01);
  if (settings->climb_from == 0 || step <= 0)
    return settings->iterations;
  return MAX ((gint64) lrint ((double) settings->iterations * parts[MIN (step, (int) G_N_ELEMENTS (parts)) - 1]), 1);
}

static GArray *
find_scales (const RvStyleSettings *settings, int width, int height, int min_side)
{
  GArray *scales = g_array_new (FALSE, FALSE, sizeof (Scale));
  int longest = MAX (width, height), n = 1;
  if (settings->climb_from > 0)
    while (longest / pow (SCALE_STEP, n) >= (double) settings->climb_from)
      n++;
  for (int k = n - 1; k >= 0; k--) {
    int side = (int) lrint (longest / pow (SCALE_STEP, k));
    gint64 iterations = iterations_at (settings, side) * (k > 0 && scales->len == 0 ? FIRST_SCALE_ITERATIONS : 1);
    Scale scale =
      k ? new_scale (settings, scaled_side (width, longest, side), scaled_side (height, longest, side), iterations)
        : new_scale (settings, width, height, iterations);
    if (k == 0 || MIN (scale.canvas_width, scale.canvas_height) >= min_side) /* a long strip starts later */
      g_array_append_val (scales, scale);
  }
  return scales;
}

static int
n_threads (const RvStyleSettings *settings)
{
  return settings->threads ? (int) settings->threads : rv__system_cores ();
}

static RvObjectiveSpec
objective_spec (const RvStyle *style, const Scale *scale)
{
  const RvStyleSettings *s = style->settings;
  const RvOption *pooling = rv_option_find (rv_style_options, "pooling");
  const RvOption *padding = rv_option_find (rv_style_options, "padding");
  return (RvObjectiveSpec){
    .type = RV_F32,
    .net = style->net,
    .variant = { .pooling = (RvPooling) rv__choice (pooling->choices (), s->pooling),
                 .first_pad = (RvPadMode) rv__choice (padding->choices (), s->padding) },
    .backend = style->backend,
    .compile = { .n_threads = n_threads (s), .kernels = s->exact ? NULL : style->kernels },
    .content_taps = style->content_taps,
    .style_taps = style->style_taps,
    .dream_taps = style->dream_taps,
    .dream_weight = -1, /* the loss is descended, a dream climbed */
    .content_loss = rv__loss_find (RV_LOSS_CONTENT, s->content_loss),
    .style_loss = rv__loss_find (RV_LOSS_STYLE, s->style_loss),
    .tv_loss = rv__loss_find (RV_LOSS_TV, s->tv),
    .content_weight = rv__style_content_weight (s),
    .style_weight = s->style_weight,
    .tv_weight = s->tv_weight,
    .space = style->space,
    .tile_px = scale->tile_px,
  };
}

static RvOptimSettings
optim_settings (const RvStyleSettings *s)
{
  return (RvOptimSettings){
    .learning_rate = s->learning_rate,
    .decay = s->decay,
    .decay_steps = (int) s->decay_steps,
    .decay_form = strcmp (s->decay_form, "steps") == 0 ? RV_DECAY_STEPS : RV_DECAY_SMOOTH,
    .momentum = s->momentum,
    .beta1 = s->beta1,
    .beta2 = s->beta2,
    .history = (int) s->history,
    .line_search = strcmp (s->line_search, "armijo") == 0,
  };
}

RvStyle *
rv_style_new (const RvStyleSettings *settings, RvNet *net, RvImage *content, RvImage *const *styles, int n_styles,
              RvImage *init, GError **error)
{
  g_return_val_if_fail (n_styles > 0, NULL);
  g_autoptr (RvStyle) style = g_new0 (RvStyle, 1);

  style->settings = rv__style_settings_copy (settings);
  style->net = rv_net_ref (net);
  style->content = rv_image_ref (content);
  style->init = init ? rv_image_ref (init) : NULL;
  style->styles = g_new0 (RvImage *, n_styles + 1);
  style->n_styles = n_styles;
  for (int i = 0; i < n_styles; i++)
    style->styles[i] = rv_image_ref (styles[i]);
  style->kernels = rv_kernel_table_new ();
  style->space = rv__style_space (settings);
  style->resize = rv_style_settings_resize (settings);
  if (!rv_style_settings_check (settings, rv_net_name (net), n_styles, error) ||
      !rv__memory_allowed (settings->memory, &style->allowed_bytes, error) ||
      !(style->backend = rv__backend_find (NULL, error)))
    return NULL;
  style->blends = rv__style_blends (settings, n_styles, error);
  style->content_taps = rv__style_taps (settings, rv_net_name (net), FALSE, error);
  style->style_taps = rv__style_taps (settings, rv_net_name (net), TRUE, error);
  style->dream_taps = rv__style_dream_taps (settings, rv_net_name (net), error);
  if (!style->blends || !style->content_taps || !style->style_taps || !style->dream_taps)
    return NULL;
  if (strcmp (settings->init, "picture") == 0 && !init) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "the run is to start from a picture, but none was given");
    return NULL;
  }
  int min_side =
    rv__taps_min_side (net, (const GArray *[]){ style->content_taps, style->style_taps, style->dream_taps, NULL });
  if (MIN (content->width, content->height) < min_side) {
    g_set_error (error, RV_ERROR, RV_ERROR_SHAPE,
                 "a picture of %d x %d px is too small for these layers: each side must have at least %d px",
                 content->width, content->height, min_side);
    return NULL;
  }
  style->scales = find_scales (settings, content->width, content->height, min_side);
  return g_steal_pointer (&style);
}

void
rv_style_free (RvStyle *style)
{
  if (!style)
    return;
  rv_style_settings_free (style->settings);
  rv_net_unref (style->net);
  rv_image_unref (style->content);
  rv_image_unref (style->init);
  for (int i = 0; i < style->n_styles; i++)
    rv_image_unref (style->styles[i]);
  g_free (style->styles);
  g_free (style->blends);
  g_clear_pointer (&style->content_taps, g_array_unref);
  g_clear_pointer (&style->style_taps, g_array_unref);
  g_clear_pointer (&style->dream_taps, g_array_unref);
  rv_kernel_table_unref (style->kernels);
  g_clear_pointer (&style->scales, g_array_unref);
  g_free (style);
}

void
rv_style_set_kernels (RvStyle *style, RvKernelTable *kernels)
{
  rv_kernel_table_ref (kernels);
  rv_kernel_table_unref (style->kernels);
  style->kernels = kernels;
}

static gint64
canvas_pixels (const Scale *scale)
{
  return (gint64) scale->canvas_width * scale->canvas_height;
}

static const Scale *
scale_at (const RvStyle *style, guint i)
{
  return &g_array_index (style->scales, Scale, i);
}

/* ---- one scale's pictures ---------------------------------------------------------------------------------------- */

/* Where position @i of a mirrored row reads: 2 1 | 0 1 2 3 | 2 1, back and forth as far as need be. */
static int
mirrored (int i, int n)
{
  int period = MAX (2 * (n - 1), 1);
  i = ABS (i) % period;
  return i < n ? i : period - i;
}

/* The picture of a scale with its mirrored margin; (transfer full) floats of canvas_pixels () * 3. */
static float *
extend (const float *picture, const Scale *scale, GError **error)
{
  int cw = scale->canvas_width, ch = scale->canvas_height;
  float *canvas = rv__alloc ((gsize) canvas_pixels (scale) * 3 * sizeof (float), "a picture", error);
  for (int c = 0; canvas && c < 3; c++)
    for (int y = 0; y < ch; y++) {
      const float *row =
        picture + ((gint64) c * scale->height + mirrored (y - scale->top, scale->height)) * scale->width;
      for (int x = 0; x < cw; x++)
        canvas[((gint64) c * ch + y) * cw + x] = row[mirrored (x - scale->left, scale->width)];
    }
  return canvas;
}

/* The picture without its margin, into @picture. */
static void
crop (const float *canvas, const Scale *scale, float *picture)
{
  int cw = scale->canvas_width, ch = scale->canvas_height;
  for (int c = 0; c < 3; c++)
    for (int y = 0; y < scale->height; y++)
      memcpy (picture + ((gint64) c * scale->height + y) * scale->width,
              canvas + ((gint64) c * ch + y + scale->top) * cw + scale->left, (gsize) scale->width * sizeof (float));
}

/* A canvas of one scale as a picture (no margin) of another's size, bicubically, by the graph's own op. */
static gboolean
enlarge (const float *canvas, const Scale *old, const Scale *next, float *picture, GError **error)
{
  RvShape shape = rv_shape (4, 1, 3, old->height, old->width),
          new_shape = rv_shape (4, 1, 3, next->height, next->width);
  RvOpAttrs attrs = { .resize = { { next->height, next->width }, RV_RESIZE_BICUBIC } };
  float *cropped = rv__alloc ((gsize) rv_shape_count (&shape) * sizeof (float), "a picture", error);
  if (!cropped)
    return FALSE;
  crop (canvas, old, cropped);
  rv__op_class (RV_OP_RESIZE, RV_F32)
    ->run (&attrs, 1, &(RvView){ cropped, shape, 1 }, &(RvView){ picture, new_shape, 1 });
  rv__free (cropped);
  return TRUE;
}

/* A canvas of one scale as the canvas of another. */
static float *
enlarge_canvas (const float *canvas, const Scale *old, const Scale *next, GError **error)
{
  float *picture = rv__alloc ((gsize) next->width * (gsize) next->height * 3 * sizeof (float), "a picture", error);
  float *result = picture && enlarge (canvas, old, next, picture, error) ? extend (picture, next, error) : NULL;
  rv__free (picture);
  return result;
}

/* The style picture for a scale: its longest side that of the scale, times --style-scale; its shape kept, unless it is
 * to be stretched. */
static RvImage *
style_for (const RvStyle *style, int i, const Scale *scale, GError **error)
{
  const RvStyleSettings *s = style->settings;
  RvImage *full = style->styles[i];
  int longest = MAX (full->width, full->height);
  int wanted = MAX ((int) lrint (MAX (scale->width, scale->height) * s->style_scale), 1);
  int width = s->stretch_style ? scale->width : scaled_side (full->width, longest, wanted);
  int height = s->stretch_style ? scale->height : scaled_side (full->height, longest, wanted);
  g_autoptr (RvImage) picture = rv_image_resize (full, width, height, style->resize, error);
  if (!picture || !s->calm_style)
    return g_steal_pointer (&picture);
  return rv__image_calm (picture, error);
}

/* A picture's canvas at a scale, in the space of x. */
static float *
canvas_of (const RvStyle *style, const RvImage *image, const Scale *scale, GError **error)
{
  g_autoptr (RvImage) picture = rv_image_resize (image, scale->width, scale->height, style->resize, error);
  float *canvas = picture ? extend (picture->rgb->data, scale, error) : NULL;
  if (canvas)
    rv__pixel_space_enter (&style->space, canvas, canvas_pixels (scale));
  return canvas;
}

/* Makes the objective ready: styles first, whose memory is gone before the objective takes its own. */
static gboolean
set_targets (RvStyle *style, RvObjective *objective, const Scale *scale, GError **error)
{
  for (int i = 0; i < style->n_styles; i++) {
    g_autoptr (RvImage) picture = style_for (style, i, scale, error);
    if (!picture)
      return FALSE;
    rv__pixel_space_enter (&style->space, picture->rgb->data, (gint64) picture->width * picture->height);
    if (!rv__objective_add_style (objective, picture->rgb->data, picture->height, picture->width, style->blends[i],
                                  error))
      return FALSE;
  }
  float *canvas = canvas_of (style, style->content, scale, error);
  gboolean ok = canvas && rv__objective_bind (objective, error) && rv__objective_set_content (objective, canvas, error);
  rv__free (canvas);
  return ok;
}

/* What the first scale starts from: its canvas. */
static float *
start_canvas (const RvStyle *style, const Scale *scale, GError **error)
{
  RvImage *from = style->content;
  if (strcmp (style->settings->init, "style") == 0)
    from = style->styles[0];
  if (strcmp (style->settings->init, "picture") == 0 && style->init)
    from = style->init;
  float *canvas = canvas_of (style, from, scale, error);
  if (canvas && strcmp (style->settings->init, "noise") == 0) {
    for (gint64 i = 0; i < canvas_pixels (scale) * 3; i++)
      canvas[i] = WHITE * (float) rv__random_uniform_01 ((guint64) style->settings->seed, NOISE_STREAM, (guint64) i);
    rv__pixel_space_enter (&style->space, canvas, canvas_pixels (scale));
  }
  return canvas;
}

/* To what is black and white in the space of x. */
static void
clamp_pixels (const RvPixelSpace *space, float *x, gint64 plane)
{
  float ends[2 * 3] = { 0, 0, 0, WHITE, WHITE, WHITE };
  rv__pixel_space_enter (space, ends, 1);
  rv__pixel_space_enter (space, ends + 3, 1);
  for (int c = 0; c < 3; c++) {
    float black = ends[c], white = ends[3 + c];
#pragma omp parallel for schedule(static) if (plane >= RV_PARALLEL_MIN)
    for (gint64 p = c * plane; p < (c + 1) * plane; p++)
      x[p] = x[p] < black ? black : x[p] > white ? white : x[p]; /* NaN stays: it must be noticed */
  }
}

/* The optimiser for the next scale, with the last one's state where it carries over. */
static RvOptim *
next_optim (const RvStyle *style, const RvOptim *last, const Scale *old, const Scale *next, GError **error)
{
  RvOptimSettings settings = optim_settings (style->settings);
  const RvOptimClass *class = rv__optim_find (style->settings->optimizer);
  g_autoptr (RvOptim) optim = rv__optim_new (class, &settings, canvas_pixels (next) * 3, error);
  if (!optim || !last || !class->carries)
    return g_steal_pointer (&optim);

  for (int i = 0; i < optim->n_slots; i++) {
    float *slot = enlarge_canvas (last->slot[i], old, next, error);
    if (!slot)
      return NULL;
    rv__free (optim->slot[i]);
    optim->slot[i] = slot;
  }
  optim->iteration = last->iteration;
  class->rescale (optim, (double) last->n / (double) optim->n);
  return g_steal_pointer (&optim);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

#define CERTAINLY_FITS 3000 /* bytes a pixel: no network here takes as much */

/* What lies beside the objective: the canvas, the average, the optimiser's state; of large pictures that climb, what is
 * on its way from the last scale's size. */
static gsize
beside_bytes (const RvStyle *style, const Scale *scale)
{
  RvOptimSettings optim = optim_settings (style->settings);
  const RvOptimClass *class = rv__optim_find (style->settings->optimizer);
  gint64 n = canvas_pixels (scale) * 3;
  gsize canvases = (gsize) n * sizeof (float) * (style->settings->average > 0 ? 2 : 1);
  gboolean climbs = style->scales->len > 1 && CERTAINLY_FITS * (gsize) canvas_pixels (scale) >= style->allowed_bytes;
  gsize on_its_way = climbs ? 2 * (gsize) n * sizeof (float) : 0;
  return canvases + on_its_way + rv__optim_memory (class, &optim, n);
}

/* How each scale is computed: as a whole, or in tiles. *peak: the largest, objective and what lies beside it; *work: of
 * the finest, to that of the whole. Either may be NULL: then nothing is looked at that fits anyway. */
static gboolean
find_tiles (RvStyle *style, gsize *peak, double *work, GError **error)
{
  gsize largest = 0;
  for (guint i = style->scales->len; i > 0; i--) {
    Scale *scale = &g_array_index (style->scales, Scale, i - 1);
    gsize beside = beside_bytes (style, scale), bytes = 0;
    double factor = 1;
    scale->tile_px = (int) style->settings->tile_px;
    RvObjectiveSpec spec = objective_spec (style, scale);
    if (!peak && CERTAINLY_FITS * (gsize) canvas_pixels (scale) < style->allowed_bytes)
      continue;
    if (!rv__objective_fit (&spec, scale->canvas_height, scale->canvas_width, 1, beside, style->allowed_bytes, &bytes,
                            &factor, error))
      return FALSE;
    scale->tile_px = spec.tile_px;
    largest = MAX (largest, bytes + beside);
    if (work && i == style->scales->len)
      *work = factor;
  }
  if (peak)
    *peak = largest;
  return TRUE;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* What one run carries from scale to scale. */
typedef struct {
  RvStyle *style;
  RvStyleFunc progress;
  gpointer user_data;
  gint64 iteration, n_iterations, began_us;
  RvOptim *optim;
  gboolean stopped;
} Run;

static void
add_to_average (float *average, const float *x, double keep, gint64 n)
{
  float a = (float) keep, b = (float) (1 - keep);
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < n; i++)
    average[i] = a * average[i] + b * x[i];
}

static gint64
total_iterations (const RvStyle *style)
{
  gint64 total = 0;
  for (guint i = 0; i < style->scales->len; i++)
    total += scale_at (style, i)->iterations;
  return total;
}

/* Work is counted in pixels times iterations. */
static double
part_done (const Run *run)
{
  gint64 before = 0;
  double done = 0, total = 0;
  for (guint i = 0; i < run->style->scales->len; i++) {
    const Scale *scale = scale_at (run->style, i);
    double pixels = (double) canvas_pixels (scale);
    done += pixels * (double) CLAMP (run->iteration - before, 0, scale->iterations);
    total += pixels * (double) scale->iterations;
    before += scale->iterations;
  }
  return done / total;
}

static gboolean
report (Run *run, const RvLosses *losses, const Scale *scale)
{
  RvStyle *style = run->style;
  RvStyleProgress progress = { .iteration = run->iteration,
                               .n_iterations = run->n_iterations,
                               .scale = (int) (scale - scale_at (style, 0)) + 1,
                               .n_scales = (int) style->scales->len,
                               .width = scale->width,
                               .height = scale->height,
                               .loss = losses->total,
                               .content = losses->content,
                               .style = losses->style,
                               .tv = losses->tv,
                               .dream = losses->dream,
                               .seconds = (double) (g_get_monotonic_time () - run->began_us) / G_USEC_PER_SEC,
                               .done_01 = part_done (run),
                               .run = style };
  return !run->progress || run->progress (&progress, run->user_data);
}

static gboolean
not_finite (const Run *run, GError **error)
{
  g_set_error (
    error, RV_ERROR, RV_ERROR_NUMBER,
    "the loss stopped being a number at iteration %d; lower --learning-rate, or the weight that is too large",
    (int) run->iteration);
  return FALSE;
}

/* The optimiser's loop at one scale, from @canvas, which ends as the scale's result; also after an error: the last
 * canvas whose loss was finite. */
static gboolean
descend (Run *run, RvObjective *objective, const Scale *scale, float *canvas, float *average, GError **error)
{
  const RvStyle *style = run->style;
  const RvStyleSettings *s = style->settings;
  gint64 n = canvas_pixels (scale) * 3, k = 0;
  gsize bytes = (gsize) n * sizeof (float);
  float *x = style->x;

  memcpy (x, canvas, bytes);
  while (k < scale->iterations && !run->stopped) {
    RvLosses losses;
    run->iteration++;
    if (!rv__objective_evaluate (objective, &losses, error))
      return FALSE;
    if (!isfinite (losses.total))
      return not_finite (run, error);
    memcpy (canvas, x, bytes);
    run->optim->class->step (run->optim, x, losses.total, rv__objective_gradient (objective));
    if (s->clamp)
      clamp_pixels (&style->space, x, n / 3);
    if (average)
      add_to_average (average, x, s->average, n);
    k++;
    run->stopped = !report (run, &losses, scale);
  }
  if (run->optim->class->finish)
    run->optim->class->finish (run->optim, x);
  memcpy (canvas, x, bytes);
  if (average)
    for (gint64 i = 0; i < n; i++)
      canvas[i] = average[i] / (float) (1 - pow (s->average, (double) k));
  return TRUE;
}

static gboolean
run_scale (Run *run, const Scale *scale, float *canvas, GError **error)
{
  RvStyle *style = run->style;
  RvObjectiveSpec spec = objective_spec (style, scale);
  spec.compile.tune_s =
    style->settings->exact ? 0 : rv__objective_tune_seconds (canvas_pixels (scale), scale->iterations);
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, scale->canvas_height, scale->canvas_width, error);
  if (!objective || !set_targets (style, objective, scale, error))
    return FALSE;

  float *average = NULL;
  gsize bytes = (gsize) canvas_pixels (scale) * 3 * sizeof (float);
  if (style->settings->average > 0 && !(average = rv__alloc (bytes, "the average", error)))
    return FALSE;
  style->scale = scale;
  style->x = rv__objective_picture (objective);
  gboolean ok = descend (run, objective, scale, canvas, average, error);
  style->x = NULL;
  rv__free (average);
  return ok;
}

static RvImage *
to_result (const RvStyle *style, const float *x, const Scale *at, GError **error)
{
  const Scale *final = scale_at (style, style->scales->len - 1);
  g_autoptr (RvImage) image = rv_image_new (final->width, final->height, error);
  if (!image)
    return NULL;
  if (at == final)
    crop (x, final, image->rgb->data);
  else if (!enlarge (x, at, final, image->rgb->data, error))
    return NULL;
  rv__pixel_space_leave (&style->space, image->rgb->data, (gint64) image->width * image->height);
  if (style->content->alpha)
    image->alpha = rv_tensor_ref (style->content->alpha);
  return g_steal_pointer (&image);
}

static gboolean
run_scales (Run *run, RvImage **result, GError **error)
{
  RvStyle *style = run->style;
  const Scale *last = NULL;
  float *canvas = NULL;
  gboolean ok = TRUE;

  for (guint i = 0; ok && i < style->scales->len && !run->stopped; i++) {
    const Scale *scale = scale_at (style, i);
    float *next = last ? enlarge_canvas (canvas, last, scale, error) : start_canvas (style, scale, error);
    RvOptim *optim = next ? next_optim (style, run->optim, last, scale, error) : NULL;
    if (!optim) {
      rv__free (next);
      ok = FALSE;
      break;
    }
    rv__optim_free (run->optim);
    rv__free (canvas);
    run->optim = optim;
    canvas = next;
    last = scale;
    ok = run_scale (run, scale, canvas, error);
  }
  gboolean broken_number = !ok && g_error_matches (*error, RV_ERROR, RV_ERROR_NUMBER);
  if (ok || broken_number)
    *result = to_result (style, canvas, last, broken_number ? NULL : error);
  rv__free (canvas);
  return ok && *result;
}

gboolean
rv_style_run (RvStyle *style, RvStyleFunc progress, gpointer user_data, RvImage **result, GError **error)
{
  Run run = { .style = style,
              .progress = progress,
              .user_data = user_data,
              .n_iterations = total_iterations (style),
              .began_us = g_get_monotonic_time () };
  g_autoptr (GError) own_error = NULL; /* so that it can be looked at when the caller gave none */
  *result = NULL;
  if (style->settings->strength == 0) {
    *result = rv_image_ref (style->content);
    return TRUE;
  }
  int before = rv__system_use_threads (n_threads (style->settings)); /* for the loops between evaluations */
  gboolean ok = find_tiles (style, NULL, NULL, &own_error) && run_scales (&run, result, &own_error);
  rv__system_use_threads (before);
  rv__optim_free (run.optim);
  if (own_error)
    g_propagate_error (error, g_steal_pointer (&own_error));
  return ok;
}

RvImage *
rv_style_picture (const RvStyleProgress *progress, GError **error)
{
  RvImage *image = rv_image_new (progress->width, progress->height, error);
  if (image) {
    crop (progress->run->x, progress->run->scale, image->rgb->data);
    rv__pixel_space_leave (&progress->run->space, image->rgb->data, (gint64) image->width * image->height);
  }
  return image;
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

#define TRIAL_PIXELS                                                                                                   \
  100000 /* measured at the finest scale that is no larger: coarser ones take longer for each pixel */
#define LARGE_TRIAL_PIXELS 400000 /* a single scale that is larger than this is measured on a smaller picture */

static Scale
trial_scale (const RvStyle *style)
{
  guint i = 0;
  while (i + 1 < style->scales->len && canvas_pixels (scale_at (style, i + 1)) <= TRIAL_PIXELS)
    i++;
  const Scale *scale = scale_at (style, i);
  double shrink = sqrt ((double) canvas_pixels (scale) / LARGE_TRIAL_PIXELS);
  if (shrink <= 1)
    return *scale;
  return new_scale (style->settings, (int) (scale->width / shrink), (int) (scale->height / shrink), 1);
}

/* The seconds one evaluation takes for each pixel. */
static gboolean
seconds_per_pixel (RvStyle *style, double *seconds, GError **error)
{
  Scale scale = trial_scale (style);
  scale.tile_px = 0;
  RvObjectiveSpec spec = objective_spec (style, &scale);
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, scale.canvas_height, scale.canvas_width, error);
  gboolean ok =
    objective && set_targets (style, objective, &scale, error) && rv__objective_time (objective, seconds, error);
  *seconds /= (double) canvas_pixels (&scale);
  return ok;
}

static gboolean
count_tiles (const RvStyle *style, const Scale *scale, int *n_tiles, GError **error)
{
  RvObjectiveSpec spec = objective_spec (style, scale);
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, scale->canvas_height, scale->canvas_width, error);
  *n_tiles = objective ? rv__objective_n_tiles (objective) : 0;
  return objective != NULL;
}

gboolean
rv_style_plan (RvStyle *style, RvStylePlan *plan, GError **error)
{
  double per_pixel = 0, work = 1;
  gsize peak = 0;
  const Scale *final = scale_at (style, style->scales->len - 1);
  *plan = (RvStylePlan){ .n_scales = (int) style->scales->len, .backend = style->backend->name };
  if (!find_tiles (style, &peak, &work, error) || !count_tiles (style, final, &plan->n_tiles, error))
    return FALSE;
  plan->peak_bytes = RV_LIBRARY_BYTES + rv__system_resident_bytes () + peak;
  if (!seconds_per_pixel (style, &per_pixel, error))
    return FALSE;
  for (guint i = 0; i < style->scales->len; i++) {
    const Scale *scale = scale_at (style, i);
    double factor = scale->tile_px > 0 ? work : 1;
    plan->n_iterations += scale->iterations;
    plan->seconds += factor * per_pixel * (double) canvas_pixels (scale) * (double) scale->iterations;
  }
  return TRUE;
}
