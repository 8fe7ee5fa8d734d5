/* tensor-file.h -- tensors in a file that may change.
 * Layer 1 (tensor). If a mapped file is truncated, reading its memory kills the program. So the mapping serves only to
 * parse the file. Numbers are copied from the file each time they are used, and a changed file is an error. Between
 * uses they take no memory. */
#ifndef RV_TENSOR_FILE_H
#define RV_TENSOR_FILE_H

#include <reverie/tensor.h>

typedef struct _RvTensorFile RvTensorFile;

/* (transfer full) (nullable): a plain file's bytes, mapped. *file: borrowed from the bytes, valid as long as they are.
 * NULL and RV_ERROR_FILE, also for folders and pipes. */
GBytes *rv__tensor_file_map (const char *filename, const RvTensorFile **file, GError **error);

/* Sets RvTensor.file of the tensors of @map whose numbers lie in the mapping: from now on they are read from @file. */
void rv__tensor_file_attach (const RvTensorFile *file, const RvTensorMap *map);

/* Checks that size and time of the file are still those when it was mapped. RV_ERROR_FILE if not. */
gboolean rv__tensor_file_check (const RvTensorFile *file, GError **error);

/* (transfer full) (nullable): @tensor itself if its numbers are in memory, else a copy from its file, checked for
 * changes. NULL and RV_ERROR_FILE, RV_ERROR_MEMORY. */
RvTensor *rv__tensor_read (const RvTensor *tensor, GError **error);

/* Copies all bytes of @tensor to @to and checks that its file has not changed. RV_ERROR_FILE. */
gboolean rv__tensor_read_into (const RvTensor *tensor, void *to, GError **error);
/* Copies @size bytes of @tensor, from byte @from on. RV_ERROR_FILE. If the file became shorter:
 * TRUE, with the rest of @to unset; the caller must call rv__tensor_file_check(). */
gboolean rv__tensor_read_bytes (const RvTensor *tensor, gsize from, gsize size, void *to, GError **error);

#endif
