/* snapshot.c -- moments of a run, kept in memory: its state in the same bytes that a file would have, and a small
 * picture of it. */
#include "base/settings.h"
#include "job/core/snapshot.h"
#include "job/core/recipe.h"
#include "base/error.h"
#include "io/weights/format.h"
#include <math.h>

#define PICTURE_PX 512 /* longest side */
#define MAX_PART 0.05  /* of the run's time, for keeping moments by the clock */

struct _RvMoment {
  gint ref_count;
  gint64 iteration;
  int stage, n_stages;
  double seconds, done_01;
  RvImage *picture;
  RvSettings *settings;
  GBytes *state;
};

/* ---- one --------------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): no larger than need be. */
static RvImage *
small (const RvImage *picture, GError **error)
{
  double scale = MIN ((double) PICTURE_PX / MAX (picture->width, picture->height), 1);
  return rv_image_resize (picture, MAX ((int) lrint (picture->width * scale), 1),
                          MAX ((int) lrint (picture->height * scale), 1), RV_IMAGE_RESIZE_BEST, error);
}

RvMoment *
rv__snapshot_new (const RvJobReport *report, const RvTensorMap *state, const RvSettings *settings,
                  const RvImage *picture, GError **error)
{
  g_autoptr (RvMoment) moment = g_new0 (RvMoment, 1);
  *moment = (RvMoment){ .ref_count = 1,
                        .iteration = report->iteration,
                        .stage = report->stage,
                        .n_stages = report->n_stages,
                        .seconds = report->seconds,
                        .done_01 = report->done_01,
                        .settings = rv__settings_copy (settings) };
  return (moment->picture = small (picture, error)) && (moment->state = rv__safetensors_bytes (state, error))
           ? g_steal_pointer (&moment)
           : NULL;
}

RvMoment *
rv_moment_ref (RvMoment *moment)
{
  g_atomic_int_inc (&moment->ref_count);
  return moment;
}

void
rv_moment_unref (RvMoment *moment)
{
  if (!moment || !g_atomic_int_dec_and_test (&moment->ref_count))
    return;
  rv_image_unref (moment->picture);
  rv_settings_free (moment->settings);
  g_clear_pointer (&moment->state, g_bytes_unref);
  g_free (moment);
}

gint64
rv_moment_iteration (const RvMoment *moment)
{
  return moment->iteration;
}

int
rv_moment_stage (const RvMoment *moment)
{
  return moment->stage;
}

double
rv_moment_seconds (const RvMoment *moment)
{
  return moment->seconds;
}

double
rv_moment_done_01 (const RvMoment *moment)
{
  return moment->done_01;
}

RvImage *
rv_moment_picture (const RvMoment *moment)
{
  return rv_image_ref (moment->picture);
}

const RvSettings *
rv__snapshot_settings (const RvMoment *moment)
{
  return moment->settings;
}

RvTensorMap *
rv__snapshot_state (const RvMoment *moment, const char *inputs, GError **error)
{
  g_autoptr (RvTensorMap) map = rv__weights_parse (moment->state, RV_WEIGHTS_ALL, "a moment", error);
  if (!map)
    return NULL;
  g_autofree char *difference = rv__recipe_difference (rv_tensor_map_get_text (map, "inputs"), inputs);
  if (!difference)
    return g_steal_pointer (&map);
  rv__error_setting (error, "size", "the moment is of another run: %s", difference);
  return NULL;
}

/* ---- those of a job ---------------------------------------------------------------------------------------------- */

void
rv__snapshots_init (RvSnapshots *moments)
{
  *moments = (RvSnapshots){ .list = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_moment_unref) };
}

void
rv__snapshots_clear (RvSnapshots *moments)
{
  g_ptr_array_unref (moments->list);
}

gboolean
rv__snapshots_due (const RvSnapshots *moments, gint64 iteration)
{
  double since_s = (double) (g_get_monotonic_time () - moments->kept_us) / G_USEC_PER_SEC;
  double took_s = (double) moments->took_us / G_USEC_PER_SEC;
  gboolean counted = moments->every > 0 && iteration % moments->every == 0;
  gboolean timed = moments->every_s > 0 && since_s >= MAX (moments->every_s, took_s / MAX_PART);
  return counted || timed;
}

/* The moment, but for the newest, without which the others lie most evenly: its neighbours are closest. */
static guint
least_needed (const GPtrArray *list)
{
  guint least = 0;
  gint64 closest = G_MAXINT64, before = 0;
  for (guint i = 0; i + 1 < list->len; i++) {
    gint64 apart = rv_moment_iteration (list->pdata[i + 1]) - before;
    if (apart < closest) {
      closest = apart;
      least = i;
    }
    before = rv_moment_iteration (list->pdata[i]);
  }
  return least;
}

static gsize
bytes_of (const RvMoment *moment)
{
  gsize picture = 3 * sizeof (float) * (gsize) moment->picture->width * (gsize) moment->picture->height;
  return g_bytes_get_size (moment->state) + picture;
}

static gsize
all_bytes (const GPtrArray *list)
{
  gsize bytes = 0;
  for (guint i = 0; i < list->len; i++)
    bytes += bytes_of (list->pdata[i]);
  return bytes;
}

void
rv__snapshots_add (RvSnapshots *moments, RvMoment *moment, gint64 took_us)
{
  GPtrArray *list = moments->list;
  g_ptr_array_add (list, moment);
  while (list->len > 0 && (list->len > moments->max_count || all_bytes (list) > moments->max_bytes))
    g_ptr_array_remove_index (list, least_needed (list));
  moments->kept_us = g_get_monotonic_time ();
  moments->took_us = took_us;
}
