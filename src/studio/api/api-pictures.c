/* api-pictures.c -- requests for pictures and videos. */
#include "json-text.h"
#include "work.h"
#include <reverie/video.h>
#include <reverie/json.h>
#include <string.h>
#include <unistd.h>

#define MAX_LISTED 300
#define MAX_TITLE_BYTES 255

/* ---- list -------------------------------------------------------------------------------------------------------- */

void
api_picture_json (const Picture *picture, GString *json)
{
  static const char *const kinds[] = { "made", "given", "example", "given", "given" };
  static const char *const types[] = { "picture", "video", "model", "network" };
  g_autofree char *thumb =
    g_strdup_printf ("/api/v1/pictures/%s/thumb?v=%" G_GINT64_FORMAT, picture->id, picture->made_us);
  json_open (json, NULL, '{');
  json_text (json, "id", picture->id);
  json_text (json, "kind", kinds[picture->kind]);
  json_text (json, "type", types[picture->type]);
  json_text (json, "title", picture->title);
  json_int (json, "bytes", picture->bytes);
  json_int (json, "time", picture->made_us / G_USEC_PER_SEC);
  json_text (json, "thumb", thumb);
  json_close (json, "}");
}

void
get_pictures (Request *request, gpointer user_data)
{
  Api *api = user_data;
  const char *sha256 = request_argument (request, "sha256");
  GString *json = g_string_new ("{");
  json_open (json, "pictures", '[');
  for (int kind = PICTURE_GIVEN; sha256 && kind <= PICTURE_VIDEO; kind++) { /* the page finds inputs of a recipe */
    char id[TOKEN_LENGTH + 1];
    pictures_make_id (api->pictures, (PictureKind) kind, sha256, id);
    g_autoptr (Picture) picture = kind == PICTURE_EXAMPLE ? NULL : pictures_find (api->pictures, id, NULL);
    if (picture)
      api_picture_json (picture, json);
  }
  for (int kind = PICTURE_MADE; !sha256 && kind <= PICTURE_VIDEO; kind++) {
    g_autoptr (GPtrArray) list = pictures_list (api->pictures, (PictureKind) kind, MAX_LISTED);
    for (guint i = 0; i < list->len; i++)
      api_picture_json (list->pdata[i], json);
  }
  json_close (json, "]}");
  reply_json (request, 200, json);
}

/* ---- details ----------------------------------------------------------------------------------------------------- */

/* Appends members to the object of @picture: width and height in pixels, for a video also frames and seconds. Before
 * and after, the last character of @json is the object's closing brace. Reads the header of its file @fd, which stays
 * open. A model, a network or an unreadable file adds none. A video is probed by a subprocess, which takes a while.
 * Cannot fail. */
static void
add_details (const Picture *picture, int fd, GString *json)
{
  RvImageInfo info;
  RvVideoInfo video;
  g_autofree char *path = pictures_path (fd, NULL);
  json->str[--json->len] = 0; /* reopens the object */
  if (picture->type == TYPE_PICTURE && rv_image_probe (path, &info, NULL)) {
    json_int (json, "width", info.width);
    json_int (json, "height", info.height);
  }
  if (picture->type == TYPE_VIDEO && rv_video_probe (path, &video, NULL)) {
    json_int (json, "width", video.width);
    json_int (json, "height", video.height);
    json_int (json, "frames", video.n_frames);
    json_real (json, "seconds", video.duration_s);
  }
  json_close (json, "}");
}

/* WorkFunc; @data: Work with picture and fd. (transfer full): JSON of the picture with add_details(). Never NULL. */
static GBytes *
make_details (gpointer data, GError **error)
{
  const Work *work = data;
  GString *json = g_string_new (NULL);
  api_picture_json (work->picture, json);
  add_details (work->picture, work->fd, json);
  return g_string_free_to_bytes (json);
}

/* (transfer full) (nullable): the file name in the header X-Name, as UTF-8, cut at MAX_TITLE_BYTES. NULL: no header, or
 * a wrong percent-encoding. */
static char *
title_of (Request *request)
{
  const char *sent = request_header (request, "X-Name");
  g_autofree char *title = sent ? g_uri_unescape_string (sent, NULL) : NULL;
  char *valid = title ? g_utf8_make_valid (title, -1) : NULL;
  if (valid && strlen (valid) > MAX_TITLE_BYTES)
    *g_utf8_find_prev_char (valid, valid + MAX_TITLE_BYTES + 1) = 0;
  return valid;
}

/* ---- add and delete ---------------------------------------------------------------------------------------------- */

void
post_pictures (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  g_autofree char *title = title_of (request);
  g_autoptr (GHashTable) used = queue_inputs (api->queue);
  g_autoptr (Picture) picture =
    pictures_add (api->pictures, request_take_file (request), title, PICTURE_GIVEN, used, &error);
  if (!picture) {
    api_reply_gerror (request, error);
    return;
  }
  GString *json = g_string_new (NULL);
  api_picture_json (picture, json);
  int fd = pictures_open (api->pictures, picture, NULL);
  if (fd >= 0) {
    add_details (picture, fd, json);
    close (fd);
  }
  reply_json (request, 201, json);
}

/* WorkFunc; @data: Work with kind, used, fd, the upload, and title. Adds the upload, sets work->picture, and replaces
 * work->fd by the stored file. (transfer full) (nullable): make_details(). */
static GBytes *
add_upload (gpointer data, GError **error)
{
  Work *work = data;
  work->picture = pictures_add (work->api->pictures, work->fd, work->title, work->kind, work->used, error);
  /* pictures_add() has closed the descriptor */
  work->fd = work->picture ? pictures_open (work->api->pictures, work->picture, error) : -1;
  return work->fd < 0 ? NULL : make_details (work, error);
}

/* Replies the added file, or the error, later: adds the body of the request on the worker thread. @kind:
 * PICTURE_VIDEO or PICTURE_NETWORK. */
static void
post_large (Request *request, Api *api, PictureKind kind)
{
  Work *work = work_new (api);
  work->used = queue_inputs (api->queue);
  work->kind = kind;
  work->fd = request_take_file (request);
  work->title = title_of (request);
  work_later (request, add_upload, work, "application/json", FALSE);
}

void
post_videos (Request *request, gpointer user_data)
{
  post_large (request, user_data, PICTURE_VIDEO);
}

void
post_networks (Request *request, gpointer user_data)
{
  post_large (request, user_data, PICTURE_NETWORK);
}

void
get_picture (Request *request, gpointer user_data)
{
  Work *work = work_of_file (request, user_data);
  if (work)
    work_later (request, make_details, work, "application/json", FALSE);
}

void
get_file (Request *request, gpointer user_data)
{
  g_autoptr (Picture) picture = work_picture (request, user_data);
  int fd = picture ? work_open (request, user_data, picture) : -1;
  gboolean keep = request_argument (request, "download") != NULL;
  /* the id of a result depends only on its name: an edited file has the same id */
  gboolean cache = picture && (picture->kind != PICTURE_MADE || request_argument (request, "v"));
  if (fd >= 0)
    reply_fd (request, pictures_mime_type (fd), fd, keep ? picture->title : NULL, cache);
}

void
delete_picture (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  g_autoptr (Picture) picture = work_picture (request, api);
  g_autoptr (GHashTable) used = queue_inputs (api->queue);
  if (!picture)
    return;
  /* a job keeps a copy of, or a link to, a created file */
  if (picture->kind != PICTURE_MADE && g_hash_table_contains (used, picture->id))
    reply_error (request, 409, NULL, "A waiting job needs this picture.");
  else if (pictures_trash (api->pictures, picture, &error))
    reply_empty (request);
  else
    api_reply_gerror (request, error);
}

/* ---- recipe ------------------------------------------------------------------------------------------------------ */

/* WorkFunc; @data: Work with picture and fd. (transfer full) (nullable): the recipe's JSON, or "null" without one, as
 * in most uploads. Also "null" for models, damaged files, and text that is no recipe. NULL with @error, such as
 * RV_ERROR_FILE. */
static GBytes *
read_recipe (gpointer data, GError **error)
{
  const Work *work = data;
  g_autofree char *path = pictures_path (work->fd, NULL);
  g_autoptr (GError) problem = NULL;
  g_autofree char *text = work->picture->type == TYPE_VIDEO     ? rv_video_comment (path, &problem)
                          : work->picture->type == TYPE_PICTURE ? rv_image_recipe (path, &problem)
                                                                : NULL;
  if (problem && !g_error_matches (problem, RV_ERROR, RV_ERROR_FORMAT)) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return NULL;
  }
  const char *command; /* the comment of a video can be any text */
  g_autoptr (GVariant) recipe = text ? rv_json_read (text, -1, "the recipe", NULL) : NULL;
  if (!recipe || !g_variant_lookup (recipe, "command", "&s", &command))
    return g_bytes_new_static ("null", strlen ("null"));
  return g_bytes_new (text, strlen (text));
}

void
get_recipe (Request *request, gpointer user_data)
{
  Work *work = work_of_file (request, user_data);
  if (work)
    work_later (request, read_recipe, work, "application/json", FALSE);
}
