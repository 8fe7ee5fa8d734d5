/* sample.h -- pixel values as integers, and positions between pixels. Layer 0 (base). */
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

/* First of the two positions, of @n_from, between which position @i lies when they are resized to @n; half-pixel
 * centres. *weight: (out): weight of the second one, the next position, if there is one; 0..1. */
static inline gint64
rv__bilinear_position (gint64 i, gint64 n, gint64 n_from, float *weight)
{
  double at = CLAMP (((double) i + 0.5) * (double) n_from / (double) n - 0.5, 0, (double) (n_from - 1));
  gint64 first = MIN ((gint64) at, MAX (n_from - 2, 0));
  *weight = (float) (at - (double) first);
  return first;
}
