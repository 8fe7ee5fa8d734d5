/* result.h -- who is to have a run's picture, and as what; its rows on their way there.
 * Layer 6 (method). May include: net/pixel-space.h, io, tensor, base. */
#ifndef RV_RESULT_H
#define RV_RESULT_H

#include "io/image/finished.h"
#include "net/pixel-space.h"

/* What is wanted; said on all ranks, before the run. */
typedef struct {
  gboolean
    first_only; /* of ranks that share the picture the first alone has it; on others it is NULL without an error */
  gboolean beside_original; /* it will be seen beside what it was made of, in one picture */
  char *filename;     /* and it, where nothing else is to be done with it, as that file will have it; or NULL. Owned */
  RvSaveOptions save; /* of that file, without a recipe */
  RvFinishedImage *finished; /* out: then this is the result, until somebody takes it. Owned */
} RvResultWanted;

/* rv__result_want_file: @wanted->filename and ->save, copied. rv__result_wanted_clear: what it owns is gone. */
void rv__result_want_file (RvResultWanted *wanted, const char *filename, const RvSaveOptions *save);
void rv__result_wanted_clear (RvResultWanted *wanted);

/* Where rows go: one of the two. */
typedef struct {
  const RvPixelSpace *space; /* that the rows are in */
  int width, height;         /* px */
  RvImage *image;
  RvFinishedImage *finished;
} RvResult;

/* rv__result_open: room for a picture with that alpha (nullable), black; @wanted: it comes as its file will have it;
 * NULL: as an image. RV_ERROR_MEMORY. rv__result_close: (transfer full): the image, once all rows have come; NULL where
 * @wanted->finished is it, or nothing was opened. rv__result_clear: what it holds is gone.
 * RvRowsFunc: some rows of one colour, in floats, which may be changed. rv__result_take: that; @user_data: an RvResult.
 */
gboolean rv__result_open (RvResult *result, const RvResultWanted *wanted, const RvPixelSpace *space, int width,
                          int height, RvTensor *alpha, GError **error);
RvImage *rv__result_close (RvResult *result, RvResultWanted *wanted);
void rv__result_clear (RvResult *result);
typedef void (*RvRowsFunc) (gpointer user_data, int color, int from, int end, float *rows);
void rv__result_take (gpointer user_data, int color, int from, int end, float *rows);

#endif
