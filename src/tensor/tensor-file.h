/* tensor-file.h -- tensors in a file that may change.
 * Layer 1 (tensor). If a mapped file is truncated, reading its memory kills the program. So the mapping serves only to
 * parse the file. Numbers are copied from the file each time they are used, and a changed file is an error. Between
 * uses they take no memory. */
#pragma once

#include <reverie/tensor.h>

typedef struct _RvTensorFile RvTensorFile;

/* (transfer full) (nullable): the bytes of the regular file @filename, mapped read-only; no bytes for an empty file.
 * *file: its record, borrowed from these bytes and freed with them. After an error *file is unchanged. */
GBytes *rv__tensor_file_map (const char *filename, const RvTensorFile **file, GError **error);

/* Sets RvTensor.file, to @file, of the tensors of @map whose data lie in the mapping of @file. The functions below then
 * read them from the file; other tensors stay in memory. @file is borrowed: the reference RvTensor.bytes keeps it
 * valid. */
void rv__tensor_file_attach (const RvTensorFile *file, const RvTensorMap *map);

/* Checks that size and modification time of the open file are those when it was mapped. FALSE and RV_ERROR_FILE if they
 * differ or cannot be read. A file that replaced its name is not noticed: the old one stays open. */
gboolean rv__tensor_file_check (const RvTensorFile *file, GError **error);

/* (transfer full) (nullable): a reference to @tensor itself if its numbers are in memory, else a copy, of its type,
 * read from its file. */
RvTensor *rv__tensor_read (const RvTensor *tensor, GError **error);

/* Copies the rv_tensor_bytes() bytes of @tensor, in its type, from memory or its file to @to. After an error @to
 * may be overwritten. Can't fail for a tensor in memory. */
gboolean rv__tensor_read_into (const RvTensor *tensor, void *to, GError **error);
/* Copies @size bytes of @tensor, from its byte @from on, to @to; the range must lie in the tensor. FALSE and
 * RV_ERROR_FILE if its file cannot be read or has become shorter. Other changes are not noticed: call
 * rv__tensor_file_check() after the last call. */
gboolean rv__tensor_read_bytes (const RvTensor *tensor, gsize from, gsize size, void *to, GError **error);
