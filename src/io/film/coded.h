/* coded.h -- films as files that ffmpeg reads and writes. The functions are those of RvFilmFormat.
 * Layer 2 (io). */
#ifndef RV_FILM_CODED_H
#define RV_FILM_CODED_H

#include "io/film/film.h"

#define RV_FILM_HD_ROWS 720                   /* from here on untagged colours are BT.709's, as players take them */
#define RV_FILM_CHILD_BYTES ((gsize) 6 << 30) /* of addresses that ffmpeg may have */

/* rv__coded_url: (transfer full): how @filename is named to ffmpeg: as a file, whatever it looks like. */
char *rv__coded_url (const char *filename);

/* standard-input.c: films as Y4M that come through "-", of which there is one in a process.
 * rv__standard_input_url: (transfer full) (nullable): its header as a URL. rv__standard_input_open: a descriptor that
 * gives its header and what follows, once; -1. RV_ERROR_FORMAT, RV_ERROR_FILE. */
char *rv__standard_input_url (GError **error);
int rv__standard_input_open (GError **error);

/* probe.c */
gboolean rv__coded_probe (const char *filename, RvFilmFacts *facts, GError **error);
char *rv__coded_comment (const char *filename, GError **error);
/* rv__coded_beside: @facts, and what there is beside the pictures: *@sounds and *@texts (transfer full), what each
 * stream of sound and of subtitles is coded with, in their order, as ffmpeg names it. */
gboolean rv__coded_beside (const char *filename, RvFilmFacts *facts, char ***sounds, char ***texts, GError **error);
/* rv__coded_frame_s: the time of the first frame at @s or later, in seconds from the film's start. A part of a film
 * begins with this frame, its sound as well. With own_times @s itself: the first frame is shown early then. */
double rv__coded_frame_s (const RvFilmFacts *facts, double s);
/* rv__coded_seek_s: where decoding begins for what is wanted from @s on, in seconds from the film's start; 0: there. */
double rv__coded_seek_s (const RvFilmFacts *facts, double s);

/* read.c */
gpointer rv__coded_open (const char *filename, const RvFilmFacts *facts, const RvFilmPart *part, const RvFilmInfo *out,
                         GError **error);
RvImage *rv__coded_next (gpointer reading, GError **error);
void rv__coded_close (gpointer reading);
/* rv__coded_times: (transfer full) (nullable): when the frames of @part are shown that rv__coded_open() gives, in
 * seconds from the part's start; and when the last ends, so that there is one more than frames. The film is decoded for
 * it. */
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
