/* test-backend.c -- every backend against the reference: every op, single convolutions of many shapes, Gram matrices,
 * whole programs. Tolerances (relative, L2): 1e-4 with direct kernels and with Reverie's Winograd kernels, 1e-3 with
 * oneDNN's, 1e-2 in bf16. */
#include "backend/conv.h"
#include "backend/kernel-table.h"
#include "backend/kernels/simd.h"
#include "backend/onednn.h"
#include "method/objective/objective.h"
#include "support/op-cases.h"
#include "support/support.h"
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#define DIRECT_TOLERANCE 1e-4
#define WINOGRAD_TOLERANCE 1e-3
#define BF16_TOLERANCE 1e-2

/* Result of a forward and backward pass: output and gradient of x, as doubles. */
typedef struct {
  double *y, *grad;
  gint64 n_y, n_grad;
} Result;

static void
clear_result (Result *result)
{
  g_free (result->y);
  g_free (result->grad);
}

typedef int (*Builder) (RvProgram *program, int x, gconstpointer data);

static Result
run_with (const char *backend, Builder build, gconstpointer data, const RvShape *shape,
          const RvCompileSettings *settings)
{
  g_autoptr (GError) error = NULL;
  RvProgram *program = rv__program_new (RV_F32);
  int x = rv__program_input (program, shape), y = build (program, x, data);
  g_assert_no_error (program->error);
  RvShape y_shape = *rv__program_shape (program, y);
  int seed = rv__program_input (program, &y_shape);
  rv__program_output (program, y);
  int grad = rv__graph_differentiate (program, &(RvGradSeed){ y, seed }, 1, x);
  const RvBackendClass *class = rv__backend_find (backend, &error);
  g_assert_no_error (error);
  g_autoptr (RvExecutable) executable = rv__graph_compile (program, class, settings, &error);
  g_assert_no_error (error);
  rv__executable_bind (executable, &error);
  g_assert_no_error (error);
  test_fill (executable, x, 1, 1);
  test_fill (executable, seed, 2, 1);
  for (int repeat = 0; repeat < 2; repeat++) { /* the second run must not depend on the first */
    g_assert_true (rv__executable_forward (executable, NULL));
    g_assert_true (rv__executable_backward (executable, NULL));
  }
  return (Result){ test_get (executable, y), test_get (executable, grad), rv_shape_count (&y_shape),
                   rv_shape_count (shape) };
}

static Result
run_on (const char *backend, Builder build, gconstpointer data, const RvShape *shape, RvKernelTable *kernels,
        double tune_s)
{
  RvCompileSettings settings = { .n_threads = 2, .kernels = kernels, .tune_s = tune_s, .exact = tune_s == 0 };
  return run_with (backend, build, data, shape, &settings);
}

/* The self-test finds no wrong kernel. Plain C would replace wrong kernels, and would pass the other tests. */
static void
test_kernels_right (gconstpointer name)
{
  const RvBackendClass *backend = rv__backend_find (name, NULL);
  g_autofree char *details = backend->describe ? backend->describe () : g_strdup (backend->summary);
  g_autofree char *wrong = backend->selftest ? backend->selftest (NULL) : g_strdup ("");
  g_test_message ("%s: %s", backend->name, details);
  g_assert_cmpstr (wrong, ==, "");
}

static void
compare (Builder build, gconstpointer data, const RvShape *shape, RvKernelTable *kernels, double tolerance)
{
  int n;
  const RvBackendClass *const *backends = rv__backend_list (&n);
  Result right = run_on ("reference", build, data, shape, NULL, 0);
  for (int i = 0; i < n; i++) {
    if (strcmp (backends[i]->name, "reference") == 0 || !test_can_run (backends[i]))
      continue;
    Result ours = run_on (backends[i]->name, build, data, shape, kernels, 0);
    assert_less (test_relative (ours.y, right.y, ours.n_y), tolerance);
    assert_less (test_relative (ours.grad, right.grad, ours.n_grad), tolerance);
    clear_result (&ours);
  }
  clear_result (&right);
}

/* ---- every op ---------------------------------------------------------------------------------------------------- */

#define WIDE 32 /* channels: blocks of 8 and of 16 */

/* Output 0 and the gradients of all inputs that have one. */
typedef struct {
  double *numbers[1 + RV_OP_MAX_IN];
  gint64 n[1 + RV_OP_MAX_IN];
} OpResult;

static OpResult
run_op (const char *backend, const OpCase *c, const RvShape *shapes)
{
  RvProgram *program = rv__program_new (RV_F32);
  int in[RV_OP_MAX_IN], values[1 + RV_OP_MAX_IN];
  for (int k = 0; k < c->n_in; k++)
    in[k] = rv__program_input (program, &shapes[k]);
  int out = values[0] = rv__program_record (program, c->kind, &c->attrs, c->n_in, in);
  g_assert_no_error (program->error);
  RvShape y = *rv__program_shape (program, out);
  int seed = rv__program_input (program, &y);
  rv__program_output (program, out);
  rv__graph_differentiate_all (program, &(RvGradSeed){ out, seed }, 1, in, c->n_in, values + 1);
  g_assert_no_error (program->error);
  g_autoptr (RvExecutable) executable = test_executable (program, backend);
  for (int k = 0; k < c->n_in; k++)
    test_fill (executable, in[k], (guint32) k, 1);
  test_fill (executable, seed, 99, 1);
  g_assert_true (rv__executable_forward (executable, NULL));
  g_assert_true (rv__executable_backward (executable, NULL));
  OpResult result = { 0 };
  for (int k = 0; k <= c->n_in; k++)
    if (k == 0 || (!(c->no_gradient >> (k - 1) & 1) && values[k] >= 0)) {
      result.numbers[k] = test_get (executable, values[k]);
      result.n[k] = rv_shape_count (rv__program_shape (program, values[k]));
    }
  return result;
}

static void
clear_op_result (OpResult *result)
{
  for (int k = 0; k <= RV_OP_MAX_IN; k++)
    g_free (result->numbers[k]);
}

static void
check_op (const OpCase *c, const RvShape *shapes)
{
  int n;
  const RvBackendClass *const *backends = rv__backend_list (&n);
  OpResult right = run_op ("reference", c, shapes);
  for (int b = 0; b < n; b++) {
    if (!test_can_run (backends[b]))
      continue;
    OpResult ours = run_op (backends[b]->name, c, shapes);
    for (int k = 0; k <= c->n_in; k++)
      if (right.numbers[k])
        assert_less (test_relative (ours.numbers[k], right.numbers[k], right.n[k]), DIRECT_TOLERANCE);
    clear_op_result (&ours);
  }
  clear_op_result (&right);
}

static void
test_op (gconstpointer data)
{
  const OpCase *c = data;
  RvShape wide[RV_OP_MAX_IN];
  check_op (c, c->in);
  if (op_case_widen (c, WIDE, wide))
    check_op (c, wide);
}

/* ---- convolutions ------------------------------------------------------------------------------------------------ */

typedef struct {
  int in, out, h, w, kernel_h, kernel_w, stride;
  RvPad pad;
  gboolean bias;
} Conv;

static const Conv convs[] = {
  { 3, 32, 17, 23, 3, 3, 1, { 1, 1, 1, 1 }, TRUE },   { 3, 64, 33, 31, 7, 7, 2, { 3, 3, 3, 3 }, TRUE },
  { 32, 32, 17, 23, 3, 3, 1, { 1, 1, 1, 1 }, TRUE },  { 32, 64, 16, 12, 3, 3, 1, { 1, 1, 1, 1 }, TRUE },
  { 64, 80, 9, 9, 1, 1, 1, { 0, 0, 0, 0 }, FALSE },   { 48, 64, 13, 11, 5, 5, 1, { 2, 2, 2, 2 }, FALSE },
  { 64, 96, 15, 14, 3, 3, 2, { 0, 0, 0, 0 }, FALSE }, { 32, 48, 11, 19, 1, 7, 1, { 0, 3, 0, 3 }, FALSE },
  { 32, 48, 19, 11, 7, 1, 1, { 3, 0, 3, 0 }, FALSE }, { 64, 64, 14, 15, 3, 3, 2, { 0, 0, 1, 1 }, TRUE },
  { 32, 1000, 5, 4, 1, 1, 1, { 0, 0, 0, 0 }, TRUE },  { 24, 40, 9, 9, 3, 3, 1, { 1, 1, 1, 1 }, TRUE },
  { 5, 7, 9, 8, 3, 3, 1, { 1, 1, 1, 1 }, TRUE },      { 32, 32, 3, 3, 3, 3, 1, { 1, 1, 1, 1 }, TRUE },
  { 16, 3, 19, 22, 9, 9, 1, { 0, 0, 0, 0 }, TRUE },   { 32, 64, 21, 38, 3, 3, 2, { 1, 1, 1, 1 }, TRUE },
  { 64, 32, 40, 37, 3, 3, 2, { 1, 1, 0, 0 }, TRUE },  { 32, 32, 18, 19, 3, 3, 2, { 2, 0, 2, 1 }, FALSE },
  { 32, 32, 19, 18, 3, 3, 2, { 1, 0, 0, 1 }, FALSE }, { 3, 32, 41, 37, 3, 3, 2, { 0, 0, 0, 0 }, TRUE },
  { 32, 48, 3, 2, 3, 3, 2, { 1, 1, 1, 1 }, TRUE },    { 32, 192, 97, 131, 3, 3, 2, { 0, 0, 1, 1 }, TRUE },
};

static int
build_conv_alone (RvProgram *program, int x, gconstpointer data)
{
  const Conv *c = data;
  RvShape w_shape = rv_shape (4, c->out, c->in, c->kernel_h, c->kernel_w), b_shape = rv_shape (1, c->out);
  g_autoptr (RvTensor) w = test_constant (RV_F32, &w_shape, 11, 0.2), b = test_constant (RV_F32, &b_shape, 12, 1);
  int weight = rv__program_constant (program, w), bias = c->bias ? rv__program_constant (program, b) : -1;
  return rv__conv2d (program, x, weight, bias, c->stride, c->pad);
}

static int
build_conv (RvProgram *program, int x, gconstpointer data)
{
  return rv__relu (program, build_conv_alone (program, x, data));
}

static void
test_conv (gconstpointer data)
{
  const Conv *c = data;
  RvShape shape = rv_shape (4, 1, c->in, c->h, c->w);
  compare (build_conv, c, &shape, NULL, DIRECT_TOLERANCE);
}

static void
check_settings (Builder build, const Conv *conv, const RvCompileSettings *settings, double tolerance)
{
  RvShape shape = rv_shape (4, 1, conv->in, conv->h, conv->w);
  Result right = run_on ("reference", build, conv, &shape, NULL, 0);
  Result ours = run_with (NULL, build, conv, &shape, settings);
  assert_less (test_relative (ours.y, right.y, ours.n_y), tolerance);
  assert_less (test_relative (ours.grad, right.grad, ours.n_grad), tolerance);
  clear_result (&right);
  clear_result (&ours);
}

/* A wide and a narrow convolution: the second ReLU's bits fit into the memory of its convolution's input. */
static int
build_wide_and_narrow (RvProgram *program, int x, gconstpointer data)
{
  static const Conv wide = { 32, 160, 0, 0, 3, 3, 1, { 1, 1, 1, 1 }, TRUE },
                    narrow = { 160, 32, 0, 0, 3, 3, 1, { 1, 1, 1, 1 }, TRUE };
  return build_conv (program, build_conv (program, x, &wide), &narrow);
}

/* Whether a ReLU's bits share memory with the input of the convolution before it. */
static gboolean
bits_lie_in_input (const RvExecutable *executable)
{
  const RvProgram *program = executable->program;
  gboolean found = FALSE;
  for (int i = 1; i < (int) program->calls->len; i++) {
    const RvOpCall *relu = rv__program_call (program, i), *conv = rv__program_call (program, i - 1);
    if (relu->kind != RV_OP_RELU || conv->kind != RV_OP_CONV2D)
      continue;
    const guint8 *bits = executable->layout[relu->out[1]].data, *x = executable->layout[conv->in[0]].data;
    found |=
      bits && bits < x + executable->layout[conv->in[0]].bytes && x < bits + executable->layout[relu->out[1]].bytes;
  }
  return found;
}

static RvExecutable *
compile_wide_and_narrow (const char *backend)
{
  RvShape shape = rv_shape (4, 1, 32, 24, 28);
  RvProgram *program = rv__program_new (RV_F32);
  int x = rv__program_input (program, &shape), y = build_wide_and_narrow (program, x, NULL);
  int seed = rv__program_input (program, rv__program_shape (program, y));
  rv__graph_differentiate (program, &(RvGradSeed){ y, seed }, 1, x);
  RvCompileSettings settings = { .n_threads = 2 };
  RvExecutable *executable = rv__graph_compile (program, rv__backend_find (backend, NULL), &settings, NULL);
  g_assert_true (rv__executable_bind (executable, NULL));
  return executable;
}

/* A kernel that computes a ReLU writes the ReLU's bits while it reads its input: bits and input must not share memory.
 * They may share memory if the ReLU is an op call of its own. */
static void
test_relu_bits (void)
{
  if (rv__simd_best ()->lanes == 4) {
    g_test_skip ("no kernel of this processor computes a ReLU");
    return;
  }
  g_autoptr (RvExecutable) apart = compile_wide_and_narrow ("reference"), fused = compile_wide_and_narrow (NULL);
  g_assert_true (bits_lie_in_input (apart));
  g_assert_false (bits_lie_in_input (fused));
}

/* (transfer full): a table that names @kernel for all convolutions of @conv. */
static RvKernelTable *
table_of (const Conv *conv, const char *kernel)
{
  RvShape shape = rv_shape (4, 1, conv->in, conv->h, conv->w);
  g_autoptr (RvKernelTable) measured = rv_kernel_table_new ();
  RvKernelTable *table = rv_kernel_table_new ();
  Result tuned = run_on (NULL, build_conv, conv, &shape, measured, 10);
  clear_result (&tuned);
  g_autofree char *text = rv__kernel_table_to_text (measured);
  g_auto (GStrv) lines = g_strsplit (text, " = ", -1);
  for (char **line = lines; *line && line[1]; line++) {
    const char *key = strchr (*line, '\n') ? strchr (*line, '\n') + 1 : *line;
    rv__kernel_table_add (table, key, kernel);
  }
  return table;
}

/* Tests a kernel that the table names. If the kernel is not available, another replaces it. Large tiles and bf16 run
 * without the ReLU, whose bits depend on rounding near 0. Precision f32 is requested: bf16 is never used. */
static void
check_kernel (const Conv *shape, RvConvKernelKind kind)
{
  g_autoptr (RvKernelTable) table = table_of (shape, rv__conv_class (kind)->name);
  RvCompileSettings settings = { .n_threads = 2, .kernels = table };
  gboolean alone = kind == RV_CONV_KERNEL_WINOGRAD_LARGE || kind == RV_CONV_KERNEL_BF16;
  check_settings (alone ? build_conv_alone : build_conv, shape, &settings,
                  kind == RV_CONV_KERNEL_ONEDNN_WINOGRAD ? WINOGRAD_TOLERANCE : DIRECT_TOLERANCE);
}

/* Tests every kernel, and the guessed kernel of each precision. */
static void
test_each_kernel (void)
{
  static const Conv shapes[] = {
    { 64, 96, 21, 26, 3, 3, 1, { 1, 1, 1, 1 }, TRUE },  { 96, 64, 17, 19, 3, 3, 1, { 0, 0, 0, 0 }, FALSE },
    { 96, 64, 27, 19, 3, 3, 2, { 0, 0, 1, 1 }, FALSE }, { 64, 96, 26, 39, 3, 3, 2, { 1, 1, 1, 1 }, TRUE },
    { 48, 64, 17, 26, 5, 5, 1, { 2, 2, 2, 2 }, TRUE },  { 32, 3, 19, 26, 5, 5, 1, { 2, 2, 2, 2 }, FALSE }
  };
  for (guint c = 0; c < G_N_ELEMENTS (shapes); c++) {
    for (int kind = 0; kind < RV_N_CONV_KERNELS; kind++)
      check_kernel (&shapes[c], (RvConvKernelKind) kind);
    RvCompileSettings settings = { .n_threads = 2, .precision = RV_PRECISION_F32 };
    check_settings (build_conv, &shapes[c], &settings, DIRECT_TOLERANCE);
    settings.precision = RV_PRECISION_AUTO; /* guessed kernels compute in f32 */
    check_settings (build_conv_alone, &shapes[c], &settings, DIRECT_TOLERANCE);
    settings.precision = RV_PRECISION_BF16;
    check_settings (build_conv_alone, &shapes[c], &settings, BF16_TOLERANCE);
  }
}

#define STACK_BYTES (8 << 20) /* default of the main thread on Linux */

static char *main_stack;
static pthread_t main_thread;
static volatile sig_atomic_t n_signals, n_off_stack;

static void
on_signal (int number)
{
  char here = 0;
  n_signals++;
  n_off_stack += pthread_equal (pthread_self (), main_thread) && ABS (&here - main_stack) > STACK_BYTES;
}

static int
build_product (RvProgram *program, int x, gconstpointer data)
{
  RvShape shape = rv_shape (2, 256, 256);
  g_autoptr (RvTensor) w = test_constant (RV_F32, &shape, 11, 0.2);
  RvOpAttrs attrs = { .matmul = { FALSE, FALSE } };
  return rv__program_record (program, RV_OP_MATMUL, &attrs, 2, (int[]){ x, rv__program_constant (program, w) });
}

/* Signals arrive while matrix products and each kind of convolution run. No handler runs on memory of the heap, where
 * some kernels of oneDNN point the stack register. */
static void
test_signals (void)
{
  static const Conv conv = { 32, 64, 33, 41, 5, 5, 1, { 2, 2, 2, 2 }, TRUE };
  const struct itimerval every = { { 0, 100 }, { 0, 100 } }, never = { 0 };
  struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
  RvShape shape = rv_shape (2, 256, 256);
  char here = 0;
  main_stack = &here;
  main_thread = pthread_self ();
  sigaction (SIGALRM, &action, NULL);
  setitimer (ITIMER_REAL, &every, NULL);
  for (int repeat = 0; repeat < 200; repeat++) {
    Result product = run_on (NULL, build_product, NULL, &shape, NULL, 0);
    clear_result (&product);
  }
  for (int kind = 0; kind < RV_N_CONV_KERNELS; kind++)
    check_kernel (&conv, (RvConvKernelKind) kind);
  setitimer (ITIMER_REAL, &never, NULL);
  g_assert_cmpint (n_signals, >, 0);
  g_assert_cmpint (n_off_stack, ==, 0);
}

/* A measured kernel is within its tolerance. It is stored, so that a second compilation measures nothing and gives the
 * same bytes. */
static void
test_tuned (void)
{
  Conv conv = { 64, 64, 40, 44, 3, 3, 1, { 1, 1, 1, 1 }, TRUE };
  RvShape shape = rv_shape (4, 1, conv.in, conv.h, conv.w);
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  Result right = run_on ("reference", build_conv, &conv, &shape, NULL, 0);
  Result first = run_on (NULL, build_conv, &conv, &shape, kernels, 10);
  guint n_chosen = rv__kernel_table_size (kernels);
  Result second = run_on (NULL, build_conv, &conv, &shape, kernels, 10);
  g_autofree char *onednn = rv__onednn_version ();
  if (onednn)
    g_assert_cmpuint (n_chosen, ==, 2); /* forward and backward; of one kernel alone no choice is stored */
  g_assert_cmpuint (rv__kernel_table_size (kernels), ==, n_chosen);
  g_autoptr (RvKernelTable) used = rv__kernel_table_used (kernels);
  g_autofree char *chosen_text = rv__kernel_table_to_text (kernels), *used_text = rv__kernel_table_to_text (used);
  g_assert_cmpstr (used_text, ==, chosen_text);
  assert_less (test_relative (first.grad, right.grad, first.n_grad), WINOGRAD_TOLERANCE);
  assert_less (test_relative (first.y, right.y, first.n_y), WINOGRAD_TOLERANCE);
  g_assert_cmpmem (first.y, (gsize) first.n_y * sizeof (double), second.y, (gsize) second.n_y * sizeof (double));
  g_assert_cmpmem (first.grad, (gsize) first.n_grad * sizeof (double), second.grad,
                   (gsize) second.n_grad * sizeof (double));
  clear_result (&right);
  clear_result (&first);
  clear_result (&second);
}

/* A guessed kernel remains in use, even if another kernel has been measured since: one table must describe a whole run.
 */
static void
test_guess_stays (void)
{
  Conv conv = { 64, 64, 40, 44, 3, 3, 1, { 1, 1, 1, 1 }, TRUE };
  RvShape shape = rv_shape (4, 1, conv.in, conv.h, conv.w);
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  RvCompileSettings settings = { .n_threads = 2, .kernels = kernels };
  Result first = run_with (NULL, build_conv, &conv, &shape, &settings);
  g_autoptr (RvKernelTable) guessed = rv__kernel_table_used (kernels);
  settings.tune_s = 10;
  Result second = run_with (NULL, build_conv, &conv, &shape, &settings);
  g_assert_cmpuint (rv__kernel_table_size (kernels), ==, 0); /* not measured */
  g_autofree char *text = rv__kernel_table_to_text (guessed);
  g_auto (GStrv) lines = g_strsplit (text, " = ", 2);
  if (*lines) { /* a backend that chooses kernels */
    rv__kernel_table_add (kernels, lines[0], "another");
    g_assert_cmpstr (rv__kernel_table_lookup (kernels, lines[0]), !=, "another");
    g_assert_cmpstr (rv__kernel_table_commit (kernels, lines[0], "another"), !=, "another");
  }
  g_autoptr (RvKernelTable) used = rv__kernel_table_used (kernels);
  g_autofree char *used_text = rv__kernel_table_to_text (used);
  g_assert_cmpstr (used_text, ==, text);
  g_assert_cmpmem (first.grad, (gsize) first.n_grad * sizeof (double), second.grad,
                   (gsize) second.n_grad * sizeof (double));
  clear_result (&first);
  clear_result (&second);
}

static void
test_kernel_table_text (void)
{
  g_autoptr (RvKernelTable) a = rv_kernel_table_new (), b = rv_kernel_table_new ();
  rv__kernel_table_add (a, "forward 3x3 area2^7", "winograd");
  rv__kernel_table_add (a, "backward", "direct");
  rv__kernel_table_add (a, "backward", "winograd"); /* an existing entry stays */
  g_autofree char *text = rv__kernel_table_to_text (a);
  rv_kernel_table_add_text (b, "not an entry\n = \n");
  rv_kernel_table_add_text (b, text);
  g_assert_cmpstr (rv__kernel_table_lookup (b, "forward 3x3 area2^7"), ==, "winograd");
  g_assert_cmpstr (rv__kernel_table_lookup (b, "backward"), ==, "direct");

  rv__kernel_table_commit (b, "forward", "guessed");
  rv__kernel_table_commit (b, "forward", "measured"); /* the last call counts */
  rv__kernel_table_commit (b, "gone", "direct");
  rv__kernel_table_restore (b, "backward = winograd\n", "forward = direct\n");
  g_autoptr (RvKernelTable) used = rv__kernel_table_used (b);
  g_autofree char *all = rv__kernel_table_to_text (b), *used_text = rv__kernel_table_to_text (used);
  g_assert_cmpstr (all, ==, "backward = winograd\n");
  g_assert_cmpstr (used_text, ==, "forward = direct\n");
}

/* ---- Gram matrices and the rest of a network --------------------------------------------------------------------- */

static int
build_gram (RvProgram *program, int x, gconstpointer data)
{
  return rv__gram (program, x);
}

static void
test_gram (gconstpointer data)
{
  RvShape shape = rv_shape (4, 1, GPOINTER_TO_INT (data), 13, 17);
  compare (build_gram, NULL, &shape, NULL, DIRECT_TOLERANCE);
}

static int
build_branches (RvProgram *program, int x, gconstpointer data)
{
  RvPad same = { 1, 1, 1, 1 }, ceiling = { 0, 0, 1, 1 }, none = { 0 };
  RvShape w_shape = rv_shape (4, 16, 32, 3, 3);
  g_autoptr (RvTensor) w = test_constant (RV_F32, &w_shape, 21, 0.2);
  int conv = rv__relu (program, rv__conv2d (program, x, rv__program_constant (program, w), -1, 1, same));
  int average = rv__average_pool (program, x, 3, 1, same, 1);
  int joined = rv__concat (
    program, 3,
    (int[]){ conv, average, rv__pad (program, rv__max_pool (program, x, 3, 1, none), same, RV_PAD_REPLICATE) });
  int pooled = rv__max_pool (program, joined, 3, 2, ceiling);
  return rv__resize (program, rv__add (program, pooled, pooled), 9, 7, RV_RESIZE_BICUBIC);
}

static void
test_branches (void)
{
  RvShape shape = rv_shape (4, 1, 32, 12, 14);
  compare (build_branches, NULL, &shape, NULL, DIRECT_TOLERANCE);
}

/* ---- objective --------------------------------------------------------------------------------------------------- */

#define SIDE 40

static RvObjectiveSpec
spec_for (const RvNet *net, RvType type, const char *backend)
{
  GArray *terms = rv__terms_new ();
  rv__terms_add (terms, rv__loss_find ("content", "relative"), 0.5, "conv4_2:2,conv2_1:pre", "builtin", NULL, NULL);
  rv__terms_add (terms, rv__loss_find ("style", "relative"), 2, "conv1_1,conv2_2:0.5,conv5_1", "builtin", NULL, NULL);
  rv__terms_add (terms, rv__loss_find ("tv", "squared"), 1e-3, NULL, "builtin", NULL, NULL);
  rv__terms_add (terms, rv__loss_find ("dream", "squares"), -0.05, "conv2_2:0.5,conv3_1", "builtin", NULL, NULL);
  return (RvObjectiveSpec){ .type = type,
                            .net = net,
                            .variant = { .first_pad = RV_PAD_REPLICATE },
                            .backend = rv__backend_find (backend, NULL),
                            .compile = { .n_threads = 2 },
                            .terms = terms,
                            .space = rv__rgb_0_255 };
}

static void
fill_picture (gpointer x, RvType type, guint32 stream)
{
  for (int i = 0; i < 3 * SIDE * SIDE; i++) {
    double v = 127 + 100 * test_number (stream, (guint64) (i / 3)) + 20 * test_number (stream + 1, (guint64) i);
    if (type == RV_F64)
      ((double *) x)[i] = v;
    else
      ((float *) x)[i] = (float) v;
  }
}

static RvObjective *
objective_for (RvObjectiveSpec *spec)
{
  g_autoptr (GError) error = NULL;
  g_autofree double *picture = g_new (double, 3 * SIDE * SIDE);
  RvObjective *objective = rv__objective_new (spec, SIDE, SIDE, &error);
  g_assert_no_error (error);
  fill_picture (picture, spec->type, 31);
  g_assert_true (rv__objective_measure_and_add_target (objective, picture, SIDE, SIDE, 0.75, &error));
  fill_picture (picture, spec->type, 41);
  g_assert_true (
    rv__objective_measure_and_add_target (objective, picture, SIDE / 2, SIDE * 2, 0.25, &error)); /* another shape */
  g_assert_true (rv__objective_bind (objective, &error));
  fill_picture (picture, spec->type, 51);
  g_assert_true (rv__objective_set_features (objective, 0, picture, &error));
  return objective;
}

static void
free_spec (RvObjectiveSpec *spec)
{
  g_array_unref (spec->terms);
}

/* Replaces the terms: in tiles, only layers with small halos leave pixels for a core. */
static void
use_small_layers (RvObjectiveSpec *spec)
{
  free_spec (spec);
  spec->terms = rv__terms_new ();
  rv__terms_add (spec->terms, rv__loss_find ("content", "relative"), 0.5, "conv2_1:pre", "builtin", NULL, NULL);
  rv__terms_add (spec->terms, rv__loss_find ("style", "relative"), 2, "conv1_1,conv2_2", "builtin", NULL, NULL);
  rv__terms_add (spec->terms, rv__loss_find ("tv", "squared"), 1e-3, NULL, "builtin", NULL, NULL);
}

static double *
gradient_on_threads (RvObjectiveSpec *spec, int n_threads)
{
  spec->compile.n_threads = n_threads;
  g_autoptr (RvObjective) objective = objective_for (spec);
  RvLosses losses;
  double *gradient = g_new (double, 3 * SIDE * SIDE);
  fill_picture (rv__objective_x (objective), RV_F32, 61);
  g_assert_true (rv__objective_evaluate (objective, &losses, NULL));
  const float *found = rv__objective_gradient (objective);
  for (int i = 0; i < 3 * SIDE * SIDE; i++)
    gradient[i] = found[i];
  return gradient;
}

/* The gradient is equal up to rounding with one thread, two, and more than there are cores. */
static void
test_threads (void)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  RvObjectiveSpec spec = spec_for (net, RV_F32, NULL);
  g_autofree double *one = gradient_on_threads (&spec, 1);
  static const int counts[] = { 2, 7, 64 };
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
    g_autofree double *many = gradient_on_threads (&spec, counts[i]);
    assert_less (test_relative (many, one, 3 * SIDE * SIDE), 1e-5);
  }
  free_spec (&spec);
}

/* The gradient of the whole loss equals central differences in double, for some pixels. */
static void
test_objective_gradient (gconstpointer unused)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  RvObjectiveSpec spec = spec_for (net, RV_F64, "reference");
  g_autoptr (RvObjective) objective = objective_for (&spec);
  double *x = rv__objective_x (objective), analytic[12], numeric[12];
  RvLosses losses, above, below;
  fill_picture (x, RV_F64, 61);
  g_assert_true (rv__objective_evaluate (objective, &losses, NULL));
  g_autofree double *grad = g_memdup2 (rv__objective_gradient (objective), 3 * SIDE * SIDE * sizeof (double));
  g_assert_cmpint (losses.n_groups, ==, 4);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat (losses.loss[i], >, 0);
  for (int k = 0; k < 12; k++) {
    int i = k * 397 % (3 * SIDE * SIDE);
    double kept = x[i];
    x[i] = kept + 1e-4;
    rv__objective_evaluate (objective, &above, NULL);
    x[i] = kept - 1e-4;
    rv__objective_evaluate (objective, &below, NULL);
    x[i] = kept;
    analytic[k] = grad[i];
    numeric[k] = (above.total - below.total) / 2e-4;
  }
  assert_less (test_relative (analytic, numeric, 12), 1e-5);
  free_spec (&spec);
}

/* Evaluates the loss and its gradient twice. Asserts that both gradients have the same bytes. */
static void
evaluate_twice (RvObjective *objective, double *total, double *gradient)
{
  gsize bytes = 3 * SIDE * SIDE * sizeof (float);
  RvLosses losses;
  fill_picture (rv__objective_x (objective), RV_F32, 61);
  g_assert_true (rv__objective_evaluate (objective, &losses, NULL));
  g_autofree float *first = g_memdup2 (rv__objective_gradient (objective), bytes);
  g_assert_true (rv__objective_evaluate (objective, &losses, NULL));
  g_assert_cmpmem (first, bytes, rv__objective_gradient (objective), bytes);
  *total = losses.total;
  for (int i = 0; i < 3 * SIDE * SIDE; i++)
    gradient[i] = first[i];
}

/* Each backend computes the reference's loss and gradient. @data: side of tiles, 0: none. */
static void
test_objective_backends (gconstpointer data)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autofree double *right = g_new (double, 3 * SIDE * SIDE), *ours = g_new (double, 3 * SIDE * SIDE);
  double right_total, total;
  int n;
  const RvBackendClass *const *backends = rv__backend_list (&n);
  RvObjectiveSpec spec = spec_for (net, RV_F32, "reference");
  if (data)
    use_small_layers (&spec);
  g_autoptr (RvObjective) reference = objective_for (&spec);
  evaluate_twice (reference, &right_total, right);
  spec.fit.tile_px = GPOINTER_TO_INT (data);
  for (int b = 0; b < n; b++) {
    if (!test_can_run (backends[b]))
      continue;
    spec.backend = backends[b];
    g_autoptr (RvObjective) objective = objective_for (&spec);
    evaluate_twice (objective, &total, ours);
    assert_less (fabs (total / right_total - 1), 1e-5);
    assert_less (test_relative (ours, right, 3 * SIDE * SIDE), DIRECT_TOLERANCE);
  }
  free_spec (&spec);
}

/* ---- device memory ----------------------------------------------------------------------------------------------- */

/* A backend of plain C, whose memory counts as device memory. Transfer number @fail_at fails. Every third op call is
 * not supported. */
static int n_moves, fail_at;

static gboolean
moves (GError **error)
{
  if (++n_moves != fail_at)
    return TRUE;
  g_set_error_literal (error, RV_ERROR, RV_ERROR_BACKEND, "the cable is out");
  return FALSE;
}

static gboolean
away_upload (RvExecutable *executable, int value, const void *data, GError **error)
{
  return moves (error) && rv__host_memory.upload (executable, value, data, error);
}

static gboolean
away_download (RvExecutable *executable, int value, void *data, GError **error)
{
  return moves (error) && rv__host_memory.download (executable, value, data, error);
}

static gboolean
away_copy (RvExecutable *executable, int from, int to, GError **error)
{
  return moves (error) && rv__host_memory.copy (executable, from, to, error);
}

static gboolean
away_synchronize (RvExecutable *executable, GError **error)
{
  return moves (error);
}

static gboolean
away_supports (const RvExecutable *executable, int step)
{
  return step % 3 != 0;
}

static gboolean
away_run (RvExecutable *executable, int step, GError **error)
{
  rv__executable_run_plain (executable, step);
  return TRUE;
}

static const RvMemoryClass away_memory = { .alloc = rv__alloc,
                                           .free = rv__free,
                                           .upload = away_upload,
                                           .download = away_download,
                                           .copy = away_copy,
                                           .synchronize = away_synchronize };
static const RvBackendClass away = {
  .name = "away", .memory = &away_memory, .supports = away_supports, .run = away_run
};

/* Loss of a new objective after one evaluation; -1: an error. */
static double
whole_loss (const RvObjectiveSpec *spec, GError **error)
{
  g_autofree float *picture = g_new (float, 3 * SIDE * SIDE);
  g_autoptr (RvObjective) objective = rv__objective_new (spec, SIDE, SIDE, error);
  RvLosses losses;
  fill_picture (picture, RV_F32, 31);
  if (!objective || !rv__objective_measure_and_add_target (objective, picture, SIDE, SIDE, 1, error) ||
      !rv__objective_bind (objective, error))
    return -1;
  fill_picture (picture, RV_F32, 51);
  if (!rv__objective_set_features (objective, 0, picture, error))
    return -1;
  fill_picture (rv__objective_x (objective), RV_F32, 61);
  return rv__objective_evaluate (objective, &losses, error) ? losses.total : -1;
}

/* If any transfer fails, it is an error and nothing leaks. Otherwise the result is the reference's. @data: side of
 * tiles, 0: none. */
static void
test_away (gconstpointer data)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  RvObjectiveSpec spec = spec_for (net, RV_F32, "reference");
  spec.fit.tile_px = GPOINTER_TO_INT (data);
  if (spec.fit.tile_px) {
    use_small_layers (&spec);
    g_autoptr (RvObjective) tiled = rv__objective_new (&spec, SIDE, SIDE, NULL);
    g_assert_cmpint (rv__objective_n_tiles (tiled), >, 1);
  }
  fail_at = 0;
  double right = whole_loss (&spec, NULL), ours = -1;
  spec.backend = &away;
  int n_failed = 0;
  for (fail_at = 1; ours < 0; fail_at += 1 + fail_at / 3) {
    g_autoptr (GError) error = NULL;
    n_moves = 0;
    ours = whole_loss (&spec, &error);
    if (ours >= 0)
      break;
    g_assert_error (error, RV_ERROR, RV_ERROR_BACKEND);
    n_failed++;
  }
  g_test_message ("%d failures in %d transfers", n_failed, n_moves);
  g_assert_cmpint (n_failed, >, 8);
  assert_less (fabs (ours / right - 1), 1e-6);
  free_spec (&spec);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add_for_backends ("/backend/kernels-right", test_kernels_right);
  for (guint i = 0; i < G_N_ELEMENTS (convs); i++) {
    g_autofree char *path = g_strdup_printf ("/backend/conv/%d-%d-%dx%d-s%d", convs[i].in, convs[i].out,
                                             convs[i].kernel_h, convs[i].kernel_w, convs[i].stride);
    g_autofree char *unique = g_strdup_printf ("%s-%u", path, i);
    g_test_add_data_func (unique, &convs[i], test_conv);
  }
  for (int i = 0; i < n_op_cases; i++) {
    g_autofree char *path = g_strconcat ("/backend/op/", op_cases[i].name, NULL);
    g_test_add_data_func (path, &op_cases[i], test_op);
  }
  g_test_add_func ("/backend/relu-bits", test_relu_bits);
  g_test_add_func ("/backend/each-kernel", test_each_kernel);
  g_test_add_func ("/backend/signals", test_signals);
  g_test_add_func ("/backend/tuned", test_tuned);
  g_test_add_func ("/backend/guess-stays", test_guess_stays);
  g_test_add_func ("/backend/kernel-table", test_kernel_table_text);
  g_test_add_data_func ("/backend/gram/3", GINT_TO_POINTER (3), test_gram);
  g_test_add_data_func ("/backend/gram/32", GINT_TO_POINTER (32), test_gram);
  g_test_add_data_func ("/backend/gram/320", GINT_TO_POINTER (320), test_gram);
  g_test_add_func ("/backend/branches", test_branches);
  test_add_slow ("/backend/objective/gradient", NULL, test_objective_gradient);
  g_test_add_data_func ("/backend/objective/backends", GINT_TO_POINTER (0), test_objective_backends);
  g_test_add_data_func ("/backend/objective/tiles", GINT_TO_POINTER (24), test_objective_backends);
  g_test_add_data_func ("/backend/away", GINT_TO_POINTER (0), test_away);
  g_test_add_data_func ("/backend/away/tiles", GINT_TO_POINTER (24), test_away);
  g_test_add_func ("/backend/threads", test_threads);
  return g_test_run ();
}
