/* simd.h -- SIMD loops of our kernels: one set for each vector width, and the choice for this processor.
 * Layer 3 (backend). */
#pragma once

#include "thin-simd.h"
#include "gemm-simd.h"
#include "wgrad-simd.h"
#include "winograd-simd.h"

typedef struct {
  const char *registers; /* "AVX2" */
  int lanes;             /* floats in a register; also the channels of a block */
  const RvThinSimd *thin;
  const RvGemmSimd *gemm;
  const RvWgradSimd *wgrad;
  const RvWinogradSimd *winograd;
} RvSimd;

/* (nullable): loops for vectors of @lanes floats: 4, 8 or 16. Static. NULL without an error: this build or this
 * processor has none. Ignores ONEDNN_MAX_CPU_ISA. */
const RvSimd *rv__simd_for_width (int lanes);

/* The widest loops that this processor has and ONEDNN_MAX_CPU_ISA allows: the variable that limits oneDNN limits our
 * kernels. Static, never NULL: loops for four floats always exist. Any thread. */
const RvSimd *rv__simd_best (void);
