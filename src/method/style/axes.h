/* axes.h -- colour axes of style pictures, along which an optimiser takes its steps. Layer 6 (method).
 *
 *   x = A z,  A = U diag (d_k / max d)    U, d_k^2: eigenvectors and eigenvalues of the covariance of the style
 *                                         pictures less their 3 x 3 means
 *
 * Adam takes steps of one size along every axis of z. Colours therefore change little across the axes in which the
 * paintings vary. In R, G and B a grain of all hues appears: 1.5 times the painting's own across its palette, 1.0 along
 * these axes. */
#ifndef RV_STYLE_AXES_H
#define RV_STYLE_AXES_H

#include <glib.h>

typedef struct {
  double covariance[3][3]; /* sum for the details of the pictures added so far */
  double to_rgb[3][3];     /* A */
  double from_rgb[3][3];   /* its inverse */
} RvColorAxes;

/* Adds the covariance of the three colours of a picture less its 3 x 3 means, times @weight, to axes->covariance. @rgb:
 * [3, height, width]; unchanged. RV_ERROR_MEMORY. */
gboolean rv__color_axes_add (RvColorAxes *axes, const float *rgb, int height, int width, double weight, GError **error);
/* Sets to_rgb and from_rgb by axes->covariance; without a picture, to identities. */
void rv__color_axes_solve (RvColorAxes *axes);
/* Multiplies the three numbers of each of @n pixels by @matrix, or by its transpose, in place. @planes: [3, n]. */
void rv__color_axes_apply (double matrix[3][3], gboolean transposed, float *planes, gint64 n);

#endif
