/* regions.c -- matching regions of a photograph and a painting: sky and sky, ground and ground.
 *
 * k-means (Lloyd 1982), started by k-means++ (Arthur and Vassilvitskii 2007), of the positions of both pictures
 * together. A position x has features of the built-in network (nodes.c), colour in OkLab and height in the picture.
 * Network and colours are relative to the picture's own means and deviations: a bright sky resembles a dark one.
 *
 *   d(x, k) = |f - f_k|^2 + LIGHTNESS_WEIGHT (L - L_k)^2 + COLOR_WEIGHT |(a, b) - (a_k, b_k)|^2
 *             + HEIGHT_WEIGHT (y - y_k)^2
 *
 * A cluster is a region if it covers enough of both pictures. Positions of other clusters belong to the nearest region.
 */
#include "base/dot.h"
#include "base/error.h"
#include "base/alloc.h"
#include "base/random.h"
#include "base/ref.h"
#include "io/image/sheet.h"
#include "masks.h"
#include "op/op.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WHITE 255.0f
#define LIGHTNESS_WEIGHT 0.05f /* factor of squared differences of L, in deviations */
#define COLOR_WEIGHT 0.08f     /* factor of squared differences of a and b */
#define HEIGHT_WEIGHT 3.0f     /* squared distance of positions at the bottom and at the top */
#define MAX_DEVIATIONS 2.5f    /* limit of a colour */
#define MIN_DEVIATION 0.02f    /* smaller deviations of L, a and b: a picture of one colour */
#define N_EXTRA 4              /* numbers of a position besides the features */
#define N_TRIES 3              /* starts of k-means */
#define N_ROUNDS 25
#define MIN_FRACTION_01 0.05 /* smallest fraction of each picture that a region covers */
#define MIN_GAIN 0.07        /* smallest decrease of the error by more regions */
#define SEED 1
#define GAIN 3.0f /* log odds per squared distance */
#define MAX_LOGIT 3.0f
#define MIN_TOP_01 0.3 /* smallest fraction of the upper border that the uppermost region covers */
#define SHEET_PX 448   /* longer side of a picture */
#define SHEET_GAP_PX 8

RV_DEFINE_SQUARED_DISTANCE (distance)

/* Positions of both pictures, those of the photograph first. */
typedef struct {
  int n, length;                     /* number of positions; numbers of a position */
  int first[2], width[2], height[2]; /* photograph, painting */
  float *x;                          /* [n, length] */
  gboolean is_flat;                  /* one of the pictures has one colour */
} Points;

/* Clusters of the positions of Points. */
typedef struct {
  int n;                                 /* number of clusters, at most RV_MAX_REGIONS */
  float *center;                         /* [n, points->length] */
  double fraction_01[2][RV_MAX_REGIONS]; /* covered fraction of the photograph, of the painting */
  double error;                          /* mean squared distance of positions to their centres */
} Clusters;

/* ---- positions --------------------------------------------------------------------------------------------------- */

/* Converts an sRGB colour, 0..255, to OkLab (Ottosson 2020). */
static void
to_oklab (const float rgb[3], float lab[3])
{
  static const float to_lms[3][3] = { { 0.4122214708f, 0.5363325363f, 0.0514459929f },
                                      { 0.2119034982f, 0.6806995451f, 0.1073969566f },
                                      { 0.0883024619f, 0.2817188376f, 0.6299787005f } },
                     to_lab[3][3] = { { 0.2104542553f, 0.7936177850f, -0.0040720468f },
                                      { 1.9779984951f, -2.4285922050f, 0.4505937099f },
                                      { 0.0259040371f, 0.7827717662f, -0.8086757660f } };
  float linear[3], lms[3];
  for (int c = 0; c < 3; c++) {
    float v = CLAMP (rgb[c] / WHITE, 0, 1);
    linear[c] = v <= 0.04045f ? v / 12.92f : powf ((v + 0.055f) / 1.055f, 2.4f);
  }
  for (int c = 0; c < 3; c++)
    lms[c] = cbrtf (to_lms[c][0] * linear[0] + to_lms[c][1] * linear[1] + to_lms[c][2] * linear[2]);
  for (int c = 0; c < 3; c++)
    lab[c] = to_lab[c][0] * lms[0] + to_lab[c][1] * lms[1] + to_lab[c][2] * lms[2];
}

/* Appends the positions of @picture to @points, as picture number @which (0: photograph, 1: painting). An error
 * leaves @points unchanged. */
static gboolean
add_points (Points *points, int which, const RvImage *picture, int n_threads, GError **error)
{
  RvMaskNodes nodes;
  if (!rv__mask_nodes (picture, n_threads, &nodes, error))
    return FALSE;
  g_autofree float *features = nodes.features, *lab = g_new (float, 3 * nodes.n);
  g_autoptr (RvImage) colors = rv_image_resize (picture, nodes.width, nodes.height, RV_IMAGE_RESIZE_BEST, error);
  if (!colors)
    return FALSE;
  const float *rgb = colors->rgb->data;
  double mean[3] = { 0 }, square[3] = { 0 };
  for (int i = 0; i < nodes.n; i++) {
    to_oklab ((float[]){ rgb[i], rgb[nodes.n + i], rgb[2 * nodes.n + i] }, lab + 3 * i);
    for (int c = 0; c < 3; c++) {
      mean[c] += (double) lab[3 * i + c] / nodes.n;
      square[c] += (double) lab[3 * i + c] * (double) lab[3 * i + c] / nodes.n;
    }
  }
  double variance = 0;
  for (int c = 0; c < 3; c++)
    variance += MAX (square[c] - mean[c] * mean[c], 0);
  points->is_flat |= variance < (double) (MIN_DEVIATION * MIN_DEVIATION);
  int length = points->length = nodes.n_features + N_EXTRA;
  points->x = g_renew (float, points->x, (gsize) (points->n + nodes.n) * length);
  for (int i = 0; i < nodes.n; i++) {
    float *x = points->x + (gsize) (points->n + i) * length, *extra = x + nodes.n_features;
    memcpy (x, features + (gsize) i * nodes.n_features, (gsize) nodes.n_features * sizeof (float));
    for (int c = 0; c < 3; c++) {
      float deviation = (float) sqrt (MAX (square[c] - mean[c] * mean[c], 0));
      float at = (lab[3 * i + c] - (float) mean[c]) / MAX (deviation, MIN_DEVIATION);
      extra[c] = sqrtf (c == 0 ? LIGHTNESS_WEIGHT : COLOR_WEIGHT) * CLAMP (at, -MAX_DEVIATIONS, MAX_DEVIATIONS);
    }
    extra[3] = sqrtf (HEIGHT_WEIGHT) * ((float) (i / nodes.width) + 0.5f) / (float) nodes.height;
  }
  points->first[which] = points->n;
  points->width[which] = nodes.width;
  points->height[which] = nodes.height;
  points->n += nodes.n;
  return TRUE;
}

/* ---- clusters ---------------------------------------------------------------------------------------------------- */

/* Squared distance of @x to the nearest of the centres. *owner: (out): index of that centre; unchanged if
 * all distances are NaN. *second: (out) (nullable): squared distance to the second nearest centre. */
static float
nearest (const Points *points, const Clusters *clusters, const float *x, int *owner, float *second)
{
  float best = INFINITY, next = INFINITY;
  for (int k = 0; k < clusters->n; k++) {
    float d = distance (x, clusters->center + k * points->length, points->length);
    next = MIN (next, MAX (d, best));
    if (d < best) {
      best = d;
      *owner = k;
    }
  }
  if (second)
    *second = next;
  return best;
}

/* Overwrites @owner, [points->n]: the index of the cluster whose centre is nearest to each position. Sets error (mean
 * squared distance) and fraction_01 (for each picture) of @clusters; the centres stay. */
static void
assign (const Points *points, Clusters *clusters, int *owner)
{
  g_autofree float *far = g_new (float, points->n);
#pragma omp parallel for schedule(static)
  for (int i = 0; i < points->n; i++)
    far[i] = nearest (points, clusters, points->x + (gsize) i * points->length, &owner[i], NULL);
  clusters->error = 0;
  memset (clusters->fraction_01, 0, sizeof clusters->fraction_01);
  for (int i = 0; i < points->n; i++) {
    int which = i >= points->first[1];
    clusters->error += (double) far[i] / points->n;
    clusters->fraction_01[which][owner[i]] += 1.0 / (points->width[which] * points->height[which]);
  }
}

/* Sets the centres to the means of their positions by @owner, of assign(); a centre without positions stays. */
static void
move_centers (const Points *points, Clusters *clusters, const int *owner)
{
  for (int k = 0; k < clusters->n; k++) {
    g_autofree double *sum = g_new0 (double, points->length);
    int n = 0;
    for (int i = 0; i < points->n; i++)
      if (owner[i] == k) {
        for (int c = 0; c < points->length; c++)
          sum[c] += (double) points->x[(gsize) i * points->length + c];
        n++;
      }
    for (int c = 0; n > 0 && c < points->length; c++)
      clusters->center[k * points->length + c] = (float) (sum[c] / n);
  }
}

/* Sets @clusters to @n centres: chosen positions, each with a probability in proportion to its squared distance from
 * the nearest centre that was chosen before it. @try: index of the start, which selects the random numbers. */
static void
choose_centers (const Points *points, int n, int try, Clusters *clusters)
{
  clusters->n = 0;
  g_autofree double *weight = g_new (double, points->n);
  while (clusters->n < n) {
    double sum = 0, at;
    int chosen = 0, owner;
    for (int i = 0; i < points->n; i++) {
      const float *x = points->x + (gsize) i * points->length;
      sum += weight[i] = clusters->n == 0 ? 1 : (double) nearest (points, clusters, x, &owner, NULL);
    }
    at = sum * rv__random_uniform_01 (SEED, (guint32) try, (guint64) clusters->n);
    while (chosen < points->n - 1 && (at -= weight[chosen]) >= 0)
      chosen++;
    memcpy (clusters->center + clusters->n++ * points->length, points->x + (gsize) chosen * points->length,
            (gsize) points->length * sizeof (float));
  }
}

/* Removes the clusters that cover less than MIN_FRACTION_01 of one picture, the smallest first, until all others are
 * regions or one is left. @clusters: (inout): after assign(), whose fractions count; other centres stay. @owner:
 * [points->n]: assign() overwrites it after each removal; unchanged without one. Cannot fail. */
static void
remove_small (const Points *points, Clusters *clusters, int *owner)
{
  while (clusters->n > 1) {
    int least = 0;
    for (int k = 1; k < clusters->n; k++)
      if (MIN (clusters->fraction_01[0][k], clusters->fraction_01[1][k]) <
          MIN (clusters->fraction_01[0][least], clusters->fraction_01[1][least]))
        least = k;
    if (MIN (clusters->fraction_01[0][least], clusters->fraction_01[1][least]) >= MIN_FRACTION_01)
      return;
    clusters->n--;
    memmove (clusters->center + least * points->length, clusters->center + (least + 1) * points->length,
             (gsize) ((clusters->n - least) * points->length) * sizeof (float));
    assign (points, clusters, owner);
  }
}

/* Sets @clusters to at most @n regions of @points: of N_TRIES starts of k-means, to the result with the smallest
 * error. The caller has allocated clusters->center for @n centres. Cannot fail. */
static void
divide (const Points *points, int n, Clusters *clusters)
{
  g_autofree int *owner = g_new (int, points->n);
  g_autofree float *best = g_new (float, n * points->length);
  double least = INFINITY;
  for (int try = 0; try < N_TRIES; try++) {
    choose_centers (points, n, try, clusters);
    double before = INFINITY;
    for (int round = 0; round < N_ROUNDS; round++) {
      assign (points, clusters, owner);
      if (clusters->error > 0.9999 * before)
        break;
      before = clusters->error;
      move_centers (points, clusters, owner);
    }
    if (clusters->error < least) {
      least = clusters->error;
      memcpy (best, clusters->center, (gsize) (n * points->length) * sizeof (float));
    }
  }
  memcpy (clusters->center, best, (gsize) (n * points->length) * sizeof (float));
  assign (points, clusters, owner);
  remove_small (points, clusters, owner);
}

/* Sets @clusters to at most @n regions of @points; @n is at most RV_MAX_REGIONS. @n 0: up to RV_MAX_AUTO_REGIONS, where
 * a larger number must lower the error by the fraction MIN_GAIN. With points->is_flat: to one. The caller has allocated
 * clusters->center for RV_MAX_REGIONS centres, and frees it afterwards; it may be another array then. Cannot fail. */
static void
choose_number (const Points *points, int n, Clusters *clusters)
{
  if (n > 0) {
    divide (points, points->is_flat ? 1 : n, clusters);
    return;
  }
  Clusters more = { .center = g_new (float, (gsize) RV_MAX_REGIONS * points->length) };
  divide (points, 1, clusters);
  for (int k = 2; k <= RV_MAX_AUTO_REGIONS && !points->is_flat; k++) {
    divide (points, k, &more);
    if (more.n > clusters->n && more.error < (1 - MIN_GAIN) * clusters->error) {
      Clusters fewer = *clusters;
      *clusters = more;
      more = fewer;
    }
  }
  g_free (more.center);
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

/* Writes the log odds that a position of @small, a copy of picture number @which in any size, belongs to cluster @k.
 * @logits: (out caller-allocates): [small->height, small->width]. */
static void
cluster_logits (const Points *points, int which, const Clusters *clusters, int k, const RvImage *small, float *logits)
{
  int width = points->width[which], height = points->height[which];
  g_autofree float *odds = g_new (float, width *height);
  for (int i = 0; i < width * height; i++) {
    const float *x = points->x + (gsize) (points->first[which] + i) * points->length;
    int owner = 0;
    float second, best = nearest (points, clusters, x, &owner, &second);
    float own = distance (x, clusters->center + k * points->length, points->length);
    odds[i] = CLAMP (GAIN * ((owner == k ? second : best) - own), -MAX_LOGIT, MAX_LOGIT);
  }
  rv__resize_planes (odds, 1, height, width, RV_RESIZE_BILINEAR, logits, small->height, small->width);
}

/* (transfer full) (nullable) (element-type RvImage): for each of the clusters->n regions its mask in picture number
 * @which, @image, at its size. At each pixel the masks add up to white, but for rounding. */
static GPtrArray *
make_masks (const Points *points, int which, const Clusters *clusters, const RvImage *image, GError **error)
{
  g_autoptr (RvImage) small = rv__mask_shrink (image, RV_MASK_SMALL_PX, 1, error);
  g_autoptr (GPtrArray) masks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  float *grey[RV_MAX_REGIONS];
  if (!small)
    return NULL;
  g_autofree float *logits = g_new (float, (gsize) small->width * small->height);
  for (int k = 0; k < clusters->n; k++) {
    cluster_logits (points, which, clusters, k, small, logits);
    RvImage *one = rv__mask_from_logits (image, small, logits, error);
    if (!one)
      return NULL;
    g_ptr_array_add (masks, one);
    grey[k] = one->rgb->data;
  }
  gint64 n = (gint64) image->width * image->height;
  for (gint64 i = 0; i < n; i++) {
    float sum = 1e-6f;
    for (int k = 0; k < clusters->n; k++)
      sum += grey[k][i];
    for (int k = 0; k < clusters->n; k++) /* whole numbers take 8 bits */
      grey[k][i] = grey[k][n + i] = grey[k][2 * n + i] = roundf (grey[k][i] / sum * WHITE);
  }
  return g_steal_pointer (&masks);
}

/* Sets mask[k] to a compact copy of each of @masks (transfer full), of RvImage. If @masks is NULL, after an error,
 * only returns FALSE. An error may leave some copies set. */
static gboolean
compact_masks (GPtrArray *masks, RvCompactImage *mask[RV_MAX_REGIONS], GError **error)
{
  g_autoptr (GPtrArray) owned = masks;
  for (guint k = 0; masks && k < masks->len; k++)
    if (!(mask[k] = rv__compact_image_new_mask (masks->pdata[k], error)))
      return FALSE;
  return masks != NULL;
}

/* ---- regions ----------------------------------------------------------------------------------------------------- */

const char *const *
rv__regions_choices (void)
{
  static const char *const choices[] = { "none", "auto", "2", "3", "4", "5", "6", NULL };
  return choices;
}

int
rv__regions_max (const char *choice)
{
  int n = (int) g_ascii_strtoll (choice, NULL, 10);
  return n > 0 ? n : strcmp (choice, "auto") == 0 ? RV_MAX_AUTO_REGIONS : RV_MAX_REGIONS;
}

/* Frees @regions, whose last reference was removed. */
static void
free_regions (RvRegions *regions)
{
  for (int k = 0; k < RV_MAX_REGIONS; k++) {
    rv__compact_image_free (regions->photo[k]);
    rv__compact_image_free (regions->painting[k]);
  }
  g_free (regions->center);
  g_free (regions);
}

RV_DEFINE_REF (RvRegions, rv__regions_ref, rv__regions_unref, free_regions)

RvRegions *
rv__regions_find (const RvImage *photo, const RvImage *painting, const char *choice, const char *match, int n_threads,
                  GError **error)
{
  Points points = { 0 };
  g_autoptr (RvRegions) regions = g_new0 (RvRegions, 1);
  regions->ref_count = 1;
  g_autoptr (RvImage) first = rv__mask_shrink (photo, RV_REGIONS_PX, 1, error);
  g_autoptr (RvImage) second = first ? rv__mask_shrink (painting, RV_REGIONS_PX, 1, error) : NULL;
  gboolean ok = second && add_points (&points, 0, first, n_threads, error);
  regions->is_flat = points.is_flat;
  ok = ok && add_points (&points, 1, second, n_threads, error);
  if (ok) {
    Clusters clusters = { .center = g_new (float, (gsize) RV_MAX_REGIONS *points.length) };
    choose_number (&points, (int) g_ascii_strtoll (choice, NULL, 10), &clusters);
    regions->n = clusters.n;
    regions->center = clusters.center;
    ok = compact_masks (make_masks (&points, 0, &clusters, first, error), regions->photo, error) &&
         compact_masks (make_masks (&points, 1, &clusters, second, error), regions->painting, error) &&
         (regions->n == 1 || rv__regions_parse_match (match, regions->n, regions->match, error));
  }
  g_free (points.x);
  return ok ? g_steal_pointer (&regions) : NULL;
}

GPtrArray *
rv__regions_follow (const RvRegions *regions, const RvImage *picture, int n_threads, GError **error)
{
  Points points = { 0 };
  const Clusters clusters = { .n = regions->n, .center = regions->center };
  GPtrArray *masks =
    add_points (&points, 0, picture, n_threads, error) ? make_masks (&points, 0, &clusters, picture, error) : NULL;
  g_free (points.x);
  return masks;
}

gboolean
rv__regions_parse_match (const char *text, int n, int match[RV_MAX_REGIONS], GError **error)
{
  g_auto (GStrv) pairs = g_strsplit (text ? text : "", ",", -1);
  for (int k = 0; k < RV_MAX_REGIONS; k++)
    match[k] = k;
  for (char **pair = pairs; *pair; pair++) {
    int from = 0, to = 0, length = 0;
    if (sscanf (*pair, "%4d :%4d %n", &from, &to, &length) != 2 || (*pair)[length])
      return rv__error_setting (error, "match", "'match' must be pairs such as 1:3,2:2, not '%s'", text);
    if (MIN (from, to) < 1 || MAX (from, to) > n)
      return rv__error_setting (error, "match", "'match' '%s': the regions are 1 to %d", text, n);
    match[from - 1] = to - 1;
  }
  return TRUE;
}

/* ---- the uppermost region of one picture ------------------------------------------------------------------------- */

/* Index of the cluster of picture 0 that covers most of its upper border. -1, without an error: this cluster covers
 * less than MIN_TOP_01 of that border, or another one is as high or higher on average, or there is only one. */
static int
find_top (const Points *points, const Clusters *clusters)
{
  int width = points->width[0], height = points->height[0], n_top[RV_MAX_REGIONS] = { 0 }, top = 0;
  double y[RV_MAX_REGIONS] = { 0 };
  for (int i = 0; i < width * height; i++) {
    int owner = 0;
    nearest (points, clusters, points->x + (gsize) i * points->length, &owner, NULL);
    n_top[owner] += i < width;
    y[owner] += (double) (i / width) / (width * height * clusters->fraction_01[0][owner]);
  }
  for (int k = 1; k < clusters->n; k++)
    if (n_top[k] > n_top[top])
      top = k;
  for (int k = 0; k < clusters->n; k++)
    if (k != top && y[k] <= y[top])
      return -1;
  return clusters->n > 1 && n_top[top] >= MIN_TOP_01 * width ? top : -1;
}

gboolean
rv__regions_top_logits (const RvImage *picture, int n_threads, float *logits, gboolean *found, GError **error)
{
  Points points = { 0 };
  gboolean ok = add_points (&points, 0, picture, n_threads, error);
  if (ok) { /* the picture takes the place of the painting, too */
    gsize n = (gsize) points.n * points.length;
    points.x = g_renew (float, points.x, 2 * n);
    memcpy (points.x + n, points.x, n * sizeof (float));
    points.first[1] = points.n;
    points.width[1] = points.width[0];
    points.height[1] = points.height[0];
    points.n *= 2;
    Clusters clusters = { .center = g_new (float, (gsize) RV_MAX_REGIONS *points.length) };
    choose_number (&points, 0, &clusters);
    int top = find_top (&points, &clusters);
    if ((*found = top >= 0))
      cluster_logits (&points, 0, &clusters, top, picture, logits);
    g_free (clusters.center);
  }
  g_free (points.x);
  return ok;
}

/* ---- sheet ------------------------------------------------------------------------------------------------------- */

/* Puts @picture, darkened and tinted by its regions, into cell @cell of @sheet, @width px wide and as high as the
 * cell. If @layout has labels, writes numbers (from 1), colours and fractions of the regions below it. @mask: masks of
 * the @n regions, at most RV_MAX_REGIONS. An error leaves @sheet unchanged. */
static gboolean
put_picture (RvImage *sheet, const RvSheetLayout *layout, int cell, const RvImage *picture, int width,
             RvCompactImage *const *mask, int n, GError **error)
{
  static const struct {
    const char *name;
    float rgb[3];
  } colors[RV_MAX_REGIONS] = { { "orange", { 255, 130, 0 } },  { "blue", { 20, 80, 255 } },
                               { "green", { 0, 190, 60 } },    { "pink", { 255, 60, 190 } },
                               { "yellow", { 245, 225, 30 } }, { "turquoise", { 0, 210, 210 } } };
  int height = layout->cell_height;
  gint64 plane = (gint64) width * height;
  g_autoptr (GString) label = g_string_new (NULL);
  g_autoptr (RvImage) tinted = rv_image_resize (picture, width, height, RV_IMAGE_RESIZE_BEST, error);
  float *rgb = tinted ? tinted->rgb->data : NULL;
  for (gint64 i = 0; rgb && i < 3 * plane; i++)
    rgb[i] /= 2;
  for (int k = 0; rgb && k < n; k++) {
    g_autoptr (RvImage) image = rv__compact_image_to_image (mask[k], error);
    float *white_01 = image ? rv__image_mask_plane (image, width, height, error) : NULL;
    double part_01 = 0;
    for (gint64 i = 0; white_01 && i < plane; i++)
      part_01 += (double) white_01[i] / (double) plane;
    for (gint64 i = 0; white_01 && i < 3 * plane; i++)
      rgb[i] += white_01[i % plane] * colors[k].rgb[i / plane] / 2;
    g_string_append_printf (label, "%s%d %s %.0f %%", k > 0 ? ", " : "", k + 1, colors[k].name, 100 * part_01);
    if (!white_01)
      rgb = NULL;
    rv__free (white_01);
  }
  if (rgb)
    rv__sheet_put (sheet, layout, cell, tinted, label->str);
  return rgb != NULL;
}

RvImage *
rv_mask_regions_sheet (const RvImage *photo, const RvImage *painting, const char *regions, int n_threads,
                       GError **error)
{
  if (!g_strv_contains (rv__regions_choices () + 1, regions))
    return rv__error_null (error, RV_ERROR_SETTING, "'%s' is no number of regions; use auto, or 2 to 6", regions);
  g_autoptr (RvImage) first = rv__mask_shrink (photo, RV_REGIONS_PX, 1, error);
  g_autoptr (RvImage) second = first ? rv__mask_shrink (painting, RV_REGIONS_PX, 1, error) : NULL;
  g_autoptr (RvRegions) found = second ? rv__regions_find (first, second, regions, NULL, n_threads, error) : NULL;
  if (!found)
    return NULL;
  double scale = (double) SHEET_PX / MAX (photo->width, photo->height);
  int width = MAX ((int) (photo->width * scale), 1);
  RvSheetLayout layout = { .columns = 2,
                           .rows = 1,
                           .cell_width = SHEET_PX, /* room for the texts, also below upright pictures */
                           .cell_height = MAX ((int) (photo->height * scale), 1),
                           .gap = SHEET_GAP_PX,
                           .labels = TRUE };
  g_autoptr (RvImage) sheet = rv__sheet_new (&layout, error);
  gboolean ok = sheet && put_picture (sheet, &layout, 0, first, width, found->photo, found->n, error) &&
                put_picture (sheet, &layout, 1, second, width, found->painting, found->n, error);
  return ok ? g_steal_pointer (&sheet) : NULL;
}
