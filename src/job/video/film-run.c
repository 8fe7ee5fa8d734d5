/* film-run.c -- a film's way from a file to a file: frames read, made and written; its sound, its recipe. */
#include "io/film/film.h"
#include "job/video/film-run.h"
#include "base/error.h"
#include "io/atomic-file.h"
#include <glib/gstdio.h>
#include <string.h>

gboolean
rv__film_open_reader (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  if (!filming->reader)
    filming->reader = rv_film_reader_new (rv__request_input (&run->request, "content")->file, &filming->part, error);
  return filming->reader != NULL;
}

void
rv__film_clear (RvJobRun *run)
{
  RvFilming *filming = run->method;
  if (filming->maker)
    run->request.class->film->clear (filming->maker);
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

/* ---- frames --------------------------------------------------------------------------------------------------------
 */

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

gboolean
rv__film_open_writer (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  const RvFilmOptions *own = rv__film_options_of (&run->request);
  if (run->request.writes_no_files) /* the first rank writes it */
    return TRUE;
  rv__job_run_store_recipe (run);
  RvFilmSettings settings = { .codec = own->codec,
                              .crf = (int) own->crf,
                              .sound_from = rv__request_input (&run->request, "content")->file,
                              .from_s = filming->part.from_s,
                              .to_s = filming->part.to_s,
                              .comment = run->request.options->recipe,
                              .no_replace = run->request.options->no_replace,
                              .own_times = filming->part.own_times,
                              .every = filming->part.every };
  filming->writer =
    rv_film_writer_new (run->request.options->output, rv_film_reader_info (filming->reader), &settings, error);
  return filming->writer != NULL;
}

/* What is done goes to the coder once more, which has lost it. */
static gboolean
feed_done (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  g_autofree char *name = rv__film_done_file (&run->request);
  gint64 n = run->progress.iteration;
  if (run->request.writes_no_files || (run->request.state_options.every_s <= 0 && n == 0))
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
  g_autofree char *name = rv__film_done_file (&run->request);
  if (((const RvFilming *) run->method)->done && !rv__checkpoint_exists (run->files.state))
    g_unlink (name);
}

/* An error that says what can be done about the frames there are. */
static void
say_what_is_kept (const RvJobRun *run, GError **error)
{
  const RvFilming *filming = run->method;
  if (!*error || !filming->done || !rv__checkpoint_exists (run->files.state))
    return;
  g_autoptr (GError) alone = g_steal_pointer (error);
  g_autofree char *about = g_strjoinv (",", (char **) rv_error_options (alone));
  g_autofree char *options = *about ? g_strconcat (about, ",resume", NULL) : g_strdup ("resume");
  rv__error_with_options (error, (RvError) alone->code, options, "%s (what was done is kept: 'resume' goes on with it)",
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
  if (!ok || run->progress.stopped)
    rv__film_writer_cut (filming->writer);
  gboolean saved = rv_film_writer_finish (filming->writer, ok ? error : NULL);
  if (ok && !saved)
    rv__job_run_remove_state_beside (run);
  return saved && ok;
}

/* The frames of a second, or a third of what is shorter; none where nobody knows when the film ends. */
static gint64
loop_tail (const RvJobRequest *request, const RvFilmInfo *info)
{
  gint64 second = (info->rate_num + info->rate_den - 1) / info->rate_den;
  return rv__film_options_of (request)->loop && info->n_frames > 0 ? CLAMP (second, 1, MAX (info->n_frames / 3, 1)) : 0;
}

/* Makes the frames that are this run's. */
gboolean
rv__film_make_frames (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  const RvFilmInfo *info = rv_film_reader_info (filming->reader);
  const RvFilmOptions *own = rv__film_options_of (&run->request);
  RvFilmMemory memory;
  if (!rv__film_memory_parse (own->memory_frames, memory.reaches, error))
    return FALSE;
  RvFilmFrames frames = { .n_frames = info->n_frames,
                          .loop_tail = loop_tail (&run->request, info),
                          .state = filming->state,
                          .next = next_frame,
                          .add = add_frame,
                          .user_data = filming,
                          .n_pairs = filming->shots ? 0 : (int) own->n_pairs,
                          .reaches = memory.reaches,
                          .masks = filming->masks.now,
                          .keys = filming->keys.n > 0 ? &filming->keys : NULL,
                          .wants = filming->shots ? wants_shot : NULL };
  gboolean ok = run->request.class->film->make (run, &frames, rv__film_on_progress, &filming->result, error);
  run->progress.stopped = filming->result.stopped;
  return ok && (!run->progress.stopped || rv__film_save_newest (run)); /* stopped where no step told it */
}

static gboolean
make_whole (RvJobRun *run, GError **error)
{
  GError *own_error = NULL;
  if (!rv__film_open_writer (run, error) || !feed_done (run, error))
    return FALSE;
  gboolean ok = rv__film_make_frames (run, &own_error);
  if (!rv__job_is_cancelled (run->job))
    ok = end_film (run, ok, &own_error);
  if (!own_error)
    own_error = g_steal_pointer (&run->progress.error);
  remove_orphans (run);
  say_what_is_kept (run, &own_error);
  if (!own_error)
    return ok;
  g_propagate_error (error, own_error);
  return FALSE;
}

static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  RvFilming *filming = run->method;
  if (!rv__film_open_reader (run, error))
    return FALSE;
  gboolean ok = rv__film_is_shared (run) ? rv__film_make_shared (run, error) : make_whole (run, error);
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
  const RvPictureOptions *options = run->request.options;
  if (((const RvFilming *) run->method)->is_part) /* no film yet */
    return TRUE;
  g_autofree char *name = rv_film_recipe_file (options->output);
  g_autoptr (GBytes) bytes = options->recipe ? g_bytes_new (options->recipe, strlen (options->recipe)) : NULL;
  gboolean ok = !bytes || rv__atomic_file_write (name, bytes, !options->no_replace_beside, error);
  if (!run->progress.stopped)
    rv__checkpoint_remove (run->files.state);
  remove_orphans (run);
  return ok;
}

void
rv__film_sum_up (const RvJobRun *run, RvJobReport *report)
{
  const RvFilming *filming = run->method;
  const RvFilmResult *result = &filming->result;
  report->width = run->request.width;
  report->height = run->request.height;
  report->frame = (int) result->n_frames;
  report->warping_error = result->n_followed > 0 ? result->warping_error : -1;
  report->film_error = result->n_followed > 0 ? result->film_error : -1;
  report->baseline_error = result->n_alone > 0 ? result->alone_error : -1;
}
