/* vulkan-selftest.h -- compares each kernel with plain C on this device.
 * Layer 3 (backend). Drivers of several devices compute wrong numbers. */
#pragma once

#include "backend/backend.h"

/* Tests all kernels, once in a process. With @uses_saved, rather uses the result of an earlier process with the same
 * device, driver and shaders. Prints the names of wrong ones, once, as a message of GLib. FALSE without a result. Any
 * thread. */
gboolean rv__vulkan_test_kernels (gboolean uses_saved, GError **error);
/* (transfer full): the result for the cache file, "SHADERS OP,OP": the hash of the shaders, and the ops with wrong
 * kernels. "": not tested yet. Any thread. */
char *rv__vulkan_test_result (void);

/* Whether the kernel of an op has computed right numbers. Only after rv__vulkan_test_kernels(). */
gboolean rv__vulkan_is_right (RvOpKind kind);

/* (transfer full): names of the ops whose kernels are wrong, separated by commas; "" for none. */
char *rv__vulkan_wrong_ops (void);

/* The backend with all its kernels, whether they are right or not. */
extern const RvBackendClass rv__backend_vulkan_untested;
