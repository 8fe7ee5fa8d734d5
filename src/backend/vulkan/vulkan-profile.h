/* vulkan-profile.h -- time on the device by op, for REVERIE_VULKAN_PROFILE=1: time stamps between the steps.
 * Layer 3 (backend). */
#pragma once

#include "backend/backend.h"
#include "vulkan-device.h"

typedef struct _RvVulkanProfile RvVulkanProfile;

/* (transfer full) (nullable): an empty profile for an executable of @n_steps steps. NULL: REVERIE_VULKAN_PROFILE is
 * not 1, the device has no time stamps, or their memory cannot be allocated. */
RvVulkanProfile *rv__vulkan_profile_new (int n_steps);
/* Prints a line for each op of the program of @executable as a message of GLib, and frees @profile. NULL is allowed. */
void rv__vulkan_profile_free (RvVulkanProfile *profile, const RvExecutable *executable);

/* Records the begin of a run of the steps first .. last-1. Does nothing if @profile is NULL. */
void rv__vulkan_profile_begin (RvVulkanProfile *profile, VkCommandBuffer buffer, int first, int last);
/* Records the end of @step. Does nothing if @profile is NULL. */
void rv__vulkan_profile_end_step (RvVulkanProfile *profile, VkCommandBuffer buffer, int step);
/* Adds the times of the steps @first .. @last-1 of a run that is done. Adds nothing, without an error, if @profile is
 * NULL or the time stamps cannot be read. */
void rv__vulkan_profile_add (RvVulkanProfile *profile, int first, int last);
