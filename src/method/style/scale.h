/* scale.h -- scales of a coarse-to-fine schedule, and pictures between them. Layer 6 (method). */
#pragma once

#include "method/style/style-settings.h"
#include <reverie/image.h>

/* A scale: one size of a run. */
typedef struct {
  int width, height;               /* px, of the picture */
  int canvas_width, canvas_height; /* px, with the margin that is cut off in the end */
  int left, top;                   /* px: position of the picture on the canvas */
  gint64 iterations;
  gboolean is_finish; /* a repetition of the last scale, which renews its matches every few iterations */
} RvScale;

/* @side, px, after the picture's longest side is resized from @longest to @size_px. Rounded; at least 1. */
int rv__scale_side (int side, int longest, int size_px);
/* Scale, by value, of @width x @height px with @iterations, on a canvas with the settings' margin. No finish. */
RvScale rv__scale_new (const RvStyleSettings *settings, int width, int height, gint64 iterations);
/* (transfer full: g_array_unref()): RvScale, coarse to fine, the last of @width x @height px, then the finish if the
 * settings have one. Leaves out scales with a canvas side below @min_side px, except the last. Never empty. */
GArray *rv__scale_schedule (const RvStyleSettings *settings, int width, int height, int min_side);
/* Number of pixels of the scale's canvas: picture and margin. */
gint64 rv__scale_canvas_pixels (const RvScale *scale);

/* Copies @picture, [3, height, width] of the scale, to the middle of @canvas, [3, canvas_height, canvas_width], and
 * fills the margin with its mirror image. Cannot fail. */
void rv__scale_pad (const float *picture, const RvScale *scale, float *canvas);
/* Resizes @plane, [@height, @width], values 0..@white, to the scale's size. Copies it to @canvas,
 * [canvas_height, canvas_width], with its mirror image in the margin. Values stay 0..@white. An error leaves
 * @canvas unchanged. */
gboolean rv__scale_extend_plane (const float *plane, int width, int height, float white, const RvScale *scale,
                                 float *canvas, GError **error);

/* Overwrites @picture, [3, height, width] of @next, with the picture on @canvas, of the scale @old, without its margin.
 * Resizes it bicubically if the sizes differ. An error leaves @picture unchanged. */
gboolean rv__scale_picture (const float *canvas, const RvScale *old, const RvScale *next, float *picture,
                            GError **error);
/* Overwrites @to, a canvas of three planes of the scale @next, with the picture on @canvas, of the scale @old, resized
 * bicubically. The margin is its mirror image. An error leaves @to unchanged. */
gboolean rv__scale_enlarge_canvas (const float *canvas, const RvScale *old, const RvScale *next, float *to,
                                   GError **error);
