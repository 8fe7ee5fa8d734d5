/* core.h -- what the plug-in does in any GIMP: its procedures, what is asked of one, the job of that, its run. No
 * header of GIMP's or GTK's here.
 *
 * Options are rows of the library's tables (settings.h): forms and arguments are made of them. Threads: one, whose
 * context the run's reports come on. */
#ifndef CORE_H
#define CORE_H

#include <reverie/reverie.h>

#define CORE_MENU "<Image>/Filters/Artistic/Reverie"
#define CORE_IMAGE_TYPES "RGB*, GRAY*"
#define CORE_HELP "The result is a new layer, with the selection as its mask."
#define CORE_PREVIEW_PX 256
#define CORE_RECIPE "reverie-recipe" /* the layer's parasite that says how it was made */
#define CORE_INPUTS_HELP "more pictures by their roles, as JSON: {\"mask\": [\"sky.png\"], \"protect\": \"face.png\"}"
#define CORE_SETTINGS_HELP "settings by name, as JSON: {\"strength\": 70}"

/* A procedure; a row of a table. */
typedef struct {
  const char *name, *label, *blurb;
  const char *kind;                             /* of job */
  const char *content;                          /* the role of the layer */
  const char *role, *other, *other_image, *tip; /* of another picture: its role, its names as arguments, what it is */
  const char *wanted; /* what is said where nothing of that is chosen; NULL: it goes without */
  const char *styles; /* the option that names learnt styles; NULL: it has none */
} Procedure;

/* core_procedures: the last one has no name. core_procedure: NULL: there is none of that name. */
extern const Procedure core_procedures[];
const Procedure *core_procedure (const char *name);

/* core_option: row @i of all that jobs of the procedure have, from 0; NULL beyond. */
const RvOption *core_option (const Procedure *procedure, guint i);

/* core_option_number: of a number: its default, 0 where the method chooses, and a range with that in it.
 * core_is_styles: whether it names learnt styles. */
double core_option_number (const RvOption *option, double *min, double *max);
gboolean core_is_styles (const Procedure *procedure, const RvOption *option);

/* core_option_text: (transfer full): what a form or a list says of it: help, range, unit. */
char *core_option_text (const RvOption *option);

/* What is asked of a procedure. Whoever has one may change the members that are not settings. */
typedef struct {
  const Procedure *procedure;
  RvImage *picture;      /* the layer */
  RvImage *image;        /* (nullable): the other picture, where it is an open image */
  int image_id;          /* by which GIMP knows it */
  char *file;            /* (nullable): where it is a file */
  char *inputs;          /* (nullable): CORE_INPUTS_HELP */
  RvJob *settings;       /* a job that never runs: it holds and checks them */
  gboolean goes_without; /* the job that asked_job() made takes no picture */
} Asked;

Asked *asked_new (const Procedure *procedure, GError **error);
void asked_free (Asked *asked);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asked, asked_free)

/* asked_use_image: lets @image go, if it is another: whoever wants it reads it then. */
void asked_use_image (Asked *asked, int id);

/* asked_set: as a user would type it; of rows without a default "" or 0 leaves it to the method. asked_get: (transfer
 * full): so. asked_set_json: (nullable): CORE_SETTINGS_HELP, all or nothing. asked_to_text, asked_read_text: all of it
 * but the pictures in memory, to be kept by GIMP; what cannot be read is left as it is. */
gboolean asked_set (Asked *asked, const char *name, const char *value, GError **error);
char *asked_get (const Asked *asked, const char *name);
gboolean asked_set_json (Asked *asked, const char *json, GError **error);
char *asked_to_text (const Asked *asked);
void asked_read_text (Asked *asked, const char *text);

/* asked_job: (transfer full) (nullable): one that paints @picture; what takes none, such as a dream of noise, goes
 * without. asked_preview: (transfer full) (nullable): the same of @small, CORE_PREVIEW_PX at most; it writes no files.
 */
RvJob *asked_job (Asked *asked, GError **error);
RvJob *asked_preview (const Asked *asked, RvImage *small, GError **error);

/* core_run: (transfer full) (nullable): what comes of it, with the size of the asked picture, unless the job took none;
 * meanwhile the context of the caller is served, on which @func is called. Errors: of the job. */
RvImage *core_run (const Asked *asked, RvJob *job, RvJobFunc func, gpointer user_data, GCancellable *cancellable,
                   GError **error);

/* core_run_now: (transfer full) (nullable): asked_job() run by core_run(), of which @progress is told the part, 0..1,
 * that is done; @recipe: (out) (transfer full): of the result. */
typedef gboolean (*CoreProgressFunc) (double done_01);
RvImage *core_run_now (Asked *asked, CoreProgressFunc progress, char **recipe, GError **error);

/* core_is_cancelled: somebody wanted no result, which is nothing to complain of. */
gboolean core_is_cancelled (const GError *error);

/* core_progress: (transfer full): what is said beside a bar: "iteration 12 of 60, about 10 s left". core_kernels:
 * what the jobs of this process share, kept from one process to the next. */
char *core_progress (const RvJobReport *report);
RvKernelTable *core_kernels (void);

/* core_title: (transfer full): "Learned style". core_layer_name: (transfer full): of the new layer: "Learned style:
 * hokusai-wave". */
char *core_title (const Procedure *procedure);
char *core_layer_name (const Asked *asked);

/* core_small: (transfer full) (nullable): @picture with a longest side of CORE_PREVIEW_PX at most. */
RvImage *core_small (RvImage *picture, GError **error);

#endif
