/* with.c -- reverie style --with: pictures painted in styles that were learnt before. */
#include "cmd-style.h"
#include "job/picture.h"
#include "job/recipe.h"
#include <string.h>

const char *const style_with_of_films[] = { "from",    "to",          "every",           "crf", "codec", "log", "live",
                                            "preview", "state-every", "temporal-weight", NULL };
const char *const style_with_of_any[] = { "style", "style-blend", "style-scale", "weights", NULL };

gboolean
style_with_usage (const GPtrArray *given, const char *const *more, GError **error)
{
  static const char *const useful[] = { "with",     "output",   "size",   "height",  "width",    "quality",
                                        "bits",     "dpi",      "recipe", "force",   "settings", "quiet",
                                        "threads",  "strength", "resume", "dry-run", "offline",  "keep-colors",
                                        "truncate", "cell",     "mask",   "memory",  NULL };
  for (guint i = 0; i < given->len; i++) {
    const char *name = rv_option_name (((Given *) given->pdata[i])->option);
    if (!g_strv_contains (useful, name) && !(more && g_strv_contains (more, name))) {
      g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--%s does not go with --with: what was learnt is learnt", name);
      return FALSE;
    }
  }
  return TRUE;
}

/* The one of the items that the task is of; -1: all of them. */
static int
item_of (const StyleJob *job, const StyleTask *task)
{
  if (task->styles[1] || job->with->items->len == 1 || job->with->is_any)
    return -1;
  for (guint i = 0; i < job->with->items->len; i++)
    if (strcmp (rv__with_name (rv__with_item (job->with, i)), task->styles[0]) == 0)
      return (int) i;
  return -1;
}

char *
style_with_recipe (const RvWith *with, int only, const GPtrArray *masks, const RvSettings *settings,
                   const char *command, const char *content, const char *cell, const RvImage *result)
{
  int n = 0;
  guint n_masks = masks ? masks->len : 0;
  g_autofree RvRecipeInput *inputs = g_new0 (RvRecipeInput, with->items->len + n_masks + 1);
  g_autofree char *text = rv__with_text (with, only), *threads = rv_settings_get (settings, "threads", NULL),
                  *strength = rv_settings_get (settings, "strength", NULL),
                  *colors = rv_settings_get (settings, "keep-colors", NULL),
                  *scale = with->is_any ? rv_settings_get (settings, "style-scale", NULL) : NULL,
                  *blend = with->is_any ? rv_settings_get (settings, "style-blend", NULL) : NULL;
  const RvOptionValue all[] = { { "with", text },        { "strength", strength }, { "keep-colors", colors },
                                { "threads", threads },  { "cell", cell },         { "style-scale", scale },
                                { "style-blend", blend } };
  RvOptionValue given[G_N_ELEMENTS (all) + 1] = { 0 };
  for (guint i = 0, k = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i].value && *all[i].value)
      given[k++] = all[i];
  inputs[n++] = (RvRecipeInput){ "content", content };
  for (guint i = 0; i < with->items->len; i++)
    if (only < 0 || only == (int) i)
      inputs[n++] = (RvRecipeInput){ with->is_any ? "style" : "painter", rv__with_item (with, i)->file };
  for (guint i = 0; i < n_masks; i++)
    inputs[n++] = (RvRecipeInput){ "mask", masks->pdata[i] };
  return rv__recipe_json (&(RvRecipe){ .command = command,
                                       .inputs = inputs,
                                       .n_inputs = n,
                                       .width = result->width,
                                       .height = result->height,
                                       .given = given });
}

/* As jobs have them; borrowed. */
static RvPictureOptions
made_of (const PictureOptions *picture)
{
  return (RvPictureOptions){ .output = (char *) picture->output,
                             .force = picture->force,
                             .dry_run = picture->dry_run,
                             .quality = rv_settings_get_int (picture->asked, "quality", NULL),
                             .bits = rv_settings_get_int (picture->asked, "bits", NULL),
                             .dpi = rv_settings_get_real (picture->asked, "dpi", NULL) };
}

gboolean
style_with_check (const PictureOptions *picture, gboolean make_folder, int width, int height, const char *const *inputs,
                  GError **error)
{
  RvPictureOptions made = made_of (picture);
  made.make_folder = make_folder;
  g_autofree char *folder = picture->output ? g_path_get_dirname (picture->output) : NULL;
  gboolean missing = folder && !g_file_test (folder, G_FILE_TEST_EXISTS);
  gboolean ok = rv__picture_check_output (&made, width, height, inputs, error);
  if (missing && !picture->quiet && g_file_test (folder, G_FILE_TEST_EXISTS))
    say_made_folder (folder);
  return ok;
}

int
style_with_save (const PictureOptions *picture, gboolean truncate, const RvImage *result, char *recipe, gint64 began_us)
{
  GError *error = NULL;
  RvPictureOptions made = made_of (picture);
  made.truncate = truncate;
  made.recipe = recipe;
  return rv__picture_save (&made, result, picture->output, &error) ? picture_say_done (picture, result, began_us, FALSE)
                                                                   : run_error (error);
}

/* The photograph at the result's size; *picture: where to. */
static RvImage *
load_content (const StyleJob *job, const StyleTask *task, const PictureOptions *picture, GError **error)
{
  guint n_paintings = job->with->is_any ? g_strv_length (task->styles) : 0;
  g_autofree const char **inputs = g_new0 (const char *, job->with->items->len + n_paintings + job->masks->len + 2);
  gboolean make_folder = g_strcmp0 (job->picture.output, task->output) != 0;
  RvImageInfo info;
  int width, height;
  int n = 0;
  inputs[n++] = task->content;
  for (guint i = 0; i < n_paintings; i++)
    inputs[n++] = task->styles[i];
  for (guint i = 0; i < job->with->items->len; i++)
    if (rv__with_item (job->with, i)->file) /* or it is built in */
      inputs[n++] = rv__with_item (job->with, i)->file;
  for (guint i = 0; i < job->masks->len; i++)
    inputs[n++] = job->masks->pdata[i];
  if (!rv_image_probe (task->content, &info, error))
    return NULL;
  rv_picture_size (picture->asked, info.width, info.height, &width, &height);
  return style_with_check (picture, make_folder, width, height, inputs, error)
           ? rv_image_load (task->content, width, height, error)
           : NULL;
}

/* (transfer full) (nullable) */
static GPtrArray *
load_masks (const StyleJob *job, const RvImage *photo, GError **error)
{
  g_autoptr (GPtrArray) masks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  for (guint i = 0; i < job->masks->len; i++) {
    RvImage *mask = rv_image_load (job->masks->pdata[i], photo->width, photo->height, error);
    if (!mask)
      return NULL;
    g_ptr_array_add (masks, mask);
  }
  return g_steal_pointer (&masks);
}

static int
failed (GError *error)
{
  return g_error_matches (error, RV_ERROR, RV_ERROR_SETTING) ? usage_error (error) : run_error (error);
}

static int
say_plan (const StyleJob *job, const StyleTask *task, const RvImage *photo)
{
  GError *error = NULL;
  gsize peak;
  int n_strips;
  if (!rv__with_plan (job->with, item_of (job, task), photo->width, photo->height, job->settings, &peak, &n_strips,
                      &error))
    return failed (error);
  g_autofree char *memory = rv_text_bytes (peak), *strips = g_strdup_printf ("in %d strips", n_strips);
  printf ("%d x %d px, %s: peak %s\n", photo->width, photo->height, n_strips > 1 ? strips : "in one pass", memory);
  return EXIT_DONE;
}

int
style_run_with (StyleJob *job, const StyleTask *task)
{
  GError *error = NULL;
  PictureOptions picture = job->picture;
  gint64 began_us = g_get_monotonic_time ();
  picture.output = task->output;
  g_autoptr (RvImage) photo = load_content (job, task, &picture, &error);
  if (!photo || (job->with->is_any &&
                 !rv__with_show (job->with, task->styles, MAX (photo->width, photo->height), job->settings, &error)))
    return failed (error);
  if (picture.dry_run)
    return say_plan (job, task, photo);
  g_autoptr (GPtrArray) masks = load_masks (job, photo, &error);
  const RvWithHow how = { .only = item_of (job, task),
                          .masks = masks && masks->len ? (RvImage *const *) masks->pdata : NULL,
                          .over = TRUE };
  g_autoptr (RvImage) result = masks ? rv__with_paint (job->with, &how, photo, job->settings, &error) : NULL;
  if (!result)
    return failed (error);
  g_autofree char *recipe = picture.keep_recipe ? style_with_recipe (job->with, how.only, job->masks, job->settings,
                                                                     "style", task->content, NULL, result)
                                                : NULL;
  return style_with_save (&picture, rv_settings_get_bool (job->settings, "truncate", NULL), result, recipe, began_us);
}
