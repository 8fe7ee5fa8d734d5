/* test-change.c -- runs that continue from a state with other masks and protected areas. */
#include "job/core/job-object.h"
#include "method/style/style.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <reverie/reverie.h>
#include <string.h>

#define SIDE_PX 64
#define N_ALL 8 /* iterations: 3 at each of two scales, 2 for the finish */
#define N_STEPS 3
/* Settings of every job. There are few layers, because the effect of changed masks does not depend on the layers. */
static const char *const common[][2] = {
  { "iterations", G_STRINGIFY (N_STEPS) }, { "start-size", "32" }, { "style-layers", "conv1_1,conv2_1" },
  { "content-layers", "conv2_1" },         { "exact", "yes" },     { "threads", "1" }
};

static char *folder;

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

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* (transfer full): a mask that is white left of column @until if @left, else from that column on. */
static RvImage *
half (int until, gboolean left)
{
  RvImage *image = rv_image_new (SIDE_PX, SIDE_PX, NULL);
  for (int i = 0; i < 3 * SIDE_PX * SIDE_PX; i++)
    ((float *) image->rgb->data)[i] = (i % SIDE_PX < until) == left ? 255 : 0;
  return image;
}

/* A mask for each of two styles; n is 2, or 0 for no masks. */
typedef struct {
  RvImage *mask[2];
  guint n;
} Masks;

/* Masks with the edge at column @until; 0: none. Free with masks_free(). */
static Masks
masks_of (int until)
{
  return until > 0 ? (Masks){ { half (until, TRUE), half (until, FALSE) }, 2 } : (Masks){ .n = 0 };
}

static void
masks_free (Masks *masks)
{
  for (guint i = 0; i < masks->n; i++)
    rv_image_unref (masks->mask[i]);
}

static gboolean
same (const RvImage *a, const RvImage *b)
{
  return memcmp (a->rgb->data, b->rgb->data, (gsize) (12 * SIDE_PX * SIDE_PX)) == 0;
}

/* Largest difference of values within columns @from to @end - 1. */
static double
apart (const RvImage *a, const RvImage *b, int from, int end)
{
  double most = 0;
  for (int i = 0; i < 3 * SIDE_PX * SIDE_PX; i++) {
    double x = (double) ((const float *) a->rgb->data)[i], y = (double) ((const float *) b->rgb->data)[i];
    if (i % SIDE_PX >= from && i % SIDE_PX < end)
      most = MAX (most, ABS (x - y));
  }
  return most;
}

/* ---- jobs -------------------------------------------------------------------------------------------------------- */

/* Further settings: names and values, NULL-terminated. */
typedef const char *const *Settings;
static const char *const adam[] = { NULL }, *const lbfgs[] = { "optimizer", "lbfgs", NULL },
                         *const spectrum[] = { "space", "fourier", NULL },
                         *const averaged[] = { "average", "0.8", NULL };

static void
set_all (RvJob *job, Settings settings)
{
  for (guint i = 0; i < G_N_ELEMENTS (common); i++)
    test_job_set (job, common[i][0], common[i][1]);
  for (; *settings; settings += 2)
    test_job_set (job, settings[0], settings[1]);
}

static void
change_masks (RvJob *job, int until)
{
  GError *error = NULL;
  Masks masks = masks_of (until);
  rv_job_change_pictures (job, "mask", masks.mask, masks.n, &error);
  g_assert_no_error (error);
  masks_free (&masks);
}

static void
protect (RvJob *job, int until)
{
  GError *error = NULL;
  g_autoptr (RvImage) mask = until > 0 ? half (until, TRUE) : NULL;
  rv_job_change_pictures (job, "protect", &mask, until > 0, &error);
  g_assert_no_error (error);
}

static RvJob *
new_job (Settings settings, int until)
{
  RvJob *job = rv_job_new ("style", NULL);
  g_autoptr (RvImage) content = test_made_image (SIDE_PX, SIDE_PX, 1), one = test_made_image (SIDE_PX, SIDE_PX, 2),
                      other = test_made_image (SIDE_PX, SIDE_PX, 3);
  g_assert_true (rv_job_add_picture (job, "content", content, NULL) && rv_job_add_picture (job, "style", one, NULL) &&
                 rv_job_add_picture (job, "style", other, NULL));
  set_all (job, settings);
  change_masks (job, until);
  return job;
}

static RvJob *
new_job_to (Settings settings, int until, const char *name)
{
  RvJob *job = new_job (settings, until);
  g_autofree char *file = path (name);
  test_job_set (job, "output", file);
  test_job_set (job, "force", "yes");
  test_job_set (job, "state-every", "0");
  return job;
}

/* (transfer full): a branch of @job from its snapshot of iteration @at. Makes @job take a snapshot after each
 * iteration, and runs it if it has not run. */
static RvJob *
branch_at (RvJob *job, gint64 at)
{
  GError *error = NULL;
  rv_job_keep_snapshots (job, 1, 0, 2 * N_ALL, 100 << 20);
  if (rv_job_status (job) == RV_JOB_STATUS_NEW)
    rv_image_unref (test_job_result (job));
  g_autoptr (GPtrArray) snapshots = rv_job_snapshots (job);
  RvJob *branch = NULL;
  for (guint i = 0; i < snapshots->len; i++)
    if (rv_snapshot_iteration (snapshots->pdata[i]) == at)
      branch = rv_job_branch (job, snapshots->pdata[i], &error);
  g_assert_no_error (error);
  g_assert_nonnull (branch);
  return branch;
}

/* (transfer full): a branch with the masks @after from iteration @at of a new job with the masks @before. */
static RvJob *
changed_at (Settings settings, int before, int after, gint64 at)
{
  g_autoptr (RvJob) job = new_job (settings, before);
  RvJob *branch = branch_at (job, at);
  change_masks (branch, after);
  return branch;
}

typedef struct {
  gint64 at;
  gboolean pauses;
  gboolean is_new; /* the job resumes from iteration 3 with other masks, and a note reports it */
} Stop;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  const Stop *stop = data;
  gboolean notes = stop->is_new && report->type == RV_JOB_REPORT_PROGRESS && report->iteration == 4;
  g_assert_cmpstr (report->note, ==,
                   notes ? "the masks are not those of the checkpoint: they count from its iteration on" : NULL);
  if (report->type == RV_JOB_REPORT_PAUSED || (report->iteration == stop->at && !stop->pauses))
    rv_job_stop (job);
  else if (report->iteration == stop->at)
    rv_job_pause (job);
}

static void
run_until (RvJob *job, gint64 at, gboolean pauses)
{
  g_autofree char *resumes = rv_job_get (job, "resume", NULL);
  const Stop stop = { at, pauses, strcmp (resumes, "yes") == 0 };
  rv_job_subscribe (job, 0, on_report, (gpointer) &stop, NULL);
  rv_image_unref (test_job_result (job));
  g_assert_true (rv_job_was_stopped (job));
}

/* ---- reference by stop and resume -------------------------------------------------------------------------------- */

static RvStyle *
new_style (Settings settings, int until)
{
  GError *error = NULL;
  g_autoptr (RvImage) content = test_made_image (SIDE_PX, SIDE_PX, 1), one = test_made_image (SIDE_PX, SIDE_PX, 2),
                      other = test_made_image (SIDE_PX, SIDE_PX, 3);
  RvImage *const styles[] = { one, other };
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvSettings) named = rv_settings_new ("style", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (common); i++)
    test_set (named, common[i][0], common[i][1]);
  for (; *settings; settings += 2)
    test_set (named, settings[0], settings[1]);
  RvStyle *style = rv__style_new (named, net, content, styles, 2, NULL, &error);
  g_assert_no_error (error);
  Masks masks = masks_of (until);
  if (masks.n > 0)
    rv__style_set_masks (style, masks.mask);
  masks_free (&masks);
  return style;
}

typedef struct {
  gint64 at;
  const char *file;
} Keep;

static gboolean
keep (const RvIteration *progress, gpointer data)
{
  const Keep *until = data;
  if (progress->iteration < until->at)
    return TRUE;
  g_autoptr (RvTensorMap) state = rv__style_state (progress);
  g_assert_true (rv_weights_save (state, until->file, TRUE, NULL));
  return FALSE;
}

/* (transfer full): result of a run that is stopped after iteration @at and resumed with other masks. */
static RvImage *
by_hand (Settings settings, int before, int after, gint64 at)
{
  g_autofree char *file = path ("by-hand.safetensors");
  Keep until = { at, file };
  RvImage *made = NULL;
  GError *error = NULL;
  g_autoptr (RvStyle) first = new_style (settings, before), then = new_style (settings, after);
  g_assert_true (rv__style_run (first, keep, &until, &made, NULL));
  rv_image_unref (made);
  g_autoptr (RvTensorMap) state = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, NULL);
  rv__style_resume (then, state, &error);
  g_assert_no_error (error);
  rv__style_run (then, NULL, NULL, &made, &error);
  g_assert_no_error (error);
  return made;
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

/* Masks can be replaced at the first scale, at the second, and in the finish; they can be added and removed. The result
 * equals that of stop and resume. */
static void
test_masks (void)
{
  static const int turns[][3] = { { 20, 44, 2 }, { 20, 44, 5 }, { 20, 44, 7 }, { 0, 44, 2 },
                                  { 0, 44, 5 },  { 20, 0, 2 },  { 20, 0, 5 } };
  RvImage *others[G_N_ELEMENTS (turns)]; /* earlier results; all differ */
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++) {
    g_autoptr (RvJob) job = changed_at (adam, turns[i][0], turns[i][1], turns[i][2]);
    g_autoptr (RvImage) made = test_job_result (job), expected = by_hand (adam, turns[i][0], turns[i][1], turns[i][2]);
    g_assert_true (same (made, expected));
    for (guint k = 0; k < i; k++)
      g_assert_false (same (made, others[k]));
    others[i] = g_steal_pointer (&made);
  }
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++)
    rv_image_unref (others[i]);
}

/* A change of masks restarts L-BFGS, because its history belongs to another loss. With the history the result would
 * differ. */
static void
test_lbfgs (void)
{
  g_autoptr (RvJob) job = changed_at (lbfgs, 20, 44, 4);
  g_autoptr (RvImage) made = test_job_result (job), remembers = by_hand (lbfgs, 20, 44, 4);
  g_assert_false (same (made, remembers));
}

/* Before the run, masks can be replaced like any input. The recipe then has no `steer`. */
static void
test_before (void)
{
  g_autoptr (RvJob) job = new_job (adam, 20), other = new_job (adam, 44);
  RvJobPlan plan;
  g_assert_true (rv_job_plan (job, &plan, NULL));
  change_masks (job, 44);
  g_autoptr (RvImage) made = test_job_result (job), expected = test_job_result (other);
  g_autofree char *recipe = rv_job_recipe (job);
  g_assert_true (same (made, expected));
  g_assert_null (strstr (recipe, "steer"));
}

/* Checks that reports of a branch continue without a gap. @last: iteration of the previous report. */
static void
follow (RvJob *job, const RvJobReport *report, gpointer last)
{
  if (report->type != RV_JOB_REPORT_PROGRESS)
    return;
  g_assert_cmpint (report->iteration, ==, ++*(gint64 *) last);
  g_assert_cmpint (report->n_iterations, ==, N_ALL);
  g_assert_null (report->note);
}

static void
test_reports (void)
{
  gint64 last = 3;
  g_autoptr (RvJob) job = changed_at (adam, 20, 44, last);
  rv_job_subscribe (job, 0, follow, &last, NULL);
  g_autoptr (RvImage) made = test_job_result (job);
  g_autofree char *recipe = rv_job_recipe (job);
  g_assert_cmpint (last, ==, N_ALL);
  g_assert_nonnull (strstr (recipe, "\"steer\":\"3:mask=2\""));
}

/* ---- protected areas --------------------------------------------------------------------------------------------- */

/* Photograph with which previews are compared, and number of previews. */
typedef struct {
  RvImage *content;
  guint n_seen;
} Watcher;

static void
watch (RvJob *job, const RvJobReport *report, gpointer data)
{
  Watcher *watcher = data;
  if (report->type != RV_JOB_REPORT_PREVIEW)
    return;
  assert_less (apart (report->picture, watcher->content, 0, 28), 0.01);
  watcher->n_seen++;
}

/* An area that becomes protected is the photograph again in all previews. An area that is no longer protected is
 * painted. */
static void
test_protect (void)
{
  static const Settings ways[] = { adam, lbfgs, spectrum, averaged };
  g_autoptr (RvImage) content = test_made_image (SIDE_PX, SIDE_PX, 1);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    Watcher watcher = { .content = content };
    g_autoptr (RvJob) bare = new_job (ways[i], 0), covered = new_job (ways[i], 0);
    protect (covered, 32);
    g_autoptr (RvJob) job = branch_at (bare, 7), freed = branch_at (covered, 7);
    protect (job, 32);
    protect (freed, 0);
    rv_job_subscribe (job, 1e-9, watch, &watcher, NULL);
    g_autoptr (RvImage) made = test_job_result (job), painted = test_job_result (freed);
    g_assert_cmpuint (watcher.n_seen, ==, N_ALL - 7);
    assert_less (apart (made, content, 0, 28), 0.01);
    assert_less (1, apart (made, content, 36, SIDE_PX));
    assert_less (1, apart (painted, content, 0, 28));
  }
}

/* ---- resume ------------------------------------------------------------------------------------------------------ */

static RvJob *
resuming (Settings settings, int until, const char *name)
{
  RvJob *job = new_job_to (settings, until, name);
  test_job_set (job, "resume", "yes");
  test_job_set (job, "force", "no");
  return job;
}

/* A stopped run resumes with other masks and gives the bytes and the recipe of a branch, also if it is stopped a second
 * time. A pause that ends with a stop writes a checkpoint of its iteration, although there is an older checkpoint. */
static void
test_resume (void)
{
  static const struct {
    Settings settings;
    gint64 again; /* 0: not stopped again */
  } ways[] = { { adam, 0 }, { adam, 4 }, { lbfgs, 4 }, { lbfgs, 6 }, { spectrum, 6 } };
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    Settings way = ways[i].settings;
    g_autofree char *name = g_strdup_printf ("resume-%u.png", i),
                    *state = g_strconcat (name, ".state.safetensors", NULL);
    g_autoptr (RvJob) whole = changed_at (way, 20, 44, 3), first = new_job_to (way, 20, name);
    test_job_set (first, "state-every", "0.000001");
    run_until (first, 3, TRUE);
    g_assert_true (exists (state));
    g_autoptr (RvJob) then = resuming (way, 44, name), last = resuming (way, 44, name);
    if (ways[i].again)
      run_until (then, ways[i].again, FALSE);
    RvJob *job = ways[i].again ? last : then;
    g_autoptr (RvImage) expected = test_job_result (whole), made = test_job_result (job);
    g_autofree char *recipe = rv_job_recipe (job), *of_whole = rv_job_recipe (whole);
    g_assert_true (same (made, expected) && !exists (state));
    g_assert_nonnull (strstr (recipe, "\"steer\":\"3:mask=2\""));
    g_assert_cmpstr (recipe, ==, of_whole);
  }
}

/* A run can resume with other masks, but not with another content, nor with a painting that moves to the input
 * "init". */
static void
test_other_inputs (void)
{
  GError *error = NULL;
  g_autoptr (RvImage) mask = half (32, TRUE), one = test_made_image (SIDE_PX, SIDE_PX, 2),
                      init = test_made_image (SIDE_PX, SIDE_PX, 3);
  g_autoptr (RvJob) first = new_job_to (adam, 0, "inputs.png"), other = resuming (adam, 0, "inputs.png"),
                    swapped = resuming (adam, 0, "inputs.png");
  protect (first, 32);
  run_until (first, 3, FALSE);
  g_assert_true (rv_job_change_pictures (other, "content", &mask, 1, NULL));
  g_assert_false (rv_job_run (other, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_clear_error (&error);
  g_assert_true (rv_job_change_pictures (swapped, "style", &one, 1, NULL) &&
                 rv_job_add_picture (swapped, "init", init, NULL));
  g_assert_false (rv_job_run (swapped, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_clear_error (&error);
}

/* Saves the masks of @until to the files @first and "other.png", and replaces the masks of @job by these files. */
static void
change_files (RvJob *job, const char *first, int until)
{
  GError *error = NULL;
  g_autofree char *one = path (first), *other = path ("other.png");
  const char *const files[] = { one, other };
  Masks masks = masks_of (until);
  g_assert_true (rv_image_save (masks.mask[0], one, NULL, NULL) && rv_image_save (masks.mask[1], other, NULL, NULL));
  masks_free (&masks);
  rv_job_change_files (job, "mask", files, 2, &error);
  g_assert_no_error (error);
}

/* Names of mask files are in the recipe. A run that resumes with equal copies of the masks counts as unchanged. */
static void
test_files (void)
{
  g_autoptr (RvJob) whole = new_job (adam, 20), job = branch_at (whole, 3), first = new_job_to (adam, 20, "files.png");
  change_files (job, "one.png", 44);
  change_files (first, "one.png", 44);
  g_autoptr (RvImage) made = test_job_result (job), expected = by_hand (adam, 20, 44, 3);
  g_autofree char *recipe = rv_job_recipe (job);
  g_assert_true (same (made, expected));
  g_assert_nonnull (strstr (recipe, "{\"role\":\"mask\",\"file\":\"other.png\",\"sha256\":"));
  run_until (first, 3, FALSE);
  g_autoptr (RvJob) then = resuming (adam, 20, "files.png");
  change_files (then, "copy.png", 44);
  g_autoptr (RvImage) again = test_job_result (then);
  g_autofree char *of_then = rv_job_recipe (then);
  g_assert_null (strstr (of_then, "steer"));
}

/* A branch of a branch has the changed masks of its parent, or other masks. The run of the parent is no longer
 * needed. */
static void
test_branch (void)
{
  g_autoptr (RvJob) job = changed_at (lbfgs, 20, 44, 2), on = branch_at (job, 4), other = branch_at (job, 4);
  rv_job_release_run (job);
  change_masks (other, 0);
  g_autoptr (RvImage) whole = rv_job_result (job), made = test_job_result (on), third = test_job_result (other);
  g_autofree char *recipe = rv_job_recipe (other);
  g_assert_true (same (made, whole) && !same (third, whole));
  g_assert_nonnull (strstr (recipe, "\"2:mask=2,4:mask=0\""));
}

/* ---- recipes and errors ------------------------------------------------------------------------------------------ */

static void
assert_refused (RvJob *job, const char *role, RvImage *const *pictures, guint n, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (rv_job_change_pictures (job, role, pictures, n, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, says));
}

/* Checks that a running job refuses other inputs. @dream: (nullable): the job if its kind is "dream". */
static void
refuse (RvJob *job, const RvJobReport *report, gpointer dream)
{
  g_autoptr (RvImage) mask = half (32, TRUE);
  RvImage *const pictures[] = { mask, mask };
  if (report->type != RV_JOB_REPORT_PROGRESS)
    return;
  assert_refused (job, "mask", pictures, dream ? 1 : 2,
                  dream ? "cannot change once the job has begun" : "rv_job_branch()");
  assert_refused (job, dream ? "picture" : "style", pictures, 1, "cannot change once the job has begun");
}

static void
test_refused (void)
{
  g_autoptr (RvJob) job = new_job (adam, 20), alone = new_job (adam, 20), dream = rv_job_new ("dream", NULL),
                    other = branch_at (alone, 3);
  g_autoptr (RvImage) mask = half (32, TRUE);
  RvImage *const pictures[] = { mask, mask, NULL };
  rv_job_subscribe (job, 0, refuse, NULL, NULL);
  g_autoptr (RvImage) made = test_job_result (job), expected = rv_job_result (alone);
  g_assert_true (same (made, expected));
  assert_refused (job, "mask", pictures, 2, "has ended");
  assert_refused (other, "protect", pictures, 2, "too many");
  assert_refused (other, "style", pictures, 2, "cannot change");
  assert_refused (other, "word-mask", pictures, 1, "no input called 'word-mask'");
  assert_refused (other, NULL, pictures, 1, "no input called 'NULL'");
  assert_refused (other, "mask", pictures + 1, 2, "is NULL");
  g_autoptr (GError) error = NULL;
  g_assert_true (rv_job_change_pictures (other, "mask", pictures, 1, NULL));
  g_assert_false (rv_job_run (other, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, "1 mask for 2 styles"));
  test_job_set (dream, "preset", "test");
  test_job_set (dream, "iterations", "2");
  g_assert_true (rv_job_add_picture (dream, "picture", mask, NULL));
  rv_job_subscribe (dream, 0, refuse, dream, NULL);
  g_autoptr (RvImage) dreamt = test_job_result (dream);
}

/* Sets the text "steered" in the checkpoint @name to @steered. */
static void
edit_state (const char *name, const char *steered)
{
  g_autofree char *state = path (name), *other = path ("other.safetensors");
  g_autoptr (RvTensorMap) read = rv_weights_load (state, RV_WEIGHTS_ALL, NULL, NULL);
  rv_tensor_map_set_text (read, "steered", steered);
  g_assert_true (rv_weights_save (read, other, TRUE, NULL));
  g_assert_cmpint (g_rename (other, state), ==, 0);
}

/* Checkpoints with changes that do not fit the inputs are refused. */
static void
test_damaged (void)
{
  static const char *const steered[] = { "3:mask=3", "3:mask=1", "3:mask=x", "3:mask=2,3:protect=1", "3:mask=501" };
  g_autoptr (RvJob) job = new_job_to (adam, 20, "damaged.png");
  run_until (job, 3, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (steered); i++) {
    g_autoptr (GError) error = NULL;
    edit_state ("damaged.png.state.safetensors", steered[i]);
    g_autoptr (RvJob) after = resuming (adam, 20, "damaged.png");
    g_assert_false (rv_job_run (after, NULL, &error));
    g_assert_true (g_error_matches (error, RV_ERROR, RV_ERROR_FORMAT) ||
                   g_error_matches (error, RV_ERROR, RV_ERROR_FILE));
  }
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
  g_free (folder);
}

int
main (int argc, char **argv)
{
  test_own_dirs ();
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("reverie-change-XXXXXX", NULL);
  g_test_add_func ("/change/masks", test_masks);
  g_test_add_func ("/change/lbfgs", test_lbfgs);
  g_test_add_func ("/change/before", test_before);
  g_test_add_func ("/change/reports", test_reports);
  g_test_add_func ("/change/protect", test_protect);
  g_test_add_func ("/change/resume", test_resume);
  g_test_add_func ("/change/files", test_files);
  g_test_add_func ("/change/branch", test_branch);
  g_test_add_func ("/change/refused", test_refused);
  g_test_add_func ("/change/other-inputs", test_other_inputs);
  g_test_add_func ("/change/damaged", test_damaged);
  int failed = g_test_run ();
  remove_folder ();
  return failed;
}
