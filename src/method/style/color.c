/* color.c -- colour transfer between pictures.
 *
 *   luminance   (Y, I, Q) = (Y of the picture, I and Q of the other)
 *   histogram   v -> F_other^-1 (F_picture (v)), of each channel
 *   covariance  A = S_other^(1/2) S_picture^(-1/2), b = mean_other - A mean_picture: the paper's "image analogies"
 *               form, which changes colours less than the Cholesky one
 *
 * LEAST_VARIANCE limits A in directions in which the picture hardly varies; a grey picture has two. */
#include "method/style/color.h"
#include "base/error.h"
#include "base/moments.h"
#include <math.h>
#include <string.h>

#define WHITE 255.0f
#define LEAST_VARIANCE 1.0 /* in values 0..255, squared */

const char *const *
rv__color_choices (void)
{
  static const char *const names[] = { "none", "luminance", "histogram", "covariance", NULL };
  return names;
}

/* Number of pixels of @image. */
static gint64
plane_of (const RvImage *image)
{
  return (gint64) image->width * image->height;
}

/* ---- luminance --------------------------------------------------------------------------------------------------- */

/* Y of NTSC's YIQ for the pixel at @rgb, whose colours are @plane floats apart. Adding a number to R, G and B adds it
 * to Y. I and Q stay, because their rows of the transform sum to 0. */
static float
luminance (const float *rgb, gint64 plane)
{
  return 0.299f * rgb[0] + 0.587f * rgb[plane] + 0.114f * rgb[2 * plane];
}

/* Replaces I and Q of the colours @rgb, [3, @plane], by those of @from, of the same size; their Y stays. Not clipped.
 * */
static void
take_chrominance (float *rgb, const float *from, gint64 plane)
{
#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < plane; p++) {
    float more = luminance (rgb + p, plane) - luminance (from + p, plane);
    for (int c = 0; c < 3; c++)
      rgb[c * plane + p] = from[c * plane + p] + more;
  }
}

/* ---- histogram --------------------------------------------------------------------------------------------------- */

#define BINS 1024

/* Sets @at[k], k = 0 to BINS, to the value below which the fraction k / BINS of the channel @v, [@n], lies. Values
 * are 0..255; NaN counts as 0. */
static void
quantiles (const float *v, gint64 n, float at[BINS + 1])
{
  g_autofree gint64 *below = g_new0 (gint64, BINS + 1); /* upper edge of each bin */
  for (gint64 i = 0; i < n; i++)
    below[1 + (v[i] > 0 ? (int) MIN (v[i] * (BINS / WHITE), BINS - 1) : 0)]++; /* NaN: 0 */
  for (int k = 1; k <= BINS; k++)
    below[k] += below[k - 1];
  int bin = 1;
  for (int q = 0; q <= BINS; q++) {
    double rank = (double) n * q / BINS;
    while (bin < BINS && (double) below[bin] < rank)
      bin++;
    double inside =
      below[bin] > below[bin - 1] ? (rank - (double) below[bin - 1]) / (double) (below[bin] - below[bin - 1]) : 0;
    at[q] = (float) ((bin - 1 + CLAMP (inside, 0, 1)) * WHITE / BINS);
  }
}

/* Fraction of a channel below @value, by its quantiles @at: the inverse of quantiles(). 0 to 1. */
static double
rank_01 (const float at[BINS + 1], float value)
{
  int low = 0, high = BINS;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    if (at[middle] <= value)
      low = middle;
    else
      high = middle;
  }
  double width = (double) at[high] - at[low];
  return (low + (width > 0 ? MIN (MAX ((value - at[low]) / width, 0), 1) : 0.5)) / BINS;
}

/* Gives channel @v, [@n], in place, the distribution of @from, [@n_from]. Values 0..255. */
static void
match_histogram (float *v, gint64 n, const float *from, gint64 n_from)
{
  float own[BINS + 1], other[BINS + 1];
  quantiles (v, n, own);
  quantiles (from, n_from, other);
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < n; i++) {
    double rank = rank_01 (own, v[i]) * BINS;
    int k = MIN ((int) rank, BINS - 1);
    v[i] = (float) (other[k] + (rank - k) * ((double) other[k + 1] - other[k]));
  }
}

/* ---- covariance -------------------------------------------------------------------------------------------------- */

typedef double Matrix[3][3];

void
rv__diagonalise (Matrix s, Matrix v)
{
  /* Jacobi rotations. */
  static const int pairs[3][2] = { { 0, 1 }, { 0, 2 }, { 1, 2 } };
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      v[i][j] = i == j;
  for (int turn = 0; turn < 60; turn++) {
    int p = pairs[turn % 3][0], q = pairs[turn % 3][1];
    double angle = 0.5 * atan2 (2 * s[p][q], s[q][q] - s[p][p]), c = cos (angle), d = sin (angle);
    for (int k = 0; k < 3; k++) {
      double kp = s[k][p], kq = s[k][q], vp = v[k][p], vq = v[k][q];
      s[k][p] = c * kp - d * kq, s[k][q] = d * kp + c * kq;
      v[k][p] = c * vp - d * vq, v[k][q] = d * vp + c * vq;
    }
    for (int k = 0; k < 3; k++) {
      double pk = s[p][k], qk = s[q][k];
      s[p][k] = c * pk - d * qk, s[q][k] = d * pk + c * qk;
    }
  }
}

/* Sets @result to the matrix power of @s, symmetric, with the exponent @power. Eigenvalues below @least count as
 * @least. */
static void
matrix_power (const Matrix s, double power, double least, Matrix result)
{
  Matrix diagonal, v;
  memcpy (diagonal, s, sizeof (Matrix));
  rv__diagonalise (diagonal, v);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      result[i][j] = 0;
      for (int k = 0; k < 3; k++)
        result[i][j] += v[i][k] * pow (MAX (diagonal[k][k], least), power) * v[j][k];
    }
}

void
rv__color_map_covariance (const float *rgb, gint64 n, const float *mask, const float *from, gint64 n_from,
                          const float *from_mask, RvColorMap *map)
{
  double own_mean[3], mean[3];
  Matrix own, other, whiten, color;
  rv__moments (rgb, n, mask, own_mean, own);
  rv__moments (from, n_from, from_mask, mean, other);
  matrix_power (own, -0.5, LEAST_VARIANCE, whiten);
  matrix_power (other, 0.5, 0, color);
  for (int i = 0; i < 3; i++) {
    map->shift[i] = mean[i];
    for (int j = 0; j < 3; j++) {
      map->matrix[i][j] = 0;
      for (int k = 0; k < 3; k++)
        map->matrix[i][j] += color[i][k] * whiten[k][j];
      map->shift[i] -= map->matrix[i][j] * own_mean[j];
    }
  }
}

void
rv__color_map_add (RvColorMap *sum, const RvColorMap *map, double weight)
{
  for (int i = 0; i < 3; i++) {
    sum->shift[i] += weight * map->shift[i];
    for (int j = 0; j < 3; j++)
      sum->matrix[i][j] += weight * map->matrix[i][j];
  }
}

void
rv__color_map_apply (const RvColorMap *map, double part, const float *mask, float *rgb, gint64 n)
{
#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < n; p++) {
    double x[3] = { rgb[p], rgb[n + p], rgb[2 * n + p] }, w = mask ? part * (double) mask[p] : part;
    for (int c = 0; c < 3; c++) {
      double y = map->shift[c] + map->matrix[c][0] * x[0] + map->matrix[c][1] * x[1] + map->matrix[c][2] * x[2];
      rgb[c * n + p] = (float) (x[c] + w * (CLAMP (y, 0, WHITE) - x[c]));
    }
  }
}

/* ---- colour transfer --------------------------------------------------------------------------------------------- */

RvImage *
rv__color_transfer (RvImage *picture, const RvImage *from, RvColorMode mode, GError **error)
{
  if (mode == RV_COLOR_NONE)
    return rv_image_ref (picture);
  gint64 plane = plane_of (picture), from_plane = plane_of (from);
  const float *other = from->rgb->data;
  if (mode == RV_COLOR_LUMINANCE && (picture->width != from->width || picture->height != from->height))
    return rv__error_null (error, RV_ERROR_SHAPE, "'keep-colors' luminance works only with pictures of one size");
  RvImage *result = rv_image_new (picture->width, picture->height, error);
  if (!result)
    return NULL;
  float *rgb = result->rgb->data;
  memcpy (rgb, picture->rgb->data, (gsize) plane * 3 * sizeof (float));
  result->alpha = picture->alpha ? rv_tensor_ref (picture->alpha) : NULL;
  if (mode == RV_COLOR_LUMINANCE)
    take_chrominance (rgb, other, plane);
  else if (mode == RV_COLOR_COVARIANCE) {
    RvColorMap map;
    rv__color_map_covariance (rgb, plane, NULL, other, from_plane, NULL, &map);
    rv__color_map_apply (&map, 1, NULL, rgb, plane);
  } else
    for (int c = 0; c < 3; c++)
      match_histogram (rgb + c * plane, plane, other + c * from_plane, from_plane);
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < 3 * plane; i++)
    rgb[i] = CLAMP (rgb[i], 0, WHITE);
  return result;
}
