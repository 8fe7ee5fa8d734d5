/* video-static.h -- static areas of a frame, which the video has not changed. Planes are f32 [1, 1, height, width].
 * Layer 6 (method). */
#pragma once

#include <reverie/flow.h>

/* Overwrites @squares, f32 [1, 1, height, width], with the squared difference of two pictures, f32 [1, 3, height,
 * width], averaged over the three colours. Cannot fail. */
void rv__video_squared_differences (const RvTensor *now, const RvTensor *then, RvTensor *squares);

/* (transfer full) (nullable): mask, f32 [1, 1, height, width]. 1 where @frame equals @rendered_from, up to the noise of
 * a video; 0 elsewhere and within 12 px of changes. @rendered_from: each pixel of the source when its result was last
 * rendered; same size. */
RvTensor *rv__static_mask_new (const RvImage *frame, const RvImage *rendered_from, GError **error);
/* Fraction of the pixels of @static_mask, f32 [1, 1, height, width], that are above 0. */
double rv__static_mask_fraction (const RvTensor *static_mask);
/* Sets connected areas of @static_mask to 0 whose mean @flow, weighted by texture, is at least half a pixel: they only
 * look static. @static_mask, @grey: f32 [1, 1, height, width], the mask and the frame. @flow: to the last frame,
 * px. An error leaves @static_mask unchanged. */
gboolean rv__static_mask_remove_moving (RvTensor *static_mask, const RvTensor *grey, const RvTensor *flow,
                                        GError **error);
/* Sets @static_mask to 0 at pixels where @changed is above 0 and up to 12 px around. Both are f32 [1, 1, height,
 * width]. An error leaves @static_mask unchanged. */
gboolean rv__static_mask_remove_near (RvTensor *static_mask, const RvTensor *changed, GError **error);
