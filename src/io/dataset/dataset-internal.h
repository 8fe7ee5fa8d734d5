/* dataset-internal.h -- creates and splits datasets; readers of sources. Layer 2 (io). */
#ifndef RV_DATASET_INTERNAL_H
#define RV_DATASET_INTERNAL_H

#include <reverie/dataset.h>

/* (transfer full) (nullable): @n black pictures, [@channels, @height, @width], without labels and with hash NULL, which
 * rv__dataset_compute_hash() sets. @name is copied. RV_ERROR_SHAPE, RV_ERROR_MEMORY. */
RvDataset *rv__dataset_new (const char *name, gint64 n, int channels, int height, int width, GError **error);

/* Sets dataset->hash from sizes and pixels, which must not change afterwards. Can't fail. */
void rv__dataset_compute_hash (RvDataset *dataset);

/* (transfer full) (nullable): a new dataset of @n random pictures of @dataset, chosen by @seed, with their labels. They
 * are removed from @dataset, whose order changes. Computes both hashes. RV_ERROR_SETTING unless both have at least one
 * picture, RV_ERROR_MEMORY; @dataset is then unchanged. */
RvDataset *rv__dataset_split (RvDataset *dataset, gint64 n, gint64 seed, GError **error);

/* (transfer full) (nullable): pictures of an IDX file, plain or gzip, with hash NULL. @labels (nullable): a file with
 * one label per picture. @cancellable: (nullable). RV_ERROR_FILE, RV_ERROR_FORMAT, RV_ERROR_MEMORY,
 * RV_ERROR_CANCELLED. */
RvDataset *rv__dataset_read_idx (const char *pictures, const char *labels, GCancellable *cancellable, GError **error);

/* First byte, in @bytes, of the data of an IDX file in memory, with unsigned bytes. Sets its @n_dims sizes, 1 (labels)
 * or 3 (pictures), in @dims. Borrowed. NULL and RV_ERROR_FORMAT, also for more or fewer bytes of data. Used for
 * fuzzing, too. */
const guint8 *rv__dataset_parse_idx (const char *name, const guint8 *bytes, gsize size, int n_dims, gint64 *dims,
                                     GError **error);

/* (transfer full) (nullable): the pictures of a folder, cropped to squares of @size_px px, with hash NULL. @channels 1
 * or 3. Unreadable files go to dataset->left_out. @n_threads 0: one per core. @cancellable: (nullable). RV_ERROR_FILE,
 * RV_ERROR_FORMAT if none can be read, RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
RvDataset *rv__dataset_read_pictures (const char *folder, int size_px, int channels, int n_threads,
                                      GCancellable *cancellable, GError **error);

/* (transfer full) (nullable): a dataset of one picture, cropped to a square of @size_px px, with hash NULL. @channels 1
 * or 3. Errors as rv_image_load(). */
RvDataset *rv__dataset_read_picture (const char *file, int size_px, int channels, GError **error);

#endif
