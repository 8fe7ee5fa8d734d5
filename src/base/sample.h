/* sample.h -- pixels' numbers as pixels' bytes.
 * Layer 0 (base). */
#ifndef RV_SAMPLE_H
#define RV_SAMPLE_H

#include <glib.h>

/* rv__sample: @value cut to 0..@white (255 or 65535), the fraction dropped after @half (0.5: rounded) has been added.
 * NaN, which no conversion to integers may meet, is 0. */
static inline guint16
rv__sample (float value, float white, float half)
{
  return value > 0 ? (guint16) (MIN (value, white) + half) : 0;
}

/* rv__byte: rounded to 0..255. */
static inline guint8
rv__byte (float value)
{
  return (guint8) rv__sample (value, 255, 0.5f);
}

#endif
