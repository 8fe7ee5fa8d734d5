/* api.h -- what others may ask the studio for: a table of rows.
 * Layer 8 (studio). */
#ifndef STUDIO_API_H
#define STUDIO_API_H

#include "models.h"
#include "queue.h"
#include "server.h"

/* What rows work on. */
typedef struct {
  Pictures *pictures;
  Queue *queue;
  Models *models;
  Server *server;
  const Door *door;
  char *epoch;                 /* of ids of events: those of an earlier program mean nothing */
  char code[TOKEN_LENGTH + 1]; /* opens a session once, until then (monotonic) */
  gint64 code_until_us;
} Api;

extern const Route api_routes[]; /* ends without a method */

/* api_changed: a QueueFunc; @user_data: the Api. */
void api_changed (Task *task, gpointer user_data);

/* options_json: what there is to set: commands and their tables, limits. */
void options_json (GString *json, gint64 most_bytes);

/* styles_json: the styles that were learnt before. styles_thumb: a WorkFunc: PNG of the one of that name. */
void styles_json (GString *json);
GBytes *styles_thumb (gpointer name, GError **error);

/* openapi_json: api_routes as OpenAPI. */
void openapi_json (GString *json);

/* page_get: the row of what needs no token: the page, its scripts and pictures. */
void page_get (Request *request, gpointer user_data);

#endif
