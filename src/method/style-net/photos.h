/* photos.h -- photographs for the training of a style network: crops and small artificial motions. Layer 6 (method). */
#pragma once

#include <reverie/image.h>

/* Streams of random numbers, which are functions of the seed and an index. The style network has further streams. */
enum {
  RV_STYLE_TRAINING_SHUFFLE_STREAM = 21,
  RV_STYLE_TRAINING_CROP_STREAM,
  RV_STYLE_TRAINING_MOTION_STREAM,
  RV_STYLE_TRAINING_NOISE_STREAM,
  RV_STYLE_TRAINING_GRAIN_STREAM
};

/* Array of photographs in 8 bits, whose elements are private to photos.c. Freed by g_array_unref(). */
typedef GArray RvPhotos;

/* (transfer full): an empty array. Never NULL. */
RvPhotos *rv__photos_new (void);
/* Appends a copy of @photo in its own size, rounded to 8 bits, without alpha. */
gboolean rv__photos_add (RvPhotos *photos, const RvImage *photo, GError **error);
/* (transfer full): SHA-256 of sizes and pixels of all photographs in their order, as hexadecimal text. Never NULL. */
char *rv__photos_hash (const RvPhotos *photos);
/* Overwrites @to, [3, @side, @side], 0..255, with a random square of photograph @i, from 0, in half of the cases
 * mirrored. @seed and @index determine it. @side is at least 2 and at most the photograph's sides, unchecked here. In
 * half of the cases the square is smaller, by a factor of up to @zoom, 1 or more, and enlarged bilinearly. */
void rv__photos_crop (const RvPhotos *photos, guint i, int side, double zoom, guint64 seed, guint64 index, float *to);

/* Overwrites @field, [2, @side, @side], with a random motion of a square: a smooth field and a shift, determined by
 * @seed and @index. Each value: earlier position of that pixel relative to it, px to the right, then down. */
void rv__motion_fill_random (int side, guint64 seed, guint64 index, float *field);
/* Overwrites @to, a buffer other than @from, with @from moved by @field, as rv__motion_fill_random() makes it, plus
 * noise with a deviation of 2 grey levels. Both are [3, @side, @side], 0..255; @to is not clamped. A pixel whose
 * earlier position is outside of the square keeps its value in @from. @seed and @index determine the noise. */
void rv__motion_apply (const float *field, int side, guint64 seed, guint64 index, const float *from, float *to);
/* Returns @weight times the mean squared difference of @before, moved by @field as in rv__motion_apply(), and @after,
 * with 255 as 1. Pictures and gradients are [3, @side, @side]. The mean is over pixels whose earlier position is inside
 * the square; 0 if there are none. Adds the gradients of the result to @grad_before and @grad_after. Cannot fail. */
double rv__motion_compare (const float *field, int side, const float *before, const float *after, double weight,
                           float *grad_before, float *grad_after);
