/* tensor-map.h -- internal parts of a tensor map. Layer 1 (tensor). */
#ifndef RV_TENSOR_MAP_H
#define RV_TENSOR_MAP_H

#include <reverie/tensor.h>

/* Records that the file of @map has a tensor @name that was not read because it is @what, for example "I64". Adds no
 * tensor; both texts are copied. */
void rv__tensor_map_skip (RvTensorMap *map, const char *name, const char *what);

/* (transfer full): predicate for a tensor that @map does not have: "is missing", or "is I64, which is not read here" if
 * it was skipped. */
char *rv__tensor_map_absence (const RvTensorMap *map, const char *name);

/* Copies the texts and the records of skipped tensors of @from into @map, replacing those of the same name. Copies no
 * tensors. */
void rv__tensor_map_copy_notes (RvTensorMap *map, const RvTensorMap *from);

#endif
