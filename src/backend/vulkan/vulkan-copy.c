/* vulkan-copy.c -- ops that only copy: concat, slice, reshape. They are buffer copies instead of shaders. */
#include "vulkan-kernels.h"

/* Records copies of @count channels of each picture: from channel @from_first on of value @from to channel @to_first on
 * of value @to. */
static void
copy_channels (RvVulkanRecorder *recorder, int from, gint64 from_first, int to, gint64 to_first, gint64 count)
{
  const RvProgram *program = rv__vulkan_recorder_executable (recorder)->program;
  const RvShape *source = rv__program_shape (program, from), *target = rv__program_shape (program, to);
  gsize plane = (gsize) (source->dim[2] * source->dim[3]) * sizeof (float);
  guint32 n = (guint32) source->dim[0];
  g_autofree VkBufferCopy *regions = g_new (VkBufferCopy, n + 1);
  for (guint32 i = 0; i < n; i++)
    regions[i] = (VkBufferCopy){ .srcOffset = (gsize) (i * source->dim[1] + from_first) * plane,
                                 .dstOffset = (gsize) (i * target->dim[1] + to_first) * plane,
                                 .size = (gsize) count * plane };
  if (count * plane > 0)
    rv__vulkan_record_copies (recorder, from, to, regions, n);
}

gboolean
rv__vulkan_record_concat (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  gint64 first = 0;
  for (int k = 0; k < call->n_in; k++) {
    gint64 count = rv__vulkan_in_shape (recorder, call, k)->dim[1];
    copy_channels (recorder, call->in[k], 0, call->out[0], first, count);
    first += count;
  }
  return TRUE;
}

gboolean
rv__vulkan_record_slice (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  copy_channels (recorder, call->in[0], call->attrs.slice.first, call->out[0], 0, call->attrs.slice.count);
  return TRUE;
}

gboolean
rv__vulkan_record_reshape (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  VkBufferCopy region = { .size = (gsize) rv_shape_count (rv__vulkan_in_shape (recorder, call, 0)) * sizeof (float) };
  rv__vulkan_record_copies (recorder, call->in[0], call->out[0], &region, 1);
  return TRUE;
}
