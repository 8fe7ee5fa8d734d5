/* blur-lines.h -- the body of blur.c, for one type of numbers: REAL, with names made by NAME(). No guard: read twice.
 * Layer 0 (base). */

/* kernel[0 .. radius], both sides together summing to 1. */
static REAL *
NAME (gaussian) (double sigma, int radius)
{
  REAL *kernel = g_new (REAL, radius + 1);
  double sum = 0;
  for (int k = 0; k <= radius; k++)
    sum += (k ? 2 : 1) * exp (-0.5 * k * k / (sigma * sigma));
  for (int k = 0; k <= radius; k++)
    kernel[k] = (REAL) (exp (-0.5 * k * k / (sigma * sigma)) / sum);
  return kernel;
}

/* to = weight from */
RV_CLONES static void
NAME (scale) (const REAL *from, REAL weight, REAL *restrict to, int n)
{
  for (int i = 0; i < n; i++)
    to[i] = weight * from[i];
}

/* to += weight (a + b) */
RV_CLONES static void
NAME (add_pair) (const REAL *a, const REAL *b, REAL weight, REAL *restrict to, int n)
{
  for (int i = 0; i < n; i++)
    to[i] += weight * (a[i] + b[i]);
}

/* @wide: room for width + 2 radius. */
static void
NAME (blur_row) (const REAL *from, REAL *to, int width, const REAL *kernel, int radius, REAL *wide)
{
  for (int i = 0; i < radius; i++) {
    wide[i] = from[rv__mirror_about_edge (i - radius, width)];
    wide[radius + width + i] = from[rv__mirror_about_edge (width + i, width)];
  }
  memcpy (wide + radius, from, (gsize) width * sizeof (REAL));
  NAME (scale) (wide + radius, kernel[0], to, width);
  for (int k = 1; k <= radius; k++)
    NAME (add_pair) (wide + radius - k, wide + radius + k, kernel[k], to, width);
}

/* @rows: of the plane of @height rows those from @top on. */
static void
NAME (blur_column) (const REAL *rows, int y, int top, REAL *to, int width, int height, const REAL *kernel, int radius)
{
  NAME (scale) (rows + (gint64) (y - top) * width, kernel[0], to, width);
  for (int k = 1; k <= radius; k++)
    NAME (add_pair)
  (rows + (gint64) (rv__mirror_about_edge (y - k, height) - top) * width,
   rows + (gint64) (rv__mirror_about_edge (y + k, height) - top) * width, kernel[k], to, width);
}

gboolean
NAME (rv__blur_rows) (const REAL *from, REAL *to, int n_planes, int width, int height, int first, int end, double sigma,
                      GError **error)
{
  int radius = rv__blur_reach (sigma), top = MAX (first - radius, 0), n = MIN (end + radius, height) - top;
  g_autofree REAL *kernel = NAME (gaussian) (sigma, radius);
  gint64 n_seen = (gint64) n_planes * n, n_rows = (gint64) n_planes * (end - first);
  if (n_rows <= 0)
    return TRUE;
  REAL *across = rv__alloc ((gsize) n_seen * (gsize) width * sizeof (REAL), "a blurred picture", error);
  if (!across)
    return FALSE;
#pragma omp parallel if (n_seen * width >= RV_PARALLEL_MIN)
  {
    g_autofree REAL *wide = g_new (REAL, width + 2 * radius);
#pragma omp for schedule(static)
    for (gint64 row = 0; row < n_seen; row++)
      NAME (blur_row)
    (from + (row / n * height + top + row % n) * width, across + row * width, width, kernel, radius, wide);
#pragma omp for schedule(static)
    for (gint64 row = 0; row < n_rows; row++) {
      gint64 plane = row / (end - first), y = first + row % (end - first);
      NAME (blur_column)
      (across + plane * n * width, (int) y, top, to + (plane * height + y) * width, width, height, kernel, radius);
    }
  }
  rv__free (across);
  return TRUE;
}

gboolean
NAME (rv__blur) (const REAL *from, REAL *to, int n_planes, int width, int height, double sigma, GError **error)
{
  return NAME (rv__blur_rows) (from, to, n_planes, width, height, 0, height, sigma, error);
}
