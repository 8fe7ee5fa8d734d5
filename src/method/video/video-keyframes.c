/* video-keyframes.c -- keyframes by their numbers. */
#include "method/video/video-keyframes.h"

void
rv__keyframes_clear (RvKeyframes *keys)
{
  for (int k = 0; k < keys->n; k++) {
    rv_image_unref (keys->all[k].frame);
    rv_image_unref (keys->all[k].result);
  }
  g_clear_pointer (&keys->all, g_free);
  keys->n = 0;
}

const RvKeyframe *
rv__keyframes_after (const RvKeyframes *keys, gint64 number)
{
  for (int k = 0; keys && k < keys->n; k++)
    if (keys->all[k].number > number)
      return &keys->all[k];
  return NULL;
}

const RvKeyframe *
rv__keyframes_at (const RvKeyframes *keys, gint64 number)
{
  const RvKeyframe *key = rv__keyframes_after (keys, number - 1);
  return key && key->number == number ? key : NULL;
}

gint64
rv__keyframes_before (const RvKeyframes *keys, gint64 number)
{
  gint64 before = 0;
  for (int k = 0; keys && k < keys->n && keys->all[k].number <= number; k++)
    before = keys->all[k].number;
  return before;
}
