/* film.h -- films: frames out of a file, frames into one, its sound kept.
 * Layer 2 (io). Implemented in src/io/film/. Films are read and written by the programs ffmpeg and ffprobe, each a
 * process of its own that is started when it is needed: whatever they read, and whatever a damaged file does to them.
 * Numbered pictures, "in/%04d.png" (rv_frame_is_pattern()), need no other program and have no sound: from the lowest
 * number there is on, or written from 1 on, of 25 frames a second. "-" is Y4M: standard input, of which there is one in
 * a process, read once from its first frame to its last, and standard output.
 */
#ifndef RV_FILM_H
#define RV_FILM_H

#include <reverie/image.h>
G_BEGIN_DECLS

/** RvFilmInfo: what a film's header says, as the eye sees it: turned as it is tagged, its pixels made square. */
typedef struct {
  int width, height;      /* px */
  int rate_num, rate_den; /* frames in a second: rate_num / rate_den */
  gint64 n_frames;        /* about, where the header does not say */
  double duration_s;      /* 0: unknown */
  int bits;               /* of a sample: 8, or more */
  gboolean sound;         /* whether there is any */
  gboolean variable_rate; /* the header shows that frames are not equally far apart; the rate is the mean. They are read
                             as if they were, and some come twice or not at all, unless @own_times is asked for */
} RvFilmInfo;

/** RvFilmPart: which frames, and how large; all 0: all of them as they are. */
typedef struct {
  double from_s, to_s; /* from .. to; to_s 0: to the end */
  int every;           /* each so-many-th frame; 0: 1 */
  int width, height;   /* px, stretched; 0, 0: as they are */
  gboolean own_times;  /* of a film of variable rate: each frame once, for a writer that is told the same */
} RvFilmPart;

/** rv_film_probe: Reads the header only. Errors: %RV_ERROR_FILE where it cannot be read or there is no ffprobe,
 * %RV_ERROR_FORMAT where it is no film, %RV_ERROR_SHAPE beyond 16384 px a side, %RV_ERROR_CANCELLED.
 * Any thread. Since: 0.1 */
RV_API gboolean rv_film_probe_sized (const char *filename, RvFilmInfo *info, gsize size, GError **error);
static inline gboolean
rv_film_probe (const char *filename, RvFilmInfo *info, GError **error)
{
  return rv_film_probe_sized (filename, info, sizeof *info, error);
}

/** rv_film_comment: (transfer full) (nullable): what the container's metadata has as `comment`: of films that were made
 * here their recipe. Errors: as rv_film_probe(); %RV_ERROR_FORMAT where there is none. Any thread. Since: 0.1 */
RV_API char *rv_film_comment (const char *filename, GError **error);

/** RvFilmReader: a film that is being read, from its first frame to its last. One thread at a time. */
typedef struct RvFilmReader RvFilmReader;

/**
 * rv_film_reader_new:
 * @part: (nullable): all of it
 *
 * Errors: as rv_film_probe(); %RV_ERROR_SETTING for a part that no film has. Returns: (transfer full) (nullable).
 * Since: 0.1
 */
RV_API RvFilmReader *rv_film_reader_new_sized (const char *filename, const RvFilmPart *part, gsize size,
                                               GError **error);
static inline RvFilmReader *
rv_film_reader_new (const char *filename, const RvFilmPart *part, GError **error)
{
  return rv_film_reader_new_sized (filename, part, sizeof *part, error);
}

/** rv_film_reader_info: (transfer none): of what it gives: size, rate and number of frames are the part's. Since: 0.1
 */
RV_API const RvFilmInfo *rv_film_reader_info (const RvFilmReader *reader);

/** rv_film_reader_next: (transfer full) (nullable): the next frame; NULL without an error after the last. Errors:
 * %RV_ERROR_FORMAT where the film is damaged: the frames before are good; %RV_ERROR_FILE, %RV_ERROR_MEMORY,
 * %RV_ERROR_CANCELLED. Since: 0.1
 */
RV_API RvImage *rv_film_reader_next (RvFilmReader *reader, GError **error);

/** rv_film_reader_free: (nullable): at any moment. Since: 0.1 */
RV_API void rv_film_reader_free (RvFilmReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvFilmReader, rv_film_reader_free)

/** RvFilmSettings: how a film is written; all 0: defaults. */
typedef struct {
  const char *codec;      /* (nullable): as ffmpeg names it; NULL: what the suffix is usually given */
  int crf;                /* 1..63: lower is better and larger; 0: the codec's usual */
  const char *sound_from; /* (nullable): the film whose sound and subtitles are copied as they are */
  double from_s, to_s;    /* of that film, as in RvFilmPart */
  const char *comment;    /* (nullable): kept in the container's metadata: the recipe */
  gboolean no_replace;    /* as in RvSaveOptions */
  gboolean own_times;     /* frames are shown when those of @sound_from are that a reader with @own_times gives */
  int every;              /* of that reader */
} RvFilmSettings;

/** rv_film_check_target: Whether @filename's suffix is one of a film. Errors: %RV_ERROR_SETTING. Since: 0.1 */
RV_API gboolean rv_film_check_target (const char *filename, GError **error);

/** RvFilmWriter: a film that is being written. One thread at a time. */
typedef struct RvFilmWriter RvFilmWriter;

/**
 * rv_film_writer_new:
 * @filename: .mp4, .m4v, .mov, .mkv, .webm, .gif, .webp or .y4m: whole or untouched, written beside and renamed
 * @info:     width, height, rate and bits of what will come. H.264 and its like want even sides: an odd one is
 *            scaled to a pixel less
 * @settings: (nullable): defaults
 *
 * Errors: %RV_ERROR_SETTING for the suffix; %RV_ERROR_FILE where it cannot be written or there is no ffmpeg. Returns:
 * (transfer full) (nullable). Since: 0.1
 */
RV_API RvFilmWriter *rv_film_writer_new_sized (const char *filename, const RvFilmInfo *info, gsize info_size,
                                               const RvFilmSettings *settings, gsize settings_size, GError **error);
static inline RvFilmWriter *
rv_film_writer_new (const char *filename, const RvFilmInfo *info, const RvFilmSettings *settings, GError **error)
{
  return rv_film_writer_new_sized (filename, info, sizeof *info, settings, sizeof *settings, error);
}

/** rv_film_writer_add: Errors: %RV_ERROR_SHAPE for another size than was said, %RV_ERROR_FILE with ffmpeg's own last
 * line, %RV_ERROR_CANCELLED. The frame is the caller's. Since: 0.1 */
RV_API gboolean rv_film_writer_add (RvFilmWriter *writer, const RvImage *frame, GError **error);

/** rv_film_writer_finish: The film is there, with all frames so far; or nothing is changed. Errors: as
 * rv_film_writer_add(). Since: 0.1 */
RV_API gboolean rv_film_writer_finish (RvFilmWriter *writer, GError **error);

/** rv_film_writer_free: (nullable): without rv_film_writer_finish(), nothing is left of it. Since: 0.1 */
RV_API void rv_film_writer_free (RvFilmWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvFilmWriter, rv_film_writer_free)

G_END_DECLS
#endif
