/* tensor.h -- shaped buffers, and maps from names to them.
 * Layer 1 (tensor). Implemented in src/tensor/. */
#ifndef RV_TENSOR_H
#define RV_TENSOR_H

#include <reverie/error.h>
G_BEGIN_DECLS

#define RV_MAX_DIMS 4

/** RvType: of a tensor's elements. */
typedef enum {
  RV_F32,
  RV_F64,
  RV_F16,  /* IEEE half; storage only */
  RV_BF16, /* the upper half of an f32; storage only */
  RV_I8,
  RV_U8,
} RvType;

/** RvShape: sizes, outermost first: pictures and activations are [N, C, H, W]. n = 0 is a single number. */
typedef struct {
  int n;
  gint64 dim[RV_MAX_DIMS];
} RvShape;

/** RvTensor: row-major, dense, aligned to 64 bytes when it owns its memory. Reference-counted; shape and data are
 * open for reading, and data for writing by whoever made it. Threads: any may hold it and read it, as long as none
 * writes. */
typedef struct {
  RvType type;
  RvShape shape;
  void *data;
  gint ref_count;
  GBytes *bytes;                    /* where data lies when the tensor borrows it; else NULL */
  const struct _RvTensorFile *file; /* (private) what those bytes map; NULL: memory */
} RvTensor;

/** rv_shape_of: The shape of the first @n of @sizes; four at most are read. Since: 0.1 */
RV_API RvShape rv_shape_of (int n, const gint64 *sizes);
/** rv_shape: The same of sizes that are written out, of any integer type: rv_shape (3, 2, 4, 5). */
#define rv_shape(n, ...) rv_shape_of ((n), (const gint64[RV_MAX_DIMS]){ __VA_ARGS__ })
/** rv_shape_count: Elements, the product of the sizes; -1 when a size is negative or the product exceeds 2^62.
 * rv_shape_equal: as many sizes, and the same. Since: 0.1 */
RV_API gint64 rv_shape_count (const RvShape *shape);
RV_API gboolean rv_shape_equal (const RvShape *a, const RvShape *b);
/** rv_shape_text: (transfer full): "[1, 3, 64, 96]". Since: 0.1 */
RV_API char *rv_shape_text (const RvShape *shape);

/** rv_type_bytes: Bytes of one element. Since: 0.1 */
RV_API gsize rv_type_bytes (RvType type);
/** rv_type_name: "f32", "f64", ...; static. Since: 0.1 */
RV_API const char *rv_type_name (RvType type);

/** rv_tensor_new: (transfer full) (nullable): zeros. Errors: %RV_ERROR_MEMORY, %RV_ERROR_SHAPE. Since: 0.1 */
RV_API RvTensor *rv_tensor_new (RvType type, const RvShape *shape, GError **error);

/** rv_tensor_new_from_bytes: (transfer full) (nullable): a tensor over @bytes, which it keeps alive and never writes.
 * Errors: %RV_ERROR_SHAPE unless @bytes has just the size of the shape. Since: 0.1 */
RV_API RvTensor *rv_tensor_new_from_bytes (RvType type, const RvShape *shape, GBytes *bytes, GError **error);

/** rv_tensor_to_f32: (transfer full) (nullable): a copy in f32, from any type. Errors: %RV_ERROR_MEMORY;
 * %RV_ERROR_FILE where the numbers lie in a file that was changed (weights.h). Since: 0.1 */
RV_API RvTensor *rv_tensor_to_f32 (const RvTensor *tensor, GError **error);

/** rv_tensor_to_f16: (transfer full) (nullable): a copy in f16, rounded to nearest, ties to even; beyond 65,504
 * infinite. Errors: as rv_tensor_to_f32(). Since: 0.1 */
RV_API RvTensor *rv_tensor_to_f16 (const RvTensor *tensor, GError **error);

/** rv_tensor_ref: (transfer full). rv_tensor_unref: Frees the tensor with its last reference; NULL is fine.
 * rv_tensor_count: elements. rv_tensor_bytes: of all of them. Since: 0.1 */
RV_API RvTensor *rv_tensor_ref (RvTensor *tensor);
RV_API void rv_tensor_unref (RvTensor *tensor);
RV_API gint64 rv_tensor_count (const RvTensor *tensor);
RV_API gsize rv_tensor_bytes (const RvTensor *tensor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvTensor, rv_tensor_unref)

/** RvTensorMap: names to tensors, in the order they were added, with text metadata beside. What a weights file holds
 * and what a network asks for its parameters. Reference-counted. Threads: any may hold it and look into it, as long as
 * none adds to it. */
typedef struct _RvTensorMap RvTensorMap;

/** rv_tensor_map_new: (transfer full): empty. rv_tensor_map_ref: (transfer full). rv_tensor_map_unref: NULL is fine.
 * Since: 0.1 */
RV_API RvTensorMap *rv_tensor_map_new (void);
RV_API RvTensorMap *rv_tensor_map_ref (RvTensorMap *map);
RV_API void rv_tensor_map_unref (RvTensorMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvTensorMap, rv_tensor_map_unref)

/** rv_tensor_map_set: Adds or replaces; the map takes its own reference. rv_tensor_map_get: (nullable): that tensor;
 * borrowed. Since: 0.1 */
RV_API void rv_tensor_map_set (RvTensorMap *map, const char *name, RvTensor *tensor);
RV_API RvTensor *rv_tensor_map_get (const RvTensorMap *map, const char *name);
/** rv_tensor_map_size: tensors. rv_tensor_map_name: the name of entry @i, from 0, in the order added; borrowed.
 * Since: 0.1 */
RV_API guint rv_tensor_map_size (const RvTensorMap *map);
RV_API const char *rv_tensor_map_name (const RvTensorMap *map, guint i);
/** rv_tensor_map_set_text: Adds or replaces a copy of @text. rv_tensor_map_get_text: (nullable): that text; borrowed.
 * Since: 0.1 */
RV_API void rv_tensor_map_set_text (RvTensorMap *map, const char *key, const char *text);
RV_API const char *rv_tensor_map_get_text (const RvTensorMap *map, const char *key);
/** rv_tensor_map_text_keys: (transfer full): the keys of the texts, sorted, which are borrowed from the map.
 * Since: 0.1 */
RV_API GPtrArray *rv_tensor_map_text_keys (const RvTensorMap *map);

G_END_DECLS
#endif
