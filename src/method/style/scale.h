/* scale.h -- the scales of a climb, and pictures going from one to the next.
 * Layer 6 (method). */
#ifndef RV_STYLE_SCALE_H
#define RV_STYLE_SCALE_H

#include "io/image/packed.h"
#include "method/objective/parts.h"
#include "method/run/result.h"
#include "method/style/settings.h"

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
/* rv__scale_find_all: (transfer full): coarse to fine; none whose canvas is smaller than @min_side, but for the last.
 */
GArray *rv__scale_find_all (const RvStyleSettings *settings, int width, int height, int min_side);
gint64 rv__scale_canvas_pixels (const RvScale *scale);

/* rv__scale_extend: the picture of a scale with its mirrored margin, into a part of @canvas. _extend_plane: one plane,
 * 0..@white, of any size, as @color of it. _extend_packed: the same of a picture that waits, of which a plane is there
 * in floats, or some rows, where it has that size. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
void rv__scale_extend (const float *picture, const RvScale *scale, const RvPart *part, float *canvas);
gboolean rv__scale_extend_plane (const float *plane, int width, int height, float white, RvImageResize how,
                                 const RvScale *scale, int color, const RvPart *part, float *canvas, GError **error);
gboolean rv__scale_extend_packed (const RvPackedImage *packed, int plane, RvImageResize how, const RvScale *scale,
                                  int color, const RvPart *part, float *canvas, GError **error);

/* A canvas of one scale, of which ranks have their @parts, brought to another's size, bicubically, by the graph's own
 * op; all of them call it. It comes band by band: nobody holds the whole. RV_ERROR_MEMORY.
 * rv__scale_enlarge_canvas: as that scale's canvas, a part of it.
 * rv__scale_picture: as the picture without its margin; @next may be the same scale. One colour after the other, each
 * from the top down, some rows at a time, to @take, which may change them; with @first_only on rank 0 alone, and others
 * need not take any (NULL). */
#define RV_SCALE_BANDS_BYTES ((gint64) 12 << 20) /* that they take, about */
gboolean rv__scale_enlarge_canvas (RvParts *parts, const float *canvas, const RvScale *old, const RvScale *next,
                                   const RvPart *part, float *to, GError **error);
gboolean rv__scale_picture (RvParts *parts, const float *canvas, const RvScale *old, const RvScale *next,
                            gboolean first_only, RvRowsFunc take, gpointer user_data, GError **error);

#endif
