/* colors.c -- mixes the colours of a gradient as in photographs: colour noise becomes light and shade.
 *
 *   g <- (I / 2 + C / 2) g,   C: covariance of colours, scaled to trace 3
 *
 * C of natural photographs is M M^T, with M from Olah, Mordvintsev, Schubert 2017, "Feature Visualization" (lucid),
 * measured on ImageNet. With `dream-colors` own, C is that of the picture. */
#include "method/objective/fourier.h"
#include "transforms.h"
#include "base/moments.h"
#include <string.h>

#define PART 0.5 /* weight of C; the rest is the identity */

/* Overwrites @covariance with that of the colours of natural photographs, M M^T. */
static void
natural_covariance (double covariance[3][3])
{
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      covariance[i][j] = 0;
      for (int k = 0; k < 3; k++)
        covariance[i][j] += rv__natural_colors[i][k] * rv__natural_colors[j][k];
    }
}

RvColorMix
rv__dream_color_mix (const char *colors, const RvImage *image)
{
  RvColorMix mix;
  double C[3][3], mean[3];
  if (strcmp (colors, "own") == 0)
    rv__moments (image->rgb->data, (gint64) image->width * image->height, NULL, mean, C);
  else
    natural_covariance (C);
  double trace = C[0][0] + C[1][1] + C[2][2];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      mix.at[i][j] = (i == j) * (trace > 0 ? 1 - PART : 1) + (trace > 0 ? PART * 3 * C[i][j] / trace : 0);
  return mix;
}
