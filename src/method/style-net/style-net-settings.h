/* style-net-settings.h -- settings of style network training as a struct; their table is in style-net-settings.c.
 * Layer 6 (method). */
#pragma once

#include "base/settings.h"
#include "method/compute.h"

/* Settings of a training. For options without a default, 0 or NULL selects the value that their help names. */
typedef struct {
  gboolean deep;
  double content_weight, style_weight, tv_weight, steadiness;
  char *content_target, *content_layers, *style_layers;
  double style_scale, grain, zoom;
  gint64 iterations, batch, micro_batches, crop_px;
  char *time;
  double learning_rate, average;
  gint64 seed;
  RvComputeSettings compute;
} RvStyleTrainingSettings;

#define RV_STYLE_TRAINING_CONTENT_TARGET "content-target"
#define RV_STYLE_TRAINING_OWN "own"

/* Whether content is compared with best matches among the paintings' features: `content-target` is matched and
 * `content-weight` is not 0. */
gboolean rv__style_training_matches (const RvStyleTrainingSettings *settings);

extern const RvSettingsClass rv__settings_learn;
extern const RvOption rv__style_training_options[];
