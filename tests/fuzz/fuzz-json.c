/* fuzz-json.c -- libFuzzer target: any bytes as JSON from outside, and as text for a terminal. Built with -Dfuzz=true;
 * run by tools/check.sh. */
#include "base/json.h"
#include "cli/cli.h"
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Asserts that accepted JSON, written by json-glib, is accepted again and then written with the same bytes. */
static void
check_again (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object), second = NULL;
  g_autofree char *text = json_to_string (node, FALSE), *plain = text_plain (text, FALSE), *text_again = NULL;
  g_autoptr (JsonObject) again = rv__json_object (plain, strlen (plain), "again", NULL);
  if (!again)
    __builtin_trap ();
  second = json_node_init_object (json_node_alloc (), again);
  text_again = json_to_string (second, FALSE);
  if (strcmp (text, text_again) != 0)
    __builtin_trap ();
}

/* Asserts that text_plain() returns valid UTF-8 of printable characters. */
static void
check_plain (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size), *plain = text_plain (text, FALSE);
  if (!g_utf8_validate (plain, -1, NULL))
    __builtin_trap ();
  for (const char *c = plain; *c; c = g_utf8_next_char (c))
    if (!g_unichar_isprint (g_utf8_get_char (c)))
      __builtin_trap ();
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = rv__json_object ((const char *) data, size, "fuzz", &error);
  if (!object == !error)
    __builtin_trap (); /* exactly one of both */
  if (object)
    check_again (object);
  check_plain (data, size);
  return 0;
}
