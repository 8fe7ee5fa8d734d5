/* film.c -- what the commands that make a film share: which part of one is read, how it is written. */
#include "film.h"
#include <math.h>
#include <string.h>

#define FIELD(f) offsetof (FilmOptions, f)

const RvOption film_options[] = {
  { "from", 0, RV_OPTION_TEXT, FIELD (from), .unit = "TIME", .help = "of a film: from here on, such as 0:12 or 12.5" },
  { "to", 0, RV_OPTION_TEXT, FIELD (to), .unit = "TIME", .help = "of a film: up to here" },
  { "every", 0, RV_OPTION_INT, FIELD (every), "1", 1, 1000, .unit = "COUNT",
    .help = "of a film: each so-many-th frame, at a rate as much lower" },
  { "frame-iterations", 0, RV_OPTION_INT, FIELD (frame_iterations), "20", 1, 1e6, .unit = "COUNT",
    .help = "of a film: for each frame after the first of a shot, which has --iterations at each scale" },
  { "crf", 0, RV_OPTION_INT, FIELD (crf), NULL, 0, 63, .unit = "1..63",
    .help = "of a film: lower is better and larger [18 for .mp4, .mov and .mkv, 28 for .webm]" },
  { "codec", 0, RV_OPTION_TEXT, FIELD (codec), .unit = "NAME",
    .help = "of a film: as ffmpeg names it [libx264; libvpx-vp9 for .webm]" },
  { NULL },
};

gboolean
film_is_wanted (const char *output, const char *content)
{
  g_autoptr (GError) error = NULL;
  RvImageInfo picture;
  RvFilmInfo film;
  if (output && !rv_film_check_target (output, NULL))
    return FALSE;
  gboolean ambiguous = !output || rv_image_check_target (output, 1, 1, &error) ||
                       !g_error_matches (error, RV_ERROR, RV_ERROR_SETTING); /* .webp is a picture's suffix too */
  return !ambiguous || (!rv_image_probe (content, &picture, NULL) && rv_film_probe (content, &film, NULL));
}

/* "1:02:03.5", "0:12", "12.5" in seconds; 0 for NULL. */
static gboolean
parse_time (const char *name, const char *text, double *seconds, GError **error)
{
  *seconds = 0;
  for (const char *part = text; part;) {
    char *end = NULL;
    double value = g_ascii_isdigit (*part) || *part == '.' ? g_ascii_strtod (part, &end) : -1;
    if (value < 0 || !isfinite (value) || end == part || (*end && *end != ':')) {
      g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--%s: '%s' is no time: 12.5, 0:12 or 1:02:03", name, text);
      return FALSE;
    }
    *seconds = 60 * *seconds + value;
    part = *end ? end + 1 : NULL;
  }
  return TRUE;
}

gboolean
film_options_check (const FilmOptions *film, const PictureOptions *picture, RvFilmPart *part, GError **error)
{
  *part = (RvFilmPart){ .every = (int) film->every };
  if (!parse_time ("from", film->from, &part->from_s, error) || !parse_time ("to", film->to, &part->to_s, error))
    return FALSE;
  const char *not_yet = picture->save_every > 0 ? "save-every" : picture->plot ? "plot" : NULL;
  if (not_yet)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--%s is of pictures, and this makes a film; see --log", not_yet);
  else if (film->to && part->to_s <= part->from_s)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--to %s is not after --from %s", film->to,
                 film->from ? film->from : "0");
  else
    return TRUE;
  return FALSE;
}

RvFilmReader *
film_open (const char *content, const PictureOptions *picture, RvFilmPart *part, GError **error)
{
  RvFilmInfo info;
  if (!rv_film_probe (content, &info, error))
    return NULL;
  picture_target_size (picture, info.width, info.height, &part->width, &part->height);
  RvFilmReader *reader = rv_film_reader_new (content, part, error);
  if (reader && info.variable_rate && !picture->quiet)
    fprintf (stderr, "reverie: %s: its frames are not equally far apart; they are read at %.4g a second\n", content,
             (double) info.rate_num / info.rate_den);
  return reader;
}

RvFilmWriter *
film_create (const FilmOptions *film, const PictureOptions *picture, const char *content, const RvFilmReader *reader,
             const RvFilmPart *part, GError **error)
{
  RvFilmSettings settings = { .codec = film->codec,
                              .crf = (int) film->crf,
                              .sound_from = content,
                              .from_s = part->from_s,
                              .to_s = part->to_s,
                              .comment = picture->recipe };
  return rv_film_writer_new (picture->output, rv_film_reader_info (reader), &settings, error);
}
