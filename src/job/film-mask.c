/* film-mask.c -- masks of films, read in step with them. */
#include "job/film-mask.h"
#include <math.h>
#include <string.h>

#define WHITE 255.0f

/* A mask that is a film. */
typedef struct {
  RvFilmReader *reader; /* NULL: it has ended */
  RvImage **place;      /* of the newest */
} MaskFilm;

static void
clear_film (gpointer data)
{
  rv_film_reader_free (((MaskFilm *) data)->reader);
}

gboolean
rv__film_mask_probe (const char *file, GError **error)
{
  RvImageInfo picture;
  RvFilmInfo film;
  g_autoptr (GError) no_picture = NULL;
  if (rv_image_probe (file, &picture, &no_picture) || rv_film_probe (file, &film, NULL))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&no_picture));
  return FALSE;
}

/* ---- the first --------------------------------------------------------------------------------------------------- */

static gboolean
is_picture (const RvJobInput *input)
{
  RvImageInfo picture;
  return !input->file || rv_image_probe (input->file, &picture, NULL);
}

/* Frame by frame they belong together. */
static gboolean
check_rate (const char *file, const RvFilmInfo *mask, const RvFilmInfo *film, GError **error)
{
  if ((gint64) mask->rate_num * film->rate_den == (gint64) film->rate_num * mask->rate_den)
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT,
               "%s has %.5g frames a second, and the film that it is a mask of %.5g: it wants as many", file,
               (double) mask->rate_num / mask->rate_den, (double) film->rate_num / film->rate_den);
  return FALSE;
}

static gboolean
load_film (RvFilmMasks *masks, const char *file, const RvFilmPart *part, const RvFilmInfo *film, RvImage **place,
           GError **error)
{
  GError *own_error = NULL;
  g_autoptr (RvFilmReader) reader = rv_film_reader_new (file, part, error);
  if (!reader || !check_rate (file, rv_film_reader_info (reader), film, error))
    return FALSE;
  *place = rv_film_reader_next (reader, &own_error);
  if (own_error) {
    g_propagate_error (error, own_error);
    return FALSE;
  }
  if (!*place) {
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s has no frame there", file);
    return FALSE;
  }
  if (!masks->films) {
    masks->films = g_array_new (FALSE, TRUE, sizeof (MaskFilm));
    g_array_set_clear_func (masks->films, clear_film);
  }
  MaskFilm added = { g_steal_pointer (&reader), place };
  g_array_append_val (masks->films, added);
  return TRUE;
}

gboolean
rv__film_mask_load (RvFilmMasks *masks, const RvJobInput *input, const RvFilmPart *part, const RvFilmInfo *film,
                    RvImage **place, GError **error)
{
  if (!is_picture (input))
    return load_film (masks, input->file, part, film, place, error);
  *place = rv__job_input_load (input, film->width, film->height, RV_IMAGE_RESIZE_BEST, error);
  return *place != NULL;
}

/* ---- the others -------------------------------------------------------------------------------------------------- */

/* Adds to masks->changed, which is made where there is none and anything differs. */
static gboolean
compare (RvFilmMasks *masks, const RvImage *last, const RvImage *new, GError **error)
{
  gint64 n = (gint64) new->height *new->width;
  if (memcmp (last->rgb->data, new->rgb->data, rv_tensor_bytes (new->rgb)) == 0)
    return TRUE;
  if (!masks->changed) {
    RvShape shape = rv_shape (4, 1, 1, new->height, new->width);
    if (!(masks->changed = rv_tensor_new (RV_F32, &shape, error)))
      return FALSE;
    memset (masks->changed->data, 0, rv_tensor_bytes (masks->changed));
  }
  const float *a = last->rgb->data, *b = new->rgb->data;
  float *changed = masks->changed->data;
  for (gint64 i = 0; i < 3 * n; i++)
    changed[i % n] = MAX (changed[i % n], MIN (fabsf (b[i] - a[i]) / WHITE, 1));
  return TRUE;
}

static gboolean
next_of (RvFilmMasks *masks, MaskFilm *film, GError **error)
{
  GError *own_error = NULL;
  g_autoptr (RvImage) new = film->reader ? rv_film_reader_next (film->reader, &own_error) : NULL;
  if (own_error) {
    g_propagate_error (error, own_error);
    return FALSE;
  }
  if (!new) {
    g_clear_pointer (&film->reader, rv_film_reader_free);
    return TRUE;
  }
  if (!compare (masks, *film->place, new, error))
    return FALSE;
  rv_image_unref (*film->place);
  *film->place = g_steal_pointer (&new);
  return TRUE;
}

gboolean
rv__film_masks_next (RvFilmMasks *masks, GError **error)
{
  gboolean ok = TRUE;
  g_clear_pointer (&masks->changed, rv_tensor_unref);
  for (guint i = 0; ok && masks->begun && masks->films && i < masks->films->len; i++)
    ok = next_of (masks, &g_array_index (masks->films, MaskFilm, i), error);
  masks->begun = TRUE;
  return ok;
}

void
rv__film_masks_clear (RvFilmMasks *masks)
{
  g_clear_pointer (&masks->films, g_array_unref);
  g_clear_pointer (&masks->changed, rv_tensor_unref);
}
