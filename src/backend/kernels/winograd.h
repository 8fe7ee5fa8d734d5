/* winograd.h -- our own Winograd kernels for convolutions of stride 1, of 3 x 3, 5 x 5, 1 x 7 and 7 x 1, and of 3 x 3
 * with stride 2.
 * Layer 3 (backend). Used by conv-winograd.c, which says what convolutions they are.
 *
 * Activations lie in channel blocks of `lanes` channels, [N, C/lanes, H, W, lanes]. Weights are kept as they
 * are and brought to the transform's points in cache, a few outputs at a time: neither the weights nor the scratch is a
 * multiple of what a direct kernel holds. */
#ifndef RV_WINOGRAD_H
#define RV_WINOGRAD_H

#include "conv-class.h"

/* One convolution of x [N, C, H, W] to y [N, O, Ho, Wo]. */
typedef struct {
  RvShape x, y;
  int taps[2]; /* rows, columns of the kernel */
  RvWinogradKind kind;
  gboolean large;
  int top, left;   /* zeros before x; what lies after follows from y. Negative: so many of x are not seen */
  gboolean turned; /* weights are packed from [C, O, rows, columns], turned about: y is the gradient of such a
                      convolution's input */
  int n_threads;
} RvWinogradSpec;

typedef struct _RvWinograd RvWinograd;

/* rv__winograd_new: (transfer full) (nullable): NULL for other kernels, and where a channel count is no multiple of the
 * lanes. Fewer output channels than one block are taken: y then lies in plain rows, and nothing can be done after. */
RvWinograd *rv__winograd_new (const RvLanes *lanes, const RvWinogradSpec *spec);
void rv__winograd_free (RvWinograd *winograd);
double rv__winograd_rounding (const RvWinograd *winograd); /* as RvConvClass has it */
gsize rv__winograd_packed_bytes (const RvWinograd *winograd);
gsize rv__winograd_scratch_bytes (const RvWinograd *winograd);

/* rv__winograd_pack: plain [O, C, rows, columns] weights, or turned ones, to the kernel's order. */
void rv__winograd_pack (const RvWinograd *winograd, const float *plain, float *packed);

/* rv__winograd_run: x is @run's `big`, y its `small`; the other way round where weights are turned. @scratch of
 * rv__winograd_scratch_bytes(). Blocking. */
void rv__winograd_run (const RvWinograd *winograd, const RvConvRun *run, void *scratch);

#endif
