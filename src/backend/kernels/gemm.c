/* gemm.c -- convolutions of any shape as matrix products, without storing the whole matrix.
 *
 * Forward, y[position][o] is the product of V[position][k] and U[k][o]. k counts the kernel's taps and, within each
 * tap, the channels of x: V has the value of x under each tap. Backward-data computes gx from gy in the same way. With
 * a stride, the positions of gx fall into one phase for each remainder of row and column, and each phase uses only some
 * of the taps.
 *
 * V is gathered for a strip of about a hundred positions and a chunk of k, in vectors of `lanes` values of k. If x is
 * in channel blocks, each vector of V is one vector of x. V stays in cache while all outputs are computed.
 *
 * Sums run over k in one order: the result does not depend on the number of threads. */
#include "base/parallel.h"
#include "conv-class.h"
#include "phases.h"

#define GROUP RV_GEMM_GROUP
#define STRIP_POSITIONS 96     /* approximate number of positions in V */
#define MAX_STRIP 128          /* maximum number of positions in V */
#define CHUNK_BYTES (16 << 10) /* bytes of U in one product: half a first-level cache */
#define ITEMS_PER_THREAD 4     /* more than one, for load balance */

/* Positions of y that share their taps. */
typedef struct {
  RvPhaseAxis rows, cols;
  gint64 n_positions;
  int n_taps, n_blocks; /* number of taps; of vectors of k */
  gsize packed_floats;  /* offset of this phase's weights */
} Phase;

/* One operand: the input x or the output y. */
typedef struct {
  gint64 n, channels, rows, cols;
  int block;
} Side;

typedef struct {
  const RvSimd *simd;
  RvConvSpec spec;
  int n_threads;
  Side x, y;
  Phase *phases;
  int n_phases;
  int y_vectors, n_groups; /* vectors and groups of y's channels */
  int chunk_blocks;        /* maximum of vectors of k that are gathered at once */
  int part_groups;         /* groups of outputs in one work item */
  gint64 strip_tiles;      /* positions of a strip */
  gsize packed_floats;
} Gemm;

/* ---- planning ---------------------------------------------------------------------------------------------------- */

static Side
side_of (const RvShape *shape, int block)
{
  return (Side){ shape->dim[0], shape->dim[1], shape->dim[2], shape->dim[3], block };
}

/* Number of vectors of `lanes` values of x, by tap and channel, for one position and @n_taps taps. If x is in blocks,
 * each vector is one tap of one block; else taps follow each other without gaps. */
static int
blocks_of (const Gemm *g, int n_taps)
{
  gint64 lanes = g->simd->lanes;
  return (int) (g->x.block > 1 ? n_taps * (g->x.channels / lanes) : rv__ceil_div (n_taps * g->x.channels, lanes));
}

/* RvConvClass.open. (transfer full) (nullable): a plan, to free with close_gemm(); @spec is copied, @onednn is unused.
 * NULL without an error: backward-weights, or blocks of another width than @simd. */
static gpointer
open_gemm (RvOnednn *onednn, const RvSimd *simd, const RvConvSpec *spec, int n_threads)
{
  if (spec->direction == RV_CONV_BACKWARD_WEIGHTS || (spec->src_block > 1 && spec->src_block != simd->lanes) ||
      (spec->dst_block > 1 && spec->dst_block != simd->lanes))
    return NULL;
  Gemm *g = g_new0 (Gemm, 1);
  gboolean to_data = spec->direction == RV_CONV_BACKWARD_DATA;
  g->simd = simd;
  g->spec = *spec;
  g->n_threads = n_threads;
  g->x = to_data ? side_of (&spec->dst, spec->dst_block) : side_of (&spec->src, spec->src_block);
  g->y = to_data ? side_of (&spec->src, spec->src_block) : side_of (&spec->dst, spec->dst_block);
  g->y_vectors = (int) rv__ceil_div (g->y.channels, simd->lanes);
  g->n_groups = (int) rv__ceil_div (g->y_vectors, GROUP);
  int n_cols = rv__phase_axis_count (spec, 1);
  g->n_phases = rv__phase_axis_count (spec, 0) * n_cols;
  g->phases = g_new0 (Phase, g->n_phases);

  gint64 n_strips = 0;
  int most_blocks = 1;
  g->strip_tiles = STRIP_POSITIONS / simd->gemm->max_tiles * simd->gemm->max_tiles;
  for (int i = 0; i < g->n_phases; i++) {
    Phase *phase = &g->phases[i];
    rv__phase_axis_init (&phase->rows, spec, 0, i / n_cols);
    rv__phase_axis_init (&phase->cols, spec, 1, i % n_cols);
    phase->n_taps = phase->rows.n_taps * phase->cols.n_taps;
    phase->n_positions = g->y.n * phase->rows.count * phase->cols.count;
    phase->n_blocks = blocks_of (g, phase->n_taps);
    phase->packed_floats = g->packed_floats;
    g->packed_floats += (gsize) phase->n_blocks * (gsize) (simd->lanes * simd->lanes * g->y_vectors);
    n_strips += rv__ceil_div (phase->n_positions, g->strip_tiles);
    most_blocks = MAX (most_blocks, phase->n_blocks);
  }
  g->chunk_blocks = CLAMP (CHUNK_BYTES / (GROUP * simd->lanes * simd->lanes * (int) sizeof (float)), 1, most_blocks);
  gint64 items = (gint64) ITEMS_PER_THREAD * n_threads;
  g->part_groups = (int) rv__ceil_div (g->n_groups, CLAMP (rv__ceil_div (items, MAX (n_strips, 1)), 1, g->n_groups));
  return g;
}

/* RvConvClass.close: frees @kernel, a Gemm. */
static void
close_gemm (gpointer kernel)
{
  Gemm *g = kernel;
  for (int i = 0; i < g->n_phases; i++) {
    rv__phase_axis_clear (&g->phases[i].rows);
    rv__phase_axis_clear (&g->phases[i].cols);
  }
  g_free (g->phases);
  g_free (g);
}

static gsize
packed_bytes (gconstpointer kernel)
{
  return ((const Gemm *) kernel)->packed_floats * sizeof (float);
}

/* Floats of V, the gathered values of x, of one thread: MAX_STRIP positions of at most chunk_blocks vectors. */
static gsize
V_floats (const Gemm *g)
{
  return (gsize) (MAX_STRIP * g->chunk_blocks * g->simd->lanes);
}

/* Floats of scratch of one thread. */
static gsize
item_floats (const Gemm *g)
{
  return V_floats (g) + MAX_STRIP * (gsize) g->simd->lanes * (gsize) (g->part_groups * GROUP);
}

static gsize
scratch_bytes (gconstpointer kernel)
{
  const Gemm *g = kernel;
  return (gsize) g->n_threads * item_floats (g) * sizeof (float);
}

/* ---- k ----------------------------------------------------------------------------------------------------------- */

/* Sets *tap and *channel, of x, of the value at lane @lane of vector number @block of a position's input, see
 * blocks_of(). FALSE: beyond the last tap. */
static gboolean
k_to_tap_channel (const Gemm *g, const Phase *phase, int block, int lane, int *tap, gint64 *channel)
{
  gint64 lanes = g->simd->lanes, in_blocks = g->x.channels / lanes, k = block * lanes + lane;
  if (g->x.block > 1) {
    *tap = (int) (block / in_blocks);
    *channel = block % in_blocks * lanes + lane;
  } else {
    *tap = (int) (k / g->x.channels);
    *channel = k % g->x.channels;
  }
  return *tap < phase->n_taps;
}

static const RvPhaseTap *
row_of_tap (const Phase *phase, int tap)
{
  return &phase->rows.taps[tap / phase->cols.n_taps];
}

static const RvPhaseTap *
col_of_tap (const Phase *phase, int tap)
{
  return &phase->cols.taps[tap % phase->cols.n_taps];
}

/* Index of the weight between channel @c of x and channel @o of y under @tap of a phase, in plain order. */
static gsize
weight_index (const Gemm *g, const Phase *phase, int tap, gint64 c, gint64 o)
{
  const gint64 *dim = g->spec.weights.dim;
  gint64 first = g->spec.direction == RV_CONV_BACKWARD_DATA ? c * dim[1] + o : o * dim[1] + c;
  return (gsize) ((first * dim[2] + row_of_tap (phase, tap)->tap) * dim[3] + col_of_tap (phase, tap)->tap);
}

/* Number of vectors of output channels in group @group: GROUP, or fewer in the last one. */
static int
vectors_of (const Gemm *g, int group)
{
  return MIN (GROUP, g->y_vectors - group * GROUP);
}

/* Floats of the packed weights of one group and one phase. */
static gsize
group_floats (const Gemm *g, const Phase *phase)
{
  return (gsize) (phase->n_blocks * g->simd->lanes) * (gsize) (GROUP * g->simd->lanes);
}

/* Packs the weights of group @group and one phase to @to, [k][vectors of the group][lanes]; missing channels are 0.
 * @plain: all weights of the spec, [O, C, U, V]. */
static void
pack_group (const Gemm *g, const Phase *phase, int group, const float *plain, float *to)
{
  gint64 lanes = g->simd->lanes, first = (gint64) group * GROUP * lanes, end = first + vectors_of (g, group) * lanes;
  for (int block = 0; block < phase->n_blocks; block++)
    for (int lane = 0; lane < lanes; lane++) {
      int tap;
      gint64 c;
      gboolean any = k_to_tap_channel (g, phase, block, lane, &tap, &c);
      for (gint64 o = first; o < end; o++)
        *to++ = any && o < g->y.channels ? plain[weight_index (g, phase, tap, c, o)] : 0;
    }
}

/* RvConvClass.pack: packs the weights of all phases (positions of a stride) and groups to @packed. It keeps no packing
 * buffers, so @is_last is ignored. Always TRUE. */
static gboolean
pack (gpointer kernel, RvOnednn *onednn, const float *plain, gboolean is_last, void *packed, GError **error)
{
  const Gemm *g = kernel;
#pragma omp parallel for schedule(static) collapse(2)
  for (int i = 0; i < g->n_phases; i++)
    for (int group = 0; group < g->n_groups; group++) {
      const Phase *phase = &g->phases[i];
      pack_group (g, phase, group, plain,
                  (float *) packed + phase->packed_floats + (gsize) group * group_floats (g, phase));
    }
  return TRUE;
}

/* ---- V ----------------------------------------------------------------------------------------------------------- */

/* Positions in V. For each: offset of its picture in x, row and column in x under a tap at 0, and offset in y.
 * Offsets are in floats. */
typedef struct {
  int n;
  gint64 picture[MAX_STRIP], row[MAX_STRIP], col[MAX_STRIP];
  gint64 y[MAX_STRIP];
  int tap; /* tap of `offset`; negative: none */
  gint64 offset[MAX_STRIP];
} Strip;

/* Sets the strip to @n positions, at most MAX_STRIP, of a phase (the positions of y that share their taps). @first:
 * the first position, counted over all pictures. Sets no tap yet. Cannot fail. */
static void
strip_init (Strip *strip, const Gemm *g, const Phase *phase, gint64 first, int n)
{
  const RvPhaseAxis *rows = &phase->rows, *cols = &phase->cols;
  gint64 per_picture = rows->count * cols->count;
  strip->n = n;
  strip->tap = -1;
  for (int t = 0; t < n; t++) {
    gint64 picture = (first + t) / per_picture, i = (first + t) % per_picture / cols->count;
    gint64 j = (first + t) % cols->count;
    strip->picture[t] = picture * g->x.channels * g->x.rows * g->x.cols;
    strip->row[t] = i * rows->x_step;
    strip->col[t] = j * cols->x_step;
    strip->y[t] = picture * g->y.channels * g->y.rows * g->y.cols +
                  ((rows->first + i * rows->step) * g->y.cols + cols->first + j * cols->step) * g->y.block;
  }
}

/* Sets strip->offset to the offsets of the values of x under @tap, in floats, in x's first channel or block;
 * negative outside of x. */
static void
strip_set_tap (Strip *strip, const Gemm *g, const Phase *phase, int tap)
{
  if (strip->tap == tap)
    return;
  strip->tap = tap;
  for (int t = 0; t < strip->n; t++) {
    gint64 row = strip->row[t] + row_of_tap (phase, tap)->at, col = strip->col[t] + col_of_tap (phase, tap)->at;
    gboolean inside = row >= 0 && row < g->x.rows && col >= 0 && col < g->x.cols;
    strip->offset[t] = inside ? strip->picture[t] + (row * g->x.cols + col) * g->x.block : -1;
  }
}

/* Vector number `b` of the `n_blocks` vectors that V, the gathered input, has for each position. The layout of V,
 * [product][block][position of the product][lanes], is the order of reading. */
typedef struct {
  float *V;
  int n_blocks, b;
  int tiles; /* positions of one product; the last product may have fewer */
} VBlock;

/* Address in vector->V of vector number vector->b for a product of @n_tiles positions, whose first position is @first.
 */
static float *
product_address (const Gemm *g, const VBlock *vector, int first, int n_tiles)
{
  return vector->V + (first * vector->n_blocks + vector->b * n_tiles) * g->simd->lanes;
}

/* Writes lane @lane of the vector @vector of V, the gathered input, at all positions of the strip: the numbers of @x, a
 * channel in plain rows, at strip->offset; 0 where an offset is below 0. strip_set_tap() comes first. @x NULL, beyond
 * the last tap: zeros. */
static void
gather_lane (const Strip *strip, const Gemm *g, const float *x, const VBlock *vector, int lane)
{
  int lanes = g->simd->lanes;
  for (int first = 0; first < strip->n; first += vector->tiles) {
    int n_tiles = MIN (vector->tiles, strip->n - first);
    float *to = product_address (g, vector, first, n_tiles) + lane;
    const gint64 *offset = strip->offset + first;
    for (int t = 0; t < n_tiles; t++)
      to[t * lanes] = x && offset[t] >= 0 ? x[offset[t]] : 0;
  }
}

/* Writes one vector of the gathered input V, @vector, at all positions of the strip: the `lanes` values of x, by tap
 * and channel, of vector number @block of all vectors of a position. Outside of x, and beyond the last tap: zeros.
 * Changes strip->tap to the tap that strip->offset belongs to now; the next call reuses offsets of the same tap.
 * Cannot fail. */
static void
gather (Strip *strip, const Gemm *g, const Phase *phase, const float *x, int block, const VBlock *vector)
{
  int tap;
  gint64 channel, plane = g->x.rows * g->x.cols;
  if (g->x.block > 1) {
    k_to_tap_channel (g, phase, block, 0, &tap, &channel);
    strip_set_tap (strip, g, phase, tap);
    for (int first = 0; first < strip->n; first += vector->tiles) {
      int n_tiles = MIN (vector->tiles, strip->n - first);
      g->simd->gemm->gather (x + channel * plane, strip->offset + first, n_tiles,
                             product_address (g, vector, first, n_tiles));
    }
    return;
  }
  for (int lane = 0; lane < g->simd->lanes; lane++) {
    gboolean any = k_to_tap_channel (g, phase, block, lane, &tap, &channel);
    if (any)
      strip_set_tap (strip, g, phase, tap);
    gather_lane (strip, g, any ? x + channel * plane : NULL, vector, lane);
  }
}

/* ---- forward and backward-data ----------------------------------------------------------------------------------- */

typedef struct {
  const Gemm *g;
  const float *x, *packed, *bias;
  RvPostOp post_op;
  float *y;
  guint8 *bits;
} Run;

/* Writes vector @vector of output channels at the strip's positions to y: the products M and bias, added to y if the
 * spec accumulates. If y is in blocks, applies the post-op, too. @M: at the strip's first position; positions are
 * @M_stride floats apart. Cannot fail. */
static void
write_vector (const Run *run, const Strip *strip, const float *M, gsize M_stride, int vector)
{
  const Gemm *g = run->g;
  gint64 lanes = g->simd->lanes, plane = g->y.rows * g->y.cols, first = vector * lanes;
  if (g->y.block > 1) {
    g->simd->gemm->finish (M, M_stride, run->bias ? run->bias + first : NULL, g->spec.accumulate, run->post_op,
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

/* Sets M, the products for @n_groups groups of output channels, from @first_group on, at the strip's positions:
 * [group][position][vectors of the group][lanes]. Overwrites V, as scratch, and the strip's tap. Does not write y.
 * Cannot fail. */
static void
multiply (const Run *run, const Phase *phase, Strip *strip, int first_group, int n_groups, float *V, float *M)
{
  const Gemm *g = run->g;
  const RvGemmSimd *gemm = g->simd->gemm;
  int lanes = g->simd->lanes, n_products = (int) rv__ceil_div (strip->n, gemm->max_tiles);
  int tiles = (int) rv__ceil_div (strip->n, n_products);

  for (int block = 0; block == 0 || block < phase->n_blocks; block += g->chunk_blocks) {
    int n_blocks = MIN (g->chunk_blocks, phase->n_blocks - block);
    for (int b = 0; b < n_blocks; b++)
      gather (strip, g, phase, run->x, block + b, &(VBlock){ V, n_blocks, b, tiles });
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

/* Computes and writes the outputs of @n_groups groups, from @first_group on, at the strip's positions. @scratch: V,
 * then M. */
static void
run_item (const Run *run, const Phase *phase, Strip *strip, int first_group, int n_groups, float *scratch)
{
  const Gemm *g = run->g;
  int lanes = g->simd->lanes;
  float *M = scratch + V_floats (g);
  multiply (run, phase, strip, first_group, n_groups, scratch, M);
  for (int i = 0; i < n_groups; i++) {
    int n_vectors = vectors_of (g, first_group + i);
    for (int v = 0; v < n_vectors; v++)
      write_vector (run, strip, M + (i * strip->n * GROUP + v) * lanes, (gsize) (n_vectors * lanes),
                    (first_group + i) * GROUP + v);
  }
}

/* RvConvClass.run for forward (writes args->dst) and backward-data (args->src). Blocking. Once cancelled, leaves the
 * remaining output undefined. Always TRUE. */
static gboolean
run (gpointer kernel, RvOnednn *onednn, const RvConvArgs *args, void *scratch)
{
  const Gemm *g = kernel;
  gboolean forward = g->spec.direction == RV_CONV_FORWARD;
  const Run run = { g,
                    forward ? args->src : args->dst,
                    args->packed,
                    args->bias,
                    args->post_op,
                    forward ? args->dst : args->src,
                    args->bits };
#pragma omp parallel num_threads(g->n_threads)
  {
    float *thread_scratch = (float *) scratch + (gsize) omp_get_thread_num () * item_floats (g);
    for (int i = 0; i < g->n_phases; i++) {
      const Phase *phase = &g->phases[i];
#pragma omp for schedule(dynamic) collapse(2) nowait
      for (gint64 first = 0; first < phase->n_positions; first += g->strip_tiles)
        for (int group = 0; group < g->n_groups; group += g->part_groups) {
          Strip strip;
          if (g_cancellable_is_cancelled (args->cancellable))
            continue;
          strip_init (&strip, g, phase, first, (int) MIN (g->strip_tiles, phase->n_positions - first));
          run_item (&run, phase, &strip, group, MIN (g->part_groups, g->n_groups - group), thread_scratch);
        }
    }
  }
  return TRUE;
}

const RvConvClass rv__conv_gemm = { .name = "gemm",
                                    .rounding = 1.1,
                                    .code = "our gemm",
                                    .fuses_post_op = TRUE,
                                    .open = open_gemm,
                                    .close = close_gemm,
                                    .packed_bytes = packed_bytes,
                                    .scratch_bytes = scratch_bytes,
                                    .pack = pack,
                                    .run = run };
