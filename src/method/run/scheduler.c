/* scheduler.c -- distribution of independent items and their results. */
#include "method/run/scheduler.h"
#include "base/error.h"
#include <string.h>

#define MOST_PARTS 100000

struct _RvScheduler {
  gint64 n, at; /* at: the next item of a single process */
  int part, n_parts;
  gboolean is_distributed, is_exhausted, is_gathered; /* is_exhausted: rank 0 has no more items */
  GBytes **result;
};

gboolean
rv__shard_parse (const char *text, int *part, int *n_parts, GError **error)
{
  g_auto (GStrv) numbers = g_strsplit (text ? text : "1/1", "/", -1);
  gint64 i = 0, n = 0;
  if (g_strv_length (numbers) == 2 && g_ascii_string_to_signed (numbers[1], 10, 1, MOST_PARTS, &n, NULL) &&
      g_ascii_string_to_signed (numbers[0], 10, 1, n, &i, NULL)) {
    *part = (int) i;
    *n_parts = (int) n;
    return TRUE;
  }
  return rv__error_setting (error, "part", "'part' must be a shard such as 3/8, the third of eight, not '%.40s'", text);
}

RvScheduler *
rv__scheduler_new (gint64 n, const char *part, GError **error)
{
  g_autoptr (RvScheduler) scheduler = g_new0 (RvScheduler, 1);
  if (!rv__shard_parse (part, &scheduler->part, &scheduler->n_parts, error))
    return NULL;
  scheduler->n = n;
  scheduler->at = scheduler->part - 1;
  scheduler->result = g_new0 (GBytes *, n + 1);
  scheduler->is_distributed = rv__cluster_size (rv__cluster_current ()) > 1;
  scheduler->is_gathered = !scheduler->is_distributed;
  /* Every rank must have checked the existing files before any rank writes. */
  if (scheduler->is_distributed && !rv__cluster_barrier (rv__cluster_all (), error))
    return NULL;
  rv__cluster_set_independent (scheduler->is_distributed);
  return g_steal_pointer (&scheduler);
}

void
rv__scheduler_free (RvScheduler *scheduler)
{
  if (!scheduler)
    return;
  if (!scheduler->is_gathered)
    rv__cluster_set_independent (FALSE);
  for (gint64 i = 0; i < scheduler->n; i++)
    g_bytes_unref (scheduler->result[i]);
  g_free (scheduler->result);
  g_free (scheduler);
}

gboolean
rv__scheduler_is_distributed (const RvScheduler *scheduler)
{
  return scheduler->is_distributed;
}

gboolean
rv__scheduler_next (RvScheduler *scheduler, gint64 *item, GError **error)
{
  if (scheduler->is_distributed) {
    *item = -1;
    gboolean ok = scheduler->is_exhausted || rv__cluster_next_item (rv__cluster_all (), scheduler->n, item, error);
    scheduler->is_exhausted = *item < 0;
    return ok;
  }
  *item = scheduler->at < scheduler->n ? scheduler->at : -1;
  scheduler->at += scheduler->n_parts;
  return TRUE;
}

void
rv__scheduler_set_result (RvScheduler *scheduler, gint64 item, GBytes *result)
{
  g_bytes_unref (scheduler->result[item]);
  scheduler->result[item] = result;
}

GBytes *
rv__scheduler_result (const RvScheduler *scheduler, gint64 item)
{
  return scheduler->result[item];
}

/* ---- ranks ------------------------------------------------------------------------------------------------------- */

/* (transfer full): the results that this process has, concatenated: for each, item number and byte count (gint64), then
 * the bytes. Empty without results. Cannot fail. */
static GByteArray *
pack (const RvScheduler *scheduler)
{
  GByteArray *packed = g_byte_array_new ();
  for (gint64 i = 0; i < scheduler->n; i++) {
    gsize bytes;
    const guint8 *data = scheduler->result[i] ? g_bytes_get_data (scheduler->result[i], &bytes) : NULL;
    if (!scheduler->result[i])
      continue;
    const gint64 head[2] = { i, (gint64) bytes };
    g_byte_array_append (packed, (const guint8 *) head, sizeof head);
    if (bytes > 0)
      g_byte_array_append (packed, data, (guint) bytes);
  }
  return packed;
}

/* Stores the results of another rank. @packed: made by pack(); the results keep references to it. */
static void
unpack (RvScheduler *scheduler, GBytes *packed)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (packed, &size);
  for (gsize at = 0; at < size;) {
    gint64 head[2];
    memcpy (head, data + at, sizeof head);
    at += sizeof head;
    rv__scheduler_set_result (scheduler, head[0], g_bytes_new_from_bytes (packed, at, (gsize) head[1]));
    at += (gsize) head[1];
  }
}

gboolean
rv__scheduler_gather (RvScheduler *scheduler, GError **error)
{
  gint64 item = 0;
  if (scheduler->is_gathered)
    return TRUE;
  while (item >= 0) /* items of a rank that was stopped stay undone */
    if (!rv__scheduler_next (scheduler, &item, error))
      return FALSE;
  g_autoptr (GByteArray) mine = pack (scheduler);
  g_autoptr (GPtrArray) all = NULL;
  if (!rv__cluster_gather (rv__cluster_all (), mine->data, mine->len, &all, error))
    return FALSE;
  for (guint rank = 1; all && rank < all->len; rank++)
    unpack (scheduler, all->pdata[rank]);
  rv__cluster_set_independent (FALSE);
  scheduler->is_gathered = TRUE;
  return TRUE;
}
