/* wgrad.c -- gradient of a convolution's weights as sums of outer products.
 *
 * gw[tap][c][o] = sum over positions of x[position under the tap][c] gy[position][o]. Operands in plain rows are first
 * copied to channel blocks. For each tap x is then read at an offset; positions beyond an edge are skipped. Positions
 * are processed in chunks that stay in the first-level cache for all taps and channels. The chunks of all pictures are
 * summed in a fixed number of parts, independent of the number of threads. Large sums have few parts; threads then
 * divide the channels of x. */
#include "conv-class.h"
#include "work-queue.h"
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#else
#define omp_get_thread_num() 0
#endif

#define CHUNK_POSITIONS 256    /* about */
#define MAX_PARTS 16           /* maximum of parts of the sums */
#define PARTS_BYTES (4u << 20) /* all parts together, about */
#define MIN_PIECES 16          /* items of the work queue */

/* One operand. */
typedef struct {
  gint64 n, channels, rows, cols, n_blocks;
  gsize staged_floats; /* 0: already in blocks */
} Side;

typedef struct {
  const RvSimd *lanes;
  RvConvSpec spec;
  int n_threads;
  Side x, y;
  gint64 chunk_rows, chunk_pictures, n_chunks; /* some rows of a picture, or some whole pictures */
  gint64 n_parts, n_shares;                    /* parts of the chunks; divisions of the blocks of x */
  gsize part_floats;
} Outer;

static gint64
ceil_div (gint64 n, gint64 d)
{
  return (n + d - 1) / d;
}

/* ---- planning ---------------------------------------------------------------------------------------------------- */

static Side
side_of (const RvShape *shape, int block, int lanes)
{
  Side side = { shape->dim[0], shape->dim[1], shape->dim[2], shape->dim[3], ceil_div (shape->dim[1], lanes), 0 };
  if (block == 1)
    side.staged_floats = (gsize) (side.n * side.n_blocks * lanes * side.rows * side.cols);
  return side;
}

/* RvConvClass.open. NULL for directions other than backward-weights. */
static gpointer
open_outer (RvOnednn *onednn, const RvSimd *lanes, const RvConvSpec *spec, int n_threads)
{
  gint64 L = lanes->lanes;
  if (spec->direction != RV_CONV_BACKWARD_WEIGHTS || (spec->src_block > 1 && spec->src_block != L) ||
      (spec->dst_block > 1 && spec->dst_block != L))
    return NULL;
  Outer *outer = g_new0 (Outer, 1);
  outer->lanes = lanes;
  outer->spec = *spec;
  outer->n_threads = n_threads;
  outer->x = side_of (&spec->src, spec->src_block, lanes->lanes);
  outer->y = side_of (&spec->dst, spec->dst_block, lanes->lanes);
  outer->chunk_rows = CLAMP (CHUNK_POSITIONS / MAX (outer->y.cols, 1), 1, MAX (outer->y.rows, 1));
  outer->chunk_pictures = CLAMP (CHUNK_POSITIONS / MAX (outer->y.rows * outer->y.cols, 1), 1, outer->y.n);
  outer->n_chunks = ceil_div (outer->y.n, outer->chunk_pictures) * ceil_div (outer->y.rows, outer->chunk_rows);
  outer->part_floats =
    (gsize) (outer->x.n_blocks * L * outer->y.n_blocks * L * spec->weights.dim[2] * spec->weights.dim[3]);
  gint64 fitting = (gint64) (PARTS_BYTES / (outer->part_floats * sizeof (float)));
  outer->n_parts = CLAMP (MIN (fitting, outer->n_chunks), 1, MAX_PARTS);
  outer->n_shares = CLAMP (ceil_div (MIN_PIECES, outer->n_parts), 1, outer->x.n_blocks);
  return outer;
}

static gsize
scratch_bytes (gconstpointer kernel)
{
  const Outer *outer = kernel;
  return (outer->x.staged_floats + outer->y.staged_floats + (gsize) outer->n_parts * outer->part_floats) *
         sizeof (float);
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* Copies an operand from plain rows to blocks. Missing channels are 0. */
static const float *
stage (const Outer *outer, const Side *side, const float *from, float *staged)
{
  gint64 L = outer->lanes->lanes, plane = side->rows * side->cols;
  if (side->staged_floats == 0)
    return from;
#pragma omp parallel for schedule(static) num_threads(outer->n_threads)
  for (gint64 i = 0; i < side->n * side->n_blocks; i++)
    for (gint64 p = 0; p < plane; p++)
      for (gint64 lane = 0; lane < L; lane++) {
        gint64 c = i % side->n_blocks * L + lane;
        staged[(i * plane + p) * L + lane] =
          c < side->channels ? from[(i / side->n_blocks * side->channels + c) * plane + p] : 0;
      }
  return staged;
}

/* Limits positions @from .. @end-1 of an axis of gy to those whose tap is in x. Returns the position of x for the
 * first. */
static gint64
clip (const RvConvSpec *spec, int axis, gint64 tap, gint64 *from, gint64 *end)
{
  gint64 stride = spec->stride[axis], pad = axis == 0 ? spec->pad.top : spec->pad.left;
  gint64 at = tap * spec->dilation[axis] - pad, n = spec->src.dim[2 + axis];
  *from = MAX (*from, at < 0 ? ceil_div (-at, stride) : 0);
  *end = MIN (*end, n > at ? ceil_div (n - at, stride) : 0);
  return *from * stride + at;
}

/* Adds one chunk: rows @from .. @end-1 of gy of @n_pictures pictures, and a block of x. @sum: [tap][lanes][outputs]. */
static void
add_chunk (const Outer *outer, const float *x, const float *gy, gint64 n_pictures, gint64 from, gint64 end, float *sum)
{
  const RvConvSpec *spec = &outer->spec;
  gint64 L = outer->lanes->lanes, outputs = outer->y.n_blocks * L, n_cols = spec->weights.dim[3];
  gsize g_vector = (gsize) (outer->y.rows * outer->y.cols * L);
  for (gint64 first = 0; first < outer->y.n_blocks; first += RV_WGRAD_VECTORS)
    for (gint64 tap = 0; tap < spec->weights.dim[2] * n_cols; tap++) {
      gint64 row = from, row_end = end, col = 0, col_end = outer->y.cols;
      gint64 x_row = clip (spec, 0, tap / n_cols, &row, &row_end), x_col = clip (spec, 1, tap % n_cols, &col, &col_end);
      if (row >= row_end || col >= col_end)
        continue;
      const RvWgradOperands place = { .x = x + (x_row * outer->x.cols + x_col) * L,
                                      .g = gy + (gsize) first * g_vector + (row * outer->y.cols + col) * L,
                                      .x_picture = outer->x.n_blocks * outer->x.rows * outer->x.cols * L,
                                      .g_picture = outer->y.n_blocks * outer->y.rows * outer->y.cols * L,
                                      .n_pictures = n_pictures,
                                      .x_row = spec->stride[0] * outer->x.cols * L,
                                      .x_col = spec->stride[1] * L,
                                      .g_row = outer->y.cols * L,
                                      .g_vector = g_vector,
                                      .n_rows = row_end - row,
                                      .n_cols = col_end - col };
      outer->lanes->wgrad->add (&place, (int) MIN (RV_WGRAD_VECTORS, outer->y.n_blocks - first),
                                sum + tap * L * outputs + first * L, (gsize) outputs);
    }
}

/* Adds a part's chunks, for some blocks of x. @sum: [block][tap][lanes][outputs]. */
static void
run_piece (const Outer *outer, const float *x, const float *gy, gint64 part, gint64 share, float *sum,
           GCancellable *cancellable)
{
  gint64 L = outer->lanes->lanes, per_picture = ceil_div (outer->y.rows, outer->chunk_rows);
  gint64 x_plane = outer->x.rows * outer->x.cols * L, y_picture = outer->y.n_blocks * outer->y.rows * outer->y.cols * L;
  gint64 first = outer->x.n_blocks * share / outer->n_shares, end = outer->x.n_blocks * (share + 1) / outer->n_shares;
  gsize block_floats = outer->part_floats / (gsize) outer->x.n_blocks;
  memset (sum + (gsize) first * block_floats, 0, (gsize) (end - first) * block_floats * sizeof (float));
  for (gint64 chunk = outer->n_chunks * part / outer->n_parts; chunk < outer->n_chunks * (part + 1) / outer->n_parts;
       chunk++) {
    gint64 picture = chunk / per_picture * outer->chunk_pictures, row = chunk % per_picture * outer->chunk_rows;
    gint64 n_pictures = MIN (outer->chunk_pictures, outer->y.n - picture);
    for (gint64 block = first; block < end && !g_cancellable_is_cancelled (cancellable); block++)
      add_chunk (outer, x + (picture * outer->x.n_blocks + block) * x_plane, gy + picture * y_picture, n_pictures, row,
                 MIN (row + outer->chunk_rows, outer->y.rows), sum + (gsize) block * block_floats);
  }
}

/* Adds all parts of one block of x into the first part. */
static const float *
sum_parts (const Outer *outer, gint64 block, float *parts)
{
  gint64 n = (gint64) outer->part_floats / outer->x.n_blocks;
  float *sum = parts + block * n;
  for (gint64 part = 1; part < outer->n_parts; part++) {
    const float *more = sum + (gsize) part * outer->part_floats;
    for (gint64 i = 0; i < n; i++)
      sum[i] += more[i];
  }
  return sum;
}

/* Writes [tap][lanes][outputs] of each block to [O, C, U, V]. */
static void
write_weights (const Outer *outer, float *parts, float *weights)
{
  gint64 L = outer->lanes->lanes, outputs = outer->y.n_blocks * L, C = outer->x.channels;
  gint64 n_taps = outer->spec.weights.dim[2] * outer->spec.weights.dim[3];
#pragma omp parallel for schedule(static) num_threads(outer->n_threads)
  for (gint64 block = 0; block < outer->x.n_blocks; block++) {
    const float *sum = sum_parts (outer, block, parts);
    gint64 first = block * L, n = MIN (L, C - first);
    for (gint64 o = 0; o < outer->y.channels; o++)
      for (gint64 i = 0; i < n * n_taps; i++)
        weights[(o * C + first) * n_taps + i] = sum[(i % n_taps * L + i / n_taps) * outputs + o];
  }
}

/* RvConvClass.run: the gradient of the weights. */
static gboolean
run (gpointer kernel, RvOnednn *onednn, const RvConvArgs *of, void *scratch)
{
  const Outer *outer = kernel;
  float *staged_x = scratch, *staged_y = staged_x + outer->x.staged_floats, *parts = staged_y + outer->y.staged_floats;
  const float *x = stage (outer, &outer->x, of->src, staged_x), *gy = stage (outer, &outer->y, of->dst, staged_y);
  const RvWorkQueue turns = { outer->n_parts * outer->n_shares, outer->n_threads, g_newa0 (gint, outer->n_threads) };
#pragma omp parallel num_threads(outer->n_threads)
  for (gint64 piece; (piece = rv__work_queue_next (&turns, omp_get_thread_num ())) >= 0;)
    run_piece (outer, x, gy, piece / outer->n_shares, piece % outer->n_shares,
               parts + (gsize) (piece / outer->n_shares) * outer->part_floats, of->cancellable);
  write_weights (outer, parts, of->weights);
  return TRUE;
}

const RvConvClass rv__conv_wgrad = { .name = "wgrad",
                                     .code = "our outer",
                                     .rounding = 1.1,
                                     .open = open_outer,
                                     .close = g_free,
                                     .scratch_bytes = scratch_bytes,
                                     .run = run };
