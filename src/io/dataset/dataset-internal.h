/* dataset-internal.h -- creates and splits datasets; readers of sources. Layer 2 (io). */
#pragma once

#include <reverie/dataset.h>
#include <reverie/image.h>

/* (transfer full) (nullable): @n black pictures, [@channels, @height, @width], without labels and with hash NULL, which
 * rv__dataset_compute_hash() sets. @name is copied. NULL: RV_ERROR_SHAPE if a number is below 1 or the product
 * overflows. */
RvDataset *rv__dataset_new (const char *name, gint64 n, int channels, int height, int width, GError **error);

/* Files that a training writes, named after its model. Its pictures do not belong to a dataset in the same folder. */
#define RV_TRAINING_MODEL ".safetensors"
#define RV_TRAINING_CHECKPOINT "-checkpoint.safetensors"
#define RV_TRAINING_SAMPLES "-samples.png"
#define RV_TRAINING_RECONSTRUCTIONS "-reconstructions.png"
#define RV_TRAINING_CURVES "-loss.png"

/* (transfer full) (nullable): as rv_dataset_load() returns it, but files of a folder that are one of @except (nullable)
 * (element-type utf8), in the same folder or by a link of the same name, do not belong to it. NULL elements are
 * skipped. RV_ERROR_FILE if no other file is there. */
RvDataset *rv__dataset_load_except (const char *source, const char *labels, const GPtrArray *except,
                                    RvDatasetSplit split, int size_px, int channels, int n_threads,
                                    GCancellable *cancellable, GError **error);

/* Sets dataset->hash to the SHA-256 of sizes and pixels, without labels, and frees the old one. The pixels must not
 * change afterwards. FALSE, with a hash of no use, if @cancellable (nullable) is cancelled. */
gboolean rv__dataset_compute_hash (RvDataset *dataset, GCancellable *cancellable);

/* (transfer full) (nullable): a new dataset of @n pictures of @dataset with their labels, chosen at random by @seed,
 * always the same ones. They are removed from @dataset, whose order changes. Sets the hash of both. NULL:
 * RV_ERROR_SETTING if one of the two would be empty. After an error @dataset is unchanged. */
RvDataset *rv__dataset_split (RvDataset *dataset, gint64 n, gint64 seed, GError **error);

/* (transfer full) (nullable): the pictures of an IDX file, plain or gzip: one channel, their own size, hash NULL.
 * @labels (nullable): IDX file with one label per picture; NULL: dataset->labels is NULL. The thread's current
 * cancellable stops the reading. */
RvDataset *rv__dataset_read_idx (const char *pictures, const char *labels, GError **error);

/* (transfer full) (nullable): the pictures at the paths @files (element-type utf8), in their order, each its
 * central square resized to @size_px px, without labels, hash NULL. @folder: name of the dataset; not joined to
 * @files. @files: not empty; paths that cannot be read are removed, also after an error, and their errors listed in
 * dataset->left_out. @channels 1 (luma) or 3. @n_threads 0: one per core. NULL: RV_ERROR_FORMAT if no file can be
 * read. The thread's current cancellable stops the reading. */
RvDataset *rv__dataset_read_pictures (const char *folder, GPtrArray *files, int size_px, int channels, int n_threads,
                                      GError **error);

/* (transfer full) (nullable): a dataset of one picture, its centre resized to @width x @height px, without labels, hash
 * NULL. @channels 1 (luma) or 3. The thread's current cancellable stops the reading. */
RvDataset *rv__dataset_read_picture (const char *file, int channels, int height, int width, GError **error);

/* Stores @image as picture @i: its central part of the dataset's shape, resized. */
gboolean rv__dataset_set_picture (RvDataset *dataset, gint64 i, const RvImage *image, GError **error);
/* (transfer full) (nullable): picture @i, from 0, opaque, 0..255; a single channel becomes all three colours. */
RvImage *rv__dataset_get_picture (const RvDataset *dataset, gint64 i, GError **error);
/* Sets the labels of @dataset to those of an IDX file, plain or gzip. RV_ERROR_FORMAT: not one for each picture.
 * After an error @dataset is unchanged. */
gboolean rv__dataset_label_by_idx (RvDataset *dataset, const char *file, GError **error);

/* Whether the first two bytes of @file are those of IDX or gzip; TRUE also if it cannot be read or has fewer than two
 * bytes. */
gboolean rv__dataset_may_be_idx (const char *file);

/* (transfer full) (nullable) (element-type utf8): paths of the entries of @folder, sorted by bytes. Each subfolder is
 * replaced, at its position, by its own entries, sorted as well; folders among those stay. *has_subfolders: set to TRUE
 * if there is a subfolder, else unchanged. An empty subfolder is an error. */
GPtrArray *rv__dataset_list_subfolders (const char *folder, gboolean *has_subfolders, GError **error);

/* Sets the labels of @dataset to the names of the subfolders of @folder. @files [dataset->n]: paths of its pictures.
 * RV_ERROR_FORMAT: a file is in no subfolder. After an error @dataset is unchanged. */
gboolean rv__dataset_label_by_folder (RvDataset *dataset, const char *folder, const GPtrArray *files, GError **error);

/* Sets the labels of @dataset to those in @file, IDX or CSV. @files [dataset->n]: (nullable): paths of its pictures;
 * NULL: they have no names, which a CSV needs. RV_ERROR_FILE if @file is no regular file; RV_ERROR_FORMAT if it is
 * empty. After an error @dataset is unchanged. */
gboolean rv__dataset_label_by_file (RvDataset *dataset, const char *file, const GPtrArray *files, GError **error);

/* Sets the labels of @dataset to the bytes @labels [dataset->n]; label names are the bytes that occur, as decimal
 * numbers. Cannot fail. */
void rv__dataset_set_idx_labels (RvDataset *dataset, const guint8 *labels);
