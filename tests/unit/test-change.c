/* test-change.c -- inputs replaced while a job runs: masks and protected areas. */
#include "job/core/job-object.h"
#include "method/style/style.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <reverie/reverie.h>
#include <string.h>

#define SIDE_PX 64
#define N_ALL 8 /* iterations: 3 at each of two scales, 2 for the finish */
#define N_STEPS 3

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

/* White up to column @until, or from there on. */
static RvImage *
half (int until, gboolean left)
{
  RvImage *image = rv_image_new (SIDE_PX, SIDE_PX, NULL);
  for (int i = 0; i < 3 * SIDE_PX * SIDE_PX; i++)
    ((float *) image->rgb->data)[i] = (i % SIDE_PX < until) == left ? 255 : 0;
  return image;
}

/* A mask for each of two styles, with the edge at @until; 0: none. */
typedef struct {
  RvImage *mask[2];
  guint n;
} Masks;

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

/* Largest difference within columns @from to @end. */
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
set (RvJob *job, const char *name, const char *value)
{
  GError *error = NULL;
  rv_job_set (job, name, value, &error);
  g_assert_no_error (error);
}

static void
set_all (RvJob *job, Settings settings)
{
  set (job, "iterations", G_STRINGIFY (N_STEPS));
  set (job, "start-size", "32");
  set (job, "exact", "yes");
  set (job, "threads", "1");
  for (; *settings; settings += 2)
    set (job, settings[0], settings[1]);
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
  set (job, "output", file);
  set (job, "force", "yes");
  set (job, "state-every", "0");
  return job;
}

typedef struct {
  gint64 at;
  void (*func) (RvJob *job, int until);
  int until;
  gboolean stops, pauses;
  gint64 stops_at;
} Turn;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  const Turn *turn = data;
  if (report->type != RV_JOB_REPORT_PROGRESS)
    return;
  if (report->iteration == turn->at && turn->func)
    turn->func (job, turn->until);
  if (report->iteration == turn->at && turn->pauses)
    rv_job_pause (job);
  if ((report->iteration == turn->at && turn->stops) || report->iteration == turn->stops_at)
    rv_job_stop (job);
}

static RvImage *
run (RvJob *job, const Turn *turn)
{
  GError *error = NULL;
  if (turn)
    rv_job_subscribe (job, 0, on_report, (gpointer) turn, NULL);
  rv_job_run (job, NULL, &error);
  g_assert_no_error (error);
  return rv_job_result (job);
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
  test_set (named, "iterations", G_STRINGIFY (N_STEPS));
  test_set (named, "start-size", "32");
  test_set (named, "exact", "yes");
  test_set (named, "threads", "1");
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
keep (const RvStyleProgress *progress, gpointer data)
{
  const Keep *until = data;
  if (progress->iteration < until->at)
    return TRUE;
  g_autoptr (RvTensorMap) state = rv__style_state (progress);
  g_assert_true (rv_weights_save (state, until->file, TRUE, NULL));
  return FALSE;
}

/* Result of a run that is stopped after iteration @at and resumed with other masks. */
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

/* Masks replaced at the first scale, at the second, and in the finish; added, and removed. */
static void
test_masks (void)
{
  static const int turns[][3] = { { 20, 44, 2 }, { 20, 44, 5 }, { 20, 44, 7 }, { 0, 44, 2 },
                                  { 0, 44, 5 },  { 20, 0, 2 },  { 20, 0, 5 } };
  RvImage *others[G_N_ELEMENTS (turns)]; /* all different */
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++) {
    const Turn turn = { .at = turns[i][2], .func = change_masks, .until = turns[i][1] };
    g_autoptr (RvJob) job = new_job (adam, turns[i][0]);
    g_autoptr (RvImage) made = run (job, &turn), expected = by_hand (adam, turns[i][0], turns[i][1], turns[i][2]);
    g_assert_true (same (made, expected));
    for (guint k = 0; k < i; k++)
      g_assert_false (same (made, others[k]));
    others[i] = g_steal_pointer (&made);
  }
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++)
    rv_image_unref (others[i]);
}

/* L-BFGS restarts: its history belongs to another loss. */
static void
test_lbfgs (void)
{
  const Turn turn = { .at = 4, .func = change_masks, .until = 44 };
  g_autoptr (RvJob) job = new_job (lbfgs, 20);
  g_autoptr (RvImage) made = run (job, &turn), remembers = by_hand (lbfgs, 20, 44, 4);
  g_assert_false (same (made, remembers));
}

/* Before the run, masks are replaced like any input. */
static void
test_before (void)
{
  g_autoptr (RvJob) job = new_job (adam, 20), other = new_job (adam, 44);
  RvJobPlan plan;
  g_assert_true (rv_job_plan (job, &plan, NULL));
  change_masks (job, 44);
  g_autoptr (RvImage) made = run (job, NULL), expected = run (other, NULL);
  g_autofree char *recipe = rv_job_recipe (job);
  g_assert_true (same (made, expected));
  g_assert_null (strstr (recipe, "steer"));
}

/* Reports continue without a gap. */
typedef struct {
  Turn turn;
  gint64 last;
  const char *const *names;
  const char *note;
} Follower;

static void
follow (RvJob *job, const RvJobReport *report, gpointer data)
{
  Follower *follower = data;
  on_report (job, report, &follower->turn);
  if (report->note)
    follower->note = report->note;
  if (report->type != RV_JOB_REPORT_PROGRESS)
    return;
  g_assert_cmpint (report->iteration, ==, follower->last + 1);
  g_assert_cmpint (report->n_iterations, ==, N_ALL);
  if (follower->names) /* the previous names still exist */
    g_assert_true (g_strv_equal (report->names, follower->names));
  follower->names = report->names;
  follower->last = report->iteration;
}

static void
test_reports (void)
{
  g_autoptr (RvJob) job = new_job (adam, 20);
  Follower follower = { .turn = { .at = 3, .func = change_masks, .until = 44 } };
  rv_job_subscribe (job, 0, follow, &follower, NULL);
  g_assert_true (rv_job_run (job, NULL, NULL));
  g_assert_cmpint (follower.last, ==, N_ALL);
  g_assert_null (follower.note);
}

/* After the last iteration a change has no effect, and the recipe does not mention it. */
static void
test_too_late (void)
{
  const Turn turn = { .at = N_ALL, .func = change_masks, .until = 44 };
  g_autoptr (RvJob) job = new_job (adam, 20), alone = new_job (adam, 20);
  g_autoptr (RvImage) made = run (job, &turn), expected = run (alone, NULL);
  g_autofree char *recipe = rv_job_recipe (job);
  g_assert_true (same (made, expected));
  g_assert_null (strstr (recipe, "steer"));
}

/* ---- protected areas --------------------------------------------------------------------------------------------- */

/* State of the protected area after the change. */
typedef struct {
  Turn turn;
  RvImage *content;
  guint n_seen;
} Watcher;

static void
watch (RvJob *job, const RvJobReport *report, gpointer data)
{
  Watcher *watcher = data;
  on_report (job, report, &watcher->turn);
  if (report->type != RV_JOB_REPORT_PREVIEW || report->iteration <= watcher->turn.at)
    return;
  assert_less (apart (report->picture, watcher->content, 0, 28), 0.01);
  watcher->n_seen++;
}

/* A protected area becomes the photograph again and remains so. Once unprotected, it is painted. */
static void
test_protect (void)
{
  static const Settings ways[] = { adam, lbfgs, spectrum, averaged };
  g_autoptr (RvImage) content = test_made_image (SIDE_PX, SIDE_PX, 1);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    Watcher watcher = { .turn = { .at = 7, .func = protect, .until = 32 }, .content = content };
    const Turn off = { .at = 7, .func = protect };
    g_autoptr (RvJob) job = new_job (ways[i], 0), freed = new_job (ways[i], 0);
    protect (freed, 32);
    rv_job_subscribe (job, 1e-9, watch, &watcher, NULL);
    g_autoptr (RvImage) made = run (job, NULL), painted = run (freed, &off);
    g_assert_cmpuint (watcher.n_seen, ==, N_ALL - 7);
    assert_less (apart (made, content, 0, 28), 0.01);
    assert_less (1, apart (made, content, 36, SIDE_PX));
    assert_less (1, apart (painted, content, 0, 28));
  }
}

/* ---- resume ------------------------------------------------------------------------------------------------------ */

/* (transfer full): resumes the job to @name, with the changes of @turn. */
static RvImage *
gone_on (Settings settings, const char *name, char **recipe)
{
  g_autoptr (RvJob) after = new_job_to (settings, 20, name);
  set (after, "resume", "yes");
  set (after, "force", "no");
  RvImage *made = run (after, NULL);
  *recipe = rv_job_recipe (after);
  return made;
}

/* A run stopped at the change or later gives the same bytes and the same recipe, without file names of the new
 * masks. */
static void
test_resume (void)
{
  static const struct {
    Settings settings;
    gboolean later;
  } ways[] = { { adam, FALSE }, { lbfgs, FALSE }, { lbfgs, TRUE }, { spectrum, TRUE } };
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    gboolean later = ways[i].later;
    Settings way = ways[i].settings;
    g_autofree char *name = g_strdup_printf ("resume-%u.png", i),
                    *state = g_strconcat (name, ".state.safetensors", NULL);
    const Turn turn = { .at = 3, .func = change_masks, .until = 44 };
    const Turn stop = { .at = 3, .func = change_masks, .until = 44, .stops = !later, .stops_at = later ? 5 : 0 };
    g_autoptr (RvJob) whole = new_job_to (way, 20, "whole.png"), job = new_job_to (way, 20, name);
    g_autoptr (RvImage) expected = run (whole, &turn), stopped = run (job, &stop);
    g_assert_true (rv_job_was_stopped (job) && exists (state));
    g_autofree char *of_whole = rv_job_recipe (whole), *recipe = NULL;
    g_autoptr (RvImage) made = gone_on (way, name, &recipe);
    g_assert_true (same (made, expected));
    g_assert_cmpstr (recipe, ==, of_whole);
    g_assert_nonnull (strstr (recipe, "\"steer\":\"3:mask=2\""));
  }
}

/* The state is written at the change: a kill does not lose the masks. */
static void
find_state (RvJob *job, const RvJobReport *report, gpointer data)
{
  const Turn turn = { .at = 3, .func = change_masks, .until = 44 };
  on_report (job, report, (gpointer) &turn);
  if (report->type == RV_JOB_REPORT_PROGRESS)
    g_assert_true (exists ("kept.png.state.safetensors") == (report->iteration > 3));
}

static void
test_kept (void)
{
  g_autoptr (RvJob) job = new_job_to (adam, 20, "kept.png");
  rv_job_subscribe (job, 0, find_state, NULL, NULL);
  g_assert_true (rv_job_run (job, NULL, NULL));
}

/* Files are read when the change is requested: later they may be deleted or replaced. */
static void
change_files (RvJob *job, int until)
{
  GError *error = NULL;
  g_autofree char *one = path ("one.png"), *other = path ("other.png");
  const char *const files[] = { one, other };
  Masks masks = masks_of (until);
  g_assert_true (rv_image_save (masks.mask[0], one, NULL, NULL) && rv_image_save (masks.mask[1], other, NULL, NULL));
  masks_free (&masks);
  rv_job_change_files (job, "mask", files, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (one), ==, 0);
  g_assert_true (g_file_set_contents (other, "no picture", -1, NULL));
}

static void
test_files (void)
{
  const Turn turn = { .at = 3, .func = change_files, .until = 44 };
  const Turn stop = { .at = 3, .func = change_files, .until = 44, .stops_at = 4 };
  g_autoptr (RvJob) whole = new_job_to (adam, 20, "files.png"), job = new_job_to (adam, 20, "files-again.png");
  g_autoptr (RvImage) made = run (whole, &turn), expected = by_hand (adam, 20, 44, 3), stopped = run (job, &stop);
  g_autofree char *of_whole = rv_job_recipe (whole), *recipe = NULL;
  g_autoptr (RvImage) again = gone_on (adam, "files-again.png", &recipe);
  g_assert_true (same (made, expected) && same (again, expected));
  g_assert_cmpstr (recipe, ==, of_whole);
  g_assert_nonnull (strstr (recipe, "{\"role\":\"mask\",\"file\":\"other.png\",\"sha256\":"));
}

/* Branches from before and after the change, and from a snapshot with its own masks. */
static void
test_branch (void)
{
  const Turn turn = { .at = 4, .func = change_masks, .until = 44 };
  g_autoptr (RvJob) job = new_job (lbfgs, 20);
  rv_job_keep_snapshots (job, 2, 0, 10, 100 << 20);
  g_autoptr (RvImage) whole = run (job, &turn);
  g_autoptr (RvJob) alone = new_job (lbfgs, 20);
  g_autoptr (RvImage) left = run (alone, NULL);
  rv_job_release_run (job);
  g_autoptr (GPtrArray) snapshots = rv_job_snapshots (job);
  for (guint i = 0; i < 3; i++) { /* after iterations 2, 4 and 6 */
    g_autoptr (RvJob) on = rv_job_branch (job, snapshots->pdata[i], NULL);
    g_assert_cmpint (rv_snapshot_iteration (snapshots->pdata[i]), ==, 2 * (i + 1));
    g_autoptr (RvImage) made = run (on, NULL);
    g_assert_true (same (made, i == 0 ? left : whole));
  }
  g_autoptr (RvJob) other = rv_job_branch (job, snapshots->pdata[0], NULL), late = new_job (lbfgs, 20);
  const Turn at_two = { .at = 2, .func = change_masks, .until = 44 };
  change_masks (other, 44);
  g_autoptr (RvImage) made = run (other, NULL), expected = run (late, &at_two);
  g_autofree char *recipe = rv_job_recipe (other);
  g_assert_true (same (made, expected));
  g_assert_nonnull (strstr (recipe, "\"2:mask=2\""));
}

static gpointer
change_and_resume (gpointer job)
{
  while (rv_job_status (job) != RV_JOB_STATUS_PAUSED)
    g_thread_yield ();
  change_masks (job, 44);
  rv_job_resume (job);
  return NULL;
}

static void
test_paused (void)
{
  const Turn pause = { .at = 3, .pauses = TRUE };
  g_autoptr (RvJob) job = new_job_to (adam, 20, "paused.png");
  GThread *other = g_thread_new ("change", change_and_resume, job);
  g_autoptr (RvImage) made = run (job, &pause), expected = by_hand (adam, 20, 44, 3);
  g_thread_join (other);
  g_assert_true (same (made, expected));
}

/* ---- recipes and errors ------------------------------------------------------------------------------------------ */

static void
test_recipe (void)
{
  const Turn turn = { .at = 3, .func = change_masks, .until = 44 };
  g_autoptr (RvJob) job = new_job (adam, 20);
  g_autoptr (RvImage) made = run (job, &turn);
  g_autofree char *recipe = rv_job_recipe (job);
  g_assert_nonnull (strstr (recipe, "\"steer\":\"3:mask=2\""));
}

static void
assert_refused (RvJob *job, const char *role, RvImage *const *pictures, guint n, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (rv_job_change_pictures (job, role, pictures, n, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, says));
}

/* A run continues with its own masks. */
static void
refuse (RvJob *job, int until)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvImage) mask = half (32, TRUE);
  g_autofree char *nothing = path ("nothing.png");
  const char *const files[] = { nothing, nothing };
  RvImage *const pictures[] = { mask, mask, NULL };
  assert_refused (job, "mask", pictures, 1, "1 mask for 2 styles");
  assert_refused (job, "protect", pictures, 2, "too many");
  assert_refused (job, "style", pictures, 2, "cannot change");
  assert_refused (job, "word-mask", pictures, 1, "no input called 'word-mask'");
  assert_refused (job, NULL, pictures, 1, "no input called 'NULL'");
  assert_refused (job, "mask", pictures + 1, 2, "is NULL");
  g_assert_false (rv_job_change_files (job, "mask", files, 2, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
}

static void
refuse_dream (RvJob *job, int until)
{
  g_autoptr (RvImage) mask = half (32, TRUE);
  assert_refused (job, "mask", &mask, 1, "cannot change");
}

static void
test_refused (void)
{
  const Turn turn = { .at = 2, .func = refuse }, in_dream = { .at = 1, .func = refuse_dream };
  g_autoptr (RvJob) job = new_job (adam, 20), alone = new_job (adam, 20), dream = rv_job_new ("dream", NULL);
  g_autoptr (RvImage) made = run (job, &turn), expected = run (alone, NULL), mask = half (32, TRUE);
  RvImage *const pictures[] = { mask, mask };
  g_assert_true (same (made, expected));
  assert_refused (job, "mask", pictures, 2, "has ended");
  set (dream, "preset", "test");
  set (dream, "iterations", "2");
  g_assert_true (rv_job_add_picture (dream, "picture", mask, NULL));
  g_autoptr (RvImage) dreamt = run (dream, &in_dream);
}

/* Damaged states: a missing mask, and more masks than styles. */
static void
test_damaged (void)
{
  static const char *const steered[] = { "3:mask=3", "3:mask=1", "3:mask=x", "3:mask=2,3:protect=1", "3:mask=501" };
  const Turn stop = { .at = 3, .func = change_masks, .until = 44, .stops = TRUE };
  g_autofree char *state = path ("damaged.png.state.safetensors"), *whole = NULL;
  g_autoptr (RvJob) job = new_job_to (adam, 20, "damaged.png");
  g_autoptr (RvImage) made = run (job, &stop);
  gsize length;
  g_assert_true (g_file_get_contents (state, &whole, &length, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (steered); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_true (g_file_set_contents (state, whole, (gssize) length, NULL));
    g_autoptr (RvTensorMap) read = rv_weights_load (state, RV_WEIGHTS_ALL, NULL, NULL);
    g_autofree char *other = path ("other.safetensors");
    rv_tensor_map_set_text (read, "steered", steered[i]);
    g_assert_true (rv_weights_save (read, other, TRUE, NULL));
    g_assert_cmpint (g_rename (other, state), ==, 0);
    g_autoptr (RvJob) after = new_job_to (adam, 20, "damaged.png");
    set (after, "resume", "yes");
    g_assert_false (rv_job_run (after, NULL, &error));
    g_assert_true (g_error_matches (error, RV_ERROR, RV_ERROR_FORMAT) ||
                   g_error_matches (error, RV_ERROR, RV_ERROR_SETTING));
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
  g_test_add_func ("/change/too-late", test_too_late);
  g_test_add_func ("/change/protect", test_protect);
  g_test_add_func ("/change/resume", test_resume);
  g_test_add_func ("/change/kept", test_kept);
  g_test_add_func ("/change/files", test_files);
  g_test_add_func ("/change/branch", test_branch);
  g_test_add_func ("/change/paused", test_paused);
  g_test_add_func ("/change/recipe", test_recipe);
  g_test_add_func ("/change/refused", test_refused);
  g_test_add_func ("/change/damaged", test_damaged);
  int failed = g_test_run ();
  remove_folder ();
  return failed;
}
