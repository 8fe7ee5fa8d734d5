/* vulkan-commands.h -- command buffers of an executable: recorded when a run of steps is first computed, and submitted
 * again each time.
 * Layer 3 (backend). */
#pragma once

#include "backend/backend.h"
#include "vulkan-device.h"

typedef struct _RvVulkanCommands RvVulkanCommands;
typedef struct _RvVulkanRecorder RvVulkanRecorder;

/* (transfer full) (nullable): command buffers for a bound executable, which must outlive them; free with
 * rv__vulkan_commands_free(). */
RvVulkanCommands *rv__vulkan_commands_new (RvExecutable *executable, GError **error);
/* Frees the command buffers, of which none may run. Prints their profile (vulkan-profile.h), if there is one. NULL is
 * allowed. */
void rv__vulkan_commands_free (RvVulkanCommands *commands);

/* Adds @step to the steps that rv__vulkan_commands_finish() will run. If @step does not follow the added steps, runs
 * these first. */
gboolean rv__vulkan_commands_add (RvVulkanCommands *commands, int step, GError **error);
/* RvMemoryClass.synchronize: runs the added steps, and waits for them. */
gboolean rv__vulkan_commands_finish (RvExecutable *executable, GError **error);
/* Runs the added steps, if there are any, and copies the values of the mirror (vulkan-transfers.h); the executable must
 * be bound. */
gboolean rv__vulkan_commands_submit (RvExecutable *executable, GError **error);

/* Records a full barrier: all earlier commands end before later ones begin. Later commands of any kind see the
 * results, and so does the host after the submission has ended. */
void rv__vulkan_barrier (VkCommandBuffer buffer);

/* ---- recording a step -------------------------------------------------------------------------------------------- */

/* One run of a shader. Inputs and outputs are values of the program; a binding is unused if its value is -1 or was
 * dropped by the plan. */
typedef struct {
  RvVulkanShader shader;
  guint32 kind; /* specialization constant 0 */
  int in[RV_OP_MAX_IN], out[RV_OP_MAX_OUT];
  const void *push;        /* push constants, as the shader declares them */
  gsize push_bytes;        /* RV_VULKAN_PUSH_BYTES or less */
  guint32 groups[3];       /* workgroups along x, y, z; with a 0, nothing is recorded */
  double work;             /* multiplications and additions, to keep submissions short */
  gboolean is_independent; /* neither reads nor writes what the dispatch before it writes */
} RvVulkanDispatch;

/* Sets dispatch->groups for @n_groups workgroups, or a few more. The shader gets the index of its workgroup from
 * group_index() of common.glsl, and ignores indices from @n_groups on. */
void rv__vulkan_set_groups (RvVulkanDispatch *dispatch, gint64 n_groups);

/* Executable whose steps @recorder records. Borrowed. */
const RvExecutable *rv__vulkan_recorder_executable (const RvVulkanRecorder *recorder);
/* Records a dispatch after all earlier commands. Does nothing if one of the three numbers of groups is 0. */
gboolean rv__vulkan_record (RvVulkanRecorder *recorder, const RvVulkanDispatch *dispatch, GError **error);
/* Records copies between two values, after all earlier commands. @regions: (inout): offsets from the first bytes of
 * the values; the function adds the offsets of the values in their buffers. */
void rv__vulkan_record_copies (RvVulkanRecorder *recorder, int from, int to, VkBufferCopy *regions, guint32 n_regions);
