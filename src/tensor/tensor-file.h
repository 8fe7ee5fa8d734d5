/* tensor-file.h -- tensors that lie in a file which somebody may change, or elsewhere.
 * Layer 1 (tensor). Where a mapped file is cut short, reading its memory ends the program. So the mapping serves for
 * looking around in the file; numbers are copied from the file itself, each time they are wanted, and a file that has
 * changed since is an error. They take no memory in between. */
#ifndef RV_TENSOR_FILE_H
#define RV_TENSOR_FILE_H

#include <reverie/tensor.h>

typedef struct _RvTensorFile RvTensorFile;

/* rv__tensor_file_map: (transfer full): a plain file's bytes, mapped; *file (transfer none) lives as long as they do.
 * RV_ERROR_FILE. */
GBytes *rv__tensor_file_map (const char *filename, const RvTensorFile **file, GError **error);

/* rv__tensor_file_own: the tensors of @map whose numbers lie in @file are read from there from now on. Copies are left
 * alone. */
void rv__tensor_file_own (const RvTensorFile *file, const RvTensorMap *map);

/* rv__tensor_file_check: whether it still is what was mapped. RV_ERROR_FILE. */
gboolean rv__tensor_file_check (const RvTensorFile *file, GError **error);

/* rv__tensor_read: (transfer full): @tensor itself where its numbers lie in memory, else a copy from its file.
 * RV_ERROR_FILE, RV_ERROR_MEMORY. */
RvTensor *rv__tensor_read (const RvTensor *tensor, GError **error);

/* rv__tensor_read_into: its numbers, to where there is room for them. _read_bytes: @size bytes from byte @from on.
 * RV_ERROR_FILE. */
gboolean rv__tensor_read_into (const RvTensor *tensor, void *to, GError **error);
gboolean rv__tensor_read_bytes (const RvTensor *tensor, gsize from, gsize size, void *to, GError **error);

#endif
