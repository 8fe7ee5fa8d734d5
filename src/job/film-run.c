/* film-run.c -- a film's way from a file to a file: its part, its sound, its recipe; its frames kept until it is whole.
 *
 * A coder that was stopped has lost what it was given. OUT.frames has the finished frames as they went to it, the state
 * what the next one follows from: a run that goes on feeds the coder anew, and the film has the same bytes. */
#include "job/film-run.h"
#include "base/error.h"
#include "base/frame-name.h"
#include "io/atomic-file.h"
#include "io/film/film.h"
#include "cluster/cluster.h"
#include "method/run/share.h"
#include <glib/gstdio.h>
#include <string.h>

#define FRAMES ".frames"        /* OUT.frames */
#define RECIPE ".json"          /* OUT.json */
#define DISK_BITS_PER_PIXEL 0.5 /* about, of H.264 at crf 18: paint has much detail */
#define FRAME_BYTES 340         /* a pixel: frames, flows and what they need, beside what makes one frame */
#define REMEMBERED_BYTES 24     /* likewise, of each frame of a longer memory, and what it became */
#define MEMORY_BYTES 100        /* and of the flow from one of them */
#define AHEAD_BYTES 120         /* likewise, of the frame that others flow into */
#define KEY_BYTES 24            /* and of each that somebody has painted */

static const char *const no_losses[] = { NULL };

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* What is done, beside the state of it. (transfer full) */
static char *
done_file (const RvJobRun *run)
{
  return g_strconcat (run->options->output, FRAMES, NULL);
}

static gboolean
goes_on (const RvJobRun *run)
{
  return run->going_on.resume && rv__state_file_exists (run->state);
}

/* A file that is written beside the film. */
static gboolean
check_beside (const RvPictureOptions *options, const char *file, const char *const *inputs, GError **error)
{
  RvPictureOptions beside = { .output = (char *) file, .force = options->force, .dry_run = options->dry_run };
  return rv__picture_check_free (&beside, inputs, error);
}

/* A link is nothing that a run has left. */
static gboolean
check_done_file (const RvJobRun *run, const RvPictureOptions *options, const char *const *inputs, GError **error)
{
  g_autofree char *name = done_file (run);
  if (run->going_on.every_s <= 0 && !goes_on (run))
    return TRUE;
  if (!options->force && !options->dry_run && g_file_test (name, G_FILE_TEST_IS_SYMLINK)) {
    rv__error_about (error, RV_ERROR_FILE, "force", "%s exists; 'force' replaces it", name);
    return FALSE;
  }
  return check_beside (options, name, inputs, error);
}

/* Of numbered pictures none is there that would be replaced, and none is an input. */
static gboolean
check_numbered (const RvPictureOptions *options, const char *const *inputs, GError **error)
{
  g_autofree char *pattern = g_canonicalize_filename (options->output, NULL);
  if (!rv__film_is_numbered (options->output))
    return TRUE;
  for (int i = 0; inputs[i]; i++) {
    g_autofree char *input = g_canonicalize_filename (inputs[i], NULL);
    if (strcmp (input, pattern) == 0 || rv__frame_number (pattern, input) >= 0) {
      g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s is an input; write to another file", inputs[i]);
      return FALSE;
    }
  }
  g_autofree char *there = options->force || options->dry_run ? NULL : rv__frame_existing (pattern);
  if (there)
    rv__error_about (error, RV_ERROR_FILE, "force", "%s exists; 'force' replaces it", there);
  return !there;
}

/* Where a run stopped that this one goes on with, its film, log and so on may be replaced; likewise where it stopped
 * before there was anything. */
static gboolean
check_targets (const RvJobRun *run, const char *const *inputs, GError **error)
{
  RvPictureOptions options = *run->options;
  g_autofree char *recipe = g_strconcat (options.output, RECIPE, NULL);
  if (rv__film_is_stream (options.output))
    return rv__picture_check_other (&options, options.live, 1, 1, inputs, error);
  if (!rv__state_file_check (run->state, run->going_on.resume, error))
    return FALSE;
  options.force |= rv__job_run_may_replace (run);
  return rv__picture_check_free (&options, inputs, error) && check_numbered (&options, inputs, error) &&
         (!options.keep_recipe || check_beside (&options, recipe, inputs, error)) &&
         check_done_file (run, &options, inputs, error) &&
         rv__picture_check_other (&options, options.live, 1, 1, inputs, error);
}

static gboolean
open_reader (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  if (!filming->reader)
    filming->reader = rv_film_reader_new (rv__job_run_input (run, "content")->file, &filming->part, error);
  return filming->reader != NULL;
}

/* What a film is made with. */
static gboolean
probe_input (const RvRecipeInput *input, GError **error)
{
  RvImageInfo picture;
  if (strcmp (input->role, "painter") == 0 || strcmp (input->role, "content") == 0)
    return TRUE;
  if (strcmp (input->role, "mask") == 0 || strcmp (input->role, "protect") == 0)
    return rv__film_mask_probe (input->file, error);
  return rv_image_probe (input->file, &picture, error);
}

gboolean
rv__film_look (RvJobRun *run, GError **error)
{
  RvFilmInfo film;
  const RvFilmOptions *own = rv__film_options_of (run);
  g_autofree const char **inputs = g_new0 (const char *, run->inputs->len + 1);
  RvFilming *filming = run->method = g_new0 (RvFilming, 1);
  const char *content = rv__job_run_input (run, "content")->file;
  int n = 0;
  for (const RvRecipeInput *file = run->files; file->role; file++)
    if (file->file)
      inputs[n++] = file->file;
  if ((run->options->output && !check_targets (run, inputs, error)) || !rv_film_probe (content, &film, error))
    return FALSE;
  for (const RvRecipeInput *file = run->files; file->role; file++)
    if (file->file && !probe_input (file, error))
      return FALSE;
  rv__picture_target_size (run->options, film.width, film.height, &run->width, &run->height);
  filming->part.width = run->width;
  filming->part.height = run->height;
  if (!rv__film_find_part (own, &filming->part, error) || !open_reader (run, error))
    return FALSE;
  gboolean keys = rv__job_run_input (run, "key") != NULL;
  if (own->loop && rv_film_reader_info (filming->reader)->n_frames <= 0)
    rv__error_setting (error, "loop", "nobody knows where %s ends: 'loop' is of films that are whole files", content);
  else if (keys && rv__film_is_stream (content))
    rv__error_setting (error, "keys", "'keys' is of films that are files, which can be read twice");
  else
    return TRUE;
  return FALSE;
}

gboolean
rv__film_prepare (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  return rv__film_keys_load (&filming->keys, run, &filming->part, error) && run->class->film->load (run, error);
}

gboolean
rv__film_load_mask (RvJobRun *run, const RvJobInput *input, RvImage **place, GError **error)
{
  RvFilming *filming = run->method;
  return open_reader (run, error) && rv__film_mask_load (&filming->masks, input, &filming->part,
                                                         rv_film_reader_info (filming->reader), place, error);
}

void
rv__film_clear (RvJobRun *run)
{
  RvFilming *filming = run->method;
  if (filming->maker)
    run->class->film->clear (filming->maker);
  rv__film_masks_clear (&filming->masks);
  rv__film_keys_clear (&filming->keys);
  rv_film_reader_free (filming->reader);
  rv_film_writer_free (filming->writer);
  rv__frames_file_free (filming->done);
  rv__film_shots_free (filming->shots);
  rv_tensor_map_unref (filming->state);
  rv_tensor_map_unref (filming->newest);
  g_free (filming->same);
  rv_image_unref (filming->last);
  g_free (filming);
}

/* ---- what it will take ------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the reader begins anew after it. */
static RvImage *
first_frame (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  g_autoptr (GError) why = NULL;
  g_autoptr (RvFilmReader) reader = g_steal_pointer (&filming->reader);
  RvImage *frame = rv_film_reader_next (reader, &why);
  if (!frame && !why)
    g_set_error (&why, RV_ERROR, RV_ERROR_FORMAT, "%s is a film without a frame",
                 rv__job_run_input (run, "content")->file);
  if (why)
    g_propagate_error (error, g_steal_pointer (&why));
  return frame;
}

/* What a film holds of each pixel beside what makes one frame. */
static double
pixel_bytes (const RvFilmOptions *own, int n_keys)
{
  RvFilmMemory memory;
  rv__film_memory_parse (own->memory_frames, memory.reaches, NULL); /* checked */
  int length = rv__film_memory_length (&memory);
  return FRAME_BYTES + (own->loop || n_keys > 0 ? AHEAD_BYTES : 0) + n_keys * KEY_BYTES +
         (length > 0 ? MEMORY_BYTES + length * REMEMBERED_BYTES : 0);
}

/* Of the frames that each frame after a shot's first is compared with: the last, what a longer memory has, what it
 * flows into. */
static int
count_compared (const RvFilmOptions *own, int n_keys)
{
  RvFilmMemory memory;
  int n = 1 + (n_keys > 0);
  rv__film_memory_parse (own->memory_frames, memory.reaches, NULL); /* checked */
  for (int back = 2; back <= rv__film_memory_length (&memory); back++)
    n += memory.reaches[back];
  return n;
}

/* What is seen of a frame before it is made. */
static gboolean
plan_motion (RvJobRun *run, RvImage *frame, double *seconds, GError **error)
{
  const RvFilming *filming = run->method;
  g_autoptr (RvFilmMotion) motion =
    rv__film_motion_new (rv_settings_get_int (run->settings, "threads", NULL), rv__job_cancellable (run->job), error);
  if (!motion || !rv__film_motion_cost (motion, frame, seconds, error))
    return FALSE;
  *seconds *= count_compared (rv__film_options_of (run), filming->keys.n);
  return TRUE;
}

gboolean
rv__film_plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  RvFilmPlan own;
  const RvFilming *filming = run->method;
  if (!open_reader (run, error))
    return FALSE;
  RvFilmInfo info = *rv_film_reader_info (filming->reader);
  g_autoptr (RvImage) frame = first_frame (run, error);
  double motion_s;
  if (!frame || !run->class->film->plan (run, frame, &own, error) || !plan_motion (run, frame, &motion_s, error))
    return FALSE;
  own.next_s += motion_s;
  double pixels = (double) info.width * info.height, n = (double) MAX (info.n_frames, 1);
  *plan = (RvJobPlan){ .peak_bytes =
                         own.peak_bytes + (gsize) (pixel_bytes (rv__film_options_of (run), filming->keys.n) * pixels),
                       .seconds = own.first_s + (n - 1) * own.next_s,
                       .n_stages = 1,
                       .n_tiles = 1,
                       .work = 1,
                       .n_iterations = info.n_frames,
                       .backend = own.backend,
                       .n_frames = (int) info.n_frames,
                       .first_frame_s = own.first_s,
                       .next_frame_s = own.next_s,
                       .file_bytes = (gsize) (n * pixels * DISK_BITS_PER_PIXEL / 8),
                       .kept_bytes =
                         rv__film_is_stream (run->options->output) ? 0 : (gsize) n * rv__film_frame_bytes (&info) };
  return TRUE;
}

/* ---- its state --------------------------------------------------------------------------------------------------- */

/* (transfer full): the rows of @table that decide how frames come out: not how they are coded, which may be another way
 * when a film goes on. */
static RvOption *
rows_of_frames (const RvOption *table)
{
  static const char *const of_no_frame[] = { "crf", "codec", "frame-by-frame", NULL };
  g_autoptr (GArray) rows = g_array_new (TRUE, TRUE, sizeof (RvOption));
  for (; table->name; table++)
    if (!g_strv_contains (of_no_frame, table->name))
      g_array_append_val (rows, *table);
  return (RvOption *) (void *) g_array_free (g_steal_pointer (&rows), FALSE);
}

static const char *
what_is_the_same (RvJobRun *run)
{
  RvFilming *filming = run->method;
  if (filming->same)
    return filming->same;
  RvRecipe recipe = rv__job_run_recipe_of (run);
  g_autofree RvOption *rows = rows_of_frames (recipe.own_table);
  recipe.own_table = rows;
  recipe.kernels = NULL;
  return filming->same = rv__recipe_json (&recipe);
}

RvTensorMap *
rv__film_keep (RvJobRun *run, gconstpointer progress)
{
  RvFilming *filming = run->method;
  const RvKernelTable *kernels = rv__job_run_recipe_of (run).kernels;
  g_autofree char *text = kernels ? rv_kernel_table_to_text (kernels) : g_strdup ("");
  if (!rv__frames_file_sync (filming->done, &run->error))
    return NULL;
  RvTensorMap *map = g_steal_pointer (&filming->newest);
  rv_tensor_map_set_text (map, "recipe", what_is_the_same (run));
  rv_tensor_map_set_text (map, "kernels", text);
  return map;
}

gboolean
rv__film_resume (RvJobRun *run, RvTensorMap *state, GError **error)
{
  RvFilming *filming = run->method;
  const char *recipe = rv_tensor_map_get_text (state, "recipe"), *kernels = rv_tensor_map_get_text (state, "kernels");
  if (g_strcmp0 (recipe, what_is_the_same (run)) != 0) {
    rv__error_setting (error, "resume,force",
                       "%s was being made with other settings; 'resume' goes on with the same, 'force' starts anew",
                       run->options->output);
    return FALSE;
  }
  if (kernels && rv__job_run_recipe_of (run).kernels)
    rv_kernel_table_add_text (run->kernels, kernels);
  filming->state = rv_tensor_map_ref (state);
  run->iteration = rv__film_state_frames (state);
  return TRUE;
}

/* ---- while it is made -------------------------------------------------------------------------------------------- */

const char *const *
rv__film_losses (RvJobRun *run)
{
  return no_losses; /* a film has no curves */
}

RvImage *
rv__film_picture (gconstpointer progress, GError **error)
{
  return rv_image_ref ((RvImage *) ((const RvFilmProgress *) progress)->picture);
}

/* (transfer full) */
static char *
log_line (const RvMadeFrame *p)
{
  GString *line = g_string_new (NULL);
  g_string_append_printf (line, "{\"frame\": %" G_GINT64_FORMAT ", \"new shot\": %s", p->frame,
                          p->begins ? "true" : "false");
  rv__job_log_number (line, "loss", p->loss);
  for (int i = 0; i < p->n_losses; i++)
    rv__job_log_number (line, p->names[i], p->losses[i]);
  rv__job_log_number (line, "kept", p->kept_01);
  rv__job_log_number (line, "trusted", p->trusted_01);
  rv__job_log_number (line, "warping error", p->warping_error);
  rv__job_log_number (line, "film's own", p->film_error);
  rv__job_log_number (line, "motion seconds", p->motion_s);
  rv__job_log_number (line, "making seconds", p->making_s);
  g_string_append (line, "}\n");
  return g_string_free (line, FALSE);
}

/* There is a state from the first frame on: what was killed goes on whenever that was. */
static gboolean
state_due (const RvJobRun *run)
{
  return !rv__state_file_exists (run->state) || rv__state_file_due (run->state);
}

/* What the newest frame left, where it is not written. */
static gboolean
save_newest (RvJobRun *run)
{
  return !((const RvFilming *) run->method)->newest || rv__job_run_save_state (run, NULL);
}

/* A frame is done. */
static gboolean
take_frame (RvJobRun *run, RvJobReport *report, const RvFilmProgress *p)
{
  RvFilming *filming = run->method;
  g_autofree char *line = run->log || filming->shots ? log_line (p->made) : NULL;
  run->iteration = p->frame;
  rv_image_unref (filming->last);
  filming->last = rv_image_ref ((RvImage *) p->picture);
  rv_tensor_map_unref (filming->newest);
  filming->newest = filming->done ? rv__film_state (p->film) : NULL;
  if (filming->shots)
    rv__film_shots_log (filming->shots, line);
  else if (line)
    fputs (line, run->log);
  return rv__picture_flush_log (run->options, run->log, &run->error) && rv__job_run_show (run, report, p) &&
         (!filming->newest || !state_due (run) || save_newest (run));
}

/* Of the losses that a frame's is the sum of, the names stay as they were first. */
static void
report_losses (RvFilming *filming, const RvMadeFrame *made, RvJobReport *report)
{
  if (!filming->names[0])
    memcpy (filming->names, made->names, (gsize) made->n_losses * sizeof *made->names);
  report->names = filming->names;
  report->losses = made->losses;
}

static gboolean
on_progress (const RvFilmProgress *p, gpointer data)
{
  RvJobRun *run = data;
  RvJob *job = run->job;
  RvJobReport report = { .type = RV_JOB_PROGRESS,
                         .iteration = p->frame,
                         .n_iterations = p->n_frames,
                         .stage = 1,
                         .n_stages = 1,
                         .width = run->width,
                         .height = run->height,
                         .loss = p->loss,
                         .names = no_losses,
                         .seconds = p->seconds,
                         .done_01 = p->done_01,
                         .channel = -1,
                         .frame = (int) p->frame,
                         .n_frames = (int) p->n_frames };
  gboolean pause = rv__job_is_paused (job) && p->done_01 < 1, stop = rv__job_is_stopped (job);
  if (p->made)
    report_losses (run->method, p->made, &report);
  rv__job_steer (job, run);
  rv__job_report (job, &report);
  if (p->made && !take_frame (run, &report, p))
    return FALSE;
  if ((pause || stop) && !save_newest (run)) /* in the middle of a frame, too: those before it are not made again */
    return FALSE;
  if (pause && !stop) {
    report.type = RV_JOB_PAUSED;
    report.picture = NULL;
    rv__job_report (job, &report);
    rv__job_wait_paused (job);
    stop = rv__job_is_stopped (job);
  }
  return !stop && !rv__job_is_cancelled (job);
}

static RvImage *
next_frame (gpointer data, GError **error)
{
  RvFilming *filming = data;
  g_autoptr (RvImage) frame = rv_film_reader_next (filming->reader, error);
  return frame && rv__film_masks_next (&filming->masks, error) ? g_steal_pointer (&frame) : NULL;
}

static gboolean
add_frame (gpointer data, const RvImage *frame, GError **error)
{
  const RvFilming *filming = data;
  if (filming->shots)
    return rv__film_shots_add (filming->shots, frame, error);
  return (!filming->done || rv__frames_file_add (filming->done, frame, error)) &&
         (!filming->writer || rv_film_writer_add (filming->writer, frame, error));
}

static gboolean
wants_shot (gpointer data, gint64 shot, gint64 number, gboolean *wanted, GError **error)
{
  return rv__film_shots_wants (((const RvFilming *) data)->shots, shot, number, wanted, error);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static gboolean
open_writer (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  const RvFilmOptions *own = rv__film_options_of (run);
  if (run->muted) /* the first rank writes it */
    return TRUE;
  rv__job_run_keep_recipe (run);
  RvFilmSettings settings = { .codec = own->codec,
                              .crf = (int) own->crf,
                              .sound_from = rv__job_run_input (run, "content")->file,
                              .from_s = filming->part.from_s,
                              .to_s = filming->part.to_s,
                              .comment = run->options->recipe };
  filming->writer = rv_film_writer_new (run->options->output, rv_film_reader_info (filming->reader), &settings, error);
  return filming->writer != NULL;
}

/* What is done goes to the coder once more, which has lost it. */
static gboolean
feed_done (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  g_autofree char *name = done_file (run);
  gint64 n = run->iteration;
  if (run->muted || (run->going_on.every_s <= 0 && n == 0))
    return TRUE;
  if (!(filming->done = rv__frames_file_open (name, rv_film_reader_info (filming->reader), n, error)))
    return FALSE;
  for (gint64 k = 0; k < n; k++) {
    if (rv__job_is_cancelled (run->job)) {
      g_set_error_literal (error, RV_ERROR, RV_ERROR_CANCELLED, "cancelled");
      return FALSE;
    }
    g_autoptr (RvImage) frame = rv__frames_file_get (filming->done, k, error);
    if (!frame || !rv_film_writer_add (filming->writer, frame, error))
      return FALSE;
  }
  return TRUE;
}

/* Without a state nobody can go on with the frames, either. */
static void
remove_orphans (const RvJobRun *run)
{
  g_autofree char *name = done_file (run);
  if (((const RvFilming *) run->method)->done && !rv__state_file_exists (run->state))
    g_unlink (name);
}

/* An error that says what can be done about the frames there are. */
static void
say_what_is_kept (const RvJobRun *run, GError **error)
{
  const RvFilming *filming = run->method;
  if (!*error || !filming->done || !rv__state_file_exists (run->state))
    return;
  g_autoptr (GError) alone = g_steal_pointer (error);
  g_autofree char *about = g_strjoinv (",", (char **) rv_error_options (alone));
  g_autofree char *options = *about ? g_strconcat (about, ",resume", NULL) : g_strdup ("resume");
  rv__error_about (error, (RvError) alone->code, options, "%s (what was done is kept: 'resume' goes on with it)",
                   alone->message);
}

/* What is there so far is a film, whatever ended it. */
static gboolean
end_film (RvJobRun *run, gboolean ok, GError **error)
{
  RvFilming *filming = run->method;
  if (filming->result.n_frames == 0 && ok)
    g_set_error_literal (error, RV_ERROR, RV_ERROR_CANCELLED, "stopped before there was a frame");
  if (filming->result.n_frames == 0)
    return FALSE;
  if (!filming->writer)
    return ok;
  if (!ok || run->stopped)
    rv_film_writer_cut (filming->writer);
  return rv_film_writer_finish (filming->writer, ok ? error : NULL) && ok;
}

/* The frames of a second, or a third of what is shorter; none where nobody knows when the film ends. */
static gint64
loop_tail (const RvJobRun *run, const RvFilmInfo *info)
{
  gint64 second = (info->rate_num + info->rate_den - 1) / info->rate_den;
  return rv__film_options_of (run)->loop && info->n_frames > 0 ? CLAMP (second, 1, MAX (info->n_frames / 3, 1)) : 0;
}

/* Makes the frames that are this run's. */
static gboolean
make_frames (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  const RvFilmInfo *info = rv_film_reader_info (filming->reader);
  const RvFilmOptions *own = rv__film_options_of (run);
  RvFilmMemory memory;
  if (!rv__film_memory_parse (own->memory_frames, memory.reaches, error))
    return FALSE;
  RvFilmFrames frames = { .n_frames = info->n_frames,
                          .loop_tail = loop_tail (run, info),
                          .state = filming->state,
                          .next = next_frame,
                          .add = add_frame,
                          .user_data = filming,
                          .n_pairs = filming->shots ? 0 : (int) own->n_pairs,
                          .reaches = memory.reaches,
                          .masks = filming->masks.now,
                          .keys = filming->keys.n > 0 ? &filming->keys : NULL,
                          .wants = filming->shots ? wants_shot : NULL };
  gboolean ok = run->class->film->make (run, &frames, on_progress, &filming->result, error);
  run->stopped = filming->result.stopped;
  return ok && (!run->stopped || save_newest (run)); /* stopped where no step told it */
}

static gboolean
make_whole (RvJobRun *run, GError **error)
{
  GError *own_error = NULL;
  if (!open_writer (run, error) || !feed_done (run, error))
    return FALSE;
  gboolean ok = make_frames (run, &own_error);
  if (!rv__job_is_cancelled (run->job))
    ok = end_film (run, ok, &own_error);
  if (!own_error)
    own_error = g_steal_pointer (&run->error);
  remove_orphans (run);
  say_what_is_kept (run, &own_error);
  if (!own_error)
    return ok;
  g_propagate_error (error, own_error);
  return FALSE;
}

/* ---- shots that several processes make --------------------------------------------------------------------------- */

/* What frames of other shots flow into is no rank's own: such a film's frames are shared tile by tile. */
static gboolean
is_dealt (const RvJobRun *run)
{
  return rv__cluster_size (rv__cluster_tiles ()) > 1 && !rv__film_share_of (run) && !rv__film_options_of (run)->loop &&
         !rv__job_run_input (run, "key") && !rv__film_is_stream (run->asked_output);
}

/* Parts that were made before are put together, or made whole. */
static gboolean
has_shots (RvJobRun *run)
{
  return run->going_on.resume && !((const RvFilming *) run->method)->state && !rv__film_is_stream (run->asked_output) &&
         rv__film_shots_lie_there (run->asked_output, what_is_the_same (run));
}

static RvFilmShotsHow
how_shared (const RvJobRun *run)
{
  RvFilmShotsHow how = { .part = 1, .n_parts = 1, .dealt = is_dealt (run) };
  if (rv__film_share_of (run)) {
    rv__share_parse (rv__film_share_of (run), &how.part, &how.n_parts, NULL); /* checked */
    how.owner = how.part;
  } else if (how.dealt) {
    how.owner = rv__cluster_rank (rv__cluster_all ()) + 1;
  }
  return how;
}

static gboolean
make_shots (RvJobRun *run, const RvFilmShotsHow *how, GError **error)
{
  RvFilming *filming = run->method;
  if (!(filming->shots = rv__film_shots_new (run->asked_output, rv_film_reader_info (filming->reader),
                                             what_is_the_same (run), run->going_on.resume, how, error)) ||
      !make_frames (run, error))
    return FALSE;
  const RvKernelTable *kernels = rv__job_run_recipe_of (run).kernels;
  g_autofree char *text = kernels ? rv_kernel_table_to_text (kernels) : g_strdup ("");
  if (!run->stopped)
    return rv__film_shots_end (filming->shots, filming->result.n_seen, text, error);
  rv__error_about (error, RV_ERROR_CANCELLED, "resume",
                   "stopped; the shots that are whole are kept: 'resume' goes on with them");
  return FALSE;
}

static RvFilmCut *
find_cut (RvJobRun *run, GError **error)
{
  const RvFilmInfo *info = rv_film_reader_info (((const RvFilming *) run->method)->reader);
  return rv__film_cut_new (run->asked_output, info, what_is_the_same (run), error);
}

static gboolean
has_all_shots (RvJobRun *run)
{
  g_autoptr (RvFilmCut) cut = find_cut (run, NULL);
  return cut != NULL;
}

/* The film, from all shots that there are. */
static gboolean
put_together (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  g_autoptr (RvFilmCut) cut = find_cut (run, error);
  if (!cut)
    return FALSE;
  if (rv__job_run_recipe_of (run).kernels)
    rv_kernel_table_add_text (run->kernels, rv__film_cut_kernels (cut));
  if (!open_writer (run, error))
    return FALSE;
  for (gint64 k = 0; k < rv__film_cut_frames (cut); k++) {
    const char *log = rv__film_cut_log (cut, k);
    rv_image_unref (filming->last);
    filming->last = rv__film_cut_get (cut, k, error);
    if (!filming->last || !rv_film_writer_add (filming->writer, filming->last, error))
      return FALSE;
    if (log && run->log)
      fputs (log, run->log);
  }
  filming->result = (RvFilmResult){ .n_frames = rv__film_cut_frames (cut), .n_shots = rv__film_cut_shots (cut) };
  if (!rv_film_writer_finish (filming->writer, error))
    return FALSE;
  rv__film_shots_forget (run->asked_output);
  return TRUE;
}

/* Ranks take shots as they become free; the first then has the film. */
static gboolean
deal_shots (RvJobRun *run, const RvFilmShotsHow *how, GError **error)
{
  RvCluster *all = rv__cluster_all ();
  gboolean first = rv__cluster_rank (all) == 0;
  gint64 none;
  if (first && !run->going_on.resume)
    rv__film_shots_forget (run->asked_output);
  if (!rv__cluster_wait (all, error))
    return FALSE;
  rv__cluster_deal (TRUE);
  gboolean ok = make_shots (run, how, error) && rv__cluster_next (all, 0, &none, error); /* the round has ended */
  rv__cluster_deal (FALSE);
  return ok && rv__cluster_wait (all, error) && (!first || put_together (run, error));
}

static gboolean
make_shared (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  const RvFilmShotsHow how = how_shared (run);
  filming->is_part = rv__film_share_of (run) != NULL;
  if (how.dealt)
    return deal_shots (run, &how, error);
  if (filming->is_part)
    return make_shots (run, &how, error);
  return (has_all_shots (run) || make_shots (run, &how, error)) && put_together (run, error);
}

static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  RvFilming *filming = run->method;
  if (!open_reader (run, error))
    return FALSE;
  gboolean shared = rv__film_share_of (run) || is_dealt (run) || has_shots (run);
  gboolean ok = shared ? make_shared (run, error) : make_whole (run, error);
  *result = filming->last ? rv_image_ref (filming->last) : NULL;
  return ok;
}

/* What no film became of is removed before anybody hears of the end: who waits for that may leave at once. */
gboolean
rv__film_make (RvJobRun *run, RvImage **result, GError **error)
{
  RvFilming *filming = run->method;
  gboolean ok = make (run, result, error);
  g_clear_pointer (&filming->writer, rv_film_writer_free);
  g_clear_pointer (&filming->reader, rv_film_reader_free); /* a process, which may not stay as long as the job does */
  return ok;
}

/* Beside the film, for whoever has no ffprobe, and where the container keeps no comments. By now kernels are chosen. */
gboolean
rv__film_write_recipe (RvJobRun *run, const RvImage *result, GError **error)
{
  const RvPictureOptions *options = run->options;
  if (((const RvFilming *) run->method)->is_part) /* no film yet */
    return TRUE;
  g_autofree char *name = g_strconcat (options->output, RECIPE, NULL);
  g_autoptr (GBytes) bytes = options->recipe ? g_bytes_new (options->recipe, strlen (options->recipe)) : NULL;
  if (bytes && !rv__atomic_file_write (name, bytes, error))
    return FALSE;
  if (!run->stopped)
    rv__state_file_remove (run->state);
  remove_orphans (run);
  return TRUE;
}

void
rv__film_sum_up (const RvJobRun *run, RvJobReport *report)
{
  const RvFilming *filming = run->method;
  const RvFilmResult *result = &filming->result;
  report->width = run->width;
  report->height = run->height;
  report->frame = (int) result->n_frames;
  report->warping_error = result->n_followed > 0 ? result->warping_error : -1;
  report->film_error = result->n_followed > 0 ? result->film_error : -1;
  report->alone_error = result->n_alone > 0 ? result->alone_error : -1;
}
