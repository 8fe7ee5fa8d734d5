/* dataset.h -- many small pictures of one size, with or without labels: the data that a VAE is trained on.
 * Layer 2 (io). Implemented in src/io/dataset/. Every file is treated as hostile. */
#ifndef RV_DATASET_H
#define RV_DATASET_H

#include <gio/gio.h>
#include <reverie/error.h>
G_BEGIN_DECLS

#define RV_DATASET_MAX_LABELS 1000 /* different labels in a dataset */

/** RvDataset: pictures, [n, channels, height, width], one byte a sample, 0 black. Programs may read all members.
 * Threads: any may read it, several at once; one thread loads, fills and splits it. */
typedef struct {
  gint64 n;
  int channels, height, width; /* channels: 1 grey or 3 RGB; sides in px */
  guint8 *pixels;
  guint16 *labels;   /* @n indices in @label_names; NULL: none */
  char *name;        /* source, for people to read */
  char *hash;        /* SHA-256 of sizes and pixels, 64 hexadecimal digits */
  GStrv left_out;    /* unreadable files, each with the reason, NULL-terminated; NULL: none */
  GStrv label_names; /* NULL-terminated; NULL without @labels. IDX: the numbers 0, 1, ... as texts */
} RvDataset;

/** RvDatasetSplit: the split to load from a source that has both. */
typedef enum { RV_DATASET_TRAIN, RV_DATASET_TEST } RvDatasetSplit;

/**
 * rv_dataset_load:
 * @source:      one of: an IDX file of pictures, plain or gzip; a folder with MNIST's four files; a folder of pictures;
 *               one picture; `fashion-mnist`, from Debian's package dataset-fashion-mnist or from
 *               $REVERIE_DATASETS/fashion-mnist
 * @labels:      (nullable): NULL: the labels beside an IDX file with one of MNIST's names, if there are any. "labels":
 *               these labels, or the names of the subfolders of @source, or Fashion-MNIST's names (coat, dress, ...).
 *               "subfolders": as NULL, but the pictures of subfolders belong to the dataset, too. Else a file, IDX or
 *               CSV: a file name and a label in each line
 * @split:       split to load; ignored if the source has only one
 * @size_px:     28 to 128, not checked here: pictures are cropped to a square and resized to this side. IDX keeps its
 *               size
 * @channels:    channels of the pictures: 1 grey, 3 RGB. IDX has 1
 * @n_threads:   threads that decode a folder of pictures, the caller's included; 0: one for each core
 * @cancellable: (nullable): checked before each picture, and while a file is read; from any thread. NULL: the current
 *               one of the thread
 *
 * Of a folder, the pictures that a training wrote beside its model, such as MODEL-samples.png, are not loaded.
 * Pictures that cannot be read are skipped and listed in `left_out`. `label_names` has only labels that
 * occur, at most %RV_DATASET_MAX_LABELS. Errors: %RV_ERROR_FILE if @source or @labels cannot be read, or @source is an
 * empty folder; %RV_ERROR_FORMAT if one of these files is damaged, @source has no picture, a picture has two labels,
 * only some pictures have a label, or a label is empty or has control characters; %RV_ERROR_SHAPE for a size below 1,
 * and if @source is one picture above 2^31 pixels or more than 1000 times as long as wide; %RV_ERROR_MEMORY,
 * %RV_ERROR_CANCELLED; %RV_ERROR_BACKEND for one picture in a forked process. Returns: (transfer full) (nullable).
 * Since: 0.1
 */
RV_API RvDataset *rv_dataset_load (const char *source, const char *labels, RvDatasetSplit split, int size_px,
                                   int channels, int n_threads, GCancellable *cancellable, GError **error);

/** rv_dataset_mean: writes the mean picture over all of @dataset, [channels, height, width], 0..1, to @mean
 * (out caller-allocates): channels * height * width numbers. Since: 0.1 */
RV_API void rv_dataset_mean (const RvDataset *dataset, float *mean);
/** rv_dataset_free: (nullable): frees the dataset and all its members. Since: 0.1 */
RV_API void rv_dataset_free (RvDataset *dataset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvDataset, rv_dataset_free)

G_END_DECLS
#endif
