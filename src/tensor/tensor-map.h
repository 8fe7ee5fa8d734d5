/* tensor-map.h -- what a map notes besides its tensors and texts.
 * Layer 1 (tensor). */
#ifndef RV_TENSOR_MAP_H
#define RV_TENSOR_MAP_H

#include <reverie/tensor.h>

/* rv__tensor_map_skip: notes that the file has a tensor @name that was not read, since it is @what, such as "I64". */
void rv__tensor_map_skip (RvTensorMap *map, const char *name, const char *what);

/* rv__tensor_map_absence: (transfer full): the predicate for a tensor that @map does not have: "is missing", or, of one
 * that was skipped, "is I64, which is not read here". */
char *rv__tensor_map_absence (const RvTensorMap *map, const char *name);

/* rv__tensor_map_copy_notes: the texts of @from, and what was skipped there, into @map. */
void rv__tensor_map_copy_notes (RvTensorMap *map, const RvTensorMap *from);

#endif
