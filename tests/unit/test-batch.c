/* test-batch.c -- batches: contents and output names, results equal to single jobs, errors; public API only. */
#include "support/support.h"
#include <glib/gstdio.h>
#include <reverie/reverie.h>
#include <string.h>

#define SIDE_PX 32

static char *folder;

static char *
path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
draw (const char *name, guint32 stream)
{
  g_autofree char *file = path (name);
  g_autoptr (RvImage) image = test_made_image (SIDE_PX, SIDE_PX, stream);
  g_assert_true (rv_image_save (image, file, NULL, NULL));
}

/* Makes the folder `photos` with two photographs, a hidden picture and a file that is no picture. Makes two paintings
 * and the folder `empty` next to it. */
static void
draw_all (void)
{
  g_autofree char *photos = path ("photos"), *no_picture = path ("photos/notes.png");
  g_autofree char *empty = path ("empty");
  g_assert_cmpint (g_mkdir (photos, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (empty, 0700), ==, 0);
  draw ("photos/b.png", 1);
  draw ("photos/a.1.png", 2);
  draw ("photos/.hidden.png", 2);
  draw ("waves.png", 3);
  draw ("glass.png", 4);
  g_assert_true (g_file_set_contents (no_picture, "no picture", -1, NULL));
}

/* (transfer full): a template job for batches; @output: pattern of the outputs, below the folder. */
static RvJob *
new_like (const char *kind, const char *output)
{
  RvJob *like = rv_job_new (kind, NULL);
  g_autofree char *file = path (output);
  g_assert_true (rv_job_set (like, "output", file, NULL) && rv_job_set (like, "size", "32", NULL) &&
                 rv_job_set (like, "threads", "1", NULL));
  return like;
}

/* (transfer full): paths, below the folder, of the space-separated @names. */
static char **
paths (const char *names)
{
  char **all = g_strsplit (names, " ", -1);
  for (int i = 0; all[i]; i++) {
    g_autofree char *name = all[i];
    all[i] = path (name);
  }
  return all;
}

static RvBatch *
new_batch (RvJob *like, const char *contents, const char *styles, GError **error)
{
  g_auto (GStrv) content_files = paths (contents), style_files = styles ? paths (styles) : NULL;
  return rv_batch_new (like, (const char *const *) content_files, (const char *const *) style_files, error);
}

static void
assert_outputs (const RvBatch *batch, const char *names)
{
  g_autoptr (GString) all = g_string_new (NULL);
  for (guint i = 0; i < rv_batch_n (batch); i++) {
    g_autofree char *name = g_path_get_basename (rv_batch_output (batch, i));
    g_string_append_printf (all, "%s%s", i ? " " : "", name);
  }
  g_assert_cmpstr (all->str, ==, names);
}

static void
test_names (void)
{
  g_autoptr (RvJob) each = new_like ("style", "{content}-{style}.png"), blend = new_like ("style", "{content}.png");
  g_autoptr (RvBatch) batch = new_batch (each, "photos waves.png", "waves.png glass.png", NULL);
  assert_outputs (batch, "a.1-waves.png b-waves.png waves-waves.png a.1-glass.png b-glass.png waves-glass.png");
  g_assert_cmpuint (rv_batch_n_styles (batch), ==, 1);
  g_assert_true (g_str_has_suffix (rv_batch_content (batch, 3), "a.1.png"));
  g_autoptr (RvBatch) blended = new_batch (blend, "photos", "waves.png glass.png", NULL);
  assert_outputs (blended, "a.1.png b.png");
  g_assert_cmpuint (rv_batch_n_styles (blended), ==, 2);
  g_autofree char *inside = path ("inside");
  g_assert_cmpint (g_mkdir (inside, 0700), ==, 0);
  draw ("inside/b.png", 1);
  draw ("inside/b-waves.png", 1);
  g_autoptr (RvJob) into = new_like ("style", "inside/{content}-{style}.png");
  g_autoptr (RvBatch) again = new_batch (into, "inside", "waves.png", NULL); /* results in the folder are no contents */
  g_autoptr (RvBatch) named = new_batch (into, "inside/b.png inside/b-waves.png", "waves.png", NULL);
  assert_outputs (again, "b-waves.png");
  assert_outputs (named, "b-waves.png b-waves-waves.png");
  const char *none[] = { NULL };
  g_autoptr (RvBatch) empty = rv_batch_new (blend, none, NULL, NULL);
  g_assert_cmpuint (rv_batch_n (empty), ==, 0);
}

static void
assert_refused (RvJob *like, const char *contents, const char *styles, int code, const char *what)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (new_batch (like, contents, styles, &error));
  g_assert_error (error, RV_ERROR, code);
  g_assert_nonnull (strstr (error->message, what));
}

static void
test_refused (void)
{
  g_autoptr (RvJob) like = new_like ("style", "one.png"), logs = new_like ("style", "{content}.png");
  g_autoptr (RvJob) learnt = new_like ("style-learned", "{content}.png");
  assert_refused (like, "photos", "waves.png", RV_ERROR_SETTING, "pictures would be");
  assert_refused (like, "empty", "waves.png", RV_ERROR_FILE, "has no files");
  assert_refused (like, "photos/b.png", "empty", RV_ERROR_FILE, "has no files");
  g_assert_true (rv_job_set (logs, "log", "log.jsonl", NULL));
  assert_refused (logs, "photos", "waves.png", RV_ERROR_SETTING, "log.jsonl");
  g_autofree char *mask = path ("glass.png");
  g_assert_true (rv_job_set (learnt, "learned", "hokusai-wave,munch-scream", NULL));
  g_assert_true (rv_job_add_file (learnt, "mask", mask, NULL));
  assert_refused (learnt, "photos", NULL, RV_ERROR_SETTING, "1 mask for 2 styles");
  g_assert_true (rv_job_set (learnt, "learned", "nobody", NULL));
  assert_refused (learnt, "photos", NULL, RV_ERROR_SETTING, "nobody");
}

static void
assert_same (const RvImage *a, const RvImage *b)
{
  g_assert_cmpmem (a->rgb->data, rv_tensor_bytes (a->rgb), b->rgb->data, rv_tensor_bytes (b->rgb));
}

/* Each picture equals the picture of a single job, although the jobs of a batch reuse prepared data. Inspecting a job
 * does not affect the next one. The folder in a pattern is created. */
static void
test_painted (void)
{
  g_autoptr (RvJob) like = new_like ("style", "made/{style}/{content}.png");
  g_autoptr (RvBatch) batch = NULL;
  g_assert_true (rv_job_set (like, "iterations", "1", NULL) && rv_job_set (like, "exact", "yes", NULL));
  batch = new_batch (like, "photos", "waves.png glass.png", NULL);
  for (guint i = 0; i < rv_batch_n (batch); i++) {
    g_autoptr (RvJob) job = rv_batch_job (batch, i, NULL), looked_at = rv_batch_job (batch, i, NULL);
    g_autoptr (RvJob) alone = rv_job_new ("style", NULL);
    g_autofree char *style = path (i < 2 ? "waves.png" : "glass.png");
    g_assert_false (rv_job_is_complete (looked_at));
    g_assert_true (rv_job_add_file (alone, "content", rv_batch_content (batch, i), NULL) &&
                   rv_job_add_file (alone, "style", style, NULL));
    g_assert_true (rv_job_set (alone, "size", "32", NULL) && rv_job_set (alone, "threads", "1", NULL) &&
                   rv_job_set (alone, "iterations", "1", NULL) && rv_job_set (alone, "exact", "yes", NULL));
    g_autoptr (RvImage) made = test_job_result (job), expected = test_job_result (alone);
    assert_same (made, expected);
    g_assert_true (g_file_test (rv_batch_output (batch, i), G_FILE_TEST_EXISTS));
  }
  g_assert_true (rv_job_set (like, "resume", "yes", NULL)); /* applies to jobs that the batch makes later */
  g_autoptr (RvJob) again = rv_batch_job (batch, 0, NULL);
  g_assert_true (rv_job_is_complete (again));
}

/* Learned styles, also from a file: a pattern with {style} gives a picture in each style. Other patterns give one
 * picture in a blend of all styles. */
static void
test_learnt (void)
{
  g_autoptr (RvJob) like = new_like ("style-learned", "{content}-{style}.png");
  g_autofree char *file = path ("mine.safetensors");
  g_autoptr (RvStyleNet) style_net = rv_style_net_new_builtin (NULL);
  g_autoptr (RvTensorMap) map = rv_style_net_to_map (style_net, NULL);
  g_assert_true (rv_weights_save (map, file, TRUE, NULL));
  g_assert_true (rv_job_add_file (like, "painter", file, NULL));
  g_assert_true (rv_job_set (like, "learned", "mine.safetensors:munch-scream,hokusai-wave:3", NULL));
  g_autoptr (RvBatch) batch = new_batch (like, "photos/b.png", NULL, NULL);
  assert_outputs (batch, "b-munch-scream.png b-hokusai-wave.png");
  for (guint i = 0; i < rv_batch_n (batch); i++) {
    g_autoptr (RvJob) job = rv_batch_job (batch, i, NULL), alone = rv_job_new ("style-learned", NULL);
    g_assert_true (rv_job_add_file (alone, "content", rv_batch_content (batch, i), NULL) &&
                   rv_job_set (alone, "learned", i == 0 ? "munch-scream" : "hokusai-wave", NULL) &&
                   rv_job_set (alone, "threads", "1", NULL) && rv_job_set (alone, "size", "32", NULL));
    g_autoptr (RvImage) made = test_job_result (job), expected = test_job_result (alone);
    assert_same (made, expected);
  }
  g_autofree char *blend = path ("{content}.jpg");
  g_assert_true (rv_job_set (like, "output", blend, NULL));
  g_autoptr (RvBatch) blended = new_batch (like, "photos", NULL, NULL);
  g_autoptr (RvJob) job = rv_batch_job (blended, 1, NULL);
  g_autofree char *with = rv_job_get (job, "learned", NULL);
  g_assert_cmpstr (with, ==, "mine.safetensors:munch-scream:1,builtin:hokusai-wave:3");
}

/* A batch works with any kind of job that has a first input, such as dreams. */
static void
test_dreams (void)
{
  g_autoptr (RvJob) like = new_like ("dream", "dream-{content}.png");
  g_assert_true (rv_job_set (like, "octaves", "1", NULL) && rv_job_set (like, "iterations", "1", NULL));
  g_autoptr (RvBatch) batch = new_batch (like, "photos", NULL, NULL);
  assert_outputs (batch, "dream-a.1.png dream-b.png");
  g_autoptr (RvJob) job = rv_batch_job (batch, 1, NULL);
  g_autoptr (RvImage) dream = test_job_result (job);
  g_assert_cmpint (dream->width, ==, SIDE_PX);
}

static void
remove_all (const char *name)
{
  g_autoptr (GDir) dir = g_dir_open (name, 0, NULL);
  for (const char *entry; dir && (entry = g_dir_read_name (dir));) {
    g_autofree char *below = g_build_filename (name, entry, NULL);
    remove_all (below);
  }
  g_assert_cmpint (g_remove (name), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (rv_process_start (1, NULL));
  folder = g_dir_make_tmp ("reverie-batch-XXXXXX", NULL);
  draw_all ();
  g_test_add_func ("/batch/names", test_names);
  g_test_add_func ("/batch/refused", test_refused);
  g_test_add_func ("/batch/painted", test_painted);
  g_test_add_func ("/batch/learnt", test_learnt);
  g_test_add_func ("/batch/dreams", test_dreams);
  int code = g_test_run ();
  remove_all (folder);
  g_free (folder);
  return code;
}
