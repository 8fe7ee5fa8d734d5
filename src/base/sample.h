/* sample.h -- float pixel values as 8- or 16-bit integers. Layer 0 (base). */
#pragma once

#include <glib.h>

/* @value clamped to 0..@white (255 or 65535), plus @half, truncated (@half 0.5: rounded). NaN becomes 0: its conversion
 * to an integer is undefined. */
static inline guint16
rv__sample (float value, float white, float half)
{
  return value > 0 ? (guint16) (MIN (value, white) + half) : 0;
}

/* @value rounded to 0..255. */
static inline guint8
rv__byte (float value)
{
  return (guint8) rv__sample (value, 255, 0.5f);
}
