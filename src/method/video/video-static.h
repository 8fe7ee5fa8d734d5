/* video-static.h -- static areas of a frame, which the video has not changed. Planes are f32 [1, 1, height, width].
 * Layer 6 (method). */
#ifndef RV_VIDEO_STATIC_H
#define RV_VIDEO_STATIC_H

#include <reverie/flow.h>

/* Overwrites @squares, one plane, with the mean over colours of the squared difference of two pictures, [1, 3, height,
 * width]. */
void rv__video_squared_differences (const RvTensor *now, const RvTensor *then, RvTensor *squares);

/* Plane: 1 where @frame equals @rendered_from, the source when its result was last rendered; else 0, also within 12 px
 * of changes. (transfer full) (nullable). Noise of the video counts as equal. RV_ERROR_MEMORY. */
RvTensor *rv__static_mask_new (const RvImage *frame, const RvImage *rendered_from, GError **error);
/* Fraction of the pixels of @still that are 1. */
double rv__static_mask_01 (const RvTensor *still);
/* Sets connected areas of @still to 0 whose mean @flow is at least half a pixel: they only look static. @grey: of the
 * frame. RV_ERROR_MEMORY. */
gboolean rv__static_mask_remove_moving (RvTensor *still, const RvTensor *grey, const RvTensor *flow, GError **error);
/* Sets @still to 0 up to 12 px around pixels where @changed is above 0. RV_ERROR_MEMORY. */
gboolean rv__static_mask_remove_near (RvTensor *still, const RvTensor *changed, GError **error);

#endif
