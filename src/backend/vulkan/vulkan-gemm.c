/* vulkan-gemm.c -- convolutions, Gram matrices and products as one kind of matrix product: shaders/gemm.comp, which has
 * the formulas. */
#include "vulkan-kernels.h"

#define PART_K 2048    /* terms of one part of a long sum: f32 keeps five digits; more terms if MAX_SCRATCH is short */
#define MIN_PART_K 256 /* terms of the shortest part of a sum that is divided only to occupy the device */
#define ENOUGH_TILES 256                /* tiles, or parts of them, that occupy a large device */
#define MAX_SCRATCH ((gint64) 64 << 20) /* maximum bytes of the parts */
#define MAX_GROUPS 65535
#define MATCH_PART 512 /* positions of the guide that a workgroup compares */
#define MATCH_SUM 256  /* positions whose products match-parts.comp adds up */

enum { COLUMN_IS_WINDOW, COLUMN_IS_TAP, TRANSPOSED, BEST_MATCH, N_PRODUCTS };

/* Shapes of tiles, in the order of shaders/gemm.comp. */
static const struct {
  guint32 rows, columns;
} shapes[] = { { 64, 64 }, { 64, 128 }, { 32, 256 }, { 16, 256 } };
enum { SQUARE, WIDE_64, WIDE_32, WIDE_16 };

/* Push constants of shaders/gemm.comp. */
typedef struct {
  guint32 M, N, K, first_tile, first_part, part_k, n_parts, a_run, y_run, flags, channels;
  gint32 height, width;
  guint32 out_width, positions, kernel_width, taps;
  gint32 stride_h, stride_w, top, left;
  guint32 part_rows, n_slots, first_slot, groups;
  gint32 dilation_h, dilation_w;
  guint32 first_tap, tap_step_h, tap_step_w, first_pixel, row_step;
} Push;
G_STATIC_ASSERT (sizeof (Push) <= RV_VULKAN_PUSH_BYTES);

enum { IS_SYMMETRIC = 1, HAS_BIAS = 2 }; /* flags */

/* A call as a matrix product. */
typedef struct {
  guint32 kind;
  int a, b; /* inputs of the call */
  Push push;
} Product;

static guint32
divide_up (gint64 n, gint64 by)
{
  return (guint32) ((n + by - 1) / by);
}

static gint64
count_tiles (const Push *push, int shape)
{
  return (gint64) divide_up (push->M, shapes[shape].rows) * divide_up (push->N, shapes[shape].columns);
}

/* Shape of the tiles of a product: wide tiles read each number less often, but there must be enough of them. */
static int
tile_shape (const Push *push)
{
  int wide = push->M <= 16 ? WIDE_16 : push->M <= 32 ? WIDE_32 : WIDE_64;
  return count_tiles (push, wide) >= ENOUGH_TILES ? wide : SQUARE;
}

/* Sets part_k and n_parts, which divide long sums over k into parts, from M, N and K of @push: parts of up to PART_K
 * terms if @is_long, and shorter ones for products of few tiles. */
static void
divide (Push *push, gboolean is_long)
{
  gint64 part_bytes = (gint64) push->M * push->N * (gint64) sizeof (float);
  gint64 n_parts = MIN (ENOUGH_TILES / count_tiles (push, tile_shape (push)), push->K / MIN_PART_K);
  n_parts = CLAMP (MAX (n_parts, is_long ? divide_up (push->K, PART_K) : 1), 1, MAX (MAX_SCRATCH / part_bytes, 1));
  push->part_k = divide_up (push->K, n_parts);
  push->n_parts = divide_up (push->K, push->part_k);
}

/* Divides the rows of a best match into parts, and limits the number of parts whose results are stored, n_slots. */
static void
divide_match (Push *push)
{
  gint64 max_numbers =
    MIN (MAX_SCRATCH, (gint64) rv__vulkan_device (NULL)->limits.maxStorageBufferRange) / (gint64) sizeof (float);
  push->part_rows = MATCH_PART;
  push->n_parts = divide_up (push->M, MATCH_PART);
  push->first_slot = divide_up (push->N, MATCH_SUM);
  push->n_slots = (guint32) CLAMP ((max_numbers - push->first_slot) / (2 * (gint64) push->N), 1, push->n_parts);
}

/* Sets the window of a convolution: strides, padding before (top, left), width and taps of the kernel, groups,
 * dilation. */
static void
set_window (Push *push, const RvConvAttrs *a, const RvShape *kernel)
{
  push->stride_h = a->stride[0], push->stride_w = a->stride[1];
  push->top = a->pad.top, push->left = a->pad.left;
  push->kernel_width = (guint32) kernel->dim[3];
  push->taps = (guint32) (kernel->dim[2] * kernel->dim[3]);
  push->groups = (guint32) rv__conv_groups (a);
  push->dilation_h = rv__conv_dilation (a, 0), push->dilation_w = rv__conv_dilation (a, 1);
}

/* Sets channels, height and width of @push to those of @from, the picture from which matrix B is read. Sets out_width
 * and positions to those of @positions, a picture with one pixel for each position of the window. */
static void
set_pictures (Push *push, const RvShape *from, const RvShape *positions)
{
  push->channels = (guint32) from->dim[1];
  push->height = (gint32) from->dim[2], push->width = (gint32) from->dim[3];
  push->out_width = (guint32) positions->dim[3];
  push->positions = (guint32) (positions->dim[2] * positions->dim[3]);
}

static void
set_sizes (Push *push, gint64 M, gint64 N, gint64 K)
{
  push->M = (guint32) M, push->N = (guint32) N, push->K = (guint32) K;
}

/* Matrix product as a convolution: b is a picture of one row, with one channel for each row of b; the window has one
 * tap. */
static Product
matmul_product (const RvOpCall *call, const RvShape *a, const RvShape *b, const RvShape *y)
{
  gboolean ta = call->attrs.matmul.transpose_a, tb = call->attrs.matmul.transpose_b;
  Product product = { .kind = tb ? COLUMN_IS_TAP : COLUMN_IS_WINDOW, .a = 0, .b = 1 };
  Push *push = &product.push;
  set_sizes (push, y->dim[0], y->dim[1], a->dim[!ta]);
  set_window (push, &(RvConvAttrs){ .stride = { 1, 1 } }, &(RvShape){ 4, { 1, 1, 1, 1 } });
  const RvShape planes = { 4, { 1, b->dim[0], 1, b->dim[1] } };
  set_pictures (push, &planes, &planes);
  push->a_run = ta ? 1 : push->K;
  push->y_run = push->N;
  return product;
}

/* The taps of one axis that reach the pixels @phase, @phase + stride, ... of a picture, as those of a convolution of
 * stride 1: tap i is tap first + i step of the kernel, and lies i dilation before the position, which is @shift further
 * on. */
typedef struct {
  int first, step, n; /* taps; n: 0 if none reaches these pixels */
  int shift, dilation;
} Taps;

/* Taps of a convolution of @n_taps taps on this axis, with padding @before. */
static Taps
taps_of_phase (int phase, int stride, int dilation, int before, int n_taps)
{
  Taps taps = { .step = n_taps };
  for (int u = n_taps - 1; u >= 0; u--)
    if ((phase + before - u * dilation) % stride == 0) {
      taps.step = taps.n > 0 ? taps.first - u : taps.step;
      taps.first = u;
      taps.n++;
    }
  taps.shift = (phase + before - taps.first * dilation) / stride;
  taps.dilation = taps.step * dilation / stride;
  return taps;
}

/* Restricts the product of a gradient of a picture, of size @y, to the pixels of number @phase in every stride_h x
 * stride_w. */
static void
set_phase (Push *push, const RvConvAttrs *a, const RvShape *kernel, const RvShape *y, int phase)
{
  int row = phase / a->stride[1], column = phase % a->stride[1], width = (int) y->dim[3];
  Taps h = taps_of_phase (row, a->stride[0], push->dilation_h, a->pad.top, (int) kernel->dim[2]);
  Taps w = taps_of_phase (column, a->stride[1], push->dilation_w, a->pad.left, (int) kernel->dim[3]);
  guint32 rows = divide_up (MAX (y->dim[2] - row, 0), a->stride[0]), in_planes = push->K / push->taps;
  push->out_width = divide_up (MAX (width - column, 0), a->stride[1]);
  push->positions = rows * push->out_width;
  push->N = (guint32) y->dim[0] * push->positions;
  push->kernel_width = (guint32) MAX (w.n, 1);
  push->taps = (guint32) MAX (h.n * w.n, 1);
  push->K = in_planes * (guint32) (h.n * w.n);
  push->top = h.shift, push->left = w.shift;
  push->dilation_h = h.dilation, push->dilation_w = w.dilation;
  push->first_tap = (guint32) (h.first * kernel->dim[3] + w.first);
  push->tap_step_h = (guint32) (h.step * kernel->dim[3]), push->tap_step_w = (guint32) w.step;
  push->first_pixel = (guint32) (row * width + column);
  push->row_step = (guint32) (a->stride[0] * width);
}

/* Matrix product @i (sizes, strides, buffers) of @call; vulkan-kernels.c must compute its op by GEMM. */
static Product
product_of (const RvProgram *program, const RvOpCall *call, int i)
{
  const RvShape *in0 = rv__program_shape (program, call->in[0]), *y = rv__program_shape (program, call->out[0]);
  const RvShape *in1 = call->n_in > 1 ? rv__program_shape (program, call->in[1]) : in0;
  const RvConvAttrs *conv = &call->attrs.conv, one = { .stride = { 1, 1 } };
  const RvShape one_tap = { 4, { 1, 1, 1, 1 } };
  Product product = { .a = 1, .b = 0 };
  Push *push = &product.push;
  switch (call->kind) {
  case RV_OP_CONV2D: /* for each group: weights [O, C U V] times taps and positions [C U V, N Ho Wo] */
    product.kind = COLUMN_IS_WINDOW;
    set_window (push, conv, in1);
    set_sizes (push, in1->dim[0] / push->groups, y->dim[0] * y->dim[2] * y->dim[3], rv_shape_count (in1) / in1->dim[0]);
    set_pictures (push, in0, y);
    push->a_run = push->K, push->y_run = push->positions;
    push->flags = call->n_in > 2 ? HAS_BIAS : 0;
    break;
  case RV_OP_CONV2D_BACKWARD_DATA: /* for each group: weights [C, O U V] times taps and positions [O U V, N H W] */
    product.kind = TRANSPOSED;
    set_window (push, conv, in1);
    set_sizes (push, in1->dim[1], y->dim[0] * y->dim[2] * y->dim[3], in1->dim[0] / push->groups * push->taps);
    set_pictures (push, in0, y);
    push->a_run = push->taps, push->y_run = push->positions;
    set_phase (push, conv, in1, y, i);
    break;
  case RV_OP_CONV2D_BACKWARD_WEIGHTS: /* gradient [O, N Ho Wo] times positions and taps [N Ho Wo, C U V] */
    product.kind = COLUMN_IS_TAP;
    set_sizes (push, y->dim[0], rv_shape_count (y) / y->dim[0], rv_shape_count (in1) / in1->dim[1]);
    set_window (push, conv, y);
    set_pictures (push, in0, in1);
    push->a_run = push->positions, push->y_run = push->N;
    divide (push, TRUE);
    return product;
  case RV_OP_GRAM: /* F [C, N P] times its transpose */
    product = (Product){ .kind = COLUMN_IS_TAP, .a = 0, .b = 0 };
    set_sizes (push, in0->dim[1], in0->dim[1], rv_shape_count (in0) / in0->dim[1]);
    set_window (push, &one, &one_tap);
    set_pictures (push, in0, in0);
    push->a_run = push->positions, push->y_run = push->N;
    divide (push, TRUE);
    return product;
  case RV_OP_GRAM_BACKWARD: /* (D + D^T) [C, C] times F [C, N P] */
    product.kind = COLUMN_IS_WINDOW;
    set_sizes (push, in0->dim[1], rv_shape_count (in0) / in0->dim[1], in0->dim[1]);
    set_window (push, &one, &one_tap);
    set_pictures (push, in0, in0);
    push->a_run = push->K, push->y_run = push->positions;
    push->flags = IS_SYMMETRIC;
    break;
  case RV_OP_BEST_MATCH: /* transposed guide [Q, C] times x [C, N P] */
    product.kind = BEST_MATCH;
    set_sizes (push, in1->dim[1], rv_shape_count (in0) / in0->dim[1], in0->dim[1]);
    set_window (push, &one, &one_tap);
    set_pictures (push, in0, in0);
    push->a_run = 1, push->part_k = push->K;
    divide_match (push);
    return product;
  default:
    product = matmul_product (call, in0, in1, y);
    divide (push, TRUE);
    return product;
  }
  push->part_k = push->K, push->n_parts = 1;
  if (push->groups == 1 && push->y_run == push->N && push->K > 0) /* sum-parts.comp writes rows */
    divide (push, FALSE);
  return product;
}

gsize
rv__vulkan_gemm_scratch (const RvProgram *program, const RvOpCall *call)
{
  const Push push = product_of (program, call, 0).push;
  if (call->kind == RV_OP_BEST_MATCH)
    return (push.first_slot + 2 * (gsize) push.n_slots * push.N) * sizeof (float);
  return push.n_parts > 1 ? (gsize) push.n_parts * push.M * push.N * sizeof (float) : 0;
}

/* Records the last two dispatches of a best match: to choose among the results of its parts, the slots of @product, and
 * to add up output 0. */
static gboolean
record_match_parts (RvVulkanRecorder *recorder, const RvOpCall *call, const Push *product, GError **error)
{
  const struct {
    guint32 n, n_slots, first_slot, positions, width, border, writes_rows;
  } push = { product->N,
             product->n_slots,
             product->first_slot,
             product->positions,
             product->out_width,
             (guint32) call->attrs.interior.border,
             (guint32) rv__vulkan_has_output (recorder, call, 1) };
  RvVulkanDispatch dispatch = rv__vulkan_dispatch_of (call, RV_VULKAN_MATCH_PARTS, 0, push.n, &push, sizeof push);
  dispatch.work *= push.n_slots;
  return rv__vulkan_record (recorder, &dispatch, error) &&
         rv__vulkan_record_sum_parts (recorder, call, 1, push.first_slot, error);
}

/* Records product @i in dispatches of at most max_dispatch_work, unless one column of tiles in one part exceeds it. */
static gboolean
record_product (RvVulkanRecorder *recorder, const RvOpCall *call, int i, GError **error)
{
  Product product = product_of (rv__vulkan_recorder_executable (recorder)->program, call, i);
  Push *push = &product.push;
  if (push->N == 0)
    return TRUE;
  gboolean is_match = product.kind == BEST_MATCH;
  int shape = is_match ? SQUARE : tile_shape (push);
  guint32 tile_rows = shapes[shape].rows, tile_columns = shapes[shape].columns;
  guint32 rows = divide_up (is_match ? push->part_rows : push->M, tile_rows);
  guint32 columns = divide_up (push->N, tile_columns), all_parts = push->n_parts * push->groups;
  guint32 max_parts = is_match ? push->n_slots : MIN (all_parts, MAX_GROUPS); /* maximum per dispatch */
  double tile_work = (double) rows * tile_rows * tile_columns * push->part_k; /* for one column of tiles and one part */
  double max_work = rv__vulkan_device (NULL)->max_dispatch_work;
  guint32 n_tiles = (guint32) CLAMP (max_work / tile_work, 1, MIN (columns, MAX_GROUPS));
  guint32 n_parts = (guint32) CLAMP (max_work / (tile_work * n_tiles), 1, max_parts);
  guint32 kind = (guint32) shape * N_PRODUCTS + product.kind;
  RvVulkanDispatch dispatch = rv__vulkan_dispatch_of (call, RV_VULKAN_GEMM, kind, 0, push, sizeof *push);
  dispatch.in[0] = call->in[product.b], dispatch.in[1] = call->in[product.a];
  dispatch.is_independent = i > 0;
  for (push->first_part = 0; push->first_part < all_parts; push->first_part += n_parts)
    for (push->first_tile = 0; push->first_tile < columns; push->first_tile += n_tiles) {
      dispatch.groups[0] = MIN (n_tiles, columns - push->first_tile);
      dispatch.groups[1] = is_match ? 1 : rows;
      dispatch.groups[2] = MIN (n_parts, all_parts - push->first_part);
      dispatch.work = tile_work * dispatch.groups[0] * dispatch.groups[2];
      if (!rv__vulkan_record (recorder, &dispatch, error))
        return FALSE;
      dispatch.is_independent = !is_match; /* parts of a best match share slots */
    }
  if (is_match)
    return record_match_parts (recorder, call, push, error);
  return push->n_parts == 1 ||
         rv__vulkan_record_sum_parts (recorder, call, (gint64) push->M * push->N, push->n_parts, error);
}

gboolean
rv__vulkan_record_gemm (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  const int *stride = call->attrs.conv.stride;
  int n = call->kind == RV_OP_CONV2D_BACKWARD_DATA ? stride[0] * stride[1] : 1;
  for (int i = 0; i < n; i++)
    if (!record_product (recorder, call, i, error))
      return FALSE;
  return TRUE;
}
