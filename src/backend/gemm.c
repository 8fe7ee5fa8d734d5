/* gemm.c -- convolutions of any shape as matrix products, without the matrix ever being there as a whole.
 *
 * Forward, y[position][o] is the product of V[position][k] and U[k][o], where k counts the kernel's taps and, within
 * each, the channels of x: V holds what x has under each tap. To data it is the same, gx from gy: the positions fall
 * into one phase for each remainder of row and column by the stride, and in each only some taps meet a position of gy.
 * To weights, gw[k][o] is the sum over positions of V[position][k] gy[position][o].
 *
 * V is gathered for a strip of some hundred positions and a chunk of k at a time, in vectors of `lanes` of its k: where
 * x lies in channel blocks, each is one vector of x. It stays in cache while all outputs are computed from it.
 *
 * Where y has so few channels that they fill no vector (3, of a picture), columns of the kernel are outputs, not taps:
 * z[position][o, v] is the product of what x has under column v's taps, and y[j][o] the sum of z along a row. Of 9 x 9
 * to three channels that is 27 outputs instead of 3, of a ninth of the taps.
 *
 * Sums run over k, or over positions, in one order, so the result does not depend on the number of threads.
 */
#include "gemm.h"
#include "base/alloc.h"
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#else
#define omp_get_thread_num() 0
#endif

#define GROUP RV_GEMM_GROUP
#define MAX_LANES 16
#define STRIP_POSITIONS 96     /* of V that are computed at a time, about */
#define MAX_STRIP 128          /* of V that are computed at a time, at most */
#define CHUNK_BYTES (16 << 10) /* of U that one product reads: half a first-level cache */
#define MAX_SPREAD 96          /* outputs that are channels times columns of the kernel, at most */
#define MAX_SPREAD_COLUMNS 16  /* of the kernel: a strip has that many positions more than y */
#define ITEMS_PER_THREAD 4     /* pieces of work: threads that are done early find more */

/* Where an axis of x lies under a tap: row = position * x_step + first. */
typedef struct {
  int u, v; /* of the kernel */
  gint64 row, col;
} Tap;

/* Positions of y, first + i * step along each axis, that share their taps. */
typedef struct {
  gint64 first[2], step[2], count[2], x_step[2];
  gint64 n_positions;
  Tap *taps;
  int n_taps, n_blocks; /* vectors of k */
  gsize packed_floats;  /* before this phase's weights */
} Phase;

/* One side: what is read, or what is written. */
typedef struct {
  gint64 n, channels, rows, cols;
  int block;
} Side;

struct _RvGemm {
  const RvLanes *lanes;
  RvConvSpec spec;
  int n_threads;
  Side x, y;
  Phase *phases;
  int n_phases;
  int spread;              /* columns of the kernel that are outputs; 1: they are taps */
  gint64 piece_cols;       /* of y, that one strip computes, where they are outputs */
  gint64 outputs;          /* of the product: channels of y, times spread */
  int y_vectors, n_groups; /* of them */
  int chunk_blocks;        /* vectors of k that are gathered at once, at most */
  int part_groups;         /* of outputs, that one piece of work computes */
  int part_vectors;        /* the same to weights */
  gint64 strip_tiles;
  gsize packed_floats;
};

static gint64
ceil_div (gint64 n, gint64 d)
{
  return (n + d - 1) / d;
}

/* ---- planning ---------------------------------------------------------------------------------------------------- */

static Side
side_of (const RvShape *shape, int block)
{
  return (Side){ shape->dim[0], shape->dim[1], shape->dim[2], shape->dim[3], block };
}

/* Vectors of k: where x lies in blocks, each is a tap's part of one block; else k is counted tap by tap. */
static int
blocks_of (const RvGemm *g, int n_taps)
{
  gint64 lanes = g->lanes->lanes;
  return (int) (g->x.block > 1 ? n_taps * (g->x.channels / lanes) : ceil_div (n_taps * g->x.channels, lanes));
}

/* Forward, and to weights: every position under every tap. */
static void
plan_forward (RvGemm *g)
{
  const RvConvSpec *spec = &g->spec;
  int U = (int) spec->weights.dim[2], V = (int) spec->weights.dim[3];
  Phase *phase = g->phases = g_new0 (Phase, 1);
  g->n_phases = 1;
  for (int axis = 0; axis < 2; axis++) {
    phase->step[axis] = 1;
    phase->x_step[axis] = spec->stride[axis];
    phase->count[axis] = spec->small.dim[2 + axis];
  }
  phase->taps = g_new (Tap, U * V);
  for (int u = 0; u < U; u++)
    for (int v = 0; v < (g->spread > 1 ? 1 : V); v++)
      phase->taps[phase->n_taps++] = (Tap){ u, v, (gint64) u * spec->dilation[0] - spec->pad.top,
                                            g->spread > 1 ? 0 : (gint64) v * spec->dilation[1] - spec->pad.left };
}

/* The taps of one axis that meet gy at positions remainder + i * stride, and at which row or column of it for i = 0. */
static int
taps_of_phase (const RvConvSpec *spec, int axis, int remainder, int *taps, gint64 *first)
{
  int n = 0, pad = axis == 0 ? spec->pad.top : spec->pad.left;
  for (int u = 0; u < (int) spec->weights.dim[2 + axis]; u++) {
    gint64 from = (gint64) remainder + pad - (gint64) u * spec->dilation[axis];
    if (from % spec->stride[axis] != 0)
      continue;
    taps[n] = u;
    first[n++] = from / spec->stride[axis];
  }
  return n;
}

static void
plan_phase (const RvGemm *g, int row, int col, Phase *phase)
{
  const RvConvSpec *spec = &g->spec;
  const int remainder[] = { row, col };
  g_autofree int *u = g_new (int, spec->weights.dim[2]), *v = g_new (int, spec->weights.dim[3]);
  g_autofree gint64 *rows = g_new (gint64, spec->weights.dim[2]), *cols = g_new (gint64, spec->weights.dim[3]);
  int n_u = taps_of_phase (spec, 0, row, u, rows), n_v = taps_of_phase (spec, 1, col, v, cols);

  for (int axis = 0; axis < 2; axis++) {
    phase->first[axis] = remainder[axis];
    phase->step[axis] = spec->stride[axis];
    phase->x_step[axis] = 1;
    phase->count[axis] = MAX (0, ceil_div (spec->big.dim[2 + axis] - remainder[axis], spec->stride[axis]));
  }
  if (g->spread > 1)
    v[0] = 0, cols[0] = 0, n_v = 1;
  phase->taps = g_new (Tap, MAX (n_u * n_v, 1));
  for (int i = 0; i < n_u; i++)
    for (int j = 0; j < n_v; j++)
      phase->taps[phase->n_taps++] = (Tap){ u[i], v[j], rows[i], cols[j] };
}

static void
plan_backward (RvGemm *g)
{
  const RvConvSpec *spec = &g->spec;
  int of_columns = g->spread > 1 ? 1 : spec->stride[1];
  g->n_phases = spec->stride[0] * of_columns;
  g->phases = g_new0 (Phase, g->n_phases);
  for (int i = 0; i < g->n_phases; i++)
    plan_phase (g, i / of_columns, i % of_columns, &g->phases[i]);
}

/* How many columns of the kernel are to be outputs: all, where that makes fewer vectors. */
static int
spread_of (const RvGemm *g)
{
  const RvConvSpec *spec = &g->spec;
  gint64 V = spec->weights.dim[3], lanes = g->lanes->lanes;
  gboolean to_data = spec->direction == RV_CONV_BACKWARD_DATA;
  if (spec->direction == RV_CONV_BACKWARD_WEIGHTS || g->y.block > 1 || spec->dilation[1] > 1 ||
      (!to_data && spec->stride[1] > 1) || V > MAX_SPREAD_COLUMNS || V * g->y.channels > MAX_SPREAD)
    return 1;
  return ceil_div (V * g->y.channels, lanes) < V * ceil_div (g->y.channels, lanes) ? (int) V : 1;
}

/* Columns of y between those of x whose sums are the same product: of a spread convolution backward the stride. */
static gint64
spread_stride (const RvGemm *g)
{
  return g->spec.direction == RV_CONV_BACKWARD_DATA ? g->spec.stride[1] : 1;
}

RvGemm *
rv__gemm_new (const RvLanes *lanes, const RvConvSpec *spec, int n_threads)
{
  if ((spec->big_block > 1 && spec->big_block != lanes->lanes) ||
      (spec->small_block > 1 && spec->small_block != lanes->lanes))
    return NULL;
  RvGemm *g = g_new0 (RvGemm, 1);
  gboolean to_data = spec->direction == RV_CONV_BACKWARD_DATA;
  g->lanes = lanes;
  g->spec = *spec;
  g->n_threads = n_threads;
  g->x = to_data ? side_of (&spec->small, spec->small_block) : side_of (&spec->big, spec->big_block);
  g->y = to_data ? side_of (&spec->big, spec->big_block) : side_of (&spec->small, spec->small_block);
  g->spread = spread_of (g);
  g->outputs = g->y.channels * g->spread;
  g->y_vectors = (int) ceil_div (g->outputs, lanes->lanes);
  g->n_groups = (int) ceil_div (g->y_vectors, GROUP);
  if (to_data)
    plan_backward (g);
  else
    plan_forward (g);

  gint64 n_strips = 0;
  int most_blocks = 1;
  g->strip_tiles = STRIP_POSITIONS / lanes->gemm->max_tiles * lanes->gemm->max_tiles;
  for (int i = 0; i < g->n_phases; i++) {
    Phase *phase = &g->phases[i];
    phase->n_positions = g->y.n * phase->count[0] * phase->count[1];
    phase->n_blocks = blocks_of (g, phase->n_taps);
    phase->packed_floats = g->packed_floats;
    g->packed_floats += (gsize) phase->n_blocks * (gsize) (lanes->lanes * lanes->lanes * g->y_vectors);
    n_strips += ceil_div (phase->n_positions, g->strip_tiles);
    most_blocks = MAX (most_blocks, phase->n_blocks);
  }
  g->chunk_blocks = CLAMP (CHUNK_BYTES / (GROUP * lanes->lanes * lanes->lanes * (int) sizeof (float)), 1, most_blocks);
  gint64 items = (gint64) ITEMS_PER_THREAD * n_threads;
  g->part_groups = (int) ceil_div (g->n_groups, CLAMP (ceil_div (items, MAX (n_strips, 1)), 1, g->n_groups));
  if (g->spread > 1) { /* all outputs make one sum */
    gint64 most = MAX (1, (g->strip_tiles - 1) * spread_stride (g) - g->spread + 1);
    g->part_groups = g->n_groups;
    g->piece_cols = ceil_div (g->y.cols, ceil_div (g->y.cols, most));
  }
  g->part_vectors = (int) ceil_div (g->y_vectors, CLAMP (ceil_div (items, most_blocks), 1, g->y_vectors));
  g->part_vectors = (int) ceil_div (g->part_vectors, RV_GEMM_OUTER_VECTORS) * RV_GEMM_OUTER_VECTORS;
  return g;
}

void
rv__gemm_free (RvGemm *g)
{
  if (!g)
    return;
  for (int i = 0; i < g->n_phases; i++)
    g_free (g->phases[i].taps);
  g_free (g->phases);
  g_free (g);
}

gsize
rv__gemm_packed_bytes (const RvGemm *g)
{
  return g->spec.direction == RV_CONV_BACKWARD_WEIGHTS ? 0 : g->packed_floats * sizeof (float);
}

static gsize
V_floats (const RvGemm *g)
{
  return (gsize) (MAX_STRIP * g->chunk_blocks * g->lanes->lanes);
}

/* Of one thread. */
static gsize
item_floats (const RvGemm *g)
{
  gsize lanes = (gsize) g->lanes->lanes;
  if (g->spec.direction == RV_CONV_BACKWARD_WEIGHTS)
    return MAX_STRIP * lanes + lanes * lanes * (gsize) g->part_vectors;
  return V_floats (g) + MAX_STRIP * lanes * (gsize) (g->part_groups * GROUP);
}

/* Of gy in blocks, to weights, where it lies in plain rows. */
static gsize
staged_floats (const RvGemm *g)
{
  if (g->spec.direction != RV_CONV_BACKWARD_WEIGHTS || g->y.block > 1)
    return 0;
  return (gsize) (g->y.n * g->y.rows * g->y.cols) * (gsize) (g->y_vectors * g->lanes->lanes);
}

gsize
rv__gemm_scratch_bytes (const RvGemm *g)
{
  return (staged_floats (g) + (gsize) g->n_threads * item_floats (g)) * sizeof (float);
}

/* ---- k ----------------------------------------------------------------------------------------------------------- */

/* The tap and the channel of x that lane @lane of vector @block of k stands for; FALSE: none. */
static gboolean
place_of_k (const RvGemm *g, const Phase *phase, int block, int lane, int *tap, gint64 *channel)
{
  gint64 lanes = g->lanes->lanes, in_blocks = g->x.channels / lanes, k = block * lanes + lane;
  if (g->x.block > 1) {
    *tap = (int) (block / in_blocks);
    *channel = block % in_blocks * lanes + lane;
  } else {
    *tap = (int) (k / g->x.channels);
    *channel = k % g->x.channels;
  }
  return *tap < phase->n_taps;
}

/* The weight between channel @c of x and output @output under a tap. Forward, columns that are outputs are in the other
 * order, so that they meet x as those backward do. */
static gsize
weight_index (const RvGemm *g, const Tap *tap, gint64 c, gint64 output)
{
  const gint64 *dim = g->spec.weights.dim;
  gboolean to_data = g->spec.direction == RV_CONV_BACKWARD_DATA;
  gint64 o = output / g->spread, v = output % g->spread;
  gint64 first = to_data ? c * dim[1] + o : o * dim[1] + c;
  return (gsize) ((first * dim[2] + tap->u) * dim[3] + (g->spread == 1 ? tap->v : to_data ? v : dim[3] - 1 - v));
}

static int
vectors_of (const RvGemm *g, int group)
{
  return MIN (GROUP, g->y_vectors - group * GROUP);
}

static gsize
group_floats (const RvGemm *g, const Phase *phase)
{
  return (gsize) (phase->n_blocks * g->lanes->lanes) * (gsize) (GROUP * g->lanes->lanes);
}

static void
pack_group (const RvGemm *g, const Phase *phase, int group, const float *plain, float *to)
{
  gint64 lanes = g->lanes->lanes, first = (gint64) group * GROUP * lanes, end = first + vectors_of (g, group) * lanes;
  for (int block = 0; block < phase->n_blocks; block++)
    for (int lane = 0; lane < lanes; lane++) {
      int tap;
      gint64 c;
      gboolean any = place_of_k (g, phase, block, lane, &tap, &c);
      for (gint64 o = first; o < end; o++)
        *to++ = any && o < g->outputs ? plain[weight_index (g, &phase->taps[tap], c, o)] : 0;
    }
}

void
rv__gemm_pack (const RvGemm *g, const float *plain, float *packed)
{
#pragma omp parallel for schedule(static) collapse(2)
  for (int i = 0; i < g->n_phases; i++)
    for (int group = 0; group < g->n_groups; group++) {
      const Phase *phase = &g->phases[i];
      pack_group (g, phase, group, plain, packed + phase->packed_floats + (gsize) group * group_floats (g, phase));
    }
}

/* ---- V ----------------------------------------------------------------------------------------------------------- */

/* Positions that are in V at a time: where each lies in x, under a tap at 0, and in y. */
typedef struct {
  int n;
  gint64 picture[MAX_STRIP], row[MAX_STRIP], col[MAX_STRIP];
  gint64 y[MAX_STRIP];
  int tap; /* whose offsets these are; negative: none's */
  gint64 offset[MAX_STRIP];
} Strip;

static void
strip_init (Strip *strip, const RvGemm *g, const Phase *phase, gint64 first, int n)
{
  gint64 per_picture = phase->count[0] * phase->count[1];
  strip->n = n;
  strip->tap = -1;
  for (int t = 0; t < n; t++) {
    gint64 picture = (first + t) / per_picture, i = (first + t) % per_picture / phase->count[1];
    gint64 j = (first + t) % phase->count[1];
    strip->picture[t] = picture * g->x.channels * g->x.rows * g->x.cols;
    strip->row[t] = i * phase->x_step[0];
    strip->col[t] = j * phase->x_step[1];
    strip->y[t] =
      picture * g->y.channels * g->y.rows * g->y.cols +
      ((phase->first[0] + i * phase->step[0]) * g->y.cols + phase->first[1] + j * phase->step[1]) * g->y.block;
  }
}

/* The positions of one row, @row of the phase's rows of all pictures, from column @col of x on. */
static void
strip_init_row (Strip *strip, const RvGemm *g, const Phase *phase, gint64 row, gint64 col, int n)
{
  gint64 picture = row / phase->count[0], i = row % phase->count[0];
  strip->n = n;
  strip->tap = -1;
  for (int t = 0; t < n; t++) {
    strip->picture[t] = picture * g->x.channels * g->x.rows * g->x.cols;
    strip->row[t] = i * phase->x_step[0];
    strip->col[t] = col + t;
  }
  strip->y[0] = picture * g->y.channels * g->y.rows * g->y.cols + (phase->first[0] + i * phase->step[0]) * g->y.cols;
}

/* Where x's numbers under a tap lie, in its first channel or block; negative outside. */
static void
look_under (Strip *strip, const RvGemm *g, const Phase *phase, int tap)
{
  if (strip->tap == tap)
    return;
  strip->tap = tap;
  for (int t = 0; t < strip->n; t++) {
    gint64 row = strip->row[t] + phase->taps[tap].row, col = strip->col[t] + phase->taps[tap].col;
    gboolean inside = row >= 0 && row < g->x.rows && col >= 0 && col < g->x.cols;
    strip->offset[t] = inside ? strip->picture[t] + (row * g->x.cols + col) * g->x.block : -1;
  }
}

/* Where V keeps a vector of k, number @b of @n_blocks: the positions of one product together, [product][block][position
 * of the product][lanes], so that a product reads V in order. */
typedef struct {
  float *V;
  int n_blocks, b;
  int tiles; /* of one product; the last may have fewer */
} Place;

static float *
place_of_product (const RvGemm *g, const Place *place, int first, int together)
{
  return place->V + (first * place->n_blocks + place->b * together) * g->lanes->lanes;
}

/* One number of k at all positions of the strip; @x: its channel, NULL: none. */
static void
gather_lane (const Strip *strip, const RvGemm *g, const float *x, const Place *place, int lane)
{
  int lanes = g->lanes->lanes;
  for (int first = 0; first < strip->n; first += place->tiles) {
    int together = MIN (place->tiles, strip->n - first);
    float *to = place_of_product (g, place, first, together) + lane;
    const gint64 *offset = strip->offset + first;
    for (int t = 0; t < together; t++)
      to[t * lanes] = x && offset[t] >= 0 ? x[offset[t]] : 0;
  }
}

/* Vector @block of k at all positions of the strip. */
static void
gather (Strip *strip, const RvGemm *g, const Phase *phase, const float *x, int block, const Place *place)
{
  int tap;
  gint64 channel, plane = g->x.rows * g->x.cols;
  if (g->x.block > 1) {
    place_of_k (g, phase, block, 0, &tap, &channel);
    look_under (strip, g, phase, tap);
    for (int first = 0; first < strip->n; first += place->tiles) {
      int together = MIN (place->tiles, strip->n - first);
      g->lanes->gemm->gather (x + channel * plane, strip->offset + first, together,
                              place_of_product (g, place, first, together));
    }
    return;
  }
  for (int lane = 0; lane < g->lanes->lanes; lane++) {
    gboolean any = place_of_k (g, phase, block, lane, &tap, &channel);
    if (any)
      look_under (strip, g, phase, tap);
    gather_lane (strip, g, any ? x + channel * plane : NULL, place, lane);
  }
}

/* ---- forward and to data ----------------------------------------------------------------------------------------- */

/* One call of rv__gemm_run(). */
typedef struct {
  const RvGemm *g;
  const float *x, *packed, *bias;
  RvAfter after;
  float *y;
  guint8 *bits;
} Run;

/* One vector of outputs, M at the strip's positions. */
static void
write_vector (const Run *run, const Strip *strip, const float *M, gsize M_stride, int vector)
{
  const RvGemm *g = run->g;
  gint64 lanes = g->lanes->lanes, plane = g->y.rows * g->y.cols, first = vector * lanes;
  if (g->y.block > 1) {
    g->lanes->gemm->finish (M, M_stride, run->bias ? run->bias + first : NULL, g->spec.accumulate, run->after,
                            run->y + first * plane, run->bits ? run->bits + first * plane / 8 : NULL, strip->y,
                            strip->n);
    return;
  }
  for (gint64 o = first; o < MIN (first + lanes, g->y.channels); o++)
    for (int t = 0; t < strip->n; t++) {
      float *to = run->y + strip->y[t] + o * plane;
      *to =
        M[(gsize) t * M_stride + (gsize) (o - first)] + (run->bias ? run->bias[o] : 0) + (g->spec.accumulate ? *to : 0);
    }
}

/* M of @n_groups groups at the strip's positions: [group][position][vectors of the group][lanes]. */
static void
multiply (const Run *run, const Phase *phase, Strip *strip, int first_group, int n_groups, float *V, float *M)
{
  const RvGemm *g = run->g;
  const RvGemmLanes *gemm = g->lanes->gemm;
  int lanes = g->lanes->lanes, n_products = (int) ceil_div (strip->n, gemm->max_tiles);
  int tiles = (int) ceil_div (strip->n, n_products);

  for (int block = 0; block == 0 || block < phase->n_blocks; block += g->chunk_blocks) {
    int n_blocks = MIN (g->chunk_blocks, phase->n_blocks - block);
    for (int b = 0; b < n_blocks; b++)
      gather (strip, g, phase, run->x, block + b, &(Place){ V, n_blocks, b, tiles });
    for (int i = 0; i < n_groups; i++) {
      int group = first_group + i, n_vectors = vectors_of (g, group);
      const float *U = run->packed + phase->packed_floats + (gsize) group * group_floats (g, phase) +
                       (gsize) (block * lanes) * (gsize) (n_vectors * lanes);
      for (int t = 0; t < strip->n; t += tiles) {
        int next = t + tiles < strip->n ? t + tiles : 0;
        gemm->product (V + t * n_blocks * lanes, V + next * n_blocks * lanes, n_blocks, U, MIN (tiles, strip->n - t),
                       n_vectors, block > 0, M + (i * strip->n * GROUP + t * n_vectors) * lanes);
      }
    }
  }
}

/* All outputs of @n_groups groups at the strip's positions. */
static void
run_item (const Run *run, const Phase *phase, Strip *strip, int first_group, int n_groups, float *scratch)
{
  const RvGemm *g = run->g;
  int lanes = g->lanes->lanes;
  float *M = scratch + V_floats (g);
  multiply (run, phase, strip, first_group, n_groups, scratch, M);
  for (int i = 0; i < n_groups; i++) {
    int n_vectors = vectors_of (g, first_group + i);
    for (int v = 0; v < n_vectors; v++)
      write_vector (run, strip, M + (i * strip->n * GROUP + v) * lanes, (gsize) (n_vectors * lanes),
                    (first_group + i) * GROUP + v);
  }
}

/* Where M has an output's number at the strip's first position, and how far apart those of its positions lie. */
typedef struct {
  const float *at;
  gint64 apart;
} Output;

static void
find_outputs (const RvGemm *g, const Strip *strip, const float *M, Output *outputs)
{
  int lanes = g->lanes->lanes;
  for (int output = 0; output < g->outputs; output++) {
    int group = output / (GROUP * lanes);
    outputs[output] = (Output){ M + group * (strip->n - 1) * GROUP * lanes + output, vectors_of (g, group) * lanes };
  }
}

/* Columns @first .. @first + @n - 1 of one row of y, of which column j is the sum of outputs v at columns
 * (j + before - v) / stride of x. */
static void
run_row_piece (const Run *run, const Phase *phase, gint64 row, gint64 first, gint64 n, float *scratch)
{
  const RvGemm *g = run->g;
  const RvConvSpec *spec = &g->spec;
  gint64 V = g->spread, stride = spread_stride (g), plane = g->y.rows * g->y.cols;
  gint64 before = spec->direction == RV_CONV_BACKWARD_DATA ? spec->pad.left : V - 1 - spec->pad.left;
  gint64 x_first = CLAMP (ceil_div (MAX (first + before - V + 1, 0), stride), 0, g->x.cols - 1);
  gint64 x_end = CLAMP ((first + n - 1 + before) / stride + 1, x_first + 1, g->x.cols);
  Output outputs[MAX_SPREAD];
  Strip strip;
  strip_init_row (&strip, g, phase, row, x_first, (int) (x_end - x_first));
  multiply (run, phase, &strip, 0, g->n_groups, scratch, scratch + V_floats (g));
  find_outputs (g, &strip, scratch + V_floats (g), outputs);

  for (gint64 j = first; j < first + n; j++) {
    gint64 at = MAX (j + before, 0), last = at / stride - x_first, beyond = MAX (0, last - strip.n + 1);
    for (gint64 o = 0; o < g->y.channels; o++) {
      float *to = run->y + strip.y[0] + o * plane + j;
      float sum = (run->bias ? run->bias[o] : 0) + (spec->accumulate ? *to : 0);
      gint64 v = at % stride + beyond * stride;
      if (j + before >= 0)
        for (gint64 t = last - beyond; v < V && t >= 0; v += stride, t--)
          sum += outputs[o * V + v].at[t * outputs[o * V + v].apart];
      *to = sum;
    }
  }
}

void
rv__gemm_run (const RvGemm *g, const float *from, const float *packed, const float *bias, RvAfter after, float *to,
              guint8 *bits, void *scratch, GCancellable *cancellable)
{
  const Run run = { g, from, packed, bias, after, to, bits };
#pragma omp parallel num_threads(g->n_threads)
  {
    float *own = (float *) scratch + (gsize) omp_get_thread_num () * item_floats (g);
    for (int i = 0; i < g->n_phases; i++) {
      const Phase *phase = &g->phases[i];
      if (g->spread > 1) {
#pragma omp for schedule(dynamic) collapse(2) nowait
        for (gint64 row = 0; row < g->y.n * phase->count[0]; row++)
          for (gint64 first = 0; first < g->y.cols; first += g->piece_cols)
            if (!g_cancellable_is_cancelled (cancellable))
              run_row_piece (&run, phase, row, first, MIN (g->piece_cols, g->y.cols - first), own);
        continue;
      }
#pragma omp for schedule(dynamic) collapse(2) nowait
      for (gint64 first = 0; first < phase->n_positions; first += g->strip_tiles)
        for (int group = 0; group < g->n_groups; group += g->part_groups) {
          Strip strip;
          if (g_cancellable_is_cancelled (cancellable))
            continue;
          strip_init (&strip, g, phase, first, (int) MIN (g->strip_tiles, phase->n_positions - first));
          run_item (&run, phase, &strip, group, MIN (g->part_groups, g->n_groups - group), own);
        }
    }
  }
}

/* ---- to weights -------------------------------------------------------------------------------------------------- */

/* gy in blocks, where it lies in plain rows: [vector][positions of all pictures][lanes]. What no channel fills is 0. */
static void
stage (const RvGemm *g, const float *gy, float *staged)
{
  gint64 lanes = g->lanes->lanes, plane = g->y.rows * g->y.cols, C = g->y.channels, pictures = g->y.n;
#pragma omp parallel for schedule(static) num_threads(g->n_threads)
  for (gint64 i = 0; i < g->y_vectors * pictures; i++)
    for (gint64 p = 0; p < plane; p++)
      for (gint64 lane = 0; lane < lanes; lane++) {
        gint64 c = i / pictures * lanes + lane;
        staged[(i * plane + p) * lanes + lane] = c < C ? gy[(i % pictures * C + c) * plane + p] : 0;
      }
}

/* The weights between vector @block of k and some vectors of outputs. */
static void
run_weights_item (const RvGemm *g, const float *x, const float *gy, int block, int first, int n_vectors, float *weights,
                  float *scratch, GCancellable *cancellable)
{
  const Phase *phase = &g->phases[0];
  gint64 lanes = g->lanes->lanes, all = phase->n_positions;
  gint64 run = staged_floats (g) > 0 ? all : g->y.rows * g->y.cols; /* positions of a vector that lie side by side */
  float *V = scratch, *sum = scratch + MAX_STRIP * lanes;
  memset (sum, 0, (gsize) (lanes * n_vectors * lanes) * sizeof (float));

  for (gint64 from = 0; from < all; from += run)
    for (gint64 p = 0; p < run && !g_cancellable_is_cancelled (cancellable); p += MAX_STRIP) {
      Strip strip;
      strip_init (&strip, g, phase, from + p, (int) MIN (MAX_STRIP, run - p));
      gather (&strip, g, phase, x, block, &(Place){ V, 1, 0, strip.n });
      for (int v = 0; v < n_vectors; v += RV_GEMM_OUTER_VECTORS)
        g->lanes->gemm->outer (V, gy + (from * g->y_vectors + (first + v) * run + p) * lanes, (gsize) (run * lanes),
                               strip.n, MIN (RV_GEMM_OUTER_VECTORS, n_vectors - v), sum + v * lanes,
                               (gsize) (n_vectors * lanes));
    }

  for (int lane = 0; lane < lanes; lane++) {
    int tap;
    gint64 c;
    if (!place_of_k (g, phase, block, lane, &tap, &c))
      continue;
    for (gint64 o = first * lanes; o < MIN ((first + n_vectors) * lanes, g->y.channels); o++)
      weights[weight_index (g, &phase->taps[tap], c, o)] = sum[lane * n_vectors * lanes + o - first * lanes];
  }
}

void
rv__gemm_run_weights (const RvGemm *g, const float *big, const float *small, float *weights, void *scratch,
                      GCancellable *cancellable)
{
  const float *gy = small;
  float *items = (float *) scratch + staged_floats (g);
  if (staged_floats (g) > 0) {
    stage (g, small, scratch);
    gy = scratch;
  }
#pragma omp parallel for schedule(dynamic) collapse(2) num_threads(g->n_threads)
  for (int block = 0; block < g->phases[0].n_blocks; block++)
    for (int first = 0; first < g->y_vectors; first += g->part_vectors)
      run_weights_item (g, big, gy, block, first, MIN (g->part_vectors, g->y_vectors - first), weights,
                        items + (gsize) omp_get_thread_num () * item_floats (g), cancellable);
}
