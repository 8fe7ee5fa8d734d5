/* op.c -- the table of operations and shared functions. */
#include "op.h"
#include "tensor/type.h"

#define X(KIND, name) extern const RvOpClass rv__op_##name##_f32, rv__op_##name##_f64;
RV_OP_ROWS (X)
#undef X

static const struct {
  const char *name;
  const RvOpClass *classes[2];
} table[RV_N_OPS] = {
#define X(KIND, name) [RV_OP_##KIND] = { #name, { &rv__op_##name##_f32, &rv__op_##name##_f64 } },
  RV_OP_ROWS (X)
#undef X
};

const RvOpClass *
rv__op_class (RvOpKind kind, RvType type)
{
  return table[kind].classes[type == RV_F64];
}

const char *
rv__op_name (RvOpKind kind)
{
  return table[kind].name;
}

gsize
rv__element_bytes (RvElementKind holds, RvType type, gint64 count)
{
  switch (holds) {
  case RV_ELEMENT_BIT:
    return (gsize) (count + 7) / 8;
  case RV_ELEMENT_BYTE:
    return (gsize) count;
  case RV_ELEMENT_REAL:
    break;
  }
  return (gsize) count * rv__type_bytes (type);
}

int
rv__pad_same (gint64 n, int window, int stride, int *after)
{
  gint64 out = (n + stride - 1) / stride;
  gint64 total = MAX ((out - 1) * stride + window - n, 0);
  *after = (int) (total - total / 2);
  return (int) (total / 2);
}

int
rv__pad_ceil (gint64 n, int window, int stride)
{
  gint64 rest = n > window ? (n - window) % stride : 0;
  return rest ? (int) (stride - rest) : 0;
}
