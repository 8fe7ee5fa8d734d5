/* labels.c -- labels of a dataset: names of folders, an IDX file, or a CSV of file names and labels. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "dataset-internal.h"
#include "io/folder.h"
#include <glib/gstdio.h>
#include <string.h>

GPtrArray *
rv__dataset_list_subfolders (const char *folder, gboolean *has_subfolders, GError **error)
{
  g_autoptr (GPtrArray) entries = rv__folder_list (folder, error);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; entries && i < entries->len; i++) {
    if (!g_file_test (entries->pdata[i], G_FILE_TEST_IS_DIR)) {
      g_ptr_array_add (files, g_strdup (entries->pdata[i]));
      continue;
    }
    GPtrArray *more = rv__folder_list (entries->pdata[i], error);
    if (!more)
      return NULL;
    g_ptr_array_extend_and_steal (files, more);
    *has_subfolders = TRUE;
  }
  return entries ? g_steal_pointer (&files) : NULL;
}

/* Checks that @label is text in UTF-8 on one line, not empty. RV_ERROR_FORMAT. */
static gboolean
check_name (const char *label, GError **error)
{
  gboolean ok = *label && g_utf8_validate (label, -1, NULL);
  for (const char *c = label; ok && *c; c++)
    ok = !g_ascii_iscntrl (*c);
  return ok || rv__error_set (error, RV_ERROR_FORMAT, "'%s' is no label: one is text in UTF-8 on one line", label);
}

/* Sets the labels of @dataset to @texts [dataset->n], checked by check_name(); names are in order of bytes.
 * RV_ERROR_FORMAT: more than RV_DATASET_MAX_LABELS different ones. After an error @dataset is unchanged. */
static gboolean
set_labels (RvDataset *dataset, const char *const *texts, GError **error)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (gint64 i = 0; i < dataset->n; i++)
    if (g_hash_table_add (numbers, (gpointer) texts[i])) {
      g_ptr_array_add (names, (gpointer) texts[i]);
      if (!check_name (texts[i], error))
        return FALSE;
    }
  if (names->len > RV_DATASET_MAX_LABELS)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s has %u different labels: at most %d are possible", dataset->name,
                          names->len, RV_DATASET_MAX_LABELS);
  g_ptr_array_sort (names, rv__text_compare);
  for (guint k = 0; k < names->len; k++)
    g_hash_table_insert (numbers, names->pdata[k], GUINT_TO_POINTER (k));
  g_free (dataset->labels);
  dataset->labels = g_new (guint16, dataset->n);
  for (gint64 i = 0; i < dataset->n; i++)
    dataset->labels[i] = (guint16) GPOINTER_TO_UINT (g_hash_table_lookup (numbers, texts[i]));
  g_ptr_array_add (names, NULL);
  g_strfreev (dataset->label_names);
  dataset->label_names = g_strdupv ((char **) names->pdata);
  return TRUE;
}

gboolean
rv__dataset_label_by_folder (RvDataset *dataset, const char *folder, const GPtrArray *files, GError **error)
{
  g_auto (GStrv) texts = g_new0 (char *, dataset->n + 1);
  g_autofree char *prefix = g_build_filename (folder, "x", NULL);
  gsize skip = strlen (prefix) - 1;
  for (gint64 i = 0; i < dataset->n; i++) {
    const char *rest = (const char *) files->pdata[i] + skip, *slash = strchr (rest, '/');
    if (!slash)
      return rv__error_set (error, RV_ERROR_FORMAT, "%s has no label: it is in no subfolder of %s",
                            (const char *) files->pdata[i], folder);
    g_autofree char *name = g_strndup (rest, (gsize) (slash - rest));
    texts[i] = g_utf8_make_valid (name, -1);
  }
  return set_labels (dataset, (const char *const *) texts, error);
}

void
rv__dataset_set_idx_labels (RvDataset *dataset, const guint8 *labels)
{
  guint16 number[256];
  gboolean occurs[256] = { FALSE };
  GPtrArray *names = g_ptr_array_new_null_terminated (0, NULL, TRUE);
  for (gint64 i = 0; i < dataset->n; i++)
    occurs[labels[i]] = TRUE;
  for (int k = 0; k < 256; k++) {
    number[k] = (guint16) names->len;
    if (occurs[k])
      g_ptr_array_add (names, g_strdup_printf ("%d", k));
  }
  g_strfreev (dataset->label_names);
  dataset->label_names = (GStrv) g_ptr_array_free (names, FALSE);
  g_free (dataset->labels);
  dataset->labels = g_new (guint16, dataset->n);
  for (gint64 i = 0; i < dataset->n; i++)
    dataset->labels[i] = number[labels[i]];
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* Sets *first and *last (nullable) to the first and the last comma of @line outside of quotes. If a quote lacks its
 * second one, all commas count. */
static void
find_commas (char *line, char **first, char **last)
{
  gboolean in_quotes = FALSE;
  *first = *last = NULL;
  for (char *c = line; *c; c++) {
    in_quotes ^= *c == '"';
    if (*c != ',' || in_quotes)
      continue;
    *last = c;
    *first = *first ? *first : c;
  }
  if (in_quotes) {
    *first = strchr (line, ',');
    *last = strrchr (line, ',');
  }
}

/* Removes spaces at both ends of @cell, then a pair of quotes, in which "" becomes ". Returns its start, in @cell. */
static char *
plain_cell (char *cell)
{
  char *text = g_strstrip (cell), *to = text;
  gsize n = strlen (text);
  if (n < 2 || *text != '"' || text[n - 1] != '"')
    return text;
  for (const char *from = text + 1; from < text + n - 1; from++) {
    from += from[0] == '"' && from[1] == '"' && from + 2 < text + n;
    *to++ = *from;
  }
  *to = 0;
  return text;
}

/* (transfer full) (nullable): labels by base names of files: the last cell by the first cell of each line. Labels point
 * into @lines, which it changes. RV_ERROR_FORMAT names the line without a comma, or with another label for a file. */
static GHashTable *
parse_csv (const char *name, char **lines, GError **error)
{
  g_autoptr (GHashTable) labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (int i = 0; lines[i]; i++) {
    char *line = g_strstrip (lines[i]), *first, *last;
    if (!*line)
      continue;
    find_commas (line, &first, &last);
    if (!last)
      return rv__error_null (error, RV_ERROR_FORMAT, "%s: line %d has no comma between a file name and a label", name,
                             i + 1);
    *first = *last = 0;
    g_autofree char *file = g_path_get_basename (plain_cell (line));
    char *label = plain_cell (last + 1);
    const char *other = g_hash_table_lookup (labels, file);
    if (other && strcmp (other, label) != 0)
      return rv__error_null (error, RV_ERROR_FORMAT, "%s: line %d gives %s the label '%s', and an earlier one '%s'",
                             name, i + 1, file, label, other);
    g_hash_table_insert (labels, g_steal_pointer (&file), label);
  }
  return g_steal_pointer (&labels);
}

gboolean
rv__dataset_label_by_file (RvDataset *dataset, const char *file, const GPtrArray *files, GError **error)
{
  GStatBuf info;
  if (!g_file_test (file, G_FILE_TEST_IS_REGULAR)) /* a device may never end */
    return rv__error_set (error, RV_ERROR_FILE, "cannot read %s: there is no regular file of this name", file);
  if (g_stat (file, &info) == 0 && info.st_size < 2) /* a line break at most */
    return rv__error_set (error, RV_ERROR_FORMAT, "%s has no labels: it is empty", file);
  if (rv__dataset_may_be_idx (file))
    return rv__dataset_label_by_idx (dataset, file, error);
  if (!files)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: a CSV labels pictures of a folder; %s needs labels in IDX", file,
                          dataset->name);
  g_autofree char *text = rv__text_read (file, error);
  if (!text)
    return FALSE;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GHashTable) labels = parse_csv (file, lines, error);
  if (!labels)
    return FALSE;
  g_autofree const char **texts = g_new (const char *, dataset->n);
  for (gint64 i = 0; i < dataset->n; i++) {
    g_autofree char *name = g_path_get_basename (files->pdata[i]);
    if (!(texts[i] = g_hash_table_lookup (labels, name)))
      return rv__error_set (error, RV_ERROR_FORMAT, "%s has no label for %s", file, (const char *) files->pdata[i]);
  }
  return set_labels (dataset, texts, error);
}
