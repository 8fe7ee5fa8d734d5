/* job.h -- what a person asks for, as one thing: inputs by file or in memory, settings by name, outputs; planned, run,
 * paused, stopped, gone on with, watched.
 * Layer 7 (job). Implemented in src/job. `reverie style` and `reverie dream` are clients of it; in 30 lines:
 * examples/job.c.
 *
 * A job is made of a kind, given inputs by role and settings by name, and run once. Its kinds:
 *
 *   kind     inputs                                                         settings of the kinds
 *   "style"  content, style (one or more), mask (one for each style),       "style", "picture", "state"
 *            init, protect
 *   "dream"  picture (more than one: frames), guide, style, mask, where     "dream", "dreams", "picture", "state"
 *            (a picture that `toward` names without its folder; any number)
 *   "style-film"  content (a film's file), style, mask, protect; painter   "style", "style-film", "picture", "state"
 *                 (a file that `with` names without its folder; any number)
 *   "style-with"  content, style (of `with` any alone), mask; painter     "style", "style-with", "picture", "state"
 *                 (as of "style-film")
 *   "dream-film"  content, guide, style, mask, where                       "dream", "dream-film", "picture", "state"
 *   "explore-style"  content, style (one or more)                          "style", "explore-style", "picture", "state"
 *   "explore-dream"  picture                                               "dream", "explore-dream", "picture", "state"
 *   "explore-with"  content; painter (as of "style-film")                  "style", "explore-with", "picture", "state"
 *   "learn"  style (paintings), photo (photographs to learn on: pictures,  "learn", "painter", "picture", "state"
 *            or folders of them), painter (a file that it begins with; else the built-in one)
 *   "vae-train"  data (a source as rv_dataset_load() has it)               "vae", "vae-train", "picture", "state"
 *   "vae-picture"  model (a file); input (as many as `what` wants: none    "vae-picture", "picture", "state"
 *                  to sample, for a walk and for a manifold; to reconstruct and for a scatter one source as
 *                  rv_dataset_load() has it, to interpolate two; to decode a file of latent vectors)
 *
 * A dream from noise, a test pattern and an atlas want no picture. Frames, of several pictures or as many as `count`
 * says, go to an `output` with a number in its name, "%04d". A film goes to a film's file, with its recipe beside it,
 * and a run that is stopped leaves the film of the frames that are done. To explore is to make a sheet of small
 * pictures over two settings, from which rv_job_pick() takes one. What learns makes a model, rv_job_model(), a file
 * ".safetensors"; its pictures on the way and its result show what it does by then.
 *
 * Threads: a job may be used from any at any time. Reports come on the thread that runs it, or, where it runs on a
 * thread of its own, on the context of whoever started it. Reference-counted; a job that runs holds itself. */
#ifndef RV_JOB_H
#define RV_JOB_H

#include <gio/gio.h>
#include <reverie/error.h>
#include <reverie/image.h>
#include <reverie/kernels.h>
#include <reverie/learn.h>
#include <reverie/net.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>
G_BEGIN_DECLS

/** RvJob: something that a person asks for. Threads: any may use it, at any time. Reference-counted. */
typedef struct _RvJob RvJob;

/** rv_job_kinds: "style", "dream", "style-with", "style-film", "dream-film", "explore-style", "explore-dream",
 * "explore-with", "learn", "vae-train", "vae-picture".
 * NULL-terminated; static. Since: 0.1 */
RV_API const char *const *rv_job_kinds (void);

/** rv_job_new: (transfer full) (nullable): of defaults. Errors: %RV_ERROR_SETTING for an unknown kind. rv_job_kind:
 * static. rv_job_ref: (transfer full). Since: 0.1 */
RV_API RvJob *rv_job_new (const char *kind, GError **error);
RV_API RvJob *rv_job_ref (RvJob *job);
RV_API void rv_job_unref (RvJob *job);
RV_API const char *rv_job_kind (const RvJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvJob, rv_job_unref)

/** rv_job_settings_kind: the @i-th kind of settings (settings.h) that jobs of @kind have, from 0: its method's, its own
 * where it has some, "picture", "state". Static; NULL beyond, and for an unknown kind. Since: 0.1 */
RV_API const char *rv_job_settings_kind (const char *kind, guint i);

/** rv_job_kind_json: (transfer full) (nullable): what a form for jobs of @kind needs, as {"kind", "makes": "picture",
 * "video" or "model", "settings": [kinds of settings; of two options of a name the first counts], "inputs": [{"name":
 * its role, "takes": ["picture", "video" or "file"], "needed", "many", "mask_of": the role that it is a mask of, where
 * it is one, "may_change": while the job runs}]}. NULL for an unknown kind. Since: 0.1 */
RV_API char *rv_job_kind_json (const char *kind);

/** RvJobMakes: what sort of file an `output` is. */
typedef enum { RV_JOB_MAKES_PICTURE, RV_JOB_MAKES_FILM, RV_JOB_MAKES_MODEL } RvJobMakes;

/** rv_job_makes: what the `output` of jobs of @kind is: a picture, or several; a film; a model, ".safetensors". A
 * picture for an unknown kind. Since: 0.1 */
RV_API RvJobMakes rv_job_makes (const char *kind);

/** RvJobFindFunc: (transfer full) (nullable): the file of the input that is called @name in JSON; NULL: @error says why
 * there is none. */
typedef char *(*RvJobFindFunc) (const char *role, const char *name, gpointer user_data, GError **error);

/**
 * rv_job_new_from_json:
 * @json:   {"kind": "style", "inputs": {"content": "lake", "style": ["waves", "glass"]}, "settings": {"strength": 70}}
 * @length: bytes; -1: it ends in 0
 * @find:   (nullable): which files the inputs are; NULL: their names are file names
 *
 * A whole job, as programs send and keep it; settings as in rv_job_set_json(). Errors: as rv_job_new(),
 * rv_job_add_file(), rv_job_set_json() and @find; %RV_ERROR_FORMAT for what is no JSON object, %RV_ERROR_SETTING for
 * one that is no job. Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API RvJob *rv_job_new_from_json (const char *json, gssize length, RvJobFindFunc find, gpointer user_data,
                                    GError **error);

/** RvJobNameFunc: (transfer full) (nullable): what the input @file is to be called in JSON; NULL: @error says why it
 * cannot be. Called on the caller's thread; it may use the job. */
typedef char *(*RvJobNameFunc) (const char *role, const char *file, gpointer user_data, GError **error);

/**
 * rv_job_to_json:
 * @name: (nullable): what files are called; NULL: as they were given
 *
 * What is asked for, as rv_job_new_from_json() reads it: the settings are those that differ from the preset. Errors:
 * %RV_ERROR_SETTING for an input that is a picture in memory; those of @name. Returns: (transfer full) (nullable).
 * Since: 0.1
 */
RV_API char *rv_job_to_json (RvJob *job, RvJobNameFunc name, gpointer user_data, GError **error);

/* ---- what is asked for ------------------------------------------------------------------------------------------- */

/** rv_job_add_file, rv_job_add_picture: one more input of that role, in the order in which they are given: a picture's
 * file, read when the job is planned or run, or a picture, kept by reference. Errors: %RV_ERROR_SETTING for a role that
 * the kind has not, or has once only, and when the job has begun. Since: 0.1 */
RV_API gboolean rv_job_add_file (RvJob *job, const char *role, const char *filename, GError **error);
RV_API gboolean rv_job_add_picture (RvJob *job, const char *role, RvImage *picture, GError **error);

/**
 * rv_job_set:
 * @name: of an option of any of the job's kinds of settings; @value: as rv_settings_set() takes it
 *
 * A job that has begun takes those that rv_option_may_change() is said of: strength, weights, the length of a step, and
 * some of its files'. They count from its next iteration on; its recipe and its states say when they changed, as the
 * setting `steer` does, by which the same changes can be asked for before. A weight that was 0 when it began stays 0.
 * Without the setting `output` the result is in memory alone, rv_job_result(), and no state is written. Errors:
 * %RV_ERROR_SETTING, of which rv_error_option() says what option it is about. rv_job_set_settings: all of them as
 * @settings has them, of any of the job's kinds. Since: 0.1
 */
RV_API gboolean rv_job_set (RvJob *job, const char *name, const char *value, GError **error);
RV_API gboolean rv_job_set_settings (RvJob *job, const RvSettings *settings, GError **error);

/** rv_job_set_json: what the object @json names, of any of the job's kinds of settings, as rv_settings_set_json() takes
 * it: all or nothing. Errors: as there, and when the job has begun. Since: 0.1 */
RV_API gboolean rv_job_set_json (RvJob *job, const char *json, GError **error);

/** rv_job_get: (transfer full) (nullable): as rv_settings_get(). Errors: likewise. Since: 0.1 */
RV_API char *rv_job_get (RvJob *job, const char *name, GError **error);

/**
 * rv_job_change_files:
 * @role:  of inputs; once the job has begun, of a "style" job "mask" or "protect"
 * @files: (array length=n): in place of all that it has of that role; of masks as many as styles
 * @n:     0: none any more
 *
 * A job that has begun has them from its next iteration on: they are read here, and may go then. Its states, and
 * moments from then on, hold them: whoever goes on from one gives the inputs that the run began with. Its recipe names
 * the last ones, and says when they changed, as `steer` has it: "40:mask=2", with how many they were. A job made of
 * that recipe has the last ones from the start, which a note in its reports says. To turn takes about as long as a job
 * takes to go on from its state. rv_job_change_pictures: @pictures, kept by reference. Errors: %RV_ERROR_SETTING for
 * other inputs, while several ranks share the picture, and when the job has ended; those of rv_image_load(). Since: 0.1
 */
RV_API gboolean rv_job_change_files (RvJob *job, const char *role, const char *const *files, guint n, GError **error);
RV_API gboolean rv_job_change_pictures (RvJob *job, const char *role, RvImage *const *pictures, guint n,
                                        GError **error);

/** rv_job_set_net: the network, of which `network` is the name, kept by reference, where it is loaded already;
 * @weights_file (nullable): its file, for the recipe. Else the job loads that of the settings `network` and `weights`:
 * the built-in one, a file, or what lies where networks are kept. rv_job_set_kernels: (nullable): kernel choices, which
 * several jobs may share: one looks at them when it begins, and adds what it measured when it ends. Before it begins.
 * Since: 0.1 */
RV_API void rv_job_set_net (RvJob *job, RvNet *net, const char *weights_file);
RV_API void rv_job_set_kernels (RvJob *job, RvKernelTable *kernels);

/** rv_picture_size: @out_width x @out_height (out): px, of the picture that a job with @settings, of the kind
 * "picture", makes of one of @width x @height px. Since: 0.1 */
RV_API void rv_picture_size (const RvSettings *settings, int width, int height, int *out_width, int *out_height);

/* ---- files ------------------------------------------------------------------------------------------------------- */

/** RvWith: what the setting `with` names: styles that were learnt before, the built-in ones by their names, others by
 * their painters' files; or "any", those of paintings. Used by one thread at a time. */
typedef struct _RvWith RvWith;

/** rv_with_new: (transfer full) (nullable): of "NAME[:WEIGHT],FILE[:STYLE][:WEIGHT],...", "all" or "any"; files may lie
 * in any folder. Errors: %RV_ERROR_SETTING. rv_with_free: NULL is nothing. Since: 0.1 */
RV_API RvWith *rv_with_new (const char *text, GError **error);
RV_API void rv_with_free (RvWith *with);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvWith, rv_with_free)
/** rv_with_is_any: whether it is "any", which names none. rv_with_n: how many it names. rv_with_file: the
 * painter's file of number @i, from 0, which a job wants as an input called "painter"; NULL: the built-in painter.
 * Borrowed; NULL beyond. rv_with_text: (transfer full): as a job's setting,
 * the files without their folders: of all with their weights, or of number @only alone; -1: all. Since: 0.1 */
RV_API gboolean rv_with_is_any (const RvWith *with);
RV_API guint rv_with_n (const RvWith *with);
RV_API const char *rv_with_file (const RvWith *with, guint i);
RV_API char *rv_with_text (const RvWith *with, int only);
/** rv_with_load: reads the files, once, to know before any picture that they can be had. @blended: as one picture's
 * styles, and not each alone. @weights: (nullable): of "any", the painter's file; NULL: where networks are kept.
 * Errors: %RV_ERROR_FILE, %RV_ERROR_FORMAT, %RV_ERROR_MEMORY. Since: 0.1 */
RV_API gboolean rv_with_load (RvWith *with, gboolean blended, const char *weights, GError **error);

/** rv_painter_load: (transfer full) (nullable): the painter in a file, in UTF-8; NULL: the built-in one. Errors:
 * %RV_ERROR_FILE, %RV_ERROR_FORMAT. Since: 0.1 */
RV_API RvPainter *rv_painter_load (const char *file, GError **error);

/**
 * rv_file_check_free:
 * @filename: (nullable): that a program is going to write beside its jobs, which look after their own
 * @inputs:   NULL-terminated: files that it reads
 * @force:    a file that is there may be replaced; what a killed run has left half written of it is removed
 *
 * Whether it can be written: it is none of @inputs, does not exist unless @force, and its folder can be written.
 * Errors: %RV_ERROR_FILE, of which rv_error_option() is "force" where that would do. Since: 0.1
 */
RV_API gboolean rv_file_check_free (const char *filename, const char *const *inputs, gboolean force, GError **error);

/** rv_file_write: @text as the whole file, written
 * beside it, synced and renamed, so that it is whole or untouched; @replace as in rv_weights_save(). Errors:
 * %RV_ERROR_FILE. Since: 0.1 */
RV_API gboolean rv_file_write (const char *filename, const char *text, gboolean replace, GError **error);

/** rv_film_recipe_file: (transfer full): the file beside @output, a film, that has its recipe: OUT.json. Since: 0.1 */
RV_API char *rv_film_recipe_file (const char *output);

/* ---- before ------------------------------------------------------------------------------------------------------ */

/**
 * rv_job_check:
 * @to_run: whether it is to be run; else rv_job_plan() is all that is wanted, and nothing will be written
 *
 * All that settings and the heads of files tell: what is missing, what does not go together, files that cannot be read
 * or written, or would be lost. Planning and running do so first. Errors: %RV_ERROR_SETTING, %RV_ERROR_FILE,
 * %RV_ERROR_FORMAT, %RV_ERROR_SHAPE. Since: 0.1
 */
RV_API gboolean rv_job_check (RvJob *job, gboolean to_run, GError **error);

/** rv_job_is_made: with the setting `resume`: its result is there already, and was not stopped on the way. Since: 0.1
 */
RV_API gboolean rv_job_is_made (RvJob *job);

/** RvJobPlan: what a run will take. */
typedef struct {
  int width, height; /* px, of the result; 0: it is a model */
  gsize peak_bytes;  /* of the whole process, at most */
  double seconds;    /* on this machine, from a short measurement */
  int n_stages;      /* scales, or octaves */
  int n_tiles;       /* of the last stage; 1: it is computed as a whole */
  double work;       /* of the last stage: 1, more with tiles or features computed twice to save memory */
  gboolean compact;  /* features are kept in 16 bits to fit */
  int history;       /* pairs that L-BFGS keeps, where memory is short and they are fewer than set; else 0 */
  gint64 n_iterations;
  const char *backend; /* static */
  int n_frames;        /* of films, and of dreams in numbered files, whose times these seconds are; else 0 */
  int n_left_out;      /* octaves that were asked for and are too small for the layers, or for `smallest` */
  int n_partial;       /* octaves in which some of the layers are too small to count */
  /* Of films: */
  double first_frame_s, next_frame_s; /* of a frame that begins a shot, and of each other: `seconds` are of one shot */
  gsize file_bytes, kept_bytes;       /* on disk, about; and more of them until the film is whole */
  gint64 n_read;       /* of what learns: pictures that it learns from. It is tried out for some steps to plan it */
  gsize traffic_bytes; /* of several ranks (rv_process_join()), else 0: that the first of them sends and receives in an
                          iteration at the end */
  double traffic_s;    /* of the seconds: while these travel, from a short measurement of the link */
  int n_guessed; /* kernels that no saved table names: unless it is `exact`, the job may come out with other bytes */
} RvJobPlan;

/** rv_job_plan: what the run will take. The job may be run after it. Errors: as rv_job_check();
 * %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED. Since: 0.1 */
RV_API gboolean rv_job_plan_sized (RvJob *job, RvJobPlan *plan, gsize size, GError **error);
static inline gboolean
rv_job_plan (RvJob *job, RvJobPlan *plan, GError **error)
{
  return rv_job_plan_sized (job, plan, sizeof *plan, error);
}

/* ---- reports ----------------------------------------------------------------------------------------------------- */

/** RvJobReportType: what has happened. */
typedef enum {
  RV_JOB_PROGRESS, /* an iteration is done, a channel of an atlas, or a frame of a film; a sheet's cell is begun */
  RV_JOB_PREVIEW,  /* and this is the picture */
  RV_JOB_PAUSED,
  RV_JOB_ENDED, /* the last report */
} RvJobReportType;

/** RvJobReport: one report. What is not said to be of a type is of PROGRESS and PREVIEW. */
typedef struct {
  RvJobReportType type;
  gint64 iteration, n_iterations; /* 1 ..., over all stages; of dreams as many as there are up to this stage's end; of
                                     films the frame */
  int stage, n_stages;            /* 1 ... */
  int width, height;              /* px, of this stage; of ENDED: of the result, 0 where there is none */
  double loss;                    /* of the picture before this iteration's step */
  const char *const *names;       /* of what the loss is the sum of, NULL-terminated; of the job, as long as it is */
  const double *losses;           /* one for each name */
  double seconds;                 /* since the run began */
  double done_01;                 /* the part of the whole run's work that is done */
  RvImage *picture;               /* of PREVIEW: at the stage's size; of ENDED: the result; or NULL, as where
                                     rv_job_result() makes it */
  const GError *error;            /* of ENDED: or NULL */
  gboolean stopped;               /* of ENDED: by rv_job_stop(), before it was whole */
  /* Of dreams: */
  double scale;                               /* of this stage's sides to the result's */
  gint64 stage_iteration, n_stage_iterations; /* 1 ..., within the stage */
  int frame, n_frames;                        /* 1 ..., of frames, variants and channels; else 0; of films, too */
  gint64 channel;                             /* of an atlas: from 0; else -1 */
  int n_left_out, n_partial;                  /* as in RvJobPlan */
  /* Of ENDED, of films, of whose frames `frame` are made: how much those that follow another differ from it as it
   * moved, 0..1; that of the film itself; -1: none follow. */
  double warping_error, film_error;
  /* Both of the job, as long as it is. Of sheets, whose frames are their cells: */
  const char *label; /* of the cell that is being made: "3c  strength 60  style-scale 1" */
  const char *note;  /* something that a person should hear of, such as two cells that are equal; else NULL. Also of
                      * pictures: which learnt style they start from; and of learning: which photograph was left out,
                      * whose file is then the label, before the first iteration and also of a plan */
  double held_back;  /* of what learns: the loss over what it does not learn from, when that was last looked at; NaN: it
                      * was not, or nothing is held back */
  /* Of training, whose stages are epochs, of batches: */
  double per_second;  /* pictures, on the average */
  gint64 n_read;      /* of ENDED: the pictures that it was trained on; or those, or codes, that a model draws */
  int n_unused;       /* of ENDED: latent dimensions that say nothing of a picture: the posterior has collapsed */
  double alone_error; /* of ENDED, of films: as warping_error, of frames that were made each alone; -1: none were */
  int n_guessed;      /* as in RvJobPlan; of ENDED */
} RvJobReport;

/** RvJobFunc: called with each report, which is there during the call alone; it may use @job, and every other. */
typedef void (*RvJobFunc) (RvJob *job, const RvJobReport *report, gpointer user_data);

/**
 * rv_job_subscribe:
 * @preview_every_s: seconds between two previews, at least; 0: none. Making one costs a few milliseconds at 1024 px
 * @func:            called on the thread that runs the job; of rv_job_start(), on the caller's context, where the
 *                   newest progress and the newest preview take the place of those that nobody has looked at yet
 * @destroy:         (nullable): for @user_data, when the job goes or has another subscriber
 *
 * One subscriber a job. Before it begins; while it runs by the same one, for another @preview_every_s. Since: 0.1
 */
RV_API void rv_job_subscribe (RvJob *job, double preview_every_s, RvJobFunc func, gpointer user_data,
                              GDestroyNotify destroy);

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/**
 * rv_job_run:
 * @cancellable: (nullable): ends the run as soon as it can, with nothing made: a state that was written stays
 *
 * Once for each job. Returns: whether it ended without an error, stopped or not; rv_job_result() is the picture, and
 * where an `output` is named it is written there. Errors: as rv_job_check(); %RV_ERROR_MEMORY,
 * %RV_ERROR_BACKEND, %RV_ERROR_NUMBER when the loss becomes NaN or infinite, saying what to lower;
 * %RV_ERROR_CANCELLED by @cancellable, or stopped before anything was made. Since: 0.1
 */
RV_API gboolean rv_job_run (RvJob *job, GCancellable *cancellable, GError **error);

/** rv_job_start: rv_job_run() on a thread of its own, @cancellable (nullable) as there; reports come on the
 * thread-default context of the caller, and rv_job_wait() has its result. Errors: %RV_ERROR_SETTING when it has begun
 * already. Since: 0.1 */
RV_API gboolean rv_job_start (RvJob *job, GCancellable *cancellable, GError **error);

/** rv_job_wait: until a job that was started has ended. Reports may still be under way. Errors: as rv_job_run(), whose
 * result it returns. Since: 0.1 */
RV_API gboolean rv_job_wait (RvJob *job, GError **error);

/** rv_job_stop: the run ends after this iteration, as Ctrl-C has it: the picture reached is the result, and a state is
 * written with which a job with the setting `resume` goes on. rv_job_set_stop: @wanted (nullable) is asked often, on
 * the thread that runs the job; TRUE is as rv_job_stop(). Since: 0.1 */
RV_API void rv_job_stop (RvJob *job);
RV_API void rv_job_set_stop (RvJob *job, RvStopFunc wanted, gpointer user_data);

/** rv_job_pause: the run waits after this iteration, once its state is written, until rv_job_resume(), rv_job_stop() or
 * its cancellable; of a film in the middle of a frame, the state is that of the last frame at which one was due. Time
 * limits run on. Since: 0.1 */
RV_API void rv_job_pause (RvJob *job);
RV_API void rv_job_resume (RvJob *job);

/* ---- moments: back, and another way ------------------------------------------------------------------------------ */

/** RvMoment: a run as it was after an iteration: a small picture of it, and all that a job needs to go on from there.
 * For any thread; reference-counted; it does not hold the job. */
typedef struct _RvMoment RvMoment;

/**
 * rv_job_keep_moments:
 * @every:     iterations from one to the next; 0: by the clock alone
 * @every_s:   seconds from one to the next, at least, and no more of them than take a twentieth of the time; 0: none
 * @max_count: of all
 * @max_bytes: of all. One takes as much memory as the picture and its optimiser do: of Adam some 50 bytes a pixel
 *
 * Where there would be more, those go that lie closest to others, but not the newest; one that memory has no room for
 * is left out. Of jobs of one picture; of those in several files, of variants and of atlases none are kept. At any
 * time; a job keeps none unless it is asked to. Since: 0.1
 */
RV_API void rv_job_keep_moments (RvJob *job, gint64 every, double every_s, guint max_count, gsize max_bytes);

/** rv_job_moments: (transfer full) (element-type RvMoment): those there are, in the order of iterations; also when the
 * job has ended. Since: 0.1 */
RV_API GPtrArray *rv_job_moments (RvJob *job);

/** rv_moment_ref: (transfer full). rv_moment_unref: NULL is fine. Since: 0.1 */
RV_API RvMoment *rv_moment_ref (RvMoment *moment);
RV_API void rv_moment_unref (RvMoment *moment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvMoment, rv_moment_unref)

/** rv_moment_iteration, _stage, _seconds, _done_01: as in its RvJobReport.
 * rv_moment_picture: (transfer full): with a longest side of 512 px, or less. Since: 0.1 */
RV_API gint64 rv_moment_iteration (const RvMoment *moment);
RV_API int rv_moment_stage (const RvMoment *moment);
RV_API double rv_moment_seconds (const RvMoment *moment);
RV_API double rv_moment_done_01 (const RvMoment *moment);
RV_API RvImage *rv_moment_picture (const RvMoment *moment);

/**
 * rv_job_branch:
 * @moment: of @job
 *
 * A new job of the same inputs, network and settings, which goes on from there as @job did: with the setting `exact` to
 * the same bytes. rv_job_set() takes for it what a job that has begun takes, which counts from the moment on, and the
 * names of its files, of which it has none yet; rv_job_change_files() likewise; its recipe says all of it. Errors:
 * %RV_ERROR_SETTING for a moment of another kind of job. Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API RvJob *rv_job_branch (RvJob *job, RvMoment *moment, GError **error);

/** rv_job_let_go: of a job that has ended: all the memory that its run took but for the result, the recipe and the
 * moments, from which others may branch as before. Names of losses that it reported go, too, and whoever shares with it
 * finds everything anew. Nothing is done where it has not ended. Since: 0.1 */
RV_API void rv_job_let_go (RvJob *job);

/** RvJobStatus: how far a job is. */
typedef enum {
  RV_JOB_NEW,
  RV_JOB_RUNNING,
  RV_JOB_WAITING, /* paused */
  RV_JOB_DONE,    /* stopped, too */
  RV_JOB_FAILED,  /* cancelled, too */
} RvJobStatus;

/** rv_job_status: as it is now. rv_job_was_stopped: by rv_job_stop(), before it was whole. Since: 0.1 */
RV_API RvJobStatus rv_job_status (RvJob *job);
RV_API gboolean rv_job_was_stopped (RvJob *job);

/** rv_job_result: (transfer full) (nullable): the picture, once the job has ended. With %RV_ERROR_NUMBER the last good
 * one. Since: 0.1 */
RV_API RvImage *rv_job_result (RvJob *job);

/**
 * rv_job_pick:
 * @sheet: of a kind that explores; it need not have run
 * @cell:  row and column, such as "3c"
 *
 * Returns: (transfer full) (nullable): a job that makes that cell's picture as large as `size` and so on say, of the
 * same inputs and network, in memory unless an `output` is named. Errors: %RV_ERROR_SETTING where there is no such
 * cell. Since: 0.1
 */
RV_API RvJob *rv_job_pick (RvJob *sheet, const char *cell, GError **error);

/** rv_job_model: (transfer full) (nullable): of a kind that makes one, what its `output` holds: of "learn" that of
 * rv_painter_from_map(), of "vae-train" that of rv_vae_from_map(). NULL as long as the job has not ended, without a
 * result, and of a training with an `output` that was stopped, which has a checkpoint. Since: 0.1 */
RV_API RvTensorMap *rv_job_model (RvJob *job);

/** rv_job_recipe: (transfer full) (nullable): how rv_job_result() was made, the JSON that its file has: for
 * RvSaveOptions. NULL as long as there is no result, and of a model. Since: 0.1 */
RV_API char *rv_job_recipe (RvJob *job);

G_END_DECLS
#endif
