/* fourier.h -- a picture as an optimiser sees it best: the spectrum of colours that do not go together.
 * Layer 6 (method).
 *
 *   x = colours (transform (s / f)),   s: the spectrum, as many numbers as x has
 *
 * Photographs have about as much light in each octave of frequencies, 1 / f of amplitude, and three colours that are
 * nearly one. In s all that is evened out, so that a step of equal length in each number changes a picture as pictures
 * differ: shapes before noise. Olah, Mordvintsev, Schubert 2017, "Feature visualization". Dreams from noise are
 * optimised in it, and styles with `--space fourier`. */
#ifndef RV_FOURIER_H
#define RV_FOURIER_H

#include "backend/backend.h"
#include "net/pixel-space.h"

/* How the colours of photographs go together: M, M M^T being their covariance, from ImageNet (lucid). */
extern const double rv__natural_colors[3][3];

/* rv__fourier_record: the picture of @unit times @spectrum, [1, 3, H, W], in @space; its colours between black and
 * white. */
int rv__fourier_record (RvProgram *program, int spectrum, double unit, const RvPixelSpace *space);

/* What computes it, in f32: from a spectrum to its picture, and from the picture's gradient back. One thread at a
 * time. */
typedef struct _RvFourier RvFourier;

/* rv__fourier_new: (transfer full) (nullable): of pictures of @width x @height px, whose spectrum is counted in @unit.
 * RV_ERROR_MEMORY, RV_ERROR_BACKEND. rv__fourier_memory: bytes it holds. */
RvFourier *rv__fourier_new (const RvBackendClass *backend, int n_threads, int width, int height, double unit,
                            const RvPixelSpace *space, GError **error);
void rv__fourier_free (RvFourier *fourier);
gsize rv__fourier_memory (int width, int height);

/* rv__fourier_spectrum: to be read and written; borrowed. rv__fourier_enter: it becomes that of @x, whose black and
 * white are held a hundredth short of what no spectrum reaches. rv__fourier_picture: of it, into @x.
 * rv__fourier_gradient: borrowed (nullable): dL/ds of the picture made last, from its gradient @grad_x. */
float *rv__fourier_spectrum (RvFourier *fourier);
gboolean rv__fourier_enter (RvFourier *fourier, const float *x, GError **error);
gboolean rv__fourier_picture (RvFourier *fourier, float *x, GError **error);
const float *rv__fourier_gradient (RvFourier *fourier, const float *grad_x, GError **error);

#endif
