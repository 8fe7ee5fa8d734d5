/* style-with.c -- reverie style --with: pictures painted by painters that somebody learnt before. */
#include "base/text.h"
#include "cmd-style.h"
#include "job/recipe.h"
#include <string.h>

gboolean
style_with_usage (const GPtrArray *given, GError **error)
{
  static const char *const useful[] = { "with",     "output",  "size",        "height",   "width",
                                        "quality",  "bits",    "dpi",         "recipe",   "force",
                                        "settings", "quiet",   "threads",     "strength", "resume",
                                        "dry-run",  "offline", "keep-colors", "truncate", NULL };
  for (guint i = 0; i < given->len; i++) {
    const char *name = rv_option_name (((Given *) given->pdata[i])->option);
    if (!g_strv_contains (useful, name)) {
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
  if (task->styles[1] || job->with->items->len == 1)
    return -1;
  for (guint i = 0; i < job->with->items->len; i++)
    if (strcmp (rv__with_name (rv__with_item (job->with, i)), task->styles[0]) == 0)
      return (int) i;
  return -1;
}

/* Of the settings those that count here. */
static void
keep_recipe (const StyleJob *job, const StyleTask *task, const RvImage *result, PictureOptions *picture)
{
  int only = item_of (job, task), n = 0;
  g_autofree RvRecipeInput *inputs = g_new0 (RvRecipeInput, job->with->items->len + 1);
  g_autofree char *with = rv__with_text (job->with, only), *threads = rv_settings_get (job->settings, "threads", NULL),
                  *strength = rv_settings_get (job->settings, "strength", NULL),
                  *colors = rv_settings_get (job->settings, "keep-colors", NULL);
  const RvOptionValue given[] = {
    { "with", with }, { "strength", strength }, { "keep-colors", colors }, { "threads", threads }, { NULL, NULL }
  };
  inputs[n++] = (RvRecipeInput){ "content", task->content };
  for (guint i = 0; i < job->with->items->len; i++)
    if (only < 0 || only == (int) i)
      inputs[n++] = (RvRecipeInput){ "painter", rv__with_item (job->with, i)->file };
  if (picture->keep_recipe)
    picture->recipe = rv__recipe_json (&(RvRecipe){ .command = "style",
                                                    .inputs = inputs,
                                                    .n_inputs = n,
                                                    .width = result->width,
                                                    .height = result->height,
                                                    .given = given });
}

/* The photograph at the result's size; *picture: where to. */
static RvImage *
load_content (const StyleJob *job, const StyleTask *task, const PictureOptions *picture, GError **error)
{
  g_autofree const char **inputs = g_new0 (const char *, job->with->items->len + 2);
  RvImageInfo info;
  int width, height;
  inputs[0] = task->content;
  for (guint i = 0; i < job->with->items->len; i++)
    inputs[i + 1] = rv__with_item (job->with, i)->file;
  if (!rv_image_probe (task->content, &info, error))
    return NULL;
  picture_target_size (picture, info.width, info.height, &width, &height);
  return picture_check_output (picture, width, height, inputs, error)
           ? rv_image_load (task->content, width, height, error)
           : NULL;
}

static int
paint (StyleJob *job, const StyleTask *task, PictureOptions *picture)
{
  GError *error = NULL;
  gint64 began_us = g_get_monotonic_time ();
  g_autoptr (RvImage) photo = load_content (job, task, picture, &error);
  if (!photo)
    return run_error (error);
  if (picture->dry_run) {
    printf ("%d x %d px, in one pass\n", photo->width, photo->height);
    return EXIT_DONE;
  }
  g_autoptr (RvImage) result = rv__with_paint (job->with, item_of (job, task), photo, job->settings, &error);
  if (!result)
    return run_error (error);
  keep_recipe (job, task, result, picture);
  int code = picture_save_result (picture, result, NULL);
  return code == EXIT_DONE ? picture_say_done (picture, result, began_us, FALSE) : code;
}

int
style_run_with (StyleJob *job, const StyleTask *task)
{
  PictureOptions picture = job->picture;
  picture.output = task->output;
  picture.recipe = NULL;
  picture.make_folder = g_strcmp0 (job->picture.output, task->output) != 0;
  int code = paint (job, task, &picture);
  g_free (picture.recipe);
  return code;
}
