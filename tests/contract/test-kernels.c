/* test-kernels.c -- every network and VAE, forward and backward, op call by op call, with the kernels of this processor
 * (or those that ONEDNN_MAX_CPU_ISA allows). No op call uses oneDNN's reference code. No op call takes more than ten
 * times its fraction of the operations. Runs with exact and with guessed kernels. */
#include "backend/profile.h"
#include "method/vae/vae-internal.h"
#include "net/net.h"
#include "support/formula.h"
#include "support/support.h"
#include <string.h>

/* Rows and columns. All layers of all networks exist at these sizes. For some layers oneDNN 2.6 lacks AVX2 kernels in
 * channel blocks. */
static const int sizes[2][2] = { { 107, 170 }, { 107, 142 } };

#define BATCH 16 /* pictures of a VAE */

/* ---- programs ---------------------------------------------------------------------------------------------------- */

typedef struct {
  RvProgram *program;
  GArray *seeds; /* RvGradSeed: an input for the gradient of each Gram matrix and of the last layer */
  gint64 channels;
  int last;
} Record;

static void
seed (Record *record, int value)
{
  RvShape shape = *rv__program_shape (record->program, value);
  RvGradSeed seed = { value, rv__program_input (record->program, &shape) };
  g_array_append_val (record->seeds, seed);
  rv__program_output (record->program, value);
}

/* Records a Gram matrix after each change of the number of channels, like style transfer. */
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
  Record record = { .program = rv__program_new (RV_F32), .seeds = g_array_new (FALSE, FALSE, sizeof (RvGradSeed)) };
  int x = rv__program_input (record.program, &shape);
  RvNetVariant variant = { .first_pad = RV_PAD_REPLICATE };
  rv__net_record (net, &variant, record.program, x, &rv__rgb_0_255, on_layer, &record);
  seed (&record, record.last);
  rv__graph_differentiate (record.program, (const RvGradSeed *) (const void *) record.seeds->data,
                           (int) record.seeds->len, x);
  g_assert_no_error (record.program->error);
  g_array_unref (record.seeds);
  return record.program;
}

static RvProgram *
program_of_vae (const char *architecture)
{
  g_autoptr (RvSettings) settings = rv_settings_new ("vae", NULL);
  g_autoptr (GError) error = NULL;
  rv_settings_set (settings, "architecture", architecture, &error);
  g_assert_no_error (error);
  g_autoptr (RvVae) vae = rv_vae_new (settings, 1, 28, 28, NULL);
  RvVaeEngine engine;
  RvProgram *program = rv__vae_record (vae, RV_VAE_TRAIN, BATCH, RV_F32, &engine);
  rv__parameter_values_free (engine.trained);
  return program;
}

/* ---- op calls ---------------------------------------------------------------------------------------------------- */

static void
check (RvProgram *program, gboolean exact)
{
  g_autoptr (GError) error = NULL;
  RvCompileSettings settings = { .n_threads = 1, .exact = exact };
  g_autoptr (RvExecutable) executable = rv__graph_compile (program, rv__backend_find (NULL, NULL), &settings, &error);
  g_assert_no_error (error);
  int n_steps = (int) program->calls->len;
  for (int s = 0; s < n_steps; s++) {
    const char *kernel = rv__profile_kernel (executable, s);
    if (kernel && g_str_has_prefix (kernel, "ref"))
      g_error ("reference code: %s", rv__profile_describe (executable, s));
  }
  rv__executable_bind (executable, &error);
  g_assert_no_error (error);
  for (int v = 0; v < (int) program->values->len; v++) {
    const RvValue *value = rv__program_value (program, v);
    if ((value->role == RV_VALUE_INPUT || value->role == RV_VALUE_PARAMETER) && value->first <= value->last)
      test_fill (executable, v, (guint32) v, value->role == RV_VALUE_PARAMETER ? 0.1 : 1);
  }

  if (g_getenv ("REVERIE_TEST_SANITIZED"))
    return; /* times mean nothing: Reverie's loops are instrumented, and oneDNN's are not */
  if (!executable->backend->step_kernel)
    return; /* the test backend `far` protects memory around each op call, which takes longer than small op calls */
  int slow;
  double seconds;
  g_assert_true (rv__profile_detect_slow_step (executable, &slow, &seconds, NULL));
  if (slow >= 0)
    g_error ("%.1f ms for %s", 1000 * seconds, rv__profile_describe (executable, slow));
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
