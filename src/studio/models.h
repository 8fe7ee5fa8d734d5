/* models.h -- models in the folder: style networks and autoencoders. Worker thread only, except models_new() and
 * models_free(). Layer 8 (studio). */
#pragma once

#include "pictures.h"
#include <reverie/image.h>

typedef struct _TrainedModels TrainedModels;

/* (transfer full): a new list of models; reads no files yet. @pictures: borrowed. Free with models_free(). */
TrainedModels *models_new (Pictures *pictures);
void models_free (TrainedModels *models);

/* (transfer full): {"models": [...]}, JSON: the newest 100 model files in the folder, newest first. "model" is null for
 * a file that is no model. Cannot fail. */
GBytes *models_json (TrainedModels *models);
/* (transfer full): {"styles": [...]}, JSON: styles of the newest 100 model files in the folder, then built-in ones.
 * Cannot fail. */
GBytes *models_styles (TrainedModels *models);

/* (transfer full) (nullable): the painting of a style, at most 64 px a side. @id: id of the style network's file; NULL:
 * the built-in one. @style: name of the style. NULL: G_IO_ERROR_NOT_FOUND: no such file or style; RV_ERROR_FILE,
 * RV_ERROR_FORMAT: the file cannot be read or is no style network; RV_ERROR_MEMORY; no error: no thumbnail. */
RvImage *models_style_thumb (TrainedModels *models, const char *id, const char *style, GError **error);
/* (transfer full) (nullable): a picture for @model: samples of an autoencoder, or the first painting of a style
 * network. NULL: errors of models_draw() for an autoencoder, of models_style_thumb() for a style network; no error: it
 * is neither, or the painting has no thumbnail. */
RvImage *models_thumb (TrainedModels *models, const Picture *model, GError **error);

/* A position in a latent space, in standard deviations along the two dimensions that change pictures most. Other
 * dimensions are sampled with @seed; 0: they are 0. */
typedef struct {
  double x, y;
  guint64 seed;
} LatentPoint;

#define LATENT_REACH 2.5 /* half side of a map, in standard deviations */

/* (transfer full) (nullable): the picture of the autoencoder @id at @position. With @cells above 0: a map of @cells x
 * @cells pictures, for which only the seed counts. The autoencoder stays loaded for the next call.
 * G_IO_ERROR_NOT_FOUND; RV_ERROR_FORMAT: not an autoencoder; RV_ERROR_SHAPE: too large a map; RV_ERROR_FILE,
 * RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
RvImage *models_draw (TrainedModels *models, const char *id, const LatentPoint *position, int cells, GError **error);
