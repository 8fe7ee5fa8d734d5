/* test-explore.c -- sheets as jobs: reports of all cells, equal cells, stop, and picking a cell. */
#include "support/support.h"
#include <reverie/reverie.h>
#include <string.h>

#define SIDE_PX 64

/* (transfer full): a job of @kind that explores @across and @down, with small cells and fixed kernels. */
static RvJob *
new_sheet (const char *kind, const char *across, const char *down)
{
  RvJob *job = rv_job_new (kind, NULL);
  gboolean is_style = strcmp (kind, "explore-style") == 0;
  g_autoptr (RvImage) content = test_made_image (SIDE_PX, SIDE_PX, 1), style = test_made_image (SIDE_PX, SIDE_PX, 2);
  g_assert_true (rv_job_add_picture (job, is_style ? "content" : "picture", content, NULL));
  g_assert_true (!is_style || rv_job_add_picture (job, "style", style, NULL));
  test_job_set (job, "across", across);
  test_job_set (job, "down", down);
  test_job_set (job, "cell", "64");
  test_job_set (job, "iterations", "1");
  test_job_set (job, "exact", "yes");
  test_job_set (job, "threads", "1");
  return job;
}

typedef struct {
  GString *labels, *notes;
  int n_previews, stop_at;
} Watching;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  Watching *watching = data;
  if (report->type == RV_JOB_REPORT_PREVIEW)
    watching->n_previews++;
  if (report->type != RV_JOB_REPORT_PROGRESS)
    return;
  if (report->note)
    g_string_append_printf (watching->notes, "%s\n", report->note);
  else
    g_string_append_printf (watching->labels, "%s\n", report->label);
  if (report->frame == watching->stop_at)
    rv_job_stop (job);
}

static void
run (RvJob *job, Watching *watching)
{
  GError *error = NULL;
  watching->labels = g_string_new (NULL);
  watching->notes = g_string_new (NULL);
  rv_job_subscribe (job, 1e-6, on_report, watching, NULL);
  rv_job_run (job, NULL, &error);
  g_assert_no_error (error);
}

static void
watching_clear (Watching *watching)
{
  g_string_free (watching->labels, TRUE);
  g_string_free (watching->notes, TRUE);
}

/* Checks that column @x of @sheet is white, as the gap between cells is: no label reaches the next cell. */
static void
check_white (const RvImage *sheet, int x)
{
  for (int y = 0; y < sheet->height; y++)
    g_assert_cmpfloat (((const float *) sheet->rgb->data)[(gint64) y * sheet->width + x], ==, 255);
}

static void
test_sheet (void)
{
  RvJobPlan plan;
  Watching watching = { 0 };
  g_autoptr (RvJob) job = new_sheet ("explore-style", "strength=20,80", "style-scale=0.5,1");
  test_job_set (job, "iterations", "2");
  g_assert_true (rv_job_plan (job, &plan, NULL));
  run (job, &watching);
  g_assert_cmpstr (watching.labels->str, ==,
                   "1a  strength 20  style-scale 0.5\n1b  strength 80  style-scale 0.5\n"
                   "2a  strength 20  style-scale 1\n2b  strength 80  style-scale 1\n");
  g_assert_cmpstr (watching.notes->str, ==, "");
  g_assert_cmpint (watching.n_previews, ==, 4);
  g_autoptr (RvImage) sheet = rv_job_result (job);
  g_assert_cmpint (sheet->width, ==, plan.width);
  g_assert_cmpint (sheet->width, >, 2 * SIDE_PX);
  check_white (sheet, sheet->width / 2 + 4);
  g_autofree char *recipe = rv_job_recipe (job);
  g_assert_nonnull (strstr (recipe, "\"explore style\""));
  watching_clear (&watching);
}

/* A stop at the first iteration of the second cell still gives a sheet. */
static void
test_stopped (void)
{
  Watching watching = { .stop_at = 2 };
  g_autoptr (RvJob) job = new_sheet ("explore-dream", "max-loss=0,1e9", "octaves=1,2");
  run (job, &watching);
  g_assert_true (rv_job_was_stopped (job));
  g_autoptr (RvImage) sheet = rv_job_result (job);
  g_assert_nonnull (sheet);
  g_assert_cmpstr (watching.labels->str, ==, "1a  max-loss 0  octaves 1\n1b  max-loss 1e9  octaves 1\n");
  watching_clear (&watching);
}

static void
test_equal (void)
{
  Watching watching = { 0 };
  g_autoptr (RvJob) job = new_sheet ("explore-dream", "max-loss=0,1e9", "octaves=1");
  run (job, &watching);
  g_assert_cmpstr (watching.notes->str, ==,
                   "two cells are equal: 1a  max-loss 0  octaves 1; 1b  max-loss 1e9  octaves 1\n");
  watching_clear (&watching);
}

/* rv_job_pick() makes a job with the settings of the cell. An unknown cell, and another kind of job, are refused. */
static void
test_picked (void)
{
  GError *error = NULL;
  g_autoptr (RvJob) sheet = new_sheet ("explore-dream", "look=eyes,things", "octaves=1,2");
  g_autoptr (RvJob) cell = rv_job_pick (sheet, "2b", &error), picture = rv_job_new ("style", NULL);
  g_assert_no_error (error);
  g_autofree char *look = rv_job_get (cell, "look", NULL), *octaves = rv_job_get (cell, "octaves", NULL),
                  *smallest = rv_job_get (cell, "smallest", NULL);
  g_assert_cmpstr (rv_job_kind (cell), ==, "dream");
  g_assert_cmpstr (look, ==, "things");
  g_assert_cmpstr (octaves, ==, "2");
  g_assert_cmpstr (smallest, ==, "32");
  rv_job_run (cell, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (rv_job_pick (sheet, "3a", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_null (rv_job_pick (picture, "1a", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
}

/* Impossible cells are reported once, in a note. If all are impossible, there is only an error. */
static void
test_impossible (void)
{
  GError *error = NULL;
  Watching some = { 0 }, none = { .labels = g_string_new (NULL), .notes = g_string_new (NULL) };
  g_autoptr (RvJob) holes = new_sheet ("explore-style", "content-layers=conv9_9,conv4_2", "strength=60"),
                    empty = new_sheet ("explore-style", "content-layers=conv8_1,conv9_9", "strength=60");
  run (holes, &some);
  g_assert_true (g_str_has_prefix (some.notes->str, "1a  content-layers conv9_9  strength 60: "));
  g_assert_true (strchr (some.notes->str, '\n') == strrchr (some.notes->str, '\n'));
  rv_job_subscribe (empty, 0, on_report, &none, NULL);
  g_assert_false (rv_job_run (empty, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, "no cell is possible; 1b  content-layers conv9_9  strength 60: "));
  g_assert_cmpstr (none.labels->str, ==, "");
  g_assert_cmpstr (none.notes->str, ==, "");
  g_clear_error (&error);
  watching_clear (&some);
  watching_clear (&none);
}

static void
test_refused (void)
{
  static const struct {
    const char *name, *value, *option;
  } wrong[] = { { "across", "strenght=1", "across" },
                { "down", "octaves=", "across" },
                { "down", "octaves=0", "octaves" },
                { "size", "100", "size" },
                { "plot", "a.svg", "size" } };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvJob) job = new_sheet ("explore-dream", "look=eyes", "octaves=1");
    test_job_set (job, wrong[i].name, wrong[i].value);
    g_assert_false (rv_job_check (job, TRUE, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, wrong[i].option);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/explore/sheet", test_sheet);
  g_test_add_func ("/explore/stopped", test_stopped);
  g_test_add_func ("/explore/equal", test_equal);
  g_test_add_func ("/explore/picked", test_picked);
  g_test_add_func ("/explore/impossible", test_impossible);
  g_test_add_func ("/explore/refused", test_refused);
  return g_test_run ();
}
