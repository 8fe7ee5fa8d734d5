/* pixel-space.h -- the encoding of pixels for a network or an optimiser (preprocessing).
 * Layer 5 (net).
 *
 *   x = (v / unit - mean) / std       v: RGB 0..255; mean and std in the units of 0..1 or 0..255
 *
 * The text format, in weights files (metadata `preprocessing`) and in the networks' tables:
 *   "bgr_0_255 minus 103.939,116.779,123.68 divided by 1"
 *   "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225"
 * Means and divisors are in the order of the channels. */
#pragma once

#include <glib.h>

typedef struct {
  gboolean bgr;          /* blue comes first; mean and std are still in the order red, green, blue */
  float unit;            /* 1 for 0..255, 255 for 0..1 */
  float mean[3], std[3]; /* red, green, blue */
} RvPixelSpace;

extern const RvPixelSpace rv__rgb_0_255; /* RGB of pictures in memory */
extern const RvPixelSpace rv__rgb_0_1;

/* Returns the text format ("rgb_0_1 minus ... divided by ...") for an abbreviation such as "caffe", static; other texts
 * are returned as they are, also invalid ones. Borrowed; never NULL. */
const char *rv__pixel_space_spell_out (const char *text);

/* Parses the text format, such as "rgb_0_1 minus 0.5 divided by 0.5", into *space. One number counts for all channels.
 * FALSE, without an error and with *space unchanged, for other texts, numbers that are not finite, and divisors of 0 or
 * less. */
gboolean rv__pixel_space_parse (const char *text, RvPixelSpace *space);

/* Converts three planes of RGB 0..255, @plane numbers each, to @space, in place: (v / unit - mean) / std, in this order
 * of operations. The planes stay in the order red, green, blue, also for BGR. Cannot fail. */
void rv__pixel_space_from_rgb (const RvPixelSpace *space, float *rgb, gint64 plane);
/* Converts three planes of @space, red first, @plane numbers each, back to RGB 0..255, in place. Does not clip or
 * round. Cannot fail. */
void rv__pixel_space_to_rgb (const RvPixelSpace *space, float *x, gint64 plane);

/* Writes the factors and shifts that convert red, green and blue (index 0, 1, 2) from @from to @to: y = factor x +
 * shift. The order of channels stays, also for BGR. Cannot fail. */
void rv__pixel_space_map (const RvPixelSpace *from, const RvPixelSpace *to, float factor[3], float shift[3]);

/* Whether @a and @b have the same order of colours, and scales within a factor of 2.5: activations are then too similar
 * to distinguish them. Means do not count. */
gboolean rv__pixel_space_near (const RvPixelSpace *a, const RvPixelSpace *b);
