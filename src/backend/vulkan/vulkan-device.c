/* vulkan-device.c -- opens the loader and a device; submission.
 *
 * The loader is opened at run time, so that the program needs neither it nor a driver. Two environment variables are
 * for tests. With REVERIE_VULKAN_VALIDATE=1, each message of the validation layers is a critical warning of GLib.
 * REVERIE_VULKAN_FAULT simulates a fault:
 *
 *   lost N        the device is lost at the Nth submission
 *   nan N         downloads of results, from the Nth on, are not numbers
 *   zero N        downloads of results, from the Nth on, are zero
 *   skip SHADER   the shader computes nothing
 *   device 1      the driver cannot open the device
 *   hardware 0    `auto` opens the loader on a machine without a GPU
 *   hardware 1    the same, and a device in software counts as a GPU
 *   hardware no   `auto` finds no GPU, so that tests compute the same on all machines
 *   code FOLDER   a file in the folder, such as relu.spv, replaces the shader of that name */
#include "vulkan-device.h"
#include "base/error.h"
#include <gmodule.h>
#include <reverie/text.h>
#include <string.h>

#define LOADER "libvulkan.so.1"
#define VALIDATION_LAYER "VK_LAYER_KHRONOS_validation"
#define MAX_DEVICES 16
#define LOST "the GPU was lost: its driver has reset it"
#define MIN_INVOCATIONS 256

/* Limits of multiplications and additions: drivers reset a device that works on one dispatch, or on one command
 * buffer, for seconds. */
#define MAX_DISPATCH_WORK 5e9 /* 50 ms at 200 GFLOP/s */
#define MAX_BUFFER_WORK 4e10

RvVulkanFunctions rv__vk;

/* Protects the variables below, except `failure` and `queue_lock`. */
static GMutex device_lock;
static VkPhysicalDevice physicals[MAX_DEVICES]; /* in the loader's order */
static guint32 n_physicals;

static const char *failure; /* atomic; see rv__vulkan_failure() */

static RvVulkanDevice device; /* chosen or open device */
static gboolean is_open;
static GError *device_error; /* error of the last attempt to open `device`; NULL: none */

static GMutex queue_lock; /* protects device.queue */

const char *
rv__vulkan_failure (void)
{
  return g_atomic_pointer_get (&failure);
}

void
rv__vulkan_set_failure (const char *reason)
{
  if (!reason)
    g_atomic_pointer_set (&failure, NULL);
  else if (g_atomic_pointer_compare_and_exchange (&failure, NULL, reason))
    g_message ("%s; the processor goes on", reason);
}

const char *
rv__vulkan_fault (const char *name)
{
  const char *fault = g_getenv ("REVERIE_VULKAN_FAULT");
  gsize n = strlen (name);
  return fault && strncmp (fault, name, n) == 0 && fault[n] == ' ' ? fault + n + 1 : NULL;
}

gboolean
rv__vulkan_fault_is_due (const char *name, gint *n_calls)
{
  const char *first = rv__vulkan_fault (name);
  return first && g_atomic_int_add (n_calls, 1) + 1 >= g_ascii_strtoll (first, NULL, 10);
}

gboolean
rv__vulkan_check (VkResult result, const char *what, GError **error)
{
  switch (result) {
  case VK_SUCCESS:
    return TRUE;
  case VK_ERROR_OUT_OF_HOST_MEMORY:
  case VK_ERROR_OUT_OF_DEVICE_MEMORY:
    return rv__error_set (error, RV_ERROR_MEMORY, "out of GPU memory: %s", what);
  case VK_ERROR_DEVICE_LOST:
    rv__vulkan_set_failure (LOST);
    return rv__error_set (error, RV_ERROR_BACKEND, LOST " (%s)", what);
  default:
    return rv__error_set (error, RV_ERROR_BACKEND, "the GPU driver failed with code %d: %s", result, what);
  }
}

/* ---- instance ---------------------------------------------------------------------------------------------------- */

static VKAPI_ATTR VkBool32 VKAPI_CALL
on_message (VkDebugUtilsMessageSeverityFlagBitsEXT severity, VkDebugUtilsMessageTypeFlagsEXT types,
            const VkDebugUtilsMessengerCallbackDataEXT *data, void *unused)
{
  g_critical ("Vulkan validation: %s", data->pMessage);
  return VK_FALSE;
}

static gboolean
is_validated (void)
{
  const char *set = g_getenv ("REVERIE_VULKAN_VALIDATE");
  return set && *set && strcmp (set, "0") != 0;
}

/* Sets RV_ERROR_BACKEND with the message @reason. Returns FALSE. */
static gboolean
fail (GError **error, const char *reason)
{
  return rv__error_set (error, RV_ERROR_BACKEND, "%s", reason);
}

/* Opens the loader, creates an instance of Vulkan 1.2, and sets rv__vk. *get: (out): vkGetInstanceProcAddr.
 * RV_ERROR_BACKEND without a loader of Vulkan 1.1, without a driver, or without requested validation layers. */
static gboolean
open_instance (VkInstance *instance, PFN_vkGetInstanceProcAddr *get, GError **error)
{
  gpointer symbol = NULL;
  GModule *module = g_module_open (LOADER, G_MODULE_BIND_LAZY);
  if (!module || !g_module_symbol (module, "vkGetInstanceProcAddr", &symbol))
    return fail (error, "there is no Vulkan loader (" LOADER ")");
  g_module_make_resident (module);
  *get = (PFN_vkGetInstanceProcAddr) symbol;
  PFN_vkCreateInstance create = (PFN_vkCreateInstance) (*get) (NULL, "vkCreateInstance");
  if (!create || !(*get) (NULL, "vkEnumerateInstanceVersion"))
    return fail (error, "the Vulkan loader is older than Vulkan 1.1");

  const VkDebugUtilsMessengerCreateInfoEXT messenger = {
    .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
    .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
    .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
    .pfnUserCallback = on_message,
  };
  const char *layers[] = { VALIDATION_LAYER }, *extensions[] = { VK_EXT_DEBUG_UTILS_EXTENSION_NAME };
  const VkApplicationInfo application = { .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                          .pApplicationName = "reverie",
                                          .apiVersion = VK_API_VERSION_1_2 };
  const VkInstanceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                                      .pNext = is_validated () ? &messenger : NULL,
                                      .pApplicationInfo = &application,
                                      .enabledLayerCount = is_validated (),
                                      .ppEnabledLayerNames = layers,
                                      .enabledExtensionCount = is_validated (),
                                      .ppEnabledExtensionNames = extensions };
  VkResult result = create (&info, NULL, instance);
  if (result == VK_ERROR_LAYER_NOT_PRESENT)
    return fail (error, "the validation layers of Vulkan are not installed");
  if (result == VK_ERROR_INCOMPATIBLE_DRIVER)
    return fail (error, "there is a Vulkan loader (" LOADER ") but no driver");
  if (!rv__vulkan_check (result, "creating an instance", error))
    return FALSE;
#define X(name) rv__vk.name = (PFN_vk##name) (*get) (*instance, "vk" #name);
  RV_VULKAN_FUNCTIONS (X)
#undef X
  PFN_vkCreateDebugUtilsMessengerEXT create_messenger =
    (PFN_vkCreateDebugUtilsMessengerEXT) (*get) (*instance, "vkCreateDebugUtilsMessengerEXT");
  VkDebugUtilsMessengerEXT unused;
  return !is_validated () || rv__vulkan_check (create_messenger (*instance, &messenger, NULL, &unused),
                                               "creating a messenger of the validation layers", error);
}

/* ---- device ------------------------------------------------------------------------------------------------------ */

/* Index of a queue family that computes; -1: none. */
static int
find_queue_family (VkPhysicalDevice physical)
{
  guint32 n = 0;
  rv__vk.GetPhysicalDeviceQueueFamilyProperties (physical, &n, NULL);
  g_autofree VkQueueFamilyProperties *families = g_new0 (VkQueueFamilyProperties, n + 1);
  rv__vk.GetPhysicalDeviceQueueFamilyProperties (physical, &n, families);
  for (guint32 i = 0; i < n; i++)
    if (families[i].queueFlags & VK_QUEUE_COMPUTE_BIT)
      return (int) i;
  return -1;
}

/* Properties of a device, of its driver, and of its memory. */
typedef struct {
  VkPhysicalDeviceProperties2 device;
  VkPhysicalDeviceDriverProperties driver;
  VkPhysicalDeviceMaintenance3Properties memory;
} Properties;

/* Sets *all, whose members point to each other, to the properties of the device and its driver. */
static void
read_properties (VkPhysicalDevice physical, Properties *all)
{
  *all =
    (Properties){ .device = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &all->driver },
                  .driver = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES, .pNext = &all->memory },
                  .memory = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES } };
  rv__vk.GetPhysicalDeviceProperties2 (physical, &all->device);
}

/* Preference for a device, 1 or more, larger is better; 0 if it cannot run the shaders. */
static int
rank_device (VkPhysicalDevice physical)
{
  Properties all;
  read_properties (physical, &all);
  const VkPhysicalDeviceProperties *properties = &all.device.properties;
  const VkPhysicalDeviceLimits *limits = &properties->limits;
  if (properties->apiVersion < VK_API_VERSION_1_2 || find_queue_family (physical) < 0 ||
      limits->minStorageBufferOffsetAlignment > RV_ALIGN_BYTES ||
      limits->maxComputeWorkGroupInvocations < MIN_INVOCATIONS ||
      limits->maxPerStageDescriptorStorageBuffers < RV_VULKAN_N_BINDINGS)
    return 0;
  switch (properties->deviceType) {
  case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
    return 4;
  case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
    return 3;
  case VK_PHYSICAL_DEVICE_TYPE_CPU:
    return 1;
  default:
    return 2;
  }
}

/* Opens the instance and lists its devices, if no call before has found any. The caller holds device_lock.
 * RV_ERROR_BACKEND without a device. */
static gboolean
list_devices (GError **error)
{
  static VkInstance instance;
  PFN_vkGetInstanceProcAddr get;
  if (n_physicals)
    return TRUE;
  if (!instance && !open_instance (&instance, &get, error))
    return FALSE;
  guint32 n = MAX_DEVICES;
  VkResult result = rv__vk.EnumeratePhysicalDevices (instance, &n, physicals);
  if (result == VK_ERROR_INITIALIZATION_FAILED) /* drivers return this without hardware */
    return fail (error, "there is no Vulkan device");
  if (result != VK_INCOMPLETE && !rv__vulkan_check (result, "listing the devices", error))
    return FALSE;
  n_physicals = n;
  return n > 0 || fail (error, "there is no Vulkan device");
}

/* (transfer full): "2 (NAME)". */
static char *
short_name (guint32 i)
{
  Properties all;
  read_properties (physicals[i], &all);
  return g_strdup_printf ("%u (%s)", i, all.device.properties.deviceName);
}

/* Index of the device @text: its number if @text is one or two digits, else the first device whose name contains it, in
 * any case. -1: none. Call list_devices() before; the caller holds device_lock. */
static int
find_device (const char *text)
{
  guint64 number;
  if (strlen (text) <= 2 && g_ascii_string_to_unsigned (text, 10, 0, 99, &number, NULL))
    return number < n_physicals ? (int) number : -1;
  g_autofree char *part = g_utf8_casefold (text, -1);
  for (guint32 i = 0; i < n_physicals; i++) {
    Properties all;
    read_properties (physicals[i], &all);
    g_autofree char *name = g_utf8_casefold (all.device.properties.deviceName, -1);
    if (strstr (name, part))
      return (int) i;
  }
  return -1;
}

/* FALSE and RV_ERROR_SETTING that lists the devices. */
static gboolean
fail_unknown (const char *text, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint32 i = 0; i < n_physicals; i++) {
    g_autofree char *name = short_name (i);
    g_string_append_printf (names, "%s%s", i ? ", " : "", name);
  }
  return rv__error_setting (error, "gpu", "there is no GPU '%.50s'; there are: %s", text, names->str);
}

gboolean
rv__vulkan_choose_device (const char *text, GError **error)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&device_lock);
  if (!*text || !g_utf8_validate (text, -1, NULL))
    return rv__error_setting (error, "gpu", "'gpu' must be a number or a part of a name, in UTF-8");
  g_autoptr (GError) reason = NULL;
  if (!list_devices (&reason))
    return rv__error_with_options (error, RV_ERROR_BACKEND, "gpu", "'gpu' needs a GPU: %s", reason->message);
  int found = find_device (text);
  if (found < 0)
    return fail_unknown (text, error);
  g_autofree char *name = short_name ((guint32) found);
  if (rank_device (physicals[found]) == 0)
    return rv__error_with_options (error, RV_ERROR_BACKEND, "gpu", "GPU %s lacks what the shaders need (Vulkan 1.2)",
                                   name);
  if (is_open)
    return device.physical == physicals[found] ||
           rv__error_with_options (error, RV_ERROR_BACKEND, "gpu",
                                   "this process computes on another GPU already; GPU %s needs a process of its own",
                                   name);
  if (device.physical != physicals[found])
    g_clear_error (&device_error);
  device.physical = physicals[found];
  device.number = (guint32) found;
  return TRUE;
}

/* Sets device.physical and device.number to the best device, unless a device is chosen already. RV_ERROR_BACKEND. */
static gboolean
choose_best (GError **error)
{
  int best = 0;
  for (guint32 i = 0; !device.physical && i < n_physicals; i++)
    best = MAX (best, rank_device (physicals[i]));
  for (guint32 i = 0; !device.physical && best > 0 && i < n_physicals; i++)
    if (rank_device (physicals[i]) == best) {
      device.physical = physicals[i];
      device.number = i;
    }
  return device.physical || fail (error, "no Vulkan device here has what the shaders need (Vulkan 1.2)");
}

/* Sets name, driver_name, limits, max_block_bytes, is_software and queue_family. */
static void
describe_device (void)
{
  Properties all;
  read_properties (device.physical, &all);
  const VkPhysicalDeviceProperties *properties = &all.device.properties;
  device.limits = properties->limits;
  device.max_block_bytes = all.memory.maxMemoryAllocationSize;
  device.is_software = properties->deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
  device.queue_family = (guint32) find_queue_family (device.physical);
  g_free (device.driver_name); /* of a device that could not be opened */
  g_free (device.name);
  device.driver_name = g_strdup_printf ("%s, driver %s", properties->deviceName, all.driver.driverName);
  device.name = g_strdup_printf ("%s %s (%x)", device.driver_name, all.driver.driverInfo, properties->driverVersion);
}

char **
rv__vulkan_device_lines (void)
{
  static const char *const types[] = { "other", "integrated", "discrete", "virtual", "in software" };
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&device_lock);
  GPtrArray *lines = g_ptr_array_new ();
  for (guint32 i = 0; list_devices (NULL) && i < n_physicals; i++) {
    Properties all;
    read_properties (physicals[i], &all);
    const VkPhysicalDeviceProperties *properties = &all.device.properties;
    g_autofree char *memory = rv_text_bytes (rv__vulkan_heap_bytes (physicals[i], FALSE));
    g_ptr_array_add (lines, g_strdup_printf ("%u: %s, %s, driver %s %s (%x), %s%s", i, properties->deviceName,
                                             types[MIN (properties->deviceType, VK_PHYSICAL_DEVICE_TYPE_CPU)],
                                             all.driver.driverName, all.driver.driverInfo, properties->driverVersion,
                                             memory, rank_device (physicals[i]) ? "" : ", without Vulkan 1.2"));
  }
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}

/* Whether this machine has a device node of a GPU. Without one, all devices are in software, and opening their drivers
 * would take 40 ms and 60 MB (Mesa 22.3). */
static gboolean
has_device_node (void)
{
  static const char *const nodes[] = { "/dev/dri", "/dev/nvidiactl", "/dev/dxg", "/dev/kgsl-3d0", "/dev/mali0" };
  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
    if (g_file_test (nodes[i], G_FILE_TEST_EXISTS))
      return TRUE;
  return FALSE;
}

char *
rv__vulkan_hardware (void)
{
  const char *simulated = rv__vulkan_fault ("hardware");
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&device_lock);
  if (rv__vulkan_failure () || g_strcmp0 (simulated, "no") == 0 || (!simulated && !has_device_node ()) ||
      (!is_open && (!list_devices (NULL) || !choose_best (NULL))))
    return NULL;
  if (!is_open)
    describe_device ();
  if (device.is_software && g_strcmp0 (simulated, "1") != 0)
    return NULL;
  return g_strdup_printf ("%s %08x", device.name, rv__vulkan_shaders_hash ());
}

/* Whether device.physical has the extension @name; FALSE if its extensions cannot be listed. */
static gboolean
has_extension (const char *name)
{
  guint32 n = 0;
  rv__vk.EnumerateDeviceExtensionProperties (device.physical, NULL, &n, NULL);
  g_autofree VkExtensionProperties *extensions = g_new0 (VkExtensionProperties, n + 1);
  rv__vk.EnumerateDeviceExtensionProperties (device.physical, NULL, &n, extensions);
  for (guint32 i = 0; i < n; i++)
    if (strcmp (extensions[i].extensionName, name) == 0)
      return TRUE;
  return FALSE;
}

/* Creates set_layout and pipeline_layout of the open device: the same for all shaders. */
static gboolean
create_layouts (GError **error)
{
  VkDescriptorSetLayoutBinding bindings[RV_VULKAN_N_BINDINGS];
  for (guint32 i = 0; i < RV_VULKAN_N_BINDINGS; i++)
    bindings[i] = (VkDescriptorSetLayoutBinding){ .binding = i,
                                                  .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                                                  .descriptorCount = 1,
                                                  .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT };
  const VkDescriptorSetLayoutCreateInfo set = { .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
                                                .bindingCount = RV_VULKAN_N_BINDINGS,
                                                .pBindings = bindings };
  const VkPushConstantRange push = { VK_SHADER_STAGE_COMPUTE_BIT, 0, RV_VULKAN_PUSH_BYTES };
  const VkPipelineLayoutCreateInfo layout = { .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
                                              .setLayoutCount = 1,
                                              .pSetLayouts = &device.set_layout,
                                              .pushConstantRangeCount = 1,
                                              .pPushConstantRanges = &push };
  return rv__vulkan_check (rv__vk.CreateDescriptorSetLayout (device.handle, &set, NULL, &device.set_layout),
                           "creating a descriptor layout", error) &&
         rv__vulkan_check (rv__vk.CreatePipelineLayout (device.handle, &layout, NULL, &device.pipeline_layout),
                           "creating a pipeline layout", error);
}

/* Opens the chosen device, or the best one. The caller holds device_lock. */
static gboolean
open_device (GError **error)
{
  if (!list_devices (error) || !choose_best (error))
    return FALSE;
  describe_device ();
  device.max_dispatch_work = MAX_DISPATCH_WORK, device.max_buffer_work = MAX_BUFFER_WORK;
  device.has_budget = has_extension (VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
  const float priority = 1;
  const char *extensions[] = { VK_EXT_MEMORY_BUDGET_EXTENSION_NAME };
  const VkDeviceQueueCreateInfo queue = { .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                          .queueFamilyIndex = device.queue_family,
                                          .queueCount = 1,
                                          .pQueuePriorities = &priority };
  const VkDeviceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                                    .queueCreateInfoCount = 1,
                                    .pQueueCreateInfos = &queue,
                                    .enabledExtensionCount = device.has_budget ? 1 : 0,
                                    .ppEnabledExtensionNames = extensions };
  VkResult result = rv__vulkan_fault ("device") ? VK_ERROR_INITIALIZATION_FAILED
                                                : rv__vk.CreateDevice (device.physical, &info, NULL, &device.handle);
  if (!rv__vulkan_check (result, "opening the device", error))
    return FALSE;
  rv__vk.GetDeviceQueue (device.handle, device.queue_family, 0, &device.queue);
  return create_layouts (error);
}

const RvVulkanDevice *
rv__vulkan_device (GError **error)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&device_lock);
  if (!is_open && !device_error)
    is_open = open_device (&device_error);
  if (is_open)
    return &device;
  return rv__null (rv__error_propagate (error, g_error_copy (device_error)));
}

gsize
rv__vulkan_heap_bytes (VkPhysicalDevice physical, gboolean has_budget)
{
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT
  };
  VkPhysicalDeviceMemoryProperties2 memory = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2,
                                               .pNext = has_budget ? &budget : NULL };
  gsize most = 0;
  rv__vk.GetPhysicalDeviceMemoryProperties2 (physical, &memory);
  for (guint32 i = 0; i < memory.memoryProperties.memoryHeapCount; i++) {
    const VkMemoryHeap *heap = &memory.memoryProperties.memoryHeaps[i];
    gsize left = has_budget ? budget.heapBudget[i] - MIN (budget.heapUsage[i], budget.heapBudget[i]) : heap->size;
    if (heap->flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT)
      most = MAX (most, left);
  }
  return most;
}

int
rv__vulkan_memory_type (guint32 allowed, VkMemoryPropertyFlags required, VkMemoryPropertyFlags preferred)
{
  VkPhysicalDeviceMemoryProperties2 memory = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2 };
  rv__vk.GetPhysicalDeviceMemoryProperties2 (device.physical, &memory);
  int found = -1;
  for (int i = 0; i < (int) memory.memoryProperties.memoryTypeCount; i++) {
    VkMemoryPropertyFlags flags = memory.memoryProperties.memoryTypes[i].propertyFlags;
    if (!(allowed >> i & 1) || (flags & required) != required)
      continue;
    if ((flags & preferred) == preferred)
      return i;
    if (found < 0)
      found = i;
  }
  return found;
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

VkCommandPool
rv__vulkan_command_pool_new (GError **error)
{
  const VkCommandPoolCreateInfo info = { .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                         .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
                                         .queueFamilyIndex = device.queue_family };
  VkCommandPool pool;
  return rv__vulkan_check (rv__vk.CreateCommandPool (device.handle, &info, NULL, &pool), "creating a command pool",
                           error)
           ? pool
           : VK_NULL_HANDLE;
}

VkCommandBuffer
rv__vulkan_command_buffer_new (VkCommandPool pool, GError **error)
{
  const VkCommandBufferAllocateInfo info = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                             .commandPool = pool,
                                             .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                             .commandBufferCount = 1 };
  const VkCommandBufferBeginInfo begin = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO };
  VkCommandBuffer buffer;
  return rv__vulkan_check (rv__vk.AllocateCommandBuffers (device.handle, &info, &buffer), "creating a command buffer",
                           error) &&
             rv__vulkan_check (rv__vk.BeginCommandBuffer (buffer, &begin), "beginning a command buffer", error)
           ? buffer
           : VK_NULL_HANDLE;
}

gboolean
rv__vulkan_submit (const VkCommandBuffer *buffers, guint32 n, GError **error)
{
  static gint n_submissions;
  const VkFenceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO };
  VkFence fence;
  if (!rv__vulkan_check (rv__vk.CreateFence (device.handle, &info, NULL, &fence), "creating a fence", error))
    return FALSE;
  g_mutex_lock (&queue_lock);
  VkResult result = VK_SUCCESS;
  for (guint32 i = 0; i < n && result == VK_SUCCESS; i++) {
    const VkSubmitInfo submit = { .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                                  .commandBufferCount = 1,
                                  .pCommandBuffers = &buffers[i] };
    result = rv__vulkan_fault_is_due ("lost", &n_submissions)
               ? VK_ERROR_DEVICE_LOST
               : rv__vk.QueueSubmit (device.queue, 1, &submit, i + 1 == n ? fence : VK_NULL_HANDLE);
  }
  if (result != VK_SUCCESS)
    rv__vk.QueueWaitIdle (device.queue);
  g_mutex_unlock (&queue_lock);
  if (result == VK_SUCCESS)
    result = rv__vk.WaitForFences (device.handle, 1, &fence, VK_TRUE, G_MAXUINT64);
  rv__vk.DestroyFence (device.handle, fence, NULL);
  return rv__vulkan_check (result, "computing", error);
}
