/* test-job.c -- jobs: settings, files, reports, states; pause, stop, cancellation; changes during a run; snapshots and
 * branches. */
#include "job/core/job-object.h"
#include "job/core/recipe.h"
#include "job/core/watch.h"
#include "method/style/style.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <reverie/reverie.h>
#include <string.h>
#include <unistd.h>

#define SIDE_PX 64
#define N_STEPS 6 /* iterations of an undisturbed job */

static char *folder;

static char *
path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* (transfer full): a small, exact style or dream job with pictures in memory. That of a dream has transparent parts. */
static RvJob *
new_job (const char *kind)
{
  RvJob *job = rv_job_new (kind, NULL);
  g_autoptr (RvImage) content = test_made_image (SIDE_PX, SIDE_PX, 1), style = test_made_image (SIDE_PX, SIDE_PX, 2);
  gboolean is_style = strcmp (kind, "style") == 0;
  if (!is_style) {
    RvShape plane = rv_shape (4, 1, 1, SIDE_PX, SIDE_PX);
    content->alpha = rv_tensor_new (RV_F32, &plane, NULL);
    for (int i = 0; i < SIDE_PX * SIDE_PX; i++)
      ((float *) content->alpha->data)[i] = (float) (i % SIDE_PX) / (SIDE_PX - 1);
    test_job_set (job, "preset", "test");
  }
  g_assert_true (rv_job_add_picture (job, is_style ? "content" : "picture", content, NULL));
  g_assert_true (!is_style || rv_job_add_picture (job, "style", style, NULL));
  g_autofree char *n = g_strdup_printf ("%d", N_STEPS);
  test_job_set (job, "iterations", n);
  test_job_set (job, is_style ? "start-size" : "octaves", is_style ? "0" : "1");
  if (is_style)
    test_job_set (job, "finish", "0");
  test_job_set (job, "exact", "yes");
  test_job_set (job, "threads", "1");
  return job;
}

static RvJob *
new_job_to (const char *kind, const char *name)
{
  RvJob *job = new_job (kind);
  g_autofree char *file = path (name);
  test_job_set (job, "output", file);
  test_job_set (job, "force", "yes");
  test_job_set (job, "state-every", "0"); /* only a stop or pause writes a checkpoint */
  return job;
}

static void
assert_same (const RvImage *a, const RvImage *b)
{
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpmem (a->rgb->data, (gsize) (12 * a->width * a->height), b->rgb->data,
                   (gsize) (12 * b->width * b->height));
  g_assert_true (!a->alpha == !b->alpha);
  if (a->alpha)
    g_assert_cmpmem (a->alpha->data, (gsize) (4 * a->width * a->height), b->alpha->data,
                     (gsize) (4 * b->width * b->height));
}

static RvImage *
whole_result (const char *kind)
{
  GError *error = NULL;
  g_autoptr (RvJob) job = new_job (kind);
  rv_job_run (job, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rv_job_status (job), ==, RV_JOB_STATUS_DONE);
  g_assert_false (rv_job_was_stopped (job));
  return rv_job_result (job);
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

/* RvJobFindFunc: appends @role and @name to the GString @user_data. Gives the file "input.png" for any name but
 * "none". */
static char *
find_file (const char *role, const char *name, gpointer user_data, GError **error)
{
  GString *asked = user_data;
  g_string_append_printf (asked, "%s=%s ", role, name);
  if (strcmp (name, "none") != 0)
    return path ("input.png");
  g_set_error_literal (error, RV_ERROR, RV_ERROR_FILE, "there is none");
  return NULL;
}

static void
test_from_json (void)
{
  g_autoptr (GString) asked = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *input = path ("input.png");
  g_autoptr (RvImage) image = test_made_image (SIDE_PX, SIDE_PX, 1);
  g_assert_true (rv_image_save (image, input, NULL, NULL));
  g_autoptr (RvJob) job =
    rv_job_new_from_json ("{\"settings\": {\"strength\": 70, \"size\": 48}, \"kind\": \"style\","
                          " \"inputs\": {\"content\": \"lake\", \"style\": [\"waves\", \"glass\"]}}",
                          -1, find_file, asked, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rv_job_kind (job), ==, "style");
  g_assert_cmpstr (asked->str, ==, "content=lake style=waves style=glass ");
  g_autofree char *strength = rv_job_get (job, "strength", NULL);
  g_assert_cmpstr (strength, ==, "70");
  g_assert_true (rv_job_check (job, TRUE, &error));
  g_assert_no_error (error);

  static const struct {
    const char *json;
    RvError code;
    const char *says;
  } wrong[] = {
    { "[]", RV_ERROR_FORMAT, "the job" },
    { "{\"kind\": \"style\"", RV_ERROR_FORMAT, "the job" },
    { "{}", RV_ERROR_SETTING, "kind" },
    { "{\"kind\": 3}", RV_ERROR_SETTING, "kind" },
    { "{\"kind\": \"style\", \"more\": 1}", RV_ERROR_SETTING, "more" },
    { "{\"kind\": \"style\", \"inputs\": []}", RV_ERROR_SETTING, "inputs" },
    { "{\"kind\": \"style\", \"settings\": 3}", RV_ERROR_SETTING, "settings" },
    { "{\"kind\": \"style\", \"inputs\": {\"content\": 3}}", RV_ERROR_SETTING, "content" },
    { "{\"kind\": \"style\", \"inputs\": {\"guide\": \"a\"}}", RV_ERROR_SETTING, "guide" },
    { "{\"kind\": \"style\", \"inputs\": {\"content\": [\"a\", \"b\"]}}", RV_ERROR_SETTING, "content" },
    { "{\"kind\": \"style\", \"inputs\": {\"content\": \"none\"}}", RV_ERROR_FILE, "there is none" },
    { "{\"kind\": \"style\", \"settings\": {\"strength\": 101}}", RV_ERROR_SETTING, "strength" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_clear_error (&error);
    g_assert_null (rv_job_new_from_json (wrong[i].json, -1, find_file, asked, &error));
    g_assert_error (error, RV_ERROR, (int) wrong[i].code);
    g_assert_nonnull (strstr (error->message, wrong[i].says));
  }
}

/* Job files with names from before 0.1.0 are read, and written with the present names. */
static void
test_old_names (void)
{
  static const struct {
    const char *file, *kind, *json[4];
  } jobs[] = {
    { "style-with.json", "style-learned", { "\"learned\":\"hokusai-wave\"" } },
    { "style-film.json",
      "style-video",
      { "\"keyframe\":", "\"start-size\":0", "\"long-term-frames\":\"1,2\"", "\"baseline-pairs\":1" } },
  };
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *old = NULL, *file = g_test_build_filename (G_TEST_DIST, "golden", "old-names", jobs[i].file, NULL);
    g_assert_true (g_file_get_contents (file, &old, NULL, NULL));
    g_autoptr (RvJob) job = rv_job_new_from_json (old, -1, NULL, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (rv_job_kind (job), ==, jobs[i].kind);
    g_autofree char *json = rv_job_to_json (job, NULL, NULL, &error);
    g_assert_no_error (error);
    g_test_message ("%s", json);
    for (guint k = 0; k < G_N_ELEMENTS (jobs[i].json) && jobs[i].json[k]; k++)
      g_assert_nonnull (strstr (json, jobs[i].json[k]));
  }
}

/* (transfer full) (nullable): base name of the file; NULL if @wrong is not NULL. */
static char *
name_file (const char *role, const char *file, gpointer wrong, GError **error)
{
  if (!wrong)
    return g_path_get_basename (file);
  g_set_error_literal (error, RV_ERROR, RV_ERROR_FILE, "it has no name");
  return NULL;
}

/* (transfer full): a text from the job: the callback may use the job. */
static char *
name_by_job (const char *role, const char *file, gpointer job, GError **error)
{
  g_assert_cmpint (rv_job_status (job), ==, RV_JOB_STATUS_NEW);
  return rv_job_get (job, "strength", error);
}

/* The JSON of a job is read as the same job. */
static void
test_to_json (void)
{
  static const char *const jobs[] = {
    "{\"kind\":\"style\",\"inputs\":{\"content\":[\"a\"],\"style\":[\"b\",\"c\"]},\"settings\":{\"preset\":"
    "\"d2l\",\"strength\":70.5,\"size\":48,\"steer\":\"2:strength=80\"}}",
    "{\"kind\":\"explore-dream\",\"inputs\":{\"picture\":[\"a\"]},\"settings\":{\"preset\":\"test\","
    "\"smallest\":32,\"cell\":64,\"down\":\"octaves=1,2\"}}",
  };
  GError *error = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++) {
    g_autoptr (RvJob) job = rv_job_new_from_json (jobs[i], -1, NULL, NULL, &error);
    g_assert_no_error (error);
    g_autofree char *json = rv_job_to_json (job, NULL, NULL, &error);
    g_assert_no_error (error);
    g_autoptr (RvJob) again = rv_job_new_from_json (json, -1, NULL, NULL, &error);
    g_assert_no_error (error);
    g_autofree char *once_more = rv_job_to_json (again, name_file, NULL, NULL);
    g_assert_cmpstr (json, ==, once_more);
    g_assert_nonnull (strstr (json, i == 0 ? "\"style\":[\"b\",\"c\"]" : "\"cell\":64"));
    g_assert_null (rv_job_to_json (job, name_file, job, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
    g_clear_error (&error);
  }
  g_autoptr (RvJob) used = rv_job_new_from_json (jobs[0], -1, NULL, NULL, NULL);
  g_autofree char *of_it = rv_job_to_json (used, name_by_job, used, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (of_it, "\"content\":[\"70.5\"]"));
  g_autoptr (RvJob) in_memory = new_job ("dream");
  g_assert_null (rv_job_to_json (in_memory, NULL, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
}

/* Every kind of job has the settings of its method, its own settings if any, and the shared tables "picture" and
 * "state". */
static void
test_settings_kinds (void)
{
  for (const char *const *kind = rv_job_kinds (); *kind; kind++) {
    g_autoptr (GString) all = g_string_new (NULL);
    for (guint i = 0; rv_job_settings_kind (*kind, i); i++) {
      g_string_append_printf (all, "%s ", rv_job_settings_kind (*kind, i));
      g_assert_nonnull (rv_settings_option (rv_job_settings_kind (*kind, i), 0));
    }
    g_assert_true (g_str_has_suffix (all->str, "picture state "));
    if (strcmp (*kind, "style") == 0)
      g_assert_cmpstr (all->str, ==, "style picture state ");
    if (strcmp (*kind, "explore-dream") == 0)
      g_assert_cmpstr (all->str, ==, "dream explore-dream picture state ");
  }
  g_assert_null (rv_job_settings_kind ("sculpture", 0));
}

/* No two tables of one kind of job have an option name in common, except for vae-train: size, width and save-every. */
static void
test_unique_options (void)
{
  for (const char *const *kind = rv_job_kinds (); *kind; kind++) {
    g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
    const char *table;
    const RvOption *option;
    for (guint k = 0; (table = rv_job_settings_kind (*kind, k)); k++)
      for (guint i = 0; (option = rv_settings_option (table, i)); i++)
        if (!g_hash_table_add (seen, (gpointer) rv_option_name (option)))
          g_assert_cmpstr (*kind, ==, "vae-train");
  }
}

/* rv_job_kind_json() of every kind is valid, and names inputs that the job accepts. */
static void
test_kind_json (void)
{
  for (const char *const *kind = rv_job_kinds (); *kind; kind++) {
    g_autofree char *json = rv_job_kind_json (*kind);
    g_autoptr (GVariant) row = rv_json_read (json, -1, *kind, NULL);
    g_autoptr (GVariantIter) inputs = NULL;
    GVariant *input;
    g_assert_true (row && g_variant_lookup (row, "inputs", "av", &inputs));
    while (g_variant_iter_loop (inputs, "v", &input)) {
      g_autoptr (RvJob) job = rv_job_new (*kind, NULL);
      const char *name;
      g_assert_true (g_variant_lookup (input, "name", "&s", &name) && rv_job_add_file (job, name, "a file", NULL));
    }
  }
  g_autofree char *video = rv_job_kind_json ("dream-video"), *none = rv_job_kind_json ("sculpture");
  g_assert_cmpstr (
    video, ==,
    "{\"kind\": \"dream-video\", \"makes\": \"video\", "
    "\"settings\": [\"dream-video\", \"state\", \"picture\", \"dream\"], \"inputs\": ["
    "{\"name\": \"content\", \"takes\": [\"video\"], \"needed\": true, \"many\": false, \"may_change\": false}, "
    "{\"name\": \"guide\", \"takes\": [\"picture\"], \"needed\": false, \"many\": false, \"may_change\": false}, "
    "{\"name\": \"style\", \"takes\": [\"picture\"], \"needed\": false, \"many\": false, \"may_change\": false}, "
    "{\"name\": \"mask\", \"takes\": [\"picture\", \"video\"], \"needed\": false, \"many\": false, "
    "\"mask_of\": \"content\", \"may_change\": false}, "
    "{\"name\": \"word-mask\", \"takes\": [\"picture\"], \"needed\": false, \"many\": true, \"may_change\": false}]}");
  g_assert_null (none);
}

static void
test_makes (void)
{
  int n[3] = { 0 };
  for (const char *const *kind = rv_job_kinds (); *kind; kind++)
    n[rv_job_output_type (*kind)]++;
  g_assert_cmpint (n[RV_JOB_OUTPUT_VIDEO], ==, 2);
  g_assert_cmpint (n[RV_JOB_OUTPUT_MODEL], ==, 2);
  g_assert_cmpint (rv_job_output_type ("dream-video"), ==, RV_JOB_OUTPUT_VIDEO);
  g_assert_cmpint (rv_job_output_type ("vae-train"), ==, RV_JOB_OUTPUT_MODEL);
  g_assert_cmpint (rv_job_output_type ("vae-picture"), ==, RV_JOB_OUTPUT_PICTURE);
  g_assert_cmpint (rv_job_output_type ("sculpture"), ==, RV_JOB_OUTPUT_PICTURE);
}

/* A job gives the same picture as its method. */
static void
test_method (void)
{
  g_autoptr (RvImage) content = test_made_image (SIDE_PX, SIDE_PX, 1), style = test_made_image (SIDE_PX, SIDE_PX, 2),
                      made = NULL, result = whole_result ("style");
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvSettings) settings = rv_settings_new ("style", NULL);
  test_set (settings, "iterations", G_STRINGIFY (N_STEPS));
  test_set (settings, "start-size", "0");
  test_set (settings, "finish", "0");
  test_set (settings, "exact", "yes");
  test_set (settings, "threads", "1");
  g_autoptr (RvStyle) run = rv__style_new (settings, net, content, &style, 1, NULL, NULL);
  g_assert_true (rv__style_run (run, NULL, NULL, &made, NULL));
  assert_same (made, result);
}

static void
test_refused (void)
{
  g_autoptr (RvImage) image = test_made_image (SIDE_PX, SIDE_PX, 1);
  GError *error = NULL;
  g_assert_null (rv_job_new ("paint", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);

  g_autoptr (RvJob) job = rv_job_new ("style", NULL);
  g_assert_cmpstr (rv_job_kind (job), ==, "style");
  static const char *const wrong[][2] = {
    { "strength", "101" }, { "size", "0" }, { "state-every", "never" }, { "colour", "red" }
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_assert_false (rv_job_set (job, wrong[i][0], wrong[i][1], &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, wrong[i][0]);
    g_clear_error (&error);
  }
  g_assert_false (rv_job_add_picture (job, "guide", image, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_true (rv_job_add_picture (job, "content", image, NULL));
  g_assert_false (rv_job_add_picture (job, "content", image, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_false (rv_job_run (job, NULL, &error)); /* no style */
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_cmpint (rv_job_status (job), ==, RV_JOB_STATUS_FAILED);

  g_autoptr (RvJob) other = new_job ("style");
  test_job_set (other, "size", "64");
  test_job_set (other, "width", "64");
  g_assert_false (rv_job_check (other, TRUE, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_cmpstr (rv_error_option (error), ==, "size");
  g_clear_error (&error);

  static const char *const files[][2] = { { "style", "output" }, { "style", "live" }, { "dream", "compare" } };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (RvJob) nameless = new_job (files[i][0]);
    test_job_set (nameless, files[i][1], "x.foo");
    g_assert_false (rv_job_check (nameless, TRUE, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, files[i][1]);
    g_clear_error (&error);
  }
  g_autoptr (RvJob) plotted = new_job ("style");
  test_job_set (plotted, "plot", "/nowhere/x.svg"); /* checked before the run */
  g_assert_false (rv_job_check (plotted, TRUE, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_clear_error (&error);
  g_assert_false (rv_job_wait (other, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
}

static void
test_settings (void)
{
  g_autoptr (RvJob) job = new_job ("style");
  g_autoptr (RvSettings) settings = rv_settings_new ("style", NULL), dream = rv_settings_new ("dream", NULL);
  test_set (settings, "strength", "33");
  g_assert_true (rv_job_set_settings (job, settings, NULL));
  g_assert_false (rv_job_set_settings (job, dream, NULL));
  g_autofree char *strength = rv_job_get (job, "strength", NULL), *quality = rv_job_get (job, "quality", NULL);
  g_assert_cmpstr (strength, ==, "33");
  g_assert_cmpstr (quality, ==, "95");
  g_assert_null (rv_job_get (job, "colour", NULL));

  GError *error = NULL;
  g_assert_true (rv_job_set_json (job, "{\"strength\": 44, \"size\": 64, \"state-every\": 7}", NULL));
  static const char *const wrong[] = { "{\"strength\": 45, \"size\": -1}", "{\"strength\": 45, \"colour\": 1}", "[]" };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_assert_false (rv_job_set_json (job, wrong[i], &error));
    g_assert_cmpint (error->domain, ==, RV_ERROR);
    g_clear_error (&error);
  }
  g_autofree char *now = rv_job_get (job, "strength", NULL), *size = rv_job_get (job, "size", NULL);
  g_assert_cmpstr (now, ==, "44");
  g_assert_cmpstr (size, ==, "64");
}

static void
test_plan (void)
{
  RvJobPlan plan;
  GError *error = NULL;
  g_autoptr (RvJob) job = new_job ("style");
  g_autoptr (RvImage) whole = whole_result ("style");
  rv_job_plan (job, &plan, &error);
  g_assert_no_error (error);
  g_assert_cmpint (plan.width, ==, SIDE_PX);
  g_assert_cmpint (plan.n_iterations, >=, N_STEPS);
  g_assert_nonnull (plan.backend);
  g_assert_true (rv_job_run (job, NULL, NULL)); /* after the plan */
  g_autoptr (RvImage) result = rv_job_result (job);
  assert_same (result, whole);
  g_assert_false (rv_job_plan (job, &plan, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_false (rv_job_run (job, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
}

/* The second job reuses the prepared styles, with the same result. */
static void
test_share (void)
{
  g_autoptr (RvImage) whole = whole_result ("style");
  g_autoptr (RvJob) first = new_job ("style"), second = new_job ("style");
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  rv_job_set_net (first, net, NULL);
  rv_job_set_net (second, net, NULL);
  g_assert_true (rv_job_run (first, NULL, NULL));
  rv__job_reuse (second, first);
  g_assert_true (rv_job_run (second, NULL, NULL));
  g_autoptr (RvImage) result = rv_job_result (second);
  assert_same (result, whole);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static void
test_output (void)
{
  g_autoptr (RvJob) job = new_job_to ("style", "output.png"), again = new_job_to ("style", "output.png");
  g_autofree char *file = path ("output.png"), *log = path ("output.log"), *text = NULL;
  GError *error = NULL;
  test_job_set (job, "log", log);
  g_assert_true (rv_job_run (job, NULL, &error));
  g_assert_no_error (error);
  g_autoptr (RvImage) result = rv_job_result (job), read = rv_image_load (file, 0, 0, NULL);
  g_assert_cmpint (read->width, ==, result->width);
  g_autofree char *recipe = rv_image_recipe (file, NULL), *told = rv_job_recipe (job), *none = rv_job_recipe (again);
  g_assert_nonnull (strstr (recipe, "\"role\":\"content\""));
  g_assert_cmpstr (told, ==, recipe);
  g_assert_null (none);
  g_assert_true (g_file_get_contents (log, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"content\": "));

  test_job_set (again, "force", "no");
  g_assert_false (rv_job_run (again, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_assert_cmpstr (rv_error_option (error), ==, "force");
  g_clear_error (&error);
}

/* A job refuses files that would replace an input, and one file for two options, also without `output`. */
static void
test_files_apart (void)
{
  static const char *const wrong[][2] = { { "log", "log" },  { "timeline", "timeline" }, { "live", "live" },
                                          { "log", "live" }, { "timeline", "live" },     { "plot", "log" } };
  g_autofree char *photo = path ("photo.png"), *before = NULL, *after = NULL, *other = path ("other.png");
  g_autoptr (RvImage) image = test_made_image (SIDE_PX, SIDE_PX, 3);
  gsize n_before, n_after;
  g_assert_true (rv_image_save (image, photo, NULL, NULL));
  g_assert_true (g_file_get_contents (photo, &before, &n_before, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    gboolean is_input = strcmp (wrong[i][0], wrong[i][1]) == 0;
    g_autoptr (GError) error = NULL;
    g_autoptr (RvJob) job = rv_job_new ("style", NULL);
    g_assert_true (rv_job_add_file (job, "content", photo, NULL) && rv_job_add_picture (job, "style", image, NULL));
    test_job_set (job, "force", "yes");
    test_job_set (job, wrong[i][0], is_input ? photo : other);
    test_job_set (job, wrong[i][1], is_input ? photo : other);
    g_assert_false (rv_job_run (job, NULL, &error));
    g_assert_error (error, RV_ERROR, is_input ? RV_ERROR_FILE : RV_ERROR_SETTING);
  }
  g_assert_true (g_file_get_contents (photo, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
}

static void
test_null (void)
{
  GError *error = NULL;
  g_autoptr (RvJob) job = new_job ("style");
  g_assert_false (rv_job_set_json (job, NULL, &error));
  g_clear_error (&error);
  g_assert_false (rv_job_set_settings (job, NULL, &error));
  g_clear_error (&error);
  g_assert_false (rv_job_add_file (job, "mask", NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_null (rv_network_load (NULL, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  rv__job_reuse (job, job);
  g_assert_true (rv_job_run (job, NULL, NULL));
}

/* ---- reports ----------------------------------------------------------------------------------------------------- */

typedef struct {
  GThread *thread;
  int n_progress, n_previews;
  gboolean ended;
} Seen;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  Seen *seen = data;
  g_assert_true (g_thread_self () == seen->thread);
  g_assert_false (seen->ended);
  g_assert_cmpint (report->channel, ==, -1);
  if (report->type == RV_JOB_REPORT_PROGRESS) {
    double sum = 0;
    for (int i = 0; report->names[i]; i++)
      sum += report->losses[i];
    g_assert_cmpfloat_with_epsilon (sum, report->loss, 1e-6 * ABS (report->loss));
    g_assert_cmpint (report->iteration, >, seen->n_progress); /* the newest report can replace several earlier ones */
    seen->n_progress = (int) report->iteration;
  }
  if (report->type == RV_JOB_REPORT_PREVIEW) {
    g_assert_cmpint (report->picture->width, ==, report->width);
    seen->n_previews++;
  }
  if (report->type == RV_JOB_REPORT_ENDED) {
    g_assert_null (report->error);
    g_assert_nonnull (report->picture);
    g_assert_cmpint (rv_job_status (job), ==, RV_JOB_STATUS_DONE);
    seen->ended = TRUE;
  }
}

static void
set_true (gpointer data)
{
  *(gboolean *) data = TRUE;
}

static void
test_reports (void)
{
  static const char *const kinds[] = { "style", "dream" };
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    Seen seen = { .thread = g_thread_self () }, started = seen;
    g_autoptr (RvJob) job = new_job (kinds[k]), own = new_job (kinds[k]);
    rv_job_subscribe (job, 1e-6, on_report, &seen, NULL);
    g_assert_true (rv_job_run (job, NULL, NULL));
    g_assert_true (seen.ended);
    g_assert_cmpint (seen.n_progress, >=, N_STEPS);
    g_assert_cmpint (seen.n_previews, ==, seen.n_progress);

    rv_job_subscribe (own, 1e-6, on_report, &started, NULL);
    g_assert_true (rv_job_start (own, NULL, NULL));
    g_assert_false (rv_job_start (own, NULL, NULL));
    while (!started.ended)
      g_main_context_iteration (NULL, TRUE);
    g_assert_true (rv_job_wait (own, NULL));
    g_assert_cmpint (started.n_progress, ==, seen.n_progress);
    g_assert_cmpint (started.n_previews, >, 0);
    g_autoptr (RvImage) a = rv_job_result (job), b = rv_job_result (own);
    assert_same (a, b);
  }
}

/* A subscription that is replaced before the main context runs delivers no reports. The data of a replaced subscription
 * are freed. */
static void
test_unsubscribed (void)
{
  Seen seen = { .thread = g_thread_self () };
  gboolean gone = FALSE;
  g_autoptr (RvJob) job = new_job ("style");
  rv_job_subscribe (job, 0, on_report, &seen, NULL);
  g_assert_true (rv_job_start (job, NULL, NULL));
  g_assert_true (rv_job_wait (job, NULL));
  for (int i = 0; i < 2; i++) /* the same subscriber again */
    rv_job_subscribe (job, i, NULL, &gone, set_true);
  g_assert_false (gone);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (seen.n_progress, ==, 0);
  rv_job_subscribe (job, 0, NULL, NULL, NULL);
  g_assert_true (gone);
}

static void
wait_within (RvJob *job, const RvJobReport *report, gpointer data)
{
  g_autoptr (GError) error = NULL;
  if (report->type != RV_JOB_REPORT_PROGRESS)
    return;
  g_assert_false (rv_job_wait (job, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  ++*(int *) data;
}

/* A callback on the thread of the run cannot wait for its end. Settings of a job that has ended cannot change. */
static void
test_wait_within (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvJob) job = new_job ("style");
  int n = 0;
  rv_job_subscribe (job, 0, wait_within, &n, NULL);
  g_assert_true (rv_job_run (job, NULL, NULL) && rv_job_wait (job, NULL));
  g_assert_cmpint (n, >, 0);
  g_assert_false (rv_job_set (job, "strength", "3", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, "has ended"));
}

/* ---- pause, stop, cancellation ----------------------------------------------------------------------------------- */

typedef struct {
  int at; /* iteration */
  void (*what) (RvJob *job);
  GCancellable *cancellable;
} Disturbance;

static void
on_disturbed (RvJob *job, const RvJobReport *report, gpointer data)
{
  const Disturbance *disturbance = data;
  if (report->type == RV_JOB_REPORT_PROGRESS && report->iteration == disturbance->at && disturbance->what)
    disturbance->what (job);
  if (report->type == RV_JOB_REPORT_PROGRESS && report->iteration == disturbance->at && disturbance->cancellable)
    g_cancellable_cancel (disturbance->cancellable);
}

static gboolean
exists (const char *name)
{
  g_autofree char *file = path (name);
  return g_file_test (file, G_FILE_TEST_EXISTS);
}

typedef struct {
  gboolean scale_ended;
} Between;

static void
on_between (RvJob *job, const RvJobReport *report, gpointer data)
{
  ((Between *) data)->scale_ended |= report->type == RV_JOB_REPORT_PROGRESS && report->stage == 1 &&
                                     report->n_stages > 1 && report->iteration == N_STEPS;
}

static gboolean
stop_between (gpointer data)
{
  return ((const Between *) data)->scale_ended;
}

static void
test_stop (void)
{
  static const char *const kinds[] = { "style", "dream" };
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    g_autofree char *name = g_strdup_printf ("stop-%s.png", kinds[k]);
    g_autofree char *state = g_strconcat (name, ".state.safetensors", NULL);
    g_autoptr (RvJob) job = new_job_to (kinds[k], name), after = new_job_to (kinds[k], name);
    g_autoptr (RvImage) whole = whole_result (kinds[k]);
    Disturbance disturbance = { .at = 2, .what = rv_job_stop };
    rv_job_subscribe (job, 0, on_disturbed, &disturbance, NULL);
    g_assert_true (rv_job_run (job, NULL, NULL));
    g_assert_true (rv_job_was_stopped (job));
    g_assert_true (exists (name) && exists (state));

    test_job_set (after, "force", "no");
    test_job_set (after, "resume", "yes");
    g_assert_false (rv_job_is_complete (after));
    g_assert_true (rv_job_run (after, NULL, NULL));
    g_assert_false (rv_job_was_stopped (after) || exists (state));
    g_autoptr (RvImage) result = rv_job_result (after);
    assert_same (result, whole);
    g_assert_true (rv_job_is_complete (after));
  }
}

/* (transfer full): a job of three frames, each of which starts from the previous one. */
static RvJob *
new_frames (void)
{
  RvJob *job = new_job_to ("dream", "frame-%d.png");
  test_job_set (job, "count", "3");
  test_job_set (job, "zoom", "1.1");
  return job;
}

static void
on_frame (RvJob *job, const RvJobReport *report, gpointer n_frames)
{
  if (report->type == RV_JOB_REPORT_PROGRESS)
    *(int *) n_frames = MAX (*(int *) n_frames, report->frame);
}

static void
test_frames (void)
{
  int n_frames = 0;
  g_autoptr (RvJob) whole = new_frames (), job = new_frames (), after = new_frames ();
  rv_job_subscribe (whole, 0, on_frame, &n_frames, NULL);
  g_assert_true (rv_job_run (whole, NULL, NULL));
  g_assert_cmpint (n_frames, ==, 3);
  g_assert_true (exists ("frame-1.png") && exists ("frame-2.png") && exists ("frame-3.png"));
  g_autofree char *third = path ("frame-3.png");
  g_assert_cmpint (g_unlink (third), ==, 0);

  Disturbance disturbance = { .at = N_STEPS + 1, .what = rv_job_stop };
  rv_job_subscribe (job, 0, on_disturbed, &disturbance, NULL);
  g_assert_true (rv_job_run (job, NULL, NULL));
  g_assert_true (rv_job_was_stopped (job) && exists ("frame-0.png.state.safetensors") && !exists ("frame-3.png"));
  test_job_set (after, "resume", "yes");
  test_job_set (after, "force", "no");
  g_assert_true (rv_job_run (after, NULL, NULL));
  g_assert_true (exists ("frame-3.png") && !exists ("frame-0.png.state.safetensors"));
  g_autoptr (RvImage) a = rv_job_result (whole), b = rv_job_result (after);
  assert_same (a, b);
}

/* A run without a checkpoint does not replace existing frames. */
static void
test_frames_of_others (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvJob) whole = new_frames (), made = new_frames (), again = new_frames ();
  g_autofree char *first = path ("frame-1.png");
  g_assert_true (rv_job_run (whole, NULL, NULL));
  test_job_set (made, "resume", "yes");
  test_job_set (made, "force", "no");
  test_job_set (again, "resume", "yes");
  test_job_set (again, "force", "no");
  g_assert_true (rv_job_is_complete (made));
  g_assert_cmpint (g_unlink (first), ==, 0);
  g_assert_false (rv_job_is_complete (made));
  g_assert_false (rv_job_run (again, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, "frame-2.png"));
  g_assert_false (exists ("frame-1.png"));
}

/* Errors about options that cannot be combined name the options. */
static void
test_dream_refused (void)
{
  static const struct {
    const char *name, *value, *option;
  } wrong[] = {
    { "init", "noise", "init" },     { "test-pattern", "yes", "test-pattern" },
    { "atlas", "conv1_1", "atlas" }, { "zoom", "1.1", "zoom" },
    { "blend", "0.5", "blend" },     { "diversity", "2", "diversity" },
    { "toward", "macaw", "guide" },
  };
  g_autoptr (RvImage) guide = test_made_image (SIDE_PX, SIDE_PX, 2);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvJob) job = new_job ("dream");
    g_assert_true (rv_job_add_picture (job, "guide", guide, NULL));
    test_job_set (job, wrong[i].name, wrong[i].value);
    g_assert_false (rv_job_check (job, TRUE, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, wrong[i].option);
  }
  g_autoptr (RvJob) numbered = new_job_to ("dream", "one.png"), nothing = rv_job_new ("dream", NULL);
  test_job_set (numbered, "count", "2");
  g_assert_false (rv_job_check (numbered, TRUE, NULL) || rv_job_check (nothing, TRUE, NULL));
}

/* A dream without an input picture has the requested size; with `diversity` it makes a sheet. */
static void
test_noise (void)
{
  RvJobPlan plan;
  g_autoptr (RvJob) job = rv_job_new ("dream", NULL);
  test_job_set (job, "preset", "feature");
  test_job_set (job, "neuron", "conv2_1:3");
  test_job_set (job, "size", "32");
  test_job_set (job, "iterations", "1");
  test_job_set (job, "threads", "1");
  g_assert_true (rv_job_plan (job, &plan, NULL));
  g_assert_cmpint (plan.width, ==, 32);
  test_job_set (job, "diversity", "4");
  g_assert_true (rv_job_run (job, NULL, NULL));
  g_autoptr (RvImage) sheet = rv_job_result (job);
  g_assert_cmpint (sheet->width, >, 64);
}

/* A stop between two scales leaves an incomplete picture and a checkpoint. */
static void
test_stop_between (void)
{
  g_autoptr (RvJob) job = new_job_to ("style", "between.png");
  Between between = { FALSE };
  test_job_set (job, "size", "64");
  test_job_set (job, "start-size", "32");
  test_job_set (job, "state-every", "1e-6");
  rv_job_subscribe (job, 0, on_between, &between, NULL);
  rv_job_set_stop (job, stop_between, &between);
  g_assert_true (rv_job_run (job, NULL, NULL));
  g_assert_true (between.scale_ended);
  g_assert_true (rv_job_was_stopped (job));
  g_assert_true (exists ("between.png") && exists ("between.png.state.safetensors"));
}

typedef struct {
  char *state, *live_folder, *plot_folder; /* folders of `live` and `plot`, empty */
  gboolean returns;                        /* `live` can be written again before the end */
  int n_notes;
  gint64 iteration;
} Faults;

/* Makes the checkpoint, `live` and `plot` impossible to write, after the first iteration. */
static void
on_fault (RvJob *job, const RvJobReport *report, gpointer data)
{
  Faults *faults = data;
  faults->n_notes += report->note && strstr (report->note, "; the run continues");
  if (report->type != RV_JOB_REPORT_PROGRESS || report->iteration <= faults->iteration)
    return;
  faults->iteration = report->iteration;
  if (faults->returns && report->iteration == N_STEPS)
    g_assert_cmpint (g_mkdir (faults->live_folder, 0700), ==, 0);
  if (report->iteration != 1)
    return;
  g_assert_cmpint (g_mkdir (faults->state, 0700), ==, 0);
  g_assert_cmpint (g_rmdir (faults->live_folder) + g_rmdir (faults->plot_folder), ==, 0);
}

/* Checkpoints and `live` that cannot be written do not end a run. If the last write of `live` fails (@returns NULL), or
 * `plot`, the job fails, but its picture is complete. */
static void
test_faults (gconstpointer returns)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvJob) job = new_job_to ("style", "faults.png");
  g_autoptr (RvImage) whole = whole_result ("style");
  g_autofree char *state = path ("faults.png.state.safetensors"), *live_folder = path ("shown"),
                  *live = path ("shown/live.png"), *output = path ("faults.png"), *expected = path ("expected.png"),
                  *plot_folder = path ("plots"), *plot = path ("plots/faults.svg");
  Faults faults = {
    .state = state, .live_folder = live_folder, .plot_folder = plot_folder, .returns = returns != NULL
  };
  g_assert_cmpint (g_mkdir (plot_folder, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (live_folder, 0700), ==, 0);
  test_job_set (job, "state-every", "1e-6");
  test_job_set (job, "live", live);
  test_job_set (job, "plot", plot);
  rv_job_subscribe (job, 0, on_fault, &faults, NULL);
  g_assert_false (rv_job_run (job, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, returns ? "faults.svg" : "live.png"));
  if (returns)
    g_assert_cmpint (g_remove (live) + g_rmdir (live_folder), ==, 0);
  g_assert_cmpint (faults.iteration, ==, N_STEPS);
  g_assert_cmpint (faults.n_notes, >=, 2);
  g_assert_true (rv_image_save (whole, expected, NULL, NULL));
  g_autoptr (RvImage) saved = rv_image_load (output, 0, 0, NULL), same = rv_image_load (expected, 0, 0, NULL);
  assert_same (saved, same);
  g_assert_cmpint (g_rmdir (state), ==, 0);
}

/* Report function: another program writes the file @data, after the first iteration. */
static void
on_other_file (RvJob *job, const RvJobReport *report, gpointer data)
{
  if (report->type == RV_JOB_REPORT_PROGRESS && report->iteration == 1)
    g_assert_true (g_file_set_contents (data, "precious", -1, NULL));
}

/* `live` never replaces a file that appears during the run. */
static void
test_live_taken (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvJob) job = new_job_to ("style", "taken.png");
  g_autofree char *live = path ("taken-live.png"), *text = NULL;
  test_job_set (job, "live", live);
  test_job_set (job, "force", "no");
  rv_job_subscribe (job, 0, on_other_file, live, NULL);
  g_assert_false (rv_job_run (job, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_assert_true (g_file_get_contents (live, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "precious");
}

static gpointer
resume_soon (gpointer data)
{
  RvJob *job = data;
  while (rv_job_status (job) != RV_JOB_STATUS_PAUSED)
    g_thread_yield ();
  rv_job_resume (job);
  return NULL;
}

static void
test_pause (void)
{
  g_autoptr (RvJob) job = new_job_to ("style", "pause.png");
  g_autoptr (RvImage) whole = whole_result ("style");
  Disturbance disturbance = { .at = 2, .what = rv_job_pause };
  rv_job_subscribe (job, 0, on_disturbed, &disturbance, NULL);
  GThread *other = g_thread_new ("resume", resume_soon, job);
  g_assert_true (rv_job_run (job, NULL, NULL));
  g_thread_join (other);
  g_autoptr (RvImage) result = rv_job_result (job);
  assert_same (result, whole);
  g_assert_false (exists ("pause.png.state.safetensors")); /* the pause wrote it, and the end deleted it */
}

static void
test_cancel (void)
{
  g_autoptr (RvJob) job = new_job_to ("style", "cancel.png"), before = new_job_to ("style", "cancel.png");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GError *error = NULL;
  Disturbance disturbance = { .at = 2, .cancellable = cancellable };
  rv_job_subscribe (job, 0, on_disturbed, &disturbance, NULL);
  g_assert_false (rv_job_run (job, cancellable, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (rv_job_result (job));
  g_assert_cmpint (rv_job_status (job), ==, RV_JOB_STATUS_FAILED);
  g_assert_false (exists ("cancel.png"));
  g_assert_false (rv_job_run (before, cancellable, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_clear_error (&error);
}

/* RvStopRequest: counts disturbance->at down, and cancels at 0. Never requests a stop. */
static gboolean
cancel_at_last_question (gpointer data)
{
  Disturbance *disturbance = data;
  if (--disturbance->at == 0)
    g_cancellable_cancel (disturbance->cancellable);
  return FALSE;
}

static gboolean
no_iteration (const RvIteration *progress, gpointer data)
{
  *(gboolean *) data = TRUE;
  return TRUE;
}

/* The last call of the stop request comes before the first iteration. If the run is cancelled there, it ends with an
 * error and without an iteration. */
static void
test_cancel_within (void)
{
  g_autoptr (RvImage) content = test_made_image (SIDE_PX, SIDE_PX, 1), style = test_made_image (SIDE_PX, SIDE_PX, 2),
                      made = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvSettings) settings = rv_settings_new ("style", NULL);
  test_set (settings, "iterations", "2");
  test_set (settings, "start-size", "0");
  test_set (settings, "finish", "0");
  test_set (settings, "exact", "yes");
  int n_questions = 0;
  for (int round = 0; round < 2; round++) { /* the first round counts the calls */
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    g_autoptr (GError) error = NULL;
    Disturbance disturbance = { .at = n_questions, .cancellable = cancellable };
    gboolean iterated = FALSE;
    g_autoptr (RvStyle) run = rv__style_new (settings, net, content, &style, 1, NULL, NULL);
    rv__style_set_stop_request (run, (RvStopRequest){ cancel_at_last_question, &disturbance });
    g_cancellable_push_current (cancellable);
    gboolean ok = rv__style_run (run, no_iteration, &iterated, &made, &error);
    g_cancellable_pop_current (cancellable);
    g_assert_true (ok == (round == 0) && iterated == (round == 0));
    if (!ok)
      g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
    n_questions = -disturbance.at;
    g_clear_pointer (&made, rv_image_unref);
  }
}

static void
cancel_paused (RvJob *job)
{
  rv_job_pause (job);
}

/* Thread: waits until the job both[0] is paused, then cancels both[1]. */
static gpointer
cancel_soon (gpointer data)
{
  gpointer *both = data;
  while (rv_job_status (both[0]) != RV_JOB_STATUS_PAUSED)
    g_thread_yield ();
  g_cancellable_cancel (both[1]);
  return NULL;
}

/* A paused job can be cancelled. */
static void
test_cancel_paused (void)
{
  g_autoptr (RvJob) job = new_job ("dream");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GError *error = NULL;
  gpointer both[] = { job, cancellable };
  Disturbance disturbance = { .at = 1, .what = cancel_paused };
  rv_job_subscribe (job, 0, on_disturbed, &disturbance, NULL);
  GThread *other = g_thread_new ("cancel", cancel_soon, both);
  g_assert_false (rv_job_run (job, cancellable, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_clear_error (&error);
  g_thread_join (other);
}

static void
steer (RvJob *job)
{
  GError *error = NULL;
  test_job_set (job, "save-every", "4");
  g_assert_false (rv_job_set (job, "size", "32", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_cmpstr (rv_error_option (error), ==, "size");
  g_clear_error (&error);
  g_assert_false (rv_job_set (job, "quality", "0", NULL));
}

static void
test_steer (void)
{
  g_autoptr (RvJob) job = new_job_to ("style", "steer.png");
  Disturbance disturbance = { .at = 2, .what = steer };
  rv_job_subscribe (job, 0, on_disturbed, &disturbance, NULL);
  g_assert_true (rv_job_run (job, NULL, NULL));
  g_assert_true (exists ("steer_at_iteration_4.png"));
  g_assert_false (exists ("steer_at_iteration_2.png"));
}

static RvImage *
steered_result (const char *kind, const char *optimizer, const char *steer)
{
  g_autoptr (RvJob) job = new_job (kind);
  if (optimizer)
    test_job_set (job, "optimizer", optimizer);
  test_job_set (job, "steer", steer);
  GError *error = NULL;
  rv_job_run (job, NULL, &error);
  g_assert_no_error (error);
  return rv_job_result (job);
}

static gboolean
same (const RvImage *a, const RvImage *b)
{
  return memcmp (a->rgb->data, b->rgb->data, (gsize) (12 * a->width * a->height)) == 0;
}

typedef struct {
  const char *name, *value;
} Turn;

static void
on_turn (RvJob *job, const RvJobReport *report, gpointer data)
{
  const Turn *turn = data;
  if (report->type == RV_JOB_REPORT_PROGRESS && report->iteration == 2)
    test_job_set (job, turn->name, turn->value);
}

/* A change of a setting during a run gives the same picture as the setting `steer` of its recipe. The picture differs
 * from that of an unchanged run. */
static void
test_steered (void)
{
  static const struct {
    const char *kind, *optimizer;
    Turn turn;
  } cases[] = { { "style", "adam", { "strength", "90" } },
                { "style", "lbfgs", { "style-weight", "20" } },
                { "style", "adam", { "learning-rate", "2.5" } },
                { "dream", NULL, { "step", "0.05" } } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *name = g_strdup_printf ("steered-%u.png", i), *file = path (name);
    g_autofree char *expected = g_strdup_printf ("2:%s=%s", cases[i].turn.name, cases[i].turn.value);
    g_autoptr (RvJob) job = new_job_to (cases[i].kind, name);
    if (cases[i].optimizer)
      test_job_set (job, "optimizer", cases[i].optimizer);
    rv_job_subscribe (job, 0, on_turn, (gpointer) &cases[i].turn, NULL);
    g_assert_true (rv_job_run (job, NULL, NULL));
    g_autofree char *recipe = rv_image_recipe (file, NULL), *now = rv_job_get (job, cases[i].turn.name, NULL);
    g_assert_nonnull (strstr (recipe, expected));
    g_assert_cmpstr (now, ==, cases[i].turn.value);
    g_autoptr (RvImage) result = rv_job_result (job);
    g_autoptr (RvImage) again = steered_result (cases[i].kind, cases[i].optimizer, expected),
                        alone = steered_result (cases[i].kind, cases[i].optimizer, "");
    assert_same (again, result);
    g_assert_false (same (result, alone));
  }
}

/* A run with `steer` gives the same picture and recipe if it is stopped and resumed. */
static void
test_steered_resume (void)
{
  g_autoptr (RvImage) whole = steered_result ("style", NULL, "1:strength=90,4:tv-weight=0.01");
  g_autoptr (RvJob) job = new_job_to ("style", "turn.png"), after = new_job_to ("style", "turn.png");
  Disturbance disturbance = { .at = 2, .what = rv_job_stop };
  test_job_set (job, "steer", "1:strength=90,4:tv-weight=0.01");
  rv_job_subscribe (job, 0, on_disturbed, &disturbance, NULL);
  g_assert_true (rv_job_run (job, NULL, NULL) && rv_job_was_stopped (job));
  test_job_set (after, "resume", "yes");
  test_job_set (after, "steer", "4:tv-weight=0.01"); /* the checkpoint has the first change */
  g_assert_true (rv_job_run (after, NULL, NULL));
  g_autoptr (RvImage) result = rv_job_result (after);
  g_autofree char *recipe = rv_job_recipe (after);
  assert_same (result, whole);
  g_assert_nonnull (strstr (recipe, "\"1:strength=90,4:tv-weight=0.01\""));
}

static void
test_steer_refused (void)
{
  static const struct {
    const char *kind, *steer, *option;
  } wrong[] = { { "style", "3:size=64", "size" },          { "style", "3:preset=mosaic", "preset" },
                { "style", "3:strength=101", "strength" }, { "style", "3:strength=0", "strength" },
                { "style", "strength=3", "steer" },        { "style", "3:strength=3,2:strength=4", "steer" },
                { "style", "3:colour=red", "colour" },     { "dream", "1:octaves=2", "octaves" } };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvJob) job = new_job (wrong[i].kind);
    test_job_set (job, "steer", wrong[i].steer);
    g_assert_false (rv_job_check (job, TRUE, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, wrong[i].option);
  }
  g_autoptr (GError) error = NULL;
  g_autoptr (RvJob) job = new_job ("style");
  test_job_set (job, "tv-weight", "0");
  test_job_set (job, "steer", "1:tv-weight=1");
  g_assert_false (rv_job_run (job, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_cmpstr (rv_error_option (error), ==, "tv-weight");
}

/* ---- snapshots --------------------------------------------------------------------------------------------------- */

static RvSnapshot *
snapshot_of (RvJob *job, guint i)
{
  g_autoptr (GPtrArray) snapshots = rv_job_snapshots (job);
  g_assert_cmpuint (snapshots->len, >, i);
  return rv_snapshot_ref (snapshots->pdata[i]);
}

/* A branch from a snapshot gives the bytes of its job. With a changed setting it gives the bytes of a job with
 * `steer`. */
static void
test_branch (void)
{
  static const char *const kinds[] = { "style", "dream" };
  static const char *const steer[] = { "4:strength=90", "4:step=0.05" };
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    GError *error = NULL;
    g_auto (GStrv) parts = g_strsplit_set (steer[k], ":=", -1); /* iteration, option, value */
    g_autoptr (RvJob) job = new_job (kinds[k]);
    rv_job_keep_snapshots (job, 2, 0, 10, 100 << 20);
    g_assert_true (rv_job_run (job, NULL, NULL));
    g_autoptr (RvImage) whole = whole_result (kinds[k]), turned = steered_result (kinds[k], NULL, steer[k]);
    g_autoptr (RvSnapshot) snapshot = snapshot_of (job, 1);
    g_autoptr (RvImage) picture = rv_snapshot_picture (snapshot);
    g_assert_cmpint (rv_snapshot_iteration (snapshot), ==, 4);
    rv_job_release_run (job); /* branches do not need the engine of the job */
    rv_job_release_run (job);
    g_assert_cmpint (picture->width, ==, SIDE_PX);

    g_autoptr (RvJob) on = rv_job_branch (job, snapshot, &error), other = rv_job_branch (job, snapshot, &error);
    g_assert_no_error (error);
    test_job_set (other, parts[1], parts[2]);
    g_assert_true (rv_job_run (on, NULL, &error) && rv_job_run (other, NULL, &error));
    g_autoptr (RvImage) a = rv_job_result (on), b = rv_job_result (other);
    g_autofree char *recipe = rv_job_recipe (other), *first = rv_job_recipe (job);
    g_assert_nonnull (first);
    assert_same (a, whole);
    assert_same (b, turned);
    g_assert_nonnull (strstr (recipe, steer[k]));
  }
}

/* Branches work with L-BFGS, whose state contains a loss; so do branches of a branch. */
static void
test_branch_lbfgs (void)
{
  g_autoptr (RvJob) job = new_job ("style");
  test_job_set (job, "optimizer", "lbfgs");
  rv_job_keep_snapshots (job, 2, 0, 10, 100 << 20);
  g_assert_true (rv_job_run (job, NULL, NULL));
  g_autoptr (RvSnapshot) snapshot = snapshot_of (job, 1);
  g_autoptr (RvJob) other = rv_job_branch (job, snapshot, NULL);
  test_job_set (other, "style-weight", "20");
  rv_job_keep_snapshots (other, 5, 0, 1, 100 << 20);
  g_assert_true (rv_job_run (other, NULL, NULL));
  g_autoptr (RvImage) a = rv_job_result (other), b = steered_result ("style", "lbfgs", "4:style-weight=20");
  assert_same (a, b);
  g_autoptr (RvSnapshot) later = snapshot_of (other, 0);
  g_autoptr (RvJob) on = rv_job_branch (other, later, NULL);
  g_assert_true (rv_job_run (on, NULL, NULL));
  g_autoptr (RvImage) c = rv_job_result (on);
  assert_same (c, b);
}

/* A branch has the pictures and settings of its job; only settings that may change during a run can be set. */
static void
test_branch_refused (void)
{
  static const char *const wrong[][2] = {
    { "size", "32" }, { "iterations", "9" }, { "strength", "0" }, { "weights", "x" }
  };
  GError *error = NULL;
  g_autoptr (RvImage) image = test_made_image (SIDE_PX, SIDE_PX, 3);
  g_autoptr (RvJob) job = new_job ("style"), dream = new_job ("dream");
  rv_job_keep_snapshots (job, 3, 0, 10, 100 << 20);
  g_assert_true (rv_job_run (job, NULL, NULL));
  g_autoptr (RvSnapshot) snapshot = snapshot_of (job, 0);
  g_autoptr (RvJob) branch = rv_job_branch (job, snapshot, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_assert_false (rv_job_set (branch, wrong[i][0], wrong[i][1], &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, wrong[i][0]);
    g_clear_error (&error);
  }
  g_assert_false (rv_job_add_picture (branch, "protect", image, NULL) || rv_job_set_json (branch, "{}", NULL));
  g_assert_null (rv_job_branch (dream, snapshot, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
}

/* Snapshots are limited in number and bytes, and spread over the run. A branch with its own output can be stopped, and
 * resumed from its checkpoint. */
static void
test_snapshots (void)
{
  g_autoptr (RvJob) job = new_job ("style"), none = new_job ("style");
  rv_job_keep_snapshots (job, 1, 0, 3, 100 << 20);
  g_assert_true (rv_job_run (job, NULL, NULL));
  g_autoptr (GPtrArray) snapshots = rv_job_snapshots (job);
  g_assert_cmpuint (snapshots->len, ==, 3);
  for (guint i = 1; i < 3; i++) {
    const RvSnapshot *before = snapshots->pdata[i - 1], *snapshot = snapshots->pdata[i];
    g_assert_cmpint (rv_snapshot_iteration (snapshot), >, rv_snapshot_iteration (before));
    g_assert_cmpfloat (rv_snapshot_seconds (snapshot), >=, rv_snapshot_seconds (before));
    g_assert_cmpfloat (rv_snapshot_done_01 (snapshot), >, rv_snapshot_done_01 (before));
    g_assert_cmpint (rv_snapshot_stage (snapshot), ==, 1);
  }
  g_assert_cmpfloat (rv_snapshot_done_01 (snapshots->pdata[2]), ==, 1);
  g_assert_cmpint (rv_snapshot_iteration (snapshots->pdata[2]), ==, N_STEPS);
  g_assert_cmpint (rv_snapshot_iteration (snapshots->pdata[0]), <=, N_STEPS / 2);

  rv_job_keep_snapshots (none, 1, 0, 3, 1000);
  g_assert_true (rv_job_run (none, NULL, NULL));
  g_autoptr (GPtrArray) nothing = rv_job_snapshots (none);
  g_assert_cmpuint (nothing->len, ==, 0);

  g_autofree char *file = path ("branch.png");
  g_autoptr (RvJob) branch = rv_job_branch (job, snapshots->pdata[0], NULL), again = new_job ("style");
  test_job_set (branch, "output", file);
  Disturbance disturbance = { .at = N_STEPS - 2, .what = rv_job_stop };
  rv_job_subscribe (branch, 0, on_disturbed, &disturbance, NULL);
  g_assert_true (rv_job_run (branch, NULL, NULL) && rv_job_was_stopped (branch));
  test_job_set (again, "output", file); /* resumes from the checkpoint, without the snapshot */
  test_job_set (again, "resume", "yes");
  g_assert_true (rv_job_run (again, NULL, NULL));
  g_autoptr (RvImage) result = rv_job_result (again), whole = whole_result ("style");
  assert_same (result, whole);
}

/* ---- main -------------------------------------------------------------------------------------------------------- */

static void
remove_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));) {
    g_autofree char *file = path (name);
    g_remove (file);
  }
  g_rmdir (folder);
  g_free (folder);
}

/* ---- damaged checkpoints ----------------------------------------------------------------------------------------- */

/* Inputs of two runs without a network, as in trainings, and damaged ones. */
static void
test_difference (void)
{
  static const char *const rows[][3] = {
    { "{\"inputs\":[]}", "{\"inputs\":[] }", NULL },
    { "{\"inputs\":[]}", "{\"inputs\":[],\"width\":8,\"height\":9}", "it was 0 x 0 px, and is now 8 x 9 px" },
    { "{\"inputs\":[1]}", "{\"inputs\":[{\"role\":\"content\",\"file\":\"a\"}]}",
      "it was another input, and is now a" },
    { "{\"inputs\":[],\"network\":1}", "{\"inputs\":[],\"network\":{\"name\":\"a\"}}", "and is now a" },
    { "{\"inputs\":1}", "{\"inputs\":[]}", "it is damaged" },
    { "{}", "{\"inputs\":[]}", "it is damaged" },
  };
  static const RvJobRole roles[] = { { "mask", .may_change = TRUE }, { NULL } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GPtrArray) changed = g_ptr_array_new ();
    g_autofree char *text = rv__recipe_difference (rows[i][0], rows[i][1], roles, changed);
    g_assert_true (rows[i][2] ? text && strstr (text, rows[i][2]) : !text);
  }
}

/* Curves of a checkpoint that is truncated while it is open are left out. */
static void
test_truncated_curves (void)
{
  static const char *const names[] = { "loss", NULL };
  g_autofree char *file = path ("curves.safetensors");
  RvPictureOptions options = { .plot = (char *) "curves.svg" };
  RvWatch *watch = rv__watch_new (&options, names), *other = rv__watch_new (&options, names);
  g_autoptr (RvTensorMap) saved = rv_tensor_map_new ();
  for (int i = 0; i < 10000; i++)
    rv__watch_add_losses (watch, (double[]){ i });
  rv__watch_save (watch, saved);
  g_assert_true (rv_weights_save (saved, file, TRUE, NULL));
  g_autoptr (RvTensorMap) map = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, NULL);
  g_assert_cmpint (truncate (file, 100), ==, 0);
  rv__watch_restore (other, map);
  rv__watch_free (watch);
  rv__watch_free (other);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("reverie-job-XXXXXX", NULL);
  g_test_add_func ("/job/method", test_method);
  g_test_add_func ("/job/refused", test_refused);
  g_test_add_func ("/job/settings", test_settings);
  g_test_add_func ("/job/from-json", test_from_json);
  g_test_add_func ("/job/old-names", test_old_names);
  g_test_add_func ("/job/to-json", test_to_json);
  g_test_add_func ("/job/settings-kinds", test_settings_kinds);
  g_test_add_func ("/job/unique-options", test_unique_options);
  g_test_add_func ("/job/kind-json", test_kind_json);
  g_test_add_func ("/job/makes", test_makes);
  g_test_add_func ("/job/plan", test_plan);
  g_test_add_func ("/job/share", test_share);
  g_test_add_func ("/job/output", test_output);
  g_test_add_func ("/job/files-apart", test_files_apart);
  g_test_add_func ("/job/null", test_null);
  g_test_add_func ("/job/reports", test_reports);
  g_test_add_func ("/job/unsubscribed", test_unsubscribed);
  g_test_add_func ("/job/wait-within", test_wait_within);
  g_test_add_func ("/job/stop", test_stop);
  g_test_add_func ("/job/frames", test_frames);
  g_test_add_func ("/job/frames-of-others", test_frames_of_others);
  g_test_add_func ("/job/dream-refused", test_dream_refused);
  g_test_add_func ("/job/noise", test_noise);
  g_test_add_func ("/job/stop-between", test_stop_between);
  g_test_add_data_func ("/job/faults", NULL, test_faults);
  g_test_add_data_func ("/job/faults-returns", "returns", test_faults);
  g_test_add_func ("/job/live-taken", test_live_taken);
  g_test_add_func ("/job/pause", test_pause);
  g_test_add_func ("/job/cancel", test_cancel);
  g_test_add_func ("/job/cancel-within", test_cancel_within);
  g_test_add_func ("/job/cancel-paused", test_cancel_paused);
  g_test_add_func ("/job/steer", test_steer);
  g_test_add_func ("/job/steered", test_steered);
  g_test_add_func ("/job/steered-resume", test_steered_resume);
  g_test_add_func ("/job/steer-refused", test_steer_refused);
  g_test_add_func ("/job/branch", test_branch);
  g_test_add_func ("/job/branch-lbfgs", test_branch_lbfgs);
  g_test_add_func ("/job/branch-refused", test_branch_refused);
  g_test_add_func ("/job/moments", test_snapshots);
  g_test_add_func ("/job/difference", test_difference);
  g_test_add_func ("/job/truncated-curves", test_truncated_curves);
  int failed = g_test_run ();
  remove_folder ();
  return failed;
}
