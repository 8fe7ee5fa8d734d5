/* frames-file.h -- a film's finished frames, kept one after another until the film is whole: a coder that was killed
 * has lost them all. Layer 2 (io). As they go to the coder, so that it makes the same film of them. */
#ifndef RV_FRAMES_FILE_H
#define RV_FRAMES_FILE_H

#include <reverie/film.h>

typedef struct RvFramesFile RvFramesFile;

/* rv__frames_file_open: (transfer full) (nullable): @filename with its first @n frames, which are to be there, and none
 * after them; 0: a new one, in place of whatever is there. A link is not followed. @info: of size and bits.
 * RV_ERROR_FILE; RV_ERROR_FORMAT where it has fewer. */
RvFramesFile *rv__frames_file_open (const char *filename, const RvFilmInfo *info, gint64 n, GError **error);

/* rv__frames_file_add: one more. rv__frames_file_sync: those so far outlive a power cut. rv__frames_file_get:
 * (transfer full) (nullable): the frame at 0, 1, ... RV_ERROR_FILE. */
gboolean rv__frames_file_add (RvFramesFile *file, const RvImage *frame, GError **error);
gboolean rv__frames_file_sync (RvFramesFile *file, GError **error);
RvImage *rv__frames_file_get (RvFramesFile *file, gint64 k, GError **error);

/* rv__frames_file_free: (nullable): it stays. */
void rv__frames_file_free (RvFramesFile *file);

#endif
