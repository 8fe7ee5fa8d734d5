/* type.h -- sizes of the types of tensors. Layer 1 (tensor). */
#pragma once

#include <reverie/tensor.h>

/* Bytes of one element of @type: 4 for f32. */
gsize rv__type_bytes (RvType type);
