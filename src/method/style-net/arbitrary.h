/* arbitrary.h -- a painter of any style: what a painting asks for is found in one look at it.
 * Layer 6 (method).
 *
 * Wang, Zhao, Zuo, Li, Chen, Xing, Lu 2023, "MicroAST: Towards super-fast ultra-resolution arbitrary style transfer",
 * in the widths of its published weights; colours are 0..1, borders are reflected, ReLU follows each convolution
 * outside of blocks but the last.
 *
 *   encoder    conv 9x9 3 -> 16; 3x3 stride 2 16 -> 32, 1x1; 3x3 stride 2 32 -> 64, 1x1; block: f0; block: f1
 *              one for photographs, one for paintings; a block: x + conv (relu (conv x)), 3x3, 64
 *   modulator  of a painting's f0 and f1: w and b, the mean over positions of one 3x3 filter for each channel
 *   decoder    f1 brought to the painting's means and deviations of f1, block with its w1, b1; to those of f0, block
 *              with w0, b0; twice: bilinear x2, 3x3 to half the channels, 1x1; conv 9x9 16 -> 3
 *              a block with w and b: x + m (relu (m (x))), m (x) = w conv (x) + b x
 *
 * Where a side is no multiple of 4 the decoder's picture is up to 3 px larger, and is cut. */
#ifndef RV_ARBITRARY_STYLE_H
#define RV_ARBITRARY_STYLE_H

#include <reverie/style-net.h>

#define RV_ARBITRARY_STYLE_FORMAT "microast" /* of its file */

/* Adds the style of @painting, at least 8 px a side; strokes are as large as they are in it. @n_threads: 0: one for
 * each physical core. RV_ERROR_SHAPE, RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__arbitrary_style_add (RvArbitraryStyle *any, const RvImage *painting, int n_threads, GError **error);

/* (transfer full) (nullable): as rv_style_net_paint(), as are its errors; @parts: one for each style that was added.
 * @n_threads: 0: one for each physical core. A picture that memory has no room for is RV_ERROR_MEMORY. */
RvImage *rv__arbitrary_style_apply (RvArbitraryStyle *any, const RvImage *image, const double *parts, int n_threads,
                                    GError **error);

/* Sets @cancellable (nullable), as rv__style_net_set_cancellable(): for paintings that are added, and pictures. */
void rv__arbitrary_style_set_cancellable (RvArbitraryStyle *any, GCancellable *cancellable);

/* rv__arbitrary_style_apply_to: as rv__arbitrary_style_apply(), into @painted, of the same size, which may be @image.
 * @allowed: bytes that the process may take; 0: four fifths of what is free. rv__arbitrary_style_plan: the bytes that
 * it will take. rv__arbitrary_style_clear: as if none had been added. */
gboolean rv__arbitrary_style_apply_to (RvArbitraryStyle *any, const RvImage *image, const double *parts, int n_threads,
                                       gsize allowed, RvImage *painted, GError **error);
void rv__arbitrary_style_clear (RvArbitraryStyle *any);
gboolean rv__arbitrary_style_plan (RvArbitraryStyle *any, int width, int height, int n_threads, gsize *peak_bytes,
                                   GError **error);

#endif
