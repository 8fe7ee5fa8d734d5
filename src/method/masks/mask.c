/* mask.c -- kinds of masks, by name, and their common last step: soft edges. */
#include "base/error.h"
#include "masks.h"
#include <math.h>
#include <string.h>

#define WHITE 255.0f

static const RvMaskClass *const table[] = { &rv__mask_faces, &rv__mask_people, &rv__mask_subject, &rv__mask_background,
                                            &rv__mask_sky };

#define N_KINDS G_N_ELEMENTS (table)

const char *const *
rv__mask_kinds_or_none (void)
{
  static const char *names[N_KINDS + 2] = { "none" };
  static gsize once;
  if (g_once_init_enter (&once)) {
    for (guint i = 0; i < N_KINDS; i++)
      names[i + 1] = table[i]->name;
    g_once_init_leave (&once, 1);
  }
  return names;
}

const char *const *
rv_mask_kinds (void)
{
  return rv__mask_kinds_or_none () + 1;
}

RvImage *
rv_mask_new (const RvImage *picture, const char *kind, int n_threads, char **found, GError **error)
{
  g_autofree char *text = NULL;
  for (guint i = 0; i < N_KINDS; i++)
    if (strcmp (table[i]->name, kind) == 0) {
      RvImage *mask = table[i]->make (picture, n_threads, &text, error);
      if (mask && found)
        *found = g_steal_pointer (&text);
      return mask;
    }
  return rv__error_null (error, RV_ERROR_SETTING, "unknown kind of mask '%s'", kind);
}

/* ---- steps of kinds ---------------------------------------------------------------------------------------------- */

RvImage *
rv__mask_shrink (const RvImage *picture, int max_px, int multiple, GError **error)
{
  double scale = MIN ((double) max_px / MAX (picture->width, picture->height), 1);
  int width = (int) lrint (picture->width * scale / multiple) * multiple;
  int height = (int) lrint (picture->height * scale / multiple) * multiple;
  return rv_image_resize (picture, MAX (width, multiple), MAX (height, multiple), RV_IMAGE_RESIZE_BEST, error);
}

void
rv__mask_cell_means (const float *x, int height, int width, int rows, int columns, float *means)
{
  g_autofree float *n = g_new0 (float, rows *columns);
  memset (means, 0, (gsize) rows * columns * sizeof (float));
  for (int i = 0; i < height * width; i++) {
    int cell = i / width * rows / height * columns + i % width * columns / width;
    n[cell]++;
    means[cell] += (x[i] - means[cell]) / n[cell];
  }
}

RvImage *
rv__mask_from_logits (const RvImage *picture, const RvImage *small, const float *logits, GError **error)
{
  const float cut_01 = 0.02f; /* numbers within this distance of 0 and 1 become black and white */
  RvImage *mask = rv_image_new (picture->width, picture->height, error);
  if (!mask)
    return NULL;
  gint64 n = (gint64) picture->width * picture->height;
  float *grey = mask->rgb->data;
  g_autoptr (RvGuided) guided = rv__guided_fit (small, logits, RV_MASK_RADIUS_PX (small), RV_MASK_EPSILON);
  rv__guided_apply (guided, picture, grey);
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < n; i++) {
    float white_01 = 1 / (1 + expf (-RV_MASK_GAIN * grey[i]));
    grey[i] = WHITE * CLAMP ((white_01 - cut_01) / (1 - 2 * cut_01), 0, 1);
  }
  for (int c = 1; c < 3; c++)
    memcpy (grey + c * n, grey, (gsize) n * sizeof (float));
  return mask;
}
