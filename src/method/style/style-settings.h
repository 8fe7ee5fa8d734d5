/* style-settings.h -- settings of style transfer as a struct; style-settings.c describes them. Layer 6 (method). */
/* No #pragma once: tests/abi includes a changed copy of this file before it. */
#ifndef RV_STYLE_SETTINGS_H
#define RV_STYLE_SETTINGS_H

#include "base/settings.h"
#include "method/compute.h"
#include "method/style/style.h"

/* Settings of style transfer. rv__style_options() describes the fields, with their defaults and ranges. */
typedef struct {
  char *preset;
  double strength;
  char *content_layers, *style_layers;
  char *content_target;
  double content_weight, style_weight, tv_weight, temporal_weight;
  char *dream;
  char *style_loss, *content_loss, *tv;
  char *loss_settings; /* specific to the losses: "swd.projections=64,..."; NULL: defaults */
  double style_scale;
  gboolean denoise_style;
  char *style_blend;
  char *regions;         /* "none", or a value for rv__regions_find(): the style is matched region by region */
  char *match;           /* for rv__regions_parse_match(); NULL: each region takes that of its own number */
  char *only;            /* "none" or a kind of mask: paints there only */
  char *keep;            /* "none" or a kind of mask: stays recognisable */
  double keep_strength;  /* 0 to 100 */
  char *keep_colors;     /* "none", "luminance", "histogram", "covariance": colours of the content in the result */
  gboolean match_colors; /* gives the styles the content's colours before the run */
  gboolean color_axes;   /* the optimiser takes its steps along the colour axes of the styles */
  char *optimizer;
  double learning_rate, decay;
  gint64 decay_steps;
  char *decay_form;
  gint64 iterations;
  double first_scale; /* factor of `iterations` at the first of several scales */
  double finish;      /* factor of the last scale's iterations, for the finish */
  char *time;         /* "90s", "3m", "1h": time limit; NULL: none */
  gint64 until;       /* last iteration, counted from 1 over all scales; 0: no limit */
  double plateau;     /* fraction by which the loss must fall in 20 iterations; 0: no check */
  char *init;
  char *space;
  char *resize;
  gboolean stretch_style;
  char *pooling, *padding;
  gboolean clamp;
  double average;
  gint64 start_size;
  double climb_step;
  gint64 margin_px;
  gboolean truncate;
  gint64 seed;
  RvComputeSettings compute;
  /* followed by the settings of the optimisers, such as momentum, which are accessed by name */
} RvStyleSettings;

extern const RvSettingsClass rv__settings_style;
/* Checks that a run that began with the settings @begun may continue with @now. Settings that cannot change are
 * equal, and weights that were 0 stay 0. `strength` does not become 0, and one weight is above 0. */
gboolean rv__style_check_steer (const RvSettings *begun, const RvSettings *now, GError **error);
/* Marks that masks or weights have changed since the state that was passed to rv__style_resume(). The run then restarts
 * the optimiser and protects its picture again (steer.c). */
void rv__style_set_changed (RvStyle *style);
/* Table of RvStyleSettings and of the optimisers' settings behind it, ended by a row without a name. Static. */
const RvOption *rv__style_options (void);

#endif
