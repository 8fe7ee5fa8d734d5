/* save.c -- saves pictures as PNG, JPEG, WebP or TIFF, by suffix; completely or not at all. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/sized.h"
#include "image-internal.h"
#include "vips-helpers.h"
#include "io/atomic-file.h"
#include <errno.h>
#include <unistd.h>

#define DEFAULT_QUALITY 95
#define MAX_DPI 100000
#define MM_PER_INCH 25.4

typedef enum { PNG, JPEG, WEBP, TIFF } Format;

static const struct {
  const char *suffix;
  Format format;
  int max_side;         /* px */
  gboolean alpha, deep; /* stores alpha; stores 16 bits a sample */
} formats[] = {
  { ".png", PNG, G_MAXINT32, TRUE, TRUE },  { ".jpg", JPEG, 65500, FALSE, FALSE },
  { ".jpeg", JPEG, 65500, FALSE, FALSE },   { ".webp", WEBP, 16383, TRUE, FALSE },
  { ".tif", TIFF, G_MAXINT32, TRUE, TRUE }, { ".tiff", TIFF, G_MAXINT32, TRUE, TRUE },
};

/* Index in `formats` of the format for the suffix of @filename, in any case; -1: RV_ERROR_SETTING, another suffix. */
static int
find_format (const char *filename, GError **error)
{
  g_autofree char *lower = g_ascii_strdown (filename, -1);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_str_has_suffix (lower, formats[i].suffix))
      return (int) i;
  rv__error_set (error, RV_ERROR_SETTING, "%s: unknown suffix; use .png, .jpg, .webp or .tif", filename);
  return -1;
}

/* Checks the size, px, against the limit of formats[@format]. RV_ERROR_FILE: a side is too long. */
static gboolean
check_side (const char *filename, int format, int width, int height, GError **error)
{
  return MAX (width, height) <= formats[format].max_side ||
         rv__error_set (error, RV_ERROR_FILE, "%s: a %s has at most %d px a side, not %d x %d; use .png or .tif",
                        filename, formats[format].suffix + 1, formats[format].max_side, width, height);
}

gboolean
rv_image_check_target (const char *filename, int width, int height, GError **error)
{
  int i = find_format (filename, error);
  if (i < 0 || !check_side (filename, i, width, height, error))
    return FALSE;
  return rv__atomic_file_check (filename, error);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): a new image of @pixels, RGB or RGBA of 1 or 2 @bytes a sample. Adds the resolution @dpi
 * (0: 72), an sRGB profile and @recipe (nullable). A recipe that is too long for XMP is left out. NULL: libvips has the
 * message. */
static VipsImage *
with_metadata (VipsImage *pixels, int bytes, double dpi, const char *recipe)
{
  VipsImage *out = NULL;
  VipsBlob *profile = NULL;
  double per_mm = (dpi > 0 ? dpi : 72) / MM_PER_INCH;
  if (vips_copy (pixels, &out, "interpretation", bytes == 2 ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB,
                 "xres", per_mm, "yres", per_mm, NULL))
    return NULL;
  if (vips_profile_load ("srgb", &profile, NULL) == 0 && profile) {
    gsize length;
    const void *data = vips_blob_get (profile, &length);
    vips_image_set_blob_copy (out, VIPS_META_ICC_NAME, data, length);
    vips_area_unref (VIPS_AREA (profile));
  }
  g_autofree char *ascii = recipe ? rv__recipe_to_ascii (recipe) : NULL;
  g_autoptr (GBytes) xmp = ascii ? rv__recipe_to_xmp (ascii) : NULL;
  if (xmp) {
    vips_image_set_blob_copy (out, VIPS_META_XMP_NAME, g_bytes_get_data (xmp, NULL), g_bytes_get_size (xmp));
    vips_image_set_string (out, "png-comment-0-reverie", ascii); /* a text chunk of PNG */
  }
  return out;
}

/* Encodes @image in @format into @target. @quality: 1..100, for JPEG and WebP, 0: the default; others are lossless.
 * Returns 0; not 0: failed, libvips has the message, @target may have a part. */
static int
write_target (VipsImage *image, Format format, int quality, VipsTarget *target)
{
  quality = quality > 0 ? quality : DEFAULT_QUALITY;
  switch (format) {
  case PNG:
    return vips_pngsave_target (image, target, NULL);
  case JPEG:
    return vips_jpegsave_target (image, target, "Q", quality, "subsample_mode", VIPS_FOREIGN_SUBSAMPLE_OFF,
                                 "optimize_coding", TRUE, NULL);
  case WEBP:
    return vips_webpsave_target (image, target, "Q", quality, NULL);
  case TIFF:
    break;
  }
  return vips_tiffsave_target (image, target, "compression", VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE, "predictor",
                               VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, NULL);
}

/* File that libvips writes to, with the error that libvips drops. TIFF needs read and seek. */
typedef struct {
  int fd, code; /* code: errno of the write that failed, or 0 */
} Output;

/* Handler of libvips' target: writes @size bytes of @data to the file. Returns @size; -1 with errno in output->code. */
static gint64
on_write (VipsTargetCustom *target, gconstpointer data, gint64 size, gpointer user_data)
{
  Output *output = user_data;
  if (rv__write_all (output->fd, data, (gsize) size))
    return size;
  output->code = errno;
  return -1;
}

static gint64
on_read (VipsTargetCustom *target, gpointer data, gint64 size, gpointer user_data)
{
  return read (((Output *) user_data)->fd, data, (gsize) size);
}

static gint64
on_seek (VipsTargetCustom *target, gint64 offset, int whence, gpointer user_data)
{
  return lseek (((Output *) user_data)->fd, offset, whence);
}

/* Writes @image to @filename, completely or not at all. @replace FALSE: an existing file stays, the result gets another
 * name, and the message of RV_ERROR_FILE gives that name. RV_ERROR_FILE also if writing fails. */
static gboolean
write_file (VipsImage *image, Format format, int quality, const char *filename, gboolean replace, GError **error)
{
  RvAtomicFile file;
  if (!rv__atomic_file_open (&file, filename, replace, error))
    return FALSE;
  Output output = { .fd = file.fd };
  auto_vips VipsTargetCustom *target = vips_target_custom_new ();
  g_signal_connect (target, "write", G_CALLBACK (on_write), &output);
  g_signal_connect (target, "read", G_CALLBACK (on_read), &output);
  g_signal_connect (target, "seek", G_CALLBACK (on_seek), &output);
  if (write_target (image, format, quality, VIPS_TARGET (target)) && !output.code) {
    rv__vips_error (RV_ERROR_FILE, "cannot write", filename, error);
    rv__atomic_file_discard (&file);
    return FALSE;
  }
  if (output.code) {
    vips_error_clear ();
    errno = output.code;
    return rv__atomic_file_fail (&file, error);
  }
  return rv__atomic_file_commit (&file, error);
}

gboolean
rv__image_write_png (VipsImage *image, const char *filename, gboolean replace, GError **error)
{
  return write_file (image, PNG, 0, filename, replace, error);
}

/* (transfer full) (nullable): a libvips image of formats[@format] over @image's samples, with metadata, ready to write.
 * *samples: (out): the pixels; unreference them after the image, also if that is NULL. NULL: *samples is unchanged
 * if there is no room for the pixels. RV_ERROR_FILE if libvips fails. */
static VipsImage *
prepare (const RvImage *image, int format, const RvSaveOptions *o, GBytes **samples, GError **error)
{
  int channels = image->alpha && formats[format].alpha ? 4 : 3, bytes = o->bits == 16 && formats[format].deep ? 2 : 1;
  gsize row = (gsize) image->width * (gsize) channels * (gsize) bytes, size = row * (gsize) image->height;
  void *data = rv__alloc (size, "the finished picture", error);
  if (!data)
    return NULL;
  *samples = g_bytes_new_with_free_func (data, size, rv__free, data);
  rv__image_put_samples (image, data, bytes == 2 ? RV_PIXEL_U16 : RV_PIXEL_U8, channels, row, o->truncate ? 0 : 0.5f);
  auto_vips VipsImage *pixels = vips_image_new_from_memory (data, size, image->width, image->height, channels,
                                                            bytes == 2 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR);
  VipsImage *out = pixels ? with_metadata (pixels, bytes, o->dpi, o->recipe) : NULL;
  if (out)
    rv__vips_connect_cancellable (out);
  else
    rv__vips_error (RV_ERROR_FILE, "cannot write", "the picture", error);
  return out;
}

/* FALSE: RV_ERROR_SETTING: an option is out of its range. */
static gboolean
check_options (const RvSaveOptions *o, GError **error)
{
  if (o->quality < 0 || o->quality > 100)
    return rv__error_setting (error, "quality", "'quality' must be 1 to 100, not %d", o->quality);
  if (o->bits != 0 && o->bits != 8 && o->bits != 16)
    return rv__error_setting (error, "bits", "'bits' must be 8 or 16, not %d", o->bits);
  return (o->dpi >= 0 && o->dpi <= MAX_DPI) ||
         rv__error_setting (error, "dpi", "'dpi' must be 0 to %d, not %g", MAX_DPI, o->dpi);
}

gboolean
rv_image_save_sized (const RvImage *image, const char *filename, const RvSaveOptions *options, gsize options_size,
                     GError **error)
{
  RvSaveOptions o;
  rv__sized_copy (&o, sizeof o, options, options_size);
  int i = find_format (filename, error);
  if (i < 0 || !check_options (&o, error) || !rv__vips_start (error) ||
      !rv_image_check_target (filename, image->width, image->height, error))
    return FALSE;
  g_autoptr (GBytes) samples = NULL; /* freed after @out */
  auto_vips VipsImage *out = prepare (image, i, &o, &samples, error);
  return out && write_file (out, formats[i].format, o.quality, filename, !o.no_replace, error);
}

GBytes *
rv_image_save_bytes_sized (const RvImage *image, const char *suffix, const RvSaveOptions *options, gsize options_size,
                           GError **error)
{
  RvSaveOptions o;
  rv__sized_copy (&o, sizeof o, options, options_size);
  int i = find_format (suffix, error);
  if (i < 0 || !check_options (&o, error) || !check_side (suffix, i, image->width, image->height, error) ||
      !rv__vips_start (error))
    return NULL;
  g_autoptr (GBytes) samples = NULL; /* freed after @out */
  auto_vips VipsImage *out = prepare (image, i, &o, &samples, error);
  if (!out)
    return NULL;
  auto_vips VipsTarget *target = vips_target_new_to_memory ();
  VipsBlob *blob = NULL;
  if (!target || write_target (out, formats[i].format, o.quality, target))
    return rv__null (rv__vips_error (RV_ERROR_FILE, "cannot write", "the picture", error));
  gsize size;
  g_object_get (target, "blob", &blob, NULL);
  const void *data = vips_blob_get (blob, &size);
  return g_bytes_new_with_free_func (data, size, (GDestroyNotify) vips_area_unref, blob);
}
