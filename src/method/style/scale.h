/* scale.h -- the scales of a climb, and pictures going from one to the next.
 * Layer 6 (method). */
#ifndef RV_STYLE_SCALE_H
#define RV_STYLE_SCALE_H

#include "method/style/settings.h"
#include <reverie/image.h>

/* One scale of the climb. */
typedef struct {
  int width, height;               /* px, of the picture */
  int canvas_width, canvas_height; /* px, with the margin that is painted and cut off */
  int left, top;                   /* px, where the picture lies on the canvas */
  gint64 iterations;
  gboolean is_finish; /* the last scale once more: matches are found anew every few iterations */
} RvScale;

/* rv__scale_side: @side of a picture whose longest is brought to @wanted. rv__scale_new: with its margin. */
int rv__scale_side (int side, int longest, int wanted);
RvScale rv__scale_new (const RvStyleSettings *settings, int width, int height, gint64 iterations);
/* rv__scale_schedule: (transfer full): coarse to fine; none whose canvas is smaller than @min_side, but for the last.
 */
GArray *rv__scale_schedule (const RvStyleSettings *settings, int width, int height, int min_side);
gint64 rv__scale_canvas_pixels (const RvScale *scale);

/* rv__scale_pad: puts a scale's picture, three planes, on @canvas, with its mirrored margin. _extend_plane: one
 * plane of values 0..@white, of any size. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
void rv__scale_pad (const float *picture, const RvScale *scale, float *canvas);
gboolean rv__scale_extend_plane (const float *plane, int width, int height, float white, RvImageResize how,
                                 const RvScale *scale, float *canvas, GError **error);

/* rv__scale_picture: writes a canvas without its margin to @picture, of the size of @next, bicubically, by the graph's
 * own op; @next may be the same scale. rv__scale_enlarge_canvas: the same, on the canvas of @next. RV_ERROR_MEMORY. */
gboolean rv__scale_picture (const float *canvas, const RvScale *old, const RvScale *next, float *picture,
                            GError **error);
gboolean rv__scale_enlarge_canvas (const float *canvas, const RvScale *old, const RvScale *next, float *to,
                                   GError **error);

#endif
