/* test-dataset.c -- datasets: IDX files, plain, gzip and damaged; folders of pictures; labels; splits. */
#include "base/alloc.h"
#include "io/dataset/dataset-internal.h"
#include "support/support.h"
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <reverie/image.h>
#include <string.h>
#include <sys/stat.h>

static char *folder;

static char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
write_file (const char *name, const void *bytes, gsize size)
{
  g_autofree char *path = path_of (name);
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
}

/* IDX file of three pictures with 2 rows and 4 columns; pixel k has the value k. */
static const guint8 pictures[] = { 0, 0, 8, 3, 0, 0, 0,  3,  0,  0,  0,  2,  0,  0,  0,  4,  0,  1,  2,  3,
                                   4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23 };
/* IDX file of the labels 7, 8 and 9. */
static const guint8 labels[] = { 0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9 };

static GBytes *
zipped (const guint8 *bytes, gsize size)
{
  g_autoptr (GZlibCompressor) zip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (zip));
  g_assert_true (g_output_stream_write_all (stream, bytes, size, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

static RvDataset *
load (const char *name, GError **error)
{
  g_autofree char *path = path_of (name);
  return rv_dataset_load (path, NULL, RV_DATASET_TRAIN, 32, 3, 0, NULL, error);
}

static void
check_good (const RvDataset *dataset)
{
  g_assert_nonnull (dataset);
  g_assert_cmpint (dataset->n, ==, 3);
  g_assert_cmpint (dataset->height, ==, 2);
  g_assert_cmpint (dataset->width, ==, 4);
  g_assert_cmpmem (dataset->pixels, 24, pictures + 16, 24);
  for (int i = 0; i < 3; i++) {
    g_autofree char *number = g_strdup_printf ("%d", labels[8 + i]);
    g_assert_cmpstr (dataset->label_names[dataset->labels[i]], ==, number);
  }
  g_assert_cmpint ((int) strlen (dataset->hash), ==, 64);
}

static void
test_idx (void)
{
  g_autoptr (GBytes) zip = zipped (pictures, sizeof pictures), zip_labels = zipped (labels, sizeof labels);
  write_file ("a-images-idx3-ubyte", pictures, sizeof pictures);
  write_file ("a-labels-idx1-ubyte", labels, sizeof labels);
  write_file ("b-images-idx3-ubyte.gz", g_bytes_get_data (zip, NULL), g_bytes_get_size (zip));
  write_file ("b-labels-idx1-ubyte.gz", g_bytes_get_data (zip_labels, NULL), g_bytes_get_size (zip_labels));
  g_autoptr (RvDataset) plain = load ("a-images-idx3-ubyte", NULL), gz = load ("b-images-idx3-ubyte.gz", NULL);
  check_good (plain);
  check_good (gz);
  g_assert_cmpstr (plain->hash, ==, gz->hash);

  g_autofree char *mnist = path_of ("mnist");
  g_mkdir (mnist, 0700);
  write_file ("mnist/train-images-idx3-ubyte", pictures, sizeof pictures);
  write_file ("mnist/train-labels-idx1-ubyte", labels, sizeof labels);
  write_file ("mnist/t10k-labels-idx1-ubyte", labels, sizeof labels);
  g_autoptr (RvDataset) in_folder = load ("mnist", NULL);
  check_good (in_folder);

  /* labels of the test split do not belong to the training pictures */
  g_autofree char *train_labels = path_of ("mnist/train-labels-idx1-ubyte");
  g_unlink (train_labels);
  g_autoptr (RvDataset) unlabelled = load ("mnist", NULL);
  g_assert_nonnull (unlabelled);
  g_assert_null (unlabelled->labels);

  g_autofree char *dotted = path_of ("dotted"); /* names of some copies */
  g_mkdir (dotted, 0700);
  write_file ("dotted/train-images.idx3-ubyte", pictures, sizeof pictures);
  write_file ("dotted/train-labels.idx1-ubyte", labels, sizeof labels);
  g_autoptr (RvDataset) with_dots = load ("dotted", NULL);
  check_good (with_dots);
}

/* Reads gzip files with several members, as from pigz, bgzip and `cat a.gz b.gz`, also if zeros or other bytes
 * follow. */
static void
test_members (void)
{
  static const gsize cuts[] = { 0, 1, 4, 16, 17, sizeof pictures - 1, sizeof pictures };
  static const struct {
    const char *bytes;
    gsize n;
  } behind[] = { { "", 0 }, { "\0", 1 }, { "\0\0\0\0\0\0\0\0\0", 9 }, { "tar", 3 }, { "\x1f", 1 } };
  g_autoptr (GBytes) empty = zipped (pictures, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cuts) * G_N_ELEMENTS (behind); i++) {
    gsize cut = cuts[i / G_N_ELEMENTS (behind)];
    g_autoptr (GBytes) first = zipped (pictures, cut), second = zipped (pictures + cut, sizeof pictures - cut);
    g_autoptr (GByteArray) file = g_byte_array_new ();
    GBytes *const members[] = { first, empty, second, empty };
    for (guint k = 0; k < G_N_ELEMENTS (members); k++)
      g_byte_array_append (file, g_bytes_get_data (members[k], NULL), (guint) g_bytes_get_size (members[k]));
    g_byte_array_append (file, (const guint8 *) behind[i % G_N_ELEMENTS (behind)].bytes,
                         (guint) behind[i % G_N_ELEMENTS (behind)].n);
    write_file ("a-images-idx3-ubyte.gz", file->data, file->len);
    write_file ("a-labels-idx1-ubyte.gz", labels, sizeof labels);
    g_autoptr (GError) error = NULL;
    g_autoptr (RvDataset) dataset = load ("a-images-idx3-ubyte.gz", &error);
    g_assert_no_error (error);
    check_good (dataset);
  }
}

static void
refuse (const void *bytes, gsize size, const char *says)
{
  g_autoptr (GError) error = NULL;
  write_file ("bad", bytes, size);
  g_assert_null (load ("bad", &error));
  g_test_message ("%s", error->message);
  g_assert_true (error->code == RV_ERROR_FORMAT || error->code == RV_ERROR_FILE);
  if (says)
    g_assert_nonnull (strstr (error->message, says));
}

static void
test_damaged (void)
{
  guint8 bytes[sizeof pictures + 1];
  for (gsize size = 0; size < sizeof pictures; size++) /* every truncation */
    refuse (pictures, size, NULL);
  memcpy (bytes, pictures, sizeof pictures);
  refuse (bytes, sizeof pictures + 1, "at least 25 follow");
  bytes[3] = 1;
  refuse (bytes, sizeof pictures, "magic number is 0x0801");
  bytes[3] = 3, bytes[2] = 13;
  refuse (bytes, sizeof pictures, "magic number is 0x0d03");
  bytes[2] = 8, bytes[4] = 0xff; /* four thousand million pictures */
  refuse (bytes, sizeof pictures, "impossible sizes");
  bytes[4] = 6; /* a hundred million, 805 MB */
  refuse (bytes, sizeof pictures, "impossible sizes");
  bytes[4] = 0, bytes[5] = 0xff; /* sixteen million, 134 MB */
  refuse (bytes, sizeof pictures, "no more than 40");
  g_autoptr (GBytes) promise = zipped (bytes, sizeof pictures);
  refuse (g_bytes_get_data (promise, NULL), g_bytes_get_size (promise), "but a file of its size can hold no more than");
  bytes[5] = 0, bytes[7] = 0;
  refuse (bytes, sizeof pictures, "impossible sizes");

  g_autoptr (GBytes) zip = zipped (pictures, sizeof pictures);
  for (gsize size = 0; size < g_bytes_get_size (zip) - 8; size++) /* the last 8 bytes are checksum and size */
    refuse (g_bytes_get_data (zip, NULL), size, size > 2 ? NULL : "");
  refuse (g_bytes_get_data (zip, NULL), g_bytes_get_size (zip) - 12, "gzip data are damaged or cut off");
  gsize n_half = sizeof pictures / 2;
  g_autoptr (GBytes) half = zipped (pictures, n_half), other = zipped (pictures + n_half, n_half);
  g_autoptr (GByteArray) two = g_byte_array_new (); /* the second member is too long, or cut off */
  g_byte_array_append (two, g_bytes_get_data (half, NULL), (guint) g_bytes_get_size (half));
  g_byte_array_append (two, g_bytes_get_data (zip, NULL), (guint) g_bytes_get_size (zip));
  refuse (two->data, two->len, "at least 25 follow");
  g_byte_array_set_size (two, (guint) g_bytes_get_size (half));
  g_byte_array_append (two, g_bytes_get_data (other, NULL), (guint) g_bytes_get_size (other) - 12);
  refuse (two->data, two->len, "damaged or cut off");

  write_file ("c-images-idx3-ubyte", pictures, sizeof pictures);
  write_file ("c-labels-idx1-ubyte", labels, sizeof labels - 1);
  g_autoptr (GError) error = NULL;
  g_assert_null (load ("c-images-idx3-ubyte", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
}

/* Writes an IDX file, by gzip, with @n pictures of @n x @n zeros. */
static void
write_zeros (const char *name, guint16 n)
{
  guint8 header[16] = { 0, 0, 8, 3 };
  for (int i = 0; i < 3; i++) {
    header[4 * i + 6] = (guint8) (n >> 8);
    header[4 * i + 7] = (guint8) n;
  }
  g_autofree guint8 *zeros = g_malloc0 (sizeof header + (gsize) n * n * n);
  memcpy (zeros, header, sizeof header);
  g_autoptr (GBytes) zip = zipped (zeros, sizeof header + (gsize) n * n * n);
  write_file (name, g_bytes_get_data (zip, NULL), g_bytes_get_size (zip));
}

/* A file that compresses a thousandfold is read. If memory for the contents is missing, the load fails. */
static void
test_large (void)
{
  g_autoptr (GError) error = NULL;
  write_zeros ("large.gz", 300);
  g_autoptr (RvDataset) dataset = load ("large.gz", &error);
  g_assert_no_error (error);
  g_assert_cmpint (dataset->n, ==, 300);
  rv__alloc_fail_at (1);
  g_assert_null (load ("large.gz", &error));
  rv__alloc_fail_at (0);
  g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
}

static void
save_picture (const char *name, int width, int height, float grey)
{
  g_autofree char *path = path_of (name);
  g_autoptr (RvImage) image = rv_image_new (width, height, NULL);
  for (int i = 0; i < 3 * width * height; i++)
    ((float *) image->rgb->data)[i] = grey;
  g_assert_true (rv_image_save (image, path, NULL, NULL));
}

static void
test_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *photos = path_of ("photos"), *empty = path_of ("empty"), *texts = path_of ("texts");
  g_mkdir (photos, 0700), g_mkdir (empty, 0700), g_mkdir (texts, 0700);
  g_assert_null (load ("empty", &error));
  g_assert_nonnull (strstr (error->message, "has no files"));
  g_clear_error (&error);
  write_file ("texts/a.jpg", "no picture", 10);
  g_assert_null (load ("texts", &error));
  g_assert_nonnull (strstr (error->message, "of 1 file in"));
  g_clear_error (&error);

  save_picture ("photos/b.png", 60, 40, 200);
  save_picture ("photos/a.png", 33, 90, 100);
  write_file ("photos/broken.png", "\x89PNG\r\n\x1a\n", 8);
  g_autoptr (RvDataset) dataset = load ("photos", &error);
  g_assert_no_error (error);
  g_assert_cmpint (dataset->n, ==, 2);
  g_assert_cmpint (dataset->channels, ==, 3);
  g_assert_cmpint (dataset->width, ==, 32);
  g_assert_cmpint ((int) g_strv_length (dataset->left_out), ==, 1);
  g_assert_nonnull (strstr (dataset->left_out[0], "broken.png"));
  g_assert_cmpint (dataset->pixels[0], ==, 100); /* sorted by name */
  g_assert_cmpint (dataset->pixels[3 * 32 * 32], ==, 200);

  for (int n_threads = 1; n_threads <= 5; n_threads += 2) { /* fewer threads than files, as many, more */
    g_autoptr (RvDataset) same = rv_dataset_load (photos, NULL, RV_DATASET_TRAIN, 32, 3, n_threads, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (same->hash, ==, dataset->hash);
    g_assert_cmpint ((int) g_strv_length (same->left_out), ==, 1);
  }

  g_autofree char *one = path_of ("photos/b.png");
  g_autoptr (RvDataset) single = rv_dataset_load (one, NULL, RV_DATASET_TEST, 28, 1, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (single->n, ==, 1);
  g_assert_cmpint (single->channels, ==, 1);
}

/* (transfer full) (nullable): the dataset @name with labels of @source; both in the folder. @source NULL: the labels of
 * @name itself. */
static RvDataset *
load_labelled (const char *name, const char *source, GError **error)
{
  g_autofree char *path = path_of (name), *file = source ? path_of (source) : NULL;
  return rv_dataset_load (path, file ? file : "labels", RV_DATASET_TRAIN, 28, 1, 0, NULL, error);
}

static void
check_labels (const char *name, const char *source, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvDataset) dataset = load_labelled (name, source, &error);
  g_assert_no_error (error);
  g_autoptr (GString) text = g_string_new (NULL);
  for (gint64 i = 0; i < dataset->n; i++)
    g_string_append_printf (text, "%s ", dataset->label_names[dataset->labels[i]]);
  g_assert_cmpstr (text->str, ==, expected);
}

/* Labels are names of subfolders, or come from a CSV or IDX file. Unusable files of labels are refused. */
static void
test_labels (void)
{
  static const struct {
    const char *text, *fault;
  } bad[] = {
    { "a.png,dark\nb.png,light\n", "has no label for" },
    { "a.png,dark\nb.png,light\nc.png,dark\na.png,light\n", "line 4 gives a.png the label 'light', and an earlier" },
    { "a.png,dark\nb.png\n", "line 2 has no comma" },
    { "a.png,dark\nb.png,\nc.png,dark\n", "'' is no label" },
    { "a.png,dark\nb.png,\001\nc.png,dark\n", "is no label" },
    { "a.png,dark\nb.png,\377\nc.png,dark\n", "is no label" },
    { "", "has no labels: it is empty" },
    { "\n", "has no labels: it is empty" },
  };
  g_autoptr (GError) error = NULL;
  const char *const folders[] = { "flat", "sets", "sets/dark", "sets/light" };
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *path = path_of (folders[i]);
    g_mkdir (path, 0700);
  }
  save_picture ("flat/a.png", 30, 30, 20), save_picture ("flat/b.png", 30, 30, 220),
    save_picture ("flat/c.png", 30, 30, 30);
  save_picture ("sets/dark/z.png", 30, 30, 20), save_picture ("sets/light/a.png", 30, 30, 220);
  write_file ("sets/notes.txt", "notes", 5);
  write_file ("a-images-idx3-ubyte", pictures, sizeof pictures);
  write_file ("a-labels-idx1-ubyte", labels, sizeof labels);
  check_labels ("sets", NULL, "dark light ");
  check_labels ("sets//", NULL, "dark light ");
  check_labels ("a-images-idx3-ubyte", NULL, "7 8 9 ");
  g_autoptr (RvDataset) none = load_labelled ("flat", NULL, &error);
  g_assert_true (none && !none->labels && !none->label_names);
  save_picture ("sets/loose.png", 30, 30, 20);
  g_assert_null (load_labelled ("sets", NULL, &error));
  g_assert_nonnull (strstr (error->message, "loose.png has no label"));
  g_clear_error (&error);
  g_autofree char *sets = path_of ("sets");
  g_autoptr (RvDataset) mixed = rv_dataset_load (sets, "subfolders", RV_DATASET_TRAIN, 28, 1, 0, NULL, &error);
  g_assert_true (mixed && mixed->n == 3 && !mixed->labels);

  const char csv[] =
    "file,label\r\nx/b.png , light\r\n\r\n\"a.png\",\"dark\"\nc.png,dark\nc.png,dark\nother.png,green\n";
  write_file ("labels.csv", csv, strlen (csv));
  check_labels ("flat", "labels.csv", "dark light dark ");
  const char cells[] = "file,number,name\na.png,1,dark\nb.png,\"2,5\",light\nc.png,,dark\n";
  write_file ("cells.csv", cells, strlen (cells));
  check_labels ("flat", "cells.csv", "dark light dark ");
  const char quotes[] = "\xEF\xBB\xBF"
                        "a.png,\"red, \"\"pale\"\"\"\n  b.png,5\"\n \t\"x/c.png\" , \"\"\"\" \n";
  write_file ("quotes.csv", quotes, strlen (quotes));
  check_labels ("flat", "quotes.csv", "red, \"pale\" 5\" \" ");
  check_labels ("flat", "a-labels-idx1-ubyte", "7 8 9 ");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    write_file ("bad.csv", bad[i].text, strlen (bad[i].text));
    g_assert_null (load_labelled ("flat", "bad.csv", &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_test_message ("%s", error->message);
    g_assert_nonnull (strstr (error->message, bad[i].fault));
    g_clear_error (&error);
  }
  const struct {
    const char *data, *labels;
    int code;
  } refused[] = { { "sets/dark", "a-labels-idx1-ubyte", RV_ERROR_FORMAT }, /* 3 labels, 1 picture */
                  { "a-images-idx3-ubyte", "labels.csv", RV_ERROR_FORMAT },
                  { "flat", "nothing.csv", RV_ERROR_FILE },
                  { "flat", "sets", RV_ERROR_FILE } };
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_assert_null (load_labelled (refused[i].data, refused[i].labels, &error));
    g_assert_error (error, RV_ERROR, refused[i].code);
    g_clear_error (&error);
  }
}

/* A dataset has at most RV_DATASET_MAX_LABELS different labels. */
static void
test_many_labels (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) csv = g_string_new (NULL);
  g_autofree char *path = path_of ("many"), *file = path_of ("many.csv");
  g_mkdir (path, 0700);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; i <= RV_DATASET_MAX_LABELS; i++) {
    g_ptr_array_add (files, g_strdup_printf ("many/%d.png", i));
    g_string_append_printf (csv, "%d.png,label %d\n", i, i);
  }
  write_file ("many.csv", csv->str, csv->len);
  for (int n = RV_DATASET_MAX_LABELS; n <= RV_DATASET_MAX_LABELS + 1; n++) {
    g_autoptr (RvDataset) dataset = rv__dataset_new ("many", n, 1, 1, 1, NULL);
    g_assert_cmpint (rv__dataset_label_by_file (dataset, file, files, &error), ==, n == RV_DATASET_MAX_LABELS);
  }
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
}

/* The two datasets of a split together have each picture once, and labels stay with their pictures. One seed always
 * gives the same split. */
static void
test_split (void)
{
  enum { N = 100 };
  int seen[N] = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (RvDataset) a = rv__dataset_new ("a", N, 1, 1, 1, NULL), b = rv__dataset_new ("b", N, 1, 1, 1, NULL);
  for (int i = 0; i < N; i++)
    a->pixels[i] = b->pixels[i] = (guint8) i;
  rv__dataset_set_idx_labels (a, a->pixels);
  g_autoptr (RvDataset) a_part = rv__dataset_split (a, 30, 7, NULL), b_part = rv__dataset_split (b, 30, 7, NULL);
  g_assert_cmpint (a->n, ==, 70);
  g_assert_cmpmem (a_part->pixels, 30, b_part->pixels, 30);
  for (int i = 0; i < 30; i++)
    g_assert_cmpint (a_part->labels[i], ==, a_part->pixels[i]);
  for (int i = 0; i < N; i++)
    seen[i < 70 ? a->pixels[i] : a_part->pixels[i - 70]]++;
  for (int i = 0; i < N; i++)
    g_assert_cmpint (seen[i], ==, 1);
  g_assert_null (rv__dataset_split (a, 70, 1, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
}

/* A pipe, which may have no writer, and a device are refused at once. */
static void
test_no_file (void)
{
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);
  const char *const files[] = { pipe, "/dev/null" };
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvDataset) dataset = rv_dataset_load (files[i], NULL, RV_DATASET_TRAIN, 28, 1, 1, NULL, &error);
    g_assert_null (dataset);
    g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
    g_assert_nonnull (strstr (error->message, "not a regular file"));
  }
  g_unlink (pipe);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));) {
    g_autofree char *inside = g_build_filename (path, name, NULL);
    remove_folder (inside);
  }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK); /* libvips warns of the damaged files */
  folder = g_dir_make_tmp ("reverie-dataset-XXXXXX", NULL);
  g_test_add_func ("/dataset/idx", test_idx);
  g_test_add_func ("/dataset/members", test_members);
  g_test_add_func ("/dataset/damaged", test_damaged);
  g_test_add_func ("/dataset/large", test_large);
  g_test_add_func ("/dataset/folder", test_folder);
  g_test_add_func ("/dataset/labels", test_labels);
  g_test_add_func ("/dataset/many-labels", test_many_labels);
  g_test_add_func ("/dataset/split", test_split);
  g_test_add_func ("/dataset/no-file", test_no_file);
  int result = g_test_run ();
  remove_folder (folder);
  g_free (folder);
  return result;
}
