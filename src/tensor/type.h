/* type.h -- sizes of the types of tensors. Layer 1 (tensor). */
#pragma once

#include <reverie/tensor.h>

G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN); /* as numbers in files, whose bytes are used as they are */

/* Bytes of one element of @type: 4 for f32. */
gsize rv__type_bytes (RvType type);
