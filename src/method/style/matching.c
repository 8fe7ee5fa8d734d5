/* matching.c -- content targets that are matches among the style pictures' features, and the finish.
 *
 *   at the start of a scale   q <- a (x + p - h) + (1 - a) p;  T <- m F(q) + (1 - m) the best matches of F(q)
 *   in a finish               T <- the same with x instead of q, layer by layer, every FINISH_EVERY iterations
 *
 * F: features; x: the start of the scale; p: the photograph, recoloured by min (2 s, 1) toward the style pictures
 * (RV_COLOR_COVARIANCE); h: p at half its size, enlarged; s: --strength, 0 to 1. d: the detail of the photograph
 * (match.h), 0 in skies and water, 1 in houses; also 1 in faces that the detector finds, which are often smooth, dark
 * or out of focus. a = s (1 - d): the fraction that is painted already. m: from 0.7 (1 - 2 s), at least 0, where the
 * photograph is flat to 1 - s^3 where it has detail; in faces 1 - max (2 s - 1, 0)^3. At s = 0.5 faces and houses keep
 * their shapes, and skies get whirls.
 *
 * At the first of several scales q is p. Each scale adds the details of the photograph again, which x does not have
 * yet.
 *
 * Kolkin, Kucera, Paris, Sykora, Shechtman, Shakhnarovich 2022, "Neural Neighbor Style Transfer"; there the features
 * are those of VGG16, and a second network pass replaces the targets. */
#include "base/alloc.h"
#include "method/run/state.h"
#include "method/style/style-run.h"
#include <math.h>
#include <string.h>

#define BANK_POSITIONS 4096 /* 16,384 positions, or four rotations, gave the same figures */
#define FINISH_EVERY 5      /* iterations between matches */

/* The setting `strength` at the start of the run, 0 to 1: targets are computed again after a resume, and must be the
 * same. */
static double
begun_strength_01 (const RvStyle *style)
{
  return ((const RvStyleSettings *) style->initial_settings->fields)->strength / 100;
}

gint64
rv__style_bank_positions (const RvStyle *style)
{
  return !rv__style_matches (style->initial_settings->fields) ? 0
         : style->masks                                       ? BANK_POSITIONS * style->n_styles
                                                              : BANK_POSITIONS;
}

void
rv__style_clear_banks (RvStyle *style)
{
  g_clear_pointer (&style->banks, g_ptr_array_unref);
  style->axes = (RvColorAxes){ 0 };
  if (rv__style_bank_positions (style) == 0)
    return;
  style->banks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv__feature_bank_free);
  for (int i = 0; i < (style->masks ? style->n_styles : 1); i++)
    g_ptr_array_add (style->banks, rv__feature_bank_new ());
}

gboolean
rv__style_add_to_bank (RvStyle *style, const RvObjective *objective, int i, const RvImage *picture, GError **error)
{
  double part = style->masks ? 1 : style->blends[i];
  gint64 n = MAX ((gint64) (part * BANK_POSITIONS), part > 0);
  float *mask = NULL;
  gboolean ok = n == 0 || (rv__style_read_style_mask (style, i, picture->width, picture->height, &mask, error) &&
                           rv__feature_bank_add (style->banks->pdata[style->masks ? i : 0], objective,
                                                 picture->rgb->data, mask, picture->height, picture->width, n, error));
  rv__free (mask);
  return ok;
}

/* ---- picture to be matched --------------------------------------------------------------------------------------- */

/* Overwrites run->query with the picture to be matched, q in the head of this file. Computed from @photo, run->start
 * and run->detail, all on the scale's canvas, in the space of x. @is_first: only the recoloured @photo. Overwrites
 * run->before as workspace. */
static gboolean
make_query (const RvStyleRun *run, const RvScale *scale, const float *photo, gboolean is_first, GError **error)
{
  gint64 n = rv__scale_canvas_pixels (scale);
  float s = (float) begun_strength_01 (run->style), *query = run->query, *p = run->before;
  memcpy (p, photo, (gsize) n * 3 * sizeof (float));
  if (!rv__style_recolor (run->style, scale, MIN (2 * s, 1), p, error))
    return FALSE;
  memcpy (query, p, (gsize) n * 3 * sizeof (float));
  if (is_first)
    return TRUE;
  if (!rv__match_blur (query, 3, scale->canvas_height, scale->canvas_width, error))
    return FALSE;
  for (gint64 i = 0; i < 3 * n; i++) {
    float a = s * (1 - run->detail[i % n]);
    query[i] = a * (run->start[i] + p[i] - query[i]) + (1 - a) * p[i];
  }
  return TRUE;
}

/* ---- matching ---------------------------------------------------------------------------------------------------- */

/* Replaces the objective's content targets, features that were set before, by their best matches in style->banks, which
 * is not NULL. Uses run->shares (nullable). */
static gboolean
match (const RvStyleRun *run, RvObjective *objective, const RvScale *scale, GError **error)
{
  const RvStyle *style = run->style;
  float **masks = style->masks ? rv__style_masks_at (style, scale, error) : NULL;
  RvMatchSpec spec = { .banks = (RvFeatureBank *const *) style->banks->pdata,
                       .n_banks = (int) style->banks->len,
                       .masks = (const float *const *) masks,
                       .shares = run->shares,
                       .jointly = !scale->is_finish };
  gboolean ok = (masks || !style->masks) && rv__objective_match_targets (objective, &spec, error);
  rv__free_planes (masks);
  return ok;
}

/* Sets the content targets to the matches of @query's features. Restores x afterwards, from run->before, which it
 * overwrites: if x is a value of the program, setting @query overwrites x. */
static gboolean
match_query (const RvStyleRun *run, RvObjective *objective, const RvScale *scale, const float *query, GError **error)
{
  gsize bytes = (gsize) rv__scale_canvas_pixels (scale) * 3 * sizeof (float);
  float *x = rv__objective_x (objective);
  memcpy (run->before, x, bytes);
  gboolean ok = rv__objective_set_features (objective, 0, query, error) && match (run, objective, scale, error);
  memcpy (x, run->before, bytes);
  return ok;
}

/* Sets run->start to the canvas at the start of the scale. Read from the state of a resumed run, else enlarged from the
 * previous scale, else x with rv__style_start_picture(). */
static gboolean
set_start (RvStyleRun *run, RvObjective *objective, const RvScale *scale, GError **error)
{
  const RvStyle *style = run->style;
  RvShape canvas = rv_shape (3, 3, scale->canvas_height, scale->canvas_width);
  gsize bytes = (gsize) rv__scale_canvas_pixels (scale) * 3 * sizeof (float);
  if (style->resume)
    return rv__state_read_tensor (style->resume, "start", RV_F32, &canvas, run->start, error);
  if (run->previous_canvas)
    return rv__scale_enlarge_canvas (run->previous_canvas, run->scale, scale, run->start, error);
  memcpy (run->start, rv__objective_x (objective), bytes);
  return rv__style_start_picture (style, scale, run->start, error);
}

/* Sets run->detail and run->shares to d and m in the head of this file. Overwrites run->before as workspace. */
static gboolean
set_shares (RvStyleRun *run, RvObjective *objective, const RvScale *scale, GError **error)
{
  double s = begun_strength_01 (run->style), flat = MAX (0.7 * (1 - 2 * s), 0), detailed = 1 - s * s * s;
  float in_faces = (float) (1 - pow (MAX (2 * s - 1, 0), 3)), *faces = run->style->faces ? run->before : NULL;
  if (!rv__objective_measure_detail (objective, run->detail, error) ||
      (faces && !rv__style_set_mask (run->style->faces, scale, faces, error)))
    return FALSE;
  for (gint64 i = 0; i < rv__scale_canvas_pixels (scale); i++) {
    run->shares[i] = (float) (flat + (double) run->detail[i] * (detailed - flat));
    if (faces) {
      run->shares[i] += faces[i] * (in_faces - run->shares[i]);
      run->detail[i] = MAX (run->detail[i], faces[i]);
    }
  }
  return TRUE;
}

gboolean
rv__style_match_scale (RvStyleRun *run, RvObjective *objective, const RvScale *scale, GError **error)
{
  const RvStyle *style = run->style;
  gboolean is_first = scale == rv__style_scale (style, 0) && !rv__style_starts_from_picture (style->settings);
  if (!rv__buffers_enter (run->buffers, RV_STYLE_MATCHING, error) || !set_shares (run, objective, scale, error) ||
      !set_start (run, objective, scale, error))
    return FALSE;
  if (scale->is_finish)
    return match_query (run, objective, scale, run->start, error);
  return make_query (run, scale, rv__objective_x (objective), is_first, error) &&
         match_query (run, objective, scale, run->query, error);
}

gboolean
rv__style_match_again (RvStyleRun *run, GError **error)
{
  gint64 done = run->common.n_done;
  if (!run->scale->is_finish || done == 0 || done % FINISH_EVERY != 0)
    return TRUE;
  memcpy (run->start, run->style->x, (gsize) rv__scale_canvas_pixels (run->scale) * 3 * sizeof (float));
  return match_query (run, run->objective, run->scale, run->start, error);
}

gint64
rv__style_n_matchings (const RvScale *scale)
{
  return scale->is_finish ? (scale->iterations + FINISH_EVERY - 1) / FINISH_EVERY : 1;
}

gboolean
rv__style_time_matching (RvStyle *style, RvObjective *objective, const RvScale *scale, double *seconds, GError **error)
{
  const RvStyleRun run = { .style = style };
  gint64 began_us = g_get_monotonic_time ();
  gboolean ok = !style->banks || match (&run, objective, scale, error);
  *seconds = (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC;
  return ok;
}
