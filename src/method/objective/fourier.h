/* fourier.h -- pictures as spectra of decorrelated colours, for optimisation. Layer 6 (method).
 *
 *   x = colours (transform (s / f)),   s: the spectrum, as many numbers as x has
 *
 * Amplitudes of photographs fall as 1 / f, and their three colours are strongly correlated. The spectrum s compensates
 * both. Equal steps in all its numbers then change shapes before noise. Olah, Mordvintsev, Schubert 2017, "Feature
 * visualization". Used for dreams from noise and for styles with `--space fourier`. */
#pragma once

#include "backend/backend.h"
#include "net/pixel-space.h"

/* Colour correlation of photographs: M, whose M M^T is the covariance of ImageNet's colours (lucid). */
extern const double rv__natural_colors[3][3];

/* Records the picture, [1, 3, H, W] in @space, of the spectrum @unit times the value @spectrum, [1, 3, H, W]. Its
 * colours lie between black and white. Returns the picture's value; -1 after an error, in program->error. */
int rv__fourier_record (RvProgram *program, int spectrum, double unit, const RvPixelSpace *space);

/* Compiled f32 program from a spectrum to its picture, and from the picture's gradient back. For one thread at a time.
 */
typedef struct _RvFourier RvFourier;

/* A program for pictures of @width x @height px, with a spectrum of zeros: grey. (transfer full) (nullable). @unit:
 * factor of the spectrum. */
RvFourier *rv__fourier_new (const RvBackendClass *backend, int n_threads, int width, int height, double unit,
                            const RvPixelSpace *space, GError **error);
/* Frees @fourier (nullable), with its spectrum. */
void rv__fourier_free (RvFourier *fourier);
/* Estimated memory of a program for pictures of this size, bytes. Allocates nothing. */
gsize rv__fourier_memory (int width, int height);

/* The spectrum, [1, 3, height, width] on the host, for reading and writing. Borrowed from @fourier. */
float *rv__fourier_spectrum (RvFourier *fourier);
/* Overwrites the spectrum by that of the picture @x, [1, 3, height, width] in the pixel space of rv__fourier_new().
 * Clamps colours to 0.01 .. 0.99 of the way from black to white, because no spectrum gives full black or white.
 * After an error, the spectrum is undefined. */
gboolean rv__fourier_set_picture (RvFourier *fourier, const float *x, GError **error);
/* Overwrites @x, [1, 3, height, width], with the picture of the spectrum. */
gboolean rv__fourier_get_picture (RvFourier *fourier, float *x, GError **error);
/* dL/ds, [1, 3, height, width], from @grad_x = dL/dx at the picture that rv__fourier_get_picture() computed last.
 * Borrowed (nullable), until the next call. */
const float *rv__fourier_gradient (RvFourier *fourier, const float *grad_x, GError **error);
