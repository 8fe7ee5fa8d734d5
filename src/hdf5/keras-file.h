/* keras-file.h -- reads Keras weights in any layout by libhdf5.
 * Layer 2 (hdf5): a separate program. Only this folder includes libhdf5 and libzip. */
#ifndef RV_KERAS_FILE_H
#define RV_KERAS_FILE_H

#include <reverie/weights.h>

/* (transfer full) (nullable): @part of the weights in the open file @fd of @size bytes. @opened (nullable) is called
 * once no further file must be opened. RV_ERROR_FORMAT. */
RvTensorMap *rv__keras_read (int fd, guint64 size, RvWeightsFilter part, void (*opened) (void), GError **error);

#endif
