/* lanes.h -- which of our own kernels' inner loops this processor runs, one set for each width of vector registers.
 * Layer 3 (backend). The one place that knows. */
#ifndef RV_LANES_H
#define RV_LANES_H

#include "few-lanes.h"
#include "gemm-lanes.h"
#include "outer-lanes.h"
#include "winograd-lanes.h"

typedef struct {
  const char *registers; /* "AVX2" */
  int lanes;             /* floats in one of them: also the channels of a block */
  const RvFewLanes *few;
  const RvGemmLanes *gemm;
  const RvOuterLanes *outer;
  const RvWinogradLanes *winograd;
} RvLanes;

/* rv__lanes_of: (nullable): with @lanes floats; NULL when this build or this processor has none. Static. */
const RvLanes *rv__lanes_of (int lanes);

/* rv__lanes_here: the widest, of those that ONEDNN_MAX_CPU_ISA leaves: the switch that limits oneDNN limits us. Four
 * floats are always there. Static. */
const RvLanes *rv__lanes_here (void);

#endif
