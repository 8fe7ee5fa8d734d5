/* image-sequence.c -- image sequences, "frames/%04d.png", read and written by this process. They have no rate and no
 * sound. */
#include "base/error.h"
#include "base/frame-name.h"
#include "io/video/video-format.h"

#define RATE 25 /* frames per second: ffmpeg's default */

gboolean
rv__video_is_image_sequence (const char *filename)
{
  return rv_frame_is_pattern (filename) && !g_file_test (filename, G_FILE_TEST_EXISTS);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Lists the folder of @pattern, such as "in/%04d.png". Sets facts->first, the lowest number; *n, the count from there
 * to the first gap; and facts->beyond, the count after the gap. FALSE with RV_ERROR_FILE: no file has such a name; a
 * folder that cannot be read counts as empty. */
static gboolean
scan_numbers (const char *pattern, RvVideoProbe *facts, gint64 *n, GError **error)
{
  int *first = &facts->first;
  g_autofree char *folder = g_path_get_dirname (pattern), *base = g_path_get_basename (pattern);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  *first = G_MAXINT;
  *n = 0;
  for (const char *name; dir && (name = g_dir_read_name (dir));) {
    int number = rv__frame_number (base, name);
    if (number < 0)
      continue;
    g_hash_table_add (numbers, GINT_TO_POINTER (number));
    *first = MIN (*first, number);
  }
  while (*n <= G_MAXINT - *first && g_hash_table_contains (numbers, GINT_TO_POINTER (*first + (int) *n)))
    (*n)++;
  facts->beyond = (int) g_hash_table_size (numbers) - (int) *n;
  return *n > 0 ||
         rv__error_set (error, RV_ERROR_FILE, "no picture has a name like %s, with a number for %%...d", pattern);
}

/* RvVideoFormat.probe. Sets facts->info: size of the first image, 16 bits, alpha, RATE frames per second, and the
 * images up to the first gap; also facts->first and beyond. FALSE: RV_ERROR_SHAPE: the first image is above
 * RV_VIDEO_MAX_SIDE. */
static gboolean
probe (const char *filename, RvVideoProbe *facts, GError **error)
{
  RvImageInfo picture;
  gint64 n;
  if (!scan_numbers (filename, facts, &n, error))
    return FALSE;
  g_autofree char *first = rv__frame_name (filename, facts->first);
  if (!rv_image_probe (first, &picture, error))
    return FALSE;
  if (MAX (picture.width, picture.height) > RV_VIDEO_MAX_SIDE)
    return rv__error_set (error, RV_ERROR_SHAPE, "%s has %d x %d px; a video has 1 to %d", first, picture.width,
                          picture.height, RV_VIDEO_MAX_SIDE);
  facts->info = (RvVideoInfo){ .width = picture.width,
                               .height = picture.height,
                               .rate_num = RATE,
                               .rate_den = 1,
                               .n_frames = n,
                               .duration_s = (double) n / RATE,
                               .bits = 16,
                               .alpha = TRUE };
  return TRUE;
}

typedef struct {
  char *pattern;
  RvVideoInfo whole, out; /* properties of the files; of the result */
  gint64 number, end;     /* numbers of the next frame, and after the last */
  int every, beyond;      /* @beyond: images after the gap at @end */
} Reading;

static void
close_sequence (gpointer data)
{
  g_free (((Reading *) data)->pattern);
  g_free (data);
}

/* RvVideoFormat.open. (transfer full): a reader of every part->every-th image, from the one nearest to part->from_s up
 * to part->to_s. Reads no file. Cannot fail; @error is not used. Freed by RvVideoFormat.close. */
static gpointer
open_sequence (const char *filename, const RvVideoProbe *facts, const RvVideoReadOptions *part, const RvVideoInfo *out,
               GError **error)
{
  Reading *reading = g_new (Reading, 1);
  gint64 from = facts->first + (gint64) (part->from_s * RATE + 0.5);
  *reading = (Reading){ .pattern = g_strdup (filename),
                        .whole = facts->info,
                        .out = *out,
                        .number = from,
                        .end = facts->first + facts->info.n_frames,
                        .every = MAX (part->every, 1),
                        .beyond = facts->beyond };
  gint64 to = part->to_s > 0 ? facts->first + (gint64) (part->to_s * RATE + 0.5) : G_MAXINT64;
  if (to <= reading->end)
    reading->end = to, reading->beyond = 0;
  return reading;
}

/* RvVideoFormat.next. (transfer full) (nullable): the next image of the range, resized to the size of @out given to
 * open_sequence(). NULL without an error after the last. NULL with RV_ERROR_FORMAT: its size is not that of the first,
 * or a number is missing and later ones exist. */
static RvImage *
next (gpointer data, GError **error)
{
  Reading *reading = data;
  RvImageInfo picture;
  gboolean ended = reading->number >= reading->end;
  g_autofree char *file = rv__frame_name (reading->pattern, (int) (ended ? reading->end : reading->number));
  if (ended && reading->beyond > 0)
    rv__error_set (error, RV_ERROR_FORMAT, "%s is missing; later images: %d", file, reading->beyond);
  if (ended)
    return NULL;
  if (!rv_image_probe (file, &picture, error))
    return NULL;
  if (picture.width != reading->whole.width || picture.height != reading->whole.height)
    return rv__error_null (error, RV_ERROR_FORMAT, "%s has %d x %d px, but the first image has %d x %d", file,
                           picture.width, picture.height, reading->whole.width, reading->whole.height);
  reading->number += reading->every;
  return rv_image_load (file, reading->out.width, reading->out.height, error);
}

/* RvVideoFormat.comment. Always NULL with RV_ERROR_FORMAT. */
static char *
comment (const char *filename, GError **error)
{
  return rv__error_null (error, RV_ERROR_FORMAT, "%s has no comment", filename);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

typedef struct {
  char *pattern;
  int n;
  gboolean no_replace;
} Writing;

/* RvVideoFormat.check_target. Checks the suffix only: the folder may be created later. RV_ERROR_SETTING. */
static gboolean
check_target (const char *filename, GError **error)
{
  g_autofree char *first = rv__frame_name (filename, 1);
  GError *fault = NULL;
  if (rv_image_check_target (first, 1, 1, &fault) || !g_error_matches (fault, RV_ERROR, RV_ERROR_SETTING)) {
    g_clear_error (&fault);
    return TRUE;
  }
  g_error_free (fault);
  return rv__error_set (error, RV_ERROR_SETTING,
                        "%s: a name with '%%d' means numbered pictures; use .png, .jpg, .webp or .tif", filename);
}

/* RvVideoFormat.create. (transfer full): a writer; creates no file. Cannot fail. */
static gpointer
create (const char *filename, const RvVideoInfo *info, const RvVideoWriteOptions *settings, GError **error)
{
  Writing *writing = g_new (Writing, 1);
  *writing = (Writing){ .pattern = g_strdup (filename), .no_replace = settings->no_replace };
  return writing;
}

/* RvVideoFormat.add. Saves @frame under the next number; the first is 1. */
static gboolean
add (gpointer data, const RvImage *frame, GError **error)
{
  Writing *writing = data;
  g_autofree char *file = rv__frame_name (writing->pattern, ++writing->n);
  return rv_image_save (frame, file, &(RvSaveOptions){ .no_replace = writing->no_replace }, error);
}

/* RvVideoFormat.finish. Nothing to do: each image is complete once written. */
static gboolean
finish (gpointer data, GError **error)
{
  return TRUE;
}

/* RvVideoFormat.discard. Frees the writer; written images stay. */
static void
discard (gpointer data)
{
  g_free (((Writing *) data)->pattern);
  g_free (data);
}

const RvVideoFormat rv__video_image_sequence = {
  .probe = probe,
  .open = open_sequence,
  .next = next,
  .close = close_sequence,
  .check_target = check_target,
  .create = create,
  .add = add,
  .finish = finish,
  .discard = discard,
  .comment = comment,
};
