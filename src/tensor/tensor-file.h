/* tensor-file.h -- tensors in a file that may change.
 * Layer 1 (tensor). If a mapped file is truncated, reading its memory kills the program. So the mapping serves only to
 * parse the file. Numbers are copied from the file each time they are used, and a changed file is an error. Between
 * uses they take no memory. */
#ifndef RV_TENSOR_FILE_H
#define RV_TENSOR_FILE_H

#include <reverie/tensor.h>

typedef struct _RvTensorFile RvTensorFile;

/* (transfer full) (nullable): the bytes of @filename, mapped; no bytes for an empty file. *file: borrowed from the
 * bytes, valid as long as they are. NULL and RV_ERROR_FILE, also for folders and pipes. */
GBytes *rv__tensor_file_map (const char *filename, const RvTensorFile **file, GError **error);

/* Sets RvTensor.file of the tensors of @map whose numbers lie in the mapping: the functions below then read them from
 * the file. @file is borrowed: the tensors keep its bytes. */
void rv__tensor_file_attach (const RvTensorFile *file, const RvTensorMap *map);

/* Checks that size and modification time of the file are those when it was mapped. FALSE and RV_ERROR_FILE if not. */
gboolean rv__tensor_file_check (const RvTensorFile *file, GError **error);

/* (transfer full) (nullable): a reference to @tensor itself if its numbers are in memory, else a copy from its file.
 * NULL and RV_ERROR_FILE, also if the file has changed; RV_ERROR_MEMORY. */
RvTensor *rv__tensor_read (const RvTensor *tensor, GError **error);

/* Copies the rv_tensor_bytes() bytes of @tensor to @to. FALSE and RV_ERROR_FILE, also if its file has changed. */
gboolean rv__tensor_read_into (const RvTensor *tensor, void *to, GError **error);
/* Copies @size bytes of @tensor, from its byte @from on, to @to. FALSE and RV_ERROR_FILE if they cannot be read. If the
 * file became shorter: TRUE, with the rest of @to unset; the caller must call rv__tensor_file_check(). */
gboolean rv__tensor_read_bytes (const RvTensor *tensor, gsize from, gsize size, void *to, GError **error);

#endif
