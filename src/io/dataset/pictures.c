/* pictures.c -- a folder of pictures as a dataset: each cropped to its central square and resized. */
#include "base/cancel.h"
#include "base/error.h"
#include "base/sample.h"
#include "base/system.h"
#include "dataset-internal.h"
#include "io/image/frame.h"
#include <math.h>
#include <reverie/image.h>
#include <string.h>

#define MAX_RATIO 1000 /* longer side / shorter side of a picture */

typedef struct {
  RvDataset *dataset;
  GPtrArray *files; /* sorted paths */
  char **reasons;   /* error of each file; NULL: none */
  gint next;        /* atomic: next file to read */
  GCancellable *cancellable;
} Reading;

/* Scales *width and *height (inout), px, to the smallest size of the same proportions that covers the pictures of
 * @dataset. RV_ERROR_SHAPE, both unchanged, if one side is over MAX_RATIO times the other, which would need much
 * memory. */
static gboolean
cover (const RvDataset *dataset, int *width, int *height, GError **error)
{
  if (MAX (*width, *height) > (gint64) MAX_RATIO * MIN (*width, *height))
    return rv__error_set (error, RV_ERROR_SHAPE, "a picture of %d x %d px is more than %d times as long as wide",
                          *width, *height, MAX_RATIO);
  double scale = MAX ((double) dataset->width / *width, (double) dataset->height / *height);
  *width = MAX ((int) lrint (*width * scale), dataset->width);
  *height = MAX ((int) lrint (*height * scale), dataset->height);
  return TRUE;
}

/* Stores the centre of @image as picture @i, in bytes; for one channel the luma of sRGB values by ITU-R BT.601. @image
 * is at least as large as the pictures of @dataset. */
static gboolean
store_picture (const RvImage *image, RvDataset *dataset, gint64 i, GError **error)
{
  int left = (image->width - dataset->width) / 2, top = (image->height - dataset->height) / 2;
  g_autoptr (RvImage) centre = rv__image_crop (image, left, top, dataset->width, dataset->height, error);
  gint64 plane = (gint64) dataset->height * dataset->width, size = plane * dataset->channels;
  const float *rgb = centre ? centre->rgb->data : NULL;
  for (gint64 p = 0; rgb && p < size; p++) {
    float v = dataset->channels == 3 ? rgb[p] : 0.299f * rgb[p] + 0.587f * rgb[p + plane] + 0.114f * rgb[p + 2 * plane];
    dataset->pixels[i * size + p] = rv__byte (v);
  }
  return centre != NULL;
}

/* Reads @file as picture @i. The thread's current cancellable stops the reading. */
static gboolean
read_picture (const char *file, RvDataset *dataset, gint64 i, GError **error)
{
  RvImageInfo info;
  if (!rv_image_probe (file, &info, error))
    return FALSE;
  if (!cover (dataset, &info.width, &info.height, error)) {
    g_prefix_error (error, "%s: ", file);
    return FALSE;
  }
  g_autoptr (RvImage) image = rv_image_load (file, info.width, info.height, error);
  return image && store_picture (image, dataset, i, error);
}

gboolean
rv__dataset_set_picture (RvDataset *dataset, gint64 i, const RvImage *image, GError **error)
{
  int width = image->width, height = image->height;
  if (!cover (dataset, &width, &height, error))
    return FALSE;
  if (width == image->width && height == image->height)
    return store_picture (image, dataset, i, error);
  g_autoptr (RvImage) resized = rv_image_resize (image, width, height, RV_IMAGE_RESIZE_BEST, error);
  return resized && store_picture (resized, dataset, i, error);
}

RvImage *
rv__dataset_get_picture (const RvDataset *dataset, gint64 i, GError **error)
{
  RvImage *image = rv_image_new (dataset->width, dataset->height, error);
  gint64 plane = (gint64) dataset->height * dataset->width, size = plane * dataset->channels;
  for (gint64 k = 0; image && k < 3 * plane; k++)
    ((float *) image->rgb->data)[k] = dataset->pixels[i * size + k % size];
  return image;
}

/* GThreadFunc; @user_data: the Reading, shared. Reads files until none is left, or cancelled. Returns NULL. */
static gpointer
read_some (gpointer user_data)
{
  Reading *reading = user_data;
  for (guint i; !g_cancellable_is_cancelled (reading->cancellable) &&
                (i = (guint) g_atomic_int_add (&reading->next, 1)) < reading->files->len;) {
    g_autoptr (GError) error = NULL;
    if (!read_picture (reading->files->pdata[i], reading->dataset, i, &error))
      reading->reasons[i] = g_strdup (error->message);
  }
  return NULL;
}

/* Closes the gaps that files with an error left in dataset->pixels and `files`, and sets dataset->n to the number of
 * other files. Moves the error texts, in order of the files, to dataset->left_out, which stays NULL without one. After
 * cancelling, untried files count as read. Can't fail. */
static void
remove_unreadable (Reading *reading)
{
  RvDataset *dataset = reading->dataset;
  gsize bytes = (gsize) dataset->channels * (gsize) dataset->height * (gsize) dataset->width;
  g_autoptr (GPtrArray) left_out = g_ptr_array_new_null_terminated (0, NULL, TRUE);
  gpointer *files = reading->files->pdata;
  guint n = 0;
  for (guint i = 0; i < reading->files->len; i++) {
    if (reading->reasons[i]) {
      g_ptr_array_add (left_out, reading->reasons[i]);
      continue;
    }
    if (n < i)
      memmove (dataset->pixels + n * bytes, dataset->pixels + i * bytes, bytes);
    gpointer file = files[i];
    files[i] = files[n];
    files[n++] = file;
  }
  g_ptr_array_set_size (reading->files, (gint) n);
  dataset->n = n;
  if (left_out->len > 0)
    dataset->left_out = (GStrv) g_ptr_array_free (g_steal_pointer (&left_out), FALSE);
}

RvDataset *
rv__dataset_read_pictures (const char *folder, GPtrArray *files, int size_px, int channels, int n_threads,
                           GError **error)
{
  guint n_files = files->len;
  g_autoptr (RvDataset) dataset = rv__dataset_new (folder, n_files, channels, size_px, size_px, error);
  if (!dataset)
    return NULL;
  g_autofree char **reasons = g_new0 (char *, n_files);
  Reading reading = {
    .dataset = dataset, .files = files, .reasons = reasons, .cancellable = g_cancellable_get_current ()
  };
  int n_others = (int) MIN ((guint) (n_threads > 0 ? n_threads : rv__system_cores ()), n_files) - 1;
  g_autofree GThread **others = g_new (GThread *, n_others + 1);
  for (int i = 0; i < n_others; i++)
    others[i] = g_thread_try_new ("pictures", read_some, &reading, NULL);
  read_some (&reading); /* reads all if no other thread starts */
  for (int i = 0; i < n_others; i++)
    if (others[i])
      g_thread_join (others[i]);
  remove_unreadable (&reading);
  if (!rv__check_cancelled (error))
    return NULL;
  if (dataset->n > 0)
    return g_steal_pointer (&dataset);
  return rv__error_null (error, RV_ERROR_FORMAT, "of %u file%s in %s, none is a picture: %s", n_files,
                         n_files == 1 ? "" : "s", folder, dataset->left_out[0]);
}

RvDataset *
rv__dataset_read_picture (const char *file, int channels, int height, int width, GError **error)
{
  g_autoptr (RvDataset) dataset = rv__dataset_new (file, 1, channels, height, width, error);
  return dataset && read_picture (file, dataset, 0, error) ? g_steal_pointer (&dataset) : NULL;
}
