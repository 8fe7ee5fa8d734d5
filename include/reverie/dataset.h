/* dataset.h -- many small pictures of one size, with or without labels: what a VAE is trained on.
 * Layer 2 (io). Implemented in src/io/dataset/. Every file is treated as hostile. */
#ifndef RV_DATASET_H
#define RV_DATASET_H

#include <gio/gio.h>
#include <reverie/error.h>
G_BEGIN_DECLS

/** RvDataset: @n pictures, [n, channels, height, width], one byte a sample, 0 black. Open for reading.
 * Threads: any may read it at once; it is loaded, filled, sealed and split by one. */
typedef struct {
  gint64 n;
  int channels, height, width; /* 1 grey or 3 RGB; px */
  guint8 *pixels;
  guint8 *labels; /* n of them; NULL: none */
  char *name;     /* where it came from, for people to read */
  char *hash;     /* SHA-256 of sizes and pixels, 64 hexadecimal digits */
  GStrv left_out; /* files that could not be read, each with the reason; NULL: none */
} RvDataset;

/** RvDatasetPart: of a source that has both. */
typedef enum { RV_DATASET_TRAIN, RV_DATASET_TEST } RvDatasetPart;

/**
 * rv_dataset_load:
 * @source:   an IDX file of pictures, plain or gzip, whose labels are taken when they lie beside it under MNIST's
 * names; a folder with MNIST's four files; a folder of pictures; one picture; or `fashion-mnist`: Debian's package
 *            dataset-fashion-mnist, or $REVERIE_DATASETS/fashion-mnist
 * @part:     of a source that has both parts; another gives what it has for either
 * @size_px:  of a folder of pictures: the side they are cropped and brought to, 28 to 128. IDX keeps its own size
 * @channels: of a folder of pictures: 1 grey, 3 RGB
 * @n_threads: that decode a folder of pictures, the caller's among them; 0: one for each core
 * @cancellable: (nullable): looked at before each picture, and while a file is read; from any thread
 *
 * Pictures that cannot be read are left out and named. Errors: %RV_ERROR_FILE, %RV_ERROR_FORMAT, %RV_ERROR_MEMORY,
 * %RV_ERROR_CANCELLED. Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API RvDataset *rv_dataset_load (const char *source, RvDatasetPart part, int size_px, int channels, int n_threads,
                                   GCancellable *cancellable, GError **error);

/** rv_dataset_mean: the mean picture of a dataset, [channels, height, width] in 0..1, into @mean. Since: 0.1 */
RV_API void rv_dataset_mean (const RvDataset *dataset, float *mean);
RV_API void rv_dataset_free (RvDataset *dataset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvDataset, rv_dataset_free)

G_END_DECLS
#endif
