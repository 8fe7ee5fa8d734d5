/* raw-frames.h -- finished raw frames in a file until the video is complete: a killed encoder loses all frames.
 * Layer 2 (io). The same bytes go to the encoder, so a resumed run makes the same video. */
#pragma once

#include <reverie/video.h>

typedef struct RvRawFrames RvRawFrames;

/* Bytes of a frame in the file, for @info. */
gsize rv__raw_frame_bytes (const RvVideoInfo *info);

/* (transfer full) (nullable): opens @filename, keeps its first @n frames, which must exist, deletes later ones, and
 * appends after them. @n 0: replaces any file by a new one. Does not follow a link. @info: size and bits of frames.
 * NULL: RV_ERROR_FILE if the file cannot be opened. All functions: one thread at a time. */
RvRawFrames *rv__raw_frames_open (const char *filename, const RvVideoInfo *info, gint64 n, GError **error);

/* Appends @frame, of the size given to rv__raw_frames_open(), rounded and clamped. FALSE with RV_ERROR_FILE: a part of
 * it may be written. */
gboolean rv__raw_frames_add (RvRawFrames *file, const RvImage *frame, GError **error);
/* Blocks until the frames so far are on the disk: they survive a power cut. FALSE with RV_ERROR_FILE. */
gboolean rv__raw_frames_sync (RvRawFrames *file, GError **error);
/* (transfer full) (nullable): frame @k, from 0, as the encoder got it, with its alpha if info->alpha. NULL:
 * RV_ERROR_FILE: beyond the last, or unreadable. Appending continues at the end. */
RvImage *rv__raw_frames_get (RvRawFrames *file, gint64 k, GError **error);

/* Closes the file, which stays with all its frames, and frees @file (nullable). */
void rv__raw_frames_free (RvRawFrames *file);
