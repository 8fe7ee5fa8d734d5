/* keras-file.c -- reads Keras weights in HDF5, in four layouts, as one map of tensors.
 *
 *   *_notop.h5      weights: root attribute `layer_names`, possibly split into `layer_names0` ...; each such group has
 *                   the attribute `weight_names`: its arrays' paths, in the order kernel, bias
 *   .h5             a complete model: the same below `model_weights`
 *   .weights.h5     Keras 3: layers/<class>[_n]/vars/0, 1 ...; the layer's name is the attribute `name` of `vars`, or
 *                   missing
 *   .keras          Keras 3: a zip archive with model.weights.h5, in the previous layout
 *
 * Kernels (rows, cols, in, out) of the file become [out, in, rows, cols]; (in, out) becomes [out, in].
 *
 * Names: the layer's name. Layers that Keras numbered (conv2d, conv2d_1 ... in one session, conv2d_94 ... in the next)
 * are numbered from 0 in the order of those numbers. Without names in the file, the name is `layers.<class>_n`: n
 * counts the layers of a class in the order of the model. */
#include "keras-file.h"
#include "base/error.h"
#include "io/weights/format.h"
#include "io/weights/stored-zip.h"
#include <hdf5.h>
#include <string.h>
#include <unistd.h>

#define MAX_LAYERS 100000
#define MAX_ARRAYS 16 /* per layer */
#define MAX_NAME_BYTES 512
#define ZIP_MEMBER "model.weights.h5"

typedef struct {
  hid_t root;         /* the file, or the group of the layers in it */
  guint64 size;       /* file size: limit of attributes and arrays */
  guint64 bytes_left; /* for further arrays */
  RvWeightsFilter filter;
  RvTensorMap *map;
} Reader;

/* Sets RV_ERROR_FORMAT, unless an error is set already, which then is the cause. Returns FALSE. */
#define refuse(error, ...) ((error) && *(error) ? FALSE : rv__error_set (error, RV_ERROR_FORMAT, __VA_ARGS__))

/* ---- attributes -------------------------------------------------------------------------------------------------- */

/* Appends a copy of the first @length bytes of @text, at most MAX_NAME_BYTES, to @texts. */
static void
add_text (GPtrArray *texts, const char *text, gsize length)
{
  g_ptr_array_add (texts, g_strndup (text, MIN (length, MAX_NAME_BYTES)));
}

/* Appends copies of the texts of attribute @name of @object, of fixed or variable length, to @texts, each cut after
 * MAX_NAME_BYTES. FALSE, without an error, adds nothing: no such attribute, another type, over MAX_LAYERS texts, larger
 * than the file, unreadable. An empty list is TRUE. */
static gboolean
read_texts (const Reader *reader, hid_t object, const char *name, GPtrArray *texts)
{
  if (H5Aexists (object, name) <= 0)
    return FALSE;
  hid_t attribute = H5Aopen (object, name, H5P_DEFAULT), type = H5Aget_type (attribute);
  hid_t space = H5Aget_space (attribute);
  hssize_t n = H5Sget_simple_extent_npoints (space);
  gsize size = H5Tget_size (type);
  gboolean ok = n >= 0 && n <= MAX_LAYERS && size > 0 && size <= reader->size / (guint64) MAX (n, 1) &&
                (n == 0 || H5Tget_class (type) == H5T_STRING); /* empty lists have a number type */

  if (ok && n > 0 && H5Tis_variable_str (type) > 0) {
    g_autofree char **read = g_new0 (char *, n + 1);
    ok = H5Aread (attribute, type, read) >= 0;
    for (hssize_t i = 0; ok && i < n; i++)
      add_text (texts, read[i] ? read[i] : "", read[i] ? strlen (read[i]) : 0);
    if (ok)
      H5Dvlen_reclaim (type, space, H5P_DEFAULT, read);
  } else if (ok && n > 0) {
    g_autofree char *read = g_malloc0 ((gsize) (n + 1) * size);
    ok = H5Aread (attribute, type, read) >= 0;
    for (hssize_t i = 0; ok && i < n; i++)
      add_text (texts, read + (gsize) i * size, size);
  }
  H5Sclose (space);
  H5Tclose (type);
  H5Aclose (attribute);
  return ok;
}

/* Appends as read_texts(), also from an attribute that is split into NAME0, NAME1 ... because of its length. FALSE,
 * without an error: neither NAME nor NAME0 is readable, or there are too many texts. */
static gboolean
read_split_texts (const Reader *reader, hid_t object, const char *name, GPtrArray *texts)
{
  if (read_texts (reader, object, name, texts))
    return TRUE;
  for (int i = 0; texts->len <= MAX_LAYERS; i++) {
    g_autofree char *numbered = g_strdup_printf ("%s%d", name, i);
    if (!read_texts (reader, object, numbered, texts))
      return i > 0;
  }
  return FALSE;
}

/* ---- arrays ------------------------------------------------------------------------------------------------------ */

typedef struct {
  hid_t dataset;
  RvShape shape;
} Array;

/* Sets *shape to that of an array of real numbers and subtracts its bytes, at most 4 a number, from reader->bytes_left.
 * Other arrays, such as counters, are TRUE with an empty shape, and subtract nothing. FALSE, without an error: the
 * array is virtual, stored elsewhere, empty or larger than the bytes left. @dataset stays open. */
static gboolean
read_shape (Reader *reader, hid_t dataset, RvShape *shape)
{
  hsize_t size[RV_MAX_DIMS] = { 0 };
  hid_t space = H5Dget_space (dataset), type = H5Dget_type (dataset), plist = H5Dget_create_plist (dataset);
  int n = H5Sget_simple_extent_ndims (space);
  gboolean is_unknown = n < 1 || n > RV_MAX_DIMS || H5Tget_class (type) != H5T_FLOAT;
  gboolean ok = !is_unknown && H5Pget_layout (plist) != H5D_VIRTUAL && H5Pget_external_count (plist) == 0 &&
                H5Sget_simple_extent_dims (space, size, NULL) == n;
  shape->n = is_unknown ? 0 : n;
  for (int i = 0; ok && i < n; i++) {
    shape->dim[i] = (gint64) size[i];
    ok = size[i] >= 1 && size[i] <= G_MAXINT32;
  }
  gint64 count = ok ? rv_shape_count (shape) : -1;
  guint64 bytes = count < 0 ? G_MAXUINT64 : (guint64) count * MIN (H5Tget_size (type), sizeof (float));
  ok = ok && count > 0 && bytes <= reader->bytes_left;
  if (ok)
    reader->bytes_left -= bytes;
  H5Pclose (plist);
  H5Tclose (type);
  H5Sclose (space);
  return ok || is_unknown;
}

/* Opens the array @path of @group and sets *array; the caller closes array->dataset. FALSE and RV_ERROR_FORMAT, with
 * nothing open, if the array is missing or read_shape() rejects it. */
static gboolean
open_array (Reader *reader, hid_t group, const char *path, Array *array, GError **error)
{
  array->dataset = H5Dopen2 (group, path, H5P_DEFAULT);
  if (array->dataset < 0)
    return refuse (error, "the array %s is missing", path);
  if (read_shape (reader, array->dataset, &array->shape))
    return TRUE;
  H5Dclose (array->dataset);
  return refuse (error, "the array %s is no array of real numbers, or larger than the file", path);
}

/* Copies @from, of shape @stored, to @to, of @shape, its transposed_shape(): the last two axes, (in, out), move to the
 * front, swapped. */
static void
transpose (const RvShape *stored, const float *from, const RvShape *shape, float *to)
{
  gint64 out = shape->dim[0], in = shape->dim[1], positions = rv_shape_count (stored) / (in * out);
  for (gint64 position = 0; position < positions; position++)
    for (gint64 i = 0; i < in; i++)
      for (gint64 o = 0; o < out; o++)
        to[(o * in + i) * positions + position] = from[(position * in + i) * out + o];
}

/* Shape after transpose(): (rows, cols, in, out) becomes [out, in, rows, cols]; (in, out) becomes [out, in]. @stored: 2
 * or more axes. */
static RvShape
transposed_shape (const RvShape *stored)
{
  RvShape shape = *stored;
  int n = stored->n;
  shape.dim[0] = stored->dim[n - 1];
  shape.dim[1] = stored->dim[n - 2];
  for (int i = 2; i < n; i++)
    shape.dim[i] = stored->dim[i - 2];
  return shape;
}

/* (nullable): kinds of a layer's @n arrays, 1 or more, by their number and shapes; NULL: such a layer is not read.
 * Static. */
static const char *const *
kinds_of (const Array *arrays, int n)
{
  static const char *const linear[] = { "weight", "bias" }, *const centred[] = { "beta", "moving_mean",
                                                                                 "moving_variance" };
  static const char *const scaled[] = { "gamma", "beta", "moving_mean", "moving_variance" };
  gboolean flat = TRUE;
  for (int i = 0; i < n; i++)
    flat &= arrays[i].shape.n == 1;
  if (flat && (n == 3 || n == 4))
    return n == 3 ? centred : scaled;
  gboolean kernel = arrays[0].shape.n == 2 || arrays[0].shape.n == 4;
  return kernel && (n == 1 || (n == 2 && arrays[1].shape.n == 1)) ? linear : NULL;
}

/* Reads the @n arrays of a layer into reader->map as LAYER.KIND, f32, and replaces arrays of these names. Does not
 * close them. transpose() moves the axes of an array of 2 or more dimensions. TRUE also for a skipped layer: of unknown
 * kind (neither weight and bias nor batch norm), or excluded by reader->filter. RV_ERROR_FORMAT if HDF5 cannot read
 * one. */
static gboolean
read_layer (Reader *reader, const char *layer, const Array *arrays, int n, GError **error)
{
  const char *const *kinds = n > 0 ? kinds_of (arrays, n) : NULL;
  if (kinds && !rv__weights_filter_accepts (reader->filter, &arrays[0].shape))
    return TRUE;
  for (int i = 0; kinds && i < n; i++) {
    const Array *array = &arrays[i];
    gboolean transposes = array->shape.n > 1;
    g_autofree char *name = g_strconcat (layer, ".", kinds[i], NULL);
    RvShape shape = transposes ? transposed_shape (&array->shape) : array->shape;
    g_autoptr (RvTensor) stored = rv_tensor_new (RV_F32, &array->shape, error);
    g_autoptr (RvTensor) transposed = stored && transposes ? rv_tensor_new (RV_F32, &shape, error) : NULL;
    if (!stored || (transposes && !transposed))
      return FALSE;
    if (H5Dread (array->dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, stored->data) < 0)
      return refuse (error, "the array of %s cannot be read", name);
    if (transposed)
      transpose (&array->shape, stored->data, &shape, transposed->data);
    rv_tensor_map_set (reader->map, name, transposed ? transposed : stored);
  }
  return TRUE;
}

static void
close_arrays (const Array *arrays, int n)
{
  for (int i = 0; i < n; i++)
    H5Dclose (arrays[i].dataset);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* A layer: its name in the file and its name in the tensor map. */
typedef struct {
  char *stored, *name;
  gint64 number; /* n of STEM_n for the class that was last renumbered, 0 of STEM; -1: another class */
} Layer;

static void
clear_layer (gpointer data)
{
  Layer *layer = data;
  g_free (layer->stored);
  g_free (layer->name);
}

/* Number that Keras gave a layer of class @stem: "conv2d" 0, "conv2d_7" 7; -1 for other names, and for numbers of more
 * than 8 digits. */
static gint64
keras_number (const char *name, const char *stem)
{
  if (!g_str_has_prefix (name, stem))
    return -1;
  const char *rest = name + strlen (stem);
  if (!*rest)
    return 0;
  if (*rest != '_' || !g_ascii_isdigit (rest[1]) || strspn (rest + 1, "0123456789") != strlen (rest + 1) ||
      strlen (rest) > 9)
    return -1;
  return g_ascii_strtoll (rest + 1, NULL, 10);
}

/* Comparison of pointers to Layer by `number`, for g_ptr_array_sort(): below, equal to or above 0. */
static int
by_number (gconstpointer a, gconstpointer b)
{
  gint64 x = (*(Layer *const *) a)->number, y = (*(Layer *const *) b)->number;
  return x < y ? -1 : x > y;
}

/* Renames the layers called STEM or STEM_n in the file (@stem: their class) to STEM_0, STEM_1 ... in the order of n;
 * STEM counts as 0. Other layers keep their names. Overwrites `number` of all layers. */
static void
renumber_layers (GArray *layers, const char *stem)
{
  g_autoptr (GPtrArray) numbered = g_ptr_array_new ();
  for (guint i = 0; i < layers->len; i++) {
    Layer *layer = &g_array_index (layers, Layer, i);
    layer->number = keras_number (layer->name, stem);
    if (layer->number >= 0)
      g_ptr_array_add (numbered, layer);
  }
  g_ptr_array_sort (numbered, by_number);
  for (guint i = 0; i < numbered->len; i++) {
    Layer *layer = numbered->pdata[i];
    g_free (layer->name);
    layer->name = g_strdup_printf ("%s_%u", stem, i);
  }
}

/* ---- the older layouts: layer_names and weight_names ------------------------------------------------------------- */

/* Reads the arrays that `weight_names` of the layer's group lists into reader->map. TRUE also for a skipped layer:
 * without arrays, with more than MAX_ARRAYS, neither weight and bias nor batch norm, or excluded by the filter.
 * RV_ERROR_FORMAT if the group or the list is missing. */
static gboolean
read_named_layer (Reader *reader, const Layer *layer, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  Array arrays[MAX_ARRAYS];
  int n = 0;
  hid_t group = H5Gopen2 (reader->root, layer->stored, H5P_DEFAULT);
  if (group < 0)
    return refuse (error, "the layer %s is missing", layer->stored);
  gboolean ok = read_split_texts (reader, group, "weight_names", paths);
  if (!ok)
    refuse (error, "the layer %s does not name its weights", layer->stored);
  gboolean known = paths->len <= MAX_ARRAYS; /* no known layer has more */
  for (guint i = 0; ok && known && i < paths->len; i++)
    if ((ok = open_array (reader, group, paths->pdata[i], &arrays[n], error)))
      n++;
  ok = ok && (!known || read_layer (reader, layer->name, arrays, n, error));
  close_arrays (arrays, n);
  H5Gclose (group);
  return ok;
}

/* Appends the layers that the attribute `layer_names` of reader->root lists to @layers. RV_ERROR_FORMAT without it. */
static gboolean
list_named_layers (Reader *reader, GArray *layers, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  if (!read_split_texts (reader, reader->root, "layer_names", names))
    return refuse (error, "it does not name its layers");
  for (guint i = 0; i < names->len; i++) {
    Layer layer = { g_strdup (names->pdata[i]), g_strdup (names->pdata[i]), -1 };
    g_array_append_val (layers, layer);
  }
  return TRUE;
}

/* ---- Keras 3: layers/<class>[_n]/vars/0, 1 ... ------------------------------------------------------------------- */

/* H5Literate() callback; @user_data: GArray of Layer. Appends a layer stored as @name, without a name in the tensor
 * map. Returns 0 to go on; 1, which ends the iteration, once there are over MAX_LAYERS. */
static herr_t
add_group (hid_t group, const char *name, const H5L_info_t *info, void *user_data)
{
  GArray *layers = user_data;
  Layer layer = { g_strndup (name, MAX_NAME_BYTES), NULL, -1 };
  g_array_append_val (layers, layer);
  return layers->len > MAX_LAYERS;
}

/* (transfer full): name of the layer: the one text of the attribute "name" of @vars. Without it: "layers." and
 * @stored, the group's name, with "_0" unless @stored ends in "_" and digits: "conv2d" and "dense2" get it,
 * "conv2d_1" does not. */
static char *
vars_name (const Reader *reader, hid_t vars, const char *stored)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  if (read_texts (reader, vars, "name", names) && names->len == 1)
    return g_strdup (names->pdata[0]);
  const char *digits = stored + strlen (stored);
  while (digits > stored && g_ascii_isdigit (digits[-1]))
    digits--;
  gboolean counted = *digits && digits > stored && digits[-1] == '_';
  return g_strdup_printf ("layers.%s%s", stored, counted ? "" : "_0");
}

/* Opens the group layers/STORED/vars; the caller closes it. Below 0: there is none. */
static hid_t
open_vars (Reader *reader, const char *stored)
{
  g_autofree char *path = g_strdup_printf ("layers/%s/vars", stored), *layer = g_strdup_printf ("layers/%s", stored);
  return H5Lexists (reader->root, layer, H5P_DEFAULT) > 0 && H5Lexists (reader->root, path, H5P_DEFAULT) > 0
           ? H5Gopen2 (reader->root, path, H5P_DEFAULT)
           : -1;
}

/* Reads the arrays 0, 1 ... up to the first missing number in the layer's `vars` into reader->map. The caller has
 * checked that `vars` exists. TRUE also for a skipped layer: without arrays, with MAX_ARRAYS or more, neither weight
 * and bias nor batch norm, or excluded by the filter. */
static gboolean
read_vars (Reader *reader, const Layer *layer, GError **error)
{
  Array arrays[MAX_ARRAYS];
  int n = 0;
  hid_t vars = open_vars (reader, layer->stored);
  gboolean ok = TRUE;
  for (; ok && n < MAX_ARRAYS; n++) {
    char number[8];
    g_snprintf (number, sizeof number, "%d", n);
    if (H5Lexists (vars, number, H5P_DEFAULT) <= 0)
      break;
    if (!(ok = open_array (reader, vars, number, &arrays[n], error)))
      break;
  }
  ok = ok && (n == MAX_ARRAYS || read_layer (reader, layer->name, arrays, n, error));
  close_arrays (arrays, n);
  H5Gclose (vars);
  return ok;
}

/* Fills @layers, which must be empty, with the layers of a Keras 3 file that have `vars`, named by vars_name().
 * RV_ERROR_FORMAT if the group `layers` is unreadable or has over MAX_LAYERS members, with or without `vars`; some
 * layers then have no name. */
static gboolean
list_counted_layers (Reader *reader, GArray *layers, GError **error)
{
  hid_t group = H5Gopen2 (reader->root, "layers", H5P_DEFAULT);
  hsize_t index = 0;
  herr_t listed = group < 0 ? -1 : H5Literate (group, H5_INDEX_NAME, H5_ITER_INC, &index, add_group, layers);
  if (group >= 0)
    H5Gclose (group);
  if (listed != 0)
    return refuse (error, "its layers cannot be listed");
  for (guint i = layers->len; i-- > 0;) {
    Layer *layer = &g_array_index (layers, Layer, i);
    hid_t vars = open_vars (reader, layer->stored);
    if (vars < 0) {
      g_array_remove_index (layers, i);
      continue;
    }
    layer->name = vars_name (reader, vars, layer->stored);
    H5Gclose (vars);
  }
  return TRUE;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

/* Reads the layers of @list into reader->map by @read, with conv2d, batch_normalization and dense numbered from 0. */
static gboolean
read_layers (Reader *reader, gboolean (*list) (Reader *reader, GArray *layers, GError **error),
             gboolean (*read) (Reader *reader, const Layer *layer, GError **error), GError **error)
{
  static const char *const stems[] = { "conv2d", "batch_normalization", "dense" };
  g_autoptr (GArray) layers = g_array_new (FALSE, TRUE, sizeof (Layer));
  g_array_set_clear_func (layers, clear_layer);
  gboolean ok = TRUE;
  if (!list (reader, layers, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (stems); i++)
    renumber_layers (layers, stems[i]);
  for (guint i = 0; ok && i < layers->len; i++)
    ok = read (reader, &g_array_index (layers, Layer, i), error);
  return ok;
}

/* Reads the layers of @file, in any HDF5 layout, into reader->map; skips those that are neither weight and bias nor
 * batch norm, or that the filter excludes. Sets reader->root, valid only during this call. @file stays open.
 * RV_ERROR_FORMAT if no array was read. */
static gboolean
read_file (Reader *reader, hid_t file, GError **error)
{
  gboolean ok;
  reader->root = file;
  if (H5Lexists (file, "layers", H5P_DEFAULT) > 0) {
    ok = read_layers (reader, list_counted_layers, read_vars, error);
  } else {
    hid_t model =
      H5Lexists (file, "model_weights", H5P_DEFAULT) > 0 ? H5Gopen2 (file, "model_weights", H5P_DEFAULT) : -1;
    reader->root = model >= 0 ? model : file;
    ok = read_layers (reader, list_named_layers, read_named_layer, error);
    if (model >= 0)
      H5Gclose (model);
  }
  if (ok && rv_tensor_map_size (reader->map) == 0)
    return refuse (error, "it has no weights");
  return ok;
}

/* (transfer full) (nullable): the bytes of ZIP_MEMBER in the .keras archive @fd, mapped; @fd stays open. NULL and
 * RV_ERROR_FORMAT: @fd cannot be mapped; or the member is missing, damaged, or compressed: Keras stores it, and a
 * compressed one could have any size. */
static GBytes *
find_member (int fd, GError **error)
{
  const char *problem = "it cannot be mapped";
  g_autoptr (GMappedFile) file = g_mapped_file_new_from_fd (fd, FALSE, NULL);
  g_autoptr (GBytes) archive = file ? g_mapped_file_get_bytes (file) : NULL;
  gsize size = archive ? g_bytes_get_size (archive) : 0;
  g_autoptr (GHashTable) members =
    size > 0 ? rv__stored_zip_open (g_bytes_get_data (archive, NULL), size, &problem) : NULL;
  const RvZipMember *member = members ? g_hash_table_lookup (members, ZIP_MEMBER) : NULL;
  if (member)
    return g_bytes_new_from_bytes (archive, member->start, member->size);
  refuse (error, "the archive has no valid " ZIP_MEMBER "%s%s", problem ? ": " : "", problem ? problem : "");
  return NULL;
}

/* Opens a copy of @bytes, an HDF5 file, in memory, for reading. The caller closes it; @bytes may be released
 * before. Below 0: it is no HDF5 file, is damaged, or memory is short. */
static hid_t
open_bytes (GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  hid_t access = H5Pcreate (H5P_FILE_ACCESS);
  hid_t file = H5Pset_fapl_core (access, 1 << 16, FALSE) < 0 || H5Pset_file_image (access, (void *) data, size) < 0
                 ? -1
                 : H5Fopen ("image", H5F_ACC_RDONLY, access);
  H5Pclose (access);
  return file;
}

RvTensorMap *
rv__keras_read (int fd, guint64 size, RvWeightsFilter filter, void (*opened) (void), GError **error)
{
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  char start[2] = "";
  gboolean is_zip = pread (fd, start, sizeof start, 0) == sizeof start && memcmp (start, "PK", 2) == 0;
  g_autoptr (GBytes) inside = is_zip ? find_member (fd, error) : NULL;
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  Reader reader = { .size = size, .bytes_left = size, .filter = filter, .map = map };

  if (error && *error)
    return NULL;
  H5Eset_auto2 (H5E_DEFAULT, NULL, NULL);
  H5PLset_loading_state (0); /* no plug-in filters */
  hid_t file = inside ? open_bytes (inside) : H5Fopen (path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) {
    refuse (error, inside || access (path, F_OK) == 0 ? "it is no HDF5 file, or is cut short"
                                                      : "/proc is needed, and is not mounted");
    return NULL;
  }
  if (opened)
    opened ();
  rv_tensor_map_set_text (map, "source", "Keras");
  gboolean ok = read_file (&reader, file, error);
  H5Fclose (file);
  return ok ? g_steal_pointer (&map) : NULL;
}
