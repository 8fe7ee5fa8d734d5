/* video-format.h -- formats of videos, and what reading and writing share. Layer 2 (io). */
#pragma once

#include <reverie/video.h>

#define RV_VIDEO_MAX_SIDE 16384 /* px */
#define RV_VIDEO_MAX_ASPECT 10  /* limit for pixels; a few bytes of a video could else fill the memory */

/* Result of probing a video: public facts, and those for its format. */
typedef struct {
  RvVideoInfo info;
  gboolean tagged;                  /* ffmpeg: the file gives its colour matrix */
  gboolean over_black;              /* ffmpeg: has transparency, which is read as black */
  const char *decoder;              /* ffmpeg's name of a decoder that keeps alpha; NULL: the default */
  gboolean interlaced;              /* rows alternate between two times */
  const char *primaries, *transfer; /* ffmpeg's names, static, if the display is not a usual one; else NULL */
  gboolean estimated;               /* ffmpeg: variable rate, and the file has no number of frames */
  gboolean source_times;            /* variable rate: each frame is used once, at its own time */
  double delay_s;                   /* ffmpeg: from the start to the first frame */
  int first;                        /* image sequence: number of the first */
  int beyond;                       /* image sequence: number of images after the first gap */
} RvVideoProbe;

/* Format of videos: functions of a container or image sequence. Errors as in reverie/video.h. */
typedef struct {
  gboolean (*probe) (const char *filename, RvVideoProbe *facts, GError **error); /* fills @facts, which begins as 0 */
  /* (transfer full) (nullable): opens @part, which lies inside the video; @out: size, bits and rate of the frames. */
  gpointer (*open) (const char *filename, const RvVideoProbe *facts, const RvVideoReadOptions *part,
                    const RvVideoInfo *out, GError **error);
  /* (transfer full) (nullable): the next frame; NULL without an error: the video has ended. */
  RvImage *(*next) (gpointer reading, GError **error);
  void (*close) (gpointer reading);                                /* frees the reader */
  gboolean (*check_target) (const char *filename, GError **error); /* whether create() writes this suffix */
  /* Rounds the size, px (inout), down to one that the format stores. NULL: any size works. */
  void (*fit_size) (const char *filename, int *width, int *height);
  /* (transfer full) (nullable): a writer of a new video. */
  gpointer (*create) (const char *filename, const RvVideoInfo *info, const RvVideoWriteOptions *settings,
                      GError **error);
  gboolean (*add) (gpointer writing, const RvImage *frame, GError **error); /* appends a frame */
  void (*trim_sound) (gpointer writing);                   /* sound and subtitles end with the frames; NULL: none */
  gboolean (*finish) (gpointer writing, GError **error);   /* completes the file */
  void (*discard) (gpointer writing);                      /* frees the writer; deletes an unfinished file */
  char *(*comment) (const char *filename, GError **error); /* (transfer full) (nullable): comment, such as a recipe */
} RvVideoFormat;

extern const RvVideoFormat rv__video_ffmpeg, rv__video_image_sequence;

/* Whether @filename is a pattern of numbered images, "in/%04d.png", and no file has this very name. The images need not
 * exist, also for writing. */
gboolean rv__video_is_image_sequence (const char *filename);
/* Whether @filename is "-": standard input or output, which has no sibling files. NULL: FALSE. */
gboolean rv__video_is_stream (const char *filename);
/* Name of @filename in messages about reading: "standard input" for "-", else itself. Borrowed from it, or static. */
const char *rv__video_display_name (const char *filename);
/* Whether @filename, by its name, is a container file that may have sound, subtitles, a comment and times of frames.
 * FALSE for a pattern of images, unless a file has this very name, and for "-" and .y4m; TRUE for any other suffix.
 * Opens no file. */
gboolean rv__video_is_container (const char *filename);

/* Rounds *@width x *@height px (inout) down to even sides, at least 2, if the pixel format of @filename needs them;
 * NULL: that of an .mp4. Frames of the new size are encoded without scaling. Other formats: no change. */
void rv__video_fit_size (const char *filename, int *width, int *height);

/* Makes rv_video_writer_finish() cut sound and subtitles at the end of the last frame: for a video that ends before the
 * source of its sound does. Does nothing for numbered images, which have no sound. */
void rv__video_writer_trim_sound (RvVideoWriter *writer);

/* Bytes of one raw frame of the size of @info: RGB of 8 bits, or 16 if info->bits is above 8. */
gsize rv__video_frame_bytes (const RvVideoInfo *info);
/* Converts @frame, 0..255, whose size must be that of @info, to rv__video_frame_bytes() bytes of interleaved RGB in
 * @bytes. Values are rounded and clamped; 16 bits are little-endian. Alpha is ignored. Cannot fail. */
void rv__video_frame_pack (const RvVideoInfo *info, const RvImage *frame, guint8 *bytes);
/* (transfer full) (nullable): an opaque frame, 0..255, from raw bytes as rv__video_frame_pack() makes them. Copies
 * @bytes. */
RvImage *rv__video_frame_unpack (const RvVideoInfo *info, const guint8 *bytes, GError **error);
