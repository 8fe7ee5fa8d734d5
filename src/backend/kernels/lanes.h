/* lanes.h -- SIMD loops of our kernels: one set for each vector width, and the choice for this processor.
 * Layer 3 (backend). */
#ifndef RV_LANES_H
#define RV_LANES_H

#include "few-lanes.h"
#include "gemm-lanes.h"
#include "outer-lanes.h"
#include "winograd-lanes.h"

typedef struct {
  const char *registers; /* "AVX2" */
  int lanes;             /* floats in a register; also the channels of a block */
  const RvFewLanes *few;
  const RvGemmLanes *gemm;
  const RvOuterLanes *outer;
  const RvWinogradLanes *winograd;
} RvLanes;

/* (nullable): the set for vectors of @lanes floats; NULL if this build or this processor has none. Static. */
const RvLanes *rv__lanes_of (int lanes);

/* The widest set that ONEDNN_MAX_CPU_ISA allows: the variable that limits oneDNN limits our kernels. A set for four
 * floats always exists. Static. */
const RvLanes *rv__lanes_here (void);

#endif
