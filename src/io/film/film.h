/* film.h -- what reading and writing films share.
 * Layer 2 (io). */
#ifndef RV_IO_FILM_H
#define RV_IO_FILM_H

#include <reverie/film.h>

#define RV_FILM_MAX_SIDE 16384                /* px */
#define RV_FILM_CHILD_BYTES ((gsize) 6 << 30) /* of addresses that ffmpeg may have */

/* rv__film_url: (transfer full): how @filename is named to ffmpeg: as a file, whatever it looks like. */
char *rv__film_url (const char *filename);

/* rv__film_probe: as rv_film_probe(); *tagged: whether the file says how its colours are coded. */
gboolean rv__film_probe (const char *filename, RvFilmInfo *info, gboolean *tagged, GError **error);

/* rv__film_codecs: (transfer full) (nullable): what its streams of @type, "audio" or "subtitle", are coded with, in
 * their order, as ffmpeg names it. */
char **rv__film_codecs (const char *filename, const char *type, GError **error);

/* rv__film_frame_bytes: of one frame of @info as it comes and goes: RGB of 8 or 16 bits. */
gsize rv__film_frame_bytes (const RvFilmInfo *info);
/* rv__film_frame_pack: a frame into those bytes. rv__film_frame_unpack: (transfer full) (nullable): and out of them. */
void rv__film_frame_pack (const RvFilmInfo *info, const RvImage *frame, guint8 *bytes);
RvImage *rv__film_frame_unpack (const RvFilmInfo *info, const guint8 *bytes, GError **error);

#endif
