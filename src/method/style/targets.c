/* targets.c -- cache of style statistics, shared by runs on any threads. Two threads that need the same key at once
 * both measure; the first result is stored, and both use it. */
#include "base/ref.h"
#include "method/style/style-run.h"

struct _RvStyleTargets {
  gint ref_count;
  GMutex lock;         /* protects `entries` */
  GHashTable *entries; /* key -> RvTargetStats, both owned */
};

RvStyleTargets *
rv__style_targets_new (void)
{
  RvStyleTargets *targets = g_new0 (RvStyleTargets, 1);
  targets->ref_count = 1;
  g_mutex_init (&targets->lock);
  targets->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  return targets;
}

static void
targets_free (RvStyleTargets *targets)
{
  g_hash_table_unref (targets->entries);
  g_mutex_clear (&targets->lock);
  g_free (targets);
}

RV_DEFINE_REF (RvStyleTargets, rv__style_targets_ref, rv__style_targets_unref, targets_free)

RvTargetStats *
rv__style_targets_find (RvStyleTargets *targets, const char *key)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&targets->lock);
  RvTargetStats *target = g_hash_table_lookup (targets->entries, key);
  return target ? g_array_ref (target) : NULL;
}

RvTargetStats *
rv__style_targets_insert (RvStyleTargets *targets, const char *key, RvTargetStats *target)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&targets->lock);
  RvTargetStats *first = g_hash_table_lookup (targets->entries, key);
  if (!first)
    g_hash_table_insert (targets->entries, g_strdup (key), g_array_ref (first = target));
  g_array_ref (first);
  g_array_unref (target);
  return first;
}
