/* test-json.c -- JSON from outside: accepted and refused texts, positions of errors, nesting, size. */
#include "base/json.h"
#include "support/support.h"
#include <json-glib/json-glib.h>
#include <string.h>

static JsonObject *
read_text (const char *text, GError **error)
{
  gsize length = strlen (text);
  g_autofree char *exact = g_memdup2 (text, length); /* no 0 at the end, so that a read past it is detected */
  return rv__json_object (exact, length, "x.json", error);
}

static void
test_taken (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object =
    read_text ("\t{ \"a\" : [ 0, -0, -1.5e+3, 9223372036854775807, -9223372036854775808, 0.5E-2, 1e3 ],\r\n"
               "\"b\":{\"\":null , \"//\":\"/*'\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\xc3\xa9\"},"
               "\"c\":[],\"d\":{},\"e\":[true,false,[[{}]]]}\n ",
               &error);
  g_assert_no_error (error);
  JsonArray *numbers = json_object_get_array_member (object, "a");
  g_assert_cmpint (json_array_get_length (numbers), ==, 7);
  g_assert_cmpfloat (json_array_get_double_element (numbers, 2), ==, -1500);
  g_assert_cmpint (json_array_get_int_element (numbers, 3), ==, G_MAXINT64);
  g_assert_cmpint (json_array_get_int_element (numbers, 4), ==, G_MININT64);
  g_assert_cmpfloat (json_array_get_double_element (numbers, 5), ==, 0.005);
  g_assert_cmpfloat (json_array_get_double_element (numbers, 6), ==, 1000);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (object, "b"), "//"), ==,
                   "/*'\"\\/\b\f\n\r\t\xc3\xa9\xf0\x9f\x98\x80\xc3\xa9");
}

static void
test_refused (void)
{
  static const char *const wrong[][2] = {
    { "", "line 1, column 1: no value" },
    { " ", "column 2: no value" },
    { "[]", "no JSON object" },
    { "7", "no JSON object" },
    { "null", "no JSON object" },
    { "{", "a text in double quotes is missing" },
    { "{\"a\":1", "neither a comma nor }" },
    { "{\"a\":1]", "neither a comma nor }" },
    { "{\"a\":[1}", "neither a comma nor ]" },
    { "{\"a\"}", "no colon" },
    { "{\"a\":}", "column 6: no value" },
    { "{\"a\":1,}", "a text in double quotes is missing" },
    { "{\"a\":[1,]}", "no value" },
    { "{\"a\":1}}", "after the end" },
    { "{\"a\":1} {}", "after the end" },
    { "{\n\n \"a\": 1;\n}", "line 3, column 8" },
    { "{\"\xc3\xa9\xc3\xa9\":+1}", "column 7: no value" }, /* columns count characters */
    { "{a:1}", "a text in double quotes is missing" },
    { "{'a':1}", "a text in double quotes is missing" },
    { "{/**/\"a\":1}", "a text in double quotes is missing" },
    { "{\"a\":1//\n}", "neither a comma nor }" },
    { "{\"a\":NaN}", "no value" },
    { "{\"a\":Infinity}", "no value" },
    { "{\"a\":-Infinity}", "no value" },
    { "{\"a\":nul}", "no value" },
    { "{\"a\":nullx}", "neither a comma nor }" },
    { "{\"a\":01}", "neither a comma nor }" },
    { "{\"a\":0x10}", "neither a comma nor }" },
    { "{\"a\":- 1}", "no value" },
    { "{\"a\":.5}", "no value" },
    { "{\"a\":1.}", "no digit after the point" },
    { "{\"a\":1e}", "exponent without digits" },
    { "{\"a\":1e999}", "column 6: a number that is too large" },
    { "{\"a\":9223372036854775808}", "too large" },
    { "{\"a\":\"b}", "does not end" },
    { "{\"a\":\"\t\"}", "control character" },
    { "{\"a\":\"\x1b[2J\"}", "control character" },
    { "{\"a\":\"\\x41\"}", "unknown escape" },
    { "{\"a\":\"\\u12\"}", "four digits" },
    { "{\"a\":\"\\u0000\"}", "\\u0000" },
    { "{\"a\":\"\\ud83d\"}", "half of a surrogate pair" },
    { "{\"a\":\"\\ud83d\\u0041\"}", "half of a surrogate pair" },
    { "{\"a\":\"\\ude00\"}", "half of a surrogate pair" },
    { "{\"a\":\"\xff\"}", "UTF-8" },
    { "{\"a\":\"\xc3", "UTF-8" },
    { "\xef\xbb\xbf{}", "byte order mark" },
    { "{\"a\":1,\"\\u0061\":2}", "twice" },
    { "{\"b\":[{\"a\":1,\"c\":0,\"a\":1}]}", "twice" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *shown = g_strescape (wrong[i][0], NULL);
    g_test_message ("%s", shown);
    g_assert_null (read_text (wrong[i][0], &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_true (g_str_has_prefix (error->message, "x.json is "));
    g_assert_nonnull (strstr (error->message, wrong[i][1]));
  }
}

/* UTF-16 in both byte orders, and texts with a 0 inside, are refused: they are not UTF-8 text. */
static void
test_not_text (void)
{
  static const struct {
    const char *bytes;
    gsize length;
  } wrong[] = {
    { "\xff\xfe{\0}\0", 6 }, { "\xfe\xff\0{\0}", 6 }, { "{\0}\0", 4 }, { "{}\0", 3 }, { "{\"a\":\"b\0c\"}", 11 }
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (rv__json_object (wrong[i].bytes, wrong[i].length, "x.json", &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_nonnull (strstr (error->message, "UTF-8"));
  }
}

/* Reads @before, which begins an object, and arrays within each other: @depth nested brackets with the object's. */
static JsonObject *
read_nested (const char *before, int depth, GError **error)
{
  g_autoptr (GString) text = g_string_new (before);
  for (int i = 1; i < depth; i++)
    g_string_append_c (text, '[');
  for (int i = 1; i < depth; i++)
    g_string_append_c (text, ']');
  g_string_append_c (text, '}');
  return read_text (text->str, error);
}

static void
test_nesting (void)
{
  static const char *const hidden[] = { "{/*\"*/\"a\":", "{'\"':1,\"a\":" }; /* json-glib would accept both */
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = read_nested ("{\"a\":", RV_JSON_MAX_DEPTH, &error);
  g_assert_no_error (error);
  g_assert_null (read_nested ("{\"a\":", RV_JSON_MAX_DEPTH + 1, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "64 nested brackets"));
  for (guint i = 0; i < G_N_ELEMENTS (hidden); i++)
    g_assert_null (read_nested (hidden[i], 1000000, NULL));
}

/* A GVariant that is read from JSON is written as equal JSON, with names in the same order. */
static void
test_variant (void)
{
  static const char text[] = "{\"z\":\"\xc3\xa9\",\"a\":[1,-2.5,true,null,[],{}],\"m\":{\"\":{}},\"n\":null}";
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) object = rv_json_read (text, -1, "x.json", &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_is_of_type (object, G_VARIANT_TYPE_VARDICT) && !g_variant_is_floating (object));
  g_autoptr (JsonNode) node = json_gvariant_serialize (object);
  g_autofree char *again = json_to_string (node, FALSE);
  g_assert_cmpstr (again, ==, text);

  g_autoptr (GVariant) list = g_variant_lookup_value (object, "a", G_VARIANT_TYPE ("av"));
  static const char *const texts[] = { "1", "-2.5", "yes", NULL, NULL, NULL };
  for (gsize i = 0; i < g_variant_n_children (list); i++) {
    g_autoptr (GVariant) item = NULL;
    g_variant_get_child (list, i, "v", &item);
    g_autofree char *value = rv_json_value_text (item);
    g_assert_cmpstr (value, ==, texts[i]);
  }

  GString *deep = g_string_new ("{\"a\":");
  for (int i = 1; i < RV_JSON_MAX_DEPTH; i++)
    g_string_append_c (deep, '[');
  for (int i = 1; i < RV_JSON_MAX_DEPTH; i++)
    g_string_append_c (deep, ']');
  g_string_append_c (deep, '}');
  g_autoptr (GVariant) nested = rv_json_read (deep->str, (gssize) deep->len, "x.json", &error);
  g_assert_no_error (error);
  g_autoptr (JsonNode) nested_node = json_gvariant_serialize (nested);
  g_autofree char *nested_again = json_to_string (nested_node, FALSE);
  g_assert_cmpstr (nested_again, ==, deep->str);
  g_string_free (deep, TRUE);

  g_assert_null (rv_json_read ("{\"a\":1", -1, "x.json", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
}

static void
test_size (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *spaces = g_malloc (RV_JSON_MAX_BYTES + 1);
  memset (spaces, ' ', RV_JSON_MAX_BYTES + 1);
  memcpy (spaces, "{}", 2);
  g_autoptr (JsonObject) object = rv__json_object (spaces, RV_JSON_MAX_BYTES, "x.json", &error);
  g_assert_no_error (error);
  g_assert_null (rv__json_object (spaces, RV_JSON_MAX_BYTES + 1, "x.json", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "16 MiB"));
  g_clear_error (&error);

  memcpy (spaces, "{\"a\":[0", 7);
  for (gsize i = 0; i < RV_JSON_MAX_VALUES; i++)
    memcpy (spaces + 7 + 2 * i, ",0", 2);
  memcpy (spaces + RV_JSON_MAX_BYTES - 2, "]}", 2);
  g_assert_null (rv__json_object (spaces, RV_JSON_MAX_BYTES, "x.json", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "1,000,000 values"));
  g_clear_error (&error);

  /* as many values as allowed: read in less than a second, if the time grows linearly */
  gsize end = 7 + 2 * (RV_JSON_MAX_VALUES - 3);
  memset (spaces + end, ' ', RV_JSON_MAX_BYTES - end);
  memcpy (spaces + end, "]}", 2);
  g_autoptr (GVariant) longest = rv_json_read (spaces, RV_JSON_MAX_BYTES, "x.json", &error);
  g_assert_no_error (error);
  g_autoptr (GVariant) list = g_variant_lookup_value (longest, "a", G_VARIANT_TYPE ("av"));
  g_assert_cmpuint (g_variant_n_children (list), ==, RV_JSON_MAX_VALUES - 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/taken", test_taken);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/not-text", test_not_text);
  g_test_add_func ("/json/nesting", test_nesting);
  g_test_add_func ("/json/variant", test_variant);
  g_test_add_func ("/json/size", test_size);
  return g_test_run ();
}
