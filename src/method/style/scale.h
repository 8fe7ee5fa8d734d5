/* scale.h -- scales of a coarse-to-fine schedule, and pictures between them. Layer 6 (method). */
#ifndef RV_STYLE_SCALE_H
#define RV_STYLE_SCALE_H

#include "method/style/style-settings.h"
#include <reverie/image.h>

/* A size of a run. */
typedef struct {
  int width, height;               /* px, of the picture */
  int canvas_width, canvas_height; /* px, with the margin that is cut off in the end */
  int left, top;                   /* px: position of the picture on the canvas */
  gint64 iterations;
  gboolean is_finish; /* a repetition of the last scale, which renews its matches every few iterations */
} RvScale;

/* Length of @side after a picture with the longest side @longest was resized to @wanted. Rounded; at least 1 px. */
int rv__scale_side (int side, int longest, int wanted);
/* A scale of @width x @height px, on a canvas with the margin of the settings. */
RvScale rv__scale_new (const RvStyleSettings *settings, int width, int height, gint64 iterations);
/* Coarse-to-fine schedule of RvScale up to @width x @height px, with the finish if there is one. (transfer full).
 * Leaves out scales with a canvas below @min_side px, except the last. */
GArray *rv__scale_schedule (const RvStyleSettings *settings, int width, int height, int min_side);
/* Pixels of the scale's canvas. */
gint64 rv__scale_canvas_pixels (const RvScale *scale);

/* Copies the three planes of a picture of the scale's size to @canvas and mirrors them in the margin. */
void rv__scale_pad (const float *picture, const RvScale *scale, float *canvas);
/* Resizes one plane of any size, with values 0..@white, to the scale, and copies it to @canvas with the mirrored
 * margin. Values stay 0..@white. RV_ERROR_MEMORY. */
gboolean rv__scale_extend_plane (const float *plane, int width, int height, float white, RvImageResize how,
                                 const RvScale *scale, float *canvas, GError **error);

/* Crops the three planes of a canvas of @old to @picture, and resizes them bicubically to the size of @next, which may
 * be the same scale. RV_ERROR_MEMORY. */
gboolean rv__scale_picture (const float *canvas, const RvScale *old, const RvScale *next, float *picture,
                            GError **error);
/* Resizes the picture on the three planes of a canvas of @old bicubically to the canvas @to of @next, with a mirrored
 * margin. RV_ERROR_MEMORY. */
gboolean rv__scale_enlarge_canvas (const float *canvas, const RvScale *old, const RvScale *next, float *to,
                                   GError **error);

#endif
