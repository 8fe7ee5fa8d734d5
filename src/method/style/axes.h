/* axes.h -- colour axes of style pictures, along which an optimiser takes its steps. Layer 6 (method).
 *
 *   x = A z,  A = U diag (d_k / max d)    U, d_k^2: eigenvectors and eigenvalues of the covariance of the style
 *                                         pictures less their 3 x 3 means
 *
 * Adam takes steps of one size along every axis of z. Colours therefore change little across the axes in which the
 * paintings vary. Steps in R, G and B make a grain of all hues: across the palette it is 1.5 times the painting's.
 * Along these axes it is 1.0 times the painting's. */
#pragma once

#include <glib.h>

/* Colour axes, and the covariance from which they are computed. */
typedef struct {
  double covariance[3][3]; /* sum for the details of the pictures added so far */
  double to_rgb[3][3];     /* A */
  double from_rgb[3][3];   /* its inverse */
} RvColorAxes;

/* Adds @weight times the covariance of the three colours of @rgb, less its 3 x 3 means, to axes->covariance. @rgb: [3,
 * height, width], f32; unchanged. An error leaves @axes unchanged. */
gboolean rv__color_axes_add (RvColorAxes *axes, const float *rgb, int height, int width, double weight, GError **error);
/* Computes to_rgb and from_rgb from axes->covariance, which stays. The shortest axis has at least 0.02 of the length of
 * the longest. If no picture was added, both are the identity. */
void rv__color_axes_solve (RvColorAxes *axes);
