/* text.c -- suggestions and readable numbers. */
#include "text.h"
#include "base/error.h"
#include <math.h>
#include <string.h>

#define MAX_COMMAS 16 /* in the name of a file */
#define MAX_COLONS 32 /* in an item of a list */
#define MIN_PREFIX 3  /* letters of a name that suggest a name which begins with them */

/* Returns the fewest insertions, deletions and substitutions of bytes that turn @a into @b; the case of ASCII letters
 * is ignored (Levenshtein 1966). */
static int
edit_distance (const char *a, const char *b)
{
  int n = (int) strlen (b);
  g_autofree int *row = g_new (int, n + 1);

  for (int j = 0; j <= n; j++)
    row[j] = j;
  for (int i = 1; a[i - 1]; i++) {
    int diagonal = row[0];
    row[0] = i;
    for (int j = 1; j <= n; j++) {
      int above = row[j];
      gboolean same = g_ascii_tolower (a[i - 1]) == g_ascii_tolower (b[j - 1]);
      row[j] = MIN (MIN (above, row[j - 1]) + 1, diagonal + !same);
      diagonal = above;
    }
  }
  return row[n];
}

int
rv__text_compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

const char *
rv_text_nearest (const char *name, const char *const *names)
{
  const char *best = NULL;
  gsize length = strlen (name);
  gboolean best_continues = FALSE;
  int best_distance = (int) length / 2 + 1; /* at most half of the letters may differ */

  for (int i = 0; names && names[i]; i++) {
    if (length > strlen (names[i]) + length / 2) /* more than half of the letters differ */
      continue;
    gboolean continues = length >= MIN_PREFIX && g_ascii_strncasecmp (name, names[i], length) == 0;
    int distance = edit_distance (name, names[i]);
    if (continues > best_continues || (continues == best_continues && distance < best_distance))
      best = names[i], best_distance = distance, best_continues = continues;
  }
  return best;
}

const char *
rv__text_find_file (const char *name, const char *const *files)
{
  if (!files)
    return g_file_test (name, G_FILE_TEST_EXISTS) && !g_file_test (name, G_FILE_TEST_IS_DIR) ? name : NULL;
  for (; *files; files++) {
    g_autofree char *base = g_path_get_basename (*files), *valid = g_utf8_make_valid (base, -1);
    if (strcmp (*files, name) == 0 || strcmp (base, name) == 0 || strcmp (valid, name) == 0)
      return *files;
  }
  return NULL;
}

/* Whether a piece of @item that begins and ends at a colon or at an end of @item is the name of a file and contains all
 * commas of @item, at least one. FALSE for an @item with more than MAX_COLONS colons. @files: (nullable): the files
 * that exist, as in rv__text_find_file(); NULL: files on disk. */
static gboolean
names_file (const char *item, const char *const *files)
{
  const char *first = strchr (item, ','), *last = strrchr (item, ',');
  int n_colons = 0;
  for (const char *c = item; *c; c++)
    n_colons += *c == ':';
  if (n_colons > MAX_COLONS)
    return FALSE;
  for (const char *from = item, *colon; from <= first; from = colon + 1) {
    g_autofree char *name = g_strdup (from);
    for (char *end = name + strlen (name); end && end - name > last - from; end = strrchr (name, ':')) {
      *end = '\0';
      if (rv__text_find_file (name, files))
        return TRUE;
    }
    if (!(colon = strchr (from, ':')))
      break;
  }
  return FALSE;
}

/* (transfer full): the first item of @parts, the texts between commas, as rv_text_split_files() splits. Joins the most
 * parts that contain a file name of @files with commas, else the parts at escaped commas ("\,"). *n: number of parts
 * joined, 1 or more. @files as in rv__text_find_file(). Cannot fail. */
static char *
first_item (char *const *parts, const char *const *files, guint *n)
{
  g_autoptr (GString) item = g_string_new (parts[0]);
  gsize length = 0;
  for (guint k = 1; k <= MAX_COMMAS && parts[k]; k++) {
    g_string_append_printf (item, ",%s", parts[k]);
    if (names_file (item->str, files)) {
      *n = k + 1;
      length = item->len;
    }
  }
  if (length > 0)
    return g_strndup (item->str, length);
  g_string_assign (item, parts[0]);
  for (*n = 1; parts[*n] && g_str_has_suffix (item->str, "\\"); ++*n) {
    item->str[item->len - 1] = ',';
    g_string_append (item, parts[*n]);
  }
  return g_string_free (g_steal_pointer (&item), FALSE);
}

char **
rv_text_split_files (const char *text, const char *const *files)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  GPtrArray *items = g_ptr_array_new_null_terminated (0, NULL, TRUE);
  for (guint i = 0, n; parts[i]; i += n)
    g_ptr_array_add (items, first_item (parts + i, files, &n));
  return (char **) g_ptr_array_free (items, FALSE);
}

char *
rv_text_escape_commas (const char *item)
{
  g_autoptr (GString) text = g_string_new (item);
  g_string_replace (text, ",", "\\,", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* (transfer full): @number with one decimal and a point in every locale, and @unit. */
static char *
one_decimal (double number, const char *unit)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  return g_strconcat (g_ascii_formatd (digits, sizeof digits, "%.1f", number), unit, NULL);
}

char *
rv_text_seconds (double seconds)
{
  if (seconds < 10)
    return one_decimal (seconds, " s");
  if (seconds < 90)
    return g_strdup_printf ("%.0f s", seconds);
  int whole = (int) MIN (seconds + 0.5, G_MAXINT);
  if (whole < 3600)
    return g_strdup_printf ("%d min %02d s", whole / 60, whole % 60);
  return g_strdup_printf ("%d h %02d min", whole / 3600, whole / 60 % 60);
}

char *
rv_text_bytes (gsize bytes)
{
  double megabytes = (double) bytes / 1e6;
  if (bytes > 1 && bytes < 1000)
    return g_strdup_printf ("%" G_GSIZE_FORMAT " bytes", bytes);
  if (megabytes < 10)
    return one_decimal (megabytes, " MB");
  return megabytes < 1000 ? g_strdup_printf ("%.0f MB", megabytes) : one_decimal (megabytes / 1000, " GB");
}

gboolean
rv__text_parse_seconds (const char *text, double *seconds)
{
  char *end;
  double number = g_ascii_strtod (text, &end);
  double unit = *end == 'h' ? 3600 : *end == 'm' ? 60 : 1;
  end += *end == 'h' || *end == 'm' || *end == 's';
  if (end == text || *end || !isfinite (number) || number <= 0 || number > 1e9)
    return FALSE;
  *seconds = number * unit;
  return TRUE;
}

gboolean
rv__text_parse_bytes (const char *text, gsize *bytes)
{
  static const char units[] = "KMG";
  char *end;
  double number = g_ascii_strtod (text, &end);
  if (end == text || !isfinite (number))
    return FALSE;
  while (*end == ' ')
    end++;
  const char *unit = *end ? strchr (units, g_ascii_toupper (*end)) : NULL;
  for (const char *u = units; unit && u <= unit; u++)
    number *= 1000;
  end += unit != NULL;
  end += *end == 'B' || *end == 'b';
  if (*end || number < 1 || number > 1e18)
    return FALSE;
  *bytes = (gsize) number;
  return TRUE;
}

char *
rv__text_read (const char *file, GError **error)
{
  g_autofree char *text = NULL;
  gsize n;
  g_autoptr (GError) reason = NULL;
  if (g_file_test (file, G_FILE_TEST_EXISTS) && !g_file_test (file, G_FILE_TEST_IS_REGULAR))
    return rv__error_null (error, RV_ERROR_FILE, "cannot read %s: there is no regular file of this name", file);
  if (!g_file_get_contents (file, &text, &n, &reason))
    return rv__error_null (error, RV_ERROR_FILE, "%s", reason->message);
  if (strlen (text) < n)
    return rv__error_null (error, RV_ERROR_FORMAT, "%s is no text: it has a byte 0, as UTF-16 has", file);
  if (g_str_has_prefix (text, "\xEF\xBB\xBF"))
    memmove (text, text + 3, strlen (text + 3) + 1);
  return g_steal_pointer (&text);
}
