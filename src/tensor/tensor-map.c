/* tensor-map.c -- named tensors and texts. */
#include "base/ref.h"
#include "tensor/tensor-map.h"
#include "base/text.h"
#include <string.h>

struct _RvTensorMap {
  gint ref_count;
  GHashTable *tensors; /* name -> RvTensor */
  GPtrArray *names;    /* borrowed keys of the table, in the order added */
  GHashTable *texts;   /* key -> text */
  GHashTable *skipped; /* name -> type */
};

RvTensorMap *
rv_tensor_map_new (void)
{
  RvTensorMap *map = g_new0 (RvTensorMap, 1);
  map->ref_count = 1;
  map->tensors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) rv_tensor_unref);
  map->names = g_ptr_array_new ();
  map->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  map->skipped = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return map;
}

static void
tensor_map_free (RvTensorMap *map)
{
  g_ptr_array_unref (map->names);
  g_hash_table_unref (map->tensors);
  g_hash_table_unref (map->texts);
  g_hash_table_unref (map->skipped);
  g_free (map);
}

RV_DEFINE_REF (RvTensorMap, rv_tensor_map_ref, rv_tensor_map_unref, tensor_map_free)

void
rv_tensor_map_set (RvTensorMap *map, const char *name, RvTensor *tensor)
{
  char *key = g_strdup (name);
  if (!g_hash_table_contains (map->tensors, name))
    g_ptr_array_add (map->names, key);
  g_hash_table_insert (map->tensors, key, rv_tensor_ref (tensor)); /* keeps an old key, which map->names points to */
}

RvTensor *
rv_tensor_map_get (const RvTensorMap *map, const char *name)
{
  return g_hash_table_lookup (map->tensors, name);
}

guint
rv_tensor_map_size (const RvTensorMap *map)
{
  return map->names->len;
}

const char *
rv_tensor_map_name (const RvTensorMap *map, guint i)
{
  g_return_val_if_fail (i < map->names->len, NULL);
  return map->names->pdata[i];
}

void
rv_tensor_map_set_text (RvTensorMap *map, const char *key, const char *text)
{
  g_hash_table_insert (map->texts, g_strdup (key), g_strdup (text));
}

const char *
rv_tensor_map_get_text (const RvTensorMap *map, const char *key)
{
  return g_hash_table_lookup (map->texts, key);
}

GPtrArray *
rv_tensor_map_text_keys (const RvTensorMap *map)
{
  GPtrArray *keys = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, map->texts);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (keys, key);
  g_ptr_array_sort (keys, rv__text_compare);
  return keys;
}

void
rv__tensor_map_skip (RvTensorMap *map, const char *name, const char *what)
{
  g_hash_table_insert (map->skipped, g_strdup (name), g_strdup (what));
}

char *
rv__tensor_map_absence (const RvTensorMap *map, const char *name)
{
  const char *what = g_hash_table_lookup (map->skipped, name);
  return what ? g_strdup_printf ("is %.20s, which is not read here", what) : g_strdup ("is missing");
}

const char *
rv__tensor_map_first_skipped (const RvTensorMap *map, const char *suffix)
{
  const char *first = NULL;
  GHashTableIter iter;
  gpointer name;
  g_hash_table_iter_init (&iter, map->skipped);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (g_str_has_suffix (name, suffix) && (!first || strcmp (name, first) < 0))
      first = name;
  return first;
}

/* Copies all entries of @from, texts by text, into @to, replacing those of the same key. */
static void
copy_all (GHashTable *to, GHashTable *from)
{
  GHashTableIter iter;
  gpointer key, text;
  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &key, &text))
    g_hash_table_insert (to, g_strdup (key), g_strdup (text));
}

void
rv__tensor_map_copy_notes (RvTensorMap *map, const RvTensorMap *from)
{
  copy_all (map->texts, from->texts);
  copy_all (map->skipped, from->skipped);
}

void
rv__tensor_map_set_count (RvTensorMap *map, const char *key, gint64 count)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, count);
  rv_tensor_map_set_text (map, key, text);
}
