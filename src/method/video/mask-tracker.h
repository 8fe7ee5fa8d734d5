/* mask-tracker.h -- masks of one kind, such as people, or of regions, in each frame of a video. Layer 6 (method). */
#pragma once

#include "method/masks/masks.h"

/* Finds masks of one kind, or of the regions of a painting, frame by frame. */
typedef struct RvMaskTracker RvMaskTracker;

/* (transfer full): a tracker of masks of @kind, one of rv_mask_kinds() (copied), before the first frame. @n_threads: as
 * in rv_mask_new(). Free with rv__mask_tracker_free(). Cannot fail. */
RvMaskTracker *rv__mask_tracker_new (const char *kind, int n_threads);
/* (transfer full): a tracker of regions that match @painting (referenced). @choice, @match (copied): as in
 * rv__regions_find(). Free with rv__mask_tracker_free(). Cannot fail. */
RvMaskTracker *rv__mask_tracker_new_regions (RvImage *painting, const char *choice, const char *match, int n_threads);
/* Frees @tracker (nullable), and releases its pictures. */
void rv__mask_tracker_free (RvMaskTracker *tracker);
/* (transfer full) (nullable): the mask of @frame, the next frame (referenced), in its size. If nothing is found, uses
 * the previous mask for at most 24 frames of a shot. After that the mask is black where the frame changes, and fades
 * elsewhere. All frames have one size. With regions: the mask of the first, see rv__mask_tracker_masks(). An error
 * leaves the last frame and its masks unchanged, but may replace the regions. */
RvImage *rv__mask_tracker_next (RvMaskTracker *tracker, RvImage *frame, GError **error);
/* (nullable): the regions of the last frame; NULL: not divided. Borrowed, until the next frame: another object with
 * other masks of the painting if the regions were found again. */
RvRegions *rv__mask_tracker_regions (const RvMaskTracker *tracker);
/* Masks of the last frame, one for each region, of at most RV_REGIONS_PX a side. Borrowed, until the next frame. */
RvImage *const *rv__mask_tracker_masks (const RvMaskTracker *tracker);
/* Upper bound of the memory of @tracker for frames of @n pixels: one frame, and the masks of two frames. */
gsize rv__mask_tracker_bytes (const RvMaskTracker *tracker, gint64 n);
/* Whether anything was found in any frame so far. */
gboolean rv__mask_tracker_has_found (const RvMaskTracker *tracker);
