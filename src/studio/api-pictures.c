/* api-pictures.c -- pictures, films, sets and models, as others may ask for them. */
#include "api.h"
#include "json.h"
#include <math.h>
#include <reverie/film.h>
#include <reverie/image.h>
#include <string.h>
#include <unistd.h>

#define THUMB_PX 320 /* longest side */
#define MOST_THUMB_PX 1024
#define THUMB_QUALITY 82
#define PREVIEW_QUALITY 85
#define HARDLY_LARGER 1.25
#define MOST_LISTED 300 /* pictures */
#define MOST_CELLS 24   /* of a map, each way */
#define MOST_S 1e6      /* of a film */

/* Where our files lie is nobody else's affair. */
void
api_make_plain (GError *error)
{
  char *plain = pictures_plain (error->message);
  g_free (error->message);
  error->message = plain;
}

void
api_refuse (Request *request, GError *error)
{
  api_make_plain (error);
  reply_gerror (request, error);
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

static void
picture_json (const Picture *picture, GString *json, const char *name)
{
  static const char *const kinds[] = { "made", "given", "example", "given" };
  static const char *const types[] = { "picture", "film", "model" };
  g_autofree char *thumb =
    g_strdup_printf ("/api/v1/pictures/%s/thumb?v=%" G_GINT64_FORMAT, picture->id, picture->made_us);
  json_open (json, name, '{');
  json_text (json, "id", picture->id);
  json_text (json, "kind", kinds[picture->kind]);
  json_text (json, "type", types[picture->type]);
  json_text (json, "title", picture->title);
  json_int (json, "bytes", picture->bytes);
  json_int (json, "time", picture->made_us / G_USEC_PER_SEC);
  json_text (json, "thumb", thumb);
  json_close (json, '}');
}

static void
list_json (Api *api, PictureKind kind, GString *json)
{
  g_autoptr (GPtrArray) list = pictures_list (api->pictures, kind, MOST_LISTED);
  for (guint i = 0; i < list->len; i++)
    picture_json (list->pdata[i], json, NULL);
}

/* The one of those bytes, where it is here: by which a recipe's inputs are found. */
static void
of_hash_json (Api *api, const char *sha256, GString *json)
{
  g_autofree char *id = pictures_id_of_hash (api->pictures, sha256);
  g_autoptr (Picture) picture = pictures_find (api->pictures, id, NULL);
  if (picture)
    picture_json (picture, json, NULL);
}

void
get_pictures (Request *request, gpointer user_data)
{
  Api *api = user_data;
  const char *sha256 = request_argument (request, "sha256");
  GString *json = g_string_new (NULL);
  json_open (json, NULL, '{');
  json_open (json, "pictures", '[');
  if (sha256)
    of_hash_json (api, sha256, json);
  for (int kind = PICTURE_MADE; !sha256 && kind <= PICTURE_FILM; kind++)
    list_json (api, (PictureKind) kind, json);
  json_close (json, ']');
  json_close (json, '}');
  reply_json (request, 200, json);
}

/* A number of the query within those bounds, or @usual where there is none. FALSE: that has been replied. */
static gboolean
find_number (Request *request, const char *name, double usual, double least, double most, double *number)
{
  const char *text = request_argument (request, name);
  char *end = NULL;
  *number = text ? g_ascii_strtod (text, &end) : usual;
  if (!text || (end != text && !*end && *number >= least && *number <= most))
    return TRUE;
  g_autofree char *sentence = g_strdup_printf ("'%s' is a number from %g to %g.", name, least, most);
  reply_error (request, 422, name, sentence);
  return FALSE;
}

/* ---- on the other thread ----------------------------------------------------------------------------------------- */

/* What is asked of it. */
typedef struct {
  Api *api;
  WorkFunc func;
  Picture *picture; /* or */
  RvImage *image;   /* of previews */
  int fd;           /* of the picture; or of what was sent; or -1 */
  int longest_px;
  double at_s;              /* of films */
  char *title, *id, *style; /* id: of a painter, or of a model */
  Place place;
  int cells;
} Work;

static Work *
work_new (Api *api)
{
  Work *work = g_new0 (Work, 1);
  work->api = api;
  work->fd = -1;
  work->longest_px = THUMB_PX;
  return work;
}

static void
work_free (gpointer data)
{
  Work *work = data;
  if (work->fd >= 0)
    close (work->fd);
  picture_free (work->picture);
  rv_image_unref (work->image);
  g_free (work->title);
  g_free (work->id);
  g_free (work->style);
  g_free (work);
}

static GBytes *
do_work (gpointer data, GError **error)
{
  GBytes *bytes = ((Work *) data)->func (data, error);
  if (!bytes)
    api_make_plain (*error);
  return bytes;
}

static void
later (Request *request, WorkFunc func, Work *work, const char *type, gboolean cache)
{
  work->func = func;
  request_later (request, do_work, work, work_free, type, cache);
}

static void
fit (int *width, int *height, int longest_px)
{
  double scale = MIN ((double) longest_px / MAX (*width, *height), 1);
  *width = MAX ((int) lrint (*width * scale), 1);
  *height = MAX ((int) lrint (*height * scale), 1);
}

/* ---- what one is ------------------------------------------------------------------------------------------------- */

/* Members of picture_json()'s object more, what the file's own header says; a film's is read by another program. */
static void
add_details (const Picture *picture, int fd, GString *json)
{
  RvImageInfo info;
  RvFilmInfo film;
  g_autofree char *path = pictures_path (fd, NULL);
  json->str[--json->len] = 0; /* to be closed again */
  if (picture->type == TYPE_PICTURE && rv_image_probe (path, &info, NULL)) {
    json_int (json, "width", info.width);
    json_int (json, "height", info.height);
  }
  if (picture->type == TYPE_FILM && rv_film_probe (path, &film, NULL)) {
    json_int (json, "width", film.width);
    json_int (json, "height", film.height);
    json_int (json, "frames", film.n_frames);
    json_real (json, "seconds", film.duration_s);
  }
  json_close (json, '}');
}

static GBytes *
make_details (gpointer data, GError **error)
{
  const Work *work = data;
  GString *json = g_string_new (NULL);
  picture_json (work->picture, json, NULL);
  add_details (work->picture, work->fd, json);
  return g_string_free_to_bytes (json);
}

static void
reply_picture (Request *request, int status, Api *api, const Picture *picture)
{
  GString *json = g_string_new (NULL);
  picture_json (picture, json, NULL);
  int fd = pictures_open (api->pictures, picture, NULL);
  if (fd >= 0) {
    add_details (picture, fd, json);
    close (fd);
  }
  reply_json (request, status, json);
}

/* (transfer full): the name that somebody has for what they send. */
static char *
title_of (Request *request)
{
  const char *sent = request_header (request, "X-Name");
  g_autofree char *title = sent ? g_uri_unescape_string (sent, NULL) : NULL;
  return title ? g_utf8_make_valid (title, MIN ((gssize) strlen (title), 255)) : NULL;
}

/* ---- coming and going -------------------------------------------------------------------------------------------- */

void
post_pictures (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  g_autofree char *title = title_of (request);
  g_autoptr (GHashTable) used = queue_inputs (api->queue);
  g_autoptr (Picture) picture =
    pictures_add (api->pictures, request_take_file (request), title, PICTURE_GIVEN, used, &error);
  if (picture)
    reply_picture (request, 201, api, picture);
  else
    api_refuse (request, error);
}

static GBytes *
add_film (gpointer data, GError **error)
{
  Work *work = data;
  work->picture = pictures_add_film (work->api->pictures, work->fd, work->title, error);
  work->fd = work->picture ? pictures_open (work->api->pictures, work->picture, error) : -1; /* that one was taken */
  return work->fd < 0 ? NULL : make_details (work, error);
}

void
post_films (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  g_autoptr (GHashTable) used = queue_inputs (api->queue);
  if (!pictures_make_room (api->pictures, PICTURE_FILM, used, &error)) {
    api_refuse (request, error);
    return;
  }
  Work *work = work_new (api);
  work->fd = request_take_file (request);
  work->title = title_of (request);
  later (request, add_film, work, "application/json", FALSE);
}

static Picture *
picture_of (Request *request, Api *api)
{
  GError *error = NULL;
  Picture *picture = pictures_find (api->pictures, request_id (request), &error);
  if (!picture)
    api_refuse (request, error);
  return picture;
}

static int
open_picture (Request *request, Api *api, const Picture *picture)
{
  GError *error = NULL;
  int fd = pictures_open (api->pictures, picture, &error);
  if (fd < 0)
    api_refuse (request, error);
  return fd;
}

/* (nullable): of the picture that is asked for, which is open. */
static Work *
work_of_file (Request *request, Api *api)
{
  g_autoptr (Picture) picture = picture_of (request, api);
  int fd = picture ? open_picture (request, api, picture) : -1;
  if (fd < 0)
    return NULL;
  Work *work = work_new (api);
  work->fd = fd;
  work->picture = g_steal_pointer (&picture);
  return work;
}

void
get_picture (Request *request, gpointer user_data)
{
  Work *work = work_of_file (request, user_data);
  if (work)
    later (request, make_details, work, "application/json", FALSE);
}

void
get_file (Request *request, gpointer user_data)
{
  g_autoptr (Picture) picture = picture_of (request, user_data);
  int fd = picture ? open_picture (request, user_data, picture) : -1;
  gboolean keep = request_argument (request, "download") != NULL;
  if (fd >= 0)
    reply_fd (request, pictures_type (fd), fd, keep ? picture->title : NULL, TRUE);
}

void
delete_picture (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  g_autoptr (Picture) picture = picture_of (request, api);
  g_autoptr (GHashTable) used = queue_inputs (api->queue);
  if (!picture)
    return;
  if (g_hash_table_contains (used, picture->id))
    reply_error (request, 409, NULL, "A job that waits needs this picture.");
  else if (pictures_trash (api->pictures, picture, &error))
    reply_empty (request);
  else
    api_refuse (request, error);
}

/* ---- thumbs, recipes, previews ----------------------------------------------------------------------------------- */

/* (transfer full) (nullable): small, of a picture's file. */
static RvImage *
load_small (const char *path, int longest_px, GError **error)
{
  RvImageInfo info;
  if (!rv_image_probe (path, &info, error))
    return NULL;
  fit (&info.width, &info.height, longest_px);
  return rv_image_load (path, info.width, info.height, error);
}

/* Likewise: the frame of a film at that time, or the first one there is from then on. */
static RvImage *
load_frame (const char *path, double at_s, int longest_px, GError **error)
{
  RvFilmInfo info;
  if (!rv_film_probe (path, &info, error))
    return NULL;
  fit (&info.width, &info.height, longest_px);
  const RvFilmPart part = { .from_s = at_s, .width = info.width, .height = info.height };
  g_autoptr (RvFilmReader) reader = rv_film_reader_new (path, &part, error);
  RvImage *frame = reader ? rv_film_reader_next (reader, error) : NULL;
  if (reader && !frame && error && !*error)
    g_set_error_literal (error, RV_ERROR, RV_ERROR_FORMAT, "the film has no frame there");
  return frame;
}

static GBytes *
make_thumb (gpointer data, GError **error)
{
  const Work *work = data;
  g_autofree char *path = pictures_path (work->fd, NULL);
  FileType type = work->picture ? work->picture->type : TYPE_PICTURE;
  g_autoptr (RvImage) image = type == TYPE_FILM    ? load_frame (path, work->at_s, work->longest_px, error)
                              : type == TYPE_MODEL ? learnt_thumb (work->api->learnt, work->picture, error)
                                                   : load_small (path, work->longest_px, error);
  RvSaveOptions options = { .quality = THUMB_QUALITY };
  return image ? rv_image_save_bytes (image, ".jpg", &options, error) : NULL;
}

/* While it is made the processors have better to do: what is hardly too large is sent as it is. */
static GBytes *
make_preview (gpointer data, GError **error)
{
  const Work *work = data;
  gint64 began_us = g_get_monotonic_time ();
  int width = work->image->width, height = work->image->height;
  gboolean fits = MAX (width, height) <= HARDLY_LARGER * work->longest_px;
  fit (&width, &height, work->longest_px);
  g_autoptr (RvImage) image =
    fits ? rv_image_ref (work->image) : rv_image_resize (work->image, width, height, RV_IMAGE_RESIZE_TRIANGLE, error);
  RvSaveOptions options = { .quality = PREVIEW_QUALITY };
  GBytes *bytes = image ? rv_image_save_bytes (image, ".jpg", &options, error) : NULL;
  g_atomic_int_set (&work->api->preview_us, (int) MIN (g_get_monotonic_time () - began_us, G_USEC_PER_SEC));
  return bytes;
}

static GBytes *
read_recipe (gpointer data, GError **error)
{
  const Work *work = data;
  g_autofree char *path = pictures_path (work->fd, NULL);
  char *recipe = work->picture->type == TYPE_FILM      ? rv_film_comment (path, error)
                 : work->picture->type == TYPE_PICTURE ? rv_image_recipe (path, error)
                                                       : NULL;
  if (work->picture->type == TYPE_MODEL)
    g_set_error_literal (error, RV_ERROR, RV_ERROR_FORMAT, "a model does not say how it was made");
  return recipe ? g_bytes_new_take (recipe, strlen (recipe)) : NULL;
}

void
get_thumb (Request *request, gpointer user_data)
{
  double longest_px, at_s;
  if (!find_number (request, "w", THUMB_PX, 16, MOST_THUMB_PX, &longest_px) ||
      !find_number (request, "at", 0, 0, MOST_S, &at_s))
    return;
  Work *work = work_of_file (request, user_data);
  if (!work)
    return;
  work->longest_px = (int) longest_px;
  work->at_s = at_s;
  later (request, make_thumb, work, "image/jpeg", TRUE);
}

void
get_recipe (Request *request, gpointer user_data)
{
  Work *work = work_of_file (request, user_data);
  if (work)
    later (request, read_recipe, work, "application/json", FALSE);
}

/* A JPEG of @image (taken), as large as is asked for; @cache: it never changes. */
void
api_reply_image (Request *request, Api *api, RvImage *image, gboolean cache)
{
  const char *w = request_argument (request, "w");
  guint64 longest_px = 960;
  if (w && !g_ascii_string_to_unsigned (w, 10, 16, 4096, &longest_px, NULL)) {
    rv_image_unref (image);
    reply_error (request, 422, "w", "'w' is the longest side in pixels, from 16 to 4096.");
    return;
  }
  Work *work = work_new (api);
  work->image = image;
  work->longest_px = (int) longest_px;
  later (request, make_preview, work, "image/jpeg", cache);
}

/* ---- sets to learn from ------------------------------------------------------------------------------------------ */

static void
reply_set (Request *request, int status, Api *api, const char *id)
{
  int n = sets_count (api->pictures, id);
  if (n < 0) {
    reply_error (request, 404, NULL, "That set of pictures is not here any more.");
    return;
  }
  GString *json = g_string_new (NULL);
  json_open (json, NULL, '{');
  json_text (json, "id", id);
  json_int (json, "pictures", n);
  json_close (json, '}');
  reply_json (request, status, json);
}

void
post_sets (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  g_autoptr (GHashTable) used = queue_inputs (api->queue);
  g_autofree char *id = sets_new (api->pictures, used, &error);
  if (id)
    reply_set (request, 201, api, id);
  else
    api_refuse (request, error);
}

void
post_set_picture (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  if (sets_add (api->pictures, request_id (request), request_take_file (request), &error))
    reply_set (request, 201, api, request_id (request));
  else
    api_refuse (request, error);
}

void
get_set (Request *request, gpointer user_data)
{
  reply_set (request, 200, user_data, request_id (request));
}

void
get_set_thumb (Request *request, gpointer user_data)
{
  Api *api = user_data;
  int fd = sets_first (api->pictures, request_id (request));
  if (fd < 0) {
    reply_error (request, 404, NULL, "That set has no picture.");
    return;
  }
  Work *work = work_new (api);
  work->fd = fd;
  later (request, make_thumb, work, "image/jpeg", FALSE);
}

void
delete_set (Request *request, gpointer user_data)
{
  Api *api = user_data;
  g_autoptr (GHashTable) used = queue_inputs (api->queue);
  if (g_hash_table_contains (used, request_id (request))) {
    reply_error (request, 409, NULL, "A job that waits needs these pictures.");
    return;
  }
  sets_remove (api->pictures, request_id (request));
  reply_empty (request);
}

/* ---- what was learnt --------------------------------------------------------------------------------------------- */

static GBytes *
list_models (gpointer data, GError **error)
{
  return learnt_models (((const Work *) data)->api->learnt);
}

static GBytes *
list_styles (gpointer data, GError **error)
{
  return learnt_styles (((const Work *) data)->api->learnt);
}

void
get_models (Request *request, gpointer user_data)
{
  later (request, list_models, work_new (user_data), "application/json", FALSE);
}

void
get_styles (Request *request, gpointer user_data)
{
  later (request, list_styles, work_new (user_data), "application/json", FALSE);
}

static GBytes *
make_style_thumb (gpointer data, GError **error)
{
  const Work *work = data;
  g_autoptr (RvImage) image = learnt_style_thumb (work->api->learnt, work->id, work->style, error);
  return image ? rv_image_save_bytes (image, ".png", NULL, error) : NULL;
}

void
get_style_thumb (Request *request, gpointer user_data)
{
  const char *name = request_argument (request, "name");
  Work *work = work_new (user_data);
  work->style = g_strdup (name ? name : "");
  work->id = g_strdup (request_argument (request, "painter"));
  later (request, make_style_thumb, work, "image/png", TRUE);
}

/* (nullable): of the model that is asked for, and where in it. */
static Work *
work_of_place (Request *request, Api *api)
{
  double x, y, seed, cells;
  if (!find_number (request, "x", 0, -100, 100, &x) || !find_number (request, "y", 0, -100, 100, &y) ||
      !find_number (request, "seed", 0, 0, 1e9, &seed) || !find_number (request, "cells", 0, 0, MOST_CELLS, &cells))
    return NULL;
  Work *work = work_new (api);
  work->id = g_strdup (request_id (request));
  work->place = (Place){ x, y, (guint64) seed };
  work->cells = (int) cells;
  return work;
}

static GBytes *
draw_place (gpointer data, GError **error)
{
  const Work *work = data;
  g_autoptr (RvImage) image = learnt_draw (work->api->learnt, work->id, &work->place, work->cells, error);
  return image ? rv_image_save_bytes (image, ".png", NULL, error) : NULL;
}

void
get_latent (Request *request, gpointer user_data)
{
  Work *work = work_of_place (request, user_data);
  if (work)
    later (request, draw_place, work, "image/png", request_argument (request, "v") != NULL);
}

static GBytes *
keep_place (gpointer data, GError **error)
{
  const Work *work = data;
  Pictures *pictures = work->api->pictures;
  g_autoptr (RvImage) image = learnt_draw (work->api->learnt, work->id, &work->place, 0, error);
  g_autofree char *file = g_strconcat (work->id, "-kept.png", NULL), *path = pictures_own_path (pictures, file);
  g_autofree char *id =
    image && rv_image_save (image, path, NULL, error) ? pictures_keep (pictures, file, error) : NULL;
  g_autoptr (Picture) picture = id ? pictures_find (pictures, id, error) : NULL;
  if (!picture)
    return NULL;
  GString *json = g_string_new (NULL);
  picture_json (picture, json, NULL);
  return g_string_free_to_bytes (json);
}

void
post_latent (Request *request, gpointer user_data)
{
  Work *work = work_of_place (request, user_data);
  if (work)
    later (request, keep_place, work, "application/json", FALSE);
}
