/* mask-tracker.h -- masks of one kind, such as people, in each frame of a video. Layer 6 (method). */
#pragma once

#include <reverie/mask.h>

/* Finds masks of one kind, frame by frame. */
typedef struct RvMaskTracker RvMaskTracker;

/* (transfer full): a tracker of masks of @kind, one of rv_mask_kinds() (copied), before the first frame. @n_threads: as
 * in rv_mask_new(). Free with rv__mask_tracker_free(). Cannot fail. */
RvMaskTracker *rv__mask_tracker_new (const char *kind, int n_threads);
/* Frees @tracker (nullable), and releases its frame and mask. */
void rv__mask_tracker_free (RvMaskTracker *tracker);
/* (transfer full) (nullable): the mask of @frame, the next frame (referenced), in its size. If nothing is found, uses
 * the previous mask for at most 24 frames of a shot. After that the mask is black where the frame changes, and fades
 * elsewhere. All frames have one size. Errors of rv_mask_new(); @tracker is then unchanged. */
RvImage *rv__mask_tracker_next (RvMaskTracker *tracker, RvImage *frame, GError **error);
/* Whether anything was found in any frame so far. */
gboolean rv__mask_tracker_has_found (const RvMaskTracker *tracker);
