/* ffmpeg.h -- videos that ffmpeg reads and writes; the functions of RvVideoFormat. Layer 2 (io). */
#ifndef RV_VIDEO_FFMPEG_H
#define RV_VIDEO_FFMPEG_H

#include "io/video/video-format.h"

#define RV_VIDEO_HD_ROWS 720                  /* rows from which untagged colours are BT.709, as in players */
#define RV_SUBPROCESS_BYTES ((gsize) 6 << 30) /* address space of ffmpeg */

/* (transfer full): URL of @filename for ffmpeg: a file, for any name. Can't fail. */
char *rv__ffmpeg_url (const char *filename);

/* (transfer full) (nullable): the header line of standard input, a Y4M video, as a data: URL for ffprobe. Reads it once
 * per process; later calls repeat it. RV_ERROR_FORMAT. In standard-input.c. */
char *rv__standard_input_url (GError **error);
/* Descriptor, owned by the caller, that gives the header and the rest of standard input; only once per process. -1:
 * RV_ERROR_FORMAT, RV_ERROR_FILE. */
int rv__standard_input_open (GError **error);

/* RvVideoFormat.probe. Fills @facts by ffprobe, from the header. RV_ERROR_FILE, RV_ERROR_FORMAT, RV_ERROR_SHAPE,
 * RV_ERROR_CANCELLED. In probe.c. */
gboolean rv__ffmpeg_probe (const char *filename, RvVideoProbe *facts, GError **error);
/* RvVideoFormat.comment. (transfer full) (nullable): the container's comment. RV_ERROR_FORMAT without one;
 * RV_ERROR_FILE, RV_ERROR_CANCELLED. */
char *rv__ffmpeg_comment (const char *filename, GError **error);
/* rv__ffmpeg_probe(), with the other streams: *@sounds and *@texts (transfer full), NULL-terminated, are ffmpeg's names
 * of the codecs of all sound and subtitle streams, in order; "" if unknown. Not set after an error. */
gboolean rv__ffmpeg_other_streams (const char *filename, RvVideoProbe *facts, char ***sounds, char ***texts,
                                   GError **error);
/* Time in s, from the video's start, of the first frame at @s or later. A range begins with this frame, and its sound,
 * too. With own_times: @s itself, but not before the first frame. Computes; can't fail. */
double rv__ffmpeg_frame_s (const RvVideoProbe *facts, double s);
/* Time in s, from the video's start, at which decoding for @s must begin: 12 s earlier; 0: the start. Can't fail. */
double rv__ffmpeg_seek_s (const RvVideoProbe *facts, double s);

/* RvVideoFormat.open. (transfer full) (nullable): starts ffmpeg for the frames of @part, with the size and bits of
 * @out. "-" is one reader per process, given again until its second frame is read. RV_ERROR_FILE, RV_ERROR_FORMAT,
 * RV_ERROR_MEMORY. In read.c. */
gpointer rv__ffmpeg_open (const char *filename, const RvVideoProbe *facts, const RvVideoReadOptions *part,
                          const RvVideoInfo *out, GError **error);
/* RvVideoFormat.next. (transfer full) (nullable): the next frame. NULL without an error after the last; RV_ERROR_FORMAT
 * if the video is cut short; RV_ERROR_FILE, RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
RvImage *rv__ffmpeg_next (gpointer reading, GError **error);
/* RvVideoFormat.close. Ends ffmpeg and frees the reader; that of standard input stays. */
void rv__ffmpeg_close (gpointer reading);
/* (transfer full) (nullable) (element-type double): times in s, from the start of @part, of the frames that
 * rv__ffmpeg_open() gives. The last number is the end of the last frame. Decodes the video; damage only shortens the
 * list. RV_ERROR_FILE, RV_ERROR_CANCELLED. */
GArray *rv__ffmpeg_times (const char *filename, const RvVideoProbe *facts, const RvVideoReadOptions *part,
                          GError **error);

/* RvVideoFormat.check_target. Whether the suffix is that of a video, or @filename is "-". RV_ERROR_SETTING. In
 * write.c. */
gboolean rv__ffmpeg_check_target (const char *filename, GError **error);
/* RvVideoFormat.fit_size. Makes both sides even, at least 2 px, if the suffix needs it. Other suffixes: no change. */
void rv__ffmpeg_fit_size (const char *filename, int *width, int *height);
/* RvVideoFormat.create. (transfer full) (nullable): opens a temporary file and starts ffmpeg. RV_ERROR_SETTING for the
 * suffix, RV_ERROR_FILE, RV_ERROR_FORMAT for the source of sound, RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gpointer rv__ffmpeg_create (const char *filename, const RvVideoInfo *info, const RvVideoWriteOptions *settings,
                            GError **error);
/* RvVideoFormat.add. Sends a frame of the size given to rv__ffmpeg_create(). RV_ERROR_FILE, RV_ERROR_CANCELLED. */
gboolean rv__ffmpeg_add (gpointer writing, const RvImage *frame, GError **error);
/* RvVideoFormat.trim_sound. Lets rv__ffmpeg_finish() end sound and subtitles with the frames. */
void rv__ffmpeg_trim_sound (gpointer writing);
/* RvVideoFormat.finish. Waits for ffmpeg and renames the file as rv__atomic_file_commit(). RV_ERROR_FILE,
 * RV_ERROR_FORMAT if ffmpeg fails, RV_ERROR_CANCELLED. rv__ffmpeg_discard() is still needed. */
gboolean rv__ffmpeg_finish (gpointer writing, GError **error);
/* RvVideoFormat.discard. Ends ffmpeg, deletes an unfinished file, frees @writing. */
void rv__ffmpeg_discard (gpointer writing);

#endif
