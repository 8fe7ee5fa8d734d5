/* load.c -- picture files, by an allow-list of loaders.
 *
 * libvips detects the loader of a file; only those listed here are called, directly. Files may be hostile: the header
 * is checked before pixels are decoded. */
#include "base/system.h"
#include "base/error.h"
#include "base/sized.h"
#include "image-internal.h"
#include "vips-helpers.h"
#include "io/image/jpeg-zeros.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PIXELS (G_GINT64_CONSTANT (1) << 31)
#define MAX_SIDE 10000000           /* px: VIPS_MAX_COORD of libvips 8.14; later versions allow more */
#define MAX_ZEROS_BYTES (256 << 20) /* of a JPEG that is searched for zeros: cameras write less */
/* Shrinking that must remain for Lanczos if a JPEG is decoded at 1/2, 1/4 or 1/8. */
#define SHRINK_LEFT 3.0
/* Pictures with alpha of up to this many pixels are read at full size. */
#define FILL_FIRST_PIXELS (16 << 20)

static const struct {
  const char *prefix, *operation;
  gboolean is_whole; /* always decoded as a whole; others only if progressive or interlaced */
} loaders[] = {
  { "VipsForeignLoadJpeg", "jpegload_source", FALSE }, { "VipsForeignLoadPng", "pngload_source", FALSE },
  { "VipsForeignLoadTiff", "tiffload_source", FALSE }, { "VipsForeignLoadWebp", "webpload_source", TRUE },
  { "VipsForeignLoadHeif", "heifload_source", TRUE },  { "VipsForeignLoadNsgif", "gifload_source", TRUE },
};

typedef struct {
  const char *name; /* file name; if bytes is set, a name for messages */
  GBytes *bytes;    /* content, borrowed; NULL: the file `name` */
} Source;

/* Checks that the source is a regular file, or bytes, and not empty. FALSE: RV_ERROR_FILE: missing, a folder, a
 * device or unreadable; RV_ERROR_FORMAT: empty. */
static gboolean
check_source (const Source *source, GError **error)
{
  const char *filename = source->name;
  struct stat info = { .st_mode = S_IFREG };
  if (source->bytes)
    info.st_size = (off_t) g_bytes_get_size (source->bytes);
  else if (stat (filename, &info) != 0)
    return rv__error_set (error, RV_ERROR_FILE, "cannot open %s: %s", filename, g_strerror (errno));
  if (!S_ISREG (info.st_mode))
    return rv__error_set (error, RV_ERROR_FILE, "%s: cannot be read: %s", filename,
                          S_ISDIR (info.st_mode) ? "a folder, not a picture"
                                                 : "not a regular file; copy its contents into one");
  if (info.st_size == 0)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s is empty", filename);
  if (!source->bytes && access (filename, R_OK) != 0)
    return rv__error_set (error, RV_ERROR_FILE, "%s: cannot be read: %s", filename, g_strerror (errno));
  return TRUE;
}

/* (transfer full) (nullable): the source for libvips, whose functions for file names take a "[...]" at the end of a
 * name for options. Borrows source->bytes. Needs rv__vips_start(). NULL: failed, with libvips' message. */
static VipsSource *
new_vips_source (const Source *source)
{
  gsize size;
  const void *data = source->bytes ? g_bytes_get_data (source->bytes, &size) : NULL;
  return data ? vips_source_new_from_memory (data, size) : vips_source_new_from_file (source->name);
}

/* Index in `loaders` of the loader of the source, by its first bytes; starts libvips. -1: RV_ERROR_FORMAT: no
 * supported format. */
static int
find_loader (const Source *source, GError **error)
{
  if (!check_source (source, error) || !rv__vips_start (error))
    return -1;
  auto_vips VipsSource *input = new_vips_source (source);
  const char *class = input ? vips_foreign_find_load_source (input) : NULL;
  vips_error_clear ();
  for (guint i = 0; class && i < G_N_ELEMENTS (loaders); i++)
    if (g_str_has_prefix (class, loaders[i].prefix))
      return (int) i;
  rv__error_set (error, RV_ERROR_FORMAT,
                 "%s is not a picture of a supported format (JPEG, PNG, WebP, TIFF, HEIF or GIF)", source->name);
  return -1;
}

/* Opens the source with `loaders`[@loader] for reading once from top to bottom. @shrink: 1, 2, 4 or 8; above 1 only for
 * JPEG, which is then decoded at 1/@shrink of its size. @fail_on: messages of the decoder that are errors. Sets *image
 * (transfer full), not yet decoded, which keeps source->bytes. Returns 0; not 0: failed, with libvips' message, *image
 * unset. */
static int
call_loader (int loader, const Source *source, int shrink, VipsFailOn fail_on, VipsImage **image)
{
  const VipsAccess access = VIPS_ACCESS_SEQUENTIAL;
  const char *own = shrink > 1 ? "shrink" : NULL; /* NULL ends the arguments */
  auto_vips VipsSource *input = new_vips_source (source);
  int failed = !input || vips_call (loaders[loader].operation, input, image, "access", access, "fail_on", fail_on, own,
                                    shrink, NULL);
  if (!failed && source->bytes)
    g_object_set_data_full (G_OBJECT (*image), "reverie-bytes", g_bytes_ref (source->bytes),
                            (GDestroyNotify) g_bytes_unref);
  return failed;
}

/* Copies the profile: libvips' HEIF loader frees it with its picture, before colours are converted. Unpacks LabQ, which
 * cannot be resized. Removes extra channels after the first, which is alpha: libvips takes the last one for alpha.
 * Restricts the image to one thread. Returns 0; not 0 with libvips' message, *image valid. */
static int
prepare (VipsImage **image)
{
  const void *profile;
  gsize size;
  vips_image_set_int (*image, VIPS_META_CONCURRENCY, 1); /* with two threads libvips accepts some truncated files */
  if (vips_image_get_typeof (*image, VIPS_META_ICC_NAME) &&
      !vips_image_get_blob (*image, VIPS_META_ICC_NAME, &profile, &size))
    vips_image_set_blob_copy (*image, VIPS_META_ICC_NAME, profile, size);
  if (vips_image_get_coding (*image) == VIPS_CODING_LABQ)
    return rv__vips_apply (vips_LabQ2Lab, image);
  VipsInterpretation space = vips_image_get_interpretation (*image);
  gboolean grey = space == VIPS_INTERPRETATION_B_W || space == VIPS_INTERPRETATION_GREY16;
  int n_used = 1 + (grey ? 1 : space == VIPS_INTERPRETATION_CMYK ? 4 : 3);
  if (space == VIPS_INTERPRETATION_MULTIBAND || vips_image_get_bands (*image) <= n_used) /* MULTIBAND: other inks */
    return 0;
  return rv__vips_apply (vips_extract_band, image, 0, "n", n_used);
}

/* (transfer full) (nullable): an image with its header read; @jpeg_shrink 1, 2, 4 or 8. NULL: RV_ERROR_FORMAT if
 * libvips fails. */
static VipsImage *
open_with (int loader, const Source *source, int jpeg_shrink, VipsFailOn fail_on, GError **error)
{
  auto_vips VipsImage *image = NULL;
  if (!call_loader (loader, source, jpeg_shrink, fail_on, &image) && !prepare (&image))
    return g_steal_pointer (&image);
  return rv__null (rv__vips_error (RV_ERROR_FORMAT, "cannot read", source->name, error));
}

static gboolean
swaps_sides (VipsImage *image)
{
  return vips_image_get_orientation (image) >= 5; /* 5 to 8 swap rows and columns */
}

/* Checks the size of @image, opened by `loaders`[@loader], before its pixels are decoded. FALSE: RV_ERROR_SHAPE: above
 * 2^31 pixels; RV_ERROR_MEMORY: the decoder holds all pixels in memory at once, instead of row by row, and they need
 * over half of the free memory. @filename: for messages. */
static gboolean
check_size (int loader, VipsImage *image, const char *filename, GError **error)
{
  gint64 pixels = (gint64) vips_image_get_width (image) * vips_image_get_height (image);
  int interlaced = 0;
  if (vips_image_get_typeof (image, "interlaced"))
    vips_image_get_int (image, "interlaced", &interlaced);
  gboolean is_whole = loaders[loader].is_whole || interlaced || vips_image_get_typeof (image, "jpeg-multiscan");
  if (pixels > MAX_PIXELS)
    return rv__error_set (error, RV_ERROR_SHAPE, "%s has %d x %d px; the limit is 2^31 pixels", filename,
                          vips_image_get_width (image), vips_image_get_height (image));
  if (is_whole && (gsize) VIPS_IMAGE_SIZEOF_IMAGE (image) > rv__system_free_bytes () / 2)
    return rv__error_set (
      error, RV_ERROR_MEMORY,
      "%s (%d x %d px) must be decoded as a whole, which takes more than half of the free memory; save it as a "
      "baseline JPEG or a plain PNG",
      filename, vips_image_get_width (image), vips_image_get_height (image));
  return TRUE;
}

/* (transfer full) (nullable): an image with its header read and its size checked; no pixels are decoded. */
static VipsImage *
open_header (const Source *source, GError **error)
{
  int loader = find_loader (source, error);
  VipsImage *image = loader < 0 ? NULL : open_with (loader, source, 1, VIPS_FAIL_ON_WARNING, error);
  if (image && !check_size (loader, image, source->name, error))
    g_clear_object (&image);
  return image;
}

VipsImage *
rv__image_open_header (const char *filename, GError **error)
{
  return open_header (&(Source){ filename, NULL }, error);
}

gboolean
rv_image_is_known (const char *filename)
{
  return find_loader (&(Source){ .name = filename }, NULL) >= 0;
}

gboolean
rv_image_probe_sized (const char *filename, RvImageInfo *info, gsize size, GError **error)
{
  auto_vips VipsImage *image = rv__image_open_header (filename, error);
  if (!image)
    return FALSE;
  const RvImageInfo all = { .width = swaps_sides (image) ? vips_image_get_height (image) : vips_image_get_width (image),
                            .height =
                              swaps_sides (image) ? vips_image_get_width (image) : vips_image_get_height (image) };
  rv__sized_copy (info, size, &all, sizeof all);
  return TRUE;
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

/* Replaces *image by one of exactly @width x @height px; pixels are weighted by alpha. Returns 0; not 0: failed,
 * libvips has the message, *image is valid but may be premultiplied. */
static int
resize (VipsImage **image, int width, int height)
{
  gboolean alpha = vips_image_hasalpha (*image);
  VipsBandFormat format = vips_image_get_format (*image);
  if (vips_image_get_width (*image) == width && vips_image_get_height (*image) == height)
    return 0;
  return (alpha && rv__vips_apply (vips_premultiply, image)) || rv__vips_resize (image, width, height) ||
         (alpha && (rv__vips_apply (vips_unpremultiply, image) || rv__vips_apply (vips_cast, image, format)));
}

/* Checks numbers that libvips would convert without an error: unknown ranges, NaN, infinite or too large floats. @image
 * is in memory. RV_ERROR_FORMAT if libvips fails. */
static gboolean
check_numbers (VipsImage *image, const char *filename, GError **error)
{
  auto_vips VipsImage *floats = NULL;
  double max;
  if (!rv__image_check_range (image, filename, &max, error))
    return FALSE;
  if (!vips_band_format_isfloat (vips_image_get_format (image)))
    return TRUE;
  if (vips_cast (image, &floats, VIPS_FORMAT_FLOAT, NULL) || rv__vips_to_memory (&floats))
    return rv__vips_error (RV_ERROR_FORMAT, "cannot read", filename, error);
  return rv__image_check_floats ((const float *) vips_image_get_data (floats), vips_image_get_width (floats),
                                 vips_image_get_height (floats), vips_image_get_bands (floats), max, filename, error);
}

#define BAND_PIXELS (1 << 20) /* pixels that are in memory as floats at once */

/* (transfer full) (nullable): picture from an image of 8 or 16 bits in memory. NULL without @error if libvips
 * failed, whose message the caller reads. */
static RvImage *
to_image (VipsImage *image, const char *filename, GError **error)
{
  double white = vips_image_get_format (image) == VIPS_FORMAT_USHORT ? 65535 : 255;
  int width = vips_image_get_width (image), height = vips_image_get_height (image);
  int bands = vips_image_get_bands (image), n_rows = MAX (BAND_PIXELS / width, 1);
  auto_vips VipsImage *floats = NULL;
  if (vips_cast (image, &floats, VIPS_FORMAT_FLOAT, NULL))
    return NULL;
  g_autoptr (RvImage) result = rv__image_new_for (width, height, bands, error);
  for (int y = 0; result && y < height; y += n_rows) {
    auto_vips VipsImage *band = NULL;
    gsize size;
    int n = MIN (n_rows, height - y);
    if (vips_extract_area (floats, &band, 0, y, width, n, NULL))
      return NULL;
    rv__vips_connect_cancellable (band);
    g_autofree float *pixels = vips_image_write_to_memory (band, &size);
    if (!pixels || !rv__image_put_rows (result, y, n, pixels, bands, white, filename, error))
      return NULL;
  }
  return result && rv__image_fill_transparent (result, error) ? g_steal_pointer (&result) : NULL;
}

static gboolean
is_jpeg (int loader)
{
  return strcmp (loaders[loader].operation, "jpegload_source") == 0;
}

/* Sets RV_ERROR_FORMAT: "@filename is damaged: @how". Returns FALSE. */
static gboolean
set_damaged (const char *filename, const char *how, GError **error)
{
  return rv__error_set (error, RV_ERROR_FORMAT,
                        "%s is damaged: %s; copy it again, or save the rest of it with a program that displays it",
                        filename, how);
}

/* Checks a JPEG for sectors of zeros. RV_ERROR_FORMAT. TRUE also for other formats, for a file above MAX_ZEROS_BYTES,
 * and for one that cannot be read, which the decoder reports. */
static gboolean
check_zeros (int loader, const Source *source, GError **error)
{
  g_autofree char *content = NULL;
  gsize size = 0;
  const void *data = source->bytes ? g_bytes_get_data (source->bytes, &size) : NULL;
  struct stat info;
  if (!is_jpeg (loader) || (!data && (stat (source->name, &info) != 0 || info.st_size > MAX_ZEROS_BYTES ||
                                      !g_file_get_contents (source->name, &content, &size, NULL))))
    return TRUE;
  gsize zeros = rv__jpeg_zeros (data ? data : content, size);
  g_autofree char *how = g_strdup_printf ("%" G_GSIZE_FORMAT " bytes of it are zeros", zeros);
  return zeros == 0 || set_damaged (source->name, how, error);
}

/* Factor 1, 2, 4 or 8 by which libjpeg shrinks for @width x @height px, so that SHRINK_LEFT remains for Lanczos; 1 for
 * other files. */
static int
jpeg_shrink_for (int loader, VipsImage *image, int width, int height)
{
  double shrink = MIN ((double) vips_image_get_width (image) / width, (double) vips_image_get_height (image) / height);
  int factor = 1;
  while (is_jpeg (loader) && factor < 8 && shrink / (factor * 2) >= SHRINK_LEFT)
    factor *= 2;
  return factor;
}

/* (transfer full) (nullable): the picture in sRGB, upright, stretched to exactly @width x @height, or in its own size
 * if one is 0. @fail_on: messages of decoders that are errors. A large JPEG is decoded at 1/2, 1/4 or 1/8. NULL:
 * RV_ERROR_FORMAT if libvips fails. */
static RvImage *
load_once (const Source *source, int width, int height, VipsFailOn fail_on, GError **error)
{
  const char *filename = source->name;
  int loader = find_loader (source, error);
  auto_vips VipsImage *image = loader < 0 ? NULL : open_with (loader, source, 1, fail_on, error);
  if (!image || !check_size (loader, image, filename, error) || !check_zeros (loader, source, error))
    return NULL;

  int stored_w = vips_image_get_width (image), stored_h = vips_image_get_height (image);
  gboolean swap = swaps_sides (image);
  /* Fills transparent pixels before resizing if the picture is small: dividing by a resized alpha leaves a bright
   * fringe at hard edges. */
  gboolean fill_first = vips_image_hasalpha (image) && (gint64) stored_w * stored_h <= FILL_FIRST_PIXELS;
  if (width > 0 && height > 0 && !fill_first) {
    stored_w = swap ? height : width;
    stored_h = swap ? width : height;
  }
  int jpeg_shrink = jpeg_shrink_for (loader, image, stored_w, stored_h);
  if (jpeg_shrink > 1) {
    g_clear_object (&image);
    if (!(image = open_with (loader, source, jpeg_shrink, fail_on, error)))
      return NULL;
  }
  RvImage *result = NULL;
  if (rv__image_apply_tag (&image, TRUE, filename, source->bytes) || resize (&image, stored_w, stored_h) ||
      rv__vips_to_memory (&image) || !check_numbers (image, filename, error) ||
      rv__image_apply_tag (&image, FALSE, filename, source->bytes) || rv__vips_apply (vips_autorot, &image) ||
      rv__image_to_srgb (&image) || !(result = to_image (image, filename, error))) {
    if (!error || !*error)
      rv__vips_error (RV_ERROR_FORMAT, "cannot read", filename, error);
    return NULL;
  }
  if (width <= 0 || height <= 0 || (result->width == width && result->height == height))
    return result;
  RvImage *resized = rv_image_resize (result, width, height, RV_IMAGE_RESIZE_BEST, error);
  rv_image_unref (result);
  return resized;
}

/* (transfer full): the warnings of libjpeg in the message of @why; "" for none. @why NULL: takes and clears libvips'
 * messages. These belong to the process: they may be of a file that another thread loads. */
static char *
jpeg_warning (const GError *why)
{
  g_autofree char *said = why ? g_strdup (why->message) : vips_error_buffer_copy ();
  const char *jpeg = strstr (said, "VipsJpeg: ");
  return g_strdup (jpeg ? jpeg + strlen ("VipsJpeg: ") : "");
}

/* (transfer full) (nullable): load_once(), while load() keeps other threads from loading: a warning is then of this
 * file. Ignores all warnings if reading the header gives one, or if the first one is harmless. RV_ERROR_FORMAT if
 * the first one is of corrupt data. */
static RvImage *
load_alone (const Source *source, int width, int height, GError **error)
{
  g_autoptr (GError) why = NULL;
  auto_vips VipsImage *header = open_header (source, error);
  if (!header)
    return NULL;
  g_autofree char *of_header = jpeg_warning (NULL);
  if (*of_header)
    return load_once (source, width, height, VIPS_FAIL_ON_TRUNCATED, error);
  g_autoptr (RvImage) image = load_once (source, width, height, VIPS_FAIL_ON_WARNING, &why);
  g_autofree char *warning = jpeg_warning (why), *line = g_strndup (warning, strcspn (warning, "\n"));
  /* Cameras write such files: with bytes between data and end, or a header field that decoding does not need. */
  if (strstr (line, "extraneous bytes before marker 0xd9") || g_str_has_prefix (line, "Invalid SOS parameters"))
    return load_once (source, width, height, VIPS_FAIL_ON_TRUNCATED, error);
  if (g_str_has_prefix (line, "Corrupt JPEG data: "))
    set_damaged (source->name, line + strlen ("Corrupt JPEG data: "), error);
  else if (why)
    g_propagate_error (error, g_steal_pointer (&why));
  else
    return g_steal_pointer (&image);
  return NULL;
}

/* (transfer full) (nullable): load_once() with warnings as errors; after a libjpeg warning or RV_ERROR_FORMAT,
 * load_alone(), whose outcome counts. Any thread; waits while another thread is in load_alone(). */
static RvImage *
load (const Source *source, int width, int height, GError **error)
{
  static GRWLock lock; /* written by load_alone() */
  g_autoptr (GError) why = NULL;
  if (MAX (width, height) > MAX_SIDE || (width > 0 && (gint64) width * height > MAX_PIXELS))
    return rv__error_null (error, RV_ERROR_SHAPE,
                           "%s cannot be read at %d x %d px: the limits are 2^31 pixels and %d px a side", source->name,
                           width, height, MAX_SIDE);
  g_rw_lock_reader_lock (&lock);
  g_autoptr (RvImage) image = load_once (source, width, height, VIPS_FAIL_ON_WARNING, &why);
  g_autofree char *warning = jpeg_warning (why);
  g_rw_lock_reader_unlock (&lock);
  if (*warning || g_error_matches (why, RV_ERROR, RV_ERROR_FORMAT)) {
    g_clear_pointer (&image, rv_image_unref);
    g_rw_lock_writer_lock (&lock);
    image = load_alone (source, width, height, error);
    g_rw_lock_writer_unlock (&lock);
  } else if (why)
    g_propagate_error (error, g_steal_pointer (&why));
  return g_steal_pointer (&image);
}

RvImage *
rv_image_load (const char *filename, int width, int height, GError **error)
{
  return load (&(Source){ filename, NULL }, width, height, error);
}

RvImage *
rv_image_load_bytes (GBytes *file, int width, int height, GError **error)
{
  return load (&(Source){ "the picture", file }, width, height, error);
}
