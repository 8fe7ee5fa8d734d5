/* video-keyframes.c -- loads keyframes: frames that the user has painted. The file name has the frame number:
 * "painted-0120.png" is frame 120 of the output. */
#include "job/video/video-run.h"
#include "base/error.h"
#include <string.h>

/* Frame number at the end of @file's name, before the suffix, from 1; 0: none, or invalid. */
static gint64
number_of (const char *file)
{
  g_autofree char *name = g_path_get_basename (file);
  char *dot = strrchr (name, '.');
  char *end = dot ? dot : name + strlen (name), *digits = end;
  guint64 number = 0;
  *end = 0;
  while (digits > name && g_ascii_isdigit (digits[-1]))
    digits--;
  return g_ascii_string_to_unsigned (digits, 10, 1, G_MAXINT32, &number, NULL) ? (gint64) number : 0;
}

gboolean
rv__keyframes_check (const RvJobRequest *request, GError **error)
{
  g_autoptr (GPtrArray) inputs = rv__request_inputs (request, "keyframe");
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  if (inputs->len > RV_VIDEO_MAX_KEYFRAMES)
    return rv__error_setting (error, "keyframes", "%u keyframes are too many: at most %d", inputs->len,
                              RV_VIDEO_MAX_KEYFRAMES);
  for (guint i = 0; i < inputs->len; i++) {
    const RvJobInput *input = inputs->pdata[i];
    gint64 number = input->file ? number_of (input->file) : 0;
    const char *name = input->file ? input->file : "a picture in memory";
    if (number == 0)
      rv__error_setting (error, "keyframes",
                         "%s: the file name of a keyframe must end in its frame number, as in painted-0120.png", name);
    else if (!g_hash_table_add (numbers, GINT_TO_POINTER ((int) number)))
      rv__error_setting (error, "keyframes", "%s: another keyframe has the number %" G_GINT64_FORMAT " as well", name,
                         number);
    else
      continue;
    return FALSE;
  }
  return TRUE;
}

/* Comparison of RvKeyframe by frame number, for qsort(): below, equal to or above 0. */
static int
by_number (gconstpointer a, gconstpointer b)
{
  gint64 left = ((const RvKeyframe *) a)->number, right = ((const RvKeyframe *) b)->number;
  return (left > right) - (left < right);
}

/* Reads the source frames of @keys, which are sorted by number, from the file @video; owned by @keys. RV_ERROR_SETTING
 * for a number beyond the end. */
static gboolean
load_frames (RvKeyframes *keys, const char *video, const RvVideoReadOptions *range, GError **error)
{
  g_autoptr (RvVideoReader) reader = rv_video_reader_new (video, range, error);
  g_autoptr (GError) why = NULL;
  gint64 number = 0;
  for (int k = 0; reader && k < keys->n; k++) {
    RvKeyframe *key = &keys->all[k];
    while (number < key->number) {
      rv_image_unref (key->frame);
      if (!(key->frame = rv_video_reader_next (reader, &why)))
        break;
      number++;
    }
    if (why)
      g_propagate_error (error, g_steal_pointer (&why));
    else if (!key->frame)
      rv__error_setting (error, "keyframes",
                         "there is a keyframe %" G_GINT64_FORMAT ", and the video has only %" G_GINT64_FORMAT
                         " frame%s",
                         key->number, number, number == 1 ? "" : "s");
    if (!key->frame)
      return FALSE;
  }
  return reader != NULL;
}

gboolean
rv__keyframes_load (RvKeyframes *keys, const RvJobRequest *request, const RvVideoReadOptions *range, GError **error)
{
  g_autoptr (GPtrArray) inputs = rv__request_inputs (request, "keyframe");
  keys->all = g_new0 (RvKeyframe, inputs->len);
  keys->n = (int) inputs->len;
  for (guint i = 0; i < inputs->len; i++) {
    const RvJobInput *input = inputs->pdata[i];
    keys->all[i].number = number_of (input->file); /* rv__keyframes_check() has checked it */
    if (!(keys->all[i].result =
            rv__job_input_load (input, request->width, request->height, RV_IMAGE_RESIZE_BEST, error)))
      return FALSE;
  }
  if (keys->n == 0)
    return TRUE;
  qsort (keys->all, inputs->len, sizeof *keys->all, by_number);
  return load_frames (keys, rv__request_input (request, "content")->file, range, error);
}
