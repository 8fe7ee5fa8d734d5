/* api.h -- the API's table of routes.
 * Layer 8 (studio). */
#ifndef STUDIO_API_H
#define STUDIO_API_H

#include "models.h"
#include "networks.h"
#include "queue.h"
#include "server.h"
#include "sets.h"
#include <reverie/image.h>

/* Data of the routes. */
typedef struct {
  Pictures *pictures;
  Queue *queue;
  Networks *networks;
  TrainedModels *models;
  Server *server;
  const AccessConfig *door;
  char *epoch;                 /* prefix of event ids; ids of an earlier run are ignored */
  char code[TOKEN_LENGTH + 1]; /* opens a session once, until @code_until_us (monotonic) */
  gint64 code_until_us;
  int preview_us; /* duration of the latest preview; atomic */
} Api;

extern const Route api_routes[];               /* ends with a row without a method */
#define API_JOB "kind, inputs, settings, cell" /* arguments of the route that takes a whole job */

/* A QueueFunc. @user_data: the Api. */
void api_changed (Task *task, gpointer user_data);

/* Adds tables of options of all kinds of jobs, limits, and whether videos can be read. */
void options_json (GString *json, const AccessConfig *door);

/* Adds api_routes as OpenAPI. */
void openapi_json (GString *json);

/* Serves the page, its scripts and images. Needs no token. */
void page_get (Request *request, gpointer user_data);

/* ---- api-pictures.c ---------------------------------------------------------------------------------------------- */

void get_pictures (Request *request, gpointer user_data);
void post_pictures (Request *request, gpointer user_data);
void get_picture (Request *request, gpointer user_data);
void get_file (Request *request, gpointer user_data);
void get_recipe (Request *request, gpointer user_data);
void delete_picture (Request *request, gpointer user_data);
void post_videos (Request *request, gpointer user_data);

/* Adds @picture as an object. */
void api_picture_json (const Picture *picture, GString *json, const char *name);

/* ---- api-thumbs.c ------------------------------------------------------------------------------------------------ */

void get_thumb (Request *request, gpointer user_data);
void get_set_thumb (Request *request, gpointer user_data);

/* Replies a JPEG of @image (taken), about as large as requested. @cache: the image never changes. */
void api_reply_image (Request *request, Api *api, RvImage *image, gboolean cache);

/* ---- api-sets.c -------------------------------------------------------------------------------------------------- */

void post_sets (Request *request, gpointer user_data);
void post_set_picture (Request *request, gpointer user_data);
void get_set (Request *request, gpointer user_data);
void delete_set (Request *request, gpointer user_data);

/* ---- api-models.c ------------------------------------------------------------------------------------------------ */

void get_models (Request *request, gpointer user_data);
void get_styles (Request *request, gpointer user_data);
void get_style_thumb (Request *request, gpointer user_data);
void get_latent (Request *request, gpointer user_data);
void post_latent (Request *request, gpointer user_data);

/* ---- api.c ------------------------------------------------------------------------------------------------------- */

/* Removes the paths of the studio's files from the message. */
void api_make_plain (GError *error);
/* Replies @error (taken) without such paths. */
void api_refuse (Request *request, GError *error);
/* Reads a number between @least and @most, or @usual if missing. FALSE: the error has been replied. */
gboolean api_number (Request *request, const char *name, double usual, double least, double most, double *number);

#endif
