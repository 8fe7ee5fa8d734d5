/* test-kernels.c -- every network and VAE, forward and backward, step by step, with the kernels of this processor (or
 * of what ONEDNN_MAX_CPU_ISA leaves of it): no step is oneDNN's reference code, and none takes more than ten times its
 * share of the operations. Both exact, and with the kernels that are guessed without measuring. */
#include "base/system.h"
#include "method/vae/internal.h"
#include "net/net.h"
#include "support/formula.h"
#include "support/support.h"
#include <string.h>
#include <time.h>

/* Pictures, rows and columns, on which every layer of every network exists and oneDNN 2.6 has no kernel of AVX2 for
 * some of them in channel blocks. */
static const int sizes[2][2] = { { 107, 170 }, { 107, 142 } };

#define BATCH 16 /* of a VAE */

/* A step is slow when it takes so many times its share; when it takes any time worth speaking of; and when it does so
 * in each of many passes. Time is that of one thread on its processor: nobody else's work counts. */
#define TOO_MANY_TIMES 10
#define WORTH_SPEAKING_OF_S 4e-3
#define N_PASSES 2
#define N_PASSES_MOST 12

#define MOVE_OPS 32 /* that a number costs which is only moved or changed, in products and sums */

/* ---- programs ---------------------------------------------------------------------------------------------------- */

typedef struct {
  RvProgram *program;
  GArray *seeds; /* RvSeed: an input for the gradient of each Gram matrix and of the last layer */
  gint64 channels;
  int last;
} Record;

static void
seed (Record *record, int value)
{
  RvShape shape = *rv__program_shape (record->program, value);
  RvSeed seed = { value, rv__program_input (record->program, &shape) };
  g_array_append_val (record->seeds, seed);
  rv__program_keep (record->program, value);
}

/* A Gram matrix wherever the number of channels changes, as style transfer has them. */
static gboolean
on_layer (const char *layer, int value, gpointer user_data)
{
  Record *record = user_data;
  gint64 channels = rv__program_shape (record->program, value)->dim[1];
  record->last = value;
  if (channels != record->channels && channels <= 512)
    seed (record, rv__gram (record->program, value));
  record->channels = channels;
  return FALSE;
}

static RvProgram *
program_of_net (const char *name, const int *size)
{
  g_autoptr (RvNet) net = strcmp (name, "builtin") == 0    ? rv_net_new_builtin (NULL)
                          : g_str_has_prefix (name, "vgg") ? formula_vgg (name, "torchvision", 1, 0.1)
                                                           : formula_net (name);
  RvShape shape = rv_shape (4, 1, 3, size[0], size[1]);
  Record record = { .program = rv__program_new (RV_F32), .seeds = g_array_new (FALSE, FALSE, sizeof (RvSeed)) };
  int x = rv__program_input (record.program, &shape);
  RvNetVariant variant = { .first_pad = RV_PAD_REPLICATE };
  rv__net_record (net, &variant, record.program, x, &rv__rgb_0_255, on_layer, &record);
  seed (&record, record.last);
  rv__graph_differentiate (record.program, (const RvSeed *) (const void *) record.seeds->data, (int) record.seeds->len,
                           x);
  g_assert_no_error (record.program->error);
  g_array_unref (record.seeds);
  return record.program;
}

static RvProgram *
program_of_vae (const char *architecture)
{
  g_autoptr (RvVaeSettings) settings = rv_vae_settings_new ();
  g_autoptr (GError) error = NULL;
  rv_option_set (rv_vae_options, settings, "architecture", architecture, &error);
  g_assert_no_error (error);
  g_autoptr (RvVae) vae = rv_vae_new (settings, 1, 28, 28, NULL);
  RvVaeEngine engine;
  RvProgram *program = rv__vae_record (vae, RV_VAE_TRAIN, BATCH, RV_F32, &engine);
  rv__trained_free (engine.trained);
  return program;
}

/* ---- what a step costs ------------------------------------------------------------------------------------------- */

static double
count (const RvProgram *program, int value)
{
  return (double) rv_shape_count (rv__program_shape (program, value));
}

/* Products and sums, or what moving numbers costs, if that is more. */
static double
operations_of (const RvProgram *program, int step)
{
  const RvStep *s = rv__program_step (program, step);
  double moved = 0, computed = 0;
  for (int k = 0; k < s->n_in; k++)
    moved += count (program, s->in[k]);
  for (int k = 0; k < s->n_out; k++)
    moved += count (program, s->out[k]);
  const RvShape *a = rv__program_shape (program, s->in[0]), *b = rv__program_shape (program, s->in[s->n_in > 1]);
  const RvShape *y = rv__program_shape (program, s->out[0]);
  if (s->kind == RV_OP_CONV2D)
    computed = count (program, s->out[0]) * count (program, s->in[1]) / (double) b->dim[0];
  else if (s->kind == RV_OP_CONV2D_BACKWARD_DATA)
    computed = count (program, s->in[0]) * count (program, s->in[1]) / (double) b->dim[0];
  else if (s->kind == RV_OP_CONV2D_BACKWARD_WEIGHTS)
    computed = count (program, s->in[1]) * count (program, s->out[0]) / (double) y->dim[0];
  else if (s->kind == RV_OP_GRAM || s->kind == RV_OP_GRAM_BACKWARD)
    computed = count (program, s->in[0]) * (double) a->dim[1];
  else if (s->kind == RV_OP_MATMUL)
    computed = count (program, s->out[0]) * (double) a->dim[!s->attrs.matmul.transpose_a];
  return MAX (2 * computed, MOVE_OPS * moved);
}

static const char *
kernel_of (const RvExecutable *executable, int step)
{
  return executable->backend->step_kernel ? executable->backend->step_kernel (executable, step) : "plain C";
}

/* Of a step, and of what it does in its neighbours' stead. */
static double
operations (const RvExecutable *executable, int step)
{
  if (!kernel_of (executable, step))
    return 0;
  double sum = operations_of (executable->program, step);
  for (int near = step - 1; near <= step + 1; near += 2)
    if (near >= 0 && near < (int) executable->program->steps->len && !kernel_of (executable, near))
      sum += operations_of (executable->program, near);
  return sum;
}

static double
thread_seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

/* One pass; the shortest time of each step so far. */
static void
time_steps (RvExecutable *executable, double *seconds)
{
  int before = rv__system_use_threads (1);
  for (int s = 0; s < (int) executable->program->steps->len; s++) {
    double began = thread_seconds ();
    g_assert_true (executable->backend->run (executable, s, NULL));
    seconds[s] = MIN (seconds[s], thread_seconds () - began);
  }
  rv__system_use_threads (before);
}

/* The first step that takes more than its share of what all the others take; -1: none. */
static int
slow_step (const RvExecutable *executable, const double *seconds)
{
  int n_steps = (int) executable->program->steps->len;
  double all_seconds = 0, all_work = 0;
  for (int s = 0; s < n_steps; s++) {
    all_seconds += seconds[s];
    all_work += operations (executable, s);
  }
  for (int s = 0; s < n_steps; s++) {
    double work = operations (executable, s);
    double share = work * (all_seconds - seconds[s]) / (all_work - work);
    if (seconds[s] > WORTH_SPEAKING_OF_S && seconds[s] > TOO_MANY_TIMES * share)
      return s;
  }
  return -1;
}

static char *
describe (const RvExecutable *executable, int step)
{
  const RvStep *s = rv__program_step (executable->program, step);
  g_autofree char *in = rv_shape_text (rv__program_shape (executable->program, s->in[0]));
  g_autofree char *out = rv_shape_text (rv__program_shape (executable->program, s->out[0]));
  return g_strdup_printf ("%s %s -> %s by %s", rv__op_class (s->kind, RV_F32)->name, in, out,
                          kernel_of (executable, step));
}

static void
check (RvProgram *program, gboolean exact)
{
  g_autoptr (GError) error = NULL;
  RvCompileSettings settings = { .n_threads = 1, .exact = exact };
  rv__graph_plan (program, &error);
  g_assert_no_error (error);
  g_autoptr (RvExecutable) executable = rv__executable_new (rv__backend_find (NULL, NULL), program, &settings, &error);
  g_assert_no_error (error);
  int n_steps = (int) program->steps->len;
  for (int s = 0; s < n_steps; s++) {
    const char *kernel = kernel_of (executable, s);
    if (kernel && g_str_has_prefix (kernel, "ref"))
      g_error ("reference code: %s", describe (executable, s));
  }
  rv__executable_bind (executable, &error);
  g_assert_no_error (error);
  for (int v = 0; v < (int) program->values->len; v++) {
    const RvValue *value = rv__program_value (program, v);
    if ((value->role == RV_VALUE_INPUT || value->role == RV_VALUE_PARAMETER) && value->first <= value->last)
      test_fill (executable, v, (guint32) v, value->role == RV_VALUE_PARAMETER ? 0.1 : 1);
  }

  if (g_getenv ("REVERIE_TEST_SANITIZED"))
    return; /* our own loops are watched there, oneDNN's are not: the shares say nothing */
  g_autofree double *seconds = g_new (double, n_steps);
  for (int s = 0; s < n_steps; s++)
    seconds[s] = G_MAXDOUBLE;
  int slow = 0;
  for (int pass = 0; pass < N_PASSES || (slow >= 0 && pass < N_PASSES_MOST); pass++) {
    time_steps (executable, seconds);
    slow = slow_step (executable, seconds);
  }
  if (slow >= 0)
    g_error ("%.1f ms for %s", 1000 * seconds[slow], describe (executable, slow));
}

static void
test_net (gconstpointer name)
{
  check (program_of_net (name, sizes[0]), TRUE);
  check (program_of_net (name, sizes[1]), FALSE);
}

static void
test_vae (gconstpointer architecture)
{
  check (program_of_vae (architecture), TRUE);
  check (program_of_vae (architecture), FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (const char *const *name = rv_net_names (); *name; name++) {
    g_autofree char *path = g_strconcat ("/kernels/", *name, NULL);
    g_test_add_data_func (path, *name, test_net);
  }
  g_test_add_data_func ("/kernels/vae-conv", "conv", test_vae);
  g_test_add_data_func ("/kernels/vae-mlp", "mlp", test_vae);
  return g_test_run ();
}
