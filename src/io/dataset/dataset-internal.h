/* dataset-internal.h -- datasets made and split, and the kinds of sources.
 * Layer 2 (io). */
#ifndef RV_DATASET_INTERNAL_H
#define RV_DATASET_INTERNAL_H

#include <reverie/dataset.h>

/* (transfer full) (nullable): @n black pictures, [@channels, @height, @width], without labels; @name is copied. The
 * hash is rv__dataset_seal()'s. RV_ERROR_SHAPE, RV_ERROR_MEMORY. */
RvDataset *rv__dataset_new (const char *name, gint64 n, int channels, int height, int width, GError **error);

/* Computes the hash: the pixels are as they will stay. */
void rv__dataset_seal (RvDataset *dataset);

/* (transfer full) (nullable): moves the last @n pictures of @dataset, after a shuffle by @seed, into one of their own.
 * RV_ERROR_SETTING unless both keep at least one, RV_ERROR_MEMORY. */
RvDataset *rv__dataset_split (RvDataset *dataset, gint64 n, gint64 seed, GError **error);

/* rv__dataset_read_idx: pictures of an IDX file, plain or gzip; @labels is one of as many labels, or NULL. Not sealed.
 */
RvDataset *rv__dataset_read_idx (const char *pictures, const char *labels, GCancellable *cancellable, GError **error);

/* rv__dataset_parse_idx: a whole IDX file of unsigned bytes with @n_dims sizes, from memory; the first byte of its
 * data, borrowed, or NULL and RV_ERROR_FORMAT. For fuzzing, too. */
const guint8 *rv__dataset_parse_idx (const char *name, const guint8 *bytes, gsize size, int n_dims, gint64 *dims,
                                     GError **error);

/* rv__dataset_read_pictures: a folder of pictures, by @n_threads, 0: one for each core. Not sealed. */
RvDataset *rv__dataset_read_pictures (const char *folder, int size_px, int channels, int n_threads,
                                      GCancellable *cancellable, GError **error);

/* rv__dataset_read_picture: one picture. Not sealed. */
RvDataset *rv__dataset_read_picture (const char *file, int size_px, int channels, GError **error);

#endif
