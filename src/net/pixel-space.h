/* pixel-space.h -- what a pixel's numbers mean to a network, or to an optimiser.
 * Layer 5 (net).
 *
 *   x = (v / unit - mean) / std       v: RGB 0..255; mean and std in the units of 0..1 or 0..255
 *
 * Written as text, in weights files (metadata `preprocessing`) and in the networks' tables:
 *   "bgr_0_255 minus 103.939,116.779,123.68 divided by 1"
 *   "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225"
 * Means and divisors stand in the order of the channels. */
#ifndef RV_PIXEL_SPACE_H
#define RV_PIXEL_SPACE_H

#include <glib.h>

typedef struct {
  gboolean bgr;          /* blue comes first; mean and std are red first all the same */
  float unit;            /* 1 for 0..255, 255 for 0..1 */
  float mean[3], std[3]; /* red, green, blue */
} RvPixelSpace;

extern const RvPixelSpace rv__rgb_0_255; /* RGB as pictures in memory have it */

/* rv__pixel_space_spell_out: the text of the form above that a word of some publishers stands for; else @text itself.
 */
const char *rv__pixel_space_spell_out (const char *text);

/* rv__pixel_space_parse: FALSE when @text is not of the form above; then *space stays as it is. */
gboolean rv__pixel_space_parse (const char *text, RvPixelSpace *space);

/* rv__pixel_space_enter: three planes of RGB 0..255, @plane numbers each, become x, in place and in the order of
 * operations of the classic programs; rv__pixel_space_leave: back; _leave_plane: one of them, so many of its numbers.
 */
void rv__pixel_space_enter (const RvPixelSpace *space, float *rgb, gint64 plane);
void rv__pixel_space_leave (const RvPixelSpace *space, float *x, gint64 plane);
void rv__pixel_space_leave_plane (const RvPixelSpace *space, int c, float *x, gint64 n);

/* rv__pixel_space_map: the factor and the shift, per channel, that bring @from to @to: y = factor x + shift. */
void rv__pixel_space_map (const RvPixelSpace *from, const RvPixelSpace *to, float factor[3], float shift[3]);

/* rv__pixel_space_near: the same order of colours, and scales within a factor of 2.5: too near to be told apart by
 * what the network makes of them. */
gboolean rv__pixel_space_near (const RvPixelSpace *a, const RvPixelSpace *b);

#endif
