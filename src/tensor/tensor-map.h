/* tensor-map.h -- maps whose tensors lie in a mapped file.
 * Layer 1 (tensor). */
#ifndef RV_TENSOR_MAP_H
#define RV_TENSOR_MAP_H

#include <reverie/tensor.h>

/* rv__tensor_map_set_mapping: the tensors lie in the @size bytes at @start, a private mapping of a file nobody writes
 * to, which they keep alive. */
void rv__tensor_map_set_mapping (RvTensorMap *map, gconstpointer start, gsize size);

/* rv__tensor_map_rest: the system may have that memory back; what is read after all comes from the file again. Nothing
 * without a mapping. */
void rv__tensor_map_rest (const RvTensorMap *map);

#endif
