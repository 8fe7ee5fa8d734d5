/* blur.h -- Gaussian blur of planes. Layer 0 (base). */
#pragma once

#include <glib.h>

/* Blurs @n_planes planes of @height rows of @width numbers by a Gaussian of @sigma px, above 0, cut off at four sigmas,
 * with sum 1. A plane continues beyond its edge as its mirror image, with the last number twice. The matrix is
 * symmetric, so the function is also its own backward pass. @to may be @from. The same numbers for any thread count.
 * After an error @to is unchanged. */
gboolean rv__blur (const float *from, float *to, int n_planes, int width, int height, double sigma, GError **error);
/* Blurs as rv__blur(), in double. */
gboolean rv__blur_f64 (const double *from, double *to, int n_planes, int width, int height, double sigma,
                       GError **error);
