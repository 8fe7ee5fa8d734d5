/* thin.c -- thin convolutions: between channel blocks ("many") and at most four channels in plain rows ("few").
 *
 * To the few channels, an output is a sum over taps, blocks and lanes. Lanes are added last: until then each lane of a
 * vector sums its own channel, so that nothing is gathered and no lane is idle. A row of outputs is computed in tiles
 * whose sums all fit into registers. For backward-data with a stride, the columns of a row fall into phases (phases.h).
 *
 * For weight gradients, each vector of the many meets one number of the few per tap: gw[tap] = sum over positions of
 * few[position + tap] many[position]. The rows of the few are first copied with zero padding. The rows of all pictures
 * are summed in a fixed number of parts, independent of the number of threads. */
#include "conv-class.h"
#include "phases.h"
#include "work-queue.h"
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#else
#define omp_get_thread_num() 0
#endif

#define MAX_TAPS RV_THIN_MAX_TAPS /* taps of an axis */
#define PIECES_PER_THREAD 16      /* more than one, for load balance */
#define MAX_PARTS 16              /* maximum of parts of the sums of weight gradients */
#define PARTS_BYTES (1u << 20)    /* all parts together, about */

typedef struct {
  const RvSimd *lanes;
  RvConvSpec spec;
  int n_threads;
  RvShape many, few;
  gboolean many_is_big;

  /* For outputs of few channels. */
  RvPhaseAxis *rows, *cols;
  int n_rows, n_cols; /* phases */
  gsize *packed;      /* [n_rows][n_cols]: offset of each pair's weights */
  gsize packed_floats;
  gint64 edge_span; /* maximum of columns of x under a tile */

  /* For weight gradients: offsets of the few under each tap. */
  gint64 row_at[MAX_TAPS], col_at[MAX_TAPS], step[2];
  gint64 least_col, span; /* first column and length of a copied row of the few */
  int n_parts;
} Few;

/* ---- planning ---------------------------------------------------------------------------------------------------- */

static gint64
n_blocks (const Few *few)
{
  return few->many.dim[1] / few->lanes->lanes;
}

static gint64
n_taps (const Few *few)
{
  return few->spec.weights.dim[2] * few->spec.weights.dim[3];
}

static void
plan_to_few (Few *few)
{
  const RvConvSpec *spec = &few->spec;
  few->n_rows = rv__n_phases (spec, 0);
  few->n_cols = rv__n_phases (spec, 1);
  few->rows = g_new0 (RvPhaseAxis, few->n_rows);
  few->cols = g_new0 (RvPhaseAxis, few->n_cols);
  few->packed = g_new0 (gsize, few->n_rows * few->n_cols);
  for (int i = 0; i < few->n_rows; i++)
    rv__phase_axis_init (&few->rows[i], spec, 0, i);
  for (int j = 0; j < few->n_cols; j++) {
    rv__phase_axis_init (&few->cols[j], spec, 1, j);
    few->edge_span = MAX (few->edge_span, (RV_THIN_MAX_TILE - 1) * few->cols[j].x_step + few->cols[j].reach + 1);
  }
  for (int i = 0; i < few->n_rows; i++)
    for (int j = 0; j < few->n_cols; j++) {
      few->packed[i * few->n_cols + j] = few->packed_floats;
      few->packed_floats +=
        (gsize) (few->rows[i].n_taps * few->cols[j].n_taps * few->few.dim[1]) * (gsize) few->many.dim[1];
    }
}

/* Position of the few under each tap for position 0 of the many. */
static void
plan_taps (const Few *few, int axis, gint64 *at)
{
  const RvConvSpec *spec = &few->spec;
  gint64 pad = axis == 0 ? spec->pad.top : spec->pad.left;
  for (gint64 u = 0; u < spec->weights.dim[2 + axis]; u++)
    at[u] = few->many_is_big ? pad - u * spec->dilation[axis] : u * spec->dilation[axis] - pad;
}

static gsize
part_floats (const Few *few)
{
  return (gsize) (n_taps (few) * few->few.dim[1] * few->many.dim[1]);
}

static void
plan_to_weights (Few *few)
{
  gint64 n_cols = few->spec.weights.dim[3], rows = few->many.dim[0] * few->many.dim[2];
  for (int axis = 0; axis < 2; axis++)
    few->step[axis] = few->many_is_big ? 1 : few->spec.stride[axis];
  plan_taps (few, 0, few->row_at);
  plan_taps (few, 1, few->col_at);
  few->least_col = MIN (few->col_at[0], few->col_at[n_cols - 1]);
  few->span = (few->many.dim[3] - 1) * few->step[1] + ABS (few->col_at[n_cols - 1] - few->col_at[0]) + 1;
  gint64 fitting = PARTS_BYTES / (gint64) (part_floats (few) * sizeof (float));
  few->n_parts = (int) CLAMP (MIN (fitting, rows), 1, MAX_PARTS);
}

/* RvConvClass.open. NULL for more than RV_THIN_MAX_CHANNELS few, for many that are not in blocks, and from the few to
 * the many. */
static gpointer
open_few (RvOnednn *onednn, const RvSimd *lanes, const RvConvSpec *spec, int n_threads)
{
  gboolean to_weights = spec->direction == RV_CONV_BACKWARD_WEIGHTS;
  gboolean many_is_big = to_weights ? spec->src_block > 1 : spec->direction == RV_CONV_FORWARD;
  const RvShape *many = many_is_big ? &spec->src : &spec->dst, *few = many_is_big ? &spec->dst : &spec->src;
  gint64 few_block = many_is_big ? spec->dst_block : spec->src_block;
  if ((many_is_big ? spec->src_block : spec->dst_block) != lanes->lanes || few_block > 1 ||
      few->dim[1] > RV_THIN_MAX_CHANNELS || MAX (spec->weights.dim[2], spec->weights.dim[3]) > MAX_TAPS ||
      spec->accumulate || (to_weights && many_is_big && rv__conv_is_strided (spec)))
    return NULL;
  Few *made = g_new0 (Few, 1);
  *made = (Few){
    .lanes = lanes, .spec = *spec, .n_threads = n_threads, .many = *many, .few = *few, .many_is_big = many_is_big
  };
  if (to_weights)
    plan_to_weights (made);
  else
    plan_to_few (made);
  return made;
}

static void
close_few (gpointer kernel)
{
  Few *few = kernel;
  for (int i = 0; i < few->n_rows; i++)
    rv__phase_axis_clear (&few->rows[i]);
  for (int j = 0; j < few->n_cols; j++)
    rv__phase_axis_clear (&few->cols[j]);
  g_free (few->rows);
  g_free (few->cols);
  g_free (few->packed);
  g_free (few);
}

static gsize
packed_bytes (gconstpointer kernel)
{
  return ((const Few *) kernel)->packed_floats * sizeof (float);
}

/* Copies at the edges, for one thread. */
static gsize
edge_floats (const Few *few)
{
  return (gsize) (2 * few->spec.weights.dim[2] * few->many.dim[1] * few->edge_span);
}

/* Rows of the few under the taps of a row, for one thread. */
static gsize
staged_floats (const Few *few)
{
  return (gsize) (few->few.dim[1] * few->spec.weights.dim[2] * few->span);
}

static gsize
scratch_bytes (gconstpointer kernel)
{
  const Few *few = kernel;
  if (few->spec.direction != RV_CONV_BACKWARD_WEIGHTS)
    return (gsize) few->n_threads * edge_floats (few) * sizeof (float);
  return ((gsize) few->n_parts * part_floats (few) + (gsize) few->n_threads * staged_floats (few)) * sizeof (float);
}

/* ---- the weights ------------------------------------------------------------------------------------------------- */

/* Index of the weight between channel @c of the few and channel @m of the many, in plain order. */
static gsize
weight_index (const Few *few, gint64 c, gint64 m, gint64 u, gint64 v)
{
  const gint64 *dim = few->spec.weights.dim;
  gint64 first = few->many_is_big ? c * dim[1] + m : m * dim[1] + c;
  return (gsize) ((first * dim[2] + u) * dim[3] + v);
}

static void
pack_phase (const Few *few, const RvPhaseAxis *rows, const RvPhaseAxis *cols, const float *plain, float *to)
{
  gint64 lanes = few->lanes->lanes;
  for (int i = 0; i < rows->n_taps; i++)
    for (gint64 first = 0; first < few->many.dim[1]; first += lanes)
      for (int j = 0; j < cols->n_taps; j++)
        for (gint64 c = 0; c < few->few.dim[1]; c++)
          for (gint64 lane = 0; lane < lanes; lane++)
            *to++ = plain[weight_index (few, c, first + lane, rows->taps[i].tap, cols->taps[j].tap)];
}

static gboolean
pack (gpointer kernel, RvOnednn *onednn, const float *plain, gboolean is_last, void *packed, GError **error)
{
  const Few *few = kernel;
  for (int i = 0; i < few->n_rows; i++)
    for (int j = 0; j < few->n_cols; j++)
      pack_phase (few, &few->rows[i], &few->cols[j], plain, (float *) packed + few->packed[i * few->n_cols + j]);
  return TRUE;
}

/* ---- outputs of few channels ------------------------------------------------------------------------------------- */

static void
run_row (const Few *few, const float *x, const float *packed, const float *bias, gint64 row, float *y,
         const RvThinEdges *edges)
{
  const RvPhaseAxis *rows = &few->rows[row % few->n_rows];
  gint64 i = row / few->n_rows, x_rows = few->many.dim[2], x_cols = few->many.dim[3], lanes = few->lanes->lanes;
  const float *under[MAX_TAPS];
  int tap[MAX_TAPS], slot[MAX_TAPS];
  gint64 cols_at[MAX_TAPS];
  RvThinRow of = { .x = under,
                   .tap = tap,
                   .slot = slot,
                   .n_blocks = (int) n_blocks (few),
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
    slot[of.n_rows] = few->spec.dilation[0] == 1 ? (int) (at % edges->n_slots) : u; /* unique in a row */
    under[of.n_rows++] = x + at * x_cols * lanes;
  }
  for (int j = 0; j < few->n_cols; j++) {
    const RvPhaseAxis *cols = &few->cols[j];
    of.weights = packed + few->packed[row % few->n_rows * few->n_cols + j];
    of.x_step = cols->x_step;
    of.n_cols = cols->n_taps;
    of.min_col = cols->least, of.reach = cols->reach;
    for (int v = 0; v < cols->n_taps; v++)
      cols_at[v] = cols->taps[v].at;
    few->lanes->thin->to_thin (&of, (int) few->few.dim[1], cols->count, y + row * few->few.dim[3] + cols->first,
                               cols->step, few->few.dim[2] * few->few.dim[3]);
  }
}

static void
run_to_few (const Few *few, const RvConvArgs *run, void *scratch)
{
  const float *from = few->many_is_big ? run->src : run->dst;
  float *to = few->many_is_big ? run->dst : run->src;
  gint64 rows = few->few.dim[2], n_rows = few->few.dim[0] * rows;
  gint64 n_pieces = MIN (n_rows, (gint64) PIECES_PER_THREAD * few->n_threads);
  gint64 x_floats = rv_shape_count (&few->many) / few->many.dim[0], y_floats = few->few.dim[1] * rows * few->few.dim[3];
  const RvWorkQueue turns = { n_pieces, few->n_threads, g_newa0 (gint, few->n_threads) };
#pragma omp parallel num_threads(few->n_threads)
  {
    int thread = omp_get_thread_num ();
    RvThinCachedRow held[2 * MAX_TAPS] = { { NULL } };
    const RvThinEdges edges = { (float *) scratch + (gsize) thread * edge_floats (few), held,
                                (int) few->spec.weights.dim[2], few->edge_span };
    for (gint64 piece;
         !g_cancellable_is_cancelled (run->cancellable) && (piece = rv__work_queue_next (&turns, thread)) >= 0;)
      for (gint64 row = n_rows * piece / n_pieces; row < n_rows * (piece + 1) / n_pieces; row++)
        run_row (few, from + row / rows * x_floats, run->packed, run->bias, row % rows, to + row / rows * y_floats,
                 &edges);
  }
}

/* ---- weight gradients -------------------------------------------------------------------------------------------- */

/* Fills [channel][row of the tap][span] with the few under the taps of row @row of the many. */
static void
stage (const Few *few, const float *of_picture, gint64 row, float *staged)
{
  gint64 rows = few->few.dim[2], cols = few->few.dim[3], n_row_taps = few->spec.weights.dim[2];
  for (gint64 i = 0; i < few->few.dim[1] * n_row_taps; i++, staged += few->span) {
    gint64 at = row * few->step[0] + few->row_at[i % n_row_taps];
    gint64 from = MAX (few->least_col, 0), end = MIN (few->least_col + few->span, cols);
    memset (staged, 0, (gsize) few->span * sizeof (float));
    if (at >= 0 && at < rows && from < end)
      memcpy (staged + from - few->least_col, of_picture + (i / n_row_taps * rows + at) * cols + from,
              (gsize) (end - from) * sizeof (float));
  }
}

/* sum[block][channel of the few][tap][lanes] += row @row of one picture. */
static void
add_row (const Few *few, const float *many, const float *staged, gint64 row, float *sum)
{
  const gint64 *kernel = few->spec.weights.dim + 2;
  gint64 lanes = few->lanes->lanes, cols = few->many.dim[3], n_sums = few->few.dim[1] * n_taps (few);
  gint64 n_passes = (n_sums + RV_THIN_MAX_SUMS - 1) / RV_THIN_MAX_SUMS;
  for (gint64 pass = 0; pass < n_passes; pass++) {
    const float *under[RV_THIN_MAX_SUMS];
    gint64 first = n_sums * pass / n_passes, n = n_sums * (pass + 1) / n_passes - first;
    for (gint64 k = 0; k < n; k++)
      under[k] = staged + (first + k) / kernel[1] * few->span + few->col_at[(first + k) % kernel[1]] - few->least_col;
    for (gint64 block = 0; block < n_blocks (few); block++)
      few->lanes->thin->weights (under, few->step[1], many + (block * few->many.dim[2] + row) * cols * lanes, cols,
                                 (int) n, sum + (block * n_sums + first) * lanes, (gsize) lanes);
  }
}

static void
write_weights (const Few *few, const float *parts, float *weights)
{
  const gint64 *kernel = few->spec.weights.dim + 2;
  gint64 lanes = few->lanes->lanes, n_sums = few->few.dim[1] * n_taps (few);
#pragma omp parallel for schedule(static) num_threads(few->n_threads)
  for (gint64 m = 0; m < few->many.dim[1]; m++)
    for (gint64 k = 0; k < n_sums; k++) {
      float sum = 0;
      for (int part = 0; part < few->n_parts; part++)
        sum += parts[(gsize) part * part_floats (few) + (gsize) ((m / lanes * n_sums + k) * lanes + m % lanes)];
      weights[weight_index (few, k / n_taps (few), m, k % n_taps (few) / kernel[1], k % kernel[1])] = sum;
    }
}

static void
run_to_weights (const Few *few, const RvConvArgs *run, void *scratch)
{
  const float *many = few->many_is_big ? run->src : run->dst, *of_few = few->many_is_big ? run->dst : run->src;
  gint64 rows = few->many.dim[2], n_rows = few->many.dim[0] * rows;
  gint64 many_floats = rv_shape_count (&few->many) / few->many.dim[0],
         few_floats = rv_shape_count (&few->few) / few->few.dim[0];
  float *parts = scratch, *all_staged = parts + (gsize) few->n_parts * part_floats (few);
  const RvWorkQueue turns = { few->n_parts, few->n_threads, g_newa0 (gint, few->n_threads) };
#pragma omp parallel num_threads(few->n_threads)
  {
    int thread = omp_get_thread_num ();
    float *staged = all_staged + (gsize) thread * staged_floats (few);
    for (gint64 part; (part = rv__work_queue_next (&turns, thread)) >= 0;) {
      float *sum = parts + (gsize) part * part_floats (few);
      memset (sum, 0, part_floats (few) * sizeof (float));
      for (gint64 row = n_rows * part / few->n_parts; row < n_rows * (part + 1) / few->n_parts; row++) {
        if (g_cancellable_is_cancelled (run->cancellable))
          break;
        stage (few, of_few + row / rows * few_floats, row % rows, staged);
        add_row (few, many + row / rows * many_floats, staged, row % rows, sum);
      }
    }
  }
  write_weights (few, parts, run->weights);
}

static gboolean
run (gpointer kernel, RvOnednn *onednn, const RvConvArgs *of, void *scratch)
{
  const Few *few = kernel;
  if (few->spec.direction == RV_CONV_BACKWARD_WEIGHTS)
    run_to_weights (few, of, scratch);
  else
    run_to_few (few, of, scratch);
  return TRUE;
}

const RvConvClass rv__conv_thin = { .name = "thin",
                                    .rounding = 1.1,
                                    .code = "our few",
                                    .open = open_few,
                                    .close = close_few,
                                    .packed_bytes = packed_bytes,
                                    .scratch_bytes = scratch_bytes,
                                    .pack = pack,
                                    .run = run };
