/* parts.h -- what may be done to a dream's gradient and to its picture, each part in a file of its own. Pictures are
 * three planes, x in -1..1. Layer 6 (method). */
#ifndef RV_DREAM_PARTS_H
#define RV_DREAM_PARTS_H

#include "method/objective/terms.h"
#include "method/compute.h"
#include <reverie/image.h>
#include <math.h>

/* rv__dream_rms: of @n numbers. */
static inline double
rv__dream_rms (const float *numbers, gint64 n)
{
  double sum = 0;
  for (gint64 i = 0; i < n; i++)
    sum += (double) numbers[i] * (double) numbers[i];
  return sqrt (sum / (double) n);
}

/* rv__dream_smooth: (smooth.c) @grad becomes the mean of its Gaussian blurs with sigma s/2, s and 2 s px; mirrored at
 * the borders. RV_ERROR_MEMORY. */
gboolean rv__dream_smooth (float *grad, int width, int height, double sigma_px, GError **error);

/* rv__dream_bands: (bands.c) @grad becomes the sum of its @n_bands bands, each brought to the same strength, and
 * with @local_px > 0 in each place. RV_ERROR_MEMORY. */
gboolean rv__dream_bands (float *grad, int width, int height, int n_bands, double local_px, GError **error);

/* How the colours of a gradient go together, row by row. */
typedef struct {
  float at[3][3];
} RvColorMix;

/* rv__dream_color_mix: (colors.c) as `--dream-colors` has it; "own": as those of @image, whose colours these are in any
 * unit. rv__dream_mix: @grad, @plane numbers a colour, mixed in place. */
RvColorMix rv__dream_color_mix (const char *colors, const RvImage *image);
void rv__dream_mix (float *grad, gint64 plane, const RvColorMix *mix);

/* rv__dream_limit: (limit.c) where x differs from @base by more than @limit, by the local root mean square, it is
 * brought back to that. RV_ERROR_MEMORY. */
gboolean rv__dream_limit (float *x, const float *base, int width, int height, double limit, GError **error);

/* rv__dream_ease: (limit.c) of @n numbers in -1..1, those that went nearly all the way from @base to black or white
 * stop short of it. */
void rv__dream_ease (float *x, const float *base, gint64 n);

/* Where the picture lies while a step looks at it (place.c): a canvas of margin more pixels each way, the picture at
 * dx, dy from its corner and going on as its own mirror image; without a margin turned round in a circle. */
typedef struct {
  int width, height, margin;
  int dx, dy;
} RvDreamPlace;

/* rv__dream_place: the picture onto the canvas. rv__dream_take: the canvas' gradient as the picture's: overwritten. */
void rv__dream_place (const RvDreamPlace *place, const float *x, float *canvas);
void rv__dream_take (const RvDreamPlace *place, const float *canvas_grad, float *grad);

/* How a step looks at a picture of noise (turn.c): shifted, turned around its middle and rescaled, on as large a
 * canvas; beyond its edge it goes on in a circle, or as its own mirror image. */
typedef struct {
  int width, height;
  double dx, dy, angle_rad, scale;
  gboolean mirrored;
} RvDreamTurn;

/* rv__dream_turn: @x as it is looked at, into @y. _back: the gradient of that as the picture's: overwritten. */
void rv__dream_turn (const RvDreamTurn *turn, const float *x, float *y);
void rv__dream_turn_back (const RvDreamTurn *turn, const float *grad_y, float *grad_x);

/* rv__dream_whiten: (whiten.c) the terms' channels are weighed by how far they spread over photographs, A' = A / (sd +
 * 0.1 mean sd): by the table that comes with the library, else over @image. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__dream_whiten (GArray *terms, const RvNet *net, const RvComputeSettings *compute, const RvImage *image,
                           GError **error);

#endif
