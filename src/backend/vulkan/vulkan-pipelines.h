/* vulkan-pipelines.h -- compute pipelines, and a file of what the driver has compiled for them.
 * Layer 3 (backend). */
#pragma once

#include "vulkan-device.h"

/* (nullable): the pipeline of @shader for @kind, its specialization constant 0; created by the first call, and valid
 * for the rest of the process. Any thread. */
VkPipeline rv__vulkan_pipeline (RvVulkanShader shader, guint32 kind, GError **error);

/* RvBackendClass.use_cache. The first pipeline of the process reads the cache file in @folder (copied; NULL: no
 * file), so call it before. Writes nothing. Any thread. */
void rv__vulkan_use_cache (const char *folder);
/* RvBackendClass.save_cache: writes the result of the self-test and the driver's compiled pipelines to a file in
 * @folder, unless it has them. Ignores errors. Does nothing without a pipeline. Any thread. */
void rv__vulkan_save_cache (const char *folder);
/* (transfer full) (nullable): the result of the self-test in the file of the folder of rv__vulkan_use_cache(). NULL:
 * no file for this device and driver. Any thread. */
char *rv__vulkan_saved_result (void);
