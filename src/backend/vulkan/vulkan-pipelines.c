/* vulkan-pipelines.c -- compute pipelines, and a file of what the driver has compiled for them.
 *
 * The file is for one device and driver. It has a line with the result of the self-test, and the driver's own data.
 * Before both is their SHA-256, because a driver may crash on damaged data. A file that is damaged, too large, or from
 * another version of the driver counts as missing, and is replaced. */
#include "vulkan-pipelines.h"
#include "io/atomic-file.h"
#include "vulkan-selftest.h"
#include <glib/gstdio.h>
#include <string.h>

#define MAX_KINDS 40                             /* maximum number of kinds of a shader */
#define MAX_CACHE_BYTES ((goffset) 64 << 20)     /* maximum size of the file; drivers write about 1 MB */
#define HASH_BYTES 32                            /* SHA-256 */
#define HEADER_BYTES (16 + (gsize) VK_UUID_SIZE) /* VkPipelineCacheHeaderVersionOne, which the driver writes */

static GMutex lock; /* protects the variables below */
static VkPipeline pipelines[RV_N_VULKAN_SHADERS][MAX_KINDS];
static VkPipelineCache cache; /* NULL: no pipeline has been needed yet */
static char *cache_folder;    /* NULL: no file */

/* ---- file -------------------------------------------------------------------------------------------------------- */

/* (transfer full): path in @folder of the cache file for the driver and name of the open device. */
static char *
cache_path (const char *folder)
{
  g_autofree char *name = g_strdup_printf ("pipelines-%s", rv__vulkan_device (NULL)->driver_name);
  g_strcanon (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS, '-');
  g_autofree char *file = g_strconcat (name, ".bin", NULL);
  return g_build_filename (folder, file, NULL);
}

/* Writes the SHA-256 of @bytes bytes of @data to @sha256, HASH_BYTES long. */
static void
hash (const guint8 *data, gsize bytes, guint8 *sha256)
{
  gsize n = HASH_BYTES;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, data, (gssize) bytes);
  g_checksum_get_digest (sum, sha256, &n);
}

/* Whether @data, HEADER_BYTES or more, is from this device and driver: begins with their
 * VkPipelineCacheHeaderVersionOne. */
static gboolean
is_own (const guint8 *data)
{
  VkPhysicalDeviceProperties2 properties = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2 };
  rv__vk.GetPhysicalDeviceProperties2 (rv__vulkan_device (NULL)->physical, &properties);
  const VkPhysicalDeviceProperties *device = &properties.properties;
  guint32 words[4];
  memcpy (words, data, sizeof words);
  return words[1] == VK_PIPELINE_CACHE_HEADER_VERSION_ONE && words[2] == device->vendorID &&
         words[3] == device->deviceID && memcmp (data + sizeof words, device->pipelineCacheUUID, VK_UUID_SIZE) == 0;
}

/* (transfer full) (nullable): the file in @folder (nullable), hash included, if it is whole and of this device. (out):
 * *bytes: its size; *driver_at: where the driver's data begins; both undefined for NULL. The caller holds `lock`. */
static guint8 *
read_file (const char *folder, gsize *bytes, gsize *driver_at)
{
  GStatBuf info;
  guint8 sha256[HASH_BYTES];
  g_autofree char *path = folder ? cache_path (folder) : NULL, *text = NULL;
  if (!path || g_stat (path, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size > MAX_CACHE_BYTES ||
      !g_file_get_contents (path, &text, bytes, NULL) || *bytes < HASH_BYTES + HEADER_BYTES)
    return NULL;
  const guint8 *file = (const guint8 *) text, *end = memchr (file + HASH_BYTES, '\n', *bytes - HASH_BYTES);
  *driver_at = end ? (gsize) (end + 1 - file) : *bytes;
  hash (file + HASH_BYTES, *bytes - HASH_BYTES, sha256);
  return memcmp (file, sha256, HASH_BYTES) == 0 && *bytes - *driver_at >= HEADER_BYTES && is_own (file + *driver_at)
           ? (guint8 *) g_steal_pointer (&text)
           : NULL;
}

char *
rv__vulkan_saved_result (void)
{
  gsize bytes, driver_at;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&lock);
  g_autofree guint8 *file = read_file (cache_folder, &bytes, &driver_at);
  return file ? g_strndup ((const char *) file + HASH_BYTES, driver_at - HASH_BYTES - 1) : NULL;
}

void
rv__vulkan_use_cache (const char *folder)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&lock);
  g_free (cache_folder);
  cache_folder = g_strdup (folder);
}

void
rv__vulkan_save_cache (const char *folder)
{
  g_autofree char *result = rv__vulkan_test_result (), *line = g_strconcat (result, "\n", NULL);
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&lock);
  const RvVulkanDevice *device = cache ? rv__vulkan_device (NULL) : NULL;
  gsize n = 0, n_before = 0, driver_at;
  if (!device || rv__vk.GetPipelineCacheData (device->handle, cache, &n, NULL) != VK_SUCCESS || n < HEADER_BYTES)
    return;
  gsize line_bytes = strlen (line), all = HASH_BYTES + line_bytes + n;
  guint8 *file = g_malloc (all);
  memcpy (file + HASH_BYTES, line, line_bytes);
  gboolean ok = rv__vk.GetPipelineCacheData (device->handle, cache, &n, file + HASH_BYTES + line_bytes) == VK_SUCCESS;
  hash (file + HASH_BYTES, all - HASH_BYTES, file);
  g_autoptr (GBytes) bytes = g_bytes_new_take (file, all);
  g_autofree guint8 *before = read_file (folder, &n_before, &driver_at);
  g_autofree char *path = cache_path (folder);
  if (ok && (!before || n_before != all || memcmp (before, file, HASH_BYTES) != 0))
    rv__atomic_file_write (path, bytes, TRUE, NULL);
}

/* ---- pipelines --------------------------------------------------------------------------------------------------- */

/* Creates `cache` on first use, from the file if there is one. The caller holds `lock`. */
static gboolean
require_cache (const RvVulkanDevice *device, GError **error)
{
  gsize bytes, driver_at;
  g_autofree guint8 *file = cache ? NULL : read_file (cache_folder, &bytes, &driver_at);
  const VkPipelineCacheCreateInfo info = { .sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO,
                                           .initialDataSize = file ? bytes - driver_at : 0,
                                           .pInitialData = file ? file + driver_at : NULL };
  return cache || rv__vulkan_check (rv__vk.CreatePipelineCache (device->handle, &info, NULL, &cache),
                                    "creating a pipeline cache", error);
}

/* (nullable): a new pipeline, as of rv__vulkan_pipeline(). The caller holds `lock`. */
static VkPipeline
pipeline_new (RvVulkanShader shader, guint32 kind, GError **error)
{
  VkShaderModuleCreateInfo code = { .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
                                    .codeSize = rv__vulkan_shaders[shader].bytes,
                                    .pCode = rv__vulkan_shaders[shader].code };
  const char *folder = rv__vulkan_fault ("code"); /* of code that replaces shaders in tests */
  g_autofree char *file = folder ? g_strdup_printf ("%s/%s.spv", folder, rv__vulkan_shaders[shader].name) : NULL;
  g_autofree char *replaced = NULL;
  gsize bytes;
  if (file && g_file_get_contents (file, &replaced, &bytes, NULL)) {
    code.codeSize = bytes;
    code.pCode = (const guint32 *) (void *) replaced;
  }
  const VkSpecializationMapEntry entry = { .constantID = 0, .offset = 0, .size = sizeof kind };
  const VkSpecializationInfo constants = { 1, &entry, sizeof kind, &kind };
  const RvVulkanDevice *device = rv__vulkan_device (error);
  VkShaderModule module;
  VkPipeline pipeline = VK_NULL_HANDLE;
  if (!device || !require_cache (device, error) ||
      !rv__vulkan_check (rv__vk.CreateShaderModule (device->handle, &code, NULL, &module), "reading a shader", error))
    return VK_NULL_HANDLE;
  const VkComputePipelineCreateInfo info = { .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
                                             .stage = { .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                                                        .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                                                        .module = module,
                                                        .pName = "main",
                                                        .pSpecializationInfo = &constants },
                                             .layout = device->pipeline_layout };
  VkResult result = rv__vk.CreateComputePipelines (device->handle, cache, 1, &info, NULL, &pipeline);
  rv__vk.DestroyShaderModule (device->handle, module, NULL);
  return rv__vulkan_check (result, "compiling a shader", error) ? pipeline : VK_NULL_HANDLE;
}

VkPipeline
rv__vulkan_pipeline (RvVulkanShader shader, guint32 kind, GError **error)
{
  g_return_val_if_fail (kind < MAX_KINDS, VK_NULL_HANDLE);
  g_mutex_lock (&lock);
  if (!pipelines[shader][kind])
    pipelines[shader][kind] = pipeline_new (shader, kind, error);
  VkPipeline pipeline = pipelines[shader][kind];
  g_mutex_unlock (&lock);
  return pipeline;
}
