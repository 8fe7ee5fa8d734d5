/* coded.h -- videos that ffmpeg reads and writes; the functions of RvFilmFormat. Layer 2 (io). */
#ifndef RV_FILM_CODED_H
#define RV_FILM_CODED_H

#include "io/film/film.h"

#define RV_FILM_HD_ROWS 720                   /* rows from which untagged colours are BT.709, as in players */
#define RV_FILM_CHILD_BYTES ((gsize) 6 << 30) /* address space of ffmpeg */

/* (transfer full): URL of @filename for ffmpeg: a file, for any name. */
char *rv__coded_url (const char *filename);

/* (transfer full) (nullable): the header of standard input, a Y4M video, as a URL. Each process has one.
 * RV_ERROR_FORMAT. In standard-input.c. */
char *rv__standard_input_url (GError **error);
/* Descriptor that gives the header and the rest of standard input, once; -1: RV_ERROR_FORMAT, RV_ERROR_FILE. */
int rv__standard_input_open (GError **error);

/* probe.c */
gboolean rv__coded_probe (const char *filename, RvFilmFacts *facts, GError **error);
char *rv__coded_comment (const char *filename, GError **error);
/* Probes @filename, with its other streams: *@sounds and *@texts (transfer full) are ffmpeg's names of the codecs of
 * all sound and subtitle streams, in order. */
gboolean rv__coded_beside (const char *filename, RvFilmFacts *facts, char ***sounds, char ***texts, GError **error);
/* Time in s, from the video's start, of the first frame at @s or later. A range begins with this frame, and its sound,
 * too. With own_times: @s, so that the first frame is shown early. */
double rv__coded_frame_s (const RvFilmFacts *facts, double s);
/* Time in s, from the video's start, at which decoding for @s must begin; 0: the start. */
double rv__coded_seek_s (const RvFilmFacts *facts, double s);

/* read.c */
gpointer rv__coded_open (const char *filename, const RvFilmFacts *facts, const RvFilmPart *part, const RvFilmInfo *out,
                         GError **error);
RvImage *rv__coded_next (gpointer reading, GError **error);
void rv__coded_close (gpointer reading);
/* (transfer full) (nullable): times in s, from the start of @part, of the frames that rv__coded_open() gives. The last
 * number is the end of the last frame. Decodes the video. */
GArray *rv__coded_times (const char *filename, const RvFilmFacts *facts, const RvFilmPart *part, GError **error);

/* write.c */
gboolean rv__coded_check_target (const char *filename, GError **error);
void rv__coded_fit_size (const char *filename, int *width, int *height);
gpointer rv__coded_create (const char *filename, const RvFilmInfo *info, const RvFilmSettings *settings,
                           GError **error);
gboolean rv__coded_add (gpointer writing, const RvImage *frame, GError **error);
void rv__coded_cut (gpointer writing);
gboolean rv__coded_finish (gpointer writing, GError **error);
void rv__coded_discard (gpointer writing);

#endif
