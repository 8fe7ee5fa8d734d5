/* learnt.h -- models in the folder: painters, whose styles can be painted in, and autoencoders, whose latent space can
 * be looked at. All but learnt_new() and learnt_free() on the other thread alone. Layer 8 (studio). */
#ifndef STUDIO_LEARNT_H
#define STUDIO_LEARNT_H

#include "pictures.h"
#include <reverie/image.h>

typedef struct _Learnt Learnt;

Learnt *learnt_new (Pictures *pictures);
void learnt_free (Learnt *learnt);

/* learnt_models: JSON, (transfer full): models in the folder, the newest first. learnt_styles: likewise: the styles of
 * the library's own painter, and of those in the folder. */
GBytes *learnt_models (Learnt *learnt);
GBytes *learnt_styles (Learnt *learnt);

/* (transfer full) (nullable): pictures. learnt_style_thumb: of the painter of that id, NULL: the library's own, the
 * painting of that style. learnt_thumb: what a model, @model, is like. G_IO_ERROR_NOT_FOUND. */
RvImage *learnt_style_thumb (Learnt *learnt, const char *painter, const char *style, GError **error);
RvImage *learnt_thumb (Learnt *learnt, const Picture *model, GError **error);

/* A place in a latent space: in standard deviations along the two dimensions that change pictures most, the others as
 * @seed samples them, 0: at 0. */
typedef struct {
  double x, y;
  guint64 seed;
} Place;

#define LATENT_REACH 2.5 /* of a map, in standard deviations, on both sides of 0 */

/* learnt_draw: (transfer full) (nullable): the picture there; with @cells above 0 a map of so many by so many, whatever
 * the place is. RV_ERROR_FORMAT: the model is no autoencoder. */
RvImage *learnt_draw (Learnt *learnt, const char *id, const Place *place, int cells, GError **error);

#endif
