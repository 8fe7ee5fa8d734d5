/* keras-file.h -- reads Keras weights in any layout by libhdf5.
 * Layer 2 (hdf5): a separate program. Only this folder includes libhdf5. */
#pragma once

#include <reverie/weights.h>

/* (transfer full) (nullable): the weights in the file @fd of @size bytes, HDF5 or .keras, that @filter selects, by
 * name, f32, and the text `source`, "Keras". Reads layers of a weight, with or without a bias, and batch norms; skips
 * others. Calls @opened (nullable), which may forbid opening files, once libhdf5 has opened the file; not if that
 * failed. @fd stays open. Switches off libhdf5's messages and plug-ins. NULL and RV_ERROR_FORMAT if libhdf5 cannot
 * open the file. */
RvTensorMap *rv__keras_read (int fd, guint64 size, RvWeightsFilter filter, void (*opened) (void), GError **error);
