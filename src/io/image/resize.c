/* resize.c -- resizes pictures: in the best quality, and as the classic programs do.
 *
 * Pillow's bilinear, exactly: a triangle of half-width max (1, in / out) source pixels around each target pixel's
 * centre, normalised, in 22-bit fixed point. First the width, then the height; each pass rounds to 8 bits, and an axis
 * whose size stays has no pass. (Pillow 13 begins with the height if the height shrinks and the width grows.) */
#include "base/alloc.h"
#include "base/cancel.h"
#include "base/sample.h"
#include "image-internal.h"
#include "vips-helpers.h"
#include "plane.h"
#include <math.h>
#include <string.h>

int
rv__vips_replace (VipsImage **image, VipsImage *other)
{
  g_object_unref (*image);
  *image = other;
  return 0;
}

int
rv__vips_to_memory (VipsImage **image)
{
  rv__vips_connect_cancellable (*image);
  VipsImage *out = vips_image_copy_memory (*image);
  return out ? rv__vips_replace (image, out) : -1;
}

/* Replaces *image by one of exactly @width x @height px, bicubically; the same size: no change. Returns 0; not 0:
 * failed, libvips has the message, *image is valid. Maps out = s (in + 1/2) - 1/2: vips_resize() is off by half a pixel
 * (8.14). Also corrects a shrunk size that was rounded by a pixel. */
static int
enlarge (VipsImage **image, int width, int height)
{
  double across = (double) width / vips_image_get_width (*image);
  double down = (double) height / vips_image_get_height (*image);
  if (across == 1 && down == 1)
    return 0;
  if (rv__vips_to_memory (image)) /* interpolation reads in random order */
    return -1;
  VipsInterpolate *bicubic = vips_interpolate_new ("bicubic");
  VipsArrayInt *area = vips_array_int_newv (4, 0, 0, width, height);
  int failed = rv__vips_apply (vips_affine, image, across, 0, 0, down, "interpolate", bicubic, "oarea", area, "odx",
                               (across - 1) / 2, "ody", (down - 1) / 2, "extend", VIPS_EXTEND_COPY);
  g_object_unref (bicubic);
  vips_area_unref (VIPS_AREA (area));
  return failed;
}

int
rv__vips_resize (VipsImage **image, int width, int height)
{
  double across = MIN (1, (double) width / vips_image_get_width (*image));
  double down = MIN (1, (double) height / vips_image_get_height (*image));
  if ((across < 1 || down < 1) &&
      rv__vips_apply (vips_resize, image, across, "vscale", down, "kernel", VIPS_KERNEL_LANCZOS3))
    return -1;
  return enlarge (image, width, height);
}

/* ---- planes: one channel in memory ------------------------------------------------------------------------------- */

/* Does RV_IMAGE_RESIZE_BEST for one plane @from, [@height, @width], into @to, [@new_height, @new_width], not clamped.
 * RV_ERROR_MEMORY if libvips fails. */
static gboolean
resize_best (const float *from, int width, int height, float *to, int new_width, int new_height, GError **error)
{
  gsize size;
  auto_vips VipsImage *image = vips_image_new_from_memory (from, (gsize) width * (gsize) height * sizeof (float), width,
                                                           height, 1, VIPS_FORMAT_FLOAT);
  if (!image || rv__vips_resize (&image, new_width, new_height))
    return rv__vips_error (RV_ERROR_MEMORY, "cannot resize", "a picture", error);
  rv__vips_connect_cancellable (image);
  g_autofree float *pixels = vips_image_write_to_memory (image, &size);
  if (!pixels)
    return rv__vips_error (RV_ERROR_MEMORY, "cannot resize", "a picture", error);
  memcpy (to, pixels, (gsize) new_width * (gsize) new_height * sizeof (float));
  return TRUE;
}

/* (transfer full: g_free()): source pixel floor ((k + 0.5) * in / out) for each k < @out. Summed in steps like Pillow:
 * near whole numbers the rounding error selects the pixel, and pictures that Keras resizes show the same selection. */
static int *
nearest_sources (int in, int out)
{
  int *source = g_new (int, out);
  double step = (double) in / out, at = step / 2;
  for (int k = 0; k < out; k++, at += step)
    source[k] = MIN ((int) at, in - 1);
  return source;
}

/* Does RV_IMAGE_RESIZE_NEAREST for one plane, as resize_best(); rounds to whole numbers 0..255. Cannot fail. */
static gboolean
resize_nearest (const float *from, int width, int height, float *to, int new_width, int new_height, GError **error)
{
  g_autofree int *column = nearest_sources (width, new_width), *row = nearest_sources (height, new_height);
  for (int y = 0; y < new_height; y++)
    for (int x = 0; x < new_width; x++)
      *to++ = rv__byte (from[(gint64) row[y] * width + column[x]]);
  return TRUE;
}

#define FRACTION_BITS 22 /* precision of Pillow's coefficients */

/* Sets the coefficients of target pixel @k, fixed-point numbers with FRACTION_BITS bits, and *first, its first source
 * pixel. Returns the number of coefficients, at most @in. */
static int
triangle_coefficients (int k, int in, int out, int *first, int *coefficients)
{
  double scale = (double) in / out, support = MAX (scale, 1), centre = (k + 0.5) * scale, sum = 0;
  int start = MAX ((int) (centre - support + 0.5), 0), end = MIN ((int) (centre + support + 0.5), in);
  for (int i = start; i < end; i++)
    sum += MAX (1 - fabs ((i - centre + 0.5) / support), 0);
  for (int i = start; i < end; i++) {
    double part = MAX (1 - fabs ((i - centre + 0.5) / support), 0) / sum;
    coefficients[i - start] = (int) (part * (1 << FRACTION_BITS) + 0.5);
  }
  *first = start;
  return end - start;
}

/* Resizes @n_lines lines of @in bytes to @out bytes by triangle_coefficients(), rounded and clamped. Samples of a line
 * are @from_step or @to_step bytes apart, lines @from_line or @to_line bytes. @to must not overlap @from. */
static void
resize_lines (const guint8 *from, int in, int from_step, int from_line, guint8 *to, int out, int to_step, int to_line,
              int n_lines)
{
  g_autofree int *coefficients = g_new (int, in + 1);
  for (int k = 0; k < out; k++) {
    int first, n = triangle_coefficients (k, in, out, &first, coefficients);
    for (int l = 0; l < n_lines; l++) {
      const guint8 *source = from + (gsize) l * (gsize) from_line + (gsize) first * (gsize) from_step;
      gint64 sum = 1 << (FRACTION_BITS - 1);
      for (int i = 0; i < n; i++)
        sum += (gint64) coefficients[i] * source[(gsize) i * (gsize) from_step];
      to[(gsize) l * (gsize) to_line + (gsize) k * (gsize) to_step] = (guint8) CLAMP (sum >> FRACTION_BITS, 0, 255);
    }
  }
}

/* Does RV_IMAGE_RESIZE_TRIANGLE for one plane [@height, @width] into @to, [@new_height, @new_width], in bytes as Pillow
 * does: rounds @from and clamps it to 0..255. After an error @to is unchanged. */
static gboolean
resize_triangle (const float *from, int width, int height, float *to, int new_width, int new_height, GError **error)
{
  gsize n = (gsize) width * (gsize) height, n_wide = (gsize) new_width * (gsize) height;
  gsize n_new = (gsize) new_width * (gsize) new_height;
  guint8 *samples = rv__alloc (n + n_wide + n_new, "a picture", error), *wide = samples + n, *result = wide + n_wide;
  if (!samples)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    samples[i] = rv__byte (from[i]);
  if (new_width == width)
    memcpy (wide, samples, n);
  else
    resize_lines (samples, width, 1, width, wide, new_width, 1, new_width, height);
  if (new_height == height)
    memcpy (result, wide, n_wide);
  else
    resize_lines (wide, height, new_width, 1, result, new_height, new_width, 1, new_width);
  for (gsize i = 0; i < n_new; i++)
    to[i] = result[i];
  rv__free (samples);
  return TRUE;
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

gboolean
rv__plane_resize (const float *from, int width, int height, float white, RvImageResize how, float *to, int new_width,
                  int new_height, GError **error)
{
  static gboolean (*const methods[]) (const float *from, int width, int height, float *to, int new_width,
                                      int new_height,
                                      GError **error) = { [RV_IMAGE_RESIZE_BEST] = resize_best,
                                                          [RV_IMAGE_RESIZE_NEAREST] = resize_nearest,
                                                          [RV_IMAGE_RESIZE_TRIANGLE] = resize_triangle };
  if (!rv__vips_start (error) || !rv__check_cancelled (error) ||
      !methods[how](from, width, height, to, new_width, new_height, error))
    return FALSE;
  for (gint64 p = 0; p < (gint64) new_width * new_height; p++)
    to[p] = CLAMP (to[p], 0, white); /* Lanczos overshoots */
  return TRUE;
}

/* Resizes all channels of @from, [1, C, height, width], to the size of @to by rv__plane_resize(). After an error
 * @to is undefined. */
static gboolean
resize_planes (RvImageResize how, const RvTensor *from, RvTensor *to, float white, GError **error)
{
  int height = (int) from->shape.dim[2], width = (int) from->shape.dim[3];
  int new_height = (int) to->shape.dim[2], new_width = (int) to->shape.dim[3];
  gint64 plane = (gint64) width * height, new_plane = (gint64) new_width * new_height;
  for (gint64 c = 0; c < from->shape.dim[1]; c++)
    if (!rv__plane_resize ((const float *) from->data + c * plane, width, height, white, how,
                           (float *) to->data + c * new_plane, new_width, new_height, error))
      return FALSE;
  return TRUE;
}

RvImage *
rv_image_resize (const RvImage *image, int width, int height, RvImageResize how, GError **error)
{
  g_autoptr (RvImage) resized = rv_image_new (width, height, error);
  if (!resized || (image->alpha && !rv__image_add_alpha (resized, error)) ||
      !resize_planes (how, image->rgb, resized->rgb, 255, error) ||
      (image->alpha && !resize_planes (RV_IMAGE_RESIZE_BEST, image->alpha, resized->alpha, 1, error)))
    return NULL;
  return g_steal_pointer (&resized);
}
