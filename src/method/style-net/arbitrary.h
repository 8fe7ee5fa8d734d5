/* arbitrary.h -- arbitrary style transfer: paints in the style of any painting, which needs one pass over it. Layer 6
 * (method).
 *
 * Wang, Zhao, Zuo, Li, Chen, Xing, Lu 2023, "MicroAST: Towards super-fast ultra-resolution arbitrary style transfer",
 * in the widths of its published weights. Colours are 0..1, borders are reflected. ReLU follows each convolution
 * outside of blocks, except the last.
 *
 *   encoder    conv 9x9 3 -> 16; 3x3 stride 2 16 -> 32, 1x1; 3x3 stride 2 32 -> 64, 1x1; block: f0; block: f1
 *              one for photographs, one for paintings; a block: x + conv (relu (conv x)), 3x3, 64
 *   modulator  of a painting's f0 and f1: w and b, the mean over positions of one 3x3 filter for each channel
 *   decoder    f1 brought to the painting's means and deviations of f1, block with its w1, b1; to those of f0, block
 *              with w0, b0; twice: bilinear x2, 3x3 to half the channels, 1x1; conv 9x9 16 -> 3
 *              a block with w and b: x + m (relu (m (x))), m (x) = w conv (x) + b x
 *
 * The decoder's picture is up to 3 px larger if a side is no multiple of 4, and is cropped. */
#ifndef RV_ARBITRARY_STYLE_H
#define RV_ARBITRARY_STYLE_H

#include <reverie/style-net.h>

#define RV_ARBITRARY_STYLE_FORMAT "microast" /* format name in its file */

/* Measures @painting, at least 8 px a side, and appends its style; @painting is not kept. Strokes keep their size in
 * px. @n_threads: 0: each physical core. RV_ERROR_SHAPE, RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_CANCELLED. */
gboolean rv__arbitrary_style_add (RvArbitraryStyle *any, const RvImage *painting, int n_threads, GError **error);

/* Paints @image. (transfer full) (nullable): the painted picture, with the alpha of @image. @parts: weight of each
 * added style, 0 or more. @n_threads: 0: one for each physical core. Errors: see rv_style_net_paint(); RV_ERROR_MEMORY
 * if the picture does not fit. */
RvImage *rv__arbitrary_style_apply (RvArbitraryStyle *any, const RvImage *image, const double *parts, int n_threads,
                                    GError **error);

/* Sets @cancellable (nullable, referenced) for painting and for adding styles; see rv__style_net_set_cancellable(). */
void rv__arbitrary_style_set_cancellable (RvArbitraryStyle *any, GCancellable *cancellable);

/* Paints @image into the colours of @painted, of the same size, which may be @image. Alpha stays. @allowed: memory of
 * the process, bytes; 0: four fifths of what is free. Otherwise like rv__arbitrary_style_apply(). */
gboolean rv__arbitrary_style_apply_to (RvArbitraryStyle *any, const RvImage *image, const double *parts, int n_threads,
                                       gsize allowed, RvImage *painted, GError **error);
/* Removes all added styles; the weights stay. */
void rv__arbitrary_style_clear (RvArbitraryStyle *any);
/* Compiles the program for this size and sets *peak_bytes to the memory of the process during
 * rv__arbitrary_style_apply_to(). Errors: RV_ERROR_SHAPE, RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__arbitrary_style_plan (RvArbitraryStyle *any, int width, int height, int n_threads, gsize *peak_bytes,
                                   GError **error);

#endif
