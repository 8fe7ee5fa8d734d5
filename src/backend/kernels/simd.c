/* simd.c -- the choice of SIMD loops for this processor. */
#include "simd.h"
#include <string.h>

#define ROW(isa, width, name)                                                                                          \
  {                                                                                                                    \
    name, width, &rv__thin_simd_##isa, &rv__gemm_simd_##isa, &rv__wgrad_simd_##isa, &rv__winograd_simd_##isa           \
  }

/* Widest first. */
static const RvSimd table[] = {
#ifdef __x86_64__
  ROW (avx512, 16, "AVX-512"),
  ROW (avx2, 8, "AVX2"),
  ROW (base, 4, "SSE"),
#else
  ROW (base, 4, "four lanes"),
#endif
};

/* Whether this processor has vectors of @lanes floats. With 16, also the AVX-512 subsets that oneDNN needs: both then
 * use blocks of 16 channels. */
static gboolean
processor_has (int lanes)
{
#ifdef __x86_64__
  if (lanes == 16)
    return __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw") &&
           __builtin_cpu_supports ("avx512vl") && __builtin_cpu_supports ("avx512dq");
  if (lanes == 8)
    return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
#endif
  return lanes == 4;
}

/* Limit from ONEDNN_MAX_CPU_ISA, 4, 8 or 16, read as oneDNN does: the older name counts if the newer one is not set. */
static int
max_lanes_allowed (void)
{
  const char *isa = g_getenv ("ONEDNN_MAX_CPU_ISA");
  if (!isa)
    isa = g_getenv ("DNNL_MAX_CPU_ISA");
  if (!isa)
    return 16;
  if (g_ascii_strcasecmp (isa, "SSE41") == 0 || g_ascii_strcasecmp (isa, "AVX") == 0)
    return 4;
  return g_ascii_strncasecmp (isa, "AVX2", strlen ("AVX2")) == 0 ? 8 : 16;
}

const RvSimd *
rv__simd_for_width (int lanes)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].lanes == lanes && processor_has (lanes))
      return &table[i];
  return NULL;
}

const RvSimd *
rv__simd_best (void)
{
  const RvSimd *simd = NULL;
  for (int width = max_lanes_allowed (); !simd; width /= 2)
    simd = rv__simd_for_width (width);
  return simd;
}
