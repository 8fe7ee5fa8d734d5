/* style-net-settings.c -- settings of style network training: defaults and ranges. */
#include "method/style-net/style-net-settings.h"
#include "method/train/grad-accumulator.h"
#include <string.h>

#define FIELD(f) offsetof (RvStyleTrainingSettings, f)
#define HUGE_WEIGHT 1e12
#define MATCHED "matched"

const RvOption rv__style_training_options[] = {
  { "content-weight", 0, RV_OPTION_REAL, FIELD (content_weight), "0.3333", 0, HUGE_WEIGHT, .unit = "WEIGHT",
    .help = "weight of the content loss, for each layer: less gives more paint", .group = "loss" },
  { "style-weight", 0, RV_OPTION_REAL, FIELD (style_weight), "1", 0, HUGE_WEIGHT, .unit = "WEIGHT",
    .help = "weight of the style loss" },
  { "tv-weight", 0, RV_OPTION_REAL, FIELD (tv_weight), "0.0001", 0, HUGE_WEIGHT, .unit = "WEIGHT",
    .help = "weight of the total variation: more of it is smoother" },
  { "steadiness", 0, RV_OPTION_REAL, FIELD (steadiness), "30", 0, HUGE_WEIGHT, .unit = "WEIGHT",
    .help = "weight of the loss against flicker in videos, which compares results of slightly moved content; 0: off" },
  { RV_STYLE_TRAINING_CONTENT_TARGET, 0, RV_OPTION_CHOICE, FIELD (content_target), MATCHED, .unit = "NAME",
    .help = "features that the content layers are compared with: the photograph's own, or their best matches in the "
            "paintings",
    .names = RV_NAMES (RV_STYLE_TRAINING_OWN, MATCHED) },
  { "content-layers", 0, RV_OPTION_TEXT, FIELD (content_layers), .unit = "LAYER[:WEIGHT],...",
    .help = "layers of the content loss [as suit the network and 'content-target']" },
  { "style-layers", 0, RV_OPTION_TEXT, FIELD (style_layers), .unit = "LAYER[:WEIGHT],...",
    .help = "layers of the style loss [as suit the network]" },
  { "style-scale", 0, RV_OPTION_REAL, FIELD (style_scale), "1", 0.05, 10, .unit = "FACTOR",
    .help = "size of the painting relative to the photographs: larger gives larger strokes" },
  { "deep", 0, RV_OPTION_BOOL, FIELD (deep), "no",
    .help = "learn the convolutions, too, not only a style's scales and shifts", .group = "learning" },
  { "grain", 0, RV_OPTION_REAL, FIELD (grain), "7", 0, 100, .unit = "LEVELS",
    .help = "smooth noise that is added to every picture, in grey levels: becomes strokes in flat areas; if only a "
            "style is learned: that of the style network" },
  { "zoom", 0, RV_OPTION_REAL, FIELD (zoom), "2", 1, 4, .unit = "FACTOR",
    .help = "largest magnification of half of the crops, which blurs them" },
  { "iterations", 'n', RV_OPTION_INT, FIELD (iterations), NULL, 0, 1e9, .unit = "COUNT",
    .help = "steps [400 for each style, 2000 if the convolutions are learned]" },
  { "time", 0, RV_OPTION_TEXT, FIELD (time), .unit = "TIME", .check = rv__option_check_seconds,
    .help = "end after about this time, with as many steps as fit: 90s, 20m, 3h" },
  { "batch", 0, RV_OPTION_INT, FIELD (batch), "4", 1, 64, .unit = "COUNT", .help = "photographs of one step" },
  { "micro-batches", 0, RV_OPTION_INT, FIELD (micro_batches), "1", 1, RV_MAX_MICRO_BATCHES, .unit = "COUNT",
    .old_name = "slices",
    .help = "equal parts of a batch, which as many machines can share; their gradients are added in order" },
  { "crop", 0, RV_OPTION_INT, FIELD (crop_px), "256", 64, 1024, .unit = "PX",
    .help = "side of the part of a photograph that is painted in a step" },
  { "learning-rate", 0, RV_OPTION_REAL, FIELD (learning_rate), NULL, 0, 1, .unit = "RATE",
    .help = "learning rate of Adam; rises for up to 50 steps, then falls along a cosine [0.001; style only: 0.01]" },
  { "average", 0, RV_OPTION_REAL, FIELD (average), "0.99", 0.1, 0.9999, .unit = "0.1..0.9999",
    .help = "decay rate of the mean of the weights, which is saved" },
  { "seed", 0, RV_OPTION_INT, FIELD (seed), "0", 0, 9e15, .unit = "NUMBER", .help = "random seed" },
  RV_COMPUTE_OPTION_ROWS (RvStyleTrainingSettings),
  { NULL },
};

gboolean
rv__style_training_matches (const RvStyleTrainingSettings *settings)
{
  return strcmp (settings->content_target, MATCHED) == 0 && settings->content_weight > 0;
}

const RvSettingsClass rv__settings_learn = {
  .kind = "learn", .command = "learn", .table = rv__style_training_options, .size = sizeof (RvStyleTrainingSettings)
};
