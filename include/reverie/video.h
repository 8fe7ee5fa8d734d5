/* video.h -- videos: frames from a file, frames into a file, with sound.
 * Layer 2 (io). Implemented in src/io/video/. The programs ffmpeg and ffprobe read and write videos, each in its own
 * process, so that a damaged file cannot harm the process of the library.
 *
 * Numbered pictures, "in/%04d.png" (rv_frame_is_pattern()), are a video of 25 frames a second without sound, and need
 * no other program. They are read from the lowest number on and written from 1 on. "-" is Y4M on standard input, which
 * a process can read once, from the first frame to the last, or on standard output. */
#ifndef RV_VIDEO_H
#define RV_VIDEO_H

#include <reverie/image.h>
G_BEGIN_DECLS

/** RvVideoInfo: header of a video, after the rotation that it is tagged with and with square pixels. */
typedef struct {
  int width, height;      /* px */
  int rate_num, rate_den; /* frames a second: rate_num / rate_den */
  gint64 n_frames;        /* estimated if the header has no number */
  double duration_s;      /* 0: unknown */
  int bits;               /* per sample, 8 or more */
  gboolean sound;         /* whether the video has sound */
  gboolean variable_rate; /* frames are not equally spaced; the rate is the mean. Readers resample them to that rate,
                             which repeats or drops some, unless RvVideoReadOptions.source_times is set */
  gboolean alpha;         /* frames may be transparent, as those of numbered pictures; else they are opaque */
} RvVideoInfo;

/** RvVideoReadOptions: the frames to read, and their size; all 0: all frames at their own size. */
typedef struct {
  double from_s, to_s;   /* time range; to_s 0: to the end */
  int every;             /* uses every @every-th frame; 0: 1 */
  int width, height;     /* px, stretched; 0, 0: the video's own size */
  gboolean source_times; /* with a variable rate: each frame once; set it for the writer, too */
} RvVideoReadOptions;

/** rv_video_probe: reads only the header and fills @info (out); after an error its members are unspecified. @size:
 * sizeof *@info. Errors: %RV_ERROR_FILE if it does not exist or ffprobe is missing; %RV_ERROR_FORMAT if it is
 * unreadable or no video; %RV_ERROR_SHAPE above 16384 px a side, or for pixels more than ten times as wide as high or
 * as high as wide; %RV_ERROR_CANCELLED by the current GCancellable of the thread; for numbered pictures errors of
 * rv_image_probe(). Any thread. Since: 0.1 */
RV_API gboolean rv_video_probe_sized (const char *filename, RvVideoInfo *info, gsize size, GError **error);
static inline gboolean
rv_video_probe (const char *filename, RvVideoInfo *info, GError **error)
{
  return rv_video_probe_sized (filename, info, sizeof *info, error);
}

/** rv_video_comment: (transfer full) (nullable): `comment` of the container's metadata: the recipe, for videos of this
 * library; not validated. Errors: %RV_ERROR_FORMAT without a comment, as for numbered pictures, or if it does not exist
 * or is no video; %RV_ERROR_FILE if ffprobe is missing or sends nothing; %RV_ERROR_CANCELLED. Any thread. Since: 0.1 */
RV_API char *rv_video_comment (const char *filename, GError **error);

/** RvVideoReader: reads a video from the first frame to the last. Used by one thread at a time. */
typedef struct RvVideoReader RvVideoReader;

/** rv_video_reader_new: opens a video and starts to read. @options: (nullable): NULL: all frames. @size:
 * sizeof *@options. Errors: %RV_ERROR_SETTING for impossible @options, or a range that begins after the end;
 * %RV_ERROR_FILE if it cannot be read, or ffmpeg or ffprobe is missing; %RV_ERROR_FORMAT if it is no video;
 * %RV_ERROR_SHAPE as rv_video_probe(); %RV_ERROR_MEMORY, %RV_ERROR_CANCELLED; for numbered pictures errors of
 * rv_image_probe(). Returns: (transfer full) (nullable): free with rv_video_reader_free(). Since: 0.1 */
RV_API RvVideoReader *rv_video_reader_new_sized (const char *filename, const RvVideoReadOptions *options, gsize size,
                                                 GError **error);
static inline RvVideoReader *
rv_video_reader_new (const char *filename, const RvVideoReadOptions *options, GError **error)
{
  return rv_video_reader_new_sized (filename, options, sizeof *options, error);
}

/** rv_video_reader_info: size, rate and number of the frames that @reader returns, after its options. The number may be
 * an estimate. Borrowed. Since: 0.1 */
RV_API const RvVideoInfo *rv_video_reader_info (const RvVideoReader *reader);
/** rv_video_reader_next: (transfer full) (nullable): the next frame; blocks. NULL without an error after the last.
 * Errors: %RV_ERROR_FORMAT for a damaged video, whose earlier frames are good, and for numbered pictures with a gap or
 * of different sizes; %RV_ERROR_FILE, %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by the current GCancellable of the thread;
 * for numbered pictures errors of rv_image_load(). Since: 0.1 */
RV_API RvImage *rv_video_reader_next (RvVideoReader *reader, GError **error);
/** rv_video_reader_free: (nullable): ends reading, also before the last frame. Since: 0.1 */
RV_API void rv_video_reader_free (RvVideoReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVideoReader, rv_video_reader_free)

/** RvVideoWriteOptions: options for writing a video; 0 stands for the default. */
typedef struct {
  const char *codec;      /* (nullable): ffmpeg's name; NULL: the usual codec of the suffix */
  int crf;                /* 1..63: lower is better and larger; 0: the codec's default */
  const char *sound_from; /* (nullable): video whose sound and subtitles are copied unchanged */
  double from_s, to_s;    /* time range of @sound_from, see RvVideoReadOptions */
  const char *comment;    /* (nullable): the recipe, stored in the container's metadata */
  gboolean no_replace;    /* see RvSaveOptions */
  gboolean source_times; /* frames get the times of @sound_from's frames, as a reader with @source_times returns them */
  int every;             /* RvVideoReadOptions.every of that reader */
} RvVideoWriteOptions;

/** rv_video_check_target: whether @filename has the suffix of a video, or is a pattern of numbered pictures with the
 * suffix of a picture, or "-". Checks the name only, no folder. FALSE sets an error. Errors: %RV_ERROR_SETTING. Since:
 * 0.1 */
RV_API gboolean rv_video_check_target (const char *filename, GError **error);

/** RvVideoWriter: writes a video. Used by one thread at a time. */
typedef struct RvVideoWriter RvVideoWriter;

/**
 * rv_video_writer_new:
 * @filename: .mp4, .m4v, .mov, .mkv, .webm, .gif, .webp or .y4m: written to a temporary file and renamed, complete or
 *            unchanged. Numbered pictures are saved one by one, as frames are added; "-": Y4M on standard output
 * @info:     width, height, rate and bits of the frames. H.264 and similar codecs need even sides: an odd side is
 *            scaled to one pixel less
 * @info_size: sizeof *@info
 * @settings: (nullable): NULL: the defaults; @settings_size: sizeof *@settings
 *
 * Both structs are copied; their texts are read during the call only. With `source_times` may block until all of
 * `sound_from` is decoded. Errors: %RV_ERROR_SETTING for the suffix, or a size, rate or crf out of range;
 * %RV_ERROR_FILE if it cannot be written or ffmpeg is missing; %RV_ERROR_MEMORY; errors of rv_video_probe() for
 * `sound_from`. Returns: (transfer full) (nullable): free with rv_video_writer_free(). Since: 0.1
 */
RV_API RvVideoWriter *rv_video_writer_new_sized (const char *filename, const RvVideoInfo *info, gsize info_size,
                                                 const RvVideoWriteOptions *settings, gsize settings_size,
                                                 GError **error);
static inline RvVideoWriter *
rv_video_writer_new (const char *filename, const RvVideoInfo *info, const RvVideoWriteOptions *settings, GError **error)
{
  return rv_video_writer_new_sized (filename, info, sizeof *info, settings, sizeof *settings, error);
}

/** rv_video_writer_add: appends @frame, which is not kept; may block. After an error only rv_video_writer_free() may be
 * called. Errors: %RV_ERROR_SHAPE for another size than the writer's, which adds nothing; %RV_ERROR_FILE with ffmpeg's
 * last line; %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by the current GCancellable of the thread; for numbered pictures
 * errors of rv_image_save(). Since: 0.1 */
RV_API gboolean rv_video_writer_add (RvVideoWriter *writer, const RvImage *frame, GError **error);
/** rv_video_writer_finish: completes the file with all frames so far and waits for ffmpeg; call it once, then
 * rv_video_writer_free(). After an error the file is unchanged, but numbered pictures stay. Errors: %RV_ERROR_FILE with
 * its last line, if ffmpeg fails or does not end; also if the file cannot be written, or a file exists that must not be
 * replaced: the error says where the result is. %RV_ERROR_CANCELLED by the current GCancellable of the thread.
 * Since: 0.1 */
RV_API gboolean rv_video_writer_finish (RvVideoWriter *writer, GError **error);
/** rv_video_writer_free: (nullable). Without rv_video_writer_finish() it removes the temporary file; numbered pictures
 * that were added stay. Since: 0.1 */
RV_API void rv_video_writer_free (RvVideoWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVideoWriter, rv_video_writer_free)

G_END_DECLS
#endif
