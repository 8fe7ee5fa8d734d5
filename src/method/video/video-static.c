/* video-static.c -- static areas of a frame, which the video has not changed.
 *
 * Each pixel is compared with the source at the time when its result was last rendered, not with the last frame. Slow
 * changes of light are therefore detected once they are large enough. A clear sky looks static while the camera pans:
 * for each connected static area the mean flow, weighted by squared gradients, decides whether the area moves. Textured
 * pixels dominate that mean; without texture, the noise of the flow averages out. */
#include "method/video/video-static.h"
#include "base/alloc.h"
#include "base/parallel.h"
#include <math.h>

#define NOISE_LEVELS 2.0f /* root mean square over a window; smaller differences are noise of the video */
#define WINDOW_PX 3       /* half the side of the window around a pixel */
#define GROWN_PX 12       /* changed areas are extended by it, about the width of a stroke */
#define MOVES_PX 0.5      /* mean flow from which an area counts as moving */
#define BLANK 1e-3        /* weight of a pixel without texture, so that areas without any texture use a plain mean */

/* Overwrites @to, [height, width], with 1 where the mean of @from over (2 r + 1)^2 pixels around is at most @most, else
 * with 0. Pixels beyond the border do not count. @to may be @from. An error leaves @to unchanged. */
static gboolean
mark_low (const float *from, int height, int width, int r, double most, float *to, GError **error)
{
  gint64 stride = width + 1;
  double *sums = rv__alloc ((gsize) stride * (gsize) (height + 1) * sizeof (double), "the static pixels", error);
  if (!sums)
    return FALSE;
  for (gint64 y = 0; y < height; y++)
    for (gint64 x = 0; x < width; x++)
      sums[(y + 1) * stride + x + 1] =
        (double) from[y * width + x] + sums[y * stride + x + 1] + sums[(y + 1) * stride + x] - sums[y * stride + x];
#pragma omp parallel for schedule(static)
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      gint64 top = MAX (y - r, 0), bottom = MIN (y + r + 1, height), left = MAX (x - r, 0),
             right = MIN (x + r + 1, width);
      double sum = sums[bottom * stride + right] - sums[top * stride + right] - sums[bottom * stride + left] +
                   sums[top * stride + left];
      to[(gint64) y * width + x] = sum <= most * (double) ((bottom - top) * (right - left));
    }
  rv__free (sums);
  return TRUE;
}

void
rv__video_squared_differences (const RvTensor *now, const RvTensor *then, RvTensor *squares)
{
  gint64 n = rv_tensor_count (squares);
  const float *a = now->data, *b = then->data;
  float *to = squares->data;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 p = 0; p < n; p++) {
    float sum = 0;
    for (int c = 0; c < 3; c++)
      sum += (a[c * n + p] - b[c * n + p]) * (a[c * n + p] - b[c * n + p]);
    to[p] = sum / 3;
  }
}

RvTensor *
rv__static_mask_new (const RvImage *frame, const RvImage *rendered_from, GError **error)
{
  int height = frame->height, width = frame->width;
  RvShape shape = rv_shape (4, 1, 1, height, width);
  g_autoptr (RvTensor) changed = rv_tensor_new (RV_F32, &shape, error);
  g_autoptr (RvTensor) static_mask = changed ? rv_tensor_new (RV_F32, &shape, error) : NULL;
  if (!static_mask)
    return NULL;
  rv__video_squared_differences (frame->rgb, rendered_from->rgb, changed);
  if (!mark_low (changed->data, height, width, WINDOW_PX, NOISE_LEVELS * NOISE_LEVELS, changed->data, error))
    return NULL;
  for (gint64 p = 0; p < (gint64) height * width; p++) /* 1: equal -> 1: changed */
    ((float *) changed->data)[p] = 1 - ((float *) changed->data)[p];
  return mark_low (changed->data, height, width, GROWN_PX, 0, static_mask->data, error) ? g_steal_pointer (&static_mask)
                                                                                        : NULL;
}

double
rv__static_mask_fraction (const RvTensor *static_mask)
{
  gint64 n = rv_tensor_count (static_mask), n_static = 0;
  for (gint64 p = 0; p < n; p++)
    n_static += ((const float *) static_mask->data)[p] > 0;
  return (double) n_static / (double) n;
}

gboolean
rv__static_mask_remove_near (RvTensor *static_mask, const RvTensor *changed, GError **error)
{
  g_autoptr (RvTensor) far = rv_tensor_new (RV_F32, &static_mask->shape, error);
  if (!far || !mark_low (changed->data, (int) static_mask->shape.dim[2], (int) static_mask->shape.dim[3], GROWN_PX, 0,
                         far->data, error))
    return FALSE;
  for (gint64 p = 0; p < rv_tensor_count (static_mask); p++)
    ((float *) static_mask->data)[p] *= ((const float *) far->data)[p];
  return TRUE;
}

/* ---- moving areas ------------------------------------------------------------------------------------------------ */

/* Search for connected areas. */
typedef struct {
  const RvTensor *grey, *flow;
  float *static_mask;
  gint64 *area; /* pixels of the current area */
  gint64 n_area;
  float *found; /* 1: belongs to an area already */
  int height, width;
} AreaSearch;

/* Adds pixel @x, @y to the current area, if it is within the frame, static and in no area yet. Else does nothing. */
static void
add_pixel (AreaSearch *search, int y, int x)
{
  gint64 p = (gint64) y * search->width + x;
  if (y < 0 || y >= search->height || x < 0 || x >= search->width || search->static_mask[p] == 0 ||
      search->found[p] > 0)
    return;
  search->found[p] = 1;
  search->area[search->n_area++] = p;
}

/* Sets the current area to all static pixels connected with pixel @p, over edges, not corners, and marks them as
 * found. */
static void
collect_area (AreaSearch *search, gint64 p)
{
  int width = search->width;
  search->n_area = 0;
  add_pixel (search, (int) (p / width), (int) (p % width));
  for (gint64 i = 0; i < search->n_area; i++) {
    int y = (int) (search->area[i] / width), x = (int) (search->area[i] % width);
    add_pixel (search, y - 1, x);
    add_pixel (search, y, x - 1);
    add_pixel (search, y, x + 1);
    add_pixel (search, y + 1, x);
  }
}

/* Whether the weighted mean flow of the current area is at least MOVES_PX. */
static gboolean
area_moves (const AreaSearch *search)
{
  const float *flow = search->flow->data, *grey = search->grey->data;
  gint64 n = (gint64) search->height * search->width;
  double u = 0, v = 0, weight = 0;
  for (gint64 i = 0; i < search->n_area; i++) {
    gint64 p = search->area[i];
    double down = p / search->width + 1 < search->height ? (double) (grey[p + search->width] - grey[p]) : 0;
    double right = p % search->width + 1 < search->width ? (double) (grey[p + 1] - grey[p]) : 0;
    double w = down * down + right * right + BLANK;
    u += w * (double) flow[p];
    v += w * (double) flow[n + p];
    weight += w;
  }
  return hypot (u, v) >= MOVES_PX * weight;
}

gboolean
rv__static_mask_remove_moving (RvTensor *static_mask, const RvTensor *grey, const RvTensor *flow, GError **error)
{
  gint64 n = rv_tensor_count (static_mask);
  AreaSearch search = { .grey = grey,
                        .flow = flow,
                        .static_mask = static_mask->data,
                        .height = (int) static_mask->shape.dim[2],
                        .width = (int) static_mask->shape.dim[3] };
  g_autoptr (RvTensor) found = rv_tensor_new (RV_F32, &static_mask->shape, error);
  search.area = found ? rv__alloc ((gsize) n * sizeof (gint64), "the static pixels", error) : NULL;
  if (!search.area)
    return FALSE;
  search.found = found->data;
  for (gint64 p = 0; p < n; p++) {
    if (search.static_mask[p] == 0 || search.found[p] > 0)
      continue;
    collect_area (&search, p);
    gboolean moves = area_moves (&search);
    for (gint64 i = 0; moves && i < search.n_area; i++)
      search.static_mask[search.area[i]] = 0;
  }
  rv__free (search.area);
  return TRUE;
}
