/* tensor-map.c -- named tensors, and text beside them. */
#include "base/text.h"
#include <reverie/tensor.h>

struct _RvTensorMap {
  gint ref_count;
  GHashTable *tensors; /* name -> RvTensor */
  GPtrArray *names;    /* borrowed from the table's keys, in the order added */
  GHashTable *texts;   /* key -> text */
};

RvTensorMap *
rv_tensor_map_new (void)
{
  RvTensorMap *map = g_new0 (RvTensorMap, 1);
  map->ref_count = 1;
  map->tensors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) rv_tensor_unref);
  map->names = g_ptr_array_new ();
  map->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return map;
}

RvTensorMap *
rv_tensor_map_ref (RvTensorMap *map)
{
  g_atomic_int_inc (&map->ref_count);
  return map;
}

void
rv_tensor_map_unref (RvTensorMap *map)
{
  if (!map || !g_atomic_int_dec_and_test (&map->ref_count))
    return;
  g_ptr_array_unref (map->names);
  g_hash_table_unref (map->tensors);
  g_hash_table_unref (map->texts);
  g_free (map);
}

void
rv_tensor_map_set (RvTensorMap *map, const char *name, RvTensor *tensor)
{
  rv_tensor_ref (tensor);
  if (g_hash_table_contains (map->tensors, name)) {
    g_hash_table_insert (map->tensors, g_strdup (name), tensor); /* keeps the old key, which names[] points to */
    return;
  }
  char *key = g_strdup (name);
  g_hash_table_insert (map->tensors, key, tensor);
  g_ptr_array_add (map->names, key);
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
