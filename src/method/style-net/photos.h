/* photos.h -- photographs for the training of a style network: crops, and small artificial motions. Layer 6 (method).
 */
#ifndef RV_PHOTOS_H
#define RV_PHOTOS_H

#include <reverie/image.h>

/* Streams of random numbers, which are functions of the seed and an index. The style network has further streams. */
enum {
  RV_STYLE_TRAINING_SHUFFLE_STREAM = 21,
  RV_STYLE_TRAINING_CROP_STREAM,
  RV_STYLE_TRAINING_MOTION_STREAM,
  RV_STYLE_TRAINING_NOISE_STREAM,
  RV_STYLE_TRAINING_GRAIN_STREAM
};

typedef struct _RvPhotos RvPhotos;

/* An empty list. (transfer full). */
RvPhotos *rv__photos_new (void);
/* Frees @photos (nullable). */
void rv__photos_free (RvPhotos *photos);
/* Number of photographs. */
guint rv__photos_count (const RvPhotos *photos);
/* Adds a copy of a photograph, in 8 bits, without alpha. RV_ERROR_MEMORY. */
gboolean rv__photos_add (RvPhotos *photos, const RvImage *photo, GError **error);
/* SHA-256 of all photographs in their order, as hexadecimal text. (transfer full). */
char *rv__photos_hash (const RvPhotos *photos);
/* Writes a random square of photograph @i, perhaps mirrored, to @to: [3, side, side], 0..255. @seed and @index
 * determine it. Its side is @side px, at most the photograph's; in half of the cases shorter by up to the factor @zoom,
 * and enlarged bilinearly. */
void rv__photos_crop (const RvPhotos *photos, guint i, int side, double zoom, guint64 seed, guint64 index, float *to);

/* Fills @field with a random motion of a square: a smooth field and a shift, determined by @seed and @index. [2, side,
 * side]: earlier position of each pixel relative to it, px to the right and down. */
void rv__motion_fill_random (int side, guint64 seed, guint64 index, float *field);
/* Writes @from, [3, side, side], moved by the field and with a little noise, to @to, which is another buffer. Pixels
 * that come from outside of the square are not moved. @seed and @index determine the noise. */
void rv__motion_apply (const float *field, int side, guint64 seed, guint64 index, const float *from, float *to);
/* Returns @weight times the mean squared difference of @before, moved by the field, and @after, where 1 is white. [3,
 * side, side], 0..255. The mean is over pixels that both show. Adds its gradients to @grad_before and @grad_after. */
double rv__motion_compare (const float *field, int side, const float *before, const float *after, double weight,
                           float *grad_before, float *grad_after);

#endif
