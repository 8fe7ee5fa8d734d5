/* api.h -- what others may ask the studio for: a table of rows.
 * Layer 8 (studio). */
#ifndef STUDIO_API_H
#define STUDIO_API_H

#include "learnt.h"
#include "models.h"
#include "queue.h"
#include "server.h"
#include "sets.h"
#include <reverie/image.h>

/* What rows work on. */
typedef struct {
  Pictures *pictures;
  Queue *queue;
  Models *models;
  Learnt *learnt;
  Server *server;
  const Door *door;
  char *epoch;                 /* of ids of events: those of an earlier program mean nothing */
  char code[TOKEN_LENGTH + 1]; /* opens a session once, until then (monotonic) */
  gint64 code_until_us;
  int preview_us; /* that the last one took; of any thread */
} Api;

extern const Route api_routes[];               /* ends without a method */
#define API_JOB "kind, inputs, settings, cell" /* what the row takes that takes a whole job */

/* api_changed: a QueueFunc; @user_data: the Api. */
void api_changed (Task *task, gpointer user_data);

/* options_json: what there is to set: commands and their tables, limits, whether films can be read. */
void options_json (GString *json, const Door *door);

/* openapi_json: api_routes as OpenAPI. */
void openapi_json (GString *json);

/* page_get: the row of what needs no token: the page, its scripts and pictures. */
void page_get (Request *request, gpointer user_data);

/* ---- api-pictures.c: rows of pictures and films ------------------------------------------------------------------ */

void get_pictures (Request *request, gpointer user_data);
void post_pictures (Request *request, gpointer user_data);
void get_picture (Request *request, gpointer user_data);
void get_file (Request *request, gpointer user_data);
void get_recipe (Request *request, gpointer user_data);
void delete_picture (Request *request, gpointer user_data);
void post_films (Request *request, gpointer user_data);

/* api_picture_json: as an object. */
void api_picture_json (const Picture *picture, GString *json, const char *name);

/* ---- api-thumbs.c: small pictures of them ------------------------------------------------------------------------ */

void get_thumb (Request *request, gpointer user_data);
void get_set_thumb (Request *request, gpointer user_data);

/* api_reply_image: a JPEG of @image (taken), about as large as is asked for; @cache: it never changes. */
void api_reply_image (Request *request, Api *api, RvImage *image, gboolean cache);

/* ---- api-sets.c: rows of sets ------------------------------------------------------------------------------------ */

void post_sets (Request *request, gpointer user_data);
void post_set_picture (Request *request, gpointer user_data);
void get_set (Request *request, gpointer user_data);
void delete_set (Request *request, gpointer user_data);

/* ---- api-learnt.c: rows of models and styles --------------------------------------------------------------------- */

void get_models (Request *request, gpointer user_data);
void get_styles (Request *request, gpointer user_data);
void get_style_thumb (Request *request, gpointer user_data);
void get_latent (Request *request, gpointer user_data);
void post_latent (Request *request, gpointer user_data);

/* ---- api.c: what several of them need ---------------------------------------------------------------------------- */

/* api_make_plain: what @error says in other words, where it names files of ours. api_refuse: with that; @error is
 * taken. api_number: a number that is said, within those bounds, or @usual where there is none; FALSE: that has been
 * replied. */
void api_make_plain (GError *error);
void api_refuse (Request *request, GError *error);
gboolean api_number (Request *request, const char *name, double usual, double least, double most, double *number);

#endif
