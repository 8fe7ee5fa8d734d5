/* flow.h -- optical flow: how one picture moved to become another; warping along it, and where it can be trusted.
 * Layer 5 (flow). Implemented in src/flow/. No files and no printing; flow-file.h reads and writes flows.
 *
 * A flow is a tensor, f32 [1, 2, height, width], px: u to the right, then v downwards, so that what is at p in the one
 * picture is at p + (u, v) in the other. All functions may be called from several threads at once. */
#ifndef RV_FLOW_H
#define RV_FLOW_H

#include <reverie/image.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>
G_BEGIN_DECLS

/** RvFlowFunc: called on the caller's thread after each part of an estimation; FALSE stops it. */
typedef gboolean (*RvFlowFunc) (double done_01, gpointer user_data);

/** rv_flow_grey: (transfer full) (nullable): what rv_flow_estimate() wants of a picture: 0.299 red + 0.587 green +
 * 0.114 blue (ITU-R BT.601), f32 [1, 1, height, width], 0..255. Errors: %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvTensor *rv_flow_grey (const RvImage *image, GError **error);

/**
 * rv_flow_estimate:
 * @from, @to: grey pictures, f32 [1, 1, height, width], 0..255, of one size, from 1 px a side
 * @before:    (nullable): the flow of the pair of frames before: what it tells is tried as well
 * @settings:  (nullable): of the kind "flow"; the defaults
 * @progress:  (nullable)
 *
 * The flow from @from to @to by dense inverse search and variational refinement (src/flow/flow.c has the sources).
 * The same bytes for every number of threads. A picture compared with itself, or one without any texture, gives 0.
 *
 * Errors: %RV_ERROR_SHAPE, %RV_ERROR_TYPE; %RV_ERROR_NUMBER for values that are NaN or beyond +-10^6;
 * %RV_ERROR_SETTING for settings of another kind; %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED.
 * Returns: (transfer full) (nullable): f32 [1, 2, height, width], px. Since: 0.1
 */
RV_API RvTensor *rv_flow_estimate (const RvTensor *from, const RvTensor *to, const RvTensor *before,
                                   const RvSettings *settings, RvFlowFunc progress, gpointer user_data, GError **error);

/**
 * rv_flow_warp:
 * @picture: f32 [1, C, height, width]
 * @flow:    from the picture that is made to @picture
 *
 * out (p) = picture (p + flow (p)), by Catmull and Rom's cubic, in f32, nothing clipped; beyond the borders their
 * pixels go on.
 *
 * Errors: %RV_ERROR_SHAPE, %RV_ERROR_TYPE, %RV_ERROR_MEMORY.
 *
 * Returns: (transfer full) (nullable): f32 [1, C, height, width]. Since: 0.1
 */
RV_API RvTensor *rv_flow_warp (const RvTensor *picture, const RvTensor *flow, GError **error);

/**
 * rv_flow_reliable:
 * @flow, @back: from one frame to another and from that one back
 * @soft_px:     0: the mask is 0 or 1; else around what is unreliable it rises from 0 to 1 within
 *               2 @soft_px + 1; 0..64
 *
 * Where @flow can be trusted. Sundaram, Brox, Keutzer 2010, "Dense point trajectories by GPU-accelerated large
 * displacement optical flow", with f = flow (p) and g = back (p + f): 0 where p + f has a neighbour outside of the
 * picture, where |f + g|^2 >= 0.01 (|f|^2 + |g|^2) + 0.5 (it was covered, or a mistake), and where |grad u|^2 +
 * |grad v|^2 > 0.01 |f|^2 + 0.002 (a motion's edge); g is read bilinearly, gradients are central differences.
 *
 * Errors: %RV_ERROR_SETTING for @soft_px, %RV_ERROR_SHAPE, %RV_ERROR_TYPE, %RV_ERROR_MEMORY.
 * Returns: (transfer full) (nullable): f32 [1, 1, height, width], 0..1. Since: 0.1
 */
RV_API RvTensor *rv_flow_reliable (const RvTensor *flow, const RvTensor *back, int soft_px, GError **error);

/**
 * rv_flow_draw:
 * @longest_px: the length drawn in full colour; 0: the longest that @flow has
 *
 * In the usual colours: Baker et al. 2011, "A database and evaluation methodology for optical flow": the direction is
 * the hue, what stands still is white, what is longer than @longest_px is darkened. What is unknown (NaN) is black.
 * Errors: %RV_ERROR_SHAPE, %RV_ERROR_TYPE, %RV_ERROR_MEMORY. Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API RvImage *rv_flow_draw (const RvTensor *flow, double longest_px, GError **error);

G_END_DECLS
#endif
