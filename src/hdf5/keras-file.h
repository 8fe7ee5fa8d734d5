/* keras-file.h -- a Keras weights file, in any of its layouts, read through libhdf5.
 * Layer 2 (hdf5): a program of its own. The only folder that includes libhdf5 and libzip. */
#ifndef RV_KERAS_FILE_H
#define RV_KERAS_FILE_H

#include <reverie/weights.h>

/* rv__keras_read: (transfer full) (nullable): @part of the weights in the open file @fd of @size bytes; @opened (may be
 * NULL) is called once no other file need be opened. RV_ERROR_FORMAT. */
RvTensorMap *rv__keras_read (int fd, guint64 size, RvWeightsPart part, void (*opened) (void), GError **error);

#endif
