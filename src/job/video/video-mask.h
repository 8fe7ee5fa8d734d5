/* video-mask.h -- masks of videos: a picture for all frames, or a video with one for each.
 * Layer 7 (job). */
#ifndef RV_VIDEO_MASK_H
#define RV_VIDEO_MASK_H

#include "job/core/job-class.h"
#include <reverie/video.h>

/* All masks of a video. Zeros: no masks. */
typedef struct {
  RvImage **now;  /* masks of the current frame, borrowed, NULL-terminated; NULL: none */
  GArray *masks;  /* private data of video-mask.c */
  gboolean begun; /* the first frame's masks are loaded */
} RvVideoMasks;

/* Checks that @file is a picture, or a video with the frame rate of @video. RV_ERROR_FILE, RV_ERROR_FORMAT. */
gboolean rv__video_mask_probe (const char *file, const RvVideoInfo *video, GError **error);

/* Loads the mask of the first frame. *place: (out) (transfer full): the mask; rv__video_masks_next() replaces it by
 * later frames. @part: range of @video that is read. Call rv__video_mask_probe() first. RV_ERROR_FILE,
 * RV_ERROR_FORMAT. */
gboolean rv__video_mask_load (RvVideoMasks *masks, const RvJobInput *input, const RvVideoReadOptions *part,
                              const RvVideoInfo *video, RvImage **place, GError **error);

/* Loads the masks of the next frame; the first call keeps those of the first. A mask video that has ended keeps its
 * last frame. RV_ERROR_FORMAT, RV_ERROR_MEMORY. */
gboolean rv__video_masks_next (RvVideoMasks *masks, GError **error);

/* Closes the readers. The masks belong to the owners of their pointers. */
void rv__video_masks_clear (RvVideoMasks *masks);

#endif
