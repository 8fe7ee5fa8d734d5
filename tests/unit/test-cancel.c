/* test-cancel.c -- long calls end when another thread cancels them at any time; their objects can be used again. */
#include "io/dataset/dataset-internal.h"
#include "method/dream/dream.h"
#include "method/style-net/training.h"
#include "method/style-net/style-net.h"
#include "method/vae/train.h"
#include "support/formula.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <reverie/reverie.h>
#include <string.h>

#define SIDE 160
#define N_MOMENTS 4
#define LATEST_MS 120
#define FOREVER "1000000"

typedef struct {
  GCancellable *cancellable;
  gulong us;
} Later;

static gpointer
cancel_later (gpointer data)
{
  const Later *later = data;
  g_usleep (later->us);
  g_cancellable_cancel (later->cancellable);
  return NULL;
}

/* A long call. FALSE: an error. */
typedef gboolean (*Call) (gpointer data, GCancellable *cancellable, GError **error);

/* Repeats a call until it is cancelled, because a call may end before the cancellation. Cancels once before the first
 * call, then at random times. */
static void
assert_ends (Call call, gpointer data)
{
  for (int m = 0; m < N_MOMENTS; m++) {
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    g_autoptr (GError) error = NULL;
    Later later = { cancellable, m == 0 ? 0 : (gulong) g_test_rand_int_range (0, LATEST_MS) * 1000 };
    GThread *thread = g_thread_new ("cancel", cancel_later, &later);
    if (m == 0)
      g_thread_join (thread);
    for (gboolean done = TRUE; done;) {
      gboolean cancelled = g_cancellable_is_cancelled (cancellable);
      done = call (data, cancellable, &error);
      g_assert_false (done && cancelled);
    }
    g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
    g_assert_true (g_cancellable_is_cancelled (cancellable));
    if (m > 0)
      g_thread_join (thread);
  }
}

/* ---- style networks ---------------------------------------------------------------------------------------------- */

typedef struct {
  RvStyleNet *style_net;
  RvNet *net;
  RvImage *photo;
  double *parts;
} Painting;

static gboolean
paint (gpointer data, GCancellable *cancellable, GError **error)
{
  const Painting *p = data;
  g_cancellable_push_current (cancellable);
  g_autoptr (RvImage) painted = rv_style_net_paint (p->style_net, p->photo, p->parts, 1, error);
  g_cancellable_pop_current (cancellable);
  return painted != NULL;
}

static gboolean
find_nearest (gpointer data, GCancellable *cancellable, GError **error)
{
  const Painting *p = data;
  g_cancellable_push_current (cancellable);
  gboolean ok = rv__style_net_nearest_style (p->style_net, p->net, p->photo, p->photo, 1, error) >= 0;
  g_cancellable_pop_current (cancellable);
  return ok;
}

static void
test_style_net (void)
{
  g_autoptr (RvStyleNet) style_net = rv_style_net_new_builtin (NULL);
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) photo = formula_picture ("content", SIDE, SIDE);
  g_autofree double *parts = g_new0 (double, rv_style_net_n_styles (style_net));
  Painting painting = { style_net, net, photo, parts };
  parts[0] = 1;
  g_autoptr (RvImage) before = rv_style_net_paint (style_net, photo, parts, 1, NULL);
  assert_ends (paint, &painting);
  assert_ends (find_nearest, &painting);
  g_autoptr (RvImage) after = rv_style_net_paint (style_net, photo, parts, 1, NULL);
  g_assert_nonnull (after);
  g_assert_cmpmem (before->rgb->data, rv_tensor_bytes (before->rgb), after->rgb->data, rv_tensor_bytes (after->rgb));
}

/* ---- training of style networks ---------------------------------------------------------------------------------- */

static gboolean
learn (gpointer data, GCancellable *cancellable, GError **error)
{
  g_cancellable_push_current (cancellable);
  gboolean ok = rv__style_training_run (data, NULL, NULL, error);
  g_cancellable_pop_current (cancellable);
  return ok;
}

static gboolean
judge (gpointer data, GCancellable *cancellable, GError **error)
{
  double loss;
  g_cancellable_push_current (cancellable);
  gboolean ok = rv__style_training_validate (data, &loss, error);
  g_cancellable_pop_current (cancellable);
  return ok;
}

static gboolean
stop_at_once (const RvIteration *progress, gpointer data)
{
  return FALSE;
}

static void
test_learning (void)
{
  g_autoptr (RvSettings) settings = rv_settings_new ("learn", NULL);
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvStyleNet) from = rv_style_net_new_builtin (NULL);
  g_autoptr (RvImage) painting = formula_picture ("style", 80, 80);
  test_set (settings, "crop", "64");
  test_set (settings, "batch", "2");
  test_set (settings, "threads", "1");
  test_set (settings, "iterations", FOREVER);
  RvStyleTraining *learning = rv__style_training_new (settings, net, from, NULL);
  g_assert_true (rv__style_training_add_style (learning, "one", NULL, &painting, 1, NULL));
  for (int i = 0; i < 24; i++) { /* some are for validation */
    g_autoptr (RvImage) photo = formula_picture ("content", 72, 72);
    g_assert_true (rv__style_training_add_photo (learning, photo, NULL));
  }
  assert_ends (learn, learning);
  g_assert_true (rv__style_training_run (learning, stop_at_once, NULL, NULL));
  assert_ends (judge, learning);
  rv__style_training_free (learning);
}

/* ---- VAEs -------------------------------------------------------------------------------------------------------- */

typedef struct {
  RvVae *vae;
  RvDataset *dataset;
  float *numbers; /* [n, latent], followed by pictures */
} Model;

static gboolean
train (gpointer data, GCancellable *cancellable, GError **error)
{
  const Model *model = data;
  g_autoptr (RvVaeTraining) training = rv__vae_training_new (model->vae, model->dataset, NULL, error);
  g_cancellable_push_current (cancellable);
  gboolean ok = training && rv__vae_training_run (training, NULL, NULL, error);
  g_cancellable_pop_current (cancellable);
  return ok;
}

static gboolean
encode_and_decode (gpointer data, GCancellable *cancellable, GError **error)
{
  const Model *model = data;
  gint64 n = model->dataset->n;
  g_cancellable_push_current (cancellable);
  gboolean ok = rv_vae_encode (model->vae, model->dataset->pixels, n, model->numbers, NULL, error) &&
                rv_vae_decode (model->vae, model->numbers, n, model->numbers + 2 * n, error);
  g_cancellable_pop_current (cancellable);
  return ok;
}

static gboolean
evaluate (gpointer data, GCancellable *cancellable, GError **error)
{
  const Model *model = data;
  RvVaeScores scores;
  g_cancellable_push_current (cancellable);
  gboolean ok = rv_vae_evaluate (model->vae, model->dataset, 20, 1, NULL, NULL, NULL, &scores, error);
  g_cancellable_pop_current (cancellable);
  return ok;
}

static gboolean
fit_prior (gpointer data, GCancellable *cancellable, GError **error)
{
  const Model *model = data;
  g_cancellable_push_current (cancellable);
  gboolean ok = rv__vae_fit_prior (model->vae, model->dataset, error);
  g_cancellable_pop_current (cancellable);
  return ok;
}

static void
test_vae (void)
{
  g_autoptr (RvSettings) settings = rv_settings_new ("vae", NULL);
  test_set (settings, "epochs", FOREVER);
  test_set (settings, "latent", "2");
  test_set (settings, "width", "8");
  test_set (settings, "threads", "1");
  test_set (settings, "prior", "gmm:9");
  g_autoptr (RvDataset) dataset = rv__dataset_new ("noise", 100, 1, 28, 28, NULL);
  for (int i = 0; i < 100 * 28 * 28; i++)
    dataset->pixels[i] = (guint8) (128 + 100 * test_number (1, (guint64) i));
  rv__dataset_compute_hash (dataset, NULL);
  g_autoptr (RvVae) vae = rv_vae_new (settings, 1, 28, 28, NULL);
  g_autofree float *numbers = g_new (float, 100 * (2 + 28 * 28));
  Model model = { vae, dataset, numbers };
  assert_ends (train, &model);
  assert_ends (encode_and_decode, &model);
  assert_ends (evaluate, &model);
  assert_ends (fit_prior, &model);
  g_assert_true (rv_vae_encode (vae, dataset->pixels, 2, numbers, NULL, NULL));
}

/* ---- other calls ------------------------------------------------------------------------------------------------- */

static gboolean
see_words (gpointer picture, GCancellable *cancellable, GError **error)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  RvClassScore word;
  return rv_net_classify (net, picture, 1, cancellable, &word, 1, error);
}

static gboolean
draw_atlas (gpointer settings, GCancellable *cancellable, GError **error)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_cancellable_push_current (cancellable);
  g_autoptr (RvImage) atlas = rv__dream_atlas (settings, net, "conv5_1", NULL, NULL, NULL, error);
  g_cancellable_pop_current (cancellable);
  return atlas != NULL;
}

static gboolean
test_machine (gpointer data, GCancellable *cancellable, GError **error)
{
  int n_failed;
  return rv_selftest (NULL, NULL, cancellable, &n_failed, error);
}

static gboolean
load_pictures (gpointer folder, GCancellable *cancellable, GError **error)
{
  g_autoptr (RvDataset) dataset = rv_dataset_load (folder, NULL, RV_DATASET_TRAIN, 128, 3, 1, cancellable, error);
  return dataset != NULL;
}

/* A cancelled load returns no dataset. */
static void
test_dataset (void)
{
  g_autofree char *folder = g_dir_make_tmp ("reverie-cancel-XXXXXX", NULL);
  g_autoptr (RvImage) picture = formula_picture ("content", SIDE, SIDE);
  for (int i = 0; i < 40; i++) {
    g_autofree char *name = g_strdup_printf ("%d.png", i), *file = g_build_filename (folder, name, NULL);
    g_assert_true (rv_image_save (picture, file, NULL, NULL));
  }
  assert_ends (load_pictures, folder);
  for (int i = 0; i < 40; i++) {
    g_autofree char *name = g_strdup_printf ("%d.png", i), *file = g_build_filename (folder, name, NULL);
    g_assert_cmpint (g_remove (file), ==, 0);
  }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_others (void)
{
  g_autoptr (RvSettings) atlas = test_settings_of ("dream", "atlas");
  g_autoptr (RvImage) picture = formula_picture ("content", SIDE, SIDE);
  test_set (atlas, "threads", "1");
  assert_ends (see_words, picture);
  assert_ends (draw_atlas, atlas);
  assert_ends (test_machine, NULL);
}

/* ---- files, with the current cancellable of the thread ----------------------------------------------------------- */

#define FILE_SIDE 1200

typedef struct {
  const char *picture, *weights, *video, *flow; /* file names */
  RvImage *image;
  RvTensorMap *map;
} Files;

typedef gboolean (*FileCall) (const Files *files, GError **error);

typedef struct {
  FileCall call;
  const Files *files;
} Current;

static gboolean
under_current (gpointer data, GCancellable *cancellable, GError **error)
{
  const Current *current = data;
  g_cancellable_push_current (cancellable);
  gboolean ok = current->call (current->files, error);
  g_cancellable_pop_current (cancellable);
  return ok;
}

static gboolean
save_picture (const Files *files, GError **error)
{
  return rv_image_save (files->image, files->picture, NULL, error);
}

static gboolean
load_picture (const Files *files, GError **error)
{
  g_autoptr (RvImage) image = rv_image_load (files->picture, 2 * FILE_SIDE, FILE_SIDE / 2, error);
  return image != NULL;
}

static gboolean
resize_picture (const Files *files, GError **error)
{
  g_autoptr (RvImage) image = rv_image_resize (files->image, 2 * FILE_SIDE, 2 * FILE_SIDE, RV_IMAGE_RESIZE_BEST, error);
  return image != NULL;
}

static gboolean
hash_file (const Files *files, GError **error)
{
  RvFileHashes hashes;
  return rv_file_hashes (files->picture, &hashes, error);
}

static gboolean
save_weights (const Files *files, GError **error)
{
  return rv_weights_save (files->map, files->weights, TRUE, error);
}

static gboolean
check_weights (const Files *files, GError **error)
{
  return rv_weights_check (files->map, error);
}

static gboolean
find_flow (const Files *files, GError **error)
{
  g_autoptr (RvTensor) grey = rv_flow_grey (files->image, NULL);
  g_autoptr (RvTensor) flow = rv_flow_estimate (grey, grey, NULL, NULL, NULL, NULL, error);
  return flow != NULL;
}

static gboolean
save_flow (const Files *files, GError **error)
{
  RvShape shape = rv_shape (4, 1, 2, FILE_SIDE, FILE_SIDE);
  g_autoptr (RvTensor) flow = rv_tensor_new (RV_F32, &shape, NULL);
  return rv_flow_file_save (flow, files->flow, TRUE, error);
}

static gboolean
load_flow (const Files *files, GError **error)
{
  g_autoptr (RvTensor) flow = rv_flow_file_load (files->flow, error);
  return flow != NULL;
}

static gboolean
write_video (const Files *files, GError **error)
{
  RvVideoInfo info = { .width = FILE_SIDE, .height = FILE_SIDE, .rate_num = 25, .rate_den = 1, .bits = 8 };
  g_autoptr (RvVideoWriter) writer = rv_video_writer_new (files->video, &info, NULL, error);
  gboolean ok = writer != NULL;
  for (int i = 0; ok && i < 8; i++)
    ok = rv_video_writer_add (writer, files->image, error);
  return ok && rv_video_writer_finish (writer, error);
}

static gboolean
read_video (const Files *files, GError **error)
{
  g_autoptr (RvVideoReader) reader = rv_video_reader_new (files->video, NULL, error);
  RvImage *frame = NULL;
  g_autoptr (GError) why = NULL;
  while (reader && (frame = rv_video_reader_next (reader, &why)))
    rv_image_unref (frame);
  gboolean ok = reader && !why;
  if (why)
    g_propagate_error (error, g_steal_pointer (&why));
  return ok;
}

/* Loads a Keras file; the converter program hangs. */
static gboolean
convert_weights (const Files *files, GError **error)
{
  g_autofree char *keras = g_test_build_filename (G_TEST_DIST, "golden", "keras-files", "weights.h5", NULL);
  g_autoptr (RvTensorMap) map = rv_weights_load (keras, RV_WEIGHTS_ALL, NULL, error);
  return map != NULL;
}

static void
assert_file_ends (FileCall call, const Files *files)
{
  Current current = { call, files };
  assert_ends (under_current, &current);
}

/* A cancelled call leaves no partial file. */
static void
test_files (void)
{
  g_autofree char *folder = g_dir_make_tmp ("reverie-cancel-XXXXXX", NULL);
  g_autofree char *picture = g_build_filename (folder, "a.png", NULL),
                  *video = g_build_filename (folder, "a.mp4", NULL),
                  *flow = g_build_filename (folder, "flow.png", NULL);
  g_autofree char *weights = g_build_filename (folder, "a.safetensors", NULL);
  g_autofree char *hanging = g_build_filename (folder, "hanging", NULL);
  g_autoptr (RvImage) image = formula_picture ("content", FILE_SIDE, FILE_SIDE);
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  rv_tensor_map_set (map, "a", image->rgb);
  rv_tensor_map_set (map, "b", image->rgb);
  Files files = { picture, weights, video, flow, image, map };
  g_assert_true (g_file_set_contents (hanging, "#!/bin/sh\nexec /bin/sleep 100\n", -1, NULL));
  g_assert_cmpint (g_chmod (hanging, 0700), ==, 0);
  g_setenv ("REVERIE_HELPER", hanging, TRUE);

  assert_file_ends (save_picture, &files);
  g_assert_true (save_picture (&files, NULL));
  assert_file_ends (load_picture, &files);
  assert_file_ends (resize_picture, &files);
  assert_file_ends (hash_file, &files);
  assert_file_ends (save_weights, &files);
  assert_file_ends (check_weights, &files);
  assert_file_ends (find_flow, &files);
  assert_file_ends (save_flow, &files);
  g_assert_true (save_flow (&files, NULL));
  assert_file_ends (load_flow, &files);
  assert_file_ends (convert_weights, &files);
  g_autofree char *ffmpeg = g_find_program_in_path ("ffmpeg");
  if (ffmpeg) {
    assert_file_ends (write_video, &files);
    g_assert_true (write_video (&files, NULL));
    assert_file_ends (read_video, &files);
    g_assert_cmpint (g_remove (video), ==, 0);
  }
  g_remove (weights); /* exists if a call ended before it was cancelled */
  g_assert_cmpint (g_remove (picture) | g_remove (flow) | g_remove (hanging), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* ---- jobs -------------------------------------------------------------------------------------------------------- */

typedef struct {
  const char *kind, *content, *style; /* kind of job, roles of its inputs; @style NULL: none */
  const char *settings[8];            /* name, value; NULL-terminated */
} Kind;

static gboolean
run_job (gpointer data, GCancellable *cancellable, GError **error)
{
  const Kind *kind = data;
  g_autoptr (RvJob) job = rv_job_new (kind->kind, NULL);
  g_autoptr (RvImage) content = formula_picture ("content", SIDE, SIDE), style = formula_picture ("style", SIDE, SIDE);
  g_assert_true (rv_job_add_picture (job, kind->content, content, NULL));
  g_assert_true (!kind->style || rv_job_add_picture (job, kind->style, style, NULL));
  for (int i = 0; kind->settings[i]; i += 2)
    g_assert_true (rv_job_set (job, kind->settings[i], kind->settings[i + 1], NULL));
  gboolean ok = rv_job_run (job, cancellable, error);
  g_autoptr (RvImage) result = rv_job_result (job);
  g_assert_true (ok == (result != NULL));
  return ok;
}

static void
test_jobs (void)
{
  static Kind kinds[] = {
    { "style", "content", "style", { "iterations", FOREVER, "threads", "1" } },
    { "style", "content", "style", { "iterations", FOREVER, "threads", "1", "tile", "96" } },
    { "dream", "picture", NULL, { "iterations", "10000", "threads", "1" } },
    { "style-learned", "content", NULL, { "learned", "hokusai-wave", "threads", "1" } },
    { "explore-learned", "content", NULL, { "learned", "hokusai-wave,munch-scream", "threads", "1" } },
  };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_test_message ("%s", kinds[i].kind);
    assert_ends (run_job, &kinds[i]);
  }
}

/* RvJobFunc; @user_data: a GCancellable, which it cancels after the first iteration. */
static void
cancel_at_progress (RvJob *job, const RvJobReport *report, gpointer user_data)
{
  if (report->type == RV_JOB_REPORT_PROGRESS)
    g_cancellable_cancel (user_data);
}

/* A job without a cancellable of its own ends by that of its thread, and has no result. */
static void
test_job_under_current (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RvJob) job = rv_job_new ("dream", NULL);
  g_autoptr (RvImage) picture = formula_picture ("content", SIDE, SIDE);
  g_assert_true (rv_job_add_picture (job, "picture", picture, NULL) && rv_job_set (job, "iterations", "10000", NULL));
  rv_job_subscribe (job, 0, cancel_at_progress, cancellable, NULL);
  g_cancellable_push_current (cancellable);
  g_assert_false (rv_job_run (job, NULL, &error));
  g_cancellable_pop_current (cancellable);
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_autoptr (RvImage) result = rv_job_result (job);
  g_assert_null (result);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cancel/painter", test_style_net);
  g_test_add_func ("/cancel/learning", test_learning);
  g_test_add_func ("/cancel/vae", test_vae);
  g_test_add_func ("/cancel/dataset", test_dataset);
  g_test_add_func ("/cancel/others", test_others);
  g_test_add_func ("/cancel/files", test_files);
  g_test_add_func ("/cancel/jobs", test_jobs);
  g_test_add_func ("/cancel/job-under-current", test_job_under_current);
  return g_test_run ();
}
