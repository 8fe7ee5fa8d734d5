/* test-vae-picture.c -- pictures of a trained VAE as jobs: results equal to the model's, plans,
 * recipes, numbered files, stop, cancellation, errors; public API only. */
#include "base/alloc.h"
#include "job/core/job-object.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/reverie.h>
#include <string.h>

#define SIDE_PX 28
#define N_PICTURES 5
#define N_STEPS 4

static char *folder, *data, *model, *flat, *codes;

static char *
path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static RvVae *
new_vae (const char *latent)
{
  g_autoptr (RvSettings) settings = rv_settings_new ("vae", NULL);
  g_assert_true (rv_settings_set (settings, "architecture", "mlp", NULL) &&
                 rv_settings_set (settings, "width", "8", NULL) && rv_settings_set (settings, "latent", latent, NULL));
  RvVae *vae = rv_vae_new (settings, 1, SIDE_PX, SIDE_PX, NULL);
  rv_vae_set_threads (vae, 1);
  return vae;
}

static void
make_files (void)
{
  const char *latent[] = { "2", "3" };
  char **files[] = { &model, &flat };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (RvVae) vae = new_vae (latent[i]);
    g_autoptr (RvTensorMap) map = rv_vae_to_map (vae, NULL);
    *files[i] = path (i == 0 ? "two.safetensors" : "three.safetensors");
    g_assert_true (rv_weights_save (map, *files[i], TRUE, NULL));
  }
  codes = path ("codes.csv");
  data = path ("data");
  g_assert_true (g_file_set_contents (codes, "0,0\n1,-1\n0.5,2\n", -1, NULL) && g_mkdir (data, 0700) == 0);
  for (guint32 k = 0; k < N_PICTURES; k++) {
    g_autofree char *file = g_strdup_printf ("%s/%02u.png", data, k);
    g_autoptr (RvImage) image = rv_image_new (32, 32, NULL);
    for (gint64 i = 0; i < 3 * 32 * 32; i++)
      ((float *) image->rgb->data)[i] = (float) (127.5 + 127 * test_number (k, (guint64) i / 5));
    g_assert_true (rv_image_save (image, file, NULL, NULL));
  }
}

/* (transfer full): a job that makes @what. @inputs (nullable): file names, or "data" and "codes", separated by commas.
 */
static RvJob *
new_job (const char *what, const char *inputs)
{
  RvJob *job = rv_job_new ("vae-picture", NULL);
  g_auto (GStrv) names = g_strsplit (inputs ? inputs : "", ",", -1);
  g_assert_true (rv_job_add_file (job, "model", model, NULL));
  for (int i = 0; names[i]; i++) {
    g_autofree char *file = strcmp (names[i], "data") == 0    ? g_strdup (data)
                            : strcmp (names[i], "codes") == 0 ? g_strdup (codes)
                                                              : g_build_filename (data, names[i], NULL);
    g_assert_true (rv_job_add_file (job, "input", file, NULL));
  }
  test_job_set (job, "what", what);
  test_job_set (job, "steps", G_STRINGIFY (N_STEPS));
  test_job_set (job, "threads", "1");
  return job;
}

static RvImage *
result_of (RvJob *job)
{
  GError *error = NULL;
  rv_job_run (job, NULL, &error);
  g_assert_no_error (error);
  RvImage *result = rv_job_result (job);
  g_assert_nonnull (result);
  return result;
}

static void
assert_same (const RvImage *a, const RvImage *b)
{
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpmem (a->rgb->data, rv_tensor_bytes (a->rgb), b->rgb->data, rv_tensor_bytes (b->rgb));
}

static RvImage *
sheet_of (const float *z, gint64 n, int columns, int gap_px)
{
  g_autoptr (RvVae) vae = new_vae ("2");
  g_autofree float *pixels = g_new (float, n *SIDE_PX *SIDE_PX);
  g_assert_true (rv_vae_decode (vae, z, n, pixels, NULL));
  return rv_vae_sheet (vae, pixels, n, columns, gap_px, NULL);
}

static gboolean
exists (const char *name)
{
  g_autofree char *file = path (name);
  return g_file_test (file, G_FILE_TEST_EXISTS);
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

static void
test_codes (void)
{
  const float walk[] = { -2, 0, -2.0f / 3, 0, 2.0f / 3, 0, 2, 0, 0, -2, 0, -2.0f / 3, 0, 2.0f / 3, 0, 2 },
              map[] = { -1, 1, 1, 1, -1, -1, 1, -1 }, of_file[] = { 0, 0, 1, -1, 0.5f, 2 };
  g_autoptr (RvJob) walks = new_job ("walk", NULL), maps = new_job ("manifold", NULL),
                    decodes = new_job ("decode", "codes"), samples = new_job ("sample", NULL);
  test_job_set (maps, "count", "2");
  test_job_set (maps, "reach", "1");
  test_job_set (samples, "count", "5");
  test_job_set (samples, "seed", "7");
  test_job_set (samples, "temperature", "0.5");
  float drawn[10];
  g_autoptr (RvVae) vae = new_vae ("2");
  rv_vae_sample_prior (vae, 5, 0.5, 7, drawn);
  RvJob *jobs[] = { walks, maps, decodes, samples };
  RvImage *expected[] = { sheet_of (walk, 8, N_STEPS, 4), sheet_of (map, 4, 2, 0), sheet_of (of_file, 3, 2, 4),
                          sheet_of (drawn, 5, 3, 4) };
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++) {
    g_autoptr (RvImage) made = result_of (jobs[i]);
    assert_same (made, expected[i]);
    rv_image_unref (expected[i]);
  }
}

/* Largest difference, 0..255. */
static double
worst_gap (const RvImage *a, const RvImage *b)
{
  double worst = 0;
  g_assert_cmpint (a->width, ==, b->width);
  for (gint64 i = 0; i < rv_tensor_count (a->rgb); i++)
    worst = MAX (worst, fabs ((double) ((float *) a->rgb->data)[i] - (double) ((float *) b->rgb->data)[i]));
  return worst;
}

/* An interpolation goes between posterior means. The lower row of reconstructions shows decoded posterior means. */
static void
test_pictures (void)
{
  g_autoptr (RvVae) vae = new_vae ("2");
  g_autoptr (RvDataset) pictures = rv_dataset_load (data, NULL, RV_DATASET_TEST, SIDE_PX, 1, 1, NULL, NULL);
  gint64 size = SIDE_PX * SIDE_PX;
  float mu[4], z[2 * N_STEPS];
  g_assert_true (rv_vae_encode (vae, pictures->pixels, 2, mu, NULL, NULL));
  for (int k = 0; k < N_STEPS; k++)
    for (int j = 0; j < 2; j++)
      z[2 * k + j] = (float) ((1 - k / 3.0) * mu[j] + k / 3.0 * mu[2 + j]);
  g_autoptr (RvJob) job = new_job ("interpolate", "00.png,01.png"), pairs = new_job ("reconstruct", "data");
  g_autoptr (RvImage) made = result_of (job), expected = sheet_of (z, N_STEPS, N_STEPS, 4);
  assert_less (worst_gap (made, expected), 0.5);

  g_autofree float *pixels = g_new (float, 4 * size);
  for (gint64 i = 0; i < 2 * size; i++)
    pixels[i] = (float) pictures->pixels[i] / 255;
  g_assert_true (rv_vae_decode (vae, mu, 2, pixels + 2 * size, NULL));
  test_job_set (pairs, "count", "2");
  g_autoptr (RvImage) made_pairs = result_of (pairs), expected_pairs = rv_vae_sheet (vae, pixels, 4, 2, 4, NULL);
  assert_same (made_pairs, expected_pairs);
}

/* An edit adds the difference of the mean codes of two sets, in equal steps. */
static void
test_edit (void)
{
  g_autoptr (RvVae) vae = new_vae ("2");
  g_autoptr (RvDataset) pictures = rv_dataset_load (data, NULL, RV_DATASET_TEST, SIDE_PX, 1, 1, NULL, NULL);
  g_autofree float *mu = g_new (float, 2 * pictures->n);
  float mean[2] = { 0 }, z[2 * N_STEPS];
  g_assert_true (rv_vae_encode (vae, pictures->pixels, pictures->n, mu, NULL, NULL));
  for (gint64 i = 0; i < 2 * pictures->n; i++)
    mean[i % 2] += mu[i] / (float) pictures->n;
  for (int k = 0; k < N_STEPS; k++)
    for (int j = 0; j < 2; j++)
      z[2 * k + j] = mu[j] + 3 * (2 * (float) k / (N_STEPS - 1) - 1) * (mean[j] - mu[2 + j]);
  g_autoptr (RvJob) job = new_job ("edit", "00.png,data,01.png");
  test_job_set (job, "reach", "3");
  g_autoptr (RvImage) made = result_of (job), expected = sheet_of (z, N_STEPS, N_STEPS, 4);
  assert_less (worst_gap (made, expected), 0.5);
}

/* Each kind of picture can be planned and made. Its recipe has the command and the settings, also after the run is
 * released. */
static void
test_recipes (void)
{
  static const char *const all[][2] = { { "sample", NULL },
                                        { "reconstruct", "data" },
                                        { "walk", NULL },
                                        { "interpolate", "00.png,03.png" },
                                        { "edit", "00.png,data,01.png" },
                                        { "manifold", NULL },
                                        { "scatter", "data" },
                                        { "decode", "codes" } };
  const RvOption *option = rv_settings_find_option ("vae-picture", "what");
  g_assert_cmpuint (g_strv_length ((char **) rv_option_choices (option)), ==, G_N_ELEMENTS (all));
  for (guint i = 0; i < G_N_ELEMENTS (all); i++) {
    RvJobPlan plan;
    g_autoptr (RvJob) job = new_job (all[i][0], all[i][1]);
    g_autofree char *command = g_strdup_printf ("\"command\":\"vae %s\"", all[i][0]);
    test_job_set (job, "count", "3");
    test_job_set (job, "seed", "4");
    g_assert_true (rv_job_plan (job, &plan, NULL));
    g_autoptr (RvImage) made = result_of (job);
    g_autofree char *recipe = rv_job_recipe (job);
    g_assert_nonnull (strstr (recipe, command));
    g_assert_nonnull (
      strstr (recipe, "\"settings\":{\"count\":\"3\",\"steps\":\"4\",\"seed\":\"4\",\"threads\":\"1\"}"));
    if (strcmp (all[i][0], "scatter") != 0)
      g_assert_cmpint (plan.width, ==, made->width);
    g_assert_cmpuint (plan.peak_bytes, >, 0);
    rv_job_release_run (job);
    g_autofree char *released = rv_job_recipe (job);
    g_assert_cmpstr (released, ==, recipe);
  }
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static void
on_frame (RvJob *job, const RvJobReport *report, gpointer stop_after)
{
  if (report->type == RV_JOB_REPORT_PROGRESS && report->frame == GPOINTER_TO_INT (stop_after))
    rv_job_stop (job);
}

static RvJob *
new_frames (const char *name, int stop_after)
{
  RvJob *job = new_job ("interpolate", "00.png,01.png");
  g_autofree char *output = path (name);
  test_job_set (job, "output", output);
  rv_job_subscribe (job, 0, on_frame, GINT_TO_POINTER (stop_after), NULL);
  return job;
}

static void
test_frames (void)
{
  GError *error = NULL;
  g_autoptr (RvJob) whole = new_frames ("all%02d.png", 0), part = new_frames ("part%d.png", 2),
                    again = new_frames ("all%02d.png", 0), dry = new_frames ("none/%02d.png", 0);
  g_assert_true (rv_job_check (dry, FALSE, NULL) && !exists ("none")); /* a dry run creates no folder, and needs none */
  g_autoptr (RvImage) last = result_of (whole), second = result_of (part);
  g_assert_true (last->width == 2 * SIDE_PX && second);
  g_assert_true (exists ("all01.png") && exists ("all03.png") && exists ("all04.png") && !exists ("all05.png"));
  g_assert_true (rv_job_was_stopped (part) && exists ("part2.png") && !exists ("part3.png"));
  g_autofree char *file = path ("all02.png"), *other = path ("part2.png");
  g_autoptr (RvImage) one = rv_image_load (file, 0, 0, NULL), same = rv_image_load (other, 0, 0, NULL);
  assert_same (one, same);
  g_assert_false (rv_job_check (again, TRUE, &error)); /* existing files are not replaced */
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_assert_cmpstr (rv_error_option (error), ==, "force");
  g_clear_error (&error);
  test_job_set (again, "force", "yes");
  g_assert_true (rv_job_check (again, TRUE, NULL));
}

static void
test_svg (void)
{
  g_autofree char *output = path ("cloud.svg"), *text = NULL;
  g_autoptr (RvJob) job = new_job ("scatter", "data");
  test_job_set (job, "output", output);
  g_assert_true (rv_job_run (job, NULL, NULL));
  g_assert_true (g_file_get_contents (output, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "<svg"));
}

/* ---- errors ------------------------------------------------------------------------------------------------------ */

static void
test_refused (void)
{
  static const struct {
    const char *what, *inputs, *name, *value;
    RvError code;
    const char *option;
  } wrong[] = {
    { "sample", "data", NULL, NULL, RV_ERROR_SETTING, "what" },
    { "reconstruct", NULL, NULL, NULL, RV_ERROR_SETTING, "what" },
    { "interpolate", "00.png", NULL, NULL, RV_ERROR_SETTING, "what" },
    { "interpolate", "00.png,nothing.png", NULL, NULL, RV_ERROR_FILE, NULL },
    { "decode", "00.png", NULL, NULL, RV_ERROR_FORMAT, NULL },
    { "manifold", NULL, "count", "101", RV_ERROR_SETTING, NULL },
    { "walk", NULL, "steps", "5001", RV_ERROR_SETTING, NULL },
    { "sample", NULL, "size", "64", RV_ERROR_SETTING, "size" },
    { "sample", NULL, "log", "/nowhere/log", RV_ERROR_SETTING, "size" },
    { "sample", NULL, "output", "/nowhere/s.png", RV_ERROR_FILE, NULL },
    { "sample", NULL, "output", "s.svg", RV_ERROR_SETTING, NULL },
    { "sample", NULL, "output", "s.txt", RV_ERROR_SETTING, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    GError *error = NULL;
    g_autoptr (RvJob) job = new_job (wrong[i].what, wrong[i].inputs);
    if (wrong[i].name)
      test_job_set (job, wrong[i].name, wrong[i].value);
    g_assert_false (rv_job_run (job, NULL, &error));
    g_assert_error (error, RV_ERROR, (int) wrong[i].code);
    if (wrong[i].option)
      g_assert_true (g_str_has_prefix (rv_error_option (error), wrong[i].option));
    g_clear_error (&error);
  }
}

/* An allocation that fails is an error, or leaves an input picture out; at last those of the drawing fail. */
static void
test_no_memory (void)
{
  static const struct {
    const char *what, *input;
    int n_buffers;
  } drawings[] = { { "decode", "codes", 2 }, { "reconstruct", "data", 1 }, { "scatter", "data", 1 } };
  for (guint i = 0; i < G_N_ELEMENTS (drawings); i++)
    for (int at = 1, n_left = drawings[i].n_buffers; n_left > 0; at++) {
      g_autoptr (GError) error = NULL;
      g_autoptr (RvJob) job = new_job (drawings[i].what, drawings[i].input);
      rv__alloc_fail_at (at);
      gboolean ok = rv_job_run (job, NULL, &error);
      rv__alloc_fail_at (0);
      g_assert_true (ok || g_error_matches (error, RV_ERROR, RV_ERROR_MEMORY));
      n_left -= !ok && strstr (error->message, "a sheet of a VAE");
      g_assert_cmpint (at, <, 300);
    }
}

/* A CSV with an empty cell or of another number of cells is refused. */
static void
test_wrong_codes (void)
{
  static const char *const wrong[] = {
    "0,\n", ",1\n", "0,0\n1\n", "0,0,0\n", "0,nan\n", "0,1e39\n", "index,label,z0,z1,s0,s1\n0,a,,1,1,1\n"
  };
  g_autofree char *file = path ("wrong.csv");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvJob) job = new_job ("decode", NULL);
    g_assert_true (g_file_set_contents (file, wrong[i], -1, NULL) && rv_job_add_file (job, "input", file, NULL));
    g_assert_false (rv_job_run (job, NULL, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_nonnull (strstr (error->message, "is no row of 2 numbers"));
  }
}

/* Input pictures cannot be overwritten. Missing and unsuitable models are errors. */
static void
test_inputs_stay (void)
{
  GError *error = NULL;
  g_autofree char *input = g_build_filename (data, "00.png", NULL);
  g_autoptr (RvJob) over = new_job ("interpolate", "00.png,01.png"), none = rv_job_new ("vae-picture", NULL),
                    three = rv_job_new ("vae-picture", NULL), other = rv_job_new ("vae-picture", NULL);
  test_job_set (over, "output", input);
  test_job_set (over, "force", "yes");
  g_assert_false (rv_job_check (over, TRUE, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_clear_error (&error);
  g_assert_false (rv_job_run (none, NULL, &error)); /* no model */
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_true (rv_job_add_file (three, "model", flat, NULL) && rv_job_add_file (other, "model", codes, NULL));
  test_job_set (three, "what", "manifold");
  g_assert_false (rv_job_run (three, NULL, &error));
  g_assert_nonnull (strstr (error->message, "two latent dimensions, this model 3"));
  g_clear_error (&error);
  g_assert_false (rv_job_run (other, NULL, &error)); /* not a model */
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_clear_error (&error);
}

typedef struct {
  gint64 n_read;
  int n_previews, n_notes;
  GCancellable *cancellable;
} Watching;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer user_data)
{
  Watching *watching = user_data;
  watching->n_previews += report->type == RV_JOB_REPORT_PREVIEW;
  watching->n_notes += report->type == RV_JOB_REPORT_PROGRESS && report->note;
  if (report->type == RV_JOB_REPORT_ENDED)
    watching->n_read = report->n_read;
  if (watching->cancellable)
    g_cancellable_cancel (watching->cancellable);
}

/* One note names an unreadable file, and one note has the number of such files. */
static void
test_followed (void)
{
  Watching watching = { 0 };
  g_autofree char *odd = g_build_filename (data, "odd.txt", NULL);
  g_autoptr (RvJob) job = new_job ("reconstruct", "data");
  g_assert_true (g_file_set_contents (odd, "nothing", -1, NULL));
  rv_job_subscribe (job, 1e-6, on_report, &watching, NULL);
  g_autoptr (RvImage) made = result_of (job);
  g_remove (odd);
  g_assert_cmpint (watching.n_notes, ==, 2);
  g_assert_cmpint (watching.n_previews, ==, 1);
  g_assert_cmpint (watching.n_read, ==, N_PICTURES);
}

static void
test_cancelled (void)
{
  GError *error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Watching watching = { .cancellable = cancellable };
  g_autoptr (RvJob) job = new_frames ("never%d.png", 0);
  rv_job_subscribe (job, 0, on_report, &watching, NULL);
  g_assert_false (rv_job_run (job, cancellable, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_assert_null (rv_job_result (job));
  g_assert_false (exists ("never2.png"));
  g_clear_error (&error);
}

static void
remove_folder (const char *name)
{
  g_autoptr (GDir) dir = g_dir_open (name, 0, NULL);
  for (const char *entry; (entry = g_dir_read_name (dir));) {
    g_autofree char *file = g_build_filename (name, entry, NULL);
    if (g_file_test (file, G_FILE_TEST_IS_DIR))
      remove_folder (file);
    else
      g_remove (file);
  }
  g_rmdir (name);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("reverie-vae-picture-XXXXXX", NULL);
  make_files ();
  g_test_add_func ("/vae-picture/codes", test_codes);
  g_test_add_func ("/vae-picture/pictures", test_pictures);
  g_test_add_func ("/vae-picture/edit", test_edit);
  g_test_add_func ("/vae-picture/recipes", test_recipes);
  g_test_add_func ("/vae-picture/frames", test_frames);
  g_test_add_func ("/vae-picture/svg", test_svg);
  g_test_add_func ("/vae-picture/refused", test_refused);
  g_test_add_func ("/vae-picture/no-memory", test_no_memory);
  g_test_add_func ("/vae-picture/wrong-codes", test_wrong_codes);
  g_test_add_func ("/vae-picture/inputs-stay", test_inputs_stay);
  g_test_add_func ("/vae-picture/followed", test_followed);
  g_test_add_func ("/vae-picture/cancelled", test_cancelled);
  int failed = g_test_run ();
  remove_folder (folder);
  char *const files[] = { folder, data, model, flat, codes };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    g_free (files[i]);
  return failed;
}
