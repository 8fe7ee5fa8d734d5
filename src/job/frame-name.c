/* frame-name.c -- names of numbered files: "out/%04d.png". */
#include "job/frame-name.h"
#include <reverie/job.h>
#include <string.h>

#define MAX_DIGITS 9

/* The digits of the one number in a name, and where its conversion begins and ends; FALSE when there is not just one.
 */
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
rv_frame_is_pattern (const char *output)
{
  int n_digits;
  const char *begin, *end;
  return output && find_number (output, &n_digits, &begin, &end);
}

char *
rv_frame_name (const char *pattern, int number)
{
  int n_digits = 0;
  const char *begin = pattern, *end = pattern;
  find_number (pattern, &n_digits, &begin, &end);
  return g_strdup_printf ("%.*s%0*d%s", (int) (begin - pattern), pattern, n_digits, number, end);
}

gboolean
rv__frame_has_name (const char *pattern, const char *name)
{
  int n_digits;
  const char *begin, *end;
  if (!find_number (pattern, &n_digits, &begin, &end))
    return FALSE;
  gsize before = (gsize) (begin - pattern), length = strlen (name), around = before + strlen (end);
  if (length <= around || length - around > MAX_DIGITS || strncmp (name, pattern, before) != 0)
    return FALSE;
  g_autofree char *number = g_strndup (name + before, length - around);
  g_autofree char *wanted = rv_frame_name (pattern, (int) g_ascii_strtoll (number, NULL, 10));
  return strcmp (name, wanted) == 0;
}
