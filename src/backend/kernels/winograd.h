/* winograd.h -- Winograd kernels for convolutions: 3 x 3, 5 x 5, 1 x 7 and 7 x 1 of stride 1, and 3 x 3 of stride 2.
 * Layer 3 (backend). Used by conv-winograd.c, which selects the convolutions.
 *
 * Activations are in channel blocks of `lanes` channels, [N, C/lanes, H, W, lanes]. Weights stay untransformed in
 * memory. Each run transforms all of them first if that takes at most 3 MB of scratch, else in cache, a few outputs at
 * a time. Therefore neither weights nor scratch need a multiple of a direct kernel's memory. */
#pragma once

#include "conv-class.h"

/* One convolution of x [N, C, H, W] to y [N, O, Ho, Wo]. */
typedef struct {
  RvShape x, y;
  int taps[2]; /* rows, columns of the kernel */
  RvWinogradKind kind;
  gboolean large;
  /* Zero rows and columns before x; the size of y implies those after x. Negative: rows or columns of x that are
   * skipped. */
  int top, left;
  /* Weights are packed from [C, O, rows, columns], flipped: y is the gradient of that convolution's input. */
  gboolean flipped;
  int n_threads;
} RvWinogradSpec;

typedef struct _RvWinograd RvWinograd;

/* (transfer full) (nullable): a plan for @spec, which is copied; free with g_free(). NULL without an error: no
 * transform for the kernel size, kind and tile size, or a number of channels that is no multiple of the lanes.
 * Exception: fewer output channels than lanes; then y is in plain rows, without post-op. */
RvWinograd *rv__winograd_new (const RvSimd *simd, const RvWinogradSpec *spec);
/* Largest RMS error of the RvWinograd, relative to that of the kernel `gemm`; see RvConvClass.rounding. */
double rv__winograd_rounding (gconstpointer winograd);
/* Bytes of the RvWinograd's packed weights, which are not transformed yet. */
gsize rv__winograd_packed_bytes (gconstpointer winograd);
/* Bytes of scratch for one rv__winograd_run() of the RvWinograd, of all threads together. */
gsize rv__winograd_scratch_bytes (gconstpointer winograd);

/* Packs plain weights, [O, C, rows, columns] or, if `flipped`, [C, O, rows, columns], to @packed,
 * rv__winograd_packed_bytes() long. Cannot fail. */
void rv__winograd_pack (const RvWinograd *winograd, const float *plain, float *packed);

/* Writes y. x is `src` of @run, and y is `dst`; the opposite if `flipped`. run->packed: by rv__winograd_pack().
 * @scratch: rv__winograd_scratch_bytes(). Blocking. Once run->cancellable is cancelled, stops early with undefined
 * y. */
void rv__winograd_run (const RvWinograd *winograd, const RvConvArgs *run, void *scratch);
