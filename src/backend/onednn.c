/* onednn.c -- oneDNN's engine, version and matrix product. */
#include "onednn-internal.h"

RvOnednn *
rv__onednn_open (void)
{
  RvOnednn *onednn = g_new0 (RvOnednn, 1);
  if (dnnl_engine_create (&onednn->engine, dnnl_cpu, 0) != dnnl_success ||
      dnnl_stream_create (&onednn->stream, onednn->engine, dnnl_stream_default_flags) != dnnl_success)
    g_clear_pointer (&onednn, rv__onednn_close);
  return onednn;
}

void
rv__onednn_close (RvOnednn *onednn)
{
  if (!onednn)
    return;
  if (onednn->stream)
    dnnl_stream_destroy (onednn->stream);
  if (onednn->engine)
    dnnl_engine_destroy (onednn->engine);
  g_free (onednn);
}

char *
rv__onednn_version (void)
{
  const dnnl_version_t *version = dnnl_version ();
  return g_strdup_printf ("%d.%d.%d", version->major, version->minor, version->patch);
}

gboolean
rv__onednn_has_bf16 (void)
{
  return dnnl_get_effective_cpu_isa () >= dnnl_cpu_isa_avx512_core_bf16;
}

gboolean
rv__onednn_has_amx (void)
{
  return dnnl_get_effective_cpu_isa () >= dnnl_cpu_isa_avx512_core_amx;
}

void
rv__onednn_init_process (void)
{
  dnnl_set_primitive_cache_capacity (0);
}

void
rv__onednn_block_signals (sigset_t *before)
{
  sigset_t all;
  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, before);
#pragma omp parallel
  pthread_sigmask (SIG_BLOCK, &all, NULL);
}

gboolean
rv__onednn_multiply (gboolean transpose_a, gboolean transpose_b, gint64 m, gint64 n, gint64 k, const float *a,
                     const float *b, float *y)
{
  sigset_t before;
  rv__onednn_block_signals (&before);
  dnnl_status_t status = dnnl_sgemm (transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1, a,
                                     transpose_a ? m : k, b, transpose_b ? k : n, 0, y, n);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return status == dnnl_success;
}
