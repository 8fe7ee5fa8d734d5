/* pixel-space.h -- the encoding of pixels for a network or an optimiser (preprocessing).
 * Layer 5 (net).
 *
 *   x = (v / unit - mean) / std       v: RGB 0..255; mean and std in the units of 0..1 or 0..255
 *
 * The text format, in weights files (metadata `preprocessing`) and in the networks' tables:
 *   "bgr_0_255 minus 103.939,116.779,123.68 divided by 1"
 *   "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225"
 * Means and divisors are in the order of the channels. */
#ifndef RV_PIXEL_SPACE_H
#define RV_PIXEL_SPACE_H

#include <glib.h>

typedef struct {
  gboolean bgr;          /* blue comes first; mean and std are still in the order red, green, blue */
  float unit;            /* 1 for 0..255, 255 for 0..1 */
  float mean[3], std[3]; /* red, green, blue */
} RvPixelSpace;

extern const RvPixelSpace rv__rgb_0_255; /* RGB of pictures in memory */

/* The text format of an abbreviation that some publishers use, static; else @text itself. */
const char *rv__pixel_space_spell_out (const char *text);

/* Parses the text format. FALSE for other texts; then *space is unchanged. */
gboolean rv__pixel_space_parse (const char *text, RvPixelSpace *space);

/* Converts three planes of RGB 0..255, @plane numbers each, to x, in place, in the classic programs' order of
 * operations. */
void rv__pixel_space_from_rgb (const RvPixelSpace *space, float *rgb, gint64 plane);
/* Converts three planes of x, @plane numbers each, back to RGB 0..255, in place. */
void rv__pixel_space_to_rgb (const RvPixelSpace *space, float *x, gint64 plane);
/* Converts @n numbers of channel @c (0 red, 1 green, 2 blue) back to 0..255, in place. */
void rv__pixel_space_leave_plane (const RvPixelSpace *space, int c, float *x, gint64 n);

/* Sets factor and shift of red, green, blue that convert @from to @to: y = factor x + shift. The order stays. */
void rv__pixel_space_map (const RvPixelSpace *from, const RvPixelSpace *to, float factor[3], float shift[3]);

/* Whether orders of colours are equal and scales within a factor of 2.5: activations cannot tell them apart. Means do
 * not count. */
gboolean rv__pixel_space_near (const RvPixelSpace *a, const RvPixelSpace *b);

#endif
