/* dream.c -- the run of a dream: octaves, and what goes from one to the next.
 *
 *   sizes[i] = floor (size / octave_scale^i), smallest first;  p_i: the photograph at sizes[i];  x <- p_0
 *   for each size, its steps (step.c); between sizes
 *     --carry dream:    x <- p_(i+1) + enlarge (x - p_i), bicubic
 *     --carry picture:  x <- enlarge (x), bilinear; and after each size's steps  x <- x + p_i - enlarge (p_(i-1))
 *
 * For `picture` all resizing is bilinear with pixel centres in the middle and no antialiasing; for `dream` photographs
 * are shrunk well. Sizes at which no chosen layer has an interior are left out; a layer that has none at some size
 * counts nothing there. */
#include "base/alloc.h"
#include "base/system.h"
#include "base/sized.h"
#include "method/compute.h"
#include "method/dream/internal.h"
#include <math.h>
#include <string.h>

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

float *
rv__dream_new_picture (int width, int height, GError **error)
{
  return rv__alloc ((gsize) width * (gsize) height * 3 * sizeof (float), "a picture", error);
}

static void
resize (const float *from, int width, int height, float *to, int new_width, int new_height, RvResizeKernel kernel)
{
  RvShape shape = rv_shape (4, 1, 3, height, width), new_shape = rv_shape (4, 1, 3, new_height, new_width);
  RvOpAttrs attrs = { .resize = { { new_height, new_width }, kernel } };
  rv__op_class (RV_OP_RESIZE, RV_F32)
    ->run (&attrs, 1, &(RvView){ (void *) from, shape, 1 }, &(RvView){ to, new_shape, 1 });
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
                               .run = dream,
                               .traffic_bytes = rv__run_traffic (common) };
  return !run->progress || run->progress (&progress, run->user_data);
}

/* The weights of the octave's terms: their own, or balanced as they are at its start. */
static gboolean
weigh_terms (RvDreamRun *run, const RvDreamSteps *steps, GError **error)
{
  if (run->common.n_done == 0)
    g_clear_pointer (&run->balance, g_free);
  rv__dream_set_weights (run->dream, run->at, run->balance);
  if (run->balance || !run->dream->settings->balance || run->at->terms->len < 2 ||
      run->dream->settings->iterations == 0)
    return TRUE;
  run->balance = g_new (double, run->at->terms->len);
  if (!rv__dream_balance (steps, run->balance, error))
    return FALSE;
  rv__dream_set_weights (run->dream, run->at, run->balance);
  return TRUE;
}

/* Of a dream from noise: as noise, or as the state has it that the run goes on from. */
static gboolean
start_feature (RvDreamRun *run, GError **error)
{
  RvShape shape = rv_shape (3, 3, run->at->height, run->at->width);
  if (!rv__dream_from_noise (run->dream))
    return TRUE;
  run->feature = rv__dream_feature_new (run->dream, run->at, error);
  return run->feature &&
         (run->common.n_done == 0 ||
          rv__dream_feature_restore (run->feature, &shape, run->common.n_done, run->dream->resume, error)) &&
         rv__dream_feature_picture (run->feature, run->x, error);
}

/* The steps of one octave on run->x; on an error as far as they went. */
static gboolean
dream_octave (RvDreamRun *run, GError **error)
{
  RvDream *dream = run->dream;
  RvDreamEngines engines = { NULL };
  RvDreamSteps steps = { NULL };
  gboolean ok = rv__dream_engines_take (dream, run->common.stage, &engines, error) && start_feature (run, error) &&
                rv__dream_steps_new (run, &engines, &steps, error) && weigh_terms (run, &steps, error);

  while (ok && rv__run_wants_more (&run->common)) {
    double loss = 0;
    if (!(ok = rv__dream_step (&steps, run->common.n_all, &loss, error)))
      break;
    rv__run_count (&run->common, loss);
    run->common.stop.ended |= dream->settings->max_loss > 0 && loss > dream->settings->max_loss;
    ok = rv__run_reported (&run->common, report (run, loss), error);
  }
  ok = ok && rv__dream_engines_give (dream, run->common.stage, &engines, error);
  rv__dream_engines_clear (&engines);
  rv__dream_steps_clear (&steps);
  return ok;
}

static gboolean
carries_dream (const RvDream *dream)
{
  return strcmp (dream->settings->carry, "dream") == 0;
}

/* The original as small as an octave. Where only the dream is carried, it need not be what shrinking a dream gives. */
static float *
shrink (const RvDream *dream, const float *original, const RvDreamOctave *octave, GError **error)
{
  float *picture = rv__dream_new_picture (octave->width, octave->height, error);
  if (!picture || !carries_dream (dream)) {
    if (picture)
      resize (original, dream->image->width, dream->image->height, picture, octave->width, octave->height,
              RV_RESIZE_BILINEAR);
    return picture;
  }
  g_autoptr (RvImage) small =
    rv_image_resize (dream->image, octave->width, octave->height, RV_IMAGE_RESIZE_BEST, error);
  if (!small) {
    rv__free (picture);
    return NULL;
  }
  gint64 pixels = rv__dream_octave_pixels (octave);
  memcpy (picture, small->rgb->data, (gsize) pixels * 3 * sizeof (float));
  rv__pixel_space_enter (&rv__dream_space, picture, pixels);
  return picture;
}

/* x += original - resize (shrunk), both of the octave's size; shrunk becomes the former. Where only the dream is
 * carried, nothing was lost. Where the mask is dark, x goes back to the original. */
static gboolean
end_octave (RvDreamRun *run, GError **error)
{
  const RvDream *dream = run->dream;
  const RvDreamOctave *octave = run->at, *last = run->shrunk_at;
  gint64 n = rv__dream_octave_pixels (octave) * 3;
  float *x = run->x, *now = run->base;
  if (!carries_dream (dream)) {
    float *before = rv__dream_new_picture (octave->width, octave->height, error);
    if (!before)
      return FALSE;
    resize (run->shrunk, last->width, last->height, before, octave->width, octave->height, RV_RESIZE_BILINEAR);
    for (gint64 i = 0; i < n; i++)
      x[i] += now[i] - before[i];
    rv__free (before);
  }
  for (gint64 i = 0; dream->weights && i < n; i++) {
    float weight = dream->weights[i % (n / 3)];
    x[i] = weight * x[i] + (1 - weight) * now[i];
  }
  rv__free (run->shrunk);
  run->shrunk = g_steal_pointer (&run->base);
  run->shrunk_at = octave;
  return TRUE;
}

/* Where all that is dreamt of has its place, and nothing lies elsewhere. */
static gboolean
has_bounds (const RvDream *dream)
{
  gboolean bounds = TRUE;
  for (guint i = 0; i < dream->terms->len; i++)
    bounds &= g_array_index (dream->terms, RvTerm, i).mask >= 0;
  return bounds;
}

/* A mask's grey is the mean of its colours. */
static gboolean
hold_to_mask (RvDream *dream, const RvDreamOctave *octave, GError **error)
{
  gint64 plane = rv__dream_octave_pixels (octave);
  g_autoptr (RvImage) mask = rv_image_resize (dream->mask, octave->width, octave->height, RV_IMAGE_RESIZE_BEST, error);
  for (gint64 p = 0; mask && p < plane; p++) {
    const float *rgb = mask->rgb->data;
    dream->weights[p] *= (rgb[p] + rgb[p + plane] + rgb[p + 2 * plane]) / (3 * 255.0f);
  }
  return mask != NULL;
}

/* Where to dream at the octave's size, in 0..1: in the mask, and where words belong. */
static gboolean
set_weights (RvDream *dream, const RvDreamOctave *octave, GError **error)
{
  gint64 plane = rv__dream_octave_pixels (octave);
  rv__free (dream->weights);
  dream->weights = NULL;
  if (!dream->mask && !has_bounds (dream))
    return TRUE;
  if (!(dream->weights = rv__alloc ((gsize) plane * sizeof (float), "the mask", error)))
    return FALSE;
  for (gint64 p = 0; p < plane; p++)
    dream->weights[p] = 1;
  if (dream->mask && !hold_to_mask (dream, octave, error))
    return FALSE;
  return !has_bounds (dream) || rv__dream_hold_to_places (&dream->places, octave, dream->weights, error);
}

/* Both the original as small as the first octave. */
static gboolean
start (RvDreamRun *run, const float *original, GError **error)
{
  run->at = run->shrunk_at = rv__dream_octave (run->dream, 0);
  run->x = shrink (run->dream, original, run->at, error);
  run->shrunk = run->x ? rv__dream_new_picture (run->at->width, run->at->height, error) : NULL;
  if (!run->shrunk)
    return FALSE;
  memcpy (run->shrunk, run->x, (gsize) rv__dream_octave_pixels (run->at) * 3 * sizeof (float));
  return TRUE;
}

/* The picture comes to the next octave's size; or the dream alone, x - shrunk, onto the original at that size. */
static gboolean
enlarge (RvDreamRun *run, const RvDreamOctave *octave, GError **error)
{
  const RvDreamOctave *last = run->at;
  gboolean dream_alone = carries_dream (run->dream);
  gint64 n = rv__dream_octave_pixels (last) * 3, n_next = rv__dream_octave_pixels (octave) * 3;
  float *next = rv__dream_new_picture (octave->width, octave->height, error);
  if (!next)
    return FALSE;
  for (gint64 i = 0; dream_alone && i < n; i++)
    run->x[i] -= run->shrunk[i];
  resize (run->x, last->width, last->height, next, octave->width, octave->height,
          dream_alone ? RV_RESIZE_BICUBIC : RV_RESIZE_BILINEAR);
  for (gint64 i = 0; dream_alone && i < n_next; i++)
    next[i] += run->base[i];
  rv__free (run->x);
  run->x = next;
  return TRUE;
}

static gboolean
start_octave (RvDreamRun *run, guint number, GError **error)
{
  const RvDreamOctave *octave = rv__dream_octave (run->dream, number);
  if (!enlarge (run, octave, error))
    return FALSE;
  run->at = octave;
  rv__run_start_stage (&run->common, number, 0);
  return TRUE;
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
    run->base = shrink (dream, original, rv__dream_octave (dream, i), error);
    if (!run->base || (!goes_on && !start_octave (run, i, error)) || !set_weights (dream, run->at, error))
      return FALSE;
    gboolean ok = dream_octave (run, error);
    if (!ok && !leaves_picture (run, *error))
      return FALSE;
    if (!end_octave (run, ok ? error : NULL) || !ok)
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
  resize (x, at->width, at->height, image->rgb->data, image->width, image->height, RV_RESIZE_BILINEAR);
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
  gboolean ok = (goes_on ? rv__dream_restore (run, error) : start (run, original, error)) &&
                dream_octaves (run, original, goes_on, error);
  if (!ok && leaves_picture (run, *error) && (*error)->code == RV_ERROR_CANCELLED) {
    g_clear_error (error); /* it is stopped, as by #RvDreamFunc */
    ok = TRUE;
  }
  if ((ok || leaves_picture (run, *error)) && dream->settings->clip && run->shrunk_at == run->at)
    rv__dream_ease (run->x, run->shrunk, 3 * rv__dream_octave_pixels (run->at));
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
    (dream->engine->fitted || rv__dream_find_tiles (dream, NULL, &own_error)) && run_dream (&run, result, &own_error);
  dream->run = NULL;
  rv__system_use_threads (before);
  g_clear_pointer (&dream->weights, rv__free);
  g_clear_pointer (&dream->resume, rv_tensor_map_unref);
  rv__free (run.x);
  rv__free (run.shrunk);
  rv__free (run.base);
  rv__dream_feature_free (run.feature);
  g_free (run.balance);
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
    memcpy (image->rgb->data, progress->run->run->x, (gsize) plane * 3 * sizeof (float));
    rv__pixel_space_leave (&rv__dream_space, image->rgb->data, plane);
  }
  return image;
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

/* The seconds one evaluation of a whole picture takes for each pixel: the smallest octave stands for all. */
static gboolean
seconds_per_pixel (const RvDream *dream, double *seconds, GError **error)
{
  RvDreamEngines engines;
  double of_style = 0;
  if (!rv__dream_engines_new (dream, 0, &engines, error))
    return FALSE;
  gboolean ok = rv__dream_engines_bind (&engines, error) && rv__objective_time (engines.dream, seconds, error) &&
                (!engines.style || rv__objective_time (engines.style, &of_style, error));
  double work = rv__objective_work (engines.dream);
  *seconds = (*seconds + of_style) / (work * (double) rv__engine_pixels (dream->engine, 0));
  rv__dream_engines_clear (&engines);
  return ok;
}

gboolean
rv_dream_plan_sized (RvDream *dream, RvDreamPlan *plan, gsize size, GError **error)
{
  RvPlan found;
  double per_pixel = 0;
  rv__sized_copy (plan, size, NULL, 0);
  if (!rv__dream_idle (dream, error) || !rv__dream_find_tiles (dream, &found, error) ||
      !seconds_per_pixel (dream, &per_pixel, error))
    return FALSE;
  if (!rv__plan_time (&found, dream->engine, dream->settings->until, per_pixel, 0, 0, error))
    return FALSE;
  RvDreamPlan all = { .peak_bytes = found.peak_bytes,
                      .seconds = found.seconds,
                      .n_octaves = (int) dream->octaves->len,
                      .n_tiles = found.n_tiles,
                      .work = found.work,
                      .n_iterations = found.n_iterations,
                      .traffic_bytes = found.traffic_bytes,
                      .traffic_s = found.traffic_s,
                      .backend = dream->engine->backend->name };
  rv__sized_copy (plan, size, &all, sizeof all);
  return TRUE;
}
