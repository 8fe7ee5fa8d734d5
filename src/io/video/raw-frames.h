/* raw-frames.h -- finished raw frames in a file until the video is complete: a killed encoder loses all frames.
 * Layer 2 (io). The same bytes go to the encoder, so a resumed run makes the same video. */
#ifndef RV_RAW_FRAMES_H
#define RV_RAW_FRAMES_H

#include <reverie/video.h>

typedef struct RvRawFrames RvRawFrames;

/* (transfer full) (nullable): opens @filename and keeps its first @n frames, which must exist; later ones are deleted.
 * 0: replaces it by a new file. Does not follow a link. @info: size and bits. RV_ERROR_FORMAT if it has fewer frames,
 * RV_ERROR_FILE, RV_ERROR_MEMORY. */
RvRawFrames *rv__raw_frames_open (const char *filename, const RvVideoInfo *info, gint64 n, GError **error);

/* Appends a frame, of the size given to rv__raw_frames_open(). RV_ERROR_FILE. */
gboolean rv__raw_frames_add (RvRawFrames *file, const RvImage *frame, GError **error);
/* Writes the frames so far to the disk: they survive a power cut. RV_ERROR_FILE. */
gboolean rv__raw_frames_sync (RvRawFrames *file, GError **error);
/* (transfer full) (nullable): frame @k, from 0. RV_ERROR_FILE, also beyond the last; RV_ERROR_MEMORY. */
RvImage *rv__raw_frames_get (RvRawFrames *file, gint64 k, GError **error);

/* Closes the file, which stays, and frees @file (nullable). */
void rv__raw_frames_free (RvRawFrames *file);

#endif
