/* text.c -- makes untrusted text safe for a terminal. */
#include "cli/cli.h"
#include <string.h>

char *
text_plain (const char *text, gboolean lines)
{
  GString *plain = g_string_new (NULL);
  for (const char *end = text + strlen (text); text < end;) {
    gunichar letter = g_utf8_get_char_validated (text, end - text);
    gboolean valid = letter < 0x110000;
    if (!valid)
      g_string_append_printf (plain, "\\x%02x", (guchar) *text);
    else if (g_unichar_isprint (letter) || (lines && letter == '\n'))
      g_string_append_unichar (plain, letter);
    else if (letter < 0x10000)
      g_string_append_printf (plain, "\\u%04x", letter);
    else
      g_string_append_printf (plain, "\\u%04x\\u%04x", 0xd7c0 + (letter >> 10), 0xdc00 + (letter & 0x3ff));
    text = valid ? g_utf8_next_char (text) : text + 1;
  }
  return g_string_free (plain, FALSE);
}

void
text_print (FILE *stream, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args), *plain = text_plain (text, FALSE);
  va_end (args);
  fprintf (stream, "%s\n", plain);
}
