/* vulkan-shaders.h -- the shaders, as SPIR-V from src/backend/vulkan/shaders.
 * Layer 3 (backend). */
#pragma once

#include "backend/vulkan/vulkan-shader-list.h"
#include <glib.h>

typedef enum {
#define X(NAME, name, file) RV_VULKAN_##NAME,
  RV_VULKAN_SHADER_ROWS (X)
#undef X
    RV_N_VULKAN_SHADERS
} RvVulkanShader;

typedef struct {
  const char *name;
  const guint32 *code;
  gsize bytes;
} RvVulkanShaderCode;

extern const RvVulkanShaderCode rv__vulkan_shaders[RV_N_VULKAN_SHADERS];

/* Hash of all shaders. Cannot fail. */
guint32 rv__vulkan_shaders_hash (void);
