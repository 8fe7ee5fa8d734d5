/* pytorch.c -- PyTorch's state dicts: .pth, .pt.
 *
 * Since 1.6, a file is a zip archive without compression: NAME/data.pkl, a pickle of the dict, and NAME/data/KEY, the
 * numbers of storage KEY. Before 1.6, and in torchvision's VGG files, a file is a sequence of pickles: a magic number,
 * a protocol version, the writer's system, the dict, the keys of the storages. The count as i64 and the numbers of each
 * key follow. In both formats, a tensor is a call of _rebuild_tensor_v2 (storage, offset, sizes, strides, ...). A
 * storage is the persistent identifier ("storage", TYPE, KEY, location, count, ...). Offsets, strides and counts are in
 * numbers, not bytes (torch/serialization.py). */
#include "base/error.h"
#include "format.h"
#include "pickle.h"
#include "stored-zip.h"
#include "tensor/tensor-map.h"
#include "tensor/type.h"
#include <string.h>

#define KIND "a PyTorch weights file"
#define PICKLE_MEMBER "/data.pkl"
#define LEGACY_START "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03." /* magic, 1001 */
#define LEGACY_START_BYTES (sizeof LEGACY_START - 1)
#define MODULE "module."   /* prefix of all names after training on several GPUs */
#define MAX_NESTING 8      /* dicts in dicts */
#define MAX_ENTRIES 100000 /* in all dicts: a dict may be reached in many ways */
#define MAX_NAME_BYTES 1000

/* Types of storages: name, RvType, bytes of a number, type in messages. RvType -1: skipped: whole numbers, complex
 * ones, and the types of _rebuild_tensor_v3, whose calls name the type. */
#define STORAGE_ROWS(X)                                                                                                \
  X ("torch.FloatStorage", RV_F32, 4, NULL)                                                                            \
  X ("torch.DoubleStorage", RV_F64, 8, NULL)                                                                           \
  X ("torch.HalfStorage", RV_F16, 2, NULL)                                                                             \
  X ("torch.BFloat16Storage", RV_BF16, 2, NULL)                                                                        \
  X ("torch.CharStorage", RV_I8, 1, NULL)                                                                              \
  X ("torch.ByteStorage", RV_U8, 1, NULL)                                                                              \
  X ("torch.LongStorage", -1, 8, "int64")                                                                              \
  X ("torch.IntStorage", -1, 4, "int32")                                                                               \
  X ("torch.ShortStorage", -1, 2, "int16")                                                                             \
  X ("torch.BoolStorage", -1, 1, "bool")                                                                               \
  X ("torch.ComplexFloatStorage", -1, 8, "complex64")                                                                  \
  X ("torch.ComplexDoubleStorage", -1, 16, "complex128")                                                               \
  X ("torch.storage.UntypedStorage", -1, 1, "of another type")

static const struct {
  const char *name;
  int type;
  gsize bytes;
  const char *type_text;
} storage_types[] = {
#define X(name, type, bytes, type_text) { name, type, bytes, type_text },
  STORAGE_ROWS (X)
#undef X
};

/* Names that a pickle may contain. */
static const char *const allowed[] = {
#define X(name, type, bytes, type_text) name,
  STORAGE_ROWS (X)
#undef X
    "collections.OrderedDict",
  "torch._utils._rebuild_tensor",
  "torch._utils._rebuild_tensor_v2",
  "torch._utils._rebuild_tensor_v3",
  "torch._utils._rebuild_parameter",
  "torch.uint16",
  "torch.uint32",
  "torch.uint64",
  "torch.complex32",
  "torch.float8_e4m3fn",
  "torch.float8_e4m3fnuz",
  "torch.float8_e5m2",
  "torch.float8_e5m2fnuz",
  "torch.float8_e8m0fnu",
  NULL,
};

typedef struct {
  const char *name; /* file name for messages */
  GBytes *bytes;
  const guint8 *data;
  gsize size;
  RvWeightsFilter part;
  GHashTable *storages; /* `prefix` and key -> RvZipMember */
  const char *prefix;
  RvTensorMap *map;
  gsize copied;     /* total bytes of tensors that cannot stay in the file */
  gsize name_bytes; /* total of all names */
  guint n_seen;     /* dict entries */
} File;

static gboolean
pytorch_sniff (const guint8 *data, gsize size)
{
  return rv__stored_zip_may_have (data, size, PICKLE_MEMBER) ||
         (size > LEGACY_START_BYTES && memcmp (data, LEGACY_START, LEGACY_START_BYTES) == 0);
}

/* ---- tensors ----------------------------------------------------------------------------------------------------- */

typedef struct {
  int type;              /* see storage_types */
  const char *type_text; /* of a skipped one */
  RvZipMember bytes;
  gint64 offset;
  RvShape shape;
  gint64 stride[RV_MAX_DIMS];
} View;

/* Sets view->bytes and view->type from the storage that the value @persistent (nullable) names; type -1: a known one
 * that is skipped. FALSE with RV_ERROR_FORMAT: no reference to a storage, not in the file, or an unknown type. */
static gboolean
read_storage (const File *file, const RvPickle *persistent, View *view, GError **error)
{
  const RvPickle *id = rv__pickle_is (persistent, RV_PICKLE_PERSISTENT, NULL) ? rv__pickle_item (persistent, 0) : NULL;
  const RvPickle *type = rv__pickle_item (id, 1), *key = rv__pickle_item (id, 2), *part = rv__pickle_item (id, 5);
  if (!rv__pickle_is (rv__pickle_item (id, 0), RV_PICKLE_TEXT, "storage") ||
      !rv__pickle_is (type, RV_PICKLE_GLOBAL, NULL) || !rv__pickle_is (key, RV_PICKLE_TEXT, NULL) ||
      (part && part->kind != RV_PICKLE_NONE))
    return rv__weights_damaged (file->name, KIND, error, "a tensor has no storage");
  g_autofree char *name = g_strconcat (file->prefix, key->text, NULL);
  const RvZipMember *bytes = g_hash_table_lookup (file->storages, name);
  if (!bytes)
    return rv__weights_damaged (file->name, KIND, error, "storage '%.100s' is missing", key->text);
  view->bytes = *bytes;
  for (guint i = 0; i < G_N_ELEMENTS (storage_types); i++)
    if (strcmp (type->text, storage_types[i].name) == 0) {
      view->type = storage_types[i].type;
      view->type_text = storage_types[i].type_text;
      return TRUE;
    }
  return rv__weights_damaged (file->name, KIND, error, "'%.100s' is no storage", type->text);
}

/* Reads a sequence of whole numbers of 0 or more into @numbers, which has room for RV_MAX_DIMS, and sets *n. FALSE, *n
 * unchanged: NULL or no sequence, more numbers, or other values; no GError. */
static gboolean
read_numbers (const RvPickle *sequence, gint64 *numbers, int *n)
{
  guint length = sequence && sequence->items ? sequence->items->len : 0;
  if (!rv__pickle_is (sequence, RV_PICKLE_SEQUENCE, NULL) || length > RV_MAX_DIMS)
    return FALSE;
  for (guint i = 0; i < length; i++) {
    if (!rv__pickle_is (sequence->items->pdata[i], RV_PICKLE_INTEGER, NULL))
      return FALSE;
    numbers[i] = rv__pickle_item (sequence, i)->integer;
    if (numbers[i] < 0)
      return FALSE;
  }
  *n = (int) length;
  return TRUE;
}

/* Whether all numbers of the view lie inside its storage. */
static gboolean
lies_inside (const View *view)
{
  gint64 stored = (gint64) (view->bytes.size / rv__type_bytes ((RvType) view->type)), last = view->offset;
  gint64 count = rv_shape_count (&view->shape);
  if (count < 0 || last > stored)
    return FALSE;
  for (int i = 0; count > 0 && i < view->shape.n; i++) {
    gint64 reach;
    if (__builtin_mul_overflow (view->shape.dim[i] - 1, view->stride[i], &reach) ||
        __builtin_add_overflow (last, reach, &last))
      return FALSE;
  }
  return count == 0 || last < stored;
}

/* Whether the view's numbers are adjacent in row-major order. */
static gboolean
is_row_major (const View *view)
{
  gint64 wanted = 1;
  for (int i = view->shape.n - 1; i >= 0; i--) {
    if (view->shape.dim[i] != 1 && view->stride[i] != wanted)
      return FALSE;
    wanted *= view->shape.dim[i];
  }
  return TRUE;
}

/* (transfer full) (nullable): the tensor that @view describes, which lies inside its storage. Shares the file's bytes
 * if its numbers are row-major and aligned, else is a copy; adds that to file->copied. NULL: RV_ERROR_FORMAT: all
 * copies together exceed the bytes of the file. */
static RvTensor *
tensor_of (File *file, const View *view, GError **error)
{
  RvType type = (RvType) view->type;
  gsize unit = rv__type_bytes (type), count = (gsize) rv_shape_count (&view->shape);
  gsize start = view->bytes.start + (gsize) view->offset * unit;
  gboolean in_order = count == 0 || is_row_major (view);
  if (in_order && (gsize) (file->data + start) % unit == 0)
    return rv__weights_tensor (file->bytes, type, &view->shape, file->data + start, count * unit, error);
  if (count > (file->size - file->copied) / unit)
    return rv__null (rv__weights_damaged (file->name, KIND, error, "its tensors need more bytes than the file has"));
  file->copied += count * unit;
  RvTensor *tensor = rv_tensor_new (type, &view->shape, error);
  if (tensor && in_order)
    memcpy (tensor->data, file->data + start, count * unit);
  for (gsize i = 0; tensor && !in_order && i < count; i++) {
    gint64 at = view->offset, rest = (gint64) i;
    for (int d = view->shape.n - 1; d >= 0; d--) {
      at += rest % view->shape.dim[d] * view->stride[d];
      rest /= view->shape.dim[d];
    }
    memcpy ((guint8 *) tensor->data + i * unit, file->data + view->bytes.start + (gsize) at * unit, unit);
  }
  return tensor;
}

/* Adds the tensor of @rebuild, a call of torch._utils._rebuild_tensor..., to file->map as @name. Tensors of types or
 * dimensions that RvTensor lacks are only recorded as skipped; matrices that file->part excludes are ignored: TRUE for
 * both. FALSE: RV_ERROR_FORMAT: no shape, outside its storage, or all names exceed the bytes of the file. */
static gboolean
add_tensor (File *file, const char *name, const RvPickle *rebuild, GError **error)
{
  View view = { 0 };
  int n_strides;
  const RvPickle *offset = rv__pickle_item (rebuild, 1);
  if (!read_storage (file, rv__pickle_item (rebuild, 0), &view, error))
    return FALSE;
  file->name_bytes += strlen (name);
  if (file->name_bytes > file->size) /* dicts that are reached in many ways would repeat names */
    return rv__weights_damaged (file->name, KIND, error, "its names need more bytes than the file has");
  const RvPickle *sizes = rv__pickle_item (rebuild, 2);
  gboolean large = sizes && sizes->items && sizes->items->len > RV_MAX_DIMS;
  if (view.type < 0 || large) {
    const RvPickle *dtype = rv__pickle_item (rebuild, 6); /* of _rebuild_tensor_v3 */
    const char *what = large                                           ? "of more than 4 sizes"
                       : rv__pickle_is (dtype, RV_PICKLE_GLOBAL, NULL) ? dtype->text + strlen ("torch.")
                                                                       : view.type_text;
    rv__tensor_map_skip (file->map, name, what);
    if (g_str_has_prefix (name, MODULE)) /* for without_module() */
      rv__tensor_map_skip (file->map, name + strlen (MODULE), what);
    return TRUE;
  }
  if (!rv__pickle_is (offset, RV_PICKLE_INTEGER, NULL) || offset->integer < 0 ||
      !read_numbers (sizes, view.shape.dim, &view.shape.n) ||
      !read_numbers (rv__pickle_item (rebuild, 3), view.stride, &n_strides) || n_strides != view.shape.n)
    return rv__weights_damaged (file->name, KIND, error, "'%.100s' has no shape of up to %d sizes", name, RV_MAX_DIMS);
  const RvPickle *metadata = rv__pickle_item (rebuild, 6), *negates = NULL;
  if (rv__pickle_is (metadata, RV_PICKLE_DICT, NULL))
    negates = rv__pickle_member (metadata, "neg");
  if (negates && negates->integer)
    return rv__error_set (error, RV_ERROR_FORMAT,
                          "%s: the view '%.100s' negates its storage, which is not supported; "
                          "save it after resolve_neg()",
                          file->name, name);
  view.offset = offset->integer;
  if (!lies_inside (&view))
    return rv__weights_damaged (file->name, KIND, error, "'%.100s' lies outside its storage", name);
  if (!rv__weights_filter_accepts (file->part, &view.shape))
    return TRUE;
  g_autoptr (RvTensor) tensor = tensor_of (file, &view, error);
  if (tensor)
    rv_tensor_map_set (file->map, name, tensor);
  return tensor != NULL;
}

/* ---- the dict ---------------------------------------------------------------------------------------------------- */

/* Adds the tensors of @dict to file->map, their names prefixed by @prefix, and those of dicts inside it down to
 * MAX_NESTING, as "NAME.NAME". @depth: nesting of @dict, 0 at the top. Ignores other values and keys.
 * RV_ERROR_FORMAT: too many or too long names. After an error some are added. */
static gboolean
add_dict (File *file, const char *prefix, const RvPickle *dict, int depth, GError **error)
{
  for (guint i = 0; dict->items && i + 1 < dict->items->len; i += 2) {
    const RvPickle *key = dict->items->pdata[i], *value = dict->items->pdata[i + 1];
    if (++file->n_seen > MAX_ENTRIES)
      return rv__weights_damaged (file->name, KIND, error, "it has too many names");
    if (key->kind != RV_PICKLE_TEXT)
      continue;
    if (strlen (prefix) + strlen (key->text) > MAX_NAME_BYTES)
      return rv__weights_damaged (file->name, KIND, error, "its names are too long");
    g_autofree char *name = g_strconcat (prefix, key->text, NULL);
    if (rv__pickle_is (value, RV_PICKLE_CALL, "torch._utils._rebuild_parameter"))
      value = rv__pickle_item (value, 0);
    gboolean ok = TRUE;
    if (value && value->kind == RV_PICKLE_CALL)
      ok = add_tensor (file, name, value, error);
    else if (value && value->kind == RV_PICKLE_DICT && depth < MAX_NESTING) {
      g_autofree char *below = g_strconcat (name, ".", NULL);
      ok = add_dict (file, below, value, depth + 1, error);
    }
    if (!ok)
      return FALSE;
  }
  return TRUE;
}

/* (transfer none): the dict of the weights: checkpoints of trainings have it in one of several entries; else @top. */
static const RvPickle *
state_dict (const RvPickle *top)
{
  static const char *const keys[] = { "state_dict", "model_state_dict", "model" };
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    const RvPickle *inner = rv__pickle_member (top, keys[i]);
    if (rv__pickle_is (inner, RV_PICKLE_DICT, NULL))
      return inner;
  }
  return top;
}

/* (transfer full): @map (transfer none), renamed without the prefix MODULE if all names have it. */
static RvTensorMap *
without_module (RvTensorMap *map)
{
  guint n = rv_tensor_map_size (map);
  for (guint i = 0; i < n; i++)
    if (!g_str_has_prefix (rv_tensor_map_name (map, i), MODULE))
      return rv_tensor_map_ref (map);
  RvTensorMap *renamed = rv_tensor_map_new ();
  for (guint i = 0; i < n; i++) {
    const char *name = rv_tensor_map_name (map, i);
    rv_tensor_map_set (renamed, name + strlen (MODULE), rv_tensor_map_get (map, name));
  }
  rv__tensor_map_copy_notes (renamed, map);
  return renamed;
}

/* (transfer full) (nullable): the tensors of the unpickled value @top. RV_ERROR_FORMAT unless it is a dict with
 * tensors. */
static RvTensorMap *
read_tensors (File *file, const RvPickle *top, GError **error)
{
  g_autoptr (RvTensorMap) map = file->map = rv_tensor_map_new ();
  if (!rv__pickle_is (top, RV_PICKLE_DICT, NULL))
    return rv__null (rv__weights_damaged (file->name, KIND, error, "it is no dict of tensors"));
  if (!add_dict (file, "", state_dict (top), 0, error))
    return NULL;
  if (rv_tensor_map_size (map) > 0)
    return without_module (map);
  const char *skipped = rv__tensor_map_first_skipped (map, "");
  g_autofree char *absence = skipped ? rv__tensor_map_absence (map, skipped) : NULL;
  if (skipped)
    return rv__error_null (error, RV_ERROR_FORMAT, "%s: its tensors cannot be read: '%.100s' %s", file->name, skipped,
                           absence);
  return rv__null (rv__weights_damaged (file->name, KIND, error, "it has no tensors"));
}

/* ---- the zip format ---------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the part of a member's name before "data.pkl", with the slash; NULL: no such member. */
static char *
find_folder (GHashTable *members)
{
  GHashTableIter iter;
  gpointer name;
  g_hash_table_iter_init (&iter, members);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (g_str_has_suffix (name, PICKLE_MEMBER))
      return g_strndup (name, strlen (name) - strlen (PICKLE_MEMBER) + 1);
  return NULL;
}

/* (transfer full) (nullable): the tensors of a zip archive, which PyTorch writes since 1.6. RV_ERROR_FORMAT: the
 * archive is damaged, compressed, without data.pkl, a TorchScript program, or not little-endian. Leaves file->map and
 * file->storages freed. */
static RvTensorMap *
parse_zip (File *file, GError **error)
{
  const char *problem;
  g_autoptr (GHashTable) members = rv__stored_zip_open (file->data, file->size, &problem);
  if (problem && rv__stored_zip_may_have (file->data, file->size, "/constants.pkl"))
    problem = "it is a TorchScript program; save its state_dict() instead";
  g_autofree char *folder = problem ? NULL : find_folder (members);
  if (!folder)
    return rv__null (rv__weights_damaged (file->name, KIND, error, "%s", problem ? problem : "it has no data.pkl"));
  g_autofree char *pickle_name = g_strconcat (folder, PICKLE_MEMBER + 1, NULL);
  g_autofree char *order_name = g_strconcat (folder, "byteorder", NULL), *prefix = g_strconcat (folder, "data/", NULL);
  const RvZipMember *pickle = g_hash_table_lookup (members, pickle_name);
  const RvZipMember *order = g_hash_table_lookup (members, order_name);
  if (order && (order->size != strlen ("little") || memcmp (file->data + order->start, "little", order->size) != 0))
    return rv__null (rv__weights_damaged (file->name, KIND, error, "its numbers are not little-endian"));
  file->storages = members;
  file->prefix = prefix;
  g_autoptr (GPtrArray) pool = rv__pickle_pool_new ();
  gsize used;
  const RvPickle *top =
    rv__pickle_read (file->data + pickle->start, pickle->size, &used, allowed, pool, file->name, error);
  return top ? read_tensors (file, top, error) : NULL;
}

/* ---- the format before 1.6 --------------------------------------------------------------------------------------- */

/* (transfer full): bytes per number (GSIZE_TO_POINTER) of each storage of a known type that the values of @pool refer
 * to, by its key. Keys are borrowed from @pool. Ignores other values. Cannot fail. */
static GHashTable *
units_of_storages (const GPtrArray *pool)
{
  GHashTable *units = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < pool->len; i++) {
    const RvPickle *id =
      rv__pickle_is (pool->pdata[i], RV_PICKLE_PERSISTENT, NULL) ? rv__pickle_item (pool->pdata[i], 0) : NULL;
    const RvPickle *type = rv__pickle_item (id, 1), *key = rv__pickle_item (id, 2);
    if (!rv__pickle_is (key, RV_PICKLE_TEXT, NULL) || !rv__pickle_is (type, RV_PICKLE_GLOBAL, NULL))
      continue;
    for (guint t = 0; t < G_N_ELEMENTS (storage_types); t++)
      if (strcmp (type->text, storage_types[t].name) == 0)
        g_hash_table_insert (units, key->text, GSIZE_TO_POINTER (storage_types[t].bytes));
  }
  return units;
}

/* Adds the position and size of each storage to file->storages. From byte @at on, the file has a count and the numbers
 * for each of @keys, in order. @pool: values that refer to the storages, for their types. FALSE with RV_ERROR_FORMAT:
 * cut short, or a key that no value of @pool has with a known type. */
static gboolean
read_storages (File *file, const RvPickle *keys, const GPtrArray *pool, gsize at, GError **error)
{
  g_autoptr (GHashTable) units = units_of_storages (pool);
  for (guint i = 0; keys->items && i < keys->items->len; i++) {
    const RvPickle *key = keys->items->pdata[i];
    gsize unit =
      rv__pickle_is (key, RV_PICKLE_TEXT, NULL) ? GPOINTER_TO_SIZE (g_hash_table_lookup (units, key->text)) : 0;
    guint64 count;
    if (unit == 0 || file->size - at < sizeof count)
      return rv__weights_damaged (file->name, KIND, error, "its storages are cut short");
    memcpy (&count, file->data + at, sizeof count);
    at += sizeof count;
    if (count > (file->size - at) / unit)
      return rv__weights_damaged (file->name, KIND, error, "its storages are cut short");
    RvZipMember *storage = g_new (RvZipMember, 1);
    *storage = (RvZipMember){ at, (gsize) count * unit };
    g_hash_table_insert (file->storages, g_strdup (key->text), storage);
    at += storage->size;
  }
  return TRUE;
}

/* (transfer none) (nullable): the value of the pickle at byte *at of the file, which is owned by @pool. Moves *at after
 * the pickle. */
static const RvPickle *
read_pickle (const File *file, gsize *at, GPtrArray *pool, GError **error)
{
  gsize used = 0;
  const RvPickle *value = rv__pickle_read (file->data + *at, file->size - *at, &used, allowed, pool, file->name, error);
  *at += used;
  return value;
}

/* (transfer full) (nullable): the tensors of a file that begins with LEGACY_START, as before PyTorch 1.6.
 * RV_ERROR_FORMAT: not little-endian. Leaves file->map and file->storages freed. */
static RvTensorMap *
parse_legacy (File *file, GError **error)
{
  g_autoptr (GHashTable) storages = file->storages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GPtrArray) pool = rv__pickle_pool_new ();
  gsize at = LEGACY_START_BYTES;
  const RvPickle *system = read_pickle (file, &at, pool, error);
  const RvPickle *top = system ? read_pickle (file, &at, pool, error) : NULL;
  const RvPickle *keys = top ? read_pickle (file, &at, pool, error) : NULL;
  if (!keys)
    return NULL;
  const RvPickle *little = rv__pickle_member (system, "little_endian");
  if (!little || little->integer != TRUE)
    return rv__null (rv__weights_damaged (file->name, KIND, error, "its numbers are not little-endian"));
  return read_storages (file, keys, pool, at, error) ? read_tensors (file, top, error) : NULL;
}

/* RvWeightsClass.parse. Ignores a prefix "module." of all names. */
static RvTensorMap *
pytorch_parse (GBytes *bytes, GBytes *sibling, RvWeightsFilter part, const char *name, GError **error)
{
  File file = { .name = name, .bytes = bytes, .part = part, .prefix = "" };
  file.data = g_bytes_get_data (bytes, &file.size);
  return rv__stored_zip_may_have (file.data, file.size, PICKLE_MEMBER) ? parse_zip (&file, error)
                                                                       : parse_legacy (&file, error);
}

const RvWeightsClass rv__weights_pytorch = {
  .sniff = pytorch_sniff,
  .parse = pytorch_parse,
};
