/* dataset-internal.h -- creates and splits datasets; readers of sources. Layer 2 (io). */
#pragma once

#include <reverie/dataset.h>
#include <reverie/image.h>

/* (transfer full) (nullable): @n black pictures, [@channels, @height, @width], without labels and with hash NULL, which
 * rv__dataset_compute_hash() sets. @name is copied. NULL: RV_ERROR_SHAPE if a number is below 1 or the product
 * overflows; RV_ERROR_MEMORY. */
RvDataset *rv__dataset_new (const char *name, gint64 n, int channels, int height, int width, GError **error);

/* Sets dataset->hash to the SHA-256 of sizes and pixels, without labels, and frees the old one. The pixels must not
 * change afterwards. FALSE, with a hash of no use, if @cancellable (nullable) is cancelled. */
gboolean rv__dataset_compute_hash (RvDataset *dataset, GCancellable *cancellable);

/* (transfer full) (nullable): a new dataset of @n pictures of @dataset with their labels, chosen at random by @seed,
 * always the same ones. They are removed from @dataset, whose order changes. Sets the hash of both. NULL, and @dataset
 * unchanged: RV_ERROR_SETTING if one of the two would be empty; RV_ERROR_MEMORY. */
RvDataset *rv__dataset_split (RvDataset *dataset, gint64 n, gint64 seed, GError **error);

/* (transfer full) (nullable): the pictures of an IDX file, plain or gzip: one channel, their own size, hash NULL.
 * @labels (nullable): IDX file with one label per picture; NULL: dataset->labels is NULL. NULL: RV_ERROR_FILE if a file
 * cannot be opened or read; RV_ERROR_FORMAT if one is no IDX of bytes or damaged, or the numbers differ;
 * RV_ERROR_MEMORY; RV_ERROR_CANCELLED by the thread's current cancellable. */
RvDataset *rv__dataset_read_idx (const char *pictures, const char *labels, GError **error);

/* (transfer full) (nullable): the pictures @files (element-type utf8) of @folder, each its central square resized to
 * @size_px px, without labels, hash NULL. @channels 1 (luma) or 3. Files that cannot be read are removed from @files
 * and listed in dataset->left_out. @n_threads 0: one per core. NULL: RV_ERROR_FORMAT if no file can be read;
 * RV_ERROR_SHAPE, RV_ERROR_MEMORY, RV_ERROR_CANCELLED by the thread's current cancellable. */
RvDataset *rv__dataset_read_pictures (const char *folder, GPtrArray *files, int size_px, int channels, int n_threads,
                                      GError **error);

/* (transfer full) (nullable): a dataset of one picture, its centre resized to @width x @height px, without labels, hash
 * NULL. @channels 1 (luma) or 3. NULL: RV_ERROR_FILE if @file cannot be read, RV_ERROR_FORMAT if it is no picture;
 * RV_ERROR_SHAPE, RV_ERROR_MEMORY; RV_ERROR_CANCELLED by the thread's current cancellable; RV_ERROR_BACKEND in a forked
 * process. */
RvDataset *rv__dataset_read_picture (const char *file, int channels, int height, int width, GError **error);

/* Stores @image as picture @i: its central part of the dataset's shape, resized. RV_ERROR_SHAPE if a side is more than
 * 1000 times as long as the other; RV_ERROR_MEMORY, RV_ERROR_CANCELLED; RV_ERROR_BACKEND in a forked process. */
gboolean rv__dataset_set_picture (RvDataset *dataset, gint64 i, const RvImage *image, GError **error);
/* (transfer full) (nullable): picture @i, from 0, opaque, 0..255; a single channel becomes all three colours.
 * RV_ERROR_MEMORY. */
RvImage *rv__dataset_get_picture (const RvDataset *dataset, gint64 i, GError **error);
/* Sets the labels of @dataset to those of an IDX file, plain or gzip. RV_ERROR_FORMAT: not one for each picture; errors
 * of rv__dataset_read_idx(). @dataset is then unchanged. */
gboolean rv__dataset_label_by_idx (RvDataset *dataset, const char *file, GError **error);

/* Whether the first two bytes of @file are those of IDX or gzip; TRUE also if it cannot be read or has fewer than two
 * bytes. */
gboolean rv__dataset_may_be_idx (const char *file);

/* (transfer full) (nullable) (element-type utf8): paths of the entries of @folder, sorted by bytes. Each subfolder is
 * replaced, at its position, by its own entries, sorted as well; folders among those stay. *has_subfolders: set to TRUE
 * if there is a subfolder, else unchanged. Errors of rv__folder_list(), also for an empty subfolder. */
GPtrArray *rv__dataset_list_subfolders (const char *folder, gboolean *has_subfolders, GError **error);

/* Sets the labels of @dataset to the names of the subfolders of @folder. @files [dataset->n]: paths of its pictures.
 * RV_ERROR_FORMAT, with @dataset unchanged: a file is in no subfolder, a name has control characters, or there are more
 * than RV_DATASET_MAX_LABELS. */
gboolean rv__dataset_label_by_folder (RvDataset *dataset, const char *folder, const GPtrArray *files, GError **error);

/* Sets the labels of @dataset to those in @file, IDX or CSV. @files [dataset->n]: (nullable): paths of its pictures;
 * NULL: they have no names, which a CSV needs. After an error @dataset is unchanged: RV_ERROR_FILE if @file cannot be
 * read; RV_ERROR_FORMAT if it is empty or damaged, or has not exactly one valid label for each picture;
 * RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__dataset_label_by_file (RvDataset *dataset, const char *file, const GPtrArray *files, GError **error);

/* Sets the labels of @dataset to the bytes @labels [dataset->n]; label names are the bytes that occur, as decimal
 * numbers. Cannot fail. */
void rv__dataset_set_idx_labels (RvDataset *dataset, const guint8 *labels);
