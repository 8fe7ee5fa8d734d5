/* json.c -- JSON from outside.
 *
 * json-glib recurses at each bracket and accepts more than JSON (comments, single quotes). Therefore a loop with a
 * stack of at most 64 brackets checks the grammar first; json-glib then builds the tree. Tests:
 * tests/unit/test-json.c, tests/fuzz/fuzz-json.c. */
#include "json.h"
#include "base/error.h"
#include <math.h>
#include <string.h>

typedef struct {
  const char *start, *at, *end;
  char open[RV_JSON_MAX_DEPTH]; /* the brackets around @at */
  int depth;
  gsize n_values, n_members;
  const char *wrong; /* the reason, for the text at @at */
} Reader;

typedef enum { A_VALUE, A_VALUE_OR_END, A_NAME, A_NAME_OR_END, A_COMMA_OR_END } Expected;

/* Stores @why, static, as the fault of the text at reader->at. Returns FALSE. */
static gboolean
wrong (Reader *reader, const char *why)
{
  reader->wrong = why;
  return FALSE;
}

/* The next character, which is not skipped; 0 at the end. */
static char
peek (const Reader *reader)
{
  return reader->at < reader->end ? *reader->at : 0;
}

/* Skips @c if it is the next character, and returns whether it was. */
static gboolean
skip (Reader *reader, char c)
{
  gboolean there = reader->at < reader->end && *reader->at == c;
  reader->at += there;
  return there;
}

/* Skips all spaces, tabs and line ends that come next. */
static void
skip_space (Reader *reader)
{
  while (reader->at < reader->end && strchr (" \t\r\n", *reader->at) && *reader->at)
    reader->at++;
}

/* ---- strings and numbers ----------------------------------------------------------------------------------------- */

/* Reads the four digits of \uXXXX. Returns their value; -1: other characters. */
static int
read_unit (Reader *reader)
{
  int unit = 0;
  for (int i = 0; i < 4; i++) {
    int digit = g_ascii_xdigit_value (peek (reader));
    if (digit < 0)
      return -1;
    unit = unit * 16 + digit;
    reader->at++;
  }
  return unit;
}

/* Skips the rest of an escape after the backslash. FALSE, with reader->wrong set and no error, for an unknown one,
 * \u0000, and half of a surrogate pair. */
static gboolean
read_escape (Reader *reader)
{
  if (!skip (reader, 'u')) {
    char c = peek (reader);
    if (!c || !strchr ("\"\\/bfnrt", c))
      return wrong (reader, "an unknown escape");
    reader->at++;
    return TRUE;
  }
  int unit = read_unit (reader);
  if (unit < 0)
    return wrong (reader, "\\u without four digits");
  if (unit == 0)
    return wrong (reader, "the character \\u0000");
  if ((unit & 0xfc00) == 0xdc00)
    return wrong (reader, "half of a surrogate pair");
  if ((unit & 0xfc00) == 0xd800 &&
      (!skip (reader, '\\') || !skip (reader, 'u') || (unit = read_unit (reader)) < 0 || (unit & 0xfc00) != 0xdc00))
    return wrong (reader, "half of a surrogate pair");
  return TRUE;
}

/* Skips a text in quotes and checks its escapes. FALSE with reader->wrong set. */
static gboolean
read_string (Reader *reader)
{
  if (!skip (reader, '"'))
    return wrong (reader, "a text in double quotes is missing");
  while (!skip (reader, '"')) {
    if (reader->at == reader->end)
      return wrong (reader, "a text that does not end");
    if ((guchar) peek (reader) < 0x20)
      return wrong (reader, "a control character in a text");
    if (*reader->at++ == '\\' && !read_escape (reader))
      return FALSE;
  }
  return TRUE;
}

/* Skips all decimal digits that come next. FALSE: there is none. */
static gboolean
skip_digits (Reader *reader)
{
  const char *first = reader->at;
  while (g_ascii_isdigit (peek (reader)))
    reader->at++;
  return reader->at > first;
}

/* Skips a number and checks that a tree can hold it: 64 bits if whole, else finite as a double. FALSE, with
 * reader->wrong set and no error; reader->at is then at the fault. */
static gboolean
read_number (Reader *reader)
{
  const char *first = reader->at;
  gboolean whole = TRUE;
  skip (reader, '-');
  if (!skip (reader, '0') && !skip_digits (reader))
    return wrong (reader, "no value");
  if (skip (reader, '.')) {
    whole = FALSE;
    if (!skip_digits (reader))
      return wrong (reader, "no digit after the point");
  }
  if (skip (reader, 'e') || skip (reader, 'E')) {
    whole = FALSE;
    if (!skip (reader, '-'))
      skip (reader, '+');
    if (!skip_digits (reader))
      return wrong (reader, "an exponent without digits");
  }
  g_autofree char *text = g_strndup (first, (gsize) (reader->at - first));
  if (whole ? g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, NULL, NULL)
            : isfinite (g_ascii_strtod (text, NULL)))
    return TRUE;
  reader->at = first;
  return wrong (reader, "a number that is too large");
}

/* Skips @word if it comes next, and returns whether it did. */
static gboolean
skip_word (Reader *reader, const char *word)
{
  gsize length = strlen (word);
  if ((gsize) (reader->end - reader->at) < length || memcmp (reader->at, word, length) != 0)
    return FALSE;
  reader->at += length;
  return TRUE;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* Skips a plain value, or the opening bracket of an object or a list. Sets *next to what must follow. FALSE with
 * reader->wrong set. */
static gboolean
read_value (Reader *reader, Expected *next)
{
  if (++reader->n_values > RV_JSON_MAX_VALUES)
    return wrong (reader, "more than 1,000,000 values");
  char c = peek (reader);
  if (c == '{' || c == '[') {
    if (reader->depth == RV_JSON_MAX_DEPTH)
      return wrong (reader, "more than 64 nested brackets");
    reader->open[reader->depth++] = c;
    reader->at++;
    *next = c == '{' ? A_NAME_OR_END : A_VALUE_OR_END;
    return TRUE;
  }
  *next = A_COMMA_OR_END;
  if (c == '"')
    return read_string (reader);
  return skip_word (reader, "true") || skip_word (reader, "false") || skip_word (reader, "null") ||
         read_number (reader);
}

/* Skips a name and its colon. Sets *next to A_VALUE. FALSE with reader->wrong set. */
static gboolean
read_name (Reader *reader, Expected *next)
{
  reader->n_members++;
  if (!read_string (reader))
    return FALSE;
  skip_space (reader);
  if (!skip (reader, ':'))
    return wrong (reader, "no colon after a name");
  *next = A_VALUE;
  return TRUE;
}

/* Skips a comma. Sets *next to what must follow. FALSE with reader->wrong set. */
static gboolean
read_comma (Reader *reader, Expected *next)
{
  gboolean in_object = reader->open[reader->depth - 1] == '{';
  if (!skip (reader, ','))
    return wrong (reader, in_object ? "neither a comma nor }" : "neither a comma nor ]");
  *next = in_object ? A_NAME : A_VALUE;
  return TRUE;
}

/* Checks the grammar of the whole text, without recursion, and counts n_values and n_members. Does not detect a name
 * that an object has twice. FALSE, with reader->wrong set and no error, at the first fault, reader->at. */
static gboolean
read_all (Reader *reader)
{
  Expected next = A_VALUE;
  do {
    skip_space (reader);
    gboolean may_end = next == A_VALUE_OR_END || next == A_NAME_OR_END || next == A_COMMA_OR_END;
    if (may_end && skip (reader, reader->open[reader->depth - 1] == '{' ? '}' : ']')) {
      reader->depth--;
      next = A_COMMA_OR_END;
      continue;
    }
    gboolean ok = next == A_COMMA_OR_END                    ? read_comma (reader, &next)
                  : next == A_NAME || next == A_NAME_OR_END ? read_name (reader, &next)
                                                            : read_value (reader, &next);
    if (!ok)
      return FALSE;
  } while (reader->depth > 0);
  skip_space (reader);
  return reader->at == reader->end || wrong (reader, "text after the end");
}

/* Handler of JsonParser::object-end: adds the members of @object to *n. */
static void
count_members (JsonParser *parser, JsonObject *object, gsize *n)
{
  *n += json_object_get_size (object);
}

/* Sets RV_ERROR_FORMAT with reader->wrong, line and column. @what: name of the text. Returns NULL. */
static JsonObject *
refuse (const Reader *reader, const char *what, GError **error)
{
  int line = 1;
  const char *line_start = reader->start;
  for (const char *c = reader->start; c < reader->at; c++)
    if (*c == '\n') {
      line++;
      line_start = c + 1;
    }
  return rv__error_null (error, RV_ERROR_FORMAT, "%s is damaged JSON: line %d, column %ld: %s", what, line,
                         g_utf8_strlen (line_start, reader->at - line_start) + 1, reader->wrong);
}

JsonObject *
rv__json_object (const char *text, gsize length, const char *what, GError **error)
{
  text = length > 0 ? text : ""; /* @text may be NULL if @length is 0 */
  Reader reader = { .start = text, .at = text, .end = text + length };
  const char *invalid;
  if (length > RV_JSON_MAX_BYTES)
    return rv__error_null (error, RV_ERROR_FORMAT, "%s is too long: JSON of up to %d MiB is read", what,
                           (int) (RV_JSON_MAX_BYTES >> 20));
  if (!g_utf8_validate (text, (gssize) length, &invalid)) {
    reader.at = invalid;
    wrong (&reader, "no text in UTF-8");
    return refuse (&reader, what, error);
  }
  if (skip_word (&reader, "\xef\xbb\xbf")) {
    reader.at = text;
    wrong (&reader, "a byte order mark; save the file without it");
    return refuse (&reader, what, error);
  }
  if (!read_all (&reader))
    return refuse (&reader, what, error);

  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) reason = NULL;
  gsize n_members = 0; /* fewer than were read if an object has a name twice */
  g_signal_connect (parser, "object-end", G_CALLBACK (count_members), &n_members);
  if (!json_parser_load_from_data (parser, text, (gssize) length, &reason))
    return rv__error_null (error, RV_ERROR_FORMAT, "%s is damaged JSON: %s", what, reason->message);
  JsonObject *root = rv__json_node_object (json_parser_get_root (parser));
  if (!root)
    return rv__error_null (error, RV_ERROR_FORMAT, "%s is no JSON object, { ... }", what);
  if (n_members != reader.n_members)
    return rv__error_null (error, RV_ERROR_FORMAT, "%s is damaged JSON: an object has a name twice", what);
  return json_object_ref (root);
}

char *
rv__json_value_text (JsonNode *node)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  if (!JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  switch (json_node_get_value_type (node)) {
  case G_TYPE_STRING:
    return json_node_dup_string (node);
  case G_TYPE_BOOLEAN:
    return g_strdup (json_node_get_boolean (node) ? "yes" : "no");
  case G_TYPE_INT64:
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  default:
    return g_strdup (g_ascii_formatd (number, sizeof number, "%.17g", json_node_get_double (node)));
  }
}

/* ---- for clients ------------------------------------------------------------------------------------------------- */

/* (transfer floating): the value of @node: s, x, d, b, av or a{sv}; null is mv without a value. Instead of
 * json_gvariant_deserialize(), which needs time in proportion to the square of a list's length. */
static GVariant *
variant_of (JsonNode *node)
{
  GVariantBuilder builder;
  switch (json_node_get_node_type (node)) {
  case JSON_NODE_OBJECT: {
    JsonObjectIter members;
    const char *name;
    JsonNode *value;
    g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
    json_object_iter_init_ordered (&members, json_node_get_object (node));
    while (json_object_iter_next_ordered (&members, &name, &value))
      g_variant_builder_add (&builder, "{sv}", name, variant_of (value));
    return g_variant_builder_end (&builder);
  }
  case JSON_NODE_ARRAY: {
    JsonArray *list = json_node_get_array (node);
    g_variant_builder_init (&builder, G_VARIANT_TYPE ("av"));
    for (guint i = 0; i < json_array_get_length (list); i++)
      g_variant_builder_add (&builder, "v", variant_of (json_array_get_element (list, i)));
    return g_variant_builder_end (&builder);
  }
  case JSON_NODE_NULL:
    return g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);
  default:
    return json_gvariant_deserialize (node, NULL, NULL);
  }
}

GVariant *
rv_json_read (const char *json, gssize length, const char *what, GError **error)
{
  gsize n = length < 0 ? strlen (json) : (gsize) length;
  g_autoptr (JsonObject) object = rv__json_object (json, n, what, error);
  g_autoptr (JsonNode) node = object ? json_node_init_object (json_node_alloc (), object) : NULL;
  return node ? g_variant_ref_sink (variant_of (node)) : NULL;
}

char *
rv_json_value_text (GVariant *value)
{
  g_autoptr (JsonNode) node = json_gvariant_serialize (value);
  return rv__json_value_text (node);
}

const char *
rv__json_text_member (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  return node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

gint64
rv__json_int_member (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  return node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : 0;
}

JsonObject *
rv__json_node_object (JsonNode *node)
{
  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonObject *
rv__json_object_member (JsonObject *object, const char *name)
{
  return object ? rv__json_node_object (json_object_get_member (object, name)) : NULL;
}

JsonArray *
rv__json_array_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

void
rv__json_add_text (JsonBuilder *json, const char *name, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, valid);
}

char *
rv__json_finish (JsonBuilder *json)
{
  json_builder_end_object (json);
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  return json_to_string (root, FALSE);
}
