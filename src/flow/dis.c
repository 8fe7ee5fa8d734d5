/* dis.c -- steps 2 to 5 of dense inverse search (Kroeger, Timofte, Dai, Van Gool 2016): patches search, pixels average
 * the patches' vectors.
 *
 * Patches of 8 x 8 px are on a grid. Each minimises, over its vector u, the sum of squared differences to the other
 * picture, without their mean (so that light may change):
 *
 *   d (x) = I1 (x + u) - I0 (x),   SSD = sum d^2 - (sum d)^2 / 64,   b = sum (d - mean d) grad I0,   u -= H^-1 b
 *
 * H = sum grad grad^T + DAMPING depends on I0 only and is computed once. In areas with little texture, such as sky, the
 * damping keeps a patch near its neighbours; elsewhere it has no effect.
 *
 * Two sweeps visit the grid: down and to the right, then up and to the left. A patch first tries its own vector and
 * those of the two neighbours that the sweep has visited, then descends from the best. Rows of patches are divided into
 * stripes that are independent of each other. Their number depends on the rows and never on threads: the bytes are
 * always the same. */
#include "flow-internal.h"
#include "base/alloc.h"
#include "base/parallel.h"

#define PATCH RV_FLOW_PATCH
#define PIXELS (PATCH * PATCH)
#define DAMPING (PIXELS * 4 * 4) /* equivalent to a gradient of 4 grey levels at each pixel, in both directions */
#define STRIPE_ROWS 6            /* minimum of rows of patches in a stripe */
#define MAX_STRIPES 32
#define BAND_ROWS 32 /* rows of pixels in one item of densifying */
#define INLINE static inline __attribute__ ((always_inline))

typedef float Vector __attribute__ ((vector_size (PATCH * sizeof (float))));
typedef float UnalignedVector
  __attribute__ ((vector_size (PATCH * sizeof (float)), aligned (sizeof (float)), may_alias));

typedef gint32 IntVector __attribute__ ((vector_size (PATCH * sizeof (float))));

typedef struct {
  float u, v, mean;         /* the vector, px; mean d of the last vector that improved the fit, see descend() */
  float h11, h12, h22;      /* H^-1 */
  float gx, gy;             /* sums of the gradient */
  float u_before, v_before; /* a second start vector, see init_row() */
} Patch;

typedef struct {
  const RvGrey *from, *to;
  RvGrey dx, dy;                    /* gradient of `from` */
  int columns, rows, stride, steps; /* patches; px between patches; steps of descent of a patch in a sweep, at most */
  Patch *patches;                   /* [rows][columns] */
} Search;

/* Fit of a patch at some vector. */
typedef struct {
  float ssd, mean, bx, by;
} Fit;

/* Loads and stores are macros: the calling convention of functions on vectors depends on the instruction set. */
#define LOAD(from) (*(const UnalignedVector *) (const void *) (from))
#define STORE(to, v) (*(UnalignedVector *) (void *) (to) = (v))
#define SUM(v) (((v)[0] + (v)[4]) + ((v)[2] + (v)[6]) + (((v)[1] + (v)[5]) + ((v)[3] + (v)[7])))

/* First pixel of column or row @i of patches along @size px, @stride px apart; the last one is aligned to the border.
 */
static int
patch_start (int i, int stride, int size)
{
  return MIN (i * stride, size - PATCH);
}

/* Number of columns or rows of patches along @size px. */
static int
patch_count (int stride, int size)
{
  return (size - PATCH + stride - 1) / stride + 1;
}

/* First pixel, rounded down, of a patch at @x that is moved by @u: -PATCH to @size, the pixels of the picture along
 * this axis. *part: (out): fraction from there to the next pixel, 0 to below 1. */
INLINE int
moved_start (int x, float u, int size, float *part)
{
  float at = CLAMP ((float) x + u, (float) -PATCH, (float) size);
  int whole = (int) (at + PATCH) - PATCH; /* the sum is not negative: truncation is floor() */
  *part = at - (float) whole;
  return whole;
}

/* Fit of the patch at (@x, @y) for the vector (@u, @v), where d is the difference of a pixel: mean, the mean of d;
 * ssd, the sum of (d - mean)^2, 0 is a perfect fit. With @descend also bx and by, the sums of (d - mean) times the
 * gradient; patch->gx and ->gy, the sums of the gradient, must be set. Else bx and by are 0. */
INLINE Fit
fit (const Search *s, const Patch *patch, int x, int y, float u, float v, gboolean descend)
{
  float across, down;
  int left = moved_start (x, u, s->to->width, &across), top = moved_start (y, v, s->to->height, &down);
  const float *to = s->to->at + top * s->to->stride + left, *from = s->from->at + y * s->from->stride + x;
  const float *dx = s->dx.at + y * s->dx.stride + x, *dy = s->dy.at + y * s->dy.stride + x;
  Vector sum = { 0 }, squares = { 0 }, bx = { 0 }, by = { 0 };
  Vector row = LOAD (to) + across * (LOAD (to + 1) - LOAD (to));
#pragma GCC unroll 8
  for (int i = 0; i < PATCH; i++) {
    to += s->to->stride;
    Vector next = LOAD (to) + across * (LOAD (to + 1) - LOAD (to));
    Vector d = row + down * (next - row) - LOAD (from + i * s->from->stride);
    sum += d;
    squares += d * d;
    if (descend) {
      bx += d * LOAD (dx + i * s->dx.stride);
      by += d * LOAD (dy + i * s->dy.stride);
    }
    row = next;
  }
  float total = SUM (sum), mean = total / PIXELS;
  Fit found = { SUM (squares) - total * mean, mean, 0, 0 };
  if (descend) {
    found.bx = SUM (bx) - mean * patch->gx;
    found.by = SUM (by) - mean * patch->gy;
  }
  return found;
}

/* Sets the inverse of H, the damped Hessian (h11, h12, h22), and the sums of the gradient (gx, gy) of the patch whose
 * first pixel is (@x, @y). */
INLINE void
patch_init (const Search *s, int x, int y, Patch *patch)
{
  Vector xx = { 0 }, xy = { 0 }, yy = { 0 }, gx = { 0 }, gy = { 0 };
  for (int i = 0; i < PATCH; i++) {
    Vector dx = LOAD (s->dx.at + (y + i) * s->dx.stride + x), dy = LOAD (s->dy.at + (y + i) * s->dy.stride + x);
    xx += dx * dx, xy += dx * dy, yy += dy * dy;
    gx += dx, gy += dy;
  }
  patch->gx = SUM (gx), patch->gy = SUM (gy);
  float h11 = SUM (xx) + DAMPING, h22 = SUM (yy) + DAMPING, h12 = SUM (xy);
  /* mathematically always true; guards against rounding */
  float determinant = MAX (h11 * h22 - h12 * h12, (float) DAMPING * DAMPING);
  patch->h11 = h22 / determinant, patch->h22 = h11 / determinant, patch->h12 = -h12 / determinant;
}

/* Replaces the vector of @best, the patch at (@x, @y), by (@u, @v) if its SSD is less than *ssd, and updates *ssd. */
INLINE void
try_vector (const Search *s, int x, int y, float u, float v, Patch *best, float *ssd)
{
  if (u == best->u && v == best->v)
    return;
  Fit there = fit (s, best, x, y, u, v, FALSE);
  if (there.ssd < *ssd) {
    best->u = u, best->v = v;
    *ssd = there.ssd;
  }
}

/* Improves the patch's vector by gradient descent while the fit improves, and sets patch->mean. Restores the start
 * vector, but not patch->mean, if the new one is more than PATCH px away. */
INLINE void
descend (const Search *s, int x, int y, Patch *patch)
{
  float u = patch->u, v = patch->v, start_u = u, start_v = v, ssd = G_MAXFLOAT;
  for (int step = 0; step <= s->steps; step++) {
    Fit here = fit (s, patch, x, y, u, v, TRUE);
    if (!(here.ssd < ssd))
      return;
    float far_u = u - start_u, far_v = v - start_v;
    if (far_u * far_u + far_v * far_v > PATCH * PATCH) {
      patch->u = start_u, patch->v = start_v;
      return;
    }
    ssd = here.ssd;
    patch->u = u, patch->v = v, patch->mean = here.mean;
    u -= patch->h11 * here.bx + patch->h12 * here.by;
    v -= patch->h12 * here.bx + patch->h22 * here.by;
  }
}

/* Improves the vectors of patch rows @first .. @end - 1 in one sweep. @direction 1: down and to the right; also calls
 * patch_init() and tries u_before, v_before. @direction -1: up and to the left. */
RV_CLONES static void
sweep (const Search *s, int first, int end, int direction)
{
  for (int i = 0; i < end - first; i++)
    for (int j = 0; j < s->columns; j++) {
      int row = direction > 0 ? first + i : end - 1 - i, column = direction > 0 ? j : s->columns - 1 - j;
      int x = patch_start (column, s->stride, s->from->width), y = patch_start (row, s->stride, s->from->height);
      Patch *patch = &s->patches[(gint64) row * s->columns + column];
      const Patch *previous = patch - direction, *previous_row = patch - (gint64) direction * s->columns;
      if (direction > 0)
        patch_init (s, x, y, patch);
      float ssd = fit (s, patch, x, y, patch->u, patch->v, FALSE).ssd;
      if (direction > 0)
        try_vector (s, x, y, patch->u_before, patch->v_before, patch, &ssd);
      if (j > 0)
        try_vector (s, x, y, previous->u, previous->v, patch, &ssd);
      if (i > 0)
        try_vector (s, x, y, previous_row->u, previous_row->v, patch, &ssd);
      descend (s, x, y, patch);
    }
}

/* Overwrites the patches of patch row @row in s->patches: all members are 0, except two start vectors, px of this
 * level. u, v: twice the flow of @coarse at the patch's centre; 0 if @coarse is NULL. u_before, v_before: the flow of
 * @before, px of the whole picture, at the patch's centre, divided by @scale; u, v if @before is NULL. */
static void
init_row (const Search *s, int row, const RvFlowField *coarse, const RvFlowField *before, int scale)
{
  const float middle = (PATCH - 1) / 2.0f;
  float y = (float) patch_start (row, s->stride, s->from->height) + middle;
  for (int column = 0; column < s->columns; column++) {
    Patch *patch = &s->patches[(gint64) row * s->columns + column];
    float x = (float) patch_start (column, s->stride, s->from->width) + middle;
    *patch = (Patch){ 0 };
    if (coarse) {
      patch->u = 2 * rv__flow_interpolate (coarse->u, coarse->width, coarse->height, x / 2 - 0.25f, y / 2 - 0.25f);
      patch->v = 2 * rv__flow_interpolate (coarse->v, coarse->width, coarse->height, x / 2 - 0.25f, y / 2 - 0.25f);
    }
    patch->u_before = patch->u, patch->v_before = patch->v;
    if (before) {
      float whole_x = (x + 0.5f) * (float) scale - 0.5f, whole_y = (y + 0.5f) * (float) scale - 0.5f;
      patch->u_before =
        rv__flow_interpolate (before->u, before->width, before->height, whole_x, whole_y) / (float) scale;
      patch->v_before =
        rv__flow_interpolate (before->v, before->width, before->height, whole_x, whole_y) / (float) scale;
    }
  }
}

/* Writes central differences of the row @at, @n pixels, to @dx (to the right) and @dy (downwards). Also reads a pixel
 * before and behind the row, and the rows above and below, @stride floats away. */
RV_CLONES static void
differentiate_row (const float *at, gint64 stride, int n, float *restrict dx, float *restrict dy)
{
  for (int x = 0; x < n; x++) {
    dx[x] = 0.5f * (at[x + 1] - at[x - 1]);
    dy[x] = 0.5f * (at[x + stride] - at[x - stride]);
  }
}

/* ---- densifying -------------------------------------------------------------------------------------------------- */

/* Adds one row of a patch to the sums @weight, @u and @v of PATCH pixels: w, w u and w v, with the w of densify() at
 * each pixel. @from: the row in the first picture. @to: the pixel of the second picture up and left of the row's moved
 * start; @across, @down: fractions of a pixel from there. */
INLINE void
add_patch_row (const float *to, gint64 to_stride, float across, float down, const float *from, float brightness,
               const Patch *patch, float *u, float *v, float *weight)
{
  const Vector one = { 1, 1, 1, 1, 1, 1, 1, 1 };
  Vector upper = LOAD (to) + across * (LOAD (to + 1) - LOAD (to));
  Vector lower = LOAD (to + to_stride) + across * (LOAD (to + to_stride + 1) - LOAD (to + to_stride));
  Vector d = upper + down * (lower - upper) - LOAD (from) - brightness, square = d * d;
  IntVector far = square > one;
  Vector w = one / (Vector) (((IntVector) square & far) | ((IntVector) one & ~far));
  STORE (weight, LOAD (weight) + w);
  STORE (u, LOAD (u) + w * patch->u);
  STORE (v, LOAD (v) + w * patch->v);
}

/* Writes rows of pixels @first .. @end - 1 of @flow: u (p) = sum of w u_k / sum of w over the patches k that cover p; w
 * = 1 / max (1, (d (p) - @brightness)^2). @brightness: change of light between the pictures, grey levels. @weight:
 * workspace of zeros, one for each pixel of these rows. */
RV_CLONES static void
densify (const Search *s, int first, int end, float brightness, const RvFlowField *flow, float *weight)
{
  int width = flow->width, height = flow->height;
  for (gint64 p = (gint64) first * width; p < (gint64) end * width; p++)
    flow->u[p] = flow->v[p] = 0;
  for (int row = 0; row < s->rows; row++) {
    int y = patch_start (row, s->stride, height), upper = MAX (y, first), lower = MIN (y + PATCH, end);
    for (int column = 0; column < s->columns && upper < lower; column++) {
      const Patch *patch = &s->patches[(gint64) row * s->columns + column];
      int x = patch_start (column, s->stride, width);
      float across, down;
      int left = moved_start (x, patch->u, width, &across), top = moved_start (y, patch->v, height, &down);
      for (int line = upper; line < lower; line++) {
        gint64 p = (gint64) line * width + x;
        add_patch_row (s->to->at + (top + line - y) * s->to->stride + left, s->to->stride, across, down,
                       s->from->at + line * s->from->stride + x, brightness, patch, flow->u + p, flow->v + p,
                       weight + p - (gint64) first * width);
      }
    }
  }
  for (gint64 p = (gint64) first * width, i = 0; p < (gint64) end * width; p++, i++) {
    flow->u[p] /= weight[i];
    flow->v[p] /= weight[i];
  }
}

/* Overwrites all pixels of @flow with weighted means of the vectors of the patches that cover them, see densify().
 * After an error @flow is unchanged. */
static gboolean
densify_all (const Search *s, const RvFlowField *flow, GError **error)
{
  int n_bands = (flow->height + BAND_ROWS - 1) / BAND_ROWS;
  float *weights =
    rv__alloc ((gsize) flow->width * (gsize) flow->height * sizeof (float), "the patches' weights", error);
  if (!weights)
    return FALSE;
  const gint64 step = sizeof (Patch) / sizeof (float);
  float brightness = rv__flow_median (&s->patches->mean, s->columns, step, s->rows, s->columns * step);
#pragma omp parallel for schedule(dynamic)
  for (int band = 0; band < n_bands; band++) {
    int first = band * BAND_ROWS, end = MIN (first + BAND_ROWS, flow->height);
    densify (s, first, end, brightness, flow, weights + (gint64) first * flow->width);
  }
  rv__free (weights);
  return TRUE;
}

/* ---- search ------------------------------------------------------------------------------------------------------ */

/* Fills s->dx, s->dy with the gradient of `from`, and s->patches: start vectors by init_row(), then two sweeps. @coarse
 * and @before may be NULL. Threads take stripes of rows, whose number does not depend on the threads. Cannot fail. */
static void
search_patches (const Search *s, const RvFlowField *coarse, const RvFlowField *before, int scale)
{
  int n_stripes = CLAMP (s->rows / STRIPE_ROWS, 1, MAX_STRIPES);
#pragma omp parallel for schedule(static)
  for (int y = 0; y < s->from->height; y++)
    differentiate_row (s->from->at + y * s->from->stride, s->from->stride, s->from->width, s->dx.at + y * s->dx.stride,
                       s->dy.at + y * s->dy.stride);
#pragma omp parallel for schedule(dynamic)
  for (int stripe = 0; stripe < n_stripes; stripe++) {
    int first = stripe * s->rows / n_stripes, end = (stripe + 1) * s->rows / n_stripes;
    for (int row = first; row < end; row++)
      init_row (s, row, coarse, before, scale);
    sweep (s, first, end, 1);
    sweep (s, first, end, -1);
  }
}

gboolean
rv__flow_search (const RvGrey *from, const RvGrey *to, const RvFlowPreset *preset, const RvFlowField *coarse,
                 const RvFlowField *before, int scale, const RvFlowField *flow, GError **error)
{
  Search s = { .from = from, .to = to, .stride = preset->stride, .steps = preset->steps / 2 };
  s.columns = patch_count (s.stride, from->width);
  s.rows = patch_count (s.stride, from->height);
  gboolean ok = rv__grey_init (&s.dx, from->width, from->height, error) &&
                rv__grey_init (&s.dy, from->width, from->height, error) &&
                (s.patches = rv__alloc ((gsize) s.rows * (gsize) s.columns * sizeof (Patch), "the patches", error));
  if (ok) {
    search_patches (&s, coarse, before, scale);
    ok = densify_all (&s, flow, error);
  }
  rv__grey_clear (&s.dx);
  rv__grey_clear (&s.dy);
  rv__free (s.patches);
  return ok;
}
