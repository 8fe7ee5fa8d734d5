/* film.h -- the formats of films, and what reading and writing them shares.
 * Layer 2 (io). */
#ifndef RV_IO_FILM_H
#define RV_IO_FILM_H

#include <reverie/film.h>

#define RV_FILM_MAX_SIDE 16384 /* px */
#define RV_FILM_MAX_ASPECT 10  /* of a pixel; a film that says more would have a few bytes fill the memory */

/* What a film is: what everybody may know, and what its format wants to know again. */
typedef struct {
  RvFilmInfo info;
  gboolean tagged;                  /* of one that is coded: it says how its colours are */
  gboolean alpha;                   /* of one that is coded: it has transparency, which is read as black */
  const char *decoder;              /* likewise: ffmpeg's name of the one that heeds alpha; NULL: its usual one */
  gboolean interlaced;              /* every other row is of another moment */
  const char *primaries, *transfer; /* as ffmpeg names them, where they are not a usual screen's; else NULL */
  gboolean own_times;               /* of one whose rate is variable: each frame is taken once, at its time */
  double delay_s;                   /* of one that is coded: from its start to its first frame */
  int first;                        /* of numbered pictures: the number of the first */
  int beyond;                       /* and how many there are beyond the first that is missing */
} RvFilmFacts;

/* A way to keep a film. Errors as those of the functions of reverie/film.h. */
typedef struct {
  gboolean (*probe) (const char *filename, RvFilmFacts *facts, GError **error);
  /* (transfer full) (nullable): @part is there, and becomes frames that are as @out says. */
  gpointer (*open) (const char *filename, const RvFilmFacts *facts, const RvFilmPart *part, const RvFilmInfo *out,
                    GError **error);
  RvImage *(*next) (gpointer reading, GError **error);
  void (*close) (gpointer reading);
  gboolean (*check_target) (const char *filename, GError **error);
  void (*fit_size) (const char *filename, int *width, int *height); /* NULL: any size will do */
  gpointer (*create) (const char *filename, const RvFilmInfo *info, const RvFilmSettings *settings, GError **error);
  gboolean (*add) (gpointer writing, const RvImage *frame, GError **error);
  void (*cut) (gpointer writing);
  gboolean (*finish) (gpointer writing, GError **error);
  void (*discard) (gpointer writing); /* finished, or not */
  char *(*comment) (const char *filename, GError **error);
} RvFilmFormat;

extern const RvFilmFormat rv__film_coded, rv__film_numbered;

/* rv__film_is_numbered: @filename is that of numbered pictures, of which there is none of that very name. */
gboolean rv__film_is_numbered (const char *filename);
/* rv__film_is_stream: (nullable): "-", standard input or output, beside which nothing can lie. */
gboolean rv__film_is_stream (const char *filename);
/* rv__film_words: @filename for messages about what is read. */
const char *rv__film_words (const char *filename);
/* rv__film_is_coded: a file of a container that may have sound, subtitles, a comment and a time of each frame. */
gboolean rv__film_is_coded (const char *filename);

/* rv__film_fit_size: the size that frames of *@width x *@height px are made at where they go into @filename (nullable:
 * an .mp4): rounded down to even sides where its pixels want them. Frames of that size are coded as they are. */
void rv__film_fit_size (const char *filename, int *width, int *height);

/* Ends the film before the one whose sound it has: its sound and subtitles end with its pictures, once
 * rv_film_writer_finish() is called. */
void rv__film_writer_cut (RvFilmWriter *writer);

/* rv__film_square_width: of frames that are @width px wide, with pixels of @num : @den made square; 0 : 0 is not known,
 * and so square. -1 where they are further from square than RV_FILM_MAX_ASPECT. */
double rv__film_square_width (double width, int num, int den);

/* rv__film_frame_bytes: of one frame of @info as it comes and goes: RGB of 8 or 16 bits. */
gsize rv__film_frame_bytes (const RvFilmInfo *info);
/* rv__film_frame_pack: a frame into those bytes. rv__film_frame_unpack: (transfer full) (nullable): and out of them. */
void rv__film_frame_pack (const RvFilmInfo *info, const RvImage *frame, guint8 *bytes);
RvImage *rv__film_frame_unpack (const RvFilmInfo *info, const guint8 *bytes, GError **error);

#endif
