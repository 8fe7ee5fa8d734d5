/* frame-name.c -- names of numbered files: "out/%04d.png". */
#include "base/frame-name.h"
#include <string.h>

#define MAX_DIGITS 9

/* Finds the single %d or %0Nd of a name. *n_digits: (out): N, 0 to 9, or 0. *begin, *end: (out): its begin and end,
 * borrowed from @name. FALSE, without an error and with all unchanged, unless @name has exactly one "%", and it
 * begins such a number. */
static gboolean
find_number (const char *name, int *n_digits, const char **begin, const char **end)
{
  const char *percent = strchr (name, '%');
  if (!percent || strchr (percent + 1, '%'))
    return FALSE;
  gboolean padded = percent[1] == '0';
  char *stop;
  guint64 digits = g_ascii_strtoull (percent + 1, &stop, 10);
  if (*stop != 'd' || digits > MAX_DIGITS || (stop != percent + 1 && !padded))
    return FALSE;
  *n_digits = (int) digits;
  *begin = percent;
  *end = stop + 1;
  return TRUE;
}

gboolean
rv_frame_is_pattern (const char *name)
{
  int n_digits;
  const char *begin, *end;
  return name && find_number (name, &n_digits, &begin, &end);
}

char *
rv__frame_name (const char *pattern, int number)
{
  int n_digits = 0;
  const char *begin = pattern, *end = pattern;
  find_number (pattern, &n_digits, &begin, &end);
  return g_strdup_printf ("%.*s%0*d%s", (int) (begin - pattern), pattern, n_digits, number, end);
}

int
rv__frame_number (const char *pattern, const char *name)
{
  int n_digits;
  const char *begin, *end;
  if (!find_number (pattern, &n_digits, &begin, &end))
    return -1;
  gsize before = (gsize) (begin - pattern), length = strlen (name), around = before + strlen (end);
  if (length <= around || length - around > MAX_DIGITS || strncmp (name, pattern, before) != 0)
    return -1;
  g_autofree char *text = g_strndup (name + before, length - around);
  int number = (int) g_ascii_strtoll (text, NULL, 10);
  g_autofree char *expected = number >= 0 ? rv__frame_name (pattern, number) : NULL;
  return g_strcmp0 (name, expected) == 0 ? number : -1;
}

char *
rv__frame_existing (const char *pattern)
{
  g_autofree char *folder = g_path_get_dirname (pattern), *base = g_path_get_basename (pattern);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    if (rv__frame_number (base, name) >= 0)
      return g_build_filename (folder, name, NULL);
  return NULL;
}
