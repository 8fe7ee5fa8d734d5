/* weights.h -- reading and writing weight files.
 * Layer 2 (io). Implemented in src/io/weights/. Every file is treated as hostile: sizes, offsets, shapes, overlaps and
 * types are checked before use, and nothing is allocated beyond what the file's own size allows. */
#ifndef RV_WEIGHTS_H
#define RV_WEIGHTS_H

#include <reverie/tensor.h>
G_BEGIN_DECLS

/**
 * rv_weights_load:
 * @filename: (type filename): a weights file; its format is told by its content: safetensors, or Keras HDF5 in any of
 *            its layouts (.h5 of weights or of a whole model, .weights.h5, .keras)
 * @cache:    (nullable) (type filename): a folder where what has to be converted is kept as safetensors for the next
 *            time; made when it is not there. NULL: converted each time
 *
 * The file is mapped, not read: tensors point into it where their alignment allows. HDF5 is read by a program of its
 * own, reverie-hdf5 (the environment's REVERIE_HELPER, else where it was installed), since libhdf5 is not safe on
 * hostile files. Of Keras' layers there come NAME.weight, [out, in, rows, cols] or [out, in], and NAME.bias; of batch
 * norm NAME.gamma, .beta, .moving_mean, .moving_variance; layers that Keras numbered itself are numbered afresh from 0.
 * Errors: %RV_ERROR_FILE, %RV_ERROR_FORMAT, %RV_ERROR_MEMORY.
 * Returns: (transfer full) (nullable): names, tensors and the metadata's texts. Since: 0.1
 */
RV_API RvTensorMap *rv_weights_load (const char *filename, const char *cache, GError **error);

/**
 * rv_weights_save:
 * @filename: (type filename): written beside as a temporary file, synced and renamed: it is whole or untouched
 *
 * Errors: %RV_ERROR_FILE. Returns: whether it was written, as safetensors. Since: 0.1
 */
RV_API gboolean rv_weights_save (const RvTensorMap *map, const char *filename, GError **error);

G_END_DECLS
#endif
