/* wgrad.c -- gradient of a convolution's weights as sums of outer products.
 *
 * gw[tap][c][o] = sum over positions of x[position under the tap][c] gy[position][o]. Operands in plain rows are first
 * copied to channel blocks. For each tap x is then read at an offset; positions beyond an edge are skipped. Positions
 * are processed in chunks that stay in the first-level cache for all taps and channels. The chunks of all pictures are
 * summed in a fixed number of parts, independent of the number of threads. Large sums have few parts; threads then
 * divide the channels of x. A Gram matrix is symmetric: only one triangle is computed. */
#include "base/parallel.h"
#include "conv-class.h"
#include "work-queue.h"
#include <string.h>

#define CHUNK_POSITIONS 256    /* approximate number of positions of gy in a chunk */
#define MAX_PARTS 16           /* maximum of parts of the sums */
#define PARTS_BYTES (4u << 20) /* maximum of all parts together, if there are several */
#define MIN_ITEMS 16           /* minimum of items of the work queue, if x has enough blocks; twice for triangles */

/* One operand. */
typedef struct {
  gint64 n, channels, rows, cols, n_blocks;
  gsize staged_floats; /* 0: already in blocks */
} Side;

typedef struct {
  const RvSimd *simd;
  RvConvSpec spec;
  int n_threads;
  Side x, y;
  gint64 chunk_rows, chunk_pictures, n_chunks; /* some rows of a picture, or some whole pictures */
  gint64 n_parts, n_divisions;                 /* parts of the chunks; divisions of the blocks of x */
  gsize part_floats;
} Wgrad;

/* ---- planning ---------------------------------------------------------------------------------------------------- */

/* Describes an operand of @shape; in plain rows (@block 1) it needs staging. */
static Side
side_of (const RvShape *shape, int block, int lanes)
{
  Side side = { shape->dim[0], shape->dim[1], shape->dim[2], shape->dim[3], rv__ceil_div (shape->dim[1], lanes), 0 };
  if (block == 1)
    side.staged_floats = (gsize) (side.n * side.n_blocks * lanes * side.rows * side.cols);
  return side;
}

/* RvConvClass.open. (transfer full) (nullable): a plan, to free with g_free(); @spec is copied, @onednn is unused. NULL
 * without an error: forward or backward-data, or blocks of another width than @simd. */
static gpointer
open_wgrad (RvOnednn *onednn, const RvSimd *simd, const RvConvSpec *spec, int n_threads)
{
  gint64 L = simd->lanes;
  if (spec->direction != RV_CONV_BACKWARD_WEIGHTS || (spec->src_block > 1 && spec->src_block != L) ||
      (spec->dst_block > 1 && spec->dst_block != L))
    return NULL;
  Wgrad *wgrad = g_new0 (Wgrad, 1);
  wgrad->simd = simd;
  wgrad->spec = *spec;
  wgrad->n_threads = n_threads;
  wgrad->x = side_of (&spec->src, spec->src_block, simd->lanes);
  wgrad->y = side_of (&spec->dst, spec->dst_block, simd->lanes);
  wgrad->chunk_rows = CLAMP (CHUNK_POSITIONS / MAX (wgrad->y.cols, 1), 1, MAX (wgrad->y.rows, 1));
  wgrad->chunk_pictures = CLAMP (CHUNK_POSITIONS / MAX (wgrad->y.rows * wgrad->y.cols, 1), 1, wgrad->y.n);
  wgrad->n_chunks = rv__ceil_div (wgrad->y.n, wgrad->chunk_pictures) * rv__ceil_div (wgrad->y.rows, wgrad->chunk_rows);
  wgrad->part_floats =
    (gsize) (wgrad->x.n_blocks * L * wgrad->y.n_blocks * L * spec->weights.dim[2] * spec->weights.dim[3]);
  gint64 fitting = (gint64) (PARTS_BYTES / (wgrad->part_floats * sizeof (float)));
  wgrad->n_parts = CLAMP (MIN (fitting, wgrad->n_chunks), 1, MAX_PARTS);
  wgrad->n_divisions = CLAMP (rv__ceil_div ((spec->gram ? 2 : 1) * MIN_ITEMS, wgrad->n_parts), 1, wgrad->x.n_blocks);
  return wgrad;
}

static gsize
scratch_bytes (gconstpointer kernel)
{
  const Wgrad *wgrad = kernel;
  return (wgrad->x.staged_floats + wgrad->y.staged_floats + (gsize) wgrad->n_parts * wgrad->part_floats) *
         sizeof (float);
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* Returns @from, if it is in blocks, and leaves @staged unused. Else copies it from plain rows to blocks in @staged,
 * which is returned; missing channels are 0. Borrowed. */
static const float *
stage (const Wgrad *wgrad, const Side *side, const float *from, float *staged)
{
  gint64 L = wgrad->simd->lanes, plane = side->rows * side->cols;
  if (side->staged_floats == 0)
    return from;
#pragma omp parallel for schedule(static) num_threads(wgrad->n_threads)
  for (gint64 i = 0; i < side->n * side->n_blocks; i++)
    for (gint64 p = 0; p < plane; p++)
      for (gint64 lane = 0; lane < L; lane++) {
        gint64 c = i % side->n_blocks * L + lane;
        staged[(i * plane + p) * L + lane] =
          c < side->channels ? from[(i / side->n_blocks * side->channels + c) * plane + p] : 0;
      }
  return staged;
}

/* Limits the positions *from .. *end - 1 (inout) of @axis of gy, 0 rows or 1 columns, to those whose tap @tap lies in
 * x; there may be none. Returns the position in x under *from. */
static gint64
clip (const RvConvSpec *spec, int axis, gint64 tap, gint64 *from, gint64 *end)
{
  gint64 stride = spec->stride[axis], pad = axis == 0 ? spec->pad.top : spec->pad.left;
  gint64 at = tap * spec->dilation[axis] - pad, n = spec->src.dim[2 + axis];
  *from = MAX (*from, at < 0 ? rv__ceil_div (-at, stride) : 0);
  *end = MIN (*end, n > at ? rv__ceil_div (n - at, stride) : 0);
  return *from * stride + at;
}

/* Adds the products of rows @from .. @end - 1 of gy of @n_pictures pictures and of one block of x to @sum,
 * [tap][lanes][outputs]; only for blocks of gy from @first_output on. @x, @gy: at the first picture. Positions whose
 * tap lies outside of x are skipped. */
static void
add_chunk (const Wgrad *wgrad, const float *x, const float *gy, gint64 first_output, gint64 n_pictures, gint64 from,
           gint64 end, float *sum)
{
  const RvConvSpec *spec = &wgrad->spec;
  gint64 L = wgrad->simd->lanes, outputs = wgrad->y.n_blocks * L, n_cols = spec->weights.dim[3];
  gsize g_vector = (gsize) (wgrad->y.rows * wgrad->y.cols * L);
  for (gint64 first = first_output; first < wgrad->y.n_blocks; first += RV_WGRAD_VECTORS)
    for (gint64 tap = 0; tap < spec->weights.dim[2] * n_cols; tap++) {
      gint64 row = from, row_end = end, col = 0, col_end = wgrad->y.cols;
      gint64 x_row = clip (spec, 0, tap / n_cols, &row, &row_end), x_col = clip (spec, 1, tap % n_cols, &col, &col_end);
      if (row >= row_end || col >= col_end)
        continue;
      const RvWgradOperands operands = { .x = x + (x_row * wgrad->x.cols + x_col) * L,
                                         .g = gy + (gsize) first * g_vector + (row * wgrad->y.cols + col) * L,
                                         .x_picture = wgrad->x.n_blocks * wgrad->x.rows * wgrad->x.cols * L,
                                         .g_picture = wgrad->y.n_blocks * wgrad->y.rows * wgrad->y.cols * L,
                                         .n_pictures = n_pictures,
                                         .x_row = spec->stride[0] * wgrad->x.cols * L,
                                         .x_col = spec->stride[1] * L,
                                         .g_row = wgrad->y.cols * L,
                                         .g_vector = g_vector,
                                         .n_rows = row_end - row,
                                         .n_cols = col_end - col };
      wgrad->simd->wgrad->add (&operands, (int) MIN (RV_WGRAD_VECTORS, wgrad->y.n_blocks - first),
                               sum + tap * L * outputs + first * L, (gsize) outputs);
    }
}

/* Sets the gradient of the weights from part @part of the chunks (rows of gy), for division @division of the blocks of
 * x. @sum: the part's, [block][tap][lanes][outputs]; the division's blocks are zeroed first, the others stay. Skips the
 * rest once @cancellable (nullable) is cancelled. Cannot fail. */
static void
run_item (const Wgrad *wgrad, const float *x, const float *gy, gint64 part, gint64 division, float *sum,
          GCancellable *cancellable)
{
  gint64 L = wgrad->simd->lanes, per_picture = rv__ceil_div (wgrad->y.rows, wgrad->chunk_rows);
  gint64 x_plane = wgrad->x.rows * wgrad->x.cols * L, y_picture = wgrad->y.n_blocks * wgrad->y.rows * wgrad->y.cols * L;
  gint64 first = wgrad->x.n_blocks * division / wgrad->n_divisions,
         end = wgrad->x.n_blocks * (division + 1) / wgrad->n_divisions;
  gsize block_floats = wgrad->part_floats / (gsize) wgrad->x.n_blocks;
  memset (sum + (gsize) first * block_floats, 0, (gsize) (end - first) * block_floats * sizeof (float));
  for (gint64 chunk = wgrad->n_chunks * part / wgrad->n_parts; chunk < wgrad->n_chunks * (part + 1) / wgrad->n_parts;
       chunk++) {
    gint64 picture = chunk / per_picture * wgrad->chunk_pictures, row = chunk % per_picture * wgrad->chunk_rows;
    gint64 n_pictures = MIN (wgrad->chunk_pictures, wgrad->y.n - picture);
    for (gint64 block = first; block < end && !g_cancellable_is_cancelled (cancellable); block++)
      add_chunk (wgrad, x + (picture * wgrad->x.n_blocks + block) * x_plane, gy + picture * y_picture,
                 wgrad->spec.gram ? block : 0, n_pictures, row, MIN (row + wgrad->chunk_rows, wgrad->y.rows),
                 sum + (gsize) block * block_floats);
  }
}

/* Adds all parts of one block of x, in order, to the block of the first part. Returns that block,
 * [tap][lanes][outputs]; borrowed. */
static const float *
sum_parts (const Wgrad *wgrad, gint64 block, float *parts)
{
  gint64 n = (gint64) wgrad->part_floats / wgrad->x.n_blocks;
  float *sum = parts + block * n;
  for (gint64 part = 1; part < wgrad->n_parts; part++) {
    const float *more = sum + (gsize) part * wgrad->part_floats;
    for (gint64 i = 0; i < n; i++)
      sum[i] += more[i];
  }
  return sum;
}

/* Overwrites @weights, plain [O, C, U, V], with the sums over all parts of each block, [tap][lanes][outputs]. Adds the
 * other parts to the first one in @parts. The sums of a Gram matrix have one triangle. */
static void
write_weights (const Wgrad *wgrad, float *parts, float *weights)
{
  gint64 L = wgrad->simd->lanes, outputs = wgrad->y.n_blocks * L, C = wgrad->x.channels;
  gint64 n_taps = wgrad->spec.weights.dim[2] * wgrad->spec.weights.dim[3];
#pragma omp parallel for schedule(static) num_threads(wgrad->n_threads)
  for (gint64 block = 0; block < wgrad->x.n_blocks; block++) {
    const float *sum = sum_parts (wgrad, block, parts);
    gint64 first = block * L, n = MIN (L, C - first);
    for (gint64 o = wgrad->spec.gram ? first : 0; o < wgrad->y.channels; o++)
      for (gint64 i = 0; i < n * n_taps; i++) {
        float value = sum[(i % n_taps * L + i / n_taps) * outputs + o];
        weights[(o * C + first) * n_taps + i] = value;
        if (wgrad->spec.gram && o >= first + L)
          weights[(first + i) * C + o] = value;
      }
  }
}

/* RvConvClass.run: writes the gradient of the weights to args->weights. Always TRUE. */
static gboolean
run (gpointer kernel, RvOnednn *onednn, const RvConvArgs *args, void *scratch)
{
  const Wgrad *wgrad = kernel;
  float *staged_x = scratch, *staged_y = staged_x + wgrad->x.staged_floats, *parts = staged_y + wgrad->y.staged_floats;
  const float *x = stage (wgrad, &wgrad->x, args->src, staged_x), *gy = stage (wgrad, &wgrad->y, args->dst, staged_y);
  const RvWorkQueue queue = { wgrad->n_parts * wgrad->n_divisions, wgrad->n_threads, g_newa0 (gint, wgrad->n_threads) };
#pragma omp parallel num_threads(wgrad->n_threads)
  for (gint64 item; (item = rv__work_queue_next (&queue, omp_get_thread_num ())) >= 0;)
    run_item (wgrad, x, gy, item / wgrad->n_divisions, item % wgrad->n_divisions,
              parts + (gsize) (item / wgrad->n_divisions) * wgrad->part_floats, args->cancellable);
  write_weights (wgrad, parts, args->weights);
  return TRUE;
}

const RvConvClass rv__conv_wgrad = { .name = "wgrad",
                                     .code = "our wgrad",
                                     .rounding = 1.1,
                                     .open = open_wgrad,
                                     .close = g_free,
                                     .scratch_bytes = scratch_bytes,
                                     .run = run };
