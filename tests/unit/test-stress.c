/* test-stress.c -- eight jobs of all kinds at once, cancelled, stopped, paused and resumed at random. Complete results
 * equal undisturbed ones, and no partial file remains.
 *
 * One round by default, twenty in `make check-all`, six under ThreadSanitizer. Before a release:
 * REVERIE_TEST_ROUNDS=200, also under ThreadSanitizer (5 s of processor time a round). REVERIE_TEST_FIRST_ROUND=100
 * starts at round 100. */
#include "job/core/job-object.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <reverie/video.h>
#include <reverie/reverie.h>
#include <string.h>

#define SIDE_PX 64
#define N_FRAMES 3
#define N_JOBS 8
#define N_SLOW_ROUNDS 20 /* with -m slow */

static char *folder, *clip, *data, *model; /* @data: training pictures; @model: for drawing */

static char *
path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
make_clip (void)
{
  const RvVideoInfo info = { .width = SIDE_PX, .height = SIDE_PX, .rate_num = 8, .rate_den = 1, .bits = 8 };
  const RvVideoWriteOptions settings = { .codec = "ffv1" };
  clip = path ("clip.mkv");
  g_autoptr (RvVideoWriter) writer = rv_video_writer_new (clip, &info, &settings, NULL);
  for (guint32 k = 0; writer && k < N_FRAMES; k++) {
    g_autoptr (RvImage) frame = test_made_image (SIDE_PX, SIDE_PX, k);
    g_assert_true (rv_video_writer_add (writer, frame, NULL));
  }
  if (!writer || !rv_video_writer_finish (writer, NULL)) /* no FFmpeg */
    g_clear_pointer (&clip, g_free);
}

static void
make_data (void)
{
  data = path ("data");
  g_mkdir_with_parents (data, 0700);
  for (guint32 i = 0; i < 4; i++) {
    g_autofree char *file = g_strdup_printf ("%s/%u.png", data, i);
    g_autoptr (RvImage) image = test_made_image (SIDE_PX, SIDE_PX, i);
    g_assert_true (rv_image_save (image, file, NULL, NULL));
  }
}

static void
make_model (void)
{
  g_autoptr (RvSettings) settings = rv_settings_new ("vae", NULL);
  g_assert_true (rv_settings_set (settings, "architecture", "mlp", NULL) &&
                 rv_settings_set (settings, "width", "8", NULL));
  g_autoptr (RvVae) vae = rv_vae_new (settings, 1, 28, 28, NULL);
  g_autoptr (RvTensorMap) map = rv_vae_to_map (vae, NULL);
  model = path ("model.safetensors");
  g_assert_true (rv_weights_save (map, model, TRUE, NULL));
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

/* A kind of job: suffix of the output, roles of pictures in memory, and settings of a small job with reproducible
 * bytes. */
typedef struct {
  const char *kind, *suffix, *roles[2], *settings;
} Kind;

static const Kind kinds[] = {
  { "style", "png", { "content", "style" }, "iterations=6 start-size=0 exact=yes" },
  { "dream", "png", { "picture" }, "preset=test iterations=6 octaves=1 exact=yes" },
  { "learn", "safetensors", { "style", "photo" }, "from-scratch=yes crop=64 batch=1 iterations=2 exact=yes" },
  { "vae-train", "safetensors", { NULL }, "architecture=mlp width=8 size=28 batch=2 epochs=3" },
  { "vae-picture", "png", { NULL }, "what=walk steps=3" },
  { "style-learned", "png", { "content" }, "learned=hokusai-wave,munch-scream" },
  { "explore-style", "png", { "content", "style" }, "across=strength=20,80 cell=64 iterations=2 exact=yes" },
  { "explore-dream", "png", { "picture" }, "preset=test across=octaves=1,2 cell=64 iterations=1 exact=yes" },
  { "explore-learned", "png", { "content" }, "learned=hokusai-wave,munch-scream cell=64" },
  { "style-video", "mkv", { "style" }, "codec=ffv1 start-size=0 iterations=2 frame-iterations=1 exact=yes" },
  { "dream-video", "mkv", { NULL }, "codec=ffv1 preset=test octaves=1 iterations=1 frame-iterations=1 exact=yes" },
};

static gboolean
is_video (const Kind *kind)
{
  return g_str_has_suffix (kind->kind, "-video");
}

/* (transfer full): a job with the output @name. @name NULL: no output; jobs of videos need one. */
static RvJob *
new_job (const Kind *kind, const char *name)
{
  GError *error = NULL;
  RvJob *job = rv_job_new (kind->kind, &error);
  g_assert_no_error (error);
  for (guint32 i = 0; i < G_N_ELEMENTS (kind->roles) && kind->roles[i]; i++) {
    g_autoptr (RvImage) image = test_made_image (SIDE_PX, SIDE_PX, i + 1);
    g_assert_true (rv_job_add_picture (job, kind->roles[i], image, NULL));
  }
  if (is_video (kind))
    g_assert_true (rv_job_add_file (job, "content", clip, NULL));
  if (strcmp (kind->kind, "vae-train") == 0)
    g_assert_true (rv_job_add_file (job, "data", data, NULL));
  if (strcmp (kind->kind, "vae-picture") == 0)
    g_assert_true (rv_job_add_file (job, "model", model, NULL));
  g_auto (GStrv) settings = g_strsplit (kind->settings, " ", -1);
  for (char **setting = settings; *setting; setting++) {
    char *value = strchr (*setting, '=');
    *value++ = '\0';
    test_job_set (job, *setting, value);
  }
  test_job_set (job, "threads", "1");
  if (name) {
    g_autofree char *file = path (name);
    test_job_set (job, "output", file);
    test_job_set (job, "force", "yes");
    test_job_set (job, "state-every", "0"); /* a checkpoint only when stopped or paused */
  }
  return job;
}

/* (transfer full) (nullable): the undisturbed result of kinds[row], cached for all rounds. */
static RvImage *
whole_result (guint row)
{
  static RvImage *whole[G_N_ELEMENTS (kinds)];
  GError *error = NULL;
  if (!whole[row]) {
    g_autofree char *name = g_strdup_printf ("whole.%s", kinds[row].suffix);
    g_autoptr (RvJob) job = new_job (&kinds[row], is_video (&kinds[row]) ? name : NULL);
    rv_job_run (job, NULL, &error);
    g_assert_no_error (error);
    whole[row] = rv_job_result (job);
  }
  return whole[row] ? rv_image_ref (whole[row]) : NULL;
}

/* Every kind of job is in the table. */
static void
test_all_kinds (void)
{
  for (const char *const *name = rv_job_kinds (); *name; name++) {
    gboolean found = FALSE;
    for (guint row = 0; row < G_N_ELEMENTS (kinds); row++)
      found |= strcmp (kinds[row].kind, *name) == 0;
    if (!found)
      g_error ("no job of the kind %s is disturbed", *name);
  }
}

/* ---- concurrent jobs --------------------------------------------------------------------------------------------- */

typedef struct {
  RvJob *job;
  GCancellable *cancellable;
  guint row;
} Task;

static void
count_reports (RvJob *job, const RvJobReport *report, gpointer n_ended)
{
  *(int *) n_ended += report->type == RV_JOB_REPORT_ENDED;
}

/* Disturbs jobs at random: pauses, resumes, stops or cancels them, changes a setting, or adds a subscriber. */
static void
disturb (const Task tasks[N_JOBS], guint32 round, int *n_ended)
{
  for (guint i = 0; i < 4 * N_JOBS; i++) {
    const Task *task = &tasks[i % N_JOBS];
    double dice = test_number (round, i);
    g_usleep ((gulong) (1000 * ABS (test_number (round + 1000, i))));
    if (dice > 0.9)
      g_cancellable_cancel (task->cancellable);
    else if (dice > 0.8)
      rv_job_stop (task->job);
    else if (dice > 0.3)
      rv_job_pause (task->job);
    else if (dice > 0 && strcmp (kinds[task->row].kind, "style") == 0) /* the setting may change during a run */
      rv_job_set (task->job, "save-every", "3", NULL);
    else if (dice > -0.2)
      rv_job_subscribe (task->job, 0.01, count_reports, n_ended, NULL);
    else
      rv_job_resume (task->job);
  }
}

static void
begin (Task tasks[N_JOBS], guint32 round, RvNet *net, int *n_ended)
{
  guint next = round * N_JOBS; /* each round begins with other rows */
  for (int i = 0; i < N_JOBS; i++) {
    while (is_video (&kinds[next % G_N_ELEMENTS (kinds)]) && !clip)
      next++;
    Task *task = &tasks[i];
    task->row = next++ % G_N_ELEMENTS (kinds);
    const Kind *kind = &kinds[task->row];
    g_autofree char *name = g_strdup_printf ("stress-%d.%s", i, kind->suffix);
    task->job = new_job (kind, i % 3 || is_video (kind) ? name : NULL);
    task->cancellable = g_cancellable_new ();
    rv_job_set_net (task->job, net, NULL); /* shared by kinds without their own network */
    for (int k = 0; k < i; k++)
      if (tasks[k].row == task->row)
        rv__job_reuse (task->job, tasks[k].job); /* that job may not have prepared anything yet */
    rv_job_subscribe (task->job, 1e-6, count_reports, n_ended, NULL);
    g_assert_true (rv_job_start (task->job, task->cancellable, NULL));
  }
}

static void
assert_ended_well (const Task *task)
{
  g_autoptr (GError) error = NULL;
  rv_job_resume (task->job);
  if (!rv_job_wait (task->job, &error))
    g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_autoptr (RvImage) result = rv_job_result (task->job);
  if (error || rv_job_was_stopped (task->job))
    return;
  g_autoptr (RvImage) whole = whole_result (task->row);
  g_assert_true (!result == !whole);
  if (whole)
    g_assert_cmpmem (result->rgb->data, rv_tensor_bytes (result->rgb), whole->rgb->data, rv_tensor_bytes (whole->rgb));
}

/* Asserts that the folder has only outputs, and checkpoints of stopped jobs: no partial file. */
static void
assert_no_halves (void)
{
  static const char *const wanted[] = { "clip.mkv",    "data",      ".png", ".safetensors", ".mkv",
                                        ".mkv.frames", ".mkv.json", ".log", "-loss.svg" };
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir));) {
    gboolean is_wanted = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
      is_wanted |= g_str_has_suffix (name, wanted[i]);
    if (!is_wanted)
      g_error ("%s was left over", name);
  }
}

static void
test_many (void)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  const char *asked = g_getenv ("REVERIE_TEST_ROUNDS");
  guint64 n_rounds = asked ? g_ascii_strtoull (asked, NULL, 10) : g_test_slow () ? N_SLOW_ROUNDS : 1;
  const char *begun = g_getenv ("REVERIE_TEST_FIRST_ROUND");
  for (guint32 round = begun ? (guint32) g_ascii_strtoull (begun, NULL, 10) : 0; round < n_rounds; round++) {
    g_test_message ("round %u", round);
    Task tasks[N_JOBS];
    int n_ended = 0;
    begin (tasks, round, net, &n_ended);
    disturb (tasks, round, &n_ended);
    for (int i = 0; i < N_JOBS; i++)
      assert_ended_well (&tasks[i]);
    while (n_ended < N_JOBS)
      g_main_context_iteration (NULL, TRUE);
    for (int i = 0; i < N_JOBS; i++) {
      rv_job_unref (tasks[i].job);
      g_object_unref (tasks[i].cancellable);
    }
    while (g_main_context_iteration (NULL, FALSE)) /* pending reports hold references to jobs */
      ;
    assert_no_halves ();
  }
}

static void
remove_all (const char *name)
{
  g_autoptr (GDir) dir = g_dir_open (name, 0, NULL);
  for (const char *child; dir && (child = g_dir_read_name (dir));) {
    g_autofree char *file = g_build_filename (name, child, NULL);
    remove_all (file);
  }
  g_remove (name);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("reverie-stress-XXXXXX", NULL);
  make_clip ();
  make_data ();
  make_model ();
  g_test_add_func ("/stress/all-kinds", test_all_kinds);
  g_test_add_func ("/stress/many", test_many);
  int failed = g_test_run ();
  remove_all (folder);
  return failed;
}
