/* dataset.c -- finds, loads and splits datasets. */
#include "base/cancel.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/random.h"
#include "dataset-internal.h"
#include "io/atomic-file.h"
#include "io/folder.h"
#include <stdio.h>
#include <string.h>

#define FASHION "fashion-mnist"
#define FASHION_FOLDER "/usr/share/datasets/fashion-mnist" /* Debian's package dataset-fashion-mnist */
#define SPLIT_STREAM 4

/* Bytes of one picture: channels * height * width. */
static gsize
picture_bytes (const RvDataset *dataset)
{
  return (gsize) dataset->channels * (gsize) dataset->height * (gsize) dataset->width;
}

RvDataset *
rv__dataset_new (const char *name, gint64 n, int channels, int height, int width, GError **error)
{
  gsize bytes = 1;
  if (n < 1 || channels < 1 || height < 1 || width < 1 || !rv__size_mul (&bytes, (guint64) n) ||
      !rv__size_mul (&bytes, (guint64) channels) || !rv__size_mul (&bytes, (guint64) height) ||
      !rv__size_mul (&bytes, (guint64) width))
    return rv__error_null (error, RV_ERROR_SHAPE,
                           "impossible dataset: %" G_GINT64_FORMAT " pictures of %d x %d px with %d channels", n, width,
                           height, channels);
  guint8 *pixels = rv__alloc (bytes, name, error);
  if (!pixels)
    return NULL;
  RvDataset *dataset = g_new0 (RvDataset, 1);
  *dataset = (RvDataset){
    .n = n, .channels = channels, .height = height, .width = width, .pixels = pixels, .name = g_strdup (name)
  };
  return dataset;
}

void
rv_dataset_free (RvDataset *dataset)
{
  if (!dataset)
    return;
  rv__free (dataset->pixels);
  g_free (dataset->labels);
  g_free (dataset->name);
  g_free (dataset->hash);
  g_strfreev (dataset->left_out);
  g_strfreev (dataset->label_names);
  g_free (dataset);
}

gboolean
rv__dataset_compute_hash (RvDataset *dataset, GCancellable *cancellable)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *sizes =
    g_strdup_printf ("%" G_GINT64_FORMAT " %d %d %d\n", dataset->n, dataset->channels, dataset->height, dataset->width);
  g_checksum_update (checksum, (const guchar *) sizes, -1);
  for (gint64 i = 0; i < dataset->n && !g_cancellable_is_cancelled (cancellable); i++)
    g_checksum_update (checksum, dataset->pixels + (gsize) i * picture_bytes (dataset),
                       (gssize) picture_bytes (dataset));
  g_free (dataset->hash);
  dataset->hash = g_strdup (g_checksum_get_string (checksum));
  return !g_cancellable_is_cancelled (cancellable);
}

void
rv_dataset_mean (const RvDataset *dataset, float *mean)
{
  enum { BLOCK = 1024 }; /* pixels that are summed at once */
  gint64 size = (gint64) picture_bytes (dataset);
  for (gint64 first = 0; first < size; first += BLOCK) {
    double sum[BLOCK] = { 0 };
    int n = (int) MIN (BLOCK, size - first);
    for (gint64 i = 0; i < dataset->n; i++)
      for (int p = 0; p < n; p++)
        sum[p] += dataset->pixels[i * size + first + p];
    for (int p = 0; p < n; p++)
      mean[first + p] = (float) (sum[p] / (255 * (double) dataset->n));
  }
}

/* ---- sources ----------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): path of the regular file FOLDER/NAME, else of FOLDER/NAME.gz. NULL, no error: neither
 * exists. */
static char *
find_plain_or_gzip (const char *folder, const char *name)
{
  g_autofree char *plain = g_build_filename (folder, name, NULL), *gzip = g_strconcat (plain, ".gz", NULL);
  char **path = g_file_test (plain, G_FILE_TEST_IS_REGULAR)  ? &plain
                : g_file_test (gzip, G_FILE_TEST_IS_REGULAR) ? &gzip
                                                             : NULL;
  return path ? g_steal_pointer (path) : NULL;
}

/* (transfer full) (nullable): FOLDER/train-images-idx3-ubyte, or t10k of the test split, with or without .gz; else that
 * of the other split. Some copies of MNIST have ".idx3" instead of "-idx3". NULL if none of them exists. */
static char *
find_pictures (const char *folder, RvDatasetSplit split)
{
  static const char *const names[][2] = {
    [RV_DATASET_TRAIN] = { "train-images-idx3-ubyte", "train-images.idx3-ubyte" },
    [RV_DATASET_TEST] = { "t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte" },
  };
  char *path = NULL;
  for (int i = 0; !path && i < 4; i++)
    path = find_plain_or_gzip (folder, names[i < 2 ? split : !split][i % 2]);
  return path;
}

/* (transfer full) (nullable): the existing file of labels, with or without .gz, for a file of pictures with MNIST's
 * names: "images-idx3" becomes "labels-idx1", and "images.idx3" "labels.idx1". NULL: another name, or no such file. */
static char *
find_labels (const char *pictures)
{
  g_autofree char *folder = g_path_get_dirname (pictures), *base = g_path_get_basename (pictures);
  const char *at = strstr (base, "images-idx3"), *images = at ? at : strstr (base, "images.idx3");
  if (!images)
    return NULL;
  if (g_str_has_suffix (base, ".gz"))
    base[strlen (base) - strlen (".gz")] = '\0';
  g_autofree char *name = g_strdup_printf ("%.*slabels%cidx1%s", (int) (images - base), base, at ? '-' : '.',
                                           images + strlen ("images-idx3"));
  return find_plain_or_gzip (folder, name);
}

/* Source of a dataset, and how it is read. */
typedef struct {
  const char *name;          /* file, folder or "fashion-mnist" */
  gboolean reads_subfolders; /* pictures of subfolders belong to the dataset */
  gboolean has_own_labels;   /* labels are subfolders, or the names of Fashion-MNIST; else only IDX has labels */
  const char *labels;        /* file of labels; NULL: none */
  const GPtrArray *except;   /* files that do not belong to a folder; NULL: none */
  RvDatasetSplit split;
  int size_px, channels, n_threads;
} Source;

/* Whether @file is a picture that a training wrote beside its model or checkpoint. */
static gboolean
is_of_training (const char *file)
{
  static const char *const suffixes[] = { RV_TRAINING_SAMPLES, RV_TRAINING_RECONSTRUCTIONS, RV_TRAINING_CURVES };
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (file, suffixes[i])) {
      g_autofree char *stem = g_strndup (file, strlen (file) - strlen (suffixes[i]));
      g_autofree char *model = g_strconcat (stem, RV_TRAINING_MODEL, NULL),
                      *checkpoint = g_strconcat (stem, RV_TRAINING_CHECKPOINT, NULL);
      return g_file_test (model, G_FILE_TEST_EXISTS) || g_file_test (checkpoint, G_FILE_TEST_EXISTS);
    }
  return FALSE;
}

/* Removes from @files, paths in @folder, pictures of trainings, and those that are one of @except (nullable) and have
 * its name. RV_ERROR_FILE if none is left. */
static gboolean
remove_files (GPtrArray *files, const char *folder, const GPtrArray *except, GError **error)
{
  for (guint i = files->len; i-- > 0;) {
    g_autofree char *name = g_path_get_basename (files->pdata[i]);
    gboolean is_one = is_of_training (files->pdata[i]);
    for (guint k = 0; !is_one && except && k < except->len; k++)
      is_one = except->pdata[k] && g_str_has_suffix (except->pdata[k], name) &&
               rv__atomic_file_is_same (except->pdata[k], files->pdata[i]);
    if (is_one)
      g_ptr_array_remove_index (files, i);
  }
  return files->len > 0 || rv__error_set (error, RV_ERROR_FILE, "the folder %s has no files to read", folder);
}

/* (transfer full) (nullable): the dataset of a folder with pictures, or with MNIST's files. *files: NULL before; set to
 * the paths of the pictures (transfer full), also after an error; stays NULL for IDX. */
static RvDataset *
load_folder (const Source *source, GPtrArray **files, GError **error)
{
  g_autofree char *pictures = find_pictures (source->name, source->split),
                  *labels = pictures ? find_labels (pictures) : NULL;
  gboolean has_subfolders = FALSE;
  if (pictures)
    return rv__dataset_read_idx (pictures, labels, error);
  *files = source->reads_subfolders ? rv__dataset_list_subfolders (source->name, &has_subfolders, error)
                                    : rv__folder_list (source->name, error);
  gboolean ok = *files && remove_files (*files, source->name, source->except, error);
  g_autoptr (RvDataset) dataset =
    ok ? rv__dataset_read_pictures (source->name, *files, source->size_px, source->channels, source->n_threads, error)
       : NULL;
  if (dataset && has_subfolders && source->has_own_labels &&
      !rv__dataset_label_by_folder (dataset, source->name, *files, error))
    return NULL;
  return g_steal_pointer (&dataset);
}

/* (transfer full) (nullable): the IDX files of Fashion-MNIST, from $REVERIE_DATASETS/fashion-mnist if this folder
 * exists, else from Debian's; hash NULL. If @split is missing: the other split. NULL: RV_ERROR_FILE without pictures
 * there. */
static RvDataset *
load_fashion (RvDatasetSplit split, GError **error)
{
  const char *datasets = g_getenv ("REVERIE_DATASETS");
  g_autofree char *own = datasets ? g_build_filename (datasets, FASHION, NULL) : NULL;
  const char *folder = own && g_file_test (own, G_FILE_TEST_IS_DIR) ? own : FASHION_FOLDER;
  g_autofree char *pictures = find_pictures (folder, split), *labels = pictures ? find_labels (pictures) : NULL;
  if (pictures)
    return rv__dataset_read_idx (pictures, labels, error);
  return rv__error_null (
    error, RV_ERROR_FILE,
    "Fashion-MNIST is not installed; install it with 'apt install dataset-fashion-mnist', or put its four files "
    "into $REVERIE_DATASETS/" FASHION);
}

gboolean
rv__dataset_may_be_idx (const char *file)
{
  guint8 magic[2] = { 0, 0 };
  FILE *stream = fopen (file, "re");
  gsize got = stream ? fread (magic, 1, sizeof magic, stream) : 0;
  if (stream)
    fclose (stream);
  return got < sizeof magic || (magic[0] == 0 && magic[1] == 0) || (magic[0] == 0x1f && magic[1] == 0x8b);
}

/* Replaces the label names "0" to "9", of which some may be missing, by those of Fashion-MNIST. */
static void
name_fashion_labels (RvDataset *dataset)
{
  static const char *const names[] = { "t-shirt", "trouser", "pullover", "dress", "coat",
                                       "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot" };
  for (char **name = dataset->label_names; name && *name; name++) {
    guint64 number = g_ascii_strtoull (*name, NULL, 10);
    if (number < G_N_ELEMENTS (names)) {
      g_free (*name);
      *name = g_strdup (names[number]);
    }
  }
}

/* (transfer full) (nullable): the dataset of @source, of any kind, with its hash. RV_ERROR_CANCELLED while hashing. */
static RvDataset *
load (const Source *source, GError **error)
{
  g_autoptr (RvDataset) dataset = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autofree char *labels = find_labels (source->name);
  gboolean is_word = strcmp (source->name, FASHION) == 0 && !g_file_test (source->name, G_FILE_TEST_EXISTS);
  gboolean is_folder = g_file_test (source->name, G_FILE_TEST_IS_DIR);
  if (!rv__file_check_kind (source->name, error))
    return NULL;
  if (is_word)
    dataset = load_fashion (source->split, error);
  else if (is_folder)
    dataset = load_folder (source, &files, error);
  else if (rv__dataset_may_be_idx (source->name))
    dataset = rv__dataset_read_idx (source->name, labels, error);
  else if ((dataset =
              rv__dataset_read_picture (source->name, source->channels, source->size_px, source->size_px, error)))
    g_ptr_array_add (files = g_ptr_array_new_with_free_func (g_free), g_strdup (source->name));
  if (!dataset || (source->labels && !rv__dataset_label_by_file (dataset, source->labels, files, error)))
    return NULL;
  if (is_word && source->has_own_labels)
    name_fashion_labels (dataset);
  if (!rv__dataset_compute_hash (dataset, g_cancellable_get_current ()))
    return rv__error_null (error, RV_ERROR_CANCELLED, "cancelled");
  return g_steal_pointer (&dataset);
}

RvDataset *
rv_dataset_load (const char *source, const char *labels, RvDatasetSplit split, int size_px, int channels, int n_threads,
                 GCancellable *cancellable, GError **error)
{
  return rv__dataset_load_except (source, labels, NULL, split, size_px, channels, n_threads, cancellable, error);
}

RvDataset *
rv__dataset_load_except (const char *source, const char *labels, const GPtrArray *except, RvDatasetSplit split,
                         int size_px, int channels, int n_threads, GCancellable *cancellable, GError **error)
{
  gboolean own = labels && strcmp (labels, "labels") == 0,
           only_subfolders = labels && strcmp (labels, "subfolders") == 0;
  rv__cancellable_push (cancellable);
  RvDataset *dataset = load (&(Source){ .name = source,
                                        .reads_subfolders = own || only_subfolders,
                                        .has_own_labels = own,
                                        .labels = own || only_subfolders ? NULL : labels,
                                        .except = except,
                                        .split = split,
                                        .size_px = size_px,
                                        .channels = channels,
                                        .n_threads = n_threads },
                             error);
  rv__cancellable_pop (cancellable);
  return dataset;
}

/* ---- splitting --------------------------------------------------------------------------------------------------- */

/* Swaps the pixels of pictures @i and @j, and their labels if there are any; nothing if @i is @j. Does not update the
 * hash. @spare: memory for one picture, overwritten. */
static void
swap_pictures (RvDataset *dataset, gint64 i, gint64 j, guint8 *spare)
{
  gsize bytes = picture_bytes (dataset);
  guint8 *a = dataset->pixels + (gsize) i * bytes, *b = dataset->pixels + (gsize) j * bytes;
  if (i == j)
    return;
  memcpy (spare, a, bytes);
  memcpy (a, b, bytes);
  memcpy (b, spare, bytes);
  if (dataset->labels) {
    guint16 label = dataset->labels[i];
    dataset->labels[i] = dataset->labels[j];
    dataset->labels[j] = label;
  }
}

RvDataset *
rv__dataset_split (RvDataset *dataset, gint64 n, gint64 seed, GError **error)
{
  gsize bytes = picture_bytes (dataset);
  if (n < 1 || n >= dataset->n)
    return rv__error_null (error, RV_ERROR_SETTING,
                           "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                           " pictures cannot be split off: both parts need at least one",
                           n, dataset->n);
  g_autoptr (RvDataset) chosen =
    rv__dataset_new (dataset->name, n, dataset->channels, dataset->height, dataset->width, error);
  g_autoptr (guint8) spare = chosen ? rv__alloc (bytes, dataset->name, error) : NULL;
  if (!spare)
    return NULL;
  for (gint64 i = dataset->n - 1; i >= dataset->n - n; i--) { /* Fisher-Yates: the last n are a random choice */
    double u = rv__random_uniform_01 ((guint64) seed, SPLIT_STREAM, (guint64) i);
    swap_pictures (dataset, i, (gint64) (u * (double) (i + 1)), spare);
  }
  dataset->n -= n;
  memcpy (chosen->pixels, dataset->pixels + (gsize) dataset->n * bytes, (gsize) n * bytes);
  if (dataset->labels)
    chosen->labels = g_memdup2 (dataset->labels + dataset->n, (gsize) n * sizeof *dataset->labels);
  chosen->label_names = g_strdupv (dataset->label_names);
  rv__dataset_compute_hash (chosen, NULL);
  rv__dataset_compute_hash (dataset, NULL);
  return g_steal_pointer (&chosen);
}
