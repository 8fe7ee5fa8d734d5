/* vulkan-shaders.c -- the table of shaders. Meson writes the headers with their SPIR-V. */
#include "vulkan-shaders.h"
#include <stdint.h>

#include "backend/vulkan/vulkan-shader-code.h"

const RvVulkanShaderCode rv__vulkan_shaders[RV_N_VULKAN_SHADERS] = {
#define X(NAME, name, file) [RV_VULKAN_##NAME] = { file, name, sizeof name },
  RV_VULKAN_SHADER_ROWS (X)
#undef X
};

guint32
rv__vulkan_shaders_hash (void)
{
  guint32 hash = 2166136261u; /* FNV-1a */
  for (int i = 0; i < RV_N_VULKAN_SHADERS; i++)
    for (gsize k = 0; k < rv__vulkan_shaders[i].bytes / sizeof (guint32); k++)
      hash = (hash ^ rv__vulkan_shaders[i].code[k]) * 16777619u;
  return hash;
}
