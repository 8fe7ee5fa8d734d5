/* winograd.c -- convolutions of 3 x 3, 5 x 5, 1 x 7 and 7 x 1 by Winograd's algorithms (Lavin, Gray 2015), in strips of
 * tiles that stay in cache.
 *
 * A strip is a number of tiles, of 4 x 4 outputs for a 3 x 3 kernel. For each strip:
 *   1. Each tile of x is transformed to its 36 points, V [36][C/lanes][tile][lanes].
 *   2. For each group of output channels, with transformed weights U [36][C][group], and for a part of the tiles:
 *      36 matrix products give M [36][tile][group], and M is transformed to tiles of y.
 *
 * Threads have strips of their own if there are enough tiles: data that another core wrote is slow to read without a
 * shared cache. If U of all groups is small, all threads compute it first, and strips are small enough for the
 * second-level cache. Otherwise each thread computes U again for each strip: this costs up to a tenth of the products
 * of some hundred tiles, and saves memory of four times the weights. If tiles are few, all threads work on one strip at
 * a time, synchronize after step 1, and get groups from a queue.
 *
 * Sums run over the input channels in order: the result does not depend on the number of threads. */
#include "base/parallel.h"
#include "winograd.h"
#include "work-queue.h"
#include <string.h>

#define GROUP RV_GEMM_GROUP

#define FIRST_U_BYTES (3u << 20)       /* maximum of U of all groups that is computed first */
#define FIRST_STRIP_BYTES (256u << 10) /* bytes of V in that case: less than half a second-level cache */
#define STRIP_BYTES (2u << 20)         /* bytes of V otherwise */
#define STRIP_TILES 112                /* minimum of tiles, because transforming the weights has a cost */
#define STRIP_POINTS (112 * 81)        /* maximum of points for that minimum */
#define SEPARATE_TILES 40              /* minimum of tiles of each thread for separate strips */
#define SEPARATE_BYTES (16u << 20)     /* bytes of V of all threads: fits a third-level cache */
#define PART_POINTS (112 * 36)         /* maximum of points of all tiles in M: 0.5 MB with AVX-512 */
#define CHUNK_BYTES (16 << 10)         /* bytes of U at one point: half a first-level cache */
#define LINE_FLOATS 16                 /* padding between points: a power of two would map them to one cache set */
#define MAX_LANES 16
#define AHEAD 16     /* columns to prefetch ahead */
#define EVEN_ITEMS 4 /* items of each thread; with this many, unequal numbers cost little */

struct _RvWinograd {
  const RvSimd *simd;
  const RvWinogradTransform *transform;
  int in_rows, in_cols, out_rows, out_cols; /* per tile */
  int row_step, col_step;                   /* in x, from tile to tile */
  int points, taps;
  RvWinogradSpec spec;
  int in_blocks, out_blocks, n_groups;
  gboolean plain_y;           /* fewer output channels than lanes */
  gboolean U_first;           /* U of all groups is computed first, for all threads */
  gboolean separate_strips;   /* each thread has strips of its own */
  int chunk_blocks, n_chunks; /* input channel blocks of one product, with contiguous weights */
  gint64 tile_rows, tile_cols, n_tiles;
  gint64 product_tiles; /* tiles of one product; the last one of a strip may have fewer */
  gint64 strip_tiles;   /* maximum of tiles in a strip */
  gint64 part_tiles;    /* maximum of tiles in M */
  gint64 item_parts;    /* parts in one item of step 2, which use the same transformed weights */
  gsize V_point_stride, U_point_stride, M_point_stride;
};

/* (nullable): the transform for the kernel size, kind and tile size of @spec; NULL: none. Static. */
static const RvWinogradTransform *
find_transform (const RvSimd *simd, const RvWinogradSpec *spec)
{
  for (int i = 0; i < RV_WINOGRAD_N_TRANSFORMS; i++) {
    const RvWinogradTransform *transform = &simd->winograd->transforms[i];
    if (transform->taps[0] == spec->taps[0] && transform->taps[1] == spec->taps[1] && transform->kind == spec->kind &&
        transform->large == spec->large)
      return transform;
  }
  return NULL;
}

/* Floats of U, the transformed weights, of one group of output channels. */
static gsize
group_U_floats (const RvWinograd *w)
{
  return (gsize) (w->points * w->n_chunks) * w->U_point_stride;
}

/* Decides how threads divide the tiles, and the sizes of strips, items and parts. */
static void
plan (RvWinograd *w)
{
  gsize tile_bytes = (gsize) w->points * (gsize) w->spec.x.dim[1] * sizeof (float);
  gint64 n_threads = w->spec.n_threads, of_each = rv__ceil_div (w->n_tiles, n_threads);
  gint64 fit_separate = (gint64) (SEPARATE_BYTES / tile_bytes) / n_threads;
  gint64 min_tiles = MIN (STRIP_TILES, STRIP_POINTS / w->points);
  gint64 max_tiles = MAX ((gint64) (STRIP_BYTES / tile_bytes), min_tiles);
  w->U_first = (gsize) w->n_groups * group_U_floats (w) * sizeof (float) <= FIRST_U_BYTES;
  w->separate_strips = w->U_first || MIN (of_each, fit_separate) >= SEPARATE_TILES;
  if (w->separate_strips)
    max_tiles = w->U_first ? MAX ((gint64) (FIRST_STRIP_BYTES / tile_bytes), 1) : MIN (max_tiles, fit_separate);
  /* About equal strips, rounded up to whole products. Separate strips: the same number for each thread. */
  gint64 n_owners = w->separate_strips ? n_threads : 1;
  gint64 even = rv__ceil_div (w->n_tiles, rv__ceil_div (rv__ceil_div (w->n_tiles, max_tiles), n_owners) * n_owners);
  w->product_tiles = rv__ceil_div (even, rv__ceil_div (even, w->simd->gemm->max_tiles));
  w->strip_tiles = rv__ceil_div (even, w->product_tiles) * w->product_tiles;
  /* Items and parts divide a group's tiles equally. If threads share a strip, there are enough items for all, but no
   * more than needed: each item transforms the weights. */
  gint64 n_sharing = w->separate_strips ? 1 : n_threads, n_items = rv__ceil_div (n_sharing, w->n_groups);
  if (w->n_groups * n_items % n_sharing != 0 && w->n_groups * n_items < EVEN_ITEMS * n_sharing)
    n_items *= 2;
  gint64 item_tiles = rv__ceil_div (w->strip_tiles, n_items);
  w->item_parts = rv__ceil_div (item_tiles, PART_POINTS / w->points);
  w->part_tiles = rv__ceil_div (rv__ceil_div (item_tiles, w->item_parts), w->product_tiles) * w->product_tiles;
}

RvWinograd *
rv__winograd_new (const RvSimd *simd, const RvWinogradSpec *spec)
{
  int n_lanes = simd->lanes;
  gboolean plain_y = spec->y.dim[1] < n_lanes;
  const RvWinogradTransform *transform = find_transform (simd, spec);
  if (!transform || spec->x.dim[1] % n_lanes != 0 || (spec->y.dim[1] % n_lanes != 0 && !plain_y))
    return NULL;
  RvWinograd *w = g_new0 (RvWinograd, 1);
  w->simd = simd;
  w->transform = transform;
  w->out_rows = transform->out[0], w->out_cols = transform->out[1];
  w->in_rows = transform->in[0], w->in_cols = transform->in[1];
  w->row_step = transform->step[0], w->col_step = transform->step[1];
  w->points = transform->points[0] * transform->points[1];
  w->taps = transform->taps[0] * transform->taps[1];
  w->spec = *spec;
  w->in_blocks = (int) spec->x.dim[1] / n_lanes;
  w->out_blocks = (int) rv__ceil_div (spec->y.dim[1], n_lanes);
  w->plain_y = plain_y;
  w->n_groups = (int) rv__ceil_div (w->out_blocks, GROUP);
  w->tile_rows = rv__ceil_div (spec->y.dim[2], w->out_rows);
  w->tile_cols = rv__ceil_div (spec->y.dim[3], w->out_cols);
  w->n_tiles = spec->y.dim[0] * w->tile_rows * w->tile_cols;

  w->chunk_blocks = MIN (w->in_blocks, MAX (1, CHUNK_BYTES / (GROUP * n_lanes * n_lanes * (int) sizeof (float))));
  w->n_chunks = (int) rv__ceil_div (w->in_blocks, w->chunk_blocks);
  w->U_point_stride = (gsize) (w->chunk_blocks * n_lanes) * GROUP * n_lanes + LINE_FLOATS;
  plan (w);
  w->V_point_stride = (gsize) (w->strip_tiles * spec->x.dim[1]) + LINE_FLOATS;
  w->M_point_stride = (gsize) w->part_tiles * GROUP * n_lanes + LINE_FLOATS;
  return w;
}

double
rv__winograd_rounding (gconstpointer winograd)
{
  return ((const RvWinograd *) winograd)->transform->rounding;
}

gsize
rv__winograd_packed_bytes (gconstpointer winograd)
{
  const RvWinograd *w = winograd;
  return (gsize) w->spec.x.dim[1] * (gsize) (w->out_blocks * w->simd->lanes * w->taps) * sizeof (float);
}

/* Floats of V, the transformed tiles of x, of one strip. */
static gsize
V_floats (const RvWinograd *w)
{
  return (gsize) w->points * w->V_point_stride;
}

static gsize
M_floats (const RvWinograd *w)
{
  return (gsize) w->points * w->M_point_stride;
}

/* Floats of the scratch of one thread: M, then U, then V. */
static gsize
thread_floats (const RvWinograd *w)
{
  return M_floats (w) + (w->U_first ? 0 : group_U_floats (w)) + (w->separate_strips ? V_floats (w) : 0);
}

/* Floats of the scratch that all threads use: U of all groups, or V, or none. */
static gsize
shared_floats (const RvWinograd *w)
{
  return w->U_first ? (gsize) w->n_groups * group_U_floats (w) : w->separate_strips ? 0 : V_floats (w);
}

gsize
rv__winograd_scratch_bytes (gconstpointer winograd)
{
  const RvWinograd *w = winograd;
  return (shared_floats (w) + (gsize) w->spec.n_threads * thread_floats (w)) * sizeof (float);
}

/* ---- weights ----------------------------------------------------------------------------------------------------- */

/* Number of vectors of output channels in group @group: GROUP, or fewer in the last one. */
static int
vectors_of (const RvWinograd *w, int group)
{
  return MIN (GROUP, w->out_blocks - group * GROUP);
}

static gsize
group_floats (const RvWinograd *w)
{
  return (gsize) w->spec.x.dim[1] * (gsize) (w->taps * GROUP * w->simd->lanes);
}

/* Weight @k, in row-major order of taps, between channel @c of x and channel @o of y, from @plain, [O, C, U, V] of the
 * convolution before it was flipped. */
static float
plain_weight (const RvWinograd *w, const float *plain, gint64 c, gint64 o, int k)
{
  gint64 C = w->spec.x.dim[1], O = w->spec.y.dim[1];
  return w->spec.flipped ? plain[(c * O + o) * w->taps + w->taps - 1 - k] : plain[(o * C + c) * w->taps + k];
}

void
rv__winograd_pack (const RvWinograd *w, const float *plain, float *packed)
{
  gint64 C = w->spec.x.dim[1], O = w->spec.y.dim[1], lanes = w->simd->lanes;
#pragma omp parallel for schedule(static)
  for (int group = 0; group < w->n_groups; group++) {
    gint64 first = group * GROUP * lanes, count = vectors_of (w, group) * lanes;
    float *to = packed + (gsize) group * group_floats (w);
    for (gint64 c = 0; c < C; c++)
      for (int k = 0; k < w->taps; k++)
        for (gint64 o = first; o < first + count; o++)
          *to++ = o < O ? plain_weight (w, plain, c, o, k) : 0;
  }
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

typedef struct {
  const RvWinograd *w;
  const float *x, *packed, *bias;
  RvPostOp post_op;
  float *y;
  guint8 *bits;
  float *shared;      /* U of all groups, or V; used by all threads */
  RvWorkQueue strips; /* work queue of strips, if each thread has its own */
  GCancellable *cancellable;
} Run;

/* Whether the run is cancelled. Checked often, because one step of a large picture takes a second. */
static gboolean
is_cancelled (const Run *run)
{
  return g_cancellable_is_cancelled (run->cancellable);
}

/* Tiles in V, or some of them. */
typedef struct {
  gint64 first, n_tiles;
  float *V;
} Strip;

/* Picture of a tile, and its row and column among the tiles of the picture. */
typedef struct {
  gint64 n, row, col;
} TileIndex;

static TileIndex
tile_index (const RvWinograd *w, gint64 tile)
{
  gint64 per_picture = w->tile_rows * w->tile_cols, in_picture = tile % per_picture;
  return (TileIndex){ tile / per_picture, in_picture / w->tile_cols, in_picture % w->tile_cols };
}

/* Address in V of tile @tile of @strip and channel block @block, for the first point; other points follow at steps of
 * V_point_stride. Each point of V is [product][C/lanes][tile][lanes], the order of reading. */
static float *
tile_in_V (const Run *run, const Strip *strip, gint64 tile, int block)
{
  const RvWinograd *w = run->w;
  gint64 first = tile / w->product_tiles * w->product_tiles, n_tiles = MIN (w->product_tiles, strip->n_tiles - first);
  return strip->V + (first * w->in_blocks + block * n_tiles + tile - first) * w->simd->lanes;
}

/* Prefetches the @rows rows of a later tile, @tile_row_floats floats each and @row_floats apart, for reading or, with
 * @written, for writing: the hardware prefetcher cannot follow so many rows. Harmless beyond the end of an array. */
static void
prefetch_tile (const float *tile, int rows, gint64 row_floats, int tile_row_floats, gboolean written)
{
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < tile_row_floats; j += LINE_FLOATS)
      if (written)
        __builtin_prefetch (tile + i * row_floats + j, 1);
      else
        __builtin_prefetch (tile + i * row_floats + j);
}

/* Transforms one tile and channel block @block of x to the tile's points in strip->V (step 1). @tile: index in the
 * strip. Positions beyond x are 0. Cannot fail. */
static void
tile_to_points (const Run *run, const Strip *strip, gint64 tile, int block)
{
  const RvWinograd *w = run->w;
  gint64 H = w->spec.x.dim[2], W = w->spec.x.dim[3], lanes = w->simd->lanes;
  TileIndex at = tile_index (w, strip->first + tile);
  gint64 row = at.row * w->row_step - w->spec.top, col = at.col * w->col_step - w->spec.left;
  const float *plane = run->x + (at.n * w->in_blocks + block) * H * W * lanes;
  float *V = tile_in_V (run, strip, tile, block);

  if (row >= 0 && col >= 0 && row + w->in_rows <= H && col + w->in_cols <= W) {
    prefetch_tile (plane + (row * W + col + AHEAD) * lanes, w->in_rows, W * lanes, w->col_step * (int) lanes, FALSE);
    w->transform->transform_x (plane + (row * W + col) * lanes, (gsize) (W * lanes), V, w->V_point_stride);
    return;
  }
  float inside[RV_WINOGRAD_MAX_POINTS * MAX_LANES] = { 0 };
  gint64 first = CLAMP (-col, 0, w->in_cols), end = CLAMP (W - col, first, w->in_cols);
  for (gint64 i = 0; i < w->in_rows; i++)
    if (row + i >= 0 && row + i < H && end > first)
      memcpy (inside + (i * w->in_cols + first) * lanes, plane + ((row + i) * W + col + first) * lanes,
              (gsize) ((end - first) * lanes) * sizeof (float));
  w->transform->transform_x (inside, (gsize) (w->in_cols * lanes), V, w->V_point_stride);
}

/* Transforms the points M of one tile and output vector @block to y, in channel blocks, with bias and post-op,
 * clipped to y. @M: the first point of this tile and block; others follow at steps of w->M_point_stride. @tile:
 * index over all strips. Post-ops with a mask also write or read run->bits. */
static void
points_to_tile (const Run *run, const float *M, gint64 tile, int block)
{
  const RvWinograd *w = run->w;
  gint64 H = w->spec.y.dim[2], W = w->spec.y.dim[3], lanes = w->simd->lanes;
  TileIndex at = tile_index (w, tile);
  gint64 row = at.row * w->out_rows, col = at.col * w->out_cols;
  gint64 first = (((at.n * w->out_blocks + block) * H + row) * W + col) * lanes; /* in elements of y */
  gint64 rows = MIN (w->out_rows, H - row), cols = MIN (w->out_cols, W - col);
  const float *bias = run->bias ? run->bias + block * lanes : NULL;

  if (rows == w->out_rows && cols == w->out_cols) {
    prefetch_tile (run->y + first + AHEAD * lanes, w->out_rows, W * lanes, w->out_cols * (int) lanes, TRUE);
    w->transform->transform_y (M, w->M_point_stride, bias, run->post_op, run->y + first,
                               run->bits ? run->bits + first / 8 : NULL, (gsize) (W * lanes));
    return;
  }
  float result[RV_WINOGRAD_MAX_OUT * MAX_LANES];
  guint8 bits[RV_WINOGRAD_MAX_OUT * MAX_LANES / 8] __attribute__ ((aligned (2))) = { 0 };
  gsize row_bytes = (gsize) (cols * lanes) * sizeof (float), row_bits_bytes = (gsize) (cols * lanes / 8);
  if (run->post_op == RV_POST_OP_APPLY_MASK)
    for (gint64 i = 0; i < rows; i++)
      memcpy (bits + i * w->out_cols * lanes / 8, run->bits + (first + i * W * lanes) / 8, row_bits_bytes);
  w->transform->transform_y (M, w->M_point_stride, bias, run->post_op, result, bits, (gsize) (w->out_cols * lanes));
  for (gint64 i = 0; i < rows; i++) {
    memcpy (run->y + first + i * W * lanes, result + i * w->out_cols * lanes, row_bytes);
    if (run->post_op == RV_POST_OP_RELU_SAVE_MASK)
      memcpy (run->bits + (first + i * W * lanes) / 8, bits + i * w->out_cols * lanes / 8, row_bits_bytes);
  }
}

/* Transforms the points M of one tile to y in plain rows, for fewer output channels than lanes, with bias, without
 * post-op, clipped to y. @M: its first point. @tile: index over all strips. Cannot fail. */
static void
points_to_plain_tile (const Run *run, const float *M, gint64 tile)
{
  const RvWinograd *w = run->w;
  gint64 O = w->spec.y.dim[1], H = w->spec.y.dim[2], W = w->spec.y.dim[3], lanes = w->simd->lanes;
  TileIndex at = tile_index (w, tile);
  gint64 row = at.row * w->out_rows, col = at.col * w->out_cols;
  float result[RV_WINOGRAD_MAX_OUT * MAX_LANES], bias[MAX_LANES] = { 0 };
  if (run->bias)
    memcpy (bias, run->bias, (gsize) O * sizeof (float));
  w->transform->transform_y (M, w->M_point_stride, bias, RV_POST_OP_NONE, result, NULL, (gsize) (w->out_cols * lanes));
  for (gint64 c = 0; c < O; c++)
    for (gint64 i = 0; i < MIN (w->out_rows, H - row); i++)
      for (gint64 j = 0; j < MIN (w->out_cols, W - col); j++)
        run->y[((at.n * O + c) * H + row + i) * W + col + j] = result[(i * w->out_cols + j) * lanes + c];
}

/* Multiplies the tiles of @part, in @strip, with a chunk of weights in U, at all points: @n_blocks blocks of input
 * channels from @block on, for @n_vectors vectors of outputs. Adds to M unless @block is 0. */
static void
multiply_chunk (const Run *run, const Strip *strip, const Strip *part, int block, int n_blocks, const float *U,
                int n_vectors, float *M)
{
  const RvWinograd *w = run->w;
  gint64 in_strip = part->first - strip->first;
  for (int point = 0; point < w->points; point++)
    for (gint64 t = 0; t < part->n_tiles; t += w->product_tiles) {
      gint64 next = t + w->product_tiles < part->n_tiles ? t + w->product_tiles : 0;
      const float *V = tile_in_V (run, strip, in_strip + t, block) + point * w->V_point_stride;
      const float *next_V = tile_in_V (run, strip, in_strip + next, block) + (point + !next) * w->V_point_stride;
      w->simd->gemm->product (V, next_V, n_blocks, U + point * w->U_point_stride,
                              (int) MIN (w->product_tiles, part->n_tiles - t), n_vectors, block > 0,
                              M + point * w->M_point_stride + t * n_vectors * w->simd->lanes);
    }
}

/* Transforms the weights of group @group of output channels for one input channel block to all their points in @U, the
 * group's transformed weights. */
static void
transform_block (const Run *run, int group, int block, float *U)
{
  const RvWinograd *w = run->w;
  int lanes = w->simd->lanes, n_vectors = vectors_of (w, group);
  const float *weights = run->packed + (gsize) group * group_floats (w);
  U += (gsize) (block / w->chunk_blocks * w->points) * w->U_point_stride;
  for (int lane = 0; lane < lanes; lane++) {
    int c = block * lanes + lane, in_chunk = block % w->chunk_blocks * lanes + lane;
    w->transform->transform_w (weights + (gsize) c * (gsize) (w->taps * n_vectors * lanes), n_vectors,
                               U + in_chunk * n_vectors * lanes, w->U_point_stride);
  }
}

/* Transforms the weights of all groups to run->shared. Called by all threads, which divide the work. */
static void
transform_all_weights (const Run *run)
{
  const RvWinograd *w = run->w;
#pragma omp for schedule(static) collapse(2)
  for (int group = 0; group < w->n_groups; group++)
    for (int block = 0; block < w->in_blocks; block++)
      transform_block (run, group, block, run->shared + (gsize) group * group_U_floats (w));
}

/* Transformed weights U of group @group of output channels: in run->shared if U_first, else computed here in
 * @thread_scratch, which needs group_U_floats(). Borrowed. */
static const float *
group_weights (const Run *run, int group, float *thread_scratch)
{
  const RvWinograd *w = run->w;
  if (w->U_first)
    return run->shared + (gsize) group * group_U_floats (w);
  for (int block = 0; block < w->in_blocks; block++)
    transform_block (run, group, block, thread_scratch);
  return thread_scratch;
}

/* Multiplies the tiles of @part, some of @strip, with the group's weights @U at all points, and writes the products,
 * transformed, to y. @M: scratch, overwritten. */
static void
run_part (const Run *run, const Strip *strip, const Strip *part, int group, const float *U, float *M)
{
  const RvWinograd *w = run->w;
  int lanes = w->simd->lanes, n_vectors = vectors_of (w, group);
  for (int chunk = 0; chunk < w->n_chunks; chunk++) {
    int block = chunk * w->chunk_blocks;
    multiply_chunk (run, strip, part, block, MIN (w->chunk_blocks, w->in_blocks - block),
                    U + (gsize) (chunk * w->points) * w->U_point_stride, n_vectors, M);
  }
  for (int n = 0; n < n_vectors; n++)
    for (gint64 t = 0; t < part->n_tiles; t++)
      if (w->plain_y)
        points_to_plain_tile (run, M + t * lanes, part->first + t);
      else
        points_to_tile (run, M + (t * n_vectors + n) * lanes, part->first + t, group * GROUP + n);
}

/* Computes y for one group and one item of the strip's tiles, from @first on (step 2). @thread_scratch: the thread's
 * own, overwritten. Does nothing once cancelled. */
static void
run_item (const Run *run, const Strip *strip, gint64 first, int group, float *thread_scratch)
{
  const RvWinograd *w = run->w;
  float *M = thread_scratch;
  gint64 end = MIN (first + w->item_parts * w->part_tiles, strip->n_tiles);
  if (is_cancelled (run))
    return;
  const float *U = group_weights (run, group, thread_scratch + M_floats (w));
  for (; first < end; first += w->part_tiles) {
    Strip part = { strip->first + first, MIN (w->part_tiles, end - first), strip->V };
    run_part (run, strip, &part, group, U, M);
  }
}

/* Writes the strips of y that thread @thread gets from the work queue run->strips. Called by each thread of the
 * parallel region. Stops early once cancelled; the other strips are then undefined. */
static void
run_separate_strips (const Run *run, int thread, float *thread_scratch)
{
  const RvWinograd *w = run->w;
  float *V = thread_scratch + thread_floats (w) - V_floats (w);
  for (gint64 i; (i = rv__work_queue_next (&run->strips, thread)) >= 0;) {
    if (is_cancelled (run))
      return;
    gint64 first = i * w->strip_tiles;
    Strip strip = { first, MIN (w->strip_tiles, w->n_tiles - first), V };
    for (int block = 0; block < w->in_blocks; block++)
      for (gint64 tile = 0; tile < strip.n_tiles; tile++)
        tile_to_points (run, &strip, tile, block);
    for (int group = 0; group < w->n_groups; group++)
      run_item (run, &strip, 0, group, thread_scratch);
  }
}

/* Writes y strip by strip. Called by all threads of the parallel region, which divide each strip and wait for each
 * other. Once cancelled, skips transforms and products; y is then undefined. */
static void
run_shared_strips (const Run *run, float *thread_scratch)
{
  const RvWinograd *w = run->w;
  for (gint64 first = 0; first < w->n_tiles; first += w->strip_tiles) {
    Strip strip = { first, MIN (w->strip_tiles, w->n_tiles - first), run->shared };
    gboolean cancelled = is_cancelled (run); /* threads may differ: all run both loops */
#pragma omp for schedule(static) collapse(2)
    for (int block = 0; block < w->in_blocks; block++)
      for (gint64 tile = 0; tile < strip.n_tiles; tile++)
        if (!cancelled)
          tile_to_points (run, &strip, tile, block);
#pragma omp for schedule(dynamic) collapse(2)
    for (int group = 0; group < w->n_groups; group++)
      for (gint64 tile = 0; tile < strip.n_tiles; tile += w->item_parts * w->part_tiles)
        run_item (run, &strip, tile, group, thread_scratch);
  }
}

void
rv__winograd_run (const RvWinograd *w, const RvConvArgs *args, void *scratch)
{
  int n_threads = w->spec.n_threads;
  const Run run = { .w = w,
                    .x = w->spec.flipped ? args->dst : args->src,
                    .packed = args->packed,
                    .bias = args->bias,
                    .post_op = args->post_op,
                    .y = w->spec.flipped ? args->src : args->dst,
                    .bits = args->bits,
                    .shared = scratch,
                    .strips = { .n_items = rv__ceil_div (w->n_tiles, w->strip_tiles),
                                .n_threads = n_threads,
                                .taken = g_newa0 (gint, n_threads) },
                    .cancellable = args->cancellable };
#pragma omp parallel num_threads(n_threads)
  {
    int thread = omp_get_thread_num ();
    float *thread_scratch = run.shared + shared_floats (w) + (gsize) thread * thread_floats (w);
    if (w->U_first)
      transform_all_weights (&run);
    if (w->separate_strips)
      run_separate_strips (&run, thread, thread_scratch);
    else
      run_shared_strips (&run, thread_scratch);
  }
}
