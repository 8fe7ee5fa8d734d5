/* image.h -- pictures: in memory, from files, to files.
 * Layer 2 (io). Implemented in src/io/image/. */
#ifndef RV_IMAGE_H
#define RV_IMAGE_H

#include <reverie/tensor.h>
G_BEGIN_DECLS

/** RvImage: a picture in sRGB. Reference-counted; the tensors may be read, and written by whoever made it.
 * Threads: any may hold it and read it, as long as none writes. */
typedef struct {
  int width, height; /* px */
  RvTensor *rgb;     /* f32 [1, 3, height, width], 0..255; may leave that range until it is saved */
  RvTensor *alpha;   /* f32 [1, 1, height, width], 0..1; NULL: opaque */
  gint ref_count;
} RvImage;

/** RvPixelType: of a sample in anybody's memory, in the machine's byte order. */
typedef enum { RV_PIXEL_U8, RV_PIXEL_U16, RV_PIXEL_F32 } RvPixelType;

/** rv_image_new: (transfer full) (nullable): black, opaque; @width x @height px. Errors: %RV_ERROR_MEMORY,
 * %RV_ERROR_SHAPE. Since: 0.1 */
RV_API RvImage *rv_image_new (int width, int height, GError **error);

/**
 * rv_image_new_from_memory:
 * @data:         rows of pixels, channels side by side; U16 is 0..65535, F32 is 0..1
 * @type:         of a sample
 * @width, @height: px
 * @channels:     1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha (not premultiplied)
 * @stride_bytes: from one row to the next
 *
 * Errors: %RV_ERROR_MEMORY, %RV_ERROR_SHAPE, %RV_ERROR_FORMAT where a number is NaN, infinite or above 1000. Returns:
 * (transfer full) (nullable): a copy. Since: 0.1
 */
RV_API RvImage *rv_image_new_from_memory (gconstpointer data, RvPixelType type, int width, int height, int channels,
                                          gsize stride_bytes, GError **error);

/** rv_image_new_from_planes: (transfer full) (nullable): of tensors as RvImage has them, kept by reference: without a
 * copy, as rv_tensor_new_from_bytes() makes them of anybody's memory. @alpha: (nullable): opaque. Errors:
 * %RV_ERROR_SHAPE, %RV_ERROR_TYPE, %RV_ERROR_FORMAT for numbers as above. Since: 0.1 */
RV_API RvImage *rv_image_new_from_planes (RvTensor *rgb, RvTensor *alpha, GError **error);

/**
 * rv_image_to_memory:
 * @data:         (out): rows of pixels, channels side by side; U16 is 0..65535, F32 is 0..1
 * @type:         of a sample
 * @channels:     3 RGB, 4 RGB and alpha (not premultiplied; full where the picture is opaque)
 * @stride_bytes: from one row to the next
 *
 * Whole numbers are clipped and rounded to nearest; F32 may leave its range. RvImage's tensors are the same without a
 * copy. Errors: %RV_ERROR_SHAPE for other @channels. Since: 0.1
 */
RV_API gboolean rv_image_to_memory (const RvImage *image, gpointer data, RvPixelType type, int channels,
                                    gsize stride_bytes, GError **error);

/** rv_image_to_u8: Clips to 0..255, rounds to nearest, and writes RGB bytes, 3 a pixel, to @data, whose rows are
 * @stride_bytes apart. Since: 0.1 */
RV_API void rv_image_to_u8 (const RvImage *image, guint8 *data, gsize stride_bytes);

/** rv_image_ref: (transfer full). rv_image_unref: NULL is fine. Since: 0.1 */
RV_API RvImage *rv_image_ref (RvImage *image);
RV_API void rv_image_unref (RvImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvImage, rv_image_unref)

/** RvImageInfo: what a file's header says; sizes as the eye sees it, after the EXIF turn. */
typedef struct {
  int width, height; /* px */
} RvImageInfo;

/**
 * rv_image_probe:
 * Reads the header only. Errors: %RV_ERROR_FILE when it cannot be read, %RV_ERROR_FORMAT when it is no picture or a
 * damaged one, %RV_ERROR_SHAPE above 2^31 pixels. Since: 0.1
 */
RV_API gboolean rv_image_probe_sized (const char *filename, RvImageInfo *info, gsize size, GError **error);
static inline gboolean
rv_image_probe (const char *filename, RvImageInfo *info, GError **error)
{
  return rv_image_probe_sized (filename, info, sizeof *info, error);
}

/** rv_image_is_known: Whether the file's first bytes are those of a picture format that is read here; the rest may be
 * damaged. Can't fail. Since: 0.1 */
RV_API gboolean rv_image_is_known (const char *filename);

/**
 * rv_image_load:
 * @width, @height: the size wanted, px (stretched if the shape differs); 0, 0: the picture's own
 *
 * JPEG, PNG, WebP, TIFF, HEIF or GIF (first frame). Shrunk by Lanczos3 while it is read, so that a picture far
 * larger than memory works at a feasible size, or enlarged bicubically; turned as EXIF says, brought to sRGB by its ICC
 * profile, or by PNG's and HEIF's own tags (docs/pictures.md). Colours under transparent pixels are replaced by those
 * of the surroundings. Errors: as rv_image_probe(), also %RV_ERROR_FORMAT for a JPEG whose decoder warns of its pixels,
 * %RV_ERROR_CANCELLED, and %RV_ERROR_MEMORY for a format that must be decoded whole beyond half of the memory. Returns:
 * (transfer full) (nullable). Since: 0.1
 */
RV_API RvImage *rv_image_load (const char *filename, int width, int height, GError **error);

/** rv_image_load_bytes: (transfer full) (nullable): of a file in memory; @width, @height: as rv_image_load() has them.
 * Errors: likewise. Since: 0.1 */
RV_API RvImage *rv_image_load_bytes (GBytes *file, int width, int height, GError **error);

/** RvImageResize: how a picture becomes larger or smaller. */
typedef enum {
  RV_IMAGE_RESIZE_BEST,     /* Lanczos3 where it shrinks, bicubic where it enlarges */
  RV_IMAGE_RESIZE_NEAREST,  /* source pixel floor ((k + 0.5) * in / out), as Keras' load_img */
  RV_IMAGE_RESIZE_TRIANGLE, /* bilinear, its support scaled when shrinking, rows first, each pass rounded to 8 bits:
                               Pillow's */
} RvImageResize;

/** rv_image_resize: (transfer full) (nullable): stretched to @width x @height px; the two classic ways work on 8-bit
 * samples, alpha always on the best. Errors: %RV_ERROR_MEMORY, %RV_ERROR_SHAPE, %RV_ERROR_CANCELLED. Since: 0.1 */
RV_API RvImage *rv_image_resize (const RvImage *image, int width, int height, RvImageResize how, GError **error);

/** RvSaveOptions: how a picture is written; zeros are the defaults. */
typedef struct {
  int quality;         /* of JPEG and WebP, 1..100; 0: 95 */
  int bits;            /* of PNG and TIFF, 8 or 16; 0: 8 */
  double dpi;          /* recorded resolution; 0: none */
  gboolean truncate;   /* to 8 bits by cutting the fraction off instead of rounding, as the classic programs do */
  const char *recipe;  /* JSON, of less than some 50 kB; kept in the file as XMP. NULL: none */
  gboolean no_replace; /* a file that is there stays: the result is saved beside it, and the error says where */
} RvSaveOptions;

/** rv_image_check_target: Whether a picture of @width x @height px could be saved there: the suffix is known, the
 * format can hold the size, the folder can be written. Errors: %RV_ERROR_SETTING for the suffix, else %RV_ERROR_FILE.
 * Since: 0.1 */
RV_API gboolean rv_image_check_target (const char *filename, int width, int height, GError **error);

/**
 * rv_image_save:
 * @filename: .png, .jpg, .jpeg, .webp, .tif or .tiff; whole or untouched: written beside, synced, renamed
 * @options:  (nullable): defaults
 *
 * With an sRGB profile; alpha where the format has it. Errors: as rv_image_check_target(), %RV_ERROR_CANCELLED. Since:
 * 0.1
 */
RV_API gboolean rv_image_save_sized (const RvImage *image, const char *filename, const RvSaveOptions *options,
                                     gsize size, GError **error);
static inline gboolean
rv_image_save (const RvImage *image, const char *filename, const RvSaveOptions *options, GError **error)
{
  return rv_image_save_sized (image, filename, options, sizeof *options, error);
}

/**
 * rv_image_save_bytes:
 * @suffix: of the format: ".jpg"
 *
 * The file that rv_image_save() writes, in memory. Errors: as there. Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API GBytes *rv_image_save_bytes_sized (const RvImage *image, const char *suffix, const RvSaveOptions *options,
                                          gsize size, GError **error);
static inline GBytes *
rv_image_save_bytes (const RvImage *image, const char *suffix, const RvSaveOptions *options, GError **error)
{
  return rv_image_save_bytes_sized (image, suffix, options, sizeof *options, error);
}

/** rv_image_recipe: (transfer full) (nullable): what RvSaveOptions.recipe was: JSON, but nobody vouches for what is in
 * a file. Errors: as rv_image_probe(); %RV_ERROR_FORMAT also where there is none. Since: 0.1 */
RV_API char *rv_image_recipe (const char *filename, GError **error);

G_END_DECLS
#endif
