/* picture.c -- what a run of a dream has of its pictures: the original as small as an octave, where to dream, and what
 * the dream is, for those who want to see the whole of it. */
#include "base/alloc.h"
#include "io/image/packed.h"
#include "io/image/plane.h"
#include "method/dream/internal.h"
#include <string.h>

#define WHITE 255.0f

gboolean
rv__dream_carries_dream (const RvDream *dream)
{
  return strcmp (dream->settings->carry, "dream") == 0;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* Where the network looks at an octave in tiles, its pixels are shared as well. */
RvRows *
rv__dream_new_rows (const RvDream *dream, guint i)
{
  const RvDreamOctave *octave = rv__dream_octave (dream, i);
  const RvEngine *engine = dream->engine;
  int tile_px = rv__engine_stage (engine, i)->fit.tile_px;
  gboolean shared =
    rv__dream_in_parts (dream) && tile_px > 0 && tile_px < MAX (octave->width, octave->height) + octave->margin;
  return rv__rows_new (shared ? engine->cluster : rv__cluster_self (), shared ? engine->speed : NULL, octave->width,
                       octave->height);
}

RvRows *
rv__dream_rows (RvDreamRun *run, guint i)
{
  if (run->rows_of->len <= i)
    g_ptr_array_set_size (run->rows_of, (int) i + 1);
  if (!run->rows_of->pdata[i])
    run->rows_of->pdata[i] = rv__dream_new_rows (run->dream, i);
  return run->rows_of->pdata[i];
}

float *
rv__dream_new_picture (const RvRows *rows, GError **error)
{
  return rv__rows_alloc (rows, 3, "a picture", error);
}

/* ---- the original ------------------------------------------------------------------------------------------------ */

void
rv__dream_set_original (RvDream *dream, RvImage *image)
{
  RvImage *before = dream->image;
  rv_tensor_unref (dream->alpha);
  g_clear_pointer (&dream->packed, rv__packed_image_free);
  dream->image = image ? rv_image_ref (image) : NULL;
  dream->alpha = image && image->alpha ? rv_tensor_ref (image->alpha) : NULL;
  rv_image_unref (before);
  if (!image)
    return;
  dream->width = image->width;
  dream->height = image->height;
  dream->mix = rv__dream_color_mix (dream->settings->dream_colors, image);
}

void
rv__dream_pack (RvDream *dream)
{
  if (rv__dream_packs (dream) && !dream->packed && (dream->packed = rv__image_pack (dream->image, NULL)))
    g_clear_pointer (&dream->image, rv_image_unref);
}

/* Rows @from up to @end of a plane. */
static void
read_original (const RvDream *dream, int c, gint64 from, gint64 end, float *to)
{
  gint64 width = dream->width, first = (c * (gint64) dream->height + from) * width;
  if (dream->packed)
    rv__packed_image_read (dream->packed, c, (int) from, (int) end, to);
  else
    memcpy (to, (const float *) dream->image->rgb->data + first, (gsize) ((end - from) * width) * sizeof (float));
}

/* Of plane @c this rank's rows, bilinearly, as shrinking a dream would. */
static gboolean
shrink_as_dream (const RvDream *dream, int c, const RvRows *rows, float *picture, GError **error)
{
  gint64 first, end, width = dream->width;
  rv__resize_needs (dream->height, rows->height, RV_RESIZE_BILINEAR, rows->from, rows->end, &first, &end);
  g_autoptr (GArray) all = rv__part_all ((end - first) * width);
  float *seen = rv__alloc ((gsize) ((end - first) * width) * sizeof (float), "a picture", error);
  if (!seen)
    return FALSE;
  read_original (dream, c, first, end, seen);
  rv__pixel_space_enter_part (&rv__dream_space, all, seen, G_MAXINT64); /* it is the same for all colours */
  rv__resize_rows (seen, dream->height, width, RV_RESIZE_BILINEAR, rows->height, rows->width, rows->from, rows->end,
                   picture + rv__rows_own (rows, c).from);
  rv__free (seen);
  return TRUE;
}

/* This rank's rows of plane @c, which is @plane at another size, as well as can be. */
static gboolean
resize_well (const float *plane, int width, int height, int c, const RvRows *rows, float *picture, GError **error)
{
  RvSpan own = rv__rows_own (rows, c);
  float *resized = rv__alloc ((gsize) rv__rows_plane (rows) * sizeof (float), "a picture", error);
  gboolean ok = resized && rv__plane_resize (plane, width, height, WHITE, RV_IMAGE_RESIZE_BEST, resized, rows->width,
                                             rows->height, error);
  if (ok)
    memcpy (picture + own.from, resized + rv__rows_own (rows, 0).from, (gsize) (own.end - own.from) * sizeof (float));
  rv__free (resized);
  return ok;
}

static gboolean
shrink_well (const RvDream *dream, int c, const RvRows *rows, float *picture, GError **error)
{
  int width = dream->width, height = dream->height;
  RvSpan own = rv__rows_own (rows, c);
  if (width == rows->width && height == rows->height) {
    read_original (dream, c, rows->from, rows->end, picture + own.from);
    for (gint64 i = own.from; i < own.end; i++)
      picture[i] = CLAMP (picture[i], 0, WHITE);
    return TRUE;
  }
  if (dream->image)
    return resize_well ((const float *) dream->image->rgb->data + c * (gint64) width * height, width, height, c, rows,
                        picture, error);
  float *plane = rv__alloc ((gsize) width * (gsize) height * sizeof (float), "a picture", error);
  if (plane)
    read_original (dream, c, 0, height, plane);
  gboolean ok = plane && resize_well (plane, width, height, c, rows, picture, error);
  rv__free (plane);
  return ok;
}

/* Where only the dream is carried, it need not be what shrinking a dream gives. */
float *
rv__dream_shrink (const RvDream *dream, const RvRows *rows, GError **error)
{
  float *picture = rv__dream_new_picture (rows, error);
  gboolean well = rv__dream_carries_dream (dream), ok = picture != NULL;
  for (int c = 0; ok && rows->from < rows->end && c < 3; c++)
    ok = (well ? shrink_well : shrink_as_dream) (dream, c, rows, picture, error);
  if (ok && well)
    rv__pixel_space_enter_part (&rv__dream_space, rv__parts_own (rows->parts), picture, rv__rows_plane (rows));
  if (ok)
    return picture;
  rv__free (picture);
  return NULL;
}

/* ---- where to dream ---------------------------------------------------------------------------------------------- */

/* Where all that is dreamt of has its place, and nothing lies elsewhere. */
static gboolean
has_bounds (const RvDream *dream)
{
  gboolean bounds = TRUE;
  for (guint i = 0; i < dream->terms->len; i++)
    bounds &= g_array_index (dream->terms, RvTerm, i).mask >= 0;
  return bounds;
}

static gboolean
hold_to_mask (RvDream *dream, const RvRows *rows, GError **error)
{
  RvSpan own = rv__rows_own (rows, 0);
  float *grey = rv__image_mask_plane (dream->mask, rows->width, rows->height, error);
  for (gint64 p = own.from; grey && p < own.end; p++)
    dream->weights[p] *= grey[p];
  rv__free (grey);
  return grey != NULL;
}

/* In 0..1: in the mask, and where words belong. */
gboolean
rv__dream_set_weights_at (RvDream *dream, const RvDreamOctave *octave, const RvRows *rows, GError **error)
{
  rv__free (dream->weights);
  dream->weights = NULL;
  if (!dream->mask && !has_bounds (dream))
    return TRUE;
  if (!(dream->weights = rv__rows_alloc (rows, 1, "the mask", error)))
    return FALSE;
  for (gint64 p = rv__rows_own (rows, 0).from; p < rv__rows_own (rows, 0).end; p++)
    dream->weights[p] = 1;
  if (dream->mask && !hold_to_mask (dream, rows, error))
    return FALSE;
  return !has_bounds (dream) || rv__dream_hold_to_places (&dream->places, octave, rows, dream->weights, error);
}

/* ---- the whole of it --------------------------------------------------------------------------------------------- */

RvWhole
rv__dream_whole (RvDreamRun *run, gint64 which)
{
  gboolean x = which == RV_DREAM_X;
  return (RvWhole){ &run->common, (x ? run->rows : run->shrunk_rows)->parts, x ? run->x : run->shrunk, which };
}

gboolean
rv__dream_serve (gpointer user_data, const RvAsked *asked, GError **error)
{
  RvWhole whole = rv__dream_whole (user_data, asked->which);
  return rv__whole_serve (&whole, asked, error);
}

RvImage *
rv__dream_picture (const RvDreamProgress *progress, GError **error)
{
  g_autoptr (RvImage) image = rv_image_new (progress->width, progress->height, error);
  gint64 plane = (gint64) progress->width * progress->height;
  RvWhole whole = rv__dream_whole (progress->run->run, RV_DREAM_X);
  if (!image || !rv__whole_read (&whole, 0, 3 * plane, image->rgb->data, error))
    return NULL;
  rv__pixel_space_leave (&rv__dream_space, image->rgb->data, plane);
  return g_steal_pointer (&image);
}

typedef struct {
  const RvDream *dream;
  RvImage *image;
} Kept;

/* Where nothing was to be dreamt the original stays as it was, to the last digit. */
static void
keep_rows (gpointer user_data, int plane, int from, int end, float *weights)
{
  const Kept *kept = user_data;
  gint64 width = kept->image->width, height = kept->image->height;
  g_autofree float *row = g_new (float, width);
  for (gint64 i = 0; i < 3 * (end - from); i++) {
    gint64 c = i % 3, y = from + i / 3;
    float *to = (float *) kept->image->rgb->data + (c * height + y) * width;
    read_original (kept->dream, (int) c, y, y + 1, row);
    for (gint64 x = 0; x < width; x++)
      if (weights[i / 3 * width + x] == 0)
        to[x] = row[x];
  }
}

static gboolean
keep_original (const RvDreamRun *run, RvImage *image, gboolean first_only, GError **error)
{
  const RvDream *dream = run->dream;
  Kept kept = { dream, image };
  if (!dream->weights || dream->width != run->rows->width || dream->height != run->rows->height)
    return TRUE;
  return rv__rows_read (run->rows, dream->weights, 1, dream->width, dream->height, first_only, image ? keep_rows : NULL,
                        &kept, error);
}

RvResultWanted *
rv__dream_result_wanted (RvDream *dream)
{
  return &dream->result_wanted;
}

gboolean
rv__dream_result (RvDreamRun *run, RvImage **result, GError **error)
{
  RvDream *dream = run->dream;
  RvResultWanted *how = &dream->result_wanted;
  gboolean first_only = how->first_only && rv__parts_are_shared (run->rows->parts);
  gboolean wanted = !first_only || rv__run_is_first (&run->common);
  gboolean as_file = first_only && how->filename && !dream->weights;
  RvResult taken = { NULL };
  gboolean ok = (!wanted || rv__result_open (&taken, as_file ? how : NULL, &rv__dream_space, dream->width,
                                             dream->height, dream->alpha, error)) &&
                rv__rows_read (run->rows, run->x, 3, dream->width, dream->height, first_only,
                               wanted ? rv__result_take : NULL, &taken, error) &&
                keep_original (run, taken.image, first_only, error);
  if (ok)
    *result = rv__result_close (&taken, how);
  rv__result_clear (&taken);
  return ok;
}
