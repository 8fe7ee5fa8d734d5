/* film.h -- what the commands that make a film share: which part of one is read, how it is written.
 * Layer 8 (cli). */
#ifndef RV_CLI_FILM_H
#define RV_CLI_FILM_H

#include "cli.h"

typedef struct {
  char *from, *to; /* "0:12", "12.5" */
  gint64 every, crf, frame_iterations;
  char *codec;
} FilmOptions;

extern const RvOption film_options[];

/* film_is_wanted: OUT is to be a film: by its suffix; where that could be a picture's too, or there is no OUT, as
 * @content is. Looks at files. */
gboolean film_is_wanted (const char *output, const char *content);
/* film_options_check: what the command line alone shows to be wrong; *part: which frames, but for their size. */
gboolean film_options_check (const FilmOptions *film, const PictureOptions *picture, RvFilmPart *part, GError **error);
/* film_open: (transfer full) (nullable): @content, as large as the result is to be: part->width and ->height are set.
 */
RvFilmReader *film_open (const char *content, const PictureOptions *picture, RvFilmPart *part, GError **error);
/* film_create: (transfer full) (nullable): OUT, with the sound of @content. */
RvFilmWriter *film_create (const FilmOptions *film, const PictureOptions *picture, const char *content,
                           const RvFilmReader *reader, const RvFilmPart *part, GError **error);

#endif
