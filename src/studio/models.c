/* models.c -- models in the folder. Caches the type of each file, and the latest autoencoder, which a map draws many
 * times. */
#include "models.h"
#include "json-text.h"
#include <reverie/style-net.h>
#include <reverie/vae.h>
#include <reverie/weights.h>
#include <string.h>
#include <unistd.h>

#define MAX_MODELS 100 /* newest models of the folder that are listed */
#define THUMB_SIDE 4   /* pictures along a side of the thumbnail of an autoencoder */
#define TRIED_SIGMAS 1.0
#define MAX_TRIED 256 /* latent dimensions */

typedef struct {
  char *key;       /* identifies the file and its version */
  char *members;   /* members of a JSON object */
  GString *styles; /* JSON objects; NULL: not a style network */
} Model;

struct _TrainedModels {
  Pictures *pictures;
  GHashTable *models; /* by key */
  char *vae_key;      /* key of @vae; NULL: none is open */
  RvVae *vae;
  int first, second; /* latent dimensions that change pictures most; second -1: none */
};

static void
model_free (gpointer data)
{
  Model *model = data;
  if (model->styles)
    g_string_free (model->styles, TRUE);
  g_free (model->key);
  g_free (model->members);
  g_free (model);
}

TrainedModels *
models_new (Pictures *pictures)
{
  TrainedModels *models = g_new0 (TrainedModels, 1);
  models->pictures = pictures;
  models->models = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, model_free);
  return models;
}

void
models_free (TrainedModels *models)
{
  if (!models)
    return;
  g_hash_table_unref (models->models);
  g_free (models->vae_key);
  rv_vae_free (models->vae);
  g_free (models);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static char *
key_of (const Picture *picture)
{
  return g_strdup_printf ("%s-%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, picture->id, picture->made_us, picture->bytes);
}

static RvTensorMap *
load (TrainedModels *models, const Picture *picture, GError **error)
{
  int fd = pictures_open (models->pictures, picture, error);
  g_autofree char *path = fd < 0 ? NULL : pictures_path (fd, NULL);
  RvTensorMap *map = path ? rv_weights_load (path, RV_WEIGHTS_ALL, NULL, error) : NULL;
  if (fd >= 0)
    close (fd);
  return map;
}

/* Appends an object for each style of @style_net, from the file @model (NULL: built in). */
static void
styles_json (GString *json, Pictures *pictures, const RvStyleNet *style_net, const Picture *model)
{
  const char *id = model ? model->id : NULL;
  g_autofree char *version = model ? g_strdup_printf ("%" G_GINT64_FORMAT, model->made_us) : g_strdup (RV_VERSION);
  for (guint i = 0; i < rv_style_net_n_styles (style_net); i++) {
    const char *style = rv_style_net_style_name (style_net, i), *license = rv_style_net_style_license (style_net, i);
    g_autofree char *name = id ? g_strdup_printf ("%s:%s", id, style) : g_strdup (style);
    g_autofree char *escaped = g_uri_escape_string (style, NULL, FALSE);
    g_autoptr (Picture) painting =
      strlen (style) == TOKEN_LENGTH && !strchr (style, '-') ? pictures_find (pictures, style, NULL) : NULL;
    const char *shown = painting ? painting->title : style, *dot = painting ? strrchr (shown, '.') : NULL;
    g_autofree char *title = g_strndup (shown, dot ? (gsize) (dot - shown) : strlen (shown));
    g_autofree char *thumb =
      g_strdup_printf ("/api/v1/styles/thumb?name=%s%s%s&v=%s", escaped, id ? "&painter=" : "", id ? id : "", version);
    json_open (json, NULL, '{');
    json_text (json, "name", name);
    json_text (json, "title", title);
    json_text (json, "license", license ? license : "");
    json_text (json, "painter", id);
    json_text (json, "thumb", thumb);
    json_close (json, "}");
  }
}

static gint64
latent_of (const RvVae *vae)
{
  return rv_settings_get_int (rv_vae_settings (vae), "latent", NULL);
}

/* Cached description of the model file @picture, read at the first call. A file that is no model, or cannot be read,
 * has "model" null. Owned by @models until it is freed; never NULL. Worker thread only. */
static const Model *
model_of (TrainedModels *models, const Picture *picture)
{
  g_autofree char *key = key_of (picture);
  Model *model = g_hash_table_lookup (models->models, key);
  if (model)
    return model;
  g_autoptr (RvTensorMap) map = load (models, picture, NULL);
  g_autoptr (RvStyleNet) style_net = map ? rv_style_net_from_map (map, NULL) : NULL;
  g_autoptr (RvVae) vae = map && !style_net ? rv_vae_from_map (map, NULL) : NULL;
  model = g_new0 (Model, 1);
  model->key = g_steal_pointer (&key);
  g_autoptr (GString) json = g_string_new (style_net ? "\"model\":\"painter\"" : vae ? NULL : "\"model\":null");
  if (vae) {
    int channels, height, width;
    rv_vae_picture_size (vae, &channels, &height, &width);
    json_text (json, "model", "vae");
    json_int (json, "width", width);
    json_int (json, "height", height);
    json_int (json, "channels", channels);
    json_int (json, "latent", latent_of (vae));
  }
  model->members = g_strdup (json->str);
  if (style_net)
    styles_json (model->styles = g_string_new (NULL), models->pictures, style_net, picture);
  g_hash_table_insert (models->models, model->key, model);
  return model;
}

/* (transfer full) (element-type Picture): the newest MAX_MODELS models in the folder, newest first. Opens no files. */
static GPtrArray *
list_models (TrainedModels *models)
{
  GPtrArray *all = pictures_list (models->pictures, PICTURE_MADE, G_MAXUINT);
  for (guint i = all->len; i-- > 0;)
    if (((const Picture *) all->pdata[i])->type != TYPE_MODEL)
      g_ptr_array_remove_index (all, i);
  if (all->len > MAX_MODELS)
    g_ptr_array_set_size (all, MAX_MODELS);
  return all;
}

GBytes *
models_json (TrainedModels *models)
{
  g_autoptr (GPtrArray) all = list_models (models);
  GString *json = g_string_new ("{");
  json_open (json, "models", '[');
  for (guint i = 0; i < all->len; i++) {
    const Picture *picture = all->pdata[i];
    json_open (json, NULL, '{');
    json_text (json, "id", picture->id);
    json_text (json, "title", picture->title);
    json_int (json, "version", picture->made_us);
    g_string_append_printf (json, ",%s}", model_of (models, picture)->members);
  }
  json_close (json, "]}");
  return g_string_free_to_bytes (json);
}

GBytes *
models_styles (TrainedModels *models)
{
  g_autoptr (RvStyleNet) builtin = rv_style_net_new_builtin (NULL);
  g_autoptr (GPtrArray) all = list_models (models);
  GString *json = g_string_new ("{");
  json_open (json, "styles", '[');
  for (guint i = 0; i < all->len; i++) {
    const Model *model = model_of (models, all->pdata[i]);
    if (model->styles)
      g_string_append_printf (json, "%s%s", json->str[json->len - 1] == '[' ? "" : ",", model->styles->str);
  }
  if (builtin)
    styles_json (json, models->pictures, builtin, NULL);
  json_close (json, "]}");
  return g_string_free_to_bytes (json);
}

/* ---- style networks ---------------------------------------------------------------------------------------------- */

static RvStyleNet *
load_style_net (TrainedModels *models, const char *id, GError **error)
{
  g_autoptr (Picture) picture = pictures_find (models->pictures, id, error);
  g_autoptr (RvTensorMap) map = picture ? load (models, picture, error) : NULL;
  return map ? rv_style_net_from_map (map, error) : NULL;
}

RvImage *
models_style_thumb (TrainedModels *models, const char *id, const char *style, GError **error)
{
  g_autoptr (RvStyleNet) style_net = id ? load_style_net (models, id, error) : rv_style_net_new_builtin (error);
  int number = style_net ? rv_style_net_find_style (style_net, style) : -1;
  if (style_net && number < 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no style with that name.");
  return number >= 0 ? rv_style_net_style_thumbnail (style_net, (guint) number, error) : NULL;
}

/* ---- autoencoders ------------------------------------------------------------------------------------------------ */

/* Number of values in a picture: channels x height x width. */
static gsize
size_of (const RvVae *vae)
{
  int channels, height, width;
  rv_vae_picture_size (vae, &channels, &height, &width);
  return (gsize) channels * (gsize) height * (gsize) width;
}

/* Sets models->first and models->second to the two latent dimensions of models->vae that change the picture at the
 * origin most; many others are inactive. Tries the first MAX_TRIED dimensions. second is -1 for a single dimension.
 * FALSE, both unchanged: RV_ERROR_MEMORY; RV_ERROR_BACKEND. */
static gboolean
measure_dimensions (TrainedModels *models, GError **error)
{
  gint64 latent = latent_of (models->vae), n = MIN (latent, MAX_TRIED) + 1;
  gsize size = size_of (models->vae);
  g_autofree float *z = g_new0 (float, n *latent), *pixels = g_try_new (float, (gsize) n *size);
  double best[2] = { -1, -1 };
  if (!pixels)
    return studio_error (error, RV_ERROR, RV_ERROR_MEMORY, "no memory to read the model");
  for (gint64 i = 0; i < n - 1; i++)
    z[(i + 1) * latent + i] = TRIED_SIGMAS;
  if (!rv_vae_decode (models->vae, z, n, pixels, error))
    return FALSE;
  models->first = 0;
  models->second = -1;
  for (int i = 0; i < n - 1; i++) {
    const float *at = pixels + (gsize) (i + 1) * size;
    double change = 0; /* squared distance from the picture at the origin */
    for (gsize k = 0; k < size; k++)
      change += (double) (pixels[k] - at[k]) * (pixels[k] - at[k]);
    if (change > best[0]) {
      best[1] = best[0];
      models->second = best[0] < 0 ? -1 : models->first;
      best[0] = change;
      models->first = i;
    } else if (change > best[1]) {
      best[1] = change;
      models->second = i;
    }
  }
  return TRUE;
}

/* Loads the autoencoder @picture into models->vae and measures its dimensions, unless it is loaded already. Frees the
 * former one, also on failure; then the next call loads again. G_IO_ERROR_NOT_FOUND: the file is gone; RV_ERROR_FORMAT:
 * no autoencoder; RV_ERROR_FILE, RV_ERROR_MEMORY, RV_ERROR_BACKEND. Worker thread only. */
static gboolean
open_vae (TrainedModels *models, const Picture *picture, GError **error)
{
  g_autofree char *key = key_of (picture);
  if (g_strcmp0 (key, models->vae_key) == 0)
    return TRUE;
  g_clear_pointer (&models->vae_key, g_free);
  g_clear_pointer (&models->vae, rv_vae_free);
  g_autoptr (RvTensorMap) map = load (models, picture, error);
  if (!map || !(models->vae = rv_vae_from_map (map, error)))
    return FALSE;
  rv_vae_set_threads (models->vae, 1); /* a job may be using all processors */
  if (!measure_dimensions (models, error))
    return FALSE;
  models->vae_key = g_steal_pointer (&key);
  return TRUE;
}

static void
set_position (const TrainedModels *models, float *z, double x, double y)
{
  z[models->first] = (float) x;
  if (models->second >= 0)
    z[models->second] = (float) y;
}

/* (transfer full) (nullable): a sheet of the pictures of the @n latent positions @z, with @columns pictures in a row.
 * Errors of rv_vae_decode() and rv_vae_sheet(); RV_ERROR_MEMORY. */
static RvImage *
draw_sheet (TrainedModels *models, const float *z, int n, int columns, GError **error)
{
  g_autofree float *pixels = g_try_new (float, (gsize) n *size_of (models->vae));
  if (!pixels)
    return studio_error_null (error, RV_ERROR, RV_ERROR_MEMORY, "no memory for %d pictures", n);
  return rv_vae_decode (models->vae, z, n, pixels, error) ? rv_vae_sheet (models->vae, pixels, n, columns, 0, error)
                                                          : NULL;
}

/* Latent position of column @i, or of row @i from below, of a map of @cells x @cells: -LATENT_REACH to LATENT_REACH; 0
 * if @cells is 1. */
static double
map_position (int i, int cells)
{
  return cells > 1 ? LATENT_REACH * (2.0 * i / (cells - 1) - 1) : 0;
}

RvImage *
models_draw (TrainedModels *models, const char *id, const LatentPoint *position, int cells, GError **error)
{
  g_autoptr (Picture) picture = pictures_find (models->pictures, id, error);
  if (!picture || !open_vae (models, picture, error))
    return NULL;
  int side = MAX (cells, 1), n = side * side;
  gint64 latent = latent_of (models->vae);
  g_autofree float *z = g_new0 (float, n *latent);
  for (int i = 0; i < n; i++) {
    float *code = z + i * latent;
    if (position->seed > 0)
      rv_vae_sample_prior (models->vae, 1, 1, (gint64) position->seed, code);
    if (cells > 0)
      set_position (models, code, map_position (i % side, side), map_position (side - 1 - i / side, side));
    else
      set_position (models, code, position->x, position->y);
  }
  return draw_sheet (models, z, n, side, error);
}

RvImage *
models_thumb (TrainedModels *models, const Picture *picture, GError **error)
{
  const char *members = model_of (models, picture)->members;
  if (strstr (members, "\"vae\"")) { /* random samples: the origin would give only the mean picture */
    const int n = THUMB_SIDE * THUMB_SIDE;
    if (!open_vae (models, picture, error))
      return NULL;
    g_autofree float *z = g_new (float, n *latent_of (models->vae));
    rv_vae_sample_prior (models->vae, n, 1, 1, z);
    return draw_sheet (models, z, n, THUMB_SIDE, error);
  }
  if (!strstr (members, "painter"))
    return NULL;
  g_autoptr (RvStyleNet) style_net = load_style_net (models, picture->id, error);
  return style_net ? rv_style_net_style_thumbnail (style_net, 0, error) : NULL;
}
