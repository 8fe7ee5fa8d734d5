/* tensor.h -- tensors, and maps from names to tensors.
 * Layer 1 (tensor). Implemented in src/tensor/. */
#ifndef RV_TENSOR_H
#define RV_TENSOR_H

#include <reverie/error.h>
G_BEGIN_DECLS

#define RV_MAX_DIMS 4

/** RvType: type of a tensor's elements. */
typedef enum {
  RV_F32,
  RV_F64,
  RV_F16,  /* IEEE half; storage only */
  RV_BF16, /* the upper half of an f32; storage only */
  RV_I8,
  RV_U8,
} RvType;

/** RvShape: sizes, outermost first; pictures and activations are [N, C, H, W]. n = 0 is a scalar. */
typedef struct {
  int n;
  gint64 dim[RV_MAX_DIMS];
} RvShape;

/** RvTensor: a dense array of numbers in row-major order; own memory is aligned to 64 bytes. Reference-counted.
 * Programs may read all public members; only the tensor's maker writes `data`. Threads: any may hold and read it while
 * none writes. */
typedef struct {
  RvType type;
  RvShape shape;
  void *data;
  gint ref_count;
  GBytes *bytes;                    /* memory that `data` borrows; NULL: own memory */
  const struct _RvTensorFile *file; /* (private) file that `bytes` maps; NULL: none */
} RvTensor;

/** rv_shape_of: the shape of the first @n of @sizes, 0 to 4; other @n are clamped to this range. Sizes are not checked.
 * Since: 0.1 */
RV_API RvShape rv_shape_of (int n, const gint64 *sizes);
/** rv_shape: rv_shape_of() with the sizes as arguments, of any integer type: rv_shape (3, 2, 4, 5). */
#define rv_shape(n, ...) rv_shape_of ((n), (const gint64[RV_MAX_DIMS]){ __VA_ARGS__ })
/** rv_shape_count: number of elements, 1 for a scalar; -1 for a negative size or more than 2^62. Since: 0.1 */
RV_API gint64 rv_shape_count (const RvShape *shape);
/** rv_shape_equal: whether both have the same number of sizes and the same sizes. Since: 0.1 */
RV_API gboolean rv_shape_equal (const RvShape *a, const RvShape *b);
/** rv_shape_text: (transfer full): the sizes for people: "[1, 3, 64, 96]"; "[]" for a scalar. Since: 0.1 */
RV_API char *rv_shape_text (const RvShape *shape);

/** rv_type_name: name of @type for people: "f32", "f64", ...; static. Since: 0.1 */
RV_API const char *rv_type_name (RvType type);

/** rv_tensor_new: (transfer full) (nullable): a tensor of zeros with memory of its own. Errors: %RV_ERROR_MEMORY;
 * %RV_ERROR_SHAPE for a negative size, or more elements or bytes than can be counted. Since: 0.1 */
RV_API RvTensor *rv_tensor_new (RvType type, const RvShape *shape, GError **error);
/** rv_tensor_new_from_bytes: (transfer full) (nullable): a tensor over @bytes, which it keeps by reference and never
 * writes; not copied. Errors: %RV_ERROR_SHAPE if @bytes has another size than the shape, or for a negative or too large
 * size. Since: 0.1 */
RV_API RvTensor *rv_tensor_new_from_bytes (RvType type, const RvShape *shape, GBytes *bytes, GError **error);
/** rv_tensor_to_f32: (transfer full) (nullable): a new tensor in f32, a copy even of f32; reads tensors of a file.
 * Errors: %RV_ERROR_MEMORY; %RV_ERROR_FILE if the tensor maps a file that has changed or cannot be read (weights.h).
 * Since: 0.1 */
RV_API RvTensor *rv_tensor_to_f32 (const RvTensor *tensor, GError **error);
/** rv_tensor_to_f16: (transfer full) (nullable): a new tensor in f16, by way of f32, rounded to nearest, ties to even;
 * infinite from 65,520 on. Errors: %RV_ERROR_MEMORY; %RV_ERROR_FILE if the tensor maps a file that has changed or
 * cannot be read. Since: 0.1 */
RV_API RvTensor *rv_tensor_to_f16 (const RvTensor *tensor, GError **error);

/** rv_tensor_ref: (transfer full): @tensor, with one reference more. Since: 0.1 */
RV_API RvTensor *rv_tensor_ref (RvTensor *tensor);
/** rv_tensor_unref: (nullable): drops a reference; the last one frees @tensor. Since: 0.1 */
RV_API void rv_tensor_unref (RvTensor *tensor);
/** rv_tensor_count: number of elements; 1 for a scalar. Since: 0.1 */
RV_API gint64 rv_tensor_count (const RvTensor *tensor);
/** rv_tensor_bytes: bytes of all elements, in memory or in the file. Since: 0.1 */
RV_API gsize rv_tensor_bytes (const RvTensor *tensor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvTensor, rv_tensor_unref)

/** RvTensorMap: tensors by name, in the order in which they were added, and texts (metadata): the content of a weights
 * file. Reference-counted. Threads: any may hold and read it while none writes. */
typedef struct _RvTensorMap RvTensorMap;

/** rv_tensor_map_new: (transfer full): an empty map. Since: 0.1 */
RV_API RvTensorMap *rv_tensor_map_new (void);
/** rv_tensor_map_ref: (transfer full): @map, with one reference more. Since: 0.1 */
RV_API RvTensorMap *rv_tensor_map_ref (RvTensorMap *map);
/** rv_tensor_map_unref: (nullable): drops a reference; the last one frees @map. Since: 0.1 */
RV_API void rv_tensor_map_unref (RvTensorMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvTensorMap, rv_tensor_map_unref)

/** rv_tensor_map_set: adds @name at the end, or replaces the tensor of that name at its position. @name is copied,
 * @tensor is kept by reference. Since: 0.1 */
RV_API void rv_tensor_map_set (RvTensorMap *map, const char *name, RvTensor *tensor);
/** rv_tensor_map_get: (nullable): the tensor @name; NULL: none. Borrowed: until it is replaced. Since: 0.1 */
RV_API RvTensor *rv_tensor_map_get (const RvTensorMap *map, const char *name);
/** rv_tensor_map_size: number of tensors, without texts. Since: 0.1 */
RV_API guint rv_tensor_map_size (const RvTensorMap *map);
/** rv_tensor_map_name: (nullable): name of tensor @i, from 0, in the order added; borrowed. NULL, with a GLib warning,
 * beyond the last. Since: 0.1 */
RV_API const char *rv_tensor_map_name (const RvTensorMap *map, guint i);
/** rv_tensor_map_set_text: adds the text (metadata) @key, or replaces it; both strings are copied. Since: 0.1 */
RV_API void rv_tensor_map_set_text (RvTensorMap *map, const char *key, const char *text);
/** rv_tensor_map_get_text: (nullable): the text (metadata) @key; NULL: none. Borrowed: until it is replaced.
 * Since: 0.1 */
RV_API const char *rv_tensor_map_get_text (const RvTensorMap *map, const char *key);
/** rv_tensor_map_text_keys: (transfer full) (element-type utf8): the keys of all texts, sorted by bytes; free with
 * g_ptr_array_unref(). The strings are borrowed from @map. Since: 0.1 */
RV_API GPtrArray *rv_tensor_map_text_keys (const RvTensorMap *map);

G_END_DECLS
#endif
