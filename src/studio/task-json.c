/* task-json.c -- a task as JSON and as events. */
#include "json-text.h"
#include "task.h"

static const char *const state_names[] = { "waiting", "running", "paused", "done", "failed", "cancelled" };

/* Estimated seconds to the end, 0 or more, from the progress since the first report of this run; -1: less than 0.2 % of
 * the work is done since then. */
static double
seconds_left (const Task *task)
{
  const RvJobReport *p = &task->progress;
  double part = p->done_01 - task->began_01;
  return part > 0.002 ? (p->seconds - task->began_s) * (1 - p->done_01) / part : -1;
}

/* Appends the progress to @json as an object @name. Before the first report all numbers are 0. Snapshots are
 * iterations, oldest first. */
static void
progress_json (const Task *task, GString *json, const char *name)
{
  const RvJobReport *p = &task->progress;
  g_autoptr (GPtrArray) snapshots = task_snapshots (task);
  json_open (json, name, '{');
  json_real (json, "done", p->done_01);
  json_int (json, "iteration", p->iteration);
  json_int (json, "iterations", p->n_iterations);
  json_int (json, "stage", p->stage);
  json_int (json, "stages", p->n_stages);
  if (p->n_frames > 0) {
    json_int (json, "frame", p->frame);
    json_int (json, "frames", p->n_frames);
  }
  json_int (json, "width", p->width);
  json_int (json, "height", p->height);
  json_real (json, "loss", p->loss);
  json_real (json, "seconds", p->seconds);
  if (seconds_left (task) >= 0)
    json_real (json, "seconds_left", seconds_left (task));
  json_open (json, "snapshots", '[');
  for (guint i = 0; i < snapshots->len; i++)
    json_int (json, NULL, rv_snapshot_iteration (snapshots->pdata[i]));
  json_close (json, "]");
  if (task->label)
    json_text (json, "label", task->label);
  if (task->note)
    json_text (json, "note", task->note);
  json_close (json, "}");
}

void
task_json (const Task *task, GString *json)
{
  json_open (json, NULL, '{');
  json_text (json, "id", task->id);
  json_text (json, "kind", task->kind);
  json_text (json, "state", task->pausing && task->state == TASK_RUNNING ? "pausing" : state_names[task->state]);
  json_int (json, "created", task->created_us / G_USEC_PER_SEC);
  json_raw (json, "request", task->request_json);
  if (task->progress_at)
    progress_json (task, json, "progress");
  if (task->preview_at)
    json_int (json, "preview", (gint64) task->preview_at);
  if (task->result)
    json_text (json, "result", task->result);
  if (task->error) {
    json_text (json, "error", task->error);
    json_text (json, "option", task->option);
  }
  json_close (json, "}");
}

/* Appends an object to the list or text @json: "names" of the losses, and "points", lists of an iteration and its
 * losses. Only points after the event number @seen; 0: all. Without new points the list is empty. Cannot fail. */
static void
losses_json (const Task *task, guint64 seen, GString *json)
{
  json_open (json, NULL, '{');
  json_texts (json, "names", (const char *const *) task->names);
  json_open (json, "points", '[');
  for (guint i = 0; i < task->points->len; i++) {
    const LossPoint *point = task->points->pdata[i];
    if (point->at <= seen)
      continue;
    json_open (json, NULL, '[');
    json_real (json, NULL, point->iteration);
    for (int k = 0; task->names[k]; k++)
      json_real (json, NULL, point->losses[k]);
    json_close (json, "]");
  }
  json_close (json, "]}");
}

/* Appends an event, without the empty line at its end, and frees @json. The next event, or task_events() with the id,
 * adds that line. */
static void
append_event (GString *text, const char *name, GString *json)
{
  g_string_append_printf (text, "%sevent: %s\ndata: %s\n", text->len > 0 ? "\n" : "", name, json->str);
  g_string_free (json, TRUE);
}

guint64
task_events (const Task *task, guint64 seen, const char *epoch, GString *text)
{
  g_autoptr (GString) events = g_string_new (NULL);
  guint n = task->points->len;
  if (n > 0 && ((const LossPoint *) task->points->pdata[n - 1])->at > seen) {
    GString *json = g_string_new (NULL);
    losses_json (task, seen, json);
    append_event (events, "losses", json);
  }
  if (task->progress_at > seen) {
    GString *json = g_string_new (NULL);
    progress_json (task, json, NULL);
    append_event (events, "progress", json);
  }
  if (task->preview_at > seen) {
    GString *json = g_string_new ("{");
    json_int (json, "version", (gint64) task->preview_at);
    json_close (json, "}");
    append_event (events, "preview", json);
  }
  if (task->state_at > seen || task_has_ended (task)) { /* an ended task is always reported, so that no page waits */
    GString *json = g_string_new (NULL);
    task_json (task, json);
    append_event (events, task->state == TASK_DONE ? "done" : task->state == TASK_FAILED ? "error" : "state", json);
  }
  if (events->len > 0) /* the id comes last: after a broken connection, a page without the id gets all events again */
    g_string_append_printf (text, "%sid: %s-%" G_GUINT64_FORMAT "\n\n", events->str, epoch, task->now);
  return task->now;
}
