/* blur.h -- planes of numbers under a Gaussian.
 * Layer 0 (base). */
#ifndef RV_BLUR_H
#define RV_BLUR_H

#include <glib.h>

/* rv__blur: @n_planes planes of @height rows of @width numbers, each blurred by a Gaussian of @sigma, cut off at four
 * sigmas and summing to 1; beyond the edge a plane goes on as its own mirror image, the last number seen twice. The
 * matrix is symmetric: it is its own way back. @to may be @from. The same numbers for any thread count.
 * RV_ERROR_MEMORY. rv__blur_f64: the same in double. */
gboolean rv__blur (const float *from, float *to, int n_planes, int width, int height, double sigma, GError **error);
gboolean rv__blur_f64 (const double *from, double *to, int n_planes, int width, int height, double sigma,
                       GError **error);

#endif
