/* photos.h -- the photographs that a painter learns on: parts of them, and how a part looks when it has moved a little.
 * Layer 6 (method). */
#ifndef RV_PHOTOS_H
#define RV_PHOTOS_H

#include <reverie/image.h>

/* The streams of random numbers, all functions of the seed and an index; beside the painter's own. */
enum {
  RV_STYLE_TRAINING_SHUFFLE_STREAM = 21,
  RV_STYLE_TRAINING_CROP_STREAM,
  RV_STYLE_TRAINING_MOTION_STREAM,
  RV_STYLE_TRAINING_NOISE_STREAM,
  RV_STYLE_TRAINING_GRAIN_STREAM
};

typedef struct _RvPhotos RvPhotos;

RvPhotos *rv__photos_new (void);
void rv__photos_free (RvPhotos *photos);
guint rv__photos_count (const RvPhotos *photos);
/* rv__photos_add: kept in 8 bits. RV_ERROR_MEMORY. */
gboolean rv__photos_add (RvPhotos *photos, const RvImage *photo, GError **error);
/* rv__photos_hash: (transfer full): of all, in their order. */
char *rv__photos_hash (const RvPhotos *photos);
/* rv__photos_crop: a square somewhere in photograph @i, perhaps seen in a mirror, as @seed and @index have it: [3,
 * side, side] of 0..255. Its side is @side px, or, half of the time, less by up to the factor @zoom, and enlarged. */
void rv__photos_crop (const RvPhotos *photos, guint i, int side, double zoom, guint64 seed, guint64 index, float *to);

/* A made-up motion of a square: @field: [2, side, side], where each pixel was before, in px to the right and down.
 * rv__motion_make: a smooth field, and a shift. rv__motion_move: how @from looks after it, with a little noise.
 * rv__motion_compare: @weight times the mean squared difference, in parts of white, between what @before shows there
 * and
 * @after, over what both show; its gradients are added to theirs. */
void rv__motion_make (int side, guint64 seed, guint64 index, float *field);
void rv__motion_move (const float *field, int side, guint64 seed, guint64 index, const float *from, float *to);
double rv__motion_compare (const float *field, int side, const float *before, const float *after, double weight,
                           float *grad_before, float *grad_after);

#endif
