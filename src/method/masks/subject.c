/* subject.c -- the main object of a photograph. If the network of people is certain, its mask; else the sum of its log
 * odds and of a normalized cut of the built-in network's features (Wang et al. 2022, "Self-Supervised Transformers for
 * Unsupervised Object Discovery using Normalized Cut"), refined by colours (refine.c).
 *
 *   W         1 where the cosine of two positions' features is above MIN_COSINE, else NO_EDGE
 *   v         second eigenvector of D^-1/2 W D^-1/2, by power iteration from a bump in the centre of the picture
 *   cut       v D^-1/2, scaled to mean 0 and deviation 1; positive for the part that is stronger in the centre
 *   evidence  CUT_WEIGHT cut + asinh (log odds of people / PEOPLE_SCALE)
 *
 * Without people, the network of people still has higher log odds on a thing in front than elsewhere, though all may be
 * far below 0. The object is where the evidence is closer to the object's than to that of the picture's border. */
#include "base/dot.h"
#include "masks.h"
#include "op/op.h"
#include <math.h>
#include <stdlib.h>

#define PEOPLE_CERTAINTY_01 0.75 /* from here on, the mask of people is the object */

#define MIN_COSINE 0.2
#define NO_EDGE 1e-5f
#define N_POWERS 60
#define CENTER_SIGMA_01 0.25 /* sigma of the first vector, in sides of the picture */

#define CUT_WEIGHT 1.5f
#define PEOPLE_SCALE 5.0f
#define OBJECT_01 0.98     /* quantile of the evidence that stands for the object */
#define THRESHOLD_01 0.6f  /* position of the threshold between the border's evidence and the object's */
#define EVIDENCE_GAIN 1.5f /* log odds of the object for a unit of evidence above the threshold */
#define MAX_LOGIT 3.0f

#define MIN_PART_01 0.01   /* smallest fraction of the picture that an object covers */
#define MAX_PART_01 0.9    /* largest fraction of the picture that an object covers */
#define MAX_BORDER_01 0.3  /* largest fraction of the picture's border that an object touches */
#define MIN_DIVERGENCE 0.6 /* nats; smaller: object and background have the same colours */
#define MIN_CONTRAST 3     /* least difference of the evidence of object and border */

RV_DEFINE_DOT (dot, float)

/* ---- normalized cut ---------------------------------------------------------------------------------------------- */

/* (transfer full: g_free()): the weights W of edges between all pairs of positions, [n, n], n: nodes->n. */
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

/* Value of a Gaussian bump in the centre of the picture, 1 there and falling to the border, at position @i. */
static float
center_weight (const RvMaskNodes *nodes, int i)
{
  double x = (i % nodes->width + 0.5) / nodes->width - 0.5, y = (i / nodes->width + 0.5) / nodes->height - 0.5;
  return (float) exp (-(x * x + y * y) / (2 * CENTER_SIGMA_01 * CENTER_SIGMA_01));
}

/* Whether position @i of [@height, @width] lies in the first or last row or column. */
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

/* Writes the cut: one number for each position, with mean 0 and deviation 1, positive in the part that is stronger in
 * the centre. @v: (out caller-allocates): [nodes->n]. Cannot fail. */
static void
cut (const RvMaskNodes *nodes, float *v)
{
  int n = nodes->n;
  g_autofree float *edges = connect (nodes), *root = g_new (float, n), *first = g_new (float, n),
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
  double mean = 0, variance = 0, inside = 0, border = 0, n_border = 0, center = 0;
  for (int i = 0; i < n; i++)
    mean += (double) (v[i] /= root[i]) / n;
  for (int i = 0; i < n; i++) {
    v[i] -= (float) mean;
    variance += (double) (v[i] * v[i]) / n;
    gboolean at_border = is_border (i, nodes->width, nodes->height);
    border += at_border ? (double) v[i] : 0;
    n_border += at_border;
    inside += (double) (v[i] * center_weight (nodes, i));
    center += (double) center_weight (nodes, i);
  }
  float scale = (float) ((inside / center < border / n_border ? -1 : 1) / (sqrt (variance) + 1e-20));
  for (int i = 0; i < n; i++)
    v[i] *= scale;
}

/* ---- evidence ---------------------------------------------------------------------------------------------------- */

/* GCompareFunc: the smaller float first. */
static int
by_value (gconstpointer one, gconstpointer other)
{
  float a = *(const float *) one, b = *(const float *) other;
  return (a > b) - (a < b);
}

/* Replaces @evidence, [nodes->n], by log odds of the object, within +-MAX_LOGIT. Returns its contrast: the quantile
 * OBJECT_01 minus the median at the border. */
static float
set_threshold (const RvMaskNodes *nodes, float *evidence)
{
  int n = nodes->n, n_border = 0;
  gsize bytes = (gsize) n * sizeof (float);
  g_autofree float *all = g_memdup2 (evidence, bytes), *border = g_malloc (bytes);
  for (int i = 0; i < n; i++)
    if (is_border (i, nodes->width, nodes->height))
      border[n_border++] = evidence[i];
  qsort (all, (gsize) n, sizeof (float), by_value);
  qsort (border, (gsize) n_border, sizeof (float), by_value);
  float low = border[n_border / 2], contrast = all[(int) (OBJECT_01 * (n - 1))] - low;
  for (int i = 0; i < n; i++)
    evidence[i] = CLAMP (EVIDENCE_GAIN * (evidence[i] - low - THRESHOLD_01 * contrast), -MAX_LOGIT, MAX_LOGIT);
  return contrast;
}

/* Writes the log odds that a position of @picture belongs to the main object. @people: rv__people_logits() of @picture.
 * @logits: (out caller-allocates): [picture->height, picture->width]. *contrast: (out): that of set_threshold(). */
static gboolean
weigh (const RvImage *picture, const float *people, int n_threads, float *logits, float *contrast, GError **error)
{
  RvMaskNodes nodes;
  if (!rv__mask_nodes (picture, n_threads, &nodes, error))
    return FALSE;
  g_autofree float *evidence = g_new (float, nodes.n), *means = g_new (float, nodes.n);
  cut (&nodes, evidence);
  rv__mask_cell_means (people, RV_PEOPLE_SIDE_PX, RV_PEOPLE_SIDE_PX, nodes.height, nodes.width, means);
  for (int i = 0; i < nodes.n; i++)
    evidence[i] = CUT_WEIGHT * evidence[i] + asinhf (means[i] / PEOPLE_SCALE);
  *contrast = set_threshold (&nodes, evidence);
  rv__resize_planes (evidence, 1, nodes.height, nodes.width, RV_RESIZE_BILINEAR, logits, picture->height,
                     picture->width);
  g_free (nodes.features);
  return TRUE;
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

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

/* RvMaskClass.make. (transfer full) (nullable): white on people, if rv__people_certainty() is at least
 * PEOPLE_CERTAINTY_01, else on the main object. *found: "a subject"; without one it is unchanged, and the mask is
 * black. */
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
    float contrast;
    if (!weigh (small, square, n_threads, logits, &contrast, error))
      return NULL;
    is_found = rv__mask_refine (small, logits) > MIN_DIVERGENCE && contrast > MIN_CONTRAST &&
               is_object (logits, small->width, small->height);
    mask = is_found ? rv__mask_from_logits (picture, small, logits, error)
                    : rv_image_new (picture->width, picture->height, error);
  }
  if (mask && is_found)
    *found = g_strdup ("a subject");
  return mask;
}

/* RvMaskClass.make. (transfer full) (nullable): the mask of make_subject(), inverted. Without a subject it is black,
 * and *found unchanged. */
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
