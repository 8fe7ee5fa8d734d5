/* type.h -- sizes of the types of tensors. Layer 1 (tensor). */
#pragma once

#include <reverie/tensor.h>

G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN); /* bytes of files in this order are used unchanged */

/* Bytes of one element of @type: 4 for f32. */
gsize rv__type_bytes (RvType type);
