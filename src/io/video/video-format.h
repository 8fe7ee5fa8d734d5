/* video-format.h -- formats of videos, and what reading and writing share. Layer 2 (io). */
#ifndef RV_VIDEO_FORMAT_H
#define RV_VIDEO_FORMAT_H

#include <reverie/video.h>

#define RV_VIDEO_MAX_SIDE 16384 /* px */
#define RV_VIDEO_MAX_ASPECT 10  /* limit for pixels; a few bytes of a video could else fill the memory */

/* Result of probing a video: public facts, and those for its format. */
typedef struct {
  RvVideoInfo info;
  gboolean tagged;                  /* ffmpeg: the file gives its colour matrix */
  gboolean alpha;                   /* ffmpeg: has transparency, which is read as black */
  const char *decoder;              /* ffmpeg's name of a decoder that keeps alpha; NULL: the default */
  gboolean interlaced;              /* rows alternate between two times */
  const char *primaries, *transfer; /* ffmpeg's names, if the display is not a usual one; else NULL */
  gboolean own_times;               /* variable rate: each frame is used once, at its own time */
  double delay_s;                   /* ffmpeg: from the start to the first frame */
  int first;                        /* image sequence: number of the first */
  int beyond;                       /* image sequence: number of images after the first gap */
} RvVideoProbe;

/* Format of videos: functions of a container or image sequence. Errors as in reverie/video.h. */
typedef struct {
  gboolean (*probe) (const char *filename, RvVideoProbe *facts, GError **error);
  /* (transfer full) (nullable): opens @part, which lies inside the video; @out: its frames. */
  gpointer (*open) (const char *filename, const RvVideoProbe *facts, const RvVideoReadOptions *part,
                    const RvVideoInfo *out, GError **error);
  /* (transfer full) (nullable): the next frame; NULL without an error: the video has ended. */
  RvImage *(*next) (gpointer reading, GError **error);
  void (*close) (gpointer reading);
  gboolean (*check_target) (const char *filename, GError **error);  /* whether create() can write the file */
  void (*fit_size) (const char *filename, int *width, int *height); /* NULL: any size works */
  /* (transfer full) (nullable): begins a video. */
  gpointer (*create) (const char *filename, const RvVideoInfo *info, const RvVideoWriteOptions *settings,
                      GError **error);
  gboolean (*add) (gpointer writing, const RvImage *frame, GError **error);
  void (*trim_sound) (gpointer writing);                   /* sound and subtitles end with the frames */
  gboolean (*finish) (gpointer writing, GError **error);   /* puts the file in place */
  void (*discard) (gpointer writing);                      /* frees it; deletes an unfinished file */
  char *(*comment) (const char *filename, GError **error); /* (transfer full) (nullable): comment, such as a recipe */
} RvVideoFormat;

extern const RvVideoFormat rv__video_ffmpeg, rv__video_image_sequence;

/* Whether @filename is a pattern of numbered images, "in/%04d.png", and no file has this very name. The images need not
 * exist. */
gboolean rv__video_is_image_sequence (const char *filename);
/* Whether @filename (nullable) is "-", standard input or output, which has no sibling files. */
gboolean rv__video_is_stream (const char *filename);
/* Name of @filename in messages about reading: itself, or "standard input". Borrowed. */
const char *rv__video_display_name (const char *filename);
/* Whether @filename is a container file that may have sound, subtitles, a comment and times of frames: no images, no
 * "-", no .y4m. Does not read it. */
gboolean rv__video_is_container (const char *filename);

/* Reduces *@width x *@height px to even sides, at least 2, if the pixel format of @filename (nullable: an .mp4) needs
 * them. Frames of the new size are encoded unchanged. */
void rv__video_fit_size (const char *filename, int *width, int *height);

/* Makes rv_video_writer_finish() end sound and subtitles with the frames, since the video ends before its source
 * does. */
void rv__video_writer_trim_sound (RvVideoWriter *writer);

/* Width of frames @width px wide after pixels of @num : @den are made square, rounded; 0 : 0, unknown, counts as
 * square. -1 if the ratio exceeds RV_VIDEO_MAX_ASPECT. */
double rv__video_square_width (double width, int num, int den);

/* Bytes of one raw frame of @info: RGB of 8 bits, or 16 if it has more than 8. */
gsize rv__video_frame_bytes (const RvVideoInfo *info);
/* Converts @frame, of the size of @info, to rv__video_frame_bytes() of interleaved RGB, little-endian, rounded and
 * clamped. */
void rv__video_frame_pack (const RvVideoInfo *info, const RvImage *frame, guint8 *bytes);
/* (transfer full) (nullable): a frame from raw bytes, the inverse of rv__video_frame_pack(). RV_ERROR_MEMORY. */
RvImage *rv__video_frame_unpack (const RvVideoInfo *info, const guint8 *bytes, GError **error);

#endif
