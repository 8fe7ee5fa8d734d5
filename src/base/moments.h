/* moments.h -- mean colour and covariance of the colours of a picture. Layer 0 (base). */
#pragma once

#include <glib.h>

/* Writes mean and covariance of three adjacent planes of @n numbers each, 1 or more: mean_c = 1/n sum x_c,
 * covariance_ab = 1/n sum (x_a - mean_a) (x_b - mean_b). @mask: (nullable: all): [@n]; only positions with 0.5 or more
 * count, or all if there are none. Computed in double, with the same bits for any number of threads. Cannot fail. */
void rv__moments (const float *planes, gint64 n, const float *mask, double mean[3], double covariance[3][3]);
/* Multiplies the numbers of three adjacent planes of @n each, in place, at each position by @matrix, 3 x 3, in f32; by
 * its transpose if @transposed. */
void rv__planes_multiply (const double *matrix, gboolean transposed, float *planes, gint64 n);
