/* api-models.c -- requests for learned models, their styles and latent spaces. */
#include "work.h"

#define MAX_CELLS 24 /* along a side of a map */

static GBytes *
list_models (gpointer data, GError **error)
{
  return models_json (((const Work *) data)->api->models);
}

static GBytes *
list_styles (gpointer data, GError **error)
{
  return models_styles (((const Work *) data)->api->models);
}

void
get_models (Request *request, gpointer user_data)
{
  work_later (request, list_models, work_new (user_data), "application/json", FALSE);
}

void
get_styles (Request *request, gpointer user_data)
{
  work_later (request, list_styles, work_new (user_data), "application/json", FALSE);
}

static GBytes *
make_style_thumb (gpointer data, GError **error)
{
  const Work *work = data;
  g_autoptr (RvImage) image = models_style_thumb (work->api->models, work->id, work->style, error);
  return image ? rv_image_save_bytes (image, ".png", NULL, error) : NULL;
}

void
get_style_thumb (Request *request, gpointer user_data)
{
  const char *name = request_argument (request, "name");
  Work *work = work_new (user_data);
  work->style = g_strdup (name ? name : "");
  work->id = g_strdup (request_argument (request, "painter"));
  work_later (request, make_style_thumb, work, "image/png", TRUE);
}

/* (transfer full) (nullable): work for the model and latent position of a request. NULL: the error has been replied. */
static Work *
work_of_position (Request *request, Api *api)
{
  double x, y, seed, cells;
  if (!api_read_number (request, "x", 0, -100, 100, &x) || !api_read_number (request, "y", 0, -100, 100, &y) ||
      !api_read_number (request, "seed", 0, 0, 1e9, &seed) ||
      !api_read_number (request, "cells", 0, 0, MAX_CELLS, &cells))
    return NULL;
  Work *work = work_new (api);
  work->id = g_strdup (request_id (request));
  work->position = (LatentPoint){ x, y, (guint64) seed };
  work->cells = (int) cells;
  return work;
}

static GBytes *
draw_position (gpointer data, GError **error)
{
  const Work *work = data;
  g_autoptr (RvImage) image = models_draw (work->api->models, work->id, &work->position, work->cells, error);
  return image ? rv_image_save_bytes (image, ".png", NULL, error) : NULL;
}

void
get_latent (Request *request, gpointer user_data)
{
  Work *work = work_of_position (request, user_data);
  if (work)
    work_later (request, draw_position, work, "image/png", request_argument (request, "v") != NULL);
}

/* WorkFunc; @data: Work with the model's id and the position. Draws the picture and saves it in the folder. Returns
 * (transfer full) its JSON, as api_picture_json() writes it. NULL with @error, and no file: errors of models_draw();
 * RV_ERROR_FILE or a G_IO_ERROR if it cannot be saved. */
static GBytes *
save_position (gpointer data, GError **error)
{
  const Work *work = data;
  Pictures *pictures = work->api->pictures;
  g_autoptr (RvImage) image = models_draw (work->api->models, work->id, &work->position, 0, error);
  g_autofree char *file = g_strconcat (work->id, "-saved.png", NULL), *path = pictures_hidden_path (pictures, file);
  g_autofree char *id =
    image && rv_image_save (image, path, NULL, error) ? pictures_publish (pictures, file, error) : NULL;
  if (!id)
    pictures_delete_files (pictures_hidden_folder (pictures), file);
  g_autoptr (Picture) picture = id ? pictures_find (pictures, id, error) : NULL;
  if (!picture)
    return NULL;
  GString *json = g_string_new (NULL);
  api_picture_json (picture, json);
  return g_string_free_to_bytes (json);
}

void
post_latent (Request *request, gpointer user_data)
{
  Work *work = work_of_position (request, user_data);
  if (work)
    work_later (request, save_position, work, "application/json", FALSE);
}
