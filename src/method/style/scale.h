/* scale.h -- the scales of a climb, and pictures going from one to the next.
 * Layer 6 (method). */
#ifndef RV_STYLE_SCALE_H
#define RV_STYLE_SCALE_H

#include "base/part.h"
#include "method/style/settings.h"

/* One scale of the climb. */
typedef struct {
  int width, height;               /* px, of the picture */
  int canvas_width, canvas_height; /* px, with the margin that is painted and cut off */
  int left, top;                   /* px, where the picture lies on the canvas */
  gint64 iterations;
} RvScale;

/* rv__scale_side: @side of a picture whose longest is brought to @wanted. rv__scale_new: with its margin. */
int rv__scale_side (int side, int longest, int wanted);
RvScale rv__scale_new (const RvStyleSettings *settings, int width, int height, gint64 iterations);
/* rv__scale_find_all: (transfer full): coarse to fine; none whose canvas is smaller than @min_side, but for the last.
 */
GArray *rv__scale_find_all (const RvStyleSettings *settings, int width, int height, int min_side);
gint64 rv__scale_canvas_pixels (const RvScale *scale);

/* rv__scale_extend: the picture of a scale with its mirrored margin, into a part of @canvas. rv__scale_crop: without
 * it, into @picture. */
void rv__scale_extend (const float *picture, const RvScale *scale, const RvPart *part, float *canvas);
void rv__scale_crop (const float *canvas, const RvScale *scale, float *picture);
/* rv__scale_enlarge: a canvas of one scale as a picture (no margin) of another's size, bicubically, by the graph's own
 * op. _canvas: as its canvas, a part of it. RV_ERROR_MEMORY. */
gboolean rv__scale_enlarge (const float *canvas, const RvScale *old, const RvScale *next, float *picture,
                            GError **error);
gboolean rv__scale_enlarge_canvas (const float *canvas, const RvScale *old, const RvScale *next, const RvPart *part,
                                   float *to, GError **error);

#endif
