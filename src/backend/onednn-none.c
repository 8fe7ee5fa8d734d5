/* onednn-none.c -- a build without oneDNN. */
#include "onednn.h"

RvOnednn *
rv__onednn_open (void)
{
  return NULL;
}

void
rv__onednn_close (RvOnednn *onednn)
{
}

char *
rv__onednn_version (void)
{
  return NULL;
}

gboolean
rv__onednn_has_bf16 (void)
{
  return FALSE;
}

gboolean
rv__onednn_has_amx (void)
{
  return FALSE;
}

void
rv__onednn_init_process (void)
{
}

gboolean
rv__onednn_multiply (gboolean transpose_a, gboolean transpose_b, gint64 m, gint64 n, gint64 k, const float *a,
                     const float *b, float *y)
{
  return FALSE;
}

/* The functions below are never called, because no kernel exists. */

RvConvKernel *
rv__conv_kernel_new (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnVariant *variant)
{
  return NULL;
}

void
rv__conv_kernel_free (RvConvKernel *kernel)
{
}

const char *
rv__conv_kernel_name (const RvConvKernel *kernel)
{
  return NULL;
}

gboolean
rv__conv_kernel_packs_alike (const RvConvKernel *a, const RvConvKernel *b)
{
  return FALSE;
}

gsize
rv__conv_kernel_packed_bytes (const RvConvKernel *kernel)
{
  return 0;
}

gsize
rv__conv_kernel_scratch_bytes (const RvConvKernel *kernel)
{
  return 0;
}

gboolean
rv__conv_kernel_pack (RvConvKernel *kernel, RvOnednn *onednn, const float *plain, void *packed)
{
  return FALSE;
}

void
rv__conv_kernel_end_packing (RvConvKernel *kernel)
{
}

gboolean
rv__conv_kernel_unpack (RvConvKernel *kernel, RvOnednn *onednn, const void *packed, float *plain)
{
  return FALSE;
}

gboolean
rv__conv_kernel_run (RvConvKernel *kernel, RvOnednn *onednn, void *src, void *dst, void *weights, const float *bias,
                     void *scratch)
{
  return FALSE;
}
