/* scale.h -- the scales of a climb, and pictures going from one to the next.
 * Layer 6 (method). */
#ifndef RV_STYLE_SCALE_H
#define RV_STYLE_SCALE_H

#include "method/objective/parts.h"
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

/* rv__scale_extend: the picture of a scale with its mirrored margin, into a part of @canvas. _extend_plane: a single
 * plane. */
void rv__scale_extend (const float *picture, const RvScale *scale, const RvPart *part, float *canvas);
void rv__scale_extend_plane (const float *plane, const RvScale *scale, const RvPart *part, float *canvas);

/* A canvas of one scale, of which ranks have their @parts, brought to another's size, bicubically, by the graph's own
 * op; all of them call it. It comes band by band: nobody holds the whole. RV_ERROR_MEMORY.
 * rv__scale_enlarge_canvas: as that scale's canvas, a part of it.
 * rv__scale_picture: as the picture without its margin; @next may be the same scale. On rank 0 alone where @picture is
 * NULL on others: @first_only. */
#define RV_SCALE_BANDS_BYTES ((gint64) 12 << 20) /* that they take, about */
gboolean rv__scale_enlarge_canvas (RvParts *parts, const float *canvas, const RvScale *old, const RvScale *next,
                                   const RvPart *part, float *to, GError **error);
gboolean rv__scale_picture (RvParts *parts, const float *canvas, const RvScale *old, const RvScale *next,
                            gboolean first_only, float *picture, GError **error);

#endif
