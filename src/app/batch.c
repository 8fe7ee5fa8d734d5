/* batch.c -- the pictures of a batch: contents times styles; a folder stands for its pictures. */
#include "base/error.h"
#include "io/folder.h"
#include "job/core/job-object.h"
#include "job/learned/learned-styles.h"
#include "method/run/scheduler.h"
#include <reverie/batch.h>
#include <string.h>

#define CONTENT_MARK "{content}"
#define STYLE_MARK "{style}"

/* Settings that name files of each picture. */
static const char *const outputs[] = { "output", "log", "plot", "timeline", "live" };
#define N_OUTPUTS G_N_ELEMENTS (outputs)

typedef struct {
  const char *content;     /* borrowed from batch->contents */
  guint first_style;       /* index into batch->styles */
  char *output[N_OUTPUTS]; /* NULL: none */
} Item;

struct _RvBatch {
  RvJob *like;              /* settings and other inputs of all jobs */
  RvJob *last;              /* most recent job; NULL: none yet */
  RvJob *prepared;          /* most recent job that was planned or run; NULL: none yet */
  char **pattern;           /* one per entry of `outputs`; "": none */
  RvLearnedStyles *learned; /* learned styles, used instead of `styles`; NULL: none */
  GPtrArray *styles;        /* files, or names of learned styles */
  GPtrArray *contents;
  GPtrArray *left_out;    /* error messages of entries of folders that are no pictures; NULL-terminated */
  guint n_blended;        /* styles per picture */
  GArray *items;          /* Item */
  char *part;             /* NULL: all items, distributed over the ranks */
  RvScheduler *scheduler; /* NULL until first used */
};

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* Appends a copy of @path to @files, without reading the file. If @path is a folder, appends the paths of the
 * pictures directly in the folder instead, sorted by name. Appends the error message of each other entry, hidden
 * ones excepted, to batch->left_out. RV_ERROR_FILE for a folder without pictures. */
static gboolean
add_pictures (RvBatch *batch, GPtrArray *files, const char *path, GError **error)
{
  guint before = files->len;
  char *reason = NULL;
  if (!g_file_test (path, G_FILE_TEST_IS_DIR)) {
    g_ptr_array_add (files, g_strdup (path));
    return TRUE;
  }
  g_autoptr (GPtrArray) all = rv__folder_list (path, error);
  for (guint i = 0; all && i < all->len; i++) {
    RvImageInfo info;
    g_autoptr (GError) fault = NULL;
    if (rv_image_probe (all->pdata[i], &info, &fault))
      g_ptr_array_add (files, g_strdup (all->pdata[i]));
    else
      g_ptr_array_add (batch->left_out, reason = g_strdup (fault->message));
  }
  if (all && files->len == before)
    rv__error_set (error, RV_ERROR_FILE, "%s is a folder without pictures: %s", path, reason);
  return files->len > before;
}

/* Appends the pictures of all @paths (nullable, NULL-terminated) to @files by add_pictures(). */
static gboolean
add_all (RvBatch *batch, GPtrArray *files, const char *const *paths, GError **error)
{
  for (; paths && *paths; paths++)
    if (!add_pictures (batch, files, *paths, error))
      return FALSE;
  return TRUE;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* (transfer full): base name of @file without its last suffix: "lake" for "photos/lake.jpg"; ".rc" for ".rc". */
static char *
stem (const char *file)
{
  g_autofree char *base = g_path_get_basename (file);
  char *dot = strrchr (base, '.');
  return dot && dot > base ? g_strndup (base, (gsize) (dot - base)) : g_steal_pointer (&base);
}

/* (transfer full) (nullable): @pattern with {content} and {style} replaced by the file names @content and @style,
 * without folder and suffix. @style: (nullable): {style} becomes "". NULL, no error: @pattern is "". */
static char *
expand_pattern (const char *pattern, const char *content, const char *style)
{
  if (!*pattern)
    return NULL;
  g_autofree char *content_stem = stem (content), *style_stem = style ? stem (style) : g_strdup ("");
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

/* Adds item->output[@k], which is not NULL, to @seen, a table from name to Item that borrows both. RV_ERROR_SETTING if
 * the name is in @seen already: inputs may have equal stems. @seen is unchanged then. */
static gboolean
check_and_add_name (const RvBatch *batch, const Item *item, guint k, GHashTable *seen, GError **error)
{
  const Item *other = g_hash_table_lookup (seen, item->output[k]);
  gboolean with_content = strstr (batch->pattern[k], CONTENT_MARK) != NULL,
           with_style = batch->n_blended != 1 || strstr (batch->pattern[k], STYLE_MARK);
  if (!other)
    return g_hash_table_insert (seen, item->output[k], (gpointer) item);
  gboolean same_style = other->first_style == item->first_style;
  if ((same_style || with_style) && (with_content || other->content == item->content))
    return rv__error_setting (
      error, outputs[k], "%s and %s would both become %s: rename one, or give them to different runs",
      (const char *) (same_style ? other->content : batch->styles->pdata[other->first_style]),
      (const char *) (same_style ? item->content : batch->styles->pdata[item->first_style]), item->output[k]);
  return rv__error_setting (error, outputs[k],
                            "several of %u pictures would be written to %s; put " CONTENT_MARK " or " STYLE_MARK
                            " into the name to make names differ",
                            batch->items->len, item->output[k]);
}

static gboolean
check_names (const RvBatch *batch, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal); /* name -> Item */
  for (guint i = 0; batch->items->len > 1 && i < batch->items->len; i++) {
    const Item *item = &g_array_index (batch->items, Item, i);
    for (guint k = 0; k < N_OUTPUTS; k++)
      if (item->output[k] && !check_and_add_name (batch, item, k, seen, error))
        return FALSE;
  }
  return TRUE;
}

/* ---- the batch --------------------------------------------------------------------------------------------------- */

static void
clear_item (gpointer data)
{
  Item *item = data;
  for (guint k = 0; k < N_OUTPUTS; k++)
    g_free (item->output[k]);
}

/* Sets batch->n_blended (1 or 0 if `output` has {style}, else the number of styles) and appends all items, with the
 * names of their outputs. The contents of a style are consecutive, so that the style's targets are computed once. */
static void
add_items (RvBatch *batch)
{
  gboolean each = strstr (batch->pattern[0], STYLE_MARK) != NULL;
  batch->n_blended = each ? MIN (batch->styles->len, 1) : batch->styles->len;
  for (guint s = 0; s == 0 || s < batch->styles->len; s += MAX (batch->n_blended, 1))
    for (guint c = 0; c < batch->contents->len; c++) {
      Item item = { .content = batch->contents->pdata[c], .first_style = s };
      for (guint k = 0; k < N_OUTPUTS; k++)
        item.output[k] =
          expand_pattern (batch->pattern[k], item.content, batch->n_blended > 0 ? batch->styles->pdata[s] : NULL);
      g_array_append_val (batch->items, item);
    }
}

/* Removes items whose content comes from a folder and is an output of another content: an earlier run made it. @paths:
 * (nullable): files and folders as given. */
static void
remove_outputs (RvBatch *batch, const char *const *paths)
{
  g_autoptr (GHashTable) made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL); /* name -> content */
  for (guint i = 0; i < batch->items->len; i++) {
    const Item *item = &g_array_index (batch->items, Item, i);
    for (guint k = 0; k < N_OUTPUTS; k++)
      if (item->output[k])
        g_hash_table_insert (made, g_canonicalize_filename (item->output[k], NULL), (gpointer) item->content);
  }
  for (guint i = batch->items->len; i-- > 0;) {
    const char *content = g_array_index (batch->items, Item, i).content;
    g_autofree char *name = g_canonicalize_filename (content, NULL);
    const char *source = g_hash_table_lookup (made, name);
    if (source && source != content && !g_strv_contains (paths, content))
      g_array_remove_index (batch->items, i);
  }
}

/* Sets batch->part to the setting `part`. Leaves it NULL without that setting, and for video jobs, which apply
 * `part` to their frames. RV_ERROR_SETTING if `output` has neither {content} nor {style}, or is in a folder of
 * @contents (nullable). Other shards would read results there as contents. */
static gboolean
read_part (RvBatch *batch, const char *const *contents, GError **error)
{
  int part, n_parts;
  const char *output = batch->pattern[0];
  g_autofree char *text = rv_job_get (batch->like, "part", NULL);
  if (!text || !*text || batch->like->class->video)
    return TRUE;
  batch->part = g_steal_pointer (&text);
  if (!rv__shard_parse (batch->part, &part, &n_parts, error))
    return FALSE;
  if (*output && !strstr (output, CONTENT_MARK) && !strstr (output, STYLE_MARK))
    return rv__error_setting (error, "part",
                              "'part' works only with many pictures, and %s is one: use mpirun, or " CONTENT_MARK
                              " or " STYLE_MARK " in its name",
                              output);
  g_autofree char *folder = g_path_get_dirname (output), *to = g_canonicalize_filename (folder, NULL);
  for (; *output && contents && *contents; contents++) {
    g_autofree char *from = g_canonicalize_filename (*contents, NULL);
    if (g_file_test (*contents, G_FILE_TEST_IS_DIR) && strcmp (from, to) == 0)
      return rv__error_setting (
        error, "part",
        "with 'part', 'output' must be outside the folder %s: other shards would read results as contents", *contents);
  }
  return TRUE;
}

/* Adds the names of the learned styles of the setting `learned`, if any, to batch->styles, and sets batch->learned to
 * the list of them, owned by @batch; loads no network. With "any" the styles are paintings and batch->learned stays
 * NULL. */
static gboolean
read_learned (RvBatch *batch, GError **error)
{
  g_autofree char *text = rv_job_get (batch->like, "learned", NULL);
  if (!text || !*text)
    return TRUE;
  g_autoptr (GPtrArray) inputs = rv__job_inputs (batch->like, "painter");
  g_autoptr (RvLearnedStyles) learned = rv__learned_styles_from_inputs (inputs, text, error);
  for (guint i = 0; learned && i < rv_learned_styles_n (learned); i++)
    g_ptr_array_add (batch->styles, g_strdup (rv__learned_styles_name (rv__learned_styles_item (learned, i))));
  gboolean ok = learned != NULL;
  if (ok && !rv_learned_styles_is_any (learned))
    batch->learned = g_steal_pointer (&learned);
  return ok;
}

RvBatch *
rv_batch_new (RvJob *like, const char *const *contents, const char *const *styles, GError **error)
{
  g_autoptr (RvBatch) batch = g_new0 (RvBatch, 1);
  batch->like = rv_job_ref (like);
  batch->contents = g_ptr_array_new_with_free_func (g_free);
  batch->styles = g_ptr_array_new_with_free_func (g_free);
  batch->left_out = g_ptr_array_new_with_free_func (g_free);
  batch->items = g_array_new (FALSE, FALSE, sizeof (Item));
  batch->pattern = g_new0 (char *, N_OUTPUTS + 1);
  g_array_set_clear_func (batch->items, clear_item);
  for (guint k = 0; k < N_OUTPUTS; k++)
    batch->pattern[k] = rv_job_get (like, outputs[k], NULL);
  if (!add_all (batch, batch->contents, contents, error) || !add_all (batch, batch->styles, styles, error) ||
      !read_learned (batch, error))
    return NULL;
  g_ptr_array_add (batch->left_out, NULL);
  add_items (batch);
  g_autoptr (GPtrArray) masks = rv__job_inputs (batch->like, "mask"); /* all pictures share them */
  if (!check_names (batch, error))
    return NULL;
  remove_outputs (batch, contents);
  return (batch->n_blended == 0 || rv__check_masks (masks->len, batch->n_blended, error)) &&
             read_part (batch, contents, error)
           ? g_steal_pointer (&batch)
           : NULL;
}

void
rv_batch_free (RvBatch *batch)
{
  if (!batch)
    return;
  rv_job_unref (batch->like);
  rv_job_unref (batch->last);
  rv_job_unref (batch->prepared);
  rv_learned_styles_free (batch->learned);
  g_strfreev (batch->pattern);
  g_ptr_array_unref (batch->contents);
  g_ptr_array_unref (batch->styles);
  g_ptr_array_unref (batch->left_out);
  g_array_unref (batch->items);
  rv__scheduler_free (batch->scheduler);
  g_free (batch->part);
  g_free (batch);
}

guint
rv_batch_n (const RvBatch *batch)
{
  return batch->items->len;
}

const char *const *
rv_batch_left_out (const RvBatch *batch)
{
  return (const char *const *) batch->left_out->pdata;
}

guint
rv_batch_n_styles (const RvBatch *batch)
{
  return batch->n_blended;
}

/* Item of picture @i, from 0; must be below rv_batch_n() (unchecked). Borrowed from @batch. */
static const Item *
item_of (const RvBatch *batch, guint i)
{
  return &g_array_index (batch->items, Item, i);
}

const char *
rv_batch_content (const RvBatch *batch, guint i)
{
  return item_of (batch, i)->content;
}

const char *
rv_batch_output (const RvBatch *batch, guint i)
{
  return item_of (batch, i)->output[0];
}

/* ---- the jobs ---------------------------------------------------------------------------------------------------- */

/* Adds the style files of @item to @job; with batch->learned instead the files of its style networks, and sets
 * `learned`. After an error some of these files may be added. */
static gboolean
add_styles (const RvBatch *batch, const Item *item, RvJob *job, GError **error)
{
  gboolean one = batch->learned && batch->n_blended < batch->styles->len;
  g_autofree char *text =
    batch->learned ? rv_learned_styles_text (batch->learned, one ? (int) item->first_style : -1) : NULL;
  for (guint s = item->first_style; s < item->first_style + batch->n_blended; s++) {
    const char *file = batch->learned ? rv_learned_styles_file (batch->learned, s) : batch->styles->pdata[s];
    if (file && !rv_job_add_file (job, batch->learned ? "painter" : "style", file, error))
      return FALSE;
  }
  return !text || rv_job_set (job, "learned", text, error);
}

RvJob *
rv_batch_job (RvBatch *batch, guint i, GError **error)
{
  const Item *item = item_of (batch, i);
  g_autoptr (RvJob) job = rv__job_new_like (batch->like, batch->learned ? "painter" : NULL);
  if (!rv_job_add_file (job, job->class->roles[0].name, item->content, error) || !add_styles (batch, item, job, error))
    return NULL;
  for (guint k = 0; k < N_OUTPUTS; k++)
    if (item->output[k] && !rv_job_set (job, outputs[k], item->output[k], error))
      return NULL;
  if (batch->part && !rv_job_set (job, "part", "", error))
    return NULL;
  if (item->output[0] && strcmp (item->output[0], batch->pattern[0]) != 0)
    job->make_folder = TRUE;
  if (batch->last && rv__job_is_reusable (batch->last)) {
    rv_job_unref (batch->prepared);
    batch->prepared = g_steal_pointer (&batch->last);
  }
  rv_job_unref (batch->last);
  batch->last = rv_job_ref (job);
  rv__job_reuse (job, batch->prepared);
  return g_steal_pointer (&job);
}

/* ---- several processes ------------------------------------------------------------------------------------------- */

gboolean
rv_batch_is_in_shard (const RvBatch *batch, guint i)
{
  int part, n_parts;
  return rv__shard_parse (batch->part, &part, &n_parts, NULL) && i % (guint) n_parts == (guint) part - 1;
}

gboolean
rv_batch_next (RvBatch *batch, gint64 *i, GError **error)
{
  *i = -1;
  if (!batch->scheduler && !(batch->scheduler = rv__scheduler_new (batch->items->len, batch->part, error)))
    return FALSE;
  return rv__scheduler_next (batch->scheduler, i, error);
}

void
rv_batch_set_outcome (RvBatch *batch, guint i, const char *failure)
{
  g_autofree char *text = g_strconcat (failure ? "!" : "", failure, NULL);
  if (batch->scheduler)
    rv__scheduler_set_result (batch->scheduler, i, g_bytes_new (text, strlen (text) + 1));
}

gboolean
rv_batch_end (RvBatch *batch, GError **error)
{
  return !batch->scheduler || rv__scheduler_gather (batch->scheduler, error);
}

gboolean
rv_batch_get_outcome (const RvBatch *batch, guint i, const char **failure)
{
  GBytes *outcome = batch->scheduler ? rv__scheduler_result (batch->scheduler, i) : NULL;
  const char *text = outcome ? g_bytes_get_data (outcome, NULL) : "";
  if (failure)
    *failure = *text == '!' ? text + 1 : NULL;
  return outcome != NULL;
}
