/* tensor-file.h -- tensors in a file that may change.
 * Layer 1 (tensor). If a mapped file is truncated, reading its memory kills the program. So the mapping serves only to
 * parse the file. Numbers are copied from the file each time they are used, and a changed file is an error. Between
 * uses they take no memory. */
#ifndef RV_TENSOR_FILE_H
#define RV_TENSOR_FILE_H

#include <reverie/tensor.h>

typedef struct _RvTensorFile RvTensorFile;

/* (transfer full): a plain file's bytes, mapped. *file: (transfer none): lives as long as the bytes. RV_ERROR_FILE. */
GBytes *rv__tensor_file_map (const char *filename, const RvTensorFile **file, GError **error);

/* Lets the tensors of @map whose numbers lie in @file be read from it from now on. Copies stay as they are. */
void rv__tensor_file_attach (const RvTensorFile *file, const RvTensorMap *map);

/* Checks that the file has not changed since it was mapped. RV_ERROR_FILE. */
gboolean rv__tensor_file_check (const RvTensorFile *file, GError **error);

/* (transfer full): @tensor itself if its numbers are in memory, else a copy from its file. RV_ERROR_FILE,
 * RV_ERROR_MEMORY. */
RvTensor *rv__tensor_read (const RvTensor *tensor, GError **error);

/* Copies all bytes of @tensor to @to and checks that its file has not changed. RV_ERROR_FILE. */
gboolean rv__tensor_read_into (const RvTensor *tensor, void *to, GError **error);
/* Copies @size bytes of @tensor, from byte @from on. RV_ERROR_FILE, but not if the file became shorter:
 * rv__tensor_file_check() finds this. */
gboolean rv__tensor_read_bytes (const RvTensor *tensor, gsize from, gsize size, void *to, GError **error);

#endif
