/* protobuf.c -- reads varints and fields. */
#include "protobuf.h"

gboolean
rv__proto_read_varint (RvProtoSpan *span, guint64 *value)
{
  *value = 0;
  for (int shift = 0; shift < 64 && span->at < span->end; shift += 7) {
    guint8 byte = *span->at++;
    *value |= (guint64) (byte & 0x7F) << shift;
    if (!(byte & 0x80))
      return TRUE;
  }
  return FALSE;
}

gboolean
rv__proto_read_field (RvProtoSpan *span, RvProtoField *field)
{
  guint64 tag, length;
  if (!rv__proto_read_varint (span, &tag))
    return FALSE;
  *field = (RvProtoField){ .number = tag >> 3, .kind = (RvProtoKind) (tag & 7) };
  switch (field->kind) {
  case RV_PROTO_VARINT:
    return rv__proto_read_varint (span, &field->value);
  case RV_PROTO_EIGHT_BYTES:
    length = 8;
    break;
  case RV_PROTO_FOUR_BYTES:
    length = 4;
    break;
  case RV_PROTO_BYTES:
    if (!rv__proto_read_varint (span, &length))
      return FALSE;
    break;
  default:
    return FALSE;
  }
  if (field->number == 0 || length > (guint64) (span->end - span->at))
    return FALSE;
  field->bytes = (RvProtoSpan){ span->at, span->at + length };
  span->at += length;
  return TRUE;
}

gboolean
rv__proto_append_ints (const RvProtoField *field, gint64 *ints, int max, int *n)
{
  RvProtoSpan rest = field->bytes;
  guint64 number = field->value;
  if (field->kind != RV_PROTO_VARINT && field->kind != RV_PROTO_BYTES)
    return FALSE;
  if (field->kind == RV_PROTO_BYTES && rest.at == rest.end)
    return TRUE;
  do {
    if (field->kind == RV_PROTO_BYTES && !rv__proto_read_varint (&rest, &number))
      return FALSE;
    if (*n == max)
      *n = -1;
    if (*n >= 0)
      ints[(*n)++] = (gint64) number;
  } while (field->kind == RV_PROTO_BYTES && rest.at < rest.end && *n >= 0);
  return TRUE;
}
