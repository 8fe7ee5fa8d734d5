/* protobuf.h -- reads messages in Protocol Buffers' encoding. Layer 2 (io).
 *
 * A message is a sequence of fields. Each begins with a varint of 8 * number + kind. Kind 0 is a varint, 1 eight bytes,
 * 2 a length and as many bytes, 5 four bytes. Nothing is copied. */
#pragma once

#include <glib.h>

typedef enum { RV_PROTO_VARINT = 0, RV_PROTO_EIGHT_BYTES = 1, RV_PROTO_BYTES = 2, RV_PROTO_FOUR_BYTES = 5 } RvProtoKind;

/* Bytes still to be read. */
typedef struct {
  const guint8 *at, *end;
} RvProtoSpan;

/* Field of a message. */
typedef struct {
  guint64 number;
  RvProtoKind kind;
  guint64 value;     /* RV_PROTO_VARINT */
  RvProtoSpan bytes; /* other kinds */
} RvProtoField;

/* Reads a varint of up to 64 bits and moves @span after it. FALSE, with *value undefined: cut short or longer; no
 * GError. */
gboolean rv__proto_read_varint (RvProtoSpan *span, guint64 *value);

/* Reads the next field of a message into @field and moves @span after it. A varint sets @value, other kinds @bytes,
 * which point into the message. @span may not be empty. FALSE, both undefined: damaged, or an unknown kind; no
 * GError. */
gboolean rv__proto_read_field (RvProtoSpan *span, RvProtoField *field);

/* Appends the varints of @field, one or packed, to @ints, @max long. *n: (inout): their number; -1 once there are more.
 * FALSE: damaged, some appended; no GError. */
gboolean rv__proto_append_ints (const RvProtoField *field, gint64 *ints, int max, int *n);
