/* guided.c -- soft edges of masks: the guided filter (He, Sun and Tang 2013, "Guided Image Filtering"), fitted to a
 * smaller picture and applied at full size (He and Sun 2015, "Fast Guided Filter").
 *
 *   in each window    a = (cov (I) + epsilon)^-1 cov (I, p),  b = mean (p) - a . mean (I)
 *   at each position  p = mean (a) . I + mean (b)
 *
 * I: colours, 0..1; p: the numbers; means over windows. Running sums make the time linear. */
#include "base/sample.h"
#include "masks.h"

#define WHITE 255.0f

/* Replaces @n numbers, @stride apart, by their means over windows that reach @radius to each side. @line: workspace of
 * @n numbers. */
static void
average_line (double *x, int n, gint64 stride, int radius, double *line)
{
  double sum = 0;
  for (int i = 0; i < n; i++)
    line[i] = x[i * stride];
  for (int i = 0; i < MIN (radius, n); i++)
    sum += line[i];
  for (int i = 0; i < n; i++) {
    if (i + radius < n)
      sum += line[i + radius];
    if (i - radius > 0)
      sum -= line[i - radius - 1];
    x[i * stride] = sum / (MIN (i + radius, n - 1) - MAX (i - radius, 0) + 1);
  }
}

/* Replaces the numbers of @plane, [@height, @width], by their means over windows that reach @radius to each side. */
static void
average (double *plane, int width, int height, int radius)
{
  g_autofree double *line = g_new (double, MAX (width, height));
  for (int y = 0; y < height; y++)
    average_line (plane + (gint64) y * width, width, 1, radius, line);
  for (int x = 0; x < width; x++)
    average_line (plane + x, height, width, radius, line);
}

/* (transfer full): means of a / @white_a * b / @white_b, planes of the size of @guide, over windows that reach @radius
 * to each side. @b: NULL: b / @white_b is 1. Freed by g_free(). */
static double *
average_product (const float *a, double white_a, const float *b, double white_b, const RvImage *guide, int radius)
{
  gint64 n = (gint64) guide->width * guide->height;
  double *product = g_new (double, n);
  for (gint64 i = 0; i < n; i++)
    product[i] = (double) a[i] / white_a * (b ? (double) b[i] / white_b : 1);
  average (product, guide->width, guide->height, radius);
  return product;
}

/* Sets @x, [3], to the solution of @m @x = @y, for a symmetric, positive definite @m: xx, xy, xz, yy, yz, zz. */
static void
solve3 (const double *m, const double *y, double *x)
{
  double c0 = m[3] * m[5] - m[4] * m[4], c1 = m[2] * m[4] - m[1] * m[5], c2 = m[1] * m[4] - m[2] * m[3];
  double c3 = m[0] * m[5] - m[2] * m[2], c4 = m[1] * m[2] - m[0] * m[4], c5 = m[0] * m[3] - m[1] * m[1];
  double determinant = m[0] * c0 + m[1] * c1 + m[2] * c2;
  x[0] = (c0 * y[0] + c1 * y[1] + c2 * y[2]) / determinant;
  x[1] = (c1 * y[0] + c3 * y[1] + c4 * y[2]) / determinant;
  x[2] = (c2 * y[0] + c4 * y[1] + c5 * y[2]) / determinant;
}

RvGuided *
rv__guided_fit (const RvImage *guide, const float *p, int radius_px, double epsilon)
{
  enum { N_PAIRS = 6 };
  static const int pairs[N_PAIRS][2] = { { 0, 0 }, { 0, 1 }, { 0, 2 }, { 1, 1 }, { 1, 2 }, { 2, 2 } };
  gint64 n = (gint64) guide->width * guide->height;
  const float *rgb = guide->rgb->data;
  double *mean[3], *with_p[3], *square[N_PAIRS], *mean_p = average_product (p, 1, NULL, 1, guide, radius_px);
  for (int c = 0; c < 3; c++) {
    mean[c] = average_product (rgb + c * n, WHITE, NULL, 1, guide, radius_px);
    with_p[c] = average_product (rgb + c * n, WHITE, p, 1, guide, radius_px);
  }
  for (int k = 0; k < N_PAIRS; k++)
    square[k] = average_product (rgb + pairs[k][0] * n, WHITE, rgb + pairs[k][1] * n, WHITE, guide, radius_px);
  for (gint64 i = 0; i < n; i++) {
    double m[N_PAIRS], y[3], a[3];
    for (int k = 0; k < N_PAIRS; k++)
      m[k] = square[k][i] - mean[pairs[k][0]][i] * mean[pairs[k][1]][i] + (pairs[k][0] == pairs[k][1] ? epsilon : 0);
    for (int c = 0; c < 3; c++)
      y[c] = with_p[c][i] - mean[c][i] * mean_p[i];
    solve3 (m, y, a);
    for (int c = 0; c < 3; c++) {
      mean_p[i] -= a[c] * mean[c][i]; /* becomes b */
      with_p[c][i] = a[c];
    }
  }
  RvGuided *guided = g_new (RvGuided, 1);
  *guided = (RvGuided){ guide->width, guide->height, g_new (float, 4 * n) };
  for (int c = 0; c < 4; c++) {
    double *plane = c < 3 ? with_p[c] : mean_p;
    average (plane, guide->width, guide->height, radius_px);
    for (gint64 i = 0; i < n; i++)
      guided->planes[c * n + i] = (float) (c < 3 ? plane[i] / (double) WHITE : plane[i]);
    g_free (plane);
  }
  for (int k = 0; k < N_PAIRS; k++)
    g_free (square[k]);
  for (int c = 0; c < 3; c++)
    g_free (mean[c]);
  return guided;
}

void
rv__guided_free (RvGuided *guided)
{
  if (guided)
    g_free (guided->planes);
  g_free (guided);
}

void
rv__guided_apply (const RvGuided *guided, const RvImage *picture, float *p)
{
  int width = picture->width, height = picture->height, from_width = guided->width;
  gint64 n = (gint64) width * height, n_from = (gint64) from_width * guided->height;
  const float *rgb = picture->rgb->data;
  g_autofree int *before = g_new (int, width);
  g_autofree float *part = g_new (float, width);
  for (int x = 0; x < width; x++)
    before[x] = 4 * (int) rv__bilinear_position (x, width, from_width, &part[x]);
#pragma omp parallel for schedule(static)
  for (int y = 0; y < height; y++) {
    float t, *row = g_new (float, 4 * (from_width + 1));
    int above = (int) rv__bilinear_position (y, height, guided->height, &t),
        below = MIN (above + 1, guided->height - 1);
    for (int x = 0; x <= from_width; x++) /* the last column is repeated */
      for (int c = 0; c < 4; c++) {
        const float *plane = guided->planes + c * n_from + MIN (x, from_width - 1);
        row[4 * x + c] = plane[above * from_width] * (1 - t) + plane[below * from_width] * t;
      }
    for (int x = 0; x < width; x++) {
      const float *at = row + before[x], s = part[x];
      const float *pixel = rgb + (gint64) y * width + x;
      float sum = at[3] * (1 - s) + at[7] * s;
      for (int c = 0; c < 3; c++)
        sum += (at[c] * (1 - s) + at[4 + c] * s) * pixel[c * n];
      p[(gint64) y * width + x] = sum;
    }
    g_free (row);
  }
}
