/* flow.h -- optical flow between two pictures: estimation, warping, confidence, drawing.
 * Layer 5 (flow). Implemented in src/flow/. No files and no printing; flow-file.h reads and writes flows.
 *
 * A flow is a tensor, f32 [1, 2, height, width], px: u to the right, then v downwards. The pixel at p in the first
 * picture is at p + (u, v) in the second. All functions may be called from several threads at once. */
#ifndef RV_FLOW_H
#define RV_FLOW_H

#include <reverie/image.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>
G_BEGIN_DECLS

/** RvFlowFunc: reports progress several times during an estimation, on the caller's thread. @done_01: fraction done.
 * FALSE stops the estimation. */
typedef gboolean (*RvFlowFunc) (double done_01, gpointer user_data);

/** rv_flow_grey: (transfer full) (nullable): the luma of @image for rv_flow_estimate(), 0.299 red + 0.587 green + 0.114
 * blue (ITU-R BT.601), f32 [1, 1, height, width], 0..255, not clipped; alpha is ignored. Errors: %RV_ERROR_MEMORY.
 * Since: 0.1 */
RV_API RvTensor *rv_flow_grey (const RvImage *image, GError **error);

/**
 * rv_flow_estimate:
 * @from, @to: grey pictures, f32 [1, 1, height, width], 0..255, of one size, at least 1 px a side
 * @previous:  (nullable): flow of the previous pair of frames, of the same size, as one more initial guess
 * @settings:  (nullable): of the kind "flow"; NULL: the defaults
 * @progress:  (nullable)
 *
 * Computes the flow from @from to @to by dense inverse search with variational refinement (Kroeger, Timofte, Dai, Van
 * Gool 2016); src/flow/flow.c lists the differences. The bytes do not depend on the number of threads. Equal pictures,
 * and pictures without texture, give 0.
 *
 * Errors: %RV_ERROR_SHAPE, %RV_ERROR_TYPE; %RV_ERROR_NUMBER for values that are NaN or beyond +-10^6; %RV_ERROR_SETTING
 * for settings of another kind; %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by @progress or the current GCancellable of the
 * thread; %RV_ERROR_BACKEND in a forked process. Returns: (transfer full) (nullable): f32 [1, 2, height, width], px.
 * Since: 0.1
 */
RV_API RvTensor *rv_flow_estimate (const RvTensor *from, const RvTensor *to, const RvTensor *previous,
                                   const RvSettings *settings, RvFlowFunc progress, gpointer user_data, GError **error);

/** rv_flow_warp: computes out (p) = picture (p + flow (p)) with the cubic of Catmull, Rom 1974, in f32 and without
 * clipping. Beyond the borders the border pixels repeat. @picture: f32 [1, C, height, width], of any range. @flow: from
 * the result to @picture, f32 [1, 2, height, width], px; NaN counts as far left or above. Errors: %RV_ERROR_SHAPE,
 * %RV_ERROR_TYPE for another type than f32, %RV_ERROR_MEMORY; %RV_ERROR_BACKEND in a forked process. Returns:
 * (transfer full) (nullable): f32, of @picture's shape. Since: 0.1 */
RV_API RvTensor *rv_flow_warp (const RvTensor *picture, const RvTensor *flow, GError **error);

/**
 * rv_flow_confidence:
 * @flow, @back: flows from one frame to another and back, f32 [1, 2, height, width], px
 * @soft_px:     0: the mask is 0 or 1. 1..64: unreliable areas have a soft edge: the mask rises from 0 to 1 within 2
 *               @soft_px + 1 px
 *
 * Computes the confidence of @flow by the forward-backward check of Sundaram, Brox, Keutzer 2010, "Dense point
 * trajectories by GPU-accelerated large displacement optical flow". With f = flow (p) and g = back (p + f), it is 0
 * where:
 * - p + f lies outside of the picture, or a number is NaN;
 * - |f + g|^2 >= 0.01 (|f|^2 + |g|^2) + 0.5: the pixel is disoccluded, or the flow is wrong;
 * - |grad u|^2 + |grad v|^2 > 0.01 |f|^2 + 0.002: an edge of motion.
 *
 * It is 1 elsewhere. g is interpolated bilinearly; gradients are central differences. Errors: %RV_ERROR_SETTING for
 * @soft_px, %RV_ERROR_SHAPE, %RV_ERROR_TYPE for another type than f32, %RV_ERROR_MEMORY; %RV_ERROR_BACKEND in a forked
 * process. Returns: (transfer full) (nullable): f32 [1, 1, height, width], 0..1. Since: 0.1
 */
RV_API RvTensor *rv_flow_confidence (const RvTensor *flow, const RvTensor *back, int soft_px, GError **error);

/** rv_flow_draw: draws @flow, f32 [1, 2, height, width], with the colour wheel of Baker et al. 2011, "A database and
 * evaluation methodology for optical flow": the direction is the hue, 0 is white, vectors longer than @longest_px are
 * darkened, NaN (unknown) is black. @longest_px: length drawn in full colour, px; 0 or less: the longest vector of
 * @flow. Errors: %RV_ERROR_SHAPE, %RV_ERROR_TYPE, %RV_ERROR_MEMORY; %RV_ERROR_BACKEND in a forked process. Returns:
 * (transfer full) (nullable): an opaque picture of the size of @flow. Since: 0.1 */
RV_API RvImage *rv_flow_draw (const RvTensor *flow, double longest_px, GError **error);

G_END_DECLS
#endif
