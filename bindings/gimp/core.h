/* core.h -- the part of the plug-in that is independent of GIMP's version: procedures, requests, jobs. Includes no
 * header of GIMP or GTK.
 *
 * Forms and arguments are made from the library's tables of options (settings.h). One thread: the run reports on its
 * main context. */
#ifndef CORE_H
#define CORE_H

#include <reverie/reverie.h>

#define CORE_MENU "<Image>/Filters/Artistic/Reverie"
#define CORE_IMAGE_TYPES "RGB*, GRAY*"
#define CORE_HELP "The result is a new layer, with the selection as its mask."
#define CORE_PREVIEW_PX 256
#define CORE_RECIPE "reverie-recipe" /* parasite of the layer with its recipe */
#define CORE_INPUTS_HELP "other input files by role, as JSON: {\"mask\": [\"sky.png\"], \"protect\": \"face.png\"}"
#define CORE_SETTINGS_HELP "settings by name, as JSON: {\"strength\": 70}"

/* A procedure: a row of a table. */
typedef struct {
  const char *name, *label, *blurb;
  const char *kind;
  const char *content;                          /* role of the layer */
  const char *role, *other, *other_image, *tip; /* the other picture: role, argument names, description */
  const char *missing;                          /* error if the other picture is missing; NULL: it is optional */
  const char *styles;                           /* option that names learned styles; NULL: none */
} Procedure;

/* Ends with a row without a name. */
extern const Procedure core_procedures[];
/* (static) (nullable): the procedure called @name. NULL: there is none. */
const Procedure *core_procedure (const char *name);

/* (static) (nullable): option @i, from 0, of the procedure's jobs, counted over all tables of these jobs. NULL: beyond
 * the last. */
const RvOption *core_option (const Procedure *procedure, guint i);

/* Returns the default of an option for a number; 0: the method chooses. *min, *max: (out): range of the option; *min is
 * lowered to the default. */
double core_option_number (const RvOption *option, double *min, double *max);

/* (transfer full): description of an option: help, range, unit. */
char *core_option_text (const RvOption *option);

/* A request. Callers may change all members but @settings. */
typedef struct {
  const Procedure *procedure;
  RvImage *picture;          /* layer */
  RvImage *image;            /* (nullable): the other picture, if it is an open image */
  int image_id;              /* id of that image in GIMP */
  char *file;                /* (nullable): the other picture, if it is a file */
  char *inputs;              /* (nullable): JSON, see CORE_INPUTS_HELP */
  RvJob *settings;           /* a job that is never run; it stores and checks settings */
  gboolean takes_no_picture; /* the job from request_job() takes no picture */
} Request;

/* (transfer full) (nullable): a request with default settings and no pictures. */
Request *request_new (const Procedure *procedure, GError **error);
void request_free (Request *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

/* Sets image_id. Frees and clears request->image if the id has changed; the caller then reads the new one. */
void request_use_image (Request *request, int id);

/* Sets the option @name. @value: as a user would type it. "" or 0 leaves an option without a default to the method.
 * RV_ERROR_SETTING. */
gboolean request_set (Request *request, const char *name, const char *value, GError **error);
/* (transfer full) (nullable): the value of the option @name for request_set(). NULL: there is none. */
char *request_get (const Request *request, const char *name);
/* Sets all settings of @json (nullable, see CORE_SETTINGS_HELP), or none. RV_ERROR_FORMAT, RV_ERROR_SETTING. */
gboolean request_set_json (Request *request, const char *json, GError **error);
/* (transfer full): the request without its pictures in memory, for GIMP to store. */
char *request_to_text (const Request *request);
/* Restores a text of request_to_text(). Does nothing if it is unreadable or of another procedure. */
void request_restore (Request *request, const char *text);

/* (transfer full) (nullable): a checked job for request->picture. A job that takes no picture, such as a dream from
 * noise, gets none, and takes_no_picture is set. RV_ERROR_SETTING, errors of rv_job_check(). */
RvJob *request_job (Request *request, GError **error);
/* (transfer full) (nullable): the same job for @small, at most CORE_PREVIEW_PX. It writes no files. */
RvJob *request_preview_job (const Request *request, RvImage *small, GError **error);

/* (transfer full) (nullable): runs a job and returns its result, in the size of the picture if it took one. Meanwhile
 * runs the caller's main context, on which @func is called. Errors of the job. */
RvImage *core_run (const Request *request, RvJob *job, RvJobFunc func, gpointer user_data, GCancellable *cancellable,
                   GError **error);

typedef gboolean (*CoreProgressFunc) (double done_01);
/* (transfer full) (nullable): core_run() of request_job(). @recipe: (out) (transfer full): recipe of the result. */
RvImage *core_run_now (Request *request, CoreProgressFunc progress, char **recipe, GError **error);

/* Whether the error is a cancellation, which is not reported. */
gboolean core_is_cancelled (const GError *error);

/* (transfer full): text of a progress bar: "iteration 12 of 60, about 10 s left". */
char *core_progress (const RvJobReport *report);
/* Kernel choices shared by all jobs of the process, from the kernel cache. Borrowed. */
RvKernelTable *core_kernels (void);

/* (transfer full): "Learned style". */
char *core_title (const Procedure *procedure);
/* (transfer full): name of the new layer: "Learned style: hokusai-wave". */
char *core_layer_name (const Request *request);

/* (transfer full) (nullable): @picture, shrunk to a longest side of at most CORE_PREVIEW_PX. RV_ERROR_MEMORY. */
RvImage *core_small (RvImage *picture, GError **error);

#endif
