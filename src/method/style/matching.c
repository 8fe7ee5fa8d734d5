/* matching.c -- content targets that are matches among the style pictures' features, and the finish.
 *
 *   at the start of a scale   q <- a (x + p - h) + (1 - a) p;  T <- m F(q) + (1 - m) the best matches of F(q)
 *   in a finish               T <- the same of x, layer by layer, every FINISH_EVERY iterations
 *
 * a: PAINTED times --strength, 0 to 1; m: OWN times the rest; F: features; x: where the scale starts; p: the
 * photograph; h: p at half its size, enlarged. At the first of several scales q is p. The details of the photograph
 * come back at each scale: x has none of them yet.
 *
 * Kolkin, Kucera, Paris, Sykora, Shechtman, Shakhnarovich 2022, "Neural Neighbor Style Transfer"; there the features
 * are those of VGG16, and a second network pass replaces the targets. */
#include "base/alloc.h"
#include "method/run/state.h"
#include "method/style/run.h"
#include <string.h>

#define BANK_POSITIONS 4096 /* 16,384 of four rotations gave the same figures: bench/RESULTS.md */
#define FINISH_EVERY 5      /* iterations between matches */
/* Found by eye: at strength 50 faces of 80 px stay faces, and skies still get the painting's strokes. */
#define PAINTED 0.5
#define OWN 0.7

/* --strength as the run began: targets are found again after a resume, and must be the same then. */
static double
begun_strength_01 (const RvStyle *style)
{
  return ((const RvStyleSettings *) style->begun->fields)->strength / 100;
}

gint64
rv__style_bank_positions (const RvStyle *style)
{
  return !rv__style_matches (style->begun->fields) ? 0
         : style->masks                            ? BANK_POSITIONS * style->n_styles
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
  return n == 0 || rv__feature_bank_add (style->banks->pdata[style->masks ? i : 0], objective, 0, picture->rgb->data,
                                         picture->height, picture->width, n, error);
}

/* ---- the picture that is matched --------------------------------------------------------------------------------- */

/* Position @i of @n at twice the distance: between half @first and the next, which weighs @weight. */
static gint64
half_position (gint64 i, gint64 n_half, float *weight)
{
  double at = CLAMP (((double) i - 0.5) / 2, 0, (double) (n_half - 1));
  gint64 first = MIN ((gint64) at, MAX (n_half - 2, 0));
  *weight = (float) (at - (double) first);
  return first;
}

/* @half [height / 2, width / 2] <- the means of 2 x 2. */
static void
halve (const float *plane, gint64 height, gint64 width, float *half)
{
  gint64 rows = MAX (height / 2, 1), cols = MAX (width / 2, 1);
#pragma omp parallel for schedule(static)
  for (gint64 y = 0; y < rows; y++)
    for (gint64 x = 0; x < cols; x++) {
      const float *above = plane + 2 * y * width, *below = plane + MIN (2 * y + 1, height - 1) * width;
      gint64 left = 2 * x, right = MIN (2 * x + 1, width - 1);
      half[y * cols + x] = 0.25f * (above[left] + above[right] + below[left] + below[right]);
    }
}

/* One colour of q, into @query, where that of the photograph lies. */
static void
mix_plane (const float *start, gint64 height, gint64 width, const float *half, float a, float *query)
{
  gint64 rows = MAX (height / 2, 1), cols = MAX (width / 2, 1);
#pragma omp parallel for schedule(static)
  for (gint64 y = 0; y < height; y++) {
    float down, right;
    gint64 above = half_position (y, rows, &down), below = MIN (above + 1, rows - 1);
    for (gint64 x = 0; x < width; x++) {
      gint64 left = half_position (x, cols, &right), next = MIN (left + 1, cols - 1);
      float up = half[above * cols + left] + right * (half[above * cols + next] - half[above * cols + left]);
      float low = half[below * cols + left] + right * (half[below * cols + next] - half[below * cols + left]);
      float p = query[y * width + x], blurred = up + down * (low - up);
      query[y * width + x] = a * (start[y * width + x] + p - blurred) + (1 - a) * p;
    }
  }
}

/* (transfer full) (nullable): q. @photo: x, where the photograph lies. */
static float *
make_query (const RvStyleRun *run, const RvScale *scale, const float *photo, GError **error)
{
  gint64 height = scale->canvas_height, width = scale->canvas_width, n = height * width;
  float *query = rv__alloc ((gsize) n * 3 * sizeof (float), "the picture to be matched", error);
  float *half = query ? rv__alloc ((gsize) n * sizeof (float), "the picture to be matched", error) : NULL;
  if (!half) {
    rv__free (query);
    return NULL;
  }
  memcpy (query, photo, (gsize) n * 3 * sizeof (float));
  for (int c = 0; c < 3; c++) {
    halve (photo + c * n, height, width, half);
    mix_plane (run->start + c * n, height, width, half, (float) (PAINTED * begun_strength_01 (run->style)),
               query + c * n);
  }
  rv__free (half);
  return query;
}

/* ---- matching ---------------------------------------------------------------------------------------------------- */

/* The targets, which are features of some picture, become their best matches. */
static gboolean
match (const RvStyleRun *run, RvObjective *objective, const RvScale *scale, GError **error)
{
  const RvStyle *style = run->style;
  float **masks = style->masks ? rv__style_masks_at (style, scale, error) : NULL;
  gboolean ok = (masks || !style->masks) &&
                rv__objective_match_targets (objective, 0, (RvFeatureBank *const *) style->banks->pdata,
                                             (int) style->banks->len, (const float *const *) masks, !scale->is_finish,
                                             OWN * (1 - begun_strength_01 (style)), error);
  rv__style_free_planes (masks);
  return ok;
}

/* Matches the features of @query. x is as before: where it is a value of the program, setting @query overwrote it. */
static gboolean
match_query (const RvStyleRun *run, RvObjective *objective, const RvScale *scale, const float *query, GError **error)
{
  gsize bytes = (gsize) rv__scale_canvas_pixels (scale) * 3 * sizeof (float);
  float *x = rv__objective_x (objective), *before = rv__alloc (bytes, "a picture", error);
  if (!before)
    return FALSE;
  memcpy (before, x, bytes);
  gboolean ok = rv__objective_set_features (objective, 0, query, error) && match (run, objective, scale, error);
  memcpy (x, before, bytes);
  rv__free (before);
  return ok;
}

/* Sets run->start to the canvas that the scale starts from; of a resumed run, started from. */
static gboolean
find_start (RvStyleRun *run, RvObjective *objective, const RvScale *scale, GError **error)
{
  const RvStyle *style = run->style;
  const RvPart *own = rv__parts_own (rv__objective_parts (objective));
  RvShape canvas = rv_shape (3, 3, scale->canvas_height, scale->canvas_width);
  gsize bytes = (gsize) rv__scale_canvas_pixels (scale) * 3 * sizeof (float);
  if (!(run->start = rv__alloc (bytes, "where the scale starts", error)))
    return FALSE;
  if (style->resume)
    return rv__state_read_tensor (style->resume, "start", RV_F32, &canvas, run->start, error);
  if (run->painted)
    return rv__scale_enlarge_canvas (run->parts, run->painted, run->scale, scale, own, run->start, error);
  memcpy (run->start, rv__objective_x (objective), bytes);
  return rv__style_start_picture (style, scale, own, run->start, error);
}

gboolean
rv__style_match_scale (RvStyleRun *run, RvObjective *objective, const RvScale *scale, GError **error)
{
  const RvStyle *style = run->style;
  gboolean is_first = scale == rv__style_scale (style, 0) && !rv__style_starts_from_picture (style->settings);
  if (!find_start (run, objective, scale, error))
    return FALSE;
  if (scale->is_finish)
    return match_query (run, objective, scale, run->start, error);
  if (is_first)
    return match (run, objective, scale, error);
  float *query = make_query (run, scale, rv__objective_x (objective), error);
  gboolean ok = query && match_query (run, objective, scale, query, error);
  rv__free (query);
  return ok;
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
