/* keras-file.h -- reads Keras weights in any layout by libhdf5.
 * Layer 2 (hdf5): a separate program. Only this folder includes libhdf5 and libzip. */
#ifndef RV_KERAS_FILE_H
#define RV_KERAS_FILE_H

#include <reverie/weights.h>

/* (transfer full) (nullable): @part of the weights in the file @fd of @size bytes, by name, and the text `source`.
 * Calls @opened (nullable) after the last file was opened, so that it can forbid more. NULL and RV_ERROR_FORMAT,
 * RV_ERROR_MEMORY. @fd stays open. */
RvTensorMap *rv__keras_read (int fd, guint64 size, RvWeightsFilter part, void (*opened) (void), GError **error);

#endif
