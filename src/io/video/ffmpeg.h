/* ffmpeg.h -- videos that ffmpeg reads and writes; the functions of RvVideoFormat. Layer 2 (io). */
#ifndef RV_VIDEO_FFMPEG_H
#define RV_VIDEO_FFMPEG_H

#include "io/video/video-format.h"

#define RV_VIDEO_HD_ROWS 720                  /* rows from which untagged colours are BT.709, as in players */
#define RV_SUBPROCESS_BYTES ((gsize) 6 << 30) /* address space of ffmpeg */

/* (transfer full): URL of @filename for ffmpeg: a file, for any name. */
char *rv__ffmpeg_url (const char *filename);

/* (transfer full) (nullable): the header of standard input, a Y4M video, as a URL. Each process has one.
 * RV_ERROR_FORMAT. In standard-input.c. */
char *rv__standard_input_url (GError **error);
/* Descriptor that gives the header and the rest of standard input, once; -1: RV_ERROR_FORMAT, RV_ERROR_FILE. */
int rv__standard_input_open (GError **error);

/* probe.c: RvVideoFormat.probe. */
gboolean rv__ffmpeg_probe (const char *filename, RvVideoProbe *facts, GError **error);
/* RvVideoFormat.comment. */
char *rv__ffmpeg_comment (const char *filename, GError **error);
/* Probes @filename, with its other streams: *@sounds and *@texts (transfer full) are ffmpeg's names of the codecs of
 * all sound and subtitle streams, in order. */
gboolean rv__ffmpeg_other_streams (const char *filename, RvVideoProbe *facts, char ***sounds, char ***texts,
                                   GError **error);
/* Time in s, from the video's start, of the first frame at @s or later. A range begins with this frame, and its sound,
 * too. With own_times: @s, so that the first frame is shown early. */
double rv__ffmpeg_frame_s (const RvVideoProbe *facts, double s);
/* Time in s, from the video's start, at which decoding for @s must begin; 0: the start. */
double rv__ffmpeg_seek_s (const RvVideoProbe *facts, double s);

/* read.c: RvVideoFormat.open. */
gpointer rv__ffmpeg_open (const char *filename, const RvVideoProbe *facts, const RvVideoReadOptions *part,
                          const RvVideoInfo *out, GError **error);
/* RvVideoFormat.next. */
RvImage *rv__ffmpeg_next (gpointer reading, GError **error);
/* RvVideoFormat.close. */
void rv__ffmpeg_close (gpointer reading);
/* (transfer full) (nullable): times in s, from the start of @part, of the frames that rv__ffmpeg_open() gives. The last
 * number is the end of the last frame. Decodes the video. */
GArray *rv__ffmpeg_times (const char *filename, const RvVideoProbe *facts, const RvVideoReadOptions *part,
                          GError **error);

/* write.c: RvVideoFormat.check_target. */
gboolean rv__ffmpeg_check_target (const char *filename, GError **error);
/* RvVideoFormat.fit_size. */
void rv__ffmpeg_fit_size (const char *filename, int *width, int *height);
/* RvVideoFormat.create. */
gpointer rv__ffmpeg_create (const char *filename, const RvVideoInfo *info, const RvVideoWriteOptions *settings,
                            GError **error);
/* RvVideoFormat.add. */
gboolean rv__ffmpeg_add (gpointer writing, const RvImage *frame, GError **error);
/* RvVideoFormat.cut. */
void rv__ffmpeg_cut (gpointer writing);
/* RvVideoFormat.finish. */
gboolean rv__ffmpeg_finish (gpointer writing, GError **error);
/* RvVideoFormat.discard. */
void rv__ffmpeg_discard (gpointer writing);

#endif
