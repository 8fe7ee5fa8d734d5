/* transforms.h -- what may be done to a dream's gradient and to its picture, each part in a file of its own. Pictures
 * are three planes, x in -1..1. Layer 6 (method). */
#ifndef RV_DREAM_TRANSFORMS_H
#define RV_DREAM_TRANSFORMS_H

#include "method/compute.h"
#include "method/objective/terms.h"
#include "op/op.h"
#include <reverie/image.h>

/* ---- planes.c ---- */

#define RV_DREAM_BLOCK_ROWS 32 /* added up before they are added to others */

/* Adds @factor times @y to @x, @n numbers each. */
void rv__dream_add (float *x, float factor, const float *y, gint64 n);
/* Root mean square of three planes, added up in blocks of @block_rows rows. */
double rv__dream_rms (const float *x, int width, int height, int block_rows);
/* Mean absolute value of three planes. */
double rv__dream_mean_abs (const float *x, int width, int height);

/* ---- smooth.c ---- */

/* Planes that rv__dream_smooth() takes: a blur, the mean, what a blur is made of. */
#define RV_DREAM_SMOOTH_PLANES 9

/* Replaces @grad by the mean of its Gaussian blurs with sigma s/2, s and 2 s px; mirrored at the borders.
 * RV_ERROR_MEMORY. */
gboolean rv__dream_smooth (float *grad, int width, int height, double sigma_px, GError **error);

/* ---- bands.c ---- */

typedef struct _RvDreamBands RvDreamBands;

/* Memory that all bands of a gradient of that size need; local_px: 0: they are evened out everywhere alike. (transfer
 * full) (nullable). RV_ERROR_MEMORY. */
RvDreamBands *rv__dream_bands_new (int width, int height, int n_bands, double local_px, GError **error);
/* NULL is fine. */
void rv__dream_bands_free (RvDreamBands *bands);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvDreamBands, rv__dream_bands_free)
/* Bytes that bands take at most, of a gradient with planes of @plane_bytes. */
gint64 rv__dream_bands_bytes (gint64 plane_bytes, double local_px);
/* Replaces @grad by the sum of its bands, each brought to the same strength, with a local_px of more than 0 in each
 * place. RV_ERROR_MEMORY. */
gboolean rv__dream_bands (const RvDreamBands *bands, float *grad, GError **error);

/* ---- colors.c ---- */

/* How the colours of a gradient go together, row by row. */
typedef struct {
  float at[3][3];
} RvColorMix;

/* Mix that `--dream-colors` names; "own": as those of @image, whose colours these are in any unit. */
RvColorMix rv__dream_color_mix (const char *colors, const RvImage *image);
/* Mixes @grad in place, three planes of @plane numbers. */
void rv__dream_mix (float *grad, gint64 plane, const RvColorMix *mix);

/* ---- limit.c ---- */

/* Planes that rv__dream_limit() takes: the local strength, what its blur is made of. */
#define RV_DREAM_LIMIT_PLANES 2

/* Brings x back to @limit where it differs from @base by more, by the local root mean square. RV_ERROR_MEMORY. */
gboolean rv__dream_limit (float *x, const float *base, int width, int height, double limit, GError **error);
/* Stops those of @n numbers in -1..1 short of black or white that went nearly all the way there from @base. */
void rv__dream_soft_clip (float *x, const float *base, gint64 n);

/* ---- canvas.c ---- */

/* Position of the picture while a step looks at it: a canvas of margin more pixels each way, the picture at dx, dy from
 * its corner and going on as its own mirror image; without a margin turned round in a circle. */
typedef struct {
  int width, height; /* px, of the picture */
  int margin;
  int dx, dy;
} RvDreamCanvas;

/* Shows @n_planes planes of the picture on the canvas @to. */
void rv__dream_canvas_fill (const RvDreamCanvas *place, const float *x, int n_planes, float *to);
/* Turns the gradient of the canvas into that of the picture, three planes: overwritten. */
void rv__dream_canvas_backward (const RvDreamCanvas *place, const float *canvas_grad, float *grad);

/* ---- affine.c ---- */

/* How a step looks at a picture of noise: shifted, turned around its middle and rescaled, on as large a canvas; beyond
 * its edge it goes on in a circle, or as its own mirror image. */
typedef struct {
  int width, height;
  double dx, dy, angle_rad, scale;
  gboolean mirrored;
} RvDreamAffine;

/* Shows @x on the canvas @y. */
void rv__dream_affine (const RvDreamAffine *turn, const float *x, float *y);
/* Turns the gradient of the canvas into that of the picture: overwritten. */
void rv__dream_affine_backward (const RvDreamAffine *turn, const float *grad_y, float *grad_x);

/* ---- channel-scale.c ---- */

/* Weighs the terms' channels by how far they spread over photographs, A' = A / (sd + 0.1 mean sd): by the table that
 * comes with the library, else over @image. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__dream_scale_channels (GArray *terms, const RvNet *net, const RvComputeSettings *compute,
                                   const RvImage *image, GError **error);

#endif
