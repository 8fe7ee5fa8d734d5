/* test-video-job.c -- videos as jobs: plan, reports, pause, stop and resume, cancellation. */
#include "job/core/job-object.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/video.h>
#include <reverie/reverie.h>
#include <string.h>

#define WIDTH 64
#define HEIGHT 48
#define N_FRAMES 4
#define RATE 8
#define SAME_LEVELS 2.0     /* largest change by the codec and the previous frame */
#define PAINTED_LEVELS 10.0 /* smallest change by painting */
#define CHANGED_LEVELS 0.1  /* smallest change by a short dream */

static char *folder, *clip;

static char *
path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static gboolean
exists (const char *name)
{
  g_autofree char *file = path (name);
  return g_file_test (file, G_FILE_TEST_EXISTS);
}

static RvVideoWriter *
new_video (const char *file, int rate)
{
  const RvVideoInfo info = { .width = WIDTH, .height = HEIGHT, .rate_num = rate, .rate_den = 1, .bits = 8 };
  const RvVideoWriteOptions settings = { .codec = "ffv1" };
  RvVideoWriter *writer = rv_video_writer_new (file, &info, &settings, NULL);
  g_assert_nonnull (writer);
  return writer;
}

/* (transfer full): path of a new clip, in which frame k has 1 - k * @darker of the brightness. 0: all frames are equal.
 */
static char *
make_clip (const char *name, float darker)
{
  char *file = path (name);
  g_autoptr (RvVideoWriter) writer = new_video (file, RATE);
  for (int k = 0; k < N_FRAMES; k++) {
    g_autoptr (RvImage) frame = test_made_image (WIDTH, HEIGHT, 3);
    for (gint64 i = 0; i < 3 * WIDTH * HEIGHT; i++)
      ((float *) frame->rgb->data)[i] *= 1 - darker * (float) k;
    g_assert_true (rv_video_writer_add (writer, frame, NULL));
  }
  g_assert_true (rv_video_writer_finish (writer, NULL));
  return file;
}

/* (transfer full): a picture that is white on its left half, or with @right on its right half, and black elsewhere. */
static RvImage *
half (gboolean right)
{
  RvImage *image = rv_image_new (WIDTH, HEIGHT, NULL);
  for (gint64 i = 0; i < 3 * WIDTH * HEIGHT; i++)
    ((float *) image->rgb->data)[i] = (i % WIDTH >= WIDTH / 2) == right ? 255 : 0;
  return image;
}

/* Writes a mask video of @n frames: white on the left, and from frame @turns on white on the right. */
static void
make_mask (const char *name, int rate, int n, int turns)
{
  g_autofree char *file = path (name);
  g_autoptr (RvVideoWriter) writer = new_video (file, rate);
  for (int k = 0; k < n; k++) {
    g_autoptr (RvImage) frame = half (k >= turns);
    g_assert_true (rv_video_writer_add (writer, frame, NULL));
  }
  g_assert_true (rv_video_writer_finish (writer, NULL));
}

/* (transfer full): frame @number, from 0, of the video @name. */
static RvImage *
frame_of (const char *name, int number)
{
  g_autofree char *file = path (name);
  g_autoptr (RvVideoReader) reader = rv_video_reader_new (file, NULL, NULL);
  for (int k = 0; k < number; k++)
    rv_image_unref (rv_video_reader_next (reader, NULL));
  RvImage *frame = rv_video_reader_next (reader, NULL);
  g_assert_nonnull (frame);
  return frame;
}

static void
remove_file (const char *name)
{
  g_autofree char *file = path (name);
  g_assert_cmpint (g_unlink (file), ==, 0);
}

static gint64
n_frames_of (const char *name)
{
  g_autofree char *file = path (name);
  g_autoptr (RvVideoReader) reader = rv_video_reader_new (file, NULL, NULL);
  gint64 n = 0;
  for (RvImage *frame; reader && (frame = rv_video_reader_next (reader, NULL)); n++)
    rv_image_unref (frame);
  return n;
}

/* (transfer full): a small job with fixed kernels and the output @name. */
static RvJob *
new_job (const char *kind, const char *name)
{
  RvJob *job = rv_job_new (kind, NULL);
  gboolean is_style = strcmp (kind, "style-video") == 0;
  g_autoptr (RvImage) style = test_made_image (WIDTH, HEIGHT, 2);
  g_autofree char *file = path (name);
  g_assert_true (rv_job_add_file (job, "content", clip, NULL));
  g_assert_true (!is_style || rv_job_add_picture (job, "style", style, NULL));
  if (!is_style)
    test_job_set (job, "preset", "test");
  test_job_set (job, is_style ? "start-size" : "octaves", is_style ? "0" : "1");
  test_job_set (job, "iterations", "2");
  test_job_set (job, "frame-iterations", "2");
  test_job_set (job, "exact", "yes");
  test_job_set (job, "threads", "1");
  test_job_set (job, "output", file);
  return job;
}

/* Acts on a job once, at frame @at (0: never), and counts its reports. */
typedef struct {
  int at;
  void (*what) (RvJob *job);
  GCancellable *cancellable;
  int n_previews, n_pauses, n_losses;
  RvJobReport end;
} Watching;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  Watching *watching = data;
  g_assert_cmpint (report->frame, <=, N_FRAMES);
  if (report->type == RV_JOB_REPORT_PREVIEW) {
    g_assert_cmpint (report->picture->width, ==, WIDTH);
    watching->n_previews++;
  }
  if (report->type == RV_JOB_REPORT_PAUSED) {
    watching->n_pauses++;
    rv_job_resume (job);
  }
  if (report->type == RV_JOB_REPORT_ENDED)
    watching->end = *report;
  if (report->type != RV_JOB_REPORT_PROGRESS)
    return;
  watching->n_losses = MAX (watching->n_losses, (int) g_strv_length ((char **) report->names));
  if (report->frame != watching->at)
    return;
  watching->at = 0; /* once */
  if (watching->what)
    watching->what (job);
  g_cancellable_cancel (watching->cancellable);
}

static void
run (RvJob *job, Watching *watching)
{
  GError *error = NULL;
  rv_job_subscribe (job, 1e-6, on_report, watching, NULL);
  rv_job_run (job, watching->cancellable, &error);
  g_assert_no_error (error);
}

static void
assert_same_files (const char *a, const char *b)
{
  g_autofree char *file_a = path (a), *file_b = path (b), *bytes_a = NULL, *bytes_b = NULL;
  gsize n_a, n_b;
  g_assert_true (g_file_get_contents (file_a, &bytes_a, &n_a, NULL));
  g_assert_true (g_file_get_contents (file_b, &bytes_b, &n_b, NULL));
  g_assert_cmpmem (bytes_a, n_a, bytes_b, n_b);
}

/* ---- cases ------------------------------------------------------------------------------------------------------- */

static void
test_refused (void)
{
  static const struct {
    const char *name, *value, *option;
  } wrong[] = {
    { "from", "soon", "from" },          { "to", "0", "to" },         { "until", "5", "until" },
    { "save-every", "1", "save-every" }, { "plot", "a.svg", "plot" }, { "output", "a.png", "output" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvJob) job = new_job ("style-video", "refused.mp4");
    test_job_set (job, wrong[i].name, wrong[i].value);
    g_assert_false (rv_job_check (job, TRUE, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, wrong[i].option);
  }
  g_autoptr (GError) in_memory = NULL;
  g_autoptr (RvJob) job = rv_job_new ("dream-video", NULL);
  g_autoptr (RvImage) image = test_made_image (WIDTH, HEIGHT, 1);
  g_assert_false (rv_job_add_picture (job, "content", image, &in_memory));
  g_assert_error (in_memory, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&in_memory);
  g_assert_false (rv_job_change_pictures (job, "content", &image, 1, &in_memory));
  g_assert_error (in_memory, RV_ERROR, RV_ERROR_SETTING);
}

/* A job can be planned and then run. The video and the reports have all frames. */
static void
test_plan (void)
{
  static const char *const kinds[] = { "style-video", "dream-video" };
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    RvJobPlan plan;
    Watching watching = { 0 };
    g_autofree char *name = g_strconcat (kinds[k], ".mp4", NULL), *recipe = g_strconcat (name, ".json", NULL);
    g_autoptr (RvJob) job = new_job (kinds[k], name);
    g_assert_true (rv_job_plan (job, &plan, NULL));
    g_assert_cmpint (plan.width, ==, WIDTH);
    g_assert_cmpint (plan.n_frames, ==, N_FRAMES);
    g_assert_cmpfloat_with_epsilon (plan.seconds, plan.first_frame_s + (N_FRAMES - 1) * plan.next_frame_s, 1e-9);
    g_assert_cmpuint (plan.temporary_bytes, ==, (gsize) 3 * WIDTH * HEIGHT * N_FRAMES);
    g_assert_false (exists (name));
    run (job, &watching);
    g_assert_cmpint (watching.end.frame, ==, N_FRAMES);
    g_assert_cmpfloat (watching.end.warping_error, >=, 0);
    g_assert_cmpint (watching.n_previews, ==, N_FRAMES);
    g_assert_true ((watching.n_losses > 0) == (k == 0));
    g_assert_cmpint (n_frames_of (name), ==, N_FRAMES);
    g_assert_true (exists (recipe));
    g_autoptr (RvImage) result = rv_job_result (job);
    g_assert_cmpint (result->width, ==, WIDTH);
  }
}

/* A job that is stopped during frame 3 gives a video of two frames. Another job resumes from it to the file of an
 * undisturbed run. */
static void
test_stop (void)
{
  Watching watching = { .at = 3, .what = rv_job_stop }, undisturbed = { 0 }, paused = { .at = 2, .what = rv_job_pause };
  g_autoptr (RvJob) whole = new_job ("style-video", "whole.mp4"), job = new_job ("style-video", "stop.mp4"),
                    after = new_job ("style-video", "stop.mp4");
  run (whole, &paused);
  g_assert_cmpint (paused.n_pauses, ==, 1);
  test_job_set (job, "state-every", "0.001");
  run (job, &watching);
  g_assert_true (rv_job_was_stopped (job) && watching.end.stopped);
  g_assert_cmpint (n_frames_of ("stop.mp4"), ==, 2);
  g_assert_true (exists ("stop.mp4.state.safetensors") && exists ("stop.mp4.frames"));
  test_job_set (after, "resume", "yes");
  g_assert_false (rv_job_is_complete (after));
  run (after, &undisturbed);
  g_assert_false (exists ("stop.mp4.state.safetensors") || exists ("stop.mp4.frames"));
  assert_same_files ("whole.mp4", "stop.mp4");
}

/* (transfer full): a job with two styles of the built-in style network. @file: the network is a file, an input of the
 * job. */
static RvJob *
new_with (const char *name, gboolean file)
{
  RvJob *job = rv_job_new ("style-video", NULL);
  g_autofree char *output = path (name), *style_net_file = path ("painter.safetensors");
  g_autoptr (RvStyleNet) style_net = rv_style_net_new_builtin (NULL);
  g_autoptr (RvTensorMap) map = rv_style_net_to_map (style_net, NULL);
  g_assert_true (rv_weights_save (map, style_net_file, TRUE, NULL));
  g_assert_true (rv_job_add_file (job, "content", clip, NULL));
  g_assert_true (!file || rv_job_add_file (job, "painter", style_net_file, NULL));
  test_job_set (job, "learned",
                file ? "painter.safetensors:munch-scream,hokusai-wave:2" : "builtin:munch-scream,hokusai-wave:2");
  test_job_set (job, "threads", "1");
  test_job_set (job, "output", output);
  return job;
}

/* Jobs with learned styles can be planned, stopped and resumed. A stop takes effect after the next frame, because one
 * pass cannot be interrupted. The recipe has no settings of iterations or of a network. */
static void
test_with (void)
{
  Watching watching = { .at = 1, .what = rv_job_stop }, undisturbed = { 0 }, again = { 0 };
  RvJobPlan plan;
  g_autofree char *recipe = NULL, *recipe_file = path ("with.mp4.json");
  g_autoptr (RvJob) whole = new_with ("with.mp4", TRUE), job = new_with ("with-stop.mp4", TRUE),
                    after = new_with ("with-stop.mp4", TRUE);
  g_assert_true (rv_job_plan (whole, &plan, NULL));
  g_assert_cmpint (plan.n_frames, ==, N_FRAMES);
  g_assert_cmpfloat (plan.first_frame_s, >, 0);
  g_assert_cmpfloat (plan.next_frame_s, >, plan.first_frame_s);
  run (whole, &undisturbed);
  g_assert_cmpint (undisturbed.n_losses, ==, 0);
  g_assert_cmpfloat (undisturbed.end.warping_error, >, 0);
  run (job, &watching);
  g_assert_cmpint (n_frames_of ("with-stop.mp4"), ==, 2);
  test_job_set (after, "resume", "yes");
  run (after, &again);
  assert_same_files ("with.mp4", "with-stop.mp4");

  g_assert_true (g_file_get_contents (recipe_file, &recipe, NULL, NULL));
  g_assert_null (strstr (recipe, "iterations"));
  g_assert_null (strstr (recipe, "\"network\""));
}

static void
test_with_refused (void)
{
  static const struct {
    const char *name, *value, *role;
  } wrong[] = {
    { "learned", "no-style", NULL },
    { "learned", "hokusai-wave", "style" },
    { "learned", "hokusai-wave", "protect" },
    { "learned", "/etc/passwd", NULL },
    { "learned", "", NULL },
    { "learned", "hokusai-wave", "mask" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvJob) job = new_with ("refused.mp4", FALSE);
    g_autoptr (RvImage) image = test_made_image (WIDTH, HEIGHT, 4);
    test_job_set (job, wrong[i].name, wrong[i].value);
    for (int n = 0; wrong[i].role && n < 2; n++) /* two masks for one style */
      if (n == 0 || strcmp (wrong[i].role, "mask") == 0)
        g_assert_true (rv_job_add_picture (job, wrong[i].role, image, NULL));
    g_assert_false (rv_job_check (job, TRUE, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  }
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

/* WITH: a learned style, each frame independent. STEADY: a learned style, each frame with the previous one. */
typedef enum { PAINTED, WITH, DREAMT, STEADY } Kind;

/* Makes the video @name from the clip @content. The mask has the role @role, and is the video @mask or, if this is
 * NULL, @picture_mask. */
static void
make_masked (Kind kind, const char *name, const char *content, const char *role, const char *mask,
             RvImage *picture_mask)
{
  static const char *const kinds[] = { "style-video", "style-video", "dream-video", "style-video" };
  Watching watching = { 0 };
  g_autofree char *mask_file = mask ? path (mask) : NULL, *usual = clip;
  clip = path (content);
  gboolean is_learned = kind == WITH || kind == STEADY;
  g_autoptr (RvJob) job = is_learned ? new_with (name, FALSE) : new_job (kinds[kind], name);
  g_free (clip);
  clip = g_steal_pointer (&usual);
  if (is_learned)
    test_job_set (job, "learned", "munch-scream");
  if (kind == WITH)
    test_job_set (job, "temporal-weight", "0");
  if (g_str_has_suffix (name, ".mkv"))
    test_job_set (job, "codec", "ffv1");
  test_job_set (job, "recipe", "no");
  g_assert_true (mask ? rv_job_add_file (job, role, mask_file, NULL)
                      : rv_job_add_picture (job, role, picture_mask, NULL));
  run (job, &watching);
  g_assert_cmpint (watching.end.frame, ==, N_FRAMES);
}

typedef struct {
  Kind kind;
  const char *role;
} MaskCase;

/* A mask video with equal frames gives the same file as a picture. After its last frame, a mask video stays as it is.
 */
static void
test_mask_still (gconstpointer data)
{
  const MaskCase *one = data;
  make_mask ("still-mask.mkv", RATE, N_FRAMES, N_FRAMES);
  make_mask ("short-mask.mkv", RATE, 2, N_FRAMES);
  g_autoptr (RvImage) mask = frame_of ("still-mask.mkv", 0);
  make_masked (one->kind, "of-picture.mp4", "clip.mkv", one->role, NULL, mask);
  make_masked (one->kind, "of-film.mp4", "clip.mkv", one->role, "still-mask.mkv", NULL);
  make_masked (one->kind, "of-short.mp4", "clip.mkv", one->role, "short-mask.mkv", NULL);
  assert_same_files ("of-picture.mp4", "of-film.mp4");
  assert_same_files ("of-picture.mp4", "of-short.mp4");
  remove_file ("of-picture.mp4");
  remove_file ("of-film.mp4");
  remove_file ("of-short.mp4");
  remove_file ("still-mask.mkv");
  remove_file ("short-mask.mkv");
}

/* Mean difference of one half of two pictures, in levels. */
static double
difference (const RvImage *a, const RvImage *b, gboolean right)
{
  double sum = 0;
  for (gint64 i = 0; i < 3 * WIDTH * HEIGHT; i++)
    if ((i % WIDTH >= WIDTH / 2) == right)
      sum += fabs ((double) (((const float *) a->rgb->data)[i] - ((const float *) b->rgb->data)[i]));
  return 2 * sum / (3 * WIDTH * HEIGHT);
}

/* Once a mask video is inverted, frames equal those of a run that always had the inverted mask, also without motion in
 * the clip. */
static void
test_mask_turns (void)
{
  make_mask ("turns.mkv", RATE, N_FRAMES, 2);
  g_autofree char *still = make_clip ("still.mkv", 0);
  g_autoptr (RvImage) right = half (TRUE), content = frame_of ("still.mkv", N_FRAMES - 1);
  make_masked (WITH, "right.mkv", "still.mkv", "mask", NULL, right);
  make_masked (WITH, "turned.mkv", "still.mkv", "mask", "turns.mkv", NULL);
  g_autoptr (RvImage) wanted = frame_of ("right.mkv", N_FRAMES - 1), before = frame_of ("turned.mkv", 1),
                      found = frame_of ("turned.mkv", N_FRAMES - 1);
  g_assert_cmpfloat (difference (found, wanted, FALSE), <, SAME_LEVELS);
  g_assert_cmpfloat (difference (found, wanted, TRUE), <, SAME_LEVELS);
  g_assert_cmpfloat (difference (found, content, TRUE), >, PAINTED_LEVELS);
  g_assert_cmpfloat (difference (before, wanted, FALSE), >, PAINTED_LEVELS);
}

/* Black areas of a mask equal the frame. This holds also where frames nearly equal the previous one: such pixels count
 * as static, or are averaged. */
static void
test_mask_black (gconstpointer data)
{
  const MaskCase *one = data;
  g_autoptr (RvImage) mask = half (FALSE);
  g_autofree char *fading = make_clip ("fading.mkv", 0.008f);
  make_masked (one->kind, "black.mkv", "fading.mkv", one->role, NULL, mask);
  for (int k = 0; k < N_FRAMES; k++) {
    g_autoptr (RvImage) frame = frame_of ("fading.mkv", k), made = frame_of ("black.mkv", k);
    g_assert_cmpfloat (difference (made, frame, FALSE), >, CHANGED_LEVELS);
    for (gint64 i = 0; i < 3 * WIDTH * HEIGHT; i++)
      if (i % WIDTH >= WIDTH / 2 + 2)
        assert_less (fabs ((double) (((float *) made->rgb->data)[i] - ((float *) frame->rgb->data)[i])), 1.01);
  }
  remove_file ("fading.mkv");
  remove_file ("black.mkv");
}

static void
test_mask_refused (void)
{
  g_autoptr (RvJob) faster = new_with ("refused.mp4", FALSE), no_video = new_with ("refused.mp4", FALSE);
  g_autoptr (GError) rate = NULL, format = NULL;
  g_autofree char *fast = path ("fast.mkv"), *text = path ("text.mkv");
  make_mask ("fast.mkv", 2 * RATE, N_FRAMES, N_FRAMES);
  g_assert_true (g_file_set_contents (text, "no film", -1, NULL));
  test_job_set (faster, "learned", "hokusai-wave");
  test_job_set (no_video, "learned", "hokusai-wave");
  g_assert_true (rv_job_add_file (faster, "mask", fast, NULL) && rv_job_add_file (no_video, "mask", text, NULL));
  g_assert_false (rv_job_check (faster, TRUE, &rate));
  g_assert_error (rate, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_nonnull (strstr (rate->message, "16 frames a second"));
  g_assert_false (rv_job_check (no_video, TRUE, &format));
  g_assert_error (format, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_false (exists ("refused.mp4"));
}

static void
test_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Watching watching = { .at = 2, .cancellable = cancellable };
  g_autoptr (RvJob) job = new_job ("dream-video", "cancel.mp4");
  test_job_set (job, "state-every", "0");
  rv_job_subscribe (job, 0, on_report, &watching, NULL);
  g_assert_false (rv_job_run (job, cancellable, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_assert_false (exists ("cancel.mp4") || exists ("cancel.mp4.frames") || exists ("cancel.mp4.state.safetensors"));
}

static void
remove_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *file = path (name);
    g_unlink (file);
  }
  g_rmdir (folder);
}

/* Settings that do not fit together are an error of the run if the job itself loads the network, from a file whose
 * name does not say which network it is. */
static void
test_regions_refused (void)
{
  static const struct {
    const char *name, *value;
    int n_styles;
  } wrong[] = { { "style-scale", "1", 2 }, { "only", "subject", 1 } };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvJob) job = new_job ("style-video", "refused.mkv");
    g_autoptr (RvImage) second = test_made_image (WIDTH, HEIGHT, 4);
    g_assert_true (wrong[i].n_styles == 1 || rv_job_add_picture (job, "style", second, NULL));
    g_autofree char *weights = g_test_build_filename (G_TEST_DIST, "..", "data", "builtin.safetensors", NULL);
    test_job_set (job, "weights", weights);
    test_job_set (job, "regions", "2");
    test_job_set (job, wrong[i].name, wrong[i].value);
    g_assert_false (rv_job_run (job, NULL, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_false (exists ("refused.mkv"));
  }
}

static void
test_skipped (void)
{
  g_test_skip ("ffmpeg is not installed");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autofree char *ffmpeg = g_find_program_in_path ("ffmpeg");
  folder = g_dir_make_tmp ("reverie-film-job-XXXXXX", NULL);
  if (ffmpeg) {
    clip = make_clip ("clip.mkv", 0.1f);
    g_test_add_func ("/video-job/refused", test_refused);
    g_test_add_func ("/video-job/plan", test_plan);
    g_test_add_func ("/video-job/stop", test_stop);
    g_test_add_func ("/video-job/with", test_with);
    g_test_add_func ("/video-job/with-refused", test_with_refused);
    static const MaskCase with = { WITH, "mask" }, painted = { PAINTED, "mask" }, kept = { PAINTED, "protect" },
                          dreamt = { DREAMT, "mask" };
    static const MaskCase steady = { STEADY, "mask" };
    g_test_add_data_func ("/video-job/mask-still", &with, test_mask_still);
    g_test_add_data_func ("/video-job/mask-black/learned", &steady, test_mask_black);
    g_test_add_data_func ("/video-job/mask-black/painted", &painted, test_mask_black);
    g_test_add_data_func ("/video-job/mask-black/dreamt", &dreamt, test_mask_black);
    test_add_slow ("/video-job/mask-still/painted", &painted, test_mask_still);
    test_add_slow ("/video-job/mask-still/protected", &kept, test_mask_still);
    test_add_slow ("/video-job/mask-still/dreamt", &dreamt, test_mask_still);
    g_test_add_func ("/video-job/mask-turns", test_mask_turns);
    g_test_add_func ("/video-job/mask-refused", test_mask_refused);
    g_test_add_func ("/video-job/regions-refused", test_regions_refused);
    g_test_add_func ("/video-job/cancel", test_cancel);
  } else
    g_test_add_func ("/video-job/jobs", test_skipped);
  int code = g_test_run ();
  remove_folder ();
  g_free (clip);
  g_free (folder);
  return code;
}
