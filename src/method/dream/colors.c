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

RvColorMix
rv__dream_color_mix (const char *colors, const RvImage *image)
{
  RvColorMix mix;
  const double (*M)[3] = rv__natural_colors;
  double C[3][3], mean[3];
  if (strcmp (colors, "own") == 0)
    rv__moments (image->rgb->data, (gint64) image->width * image->height, NULL, mean, C);
  else
    for (int i = 0; i < 9; i++) /* of natural photographs: M M^T */
      C[i / 3][i % 3] = M[i / 3][0] * M[i % 3][0] + M[i / 3][1] * M[i % 3][1] + M[i / 3][2] * M[i % 3][2];
  double trace = C[0][0] + C[1][1] + C[2][2];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      mix.at[i][j] = (i == j) * (trace > 0 ? 1 - PART : 1) + (trace > 0 ? PART * 3 * C[i][j] / trace : 0);
  return mix;
}
