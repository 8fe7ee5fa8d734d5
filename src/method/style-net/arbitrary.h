/* arbitrary.h -- arbitrary style transfer: paints in the style of any painting, after one forward pass over the
 * painting. Layer 6 (method).
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
#pragma once

#include "method/run/plan.h"
#include <reverie/style-net.h>

#define RV_ARBITRARY_STYLE_FORMAT "microast" /* text "format" of its file */

/* Measures @painting in its own size, at least 8 px a side, and appends its style; holds no reference to @painting.
 * Larger paintings give larger strokes. @n_threads: 0: one for each physical core. Blocks. An error adds no style. */
gboolean rv__arbitrary_style_add (RvArbitraryStyle *any, const RvImage *painting, int n_threads, GError **error);

/* Overwrites the colours of @painted with @image, painted in the mean of the added styles. @painted: has the size
 * of @image; may be @image; its alpha stays. @parts: weight of each added style, 0 or more, not all 0. @n_threads:
 * 0: one for each physical core. @allowed: limit of the memory of the process, bytes; 0: four fifths of the free
 * memory. Blocks. RV_ERROR_NUMBER for a damaged file. After an error @painted is unchanged. */
gboolean rv__arbitrary_style_apply_to (RvArbitraryStyle *any, const RvImage *image, const double *parts, int n_threads,
                                       gsize allowed, RvImage *painted, GError **error);
/* Removes all added styles; the network's weights and its compiled program stay. Cannot fail. */
void rv__arbitrary_style_clear (RvArbitraryStyle *any);
/* Compiles the program for pictures of @width x @height px, for the next rv__arbitrary_style_apply_to(). Sets *plan
 * as rv__style_net_plan_whole() does. @n_threads: 0: one for each physical core. An error leaves *plan unchanged. */
gboolean rv__arbitrary_style_plan (RvArbitraryStyle *any, int width, int height, int n_threads, RvPlan *plan,
                                   GError **error);
