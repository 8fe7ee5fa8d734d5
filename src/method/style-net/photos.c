/* photos.c -- photographs in 8 bits, crops, artificial motions.
 *
 * Ruder, Dosovitskiy, Brox 2018 and Wang et al. 2020 train on videos for temporal consistency. Here a smooth random
 * field replaces the motion of a video. */
#include "method/style-net/photos.h"
#include "base/alloc.h"
#include "base/random.h"
#include "base/sample.h"
#include <math.h>

#define CHANNELS 3
#define CONTROLS 5          /* control points along each side of a field */
#define FIELD_DEVIATION 8.0 /* px */
#define MOST_SHIFT 10.0     /* largest shift along each axis, px */
#define NOISE_DEVIATION 2.0 /* grey levels */
#define WHITE 255.0
#define PER_MOTION 64 /* random numbers reserved for each motion */

/* A photograph in 8 bits. */
typedef struct {
  int width, height;
  guint8 *rgb; /* [3, height, width] */
} Photo;

static void
clear_photo (gpointer data)
{
  rv__free (((Photo *) data)->rgb);
}

RvPhotos *
rv__photos_new (void)
{
  RvPhotos *photos = g_array_new (FALSE, TRUE, sizeof (Photo));
  g_array_set_clear_func (photos, clear_photo);
  return photos;
}

gboolean
rv__photos_add (RvPhotos *photos, const RvImage *photo, GError **error)
{
  gint64 n = rv_tensor_count (photo->rgb);
  Photo added = { photo->width, photo->height, rv__alloc ((gsize) n, "a photograph", error) };
  if (!added.rgb)
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    added.rgb[i] = (guint8) CLAMP (lrintf (((const float *) photo->rgb->data)[i]), 0, (long) WHITE);
  g_array_append_val (photos, added);
  return TRUE;
}

char *
rv__photos_hash (const RvPhotos *photos)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  for (guint i = 0; i < photos->len; i++) {
    const Photo *photo = &g_array_index (photos, Photo, i);
    gint32 size[2] = { GINT32_TO_LE (photo->width), GINT32_TO_LE (photo->height) };
    g_checksum_update (sum, (const guchar *) size, sizeof size);
    for (int y = 0; y < CHANNELS * photo->height; y++)
      g_checksum_update (sum, photo->rgb + (gsize) y * (gsize) photo->width, photo->width);
  }
  return g_strdup (g_checksum_get_string (sum));
}

void
rv__photos_crop (const RvPhotos *photos, guint i, int side, double zoom, guint64 seed, guint64 index, float *to)
{
  const Photo *photo = &g_array_index (photos, Photo, i);
  guint32 bits[4];
  rv__random_bits (seed, RV_STYLE_TRAINING_CROP_STREAM, index, bits);
  /* side of the square that is enlarged to @side px: @side, or smaller by a factor of up to @zoom */
  double chosen = (bits[3] >> 1) * 0x1p-31;
  int from_side = bits[3] & 1 ? side : (int) lrint (side / (1 + (zoom - 1) * chosen)),
      left = (int) (bits[0] % (guint32) (photo->width - from_side + 1)),
      top = (int) (bits[1] % (guint32) (photo->height - from_side + 1));
  gboolean mirrored = bits[2] & 1;
  for (int c = 0; c < CHANNELS; c++)
    for (int y = 0; y < side; y++) {
      float down_part, right_part;
      gint64 first = rv__bilinear_position (y, side, from_side, &down_part);
      const guint8 *row = photo->rgb + ((gsize) c * photo->height + top + first) * photo->width + left,
                   *next = row + photo->width;
      for (int x = 0; x < side; x++) {
        gint64 k = rv__bilinear_position (mirrored ? side - 1 - x : x, side, from_side, &right_part);
        float above = row[k] + right_part * (float) (row[k + 1] - row[k]),
              below = next[k] + right_part * (float) (next[k + 1] - next[k]);
        to[((gsize) c * side + y) * side + x] = above + down_part * (below - above);
      }
    }
}

/* ---- motions ----------------------------------------------------------------------------------------------------- */

void
rv__motion_fill_random (int side, guint64 seed, guint64 index, float *field)
{
  /* Interpolates random numbers at CONTROLS x CONTROLS points bilinearly. */
  for (int axis = 0; axis < 2; axis++) {
    double at[CONTROLS][CONTROLS];
    guint64 first = (index * 2 + axis) * PER_MOTION;
    double shift = MOST_SHIFT * (2 * rv__random_uniform_01 (seed, RV_STYLE_TRAINING_MOTION_STREAM, first) - 1);
    for (int k = 0; k < CONTROLS * CONTROLS; k++)
      at[k / CONTROLS][k % CONTROLS] =
        shift + FIELD_DEVIATION * rv__random_normal (seed, RV_STYLE_TRAINING_MOTION_STREAM, first + 1 + (guint64) k);
    for (int y = 0; y < side; y++)
      for (int x = 0; x < side; x++) {
        double v = (double) y * (CONTROLS - 1) / side, u = (double) x * (CONTROLS - 1) / side;
        int i = (int) v, j = (int) u;
        v -= i, u -= j;
        field[((gsize) axis * side + y) * side + x] = (float) ((1 - v) * ((1 - u) * at[i][j] + u * at[i][j + 1]) +
                                                               v * ((1 - u) * at[i + 1][j] + u * at[i + 1][j + 1]));
      }
  }
}

/* Earlier position of a pixel: the upper left of the four neighbours, and the fractions towards the next. */
typedef struct {
  gsize at;
  float right, down;
} BilinearPosition;

/* Sets *position to the earlier position, by @field, of the pixel in column @x and row @y. FALSE: outside of the
 * square; *position is unchanged. */
static gboolean
earlier_position (const float *field, int side, int y, int x, BilinearPosition *position)
{
  gsize p = (gsize) y * side + x, plane = (gsize) side * side;
  float u = (float) x + field[p], v = (float) y + field[plane + p];
  if (!(u >= 0) || !(v >= 0) || u >= (float) (side - 1) || v >= (float) (side - 1))
    return FALSE;
  int j = (int) u, i = (int) v;
  *position = (BilinearPosition){ (gsize) i * side + j, u - (float) j, v - (float) i };
  return TRUE;
}

/* Sets @part to the bilinear weights, with sum 1, of the upper left, upper right, lower left and lower right
 * neighbour. */
static void
bilinear_weights (const BilinearPosition *position, float part[4])
{
  part[0] = (1 - position->down) * (1 - position->right);
  part[1] = (1 - position->down) * position->right;
  part[2] = position->down * (1 - position->right);
  part[3] = position->down * position->right;
}

void
rv__motion_apply (const float *field, int side, guint64 seed, guint64 index, const float *from, float *to)
{
  gsize plane = (gsize) side * side;
#pragma omp parallel for schedule(static)
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++) {
      gsize p = (gsize) y * side + x;
      BilinearPosition position = { p, 0, 0 };
      gboolean inside = earlier_position (field, side, y, x, &position);
      float part[4];
      bilinear_weights (&position, part);
      for (int c = 0; c < CHANNELS; c++) {
        const float *q = from + c * plane + position.at;
        float value = inside ? part[0] * q[0] + part[1] * q[1] + part[2] * q[side] + part[3] * q[side + 1] : q[0];
        double noise =
          rv__random_normal (seed, RV_STYLE_TRAINING_NOISE_STREAM, (index * CHANNELS + (guint64) c) * plane + p);
        to[c * plane + p] = value + (float) (NOISE_DEVIATION * noise);
      }
    }
}

double
rv__motion_compare (const float *field, int side, const float *before, const float *after, double weight,
                    float *grad_before, float *grad_after)
{
  gsize plane = (gsize) side * side, n = 0;
  double sum = 0;
  BilinearPosition position;
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      n += earlier_position (field, side, y, x, &position);
  double factor = weight / ((double) MAX (n, 1) * CHANNELS * WHITE * WHITE);
#pragma omp parallel for schedule(static) reduction(+ : sum)
  for (int c = 0; c < CHANNELS; c++)
    for (int y = 0; y < side; y++)
      for (int x = 0; x < side; x++) {
        BilinearPosition was;
        float part[4];
        if (!earlier_position (field, side, y, x, &was))
          continue;
        bilinear_weights (&was, part);
        gsize p = c * plane + (gsize) y * side + x, q = c * plane + was.at;
        const gsize corner[4] = { q, q + 1, q + side, q + side + 1 };
        double difference = -(double) after[p];
        for (int k = 0; k < 4; k++)
          difference += (double) part[k] * (double) before[corner[k]];
        sum += difference * difference;
        for (int k = 0; k < 4; k++)
          grad_before[corner[k]] += (float) (2 * factor * difference * (double) part[k]);
        grad_after[p] -= (float) (2 * factor * difference);
      }
  return factor * sum;
}
