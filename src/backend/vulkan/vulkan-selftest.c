/* vulkan-selftest.c -- compares each kernel with plain C, on small random inputs, on this device.
 *
 * The result is a text: the hash of the shaders, and the ops with wrong kernels. It is saved in the file of
 * vulkan-pipelines.c. Another driver or other shaders are tested again. */
#include "vulkan-selftest.h"
#include "base/random.h"
#include "vulkan-kernels.h"
#include "vulkan-pipelines.h"
#include <string.h>

#define MAX_ERROR 1e-4 /* relative, L2 */

typedef struct {
  RvOpKind kind;
  int n_in;
  RvShape in[RV_OP_MAX_IN];
  RvOpAttrs attrs;
  RvElementKind holds; /* elements of input 1 */
} Case;

/* clang-format off */
#define PICTURE(n, c, h, w) { 4, { n, c, h, w } }
#define MATRIX(a, b) { 2, { a, b } }
#define VECTOR(a) { 1, { a } }
#define SUMS { 3, { 2, 2, 5 } }
#define X PICTURE (2, 5, 13, 11)

/* Three products of @m rows and two pictures of @h x @w columns, which need a wide tile: see vulkan-gemm.c. */
#define WIDE_PRODUCTS(m, h, w) \
  { RV_OP_CONV2D, 2, { PICTURE (2, 2, h, w), PICTURE (m, 2, 3, 3) }, { .conv = { { 1, 1 }, { 1, 1, 1, 1 } } } }, \
  { RV_OP_CONV2D_BACKWARD_DATA, 2, { PICTURE (2, 2, h, w), PICTURE (2, m, 3, 3) }, \
    { .conv = { { 1, 1 }, { 1, 1, 1, 1 }, { h, w } } } }, \
  { RV_OP_MATMUL, 2, { MATRIX (m, 20), MATRIX (2 * h * w, 20) }, { .matmul = { FALSE, TRUE } } }

static const Case cases[] = {
  { RV_OP_ADD, 2, { X, X } },
  { RV_OP_AFFINE, 3, { X, VECTOR (5), VECTOR (5) } },
  { RV_OP_AVERAGE_POOL, 1, { X }, { .pool = { { 3, 2 }, { 2, 1 }, { 1, 1, 1, 0 }, .scale = 2 } } },
  { RV_OP_AVERAGE_POOL_BACKWARD, 1, { PICTURE (2, 5, 7, 11) },
    { .pool = { { 3, 2 }, { 2, 1 }, { 1, 1, 1, 0 }, { 13, 11 }, 2 } } },
  { RV_OP_BERNOULLI, 2, { X, X } },
  { RV_OP_BERNOULLI_BACKWARD, 3, { X, X, VECTOR (2) } },
  { RV_OP_BEST_MATCH, 2, { PICTURE (2, 5, 13, 11), MATRIX (5, 1100) }, { .interior = { 1 } } },
  { RV_OP_BEST_MATCH_BACKWARD, 3, { MATRIX (5, 9), VECTOR (286), VECTOR (1) }, { .interior = { 1, { 2, 13, 11 } } } },
  { RV_OP_BIAS, 2, { X, VECTOR (5) } },
  { RV_OP_CLAMP_LOGVAR, 1, { X } },
  { RV_OP_CLAMP_LOGVAR_BACKWARD, 2, { X, X } },
  { RV_OP_CLIP, 2, { X, VECTOR (5) } },
  { RV_OP_CLIP_BACKWARD, 3, { X, X, VECTOR (5) } },
  { RV_OP_CHANNEL_NORM, 3, { X, VECTOR (5), VECTOR (5) }, { .norm = { 0, 0.01 } } },
  { RV_OP_CHANNEL_NORM_BACKWARD, 3, { X, X, VECTOR (5) }, { .norm = { 0, 0.01 } } },
  { RV_OP_CHANNEL_SHUFFLE, 1, { PICTURE (2, 6, 13, 11) }, { .shuffle = { 3 } } },
  { RV_OP_CHANNEL_SUM, 1, { PICTURE (1, 3, 150, 131) } },
  { RV_OP_CHANNEL_SUM_BACKWARD, 1, { VECTOR (5) }, { .spread = { { 13, 11 }, 2 } } },
  { RV_OP_CHANNEL_SUM_SQUARES, 1, { X }, { .interior = { 2 } } },
  { RV_OP_CHANNEL_SUM_SQUARES_BACKWARD, 2, { X, VECTOR (5) }, { .interior = { 2 } } },
  { RV_OP_CONCAT, 2, { X, PICTURE (2, 3, 13, 11) } },
  { RV_OP_CONV2D, 3, { PICTURE (2, 20, 19, 23), PICTURE (70, 20, 3, 3), VECTOR (70) },
    { .conv = { { 1, 1 }, { 1, 1, 1, 1 } } } },
  { RV_OP_CONV2D, 2, { PICTURE (1, 9, 19, 23), PICTURE (7, 9, 5, 3) }, { .conv = { { 2, 3 }, { 2, 0, 1, 1 } } } },
  { RV_OP_CONV2D, 3, { PICTURE (1, 60, 9, 11), PICTURE (9, 60, 3, 3), VECTOR (9) },
    { .conv = { { 1, 1 }, { 1, 1, 1, 1 } } } },
  { RV_OP_CONV2D, 3, { PICTURE (2, 6, 9, 11), PICTURE (9, 2, 3, 3), VECTOR (9) },
    { .conv = { { 1, 1 }, { 1, 1, 1, 1 }, .groups = 3, .dilation = { 1, 2 } } } },
  { RV_OP_CONV2D_BACKWARD_DATA, 2, { PICTURE (2, 9, 9, 11), PICTURE (9, 2, 3, 3) },
    { .conv = { { 1, 1 }, { 2, 2, 2, 2 }, { 9, 11 }, 3, { 2, 2 } } } },
  { RV_OP_CONV2D_BACKWARD_DATA, 2, { PICTURE (2, 70, 19, 23), PICTURE (70, 20, 3, 3) },
    { .conv = { { 1, 1 }, { 1, 1, 1, 1 }, { 19, 23 } } } },
  { RV_OP_CONV2D_BACKWARD_DATA, 2, { PICTURE (1, 9, 9, 8), PICTURE (9, 7, 5, 3) },
    { .conv = { { 2, 3 }, { 2, 0, 1, 1 }, { 18, 23 } } } },
  { RV_OP_CONV2D_BACKWARD_DATA, 2, { PICTURE (2, 6, 4, 3), PICTURE (6, 2, 3, 2) },
    { .conv = { { 2, 4 }, { 1, 2, 2, 1 }, { 9, 11 }, 3, { 2, 3 } } } },
  { RV_OP_CONV2D_BACKWARD_WEIGHTS, 2, { PICTURE (1, 6, 50, 52), PICTURE (1, 9, 50, 52) },
    { .conv = { { 1, 1 }, { 1, 1, 1, 1 }, { 3, 3 } } } },
  WIDE_PRODUCTS (60, 129, 128),
  WIDE_PRODUCTS (30, 181, 182),
  WIDE_PRODUCTS (12, 181, 182),
  { RV_OP_ELU, 2, { X, VECTOR (5) } },
  { RV_OP_ELU_BACKWARD, 3, { X, X, VECTOR (5) } },
  { RV_OP_ERF, 1, { X } },
  { RV_OP_ERF_BACKWARD, 2, { X, X } },
  { RV_OP_GELU, 1, { X } },
  { RV_OP_GELU_BACKWARD, 2, { X, X } },
  { RV_OP_GLOBAL_POOL, 1, { X }, { .global = { 0.3, { 0 } } } },
  { RV_OP_GLOBAL_POOL, 2, { X, X }, { .global = { 1, { 0 } } } },
  { RV_OP_GLOBAL_POOL_BACKWARD, 1, { PICTURE (2, 5, 1, 1) }, { .global = { 0.3, { 13, 11 } } } },
  { RV_OP_GRAM, 1, { PICTURE (2, 70, 40, 39) } },
  { RV_OP_GRAM_BACKWARD, 2, { PICTURE (2, 70, 9, 7), MATRIX (70, 70) } },
  { RV_OP_INSTANCE_NORM, 4, { X, SUMS, VECTOR (5), VECTOR (5) }, { .norm = { 0, 3 } } },
  { RV_OP_INSTANCE_NORM_BACKWARD, 3, { X, SUMS, VECTOR (5) }, { .norm = { 143, 3 } } },
  { RV_OP_INSTANCE_NORM_BACKWARD_SCALE, 1, { SUMS } },
  { RV_OP_INSTANCE_NORM_BACKWARD_SUMS, 3, { SUMS, SUMS, VECTOR (5) }, { .norm = { 7, 3 } } },
  { RV_OP_INSTANCE_NORM_SUMS, 3, { X, X, SUMS }, { .norm = { 143, 3 } } },
  { RV_OP_KL, 2, { MATRIX (4, 9), MATRIX (4, 9) } },
  { RV_OP_KL_BACKWARD, 3, { MATRIX (4, 9), MATRIX (4, 9), VECTOR (4) } },
  { RV_OP_LRN, 1, { X }, { .lrn = { 3, 7, 0.75 } } },
  { RV_OP_LRN_BACKWARD, 2, { X, X }, { .lrn = { 3, 7, 0.75 } } },
  { RV_OP_MASK, 2, { X, MATRIX (13, 11) } },
  { RV_OP_MULTIPLY, 2, { X, X } },
  { RV_OP_SCALE, 2, { X, PICTURE (2, 5, 1, 1) } },
  { RV_OP_MATMUL, 2, { MATRIX (70, 30), MATRIX (30, 90) } },
  { RV_OP_MATMUL, 2, { MATRIX (30, 70), MATRIX (90, 30) }, { .matmul = { TRUE, TRUE } } },
  { RV_OP_MAX_POOL, 1, { X }, { .pool = { { 3, 3 }, { 2, 2 }, { 1, 1, 1, 1 } } } },
  { RV_OP_MAX_POOL_BACKWARD, 2, { PICTURE (2, 5, 7, 6), PICTURE (2, 5, 7, 6) },
    { .pool = { { 3, 3 }, { 2, 2 }, { 1, 1, 1, 1 }, { 13, 11 } } }, RV_ELEMENT_BYTE },
  { RV_OP_PAD, 1, { X }, { .pad = { { 3, 1, 2, 4 }, RV_PAD_REFLECT } } },
  { RV_OP_PAD, 1, { X }, { .pad = { { 3, 1, 2, 4 }, RV_PAD_REPLICATE } } },
  { RV_OP_PAD, 1, { X }, { .pad = { { 3, 1, 2, 4 }, RV_PAD_ZERO } } },
  { RV_OP_PAD_BACKWARD, 1, { X }, { .pad = { { 3, 1, 2, 4 }, RV_PAD_REFLECT } } },
  { RV_OP_PAD_BACKWARD, 1, { X }, { .pad = { { 3, 1, 2, 4 }, RV_PAD_REPLICATE } } },
  { RV_OP_PICTURE_SUMS, 1, { X } },
  { RV_OP_PICTURE_SUMS_BACKWARD, 2, { X, SUMS } },
  { RV_OP_RELU, 1, { X } },
  { RV_OP_RELU_BACKWARD, 2, { X, X }, { .tv = { 0 } }, RV_ELEMENT_BIT },
  { RV_OP_RESHAPE, 1, { X }, { .reshape = { MATRIX (2, 715) } } },
  { RV_OP_RESIZE, 1, { X }, { .resize = { { 29, 7 }, RV_RESIZE_BICUBIC } } },
  { RV_OP_RESIZE, 1, { X }, { .resize = { { 29, 7 }, RV_RESIZE_BILINEAR } } },
  { RV_OP_RESIZE, 1, { X }, { .resize = { { 29, 7 }, RV_RESIZE_NEAREST } } },
  { RV_OP_RESIZE, 1, { X }, { .resize = { { 29, 7 }, RV_RESIZE_BILINEAR, RV_RESIZE_ALIGN_CORNERS } } },
  { RV_OP_RESIZE, 1, { X },
    { .resize = { { 29, 7 }, RV_RESIZE_BILINEAR, RV_RESIZE_ASYMMETRIC, { { 9, 4 }, { 2, 3 } } } } },
  { RV_OP_RESIZE_BACKWARD, 1, { X }, { .resize = { { 29, 7 }, RV_RESIZE_BICUBIC } } },
  { RV_OP_RESIZE_BACKWARD, 1, { X }, { .resize = { { 29, 7 }, RV_RESIZE_BILINEAR, RV_RESIZE_ALIGN_CORNERS } } },
  { RV_OP_SAMPLER, 3, { X, X, X } },
  { RV_OP_SAMPLER_BACKWARD, 3, { X, X, X } },
  { RV_OP_SIGMOID, 1, { X } },
  { RV_OP_SIGMOID_BACKWARD, 2, { X, X } },
  { RV_OP_SLICE, 1, { X }, { .slice = { 1, 3 } } },
  { RV_OP_SLICE_BACKWARD, 1, { X }, { .slice = { 2, 9 } } },
  { RV_OP_SQUARED_ERROR, 2, { X, X } },
  { RV_OP_SQUARED_ERROR_BACKWARD, 3, { X, X, VECTOR (2) } },
  { RV_OP_SUM_SQUARED_DIFFERENCE, 2, { X, X } },
  { RV_OP_SUM_SQUARED_DIFFERENCE_BACKWARD, 3, { X, X, VECTOR (1) } },
  { RV_OP_TOTAL_VARIATION, 2, { X, MATRIX (13, 11) }, { .tv = { RV_TV_KERAS } } },
  { RV_OP_TOTAL_VARIATION, 1, { X }, { .tv = { RV_TV_SQUARED } } },
  { RV_OP_TOTAL_VARIATION, 1, { X }, { .tv = { RV_TV_ABSOLUTE } } },
  { RV_OP_TOTAL_VARIATION_BACKWARD, 3, { X, VECTOR (2), MATRIX (13, 11) }, { .tv = { RV_TV_KERAS } } },
  { RV_OP_TOTAL_VARIATION_BACKWARD, 2, { X, VECTOR (2) }, { .tv = { RV_TV_ABSOLUTE } } },
  { RV_OP_TOTAL_VARIATION_BACKWARD, 2, { X, VECTOR (2) }, { .tv = { RV_TV_SQUARED } } },
};
/* clang-format on */

static GMutex lock;
static gboolean is_tested, is_wrong[RV_N_OPS];

/* ---- one case ---------------------------------------------------------------------------------------------------- */

/* Fills @bytes bytes at @data by @holds: floats in -1..1, bits, or bytes 0..7. @stream: of the random numbers, which
 * are the same in each call. */
static void
fill (guint8 *data, gsize bytes, RvElementKind holds, guint32 stream)
{
  for (gsize i = 0; i < bytes; i++)
    if (holds != RV_ELEMENT_REAL)
      data[i] = (guint8) ((holds == RV_ELEMENT_BIT ? 256 : 8) * rv__random_uniform_01 (1, stream, i));
    else if (i % sizeof (float) == 0)
      *(float *) (void *) (data + i) = (float) (2 * rv__random_uniform_01 (1, stream, i) - 1);
}

/* Computes a case: sets outputs[k] (transfer full) to output @k, and bytes[k] to its size. Free outputs with
 * g_free(), also after an error. */
static gboolean
run_case (const Case *c, const RvBackendClass *backend, void **outputs, gsize *bytes, GError **error)
{
  RvProgram *program = rv__program_new (RV_F32);
  const RvCompileSettings settings = { .n_threads = 1, .exact = TRUE };
  int in[RV_OP_MAX_IN], n_out = 1 + rv__op_class (c->kind, RV_F32)->has_second_out;
  for (int k = 0; k < c->n_in; k++) {
    in[k] = rv__program_input (program, &c->in[k]);
    if (k == 1)
      rv__program_value (program, in[k])->holds = c->holds;
  }
  int out = rv__program_record (program, c->kind, &c->attrs, c->n_in, in);
  rv__program_keep_all (program);
  g_autoptr (RvExecutable) executable = rv__executable_new (backend, program, &settings, error);
  if (!executable || !rv__executable_bind (executable, error))
    return FALSE;
  for (int k = 0; k < c->n_in; k++) {
    gsize n = rv__program_value_bytes (program, in[k]);
    g_autofree guint8 *data = g_malloc0 (n);
    fill (data, n, rv__program_value (program, in[k])->holds, (guint32) k);
    if (!rv__executable_set (executable, in[k], data, error))
      return FALSE;
  }
  if (!rv__executable_step (executable, 0, error))
    return FALSE;
  for (int k = 0; k < n_out; k++) {
    bytes[k] = rv__program_value_bytes (program, out + k);
    outputs[k] = g_malloc0 (bytes[k]);
    if (!rv__executable_get (executable, out + k, outputs[k], error))
      return FALSE;
  }
  return TRUE;
}

/* Sets is_wrong of the case's op if the outputs of the device and of plain C differ. FALSE: the case cannot run. */
static gboolean
test_case (const Case *c, GError **error)
{
  const RvOpClass *class = rv__op_class (c->kind, RV_F32);
  void *ours[RV_OP_MAX_OUT] = { NULL }, *right[RV_OP_MAX_OUT] = { NULL };
  gsize bytes[RV_OP_MAX_OUT];
  gboolean ok = run_case (c, rv__backend_find ("reference", NULL), right, bytes, error) &&
                run_case (c, &rv__backend_vulkan_untested, ours, bytes, error);
  for (int k = 0; ok && k <= class->has_second_out; k++)
    if (!(class->holds[k] == RV_ELEMENT_REAL ? rv__are_near (ours[k], right[k], bytes[k] / sizeof (float), MAX_ERROR)
                                             : memcmp (ours[k], right[k], bytes[k]) == 0))
      is_wrong[c->kind] = TRUE;
  for (int k = 0; k < RV_OP_MAX_OUT; k++) {
    g_free (ours[k]);
    g_free (right[k]);
  }
  return ok;
}

/* ---- all cases --------------------------------------------------------------------------------------------------- */

/* Whether the cache folder has a result for these shaders. If so, sets is_wrong of all ops by it. */
static gboolean
read_saved_result (void)
{
  g_autofree char *text = rv__vulkan_saved_result ();
  g_auto (GStrv) parts = g_strsplit (text ? text : "", " ", 2);
  if (!text || !parts[1] || g_ascii_strtoull (parts[0], NULL, 16) != rv__vulkan_shaders_hash ())
    return FALSE;
  g_auto (GStrv) names = g_strsplit (parts[1], ",", -1);
  for (int kind = 0; kind < RV_N_OPS; kind++)
    is_wrong[kind] = g_strv_contains ((const char *const *) names, rv__op_name ((RvOpKind) kind));
  return TRUE;
}

char *
rv__vulkan_wrong_ops (void)
{
  GString *names = g_string_new (NULL);
  for (int kind = 0; kind < RV_N_OPS; kind++)
    if (is_wrong[kind])
      g_string_append_printf (names, "%s%s", names->len ? "," : "", rv__op_name ((RvOpKind) kind));
  return g_string_free (names, FALSE);
}

gboolean
rv__vulkan_is_right (RvOpKind kind)
{
  return !is_wrong[kind];
}

char *
rv__vulkan_test_result (void)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&lock);
  g_autofree char *wrong = rv__vulkan_wrong_ops ();
  return is_tested ? g_strdup_printf ("%08x %s", rv__vulkan_shaders_hash (), wrong) : g_strdup ("");
}

gboolean
rv__vulkan_test_kernels (gboolean uses_saved, GError **error)
{
  const RvVulkanDevice *device = rv__vulkan_device (error);
  if (!device)
    return FALSE;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&lock);
  if (is_tested)
    return TRUE;
  if (!uses_saved || !read_saved_result ()) {
    g_debug ("comparing the kernels of %s with plain C", device->name);
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      if (!test_case (&cases[i], error))
        return FALSE;
  }
  g_autofree char *wrong = rv__vulkan_wrong_ops ();
  if (*wrong)
    g_message ("%s computes wrong numbers; plain C replaces: %s", device->name, wrong);
  return is_tested = TRUE;
}
