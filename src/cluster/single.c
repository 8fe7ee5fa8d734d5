/* single.c -- cluster of a single process. */
#include "cluster/class.h"

static gboolean
broadcast (RvCluster *cluster, void *data, gsize bytes, int from)
{
  return TRUE;
}

static gboolean
all_to_all (RvCluster *cluster, const RvMessage *messages)
{
  return TRUE;
}

static gboolean
all_reduce (RvCluster *cluster, double *numbers, gint64 n)
{
  return TRUE;
}

/* RvClusterClass.next: counts the items of the current round in cluster->impl. */
static gboolean
next (RvCluster *cluster, gint64 n, gint64 *item)
{
  gint64 *at = cluster->impl;
  if (!at)
    at = cluster->impl = g_new0 (gint64, 1);
  *item = *at < n ? (*at)++ : -1;
  if (*item < 0)
    *at = 0;
  return TRUE;
}

const RvClusterClass rv__cluster_single = {
  .name = "one process",
  .broadcast = broadcast,
  .all_to_all = all_to_all,
  .all_reduce = all_reduce,
  .next = next,
};
