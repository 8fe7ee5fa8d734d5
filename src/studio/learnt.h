/* learnt.h -- models in the folder: style networks and autoencoders. Worker thread only, except learnt_new() and
 * learnt_free(). Layer 8 (studio). */
#ifndef STUDIO_LEARNT_H
#define STUDIO_LEARNT_H

#include "pictures.h"
#include <reverie/image.h>

typedef struct _Learnt Learnt;

Learnt *learnt_new (Pictures *pictures);
void learnt_free (Learnt *learnt);

/* (transfer full): models in the folder as JSON, newest first. */
GBytes *learnt_models (Learnt *learnt);
/* (transfer full): styles of the built-in style network and of those in the folder, as JSON. */
GBytes *learnt_styles (Learnt *learnt);

/* (transfer full) (nullable): the painting of a style. @painter: id of the model, NULL: built-in.
 * G_IO_ERROR_NOT_FOUND. */
RvImage *learnt_style_thumb (Learnt *learnt, const char *painter, const char *style, GError **error);
/* (transfer full) (nullable): a picture for @model. G_IO_ERROR_NOT_FOUND. */
RvImage *learnt_thumb (Learnt *learnt, const Picture *model, GError **error);

/* A position in a latent space, in standard deviations along the two dimensions that change pictures most. Other
 * dimensions are sampled with @seed; 0: they are 0. */
typedef struct {
  double x, y;
  guint64 seed;
} Place;

#define LATENT_REACH 2.5 /* half side of a map, in standard deviations */

/* (transfer full) (nullable): the picture at @place. With @cells above 0: a map of @cells x @cells pictures,
 * independent of the position. RV_ERROR_FORMAT: not an autoencoder. */
RvImage *learnt_draw (Learnt *learnt, const char *id, const Place *place, int cells, GError **error);

#endif
