/* api-sets.c -- requests for sets of training pictures. */
#include "json-text.h"
#include "work.h"

/* Replies id and number of pictures of the set, or 404. */
static void
reply_set (Request *request, int status, Api *api, const char *id)
{
  int n = sets_count (api->pictures, id);
  if (n < 0) {
    reply_error (request, 404, NULL, "This set of pictures does not exist any more.");
    return;
  }
  GString *json = g_string_new ("{");
  json_text (json, "id", id);
  json_int (json, "pictures", n);
  json_close (json, "}");
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
    api_reply_gerror (request, error);
}

void
post_set_picture (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  if (sets_add (api->pictures, request_id (request), request_take_file (request), &error))
    reply_set (request, 201, api, request_id (request));
  else
    api_reply_gerror (request, error);
}

void
get_set (Request *request, gpointer user_data)
{
  reply_set (request, 200, user_data, request_id (request));
}

void
delete_set (Request *request, gpointer user_data)
{
  Api *api = user_data;
  g_autoptr (GHashTable) used = queue_inputs (api->queue);
  if (g_hash_table_contains (used, request_id (request))) {
    reply_error (request, 409, NULL, "A waiting job needs these pictures.");
    return;
  }
  sets_delete (api->pictures, request_id (request));
  reply_empty (request);
}
