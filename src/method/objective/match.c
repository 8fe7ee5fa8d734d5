/* match.c -- targets from the best matches of features (match.h). */
#include "method/objective/match.h"
#include "base/cancel.h"
#include "base/alloc.h"
#include "base/dot.h"
#include "base/sample.h"
#include "objective-internal.h"
#include "op/op.h"
#include <math.h>
#include <string.h>

#define CHUNK_NUMBERS (1 << 21) /* features that are joined at once, roughly */
#define LINE 16                 /* floats of a cache line, read or written together */
#define POSITION_BYTES (sizeof (gint32) + sizeof (float) + sizeof (gint16)) /* match, weight and bank of a position */
#define SMALLEST_LENGTH 1e-12
#define NO_BANK (-1)
#define FLAT 0.75 /* limits of the smoothstep of d */
#define DETAILED 1.25

struct _RvFeatureBank {
  gint64 channels, positions;
  float *features; /* [positions, channels]: all layers, each divided by its number of channels */
};

/* A layer's targets of one picture, [channels, rows, cols]. */
typedef struct {
  RvTermInstance *instance;
  int n; /* number of the picture */
  gint64 channels, rows, cols;
  guint8 *data;    /* plain rows */
  gsize unit;      /* bytes per number: float or minifloat */
  gboolean copied; /* a copy of the program's value, owned; written back at the end */
} Layer;

RvFeatureBank *
rv__feature_bank_new (void)
{
  return g_new0 (RvFeatureBank, 1);
}

void
rv__feature_bank_free (RvFeatureBank *bank)
{
  if (!bank)
    return;
  rv__free (bank->features);
  g_free (bank);
}

/* ---- layers ------------------------------------------------------------------------------------------------------ */

/* Frees the data of a Layer that has a copy; borrowed data and the struct stay. */
static void
clear_layer (gpointer data)
{
  Layer *layer = data;
  if (layer->copied)
    rv__free (layer->data);
}

/* Fills *layer with the target features of @instance for picture @n of x: borrowed from host_target if it is set, else
 * a copy. Only RV_F32. clear_layer() frees the copy, also after an error. */
static gboolean
open_layer (RvObjective *objective, int n, RvTermInstance *instance, Layer *layer, GError **error)
{
  const RvShape *shape = rv__program_shape (objective->executable->program, instance->feature);
  layer->instance = instance;
  layer->n = n;
  layer->channels = shape->dim[1];
  layer->rows = instance->host_target ? instance->rows : shape->dim[2];
  layer->cols = instance->host_target ? instance->info.positions / instance->rows : shape->dim[3];
  layer->unit = instance->host_target ? rv__objective_target_unit (objective, instance) : sizeof (float);
  if (instance->host_target) {
    layer->data =
      (guint8 *) instance->host_target + (gsize) (n * instance->info.channels * instance->info.positions) * layer->unit;
    return TRUE;
  }
  layer->copied = TRUE;
  layer->data = rv__alloc ((gsize) (layer->channels * layer->rows * layer->cols) * sizeof (float),
                           "the features to be matched", error);
  return layer->data && rv__executable_get (objective->executable, instance->target, layer->data, error);
}

/* Layers whose terms compare picture @n of x with target picture 0; may be empty. (transfer full: g_array_unref())
 * (nullable). */
static GArray *
open_layers (RvObjective *objective, int n, GError **error)
{
  g_autoptr (GArray) layers = g_array_new (FALSE, TRUE, sizeof (Layer));
  g_array_set_clear_func (layers, clear_layer);
  for (guint i = 0; i < objective->instances->len; i++) {
    RvTermInstance *instance = instance_at (objective, i);
    if (instance->target < 0 || instance->term->picture != 0 || !instance->term->layer)
      continue;
    g_array_set_size (layers, layers->len + 1);
    if (!open_layer (objective, n, instance, &g_array_index (layers, Layer, layers->len - 1), error))
      return NULL;
  }
  return g_steal_pointer (&layers);
}

/* Layer @i, from 0, of @layers. Borrowed from @layers. */
static const Layer *
layer_at (const GArray *layers, guint i)
{
  return &g_array_index (layers, Layer, i);
}

/* The layer with most positions, the first of several; @layers has at least one. Borrowed from @layers. */
static const Layer *
finest_layer (const GArray *layers)
{
  const Layer *finest = layer_at (layers, 0);
  for (guint i = 1; i < layers->len; i++)
    if (layer_at (layers, i)->rows * layer_at (layers, i)->cols > finest->rows * finest->cols)
      finest = layer_at (layers, i);
  return finest;
}

/* Number of channels of all @layers together. */
static gint64
count_channels (const GArray *layers)
{
  gint64 n = 0;
  for (guint i = 0; i < layers->len; i++)
    n += layer_at (layers, i)->channels;
  return n;
}

/* Address of row @row of channel @channel, layer->cols numbers of layer->unit bytes. Borrowed. */
static guint8 *
row_at (const Layer *layer, gint64 channel, gint64 row)
{
  return layer->data + (gsize) ((channel * layer->rows + row) * layer->cols) * layer->unit;
}

/* Copies row @row of channel @channel to @to, [layer->cols], as floats. */
static void
read_row (const Layer *layer, gint64 channel, gint64 row, float *to)
{
  rv__objective_copy_row (row_at (layer, channel, row), layer->unit, (guint8 *) to, sizeof *to, layer->cols);
}

/* Writes row @row of the finest grid, of one channel of a layer, to @to, [finest->cols]; enlarged bilinearly if
 * coarser. @left[x], @right[x]: first column of the layer for column x of the finest grid, and weight of the next
 * column (rv__bilinear_position()). @above, @below: workspace of one row of the layer each. */
static void
read_fine_row (const Layer *layer, const Layer *finest, gint64 channel, gint64 row, const gint64 *left,
               const float *right, float *above, float *below, float *to)
{
  if (layer->rows == finest->rows && layer->cols == finest->cols) {
    read_row (layer, channel, row, to);
    return;
  }
  float down;
  gint64 first = rv__bilinear_position (row, finest->rows, layer->rows, &down);
  read_row (layer, channel, first, above);
  read_row (layer, channel, MIN (first + 1, layer->rows - 1), below);
  for (gint64 x = 0; x < finest->cols; x++) {
    gint64 here = left[x], next = MIN (here + 1, layer->cols - 1);
    float a = above[here] + right[x] * (above[next] - above[here]),
          b = below[here] + right[x] * (below[next] - below[here]);
    to[x] = a + down * (b - a);
  }
}

/* Writes rows @first to @end - 1 of the finest grid to @joined, [channels, rows, cols]: the channels of all layers,
 * each divided by the layer's number of channels. Cannot fail. */
static void
join_rows (const GArray *layers, const Layer *finest, gint64 first, gint64 end, float *joined)
{
  gint64 n = (end - first) * finest->cols, done = 0;
  g_autofree gint64 *left = g_new (gint64, finest->cols);
  g_autofree float *right = g_new (float, finest->cols);
  for (guint i = 0; i < layers->len; i++) {
    const Layer *layer = layer_at (layers, i);
    float scale = 1 / (float) layer->channels;
    for (gint64 x = 0; x < finest->cols; x++)
      left[x] = rv__bilinear_position (x, finest->cols, layer->cols, &right[x]);
#pragma omp parallel
    {
      g_autofree float *above = g_new (float, layer->cols), *below = g_new (float, layer->cols);
#pragma omp for schedule(static)
      for (gint64 c = 0; c < layer->channels; c++)
        for (gint64 y = first; y < end; y++) {
          float *to = joined + (done + c) * n + (y - first) * finest->cols;
          read_fine_row (layer, finest, c, y, left, right, above, below, to);
          for (gint64 x = 0; x < finest->cols; x++)
            to[x] *= scale;
        }
    }
    done += layer->channels;
  }
}

/* Number of rows of @finest whose @channels are joined at once, 1 to all. */
static gint64
chunk_rows (const Layer *finest, gint64 channels)
{
  return CLAMP (CHUNK_NUMBERS / (finest->cols * channels), 1, finest->rows);
}

/* ---- banks ------------------------------------------------------------------------------------------------------- */

/* Index, in a plane of the objective's picture, of the pixel at the centre of the position in row @y and column @x of
 * @layer. */
static gint64
pixel_of (const RvObjective *objective, const Layer *layer, gint64 y, gint64 x)
{
  return (2 * y + 1) * objective->height / (2 * layer->rows) * objective->width +
         (2 * x + 1) * objective->width / (2 * layer->cols);
}

/* (transfer full: rv__free()) (nullable): the positions of the finest grid whose pixel in @mask is at least half, in
 * order; all positions if there are none, or @mask is NULL. *n: (out): their number. */
static gint64 *
choose_positions (const RvObjective *objective, const Layer *finest, const float *mask, gint64 *n, GError **error)
{
  gint64 N = finest->rows * finest->cols, *chosen = rv__alloc ((gsize) N * sizeof *chosen, "positions", error);
  *n = 0;
  for (gint64 i = 0; chosen && mask && i < N; i++)
    if (mask[pixel_of (objective, finest, i / finest->cols, i % finest->cols)] >= 0.5f)
      chosen[(*n)++] = i;
  for (gint64 i = 0; chosen && *n == i && i < N; i++)
    chosen[(*n)++] = i;
  return chosen;
}

/* Adds to @bank the features at n of the N positions that choose_positions() chooses by @mask, the k * N / n-th for
 * each k below n. @max_positions limits n. @objective: that of @layers. An error leaves @bank unchanged. */
static gboolean
add_positions (RvFeatureBank *bank, const RvObjective *objective, const GArray *layers, const float *mask,
               gint64 max_positions, GError **error)
{
  const Layer *finest = finest_layer (layers);
  gint64 N, channels = count_channels (layers);
  gint64 *chosen = choose_positions (objective, finest, mask, &N, error), n = MIN (N, max_positions),
         rows = chunk_rows (finest, channels);
  float *joined =
    chosen ? rv__alloc ((gsize) (channels * rows * finest->cols) * sizeof (float), "features", error) : NULL;
  float *all =
    joined ? rv__alloc ((gsize) (channels * (bank->positions + n)) * sizeof (float), "features", error) : NULL;
  if (!all) {
    rv__free (joined);
    rv__free (chosen);
    return FALSE;
  }
  if (bank->features)
    memcpy (all, bank->features, (gsize) (channels * bank->positions) * sizeof (float));
  for (gint64 first = 0, k = 0; first < finest->rows; first += rows) {
    gint64 end = MIN (first + rows, finest->rows), chunk = (end - first) * finest->cols;
    join_rows (layers, finest, first, end, joined);
    for (; k < n && chosen[k * N / n] < end * finest->cols; k++)
      for (gint64 c = 0; c < channels; c++)
        all[(bank->positions + k) * channels + c] = joined[c * chunk + chosen[k * N / n] - first * finest->cols];
  }
  rv__free (joined);
  rv__free (chosen);
  rv__free (bank->features);
  bank->features = all;
  bank->channels = channels;
  bank->positions += n;
  return TRUE;
}

gboolean
rv__feature_bank_add (RvFeatureBank *bank, const RvObjective *objective, const float *picture, const float *mask,
                      int height, int width, gint64 max_positions, GError **error)
{
  g_autoptr (GArray) terms = g_array_new (FALSE, FALSE, sizeof (RvTerm));
  for (guint i = 0; i < objective->spec.terms->len; i++) {
    const RvTerm *term = &g_array_index (objective->spec.terms, RvTerm, i);
    if (term->loss->target == RV_TARGET_FEATURES && term->picture == 0 && term->layer)
      g_array_append_vals (terms, term, 1);
  }
  g_autoptr (RvObjective) other = rv__objective_new_for_target (objective, terms, NULL, NULL, height, width, error);
  if (!other || !rv__objective_set_features (other, 0, picture, error))
    return FALSE;
  g_autoptr (GArray) layers = open_layers (other, 0, error);
  return layers && add_positions (bank, other, layers, mask, max_positions, error);
}

/* ---- matching ---------------------------------------------------------------------------------------------------- */

/* @C of a bank's channels, from @first_channel on, minus their mean; each position normalised to length 1: [C,
 * positions]. (transfer full: rv__free()) (nullable). */
static float *
bank_directions (const RvFeatureBank *bank, gint64 first_channel, gint64 C, GError **error)
{
  gint64 n = bank->positions;
  const float *features = bank->features + first_channel;
  float *directions = rv__alloc ((gsize) (C * n) * sizeof (float), "features", error);
  g_autofree double *mean = g_new0 (double, C);
  if (!directions)
    return NULL;
#pragma omp parallel for schedule(static)
  for (gint64 first = 0; first < C; first += LINE)
    for (gint64 q = 0; q < n; q++)
      for (gint64 c = first; c < MIN (first + LINE, C); c++)
        mean[c] += (double) features[q * bank->channels + c] / (double) n;
#pragma omp parallel for schedule(static)
  for (gint64 first = 0; first < n; first += LINE) {
    gint64 end = MIN (first + LINE, n);
    double lengths[LINE];
    for (gint64 q = first; q < end; q++) {
      double squares = 0;
      for (gint64 c = 0; c < C; c++) {
        double x = (double) features[q * bank->channels + c] - mean[c];
        squares += x * x;
      }
      lengths[q - first] = MAX (sqrt (squares), SMALLEST_LENGTH);
    }
    for (gint64 c = 0; c < C; c++)
      for (gint64 q = first; q < end; q++)
        directions[c * n + q] = (float) (((double) features[q * bank->channels + c] - mean[c]) / lengths[q - first]);
  }
  return directions;
}

/* Writes the bank for each position of the finest grid to @owner, zeroed, [rows, cols]: the bank whose mask is largest
 * at the position's centre; NO_BANK if all masks are 0 there. @masks: RvMatchSpec.masks; NULL: bank 0 everywhere. */
static void
choose_banks (const RvObjective *objective, const Layer *finest, int n_banks, const float *const *masks, gint16 *owner)
{
  for (gint64 y = 0; masks && y < finest->rows; y++)
    for (gint64 x = 0; x < finest->cols; x++) {
      gint64 pixel = pixel_of (objective, finest, y, x);
      int best = NO_BANK;
      float most = 0;
      for (int i = 0; i < n_banks; i++)
        if (masks[i][pixel] > most) {
          most = masks[i][pixel];
          best = i;
        }
      owner[y * finest->cols + x] = (gint16) best;
    }
}

/* Inputs of the matching with one bank. All members are borrowed. */
typedef struct {
  const GArray *layers;
  const Layer *finest;
  gint64 first_channel, channels; /* the layers' range of the bank's channels */
  const gint16 *owner;            /* of choose_banks() */
  int bank;
  float *joined; /* a chunk of rows, [channels, positions] */
} Matching;

RV_DEFINE_DOT (dot, float)

/* Sets @mean, [m->channels], to the mean of H (match.h) over the positions p whose m->owner is m->bank; to 0 without
 * such positions. Returns their number. Overwrites m->joined. Cannot fail. */
static gint64
compute_mean (const Matching *m, double *mean)
{
  gint64 n = 0, channels = m->channels, rows = chunk_rows (m->finest, channels);
  g_autofree float *weights = g_new (float, rows * m->finest->cols); /* 1: has the owner; 0: has another */
  memset (mean, 0, (gsize) channels * sizeof *mean);
  for (gint64 first = 0; first < m->finest->rows; first += rows) {
    gint64 end = MIN (first + rows, m->finest->rows), chunk = (end - first) * m->finest->cols;
    const gint16 *owner = m->owner + first * m->finest->cols;
    join_rows (m->layers, m->finest, first, end, m->joined);
    for (gint64 p = 0; p < chunk; p++) {
      weights[p] = owner[p] == m->bank;
      n += owner[p] == m->bank;
    }
#pragma omp parallel for schedule(static)
    for (gint64 c = 0; c < channels; c++)
      mean[c] += dot (m->joined + c * chunk, weights, chunk);
  }
  for (gint64 c = 0; c < channels; c++)
    mean[c] /= (double) MAX (n, 1);
  return n;
}

/* Sets best[p], for the positions p of rows @first to @end - 1 whose owner is this bank, to the index in @directions,
 * [channels, n_positions], that best matches H - @mean. Other elements stay. Overwrites m->joined. */
static gboolean
match_rows (const RvObjective *objective, const Matching *m, const float *directions, gint64 n_positions,
            const double *mean, gint64 first, gint64 end, gint32 *best, GError **error)
{
  gint64 cols = m->finest->cols, n = (end - first) * cols, C = m->channels;
  join_rows (m->layers, m->finest, first, end, m->joined);
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < C; c++)
    for (gint64 p = 0; p < n; p++)
      m->joined[c * n + p] -= (float) mean[c];
  g_autofree float *nearest = g_new (float, n);
  double total; /* large enough for either type */
  RvOpAttrs attrs = { .interior = { 0 } };
  RvView in[] = { { m->joined, rv_shape (4, 1, C, 1, n), 1 },
                  { (void *) directions, rv_shape (2, C, n_positions), 1 } };
  RvView out[] = { { &total, rv_shape (1, 1), 1 }, { nearest, rv_shape (1, n), 1 } };
  if (!rv__backend_compute (objective->spec.backend, &objective->spec.compile, RV_OP_BEST_MATCH, &attrs, 2, in, out,
                            error))
    return FALSE;
  for (gint64 p = 0; p < n; p++)
    if (m->owner[first * cols + p] == m->bank)
      best[first * cols + p] = (gint32) nearest[p];
  return TRUE;
}

/* Sets best[p] to the position in @bank, of number m->bank, that matches best, for all p with this m->owner; others
 * stay. */
static gboolean
match_bank (const RvObjective *objective, const Matching *m, const RvFeatureBank *bank, gint32 *best, GError **error)
{
  g_autofree double *mean = g_new (double, m->channels);
  gint64 rows = chunk_rows (m->finest, m->channels);
  if (compute_mean (m, mean) == 0)
    return TRUE;
  float *directions = bank_directions (bank, m->first_channel, m->channels, error);
  gboolean ok = directions != NULL;
  for (gint64 first = 0; ok && first < m->finest->rows; first += rows) {
    ok = rv__check_cancelled (error) && match_rows (objective, m, directions, bank->positions, mean, first,
                                                    MIN (first + rows, m->finest->rows), best, error);
  }
  rv__free (directions);
  return ok;
}

/* ---- detail ------------------------------------------------------------------------------------------------------ */

/* Sets @lengths, [rows, cols], to the length of H - mean H (match.h) at each position of the finest grid, divided by
 * their mean. */
static gboolean
measure_lengths (const GArray *layers, const Layer *finest, float *lengths, GError **error)
{
  gint64 C = count_channels (layers), rows = chunk_rows (finest, C), n = finest->rows * finest->cols;
  gint64 n_joined = C * rows * finest->cols;
  g_autofree double *mean = g_new (double, C);
  float *joined = rv__alloc ((gsize) n_joined * sizeof (float) + (gsize) n * sizeof (gint16), "features", error);
  double sum = 0;
  if (!joined)
    return FALSE;
  const gint16 *owner = (const gint16 *) (joined + n_joined); /* 0: one bank for all */
  compute_mean (&(Matching){ layers, finest, 0, C, owner, 0, joined }, mean);
  for (gint64 first = 0; first < finest->rows; first += rows) {
    gint64 end = MIN (first + rows, finest->rows), chunk = (end - first) * finest->cols;
    join_rows (layers, finest, first, end, joined);
#pragma omp parallel for schedule(static)
    for (gint64 p = 0; p < chunk; p++) {
      double squares = 0;
      for (gint64 c = 0; c < C; c++) {
        double difference = (double) joined[c * chunk + p] - mean[c];
        squares += difference * difference;
      }
      lengths[first * finest->cols + p] = (float) sqrt (squares);
    }
  }
  rv__free (joined);
  for (gint64 p = 0; p < n; p++)
    sum += (double) lengths[p];
  for (gint64 p = 0; p < n; p++)
    lengths[p] *= (float) ((double) n / MAX (sum, SMALLEST_LENGTH));
  return TRUE;
}

gboolean
rv__objective_measure_detail (RvObjective *objective, float *detail, GError **error)
{
  g_autoptr (GArray) layers = open_layers (objective, 0, error);
  if (!layers)
    return FALSE;
  const Layer *finest = finest_layer (layers);
  gint64 n = finest->rows * finest->cols;
  float *lengths = rv__alloc ((gsize) n * sizeof *lengths, "detail", error);
  gboolean ok = lengths && measure_lengths (layers, finest, lengths, error);
  for (gint64 p = 0; ok && p < n; p++) {
    double t = CLAMP (((double) lengths[p] - FLAT) / (DETAILED - FLAT), 0, 1);
    lengths[p] = (float) (t * t * (3 - 2 * t));
  }
  if (ok)
    rv__resize_planes (lengths, 1, (int) finest->rows, (int) finest->cols, RV_RESIZE_BILINEAR, detail,
                       objective->height, objective->width);
  rv__free (lengths);
  return ok;
}

/* ---- targets ----------------------------------------------------------------------------------------------------- */

/* Matches of one layer's positions. All members are borrowed. */
typedef struct {
  const RvMatchSpec *spec;
  const gint16 *owner;  /* of choose_banks() */
  const gint32 *best;   /* position in the owner's bank that matches best; undefined for NO_BANK */
  const float *own;     /* m at each position */
  gint64 first_channel; /* first channel of the layer in the bank */
} Matches;

/* Adds @n channels of the banks, from @channel on, at the matches of position @x, @y of @layer to sums[0 .. n-1], and
 * the mean of m over the positions of @finest, the largest layer, that it covers to *own. FALSE: not all of them have a
 * match; the sums are undefined. Cannot fail. */
static gboolean
add_matches (const Layer *layer, const Layer *finest, const Matches *matches, gint64 channel, gint64 n, gint64 y,
             gint64 x, double *sums, double *own)
{
  gint64 down = MAX (finest->rows / layer->rows, 1), across = MAX (finest->cols / layer->cols, 1);
  for (gint64 k = 0; k < down * across; k++) {
    gint64 p = (y * down + k / across) * finest->cols + x * across + k % across;
    if (matches->owner[p] == NO_BANK)
      return FALSE;
    const RvFeatureBank *bank = matches->spec->banks[matches->owner[p]];
    const float *features = bank->features + matches->best[p] * bank->channels + channel;
    *own += (double) matches->own[p] / (double) (down * across);
    for (gint64 c = 0; c < n; c++)
      sums[c] += (double) features[c] / (double) (down * across);
  }
  return TRUE;
}

/* Overwrites row @y of @n channels of @layer, from @first on, at most LINE, with T of match.h. A position changes only
 * if all positions of @finest that it covers have a match. Returns the sum of the squares of the new numbers. @rows:
 * workspace, [LINE, cols]. Cannot fail. */
static double
replace_row (const Layer *layer, const Layer *finest, const Matches *matches, gint64 first, gint64 n, gint64 y,
             float *rows)
{
  double sum = 0;
  for (gint64 c = 0; c < n; c++)
    read_row (layer, first + c, y, rows + c * layer->cols);
  for (gint64 x = 0; x < layer->cols; x++) {
    double sums[LINE] = { 0 }, own = 0;
    gboolean matched = add_matches (layer, finest, matches, matches->first_channel + first, n, y, x, sums, &own);
    for (gint64 c = 0; c < n; c++) {
      float *to = rows + c * layer->cols + x;
      if (matched)
        *to = (float) (own * (double) *to + (1 - own) * sums[c] * (double) layer->channels);
      sum += (double) *to * (double) *to;
    }
  }
  for (gint64 c = 0; c < n; c++)
    rv__objective_copy_row ((const guint8 *) (rows + c * layer->cols), sizeof *rows, row_at (layer, first + c, y),
                            layer->unit, layer->cols);
  return sum;
}

/* Overwrites a layer's targets with T of match.h, in layer->data. Returns the sum of their squares. Cannot fail. */
static double
replace_layer (const Layer *layer, const Layer *finest, const Matches *matches)
{
  g_autofree double *squares = g_new0 (double, layer->rows);
  double sum = 0;
#pragma omp parallel
  {
    g_autofree float *rows = g_new (float, LINE * layer->cols);
#pragma omp for schedule(static)
    for (gint64 y = 0; y < layer->rows; y++)
      for (gint64 c = 0; c < layer->channels; c += LINE)
        squares[y] += replace_row (layer, finest, matches, c, MIN (LINE, layer->channels - c), y, rows);
  }
  for (gint64 y = 0; y < layer->rows; y++)
    sum += squares[y];
  return sum;
}

/* Replaces the targets of @layers by T of match.h, and the norms of their terms. @matches: of the positions of @finest,
 * the largest of @layers; first_channel: that of the first layer. An error may leave some replaced. */
static gboolean
replace_targets (RvObjective *objective, const GArray *layers, const Layer *finest, Matches matches, GError **error)
{
  for (guint i = 0; i < layers->len; i++) {
    const Layer *layer = layer_at (layers, i);
    layer->instance->norm[layer->n].sum[0][0] = replace_layer (layer, finest, &matches);
    matches.first_channel += layer->channels;
    if (layer->copied && !rv__executable_set (objective->executable, layer->instance->target, layer->data, error))
      return FALSE;
  }
  return TRUE;
}

/* Replaces the targets of @layers, matched together, by T of match.h, and the norms of their terms. @first_channel: the
 * banks' channel that is the first of @layers. An error may leave some targets replaced. */
static gboolean
match_layers (RvObjective *objective, const GArray *layers, gint64 first_channel, const RvMatchSpec *spec,
              GError **error)
{
  const Layer *finest = finest_layer (layers);
  gint64 n = finest->rows * finest->cols, channels = count_channels (layers);
  gint32 *best = rv__alloc ((gsize) n * POSITION_BYTES, "matches", error);
  if (!best)
    return FALSE;
  float *own = (float *) (best + n),
        *joined = rv__alloc ((gsize) (channels * chunk_rows (finest, channels) * finest->cols) * sizeof (float),
                             "the features to be matched", error);
  gint16 *owner = (gint16 *) (own + n);
  gboolean ok = joined != NULL;
  if (ok)
    choose_banks (objective, finest, spec->n_banks, spec->masks, owner);
  for (gint64 p = 0; ok && p < n; p++)
    own[p] = spec->shares ? spec->shares[pixel_of (objective, finest, p / finest->cols, p % finest->cols)]
                          : (float) spec->uniform_share;
  for (int i = 0; ok && i < spec->n_banks; i++) {
    Matching matching = { layers, finest, first_channel, channels, owner, i, joined };
    ok = match_bank (objective, &matching, spec->banks[i], best, error);
  }
  ok = ok && replace_targets (objective, layers, finest, (Matches){ spec, owner, best, own, first_channel }, error);
  rv__free (joined);
  rv__free (best);
  return ok;
}

/* Replaces the targets of picture @n of x that are compared with target picture 0, by match_layers(). TRUE also if
 * there are none. */
static gboolean
match_picture (RvObjective *objective, int n, const RvMatchSpec *spec, GError **error)
{
  g_autoptr (GArray) layers = open_layers (objective, n, error);
  if (!layers || layers->len == 0)
    return layers != NULL;
  if (spec->jointly)
    return match_layers (objective, layers, 0, spec, error);
  gboolean ok = TRUE;
  gint64 first_channel = 0;
  for (guint i = 0; ok && i < layers->len; i++) {
    g_autoptr (GArray) alone = g_array_new (FALSE, FALSE, sizeof (Layer)); /* borrows the layer's data */
    g_array_append_vals (alone, layer_at (layers, i), 1);
    ok = match_layers (objective, alone, first_channel, spec, error);
    first_channel += layer_at (layers, i)->channels;
  }
  return ok;
}

gboolean
rv__objective_match_targets (RvObjective *objective, const RvMatchSpec *spec, GError **error)
{
  gboolean ok = TRUE;
  for (int n = 0; ok && n < objective->spec.n_pictures; n++)
    ok = match_picture (objective, n, spec, error);
  return ok;
}

gboolean
rv__match_blur (float *planes, gint64 n, int height, int width, GError **error)
{
  int rows = MAX (height / 2, 1), cols = MAX (width / 2, 1);
  float *half = rv__alloc ((gsize) rows * (gsize) cols * sizeof (float), "a picture", error);
  for (gint64 i = 0; half && i < n; i++) {
    float *plane = planes + i * height * width;
    rv__resize_planes (plane, 1, height, width, RV_RESIZE_BILINEAR, half, rows, cols);
    rv__resize_planes (half, 1, rows, cols, RV_RESIZE_BILINEAR, plane, height, width);
  }
  rv__free (half);
  return half != NULL;
}

gsize
rv__objective_match_bytes (const RvObjective *objective)
{
  gsize channels = 0, features = 0, positions = 0, cols = 0;
  for (guint i = 0; objective->spec.n_matched > 0 && i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    if (instance->target < 0 || instance->term->picture != 0 || !instance->term->layer)
      continue;
    channels += (gsize) instance->info.channels;
    positions = MAX (positions, (gsize) instance->info.positions);
    cols = MAX (cols, (gsize) (instance->info.positions / instance->rows));
    if (rv__objective_is_resident (objective)) /* a copy of the targets */
      features += (gsize) (instance->info.channels * instance->info.positions) * sizeof (float);
  }
  gsize bank = channels * (gsize) objective->spec.n_matched * sizeof (float);
  gsize joined = MAX (CHUNK_NUMBERS, channels * cols) * sizeof (float);
  return 2 * bank + features + joined + positions * POSITION_BYTES;
}
