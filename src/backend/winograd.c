/* winograd.c -- convolutions of 3 x 3, 5 x 5, 1 x 7 and 7 x 1 by Winograd's algorithms, in strips of tiles that stay in
 * cache.
 *
 * A strip is a few hundred tiles, of 4 x 4 outputs where the kernel is 3 x 3. For each:
 *   1. every tile of x is brought to its 36 points, V [36][C/lanes][tile][lanes];
 *   2. for a group of output channels: the group's weights are brought to their points, U [36][C][group]; for a part of
 *      the tiles at a time, 36 matrix products make M [36][tile][group], and M is brought back to tiles of y.
 * Between the two all threads meet. Transforming the weights anew in each strip costs up to a tenth of its products and
 * spares memory four times the weights' size.
 *
 * Sums run over the input channels in order, so the result does not depend on the number of threads.
 */
#include "winograd.h"
#include "base/alloc.h"
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#else
#define omp_get_thread_num() 0
#endif

#define GROUP RV_GEMM_GROUP

#define STRIP_BYTES (2u << 20) /* of V: what a second-level cache holds */
#define STRIP_TILES 112        /* but at least so many, or transforming the weights costs too much */
#define PART_POINTS (112 * 36) /* of all tiles in M, at most: it takes half such a cache */
#define CHUNK_BYTES (16 << 10) /* of U at one point: half a first-level cache */
#define LINE_FLOATS 16         /* points do not lie a power of two apart, or they would share a cache set */
#define MAX_LANES 16
#define EVEN_TURNS 4 /* of each thread: from here on it does not matter who has one more */

struct _RvWinograd {
  const RvLanes *lanes;
  const RvWinogradForm *form;
  int in_rows, in_cols, out_rows, out_cols; /* of a tile */
  int points, taps;
  RvWinogradSpec spec;
  int in_blocks, out_blocks, n_groups;
  gboolean plain_y;           /* fewer output channels than lanes */
  int chunk_blocks, n_chunks; /* input channel blocks of one product, whose weights lie together */
  gint64 tile_rows, tile_cols, n_tiles;
  gint64 product_tiles; /* of one product; the last of a strip may have fewer */
  gint64 strip_tiles;   /* of one strip: at most */
  gint64 part_tiles;    /* of M: at most */
  gint64 turn_parts;    /* of one turn of step 2, which share the transformed weights */
  gsize V_point_stride, U_point_stride, M_point_stride;
};

static gint64
ceil_div (gint64 n, gint64 d)
{
  return (n + d - 1) / d;
}

static const RvWinogradForm *
find_form (const RvLanes *lanes, const RvWinogradSpec *spec)
{
  for (int i = 0; i < RV_WINOGRAD_N_FORMS; i++) {
    const RvWinogradForm *form = &lanes->winograd->forms[i];
    if (form->taps[0] == spec->taps[0] && form->taps[1] == spec->taps[1])
      return form;
  }
  return NULL;
}

RvWinograd *
rv__winograd_new (const RvLanes *lanes, const RvWinogradSpec *spec)
{
  int n_lanes = lanes->lanes;
  gboolean plain_y = spec->y.dim[1] < n_lanes;
  const RvWinogradForm *form = find_form (lanes, spec);
  if (!form || spec->x.dim[1] % n_lanes != 0 || (spec->y.dim[1] % n_lanes != 0 && !plain_y))
    return NULL;
  RvWinograd *w = g_new0 (RvWinograd, 1);
  w->lanes = lanes;
  w->form = form;
  w->out_rows = form->out[0], w->out_cols = form->out[1];
  w->in_rows = form->out[0] + form->taps[0] - 1, w->in_cols = form->out[1] + form->taps[1] - 1;
  w->points = w->in_rows * w->in_cols;
  w->taps = form->taps[0] * form->taps[1];
  w->spec = *spec;
  w->in_blocks = (int) spec->x.dim[1] / n_lanes;
  w->out_blocks = (int) ceil_div (spec->y.dim[1], n_lanes);
  w->plain_y = plain_y;
  w->n_groups = (int) ceil_div (w->out_blocks, GROUP);
  w->tile_rows = ceil_div (spec->y.dim[2], w->out_rows);
  w->tile_cols = ceil_div (spec->y.dim[3], w->out_cols);
  w->n_tiles = spec->y.dim[0] * w->tile_rows * w->tile_cols;

  gint64 fit = (gint64) (STRIP_BYTES / ((gsize) w->points * sizeof (float))) / spec->x.dim[1];
  gint64 n_strips = ceil_div (w->n_tiles, MAX (fit, STRIP_TILES));
  gint64 even = ceil_div (w->n_tiles, n_strips);
  w->product_tiles = ceil_div (even, ceil_div (even, lanes->gemm->max_tiles));
  w->strip_tiles = ceil_div (even, w->product_tiles) * w->product_tiles;
  /* Enough turns for all threads, and about as many for each; all of one size. Each transforms its weights: no more. */
  gint64 n_turns = ceil_div (spec->n_threads, w->n_groups);
  if (w->n_groups * n_turns % spec->n_threads != 0 && w->n_groups * n_turns < EVEN_TURNS * spec->n_threads)
    n_turns *= 2;
  gint64 turn_tiles = ceil_div (w->strip_tiles, n_turns);
  w->turn_parts = ceil_div (turn_tiles, PART_POINTS / w->points);
  w->part_tiles = ceil_div (ceil_div (turn_tiles, w->turn_parts), w->product_tiles) * w->product_tiles;

  w->V_point_stride = (gsize) (w->strip_tiles * spec->x.dim[1]) + LINE_FLOATS;
  w->chunk_blocks = MIN (w->in_blocks, MAX (1, CHUNK_BYTES / (GROUP * n_lanes * n_lanes * (int) sizeof (float))));
  w->n_chunks = (int) ceil_div (w->in_blocks, w->chunk_blocks);
  w->U_point_stride = (gsize) (w->chunk_blocks * n_lanes) * GROUP * n_lanes + LINE_FLOATS;
  w->M_point_stride = (gsize) w->part_tiles * GROUP * n_lanes + LINE_FLOATS;
  return w;
}

void
rv__winograd_free (RvWinograd *w)
{
  g_free (w);
}

gsize
rv__winograd_packed_bytes (const RvWinograd *w)
{
  return (gsize) w->spec.x.dim[1] * (gsize) (w->out_blocks * w->lanes->lanes * w->taps) * sizeof (float);
}

static gsize
turn_floats (const RvWinograd *w)
{
  return (gsize) w->points * ((gsize) w->n_chunks * w->U_point_stride + w->M_point_stride);
}

gsize
rv__winograd_scratch_bytes (const RvWinograd *w)
{
  return ((gsize) w->points * w->V_point_stride + (gsize) w->spec.n_threads * turn_floats (w)) * sizeof (float);
}

/* ---- weights ----------------------------------------------------------------------------------------------------- */

static int
vectors_of (const RvWinograd *w, int group)
{
  return MIN (GROUP, w->out_blocks - group * GROUP);
}

static gsize
group_floats (const RvWinograd *w)
{
  return (gsize) w->spec.x.dim[1] * (gsize) (w->taps * GROUP * w->lanes->lanes);
}

/* Weight number @k of those between channel @c of x and @o of y. */
static float
weight (const RvWinograd *w, const float *plain, gint64 c, gint64 o, int k)
{
  gint64 C = w->spec.x.dim[1], O = w->spec.y.dim[1];
  return w->spec.turned ? plain[(c * O + o) * w->taps + w->taps - 1 - k] : plain[(o * C + c) * w->taps + k];
}

void
rv__winograd_pack (const RvWinograd *w, const float *plain, float *packed)
{
  gint64 C = w->spec.x.dim[1], O = w->spec.y.dim[1], lanes = w->lanes->lanes;
#pragma omp parallel for schedule(static)
  for (int group = 0; group < w->n_groups; group++) {
    gint64 first = group * GROUP * lanes, count = vectors_of (w, group) * lanes;
    float *to = packed + (gsize) group * group_floats (w);
    for (gint64 c = 0; c < C; c++)
      for (int k = 0; k < w->taps; k++)
        for (gint64 o = first; o < first + count; o++)
          *to++ = o < O ? weight (w, plain, c, o, k) : 0;
  }
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* One call of rv__winograd_run(). */
typedef struct {
  const RvWinograd *w;
  const float *x, *packed, *bias;
  RvAfter after;
  float *y;
  guint8 *bits;
  float *V;
  GCancellable *cancellable;
} Run;

/* The tiles that are in V at a time. */
typedef struct {
  gint64 first, n_tiles;
} Strip;

/* The upper left corner of a tile in y. */
typedef struct {
  gint64 n, row, col;
} Corner;

static Corner
corner_of (const RvWinograd *w, gint64 tile)
{
  gint64 per_picture = w->tile_rows * w->tile_cols, in_picture = tile % per_picture;
  return (Corner){ tile / per_picture, in_picture / w->tile_cols * w->out_rows,
                   in_picture % w->tile_cols * w->out_cols };
}

/* Where a strip's tile lies within each point of V: the tiles of one product together, [product][C/lanes][tile][lanes],
 * so that a product reads V in order. */
static float *
place_in_V (const Run *run, const Strip *strip, gint64 tile, int block)
{
  const RvWinograd *w = run->w;
  gint64 first = tile / w->product_tiles * w->product_tiles, together = MIN (w->product_tiles, strip->n_tiles - first);
  return run->V + (first * w->in_blocks + block * together + tile - first) * w->lanes->lanes;
}

/* Step 1, of one tile and one channel block. */
static void
tile_to_points (const Run *run, const Strip *strip, gint64 tile, int block)
{
  const RvWinograd *w = run->w;
  gint64 H = w->spec.x.dim[2], W = w->spec.x.dim[3], lanes = w->lanes->lanes;
  Corner at = corner_of (w, strip->first + tile);
  gint64 row = at.row - w->spec.top, col = at.col - w->spec.left;
  const float *plane = run->x + (at.n * w->in_blocks + block) * H * W * lanes;
  float *V = place_in_V (run, strip, tile, block);

  if (row >= 0 && col >= 0 && row + w->in_rows <= H && col + w->in_cols <= W) {
    w->form->transform_x (plane + (row * W + col) * lanes, (gsize) (W * lanes), V, w->V_point_stride);
    return;
  }
  float inside[RV_WINOGRAD_MAX_POINTS * MAX_LANES] = { 0 };
  gint64 first = CLAMP (-col, 0, w->in_cols), end = CLAMP (W - col, first, w->in_cols);
  for (gint64 i = 0; i < w->in_rows; i++)
    if (row + i >= 0 && row + i < H && end > first)
      memcpy (inside + (i * w->in_cols + first) * lanes, plane + ((row + i) * W + col + first) * lanes,
              (gsize) ((end - first) * lanes) * sizeof (float));
  w->form->transform_x (inside, (gsize) (w->in_cols * lanes), V, w->V_point_stride);
}

/* The end of step 2, of one tile and one output vector: @M its first point. */
static void
points_to_tile (const Run *run, const float *M, gint64 tile, int block)
{
  const RvWinograd *w = run->w;
  gint64 H = w->spec.y.dim[2], W = w->spec.y.dim[3], lanes = w->lanes->lanes;
  Corner at = corner_of (w, tile);
  gint64 first = (((at.n * w->out_blocks + block) * H + at.row) * W + at.col) * lanes; /* of y's elements */
  gint64 rows = MIN (w->out_rows, H - at.row), cols = MIN (w->out_cols, W - at.col);
  const float *bias = run->bias ? run->bias + block * lanes : NULL;

  if (rows == w->out_rows && cols == w->out_cols) {
    w->form->transform_y (M, w->M_point_stride, bias, run->after, run->y + first,
                          run->bits ? run->bits + first / 8 : NULL, (gsize) (W * lanes));
    return;
  }
  float made[RV_WINOGRAD_MAX_OUT * MAX_LANES];
  guint8 bits[RV_WINOGRAD_MAX_OUT * MAX_LANES / 8] __attribute__ ((aligned (2))) = { 0 };
  gsize row_bytes = (gsize) (cols * lanes) * sizeof (float), row_bits_bytes = (gsize) (cols * lanes / 8);
  if (run->after == RV_AFTER_MASK)
    for (gint64 i = 0; i < rows; i++)
      memcpy (bits + i * w->out_cols * lanes / 8, run->bits + (first + i * W * lanes) / 8, row_bits_bytes);
  w->form->transform_y (M, w->M_point_stride, bias, run->after, made, bits, (gsize) (w->out_cols * lanes));
  for (gint64 i = 0; i < rows; i++) {
    memcpy (run->y + first + i * W * lanes, made + i * w->out_cols * lanes, row_bytes);
    if (run->after == RV_AFTER_RELU_BITS)
      memcpy (run->bits + (first + i * W * lanes) / 8, bits + i * w->out_cols * lanes / 8, row_bits_bytes);
  }
}

/* The same of a few channels that lie in plain rows. */
static void
points_to_plain_tile (const Run *run, const float *M, gint64 tile)
{
  const RvWinograd *w = run->w;
  gint64 O = w->spec.y.dim[1], H = w->spec.y.dim[2], W = w->spec.y.dim[3], lanes = w->lanes->lanes;
  Corner at = corner_of (w, tile);
  float made[RV_WINOGRAD_MAX_OUT * MAX_LANES], bias[MAX_LANES] = { 0 };
  if (run->bias)
    memcpy (bias, run->bias, (gsize) O * sizeof (float));
  w->form->transform_y (M, w->M_point_stride, bias, RV_AFTER_NOTHING, made, NULL, (gsize) (w->out_cols * lanes));
  for (gint64 c = 0; c < O; c++)
    for (gint64 i = 0; i < MIN (w->out_rows, H - at.row); i++)
      for (gint64 j = 0; j < MIN (w->out_cols, W - at.col); j++)
        run->y[((at.n * O + c) * H + at.row + i) * W + at.col + j] = made[(i * w->out_cols + j) * lanes + c];
}

/* The products at all points of some of the strip's tiles with the chunk of weights in U. */
static void
multiply_chunk (const Run *run, const Strip *strip, const Strip *part, int block, int n_blocks, const float *U,
                int n_vectors, float *M)
{
  const RvWinograd *w = run->w;
  gint64 in_strip = part->first - strip->first;
  for (int point = 0; point < w->points; point++)
    for (gint64 t = 0; t < part->n_tiles; t += w->product_tiles) {
      gint64 next = t + w->product_tiles < part->n_tiles ? t + w->product_tiles : 0;
      const float *V = place_in_V (run, strip, in_strip + t, block) + point * w->V_point_stride;
      const float *next_V = place_in_V (run, strip, in_strip + next, block) + (point + !next) * w->V_point_stride;
      w->lanes->gemm->product (V, next_V, n_blocks, U + point * w->U_point_stride,
                               (int) MIN (w->product_tiles, part->n_tiles - t), n_vectors, block > 0,
                               M + point * w->M_point_stride + t * n_vectors * w->lanes->lanes);
    }
}

/* The group's weights at all points, chunk after chunk. */
static void
transform_weights (const Run *run, int group, float *U)
{
  const RvWinograd *w = run->w;
  int lanes = w->lanes->lanes, n_vectors = vectors_of (w, group);
  const float *weights = run->packed + (gsize) group * group_floats (w);
  for (int c = 0; c < w->in_blocks * lanes; c++) {
    int chunk = c / (w->chunk_blocks * lanes), in_chunk = c % (w->chunk_blocks * lanes);
    w->form->transform_w (weights + (gsize) c * (gsize) (w->taps * n_vectors * lanes), n_vectors,
                          U + (gsize) (chunk * w->points) * w->U_point_stride + in_chunk * n_vectors * lanes,
                          w->U_point_stride);
  }
}

/* Some of the strip's tiles, of one group. */
static void
run_part (const Run *run, const Strip *strip, const Strip *part, int group, const float *U, float *M)
{
  const RvWinograd *w = run->w;
  int lanes = w->lanes->lanes, n_vectors = vectors_of (w, group);
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

/* Step 2, of one group of output channels and the strip's tiles from @first on. */
static void
run_turn (const Run *run, const Strip *strip, gint64 first, int group, float *scratch)
{
  const RvWinograd *w = run->w;
  float *U = scratch, *M = scratch + (gsize) (w->n_chunks * w->points) * w->U_point_stride;
  gint64 end = MIN (first + w->turn_parts * w->part_tiles, strip->n_tiles);
  if (g_cancellable_is_cancelled (run->cancellable)) /* one step of a large picture takes a second */
    return;
  transform_weights (run, group, U);
  for (; first < end; first += w->part_tiles) {
    Strip part = { strip->first + first, MIN (w->part_tiles, end - first) };
    run_part (run, strip, &part, group, U, M);
  }
}

void
rv__winograd_run (const RvWinograd *w, const float *x, const float *packed, const float *bias, RvAfter after, float *y,
                  guint8 *bits, void *scratch, GCancellable *cancellable)
{
  Run run = { w, x, packed, bias, after, y, bits, scratch, cancellable };
  float *turns = run.V + (gsize) w->points * w->V_point_stride;

#pragma omp parallel num_threads(w->spec.n_threads)
  for (gint64 first = 0; first < w->n_tiles; first += w->strip_tiles) {
    Strip strip = { first, MIN (w->strip_tiles, w->n_tiles - first) };
#pragma omp for schedule(static) collapse(2)
    for (int block = 0; block < w->in_blocks; block++)
      for (gint64 tile = 0; tile < strip.n_tiles; tile++)
        tile_to_points (&run, &strip, tile, block);
#pragma omp for schedule(dynamic) collapse(2)
    for (int group = 0; group < w->n_groups; group++)
      for (gint64 tile = 0; tile < strip.n_tiles; tile += w->turn_parts * w->part_tiles)
        run_turn (&run, &strip, tile, group, turns + (gsize) omp_get_thread_num () * turn_floats (w));
  }
}
