/* weights.h -- reading and writing weight files.
 * Layer 2 (io). Implemented in src/io/weights/. Every file is treated as hostile: sizes, offsets, shapes, overlaps and
 * types are checked before use, and nothing is allocated beyond what the file's own size allows. */
#ifndef RV_WEIGHTS_H
#define RV_WEIGHTS_H

#include <reverie/tensor.h>
G_BEGIN_DECLS

/** RvWeightsPart: how much of a file. RV_WEIGHTS_CONVOLUTIONS leaves out dense layers, matrices and their biases: nine
 * tenths of VGG19's whole file, and nothing that pictures are made with. */
typedef enum { RV_WEIGHTS_ALL, RV_WEIGHTS_CONVOLUTIONS } RvWeightsPart;

/**
 * rv_weights_load:
 * @filename: (type filename): a weights file; its format is told by its content: safetensors; Keras HDF5 in any of its
 *            layouts (.h5 of weights or of a whole model, .weights.h5, .keras); a PyTorch state dict (.pth, .pt: both
 *            the zip format and the one before it); a Caffe model (.caffemodel)
 * @part:     how much of it
 * @cache:    (nullable) (type filename): a folder where what has to be converted is kept as safetensors for the next
 *            time; made when it is not there. NULL: converted each time
 *
 * The file stays where it is: where alignment allows, tensors take no memory and are read from it when they are used,
 * and one that was changed since is then an error. (Their `data` is a mapping: who reads that, and not
 * rv_tensor_to_f32(), relies on nobody cutting the file short.) HDF5 is read by a program of its
 * own, reverie-hdf5 (the environment's REVERIE_HELPER, else where it was installed), since libhdf5 is not safe on
 * hostile files. Of Keras' layers there come NAME.weight, [out, in, rows, cols] or [out, in], and NAME.bias; of batch
 * norm NAME.gamma, .beta, .moving_mean, .moving_variance; layers that Keras numbered itself are numbered afresh from 0.
 * A state dict's names come as they are, less a leading "module."; of the pickle only tensors, dicts, lists and numbers
 * are read, and a file that asks for anything else is refused and nothing of it run. Of Caffe's layers there come
 * NAME.weight and NAME.bias with dots for slashes, and `preprocessing` among the texts.
 * Errors: %RV_ERROR_FILE, %RV_ERROR_FORMAT, %RV_ERROR_MEMORY, %RV_ERROR_CANCELLED.
 * Returns: (transfer full) (nullable): names, tensors and the metadata's texts. Since: 0.1
 */
RV_API RvTensorMap *rv_weights_load (const char *filename, RvWeightsPart part, const char *cache, GError **error);

/**
 * rv_weights_save:
 * @filename: (type filename): written beside as a temporary file, synced and renamed: it is whole or untouched
 * @replace:  an existing file is replaced; else it stays, the result is saved beside it, and the error says where
 *
 * Errors: %RV_ERROR_FILE, %RV_ERROR_CANCELLED. Returns: whether it was written, as safetensors. Since: 0.1
 */
RV_API gboolean rv_weights_save (const RvTensorMap *map, const char *filename, gboolean replace, GError **error);

G_END_DECLS
#endif
