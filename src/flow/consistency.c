/* consistency.c -- confidence of a flow, by a forward-backward check. Sundaram, Brox, Keutzer 2010, "Dense point
 * trajectories by GPU-accelerated large displacement optical flow", as used for videos by Ruder, Dosovitskiy, Brox
 * 2016, "Artistic style transfer for videos". */
#include "flow-internal.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/system.h"

#define RETURN_PART 0.01f /* tolerated |f + g|^2: this fraction of |f|^2 + |g|^2, plus px^2 */
#define RETURN_PX2 0.5f
#define EDGE_PART 0.01f /* tolerated squared gradient of the flow f: this fraction of |f|^2, plus px^2 */
#define EDGE_PX2 0.002f
#define MAX_SOFT_PX 64

typedef struct {
  int width, height;
  const float *u, *v, *back_u, *back_v;
} Flows;

/* Squared gradient of a plane; at the borders, half the difference of the two last pixels. */
static float
squared_gradient (const Flows *f, const float *plane, int x, int y)
{
  gint64 row = (gint64) y * f->width, upper = row - (y > 0 ? f->width : 0),
         lower = row + (y + 1 < f->height ? f->width : 0);
  float dx = 0.5f * (plane[row + MIN (x + 1, f->width - 1)] - plane[row + MAX (x - 1, 0)]);
  float dy = 0.5f * (plane[lower + x] - plane[upper + x]);
  return dx * dx + dy * dy;
}

/* Whether the flow of pixel (@x, @y) ends in the picture, the backward flow returns from there to about (@x, @y), and
 * the pixel is not on an edge of motion. FALSE for NaN. */
static gboolean
is_reliable (const Flows *f, int x, int y)
{
  gint64 p = (gint64) y * f->width + x;
  float u = f->u[p], v = f->v[p], to_x = (float) x + u, to_y = (float) y + v, length2 = u * u + v * v;
  if (!(to_x >= 0 && to_y >= 0 && to_x <= (float) (f->width - 1) && to_y <= (float) (f->height - 1)))
    return FALSE;
  float back_u = rv__flow_interpolate (f->back_u, f->width, f->height, to_x, to_y);
  float back_v = rv__flow_interpolate (f->back_v, f->width, f->height, to_x, to_y);
  float miss2 = (u + back_u) * (u + back_u) + (v + back_v) * (v + back_v);
  /* These comparisons are false for NaN. */
  return miss2 < RETURN_PART * (length2 + back_u * back_u + back_v * back_v) + RETURN_PX2 &&
         squared_gradient (f, f->u, x, y) + squared_gradient (f, f->v, x, y) <= EDGE_PART * length2 + EDGE_PX2;
}

/* ---- the soft edge ----------------------------------------------------------------------------------------------- */

/* Sets each of @n numbers of @to to the minimum of the 2 r + 1 numbers of @from around it, zeros and ones. Numbers are
 * @step apart; positions beyond the ends do not count. */
static void
min_filter (const float *from, gint64 n, gint64 step, int r, float *to)
{
  gint64 last_zero = -r - 1; /* masks are 0 or 1: the minimum is 0 if a 0 is near */
  for (gint64 i = 0; i < MIN (r, n); i++)
    if (from[i * step] == 0)
      last_zero = i;
  for (gint64 i = 0; i < n; i++) {
    if (i + r < n && from[(i + r) * step] == 0)
      last_zero = i + r;
    to[i * step] = last_zero < i - r;
  }
}

/* Sets each of @n numbers of @to, which is not @from, to the mean of the 2 r + 1 numbers of @from around it,
 * clamped to 0..1. Numbers are @step apart; positions beyond the ends do not count. */
static void
mean_filter (const float *from, gint64 n, gint64 step, int r, float *to)
{
  double sum = 0; /* exact enough: few whole numbers, or means of such */
  gint64 count = 0;
  for (gint64 i = 0; i < MIN (r, n); i++, count++)
    sum += from[i * step];
  for (gint64 i = 0; i < n; i++) {
    if (i + r < n)
      sum += from[(i + r) * step], count++;
    if (i - r > 0)
      sum -= from[(i - r - 1) * step], count--;
    to[i * step] = (float) CLAMP (sum / (double) count, 0, 1);
  }
}

typedef void (*FilterFunc) (const float *from, gint64 n, gint64 step, int r, float *to);

/* Applies @func along the rows, then along the columns of @plane, in place. @between: workspace of the size of
 * @plane. */
static void
filter_plane (FilterFunc func, float *plane, gint64 height, gint64 width, int r, float *between)
{
#pragma omp parallel for schedule(static)
  for (gint64 y = 0; y < height; y++)
    func (plane + y * width, width, 1, r, between + y * width);
#pragma omp parallel for schedule(static)
  for (gint64 x = 0; x < width; x++)
    func (between + x, height, width, r, plane + x);
}

RvTensor *
rv_flow_confidence (const RvTensor *flow, const RvTensor *back, int soft_px, GError **error)
{
  if (soft_px < 0 || soft_px > MAX_SOFT_PX)
    return rv__error_null (error, RV_ERROR_SETTING, "the soft edge of a mask must be 0 to %d px, not %d", MAX_SOFT_PX,
                           soft_px);
  if (!rv__system_check_threads (error) || !rv__flow_check_tensor (flow, 2, NULL, "the flow", error) ||
      !rv__flow_check_tensor (back, 2, flow, "the flow back", error))
    return NULL;
  int height = (int) flow->shape.dim[2], width = (int) flow->shape.dim[3];
  RvShape shape = rv_shape (4, 1, 1, height, width);
  g_autoptr (RvTensor) mask = rv_tensor_new (RV_F32, &shape, error);
  if (!mask)
    return NULL;
  gint64 plane = (gint64) height * width;
  const float *u = flow->data, *back_u = back->data;
  Flows flows = { width, height, u, u + plane, back_u, back_u + plane };
#pragma omp parallel for schedule(static)
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      ((float *) mask->data)[(gint64) y * width + x] = is_reliable (&flows, x, y);
  if (soft_px > 0) { /* pixels of 0 stay 0, and 1 begins 2 soft_px + 1 px away from them */
    float *between = rv__alloc ((gsize) plane * sizeof (float), "a mask", error);
    if (!between)
      return NULL;
    filter_plane (min_filter, mask->data, height, width, soft_px, between);
    filter_plane (mean_filter, mask->data, height, width, soft_px, between);
    rv__free (between);
  }
  return g_steal_pointer (&mask);
}
