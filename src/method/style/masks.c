/* masks.c -- where the styles paint, and where nothing does.
 *
 * A mask's brightness is how much: 1 where it is white, 0 where it is black or transparent. */
#include "base/alloc.h"
#include "method/style/run.h"
#include <string.h>

#define WHITE 255.0f

/* A mask on a part of a scale's canvas, 0 to 1, with the margin that pictures have: (transfer full) (nullable). */
static float *
on_canvas (const RvImage *mask, const RvScale *scale, const RvPart *part, GError **error)
{
  g_autoptr (RvImage) image = rv_image_resize (mask, scale->width, scale->height, RV_IMAGE_RESIZE_BEST, error);
  gint64 n = rv__scale_canvas_pixels (scale), plane = (gint64) scale->width * scale->height;
  float *canvas = image ? rv__part_alloc (part, n * 3, sizeof (float), "a mask", error) : NULL;
  if (!canvas)
    return NULL;
  float *rgb = image->rgb->data;
  for (gint64 i = 0; i < plane; i++) {
    float alpha = image->alpha ? ((const float *) image->alpha->data)[i] : 1;
    rgb[i] = CLAMP ((rgb[i] + rgb[plane + i] + rgb[2 * plane + i]) / (3 * WHITE) * alpha, 0, 1);
  }
  rv__scale_extend (rgb, scale, part, canvas); /* of the three planes the first is meant */
  return canvas;
}

/* The same of a plane of the content's size. (transfer full) (nullable) */
static float *
plane_on_canvas (const RvTensor *plane, const RvScale *scale, const RvPart *part, GError **error)
{
  int width = (int) plane->shape.dim[3], height = (int) plane->shape.dim[2];
  g_autoptr (RvImage) grey = rv_image_new (width, height, error);
  gsize bytes = (gsize) width * (gsize) height * sizeof (float);
  for (gsize c = 0; grey && c < 3; c++)
    memcpy ((guint8 *) grey->rgb->data + c * bytes, plane->data, bytes);
  for (gsize i = 0; grey && i < 3 * bytes / sizeof (float); i++)
    ((float *) grey->rgb->data)[i] *= WHITE;
  return grey ? on_canvas (grey, scale, part, error) : NULL;
}

float **
rv__style_masks_at (const RvStyle *style, const RvScale *scale, GError **error)
{
  float **planes = g_new0 (float *, style->n_styles + 2);
  g_autoptr (RvParts) all = rv__parts_all (3, rv__scale_canvas_pixels (scale));
  const RvPart *part = rv__parts_own (all);
  gboolean ok = TRUE;
  int n = 0;
  for (int i = 0; ok && style->masks && i < style->n_styles; i++)
    ok = (planes[n++] = on_canvas (style->masks[i], scale, part, error)) != NULL;
  if (ok && style->warped)
    ok = (planes[n++] = plane_on_canvas (style->trust, scale, part, error)) != NULL;
  if (ok)
    return planes;
  rv__style_free_planes (planes);
  return NULL;
}

void
rv__style_free_planes (float **planes)
{
  for (int i = 0; planes && planes[i]; i++)
    rv__free (planes[i]);
  g_free (planes);
}

gboolean
rv__style_start_protect (RvStyleRun *run, const RvScale *scale, const RvPart *own, GError **error)
{
  const RvStyle *style = run->style;
  gint64 n = rv__scale_canvas_pixels (scale) * 3;
  gboolean last = scale == rv__style_scale (style, style->scales->len - 1);
  if (last && style->still && !(run->still = plane_on_canvas (style->still, scale, own, error)))
    return FALSE;
  if (!style->protect)
    return TRUE;
  g_clear_pointer (&run->protect, rv__free);
  g_clear_pointer (&run->content, rv__free);
  if (!(run->protect = on_canvas (style->protect, scale, own, error)) ||
      !(run->content = rv__part_alloc (own, n, sizeof (float), "the protected picture", error)))
    return FALSE;
  for (guint k = 0; k < own->len; k++) { /* the content lies in x */
    RvSpan span = rv__part_span (own, k);
    memcpy (run->content + span.from, style->x + span.from, (gsize) (span.end - span.from) * sizeof (float));
  }
  return TRUE;
}

/* All three colours have the mask of the first. */
void
rv__style_protect_picture (const RvStyleRun *run, float *x)
{
  const RvPart *own = rv__parts_own (run->parts);
  gint64 plane = rv__scale_canvas_pixels (run->scale);
  for (guint k = 0; run->protect && k < own->len; k++)
    for (gint64 i = rv__part_span (own, k).from; i < rv__part_span (own, k).end; i++)
      x[i] += run->protect[i % plane] * (run->content[i] - x[i]);
}

/* What the optimiser has gathered there goes, too, or it would bring the paint back. */
void
rv__style_protect_painted (RvStyleRun *run)
{
  const RvPart *own = rv__parts_own (run->parts);
  gint64 plane = rv__scale_canvas_pixels (run->scale);
  rv__style_protect_picture (run, run->style->x);
  for (guint k = 0; run->protect && !run->fourier && k < own->len; k++)
    for (gint64 i = rv__part_span (own, k).from; i < rv__part_span (own, k).end; i++)
      for (int slot = 0; slot < run->optim->n_slots; slot++)
        run->optim->slot[slot][i] *= 1 - run->protect[i % plane];
}

void
rv__style_protect_still (const RvStyleRun *run, const float *shown, float *x)
{
  gint64 plane = rv__scale_canvas_pixels (run->scale);
  for (gint64 i = 0; i < 3 * plane; i++)
    if (!run->still || run->still[i % plane] <= 0.5f)
      x[i] = shown[i];
}

void
rv__style_protect_gradient (const RvStyleRun *run, float *gradient)
{
  const RvPart *own = rv__parts_own (run->parts);
  gint64 plane = rv__scale_canvas_pixels (run->scale);
  for (guint k = 0; (run->protect || run->still) && k < own->len; k++)
    for (gint64 i = rv__part_span (own, k).from; i < rv__part_span (own, k).end; i++) {
      if (run->protect)
        gradient[i] *= 1 - run->protect[i % plane];
      if (run->still && run->still[i % plane] > 0.5f)
        gradient[i] = 0;
    }
}
