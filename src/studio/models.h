/* models.h -- models in the folder: style networks and autoencoders. Worker thread only, except models_new() and
 * models_free(). Layer 8 (studio). */
#ifndef STUDIO_MODELS_H
#define STUDIO_MODELS_H

#include "pictures.h"
#include <reverie/image.h>

typedef struct _TrainedModels TrainedModels;

TrainedModels *models_new (Pictures *pictures);
void models_free (TrainedModels *models);

/* (transfer full): models in the folder as JSON, newest first. */
GBytes *models_json (TrainedModels *models);
/* (transfer full): styles of the built-in style network and of those in the folder, as JSON. */
GBytes *models_styles (TrainedModels *models);

/* (transfer full) (nullable): the painting of a style. @style_net: id of the model, NULL: built-in.
 * G_IO_ERROR_NOT_FOUND. */
RvImage *models_style_thumb (TrainedModels *models, const char *style_net, const char *style, GError **error);
/* (transfer full) (nullable): a picture for @model. G_IO_ERROR_NOT_FOUND. */
RvImage *models_thumb (TrainedModels *models, const Picture *model, GError **error);

/* A position in a latent space, in standard deviations along the two dimensions that change pictures most. Other
 * dimensions are sampled with @seed; 0: they are 0. */
typedef struct {
  double x, y;
  guint64 seed;
} LatentPoint;

#define LATENT_REACH 2.5 /* half side of a map, in standard deviations */

/* (transfer full) (nullable): the picture at @place. With @cells above 0: a map of @cells x @cells pictures,
 * independent of the position. RV_ERROR_FORMAT: not an autoencoder. */
RvImage *models_draw (TrainedModels *models, const char *id, const LatentPoint *place, int cells, GError **error);

#endif
