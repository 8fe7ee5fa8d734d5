/* image.c -- pictures in memory. */
#include "base/ref.h"
#include "image-internal.h"
#include "base/error.h"
#include "vips-helpers.h"
#include "base/alloc.h"
#include "base/cancel.h"
#include "base/sample.h"
#include "base/system.h"
#include "process.h"
#include <math.h>
#include <string.h>
#include <vips/vector.h>

#define MAX_WHITES 1000.0              /* limit of numbers, relative to white */
#define START_BYTES ((gsize) 64 << 20) /* address space that libvips' modules map */

gboolean
rv__vips_start (GError **error)
{
  static gsize once;
  if (!rv__system_check_threads (error))
    return FALSE;
  if (!g_atomic_pointer_get (&once) && !rv__alloc_probe (START_BYTES, error)) /* libvips would print an error */
    return FALSE;
  if (g_once_init_enter (&once)) {
    gboolean ok = vips_init ("reverie") == 0;
#ifdef __aarch64__ /* code that Orc 0.4.33 generates for reductions crashes there, at least under qemu */
    vips_vector_set_enabled (FALSE);
#endif
    g_once_init_leave (&once, ok ? 1 : 2);
  }
  return once == 1 ||
         rv__error_set (error, RV_ERROR_FILE, "libvips, which reads and writes the pictures, does not start");
}

static gboolean untrusted_blocked; /* set by rv__vips_init_process() */

gboolean
rv__vips_untrusted_blocked (void)
{
  return untrusted_blocked;
}

const char *
rv__vips_version (void)
{
  return vips_version_string ();
}

gboolean
rv__vips_init_process (int n_threads, GError **error)
{
  if (!rv__vips_start (error))
    return FALSE;
  vips_cache_set_max (0); /* a run reads each picture once */
  vips_concurrency_set (n_threads);
  vips_block_untrusted_set (TRUE);
  untrusted_blocked = TRUE;
  return TRUE;
}

gboolean
rv__vips_error (RvError code, const char *what, const char *filename, GError **error)
{
  if (!rv__check_cancelled (error)) {
    vips_error_clear ();
    return FALSE;
  }
  g_autofree char *text = vips_error_buffer_copy ();
  g_autofree char *line = g_strdup (strtok_r (text, "\n", &(char *){ NULL }));
  if (line && (strstr (line, "out of memory") || strstr (line, "nsufficient memory"))) { /* from libvips or a decoder */
    return rv__error_set (error, RV_ERROR_MEMORY, "%s %s: out of memory; a smaller picture needs less", what, filename);
  }
  return rv__error_set (error, code, "%s %s: %s", what, filename, line ? line : "no reason was given");
}

/* Signal handler: stops the computation if @current, a GCancellable, is cancelled. Runs every few lines on the thread
 * that waits for the pixels. */
static void
on_lines (VipsImage *image, VipsProgress *progress, gpointer current)
{
  if (g_cancellable_is_cancelled (current))
    vips_image_set_kill (image, TRUE);
}

void
rv__vips_connect_cancellable (VipsImage *image)
{
  GCancellable *current = g_cancellable_get_current ();
  if (!current)
    return;
  vips_image_set_progress (image, TRUE);
  g_signal_connect_object (image, "eval", G_CALLBACK (on_lines), current, 0);
}

RvImage *
rv_image_new (int width, int height, GError **error)
{
  RvShape shape = rv_shape (4, 1, 3, height, width);
  if (width < 1 || height < 1)
    return rv__error_null (error, RV_ERROR_SHAPE, "a picture cannot have %d x %d px", width, height);
  g_autoptr (RvTensor) rgb = rv_tensor_new (RV_F32, &shape, error);
  if (!rgb)
    return NULL;
  RvImage *image = g_new0 (RvImage, 1);
  *image = (RvImage){ .width = width, .height = height, .rgb = g_steal_pointer (&rgb), .ref_count = 1 };
  return image;
}

gboolean
rv__image_add_alpha (RvImage *image, GError **error)
{
  RvShape shape = rv_shape (4, 1, 1, image->height, image->width);
  image->alpha = rv_tensor_new (RV_F32, &shape, error);
  return image->alpha != NULL;
}

gboolean
rv__image_check_floats (const float *pixels, int width, int height, int bands, double max, const char *name,
                        GError **error)
{
  gint64 n = (gint64) width * height * bands, i = 0;
  while (i < n && fabs ((double) pixels[i]) <= max) /* false for NaN */
    i++;
  return i == n || rv__error_set (error, RV_ERROR_FORMAT,
                                  "%s contains %s, which is not a colour; repair it, or save it again as PNG", name,
                                  isnan (pixels[i])   ? "NaN (not a number)"
                                  : isinf (pixels[i]) ? "an infinite number"
                                                      : "a number far beyond white (1 in floats)");
}

RvImage *
rv__image_new_for (int width, int height, int bands, GError **error)
{
  g_autoptr (RvImage) image = rv_image_new (width, height, error);
  gboolean has_alpha = bands == 2 || bands == 4;
  return image && (!has_alpha || rv__image_add_alpha (image, error)) ? g_steal_pointer (&image) : NULL;
}

gboolean
rv__image_put_rows (RvImage *image, int first, int n_rows, const float *pixels, int bands, double white,
                    const char *name, GError **error)
{
  if (!rv__image_check_floats (pixels, image->width, n_rows, bands, MAX_WHITES * white, name, error))
    return FALSE;
  gint64 plane = (gint64) image->width * image->height, before = (gint64) image->width * first;
  float *rgb = (float *) image->rgb->data + before, to_255 = (float) (255 / white), to_1 = (float) (1 / white);
  float *alpha = image->alpha ? (float *) image->alpha->data + before : NULL;
  for (gint64 p = 0; p < (gint64) image->width * n_rows; p++) {
    const float *pixel = pixels + p * bands;
    for (int c = 0; c < 3; c++)
      rgb[c * plane + p] = to_255 * pixel[bands < 3 ? 0 : c];
    if (alpha)
      alpha[p] = CLAMP (to_1 * pixel[bands - 1], 0, 1);
  }
  return TRUE;
}

RvImage *
rv__image_from_floats (const float *pixels, int width, int height, int bands, double white, const char *name,
                       GError **error)
{
  g_autoptr (RvImage) image = rv__image_new_for (width, height, bands, error);
  if (!image || !rv__image_put_rows (image, 0, height, pixels, bands, white, name, error) ||
      !rv__image_fill_transparent (image, error))
    return NULL;
  return g_steal_pointer (&image);
}

RvImage *
rv_image_new_from_memory (gconstpointer data, RvPixelType type, int width, int height, int channels, gsize stride_bytes,
                          GError **error)
{
  static const double white[] = { [RV_PIXEL_U8] = 255, [RV_PIXEL_U16] = 65535, [RV_PIXEL_F32] = 1 };
  gsize bytes = sizeof (float) * (gsize) MAX (channels, 0);
  if (width < 1 || height < 1 || channels < 1 || channels > 4 || !rv__size_mul (&bytes, (guint64) width) ||
      !rv__size_mul (&bytes, (guint64) height))
    return rv__error_null (error, RV_ERROR_SHAPE, "a picture cannot have %d x %d px with %d channel%s", width, height,
                           channels, channels == 1 ? "" : "s");
  float *pixels = rv__alloc (bytes, "a picture", error);
  if (!pixels)
    return NULL;

  gsize row = (gsize) width * (gsize) channels;
  for (int y = 0; y < height; y++) {
    const guint8 *from = (const guint8 *) data + (gsize) y * stride_bytes;
    for (gsize i = 0; i < row; i++) {
      float value;
      guint16 u16;
      if (type == RV_PIXEL_U8)
        value = from[i];
      else if (type == RV_PIXEL_U16)
        memcpy (&u16, from + 2 * i, sizeof u16), value = u16;
      else
        memcpy (&value, from + 4 * i, sizeof value);
      pixels[(gsize) y * row + i] = value;
    }
  }
  RvImage *image = rv__image_from_floats (pixels, width, height, channels, white[type], "the picture", error);
  rv__free (pixels);
  return image;
}

/* Checks that @tensor is f32 of @shape. RV_ERROR_TYPE, RV_ERROR_SHAPE. @what: name of the plane, for the message. */
static gboolean
check_plane (const RvTensor *tensor, const RvShape *shape, const char *what, GError **error)
{
  gboolean fits = rv_shape_equal (&tensor->shape, shape);
  if (fits && tensor->type == RV_F32)
    return TRUE;
  g_autofree char *expected = rv_shape_text (shape), *found = rv_shape_text (&tensor->shape);
  return rv__error_set (error, fits ? RV_ERROR_TYPE : RV_ERROR_SHAPE, "a picture's %s is f32 %s, not %s %s", what,
                        expected, rv_type_name (tensor->type), found);
}

RvImage *
rv_image_new_from_planes (RvTensor *rgb, RvTensor *alpha, GError **error)
{
  const gint64 *dim = rgb->shape.dim;
  int height = rgb->shape.n == 4 && dim[2] <= G_MAXINT32 ? (int) dim[2] : 0,
      width = rgb->shape.n == 4 && dim[3] <= G_MAXINT32 ? (int) dim[3] : 0;
  RvShape colors = rv_shape (4, 1, 3, MAX (height, 1), MAX (width, 1)), plane = colors;
  plane.dim[1] = 1;
  if (!check_plane (rgb, &colors, "'rgb'", error) || (alpha && !check_plane (alpha, &plane, "'alpha'", error)) ||
      !rv__image_check_floats (rgb->data, width, height, 3, MAX_WHITES * 255, "the picture", error))
    return NULL;
  const float *a = alpha ? alpha->data : NULL;
  for (gint64 i = 0; a && i < (gint64) width * height; i++)
    if (!(a[i] >= 0 && a[i] <= 1)) /* true for NaN */
      return rv__error_null (error, RV_ERROR_FORMAT, "the picture's alpha is 0 to 1, not %g", (double) a[i]);
  RvImage *image = g_new0 (RvImage, 1);
  *image = (RvImage){ width, height, rv_tensor_ref (rgb), alpha ? rv_tensor_ref (alpha) : NULL, 1 };
  return image;
}

/* Writes @value, 0..@full, as one sample to @to. Integers are clamped, and rounded by @half; F32 is not clamped. */
static inline void
put_sample (float value, float full, RvPixelType type, float half, guint8 *to)
{
  if (type == RV_PIXEL_U8)
    *to = (guint8) rv__sample (value * (255 / full), 255, half);
  else if (type == RV_PIXEL_U16)
    memcpy (to, &(guint16){ rv__sample (value * (65535 / full), 65535, half) }, sizeof (guint16));
  else
    memcpy (to, &(float){ value / full }, sizeof (float));
}

void
rv__image_put_samples (const RvImage *image, gpointer data, RvPixelType type, int channels, gsize stride_bytes,
                       float half)
{
  static const gsize bytes[] = { [RV_PIXEL_U8] = 1, [RV_PIXEL_U16] = 2, [RV_PIXEL_F32] = 4 };
  gint64 plane = (gint64) image->width * image->height;
  const float *rgb = image->rgb->data, *alpha = image->alpha ? image->alpha->data : NULL;
  for (int y = 0; y < image->height; y++) {
    guint8 *to = (guint8 *) data + (gsize) y * stride_bytes;
    for (gint64 p = (gint64) y * image->width, end = p + image->width; p < end; p++) {
      for (int c = 0; c < 3; c++, to += bytes[type])
        put_sample (rgb[c * plane + p], 255, type, half, to);
      if (channels == 4) {
        put_sample (alpha ? alpha[p] : 1, 1, type, half, to);
        to += bytes[type];
      }
    }
  }
}

gboolean
rv_image_to_memory (const RvImage *image, gpointer data, RvPixelType type, int channels, gsize stride_bytes,
                    GError **error)
{
  if (channels != 3 && channels != 4)
    return rv__error_set (error, RV_ERROR_SHAPE, "a picture is written with 3 or 4 channels, not %d", channels);
  rv__image_put_samples (image, data, type, channels, stride_bytes, 0.5f);
  return TRUE;
}

static void
image_free (RvImage *image)
{
  rv_tensor_unref (image->rgb);
  rv_tensor_unref (image->alpha);
  g_free (image);
}

RV_DEFINE_REF (RvImage, rv_image_ref, rv_image_unref, image_free)
