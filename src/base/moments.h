/* moments.h -- mean colour and covariance of the colours of a picture. Layer 0 (base). */
#pragma once

#include <glib.h>

/* Writes mean and covariance of three adjacent planes of @n numbers each, 1 or more: mean_c = 1/n sum x_c,
 * covariance_ab = 1/n sum (x_a - mean_a) (x_b - mean_b). Computed in double, with the same bits for any number of
 * threads. Cannot fail. */
void rv__moments (const float *planes, gint64 n, double mean[3], double covariance[3][3]);
