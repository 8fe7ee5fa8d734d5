/* tensor.c -- shaped buffers. */
#include "base/ref.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/parallel.h"
#include "tensor-file.h"
#include "tensor/type.h"
#include <reverie/tensor.h>
#include <string.h>

#define MAX_COUNT (G_GINT64_CONSTANT (1) << 62)

RvShape
rv_shape_of (int n, const gint64 *sizes)
{
  RvShape shape = { .n = CLAMP (n, 0, RV_MAX_DIMS) };
  for (int i = 0; i < shape.n; i++)
    shape.dim[i] = sizes[i];
  return shape;
}

gint64
rv_shape_count (const RvShape *shape)
{
  gint64 count = 1;
  for (int i = 0; i < shape->n; i++)
    if (shape->dim[i] < 0 || __builtin_mul_overflow (count, shape->dim[i], &count) || count > MAX_COUNT)
      return -1;
  return count;
}

gboolean
rv_shape_equal (const RvShape *a, const RvShape *b)
{
  return a->n == b->n && memcmp (a->dim, b->dim, a->n * sizeof a->dim[0]) == 0;
}

char *
rv_shape_text (const RvShape *shape)
{
  GString *text = g_string_new ("[");
  for (int i = 0; i < shape->n; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i ? ", " : "", shape->dim[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

static const struct {
  const char *name;
  gsize bytes;
} types[] = {
  [RV_F32] = { "f32", 4 },   [RV_F64] = { "f64", 8 }, [RV_F16] = { "f16", 2 },
  [RV_BF16] = { "bf16", 2 }, [RV_I8] = { "i8", 1 },   [RV_U8] = { "u8", 1 },
};

gsize
rv__type_bytes (RvType type)
{
  return types[type].bytes;
}

const char *
rv_type_name (RvType type)
{
  return types[type].name;
}

/* *bytes: (out): size of a tensor of @type and @shape. FALSE and RV_ERROR_SHAPE for a negative or too large size;
 * *bytes is then undefined. */
static gboolean
byte_size (RvType type, const RvShape *shape, gsize *bytes, GError **error)
{
  gint64 count = rv_shape_count (shape);
  *bytes = rv__type_bytes (type);
  if (count >= 0 && rv__size_mul (bytes, (guint64) count))
    return TRUE;
  g_autofree char *text = rv_shape_text (shape);
  return rv__error_set (error, RV_ERROR_SHAPE, "a tensor of shape %s is too large", text);
}

/* (transfer full): a tensor over @data, which is not copied. Takes over @bytes, the owner of @data; if @bytes is NULL,
 * takes over @data, an allocation of rv__alloc(). Cannot fail. */
static RvTensor *
wrap_data (RvType type, const RvShape *shape, void *data, GBytes *bytes)
{
  RvTensor *tensor = g_new0 (RvTensor, 1);
  *tensor = (RvTensor){ .type = type, .shape = *shape, .data = data, .ref_count = 1, .bytes = bytes };
  return tensor;
}

RvTensor *
rv_tensor_new (RvType type, const RvShape *shape, GError **error)
{
  gsize bytes;
  if (!byte_size (type, shape, &bytes, error))
    return NULL;
  void *data = rv__alloc (bytes, "a tensor", error);
  return data ? wrap_data (type, shape, data, NULL) : NULL;
}

RvTensor *
rv_tensor_new_from_bytes (RvType type, const RvShape *shape, GBytes *bytes, GError **error)
{
  gsize wanted, size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  if (!byte_size (type, shape, &wanted, error))
    return NULL;
  if (wanted != size) {
    g_autofree char *text = rv_shape_text (shape);
    return rv__error_null (error, RV_ERROR_SHAPE, "%" G_GSIZE_FORMAT " bytes do not fill a %s tensor of shape %s", size,
                           rv_type_name (type), text);
  }
  return wrap_data (type, shape, (void *) (size ? data : ""), g_bytes_ref (bytes)); /* GBytes has NULL for no bytes */
}

/* Number whose IEEE 754 binary32 bits are @bits. */
RV_NO_TSAN static float
from_bits (guint32 bits)
{
  float value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Exact value of an IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. Subnormals are fraction times
 * 2^-24. Infinities and NaN stay. */
RV_NO_TSAN static float
from_half (guint16 half)
{
  guint32 sign = (guint32) (half >> 15) << 31, exponent = half >> 10 & 31, fraction = half & 1023;
  if (exponent == 31)
    return from_bits (sign | 0x7F800000u | fraction << 13);
  if (exponent == 0) {
    float value = (float) fraction * 0x1p-24f;
    return sign ? -value : value;
  }
  return from_bits (sign | (exponent + 112) << 23 | fraction << 13);
}

/* Converts the first @count numbers of @tensor, of any type and in memory, to float and writes them to @to. */
RV_NO_TSAN static void
widen (const RvTensor *tensor, gint64 count, float *to)
{
  switch (tensor->type) {
  case RV_F32:
    memcpy (to, tensor->data, (gsize) count * sizeof (float));
    break;
  case RV_F64:
    for (gint64 i = 0; i < count; i++)
      to[i] = (float) ((const double *) tensor->data)[i];
    break;
  case RV_F16:
    for (gint64 i = 0; i < count; i++)
      to[i] = from_half (((const guint16 *) tensor->data)[i]);
    break;
  case RV_BF16:
    for (gint64 i = 0; i < count; i++)
      to[i] = from_bits ((guint32) ((const guint16 *) tensor->data)[i] << 16);
    break;
  case RV_I8:
    for (gint64 i = 0; i < count; i++)
      to[i] = ((const gint8 *) tensor->data)[i];
    break;
  case RV_U8:
    for (gint64 i = 0; i < count; i++)
      to[i] = ((const guint8 *) tensor->data)[i];
    break;
  }
}

RvTensor *
rv_tensor_to_f32 (const RvTensor *stored, GError **error)
{
  g_autoptr (RvTensor) tensor = rv__tensor_read (stored, error);
  if (tensor && tensor->type == RV_F32 && stored->file) /* already a copy */
    return g_steal_pointer (&tensor);
  RvTensor *copy = tensor ? rv_tensor_new (RV_F32, &tensor->shape, error) : NULL;
  if (copy)
    widen (tensor, rv_tensor_count (tensor), copy->data);
  return copy;
}

/* IEEE 754 binary16 of @value, as bits: rounded to nearest, ties to even; subnormal below 2^-14, infinite from 65,520
 * on. NaN becomes a quiet NaN. The sign stays, also that of zero and NaN. */
static guint16
to_half (float value)
{
  guint32 bits;
  memcpy (&bits, &value, sizeof bits);
  guint16 sign = (guint16) (bits >> 16 & 0x8000);
  guint32 magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) /* NaN */
    return sign | 0x7E00;
  if (magnitude >= 0x477FF000u) /* 65,520 and more round to infinity */
    return sign | 0x7C00;
  if (magnitude < 0x38800000u) { /* below 2^-14: adding 0.5 leaves fraction * 2^-24 in the last bits, rounded */
    float shifted = from_bits (magnitude) + 0.5f;
    memcpy (&bits, &shifted, sizeof bits);
    return sign | (guint16) (bits - 0x3F000000u);
  }
  guint32 odd = magnitude >> 13 & 1;
  return sign | (guint16) ((magnitude - 0x38000000u + 0xFFF + odd) >> 13);
}

RvTensor *
rv_tensor_to_f16 (const RvTensor *tensor, GError **error)
{
  g_autoptr (RvTensor) f32 = rv_tensor_to_f32 (tensor, error);
  RvTensor *half = f32 ? rv_tensor_new (RV_F16, &tensor->shape, error) : NULL;
  for (gint64 i = 0, n = half ? rv_tensor_count (half) : 0; i < n; i++)
    ((guint16 *) half->data)[i] = to_half (((const float *) f32->data)[i]);
  return half;
}

static void
tensor_free (RvTensor *tensor)
{
  if (tensor->bytes)
    g_bytes_unref (tensor->bytes);
  else
    rv__free (tensor->data);
  g_free (tensor);
}

RV_DEFINE_REF (RvTensor, rv_tensor_ref, rv_tensor_unref, tensor_free)

gint64
rv_tensor_count (const RvTensor *tensor)
{
  return rv_shape_count (&tensor->shape);
}

gsize
rv_tensor_bytes (const RvTensor *tensor)
{
  return (gsize) rv_tensor_count (tensor) * rv__type_bytes (tensor->type);
}
