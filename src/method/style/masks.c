/* masks.c -- where the styles paint, and where nothing does.
 *
 * A mask's brightness is how much: 1 where it is white, 0 where it is black or transparent. */
#include "base/alloc.h"
#include "method/style/run.h"
#include <string.h>

#define WHITE 255.0f

/* A part of a plane of a scale's canvas, with the margin that pictures have: (transfer full) (nullable). */
static float *
new_plane (const RvScale *scale, const RvPart *part, GError **error)
{
  return rv__part_alloc (part, rv__scale_canvas_pixels (scale), sizeof (float), "a mask", error);
}

/* A mask there, 0 to 1. */
static float *
mask_on_canvas (const RvPackedImage *mask, const RvScale *scale, const RvPart *part, GError **error)
{
  float *canvas = new_plane (scale, part, error);
  if (canvas && !rv__scale_extend_packed (mask, 0, RV_IMAGE_RESIZE_BEST, scale, 0, part, canvas, error))
    g_clear_pointer (&canvas, rv__free);
  for (guint k = 0; canvas && k < part->len; k++)
    for (gint64 i = rv__part_span (part, k).from; i < rv__part_span (part, k).end; i++)
      canvas[i] /= WHITE;
  return canvas;
}

/* The same of a plane of the content's size, 0 to 1. */
static float *
plane_on_canvas (const RvTensor *plane, const RvScale *scale, const RvPart *part, GError **error)
{
  float *canvas = new_plane (scale, part, error);
  if (canvas && !rv__scale_extend_plane (plane->data, (int) plane->shape.dim[3], (int) plane->shape.dim[2], 1,
                                         RV_IMAGE_RESIZE_BEST, scale, 0, part, canvas, error))
    g_clear_pointer (&canvas, rv__free);
  return canvas;
}

float **
rv__style_masks_at (const RvStyle *style, const RvScale *scale, GError **error)
{
  float **planes = g_new0 (float *, style->n_styles + 2);
  g_autoptr (GArray) part = rv__part_all (rv__scale_canvas_pixels (scale));
  gboolean ok = TRUE;
  int n = 0;
  for (int i = 0; ok && style->masks && i < style->n_styles; i++)
    ok = (planes[n++] = mask_on_canvas (style->masks[i], scale, part, error)) != NULL;
  if (ok && style->warped)
    ok = (planes[n++] = plane_on_canvas (style->trust, scale, part, error)) != NULL;
  if (ok)
    return planes;
  rv__style_free_planes (planes);
  return NULL;
}

gint64
rv__style_masks_bytes (const RvStyle *style)
{
  gsize bytes = 0;
  for (int i = 0; style->masks && i < style->n_styles; i++)
    bytes += style->masks[i] ? rv__packed_image_bytes (style->masks[i]) : 0;
  return (gint64) bytes;
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
  g_autoptr (GArray) plane = rv__part_all (rv__scale_canvas_pixels (scale)), part = rv__part_common (own, plane);
  if (last && style->still && !(run->still = plane_on_canvas (style->still, scale, part, error)))
    return FALSE;
  if (!style->protect)
    return TRUE;
  g_clear_pointer (&run->protect, rv__free);
  g_clear_pointer (&run->content, rv__free);
  if (!(run->protect = mask_on_canvas (style->protect, scale, part, error)) ||
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
