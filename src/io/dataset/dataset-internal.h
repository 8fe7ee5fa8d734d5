/* dataset-internal.h -- creates and splits datasets; readers of sources. Layer 2 (io). */
#ifndef RV_DATASET_INTERNAL_H
#define RV_DATASET_INTERNAL_H

#include <reverie/dataset.h>

/* (transfer full) (nullable): @n black pictures, [@channels, @height, @width], without labels and without a hash, which
 * rv__dataset_seal() computes. @name is copied. RV_ERROR_SHAPE, RV_ERROR_MEMORY. */
RvDataset *rv__dataset_new (const char *name, gint64 n, int channels, int height, int width, GError **error);

/* Computes the hash; pixels must not change afterwards. */
void rv__dataset_seal (RvDataset *dataset);

/* (transfer full) (nullable): a new dataset with the last @n pictures of @dataset, after a shuffle by @seed; they are
 * removed from @dataset. RV_ERROR_SETTING unless both have at least one, RV_ERROR_MEMORY. */
RvDataset *rv__dataset_split (RvDataset *dataset, gint64 n, gint64 seed, GError **error);

/* (transfer full) (nullable): pictures of an IDX file, plain or gzip, without a hash. @labels: a file with one label
 * per picture, or NULL. RV_ERROR_FILE, RV_ERROR_FORMAT, RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
RvDataset *rv__dataset_read_idx (const char *pictures, const char *labels, GCancellable *cancellable, GError **error);

/* First byte of the data of an IDX file in memory, with unsigned bytes and @n_dims sizes. Borrowed. NULL and
 * RV_ERROR_FORMAT. Used for fuzzing, too. */
const guint8 *rv__dataset_parse_idx (const char *name, const guint8 *bytes, gsize size, int n_dims, gint64 *dims,
                                     GError **error);

/* (transfer full) (nullable): the pictures of a folder, without a hash. @n_threads 0: one per core. RV_ERROR_FILE,
 * RV_ERROR_FORMAT, RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
RvDataset *rv__dataset_read_pictures (const char *folder, int size_px, int channels, int n_threads,
                                      GCancellable *cancellable, GError **error);

/* (transfer full) (nullable): a dataset of one picture, without a hash. */
RvDataset *rv__dataset_read_picture (const char *file, int size_px, int channels, GError **error);

#endif
