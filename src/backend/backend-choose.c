/* backend-choose.c -- the backend of `auto`: a GPU if it is measured to be much faster than the processor.
 *
 * Both compute a convolution of a usual shape and its gradient. The choice is an entry of the kernel table, which is
 * saved in the user's cache folder. Its key is "auto tTHREADS precisionN DEVICE"; its value is the name of the backend.
 */
#include "backend.h"
#include "backend/kernel-table.h"
#include <stdlib.h>
#include <string.h>

#define CHANNELS 64
#define SIDE_PX 384
#define N_RUNS 3                         /* timed, after the warm-up */
#define WARM_UP_US 100000                /* or one run: a GPU that was idle starts with a low clock rate */
#define MIN_FREE_BYTES ((gsize) 1 << 30) /* of the GPU's memory: tiles of all networks fit */
#define MAX_RATIO 0.5 /* of the GPU's time to the processor's: other ops and copies gain less than convolutions */

/* (transfer full) (nullable): the convolution and its gradient, compiled for @backend and bound. */
static RvExecutable *
trial_new (const RvBackendClass *backend, const RvCompileSettings *settings)
{
  RvShape x_shape = rv_shape (4, 1, CHANNELS, SIDE_PX, SIDE_PX), w_shape = rv_shape (4, CHANNELS, CHANNELS, 3, 3);
  const RvOpAttrs attrs = { .conv = { { 1, 1 }, { 1, 1, 1, 1 }, { SIDE_PX, SIDE_PX } } };
  RvCompileSettings guessed = *settings;
  guessed.kernels = NULL;
  guessed.tune_s = 0;
  g_autoptr (RvTensor) weights = rv_tensor_new (RV_F32, &w_shape, NULL);
  if (!weights)
    return NULL;
  RvProgram *program = rv__program_new (RV_F32);
  int x = rv__program_input (program, &x_shape), w = rv__program_constant (program, weights);
  int y = rv__program_record (program, RV_OP_CONV2D, &attrs, 2, (int[]){ x, w });
  rv__program_record (program, RV_OP_CONV2D_BACKWARD_DATA, &attrs, 2, (int[]){ y, w });
  rv__program_keep_all (program);
  g_autoptr (RvExecutable) executable = rv__executable_new (backend, program, &guessed, NULL);
  return executable && rv__executable_bind (executable, NULL) ? g_steal_pointer (&executable) : NULL;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;
  return (x > y) - (x < y);
}

/* Sets *time_us to the median time of the trial on @backend. A run in which the device fails is timed, too: the
 * processor repeats it. */
static gboolean
measure_us (const RvBackendClass *backend, const RvCompileSettings *settings, gint64 *time_us)
{
  gint64 times_us[N_RUNS];
  g_autoptr (RvExecutable) executable = trial_new (backend, settings);
  if (!executable)
    return FALSE;
  gint64 began_us = g_get_monotonic_time ();
  do {
    if (!rv__executable_backward (executable, NULL))
      return FALSE;
  } while (g_get_monotonic_time () - began_us < WARM_UP_US);
  for (int i = 0; i < N_RUNS; i++) {
    began_us = g_get_monotonic_time ();
    if (!rv__executable_backward (executable, NULL))
      return FALSE;
    times_us[i] = g_get_monotonic_time () - began_us;
  }
  qsort (times_us, N_RUNS, sizeof *times_us, compare);
  *time_us = times_us[N_RUNS / 2];
  return TRUE;
}

/* Name of the faster backend: from settings->kernels, from an earlier call, or measured. Records it there as in use.
 * Borrowed from settings->kernels. The processor, if nothing can be measured. */
static const char *
choose (const RvBackendClass *gpu, const RvBackendClass *processor, const RvCompileSettings *settings,
        const char *device)
{
  static GMutex lock;
  static RvKernelTable *measured; /* choices of this process, for tables that are not saved */
  g_autofree char *key =
    g_strdup_printf ("auto t%d precision%d %s", settings->n_threads, (int) settings->precision, device);
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&lock);
  measured = measured ? measured : rv_kernel_table_new ();
  const char *choice = rv__kernel_table_lookup (settings->kernels, key);
  if (choice)
    return rv__kernel_table_commit (settings->kernels, key, choice);
  choice = rv__kernel_table_lookup (measured, key);
  gint64 gpu_us, processor_us;
  if (!choice && measure_us (processor, settings, &processor_us) && measure_us (gpu, settings, &gpu_us)) {
    g_debug ("auto: %s takes %" G_GINT64_FORMAT " us, %s %" G_GINT64_FORMAT " us", gpu->name, gpu_us, processor->name,
             processor_us);
    choice = (double) gpu_us <= MAX_RATIO * (double) processor_us ? gpu->name : processor->name;
    rv__kernel_table_add (measured, key, choice);
  }
  if (choice)
    rv__kernel_table_add (settings->kernels, key, choice);
  return rv__kernel_table_commit (settings->kernels, key, choice ? choice : processor->name);
}

const RvBackendClass *
rv__backend_choose (const RvCompileSettings *settings)
{
  int n;
  const RvBackendClass *const *backends = rv__backend_list (&n), *processor = rv__backend_find (NULL, NULL);
  for (int i = 0; i < n && !settings->exact && settings->precision != RV_PRECISION_BF16; i++) {
    g_autofree char *device = backends[i]->hardware ? backends[i]->hardware () : NULL;
    if (device && strcmp (choose (backends[i], processor, settings, device), backends[i]->name) == 0 &&
        backends[i]->probe () && backends[i]->memory->free_bytes () >= MIN_FREE_BYTES)
      return backends[i];
  }
  return processor;
}
