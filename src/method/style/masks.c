/* masks.c -- masks of the styles, and the protected content.
 *
 * The brightness of a mask is the weight of a style: 1 where white, 0 where black or transparent. The content stays
 * where all masks are black, and where --protect is white. The mask `stays` combines both. */
#include "base/alloc.h"
#include "io/image/frame.h"
#include "io/image/plane.h"
#include "method/style/style-run.h"
#include <string.h>

#define WHITE 255.0f
#define BLACK_01 0.04f /* darker counts as black: noise of JPEG and video, and Lanczos ringing at edges */

/* Resizes @plane, [@height, @width], values 0..@white, to @canvas of @scale, as 0..1; the margin is its mirror
 * image. */
static gboolean
set_canvas (const float *plane, int width, int height, float white, const RvScale *scale, float *canvas, GError **error)
{
  gboolean ok = rv__scale_extend_plane (plane, width, height, white, scale, canvas, error);
  for (gint64 i = 0; ok && i < rv__scale_canvas_pixels (scale); i++)
    canvas[i] /= white;
  return ok;
}

gboolean
rv__style_set_mask (const RvCompactImage *mask, const RvScale *scale, float *canvas, GError **error)
{
  float *plane = rv__alloc ((gsize) mask->width * (gsize) mask->height * sizeof (float), "a mask", error);
  if (plane)
    rv__compact_image_read (mask, plane);
  gboolean ok = plane && set_canvas (plane, mask->width, mask->height, WHITE, scale, canvas, error);
  rv__free (plane);
  return ok;
}

/* Resizes @plane, f32 [1, 1, height, width], 0..1, to @canvas like set_canvas(). */
static gboolean
set_plane (const RvTensor *plane, const RvScale *scale, float *canvas, GError **error)
{
  return set_canvas (plane->data, (int) plane->shape.dim[3], (int) plane->shape.dim[2], 1, scale, canvas, error);
}

gboolean
rv__style_read_mask (const RvCompactImage *mask, gboolean protects, int width, int height, float *painted,
                     GError **error)
{
  gboolean fits = mask->width == width && mask->height == height;
  float *own =
    fits ? painted : rv__alloc ((gsize) mask->width * (gsize) mask->height * sizeof (float), "a mask", error);
  if (!own)
    return FALSE;
  rv__compact_image_read (mask, own);
  gboolean ok = fits || rv__plane_resize (own, mask->width, mask->height, WHITE, RV_IMAGE_RESIZE_BEST, painted, width,
                                          height, error);
  for (gint64 i = 0; ok && i < (gint64) width * height; i++) {
    float part = protects ? 1 - painted[i] / WHITE : painted[i] / WHITE;
    painted[i] = MAX ((part - BLACK_01) / (1 - BLACK_01), 0);
  }
  if (!fits)
    rv__free (own);
  return ok;
}

RvImage *
rv__style_compute_unpainted (const RvStyleMasks *masks, int width, int height, GError **error)
{
  gint64 n = (gint64) width * height;
  g_autoptr (RvImage) stays = rv_image_new (width, height, error);
  if (!stays)
    return NULL;
  float *painted = stays->rgb->data, *one = painted + n;
  for (gint64 i = 0; i < n; i++)
    painted[i] = masks->mask ? 0 : 1;
  for (int m = 0; masks->mask && m < masks->n; m++) {
    float weight = masks->weight ? (float) masks->weight[m] : 1;
    if (!rv__style_read_mask (masks->mask[m], FALSE, width, height, one, error))
      return NULL;
    for (gint64 i = 0; i < n; i++)
      painted[i] += weight * one[i];
  }
  if (masks->protect && !rv__style_read_mask (masks->protect, TRUE, width, height, one, error))
    return NULL;
  for (gint64 i = 0; i < n; i++)
    painted[i] = WHITE * (1 - MIN (painted[i], 1) * (masks->protect ? one[i] : 1));
  memcpy (one, painted, (gsize) n * sizeof (float));
  memcpy (one + n, painted, (gsize) n * sizeof (float));
  return g_steal_pointer (&stays);
}

RvImage *
rv__style_blend_unpainted (RvImage *made, const RvImage *content, RvImage *const *masks, const double *weights,
                           int n_masks, const RvImage *protect, GError **error)
{
  g_autoptr (GPtrArray) packed = g_ptr_array_new_with_free_func ((GDestroyNotify) rv__compact_image_free);
  g_autoptr (RvCompactImage) packed_protect = protect ? rv__compact_image_new_mask (protect, error) : NULL;
  if (protect && !packed_protect)
    return NULL;
  if (!masks && !protect)
    return rv_image_ref (made);
  gboolean one_mask = masks && !weights; /* one mask for all styles counts once */
  for (int m = 1; one_mask && m < n_masks; m++)
    one_mask = masks[m] == masks[0];
  n_masks = one_mask ? 1 : n_masks;
  for (int m = 0; masks && m < n_masks; m++) {
    g_ptr_array_add (packed, rv__compact_image_new_mask (masks[m], error));
    if (!packed->pdata[m])
      return NULL;
  }
  const RvStyleMasks all = { masks ? (RvCompactImage **) packed->pdata : NULL, weights, n_masks, packed_protect };
  g_autoptr (RvImage) stays = rv__style_compute_unpainted (&all, made->width, made->height, error);
  return stays ? rv__image_blend (content, made, 1, stays, error) : NULL;
}

float **
rv__style_masks_at (const RvStyle *style, const RvScale *scale, GError **error)
{
  float **planes = g_new0 (float *, style->n_styles + 2);
  gsize bytes = (gsize) rv__scale_canvas_pixels (scale) * sizeof (float);
  gboolean ok = TRUE;
  int n = 0;
  for (int i = 0; ok && style->masks && i < style->n_styles; i++)
    ok = (planes[n++] = rv__alloc (bytes, "a mask", error)) &&
         rv__style_set_mask (style->masks[i], scale, planes[i], error);
  if (ok && style->warped)
    ok = (planes[n] = rv__alloc (bytes, "a mask", error)) && set_plane (style->confidence, scale, planes[n], error);
  if (ok)
    return planes;
  rv__free_planes (planes);
  return NULL;
}

gboolean
rv__style_start_protect (RvStyleRun *run, const RvScale *scale, GError **error)
{
  const RvStyle *style = run->style;
  if (!rv__buffers_enter (run->buffers, RV_STYLE_PROTECTING, error) ||
      (run->static_mask && !set_plane (style->static_mask, scale, run->static_mask, error)) ||
      (run->protect && !rv__style_set_mask (style->stays, scale, run->protect, error)))
    return FALSE;
  if (run->protect) /* x contains the content */
    memcpy (run->content, style->x, (gsize) rv__scale_canvas_pixels (scale) * 3 * sizeof (float));
  return rv__style_start_keep (run, scale, error);
}

void
rv__style_protect_picture (const RvStyleRun *run)
{
  float *x = run->style->x;
  gint64 plane = rv__scale_canvas_pixels (run->scale);
  for (gint64 i = 0; run->protect && i < 3 * plane; i++)
    x[i] += run->protect[i % plane] * (run->content[i] - x[i]);
}

void
rv__style_protect_painted (RvStyleRun *run)
{
  gint64 plane = rv__scale_canvas_pixels (run->scale);
  rv__style_protect_picture (run);
  for (int slot = 0; run->protect && !run->fourier && slot < run->optim->n_slots; slot++)
    for (gint64 i = 0; i < 3 * plane; i++)
      run->optim->slot[slot][i] *= 1 - run->protect[i % plane];
}

void
rv__style_protect_gradient (const RvStyleRun *run, float *gradient)
{
  gint64 plane = rv__scale_canvas_pixels (run->scale);
  for (gint64 i = 0; (run->protect || run->static_mask) && i < 3 * plane; i++) {
    if (run->protect)
      gradient[i] *= 1 - run->protect[i % plane];
    if (run->static_mask && run->static_mask[i % plane] > 0.5f)
      gradient[i] = 0;
  }
}
