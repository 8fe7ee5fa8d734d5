/* film-memory.c -- a longer memory of films. Ruder, Dosovitskiy, Brox 2016, "Artistic style transfer for videos",
 * section 5.2: long-term consistency.
 *
 *   m: how far the flow to the last frame can be trusted; for each frame further back, the nearest first:
 *     the flow from it to this one, m_k how far that can be trusted
 *     w = (1 - m) m_k
 *     start <- (m start + w (frame + (result_k - frame_k), the latter along that flow)) / (m + w);  m <- m + w */
#include "method/video/film-memory.h"
#include "base/error.h"
#include "base/parallel.h"
#include <string.h>

#define OPTION "memory-frames"

typedef struct {
  RvImage *frame, *made;
  GPtrArray *masks; /* RvImage */
} Remembered;

static void
free_remembered (gpointer data)
{
  Remembered *one = data;
  rv_image_unref (one->frame);
  rv_image_unref (one->made);
  g_ptr_array_unref (one->masks);
  g_free (one);
}

gboolean
rv__film_memory_parse (const char *text, gboolean reaches[RV_FILM_MEMORY_MAX + 1], GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text && *text ? text : "1", ",", -1);
  memset (reaches, 0, (RV_FILM_MEMORY_MAX + 1) * sizeof *reaches);
  for (char **part = parts; *part; part++) {
    gint64 back;
    if (!g_ascii_string_to_signed (g_strstrip (*part), 10, 1, RV_FILM_MEMORY_MAX, &back, NULL)) {
      rv__error_setting (error, OPTION, "'" OPTION "' '%.80s': which frames back, such as 1,2,4; at most %d", text,
                         RV_FILM_MEMORY_MAX);
      return FALSE;
    }
    reaches[back] = TRUE;
  }
  return TRUE;
}

int
rv__film_memory_length (const RvFilmMemory *memory)
{
  for (int back = RV_FILM_MEMORY_MAX; back > 1; back--)
    if (memory->reaches[back])
      return back;
  return 0;
}

/* ---- what is kept ------------------------------------------------------------------------------------------------ */

void
rv__film_memory_add (RvFilmMemory *memory, RvImage *frame, RvImage *made, RvImage *const *masks)
{
  int length = rv__film_memory_length (memory);
  if (length == 0)
    return;
  if (!memory->frames)
    memory->frames = g_ptr_array_new_with_free_func (free_remembered);
  Remembered *one = g_new0 (Remembered, 1);
  one->frame = rv_image_ref (frame);
  one->made = made ? rv_image_ref (made) : NULL;
  one->masks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  for (int i = 0; masks && masks[i]; i++)
    g_ptr_array_add (one->masks, rv_image_ref (masks[i]));
  g_ptr_array_add (memory->frames, one);
  if ((int) memory->frames->len > length)
    g_ptr_array_remove_index (memory->frames, 0);
}

/* (nullable): the newest is 0 back. */
static Remembered *
remembered (const RvFilmMemory *memory, int back)
{
  int n = memory->frames ? (int) memory->frames->len : 0;
  return back < n ? memory->frames->pdata[n - 1 - back] : NULL;
}

RvImage *
rv__film_memory_made (const RvFilmMemory *memory, int back)
{
  const Remembered *one = remembered (memory, back);
  return one ? one->made : NULL;
}

gboolean
rv__film_memory_set_made (RvFilmMemory *memory, int back, RvImage *made)
{
  Remembered *one = remembered (memory, back);
  if (!one)
    return FALSE;
  rv_image_unref (one->made);
  one->made = rv_image_ref (made);
  return TRUE;
}

void
rv__film_memory_keep (RvFilmMemory *memory, int n)
{
  if (memory->frames && (int) memory->frames->len > n)
    g_ptr_array_remove_range (memory->frames, 0, memory->frames->len - (guint) n);
}

void
rv__film_memory_clear (RvFilmMemory *memory)
{
  g_clear_pointer (&memory->frames, g_ptr_array_unref);
  g_clear_pointer (&memory->motion, rv__film_motion_free);
}

/* ---- what is recalled -------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): what became of @old, as it moved to the newest frame; memory->motion knows how far that
 * can be trusted. NULL without an error: it shows something else. */
static RvImage *
recall (RvFilmMemory *memory, const Remembered *old, const RvFilmCarry *carry, RvImage *const *masks, RvImage *frame,
        GError **error)
{
  RvFilmMotion *motion = memory->motion;
  if (!rv__film_motion_compare (motion, old->frame, frame, error) || motion->is_cut)
    return NULL;
  for (guint i = 0; i < old->masks->len; i++)
    if (!rv__film_motion_doubt (motion, old->masks->pdata[i], masks[i], error))
      return NULL;
  return rv__film_motion_carry (motion, old->made, carry, error);
}

/* What was carried from the last frame only as far as it could be trusted lacks the rest. */
static void
add (RvImage *start, const RvImage *old, const RvImage *frame, const float *old_trust, gboolean only_trusted,
     float *held)
{
  gint64 n = (gint64) start->height * start->width;
  const float *from = old->rgb->data, *now = frame->rgb->data;
  float *to = start->rgb->data;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 p = 0; p < n; p++) {
    float w = (1 - held[p]) * old_trust[p];
    for (int c = 0; c < 3 && w > 0; c++) {
      gint64 i = c * n + p;
      to[i] += only_trusted ? (1 - held[p]) * (from[i] - now[i]) : w / (held[p] + w) * (from[i] - to[i]);
    }
    held[p] += w;
  }
}

gboolean
rv__film_memory_recall (RvFilmMemory *memory, const RvFilmCarry *carry, RvImage *const *masks, RvFilmMotion *motion,
                        RvImage *start, GError **error)
{
  for (int back = 2; back <= rv__film_memory_length (memory); back++) {
    const Remembered *old = memory->reaches[back] ? remembered (memory, back - 1) : NULL;
    g_autoptr (GError) own_error = NULL;
    if (!old)
      continue;
    if (!memory->motion && !(memory->motion = rv__film_motion_like (motion, error)))
      return FALSE;
    g_autoptr (RvImage) moved = recall (memory, old, carry, masks, motion->frame, &own_error);
    if (own_error) {
      g_propagate_error (error, g_steal_pointer (&own_error));
      return FALSE;
    }
    if (moved)
      add (start, moved, motion->frame, memory->motion->trust->data, carry->only_trusted, motion->held->data);
  }
  return TRUE;
}
