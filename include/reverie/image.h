/* image.h -- pictures: in memory, from files, to files.
 * Layer 2 (io). Implemented in src/io/image/. */
#ifndef RV_IMAGE_H
#define RV_IMAGE_H

#include <reverie/tensor.h>
G_BEGIN_DECLS

/** RvImage: a picture in sRGB. Reference-counted. Programs may read all members; only the code that made the picture
 * writes its tensors. Threads: any may hold and read it while none writes. */
typedef struct {
  int width, height; /* px */
  RvTensor *rgb;     /* f32 [1, 3, height, width], 0..255; may exceed that range until it is saved */
  RvTensor *alpha;   /* f32 [1, 1, height, width], 0..1; NULL: opaque */
  gint ref_count;
} RvImage;

/** RvPixelType: type of a sample in a caller's memory, in the machine's byte order. */
typedef enum { RV_PIXEL_U8, RV_PIXEL_U16, RV_PIXEL_F32 } RvPixelType;

/** rv_image_new: (transfer full) (nullable): a black, opaque picture of @width x @height px. Errors: %RV_ERROR_MEMORY;
 * %RV_ERROR_SHAPE for a side below 1 or too many pixels. Since: 0.1 */
RV_API RvImage *rv_image_new (int width, int height, GError **error);

/**
 * rv_image_new_from_memory:
 * @data:         rows of pixels in sRGB, channels interleaved; U16 is 0..65535, F32 is 0..1 and may exceed it
 * @type:         type of a sample
 * @width, @height: px
 * @channels:     1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha (not premultiplied)
 * @stride_bytes: distance from one row to the next
 *
 * Transparent pixels get the colours of their surroundings. Errors: %RV_ERROR_MEMORY; %RV_ERROR_SHAPE for a side or a
 * number of channels that is not possible; %RV_ERROR_FORMAT for a number that is NaN, infinite or beyond +-1000.
 * Returns: (transfer full) (nullable): a copy. Since: 0.1
 */
RV_API RvImage *rv_image_new_from_memory (gconstpointer data, RvPixelType type, int width, int height, int channels,
                                          gsize stride_bytes, GError **error);

/** rv_image_new_from_planes: (transfer full) (nullable): a picture over tensors in the layout of RvImage, kept by
 * reference, without a copy; rv_tensor_new_from_bytes() makes them from any memory. @alpha: (nullable): NULL: opaque.
 * Errors: %RV_ERROR_SHAPE, %RV_ERROR_TYPE for another type than f32; %RV_ERROR_FORMAT for colours that are NaN or
 * beyond +-255,000, and alpha outside 0..1. Since: 0.1 */
RV_API RvImage *rv_image_new_from_planes (RvTensor *rgb, RvTensor *alpha, GError **error);

/**
 * rv_image_to_memory:
 * @data:         (out caller-allocates): rows of pixels, channels interleaved; U16 is 0..65535, F32 is 0..1
 * @type:         type of a sample
 * @channels:     3 RGB, 4 RGB and alpha (not premultiplied; opaque pictures get full alpha)
 * @stride_bytes: distance from one row to the next
 *
 * U8 and U16 are clipped and rounded to nearest; F32 may exceed 0..1. The tensors of RvImage have the numbers without a
 * copy. Errors: %RV_ERROR_SHAPE for other @channels; @data is then unchanged. Returns: whether @data is filled. Since:
 * 0.1
 */
RV_API gboolean rv_image_to_memory (const RvImage *image, gpointer data, RvPixelType type, int channels,
                                    gsize stride_bytes, GError **error);

/** rv_image_ref: (transfer full): @image, with one reference more. Since: 0.1 */
RV_API RvImage *rv_image_ref (RvImage *image);
/** rv_image_unref: (nullable): drops a reference; the last one frees @image. Since: 0.1 */
RV_API void rv_image_unref (RvImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvImage, rv_image_unref)

/** RvImageInfo: the header of a picture file; the sides are those after the EXIF rotation. */
typedef struct {
  int width, height; /* px */
} RvImageInfo;

/** rv_image_probe: reads only the header and fills @info (out), which is unchanged after an error; @size:
 * sizeof *@info. Errors: %RV_ERROR_FILE if it cannot be read or is no regular file; %RV_ERROR_FORMAT if it is no
 * picture or damaged; %RV_ERROR_SHAPE above 2^31 pixels; %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by the current
 * GCancellable of the thread; %RV_ERROR_BACKEND in a forked process. Since: 0.1 */
RV_API gboolean rv_image_probe_sized (const char *filename, RvImageInfo *info, gsize size, GError **error);
static inline gboolean
rv_image_probe (const char *filename, RvImageInfo *info, GError **error)
{
  return rv_image_probe_sized (filename, info, sizeof *info, error);
}

/** rv_image_is_known: whether the first bytes of @filename are those of a supported picture format; the rest may be
 * damaged. FALSE, without an error, also if it cannot be read. Since: 0.1 */
RV_API gboolean rv_image_is_known (const char *filename);

/** rv_image_load: reads JPEG, PNG, WebP, TIFF, HEIF or GIF (first frame). Shrinks with Lanczos3 while reading, so that
 * a picture far larger than memory loads at a smaller size; enlarges bicubically. Applies the EXIF orientation, and
 * converts to sRGB by the ICC profile or by the tags of PNG and HEIF (docs/pictures.md). Transparent pixels get the
 * colours of their surroundings. @width, @height: size of the result, px; stretches if the shape differs; if one is 0:
 * the picture's own size. Errors: %RV_ERROR_FILE if it cannot be read; %RV_ERROR_FORMAT if it is no picture or damaged,
 * also if the JPEG decoder warns; %RV_ERROR_SHAPE above 2^31 pixels or 10,000,000 px a side; %RV_ERROR_CANCELLED by the
 * current GCancellable of the thread; %RV_ERROR_MEMORY, also if a format that must be decoded as a whole needs more
 * than half of the memory; %RV_ERROR_BACKEND in a forked process. Returns: (transfer full) (nullable). Since: 0.1 */
RV_API RvImage *rv_image_load (const char *filename, int width, int height, GError **error);
/** rv_image_load_bytes: (transfer full) (nullable): rv_image_load() of a file in memory, at @width x @height px; if one
 * is 0: the picture's own size. @file is not kept. Errors: %RV_ERROR_FORMAT if it is no picture or damaged;
 * %RV_ERROR_SHAPE above 2^31 pixels; %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by the current GCancellable of the thread;
 * %RV_ERROR_BACKEND in a forked process. Since: 0.1 */
RV_API RvImage *rv_image_load_bytes (GBytes *file, int width, int height, GError **error);

/** RvImageResize: method of resizing. */
typedef enum {
  RV_IMAGE_RESIZE_BEST,     /* Lanczos3 for shrinking, bicubic for enlarging */
  RV_IMAGE_RESIZE_NEAREST,  /* source pixel floor ((k + 0.5) * in / out), as Keras' load_img */
  RV_IMAGE_RESIZE_TRIANGLE, /* Pillow's bilinear: support scaled when shrinking, rows first, passes rounded to 8 bits */
} RvImageResize;

/** rv_image_resize: (transfer full) (nullable): a copy of @image stretched to @width x @height px. Colours are clipped
 * to 0..255, alpha to 0..1. NEAREST and TRIANGLE quantize to 8 bits; alpha always uses BEST. Errors: %RV_ERROR_MEMORY;
 * %RV_ERROR_SHAPE for a side below 1; %RV_ERROR_CANCELLED by the current GCancellable of the thread; %RV_ERROR_BACKEND
 * in a forked process. Since: 0.1 */
RV_API RvImage *rv_image_resize (const RvImage *image, int width, int height, RvImageResize how, GError **error);

/** RvSaveOptions: options for saving a picture; 0 stands for the default. */
typedef struct {
  int quality;         /* for JPEG and WebP, 1..100; 0: 95 */
  int bits;            /* per sample, for PNG and TIFF, 8 or 16; 0: 8 */
  double dpi;          /* recorded resolution; 0: 72 */
  gboolean truncate;   /* 8-bit samples are truncated instead of rounded, as the classic programs do */
  const char *recipe;  /* JSON of less than about 50 kB, stored as XMP; NULL: none */
  gboolean no_replace; /* an existing file stays: the result is saved beside it, and the error says where */
} RvSaveOptions;

/** rv_image_check_target: whether a picture of @width x @height px can be saved to @filename: the suffix is known, the
 * format allows the size, the folder is writable. Writes nothing; an existing file is no error. FALSE sets an error.
 * Errors: %RV_ERROR_SETTING for the suffix, else %RV_ERROR_FILE. Since: 0.1 */
RV_API gboolean rv_image_check_target (const char *filename, int width, int height, GError **error);

/**
 * rv_image_save:
 * @filename: .png, .jpg, .jpeg, .webp, .tif or .tiff; written to a temporary file, synced and renamed: complete or
 *            unchanged
 * @options:  (nullable): NULL: the defaults, which replace an existing file
 * @size:     sizeof *@options, which rv_image_save() passes
 *
 * Saves with an sRGB profile, and with alpha if the format has it. Errors: %RV_ERROR_SETTING for another suffix or an
 * option out of its range; %RV_ERROR_FILE if it cannot be written, or is too large for the format; with `no_replace`
 * also if the file exists: the result is beside it, and the error says where. %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by
 * the current GCancellable of the thread; %RV_ERROR_BACKEND in a forked process. Returns: whether @filename was
 * written. Since: 0.1
 */
RV_API gboolean rv_image_save_sized (const RvImage *image, const char *filename, const RvSaveOptions *options,
                                     gsize size, GError **error);
static inline gboolean
rv_image_save (const RvImage *image, const char *filename, const RvSaveOptions *options, GError **error)
{
  return rv_image_save_sized (image, filename, options, sizeof *options, error);
}

/** rv_image_save_bytes: makes the file of rv_image_save() in memory, with the same @options (nullable) and @size.
 * @suffix: selects the format: ".jpg". Errors: %RV_ERROR_SETTING for another suffix or an option out of its range,
 * %RV_ERROR_FILE for a picture too large for the format or a failed encoder, %RV_ERROR_MEMORY, %RV_ERROR_CANCELLED;
 * %RV_ERROR_BACKEND in a forked process. Returns: (transfer full) (nullable). Since: 0.1 */
RV_API GBytes *rv_image_save_bytes_sized (const RvImage *image, const char *suffix, const RvSaveOptions *options,
                                          gsize size, GError **error);
static inline GBytes *
rv_image_save_bytes (const RvImage *image, const char *suffix, const RvSaveOptions *options, GError **error)
{
  return rv_image_save_bytes_sized (image, suffix, options, sizeof *options, error);
}

/** rv_image_recipe: (transfer full) (nullable): the recipe in the file, RvSaveOptions.recipe: JSON in UTF-8, not
 * validated. Errors: %RV_ERROR_FILE if the file cannot be read; %RV_ERROR_FORMAT if it is no picture, or without a
 * recipe; %RV_ERROR_SHAPE above 2^31 pixels; %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by the current GCancellable of the
 * thread; %RV_ERROR_BACKEND in a forked process. Since: 0.1 */
RV_API char *rv_image_recipe (const char *filename, GError **error);

G_END_DECLS
#endif
