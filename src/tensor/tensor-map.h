/* tensor-map.h -- internal functions of tensor maps. Layer 1 (tensor). */
#pragma once

#include <reverie/tensor.h>

/* Records that the file of @map has a tensor @name that was not read because it is @what: its type, for example "I64".
 * Adds no tensor. Both texts are copied; an earlier record of @name is replaced. Can't fail. */
void rv__tensor_map_skip (RvTensorMap *map, const char *name, const char *what);

/* (transfer full): end of a message on a tensor that @map does not have: "is missing", or "is I64, which is not read
 * here" after rv__tensor_map_skip() of @name. Prints at most 20 bytes of the type. Never NULL. */
char *rv__tensor_map_absence (const RvTensorMap *map, const char *name);

/* (nullable): the first name, by bytes, of rv__tensor_map_skip() that ends in @suffix; NULL: none. Borrowed. */
const char *rv__tensor_map_first_skipped (const RvTensorMap *map, const char *suffix);

/* Copies the texts (metadata) of @from and the names and types that rv__tensor_map_skip() has recorded there into
 * @map, replacing those of the same name. Others of @map stay. Copies no tensors. Cannot fail. */
void rv__tensor_map_copy_notes (RvTensorMap *map, const RvTensorMap *from);

/* Stores @count in @map as the text @key, replacing an earlier one. Cannot fail. */
void rv__tensor_map_set_count (RvTensorMap *map, const char *key, gint64 count);
