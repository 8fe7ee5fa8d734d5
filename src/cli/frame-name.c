/* frame-name.c -- names of numbered files: "out/%04d.png". */
#include "cli.h"
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
frame_is_pattern (const char *output)
{
  int n_digits;
  const char *begin, *end;
  return output && find_number (output, &n_digits, &begin, &end);
}

char *
frame_name (const char *pattern, int number)
{
  int n_digits = 0;
  const char *begin = pattern, *end = pattern;
  find_number (pattern, &n_digits, &begin, &end);
  return g_strdup_printf ("%.*s%0*d%s", (int) (begin - pattern), pattern, n_digits, number, end);
}
