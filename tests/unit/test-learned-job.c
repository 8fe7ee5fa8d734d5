/* test-learned-job.c -- pictures in learned styles as jobs: pictures in memory, several threads, errors, cancellation,
 * reused style networks, sheets; public API only. */
#include "base/alloc.h"
#include "job/core/job-object.h"
#include "job/learned/learned-styles.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <reverie/reverie.h>
#include <string.h>

#define SIDE_PX 64
#define N_THREADS 3

/* (transfer full): a job with a picture in memory; for a video, with the name of a missing file. @with: setting
 * `learned`. */
static RvJob *
new_job (const char *kind, const char *with)
{
  RvJob *job = rv_job_new (kind, NULL);
  g_autoptr (RvImage) content = test_made_image (SIDE_PX, SIDE_PX, 1);
  gboolean is_video = g_str_has_suffix (kind, "-video");
  g_assert_true (is_video ? rv_job_add_file (job, "content", "film.mkv", NULL)
                          : rv_job_add_picture (job, "content", content, NULL));
  g_assert_true (rv_job_set (job, "learned", with, NULL));
  g_assert_true (rv_job_set (job, "threads", "1", NULL));
  return job;
}

static gboolean
are_same (const RvImage *a, const RvImage *b)
{
  return memcmp (a->rgb->data, b->rgb->data, rv_tensor_bytes (a->rgb)) == 0;
}

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  g_string_append_c (data, report->type == RV_JOB_REPORT_PREVIEW    ? 'v'
                           : report->type == RV_JOB_REPORT_PROGRESS ? 'p'
                                                                    : 'e');
}

/* The result equals the picture of the style network. The job reports progress, a preview and its end. Further jobs
 * reuse the style network, also for another style. */
static void
test_painted (void)
{
  g_autoptr (RvJob) job = new_job ("style-learned", "hokusai-wave");
  g_autoptr (RvImage) content = test_made_image (SIDE_PX, SIDE_PX, 1);
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (RvStyleNet) style_net = rv_style_net_load (NULL, NULL);
  const double parts[64] = { [0] = 0 };
  g_autofree double *weights = g_memdup2 (parts, sizeof parts);
  g_assert_cmpuint (rv_style_net_n_styles (style_net), <=, G_N_ELEMENTS (parts));
  weights[rv_style_net_find_style (style_net, "hokusai-wave")] = 1;
  g_autoptr (RvImage) expected = rv_style_net_paint (style_net, content, weights, 1, NULL);
  RvJobPlan plan;
  g_assert_true (rv_job_plan (job, &plan, NULL));
  g_assert_cmpint (plan.n_iterations, ==, 1);
  g_assert_cmpuint (plan.peak_bytes, >, 0);
  rv_job_subscribe (job, 0.001, on_report, seen, NULL);
  g_autoptr (RvImage) result = test_job_result (job);
  g_assert_true (are_same (result, expected));
  g_assert_cmpstr (seen->str, ==, "pve");
  rv_job_subscribe (job, 0, NULL, NULL, NULL);
  g_autoptr (RvJob) again = new_job ("style-learned", "hokusai-wave"),
                    other = new_job ("style-learned", "munch-scream");
  rv__job_reuse (again, job);
  rv__job_reuse (other, job); /* another style */
  g_autoptr (RvImage) shared = test_job_result (again), different = test_job_result (other);
  g_assert_true (are_same (shared, expected));
  g_assert_false (are_same (different, expected));
}

/* A picture in memory stays the caller's: a job of its size does not paint into it. */
static void
test_input_unchanged (void)
{
  g_autoptr (RvJob) job = rv_job_new ("style-learned", NULL);
  g_autoptr (RvImage) content = test_made_image (SIDE_PX, SIDE_PX, 1), same = test_made_image (SIDE_PX, SIDE_PX, 1);
  g_assert_true (rv_job_add_picture (job, "content", content, NULL));
  g_assert_true (rv_job_set (job, "learned", "hokusai-wave", NULL));
  g_autoptr (RvImage) result = test_job_result (job);
  g_assert_false (are_same (result, content));
  g_assert_true (are_same (content, same));
}

/* Each kind of job refuses settings and inputs that do not fit. */
static void
test_refused (void)
{
  static const struct {
    const char *kind, *with, *role, *option;
  } wrong[] = {
    { "style-learned", "", NULL, "learned" },
    { "style-learned", "nobody", NULL, "learned" },
    { "style-learned", "two.safetensors:glass", NULL, "learned" }, /* no such input */
    { "style-learned", "/srv/candy.onnx", NULL, "learned" },
    { "style-learned", "hokusai-wave", "style", "learned" },
    { "style-learned", "hokusai-wave,munch-scream", "mask", NULL },
    { "style-learned", "any", NULL, NULL },
    { "style-video", "any", NULL, NULL },
    { "explore-learned", "any", NULL, "learned" },
    { "explore-learned", "/etc/passwd", NULL, "learned" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    GError *error = NULL;
    g_autoptr (RvJob) job = new_job (wrong[i].kind, wrong[i].with);
    g_autoptr (RvImage) more = test_made_image (SIDE_PX, SIDE_PX, 2);
    g_assert_true (!wrong[i].role || rv_job_add_picture (job, wrong[i].role, more, NULL));
    g_assert_false (rv_job_check (job, FALSE, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, wrong[i].option);
    g_clear_error (&error);
  }
  static const char *const devices[][2] = { { "gpu", "0" }, { "backend", "reference" } }; /* "any" uses none of them */
  for (guint i = 0; i < G_N_ELEMENTS (devices); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvJob) job = new_job ("style-learned", "any");
    g_autoptr (RvImage) painting = test_made_image (SIDE_PX, SIDE_PX, 2);
    g_assert_true (rv_job_add_picture (job, "style", painting, NULL) &&
                   rv_job_set (job, devices[i][0], devices[i][1], NULL));
    g_assert_false (rv_job_check (job, FALSE, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, "backend");
  }
  g_autoptr (RvJob) logs = new_job ("style-learned", "hokusai-wave");
  g_assert_true (rv_job_set (logs, "save-every", "3", NULL));
  g_assert_false (rv_job_check (logs, FALSE, NULL));
}

/* The photograph is unchanged where the mask is almost black, for any strength and any way to keep colours. */
static void
test_masked (void)
{
  static const char *const ways[][2] = { { "keep-colors", "none" },
                                         { "keep-colors", "histogram" },
                                         { "keep-colors", "covariance" },
                                         { "strength", "20" },
                                         { "strength", "90" } };
  g_autoptr (RvImage) content = test_made_image (SIDE_PX, SIDE_PX, 1), mask = test_made_image (SIDE_PX, SIDE_PX, 1);
  for (gint64 i = 0; i < rv_tensor_count (mask->rgb); i++)
    ((float *) mask->rgb->data)[i] = i % SIDE_PX < SIDE_PX / 2 ? 6 : 255;
  for (guint w = 0; w < G_N_ELEMENTS (ways); w++) {
    g_autoptr (RvJob) job = new_job ("style-learned", "hokusai-wave");
    g_assert_true (rv_job_add_picture (job, "mask", mask, NULL) && rv_job_set (job, ways[w][0], ways[w][1], NULL));
    g_autoptr (RvImage) made = test_job_result (job);
    const float *a = made->rgb->data, *b = content->rgb->data;
    for (gint64 i = 0; i < rv_tensor_count (made->rgb); i++)
      if (i % SIDE_PX < SIDE_PX / 2)
        g_assert_cmpfloat (a[i], ==, b[i]);
    g_assert_false (are_same (made, content));
  }
}

/* (transfer full): the made picture of SIDE_PX in a learned style. @keep: (nullable): the area to keep. */
static RvImage *
paint_keeping (const char *strength, const RvImage *keep)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvImage) photo = test_made_image (SIDE_PX, SIDE_PX, 1);
  g_autoptr (RvSettings) settings = test_settings_of ("style", NULL);
  g_autoptr (RvLearnedStyles) learned = rv__learned_styles_parse ("hokusai-wave", NULL, &error);
  test_set (settings, "strength", strength);
  test_set (settings, "threads", "1");
  g_assert_true (rv__learned_styles_load (learned, TRUE, &error));
  const RvLearnedPaintOptions options = { .only = -1, .keep = keep };
  RvImage *painted = rv__learned_styles_paint (learned, &options, photo, settings, &error);
  g_assert_no_error (error);
  return painted;
}

/* A kept area is painted once, although a strength above 50 paints the picture twice. */
static void
test_kept (void)
{
  g_autoptr (RvImage) white = test_made_image (SIDE_PX, SIDE_PX, 1);
  for (gint64 i = 0; i < rv_tensor_count (white->rgb); i++)
    ((float *) white->rgb->data)[i] = 255;
  g_autoptr (RvImage) kept = paint_keeping ("90", white), once = paint_keeping ("50", NULL);
  g_autoptr (RvImage) twice = paint_keeping ("90", NULL);
  g_assert_true (are_same (kept, once) && !are_same (twice, once));
}

static void
stop_at_two (RvJob *job, const RvJobReport *report, gpointer data)
{
  if (report->type == RV_JOB_REPORT_PROGRESS && report->frame == 2)
    rv_job_stop (job);
}

static void
count_preview (RvJob *job, const RvJobReport *report, gpointer n_previews)
{
  *(int *) n_previews += report->type == RV_JOB_REPORT_PREVIEW && report->picture->width > 3 * SIDE_PX;
}

/* A sheet has one cell for each style, and previews show the whole sheet. A stopped job gives a sheet of the finished
 * cells. */
static void
test_sheet (void)
{
  int n_previews = 0;
  RvJobPlan plan;
  g_autoptr (RvJob) job = new_job ("explore-learned", "hokusai-wave,munch-scream,hokusai-wave"),
                    stopped = new_job ("explore-learned", "hokusai-wave,munch-scream,hokusai-wave");
  g_assert_true (rv_job_set (job, "cell", "64", NULL) && rv_job_set (stopped, "cell", "64", NULL));
  g_assert_true (rv_job_plan (job, &plan, NULL));
  g_assert_cmpint (plan.n_iterations, ==, 3);
  g_assert_cmpuint (plan.peak_bytes, >, 3 * SIDE_PX * SIDE_PX * 3 * sizeof (float));
  rv_job_subscribe (job, 1e-6, count_preview, &n_previews, NULL);
  g_autoptr (RvImage) sheet = test_job_result (job);
  g_assert_cmpint (n_previews, >, 0);
  g_assert_cmpint (sheet->width, >, 3 * SIDE_PX);
  g_assert_cmpint (sheet->height, <, 2 * SIDE_PX);
  rv_job_subscribe (stopped, 0, stop_at_two, NULL, NULL);
  g_autoptr (RvImage) part = test_job_result (stopped);
  g_assert_true (rv_job_was_stopped (stopped));
  g_assert_false (are_same (part, sheet));
}

static gpointer
paint (gpointer shared)
{
  g_autoptr (RvJob) job = new_job ("style-learned", "hokusai-wave,munch-scream:2");
  rv__job_reuse (job, shared);
  return test_job_result (job);
}

/* Jobs that reuse one style network may run at the same time. */
static void
test_threads (void)
{
  g_autoptr (RvJob) first = new_job ("style-learned", "hokusai-wave,munch-scream:2");
  g_autoptr (RvImage) expected = test_job_result (first);
  GThread *threads[N_THREADS];
  for (int i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("paint", paint, first);
  for (int i = 0; i < N_THREADS; i++) {
    g_autoptr (RvImage) painted = g_thread_join (threads[i]);
    g_assert_true (are_same (painted, expected));
  }
}

static void
test_cancelled (void)
{
  GError *error = NULL;
  g_autoptr (RvJob) job = new_job ("style-learned", "hokusai-wave");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  g_assert_false (rv_job_run (job, cancellable, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_clear_error (&error);
}

/* The styles that the setting `learned` names can be read without a job. */
static void
test_named (void)
{
  GError *error = NULL;
  g_autoptr (RvLearnedStyles) with = rv_learned_styles_new ("hokusai-wave:2,munch-scream", NULL),
                              any = rv_learned_styles_new ("any", NULL);
  g_autofree char *all = rv_learned_styles_text (with, -1), *one = rv_learned_styles_text (with, 1);
  g_assert_cmpuint (rv_learned_styles_n (with), ==, 2);
  g_assert_cmpstr (rv__learned_styles_name (rv__learned_styles_item (with, 1)), ==, "munch-scream");
  g_assert_null (rv_learned_styles_file (with, 0));
  g_assert_cmpstr (all, ==, "builtin:hokusai-wave:2,builtin:munch-scream:1");
  g_assert_cmpstr (one, ==, "builtin:munch-scream:1");
  g_assert_true (rv_learned_styles_is_any (any) && rv_learned_styles_n (any) == 0 && !rv_learned_styles_is_any (with));
  for (int i = 0; i < 2; i++) /* the second call does nothing */
    g_assert_true (rv_learned_styles_load (with, TRUE, NULL, NULL));
  rv__alloc_fail_at (1); /* the built-in styles would not be loaded */
  g_assert_null (rv_learned_styles_new ("any,munch-scream", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  rv__alloc_fail_at (0);
  g_assert_null (rv_learned_styles_new (NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/with/painted", test_painted);
  g_test_add_func ("/with/input-unchanged", test_input_unchanged);
  g_test_add_func ("/with/masked", test_masked);
  g_test_add_func ("/with/kept", test_kept);
  g_test_add_func ("/with/refused", test_refused);
  g_test_add_func ("/with/sheet", test_sheet);
  g_test_add_func ("/with/threads", test_threads);
  g_test_add_func ("/with/cancelled", test_cancelled);
  g_test_add_func ("/with/named", test_named);
  return g_test_run ();
}
