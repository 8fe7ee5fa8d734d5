/* video-static.h -- where a film's frame shows what it showed before. Planes are f32 [1, 1, height, width].
 * Layer 6 (method). */
#ifndef RV_VIDEO_STATIC_H
#define RV_VIDEO_STATIC_H

#include <reverie/flow.h>

/* rv__video_squares: at each pixel the mean square of what two pictures, [1, 3, height, width], differ by. */
void rv__video_squares (const RvTensor *now, const RvTensor *then, RvTensor *squares);

/* rv__static_mask_new: (transfer full) (nullable): 1 where @frame is what it was when its result was last made, that of
 * the film's @made_of; else 0. RV_ERROR_MEMORY.
 * rv__static_mask_01: the part of all that is 1.
 * rv__static_mask_remove_moving: what moves by @flow and only looks as it did is no longer 1; @grey: of the frame.
 * RV_ERROR_MEMORY.
 * rv__static_mask_remove_near: nor is what lies around pixels that have @changed, where that is above 0.
 * RV_ERROR_MEMORY. */
RvTensor *rv__static_mask_new (const RvImage *frame, const RvImage *made_of, GError **error);
double rv__static_mask_01 (const RvTensor *still);
gboolean rv__static_mask_remove_moving (RvTensor *still, const RvTensor *grey, const RvTensor *flow, GError **error);
gboolean rv__static_mask_remove_near (RvTensor *still, const RvTensor *changed, GError **error);

#endif
