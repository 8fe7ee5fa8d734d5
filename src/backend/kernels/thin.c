/* thin.c -- thin convolutions: between channel blocks ("many") and at most four channels in plain rows ("few").
 *
 * An output in the few channels is a sum over taps, blocks and lanes. Lanes are added last: until then each lane of a
 * vector sums its own channel, so that nothing is gathered and no lane is idle. A row of outputs is computed in tiles
 * whose sums all fit into registers. For backward-data with a stride, the columns of a row fall into phases (phases.h).
 *
 * For weight gradients, each vector of the many is multiplied by one number of the few per tap: gw[tap] = sum over
 * positions of few[position + tap] many[position]. The rows of the few are first copied with zero padding. The rows
 * of all pictures are summed in a fixed number of parts, independent of the number of threads. */
#include "base/parallel.h"
#include "conv-class.h"
#include "phases.h"
#include "work-queue.h"
#include <string.h>

#define MAX_TAPS RV_THIN_MAX_TAPS /* taps of an axis */
#define ITEMS_PER_THREAD 16       /* more than one, for load balance */
#define MAX_PARTS 16              /* maximum of parts of the sums of weight gradients */
#define PARTS_BYTES (1u << 20)    /* maximum of all parts together, if there are several */

typedef struct {
  const RvSimd *simd;
  RvConvSpec spec;
  int n_threads;
  RvShape many, few;    /* operands with many and few channels */
  gboolean many_is_big; /* `many` is src and `few` is dst; else the opposite */

  /* For outputs of few channels. */
  RvPhaseAxis *rows, *cols;
  int n_rows, n_cols; /* phases */
  gsize *packed;      /* [n_rows][n_cols]: offset of each pair's weights */
  gsize packed_floats;
  gint64 edge_span; /* maximum of columns of x under a tile */

  /* For weight gradients: row and column of `few` under each tap at position 0 of `many`, and the step in `few` for
   * each position of `many`. */
  gint64 row_at[MAX_TAPS], col_at[MAX_TAPS], step[2];
  gint64 min_col, span; /* first column and length of a copied row of the few */
  int n_parts;
} Thin;

/* ---- planning ---------------------------------------------------------------------------------------------------- */

static gint64
n_blocks (const Thin *thin)
{
  return thin->many.dim[1] / thin->simd->lanes;
}

static gint64
n_taps (const Thin *thin)
{
  return thin->spec.weights.dim[2] * thin->spec.weights.dim[3];
}

/* Plans outputs of few channels. Allocates and sets thin->rows, cols and packed: phases of rows and columns, offsets
 * of their weights; close_thin() frees them. Sets edge_span, the longest copy at an edge. Cannot fail. */
static void
plan_to_thin (Thin *thin)
{
  const RvConvSpec *spec = &thin->spec;
  thin->n_rows = rv__phase_axis_count (spec, 0);
  thin->n_cols = rv__phase_axis_count (spec, 1);
  thin->rows = g_new0 (RvPhaseAxis, thin->n_rows);
  thin->cols = g_new0 (RvPhaseAxis, thin->n_cols);
  thin->packed = g_new0 (gsize, thin->n_rows * thin->n_cols);
  for (int i = 0; i < thin->n_rows; i++)
    rv__phase_axis_init (&thin->rows[i], spec, 0, i);
  for (int j = 0; j < thin->n_cols; j++) {
    rv__phase_axis_init (&thin->cols[j], spec, 1, j);
    thin->edge_span = MAX (thin->edge_span, (RV_THIN_MAX_TILE - 1) * thin->cols[j].x_step + thin->cols[j].reach + 1);
  }
  for (int i = 0; i < thin->n_rows; i++)
    for (int j = 0; j < thin->n_cols; j++) {
      thin->packed[i * thin->n_cols + j] = thin->packed_floats;
      thin->packed_floats +=
        (gsize) (thin->rows[i].n_taps * thin->cols[j].n_taps * thin->few.dim[1]) * (gsize) thin->many.dim[1];
    }
}

/* Sets at[u], for each tap u of @axis (0 rows, 1 columns), to the position in thin->few under it at position 0 of
 * thin->many; outside of thin->few: zeros. */
static void
plan_taps (const Thin *thin, int axis, gint64 *at)
{
  const RvConvSpec *spec = &thin->spec;
  gint64 pad = axis == 0 ? spec->pad.top : spec->pad.left;
  for (gint64 u = 0; u < spec->weights.dim[2 + axis]; u++)
    at[u] = thin->many_is_big ? pad - u * spec->dilation[axis] : u * spec->dilation[axis] - pad;
}

/* Floats of one part: a partial sum of all weights' gradients. */
static gsize
part_floats (const Thin *thin)
{
  return (gsize) (n_taps (thin) * thin->few.dim[1] * thin->many.dim[1]);
}

/* Plans weight gradients: sets step, row_at, col_at, min_col and span of thin->few, and n_parts, the number of partial
 * sums. Cannot fail. */
static void
plan_to_weights (Thin *thin)
{
  gint64 n_cols = thin->spec.weights.dim[3], rows = thin->many.dim[0] * thin->many.dim[2];
  for (int axis = 0; axis < 2; axis++)
    thin->step[axis] = thin->many_is_big ? 1 : thin->spec.stride[axis];
  plan_taps (thin, 0, thin->row_at);
  plan_taps (thin, 1, thin->col_at);
  thin->min_col = MIN (thin->col_at[0], thin->col_at[n_cols - 1]);
  thin->span = (thin->many.dim[3] - 1) * thin->step[1] + ABS (thin->col_at[n_cols - 1] - thin->col_at[0]) + 1;
  gint64 fitting = PARTS_BYTES / (gint64) (part_floats (thin) * sizeof (float));
  thin->n_parts = (int) CLAMP (MIN (fitting, rows), 1, MAX_PARTS);
}

/* RvConvClass.open. (transfer full) (nullable): a plan, to free with close_thin(); @spec is copied, @onednn is
 * unused. One operand has many channels in @simd's blocks, the other at most RV_THIN_MAX_CHANNELS in plain rows.
 * NULL without an error: other operands, an output of many channels, more than MAX_TAPS taps, or accumulation. NULL
 * also for weight gradients with a stride if the input has the many channels. */
static gpointer
open_thin (RvOnednn *onednn, const RvSimd *simd, const RvConvSpec *spec, int n_threads)
{
  gboolean to_weights = spec->direction == RV_CONV_BACKWARD_WEIGHTS;
  gboolean many_is_big = to_weights ? spec->src_block > 1 : spec->direction == RV_CONV_FORWARD;
  const RvShape *many = many_is_big ? &spec->src : &spec->dst, *few = many_is_big ? &spec->dst : &spec->src;
  gint64 few_block = many_is_big ? spec->dst_block : spec->src_block;
  if ((many_is_big ? spec->src_block : spec->dst_block) != simd->lanes || few_block > 1 ||
      few->dim[1] > RV_THIN_MAX_CHANNELS || MAX (spec->weights.dim[2], spec->weights.dim[3]) > MAX_TAPS ||
      spec->accumulate || (to_weights && many_is_big && rv__conv_spec_is_strided (spec)))
    return NULL;
  Thin *thin = g_new0 (Thin, 1);
  *thin = (Thin){
    .simd = simd, .spec = *spec, .n_threads = n_threads, .many = *many, .few = *few, .many_is_big = many_is_big
  };
  if (to_weights)
    plan_to_weights (thin);
  else
    plan_to_thin (thin);
  return thin;
}

/* RvConvClass.close: frees @kernel, a Thin. */
static void
close_thin (gpointer kernel)
{
  Thin *thin = kernel;
  for (int i = 0; i < thin->n_rows; i++)
    rv__phase_axis_clear (&thin->rows[i]);
  for (int j = 0; j < thin->n_cols; j++)
    rv__phase_axis_clear (&thin->cols[j]);
  g_free (thin->rows);
  g_free (thin->cols);
  g_free (thin->packed);
  g_free (thin);
}

static gsize
packed_bytes (gconstpointer kernel)
{
  return ((const Thin *) kernel)->packed_floats * sizeof (float);
}

/* Floats of one thread's copies of the left and right edges of rows, with zeros for the padding. */
static gsize
edge_floats (const Thin *thin)
{
  return (gsize) (2 * thin->spec.weights.dim[2] * thin->many.dim[1] * thin->edge_span);
}

/* Floats of the copied rows of thin->few that lie under the taps of one row of thin->many, for one thread. */
static gsize
staged_floats (const Thin *thin)
{
  return (gsize) (thin->few.dim[1] * thin->spec.weights.dim[2] * thin->span);
}

static gsize
scratch_bytes (gconstpointer kernel)
{
  const Thin *thin = kernel;
  if (thin->spec.direction != RV_CONV_BACKWARD_WEIGHTS)
    return (gsize) thin->n_threads * edge_floats (thin) * sizeof (float);
  return ((gsize) thin->n_parts * part_floats (thin) + (gsize) thin->n_threads * staged_floats (thin)) * sizeof (float);
}

/* ---- the weights ------------------------------------------------------------------------------------------------- */

/* Index of the weight between channel @c of thin->few and channel @m of thin->many under tap (@u, @v), in plain order,
 * [O, C, U, V]. */
static gsize
weight_index (const Thin *thin, gint64 c, gint64 m, gint64 u, gint64 v)
{
  const gint64 *dim = thin->spec.weights.dim;
  gint64 first = thin->many_is_big ? c * dim[1] + m : m * dim[1] + c;
  return (gsize) ((first * dim[2] + u) * dim[3] + v);
}

/* Packs the weights of one pair of phases (of a strided convolution, see phases.h) to @to, [row tap][block of
 * thin->many][column tap][channel of thin->few][lanes]. @plain: all weights of the spec, [O, C, U, V]. */
static void
pack_phase (const Thin *thin, const RvPhaseAxis *rows, const RvPhaseAxis *cols, const float *plain, float *to)
{
  gint64 lanes = thin->simd->lanes;
  for (int i = 0; i < rows->n_taps; i++)
    for (gint64 first = 0; first < thin->many.dim[1]; first += lanes)
      for (int j = 0; j < cols->n_taps; j++)
        for (gint64 c = 0; c < thin->few.dim[1]; c++)
          for (gint64 lane = 0; lane < lanes; lane++)
            *to++ = plain[weight_index (thin, c, first + lane, rows->taps[i].tap, cols->taps[j].tap)];
}

/* RvConvClass.pack: all phases. @is_last is ignored. Always TRUE. */
static gboolean
pack (gpointer kernel, RvOnednn *onednn, const float *plain, gboolean is_last, void *packed, GError **error)
{
  const Thin *thin = kernel;
  for (int i = 0; i < thin->n_rows; i++)
    for (int j = 0; j < thin->n_cols; j++)
      pack_phase (thin, &thin->rows[i], &thin->cols[j], plain, (float *) packed + thin->packed[i * thin->n_cols + j]);
  return TRUE;
}

/* ---- outputs of few channels ------------------------------------------------------------------------------------- */

/* Writes row @row of one picture's outputs, phase by phase. @x, @y: the picture's first element. @packed: weights by
 * pack(). @bias: (nullable). @edges: the thread's copies of x at the edges; copies that earlier rows made are reused.
 */
static void
run_thin_row (const Thin *thin, const float *x, const float *packed, const float *bias, gint64 row, float *y,
              const RvThinEdges *edges)
{
  const RvPhaseAxis *rows = &thin->rows[row % thin->n_rows];
  gint64 i = row / thin->n_rows, x_rows = thin->many.dim[2], x_cols = thin->many.dim[3], lanes = thin->simd->lanes;
  const float *under[MAX_TAPS];
  int tap[MAX_TAPS], slot[MAX_TAPS];
  gint64 cols_at[MAX_TAPS];
  RvThinRow of = { .x = under,
                   .tap = tap,
                   .slot = slot,
                   .n_blocks = (int) n_blocks (thin),
                   .x_block_stride = (gsize) (x_rows * x_cols * lanes),
                   .cols = cols_at,
                   .x_cols = x_cols,
                   .bias = bias,
                   .edges = edges };
  for (int u = 0; u < rows->n_taps; u++) {
    gint64 at = i * rows->x_step + rows->taps[u].at;
    if (at < 0 || at >= x_rows)
      continue;
    tap[of.n_rows] = u;
    slot[of.n_rows] =
      thin->spec.dilation[0] == 1 ? (int) (at % edges->n_slots) : u; /* different for all taps of an output row */
    under[of.n_rows++] = x + at * x_cols * lanes;
  }
  for (int j = 0; j < thin->n_cols; j++) {
    const RvPhaseAxis *cols = &thin->cols[j];
    of.weights = packed + thin->packed[row % thin->n_rows * thin->n_cols + j];
    of.x_step = cols->x_step;
    of.n_cols = cols->n_taps;
    of.min_col = cols->min_at, of.reach = cols->reach;
    for (int v = 0; v < cols->n_taps; v++)
      cols_at[v] = cols->taps[v].at;
    thin->simd->thin->to_thin (&of, (int) thin->few.dim[1], cols->count, y + row * thin->few.dim[3] + cols->first,
                               cols->step, thin->few.dim[2] * thin->few.dim[3]);
  }
}

/* Writes outputs of few channels to run->dst; for backward-data, to run->src. @scratch: copies of the edges, for each
 * thread. Threads divide the rows. Blocking. Stops early once cancelled; the other rows are then undefined. */
static void
run_to_thin (const Thin *thin, const RvConvArgs *run, void *scratch)
{
  const float *from = thin->many_is_big ? run->src : run->dst;
  float *to = thin->many_is_big ? run->dst : run->src;
  gint64 rows = thin->few.dim[2], n_rows = thin->few.dim[0] * rows;
  gint64 n_items = MIN (n_rows, (gint64) ITEMS_PER_THREAD * thin->n_threads);
  gint64 x_floats = rv_shape_count (&thin->many) / thin->many.dim[0],
         y_floats = thin->few.dim[1] * rows * thin->few.dim[3];
  const RvWorkQueue queue = { n_items, thin->n_threads, g_newa0 (gint, thin->n_threads) };
#pragma omp parallel num_threads(thin->n_threads)
  {
    int thread = omp_get_thread_num ();
    RvThinCachedRow cached[2 * MAX_TAPS] = { { NULL } };
    const RvThinEdges edges = { (float *) scratch + (gsize) thread * edge_floats (thin), cached,
                                (int) thin->spec.weights.dim[2], thin->edge_span };
    for (gint64 item;
         !g_cancellable_is_cancelled (run->cancellable) && (item = rv__work_queue_next (&queue, thread)) >= 0;)
      for (gint64 row = n_rows * item / n_items; row < n_rows * (item + 1) / n_items; row++)
        run_thin_row (thin, from + row / rows * x_floats, run->packed, run->bias, row % rows,
                      to + row / rows * y_floats, &edges);
  }
}

/* ---- weight gradients -------------------------------------------------------------------------------------------- */

/* Fills @staged, [channel][row of the tap][span], with the rows of the operand of few channels that lie under the taps
 * of row @row of the other operand, zero-padded. @of_picture: the picture's first element in the operand of few
 * channels. */
static void
stage (const Thin *thin, const float *of_picture, gint64 row, float *staged)
{
  gint64 rows = thin->few.dim[2], cols = thin->few.dim[3], n_row_taps = thin->spec.weights.dim[2];
  for (gint64 i = 0; i < thin->few.dim[1] * n_row_taps; i++, staged += thin->span) {
    gint64 at = row * thin->step[0] + thin->row_at[i % n_row_taps];
    gint64 from = MAX (thin->min_col, 0), end = MIN (thin->min_col + thin->span, cols);
    memset (staged, 0, (gsize) thin->span * sizeof (float));
    if (at >= 0 && at < rows && from < end)
      memcpy (staged + from - thin->min_col, of_picture + (i / n_row_taps * rows + at) * cols + from,
              (gsize) (end - from) * sizeof (float));
  }
}

/* Adds the products of row @row of one picture to @sum, [block][channel of the few][tap][lanes]. @many: the picture's
 * first element in the operand with many channels. @staged: the other operand, by stage() for this row. */
static void
add_row (const Thin *thin, const float *many, const float *staged, gint64 row, float *sum)
{
  const gint64 *kernel = thin->spec.weights.dim + 2;
  gint64 lanes = thin->simd->lanes, cols = thin->many.dim[3], n_sums = thin->few.dim[1] * n_taps (thin);
  gint64 n_passes = (n_sums + RV_THIN_MAX_SUMS - 1) / RV_THIN_MAX_SUMS;
  for (gint64 pass = 0; pass < n_passes; pass++) {
    const float *under[RV_THIN_MAX_SUMS];
    gint64 first = n_sums * pass / n_passes, n = n_sums * (pass + 1) / n_passes - first;
    for (gint64 k = 0; k < n; k++)
      under[k] = staged + (first + k) / kernel[1] * thin->span + thin->col_at[(first + k) % kernel[1]] - thin->min_col;
    for (gint64 block = 0; block < n_blocks (thin); block++)
      thin->simd->thin->weights (under, thin->step[1], many + (block * thin->many.dim[2] + row) * cols * lanes, cols,
                                 (int) n, sum + (block * n_sums + first) * lanes, (gsize) lanes);
  }
}

/* Adds all parts in order and writes the gradient to @weights, plain [O, C, U, V]. */
static void
write_weights (const Thin *thin, const float *parts, float *weights)
{
  const gint64 *kernel = thin->spec.weights.dim + 2;
  gint64 lanes = thin->simd->lanes, n_sums = thin->few.dim[1] * n_taps (thin);
#pragma omp parallel for schedule(static) num_threads(thin->n_threads)
  for (gint64 m = 0; m < thin->many.dim[1]; m++)
    for (gint64 k = 0; k < n_sums; k++) {
      float sum = 0;
      for (int part = 0; part < thin->n_parts; part++)
        sum += parts[(gsize) part * part_floats (thin) + (gsize) ((m / lanes * n_sums + k) * lanes + m % lanes)];
      weights[weight_index (thin, k / n_taps (thin), m, k % n_taps (thin) / kernel[1], k % kernel[1])] = sum;
    }
}

/* Writes the gradient of the weights to run->weights, plain: sums parts of the rows in @scratch, then adds the parts in
 * order. Threads divide the parts. Blocking. Once cancelled, skips rows; the gradient is then undefined. */
static void
run_to_weights (const Thin *thin, const RvConvArgs *run, void *scratch)
{
  const float *many = thin->many_is_big ? run->src : run->dst, *of_few = thin->many_is_big ? run->dst : run->src;
  gint64 rows = thin->many.dim[2], n_rows = thin->many.dim[0] * rows;
  gint64 many_floats = rv_shape_count (&thin->many) / thin->many.dim[0],
         few_floats = rv_shape_count (&thin->few) / thin->few.dim[0];
  float *parts = scratch, *all_staged = parts + (gsize) thin->n_parts * part_floats (thin);
  const RvWorkQueue queue = { thin->n_parts, thin->n_threads, g_newa0 (gint, thin->n_threads) };
#pragma omp parallel num_threads(thin->n_threads)
  {
    int thread = omp_get_thread_num ();
    float *staged = all_staged + (gsize) thread * staged_floats (thin);
    for (gint64 part; (part = rv__work_queue_next (&queue, thread)) >= 0;) {
      float *sum = parts + (gsize) part * part_floats (thin);
      memset (sum, 0, part_floats (thin) * sizeof (float));
      for (gint64 row = n_rows * part / thin->n_parts; row < n_rows * (part + 1) / thin->n_parts; row++) {
        if (g_cancellable_is_cancelled (run->cancellable))
          break;
        stage (thin, of_few + row / rows * few_floats, row % rows, staged);
        add_row (thin, many + row / rows * many_floats, staged, row % rows, sum);
      }
    }
  }
  write_weights (thin, parts, run->weights);
}

/* RvConvClass.run. Always TRUE. */
static gboolean
run (gpointer kernel, RvOnednn *onednn, const RvConvArgs *args, void *scratch)
{
  const Thin *thin = kernel;
  if (thin->spec.direction == RV_CONV_BACKWARD_WEIGHTS)
    run_to_weights (thin, args, scratch);
  else
    run_to_thin (thin, args, scratch);
  return TRUE;
}

const RvConvClass rv__conv_thin = { .name = "thin",
                                    .rounding = 1.1,
                                    .code = "our thin",
                                    .open = open_thin,
                                    .close = close_thin,
                                    .packed_bytes = packed_bytes,
                                    .scratch_bytes = scratch_bytes,
                                    .pack = pack,
                                    .run = run };
