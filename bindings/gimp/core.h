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
  const char *wanted;                           /* error if the other picture is missing; NULL: it is optional */
  const char *styles;                           /* option that names learned styles; NULL: none */
} Procedure;

/* Ends with a row without a name. */
extern const Procedure core_procedures[];
/* NULL: no such procedure. */
const Procedure *core_procedure (const char *name);

/* Option @i of the procedure's jobs. NULL: beyond the last. */
const RvOption *core_option (const Procedure *procedure, guint i);

/* Default of a number (0: the method chooses) and its range, extended to contain the default. */
double core_option_number (const RvOption *option, double *min, double *max);
/* Whether the option names learned styles. */
gboolean core_is_styles (const Procedure *procedure, const RvOption *option);

/* (transfer full): description of an option: help, range, unit. */
char *core_option_text (const RvOption *option);

/* A request. Callers may change all members but @settings. */
typedef struct {
  const Procedure *procedure;
  RvImage *picture;      /* layer */
  RvImage *image;        /* (nullable): the other picture, if it is an open image */
  int image_id;          /* its id in GIMP */
  char *file;            /* (nullable): the other picture, if it is a file */
  char *inputs;          /* (nullable): CORE_INPUTS_HELP */
  RvJob *settings;       /* a job that is never run; it stores and checks settings */
  gboolean goes_without; /* the job from asked_job() takes no picture */
} Asked;

Asked *asked_new (const Procedure *procedure, GError **error);
void asked_free (Asked *asked);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asked, asked_free)

/* Frees @image if the id has changed; the caller then reads the new one. */
void asked_use_image (Asked *asked, int id);

/* @value: as a user would type it. "" or 0 leaves an option without a default to the method. */
gboolean asked_set (Asked *asked, const char *name, const char *value, GError **error);
/* (transfer full): the value for asked_set(). */
char *asked_get (const Asked *asked, const char *name);
/* @json: (nullable): CORE_SETTINGS_HELP. All settings or none are set. */
gboolean asked_set_json (Asked *asked, const char *json, GError **error);
/* (transfer full): the request without its pictures in memory, for GIMP to store. */
char *asked_to_text (const Asked *asked);
/* Restores a text of asked_to_text(). Unreadable parts are ignored. */
void asked_read_text (Asked *asked, const char *text);

/* (transfer full) (nullable): a job for @picture. A job that takes none, such as a dream from noise, gets none. */
RvJob *asked_job (Asked *asked, GError **error);
/* (transfer full) (nullable): the same job for @small, at most CORE_PREVIEW_PX. It writes no files. */
RvJob *asked_preview (const Asked *asked, RvImage *small, GError **error);

/* (transfer full) (nullable): runs a job and returns its result, in the size of the picture if it took one. Meanwhile
 * runs the caller's main context, on which @func is called. Errors: of the job. */
RvImage *core_run (const Asked *asked, RvJob *job, RvJobFunc func, gpointer user_data, GCancellable *cancellable,
                   GError **error);

typedef gboolean (*CoreProgressFunc) (double done_01);
/* (transfer full) (nullable): core_run() of asked_job(). @recipe: (out) (transfer full): of the result. */
RvImage *core_run_now (Asked *asked, CoreProgressFunc progress, char **recipe, GError **error);

/* Whether the error is a cancellation, which is not reported. */
gboolean core_is_cancelled (const GError *error);

/* (transfer full): text of a progress bar: "iteration 12 of 60, about 10 s left". */
char *core_progress (const RvJobReport *report);
/* Kernel choices shared by all jobs of the process, from the kernel cache. Borrowed. */
RvKernelTable *core_kernels (void);

/* (transfer full): "Learned style". */
char *core_title (const Procedure *procedure);
/* (transfer full): name of the new layer: "Learned style: hokusai-wave". */
char *core_layer_name (const Asked *asked);

/* (transfer full) (nullable): @picture with a longest side of at most CORE_PREVIEW_PX. */
RvImage *core_small (RvImage *picture, GError **error);

#endif
