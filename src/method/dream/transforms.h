/* transforms.h -- operations on a dream's gradient and picture, each in a file of its own. Pictures are three planes, x
 * in -1..1. Layer 6 (method). */
#pragma once

#include "method/compute.h"
#include "method/objective/terms.h"
#include "op/op.h"
#include "base/alloc.h"
#include <reverie/image.h>

/* ---- planes.c ---- */

#define RV_DREAM_BLOCK_ROWS 32 /* rows of a partial sum */

/* Adds @factor times @y to @x in place, @n numbers each. Cannot fail. */
void rv__dream_add (float *x, float factor, const float *y, gint64 n);
/* Root mean square of @x, three planes of @height x @width. Adds blocks of @block_rows rows in order: the same bits for
 * any number of threads. Cannot fail. */
double rv__dream_rms (const float *x, int width, int height, int block_rows);
/* Mean absolute value of @x, three planes of @height x @width. The same bits for any number of threads. Cannot fail. */
double rv__dream_mean_abs (const float *x, int width, int height);

/* ---- smooth.c ---- */

#define RV_DREAM_SMOOTH_PLANES 6 /* workspace of rv__dream_smooth(): a blur and the mean */

/* Replaces @grad, three planes, by the mean of its Gaussian blurs with sigma @sigma_px / 2, @sigma_px and 2
 * @sigma_px, above 0; mirrored at the borders. Overwrites @workspace, RV_DREAM_SMOOTH_PLANES planes. An error
 * leaves @grad unchanged. */
gboolean rv__dream_smooth (float *grad, int width, int height, double sigma_px, float *workspace, GError **error);

/* ---- bands.c ---- */

#define RV_DREAM_MAX_BANDS 16

/* Frequency band of a gradient, and its workspace. */
typedef struct _RvDreamBand {
  int width, height;    /* px */
  int block_rows;       /* rows per partial sum: the same fraction of the picture in each band */
  double local_px;      /* sigma of the local strength; 0: one strength for the whole band */
  float *whole, *local; /* coarser bands at the size of this band; local strength of the band */

  /* half: the gradient at half size; coarser: the next coarser band; both NULL: none. */
  float *half;
  const struct _RvDreamBand *coarser;
} RvDreamBand;

/* Overwrites @bands, [RV_DREAM_MAX_BANDS], with the bands of a gradient of this size, the finest first: 1 to @n_bands,
 * at most RV_DREAM_MAX_BANDS (unchecked), fewer if a band is too small to halve. Their workspace becomes rows of
 * @buffers, for @phase. Cannot fail. */
void rv__dream_bands_init (RvDreamBand *bands, int width, int height, int n_bands, double local_px, GArray *buffers,
                           int phase);
/* Replaces @grad, three planes, by the sum of its frequency bands, each scaled to an rms of 1. With local_px above
 * 0 each band is first divided by its local strength. @bands: the finest; its workspace is allocated, and
 * overwritten: one thread at a time. After an error @grad is undefined. */
gboolean rv__dream_bands (const RvDreamBand *bands, float *grad, GError **error);

/* ---- colors.c ---- */

/* Colour mix of a gradient: row y has the weights for the new colour y. */
typedef struct {
  double at[3][3];
} RvColorMix;

/* The mix of `--dream-colors` @colors, by value. "own": from the colours of @image, in any unit; any other name: from
 * natural photographs. Cannot fail. */
RvColorMix rv__dream_color_mix (const char *colors, const RvImage *image);

/* ---- limit.c ---- */

/* Scales the difference of @x and @base, three planes each, down to @limit in @x where its local rms (over the
 * colours, sigma 16 px) is larger. @limit: 0 or more, in the unit of @x. Overwrites @local, one plane. An error
 * leaves @x unchanged. */
gboolean rv__dream_limit (float *x, const float *base, int width, int height, double limit, float *local,
                          GError **error);
/* Compresses, in place, the numbers of @x, [@n], that exceed 0.7 of the distance from @base to black (-1) or white (1).
 * For @x and @base within -1..1 the result is, too. */
void rv__dream_soft_clip (float *x, const float *base, gint64 n);

/* ---- canvas.c ---- */

/* Position of the picture on the canvas of a step. With a margin, the canvas is larger by margin in both directions,
 * the picture lies at dx, dy (px), and the rest mirrors it. With margin 0, the picture is shifted periodically: canvas
 * position 0, 0 shows its position dx, dy. */
typedef struct {
  int width, height; /* px, of the picture */
  int margin;
  int dx, dy;
} RvDreamCanvas;

/* Fills the canvas @to, [n_planes, height + margin, width + margin], with @n_planes planes of the picture @x. With a
 * margin, the picture is mirrored around its edges; else it is shifted periodically. Cannot fail. */
void rv__dream_canvas_fill (const RvDreamCanvas *position, const float *x, int n_planes, float *to);
/* Overwrites the picture's gradient @grad, [3, height, width], with the sums of @canvas_grad over the canvas positions
 * that show each pixel. @canvas_grad: [3, height + margin, width + margin]. Cannot fail. */
void rv__dream_canvas_backward (const RvDreamCanvas *position, const float *canvas_grad, float *grad);

/* ---- affine.c ---- */

/* Affine transform for a step of a dream from noise: the picture shifted, rotated around its middle and rescaled, on a
 * canvas of the same size. Beyond its edges the picture is periodic or mirrored. */
typedef struct {
  int width, height;
  double dx, dy, angle_rad; /* dx, dy: px */
  double scale;             /* px of the picture per px of the canvas */
  gboolean mirrored;
} RvDreamAffine;

/* Fills the canvas @y from the picture @x, three planes each, by bilinear interpolation. Cannot fail. */
void rv__dream_affine (const RvDreamAffine *affine, const float *x, float *y);
/* Overwrites the picture's gradient @grad_x with that of the canvas, @grad_y, mapped back: the adjoint of
 * rv__dream_affine(). Three planes each. Cannot fail. */
void rv__dream_affine_backward (const RvDreamAffine *affine, const float *grad_y, float *grad_x);

/* ---- channel-scale.c ---- */

/* Divides, in place, the channel weights of @terms (all 1 if a term has none) by the channels' spread over
 * photographs, sd + 0.1 mean sd. Divides by its square where the weights multiply products of features. The spread
 * is from the library's table. Else it is measured on @image, at most 512 px; layers that it is too small for are
 * skipped. Skips a class map that is in standard deviations already. After an error earlier terms are divided. */
gboolean rv__dream_scale_channels (GArray *terms, const RvNet *net, const RvComputeSettings *compute,
                                   const RvImage *image, GError **error);
