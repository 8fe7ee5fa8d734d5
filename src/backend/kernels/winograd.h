/* winograd.h -- Winograd kernels for convolutions: 3 x 3, 5 x 5, 1 x 7 and 7 x 1 of stride 1, and 3 x 3 of stride 2.
 * Layer 3 (backend). Used by conv-winograd.c, which selects the convolutions.
 *
 * Activations are in channel blocks of `lanes` channels, [N, C/lanes, H, W, lanes]. Weights stay untransformed in
 * memory and are transformed in cache, a few outputs at a time. So neither weights nor scratch need a multiple of a
 * direct kernel's memory. */
#ifndef RV_WINOGRAD_H
#define RV_WINOGRAD_H

#include "conv-class.h"

/* One convolution of x [N, C, H, W] to y [N, O, Ho, Wo]. */
typedef struct {
  RvShape x, y;
  int taps[2]; /* rows, columns of the kernel */
  RvWinogradKind kind;
  gboolean large;
  /* Zeros before x; y's size implies those after it. Negative: rows or columns of x that are skipped. */
  int top, left;
  /* Weights are packed from [C, O, rows, columns], flipped: y is the gradient of that convolution's input. */
  gboolean flipped;
  int n_threads;
} RvWinogradSpec;

typedef struct _RvWinograd RvWinograd;

/* (transfer full) (nullable): a plan for @spec, which is copied. NULL for other kernel sizes, or if a number of
 * channels is no multiple of the lanes. Exception: fewer output channels; then y is in plain rows, without post-op. */
RvWinograd *rv__winograd_new (const RvSimd *simd, const RvWinogradSpec *spec);
/* Frees @winograd (nullable). */
void rv__winograd_free (RvWinograd *winograd);
/* Largest RMS error, relative to that of `gemm`; see RvConvClass.rounding. */
double rv__winograd_rounding (const RvWinograd *winograd);
/* Bytes of the packed weights, which are not transformed yet. */
gsize rv__winograd_packed_bytes (const RvWinograd *winograd);
/* Bytes of scratch of all threads together. */
gsize rv__winograd_scratch_bytes (const RvWinograd *winograd);

/* Packs plain weights, [O, C, rows, columns] or, if `flipped`, [C, O, rows, columns], to @packed. */
void rv__winograd_pack (const RvWinograd *winograd, const float *plain, float *packed);

/* Computes y. x is `src` of @run, and y is `dst`; the opposite if `flipped`. @scratch: rv__winograd_scratch_bytes().
 * Blocking. Once run->cancellable is cancelled, stops early with undefined y. */
void rv__winograd_run (const RvWinograd *winograd, const RvConvArgs *run, void *scratch);

#endif
