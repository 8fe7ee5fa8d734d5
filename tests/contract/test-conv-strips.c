/* test-conv-strips.c -- oneDNN's convolutions in strips of rows give the bytes of one call for all rows, and stop
 * between two strips when cancelled. */
#include "backend/kernels/conv-strips.h"
#include "backend/kernels/simd.h"
#include "base/alloc.h"
#include "support/support.h"
#include <string.h>

typedef struct {
  const char *name;
  int in, out, rows, cols, kernel, stride, pad;
} Case;

/* Odd heights give unequal strips. Halos are as high as strips. Channels are in blocks, or a few in plain rows. */
static const Case cases[] = {
  { "blocks", 32, 64, 37, 29, 3, 1, 1 },      { "strided", 32, 32, 41, 30, 3, 2, 0 },
  { "to-colours", 16, 3, 45, 40, 9, 1, 0 },   { "from-colours", 3, 16, 45, 40, 9, 1, 4 },
  { "padded-much", 16, 32, 23, 20, 5, 1, 3 }, { "points", 64, 32, 33, 20, 1, 1, 0 },
};

static const gint64 band_rows[] = { 1, 7, 16 };

static RvConvSpec
spec_of (const Case *what, RvConvDirection direction)
{
  gint64 lanes = rv__simd_best ()->lanes;
  gint64 rows = (what->rows + 2 * what->pad - what->kernel) / what->stride + 1;
  gint64 cols = (what->cols + 2 * what->pad - what->kernel) / what->stride + 1;
  return (RvConvSpec){ .direction = direction,
                       .src = rv_shape (4, 1, what->in, what->rows, what->cols),
                       .dst = rv_shape (4, 1, what->out, rows, cols),
                       .weights = rv_shape (4, what->out, what->in, what->kernel, what->kernel),
                       .stride = { what->stride, what->stride },
                       .dilation = { 1, 1 },
                       .pad = { .top = what->pad, .left = what->pad },
                       .src_block = what->in % lanes ? 1 : (int) lanes,
                       .dst_block = what->out % lanes ? 1 : (int) lanes,
                       .bias = direction == RV_CONV_FORWARD };
}

static float *
numbers (const RvShape *shape, guint32 stream)
{
  gint64 count = rv_shape_count (shape);
  float *made = rv__alloc ((gsize) count * sizeof (float), "numbers", NULL);
  for (gint64 i = 0; i < count; i++)
    made[i] = (float) test_number (stream, (guint64) i);
  return made;
}

/* (transfer full) (nullable): output of the convolution. NULL: the kernel is not available. */
static float *
run (RvOnednn *onednn, const RvConvSpec *spec, RvOnednnLayout layout, gint64 rows, GCancellable *cancellable)
{
  const RvOnednnVariant form = { .algorithm = RV_ONEDNN_DIRECT, .layout = layout };
  RvConvStrips *strips = rv__conv_strips_new (onednn, spec, &form, rows);
  if (!strips)
    return NULL;
  gint64 height = spec->direction == RV_CONV_FORWARD ? spec->dst.dim[2] : spec->src.dim[2];
  gint64 number = rows > 0 ? (height + rows - 1) / rows : 1;
  /* In plain rows, oneDNN 3 has other kernels for few rows than for many; then one call computes all rows. */
  gboolean may_stay_whole =
    layout != RV_ONEDNN_NATIVE || !g_str_has_prefix (rv__conv_kernel_name (rv__conv_strips_kernel (strips)), "jit");
  if (rv__conv_strips_count (strips) != 1 || !may_stay_whole)
    g_assert_cmpint (rv__conv_strips_count (strips), ==, number);
  float *src = numbers (&spec->src, 1), *dst = numbers (&spec->dst, 2), *weights = numbers (&spec->weights, 3);
  void *packed = rv__alloc (rv__conv_kernel_packed_bytes (rv__conv_strips_kernel (strips)), "weights", NULL);
  void *scratch = rv__alloc (rv__conv_strips_scratch_bytes (strips), "scratch", NULL);
  g_assert_true (rv__conv_kernel_pack (rv__conv_strips_kernel (strips), onednn, weights, packed));
  g_assert_true (
    rv__conv_strips_run (strips, onednn, src, dst, packed, spec->bias ? weights : NULL, scratch, cancellable));
  gboolean forward = spec->direction == RV_CONV_FORWARD;
  rv__free (forward ? src : dst);
  rv__free (weights);
  rv__free (packed);
  rv__free (scratch);
  rv__conv_strips_free (strips);
  return forward ? dst : src;
}

static void
compare (RvOnednn *onednn, const RvConvSpec *spec, RvOnednnLayout layout)
{
  const RvShape *written = spec->direction == RV_CONV_FORWARD ? &spec->dst : &spec->src;
  gsize bytes = (gsize) rv_shape_count (written) * sizeof (float);
  float *whole = run (onednn, spec, layout, 0, NULL);
  for (guint i = 0; whole && i < G_N_ELEMENTS (band_rows); i++) {
    float *made = run (onednn, spec, layout, band_rows[i], NULL);
    g_assert_cmpmem (made, bytes, whole, bytes);
    rv__free (made);
  }
  rv__free (whole);
}

static void
test_bytes (gconstpointer data)
{
  RvOnednn *onednn = rv__onednn_open ();
  if (!onednn) {
    g_test_skip ("no oneDNN");
    return;
  }
  for (int direction = RV_CONV_FORWARD; direction <= RV_CONV_BACKWARD_DATA; direction++)
    for (int layout = RV_ONEDNN_NATIVE; layout <= RV_ONEDNN_PLAIN; layout++) {
      RvConvSpec spec = spec_of (data, (RvConvDirection) direction);
      g_test_message ("direction %d, layout %d", direction, layout);
      compare (onednn, &spec, (RvOnednnLayout) layout);
    }
  rv__onednn_close (onednn);
}

/* A cancelled call writes nothing. */
static void
test_cancelled (void)
{
  RvOnednn *onednn = rv__onednn_open ();
  if (!onednn) {
    g_test_skip ("no oneDNN");
    return;
  }
  RvConvSpec spec = spec_of (&cases[0], RV_CONV_FORWARD);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  float *before = numbers (&spec.dst, 2);
  gsize bytes = (gsize) rv_shape_count (&spec.dst) * sizeof (float);
  g_cancellable_cancel (cancellable);
  float *made = run (onednn, &spec, RV_ONEDNN_NATIVE, 7, cancellable);
  if (!made) /* no such kernel in blocks of four */
    made = run (onednn, &spec, RV_ONEDNN_PLAIN, 7, cancellable);
  g_assert_cmpmem (made, bytes, before, bytes);
  rv__free (made);
  rv__free (before);
  rv__onednn_close (onednn);
}

/* Long calls are divided, and short calls are not. With more threads, strips have more rows. */
static void
test_rows (void)
{
  static const Case large = { "large", 64, 64, 4096, 4096, 3, 1, 1 };
  RvConvSpec spec = spec_of (&large, RV_CONV_FORWARD), short_one = spec_of (&cases[0], RV_CONV_FORWARD);
  gint64 rows = rv__conv_strips_plan_rows (&spec, 2);
  g_assert_cmpint (rows, >=, 16);
  g_assert_cmpint (rows, <, 256);
  g_assert_cmpint (rv__conv_strips_plan_rows (&spec, 4), >, rows);
  g_assert_cmpint (rv__conv_strips_plan_rows (&short_one, 2), ==, 0);
  spec.direction = RV_CONV_BACKWARD_WEIGHTS; /* a sum over all rows */
  g_assert_cmpint (rv__conv_strips_plan_rows (&spec, 2), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *name = g_strconcat ("/bands/bytes/", cases[i].name, NULL);
    g_test_add_data_func (name, &cases[i], test_bytes);
  }
  g_test_add_func ("/bands/cancelled", test_cancelled);
  g_test_add_func ("/bands/rows", test_rows);
  return g_test_run ();
}
