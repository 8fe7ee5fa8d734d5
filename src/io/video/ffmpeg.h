/* ffmpeg.h -- videos that ffmpeg reads and writes, all but image sequences. Layer 2 (io). write.c has the descriptor.
 */
#pragma once

#include "io/video/video-format.h"

#define RV_VIDEO_HD_ROWS 720 /* rows from which untagged colours are BT.709, as in players */

/* @s seconds as a text for ffmpeg, with six decimals in every locale. Valid to the end of the block. */
#define RV_FFMPEG_SECONDS(s) g_ascii_formatd ((char[G_ASCII_DTOSTR_BUF_SIZE]){ 0 }, G_ASCII_DTOSTR_BUF_SIZE, "%.6f", s)

/* (transfer full): "file:" and @filename, so that ffmpeg takes any name, such as "-", "-x" or "http:y", as a file. */
char *rv__ffmpeg_url (const char *filename);

/* (transfer full) (nullable): the header line of standard input as a data: URL for ffprobe. The first call in a process
 * reads that line, which may block; later ones return the same. Any thread. In standard-input.c. */
char *rv__standard_input_url (GError **error);
/* Descriptor of a pipe with the header and the rest of standard input, a Y4M video; the caller closes it. The program
 * cat copies the rest, so a second call would get no frames. -1: RV_ERROR_FILE: no pipe, or cat does not start. */
int rv__standard_input_open (GError **error);

/* RvVideoFormat.probe. Fills @facts, which begins as 0, from the header, by ffprobe. In probe.c. */
gboolean rv__ffmpeg_probe (const char *filename, RvVideoProbe *facts, GError **error);
/* RvVideoFormat.comment. (transfer full) (nullable): the container's comment, by ffprobe. RV_ERROR_FORMAT: no
 * comment, or an empty one. */
char *rv__ffmpeg_comment (const char *filename, GError **error);
/* Does rv__ffmpeg_probe(). Also sets *@sounds and *@texts (transfer full: g_strfreev()) to ffmpeg's codec names of all
 * sound and subtitle streams, in order. "": unknown; an empty list: no streams. After an error both are unchanged. */
gboolean rv__ffmpeg_other_streams (const char *filename, RvVideoProbe *facts, char ***sounds, char ***texts,
                                   GError **error);
/* Time in s, from the video's start, of the first frame at @s or later, also past the end. A range of the video and its
 * sound begins there. With facts->source_times: @s itself, but not before the first frame. Reads no file. */
double rv__ffmpeg_frame_s (const RvVideoProbe *facts, double s);
/* Time in s, from the video's start, at which decoding for the time @s must begin. This is 12 s earlier, so that all
 * that @s depends on is decoded; 0: the start. Reads no file. */
double rv__ffmpeg_seek_s (const RvVideoProbe *facts, double s);

/* RvVideoFormat.open. (transfer full) (nullable): starts ffmpeg for the frames of @part, which must lie inside the
 * video, with the size and bits of @out; close with rv__ffmpeg_close(). "-": until its second frame is read, all calls
 * return the same reader, which begins with the first frame again; later calls fail. In read.c. */
gpointer rv__ffmpeg_open (const char *filename, const RvVideoProbe *facts, const RvVideoReadOptions *part,
                          const RvVideoInfo *out, GError **error);
/* RvVideoFormat.next. (transfer full) (nullable): the next frame; blocks. NULL without an error after the last. A
 * video that is cut short or has no frames gives an error once. */
RvImage *rv__ffmpeg_next (gpointer reading, GError **error);
/* RvVideoFormat.close. Kills ffmpeg if it still runs, and frees @reading, not NULL. The reader of standard input stays,
 * as the process cannot read that again. */
void rv__ffmpeg_close (gpointer reading);
/* (transfer full) (nullable) (element-type double): times in s, from the start of @part, of the frames that
 * rv__ffmpeg_open() gives; the first is 0. One more number is the end of the last frame. The caller has set
 * facts->source_times as rv__ffmpeg_open() does: to part->source_times if the rate varies, else FALSE. Decodes the
 * video, which blocks; damage only shortens the list. */
GArray *rv__ffmpeg_times (const char *filename, const RvVideoProbe *facts, const RvVideoReadOptions *part,
                          GError **error);
