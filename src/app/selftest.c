/* selftest.c -- checks whether this machine computes correctly, and measures its speed. */
#include "backend/profile.h"
#include "base/cancel.h"
#include "base/random.h"
#include "base/system.h"
#include "method/compute.h"
#include "method/objective/objective.h"
#include <math.h>
#include <reverie/process.h>

#define SIDE_PX 64        /* compared pictures */
#define PLAIN_SIDE_PX 40  /* picture in double */
#define STEPS_SIDE_PX 256 /* picture whose steps are measured one by one */
#define SPEED_SIDE_PX 512 /* picture that is timed */
#define STEP 1e-3         /* finite differences; pixels are 0..255 */
#define N_PIXELS 6        /* pixels with finite differences */

typedef struct {
  RvNet *net;
  GArray *terms;
  RvLineFunc say;
  gpointer user_data;
  int n_failed;
} Test;

/* Passes one line, formatted, to test->say; does nothing if that is NULL. */
static void G_GNUC_PRINTF (2, 3) print (const Test *test, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *line = g_strdup_vprintf (format, args);
  va_end (args);
  if (test->say)
    test->say (line, test->user_data);
}

/* Adds the losses of the test, on layers of the built-in network: content, style and total variation. */
static gboolean
add_terms (GArray *terms, GError **error)
{
  return rv__terms_add (terms, rv__loss_find ("content", "relative"), 1, "conv4_2", "builtin", NULL, error) &&
         rv__terms_add (terms, rv__loss_find ("style", "relative"), 1, "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1",
                        "builtin", NULL, error) &&
         rv__terms_add (terms, rv__loss_find ("tv", "squared"), 1e-4, NULL, "builtin", NULL, error);
}

/* Specification of style transfer with the test's terms, exact kernels, on all cores. */
static RvObjectiveSpec
spec_of (const Test *test, const RvBackendClass *backend, RvType type)
{
  return (RvObjectiveSpec){ .type = type,
                            .net = test->net,
                            .variant = { .first_pad = RV_PAD_REPLICATE },
                            .backend = backend,
                            .compile = { .n_threads = rv__system_cores (), .exact = TRUE },
                            .terms = test->terms,
                            .space = rv__rgb_0_255 };
}

/* Fills @x, [3, side, side] of @type, with picture @stream: waves with noise, 0..255, the same on every machine. */
static void
fill_picture (gpointer x, RvType type, int side, guint32 stream)
{
  for (int i = 0; i < 3 * side * side; i++) {
    int p = i % (side * side);
    double v = 128 + 60 * sin (0.2 * stream * (p % side) + i / (side * side)) + 30 * cos (0.3 * (p / side)) +
               20 * rv__random_uniform_01 (1, stream, (guint64) i);
    if (type == RV_F64)
      ((double *) x)[i] = v;
    else
      ((float *) x)[i] = (float) v;
  }
}

/* (transfer full) (nullable): an objective after rv__objective_bind(), on generated pictures of @side x @side px,
 * with x and all targets set. Its pointers in @spec stay borrowed. */
static RvObjective *
new_objective (const RvObjectiveSpec *spec, int side, GError **error)
{
  g_autofree double *picture = g_new (double, 3 * side * side);
  g_autoptr (RvObjective) objective = rv__objective_new (spec, side, side, error);
  fill_picture (picture, spec->type, side, 1);
  if (!objective || !rv__objective_measure_and_add_target (objective, picture, side, side, 1, error) ||
      !rv__objective_bind (objective, error))
    return NULL;
  fill_picture (picture, spec->type, side, 2);
  if (!rv__objective_set_features (objective, 0, picture, error))
    return NULL;
  fill_picture (rv__objective_x (objective), spec->type, side, 3);
  return g_steal_pointer (&objective);
}

/* Prints @relative_error of @what. If it is above @allowed, or NaN, adds 1 to test->n_failed. */
static void
report (Test *test, const char *what, double relative_error, double allowed)
{
  gboolean ok = relative_error <= allowed; /* FALSE for NaN */
  test->n_failed += !ok;
  print (test, "%-8s %s: off by %.1e, allowed %.0e", ok ? "ok" : "NOT OK", what, relative_error, allowed);
}

/* Compares N_PIXELS numbers of the gradient with finite differences, in double, on the reference backend. Prints the
 * relative error with test->say; above 1e-5, or NaN, adds 1 to test->n_failed. TRUE also for a failed comparison.
 * FALSE: the check did not run. */
static gboolean
check_gradients (Test *test, GError **error)
{
  RvObjectiveSpec spec = spec_of (test, rv__backend_find ("reference", NULL), RV_F64);
  g_autoptr (RvObjective) objective = new_objective (&spec, PLAIN_SIDE_PX, error);
  RvLosses losses, above, below;
  double difference = 0, size = 0, analytic[N_PIXELS];
  if (!objective || !rv__objective_evaluate (objective, &losses, error))
    return FALSE;
  double *x = rv__objective_x (objective);
  for (int k = 0; k < N_PIXELS; k++)
    analytic[k] = ((const double *) rv__objective_gradient (objective))[k * 777 + 50];
  for (int k = 0; k < N_PIXELS; k++) {
    int i = k * 777 + 50;
    double was = x[i];
    x[i] = was + STEP;
    gboolean ok = rv__objective_evaluate (objective, &above, error);
    x[i] = was - STEP;
    if (!ok || !rv__objective_evaluate (objective, &below, error))
      return FALSE;
    x[i] = was;
    double numeric = (above.total - below.total) / (2 * STEP);
    difference += (numeric - analytic[k]) * (numeric - analytic[k]);
    size += numeric * numeric;
  }
  report (test, "gradients against finite differences", sqrt (difference / size), 1e-5);
  return TRUE;
}

/* Compares loss and gradient of a new objective by @spec with those of @reference, made by new_objective() with
 * SIDE_PX. Prints the larger relative error as @what with test->say; above @allowed, or NaN, adds 1 to test->n_failed.
 * TRUE also for a failed comparison. FALSE: the check did not run. */
static gboolean
check_kernels (Test *test, RvObjective *reference, const RvObjectiveSpec *spec, const char *what, double allowed,
               GError **error)
{
  g_autoptr (RvObjective) objective = new_objective (spec, SIDE_PX, error);
  RvLosses losses, reference_losses;
  if (!objective || !rv__objective_evaluate (objective, &losses, error) ||
      !rv__objective_evaluate (reference, &reference_losses, error))
    return FALSE;
  const float *a = rv__objective_gradient (objective), *b = rv__objective_gradient (reference);
  double difference = 0, size = 0;
  for (int i = 0; i < 3 * SIDE_PX * SIDE_PX; i++) {
    difference += ((double) a[i] - (double) b[i]) * ((double) a[i] - (double) b[i]);
    size += (double) b[i] * (double) b[i];
  }
  double of_loss = fabs (losses.total / reference_losses.total - 1), of_gradient = sqrt (difference / size);
  report (test, what, isnan (of_loss) ? of_loss : MAX (of_loss, of_gradient), allowed); /* MAX() would drop it */
  return TRUE;
}

/* Compares the default backend's direct, usual and bf16 kernels with plain C. Prints one line for each with test->say;
 * without bf16 on this processor the line says skipped. Adds the number of failed checks to test->n_failed and returns
 * TRUE. FALSE: a check did not run. */
static gboolean
check_backend (Test *test, GError **error)
{
  const RvBackendClass *backend = rv__backend_find (NULL, NULL);
  RvObjectiveSpec plain = spec_of (test, rv__backend_find ("reference", NULL), RV_F32);
  RvObjectiveSpec spec = spec_of (test, backend, RV_F32);
  g_autoptr (RvObjective) reference = new_objective (&plain, SIDE_PX, error);
  if (!reference || !check_kernels (test, reference, &spec, "direct kernels against plain C", 1e-3, error))
    return FALSE;
  spec.compile.exact = FALSE;
  if (!check_kernels (test, reference, &spec, "the usual kernels against plain C", 1e-3, error))
    return FALSE;
  spec.compile.precision = RV_PRECISION_BF16;
  if (!backend->has_bf16 || !backend->has_bf16 ()) {
    print (test, "skipped  bf16: this processor has none");
    return TRUE;
  }
  return check_kernels (test, reference, &spec, "bf16 against plain C", 0.2, error); /* ReLUs near 0 flip */
}

/* Prints one line with test->say for each backend that tests its kernels itself; the line of a backend that cannot
 * run here says skipped. Adds 1 to test->n_failed for each backend with kernels that differ from plain C. FALSE if a
 * test cannot run. */
static gboolean
check_other_backends (Test *test, GError **error)
{
  int n;
  const RvBackendClass *const *backends = rv__backend_list (&n);
  for (int i = 0; i < n; i++) {
    if (!backends[i]->selftest)
      continue;
    g_autofree char *details = backends[i]->describe ? backends[i]->describe () : g_strdup (backends[i]->summary);
    if (backends[i]->probe && !backends[i]->probe ()) {
      print (test, "skipped  %s: %s", backends[i]->name, details);
      continue;
    }
    g_autofree char *wrong = backends[i]->selftest (error);
    if (!wrong)
      return FALSE;
    test->n_failed += *wrong != 0;
    print (test, "%-8s each kernel of %s against plain C, on %s%s%s", *wrong ? "NOT OK" : "ok", backends[i]->name,
           details, *wrong ? "; wrong, not used: " : "", wrong);
  }
  return TRUE;
}

/* Measures the time of one iteration in f32 and in the precision that is chosen automatically. Prints one line for each
 * with test->say. */
static gboolean
measure_speed (const Test *test, GError **error)
{
  static const RvPrecision precisions[] = { RV_PRECISION_F32, RV_PRECISION_AUTO };
  for (guint i = 0; i < G_N_ELEMENTS (precisions); i++) {
    double seconds;
    RvObjectiveSpec spec = spec_of (test, rv__backend_find (NULL, NULL), RV_F32);
    spec.compile.exact = FALSE;
    spec.compile.precision = precisions[i];
    g_autoptr (RvObjective) objective = new_objective (&spec, SPEED_SIDE_PX, error);
    if (!objective || !rv__objective_time (objective, &seconds, error))
      return FALSE;
    print (test, "speed    one iteration at %d x %d px, %s: %.0f ms", SPEED_SIDE_PX, SPEED_SIDE_PX,
           rv__compute_precisions ()[precisions[i]], 1000 * seconds);
  }
  return TRUE;
}

/* Prints one line with test->say: kernels of the op calls of @kind and the number of calls of each, by name. @what
 * names the op in the line. Leaves out calls that another call computes. */
static void
print_kernels (const Test *test, const RvExecutable *executable, RvOpKind kind, const char *what)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  for (int s = 0; s < (int) executable->program->calls->len; s++) {
    const char *kernel = rv__profile_kernel (executable, s);
    if (kernel && rv__program_call (executable->program, s)->kind == kind)
      g_hash_table_insert (counts, (gpointer) kernel,
                           GINT_TO_POINTER (GPOINTER_TO_INT (g_hash_table_lookup (counts, kernel)) + 1));
  }
  g_autoptr (GList) kernels = g_list_sort (g_hash_table_get_keys (counts), (GCompareFunc) strcmp);
  for (const GList *kernel = kernels; kernel; kernel = kernel->next)
    g_string_append_printf (text, "%s %d by %s", text->len ? "," : "",
                            GPOINTER_TO_INT (g_hash_table_lookup (counts, kernel->data)), (char *) kernel->data);
  print (test, "kernels  %s:%s", what, text->str);
}

/* Prints with test->say which kernels compute convolutions, their gradients and Gram matrices, on one thread. Prints
 * the first op call, if any, that takes more than ten times its expected time; that is no failure. */
static gboolean
profile_steps (const Test *test, GError **error)
{
  RvObjectiveSpec spec = spec_of (test, rv__backend_find (NULL, NULL), RV_F32);
  int slow;
  double seconds;
  spec.compile.exact = FALSE;
  spec.compile.n_threads = 1;
  g_autoptr (RvObjective) objective = new_objective (&spec, STEPS_SIDE_PX, error);
  RvExecutable *executable = objective ? rv__objective_executable (objective) : NULL;
  if (!executable || !rv__profile_detect_slow_step (executable, &slow, &seconds, error))
    return FALSE;
  print_kernels (test, executable, RV_OP_CONV2D, "convolutions");
  print_kernels (test, executable, RV_OP_CONV2D_BACKWARD_DATA, "their gradients");
  print_kernels (test, executable, RV_OP_GRAM, "Gram matrices");
  if (slow >= 0) {
    g_autofree char *what = rv__profile_describe (executable, slow);
    print (test, "slow     %.0f ms for %s: more than ten times its expected time; please report this", 1000 * seconds,
           what);
  }
  return TRUE;
}

gboolean
rv_selftest (RvLineFunc say, gpointer user_data, GCancellable *cancellable, int *n_failed, GError **error)
{
  Test test = { .terms = rv__terms_new (), .say = say, .user_data = user_data };
  int before = rv__system_use_threads (rv__system_cores ());
  rv__cancellable_push (cancellable);
  gboolean ran = (test.net = rv_net_new_builtin (error)) && add_terms (test.terms, error) &&
                 check_gradients (&test, error) && check_backend (&test, error) &&
                 check_other_backends (&test, error) && profile_steps (&test, error) && measure_speed (&test, error);
  rv__cancellable_pop (cancellable);
  rv__system_use_threads (before);
  rv_net_unref (test.net);
  g_array_unref (test.terms);
  *n_failed = test.n_failed;
  return ran;
}
