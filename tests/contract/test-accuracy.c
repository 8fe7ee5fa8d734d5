/* test-accuracy.c -- rounding errors of the convolution kernels, and which kernels full precision allows. */
#include "backend/conv.h"
#include "backend/kernel-table.h"
#include "base/alloc.h"
#include "base/system.h"
#include "support/convolution.h"
#include "support/support.h"
#include <reverie/settings.h>
#include <string.h>

static const ConvCase cases[] = {
  { "3 x 3, 64", 1, 64, 64, 24, 26, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "3 x 3, 512", 1, 512, 64, 12, 14, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "3 x 3, stride 2", 1, 288, 192, 25, 27, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0 } },
  { "3 x 3, stride 2, padded", 1, 96, 96, 25, 27, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "5 x 5", 1, 48, 64, 24, 26, { 5, 5 }, { 1, 1 }, { 1, 1 }, { 2, 2, 2, 2 } },
  { "1 x 7", 1, 160, 160, 17, 19, { 1, 7 }, { 1, 1 }, { 1, 1 }, { 0, 3, 0, 3 } },
  { "7 x 1", 1, 160, 192, 17, 19, { 7, 1 }, { 1, 1 }, { 1, 1 }, { 3, 0, 3, 0 } },
  { "1 x 1", 1, 768, 192, 17, 19, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0 } },
};

static RvOnednn *onednn;

/* Relative RMS error of a kernel's result; -1: the kernel is not available. */
static double
error_of (const ConvProblem *problem, const RvConvSpec *spec, RvConvKernelKind kind)
{
  const double *right = spec->direction == RV_CONV_FORWARD ? problem->y : problem->gx;
  int block;
  const RvShape *shape = conv_made (spec, &block);
  gint64 n = rv_shape_count (shape);
  const ConvHow how = { .n_threads = 1, .onednn = onednn };
  float *made = conv_compute (problem, rv__conv_class (kind), rv__simd_best (), spec, &how);
  if (!made)
    return -1;
  g_autofree float *plain = g_new (float, n);
  g_autofree double *ours = g_new (double, n);
  RvView lies = { made, *shape, block }, view = { plain, *shape, 1 };
  rv__reorder (&lies, &view, sizeof (float));
  for (gint64 i = 0; i < n; i++)
    ours[i] = plain[i];
  rv__free (made);
  return test_relative (ours, right, n);
}

/* Asserts that the error of each kernel is at most rv__conv_rounding() times that of a plain sum. */
static void
check_rounding (const ConvProblem *problem, const RvConvSpec *spec)
{
  double plain = error_of (problem, spec, RV_CONV_KERNEL_GEMM);
  for (int kind = 0; kind < RV_N_CONV_KERNELS; kind++) {
    RvConv *conv = rv__conv_new (onednn, spec, (RvConvKernelKind) kind, 1);
    double error = error_of (problem, spec, (RvConvKernelKind) kind);
    g_assert_cmpint (conv != NULL, ==, error >= 0);
    if (!conv)
      continue;
    g_test_message ("%s, direction %d: %s %.2g, %.2f times that of a plain sum", problem->c->what, spec->direction,
                    conv->class->name, error, error / plain);
    assert_less (error, rv__conv_rounding (conv) * plain);
    rv__conv_free (conv);
  }
}

static RvConv *
choose (const RvConvSpec *spec, RvPrecision precision, RvKernelTable *kernels, double tune_s)
{
  const RvConvChooser chooser = { onednn, G_MAXINT64, G_MAXSIZE, rv__system_run_delay_s };
  RvExecutable executable = { .n_threads = 1, .tune_s = tune_s, .precision = precision, .kernels = kernels };
  return rv__conv_choose (&chooser, &executable, spec, FALSE);
}

/* (transfer full): measures kernels. Returns the key of the convolution in a kernel table; *timed: the chosen kernel.
 */
static char *
time_kernels (const RvConvSpec *spec, RvPrecision precision, RvConv **timed)
{
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  *timed = choose (spec, precision, kernels, 100);
  g_autoptr (RvKernelTable) used = rv__kernel_table_used (kernels);
  char *text = rv__kernel_table_to_text (used);
  g_assert_nonnull (strstr (text, " = "));
  *strstr (text, " = ") = 0;
  return text;
}

/* (transfer full): the kernel that is chosen if a table names @name. */
static RvConv *
choose_named (const RvConvSpec *spec, RvPrecision precision, const char *key, const char *name)
{
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  rv__kernel_table_add (kernels, key, name);
  return choose (spec, precision, kernels, 0);
}

static void
assert_full (RvConv *conv)
{
  g_assert_nonnull (conv);
  g_assert_cmpfloat (rv__conv_rounding (conv), <=, RV_CONV_FULL_ROUNDING);
  rv__conv_free (conv);
}

/* Asserts that full precision allows no kernel with larger rounding errors, measured, guessed, or named by a table.
 * Precision f32 allows such kernels. */
static void
check_choice (const ConvProblem *problem, const RvConvSpec *spec)
{
  g_autoptr (RvKernelTable) none = rv_kernel_table_new ();
  RvConv *timed, *of_f32, *named, *large = rv__conv_new (onednn, spec, RV_CONV_KERNEL_WINOGRAD_LARGE, 1);
  g_autofree char *key = time_kernels (spec, RV_PRECISION_FULL, &timed),
                  *f32_key = time_kernels (spec, RV_PRECISION_F32, &of_f32);
  g_assert_cmpstr (key, !=, f32_key);
  assert_full (timed);
  assert_full (choose (spec, RV_PRECISION_FULL, none, 0));
  for (int kind = 0; kind < RV_N_CONV_KERNELS; kind++)
    assert_full (choose_named (spec, RV_PRECISION_FULL, key, rv__conv_class ((RvConvKernelKind) kind)->name));
  named = choose_named (spec, RV_PRECISION_F32, f32_key, "winograd-large");
  g_assert_true (!large || named->kind == RV_CONV_KERNEL_WINOGRAD_LARGE);
  rv__conv_free (named);
  rv__conv_free (of_f32);
  rv__conv_free (large);
}

static void
test_each (gconstpointer data)
{
  void (*check) (const ConvProblem *problem, const RvConvSpec *spec) = data ? check_choice : check_rounding;
  onednn = rv__onednn_open ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int direction = RV_CONV_FORWARD; direction <= RV_CONV_BACKWARD_DATA; direction++) {
      ConvProblem problem;
      conv_problem_init (&problem, &cases[i]);
      RvConvSpec spec = conv_problem_spec (&problem, (RvConvDirection) direction, rv__simd_best ()->lanes);
      spec.bias = direction == RV_CONV_FORWARD;
      check (&problem, &spec);
      conv_problem_clear (&problem);
    }
  rv__onednn_close (onednn);
}

/* Style presets that reproduce a published program use full precision; dreams: test-dream.c. */
static void
test_presets (void)
{
  static const char *const presets[] = { "keras", "d2l" };
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++) {
    g_autoptr (RvSettings) settings = test_settings_of ("style", presets[i]);
    g_assert_cmpstr (rv_settings_get_text (settings, "precision", NULL), ==, "full");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/accuracy/rounding", NULL, test_each);
  g_test_add_data_func ("/accuracy/choice", "", test_each);
  g_test_add_func ("/accuracy/presets", test_presets);
  return g_test_run ();
}
