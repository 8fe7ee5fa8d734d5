/* dream.c -- the run of a dream: octaves, steps of gradient ascent, the detail that shrinking lost.
 *
 *   sizes[i] = floor (size / octave_scale^i), smallest first;  shrunk <- resize (original, smallest);  x <- shrunk
 *   for each size:
 *     x <- resize (x, size)
 *     repeat: g <- dL/dx;  g <- g / max (sqrt (mean g^2), 1e-8);  x <- x + step g
 *     x <- x + resize (original, size) - resize (shrunk, size);  shrunk <- resize (original, size)
 *
 * With a style, x moves by step (g / rms (g) - w h / rms (h)), h the gradient of the style loss.
 * Resizing is bilinear with pixel centres in the middle and no antialiasing. Sizes at which no chosen layer has an
 * interior are left out; a layer that has none at some size counts nothing there. The loss: src/loss/dream-squares.c.
 */
#include "base/alloc.h"
#include "base/random.h"
#include "base/system.h"
#include "method/compute.h"
#include "method/dream/internal.h"
#include <math.h>
#include <string.h>

#define JITTER_STREAM 2 /* of the random numbers */
#define LEAST_RMS 1e-8
#define LEAST_MEAN_ABS 1e-6
#define MIDDLE_STRENGTH 50.0 /* at which the step is as set */

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

float *
rv__dream_new_picture (int width, int height, GError **error)
{
  return rv__alloc ((gsize) width * (gsize) height * 3 * sizeof (float), "a picture", error);
}

static void
resize (const float *from, int width, int height, float *to, int new_width, int new_height)
{
  RvShape shape = rv_shape (4, 1, 3, height, width), new_shape = rv_shape (4, 1, 3, new_height, new_width);
  RvOpAttrs attrs = { .resize = { { new_height, new_width }, RV_RESIZE_BILINEAR } };
  rv__op_class (RV_OP_RESIZE, RV_F32)
    ->run (&attrs, 1, &(RvView){ (void *) from, shape, 1 }, &(RvView){ to, new_shape, 1 });
}

/* Rows and columns shifted in a circle: what stood at (y + dy, x + dx) comes to (y, x). */
static void
roll (const float *from, float *to, int width, int height, int dx, int dy)
{
  dx = ((dx % width) + width) % width;
  dy = ((dy % height) + height) % height;
  for (int c = 0; c < 3; c++)
    for (int y = 0; y < height; y++) {
      const float *row = from + ((gint64) c * height + (y + dy) % height) * width;
      float *out = to + ((gint64) c * height + y) * width;
      memcpy (out, row + dx, (gsize) (width - dx) * sizeof (float));
      memcpy (out + width - dx, row, (gsize) dx * sizeof (float));
    }
}

/* ---- the ascent -------------------------------------------------------------------------------------------------- */

static gboolean
report (RvDreamRun *run, double loss)
{
  RvDream *dream = run->dream;
  const RvDreamOctave *octave = run->at;
  const RvRun *common = &run->common;
  RvDreamProgress progress = { .octave = (int) common->stage + 1,
                               .n_octaves = (int) dream->octaves->len,
                               .octave_scale = octave->scale,
                               .width = octave->width,
                               .height = octave->height,
                               .n_layers_left_out = rv_dream_n_layers_left_out (dream, (int) common->stage),
                               .iteration = common->n_done,
                               .n_iterations = dream->settings->iterations,
                               .iterations_before = common->n_all - common->n_done,
                               .loss = loss,
                               .seconds = rv__run_seconds (common),
                               .done_01 = rv__run_done_01 (common),
                               .run = dream };
  return !run->progress || run->progress (&progress, run->user_data);
}

static gboolean
dead_layers (const RvDreamOctave *octave, gboolean finite, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  gboolean weighted = FALSE;
  for (guint i = 0; i < octave->terms->len; i++) {
    g_string_append_printf (names, "%s%s", i ? ", " : "", g_array_index (octave->terms, RvTerm, i).layer);
    weighted |= g_array_index (octave->terms, RvTerm, i).weight != 0;
  }
  g_set_error (error, RV_ERROR, RV_ERROR_NUMBER,
               finite && !weighted ? "the gradient is zero: the weight of %s is 0; choose another in --layers"
               : finite
                 ? "the gradient is zero: %s does not respond to this picture; choose other --layers or --channels"
                 : "the loss of %s stopped being a number; lower --step or the layers' weights",
               names->str);
  return FALSE;
}

/* What the gradient is divided by; 0 for a gradient of zeros. */
static double
gradient_size (const RvDreamSettings *settings, const float *grad, gint64 n)
{
  gboolean rms = strcmp (settings->normalize, "rms") == 0;
  double sum = 0;
  for (gint64 i = 0; i < n; i++)
    sum += rms ? (double) grad[i] * grad[i] : fabs (grad[i]);
  if (sum == 0)
    return 0;
  return rms ? MAX (sqrt (sum / (double) n), LEAST_RMS) : MAX (sum / (double) n, LEAST_MEAN_ABS);
}

/* What the style adds to a step, to be divided by the size returned; 0 where there is none. */
static gboolean
style_gradient (const RvDreamEngines *engines, gint64 n, const RvDreamSettings *s, double *size, GError **error)
{
  RvLosses losses;
  *size = 0;
  if (!engines->style)
    return TRUE;
  memcpy (rv__objective_picture (engines->style), rv__objective_picture (engines->dream), (gsize) n * sizeof (float));
  if (!rv__objective_evaluate (engines->style, &losses, error))
    return FALSE;
  *size = gradient_size (s, rv__objective_gradient (engines->style), n);
  return TRUE;
}

/* x += step (g / size (g) - w h / size (h)), times the mask. */
static void
move (const RvDream *dream, const RvDreamEngines *engines, const float *grad, double size, double style_size, gint64 n)
{
  const RvDreamSettings *s = dream->settings;
  double step = s->step * s->strength / MIDDLE_STRENGTH;
  float along = (float) (step / size), against = (float) (style_size > 0 ? step * dream->style_weight / style_size : 0);
  float *x = rv__objective_picture (engines->dream);
  const float *style_grad = against > 0 ? rv__objective_gradient (engines->style) : grad, *weights = dream->weights;
  for (gint64 i = 0; i < n; i++)
    x[i] += (along * grad[i] - against * style_grad[i]) * (weights ? weights[i % (n / 3)] : 1);
}

/* One step on the engines' picture: its loss before, and the move. */
static gboolean
ascend (const RvDreamRun *run, const RvDreamEngines *engines, const RvDreamOctave *octave, float *spare, double *loss,
        GError **error)
{
  const RvDreamSettings *s = run->dream->settings;
  gint64 n = rv__dream_octave_pixels (octave) * 3;
  RvLosses losses;
  double style_size;
  if (!rv__objective_evaluate (engines->dream, &losses, error) || !style_gradient (engines, n, s, &style_size, error))
    return FALSE;
  const float *grad = rv__objective_gradient (engines->dream);
  if (s->smooth_px > 0) {
    memcpy (spare, grad, (gsize) n * sizeof (float));
    if (!rv__dream_smooth (spare, octave->width, octave->height, s->smooth_px, error))
      return FALSE;
    grad = spare;
  }
  double size = gradient_size (s, grad, n);
  *loss = losses.total;
  if (size == 0 || !isfinite (size) || !isfinite (style_size) || !isfinite (*loss))
    return dead_layers (octave, isfinite (size) && isfinite (style_size) && isfinite (*loss), error);
  move (run->dream, engines, grad, size, style_size, n);
  return TRUE;
}

/* A whole number in -jitter..jitter. */
static int
random_shift (const RvDreamSettings *s, gint64 index)
{
  double u = rv__random_uniform_01 ((guint64) s->seed, JITTER_STREAM, (guint64) index);
  return (int) floor (u * (double) (2 * s->jitter_px + 1)) - (int) s->jitter_px;
}

static gboolean
jittered_ascend (const RvDreamRun *run, const RvDreamEngines *engines, const RvDreamOctave *octave, float *spare,
                 double *loss, GError **error)
{
  const RvDreamSettings *s = run->dream->settings;
  if (s->jitter_px == 0)
    return ascend (run, engines, octave, spare, loss, error);
  float *x = rv__objective_picture (engines->dream);
  gsize bytes = (gsize) rv__dream_octave_pixels (octave) * 3 * sizeof (float);
  int dx = random_shift (s, 2 * run->common.n_all), dy = random_shift (s, 2 * run->common.n_all + 1);
  roll (x, spare, octave->width, octave->height, dx, dy);
  memcpy (x, spare, bytes);
  gboolean ok = ascend (run, engines, octave, spare, loss, error);
  roll (x, spare, octave->width, octave->height, -dx, -dy);
  memcpy (x, spare, bytes);
  return ok;
}

/* The steps of one octave, from run->x and into it; on an error as far as they went. */
static gboolean
dream_octave (RvDreamRun *run, GError **error)
{
  RvDream *dream = run->dream;
  const RvDreamSettings *s = dream->settings;
  const RvDreamOctave *octave = run->at;
  gsize bytes = (gsize) rv__dream_octave_pixels (octave) * 3 * sizeof (float);
  RvDreamEngines engines = { NULL };
  float *spare = rv__dream_new_picture (octave->width, octave->height, error);
  gboolean ok = spare && rv__dream_engines_take (dream, run->common.stage, &engines, error);

  if (ok) {
    dream->x = rv__objective_picture (engines.dream);
    memcpy (dream->x, run->x, bytes);
  }
  while (ok && rv__run_wants_more (&run->common)) {
    double loss = 0;
    if (!(ok = jittered_ascend (run, &engines, octave, spare, &loss, error)))
      break;
    rv__run_count (&run->common, loss);
    run->common.stop.ended |= s->max_loss > 0 && loss > s->max_loss;
    rv__run_reported (&run->common, report (run, loss));
  }
  if (dream->x) /* also when a step has failed: those before it were good */
    memcpy (run->x, dream->x, bytes);
  if (ok)
    rv__dream_engines_give (dream, run->common.stage, &engines);
  rv__dream_engines_clear (&engines);
  dream->x = NULL;
  rv__free (spare);
  return ok;
}

/* x += resize (original) - resize (shrunk); shrunk becomes the former. Where the mask is dark, x goes back to the
 * original. All of the octave's size but for the two sources. */
static gboolean
add_lost_detail (RvDreamRun *run, const float *original, GError **error)
{
  const RvDream *dream = run->dream;
  const RvDreamOctave *octave = run->at, *last = run->shrunk_at;
  gint64 n = rv__dream_octave_pixels (octave) * 3;
  float *x = run->x, *now = rv__dream_new_picture (octave->width, octave->height, error);
  float *before = now ? rv__dream_new_picture (octave->width, octave->height, error) : NULL;
  if (!before) {
    rv__free (now);
    return FALSE;
  }
  resize (original, dream->image->width, dream->image->height, now, octave->width, octave->height);
  resize (run->shrunk, last->width, last->height, before, octave->width, octave->height);
  for (gint64 i = 0; i < n; i++)
    x[i] += now[i] - before[i];
  for (gint64 i = 0; dream->weights && i < n; i++) {
    float weight = dream->weights[i % (n / 3)];
    x[i] = weight * x[i] + (1 - weight) * now[i];
  }
  rv__free (before);
  rv__free (run->shrunk);
  run->shrunk = now;
  run->shrunk_at = octave;
  return TRUE;
}

/* The mask at the octave's size, in 0..1; its grey is the mean of its colours. */
static gboolean
set_weights (RvDream *dream, const RvDreamOctave *octave, GError **error)
{
  gint64 plane = rv__dream_octave_pixels (octave);
  rv__free (dream->weights);
  dream->weights = NULL;
  if (!dream->mask)
    return TRUE;
  g_autoptr (RvImage) mask = rv_image_resize (dream->mask, octave->width, octave->height, RV_IMAGE_RESIZE_BEST, error);
  dream->weights = mask ? rv__alloc ((gsize) plane * sizeof (float), "the mask", error) : NULL;
  for (gint64 p = 0; dream->weights && p < plane; p++) {
    const float *rgb = mask->rgb->data;
    dream->weights[p] = (rgb[p] + rgb[p + plane] + rgb[p + 2 * plane]) / (3 * 255.0f);
  }
  return dream->weights != NULL;
}

/* The picture of one octave brought to another's size. */
static float *
resized (const float *x, const RvDreamOctave *from, const RvDreamOctave *to, GError **error)
{
  float *picture = rv__dream_new_picture (to->width, to->height, error);
  if (picture)
    resize (x, from->width, from->height, picture, to->width, to->height);
  return picture;
}

/* Both from the original as small as the first octave. */
static gboolean
start (RvDreamRun *run, const float *original, const RvDreamOctave *whole, GError **error)
{
  run->at = run->shrunk_at = rv__dream_octave (run->dream, 0);
  run->x = resized (original, whole, run->at, error);
  run->shrunk = run->x ? resized (original, whole, run->at, error) : NULL;
  return run->shrunk != NULL;
}

/* The picture comes to the next octave's size. */
static gboolean
start_octave (RvDreamRun *run, guint number, GError **error)
{
  const RvDreamOctave *octave = rv__dream_octave (run->dream, number);
  float *next = resized (run->x, run->at, octave, error);
  rv__free (run->x);
  run->x = next;
  run->at = octave;
  rv__run_start_stage (&run->common, number, 0);
  return next != NULL;
}

/* Whether what the run has reached is worth looking at although it ended with @error. */
static gboolean
leaves_picture (const RvDreamRun *run, const GError *error)
{
  return run->common.n_all > 0 &&
         (g_error_matches (error, RV_ERROR, RV_ERROR_NUMBER) || g_error_matches (error, RV_ERROR, RV_ERROR_CANCELLED));
}

/* @error: not NULL. */
static gboolean
dream_octaves (RvDreamRun *run, const float *original, gboolean goes_on, GError **error)
{
  RvDream *dream = run->dream;
  if (goes_on)
    rv__run_go_on (&run->common);
  for (guint i = run->common.stage; i < dream->octaves->len && !run->common.stopped; i++) {
    if ((!goes_on && !start_octave (run, i, error)) || !set_weights (dream, run->at, error))
      return FALSE;
    gboolean ok = dream_octave (run, error);
    if (!ok && !leaves_picture (run, *error))
      return FALSE;
    if (!add_lost_detail (run, original, ok ? error : NULL) || !ok)
      return FALSE;
    goes_on = FALSE;
  }
  return TRUE;
}

static RvImage *
to_result (const RvDream *dream, const float *x, const RvDreamOctave *at, GError **error)
{
  g_autoptr (RvImage) image = rv_image_new (dream->image->width, dream->image->height, error);
  if (!image)
    return NULL;
  resize (x, at->width, at->height, image->rgb->data, image->width, image->height);
  gint64 plane = (gint64) image->width * image->height;
  rv__pixel_space_leave (&rv__dream_space, image->rgb->data, plane);
  for (gint64 i = 0; dream->weights && at->width == image->width && at->height == image->height && i < 3 * plane; i++)
    if (dream->weights[i % plane] == 0)
      ((float *) image->rgb->data)[i] = ((const float *) dream->image->rgb->data)[i];
  if (dream->image->alpha)
    image->alpha = rv_tensor_ref (dream->image->alpha);
  return g_steal_pointer (&image);
}

static gboolean
run_dream (RvDreamRun *run, RvImage **result, GError **error)
{
  RvDream *dream = run->dream;
  RvDreamOctave whole = { .width = dream->image->width, .height = dream->image->height };
  gint64 pixels = rv__dream_octave_pixels (&whole);
  gboolean goes_on = dream->resume != NULL;
  float *original = rv__dream_new_picture (whole.width, whole.height, error);
  if (!original)
    return FALSE;
  memcpy (original, dream->image->rgb->data, (gsize) pixels * 3 * sizeof (float));
  rv__pixel_space_enter (&rv__dream_space, original, pixels);
  gboolean ok = (goes_on ? rv__dream_restore (run, error) : start (run, original, &whole, error)) &&
                dream_octaves (run, original, goes_on, error);
  if (!ok && leaves_picture (run, *error) && (*error)->code == RV_ERROR_CANCELLED) {
    g_clear_error (error); /* it is stopped, as by #RvDreamFunc */
    ok = TRUE;
  }
  if (ok || leaves_picture (run, *error))
    *result = to_result (dream, run->x, run->at, ok ? error : NULL);
  rv__free (original);
  return ok && *result;
}

gboolean
rv_dream_run (RvDream *dream, RvDreamFunc progress, gpointer user_data, RvImage **result, GError **error)
{
  RvDreamRun run = { .dream = dream, .progress = progress, .user_data = user_data };
  g_autoptr (GError) own_error = NULL; /* so that it can be looked at when the caller gave none */
  *result = NULL;
  if (!rv__dream_idle (dream, error))
    return FALSE;
  int before = rv__system_use_threads (rv__compute_threads (&dream->settings->compute));
  rv__run_start (&run.common, dream->engine, dream->settings->until);
  dream->run = &run;
  gboolean ok =
    (dream->engine->fitted || rv__dream_find_tiles (dream, &own_error)) && run_dream (&run, result, &own_error);
  dream->run = NULL;
  rv__system_use_threads (before);
  g_clear_pointer (&dream->weights, rv__free);
  g_clear_pointer (&dream->resume, rv_tensor_map_unref);
  rv__free (run.x);
  rv__free (run.shrunk);
  if (own_error)
    g_propagate_error (error, g_steal_pointer (&own_error));
  return ok;
}

RvImage *
rv_dream_picture (const RvDreamProgress *progress, GError **error)
{
  RvImage *image = rv_image_new (progress->width, progress->height, error);
  gint64 plane = (gint64) progress->width * progress->height;
  if (image) {
    memcpy (image->rgb->data, progress->run->x, (gsize) plane * 3 * sizeof (float));
    rv__pixel_space_leave (&rv__dream_space, image->rgb->data, plane);
  }
  return image;
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

gboolean
rv_dream_plan (RvDream *dream, RvDreamPlan *plan, GError **error)
{
  double seconds_per_pixel = 0;
  gint64 left = dream->settings->until > 0 ? dream->settings->until : G_MAXINT64;
  gsize largest = 0, held = 0;
  *plan = (RvDreamPlan){ .n_octaves = (int) dream->octaves->len, .backend = dream->engine->backend->name };
  if (!rv__dream_idle (dream, error) || !rv__dream_find_tiles (dream, error))
    return FALSE;
  for (guint i = 0; i < dream->octaves->len; i++) {
    const RvDreamOctave *octave = rv__dream_octave (dream, i);
    RvDreamEngines engines;
    double seconds = 0, style_seconds = 0;
    if (!rv__dream_engines_new (dream, i, &engines, error))
      return FALSE;
    gsize beside = rv__dream_beside_bytes (dream, octave);
    gsize bytes = rv__dream_engines_memory (&engines) + beside;
    double work = rv__objective_work (engines.dream);
    plan->n_tiles = rv__objective_n_tiles (engines.dream);
    plan->work = rv__objective_work (engines.dream);
    held += rv__engine_may_keep (dream->engine, i, rv__dream_engines_memory (&engines)) ? bytes - beside : 0;
    largest = MAX (MAX (largest, bytes), held + beside); /* those of smaller octaves are kept */
    gboolean ok = i > 0 ||                               /* the smallest stands for all */
                  (rv__dream_engines_bind (&engines, error) && rv__objective_time (engines.dream, &seconds, error) &&
                   (!engines.style || rv__objective_time (engines.style, &style_seconds, error)));
    rv__dream_engines_clear (&engines);
    if (!ok)
      return FALSE;
    if (i == 0)
      seconds_per_pixel = (seconds + style_seconds) / (work * (double) rv__dream_octave_pixels (octave));
    gint64 iterations = MIN (dream->settings->iterations, left);
    left -= iterations;
    plan->n_iterations += iterations;
    plan->seconds += work * seconds_per_pixel * (double) rv__dream_octave_pixels (octave) * (double) iterations;
  }
  if (dream->engine->allowed_s > 0)
    plan->seconds = MIN (plan->seconds, dream->engine->allowed_s);
  plan->peak_bytes = RV_LIBRARY_BYTES + rv__system_resident_bytes () + largest;
  return TRUE;
}
