/* film-deal.c -- a film whose shots several processes make: which are this one's, and the film put together of all. */
#include "job/video/film-run.h"
#include "backend/kernel-table.h"
#include "base/error.h"
#include "cluster/cluster.h"
#include "io/film/film.h"
#include "method/run/scheduler.h"

/* What frames of other shots flow into is no rank's own: such a film's frames are shared tile by tile. */
static gboolean
is_dealt (const RvJobRequest *request)
{
  return rv__cluster_size (rv__cluster_current ()) > 1 && !rv__film_share_of (request) &&
         !rv__film_options_of (request)->loop && !rv__request_input (request, "key") &&
         !rv__film_is_stream (request->asked_output);
}

/* Parts that were made before are put together, or made whole. */
static gboolean
has_shots (RvJobRun *run)
{
  return run->request.state_options.resume && !((const RvFilming *) run->method)->state &&
         !rv__film_is_stream (run->request.asked_output) &&
         rv__film_shots_lie_there (run->request.asked_output, rv__film_same (run));
}

gboolean
rv__film_is_shared (RvJobRun *run)
{
  return rv__film_share_of (&run->request) || is_dealt (&run->request) || has_shots (run);
}

static RvFilmShotsHow
how_shared (const RvJobRequest *request)
{
  RvFilmShotsHow how = { .part = 1, .n_parts = 1, .dealt = is_dealt (request) };
  if (rv__film_share_of (request)) {
    rv__shard_parse (rv__film_share_of (request), &how.part, &how.n_parts, NULL); /* checked */
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
  if (!(filming->shots = rv__film_shots_new (run->request.asked_output, rv_film_reader_info (filming->reader),
                                             rv__film_same (run), run->request.state_options.resume, how, error)) ||
      !rv__film_make_frames (run, error))
    return FALSE;
  g_autoptr (RvKernelTable) used = rv__kernel_table_used (run->kernels);
  g_autofree char *text = rv__kernel_table_to_text (used);
  if (!run->progress.stopped)
    return rv__film_shots_end (filming->shots, filming->result.n_seen, text, error);
  rv__error_with_options (error, RV_ERROR_CANCELLED, "resume",
                          "stopped; the shots that are whole are kept: 'resume' goes on with them");
  return FALSE;
}

static RvFilmCut *
find_cut (RvJobRun *run, GError **error)
{
  const RvFilmInfo *info = rv_film_reader_info (((const RvFilming *) run->method)->reader);
  return rv__film_cut_new (run->request.asked_output, info, rv__film_same (run), error);
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
  rv__kernel_table_restore (run->kernels, rv__film_cut_kernels (cut), rv__film_cut_kernels (cut));
  if (!rv__film_open_writer (run, error))
    return FALSE;
  for (gint64 k = 0; k < rv__film_cut_frames (cut); k++) {
    const char *log = rv__film_cut_log (cut, k);
    rv_image_unref (filming->last);
    filming->last = rv__film_cut_get (cut, k, error);
    if (!filming->last || !rv_film_writer_add (filming->writer, filming->last, error))
      return FALSE;
    if (log && run->files.log)
      fputs (log, run->files.log);
  }
  filming->result = (RvFilmResult){ .n_frames = rv__film_cut_frames (cut), .n_shots = rv__film_cut_shots (cut) };
  if (!rv_film_writer_finish (filming->writer, error))
    return FALSE;
  rv__film_shots_forget (run->request.asked_output);
  return TRUE;
}

/* Ranks take shots as they become free; the first then has the film. */
static gboolean
deal_shots (RvJobRun *run, const RvFilmShotsHow *how, GError **error)
{
  RvCluster *all = rv__cluster_all ();
  gboolean first = rv__cluster_rank (all) == 0;
  gint64 none;
  if (first && !run->request.state_options.resume)
    rv__film_shots_forget (run->request.asked_output);
  if (!rv__cluster_barrier (all, error))
    return FALSE;
  rv__cluster_set_independent (TRUE);
  gboolean ok = make_shots (run, how, error) && rv__cluster_next_item (all, 0, &none, error); /* the round has ended */
  rv__cluster_set_independent (FALSE);
  return ok && rv__cluster_barrier (all, error) && (!first || put_together (run, error));
}

gboolean
rv__film_make_shared (RvJobRun *run, GError **error)
{
  RvFilming *filming = run->method;
  const RvFilmShotsHow how = how_shared (&run->request);
  filming->is_part = rv__film_share_of (&run->request) != NULL;
  if (how.dealt)
    return deal_shots (run, &how, error);
  if (filming->is_part)
    return make_shots (run, &how, error);
  return (has_all_shots (run) || make_shots (run, &how, error)) && put_together (run, error);
}
