/* test-tiles.c -- fitting into memory by tiles or recomputed features. Tests the geometry of tiles, and the choice for
 * a given memory. Losses and gradient equal those of the whole picture. */
#include "base/system.h"
#include "cluster/class.h"
#include "method/objective/fit.h"
#include "method/objective/objective-internal.h"
#include "method/objective/tiles.h"
#include "support/formula.h"
#include "support/support.h"
#include <math.h>
#include <string.h>

/* ---- geometry ---------------------------------------------------------------------------------------------------- */

/* Asserts that along @axis the cores partition the picture, that windows contain core and halo, and that positions are
 * multiples of halo->unit. */
static void
check_axis (const RvTiling *tiling, const RvHalo *halo, int axis)
{
  int end = 0, window = tiling->window[axis], picture = tiling->picture[axis];
  for (guint i = 0; i < tiling->span[axis]->len; i++) {
    const RvTileSpan *span = &g_array_index (tiling->span[axis], RvTileSpan, i);
    g_assert_cmpint (span->core, ==, end);
    g_assert_cmpint (span->core_end, >, span->core);
    g_assert_cmpint (span->window % halo->unit, ==, 0);
    g_assert_cmpint (span->core % halo->unit, ==, 0);
    g_assert_true (span->core_end == picture || span->core_end % halo->unit == 0);
    g_assert_true (span->window >= 0 && span->window + window <= picture);
    g_assert_true (span->window == 0 || span->core - span->window >= halo->before[axis]);
    g_assert_true (span->window + window == picture || span->window + window - span->core_end >= halo->after[axis]);
    end = span->core_end;
  }
  g_assert_cmpint (end, ==, picture);
}

/* Asserts that smaller windows along @axis would need more tiles. */
static void
check_window (const RvTiling *tiling, const RvHalo *halo, int axis)
{
  int smaller = tiling->window[axis] - halo->unit, rest = tiling->picture[axis] % halo->unit;
  if (tiling->span[axis]->len == 1 || smaller < halo->before[axis] + halo->after[axis] + 2 * halo->unit + rest)
    return;
  RvTiling *other = rv__tiling_new (tiling->picture[0], tiling->picture[1], halo, smaller);
  g_assert_cmpuint (other->span[axis]->len, >, tiling->span[axis]->len);
  rv__tiling_free (other);
}

static void
test_geometry (void)
{
  static const int units[] = { 1, 2, 6, 8, 12, 16, 32 };
  for (int n = 0; n < 20000; n++) {
    guint64 bits = formula_bits ("tiles", (guint64) n);
    int unit = units[bits % G_N_ELEMENTS (units)];
    RvHalo halo = { .unit = unit };
    for (int axis = 0; axis < 2; axis++) {
      halo.before[axis] = (int) (bits >> (8 + 4 * axis) & 15) * unit;
      halo.after[axis] = (int) (bits >> (16 + 4 * axis) & 15) * unit;
    }
    RvTiling *tiling = rv__tiling_new (1 + (int) (bits >> 24 & 1023), 1 + (int) (bits >> 34 & 1023), &halo,
                                       1 + (int) (bits >> 44 & 511));
    check_axis (tiling, &halo, 0);
    check_axis (tiling, &halo, 1);
    check_window (tiling, &halo, 0);
    check_window (tiling, &halo, 1);
    rv__tiling_free (tiling);
  }
}

/* Asserts the traffic of sums in one iteration, in MB, with a tile on each of two ranks. docs/machines.md has these
 * numbers. */
static void
check_sums_traffic (RvNet *net, double megabytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) terms = rv__terms_new ();
  const RvNetClass *class = rv__net_find (rv_net_name (net));
  RvCluster cluster = { .size = 2 };
  rv__terms_add (terms, rv__loss_for ("style"), 1, class->style_layers, class->name, NULL, &error);
  rv__terms_add (terms, rv__loss_for ("content"), 1, class->content_layers, class->name, NULL, &error);
  g_assert_no_error (error);
  RvObjectiveSpec spec = { .type = RV_F32,
                           .net = net,
                           .terms = terms,
                           .backend = rv__backend_find ("reference", NULL),
                           .space = rv__rgb_0_255,
                           .fit = { .tile_px = 320 },
                           .cluster = &cluster };
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, 320, 480, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rv__objective_n_tiles (objective), ==, 2);
  gsize gradients = rv__objective_traffic (objective) - rv__objective_sums_traffic (objective);
  g_assert_cmpfloat_with_epsilon ((double) rv__objective_sums_traffic (objective) / 1e6, megabytes, 0.005);
  g_assert_cmpuint (gradients % (2 * 320 * 3 * sizeof (float)), ==, 0); /* two tiles with the picture's height */
}

static void
test_sums_traffic (void)
{
  g_autoptr (RvNet) builtin = rv_net_new_builtin (NULL), vgg = formula_vgg ("vgg19", "torchvision", 1, 0.1);
  check_sums_traffic (builtin, 0.76);
  check_sums_traffic (vgg, 2.45);
}

typedef struct {
  const char *layer;
  int *value;
} Sought;

static gboolean
on_layer (const char *layer, int value, gpointer user_data)
{
  const Sought *sought = user_data;
  if (strcmp (layer, sought->layer) != 0)
    return FALSE;
  *sought->value = value;
  return TRUE;
}

/* Halos of VGG19 at conv5_1, and of InceptionV3, which differ before and after the core. */
static void
test_halo (void)
{
  static const struct {
    const char *network, *layer;
    int before, after, unit; /* px; @before, @after: before rounding up to @unit */
  } cases[] = { { "vgg19", "conv5_1", 70, 70, 16 },
                { "inception_v3", "mixed5", 250, 277, 16 },
                { "inception_v3", "mixed7", 442, 469, 16 } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RvNet) net = g_str_has_prefix (cases[i].network, "vgg") ? formula_vgg (cases[i].network, "Keras", 1, 1)
                                                                       : formula_net (cases[i].network);
    g_autoptr (RvProgram) program = rv__program_new (RV_F32);
    RvShape shape = rv_shape (4, 1, 3, 512, 512);
    int x = rv__program_input (program, &shape), tap = -1;
    Sought sought = { cases[i].layer, &tap };
    rv__net_record (net, &(RvNetVariant){ 0 }, program, x, &rv__rgb_0_255, on_layer, &sought);
    g_autofree RvReceptiveField *reaches = rv__graph_receptive_fields (program, x);
    RvHalo halo;
    g_assert_true (rv__halo_compute (reaches, &tap, 1, 0, &halo, NULL));
    g_assert_cmpint (halo.unit, ==, cases[i].unit);
    g_assert_cmpint (reaches[tap].before[0], ==, cases[i].before);
    g_assert_cmpint (reaches[tap].after[0] - reaches[tap].jump[0] + 1, ==, cases[i].after);
    g_assert_cmpint (halo.before[1], ==, (cases[i].before + 15) / 16 * 16);
  }
}

/* Ops that depend on the whole picture, or have no known receptive field, are refused with their name in the error. */
static void
test_refused (void)
{
  g_autoptr (RvProgram) program = rv__program_new (RV_F32);
  RvShape shape = rv_shape (4, 1, 4, 32, 32), flat = rv_shape (4, 1, 8, 16, 32), weights = rv_shape (4, 3, 4, 3, 3);
  g_autoptr (RvTensor) w = test_constant (RV_F32, &weights, 1, 1);
  int x = rv__program_input (program, &shape), relu = rv__relu (program, x);
  int shifted = rv__bias (program, relu, rv__channel_sum (program, relu)), mixed = rv__reshape (program, relu, &flat);
  RvPad pad = { 1, 1, 1, 1 };
  int after_shifted = rv__conv2d (program, shifted, rv__program_constant (program, w), -1, 1, pad);
  int after_mixed = rv__relu (program, mixed), fine = rv__max_pool (program, relu, 2, 2, (RvPad){ 0 });
  g_assert_no_error (program->error);
  g_autofree RvReceptiveField *reaches = rv__graph_receptive_fields (program, x);
  const struct {
    int tap;
    const char *op;
  } refused[] = {
    { shifted, "channel_sum" }, { after_shifted, "channel_sum" }, { mixed, "reshape" }, { after_mixed, "reshape" }
  };
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;
    RvHalo halo;
    g_assert_false (rv__halo_compute (reaches, (int[]){ fine, refused[i].tap }, 2, 0, &halo, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_nonnull (strstr (error->message, refused[i].op));
  }
  RvHalo halo;
  g_assert_true (rv__halo_compute (reaches, (int[]){ fine, relu }, 2, 0, &halo, NULL));
}

/* After downsampling by four and upsampling to full size, the unit of tiles is 4 px. */
static void
test_halo_up (void)
{
  g_autoptr (RvProgram) program = rv__program_new (RV_F32);
  RvShape shape = rv_shape (4, 1, 3, 64, 64), weights = rv_shape (4, 3, 3, 3, 3);
  g_autoptr (RvTensor) w = test_constant (RV_F32, &weights, 1, 1);
  int x = rv__program_input (program, &shape), k = rv__program_constant (program, w);
  int small = rv__conv2d (program, x, k, -1, 4, (RvPad){ 1, 1, 1, 1 });
  int large = rv__transposed_conv2d (program, rv__resize (program, small, 32, 32, RV_RESIZE_BILINEAR), k, 2,
                                     (RvPad){ 0, 0, 1, 1 }, 64, 64);
  g_assert_no_error (program->error);
  g_autofree RvReceptiveField *reaches = rv__graph_receptive_fields (program, x);
  RvHalo halo;
  g_assert_true (rv__halo_compute (reaches, &large, 1, 0, &halo, NULL));
  g_assert_cmpint (reaches[large].jump[0], ==, 1);
  g_assert_cmpint (halo.unit, ==, 4);
  /* Reach in px before and after, op by op. Convolution: 1 and 1. Resize: 4 and 2, because 2 i reads i - 1 and 2 i + 1
   * reads i + 1, 4 px away. Transposed convolution: 2 and 0, because 2 i reads i - 1. */
  g_assert_cmpint (reaches[large].before[0], ==, 1 + 4 + 2);
  g_assert_cmpint (reaches[large].after[0], ==, 1 + 2 + 0);
}

/* ---- a norm over the whole picture, in tiles --------------------------------------------------------------------- */

#define NORM_C 4 /* channels */
#define NORM_H 26
#define NORM_W 34
#define NORM_EPSILON 1e-5

/* Records features of @x: a convolution with reflection padding and stride 2, and upsampling by two. */
static int
record_features (RvProgram *program, int x)
{
  RvShape weights = rv_shape (4, NORM_C, 3, 5, 5);
  g_autoptr (RvTensor) w = test_constant (RV_F64, &weights, 1, 0.3);
  int padded = rv__pad (program, x, (RvPad){ 2, 2, 2, 2 }, RV_PAD_REFLECT);
  int small = rv__conv2d (program, padded, rv__program_constant (program, w), -1, 2, (RvPad){ 0 });
  const RvShape *shape = rv__program_shape (program, small);
  return rv__resize (program, small, 2 * shape->dim[2], 2 * shape->dim[3], RV_RESIZE_NEAREST);
}

typedef struct {
  RvExecutable *executable;
  int x, y, seed, grad_x; /* @seed: dL/dy, an input */
  int sums;               /* over all positions; of a tile: over its core */
  int mask, whole_sums, grad_sums,
    grad_of_whole; /* of a tile: mask of its core; sums of the picture; gradients of both sums */
} Norm;

static int
channel_constant (RvProgram *program, guint32 stream)
{
  RvShape shape = rv_shape (1, NORM_C);
  g_autoptr (RvTensor) numbers = test_constant (RV_F64, &shape, stream, 1);
  return rv__program_constant (program, numbers);
}

static Norm
record_norm (gint64 rows, gint64 cols, gboolean of_tile)
{
  Norm norm = { .mask = -1 };
  RvProgram *program = rv__program_new (RV_F64);
  RvShape picture = rv_shape (4, 1, 3, rows, cols), plane = rv_shape (2, rows, cols);
  RvShape sums = rv_shape (3, 2, 1, NORM_C), features = rv_shape (4, 1, NORM_C, rows, cols);
  norm.x = rv__program_input (program, &picture);
  norm.seed = rv__program_input (program, &features);
  int f = record_features (program, norm.x), scale = channel_constant (program, 2);
  int shift = channel_constant (program, 3);
  if (!of_tile) {
    norm.y = rv__instance_norm (program, f, scale, shift, NORM_EPSILON);
    norm.sums = rv__program_call (program, (int) program->calls->len - 1)->in[1];
    rv__program_output (program, norm.sums);
    rv__program_output (program, norm.y);
    norm.grad_x = rv__graph_differentiate (program, &(RvGradSeed){ norm.y, norm.seed }, 1, norm.x);
  } else {
    norm.mask = rv__program_input (program, &plane);
    norm.whole_sums = rv__program_input (program, &sums);
    norm.grad_sums = rv__program_input (program, &sums);
    norm.sums = rv__program_record (program, RV_OP_PICTURE_SUMS, NULL, 1, (int[]){ rv__mask (program, f, norm.mask) });
    int y = rv__instance_norm_from_sums (program, f, norm.whole_sums, NORM_H * NORM_W, scale, shift, NORM_EPSILON);
    norm.y = rv__mask (program, y, norm.mask);
    rv__program_output (program, norm.sums);
    rv__program_output (program, norm.y);
    const RvGradSeed seeds[] = { { norm.y, norm.seed }, { norm.sums, norm.grad_sums } };
    const int wrt[] = { norm.x, norm.whole_sums };
    int grads[2];
    g_assert_true (rv__graph_differentiate_all (program, seeds, 2, wrt, 2, grads));
    norm.grad_x = grads[0], norm.grad_of_whole = grads[1];
  }
  g_assert_no_error (program->error);
  norm.executable = test_executable (program, NULL);
  return norm;
}

/* Copies the tile's window of @channels planes from @whole to @window. @add: adds @window to @whole instead. */
static void
move_window (const RvTiling *tiling, int tile, int channels, double *whole, double *window, gboolean add)
{
  gint64 top = rv__tiling_span (tiling, tile, 0)->window, left = rv__tiling_span (tiling, tile, 1)->window;
  gint64 h = tiling->window[0], w = tiling->window[1];
  for (gint64 i = 0; i < channels * h * w; i++) {
    double *at = &whole[(i / (h * w) * NORM_H + top + i / w % h) * NORM_W + left + i % w];
    if (add)
      *at += window[i];
    else
      window[i] = *at;
  }
}

static void
add_value (RvExecutable *executable, int value, double *to)
{
  g_autofree double *numbers = test_get (executable, value);
  for (gint64 i = 0; i < rv_shape_count (rv__program_shape (executable->program, value)); i++)
    to[i] += numbers[i];
}

/* Sets the inputs of a tile: its window of @x and of @seed (dL/dy), and the mask of its core. */
static void
load_norm_tile (const Norm *norm, const RvTiling *tiling, int tile, double *x, double *seed)
{
  gint64 h = tiling->window[0], w = tiling->window[1];
  g_autofree double *window = g_new0 (double, NORM_C *h *w);
  const RvTileSpan *rows = rv__tiling_span (tiling, tile, 0), *cols = rv__tiling_span (tiling, tile, 1);
  for (int y = rows->core; y < rows->core_end; y++)
    for (int column = cols->core; column < cols->core_end; column++)
      window[(y - rows->window) * w + column - cols->window] = 1;
  rv__executable_set (norm->executable, norm->mask, window, NULL);
  move_window (tiling, tile, 3, x, window, FALSE);
  rv__executable_set (norm->executable, norm->x, window, NULL);
  move_window (tiling, tile, NORM_C, seed, window, FALSE);
  rv__executable_set (norm->executable, norm->seed, window, NULL);
}

static void
add_tile_values (const Norm *norm, const RvTiling *tiling, int tile, int value, int channels, double *whole)
{
  g_autofree double *window = test_get (norm->executable, value);
  move_window (tiling, tile, channels, whole, window, TRUE);
}

/* Instance norm in tiles equals that of the whole picture. The three passes over the tiles compute the sums, then y and
 * the gradient of the sums, then the gradient of x. */
static void
test_norm (void)
{
  enum { N_SUMS = 2 * NORM_C, N_X = 3 * NORM_H * NORM_W, N_Y = NORM_C * NORM_H * NORM_W };
  Norm whole = record_norm (NORM_H, NORM_W, FALSE);
  test_fill (whole.executable, whole.x, 5, 1);
  test_fill (whole.executable, whole.seed, 6, 1);
  rv__executable_forward (whole.executable, NULL);
  rv__executable_backward (whole.executable, NULL);
  g_autofree double *x = test_get (whole.executable, whole.x), *seed = test_get (whole.executable, whole.seed);
  g_autofree double *right_sums = test_get (whole.executable, whole.sums);
  g_autofree double *right_y = test_get (whole.executable, whole.y);
  g_autofree double *right_grad = test_get (whole.executable, whole.grad_x);

  g_autoptr (RvProgram) shapes = rv__program_new (RV_F64);
  int features =
    record_features (shapes, rv__program_input (shapes, rv__program_shape (whole.executable->program, whole.x)));
  g_autofree RvReceptiveField *reaches = rv__graph_receptive_fields (shapes, 0);
  RvHalo halo;
  g_assert_true (rv__halo_compute (reaches, &features, 1, 0, &halo, NULL));
  RvTiling *tiling = rv__tiling_new (NORM_H, NORM_W, &halo, 14);
  int n = rv__tiling_size (tiling);
  g_assert_cmpint (n, >=, 9);

  Norm tile = record_norm (tiling->window[0], tiling->window[1], TRUE);
  double sums[N_SUMS] = { 0 }, grad_sums[N_SUMS] = { 0 };
  g_autofree double *y = g_new0 (double, N_Y), *grad = g_new0 (double, N_X);
  for (int pass = 0; pass < 3; pass++) {
    double nothing[N_SUMS] = { 0 };
    rv__executable_set (tile.executable, tile.whole_sums, sums, NULL);
    rv__executable_set (tile.executable, tile.grad_sums, pass == 2 ? grad_sums : nothing, NULL);
    for (int i = 0; i < n; i++) {
      load_norm_tile (&tile, tiling, i, x, seed);
      rv__executable_forward (tile.executable, NULL);
      rv__executable_backward (tile.executable, NULL);
      if (pass == 0)
        add_value (tile.executable, tile.sums, nothing);
      else if (pass == 1) {
        add_value (tile.executable, tile.grad_of_whole, grad_sums);
        add_tile_values (&tile, tiling, i, tile.y, NORM_C, y);
      } else
        add_tile_values (&tile, tiling, i, tile.grad_x, 3, grad);
    }
    if (pass == 0)
      memcpy (sums, nothing, sizeof sums);
  }
  assert_less (test_relative (sums, right_sums, N_SUMS), 1e-12);
  assert_less (test_relative (y, right_y, N_Y), 1e-12);
  assert_less (test_relative (grad, right_grad, N_X), 1e-12);
  rv__tiling_free (tiling);
  rv__executable_free (tile.executable);
  rv__executable_free (whole.executable);
}

/* Strides that are not powers of two: the unit of tiles is the least common multiple of the layers' units. */
static void
test_strides (void)
{
  const RvReceptiveField reaches[] = { { .jump = { 4, 4 }, .unit = { 4, 4 } },
                                       { .jump = { 6, 6 }, .unit = { 6, 6 }, .before = { 5, 5 }, .after = { 9, 9 } } };
  RvHalo halo;
  g_assert_true (rv__halo_compute (reaches, (const int[]){ 0, 1 }, 2, 0, &halo, NULL));
  g_assert_cmpint (halo.unit, ==, 12);
  g_assert_cmpint (halo.before[0], ==, 12);
  g_assert_cmpint (halo.after[1], ==, 12);
}

/* ---- gradient ---------------------------------------------------------------------------------------------------- */

typedef struct {
  const char *name, *network;
  const char *content, *style, *dream; /* layers; NULL: no such term */
  const char *style_loss, *tv;
  int height, width, tile_px, least; /* px; @least: minimal number of tiles */
  RvPooling pooling;
  RvPadMode pad;
  gboolean frees; /* recomputed features need less memory */
  gboolean slow;  /* in `make check-all` only */
} Case;

static const Case cases[] = {
  { "builtin", "builtin", "conv4_2", "conv1_1,conv3_1", NULL, "relative", "squared", 150, 201, 120, 6, .frees = TRUE },
  { "palette", "builtin", NULL, "conv1_1", NULL, "relative", "palette", 90, 121, 50, 6 },
  { "mean-var", "builtin", "conv2_2:pre", "conv2_1,conv3_3", NULL, "mean-var", "keras", 151, 97, 60, 6,
    .pad = RV_PAD_REPLICATE, .slow = TRUE },
  { "core-smaller-than-halo", "builtin", "conv4_3", "conv4_1", NULL, "gatys", NULL, 161, 163, 100, 9, .slow = TRUE },
  { "max-pooling", "builtin", "conv3_2", "conv3_1", NULL, "keras", "d2l", 133, 201, 90, 6, .pooling = RV_POOLING_MAX,
    .slow = TRUE },
  { "dream", "builtin", NULL, NULL, "conv3_3,conv4_1:0.5", NULL, NULL, 203, 150, 110, 4, .slow = TRUE },
  { "dream-shallow", "builtin", NULL, NULL, "conv1_1", NULL, NULL, 40, 61, 17, 9 },
  { "vgg16", "vgg16", "conv4_2", "conv1_1,conv4_1", NULL, "relative", NULL, 215, 173, 120, 6, .frees = TRUE,
    .slow = TRUE },
  { "valid", "inception_v3", NULL, "conv2d_2", "mixed1", "relative", NULL, 305, 333, 230, 4, .slow = TRUE },
  { "ceil", "squeezenet", "fire4", "conv1,fire3", NULL, "covariance", NULL, 215, 310, 140, 6, .frees = TRUE },
  { "lrn", "googlenet", NULL, NULL, "inception_3a.output", NULL, NULL, 170, 203, 150, 4 },
};

static RvObjective *
objective_of (const Case *one, RvObjectiveSpec *spec, int tile_px)
{
  g_autoptr (GError) error = NULL;
  gint64 pixels = (gint64) one->height * one->width;
  g_autofree float *picture = g_new (float, 3 * pixels);
  g_autoptr (RvImage) style = formula_picture ("style", one->height, one->width);
  g_autoptr (RvImage) content = formula_picture ("content", one->height, one->width);
  spec->fit.tile_px = tile_px;
  RvObjective *objective = rv__objective_new (spec, one->height, one->width, &error);
  g_assert_no_error (error);
  if (one->style) {
    g_assert_true (
      rv__objective_measure_and_add_target (objective, style->rgb->data, one->height, one->width, 0.75, &error));
    g_assert_true (
      rv__objective_measure_and_add_target (objective, content->rgb->data, one->width, one->height, 0.25, &error));
  }
  g_assert_true (rv__objective_bind (objective, &error));
  g_assert_true (rv__objective_set_features (objective, 0, content->rgb->data, &error));
  memcpy (rv__objective_x (objective), style->rgb->data, (gsize) (3 * pixels) * sizeof (float));
  return objective;
}

typedef struct {
  RvNet *net;
  GArray *terms;
  RvObjectiveSpec spec;
} Setup;

static void
set_up (Setup *setup, const Case *one)
{
  setup->net = strcmp (one->network, "builtin") == 0    ? rv_net_new_builtin (NULL)
               : g_str_has_prefix (one->network, "vgg") ? formula_vgg (one->network, "Keras", 1, 0.1)
                                                        : formula_net (one->network);
  setup->terms = rv__terms_new ();
  if (one->content)
    rv__terms_add (setup->terms, rv__loss_find ("content", "relative"), 0.5, one->content, one->network, NULL, NULL);
  if (one->style)
    rv__terms_add (setup->terms, rv__loss_find ("style", one->style_loss), 2, one->style, one->network, NULL, NULL);
  if (one->tv)
    rv__terms_add (setup->terms, rv__loss_find ("tv", one->tv), 1e-4, NULL, one->network, NULL, NULL);
  if (one->dream)
    rv__terms_add (setup->terms, rv__loss_find ("dream", "squares"), -1, one->dream, one->network, NULL, NULL);
  setup->spec = (RvObjectiveSpec){ .type = RV_F32,
                                   .net = setup->net,
                                   .variant = { one->pooling, one->pad },
                                   .backend = rv__backend_find (NULL, NULL),
                                   .compile = { .n_threads = 1, .exact = TRUE },
                                   .terms = setup->terms,
                                   .space = rv__rgb_0_255 };
}

static void
tear_down (Setup *setup)
{
  rv_net_unref (setup->net);
  g_array_unref (setup->terms);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Setup, tear_down)

static void
test_gradient (gconstpointer data)
{
  const Case *one = data;
  g_auto (Setup) setup;
  set_up (&setup, one);
  RvObjectiveSpec spec = setup.spec;
  g_autoptr (RvObjective) whole = objective_of (one, &spec, 0);
  g_autoptr (RvObjective) tiled = objective_of (one, &spec, one->tile_px);
  g_assert_cmpint (rv__objective_n_tiles (whole), ==, 1);
  g_assert_cmpint (rv__objective_n_tiles (tiled), >=, one->least);
  RvLosses a, b;
  for (int again = 0; again < 2; again++) { /* the second evaluation must not depend on the first */
    g_assert_true (rv__objective_evaluate (whole, &a, NULL));
    g_assert_true (rv__objective_evaluate (tiled, &b, NULL));
  }
  g_assert_cmpfloat (fabs (a.total - b.total), <=, 1e-5 * fabs (a.total));
  for (int i = 0; i < a.n_groups; i++)
    g_assert_cmpfloat (fabs (a.loss[i] - b.loss[i]), <=, 1e-5 * fabs (a.loss[i]));
  gint64 n = 3 * (gint64) one->height * one->width;
  g_autofree double *x = g_new (double, n), *y = g_new (double, n);
  for (gint64 i = 0; i < n; i++) {
    x[i] = ((const float *) rv__objective_gradient (whole))[i];
    y[i] = ((const float *) rv__objective_gradient (tiled))[i];
  }
  double off = test_relative (y, x, (int) n);
  g_test_message ("%d tiles: off by %.2g", rv__objective_n_tiles (tiled), off);
  g_assert_cmpfloat (off, <, 1e-5);

  /* Targets in 16 bits have 11 of the 24 significant bits of a float. */
  spec.fit.compact = TRUE;
  g_autoptr (RvObjective) compact = objective_of (one, &spec, one->tile_px);
  g_assert_true (rv__objective_evaluate (compact, &b, NULL));
  for (gint64 i = 0; i < n; i++)
    y[i] = ((const float *) rv__objective_gradient (compact))[i];
  assert_less (fabs (a.total - b.total), 1e-3 * fabs (a.total));
  assert_less (test_relative (y, x, (int) n), 1e-3);
  if (one->content)
    g_assert_cmpuint (rv__objective_memory (compact), <, rv__objective_memory (tiled));
}

/* ---- recomputed features ----------------------------------------------------------------------------------------- */

/* Bytes of the arena. They exclude weights and workspace, whose size depends on the processor's kernels. */
static double
features_bytes (RvObjective *objective)
{
  return (double) rv__objective_executable (objective)->arena_bytes;
}

/* Recomputed features give the same bytes as stored features. */
static void
test_recompute (gconstpointer data)
{
  const Case *one = data;
  gsize bytes = 3 * (gsize) one->height * (gsize) one->width * sizeof (float);
  g_auto (Setup) setup;
  set_up (&setup, one);
  RvLosses a, b;
  g_autoptr (RvObjective) held = objective_of (one, &setup.spec, 0);
  setup.spec.fit.recompute = TRUE;
  g_autoptr (RvObjective) anew = objective_of (one, &setup.spec, 0);
  g_assert_true (rv__objective_evaluate (held, &a, NULL));
  g_assert_true (rv__objective_evaluate (anew, &b, NULL));
  g_assert_cmpfloat (a.total, ==, b.total);
  g_assert_cmpmem (rv__objective_gradient (held), bytes, rv__objective_gradient (anew), bytes);
  /* features only: the sums of losses are equal in both */
  double part = features_bytes (anew) / features_bytes (held);
  double work = rv__objective_work (anew);
  g_test_message ("%.2f of the memory, %.3f times the work", part, work);
  assert_less (work > 1 ? part : 0, 1);
  assert_less (work, 1.35);
  if (one->frees)
    assert_less (part, 0.9);
}

/* ---- choice ------------------------------------------------------------------------------------------------------ */

/* Returns the first variant that fits into @bytes: whole, whole with recomputed features, tiles, tiles with the content
 * in 16 bits. */
static RvFit
fit_in (RvObjectiveSpec spec, int side, gsize bytes)
{
  g_autoptr (GError) error = NULL;
  gsize taken = RV_LIBRARY_BYTES + rv__system_resident_bytes ();
  RvFitResult fitted;
  spec.fit = (RvFit){ 0 };
  g_assert_true (
    rv__objective_fit (&spec, 1, side, side, 0, (RvMemoryLimits){ taken + bytes, bytes }, &fitted, &error));
  g_assert_no_error (error);
  assert_less ((double) fitted.bytes, (double) bytes + 2e6); /* resident memory varies a little */
  return spec.fit;
}

/* Returns the larger of the host's and the device's memory: fit_in() limits both. */
static gsize
memory_with (RvObjectiveSpec spec, int side, RvFit fit)
{
  spec.fit = fit;
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, side, side, NULL);
  return MAX (rv__objective_memory (objective), rv__objective_device_memory (objective));
}

static void
test_choice (void)
{
  enum { SIDE = 1600, SPARE = 8 << 20 };
  g_auto (Setup) setup;
  set_up (&setup, &cases[0]);
  const RvObjectiveSpec *spec = &setup.spec;
  gsize whole = memory_with (*spec, SIDE, (RvFit){ 0 }), anew = memory_with (*spec, SIDE, (RvFit){ .recompute = TRUE }),
        small = memory_with (*spec, SIDE, (RvFit){ .tile_px = 384, .compact = TRUE });
  RvFit fit = fit_in (*spec, SIDE, whole + SPARE);
  g_assert_true (!fit.tile_px && !fit.recompute && !fit.compact);
  fit = fit_in (*spec, SIDE, whole - SPARE);
  g_assert_true (!fit.tile_px && fit.recompute && !fit.compact);
  fit = fit_in (*spec, SIDE, anew - SPARE);
  g_assert_true (fit.tile_px >= 1024 && !fit.compact);
  fit = fit_in (*spec, SIDE, small + SPARE);
  g_assert_true (fit.tile_px > 0 && fit.tile_px < 1024);
  if (rv__backend_find (NULL, NULL)->memory->is_host) /* on a device, each of its two limits alone has more space */
    g_assert_true (fit.compact);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tiles/geometry", test_geometry);
  g_test_add_func ("/tiles/sums-traffic", test_sums_traffic);
  g_test_add_func ("/tiles/halo", test_halo);
  g_test_add_func ("/tiles/halo-up", test_halo_up);
  g_test_add_func ("/tiles/refused", test_refused);
  g_test_add_func ("/tiles/norm", test_norm);
  g_test_add_func ("/tiles/strides", test_strides);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    void (*add) (const char *, gconstpointer, GTestDataFunc) = cases[i].slow ? test_add_slow : g_test_add_data_func;
    g_autofree char *name = g_strconcat ("/tiles/gradient/", cases[i].name, NULL);
    g_autofree char *recompute = g_strconcat ("/tiles/recompute/", cases[i].name, NULL);
    add (name, &cases[i], test_gradient);
    add (recompute, &cases[i], test_recompute);
  }
  g_test_add_func ("/tiles/choice", test_choice);
  return g_test_run ();
}
