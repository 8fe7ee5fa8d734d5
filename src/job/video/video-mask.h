/* video-mask.h -- masks of videos. A mask is a picture for all frames, a video with a mask for each frame, or found in
 * each frame by a tracker. Layer 7 (job). */
#pragma once

#include "job/core/job-class.h"
#include "method/video/mask-tracker.h"
#include <reverie/video.h>

/* All masks of a video. Zeros: no masks. */
typedef struct {
  RvImage **current;      /* masks of the current frame, borrowed, NULL-terminated; NULL: none */
  GArray *masks;          /* private data of video-mask.c */
  RvMaskTracker *regions; /* advanced with the frames; borrowed; NULL: none. Its masks are not in `current` */
  gboolean has_first;     /* rv__video_masks_next() was called */
} RvVideoMasks;

/* Checks that @file is a picture, of any size, or a video with the frame rate of @video. RV_ERROR_FORMAT for another
 * rate. A file that is neither gives the error of rv_image_probe(). */
gboolean rv__video_mask_probe (const char *file, const RvVideoInfo *video, GError **error);

/* Adds the mask @input to @masks and loads its first frame; a picture is resized to the size of @video, a video read
 * at that of @range. *image: (out) (transfer full): the mask; NULL after an error, which adds nothing. The pointer
 * @image stays in use until rv__video_masks_clear(): rv__video_masks_next() frees *image and sets later frames.
 * @range: of @video. rv__video_mask_probe() must have succeeded. */
gboolean rv__video_mask_load (RvVideoMasks *masks, const RvJobInput *input, const RvVideoReadOptions *range,
                              const RvVideoInfo *video, RvImage **image, GError **error);

/* Adds to @masks the mask that @tracker (borrowed) finds in each frame. @images: [@n], n >= 1; each NULL before; (out)
 * (transfer full): the same mask, of the size of @video, white until the first rv__video_masks_next(). The pointers
 * stay in use, as in rv__video_mask_load(). */
gboolean rv__video_mask_add_tracker (RvVideoMasks *masks, RvMaskTracker *tracker, const RvVideoInfo *video,
                                     RvImage **images, int n, GError **error);

/* Replaces all masks by those of the next frame, @frame. Called for each frame of the video. The first call keeps
 * loaded masks: they are those of the first frame. A picture, or a mask video that has ended, keeps its last frame
 * (TRUE). */
gboolean rv__video_masks_next (RvVideoMasks *masks, RvImage *frame, GError **error);

/* Upper bound of the memory of all trackers for frames of @n pixels, bytes. A tracker has the masks of two frames, and
 * one frame. */
gsize rv__video_masks_bytes (const RvVideoMasks *masks, gint64 n);
/* Closes the readers and frees the arrays of @masks. The pictures stay with the owners of the pointers. */
void rv__video_masks_clear (RvVideoMasks *masks);
