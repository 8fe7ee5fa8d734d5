/* share.c -- who makes which of some items, and what became of them. */
#include "method/run/share.h"
#include "base/error.h"
#include <string.h>

#define MOST_PARTS 100000

struct _RvShare {
  gint64 n, at; /* at: the next, where nobody deals */
  int part, n_parts;
  gboolean is_dealt, told, ended; /* told: that there are no more */
  GBytes **result;
};

gboolean
rv__share_parse (const char *text, int *part, int *n_parts, GError **error)
{
  g_auto (GStrv) numbers = g_strsplit (text ? text : "1/1", "/", -1);
  gint64 i = 0, n = 0;
  if (g_strv_length (numbers) == 2 && g_ascii_string_to_signed (numbers[1], 10, 1, MOST_PARTS, &n, NULL) &&
      g_ascii_string_to_signed (numbers[0], 10, 1, n, &i, NULL)) {
    *part = (int) i;
    *n_parts = (int) n;
    return TRUE;
  }
  rv__error_setting (error, "part", "'part' '%.40s' is none: 3/8 is the third of eight", text);
  return FALSE;
}

RvShare *
rv__share_new (gint64 n, const char *part, GError **error)
{
  g_autoptr (RvShare) share = g_new0 (RvShare, 1);
  if (!rv__share_parse (part, &share->part, &share->n_parts, error))
    return NULL;
  share->n = n;
  share->at = share->part - 1;
  share->result = g_new0 (GBytes *, n + 1);
  share->is_dealt = rv__cluster_size (rv__cluster_current ()) > 1;
  share->ended = !share->is_dealt;
  /* All have looked at what there is before the first writes anything. */
  if (share->is_dealt && !rv__cluster_barrier (rv__cluster_all (), error))
    return NULL;
  rv__cluster_set_independent (share->is_dealt);
  return g_steal_pointer (&share);
}

void
rv__share_free (RvShare *share)
{
  if (!share)
    return;
  if (!share->ended)
    rv__cluster_set_independent (FALSE);
  for (gint64 i = 0; i < share->n; i++)
    g_clear_pointer (&share->result[i], g_bytes_unref);
  g_free (share->result);
  g_free (share);
}

gboolean
rv__share_is_dealt (const RvShare *share)
{
  return share->is_dealt;
}

gboolean
rv__share_next (RvShare *share, gint64 *item, GError **error)
{
  if (share->is_dealt) {
    *item = -1;
    gboolean ok = share->told || rv__cluster_next_item (rv__cluster_all (), share->n, item, error);
    share->told = *item < 0;
    return ok;
  }
  *item = share->at < share->n ? share->at : -1;
  share->at += share->n_parts;
  return TRUE;
}

void
rv__share_keep (RvShare *share, gint64 item, GBytes *result)
{
  if (share->result[item])
    g_bytes_unref (share->result[item]);
  share->result[item] = result;
}

GBytes *
rv__share_result (const RvShare *share, gint64 item)
{
  return share->result[item];
}

/* ---- ranks ------------------------------------------------------------------------------------------------------- */

/* What a rank has made, one after the other: which item, how many bytes, those. */
static GByteArray *
pack (const RvShare *share)
{
  GByteArray *packed = g_byte_array_new ();
  for (gint64 i = 0; i < share->n; i++) {
    gsize bytes;
    const guint8 *data = share->result[i] ? g_bytes_get_data (share->result[i], &bytes) : NULL;
    if (!share->result[i])
      continue;
    const gint64 head[2] = { i, (gint64) bytes };
    g_byte_array_append (packed, (const guint8 *) head, sizeof head);
    if (bytes > 0)
      g_byte_array_append (packed, data, (guint) bytes);
  }
  return packed;
}

static void
unpack (RvShare *share, GBytes *packed)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (packed, &size);
  for (gsize at = 0; at < size;) {
    gint64 head[2];
    memcpy (head, data + at, sizeof head);
    at += sizeof head;
    rv__share_keep (share, head[0], g_bytes_new_from_bytes (packed, at, (gsize) head[1]));
    at += (gsize) head[1];
  }
}

gboolean
rv__share_end (RvShare *share, GError **error)
{
  gint64 item = 0;
  if (share->ended)
    return TRUE;
  while (item >= 0) /* what a rank that was stopped leaves is nobody's */
    if (!rv__share_next (share, &item, error))
      return FALSE;
  g_autoptr (GByteArray) mine = pack (share);
  g_autoptr (GPtrArray) all = NULL;
  if (!rv__cluster_gather (rv__cluster_all (), mine->data, mine->len, &all, error))
    return FALSE;
  for (guint rank = 1; all && rank < all->len; rank++)
    unpack (share, all->pdata[rank]);
  rv__cluster_set_independent (FALSE);
  share->ended = TRUE;
  return TRUE;
}
