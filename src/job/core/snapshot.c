/* snapshot.c -- snapshots of a run in memory: the bytes of its state, and a small picture. */
#include "base/ref.h"
#include "base/settings.h"
#include "job/core/snapshot.h"
#include "job/core/recipe.h"
#include "base/error.h"
#include "io/image/frame.h"
#include "io/weights/format.h"

#define PICTURE_PX 512   /* longest side */
#define MAX_TIME_01 0.05 /* largest fraction of the run's time for snapshots by time */

struct _RvSnapshot {
  gint ref_count;
  gint64 iteration;
  int stage;
  double seconds, done_01;
  RvImage *picture;
  RvSettings *settings;
  GBytes *state;
};

/* ---- snapshot ---------------------------------------------------------------------------------------------------- */

RvSnapshot *
rv__snapshot_new (const RvJobReport *report, const RvTensorMap *state, const RvSettings *settings,
                  const RvImage *picture)
{
  double scale = MIN ((double) PICTURE_PX / MAX (picture->width, picture->height), 1);
  g_autoptr (RvSnapshot) snapshot = g_new0 (RvSnapshot, 1);
  *snapshot = (RvSnapshot){ .ref_count = 1,
                            .iteration = report->iteration,
                            .stage = report->stage,
                            .seconds = report->seconds,
                            .done_01 = report->done_01,
                            .settings = rv__settings_copy (settings) };
  return (snapshot->picture = rv__image_scale (picture, scale, NULL)) &&
             (snapshot->state = rv__safetensors_bytes (state, NULL))
           ? g_steal_pointer (&snapshot)
           : NULL;
}

static void
snapshot_free (RvSnapshot *snapshot)
{
  rv_image_unref (snapshot->picture);
  rv_settings_free (snapshot->settings);
  g_clear_pointer (&snapshot->state, g_bytes_unref);
  g_free (snapshot);
}

RV_DEFINE_REF (RvSnapshot, rv_snapshot_ref, rv_snapshot_unref, snapshot_free)

gint64
rv_snapshot_iteration (const RvSnapshot *snapshot)
{
  return snapshot->iteration;
}

int
rv_snapshot_stage (const RvSnapshot *snapshot)
{
  return snapshot->stage;
}

double
rv_snapshot_seconds (const RvSnapshot *snapshot)
{
  return snapshot->seconds;
}

double
rv_snapshot_done_01 (const RvSnapshot *snapshot)
{
  return snapshot->done_01;
}

RvImage *
rv_snapshot_picture (const RvSnapshot *snapshot)
{
  return rv_image_ref (snapshot->picture);
}

const RvSettings *
rv__snapshot_settings (const RvSnapshot *snapshot)
{
  return snapshot->settings;
}

RvTensorMap *
rv__snapshot_state (const RvSnapshot *snapshot, const char *inputs, const RvJobRole *roles, GPtrArray *changed,
                    GError **error)
{
  g_autoptr (RvTensorMap) map = rv__weights_parse (snapshot->state, RV_WEIGHTS_ALL, "a snapshot", error);
  if (!map)
    return NULL;
  g_autofree char *difference = rv__recipe_difference (rv_tensor_map_get_text (map, "inputs"), inputs, roles, changed);
  if (!difference)
    return g_steal_pointer (&map);
  return rv__null (rv__error_setting (error, "size", "the snapshot is of another run: %s", difference));
}

/* ---- list of a job ----------------------------------------------------------------------------------------------- */

gboolean
rv__snapshots_due (const RvSnapshots *snapshots, gint64 iteration)
{
  double since_s = (double) (g_get_monotonic_time () - snapshots->last_us) / G_USEC_PER_SEC;
  double took_s = (double) snapshots->took_us / G_USEC_PER_SEC;
  gboolean counted = snapshots->every > 0 && iteration % snapshots->every == 0;
  gboolean timed = snapshots->every_s > 0 && since_s >= MAX (snapshots->every_s, took_s / MAX_TIME_01);
  return counted || timed;
}

/* Index of the snapshot whose two neighbours in @list are closest in iterations: without it, the others are distributed
 * most evenly. Never the newest, unless it is the only one. */
static guint
least_needed (const GPtrArray *list)
{
  guint least = 0;
  gint64 closest = G_MAXINT64, before = 0;
  for (guint i = 0; i + 1 < list->len; i++) {
    gint64 apart = rv_snapshot_iteration (list->pdata[i + 1]) - before;
    if (apart < closest) {
      closest = apart;
      least = i;
    }
    before = rv_snapshot_iteration (list->pdata[i]);
  }
  return least;
}

/* Memory of all snapshots in @list: bytes of the states and of the pictures' colours, without alpha. */
static gsize
all_bytes (const GPtrArray *list)
{
  gsize bytes = 0;
  for (guint i = 0; i < list->len; i++) {
    const RvSnapshot *snapshot = list->pdata[i];
    bytes += g_bytes_get_size (snapshot->state) + (gsize) rv_tensor_bytes (snapshot->picture->rgb);
  }
  return bytes;
}

void
rv__snapshots_add (RvSnapshots *snapshots, RvSnapshot *snapshot, gint64 took_us)
{
  GPtrArray *list = snapshots->list;
  while (list->len > 0 && rv_snapshot_iteration (list->pdata[list->len - 1]) >= snapshot->iteration)
    g_ptr_array_set_size (list, (int) list->len - 1); /* copied from a run that was further */
  g_ptr_array_add (list, snapshot);
  while (list->len > 0 && (list->len > snapshots->max_count || all_bytes (list) > snapshots->max_bytes))
    g_ptr_array_remove_index (list, least_needed (list));
  snapshots->last_us = g_get_monotonic_time ();
  snapshots->took_us = took_us;
}
