/* gram.c -- losses on Gram matrices, G = F F^T of a layer and S of the style: a row of GRAM each.
 *
 *   style gatys     sum (G - S)^2 / (4 C^2 N^2)
 *   style keras     sum (G - S)^2 / (4 * 3^2 * (H W)^2) / layers. H and W are the picture's, and 3 its channels: the
 *                   program divides by the size of the picture for all layers. The division by the number of layers is
 *                   part of the loss
 *   style d2l       mean (G - S)^2 over the C x C entries, G divided by C N, S by C N_style
 *   style relative  ||G - S||^2 / ||S||^2, G divided by N, S by N_style. 0: a match; 1: the distance of a blank
 *                   picture. Its scale is the same for all layers, networks and sizes, so that one weight suits all
 *   unlike          cos - 1 = -|G / |G| - S / |S||^2 / 2, cos = <G, S> / (|G| |S|): 0: equal, -1: orthogonal. The
 *                   paper's term is negated and covers all pictures at once; here S is of another picture of a dream
 *
 * If the style picture has another number of positions, S of gatys and keras is multiplied by N / N_style. */
#include "loss.h"
#include <math.h>

/* RvLossClass.record: stats[0] is F F^T, [C, C]. */
static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  stats[0] = rv__gram (program, values->x);
}

/* Returns factor * ||a G - b S||^2. Overwrites @grad, [C, C], with the gradient with respect to G. */
static double
distance (gint64 channels, const double *G, double a, const double *S, double b, double factor, double *grad)
{
  double sum = 0;
  for (gint64 i = 0; i < channels * channels; i++) {
    double difference = a * G[i] - b * S[i];
    sum += difference * difference;
    grad[i] = 2 * factor * a * difference;
  }
  return factor * sum;
}

/* RvLossClass.evaluate of style gatys: returns sum (G - S)^2 / (4 C^2 N^2). G: sum[0]; S: target->sum[0], multiplied
 * by N / N_style; N: positions. Overwrites grad[0], [C, C]. Cannot fail. */
static double
evaluate_gatys (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double C = (double) info->channels, N = (double) info->positions, same_size = N / (double) target->positions;
  return distance (info->channels, sum[0], 1, target->sum[0], same_size, 1 / (4 * C * C * N * N), grad[0]);
}

/* RvLossClass.evaluate of style keras: returns sum (G - S)^2 / (36 (H W)^2 n_layers). H, W: the picture's; G: sum[0];
 * S: target->sum[0], multiplied by N / N_style; N: positions. Overwrites grad[0], [C, C]. Cannot fail. */
static double
evaluate_keras (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double picture = (double) info->picture_h * (double) info->picture_w, rgb = 3;
  double same_size = (double) info->positions / (double) target->positions;
  double factor = 1 / (4 * rgb * rgb * picture * picture * info->n_layers);
  return distance (info->channels, sum[0], 1, target->sum[0], same_size, factor, grad[0]);
}

/* RvLossClass.evaluate of style d2l: returns mean (G - S)^2. G: sum[0] divided by C N; S: target->sum[0] divided by C
 * N_style; N: positions. Overwrites grad[0], [C, C]. Cannot fail. */
static double
evaluate_d2l (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double C = (double) info->channels;
  return distance (info->channels, sum[0], 1 / (C * (double) info->positions), target->sum[0],
                   1 / (C * (double) target->positions), 1 / (C * C), grad[0]);
}

/* RvLossClass.evaluate of style relative: returns ||G - S||^2 / ||S||^2. G: sum[0] divided by N; S: target->sum[0]
 * divided by N_style; N: positions. The divisor is at least the minimum of rv__loss_norm(). Overwrites grad[0], [C, C].
 * Cannot fail. */
static double
evaluate_relative (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double b = 1 / (double) target->positions, norm = 0;
  for (gint64 i = 0; i < info->channels * info->channels; i++)
    norm += b * b * target->sum[0][i] * target->sum[0][i];
  return distance (info->channels, sum[0], 1 / (double) info->positions, target->sum[0], b,
                   1 / rv__loss_norm (norm, (double) info->channels * (double) info->channels), grad[0]);
}

/* Dot product of @a and @b, @n numbers each. */
static double
product (const double *a, const double *b, gint64 n)
{
  double sum = 0;
  for (gint64 i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

/* RvLossClass.evaluate of unlike: returns cos (G, S) - 1, G: sum[0], S: target->sum[0]. 0 if the pictures are equal,
 * lower if they differ; -1/2 if one Gram matrix is 0, and 0 if both are. Overwrites grad[0], [C, C]. Cannot fail. */
static double
evaluate_unlike (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  gint64 n = info->channels * info->channels;
  const double *G = sum[0], *S = target->sum[0];
  double g = sqrt (product (G, G, n)), s = sqrt (product (S, S, n));
  double alike = g > 0 && s > 0 ? product (G, S, n) / (g * s) : 0, apart = 0;
  for (gint64 i = 0; i < n; i++) {
    double own = g > 0 ? G[i] / g : 0, other = s > 0 ? S[i] / s : 0;
    apart += (own - other) * (own - other);
    grad[0][i] = g > 0 ? (other - alike * own) / g : 0;
  }
  return -apart / 2;
}

#define GRAM(group_, id, ...)                                                                                          \
  const RvLossClass rv__loss_##group_##_##id = { .group = #group_,                                                     \
                                                 .name = #id,                                                          \
                                                 .target = RV_TARGET_SUMS,                                             \
                                                 .n_sums = 1,                                                          \
                                                 .symmetric = { TRUE },                                                \
                                                 .record = record,                                                     \
                                                 .evaluate = evaluate_##id,                                            \
                                                 __VA_ARGS__ }

/* Mean (G - S)^2, G = F F^T / (C N) (Dive into Deep Learning, section Neural Style Transfer). */
GRAM (style, d2l);
/* Sum (G - S)^2 / (4 C^2 N^2), G = F F^T (Gatys, Ecker, Bethge, CVPR 2016, section 2.2). */
GRAM (style, gatys);
/* Sum (G - S)^2 / (4 * 3^2 * (H W)^2), mean over layers (the Keras example neural_style_transfer). */
GRAM (style, keras);
/* ||G - S||^2 / ||S||^2, G = F F^T / N (ours, docs/losses.md). */
GRAM (style, relative, .role = "style");
/* The cosine between two pictures' Gram products (Olah, Mordvintsev, Schubert 2017). */
GRAM (unlike, unlike, .role = "unlike");
