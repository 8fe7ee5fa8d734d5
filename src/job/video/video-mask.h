/* video-mask.h -- masks of films: a picture, which is every frame's, or a film that has one for each.
 * Layer 7 (job). */
#ifndef RV_VIDEO_MASK_H
#define RV_VIDEO_MASK_H

#include "job/core/job-class.h"
#include <reverie/video.h>

/* All masks of a film. A zeroed one has none. */
typedef struct {
  RvImage **now;  /* of the newest frame: borrowed; ends with NULL. NULL: there are none */
  GArray *masks;  /* what video-mask.c knows of each */
  gboolean begun; /* the first frame's are in their places */
} RvVideoMasks;

/* rv__video_mask_probe: @file is a picture, or a film that has as many frames a second as @video. RV_ERROR_FILE,
 * RV_ERROR_FORMAT. */
gboolean rv__video_mask_probe (const char *file, const RvVideoInfo *video, GError **error);

/* rv__video_mask_load: (transfer full) into *@place: the mask of the first frame of @video, of which @part is read; of
 * a film that rv__video_mask_probe() has taken, rv__video_masks_next() puts the others there. RV_ERROR_FILE,
 * RV_ERROR_FORMAT. */
gboolean rv__video_mask_load (RvVideoMasks *masks, const RvJobInput *input, const RvVideoReadOptions *part,
                              const RvVideoInfo *video, RvImage **place, GError **error);

/* rv__video_masks_next: those of the next frame are in their places: the first time, the first frame's. A film that has
 * ended leaves its last. RV_ERROR_FORMAT, RV_ERROR_MEMORY. */
gboolean rv__video_masks_next (RvVideoMasks *masks, GError **error);

/* rv__video_masks_clear: the masks themselves are whose places they lie in. */
void rv__video_masks_clear (RvVideoMasks *masks);

#endif
