/* finished.h -- a picture that is done, as its file will have it: samples of 8 or 16 bits, those of a pixel side by
 * side. It may come in pieces, and never be there in floats. Layer 2 (io). */
#ifndef RV_IMAGE_FINISHED_H
#define RV_IMAGE_FINISHED_H

#include <reverie/image.h>

typedef struct {
  int width, height; /* px */
  int channels;      /* RGB, and alpha where the format has it */
  int bytes;         /* of a sample: 1 or 2 */
  gboolean truncate; /* as in RvSaveOptions */
  void *samples;     /* owned */
} RvFinishedImage;

/* rv__finished_new: (transfer full) (nullable): black, for a file of that name or suffix, with these options.
 * RV_ERROR_SETTING for the suffix, RV_ERROR_MEMORY. rv__finished_put: so many pixels of a channel, from one on: colours
 * 0..255, alpha 0..1; that of opaque formats is left aside. rv__finished_save: as rv_image_save().
 * rv__finished_to_image: (transfer full) (nullable): with the colours that the file has. RV_ERROR_MEMORY. */
RvFinishedImage *rv__finished_new (const char *filename, int width, int height, gboolean alpha,
                                   const RvSaveOptions *options, GError **error);
void rv__finished_put (RvFinishedImage *finished, int channel, gint64 from, gint64 n, const float *values);
gboolean rv__finished_save (const RvFinishedImage *finished, const char *filename, const RvSaveOptions *options,
                            GError **error);
RvImage *rv__finished_to_image (const RvFinishedImage *finished, GError **error);
void rv__finished_free (RvFinishedImage *finished);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvFinishedImage, rv__finished_free)

#endif
