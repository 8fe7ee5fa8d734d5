/* video-part.h -- masks of a part of each frame of a video, such as its people. Layer 6 (method). */
#pragma once

#include <reverie/mask.h>

/* A part, followed from frame to frame. */
typedef struct RvVideoPart RvVideoPart;

/* (transfer full): the part @kind, of rv_mask_kinds(), before the first frame. @n_threads: as in rv_mask_new(). Free
 * with rv__video_part_free(). Cannot fail. */
RvVideoPart *rv__video_part_new (const char *kind, int n_threads);
/* Frees @part (nullable), and releases its frame and mask. */
void rv__video_part_free (RvVideoPart *part);
/* (transfer full) (nullable): the mask of the next frame, @frame (referenced), of its size; black if the part is
 * not found. All frames have one size. Errors of rv_mask_new(); @part is then unchanged. */
RvImage *rv__video_part_next (RvVideoPart *part, RvImage *frame, GError **error);
/* Whether the part was found in any frame so far. */
gboolean rv__video_part_is_found (const RvVideoPart *part);
