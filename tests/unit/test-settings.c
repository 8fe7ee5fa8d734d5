/* test-settings.c -- settings by name: values, presets, JSON, errors that name the option; tables of all kinds. */
#include "base/json.h"
#include "base/settings.h"
#include "method/dream/dream.h"
#include "method/style/style.h"
#include "support/support.h"
#include <math.h>
#include <reverie/job.h>
#include <reverie/settings.h>
#include <string.h>

/* Every default and preset is valid, and every row has help, a group, and choices if its type is choice. */
static void
test_tables (void)
{
  for (const char *const *kind = rv_settings_kinds (); *kind; kind++) {
    g_assert_cmpuint (rv_settings_n_options (*kind), >, 0);
    for (guint i = 0; i < rv_settings_n_options (*kind); i++) {
      const RvOption *option = rv_settings_option (*kind, i);
      double min, max;
      g_test_message ("%s %s", *kind, rv_option_name (option));
      g_assert_true (rv_settings_find_option (*kind, rv_option_name (option)) == option);
      g_assert_nonnull (rv_option_help (option));
      g_assert_nonnull (rv_option_group (option));
      g_assert_true ((rv_option_choices (option) != NULL) == (rv_option_type (option) == RV_OPTION_CHOICE));
      if (rv_option_range (option, &min, &max))
        g_assert_cmpfloat (min, <, max);
      g_autoptr (RvSettings) settings = rv_settings_new (*kind, NULL);
      if (rv_option_default (option))
        test_set (settings, rv_option_name (option), rv_option_default (option));
      for (const char *const *choice = rv_option_choices (option); choice && *choice; choice++)
        test_set (settings, rv_option_name (option), *choice);
    }
    g_assert_null (rv_settings_option (*kind, rv_settings_n_options (*kind)));
    for (const char *const *preset = rv_settings_presets (*kind); *preset; preset++) {
      g_autoptr (RvSettings) settings = test_settings_of (*kind, *preset);
      g_auto (GStrv) changed = rv__settings_changed (settings);
      g_assert_cmpuint (g_strv_length (changed), ==, 0);
      g_assert_cmpstr (rv_settings_get_text (settings, "preset", NULL), ==, *preset);
      g_assert_nonnull (rv_settings_preset_summary (*kind, *preset));
    }
  }
  g_assert_cmpuint (rv_settings_n_options ("paint"), ==, 0);
  g_assert_null (rv_settings_option ("paint", 0));
  g_assert_null (rv_settings_find_option ("style", NULL));
  g_assert_null (rv_settings_presets ("vae")[0]);
}

/* Names are unique across the tables of a job. */
static void
test_names (void)
{
  static const char *const methods[] = { "style", "dream", "state" }, *const shared[] = { "picture", "state" };
  for (guint m = 0; m < G_N_ELEMENTS (methods); m++)
    for (guint s = 0; s < G_N_ELEMENTS (shared); s++)
      for (guint i = 0; strcmp (methods[m], shared[s]) != 0 && i < rv_settings_n_options (shared[s]); i++)
        g_assert_null (rv_settings_find_option (methods[m], rv_option_name (rv_settings_option (shared[s], i))));
}

static void
test_values (void)
{
  g_autoptr (RvSettings) settings = rv_settings_new ("style", NULL);
  g_assert_true (rv__settings_set_int (settings, "iterations", 7, NULL));
  g_assert_true (rv__settings_set_int (settings, "strength", 30, NULL));
  test_set (settings, "tv-weight", "0.33333333333333331");
  g_assert_true (rv__settings_set_bool (settings, "exact", TRUE, NULL));
  test_set (settings, "space", "mean-std");
  test_set (settings, "style-layers", "conv1_1");
  g_assert_cmpint (rv_settings_get_int (settings, "iterations", NULL), ==, 7);
  g_assert_cmpfloat (rv_settings_get_real (settings, "iterations", NULL), ==, 7);
  g_assert_cmpfloat (rv_settings_get_real (settings, "tv-weight", NULL), ==, 1 / 3.0);
  g_assert_true (rv_settings_get_bool (settings, "exact", NULL));
  g_assert_cmpstr (rv_settings_get_text (settings, "space", NULL), ==, "mean-std");
  g_assert_cmpstr (rv_settings_get_text (settings, "content-layers", NULL), ==, "");

  g_autoptr (RvSettings) copy = rv__settings_copy (settings);
  g_auto (GStrv) changed = rv__settings_changed (copy);
  g_autofree char *names = g_strjoinv (" ", changed);
  g_assert_cmpstr (names, ==, "strength style-layers tv-weight iterations space exact");
  for (char **name = changed; *name; name++)
    g_assert_true (rv__settings_reset (copy, *name, NULL));
  g_auto (GStrv) none = rv__settings_changed (copy);
  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_assert_cmpstr (rv_settings_get_text (settings, "space", NULL), ==, "mean-std"); /* the copy is independent */
}

/* A preset sets all settings, and overwrites earlier changes. */
static void
test_presets (void)
{
  g_autoptr (RvSettings) settings = rv_settings_new ("style", NULL);
  test_set (settings, "strength", "10");
  test_set (settings, "preset", "keras");
  g_assert_cmpfloat (rv_settings_get_real (settings, "strength", NULL), ==, 50);
  g_assert_cmpstr (rv_settings_get_text (settings, "optimizer", NULL), ==, "sgd");
  test_set (settings, "preset", "gallery");
  g_assert_cmpstr (rv_settings_get_text (settings, "optimizer", NULL), ==, "adam");
  g_assert_cmpstr (rv_settings_preset_network ("style", "d2l"), ==, "vgg19");
}

static gboolean
set (RvSettings *settings, int how, const char *name, GError **error)
{
  switch (how) {
  case 0:
    return rv_settings_set (settings, name, NULL, error);
  case 1:
    return rv_settings_set (settings, name, "many", error);
  case 2:
    return rv__settings_set_int (settings, name, -1, error);
  default:
    return rv__settings_set_bool (settings, name, TRUE, error);
  }
}

/* Invalid values are errors that name the option, and change nothing. */
static void
test_refused (void)
{
  static const char *const names[] = { "iterations", "optimizer", "preset", "strengt" };
  g_autoptr (RvSettings) settings = rv_settings_new ("style", NULL);
  for (guint n = 0; n < G_N_ELEMENTS (names); n++)
    for (int how = 0; how < 4; how++) {
      g_autoptr (GError) error = NULL;
      g_assert_false (set (settings, how, names[n], &error));
      g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
      g_assert_cmpstr (rv_error_option (error), ==, names[n]);
      g_autoptr (GError) copy = g_error_copy (error);
      g_assert_cmpstr (rv_error_option (copy), ==, names[n]);
      g_assert_null (strstr (error->message, "--"));
    }
  g_autoptr (GError) no_name = NULL, no_kind = NULL, no_table = NULL, no_type = NULL, unknown = NULL;
  g_assert_false (rv_settings_set (settings, NULL, "1", &no_name));
  g_assert_error (no_name, RV_ERROR, RV_ERROR_SETTING);
  g_assert_null (rv_settings_new ("paint", &no_kind));
  g_assert_error (no_kind, RV_ERROR, RV_ERROR_SETTING);
  g_assert_null (rv_settings_table_json (NULL, &no_table));
  g_assert_error (no_table, RV_ERROR, RV_ERROR_SETTING);
  g_assert_cmpint (rv_settings_get_int (settings, "optimizer", &no_type), ==, 0);
  g_assert_cmpstr (rv_error_option (no_type), ==, "optimizer");
  g_assert_null (rv_settings_get (settings, "strengt", &unknown));
  g_assert_nonnull (strstr (unknown->message, "'strength'"));
  g_auto (GStrv) changed = rv__settings_changed (settings);
  g_assert_cmpuint (g_strv_length (changed), ==, 0);
  g_assert_null (rv_error_option (NULL));
}

/* (transfer full): the changed settings as JSON. */
static char *
changes_to_json (const RvSettings *settings)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  rv__settings_add_changes (json, settings);
  return rv__json_finish (json);
}

/* JSON output is valid input, for all settings and for changed ones. */
static void
test_json (void)
{
  g_autoptr (RvSettings) settings = test_settings_of ("style", "keras");
  test_set (settings, "strength", "0.1");
  test_set (settings, "content-layers", "");
  test_set (settings, "exact", "yes");
  for (int whole = 0; whole < 2; whole++) {
    g_autofree char *json = whole ? rv_settings_to_json (settings) : changes_to_json (settings);
    g_autoptr (RvSettings) again = rv_settings_new ("style", NULL);
    g_autoptr (GError) error = NULL;
    g_test_message ("%s", json);
    rv_settings_set_json (again, json, &error);
    g_assert_no_error (error);
    g_autofree char *a = rv_settings_to_json (settings), *b = rv_settings_to_json (again);
    g_assert_cmpstr (a, ==, b);
  }
  g_autofree char *changes = changes_to_json (settings);
  g_assert_cmpstr (changes, ==,
                   "{\"preset\":\"keras\",\"strength\":0.10000000000000001,\"content-layers\":\"\",\"exact\":true}");
  g_assert_true (rv_settings_set_json (settings, "{\"iterations\": \"3\", \"strength\": null}", NULL));
  g_assert_cmpint (rv_settings_get_int (settings, "iterations", NULL), ==, 3);
  g_assert_cmpfloat (rv_settings_get_real (settings, "strength", NULL), ==, 50);
}

/* All settings or none are set. The error names the option. */
static void
test_json_refused (void)
{
  static const struct {
    const char *json, *option; /* @option NULL: @json is not an object */
  } wrong[] = { { "{\"strength\": 10, \"iterations\": 0.5}", "iterations" },
                { "{\"strength\": 10, \"tv\": [1]}", "tv" },
                { "{\"strength\": 10, \"strenght\": 1}", "strenght" },
                { "{\"strength\": 10, \"exact\": \"maybe\"}", "exact" },
                { "{\"strength\": 10, \"preset\": \"kerbs\"}", "preset" },
                { "{\"strength\": 10, \"time\": \"soon\"}", "time" },
                { "{\"strength\": 10, \"memory\": \"plenty\"}", "memory" },
                { "[1]", NULL },
                { "{\"strength\": 10", NULL },
                { NULL, NULL } };
  g_autoptr (RvSettings) settings = rv_settings_new ("style", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (rv_settings_set_json (settings, wrong[i].json, &error));
    g_assert_true (g_error_matches (error, RV_ERROR, wrong[i].option ? RV_ERROR_SETTING : RV_ERROR_FORMAT));
    g_assert_cmpstr (rv_error_option (error), ==, wrong[i].option);
    g_assert_cmpfloat (rv_settings_get_real (settings, "strength", NULL), ==, 50);
  }
}

/* Errors of networks and losses name the option. */
static void
test_lists_refused (void)
{
  static const struct {
    const char *kind, *option, *value;
  } wrong[] = {
    { "style", "style-layers", "conv9_9" },
    { "style", "content-layers", "conv1_1:-3" },
    { "style", "dream", "conv9_9" },
    { "style", "loss-settings", "swd.projections=0" },
    { "style", "loss-settings", "nothing.own=1" },
    { "dream", "layers", "conv9_9" },
    { "dream", "neuron", "conv9_9:1" },
    { "dream", "channels", "conv9_9:1" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvSettings) settings = rv_settings_new (wrong[i].kind, NULL);
    test_set (settings, wrong[i].option, wrong[i].value);
    g_assert_false (wrong[i].kind[0] == 's' ? rv__style_settings_check (settings, "builtin", 1, &error)
                                            : rv__dream_settings_check (settings, "builtin", &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, wrong[i].option);
  }
}

/* The JSON table has every row, with the members of its type. */
static void
test_table_json (void)
{
  for (const char *const *kind = rv_settings_kinds (); *kind; kind++) {
    g_autofree char *json = rv_settings_table_json (*kind, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) table = rv__json_object (json, strlen (json), "the table", &error);
    g_assert_no_error (error);
    JsonArray *options = json_object_get_array_member (table, "options");
    g_assert_cmpuint (json_array_get_length (options), ==, rv_settings_n_options (*kind));
    for (guint i = 0; i < json_array_get_length (options); i++) {
      JsonObject *row = json_array_get_object_element (options, i);
      const char *type = json_object_get_string_member (row, "type");
      g_assert_cmpstr (json_object_get_string_member (row, "name"), ==, rv_option_name (rv_settings_option (*kind, i)));
      g_assert_true (json_object_has_member (row, "help") && json_object_has_member (row, "group") &&
                     json_object_has_member (row, "may_change"));
      gboolean number = strcmp (type, "int") == 0 || strcmp (type, "real") == 0;
      g_assert_true (json_object_has_member (row, "min") == number && json_object_has_member (row, "max") == number);
      g_assert_true (json_object_has_member (row, "choices") == (strcmp (type, "choice") == 0));
    }
  }
  g_autofree char *style = rv_settings_table_json ("style", NULL);
  g_assert_nonnull (strstr (style, "{\"name\":\"strength\",\"letter\":\"s\",\"type\":\"real\",\"default\":50,"
                                   "\"min\":0,\"max\":100,\"unit\":\"0..100\",\"help\":"));
}

static const char *const *
colours (void)
{
  static const char *const names[] = { "red", "green", NULL };
  return names;
}

/* Options of a program are checked like the library's. */
static void
test_own_options (void)
{
  static const struct {
    RvOptionType type;
    const char *value, *wrong;
    double number;
  } cases[] = {
    { RV_OPTION_INT, "7", "7.5", 7 },      { RV_OPTION_INT, "9", "10", 9 },
    { RV_OPTION_REAL, "2.5", "red", 2.5 }, { RV_OPTION_BOOL, "yes", "perhaps", 1 },
    { RV_OPTION_BOOL, "off", NULL, 0 },    { RV_OPTION_CHOICE, "green", "greet", -1 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    const RvOptionRow row = { .name = "own",
                              .letter = 'o',
                              .type = cases[i].type,
                              .max = 9,
                              .unit = "UNIT",
                              .help = "of mine",
                              .choices = cases[i].type == RV_OPTION_CHOICE ? colours : NULL };
    RvOption *option = rv_option_new (&row);
    double number = -1;
    g_assert_cmpstr (rv_option_name (option), ==, "own");
    g_assert_cmpstr (rv_option_group (option), ==, "");
    g_assert_cmpint (rv_option_letter (option), ==, 'o');
    g_assert_true (rv_option_check (option, cases[i].value, &number, &error));
    g_assert_no_error (error);
    g_assert_cmpfloat (number, ==, cases[i].number);
    g_assert_false (rv_option_check (option, cases[i].wrong, NULL, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, "own");
    rv_option_free (option);
  }
  const RvOptionRow row = { .name = "text", .type = RV_OPTION_TEXT, .unit = "later" };
  RvOption *before =
    rv_option_new_sized (&row, offsetof (RvOptionRow, unit)); /* from a program that was built before rows had a unit */
  g_assert_null (rv_option_unit (before));
  g_assert_true (rv_option_check (before, "", NULL, NULL) && rv_option_check (before, NULL, NULL, NULL));
  rv_option_free (before);
}

/* Checks settings against each other, and computes the size of the result. */
static void
test_picture (void)
{
  g_autoptr (RvSettings) settings = rv_settings_new ("picture", NULL);
  g_autoptr (GError) error = NULL;
  int width, height;
  rv_picture_size (settings, 4000, 3000, &width, &height);
  g_assert_true (width == 1024 && height == 768);
  test_set (settings, "width", "300");
  g_assert_true (rv_settings_check (settings, &error));
  rv_picture_size (settings, 4000, 3000, &width, &height);
  g_assert_true (width == 300 && height == 225);
  test_set (settings, "size", "500");
  g_assert_false (rv_settings_check (settings, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_cmpstr (rv_error_option (error), ==, "size");
  g_assert_true (rv__settings_reset (settings, "width", NULL));
  g_assert_true (rv_settings_check (settings, NULL));
  test_set (settings, "bits", "12");
  g_assert_false (rv_settings_check (settings, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/tables", test_tables);
  g_test_add_func ("/settings/names", test_names);
  g_test_add_func ("/settings/values", test_values);
  g_test_add_func ("/settings/presets", test_presets);
  g_test_add_func ("/settings/refused", test_refused);
  g_test_add_func ("/settings/json", test_json);
  g_test_add_func ("/settings/json-refused", test_json_refused);
  g_test_add_func ("/settings/lists-refused", test_lists_refused);
  g_test_add_func ("/settings/table-json", test_table_json);
  g_test_add_func ("/settings/own-options", test_own_options);
  g_test_add_func ("/settings/picture", test_picture);
  return g_test_run ();
}
