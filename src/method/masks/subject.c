/* subject.c -- the main object of a photograph. If the network of people is certain, its mask; else one part of a
 * normalized cut of the built-in network's features (Wang et al. 2022, "Self-Supervised Transformers for Unsupervised
 * Object Discovery using Normalized Cut"), refined by a model of colours.
 *
 *   W      1 where the cosine of two positions' features is above MIN_COSINE, else NO_EDGE
 *   v      second eigenvector of D^-1/2 W D^-1/2, by power iteration from a bump in the centre of the picture
 *   parts  v D^-1/2 above and below its mean; the object is the part that is stronger in the centre than at the border
 *
 * Then three rounds: log odds of the cut, plus log odds of the colour by histograms of both parts. A guided filter runs
 * between the rounds. */
#include "base/dot.h"
#include "masks.h"
#include "op/op.h"
#include <math.h>
#include <string.h>

#define PEOPLE_CERTAINTY_01 0.75 /* from here on, the mask of people is the object */

#define MIN_COSINE 0.2
#define NO_EDGE 1e-5f
#define N_POWERS 60
#define CENTER_SIGMA_01 0.25 /* sigma of the first vector, in sides of the picture */
#define CUT_GAIN 2.0f        /* log odds of a position at the mean distance from the threshold */
#define MAX_CUT_LOGIT 3.0f

#define N_BINS 12 /* bins per colour channel */
#define N_COLORS (N_BINS * N_BINS * N_BINS)
#define N_COLOR_ROUNDS 3
#define MAX_COLOR_LOGIT 3.0
#define FEW 1e-5 /* added to the frequency of each colour */

#define MIN_PART_01 0.01    /* smallest fraction of the picture that an object covers */
#define MAX_PART_01 0.9     /* largest fraction of the picture that an object covers */
#define MIN_DIVERGENCE 0.05 /* nats; smaller: object and background have the same colours */
#define MAX_BORDER_01 0.4   /* largest fraction of the picture's border that an object touches */

RV_DEFINE_DOT (dot, float)

/* ---- normalized cut ---------------------------------------------------------------------------------------------- */

/* (transfer full): the weights W of edges, [n, n]. */
static float *
connect (const RvMaskNodes *nodes)
{
  int n = nodes->n;
  float *edges = g_new (float, (gsize) n *n);
#pragma omp parallel for schedule(dynamic, 16)
  for (int i = 0; i < n; i++)
    for (int k = 0; k <= i; k++) {
      const float *a = nodes->features + i * nodes->n_features, *b = nodes->features + k * nodes->n_features;
      edges[i * n + k] = edges[k * n + i] = dot (a, b, nodes->n_features) > MIN_COSINE ? 1 : NO_EDGE;
    }
  return edges;
}

/* A bump in the centre of the picture, 0..1, at position @i. */
static float
center_weight (const RvMaskNodes *nodes, int i)
{
  double x = (i % nodes->width + 0.5) / nodes->width - 0.5, y = (i / nodes->width + 0.5) / nodes->height - 0.5;
  return (float) exp (-(x * x + y * y) / (2 * CENTER_SIGMA_01 * CENTER_SIGMA_01));
}

static gboolean
is_border (int i, int width, int height)
{
  return i < width || i >= width * (height - 1) || i % width == 0 || i % width == width - 1;
}

/* Removes from @v its component along @unit, and scales @v to length 1. */
static void
orthogonalize (float *v, const float *unit, int n)
{
  float along = (float) dot (v, unit, n);
  for (int i = 0; i < n; i++)
    v[i] -= along * unit[i];
  float length = sqrtf ((float) dot (v, v, n)) + 1e-20f;
  for (int i = 0; i < n; i++)
    v[i] /= length;
}

/* Log odds that a position is in the object. @logits: (out caller-allocates): [n]. */
static void
cut (const RvMaskNodes *nodes, float *logits)
{
  int n = nodes->n;
  g_autofree float *edges = connect (nodes), *root = g_new (float, n), *first = g_new (float, n), *v = g_new (float, n),
                   *scaled = g_new (float, n);
  for (int i = 0; i < n; i++) {
    double degree = 0;
    for (int k = 0; k < n; k++)
      degree += (double) edges[(gsize) i * n + k];
    first[i] = root[i] = (float) sqrt (degree);
    v[i] = center_weight (nodes, i);
  }
  float length = sqrtf ((float) dot (root, root, n));
  for (int i = 0; i < n; i++)
    first[i] /= length;
  for (int power = 0; power < N_POWERS; power++) {
    orthogonalize (v, first, n);
    for (int i = 0; i < n; i++)
      scaled[i] = v[i] / root[i];
#pragma omp parallel for schedule(static)
    for (int i = 0; i < n; i++) /* adding half of v suppresses negative eigenvalues */
      v[i] = 0.5f * v[i] + 0.5f * (float) dot (edges + (gsize) i * n, scaled, n) / root[i];
  }
  orthogonalize (v, first, n);
  double mean = 0, spread = 0, inside = 0, border = 0, n_border = 0, center = 0;
  for (int i = 0; i < n; i++)
    mean += (double) (v[i] /= root[i]) / n;
  for (int i = 0; i < n; i++) {
    v[i] -= (float) mean;
    spread += fabs ((double) v[i]) / n;
    gboolean at_border = is_border (i, nodes->width, nodes->height);
    border += at_border ? (double) v[i] : 0;
    n_border += at_border;
    inside += (double) (v[i] * center_weight (nodes, i));
    center += (double) center_weight (nodes, i);
  }
  float gain = CUT_GAIN / (float) (spread + 1e-20) * (inside / center < border / n_border ? -1 : 1);
  for (int i = 0; i < n; i++)
    logits[i] = CLAMP (gain * v[i], -MAX_CUT_LOGIT, MAX_CUT_LOGIT);
}

gboolean
rv__saliency_logits (const RvImage *picture, int n_threads, float *logits, GError **error)
{
  RvMaskNodes nodes;
  if (!rv__mask_nodes (picture, n_threads, &nodes, error))
    return FALSE;
  g_autofree float *own = g_new (float, nodes.n);
  cut (&nodes, own);
  rv__resize_planes (own, 1, nodes.height, nodes.width, RV_RESIZE_BILINEAR, logits, picture->height, picture->width);
  g_free (nodes.features);
  return TRUE;
}

/* ---- colours ----------------------------------------------------------------------------------------------------- */

/* Averages neighbouring bins, 1/4, 1/2, 1/4, along each axis, and scales the sum to 1. */
static void
smooth_histogram (double *bins)
{
  for (int stride = 1; stride < N_COLORS; stride *= N_BINS) {
    double copy[N_COLORS];
    memcpy (copy, bins, sizeof copy);
    for (int i = 0; i < N_COLORS; i++) {
      int at = i / stride % N_BINS;
      bins[i] = copy[i] / 2 + (at > 0 ? copy[i - stride] / 4 : 0) + (at < N_BINS - 1 ? copy[i + stride] / 4 : 0);
    }
  }
  double sum = 1e-20;
  for (int i = 0; i < N_COLORS; i++)
    sum += bins[i];
  for (int i = 0; i < N_COLORS; i++)
    bins[i] /= sum;
}

/* Adds log odds of the colours inside and outside of the object to @logits, of the size of @image. Returns the
 * divergence of the colours inside from those outside, in nats (Kullback and Leibler 1951). */
static double
refine_by_color (const RvImage *image, float *logits)
{
  int n = image->width * image->height;
  const float *rgb = image->rgb->data;
  g_autofree int *color = g_new0 (int, n);
  g_autofree float *given = g_memdup2 (logits, (gsize) n * sizeof (float));
  for (int i = 0; i < 3 * n; i++)
    color[i % n] = color[i % n] * N_BINS + CLAMP ((int) (rgb[i] / 256 * N_BINS), 0, N_BINS - 1);
  double divergence = 0;
  for (int round = 0; round < N_COLOR_ROUNDS; round++) {
    double inside[N_COLORS] = { 0 }, outside[N_COLORS] = { 0 }, odds[N_COLORS];
    for (int i = 0; i < n; i++) {
      double part = 1 / (1 + exp ((double) (-RV_MASK_GAIN * logits[i])));
      inside[color[i]] += part;
      outside[color[i]] += 1 - part;
    }
    smooth_histogram (inside);
    smooth_histogram (outside);
    divergence = 0;
    for (int i = 0; i < N_COLORS; i++) {
      odds[i] = CLAMP (log ((inside[i] + FEW) / (outside[i] + FEW)), -MAX_COLOR_LOGIT, MAX_COLOR_LOGIT);
      divergence += inside[i] * odds[i];
    }
    for (int i = 0; i < n; i++)
      logits[i] = given[i] + (float) odds[color[i]];
    if (round < N_COLOR_ROUNDS - 1) {
      g_autoptr (RvGuided) guided = rv__guided_fit (image, logits, RV_MASK_RADIUS_PX (image), RV_MASK_EPSILON);
      rv__guided_apply (guided, image, logits);
    }
  }
  return divergence;
}

/* Whether the positions with positive @logits, [height, width], may be an object: their fraction of the picture is
 * MIN_PART_01 to MAX_PART_01, and of its border at most MAX_BORDER_01. */
static gboolean
is_object (const float *logits, int width, int height)
{
  int n = width * height, n_inside = 0, n_border = 0, n_touched = 0;
  for (int i = 0; i < n; i++) {
    gboolean at_border = is_border (i, width, height), inside = logits[i] > 0;
    n_inside += inside;
    n_border += at_border;
    n_touched += at_border && inside;
  }
  return n_inside >= MIN_PART_01 * n && n_inside <= MAX_PART_01 * n && n_touched <= MAX_BORDER_01 * n_border;
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

/* RvMaskClass.make. (transfer full) (nullable): white on people, if rv__people_certainty() is at least
 * PEOPLE_CERTAINTY_01, else on the main object. *found: "a subject"; without one it is unchanged, and the mask is
 * black. Errors of rv__mask_shrink(), rv__people_logits(), rv__saliency_logits() and rv__mask_from_logits(). */
static RvImage *
make_subject (const RvImage *picture, int n_threads, char **found, GError **error)
{
  g_autofree float *square = g_new (float, RV_PEOPLE_SIDE_PX *RV_PEOPLE_SIDE_PX);
  g_autoptr (RvImage) small = rv__mask_shrink (picture, RV_MASK_SMALL_PX, 1, error);
  if (!small || !rv__people_logits (small, n_threads, square, error))
    return NULL;
  RvImage *mask;
  gboolean is_found = rv__people_certainty (square) >= PEOPLE_CERTAINTY_01;
  if (is_found) {
    mask = rv__mask_from_square (picture, small, square, error);
  } else {
    g_autofree float *logits = g_new (float, (gsize) small->width * small->height);
    if (!rv__saliency_logits (small, n_threads, logits, error))
      return NULL;
    is_found = refine_by_color (small, logits) > MIN_DIVERGENCE && is_object (logits, small->width, small->height);
    mask = is_found ? rv__mask_from_logits (picture, small, logits, error)
                    : rv_image_new (picture->width, picture->height, error);
  }
  if (mask && is_found)
    *found = g_strdup ("a subject");
  return mask;
}

/* RvMaskClass.make. (transfer full) (nullable): the mask of make_subject(), inverted. Without a subject it is black,
 * and *found unchanged. Errors of make_subject(). */
static RvImage *
make_background (const RvImage *picture, int n_threads, char **found, GError **error)
{
  RvImage *mask = make_subject (picture, n_threads, found, error);
  float *numbers = mask ? mask->rgb->data : NULL;
  for (gint64 i = 0; mask && *found && i < rv_tensor_count (mask->rgb); i++)
    numbers[i] = 255 - numbers[i];
  return mask;
}

const RvMaskClass rv__mask_subject = { "subject", make_subject };
const RvMaskClass rv__mask_background = { "background", make_background };
