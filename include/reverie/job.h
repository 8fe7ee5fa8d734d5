/* job.h -- jobs: inputs from files or memory, settings by name, outputs. A job is planned, run, paused, stopped,
 * resumed and reported.
 * Layer 7 (job). Implemented in src/job. `reverie style` and `reverie dream` use it; an example of 30 lines:
 * examples/job.c.
 *
 * A job has a kind, inputs by role and settings by name, and runs once. rv_job_settings_kind() returns the kinds of
 * settings that a kind of job has. The kinds, with their inputs:
 * - "style": content, style (one or more), mask (one for each style), init, protect
 * - "dream": picture (more than one: frames), guide, style, mask, word-mask (a picture that `toward` names without its
 *   folder; any number)
 * - "style-video": content (a video file), style, mask, protect, keyframe (a painted frame, whose file name ends in the
 *   number of the frame; any number), painter (a file that `learned` names without its folder; any number)
 * - "style-learned": content, style (only with `learned` any), mask, painter (as for "style-video")
 * - "dream-video": content, guide, style, mask, word-mask
 * - "explore-style": content, style (one or more)
 * - "explore-dream": picture
 * - "explore-learned": content, painter (as for "style-video")
 * - "learn": style (paintings), photo (photographs to train on: pictures, or folders of them), painter (a file to start
 *   from; else the built-in one)
 * - "vae-train": data (a source of rv_dataset_load())
 * - "vae-picture": model (a file), input (as many as `what` needs: none for samples, walks and manifolds; one source of
 *   rv_dataset_load() to reconstruct and for a scatter, two to interpolate, three to edit: the picture, pictures with
 *   the attribute, pictures without it; a file of latent vectors to decode)
 *
 * A dream from noise, a test pattern and an atlas need no picture. Frames, from several pictures or as many as `count`
 * says, need an `output` with a number in its name, "%04d". A video goes to a video file, with its recipe beside it; a
 * stopped run leaves a video of the frames that are done. Exploring makes a sheet of small pictures, its cells, over
 * two settings. rv_job_pick() makes the picture of one cell. Training makes a model, rv_job_model(), a file
 * ".safetensors"; its previews and its result are samples of the model.
 *
 * Threads: any may use a job at any time. Reports come on the thread that runs it. After rv_job_start() they come on
 * the context of its caller. Reference-counted; a running job holds a reference to itself. */
#ifndef RV_JOB_H
#define RV_JOB_H

#include <gio/gio.h>
#include <reverie/error.h>
#include <reverie/image.h>
#include <reverie/kernels.h>
#include <reverie/style-net.h>
#include <reverie/net.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>
G_BEGIN_DECLS

/** RvJob: one request: inputs, settings, outputs. Reference-counted. Threads: any may use it, at any time. */
typedef struct _RvJob RvJob;

/** rv_job_kinds: all kinds of jobs, for rv_job_new(): "style", "dream", "style-learned", "style-video", "dream-video",
 * "explore-style", "explore-dream", "explore-learned", "learn", "vae-train", "vae-picture". NULL-terminated; static.
 * Since: 0.1 */
RV_API const char *const *rv_job_kinds (void);

/** rv_job_new: (transfer full) (nullable): a job of @kind, one of rv_job_kinds(), with default settings and no inputs.
 * Errors: %RV_ERROR_SETTING for an unknown kind. Since: 0.1 */
RV_API RvJob *rv_job_new (const char *kind, GError **error);
/** rv_job_ref: (transfer full): @job, with one reference more. Since: 0.1 */
RV_API RvJob *rv_job_ref (RvJob *job);
/** rv_job_unref: (nullable): drops a reference; the last one frees @job. Does not stop a running job. Since: 0.1 */
RV_API void rv_job_unref (RvJob *job);
/** rv_job_kind: kind of @job, one of rv_job_kinds(); static. Since: 0.1 */
RV_API const char *rv_job_kind (const RvJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvJob, rv_job_unref)

/** rv_job_settings_kind: (nullable): kind of settings @i (settings.h) of jobs of @kind, from 0. The order is: the kind
 * of the method, the kind of that job if it has one, "picture", "state". NULL beyond the last, and for an unknown kind.
 * Static. Since: 0.1 */
RV_API const char *rv_job_settings_kind (const char *kind, guint i);
/** rv_job_kind_json: (transfer full) (nullable): the data for a form: {"kind", "makes": "picture", "video" or "model",
 * "settings": [kinds of settings; the first counts if two have an option of one name], "inputs": [{"name": role,
 * "takes": ["picture", "video" or "file"], "needed", "many", "mask_of": role that it is a mask of, "may_change": during
 * the run}]}. NULL, without an error, for an unknown kind. Since: 0.1 */
RV_API char *rv_job_kind_json (const char *kind);

/** RvJobOutputType: type of the output. */
typedef enum { RV_JOB_OUTPUT_PICTURE, RV_JOB_OUTPUT_VIDEO, RV_JOB_OUTPUT_MODEL } RvJobOutputType;

/** rv_job_output_type: type of the `output` of jobs of @kind: pictures, a video, or a model (".safetensors"). PICTURE
 * for an unknown kind. Since: 0.1 */
RV_API RvJobOutputType rv_job_output_type (const char *kind);

/** RvJobFindFunc: (transfer full) (nullable): the file of the input @name in JSON; NULL: sets @error. */
typedef char *(*RvJobFindFunc) (const char *role, const char *name, gpointer user_data, GError **error);

/**
 * rv_job_new_from_json:
 * @json:   {"kind": "style", "inputs": {"content": "lake", "style": ["waves", "glass"]}, "settings": {"strength": 70}}
 * @length: bytes; -1: @json ends with a zero
 * @find:   (nullable): maps the inputs' names to files; NULL: names are file names
 *
 * Makes a job from JSON, the form for sending and storing; the preset is set before the other settings. Files are not
 * opened. Errors: %RV_ERROR_FORMAT if @json is no JSON object; %RV_ERROR_SETTING if it is no job: an unknown kind,
 * member, role or option, an impossible value; the errors that @find sets. Returns: (transfer full) (nullable). Since:
 * 0.1
 */
RV_API RvJob *rv_job_new_from_json (const char *json, gssize length, RvJobFindFunc find, gpointer user_data,
                                    GError **error);

/** RvJobNameFunc: (transfer full) (nullable): the name of the input @file in JSON; NULL: sets @error. Called on the
 * caller's thread; the function may use the job. */
typedef char *(*RvJobNameFunc) (const char *role, const char *file, gpointer user_data, GError **error);

/** rv_job_to_json: makes the JSON for rv_job_new_from_json(), with the inputs and the settings that differ from the
 * preset; at any time. @name: (nullable): maps files to names; NULL: the file names as given. Errors: %RV_ERROR_SETTING
 * for an input that is a picture in memory, or whose name is not UTF-8; the errors that @name sets. Returns:
 * (transfer full) (nullable). Since: 0.1 */
RV_API char *rv_job_to_json (RvJob *job, RvJobNameFunc name, gpointer user_data, GError **error);

/* ---- inputs and settings ----------------------------------------------------------------------------------------- */

/** rv_job_add_file: appends an input to @role: a file, which is read when the job is planned or run; its name is
 * copied. Errors, with FALSE: %RV_ERROR_SETTING for NULL, an unknown role, a second input of a role that has one, and
 * after the job has begun. Since: 0.1 */
RV_API gboolean rv_job_add_file (RvJob *job, const char *role, const char *filename, GError **error);
/** rv_job_add_picture: appends a picture in memory to @role; kept by reference, never changed. Errors, with FALSE:
 * %RV_ERROR_SETTING for an unknown role or one that takes files only, for a second input of a role that has one, and
 * after the job has begun. Since: 0.1 */
RV_API gboolean rv_job_add_picture (RvJob *job, const char *role, RvImage *picture, GError **error);

/** rv_job_set: sets the option @name, of any of the job's kinds of settings, to @value, as rv_settings_set() takes it;
 * copied. A running job accepts the options that have "may_change" in rv_settings_table_json(), such as strength,
 * weights and the length of a step. They count from the next iteration on. The recipe and the checkpoints record the
 * changes as the setting `steer`, which can also request them in advance. A weight that was 0 at the start stays 0.
 * Without the setting `output` the result stays in memory, rv_job_result(), and no checkpoint is written. Errors, with
 * FALSE and nothing changed: %RV_ERROR_SETTING for an unknown name, an impossible value, or an option that cannot
 * change any more; rv_error_option() names the option. Since: 0.1 */
RV_API gboolean rv_job_set (RvJob *job, const char *name, const char *value, GError **error);
/** rv_job_set_settings: sets all options of one of the job's kinds of settings to the values of @settings, which is of
 * that kind; copied. Errors, with FALSE: %RV_ERROR_SETTING for another kind, and after the job has begun. Since: 0.1 */
RV_API gboolean rv_job_set_settings (RvJob *job, const RvSettings *settings, GError **error);
/** rv_job_set_json: sets all options that the object @json names, of any of the job's kinds of settings, as
 * rv_settings_set_json(). After an error no setting is changed. Errors, with FALSE: %RV_ERROR_FORMAT if @json is no
 * JSON object; %RV_ERROR_SETTING for an unknown name or an impossible value, and after the job has begun. Since: 0.1 */
RV_API gboolean rv_job_set_json (RvJob *job, const char *json, GError **error);
/** rv_job_get: (transfer full) (nullable): value of the option @name, of any of the job's kinds of settings, as a user
 * would type it; "" if empty. Errors, with NULL: %RV_ERROR_SETTING for an unknown name. Since: 0.1 */
RV_API char *rv_job_get (RvJob *job, const char *name, GError **error);

/**
 * rv_job_change_files:
 * @role:  any role; for a branch of a "style" job, "mask" or "protect"
 * @files: (array length=n): replace all inputs of @role; as many masks as styles
 * @n:     0: removes the inputs
 *
 * Call it before the job begins. Inputs of a running job do not change: stop it, and change those of a branch, or of a
 * job that resumes from its checkpoint. Such a job uses the new masks from its first iteration on, but not if several
 * ranks share the picture. The recipe names the last inputs, and records the change as in `steer`: "40:mask=2" with the
 * number of masks. A job made from that recipe uses the last inputs from the start, and a note in its reports says so.
 * Errors, with FALSE and nothing changed: %RV_ERROR_SETTING for other roles, NULL as a file, more files than the role
 * takes, and once the job has begun. Since: 0.1
 */
RV_API gboolean rv_job_change_files (RvJob *job, const char *role, const char *const *files, guint n, GError **error);
/** rv_job_change_pictures: replaces all inputs of @role by @n pictures, kept by reference; 0 removes them. Call it
 * before the job begins, as rv_job_change_files(). Errors, with FALSE and nothing changed: %RV_ERROR_SETTING for other
 * roles and those that take files only, and once the job has begun. Since: 0.1 */
RV_API gboolean rv_job_change_pictures (RvJob *job, const char *role, RvImage *const *pictures, guint n,
                                        GError **error);
/** rv_job_set_net: uses a loaded network (nullable), which the setting `network` names; kept by reference.
 * @weights_file (nullable): the file of the network, for the recipe; copied. Without a network the job loads the
 * network of the settings `network` and `weights`: the built-in one, a file, or one in the networks' folders. Call it
 * before the job begins. Since: 0.1 */
RV_API void rv_job_set_net (RvJob *job, RvNet *net, const char *weights_file);
/** rv_job_set_kernels: sets the table of kernel choices (nullable: none), kept by reference; jobs may share it. A job
 * reads it when it begins and adds its measurements when it ends. Call it before the job begins. Since: 0.1 */
RV_API void rv_job_set_kernels (RvJob *job, RvKernelTable *kernels);

/** rv_picture_size: sets @out_width x @out_height (out), px, to the size that a job makes of a picture of @width x
 * @height px, with @settings of the kind "picture". Settings of another kind count as the defaults. Since: 0.1 */
RV_API void rv_picture_size (const RvSettings *settings, int width, int height, int *out_width, int *out_height);

/* ---- files ------------------------------------------------------------------------------------------------------- */

/** RvLearnedStyles: styles that the setting `learned` names: built-in ones by name, others by the style network's file,
 * or "any" for the style of the given paintings. Used by one thread at a time. */
typedef struct _RvLearnedStyles RvLearnedStyles;

/** rv_learned_styles_new: (transfer full) (nullable): parses "NAME[:WEIGHT],FILE[:STYLE][:WEIGHT],...", "all" or "any";
 * files may be in any folder. NULL as @text counts as "". Checks whether files exist; loads none. Errors:
 * %RV_ERROR_SETTING for another syntax, a name that is neither a file nor a built-in style, or no weight above 0;
 * %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvLearnedStyles *rv_learned_styles_new (const char *text, GError **error);
/** rv_learned_styles_free: (nullable): frees the styles and the networks that they loaded. Since: 0.1 */
RV_API void rv_learned_styles_free (RvLearnedStyles *styles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvLearnedStyles, rv_learned_styles_free)
/** rv_learned_styles_is_any: whether @styles is "any", which names no style. Since: 0.1 */
RV_API gboolean rv_learned_styles_is_any (const RvLearnedStyles *styles);
/** rv_learned_styles_n: number of styles; 0 for "any". Since: 0.1 */
RV_API guint rv_learned_styles_n (const RvLearnedStyles *styles);
/** rv_learned_styles_file: (nullable): style network file of style @i, from 0, for the job's input "painter"; NULL: the
 * built-in style network, or beyond the last. Borrowed. Since: 0.1 */
RV_API const char *rv_learned_styles_file (const RvLearnedStyles *styles, guint i);
/** rv_learned_styles_text: (transfer full): the value for a job's setting `learned`, files without folders. @only: -1:
 * all styles with their weights; else the number of one style, from 0, which gets the weight 1; "" beyond the last.
 * "any" stays "any". Since: 0.1 */
RV_API char *rv_learned_styles_text (const RvLearnedStyles *styles, int only);
/** rv_learned_styles_load: loads the files and keeps them in @styles, to find errors before the first picture; files
 * that are loaded already are not read again. @blended: the styles are mixed in one picture, instead of one each.
 * @weights: (nullable): the network's file for "any"; NULL: searched in the networks' folders. Errors, with FALSE:
 * %RV_ERROR_FILE for a missing file; %RV_ERROR_FORMAT for a file of another kind, an unknown style in it, or styles of
 * several networks if @blended; %RV_ERROR_MEMORY, %RV_ERROR_CANCELLED. Since: 0.1 */
RV_API gboolean rv_learned_styles_load (RvLearnedStyles *styles, gboolean blended, const char *weights, GError **error);
/** rv_style_net_load: (transfer full) (nullable): the style network in @file (nullable), a name in UTF-8; NULL: the
 * built-in one. Errors: %RV_ERROR_FILE if it cannot be read, %RV_ERROR_FORMAT if it is no style network or damaged,
 * %RV_ERROR_MEMORY, %RV_ERROR_CANCELLED. Since: 0.1 */
RV_API RvStyleNet *rv_style_net_load (const char *file, GError **error);

/**
 * rv_file_check_free:
 * @filename: (nullable): file that a program will write itself; jobs check their own. NULL: TRUE
 * @inputs:   NULL-terminated: files that it reads
 * @force:    an existing file may be replaced
 *
 * Whether @filename can be written: it is none of @inputs, does not exist unless @force, and its folder is writable. If
 * so, it also deletes unfinished temporary files that killed runs left beside @filename, with @force. Errors, with
 * FALSE: %RV_ERROR_FILE; rv_error_option() is "force" if that would help. Since: 0.1
 */
RV_API gboolean rv_file_check_free (const char *filename, const char *const *inputs, gboolean force, GError **error);
/** rv_file_write: writes @text to a temporary file, syncs and renames it: @filename is complete or unchanged. Without
 * @replace an existing file stays, and the result is saved beside it. Errors, with FALSE: %RV_ERROR_FILE, which says
 * where in that case. Since: 0.1 */
RV_API gboolean rv_file_write (const char *filename, const char *text, gboolean replace, GError **error);
/** rv_video_recipe_file: (transfer full): name of the recipe file of the video @output: OUT.json, beside it; a hash
 * replaces the end of a name that is too long. The file may not exist. Since: 0.1 */
RV_API char *rv_video_recipe_file (const char *output);

/* ---- before the run ---------------------------------------------------------------------------------------------- */

/** rv_job_check: checks everything that settings and file headers show: missing inputs, settings against each other,
 * files that cannot be read or written, or would be replaced. rv_job_plan() and rv_job_run() check first, too. @to_run:
 * the job will run: creates the missing folder of numbered outputs; FALSE: it is only planned, and nothing is written.
 * Errors, with FALSE: %RV_ERROR_SETTING, %RV_ERROR_FILE, %RV_ERROR_FORMAT, %RV_ERROR_SHAPE, %RV_ERROR_MEMORY;
 * %RV_ERROR_CANCELLED by the current GCancellable of the thread; %RV_ERROR_BACKEND in a forked process. Since: 0.1 */
RV_API gboolean rv_job_check (RvJob *job, gboolean to_run, GError **error);
/** rv_job_is_complete: whether, with the setting `resume`, all files of the result exist and no checkpoint is left. Of
 * a video as numbered pictures only the first frame and the recipe count. FALSE without `resume` or `output`, with
 * `force`, and if the job cannot run. Runs nothing. Since: 0.1 */
RV_API gboolean rv_job_is_complete (RvJob *job);

/** RvJobPlan: estimate of a run. */
typedef struct {
  int width, height; /* px, of the result; 0: a model */
  gsize peak_bytes;  /* whole process, at most */
  double seconds;    /* on this machine, from a short measurement */
  int n_stages;      /* scales, or octaves */
  int n_tiles;       /* tiles of the last stage; 1: no tiling */
  double work;       /* last stage: work / work without recomputation; above 1 with tiles or features computed twice */
  gboolean compact;  /* features are stored in 16 bits to save memory */
  int history;       /* pairs that L-BFGS stores, if memory forces fewer than set; else 0 */
  gint64 n_iterations;
  const char *backend;   /* static */
  int n_frames;          /* for videos and numbered frames, in total, which `seconds` covers; else 0 */
  int n_skipped_octaves; /* octaves that are too small for the layers, or for `smallest` */
  int n_partial_octaves; /* octaves in which some layers are skipped, because the octave is too small for them */
  /* For videos: */
  double first_frame_s, next_frame_s; /* first frame of a shot; each further frame; `seconds` assumes one shot */
  gsize file_bytes, temporary_bytes;  /* estimates: size of the result; extra size of temporary files */
  gint64 n_read;           /* training: pictures to train on. Planning runs some steps to measure their time */
  gsize traffic_bytes;     /* with several ranks (rv_process_join()): bytes that rank 0 sends and receives in an
                              iteration of the last stage; else 0 */
  double traffic_s;        /* time of this traffic, included in `seconds`, from a short measurement of the link */
  int n_guessed;           /* kernels that no saved table names: without `exact`, another run may give other bytes */
  gsize device_peak_bytes; /* on the GPU, at most; 0: a backend in main memory, or unknown */
} RvJobPlan;

/** rv_job_plan: estimates the run, by short measurements, and fills @plan (out); @size: sizeof *@plan. Blocks; writes
 * no files; with several ranks all of them call it. The job can still run, and reuses the prepared data. Errors, with
 * FALSE and @plan all 0: %RV_ERROR_SETTING, also after the job has begun, which leaves @plan unchanged; %RV_ERROR_FILE,
 * %RV_ERROR_FORMAT, %RV_ERROR_SHAPE, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND; %RV_ERROR_CANCELLED by the current
 * GCancellable of the thread, or after rv_job_stop(). Since: 0.1 */
RV_API gboolean rv_job_plan_sized (RvJob *job, RvJobPlan *plan, gsize size, GError **error);
static inline gboolean
rv_job_plan (RvJob *job, RvJobPlan *plan, GError **error)
{
  return rv_job_plan_sized (job, plan, sizeof *plan, error);
}

/* ---- reports ----------------------------------------------------------------------------------------------------- */

/** RvJobReportType: event that a report is about. */
typedef enum {
  RV_JOB_REPORT_PROGRESS, /* an iteration, a channel of an atlas or a frame of a video is done; a cell of a sheet begins
                           */
  RV_JOB_REPORT_PREVIEW,  /* PROGRESS with a picture */
  RV_JOB_REPORT_PAUSED,
  RV_JOB_REPORT_ENDED, /* the last report */
} RvJobReportType;

/** RvJobReport: one report. Members without a type are set for PROGRESS and PREVIEW. */
typedef struct {
  RvJobReportType type;
  gint64 iteration, n_iterations; /* from 1, over all stages; dreams: up to this stage's end; videos: the frame */
  int stage, n_stages;            /* from 1 */
  int width, height;              /* px, of this stage; ENDED: of the result, 0: none */
  double loss;                    /* before the step of this iteration */
  const char *const *names;       /* terms of the loss, NULL-terminated; owned by the job */
  const double *losses;           /* one for each name */
  double seconds;                 /* since the run began */
  double done_01;                 /* fraction of the whole run's work that is done */
  RvImage *picture;               /* PREVIEW: at the stage's size; ENDED: the result; NULL: none, or see
                                     rv_job_result() */
  const GError *error;            /* ENDED: (nullable) */
  gboolean stopped;               /* ENDED: rv_job_stop() ended the run before it was complete */
  /* For dreams: */
  double scale;                               /* side of this stage / side of the result */
  gint64 stage_iteration, n_stage_iterations; /* from 1, within the stage */
  int frame, n_frames;                        /* from 1: frames (also of videos), variants, channels; else 0 */
  gint64 channel;                             /* from 0, of an atlas; else -1 */
  int n_skipped_octaves, n_partial_octaves;   /* see RvJobPlan */
  /* ENDED of videos, over the first `frame` frames, of the result and of the input: mean squared difference (RGB, white
   * is 1) between a frame and the previous one moved along the flow, over pixels with confident flow. -1: no pair. */
  double warping_error, source_error;
  /* Texts are owned by the job. For sheets, whose frames are their cells: */
  const char *label;      /* name and settings of the cell that begins; training: see `note` */
  const char *note;       /* (nullable): a message for the user, about two equal cells, the learned style that a picture
                             starts from, or a skipped photograph. A photograph is in `label`; its report comes before
                             the first iteration, and also when planning */
  double validation_loss; /* training: last loss on the validation set; NaN: not computed, or no validation set */
  /* For training; stages are epochs, iterations are batches: */
  double per_second;    /* pictures a second, mean */
  gint64 n_read;        /* ENDED: pictures in the training set; for pictures of a VAE: pictures or codes that it used */
  int n_inactive_units; /* ENDED: inactive latent dimensions (posterior collapse) */
  double baseline_error; /* ENDED of videos: warping_error of frames made independently; -1: none */
  int n_guessed;         /* ENDED: see RvJobPlan */
} RvJobReport;

/** RvJobFunc: receives each report, which is valid during the call only. It may use @job and any other job. */
typedef void (*RvJobFunc) (RvJob *job, const RvJobReport *report, gpointer user_data);

/**
 * rv_job_subscribe:
 * @preview_every_s: shortest time between two previews, s; 0: none. A preview takes a few milliseconds at 1024 px
 * @func:            (nullable): called on the thread that runs the job; after rv_job_start() on the caller's context,
 *                   where new progress and new previews replace those that have not been delivered yet. NULL: no
 *                   reports
 * @destroy:         (nullable): frees @user_data: with the job, or in a later call of this function with another
 *                   @user_data or @destroy
 *
 * Sets the one subscriber of the job, before the job begins. During the run the same subscriber, with the same
 * @user_data and @destroy, may change @preview_every_s. Since: 0.1
 */
RV_API void rv_job_subscribe (RvJob *job, double preview_every_s, RvJobFunc func, gpointer user_data,
                              GDestroyNotify destroy);

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/** rv_job_run: runs the job, once, on this thread; blocks. An `output` is written; rv_job_result() has the picture.
 * With several ranks all of them call it. @cancellable: (nullable): ends the run as soon as possible, without a result;
 * a written checkpoint stays; NULL: the current one of the thread. Returns: whether the run ended without an error,
 * stopped or not. Errors: %RV_ERROR_SETTING, also for a job that has begun; %RV_ERROR_FILE, %RV_ERROR_FORMAT,
 * %RV_ERROR_SHAPE, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND; %RV_ERROR_NUMBER if the loss becomes NaN or infinite, with the
 * options to lower; %RV_ERROR_CANCELLED by @cancellable, or if the job was stopped before there was a result. Since:
 * 0.1 */
RV_API gboolean rv_job_run (RvJob *job, GCancellable *cancellable, GError **error);
/** rv_job_start: rv_job_run() on a thread of its own; returns at once. @cancellable: (nullable): ends the run as soon
 * as possible, without a result; NULL: the current one of the calling thread. Reports come on the thread-default
 * context of the caller; rv_job_wait() has the result. TRUE: started; errors of the run come later. Errors, with FALSE:
 * %RV_ERROR_SETTING if the job has begun already; %RV_ERROR_MEMORY without a thread. Since: 0.1 */
RV_API gboolean rv_job_start (RvJob *job, GCancellable *cancellable, GError **error);
/** rv_job_wait: waits until a started job has ended, at once after the end. Returns: as rv_job_run(), whether the run
 * ended without an error, stopped or not. Reports may still be pending. Errors, with FALSE: a copy of the run's error,
 * each time; %RV_ERROR_SETTING for a job that was not started, and in a callback of rv_job_run(). Since: 0.1 */
RV_API gboolean rv_job_wait (RvJob *job, GError **error);
/** rv_job_stop: requests the end of the run after the current iteration, as Ctrl-C does; returns at once. Any thread
 * may call it, but no signal handler. The picture so far is the result, and a checkpoint is written for a job with the
 * setting `resume`. A call before the run stops the job when the job begins. Since: 0.1 */
RV_API void rv_job_stop (RvJob *job);
/** rv_job_set_stop: sets @should_stop (nullable), which the run then polls often, on the job's thread; TRUE acts as
 * rv_job_stop(). NULL: none. Since: 0.1 */
RV_API void rv_job_set_stop (RvJob *job, RvStopFunc should_stop, gpointer user_data);
/** rv_job_pause: requests a pause after the current iteration, once the checkpoint is written, until rv_job_resume(),
 * rv_job_stop() or cancelling; returns at once. A video that pauses within a frame has the checkpoint of the last frame
 * at which one was due. Time limits keep running. Since: 0.1 */
RV_API void rv_job_pause (RvJob *job);
/** rv_job_resume: ends a pause, or withdraws rv_job_pause() before it begins; else does nothing. Returns at once.
 * Since: 0.1 */
RV_API void rv_job_resume (RvJob *job);

/* ---- snapshots: inspecting and branching ------------------------------------------------------------------------- */

/** RvSnapshot: a snapshot of a run after an iteration: a small picture, and the state that a job needs to continue from
 * it. Reference-counted; holds no reference to the job. Threads: any. */
typedef struct _RvSnapshot RvSnapshot;

/**
 * rv_job_keep_snapshots:
 * @every:     iterations between snapshots; 0: by time only
 * @every_s:   shortest time between snapshots, s; they take at most 5 % of the time; 0: none
 * @max_count: limit of the number of snapshots
 * @max_bytes: limit of the memory of all snapshots. A snapshot takes as much memory as the picture and its optimiser:
 *             about 50 bytes a pixel with Adam
 *
 * Above a limit, the snapshots closest to others are dropped, the newest only if it exceeds a limit alone. A snapshot
 * is skipped if memory is short. Only jobs of one picture have snapshots: not several files, variants or atlases. May
 * be called at any time; without a call a job keeps no snapshots. Since: 0.1
 */
RV_API void rv_job_keep_snapshots (RvJob *job, gint64 every, double every_s, guint max_count, gsize max_bytes);
/** rv_job_snapshots: (transfer full) (element-type RvSnapshot): a new array with references to all snapshots, by
 * iteration; also after the end. Empty, never NULL, without any. Since: 0.1 */
RV_API GPtrArray *rv_job_snapshots (RvJob *job);

/** rv_job_copy_snapshots: adds the snapshots of @from, by reference, to the empty list of @job, which resumes the run
 * of @from. Snapshots that @job takes replace those of the same or a later iteration. Call it before @job begins.
 * Since: 0.1 */
RV_API void rv_job_copy_snapshots (RvJob *job, RvJob *from);

/** rv_snapshot_ref: (transfer full): @snapshot, with one reference more. Since: 0.1 */
RV_API RvSnapshot *rv_snapshot_ref (RvSnapshot *snapshot);
/** rv_snapshot_unref: (nullable): drops a reference; the last one frees @snapshot. Since: 0.1 */
RV_API void rv_snapshot_unref (RvSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvSnapshot, rv_snapshot_unref)

/** rv_snapshot_iteration: number of the iteration after which @snapshot was taken, from 1, over all stages, as
 * RvJobReport.iteration. Since: 0.1 */
RV_API gint64 rv_snapshot_iteration (const RvSnapshot *snapshot);
/** rv_snapshot_stage: number of the stage (scale or octave) in which @snapshot was taken, from 1, as RvJobReport.stage.
 * Since: 0.1 */
RV_API int rv_snapshot_stage (const RvSnapshot *snapshot);
/** rv_snapshot_seconds: time at which @snapshot was taken, s since the run began, as RvJobReport.seconds. Since: 0.1 */
RV_API double rv_snapshot_seconds (const RvSnapshot *snapshot);
/** rv_snapshot_done_01: fraction of the run's work that was done at that iteration, 0..1, as RvJobReport.done_01.
 * Since: 0.1 */
RV_API double rv_snapshot_done_01 (const RvSnapshot *snapshot);
/** rv_snapshot_picture: (transfer full): a small copy of the picture at that iteration, at most 512 px a side; a
 * reference. Never NULL. Since: 0.1 */
RV_API RvImage *rv_snapshot_picture (const RvSnapshot *snapshot);

/** rv_job_branch: makes a job with the same inputs, network and settings that continues from @snapshot, one of @job,
 * kept by reference. With the setting `exact` the job computes the same bytes as @job. It has no files yet.
 * rv_job_set() accepts names of files, and the options that a running job accepts, which count from the snapshot on.
 * rv_job_change_files() accepts masks. The recipe records all of it. Errors: %RV_ERROR_SETTING for a snapshot of
 * another kind of job, NULL, or if @job was neither planned nor begun. Returns: (transfer full) (nullable): not started
 * yet. Since: 0.1 */
RV_API RvJob *rv_job_branch (RvJob *job, RvSnapshot *snapshot, GError **error);

/** rv_job_release_run: frees the memory of an ended run, except the result, the model, the recipe and the snapshots,
 * from which jobs can still branch. Names of losses in its reports become invalid, and other jobs can no longer reuse
 * its data. Does nothing before the job has ended. Since: 0.1 */
RV_API void rv_job_release_run (RvJob *job);

/** RvJobStatus: state of a job. */
typedef enum {
  RV_JOB_STATUS_NEW,
  RV_JOB_STATUS_RUNNING,
  RV_JOB_STATUS_PAUSED,
  RV_JOB_STATUS_DONE,   /* also stopped */
  RV_JOB_STATUS_FAILED, /* also cancelled */
} RvJobStatus;

/** rv_job_status: the current status; RUNNING also between rv_job_pause() and the pause, and while rv_job_plan() works.
 * Since: 0.1 */
RV_API RvJobStatus rv_job_status (RvJob *job);
/** rv_job_was_stopped: whether rv_job_stop() or the function of rv_job_set_stop() ended the run before it was complete.
 * FALSE before the end. Since: 0.1 */
RV_API gboolean rv_job_was_stopped (RvJob *job);
/** rv_job_result: (transfer full) (nullable): the picture, after the job has ended; a reference. After %RV_ERROR_NUMBER
 * the last good one. For a training: samples of its model. NULL before the end, and without a result. Since: 0.1 */
RV_API RvImage *rv_job_result (RvJob *job);
/** rv_job_pick: makes a job for the picture of one @cell, row and column, "3c", with the same inputs and network. The
 * settings `size`, `width` and `height` give the size. The picture stays in memory unless `output` is set. Not started
 * yet. @sheet: a job of the kind "explore-style" or "explore-dream"; it need not have run. Errors: %RV_ERROR_SETTING
 * for an unknown cell, a @sheet of another kind, or impossible axes. Returns: (transfer full) (nullable). Since: 0.1 */
RV_API RvJob *rv_job_pick (RvJob *sheet, const char *cell, GError **error);
/** rv_job_model: (transfer full) (nullable): the model, as in `output`; a reference: for rv_style_net_from_map() of
 * "learn", for rv_vae_from_map() of "vae-train". NULL before the job has ended, for other kinds, without a result, and
 * for a stopped training with an `output`, which has a checkpoint. Since: 0.1 */
RV_API RvTensorMap *rv_job_model (RvJob *job);
/** rv_job_recipe: (transfer full) (nullable): the recipe of rv_job_result(), JSON as in its file, for RvSaveOptions.
 * NULL, without an error, before the end, without a result, and for a model. Since: 0.1 */
RV_API char *rv_job_recipe (RvJob *job);

G_END_DECLS
#endif
