/* tasks.c -- which pictures reverie style is to make: contents times styles.
 *
 *   CONTENT STYLE...                       one content; its styles are blended
 *   --style FILE [--style FILE] CONTENT... many contents; the styles are blended, unless OUT holds {style}: one picture
 *                                          for each then
 *   --with PAINTER,... CONTENT...          the same with styles that were learnt; --with any: as without it
 * A folder stands for the pictures in it, by name. */
#include "cmd-style.h"
#include <string.h>

#define CONTENT_MARK "{content}"
#define STYLE_MARK "{style}"

/* By their bytes, in every locale. */
static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* A file as it is; of a folder the pictures in it. */
static gboolean
add_pictures (GPtrArray *files, const char *path, GError **error)
{
  RvImageInfo info;
  guint before = files->len;
  if (!g_file_test (path, G_FILE_TEST_IS_DIR)) {
    g_ptr_array_add (files, g_strdup (path));
    return TRUE;
  }
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  for (const char *name; folder && (name = g_dir_read_name (folder));) {
    g_autofree char *file = g_build_filename (path, name, NULL);
    if (*name != '.' && g_file_test (file, G_FILE_TEST_IS_REGULAR) && rv_image_probe (file, &info, NULL))
      g_ptr_array_add (files, g_steal_pointer (&file));
  }
  if (files->len == before) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s is a folder without pictures", path);
    return FALSE;
  }
  qsort (files->pdata + before, files->len - before, sizeof (gpointer), compare_names);
  return TRUE;
}

/* "photos/lake.jpg" is called "lake". */
static char *
stem (const char *file)
{
  g_autofree char *base = g_path_get_basename (file);
  char *dot = strrchr (base, '.');
  return dot && dot > base ? g_strndup (base, (gsize) (dot - base)) : g_steal_pointer (&base);
}

static char *
fill_in (const char *pattern, const char *content, const char *style)
{
  if (!pattern)
    return NULL;
  g_autofree char *content_stem = stem (content), *style_stem = stem (style);
  g_autoptr (GString) text = g_string_new (NULL);
  for (const char *c = pattern; *c;) {
    gboolean is_content = g_str_has_prefix (c, CONTENT_MARK), is_style = g_str_has_prefix (c, STYLE_MARK);
    if (is_content || is_style)
      g_string_append (text, is_content ? content_stem : style_stem);
    else
      g_string_append_c (text, *c);
    c += is_content ? strlen (CONTENT_MARK) : is_style ? strlen (STYLE_MARK) : 1;
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
free_task (gpointer data)
{
  StyleTask *task = data;
  g_free (task->content);
  g_strfreev (task->styles);
  g_free (task->output);
  g_free (task->log);
  g_free (task->plot);
  g_free (task->timeline);
  g_free (task);
}

static void
add_task (StyleJob *job, const char *content, char *const *styles, guint n_styles)
{
  StyleTask *task = g_new0 (StyleTask, 1);
  task->content = g_strdup (content);
  task->styles = g_new0 (char *, n_styles + 1);
  for (guint i = 0; i < n_styles; i++)
    task->styles[i] = g_strdup (styles[i]);
  task->output = fill_in (job->picture.output, content, styles[0]);
  task->log = fill_in (job->picture.log, content, styles[0]);
  task->plot = fill_in (job->picture.plot, content, styles[0]);
  task->timeline = fill_in (job->picture.timeline, content, styles[0]);
  g_ptr_array_add (job->tasks, task);
}

/* Two pictures cannot be written to one file. */
static gboolean
check_names (const StyleJob *job, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < job->tasks->len; i++) {
    const StyleTask *task = job->tasks->pdata[i];
    const char *names[] = { task->output, task->log, task->plot, task->timeline };
    for (guint k = 0; k < G_N_ELEMENTS (names); k++)
      if (names[k] && job->tasks->len > 1 && !g_hash_table_add (seen, (gpointer) names[k])) {
        g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                     "%u pictures are to be made, and more than one would be %s; names with " CONTENT_MARK
                     " and " STYLE_MARK " keep them apart",
                     job->tasks->len, names[k]);
        return FALSE;
      }
  }
  return TRUE;
}

static gboolean
check_masks (const StyleJob *job, guint n_styles, GError **error)
{
  if (job->masks->len == 0 || job->masks->len == n_styles)
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "%u mask%s for %u style%s: give one for each, in the same order",
               job->masks->len, job->masks->len == 1 ? "" : "s", n_styles, n_styles == 1 ? "" : "s");
  return FALSE;
}

static gboolean
missing (gboolean style, GError **error)
{
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
               style ? "a style picture is missing: reverie style CONTENT STYLE... -o OUT"
                     : "which pictures? reverie style CONTENT STYLE... -o OUT");
  return FALSE;
}

gboolean
style_find_tasks (StyleJob *job, int n_args, char **args, const GPtrArray *given, GError **error)
{
  g_autoptr (GPtrArray) contents = g_ptr_array_new_with_free_func (g_free),
                        styles = g_ptr_array_new_with_free_func (g_free), named = options_all (given, "style");
  gboolean by_option = named->len > 0 || (job->with && !rv_with_is_any (job->with));
  job->masks = options_all (given, "mask");
  job->tasks = g_ptr_array_new_with_free_func (free_task);
  if (n_args < (by_option ? 1 : 2))
    return missing (n_args > 0, error);
  for (int i = 0; i < n_args; i++)
    if (!add_pictures (by_option || i == 0 ? contents : styles, args[i], error))
      return FALSE;
  for (guint i = 0; i < named->len; i++)
    if (!add_pictures (styles, named->pdata[i], error))
      return FALSE;
  for (guint i = 0; job->with && i < rv_with_n (job->with); i++)
    g_ptr_array_add (styles, g_strdup (rv_with_name (job->with, i)));

  gboolean each = job->picture.output && strstr (job->picture.output, STYLE_MARK);
  guint n_blended = each ? 1 : styles->len;
  for (guint s = 0; s < styles->len; s += n_blended) /* all contents of a style: its targets are found once */
    for (guint c = 0; c < contents->len; c++)
      add_task (job, contents->pdata[c], (char *const *) styles->pdata + s, n_blended);
  return check_names (job, error) && check_masks (job, n_blended, error);
}
