/* onednn-none.c -- a build without oneDNN: each function does nothing and returns @result. */
#include "onednn.h"

#define NONE(type, function, result, ...)                                                                              \
  type function (__VA_ARGS__)                                                                                          \
  {                                                                                                                    \
    return result;                                                                                                     \
  }

NONE (RvOnednn *, rv__onednn_open, NULL, void)
NONE (void, rv__onednn_close, , RvOnednn *onednn)
NONE (char *, rv__onednn_version, NULL, void)
NONE (gboolean, rv__onednn_has_bf16, FALSE, void)
NONE (gboolean, rv__onednn_has_amx, FALSE, void)
NONE (void, rv__onednn_init_process, , void)
NONE (gboolean, rv__onednn_multiply, FALSE, gboolean transpose_a, gboolean transpose_b, gint64 m, gint64 n, gint64 k,
      const float *a, const float *b, float *y)

/* The functions below are never called, because rv__onednn_open() returns NULL. */
NONE (RvConvKernel *, rv__conv_kernel_new, NULL, RvOnednn *onednn, const RvConvSpec *spec,
      const RvOnednnVariant *variant)
NONE (void, rv__conv_kernel_free, , RvConvKernel *kernel)
NONE (const char *, rv__conv_kernel_name, NULL, const RvConvKernel *kernel)
NONE (gboolean, rv__conv_kernel_packs_alike, FALSE, const RvConvKernel *a, const RvConvKernel *b)
NONE (gsize, rv__conv_kernel_packed_bytes, 0, const RvConvKernel *kernel)
NONE (gsize, rv__conv_kernel_scratch_bytes, 0, const RvConvKernel *kernel)
NONE (gboolean, rv__conv_kernel_pack, FALSE, RvConvKernel *kernel, RvOnednn *onednn, const float *plain, void *packed)
NONE (void, rv__conv_kernel_end_packing, , RvConvKernel *kernel)
NONE (gboolean, rv__conv_kernel_unpack, FALSE, RvConvKernel *kernel, RvOnednn *onednn, const void *packed, float *plain)
NONE (gboolean, rv__conv_kernel_run, FALSE, RvConvKernel *kernel, RvOnednn *onednn, void *src, void *dst, void *weights,
      const float *bias, void *scratch)
