/* weights.h -- reading and writing weight files.
 * Layer 2 (io). Implemented in src/io/weights/. Every file is treated as hostile: sizes, offsets, shapes, overlaps and
 * types are checked before use. Memory for tensors never exceeds what the size of the file justifies. */
#ifndef RV_WEIGHTS_H
#define RV_WEIGHTS_H

#include <reverie/tensor.h>
G_BEGIN_DECLS

/** RvWeightsFilter: which tensors of a file to load. RV_WEIGHTS_CONVOLUTIONS skips dense layers (matrices and their
 * biases): nine tenths of VGG19's file, which style transfer and dreams do not use. */
typedef enum { RV_WEIGHTS_ALL, RV_WEIGHTS_CONVOLUTIONS } RvWeightsFilter;

/**
 * rv_weights_load:
 * @filename: (type filename): the format is detected from the content: safetensors; Keras HDF5 in all its layouts (.h5
 *            of weights or of a whole model, .weights.h5, .keras); a PyTorch state dict (.pth, .pt: the zip format and
 *            the older one); a Caffe model (.caffemodel); ONNX (.onnx, and the file of its external data)
 * @filter:   which tensors
 * @cache:    (nullable) (type filename): folder; its subfolder "converted" keeps converted files as safetensors; both
 *            are made if missing. NULL: converts each time
 *
 * Where alignment allows, tensors map the file and take no memory; the file must stay. Reading tensors of a file that
 * has changed since is an error of rv_tensor_to_f32(). A program that reads `data` directly has no such check: it
 * crashes if the file was truncated.
 *
 * HDF5 is read by a process of its own, reverie-hdf5 ($REVERIE_HELPER, else the installed one), because libhdf5 is not
 * safe on hostile files. Keras layers become NAME.weight, [out, in, rows, cols] or [out, in], and NAME.bias; batch norm
 * becomes NAME.gamma, .beta, .moving_mean and .moving_variance. Layers that Keras numbered itself are numbered again
 * from 0.
 *
 * A state dict keeps its names, without a leading "module.". The pickle may contain tensors, dicts, lists and numbers;
 * a file with anything else is refused, and none of its code runs. Caffe layers become NAME.weight and NAME.bias, with
 * dots for slashes, and the text `preprocessing` is set. An ONNX file becomes the parameters of its layers and the text
 * `graph`, by which rv_net_new() makes the network; a file with an operator that is not supported is refused.
 *
 * Errors: %RV_ERROR_FILE if the file cannot be read, the helper is missing, or @cache cannot be written;
 * %RV_ERROR_FORMAT if it is damaged, refused or of no known format; %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by the
 * current GCancellable of the thread. Returns: (transfer full) (nullable): tensors by name, and the metadata as texts.
 * Since: 0.1
 */
RV_API RvTensorMap *rv_weights_load (const char *filename, RvWeightsFilter filter, const char *cache, GError **error);

/** rv_weights_save: writes tensors and texts of @map as safetensors. @filename: (type filename): written to a temporary
 * file beside it, synced and renamed: complete or unchanged. @replace: replaces an existing file. Else the file stays,
 * the result is saved beside it, and the error says where. Errors: %RV_ERROR_FILE if it cannot be written, if a file
 * stays, or if the file that a tensor maps has changed; %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by the current
 * GCancellable of the thread. Returns: whether @filename was written. Since: 0.1 */
RV_API gboolean rv_weights_save (const RvTensorMap *map, const char *filename, gboolean replace, GError **error);

G_END_DECLS
#endif
