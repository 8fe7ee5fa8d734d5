/* blur-lines.h -- the body of blur.c for one type of numbers, REAL; names are made by NAME().
 * No guard: included twice. Layer 0 (base). */

/* (transfer full): a Gaussian of @sigma, kernel[0 .. @radius]: the middle and one half of a symmetric kernel whose sum
 * is 1; free with g_free(). */
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

RV_CLONES static void
NAME (scale) (const REAL *from, REAL weight, REAL *restrict to, int n)
{
  for (int i = 0; i < n; i++)
    to[i] = weight * from[i];
}

RV_CLONES static void
NAME (add_pair) (const REAL *a, const REAL *b, REAL weight, REAL *restrict to, int n)
{
  for (int i = 0; i < n; i++)
    to[i] += weight * (a[i] + b[i]);
}

/* Blurs the row @from of @width numbers to @to; both may be equal. @kernel: gaussian() of @radius. @wide: workspace of
 * @width + 2 @radius numbers. */
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

/* Rows @first .. @end-1 of a plane, which one thread writes, and its cache of rows blurred horizontally. The cache has
 * up to @radius rows above, up to @radius rows below, and a ring of the last 2 radius + 1 rows of its own. */
typedef struct {
  const REAL *plane;
  int width, height, first, end, radius;
  int n_above, n_ring;
  const REAL *kernel;
  REAL *above, *below, *ring, *wide;
} NAME (Lines);

/* Address of row @y, blurred horizontally, in the cache; its row must be cached. Borrowed. */
static REAL *
NAME (line_of) (const NAME (Lines) * lines, int y)
{
  gint64 width = lines->width;
  if (y < lines->first)
    return lines->above + (y - lines->first + lines->n_above) * width;
  if (y >= lines->end)
    return lines->below + (y - lines->end) * width;
  return lines->ring + y % lines->n_ring * width;
}

/* Caches row @y, blurred horizontally. */
static void
NAME (blur_line) (const NAME (Lines) * lines, int y)
{
  NAME (blur_row)
  (lines->plane + (gint64) y * lines->width, NAME (line_of) (lines, y), lines->width, lines->kernel, lines->radius,
   lines->wide);
}

/* Caches the rows above and below the thread's rows. Runs before any thread writes: @to may be @from. */
static void
NAME (cache_around) (const NAME (Lines) * lines)
{
  for (int y = lines->first - lines->n_above; y < lines->first; y++)
    NAME (blur_line) (lines, y);
  for (int y = lines->end; y < MIN (lines->end + lines->radius, lines->height); y++)
    NAME (blur_line) (lines, y);
}

/* Writes row @y, blurred in both directions, to @to. The rows that it needs are in the cache. */
static void
NAME (blur_column) (const NAME (Lines) * lines, int y, REAL *to)
{
  NAME (scale) (NAME (line_of) (lines, y), lines->kernel[0], to, lines->width);
  for (int k = 1; k <= lines->radius; k++)
    NAME (add_pair)
  (NAME (line_of) (lines, rv__mirror_about_edge (y - k, lines->height)),
   NAME (line_of) (lines, rv__mirror_about_edge (y + k, lines->height)), lines->kernel[k], to, lines->width);
}

/* Writes the thread's own rows to the plane @to, each after the rows below that it reads are cached. */
static void
NAME (write_own) (const NAME (Lines) * lines, REAL *to)
{
  int n_cached = lines->first;
  for (int y = lines->first; y < lines->end; y++) {
    for (; n_cached < MIN (y + lines->radius + 1, lines->end); n_cached++)
      NAME (blur_line) (lines, n_cached);
    NAME (blur_column) (lines, y, to + (gint64) y * lines->width);
  }
}

gboolean
NAME (rv__blur) (const REAL *from, REAL *to, int n_planes, int width, int height, double sigma, GError **error)
{
  int radius = reach (sigma), n_lines = (int) MIN (4 * (gint64) radius + 1, height); /* cached per thread, at most */
  gint64 plane = (gint64) width * height, n_own = (gint64) n_lines * width + width + 2 * radius;
  /* Limits the threads so that their caches together hold about one plane. */
  int n_threads = plane * n_planes < RV_PARALLEL_MIN ? 1 : CLAMP (height / n_lines, 1, omp_get_max_threads ());
  REAL *workspace = rv__alloc ((gsize) (n_threads * n_own) * sizeof (REAL), "a blurred picture", error);
  if (!workspace)
    return FALSE;
  g_autofree REAL *kernel = NAME (gaussian) (sigma, radius);
#pragma omp parallel num_threads(n_threads)
  {
    int thread = omp_get_thread_num (), n = omp_get_num_threads ();
    NAME (Lines)
    lines = { .width = width,
              .height = height,
              .first = (int) ((gint64) height * thread / n),
              .end = (int) ((gint64) height * (thread + 1) / n),
              .radius = radius,
              .kernel = kernel,
              .above = workspace + thread * n_own };
    lines.n_above = MIN (radius, lines.first);
    lines.n_ring = MAX (MIN (2 * radius + 1, lines.end - lines.first), 1);
    lines.ring = lines.above + (gint64) lines.n_above * width;
    lines.below = lines.ring + (gint64) lines.n_ring * width;
    lines.wide = lines.above + (gint64) n_lines * width;
    for (int p = 0; p < n_planes; p++) {
      lines.plane = from + p * plane;
      NAME (cache_around) (&lines);
#pragma omp barrier
      NAME (write_own) (&lines, to + p * plane);
#pragma omp barrier
    }
  }
  rv__free (workspace);
  return TRUE;
}
